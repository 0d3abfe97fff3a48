//! What a person allowed a client.

use chrono::{DateTime, Months, Utc};

use super::ConsentKind;

/// A business relationship ends after this number of months, unless its end is given (47 CFR 64.1200(f)(5)).
const RELATIONSHIP_MONTHS: u32 = 18;

/// A consent to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    pub kind: ConsentKind,
    pub given_at: DateTime<Utc>,
    /// It ends at this instant.
    pub until: Option<DateTime<Utc>>,
    /// Where its proof is found.
    pub proof: Option<String>,
}

/// A consent of a number for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its row.
    pub id: i64,
    pub new: NewConsent,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl NewConsent {
    /// A consent that was given at an instant; a relationship without an end gets its own.
    pub fn given(
        kind: ConsentKind,
        given_at: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
        proof: Option<String>,
    ) -> NewConsent {
        let own_end = || given_at.checked_add_months(Months::new(RELATIONSHIP_MONTHS));
        let until = until.or_else(|| (kind == ConsentKind::Relationship).then(own_end).flatten());
        NewConsent { kind, given_at, until, proof }
    }
}

impl Consent {
    /// Whether it holds at an instant.
    pub fn holds_at(&self, now: DateTime<Utc>) -> bool {
        self.withdrawn_at.is_none() && self.new.given_at <= now && self.new.until.is_none_or(|until| until > now)
    }
}

impl ConsentKind {
    /// Whether it is at least the kind that a rule asks for: written > express > invited. A relationship is separate.
    pub fn serves(self, wanted: ConsentKind) -> bool {
        let is_apart = |kind| kind == ConsentKind::Relationship;
        self == wanted || (!is_apart(self) && !is_apart(wanted) && self < wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_better_kind_serves_for_a_lesser_one_and_a_relationship_for_none() {
        use ConsentKind::{Express, Invited, Relationship, Written};
        let served = |kind: ConsentKind| -> Vec<ConsentKind> {
            ConsentKind::ALL.iter().copied().filter(|wanted| kind.serves(*wanted)).collect()
        };
        assert_eq!(served(Written), [Written, Express, Invited]);
        assert_eq!(served(Express), [Express, Invited]);
        assert_eq!(served(Invited), [Invited]);
        assert_eq!(served(Relationship), [Relationship]);
    }

    #[test]
    fn a_relationship_ends_after_18_months_unless_said() {
        let at: DateTime<Utc> = "2026-08-31T12:00:00Z".parse().unwrap();
        let until = |kind, until| NewConsent::given(kind, at, until, None).until;
        assert_eq!(until(ConsentKind::Relationship, None), Some("2028-02-29T12:00:00Z".parse().unwrap()));
        assert_eq!(until(ConsentKind::Relationship, Some(at)), Some(at));
        assert_eq!(until(ConsentKind::Written, None), None);
    }
}
