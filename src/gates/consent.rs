//! The consents that rules require are given and hold.

use chrono::{DateTime, Utc};

use super::demands::Demands;
use crate::contract::{ConsentState, Evidence, Gate, Verdict};
use crate::model::{Consent, ListFacts};

pub(super) fn ask(demands: &Demands, lists: &ListFacts, now: DateTime<Utc>) -> Verdict {
    let holding: Vec<&Consent> = lists.consents.iter().filter(|consent| consent.holds_at(now)).collect();
    let missing =
        demands.consents.iter().find(|(wanted, _)| !holding.iter().any(|consent| consent.new.kind.serves(*wanted)));
    let (open, state) = match (missing, holding.first()) {
        (Some((kind, rule)), _) => (false, ConsentState::Missing { kind: *kind, rule: rule.clone() }),
        (None, Some(best)) if !demands.consents.is_empty() => (true, ConsentState::Given(best.new.clone())),
        (None, _) => (true, ConsentState::NotAsked),
    };
    Verdict::of(Gate::Consent, open, Evidence::Consent(state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConsentKind, NewConsent};

    #[test]
    fn each_required_kind_is_served_by_a_consent_that_holds() {
        let now: DateTime<Utc> = "2026-11-23T15:00:00Z".parse().unwrap();
        let given = |kind, days: i64| Consent {
            id: 1,
            new: NewConsent::given(kind, now + chrono::TimeDelta::days(days), None, None),
            withdrawn_at: None,
        };
        let open = |required: &[ConsentKind], consents: Vec<Consent>| {
            let consents_required = required.iter().map(|kind| (*kind, "us-ai-sales".to_owned())).collect();
            let demands = Demands { consents: consents_required, ..Demands::default() };
            ask(&demands, &ListFacts { registries: Vec::new(), consents }, now).open
        };
        use ConsentKind::{Express, Relationship, Written};
        assert!(open(&[], Vec::new()));
        assert!(!open(&[Written], Vec::new()));
        assert!(!open(&[Written], vec![given(Express, -1)]));
        assert!(open(&[Written, Express], vec![given(Written, 0)]));
        assert!(!open(&[Written], vec![given(Written, 1)]), "it is not given yet");
        assert!(!open(&[Written], vec![Consent { withdrawn_at: Some(now), ..given(Written, -1) }]));
        assert!(!open(&[Relationship], vec![given(Relationship, -600)]), "it ended after 18 months");
    }
}
