//! The provider's key: read just before it is used, and never shown.

use std::fmt;
use std::path::PathBuf;

use crate::dispatch::proxy::Variables;
use crate::model::RetellSettings;
use crate::trusted_file::read_key_file;

/// The most bytes that a key may have; known ones have about 40.
const LONGEST: usize = 1024;

/// The beginning of a key that is hidden at the end of a text, where its rest may have been cut off.
const SHORTEST_PART: usize = 8;

/// The key of an account with the provider. It can be used, but neither printed nor written by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

/// Why there is no key. Names the place, never what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither a variable nor a file.
    #[error("no key: the variable `{0}` is not set; set it, or name a file by `dispatch.api_key_file`")]
    NotSet(String),
    /// The file cannot be read.
    #[error("no key: {}: {reason}", path.display())]
    File {
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// What is there is no key.
    #[error("no key: what {0} holds is empty, too long, or has other signs than printable ASCII")]
    Malformed(String),
}

impl ApiKey {
    /// Reads the key that the settings name: from the file, if they name one, else from the variable.
    ///
    /// # Errors
    /// When the key is missing or malformed.
    pub fn read(settings: &RetellSettings, variables: &Variables) -> Result<ApiKey, KeyError> {
        match &settings.api_key_file {
            Some(path) => {
                let bytes = read_key_file(path, LONGEST)
                    .map_err(|error| KeyError::File { path: path.clone(), reason: error.to_string() })?;
                ApiKey::checked(&bytes).ok_or_else(|| KeyError::Malformed(format!("the file {}", path.display())))
            }
            None => {
                let name = &settings.api_key_env;
                let value = variables(name).filter(|value| !value.is_empty());
                let value = value.ok_or_else(|| KeyError::NotSet(name.clone()))?;
                ApiKey::checked(value.as_encoded_bytes())
                    .ok_or_else(|| KeyError::Malformed(format!("the variable `{name}`")))
            }
        }
    }

    /// A key as it goes into a header: printable ASCII without spaces. The end of the line of a file is no part of it.
    fn checked(bytes: &[u8]) -> Option<ApiKey> {
        let text = str::from_utf8(bytes.trim_ascii()).ok()?;
        let valid = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        valid.then(|| ApiKey(text.to_owned()))
    }

    pub(super) fn secret(&self) -> &str {
        &self.0
    }

    /// A text of the provider without the key, should that be repeated in it: in whatever case, percent-encoded, or cut at
    /// the end of the text.
    pub(super) fn hidden_in(&self, text: &str) -> String {
        let (mut kept, mut rest, mut at) = (String::new(), text, 0);
        while let Some(tail) = rest.as_bytes().get(at..).filter(|tail| !tail.is_empty()) {
            match (self.length_in(tail), rest.split_at_checked(at)) {
                (Some(length), Some((before, tail))) => {
                    kept.push_str(before);
                    kept.push_str("[key]");
                    rest = tail.get(length..).unwrap_or_default();
                    at = 0;
                }
                _ => at += 1,
            }
        }
        kept.push_str(rest);
        kept
    }

    /// How many bytes the key takes at the beginning of a text; none when another text begins there.
    fn length_in(&self, text: &[u8]) -> Option<usize> {
        let mut rest = text;
        for byte in self.0.bytes() {
            rest = match rest {
                [] => return (text.len() >= SHORTEST_PART).then_some(text.len()),
                [b'%', high, low, tail @ ..] if decoded(*high, *low).is_some_and(|code| is_same(code, byte)) => tail,
                [code, tail @ ..] if is_same(*code, byte) => tail,
                _ => return None,
            };
        }
        Some(text.len() - rest.len())
    }
}

fn is_same(code: u8, byte: u8) -> bool {
    code.eq_ignore_ascii_case(&byte)
}

/// The byte that two hexadecimal digits stand for.
fn decoded(high: u8, low: u8) -> Option<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::ffi::OsString;

    use chrono::TimeDelta;

    use super::*;

    /// Settings whose key is in the variable `OUR_KEY` or in a file.
    pub(in super::super) fn settings(file: Option<PathBuf>) -> RetellSettings {
        RetellSettings {
            base_url: "http://127.0.0.1:1".to_owned(),
            from_number: "+12125550000".parse().unwrap(),
            api_key_env: "OUR_KEY".to_owned(),
            api_key_file: file,
            agent_id: None,
            agent_version: None,
            dynamic_variables: [].into(),
            request_timeout: TimeDelta::seconds(1),
            poll_interval: TimeDelta::seconds(1),
        }
    }

    #[test]
    fn the_key_comes_from_the_file_or_else_from_the_variable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "key_file\n").unwrap();
        let variable = |value: &'static str| move |name: &str| (name == "OUR_KEY").then(|| OsString::from(value));
        let read = |file: Option<PathBuf>, value| ApiKey::read(&settings(file), &variable(value)).map(|key| key.0);
        assert_eq!(read(Some(path), "key_variable").unwrap(), "key_file");
        assert_eq!(read(None, "key_variable").unwrap(), "key_variable");
        assert_eq!(read(None, "").unwrap_err(), KeyError::NotSet("OUR_KEY".to_owned()));
        let folder = folder.path().to_owned();
        assert!(read(Some(folder.clone()), "x").unwrap_err().to_string().ends_with("it is not a regular file"));
        assert!(matches!(read(Some(folder.join("absent")), "x"), Err(KeyError::File { .. })));
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        let long = "k".repeat(LONGEST + 1);
        for text in ["two words", "line\nfeed", "ключ", long.as_str(), " "] {
            let owned = text.to_owned();
            let error = ApiKey::read(&settings(None), &move |_| Some(OsString::from(&owned))).unwrap_err();
            assert_eq!(error, KeyError::Malformed("the variable `OUR_KEY`".to_owned()));
            assert!(text == " " || !error.to_string().contains(text));
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = ApiKey::checked(b"key_0123\r\n").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey");
        assert_eq!(key.hidden_in("bad key key_0123!"), "bad key [key]!");
        let key = ApiKey::checked(b"key/0123456").unwrap();
        for (text, hidden) in [
            ("é KEY/0123456 und Key/0123456", "é [key] und [key]"),
            ("?k=key%2f0123456&", "?k=[key]&"),
            ("%6Bey%2F012345%36", "[key]"),
            ("cut off: key/01234", "cut off: [key]"),
            ("the key/0 is", "the key/0 is"),
            ("key/012345", "[key]"),
            ("key/", "key/"),
            ("100% k%", "100% k%"),
            ("", ""),
        ] {
            assert_eq!(key.hidden_in(text), hidden);
        }
    }
}
