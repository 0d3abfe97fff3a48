//! The provider's account of one call, and the result that it gives an attempt.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::classify::Class;
use super::key::ApiKey;
use super::loose::Loose;
use crate::dispatch::provider::Settlement;
use crate::model::{AttemptId, CallResult, Metadata, Outcome, WrittenTime};

/// The analysis, which finds out about voicemail, comes some seconds after the end. callq asks again for an answered
/// call without an analysis until it ended that long ago.
const ANALYSIS_TIME: TimeDelta = TimeDelta::seconds(15);

/// The most characters of a text of the provider that is kept.
const LONGEST_TEXT: usize = 2_048;

/// The most characters of a call's name: known ones have about 40.
const LONGEST_NAME: usize = 256;

/// The fields of a call that are read. All but its name are loose: one that has another type than was published must not
/// hide how the call ended.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CallObject {
    pub(super) call_id: String,
    #[serde(default)]
    call_status: Loose,
    #[serde(default)]
    disconnection_reason: Loose,
    #[serde(default)]
    duration_ms: Loose,
    #[serde(default)]
    end_timestamp: Loose,
    #[serde(default)]
    call_analysis: Loose,
    #[serde(default)]
    call_cost: Loose,
    #[serde(default)]
    public_log_url: Loose,
    #[serde(default)]
    metadata: Loose,
}

impl CallObject {
    /// Hides a key that its provider repeats, wherever that is kept or shown.
    pub(super) fn hide(&mut self, key: &ApiKey) {
        self.call_id = key.hidden_in(&self.call_id);
        for text in [&mut self.call_status, &mut self.disconnection_reason, &mut self.public_log_url] {
            text.change_text(|text| key.hidden_in(text));
        }
    }

    /// The attempt that the call was placed for; none when somebody else placed it.
    pub(super) fn attempt(&self) -> Option<AttemptId> {
        self.metadata.field("attempt_id")?.text()?.parse().ok()
    }

    /// Whether it tells for which attempt it was placed, or anything else about it.
    pub(super) fn has_metadata(&self) -> bool {
        !self.metadata.is_null()
    }

    /// The call's name, if it is a valid one.
    pub(super) fn name(&self) -> Option<&str> {
        Some(self.call_id.as_str()).filter(|name| (1..=LONGEST_NAME).contains(&name.chars().count()))
    }

    /// Whether nothing in it speaks against its being the call of an attempt.
    pub(super) fn may_be_of(&self, attempt: AttemptId) -> bool {
        !self.has_metadata() || self.attempt() == Some(attempt)
    }

