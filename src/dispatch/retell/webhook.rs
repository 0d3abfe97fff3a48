//! The provider's own report of a call: the body of its webhook.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::bounded;
use super::call_object::CallObject;
use super::key::ApiKey;
use crate::dispatch::provider::Settlement;
use crate::model::AttemptId;

/// What a webhook says of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// `call_started`, `call_ended`, `call_analyzed`, …
    pub event: String,
    /// The provider's name for the call.
    pub call_id: String,
    /// The attempt that the call was placed for, by the metadata that was sent along with it.
    pub attempt: Option<AttemptId>,
    /// How the call ended; none while it goes on, or while the provider still finds out.
    pub settlement: Option<Settlement>,
}

/// Why a body is no report of a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Not JSON, or JSON of another form.
    #[error("not a webhook of Retell, {{\"event\": …, \"call\": {{\"call_id\": …, …}}}}: {0}")]
    Malformed(String),
}

#[derive(Deserialize)]
struct Body {
    event: String,
    call: CallObject,
}

/// Reads the body of a webhook. The call is over when the event says so, `call_ended` or `call_analyzed`; only the second
/// one can tell that the line was answered by voicemail, so that an answered call has no result before it, or before it
/// is late at `now`. The keys that it is signed with are hidden, should it repeat one.
///
/// # Errors
/// When the text is not a webhook of Retell.
pub fn read_webhook(body: &[u8], keys: &[ApiKey], now: DateTime<Utc>) -> Result<Webhook, WebhookError> {
    let hidden = |text: String| keys.iter().fold(text, |text, key| key.hidden_in(&text));
    let Body { event, mut call } =
        bounded::read(body).map_err(|error| WebhookError::Malformed(hidden(error.to_string())))?;
    keys.iter().for_each(|key| call.hide(key));
    let is_over = matches!(event.as_str(), "call_ended" | "call_analyzed") && call.is_settled(now);
    let settlement = is_over.then(|| call.settlement());
    Ok(Webhook { attempt: call.attempt(), call_id: call.call_id, event: hidden(event), settlement })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Outcome;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000).unwrap()
    }

    fn read(event: &str, call: Value) -> Webhook {
        read_webhook(json!({"event": event, "call": call}).to_string().as_bytes(), &[], now()).unwrap()
    }

    #[test]
    fn a_call_is_over_when_event_and_status_say_so() {
        let attempt = "01890000-0000-7000-8000-000000000000";
        let call = |status: &str, analysis: Value| {
            json!({"call_id": "call_1", "call_status": status, "disconnection_reason": "user_hangup",
                   "call_analysis": analysis, "metadata": {"attempt_id": attempt}})
        };
        let outcome = |webhook: Webhook| webhook.settlement.map(|settlement| settlement.result.outcome);
        let ended = read("call_ended", call("ended", Value::Null));
        assert_eq!((ended.call_id.as_str(), ended.attempt), ("call_1", Some(attempt.parse().unwrap())));
        assert_eq!(outcome(ended), Some(Outcome::Completed));
        let mut just_now = call("ended", Value::Null);
        just_now["end_timestamp"] = (now().timestamp_millis() - 1_000).into();
        assert_eq!(outcome(read("call_ended", just_now.clone())), None, "the analysis is to come");
        just_now["call_analysis"] = json!({});
        assert_eq!(outcome(read("call_analyzed", just_now)), Some(Outcome::Completed));
        let voicemail = json!({"in_voicemail": true});
        assert_eq!(outcome(read("call_analyzed", call("ended", voicemail))), Some(Outcome::Retry));
        assert_eq!(outcome(read("call_started", call("ongoing", Value::Null))), None);
        assert_eq!(outcome(read("transcript_updated", call("ended", Value::Null))), None);
        assert_eq!(outcome(read("call_ended", call("ongoing", Value::Null))), None);
    }

    #[test]
    fn a_call_that_somebody_else_placed_has_no_attempt() {
        for metadata in [Value::Null, json!({}), json!({"attempt_id": 5}), json!({"attempt_id": "x"}), json!("x")] {
            let call = json!({"call_id": "c", "call_status": "ended", "metadata": metadata});
            assert_eq!(read("call_ended", call).attempt, None);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for body in ["", "{", "[]", "{}", r#"{"event":"call_ended"}"#, r#"{"event":"x","call":{}}"#, "null"] {
            assert!(matches!(read_webhook(body.as_bytes(), &[], now()), Err(WebhookError::Malformed(_))), "{body}");
        }
    }
}
