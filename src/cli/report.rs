//! `callq report`

use clap::Args;

use crate::model::{OutcomeWord, ReportInput, ReportTarget};

/// Deliver the result of a call that was only handed over, or of which nobody knew
///
/// The call is named by its item, its attempt or its call id. With --input jsonl, standard input holds one JSON object a
/// line: `id`, `attempt_id` or `call_id`, `outcome`, and optionally `reason`, `retry_at`, `do_not_call`, `metadata` and
/// `detail`; all lines are taken in, or none. `retry_at` takes every form of --at, on the client's clock, or
/// {"at": "15:30", "clock": "lead"}. `"do_not_call": true` and the reasons do_not_call and user_requested_dnc block the
/// number for every client. The same result may be reported again. Another one is refused, kept as a note of the
/// item, and changes nothing.
///
/// With --input retell, standard input holds the body of one webhook of Retell AI, byte for byte, and --signature its
/// `x-retell-signature`: a web server passes both on. A body that is not signed with the client's key is refused. What
/// says nothing of the end of a call that callq placed is accepted and changes nothing.
#[derive(Debug, Args)]
pub struct Report {
    /// An item id, an attempt id or a call id
    #[arg(value_name = "ID", required_unless_present = "input", conflicts_with = "input")]
    pub target: Option<ReportTarget>,

    /// How the call ended: completed, retry, failed, or a word of the telephone
    ///
    /// Of the telephone: no_answer, busy, voicemail and declined are called again; do_not_call is completed and blocks the
    /// number; invalid_number is failed; callback is held for a person.
    #[arg(
        long,
        value_name = "OUTCOME",
        required_unless_present = "input",
        conflicts_with = "input",
        value_parser = OutcomeWord::reported
    )]
    pub outcome: Option<OutcomeWord>,

    /// Why, in a word or two, such as no_answer
    #[arg(long, value_name = "R", conflicts_with = "input")]
    pub reason: Option<String>,

    /// The provider's name for the call
    #[arg(long, value_name = "X", conflicts_with = "input")]
    pub call_id: Option<String>,

    /// Read results from standard input in this format: jsonl or retell
    #[arg(long, value_name = "FORMAT")]
    pub input: Option<ReportInput>,

    /// The signature of a webhook: the value of its header x-retell-signature
    #[arg(long, value_name = "HEADER", requires = "input", required_if_eq("input", "retell"))]
    pub signature: Option<String>,
}
