//! The registries that are asked have fresh copies that cover the number and do not list it, or a consent lifts them.

use chrono::{DateTime, Utc};

use super::demands::Demands;
use crate::contract::{Evidence, Gate, RegistryState, Verdict};
use crate::model::PhoneNumber;
use crate::model::{ListFacts, RegistryFacts};
use crate::scheduler::Policy;

/// Whether a verdict ends with an import: until then nobody can say what the registry says of the number.
pub(crate) fn waits_for_import(verdict: &Verdict) -> bool {
    let Evidence::Registry(state) = &verdict.evidence else { return false };
    matches!(state, RegistryState::Missing { .. } | RegistryState::Stale { .. } | RegistryState::NotCovering { .. })
}

pub(super) fn ask(
    number: Option<&PhoneNumber>,
    demands: &Demands,
    lists: &ListFacts,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Verdict {
    let said = |open, state| Verdict::of(Gate::Registry, open, Evidence::Registry(state));
    let Some(first) = demands.registries.keys().next() else { return said(true, RegistryState::NotAsked) };
    // No copy frees a number that nobody has named.
    let Some(number) = number else { return said(false, RegistryState::NotCovering { name: first.clone() }) };
    let lifting = lists.consents.iter().find(|consent| {
        let kinds = &policy.law.registry_lifted_by;
        consent.holds_at(now) && kinds.iter().any(|kind| consent.new.kind.serves(*kind))
    });
    if let Some(consent) = lifting {
        return said(true, RegistryState::Lifted(consent.new.kind));
    }
    let today = policy.hours.zone.local(now).date();
    let mut clear = Vec::new();
    for (name, max_age) in &demands.registries {
        let copy = lists.registries.iter().find(|facts| facts.name == *name);
        let closed = match copy {
            Some(RegistryFacts { copy: Some(copy), is_listed, .. }) => {
                let as_of = copy.as_of;
                if today > copy.fresh_until(*max_age) {
                    RegistryState::Stale { name: name.clone(), as_of, age_days: (today - as_of).num_days() }
                } else if !copy.covers.has(number) {
                    RegistryState::NotCovering { name: name.clone() }
                } else if *is_listed {
                    return said(false, RegistryState::Listed { name: name.clone(), as_of });
                } else {
                    clear.push((name.clone(), as_of));
                    continue;
                }
            }
            _ => RegistryState::Missing { name: name.clone() },
        };
        return said(false, closed);
    }
    said(true, RegistryState::Clear(clear))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Consent, ConsentKind, NewConsent, RegistryCopy};

    fn copy(as_of: &str, covers: &str) -> RegistryCopy {
        RegistryCopy {
            name: "us-national".to_owned(),
            generation: 1,
            as_of: as_of.parse().unwrap(),
            covers: covers.parse().unwrap(),
            max_age_days: None,
            numbers: 1,
            imported_at: DateTime::UNIX_EPOCH,
            by: "ann".to_owned(),
        }
    }

    #[test]
    fn a_registry_needs_a_fresh_copy_that_covers_and_does_not_list_or_a_consent() {
        let now: DateTime<Utc> = "2026-12-22T15:00:00Z".parse().unwrap();
        let number: PhoneNumber = "+12125550117".parse().unwrap();
        let mut policy = Policy::default();
        policy.law.registry_lifted_by = vec![ConsentKind::Written, ConsentKind::Relationship];
        let demands = Demands { registries: [("us-national".to_owned(), 31)].into(), ..Demands::default() };
        let verdict = |copy: Option<RegistryCopy>, is_listed, kind: Option<ConsentKind>| {
            let registries = vec![RegistryFacts { name: "us-national".to_owned(), copy, is_listed }];
            let consent = |kind| Consent { id: 1, new: NewConsent::given(kind, now, None, None), withdrawn_at: None };
            let lists = ListFacts { registries, consents: kind.map(consent).into_iter().collect() };
            let verdict = ask(Some(&number), &demands, &lists, &policy, now);
            (verdict.open, waits_for_import(&verdict))
        };
        let fresh = || Some(copy("2026-11-21", "212"));
        assert_eq!(verdict(fresh(), false, None), (true, false));
        assert_eq!(verdict(fresh(), true, None), (false, false), "listed: it fails");
        for kept in [None, Some(copy("2026-11-20", "212")), Some(copy("2026-11-21", "646"))] {
            assert_eq!(verdict(kept.clone(), true, None), (false, true), "it waits for an import: {kept:?}");
            assert_eq!(verdict(kept, true, Some(ConsentKind::Relationship)), (true, false));
        }
        assert_eq!(verdict(fresh(), true, Some(ConsentKind::Written)), (true, false));
        assert_eq!(verdict(fresh(), true, Some(ConsentKind::Express)), (false, false));
        let none = ask(Some(&number), &Demands::default(), &ListFacts::default(), &policy, now);
        assert_eq!(none.evidence, Evidence::Registry(RegistryState::NotAsked));
    }
}