    /// Whether the call is over, as far as its status says.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.call_status.text(), Some("ended" | "not_connected" | "error"))
    }

    /// Whether the call is over and all that decides its outcome is known at `now`.
    pub(super) fn is_settled(&self, now: DateTime<Utc>) -> bool {
        let class = Class::of(self.disconnection_reason.text());
        let waits_for_analysis = matches!(class, Class::Reached | Class::Callback)
            && self.call_analysis.is_null()
            && self
                .end_timestamp
                .number()
                .and_then(Number::as_i64)
                .and_then(DateTime::from_timestamp_millis)
                .is_some_and(|end| {
                    // A clock that is wrong by more than this makes nobody wait.
                    (now - end).abs() < ANALYSIS_TIME
                });
        self.has_ended() && !waits_for_analysis
    }

    /// The result of a call that has ended.
    pub(super) fn settlement(&self) -> Settlement {
        let reason = self.disconnection_reason.text().map(bounded);
        let class = Class::of(reason.as_deref());
        let in_voicemail = self.call_analysis.field("in_voicemail").and_then(Loose::flag) == Some(true);
        let outcome = class.outcome(in_voicemail);
        let reason_told = match (class, &reason) {
            (Class::Reached | Class::Callback, _) if in_voicemail => "voicemail".to_owned(),
            (_, Some(reason)) => reason.clone(),
            (_, None) => format!("ended as `{}` without a reason", self.status()),
        };
        let mut result = match self.promised_time().filter(|_| class == Class::Callback && !in_voicemail) {
            Some(time) => {
                CallResult { written_time: Some(Box::new(time)), ..CallResult::of(Outcome::Retry) }.because("callback")
            }
            None => CallResult::of(outcome).because(reason_told),
        };
        result.call_id = Some(self.call_id.clone());
        result.metadata = self.kept(class).and_then(|kept| Metadata::from_map(&kept).ok());
        result.do_not_call = class == Class::DoNotCall;
        Settlement { result, duration_ms: self.duration_ms.number().and_then(Number::as_u64) }
    }

    /// The time for which the agent promised a call, as its analysis wrote it.
    fn promised_time(&self) -> Option<WrittenTime> {
        let analysis = self.call_analysis.field("custom_analysis_data")?;
        let text = bounded(analysis.field("callback_at")?.text()?);
        (!text.trim().is_empty()).then_some(WrittenTime { text, on_leads_clock: false })
    }

    fn status(&self) -> String {
        bounded(self.call_status.text().unwrap_or("unknown"))
    }

    /// What is kept with the attempt. Transcript and recording stay with the provider.
    fn kept(&self, class: Class) -> Option<Map<String, Value>> {
        let text = |value: &Loose| value.text().map(|text| Value::from(bounded(text)));
        let number = |value: &Loose| value.number().cloned().map(Value::from);
        let flag = |value: Option<&Loose>| value.and_then(Loose::flag).map(Value::from);
        let fields = [
            ("call_status", text(&self.call_status)),
            ("disconnection_reason", text(&self.disconnection_reason)),
            ("duration_ms", number(&self.duration_ms)),
            // In cents, of all products together.
            ("combined_cost", self.call_cost.field("combined_cost").and_then(number)),
            ("call_successful", flag(self.call_analysis.field("call_successful"))),
            ("in_voicemail", flag(self.call_analysis.field("in_voicemail"))),
            ("public_log_url", text(&self.public_log_url)),
            ("do_not_call", (class == Class::DoNotCall).then_some(Value::Bool(true))),
            ("platform_fault", (class == Class::PlatformFault).then_some(Value::Bool(true))),
        ];
        let kept: Map<String, Value> =
            fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        (!kept.is_empty()).then_some(kept)
    }
}

