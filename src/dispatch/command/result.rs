//! What a program says of its call: in its result file, in its last line, or by how it ended.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::str;

use chrono::{DateTime, Utc};
use rustix::fs::{OFlags, fcntl_setfl};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use serde_json::value::RawValue;

use super::exit_status::{End, result_of_end};
use super::output::{LONGEST_LINE, Line};
use crate::model::{CallResult, DispatchSettings, Metadata, MetadataError, Outcome, to_text};
use crate::trusted_file::{self, create_new, folder_of, give_to_owner_of, is_own};

/// The most bytes of a result file: the largest metadata and room for the rest.
const LARGEST_FILE: usize = 2 * Metadata::MOST_BYTES;

/// The most characters of a reason and of a call id.
const LONGEST_WORD: usize = 256;

/// What a result file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResultFile {
    /// There is none, or it is empty.
    Missing,
    /// A result.
    Valid(CallResult),
    /// Something else; the text says what is wrong.
    Malformed(String),
    /// Another user left it, so that it counts for nothing; the text says who.
    Forged(String),
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
    match read_bounded(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => ResultFile::Missing,
        Err(error) => ResultFile::Malformed(error.to_string()),
        Ok(bytes) if bytes.len() > LARGEST_FILE => {
            ResultFile::Malformed(format!("it is longer than {LARGEST_FILE} bytes"))
        }
        Ok(bytes) if bytes.trim_ascii().is_empty() => ResultFile::Missing,
        Ok(bytes) => parsed(&bytes).map_or_else(ResultFile::Malformed, ResultFile::Valid),
    }
}

/// Leaves a result where [`read_result_file`] finds it, as a program does: under another name first, then renamed.
///
/// # Errors
/// When the file cannot be written.
pub fn write_result_file(path: &Path, result: &CallResult) -> io::Result<()> {
    let form = serde_json::json!({
        "outcome": result.outcome.as_str(),
        "reason": result.reason,
        "call_id": result.call_id,
        "retry_at": result.retry_at.map(to_text),
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
    let mut notes = Vec::new();
    let mut said = match file {
        ResultFile::Missing => None,
        ResultFile::Valid(result) => Some(result),
        ResultFile::Malformed(fault) | ResultFile::Forged(fault) => {
            notes.push(format!("result file: {fault}"));
            None
        }
    };
    if said.is_none() {
        said = result_of_line(line).unwrap_or_else(|fault| {
            notes.push(format!("last line of standard output: {fault}"));
            None
        });
    }
    let of_end = result_of_end(end, settings);
    let mut result = match said {
        None => of_end,
        Some(said) if counts(said.outcome, end) => said,
        Some(said) => CallResult { retry_at: None, outcome: of_end.outcome, reason: of_end.reason, ..said },
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

fn result_of_line(line: &Line) -> Result<Option<CallResult>, String> {
    let text = line.bytes.trim_ascii();
    if !text.starts_with(b"{") {
        Ok(None)
    } else if line.too_long {
        Err(format!("it is longer than {LONGEST_LINE} bytes"))
    } else {
        parsed(text).map(Some)
    }
}

/// The object as it comes, each field still to be read: one that is wrong must not hide what the others say.
#[derive(Deserialize)]
struct Form<'text> {
    #[serde(borrow)]
    outcome: &'text RawValue,
    #[serde(borrow, default)]
    reason: Option<&'text RawValue>,
    #[serde(borrow, default)]
    call_id: Option<&'text RawValue>,
    #[serde(borrow, default)]
    retry_at: Option<&'text RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'text RawValue>,
}

/// Reads a result. A field beside the outcome that is wrong is left out and named in the detail.
fn parsed(bytes: &[u8]) -> Result<CallResult, String> {
    let text = str::from_utf8(bytes).map_err(|error| format!("it is not UTF-8: {error}"))?;
    let form: Form =
        serde_json::from_str(text).map_err(|error| format!("it is no result: {}", bounded(&error.to_string())))?;
    let word: String = serde_json::from_str(form.outcome.get()).map_err(|_| "its outcome is no string".to_owned())?;
    let outcome: Outcome = word.parse().map_err(|_| format!("it has the unknown outcome `{}`", bounded(&word)))?;
    let mut faults = Vec::new();
    let reason = kept("reason", string_of(form.reason), &mut faults);
    let call_id = kept("call_id", string_of(form.call_id), &mut faults);
    let retry_at = kept("retry_at", instant_of(form.retry_at), &mut faults);
    let metadata = kept("metadata", metadata_of(form.metadata), &mut faults);
    let detail = (!faults.is_empty()).then(|| faults.join("\n"));
    Ok(CallResult { outcome, reason, call_id, retry_at, metadata, detail, do_not_call: false })
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

fn instant_of(raw: Option<&RawValue>) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = read::<Option<String>>(raw)?.flatten() else { return Ok(None) };
    let instant = DateTime::parse_from_rfc3339(&text).map_err(|error| format!("`{text}` is not RFC 3339: {error}"))?;
    Ok(Some(instant.to_utc()))
}

fn metadata_of(raw: Option<&RawValue>) -> Result<Option<Metadata>, String> {
    match raw.map(RawValue::get) {
        None | Some("null") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|error: MetadataError| error.to_string()),
    }
}

/// At most 256 characters, none of them a control character.
fn bounded(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_WORD).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests;
