//! What a program says of its call: in its result file, in its last line, or by how it ended.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::str;

use rustix::fs::{OFlags, fcntl_setfl};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::value::RawValue;

use super::exit_status::{End, result_of_end};
use super::output::{LONGEST_LINE, Line};
use crate::model::{
    CallResult, DispatchSettings, Metadata, MetadataError, Outcome, OutcomeWord, Reached, UnknownWord, WrittenTime,
    to_text,
};
use crate::trusted_file::{self, create_new, folder_of, give_to_owner_of, is_own};

/// The most bytes of a result file: the largest metadata and room for the rest.
const LARGEST_FILE: usize = 2 * Metadata::MOST_BYTES;

/// The most characters of a reason and of a call id.
const LONGEST_WORD: usize = 256;

/// What a result file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResultFile {
    /// The file is missing or empty.
    Missing,
    Valid(CallResult),
    /// A JSON object that does not say how the call ended.
    Unclear(Unclear),
    Malformed(Fault),
    /// Another user left it, so that it counts for nothing; the text says who.
    Forged(String),
}

/// A JSON object that should say how the call ended, and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unclear {
    /// Its outcome, as it stands there, is no known one.
    Outcome(String),
    /// It has no outcome.
    NoOutcome,
    /// It says one thing twice, or the like.
    Contradiction(String),
}

/// Why what a program left is no JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    text: String,
    /// It was meant to be one, as far as can be seen.
    looks_like_one: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Unclear {
    fn sentence(&self, program: &str) -> String {
        match self {
            Unclear::Outcome(outcome) => format!("{program} answered outcome {outcome}"),
            Unclear::NoOutcome => {
                format!("{program} printed JSON without an outcome: print {{\"outcome\": …}}, or nothing")
            }
            Unclear::Contradiction(fault) => format!("{program} gave an answer that cannot be read: {fault}"),
        }
    }

    /// The result of a call when nothing else is known: never a success.
    pub fn result(&self, settings: &DispatchSettings) -> CallResult {
        CallResult { hold: true, ..CallResult::of(Outcome::Unknown).because(self.sentence(settings.program())) }
    }
}

/// What an answer says.
#[derive(Debug, PartialEq)]
enum Said {
    Result(CallResult),
    Unclear(Unclear),
}

/// Reads the result that a program left for its attempt. A symbolic link is not followed, and of a large file no more is
/// read than a result can have.
pub fn read_result_file(path: &Path) -> ResultFile {
    match fs::symlink_metadata(path) {
        Ok(found) if !is_own(&found, folder_of(path)) => {
            let (left_by, user) = (found.uid(), trusted_file::user());
            return ResultFile::Forged(format!(
                "it is ignored: it belongs to user {left_by}, not to you (user {user})"
            ));
        }
        _ => {}
    }
    let malformed = |text, looks_like_one| ResultFile::Malformed(Fault { text, looks_like_one });
    match read_bounded(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => ResultFile::Missing,
        Err(error) => malformed(error.to_string(), true),
        Ok(bytes) if bytes.len() > LARGEST_FILE => malformed(format!("it is longer than {LARGEST_FILE} bytes"), true),
        Ok(bytes) if bytes.trim_ascii().is_empty() => ResultFile::Missing,
        Ok(bytes) => match parsed(&bytes) {
            Ok(Said::Result(result)) => ResultFile::Valid(result),
            Ok(Said::Unclear(unclear)) => ResultFile::Unclear(unclear),
            Err(fault) => ResultFile::Malformed(fault),
        },
    }
}

/// Leaves a result where [`read_result_file`] finds it, as a program does: under another name first, then renamed.
pub fn write_result_file(path: &Path, result: &CallResult) -> io::Result<()> {
    let form = serde_json::json!({
        "outcome": result.outcome.as_str(),
        "reason": result.reason,
        "call_id": result.call_id,
        "retry_at": result.retry_at.map(to_text),
        "do_not_call": result.do_not_call,
        "reached": result.reached.map(Reached::as_str),
        "metadata": result.metadata.as_ref().and_then(|metadata| serde_json::from_str::<Value>(metadata.as_str()).ok()),
    });
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".tmp");
    // What a killed run left; nothing else is written to.
    let _ = fs::remove_file(&unfinished);
    let mut file = create_new(Path::new(&unfinished))?;
    give_to_owner_of(folder_of(path), &file)?;
    file.write_all(form.to_string().as_bytes())?;
    fs::rename(&unfinished, path)
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe in the file's place must not block the run.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if !is_own(&found, folder_of(path)) {
        return Err(io::Error::other("another user put it there a moment ago"));
    }
    fcntl_setfl(&file, OFlags::empty())?;
    let mut bytes = Vec::new();
    let most = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The result of a call whose program has ended. `errors` is the end of its standard error.
