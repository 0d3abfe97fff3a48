//! What each reason of the provider for the end of a call means here: the one table.

use crate::model::Outcome;

/// What a reason means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The lead was reached.
    Reached,
    /// The lead was reached and wants another call.
    Callback,
    /// The lead was reached and wants no further call.
    DoNotCall,
    /// Not reached; worth another try.
    NotReached,
    /// Not reached, by a fault of the provider; worth another try.
    PlatformFault,
    /// Not called at all.
    NotCalled,
    /// The number is invalid.
    InvalidNumber,
    /// The account or the number that calls may not place calls now.
    AccountFault,
    /// A person stopped the call.
    Stopped,
    Unclear,
}

/// Every known reason. One that is not here is [`Class::Unclear`].
const TABLE: [(&str, Class); 39] = [
    ("user_hangup", Class::Reached),
    ("agent_hangup", Class::Reached),
    ("call_transfer", Class::Reached),
    ("transfer_bridged", Class::Reached),
    ("call_take_over", Class::Reached),
    ("max_duration_reached", Class::Reached),
    ("user_requested_callback", Class::Callback),
    ("user_requested_dnc", Class::DoNotCall),
    ("dial_no_answer", Class::NotReached),
    ("dial_busy", Class::NotReached),
    ("dial_failed", Class::NotReached),
    ("user_declined", Class::NotReached),
    ("voicemail_reached", Class::NotReached),
    ("ivr_reached", Class::NotReached),
    ("inactivity", Class::NotReached),
    ("transfer_cancelled", Class::NotReached),
    ("error_llm_websocket_open", Class::PlatformFault),
    ("error_llm_websocket_lost_connection", Class::PlatformFault),
    ("error_llm_websocket_runtime", Class::PlatformFault),
    ("error_llm_websocket_corrupt_payload", Class::PlatformFault),
    ("error_no_audio_received", Class::PlatformFault),
    ("error_asr", Class::PlatformFault),
    ("error_retell", Class::PlatformFault),
    ("error_unknown", Class::PlatformFault),
    ("concurrency_limit_reached", Class::NotCalled),
    ("no_concurrency_fallback", Class::NotCalled),
    ("telephony_provider_unavailable", Class::NotCalled),
    ("sip_routing_error", Class::NotCalled),
    ("registered_call_timeout", Class::NotCalled),
    ("network_blocked", Class::NotCalled),
    ("invalid_destination", Class::InvalidNumber),
    ("no_valid_payment", Class::AccountFault),
    ("credit_exhausted", Class::AccountFault),
    ("budget_reached", Class::AccountFault),
    ("telephony_provider_permission_denied", Class::AccountFault),
    ("scam_detected", Class::AccountFault),
    ("marked_as_spam", Class::AccountFault),
    ("manual_stopped", Class::Stopped),
    ("error_user_not_joined", Class::Unclear),
];

impl Class {
    /// The class of a reason; a call that ended without one is unclear.
    pub(super) fn of(reason: Option<&str>) -> Class {
        let known = TABLE.iter().find(|(name, _)| Some(*name) == reason);
        known.map_or(Class::Unclear, |(_, class)| *class)
    }

    /// How an attempt of this class ended. `in_voicemail` is the provider's own later finding about an answered call.
    pub(super) fn outcome(self, in_voicemail: bool) -> Outcome {
        match self {
            Class::Reached | Class::Callback if in_voicemail => Outcome::Retry,
            Class::Reached | Class::Callback | Class::DoNotCall => Outcome::Completed,
            Class::NotReached | Class::PlatformFault => Outcome::Retry,
            Class::NotCalled => Outcome::Returned,
            Class::InvalidNumber | Class::Stopped => Outcome::Failed,
            Class::AccountFault => Outcome::Unavailable,
            Class::Unclear => Outcome::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the manual, written a second time and by outcome.
    const MANUAL: [(Outcome, &str); 8] = [
        (
            Outcome::Completed,
            "user_hangup agent_hangup call_transfer transfer_bridged call_take_over max_duration_reached \
             user_requested_callback user_requested_dnc",
        ),
        (
            Outcome::Retry,
            "dial_no_answer dial_busy dial_failed user_declined voicemail_reached ivr_reached inactivity \
             transfer_cancelled",
        ),
        (
            Outcome::Retry,
            "error_llm_websocket_open error_llm_websocket_lost_connection error_llm_websocket_runtime \
             error_llm_websocket_corrupt_payload error_no_audio_received error_asr error_retell error_unknown",
        ),
        (
            Outcome::Returned,
            "concurrency_limit_reached no_concurrency_fallback telephony_provider_unavailable sip_routing_error \
             registered_call_timeout network_blocked",
        ),
        (Outcome::Failed, "invalid_destination"),
        (
            Outcome::Unavailable,
            "no_valid_payment credit_exhausted budget_reached telephony_provider_permission_denied scam_detected \
             marked_as_spam",
        ),
        (Outcome::Failed, "manual_stopped"),
        (Outcome::Unknown, "error_user_not_joined"),
    ];

    #[test]
    fn every_reason_of_the_manual_has_its_outcome_and_no_other_is_known() {
        let mut seen = 0;
        for (outcome, reasons) in MANUAL {
            for reason in reasons.split_whitespace() {
                assert!(TABLE.iter().any(|(name, _)| *name == reason), "{reason}");
                assert_eq!(Class::of(Some(reason)).outcome(false), outcome, "{reason}");
                seen += 1;
            }
        }
        assert_eq!(seen, TABLE.len());
        for reason in [None, Some(""), Some("error_of_next_year"), Some("USER_HANGUP")] {
            assert_eq!(Class::of(reason).outcome(false), Outcome::Unknown, "{reason:?}");
        }
    }

    #[test]
    fn only_an_answered_call_is_turned_into_voicemail() {
        for (reason, class) in TABLE {
            let expected =
                if matches!(class, Class::Reached | Class::Callback) { Outcome::Retry } else { class.outcome(false) };
            assert_eq!(Class::of(Some(reason)).outcome(true), expected, "{reason}");
        }
    }

    #[test]
    fn what_a_person_must_know_is_told_apart() {
        assert_eq!(Class::of(Some("user_requested_dnc")), Class::DoNotCall);
        assert_eq!(Class::of(Some("error_asr")), Class::PlatformFault);
        assert_eq!(Class::of(Some("manual_stopped")), Class::Stopped);
    }
}
