//! An input as text: what is no text is named, and other encodings are read.

use std::io::BufRead;

use super::encoding::{InputEncoding, without_mark};
use super::foreign::check_bytes;
use super::head::look_ahead;
use super::refusal::OpenError;

/// An input in UTF-8, and its beginning without the mark of its encoding.
pub(super) struct TextInput {
    pub(super) input: Box<dyn BufRead>,
    pub(super) head: Vec<u8>,
    pub(super) encoding: InputEncoding,
}

impl TextInput {
    /// Looks at the beginning of an input. `named` is the encoding that a person says.
    ///
    /// # Errors
    /// When it is not text.
    pub(super) fn open(input: Box<dyn BufRead>, named: Option<InputEncoding>) -> Result<TextInput, OpenError> {
        let (head, input) = look_ahead(input);
        check_bytes(&head)?;
        let shown = InputEncoding::of(&head);
        // A mark at the beginning is more certain than what a person says.
        let encoding = named.filter(|_| !shown.is_marked(&head)).unwrap_or(shown);
        let (head, input) = look_ahead(encoding.decode(input));
        Ok(TextInput { input, head: without_mark(&head).to_vec(), encoding })
    }
}