fn bounded(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(call: Value) -> CallObject {
        serde_json::from_value(call).unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000).unwrap()
    }

    #[test]
    fn what_was_agreed_is_kept_and_nothing_else() {
        let settlement = read(json!({
            "call_id": "call_1",
            "call_status": "ended",
            "disconnection_reason": "agent_hangup",
            "duration_ms": 61_250,
            "end_timestamp": 1_799_999_000_000_u64,
            "call_cost": {"combined_cost": 12.5, "product_costs": []},
            "call_analysis": {"call_successful": true, "in_voicemail": false, "call_summary": "They spoke."},
            "public_log_url": "https://logs.example/1",
            "recording_url": "https://recordings.example/1",
            "transcript": "Hello",
        }))
        .settlement();
        assert_eq!(settlement.duration_ms, Some(61_250));
        assert!(!settlement.result.do_not_call);
        assert_eq!(settlement.result.outcome, Outcome::Completed);
        assert_eq!(settlement.result.reason.as_deref(), Some("agent_hangup"));
        assert_eq!(settlement.result.call_id.as_deref(), Some("call_1"));
        let kept: Value = serde_json::from_str(settlement.result.metadata.unwrap().as_str()).unwrap();
        assert_eq!(
            kept,
            json!({
                "call_status": "ended",
                "disconnection_reason": "agent_hangup",
                "duration_ms": 61_250,
                "combined_cost": 12.5,
                "call_successful": true,
                "in_voicemail": false,
                "public_log_url": "https://logs.example/1",
            })
        );
    }

    #[test]
    fn marks_and_raw_reasons_are_kept() {
        let settle = |reason: Value, analysis: Value| {
            let call = json!({"call_id": "c", "call_status": "error", "disconnection_reason": reason,
                              "call_analysis": analysis});
            let Settlement { result, .. } = read(call).settlement();
            let kept: Value = serde_json::from_str(result.metadata.as_ref().unwrap().as_str()).unwrap();
            (result.outcome, result.reason.unwrap(), result.do_not_call, kept)
        };
        let (outcome, reason, do_not_call, kept) = settle(json!("user_requested_dnc"), Value::Null);
        assert_eq!((outcome, reason.as_str(), do_not_call), (Outcome::Completed, "user_requested_dnc", true));
        assert_eq!(kept["do_not_call"], true);
        let (outcome, reason, _, kept) = settle(json!("error_asr"), Value::Null);
        assert_eq!((outcome, reason.as_str(), &kept["platform_fault"]), (Outcome::Retry, "error_asr", &json!(true)));
        let (outcome, reason, _, kept) = settle(json!("user_hangup"), json!({"in_voicemail": true}));
        assert_eq!((outcome, reason.as_str()), (Outcome::Retry, "voicemail"));
        assert_eq!(kept["disconnection_reason"], "user_hangup");
        let (outcome, reason, ..) = settle(json!("new_\u{1b}reason"), Value::Null);
        assert_eq!((outcome, reason.as_str()), (Outcome::Unknown, "new_reason"));
        let (outcome, reason, ..) = settle(Value::Null, Value::Null);
        assert_eq!((outcome, reason.as_str()), (Outcome::Unknown, "ended as `error` without a reason"));
    }

    #[test]
    fn a_promised_call_needs_the_time_that_the_analysis_tells() {
        let settle = |data: Value, in_voicemail: bool| {
            let analysis = json!({"in_voicemail": in_voicemail, "custom_analysis_data": data});
            let call = json!({"call_id": "c", "call_status": "ended", "call_analysis": analysis,
                              "disconnection_reason": "user_requested_callback"});
            let CallResult { outcome, reason, written_time, .. } = read(call).settlement().result;
            (outcome, reason.unwrap(), written_time.map(|time| time.text))
        };
        let promised = (Outcome::Retry, "callback".to_owned(), Some("mon 15:30".to_owned()));
        assert_eq!(settle(json!({"callback_at": "mon 15:30"}), false), promised);
        let completed = (Outcome::Completed, "user_requested_callback".to_owned(), None);
        for data in [json!({"callback_at": ""}), json!({"callback_at": 5}), json!({}), Value::Null] {
            assert_eq!(settle(data, false), completed);
        }
        let voicemail = settle(json!({"callback_at": "mon 15:30"}), true);
        assert_eq!(voicemail, (Outcome::Retry, "voicemail".to_owned(), None));
    }

    #[test]
    fn a_call_is_settled_by_its_status_and_an_answered_one_waits_for_its_analysis() {
        let settled = |status: &str, reason: &str, analysis: Value, ended_ago: Option<i64>| {
            let end = ended_ago.map(|seconds| (now() - TimeDelta::seconds(seconds)).timestamp_millis());
            let call = json!({"call_id": "c", "call_status": status, "disconnection_reason": reason,
                              "call_analysis": analysis, "end_timestamp": end});
            read(call).is_settled(now())
        };
        for status in ["registered", "ongoing", "of_next_year"] {
            assert!(!settled(status, "user_hangup", Value::Null, None), "{status}");
        }
        for status in ["ended", "not_connected", "error"] {
            assert!(settled(status, "dial_busy", Value::Null, Some(0)), "{status}");
        }
        let none = Value::Null;
        for (analysis, ended_ago, expected) in [
            (&none, Some(0), false),
            (&none, Some(14), false),
            (&none, Some(15), true),
            (&none, Some(-60), true),
            (&none, None, true),
            (&json!({"in_voicemail": true}), Some(0), true),
        ] {
            assert_eq!(settled("ended", "user_hangup", analysis.clone(), ended_ago), expected, "{ended_ago:?}");
        }
    }

    #[test]
    fn a_field_of_another_type_hides_nothing_else() {
        let call = read(json!({"call_id": "c", "call_status": "ended", "disconnection_reason": "dial_busy",
                               "duration_ms": "long", "call_analysis": [], "call_cost": 5, "metadata": "x"}));
        assert_eq!((call.settlement().result.outcome, call.attempt()), (Outcome::Retry, None));
    }
}
