//! Says what failed: at the end of a command, or in the middle of one that goes on.

use std::io::Write;

use crate::contract::{ErrorBody, ErrorView};
use crate::error::{CommandError, ErrorKind};
use crate::model::{Format, shortened};
use crate::output::{Style, render_error};

/// Writes what went wrong to standard error.
pub(crate) fn explain(error: &CommandError, format: Format, style: Style, err: &mut dyn Write) {
    if error.kind == ErrorKind::ClosedPipe {
        return;
    }
    if matches!(error.kind, ErrorKind::Signal(_)) && !format.is_json() {
        // The person who sent the signal knows. When standard error is closed, nobody reads the error.
        let _ = writeln!(err, "{error}");
        return;
    }
    let body = ErrorBody {
        kind: error.kind.as_str(),
        message: shortened(&error.to_string()).into_owned(),
        hint: error.hint.clone(),
    };
    // When standard error is closed, nobody reads the error.
    let _ = render_error(&ErrorView { error: body }, format, style, err);
}
