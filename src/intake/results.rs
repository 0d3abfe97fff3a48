//! Reads results of calls: one JSON object a line.

use std::io::BufRead;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::each_line::each_line;
use super::encoding::InputEncoding;
use super::refusal::OpenError;
use super::text_input::TextInput;
use crate::model::{AttemptId, CallReport, ItemId, Metadata, OutcomeWord, ReportTarget, WrittenTime};

/// A line as it comes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    id: Option<u64>,
    attempt_id: Option<String>,
    call_id: Option<String>,
    outcome: String,
    reason: Option<String>,
    retry_at: Option<Box<RawValue>>,
    at: Option<Box<RawValue>>,
    do_not_call: Option<bool>,
    reached: Option<String>,
    metadata: Option<Box<RawValue>>,
    detail: Option<String>,
}

/// Reads every line; blank ones are skipped. Gives back each result with its line, 1 and up. Without an encoding it is
/// UTF-8, or UTF-16 where that shows.
///
/// # Errors
/// That the input is no text, or the first line that is no result, and why.
pub fn read_results(
    input: Box<dyn BufRead>,
    encoding: Option<InputEncoding>,
) -> Result<Vec<(u64, CallReport)>, OpenError> {
    let TextInput { input, .. } = TextInput::open(input, encoding)?;
    let hint = "each line is a JSON object; --encoding windows-1252 reads text that is not UTF-8";
    results(input).map_err(|fault| OpenError::refused(fault, hint))
}

fn results(input: Box<dyn BufRead>) -> Result<Vec<(u64, CallReport)>, String> {
    let mut results = Vec::new();
    each_line(input, String::from, |number, line| {
        results.push((number, result(line).map_err(|fault| format!("line {number}: {fault}"))?));
        Ok(())
    })?;
    Ok(results)
}

fn result(line: &str) -> Result<CallReport, String> {
    let form: Form = serde_json::from_str(line).map_err(|error| format!("it is not a result: {error}"))?;
    let target = match (form.attempt_id, form.id, &form.call_id) {
        (Some(_), Some(_), _) => return Err("give `id` or `attempt_id`, not both".to_owned()),
        (Some(attempt), None, _) => {
            let parsed: Result<AttemptId, _> = attempt.parse();
            ReportTarget::Attempt(parsed.map_err(|_| format!("attempt_id: `{attempt}` is not a UUID"))?)
        }
        (None, Some(id), _) => {
            let row = i64::try_from(id).ok().and_then(ItemId::from_row);
            ReportTarget::Item(row.ok_or_else(|| format!("id: `{id}` is not an item id"))?)
        }
        (None, None, Some(call)) => ReportTarget::Call(call.clone()),
        (None, None, None) => return Err("it names no call: give `id`, `attempt_id` or `call_id`".to_owned()),
    };
    let time = form.retry_at.or(form.at).and_then(|raw| WrittenTime::of_json(raw.get()));
    let metadata: Option<Metadata> = match form.metadata.as_deref().map(RawValue::get) {
        None | Some("null") => None,
        Some(text) => Some(text.parse().map_err(|error| format!("metadata: {error}"))?),
    };
    let word = OutcomeWord::reported(&form.outcome)?;
    let mut result = word.result(form.reason).at_written(word, time);
    result.do_not_call |= form.do_not_call.unwrap_or(false);
    let reached = form.reached.map(|level| level.parse().map_err(|error| format!("reached: {error}")));
    result.reached = reached.transpose()?;
    result.call_id = form.call_id;
    result.metadata = metadata;
    result.detail = form.detail.or(result.detail);
    Ok(CallReport { target, result, duration_ms: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Vec<(u64, CallReport)>, String> {
        results(Box::new(std::io::Cursor::new(text.to_vec())))
    }

    #[test]
    fn a_line_names_its_call_and_its_result() {
        let lines = "\n{\"id\": 7, \"outcome\": \"completed\", \"call_id\": \"c-1\"}\r\n\
                     {\"call_id\": \"c-2\", \"outcome\": \"retry\", \"reason\": \"busy\", \"retry_at\": \"2026-11-23T16:00:00+01:00\"}\n\
                     {\"attempt_id\": \"0193a5b8-7b4c-7000-8000-000000000001\", \"outcome\": \"failed\", \"reached\": \"line\", \"metadata\": {\"a\": 1}}";
        let results = read(lines.as_bytes()).unwrap();
        let seen: Vec<String> = results
            .iter()
            .map(|(line, report)| format!("{line} {} {}", report.target, report.result.outcome))
            .collect();
        assert_eq!(
            seen,
            ["2 call of item 7 completed", "3 call c-2 retry", "4 attempt 0193a5b8-7b4c-7000-8000-000000000001 failed"]
        );
        assert_eq!(results[0].1.result.call_id.as_deref(), Some("c-1"));
        assert_eq!(results[1].1.result.retry_at, Some("2026-11-23T15:00:00Z".parse().unwrap()));
        assert_eq!(results[2].1.result.reached, Some(crate::model::Reached::Line));
        assert_eq!(results[2].1.result.metadata.as_ref().map(Metadata::as_str), Some("{\"a\": 1}"));
    }

    #[test]
    fn a_line_that_is_no_result_is_named() {
        let cases = [
            ("{\"outcome\": \"completed\"}", "line 1: it names no call: give `id`, `attempt_id` or `call_id`"),
            (
                "{\"id\": 1, \"outcome\": \"unknown\"}",
                "line 1: `unknown` cannot be reported: expected completed, retry, failed, no_answer, busy, voicemail, \
                 declined, do_not_call, callback or invalid_number",
            ),
            (
                "{\"id\": 1, \"outcome\": \"retry\", \"reached\": \"moon\"}",
                "line 1: reached: unknown level `moon`: expected none, network, line, person",
            ),
            ("{\"id\": 0, \"outcome\": \"failed\"}", "line 1: id: `0` is not an item id"),
            ("{\"attempt_id\": \"x\", \"outcome\": \"failed\"}", "line 1: attempt_id: `x` is not a UUID"),
        ];
        for (line, fault) in cases {
            assert_eq!(read(line.as_bytes()).unwrap_err(), fault);
        }
        let fault = read("{\"id\": 1, \"outcome\": \"failed\"}\nnonsense\n".as_bytes()).unwrap_err();
        assert!(fault.starts_with("line 2: it is not a result: "), "{fault}");
        let fault = read("{\"id\": 1, \"outcome\": \"failed\", \"extra\": 1}".as_bytes()).unwrap_err();
        assert!(fault.contains("unknown field `extra`"), "{fault}");
        assert!(read(&[b'{', 0xff]).unwrap_err().contains("UTF-8"));
    }
}
