//! What an import did, for people.

use std::io::{self, Write};

use super::escape::visible;
use super::number::{counted, with_commas};
use super::render::View;
use super::report::{MOST_ERRORS, unnamed};
use super::style::Color;
use super::time::RenderContext;
use crate::contract::{BatchView, instant_text};

impl BatchView {
    /// What is worth a line where it occurs.
    fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        let without_phone = if self.phone_matters { self.without_phone } else { 0 };
        let notes = [
            (self.not_waiting, "does not wait for a call: skipped", "do not wait for a call: skipped"),
            (self.said_no, "record says not to call: skipped", "records say not to call: skipped"),
            (self.added_to_dnc, "number joined the do-not-call list", "numbers joined the do-not-call list"),
            (without_phone, "lead has no number", "leads have no number"),
            (self.phone_leads, "lead id is a phone number", "lead ids are phone numbers"),
            (self.shared_numbers, "lead shares a number", "leads share a number"),
        ];
        for (count, one, many) in notes.into_iter().filter(|(count, ..)| *count > 0) {
            writeln!(out, "{} {}", with_commas(count), if count == 1 { one } else { many })?;
        }
        Ok(())
    }
}

impl View for BatchView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{} scheduled", with_commas(self.scheduled))?;
        if let (Some(first), Some(last)) = (self.first_id, self.last_id) {
            match first == last {
                true => write!(out, " (item {first})")?,
                false => write!(out, " (items {first} to {last})")?,
            }
        }
        let named_apart = self.said_no + self.not_waiting + self.skipped_finished + self.skipped_cancelled;
        let duplicates = self.skipped.saturating_sub(named_apart);
        let (duplicates, invalid) = (with_commas(duplicates), with_commas(self.invalid));
        writeln!(out, ", {duplicates} skipped as duplicates, {invalid} invalid")?;
        if let (Some(first), Some(last)) = (self.first_call_at, self.last_call_at) {
            let client = self.client_id.as_ref();
            write!(out, "{}: {}", counted(self.groups, "group"), look.when(client, first))?;
            match first == last {
                true => writeln!(out)?,
                false => writeln!(out, " to {}", look.when(client, last))?,
            }
        }
        self.notes(out)?;
        for error in self.errors.iter().take(MOST_ERRORS) {
            write!(out, "  line {}", error.line)?;
            if let Some(lead) = &error.lead_id {
                write!(out, " ({})", visible(lead))?;
            }
            if let Some(field) = &error.field {
                write!(out, ", {}", visible(field))?;
            }
            writeln!(out, ": {}", look.style.paint(Color::Bad, &visible(&error.message)))?;
        }
        match unnamed(self.invalid) {
            Some(more) => writeln!(out, "  and {more} more: `--json` names them, --rejects FILE keeps them"),
            None => Ok(()),
        }
    }

    fn header() -> Vec<&'static str> {
        vec!["scheduled", "skipped", "invalid", "first_id", "last_id", "groups", "first_call_at", "last_call_at"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let id = |id: Option<u64>| id.map_or_else(String::new, |id| id.to_string());
        let instant = |instant: Option<_>| instant.map_or_else(String::new, instant_text);
        vec![vec![
            self.scheduled.to_string(),
            self.skipped.to_string(),
            self.invalid.to_string(),
            id(self.first_id),
            id(self.last_id),
            self.groups.to_string(),
            instant(self.first_call_at),
            instant(self.last_call_at),
        ]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::BatchError;
    use crate::model::Format;
    use crate::output::render;
    use crate::output::sample::{self, at};

    fn written(view: &BatchView, format: Format) -> String {
        let mut out = Vec::new();
        render(view, format, &sample::look(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_batch_names_its_bad_records_up_to_a_bound() {
        let error = |line| BatchError {
            line,
            lead_id: Some("x".into()),
            field: Some("phone".into()),
            message: "`12` is not a phone number".into(),
        };
        let batch = BatchView {
            client_id: None,
            scheduled: 40,
            skipped: 2,
            invalid: 25,
            first_id: Some(1),
            last_id: Some(40),
            groups: 4,
            first_call_at: Some(at("2026-11-23T14:00:00Z")),
            last_call_at: Some(at("2026-11-23T14:45:00Z")),
            errors: (1..=25).map(error).collect(),
            ..BatchView::default()
        };
        let text = written(&batch, Format::Table);
        let head = "40 scheduled (items 1 to 40), 2 skipped as duplicates, 25 invalid\n\
                    4 groups: 2026-11-23 09:00 EST to 2026-11-23 09:45 EST\n\
                    \x20 line 1 (x), phone: `12` is not a phone number\n";
        assert!(text.starts_with(head), "{text}");
        assert!(text.ends_with("  and 5 more: `--json` names them, --rejects FILE keeps them\n"), "{text}");
        assert_eq!(written(&BatchView::default(), Format::Table), "0 scheduled, 0 skipped as duplicates, 0 invalid\n");
    }

    #[test]
    fn what_is_worth_a_line_has_one() {
        let batch = BatchView {
            scheduled: 5,
            skipped: 6,
            said_no: 1,
            added_to_dnc: 1,
            not_waiting: 3,
            without_phone: 2,
            phone_leads: 1,
            shared_numbers: 3,
            ..BatchView::default()
        };
        let text = "5 scheduled, 2 skipped as duplicates, 0 invalid\n\
                    3 do not wait for a call: skipped\n\
                    1 record says not to call: skipped\n\
                    1 number joined the do-not-call list\n\
                    1 lead id is a phone number\n\
                    3 leads share a number\n";
        assert_eq!(written(&batch, Format::Table), text);
        let batch = BatchView { phone_matters: true, ..batch };
        assert!(written(&batch, Format::Table).contains("\n2 leads have no number\n"));
    }
}
