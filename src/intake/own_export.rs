//! Exports that callq wrote itself (`list --format csv|jsonl`), read back: what waits is queued, the rest is left out.

use crate::model::Status;

/// The column that tells what waits.
pub(super) const STATUS: &str = "status";

/// The column of `calls` and `log` that names an attempt.
pub(super) const ATTEMPT: &str = "attempt_id";

/// The column that a file of rejects has at its end.
pub(super) const ERROR: &str = "error";

/// Columns that callq writes, and hardly another program.
const MARKS: [&str; 7] = [STATUS, "held", "attempts", "next_call_at", "retry_count", "last_reason", "created_by"];

/// Whether the names are those of an export: the status of a lead, and two more that callq alone has.
pub(super) fn is_own<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let (mut has_lead, mut has_status, mut marks) = (false, false, 0);
    for name in names {
        has_lead |= name == "lead_id";
        has_status |= name == STATUS;
        marks += usize::from(MARKS.contains(&name));
    }
    has_lead && has_status && marks >= 3
}

/// The status of an item that does not wait; none for one that does.
pub(super) fn not_waiting(status: &str) -> Result<Option<Status>, String> {
    let status: Status = status.parse().map_err(|error: crate::model::UnknownStatus| error.to_string())?;
    Ok((!status.is_waiting()).then_some(status))
}

/// The cell without the apostrophe that the export put before a formula.
pub(super) fn plain_cell(cell: &str) -> &str {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    cell.strip_prefix('\'').filter(|rest| rest.trim_start_matches('\'').starts_with(formula)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_known_by_its_columns() {
        for (names, own) in [
            ("id key client_id lead_id priority status held scheduled_at attempts phone", true),
            ("lead_id status attempts held", true),
            ("lead_id status attempts", false),
            ("lead_id held attempts retry_count", false),
            ("id status held attempts", false),
        ] {
            assert_eq!(is_own(names.split(' ')), own, "{names}");
        }
    }

    #[test]
    fn what_waits_is_queued_and_the_apostrophe_goes() {
        for status in ["pending", "scheduled", "retry_scheduled"] {
            assert_eq!(not_waiting(status), Ok(None), "{status}");
        }
        for status in ["in_progress", "completed", "failed", "cancelled"] {
            assert_eq!(not_waiting(status), Ok(Some(status.parse().unwrap())), "{status}");
        }
        assert!(not_waiting("new").is_err());
        for (cell, plain) in
            [("'=1+1", "=1+1"), ("'@x", "@x"), ("''=1", "'=1"), ("-17", "-17"), ("'tis", "'tis"), ("", ""), ("'", "'")]
        {
            assert_eq!(plain_cell(cell), plain);
        }
    }
}
