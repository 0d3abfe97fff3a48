//! What the provider reports by itself: the body of a webhook, as a web server passes it on.

use std::io::Read;

use crate::commands::context::Context;
use crate::dispatch::{ApiKey, SignatureError, Webhook, read_webhook, verify_signature};
use crate::error::{CommandError, ErrorKind};
use crate::model::{CallReport, ReportTarget};
use crate::store::Store;

/// The most bytes that a webhook may have. An hour's transcript, word by word, has a few million.
const LARGEST: u64 = 32 * 1024 * 1024;

/// A webhook that the provider has signed.
pub(super) struct Signed {
    webhook: Webhook,
    /// The keys that it may be signed with.
    keys: Vec<ApiKey>,
}

impl Signed {
    /// Reads the body from standard input, and makes sure that it is signed with the key of an account that is in use.
    pub(super) fn read(signature: &str, context: &Context<'_>) -> Result<Signed, CommandError> {
        let mut body = Vec::new();
        let unreadable = |error| CommandError::message(ErrorKind::Failed, format!("standard input: {error}"));
        (context.stdin)().take(LARGEST + 1).read_to_end(&mut body).map_err(unreadable)?;
        if body.len() as u64 > LARGEST {
            let message = format!("standard input is longer than {LARGEST} bytes");
            return Err(CommandError::message(ErrorKind::Usage, message));
        }
        let keys = signing_keys(signature, &body, context)?;
        // Not before: nobody else's bytes are looked at.
        let webhook = read_webhook(&body, &keys, context.now())
            .map_err(|error| CommandError::message(ErrorKind::Usage, format!("standard input: {error}")))?;
        Ok(Signed { webhook, keys })
    }

    /// The result that it reports; `None` when it reports no result of a call that callq placed.
    pub(super) fn report(&self, context: &mut Context<'_>) -> Option<CallReport> {
        let Webhook { event, call_id, attempt, settlement } = &self.webhook;
        let why = match (attempt, settlement) {
            (None, _) => "callq did not place it",
            (_, None) => "it does not say how it ended",
            (Some(attempt), Some(settlement)) => {
                return Some(CallReport {
                    target: ReportTarget::Attempt(*attempt),
                    result: settlement.result.clone(),
                    duration_ms: settlement.duration_ms,
                });
            }
        };
        context.say(format_args!("{event} of call {call_id}: {why}; nothing was changed"));
        None
    }

    /// Makes sure that the account is that of the client whose call is meant: no other may speak of it.
    pub(super) fn check_client(
        &self,
        report: &CallReport,
        store: &Store,
        context: &Context<'_>,
    ) -> Result<(), CommandError> {
        // The report itself says that there is no such call.
        let Some(client) = store.reported_item(&report.target)?.map(|item| item.client) else { return Ok(()) };
        let policy = context.policy(&client)?;
        let key = policy.dispatch.retell.as_ref().and_then(|settings| context.retell().key(settings).ok());
        if key.is_some_and(|key| self.keys.contains(&key)) {
            return Ok(());
        }
        let message = format!("the webhook is not signed with the key of client {client}; nothing was changed");
        Err(CommandError::message(ErrorKind::Refused, message))
    }
}

/// The keys with which a body is signed, of all that the configuration names.
fn signing_keys(signature: &str, body: &[u8], context: &Context<'_>) -> Result<Vec<ApiKey>, CommandError> {
    let (settings, client, now) = (context.settings()?, context.retell(), context.now());
    let (mut keys, mut fault, mut keyless) = (Vec::new(), None, None);
    for account in settings.policies.all().filter_map(|policy| policy.dispatch.retell.as_ref()) {
        match client.key(account) {
            Err(error) => keyless = Some(CommandError::new(ErrorKind::Config, error)),
            Ok(key) => match verify_signature(&key, signature, body, now) {
                Ok(()) => keys.push(key),
                // It is signed with this key, and says more than the others.
                Err(error @ SignatureError::Expired) => fault = Some(error),
                Err(error) => fault = fault.or(Some(error)),
            },
        }
    }
    match (keys.is_empty(), fault, keyless) {
        (false, ..) => Ok(keys),
        (true, Some(fault), _) => {
            Err(CommandError::message(ErrorKind::Refused, format!("{fault}; nothing was changed")))
        }
        (true, None, Some(keyless)) => Err(keyless),
        (true, None, None) => Err(CommandError::message(ErrorKind::Config, "no client calls through `retell`")
            .with_hint("the key of its `dispatch` table is what a webhook is checked with")),
    }
}
