//! `callq report`

use clap::Args;

use super::Client;
use super::listed::listed;
use crate::model::{OutcomeWord, ReportInput, ReportTarget};

/// Record the result of an accepted or unknown call
///
/// Name the call by its item, attempt or call id. With --input jsonl, standard input holds one JSON object a line: `id`,
/// `attempt_id` or `call_id`, `outcome`, and optionally `reason`, `retry_at`, `do_not_call`, `reached`, `metadata` and
/// `detail`. Either all lines are recorded or none. `retry_at` takes every form of --at, on the client's clock, or {"at":
/// "15:30", "clock": "lead"}. `"do_not_call": true` and the reasons do_not_call and user_requested_dnc block the number for
/// every client. `reached` says how far the call came, by which caps count: none, network, line or person. The same result
/// may be reported again. A different one is refused and noted with the item.
///
/// With --input retell, standard input holds the body of one Retell AI webhook, byte for byte. --signature holds its
/// `x-retell-signature` header; your web server passes both on. A body that is not signed with the client's key is refused.
/// A webhook that does not end a call of callq is accepted and changes nothing.
#[derive(Debug, Args)]
pub struct Report {
    /// An item id, an attempt id, a call id, a lead id, or a phone number as written
    ///
    /// `lead:17` and `phone:2125550101` name leads and numbers that look like another id. A lead or number means its item in
    /// progress, else the newest.
    #[arg(value_name = "ID", required_unless_present = "input", conflicts_with = "input")]
    pub target: Option<ReportTarget>,

    #[command(flatten)]
    pub client: Client,

    /// Record how the call ended
    ///
    /// no_answer, busy, voicemail and declined are called again. do_not_call is completed and blocks the number.
    /// invalid_number is failed. callback is called again at the time of --at, and held for a person without it.
    #[arg(
        long,
        value_name = "OUTCOME",
        required_unless_present = "input",
        conflicts_with = "input",
        value_parser = listed(OutcomeWord::all_reported, OutcomeWord::reported)
    )]
    pub outcome: Option<OutcomeWord>,

    /// Call again at this time, on the client's clock; with callback, as was promised
    #[arg(long, value_name = "T", conflicts_with = "input")]
    pub at: Option<String>,

    /// Keep this reason, in a word or two such as no_answer
    #[arg(long, value_name = "R", conflicts_with = "input")]
    pub reason: Option<String>,

    /// Keep the provider's id of the call
    #[arg(long, value_name = "X", conflicts_with = "input")]
    pub call_id: Option<String>,

    /// Read results from standard input in this format
    #[arg(long, value_name = "FORMAT", conflicts_with = "client")]
    pub input: Option<ReportInput>,

    /// Read standard input in this encoding, such as windows-1252
    ///
    /// Without it the input is UTF-8, or UTF-16 where its bytes show that.
    #[arg(long, value_name = "NAME", requires = "input", conflicts_with = "signature")]
    pub encoding: Option<String>,

    /// Check the webhook against the value of its x-retell-signature header
    #[arg(long, value_name = "HEADER", requires = "input", required_if_eq("input", "retell"))]
    pub signature: Option<String>,
}
