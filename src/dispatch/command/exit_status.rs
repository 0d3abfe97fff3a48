//! What an exit status means when the program left no result: the table of the manual.

use crate::model::{CallResult, DispatchSettings, Outcome};

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It exited by itself with this status.
    Exited(i32),
    /// A signal ended it.
    Signalled(i32),
    /// It ran into its time-out, and was ended, or exited after all.
    TimedOut,
    /// The system could not tell how it ended.
    Lost,
}

/// The result that an end stands for by itself.
pub(super) fn result_of_end(end: End, settings: &DispatchSettings) -> CallResult {
    match end {
        End::Exited(status) => result_of_status(status, settings),
        End::Signalled(signal) => CallResult::of(Outcome::Unknown).because(format!("signal_{signal}")),
        End::TimedOut => CallResult::of(Outcome::Unknown).because("timeout"),
        End::Lost => CallResult::of(Outcome::Unknown).because("exit_status_lost"),
    }
}

fn result_of_status(status: i32, settings: &DispatchSettings) -> CallResult {
    let (documented_outcome, documented_reason) = documented(status);
    let changed = u8::try_from(status).ok().and_then(|status| settings.exit_status.get(&status).copied());
    let outcome = changed.unwrap_or(documented_outcome);
    match documented_reason {
        Some(reason) if outcome == documented_outcome => CallResult::of(outcome).because(reason),
        _ if outcome == Outcome::Completed => CallResult::of(outcome),
        _ => CallResult::of(outcome).because(format!("exit_{status}")),
    }
}

/// 64 to 78 as in sysexits.h; 126 and 127 are what a shell says of a program that it cannot start.
fn documented(status: i32) -> (Outcome, Option<&'static str>) {
    match status {
        0 => (Outcome::Completed, None),
        10 => (Outcome::Retry, Some("no_answer")),
        11 => (Outcome::Retry, Some("busy")),
        12 => (Outcome::Retry, Some("voicemail")),
        20 | 65 | 67 => (Outcome::Failed, None),
        75 => (Outcome::Returned, None),
        69 | 77 | 78 | 126 | 127 => (Outcome::Unavailable, None),
        _ => (Outcome::Unknown, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(end: End, settings: &DispatchSettings) -> (Outcome, Option<String>) {
        let result = result_of_end(end, settings);
        (result.outcome, result.reason)
    }

    #[test]
    fn every_status_has_the_outcome_of_the_table() {
        let settings = DispatchSettings::default();
        for status in 0..=255 {
            let (outcome, reason) = match status {
                0 => (Outcome::Completed, None),
                10 => (Outcome::Retry, Some("no_answer".to_owned())),
                11 => (Outcome::Retry, Some("busy".to_owned())),
                12 => (Outcome::Retry, Some("voicemail".to_owned())),
                20 | 65 | 67 => (Outcome::Failed, Some(format!("exit_{status}"))),
                75 => (Outcome::Returned, Some(format!("exit_{status}"))),
                69 | 77 | 78 | 126 | 127 => (Outcome::Unavailable, Some(format!("exit_{status}"))),
                _ => (Outcome::Unknown, Some(format!("exit_{status}"))),
            };
            assert_eq!(said(End::Exited(status), &settings), (outcome, reason), "{status}");
        }
    }

    #[test]
    fn what_did_not_end_by_itself_is_unknown() {
        let settings = DispatchSettings { exit_status: [(9, Outcome::Retry)].into(), ..DispatchSettings::default() };
        assert_eq!(said(End::Signalled(9), &settings), (Outcome::Unknown, Some("signal_9".into())));
        assert_eq!(said(End::TimedOut, &settings), (Outcome::Unknown, Some("timeout".into())));
        assert_eq!(said(End::Lost, &settings), (Outcome::Unknown, Some("exit_status_lost".into())));
    }

    #[test]
    fn the_client_changes_the_table() {
        let exit_status = [
            (0, Outcome::Accepted),
            (1, Outcome::Retry),
            (10, Outcome::Failed),
            (11, Outcome::Retry),
            (3, Outcome::Completed),
        ];
        let settings = DispatchSettings { exit_status: exit_status.into(), ..DispatchSettings::default() };
        assert_eq!(said(End::Exited(0), &settings), (Outcome::Accepted, Some("exit_0".into())));
        assert_eq!(said(End::Exited(1), &settings), (Outcome::Retry, Some("exit_1".into())));
        assert_eq!(said(End::Exited(10), &settings), (Outcome::Failed, Some("exit_10".into())));
        assert_eq!(said(End::Exited(11), &settings), (Outcome::Retry, Some("busy".into())));
        assert_eq!(said(End::Exited(3), &settings), (Outcome::Completed, None));
    }
}
