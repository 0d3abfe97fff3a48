//! The arguments of a run: a line as a shell reads it, or words where one of them is a value.

use std::ffi::{OsStr, OsString};

/// What a run takes as its arguments.
pub(crate) trait Arguments {
    /// The arguments one by one.
    fn words(self) -> Vec<OsString>;
}

impl Arguments for &str {
    fn words(self) -> Vec<OsString> {
        split(self).into_iter().map(OsString::from).collect()
    }
}

impl Arguments for &&str {
    fn words(self) -> Vec<OsString> {
        (*self).words()
    }
}

impl Arguments for &String {
    fn words(self) -> Vec<OsString> {
        self.as_str().words()
    }
}

impl Arguments for String {
    fn words(self) -> Vec<OsString> {
        self.as_str().words()
    }
}

impl<S: AsRef<OsStr>, const N: usize> Arguments for [S; N] {
    fn words(self) -> Vec<OsString> {
        self.as_slice().words()
    }
}

impl<S: AsRef<OsStr>, const N: usize> Arguments for &[S; N] {
    fn words(self) -> Vec<OsString> {
        self.as_slice().words()
    }
}

impl<S: AsRef<OsStr>> Arguments for &[S] {
    fn words(self) -> Vec<OsString> {
        self.iter().map(|word| word.as_ref().to_owned()).collect()
    }
}

impl<S: AsRef<OsStr>> Arguments for Vec<S> {
    fn words(self) -> Vec<OsString> {
        self.as_slice().words()
    }
}

impl<S: AsRef<OsStr>> Arguments for &Vec<S> {
    fn words(self) -> Vec<OsString> {
        self.as_slice().words()
    }
}

/// The words of a line. Quotes, single or double, keep blanks together, and nothing is special between them; a backslash
/// is a character as any other.
#[track_caller]
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in line.chars() {
        match quote {
            Some(open) if character == open => quote = None,
            None if character == '\'' || character == '"' => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            None if character.is_ascii_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    assert_eq!(quote, None, "a quote is not closed: {line}");
    words.extend(word);
    words
}

#[test]
fn a_line_is_split_as_by_a_shell() {
    assert_eq!(split("add -c acme  lead\n"), ["add", "-c", "acme", "lead"]);
    assert_eq!(split(r#"--phone '+1 212' "it's" a'b c'd ''"#), ["--phone", "+1 212", "it's", "ab cd", ""]);
    assert_eq!(split(r"a\b"), [r"a\b"]);
}