pub(super) fn result_of_call(
    end: End,
    settings: &DispatchSettings,
    file: ResultFile,
    line: &Line,
    errors: Option<String>,
) -> CallResult {
    let (mut notes, mut cannot_be_read) = (Vec::new(), false);
    let mut said = match file {
        ResultFile::Missing => None,
        ResultFile::Valid(result) => Some(Said::Result(result)),
        ResultFile::Unclear(unclear) => Some(Said::Unclear(unclear)),
        ResultFile::Forged(fault) => {
            notes.push(format!("result file: {fault}"));
            None
        }
        ResultFile::Malformed(fault) => {
            notes.push(format!("result file: {fault}"));
            cannot_be_read |= fault.looks_like_one;
            None
        }
    };
    if said.is_none() {
        said = result_of_line(line).unwrap_or_else(|fault| {
            notes.push(format!("last line of standard output: {fault}"));
            cannot_be_read |= fault.looks_like_one;
            None
        });
    }
    let of_end = result_of_end(end, settings);
    // By itself the end would be a success, which an answer that nobody understands is not.
    let is_success = end == End::Exited(0) || of_end.outcome == Outcome::Completed;
    let program = settings.program();
    let mut result = match said {
        None if cannot_be_read && is_success => {
            let reason = format!("{program} gave an answer that cannot be read");
            CallResult { hold: true, ..CallResult::of(Outcome::Unknown).because(reason) }
        }
        None => of_end,
        Some(Said::Unclear(unclear)) => {
            // Without a word for it the status of a failure still tells how the call ended.
            let counts = unclear != Unclear::NoOutcome && matches!(end, End::Exited(_));
            if is_success || counts { unclear.result(settings) } else { of_end.with_detail(unclear.sentence(program)) }
        }
        Some(Said::Result(said)) if counts(said.outcome, end) => said,
        Some(Said::Result(said)) => {
            let (outcome, reason) = (of_end.outcome, of_end.reason);
            CallResult { retry_at: None, written_time: None, reached: None, outcome, reason, ..said }
        }
    };
    notes.extend(result.detail.take());
    notes.extend(errors);
    result.detail = (!notes.is_empty()).then(|| notes.join("\n"));
    result
}

/// Whether what the program said holds, considering how it ended. A program that was ended may have dialled again after
/// it said so; what it says of a call that took place stays true.
fn counts(outcome: Outcome, end: End) -> bool {
    match outcome {
        Outcome::Completed | Outcome::Failed | Outcome::Accepted | Outcome::Unknown => true,
        Outcome::Retry | Outcome::Returned | Outcome::Unavailable => matches!(end, End::Exited(_)),
    }
}

fn result_of_line(line: &Line) -> Result<Option<Said>, Fault> {
    let text = line.bytes.trim_ascii();
    if !text.starts_with(b"{") {
        Ok(None)
    } else if line.too_long {
        Err(Fault { text: format!("it is longer than {LONGEST_LINE} bytes"), looks_like_one: true })
    } else {
        parsed(text).map(Some)
    }
}

/// The object as it comes, each field still to be read: one that is wrong must not hide what the others say.
#[derive(Deserialize)]
struct Form<'text> {
    #[serde(borrow, default)]
    outcome: Option<&'text RawValue>,
    #[serde(borrow, default)]
    reason: Option<&'text RawValue>,
    #[serde(borrow, default)]
    call_id: Option<&'text RawValue>,
    #[serde(borrow, default)]
    retry_at: Option<&'text RawValue>,
    #[serde(borrow, default)]
    at: Option<&'text RawValue>,
    #[serde(borrow, default)]
    do_not_call: Option<&'text RawValue>,
    #[serde(borrow, default)]
    reached: Option<&'text RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'text RawValue>,
}

/// Reads an answer. A field beside the outcome that is wrong is left out and named in the detail.
fn parsed(bytes: &[u8]) -> Result<Said, Fault> {
    let looks_like_one = bytes.trim_ascii_start().starts_with(b"{");
    let fault = |text| Fault { text, looks_like_one };
    if !looks_like_one {
        // An array would be taken for the fields in their order.
        return Err(fault("it is not a JSON object".to_owned()));
    }
    let text = str::from_utf8(bytes).map_err(|error| fault(format!("it is not UTF-8: {error}")))?;
    let form: Form = match serde_json::from_str(text) {
        Ok(form) => form,
        Err(error) if serde_json::from_str::<IgnoredAny>(text).is_ok() => {
            return Ok(Said::Unclear(Unclear::Contradiction(bounded(&error.to_string()))));
        }
        Err(error) => return Err(fault(format!("it is not a result: {}", bounded(&error.to_string())))),
    };
    let Some(raw) = form.outcome else { return Ok(Said::Unclear(Unclear::NoOutcome)) };
    let word: Option<String> = serde_json::from_str(raw.get()).ok();
    let Some(word) = word.as_deref().and_then(OutcomeWord::read) else {
        return Ok(Said::Unclear(Unclear::Outcome(bounded(raw.get()))));
    };
    let mut faults = Vec::new();
    let reason = kept("reason", string_of(form.reason), &mut faults);
    let call_id = kept("call_id", string_of(form.call_id), &mut faults);
    let do_not_call = kept("do_not_call", truth_of(form.do_not_call), &mut faults);
    let reached = kept("reached", level_of(form.reached), &mut faults);
    let metadata = kept("metadata", metadata_of(form.metadata), &mut faults);
    let time = form.retry_at.or(form.at).and_then(|raw| WrittenTime::of_json(raw.get()));
    let mut result = word.result(reason).at_written(word, time);
    faults.extend(result.detail.take());
    result.detail = (!faults.is_empty()).then(|| faults.join("\n"));
    result.do_not_call |= do_not_call.unwrap_or(false);
    Ok(Said::Result(CallResult { call_id, metadata, reached, ..result }))
}

/// Whether a value says yes. `"yes"` and 1 are as certain as `true`, and a person who asked for it must not be called again.
fn truth_of(raw: Option<&RawValue>) -> Result<Option<bool>, String> {
    let words = |word: &str| word.trim_matches('"').to_ascii_lowercase();
    match raw.map(|raw| words(raw.get())).as_deref() {
        Some("true" | "yes" | "y" | "1" | "t" | "x") => Ok(Some(true)),
        Some("false" | "no" | "n" | "0" | "f" | "") => Ok(Some(false)),
        _ => read(raw),
    }
}

fn level_of(raw: Option<&RawValue>) -> Result<Option<Reached>, String> {
    let word: Option<String> = read(raw)?;
    word.map(|word| word.parse().map_err(|error: UnknownWord| error.to_string())).transpose()
}

fn kept<T>(name: &str, field: Result<Option<T>, String>, faults: &mut Vec<String>) -> Option<T> {
    field.unwrap_or_else(|fault| {
        faults.push(format!("field `{name}` was left out: {}", bounded(&fault)));
        None
    })
}

fn read<T: DeserializeOwned>(raw: Option<&RawValue>) -> Result<Option<T>, String> {
    raw.map_or(Ok(None), |raw| serde_json::from_str(raw.get()).map_err(|error| error.to_string()))
}

fn string_of(raw: Option<&RawValue>) -> Result<Option<String>, String> {
    let text: Option<String> = read(raw)?;
    Ok(text.map(|text| bounded(&text)).filter(|text| !text.is_empty()))
}

fn metadata_of(raw: Option<&RawValue>) -> Result<Option<Metadata>, String> {
    match raw.map(RawValue::get) {
        None | Some("null") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|error: MetadataError| error.to_string()),
    }
}

/// At most 256 characters, without control characters.
fn bounded(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_WORD).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests;
