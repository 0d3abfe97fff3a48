//! The breaker: stops a client for the run when its dispatcher fails again and again.

use std::collections::HashMap;

use crate::model::ClientId;

/// Failures in a row of each client's dispatcher, in this run.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    clients: HashMap<ClientId, State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open: bool,
    proven: bool,
    last_reason: Option<String>,
    /// An event says that it is open.
    told: bool,
}

impl Breaker {
    /// Takes note of the end of one call, and whether it speaks against the dispatcher; `limit` failures in a row, or one of
    /// a dispatcher that could not even be started, open the breaker.
    pub(super) fn note(
        &mut self,
        client: &ClientId,
        failed: bool,
        reason: Option<&str>,
        could_not_start: bool,
        limit: u32,
    ) {
        let state = self.clients.entry(client.clone()).or_default();
        if failed {
            state.failures += 1;
            state.open |= could_not_start || state.failures >= limit.max(1);
            state.last_reason = reason.map(str::to_owned);
        } else {
            state.failures = 0;
            state.proven = true;
        }
    }

    /// Whether the client is stopped for this run, and by what.
    pub(super) fn open_reason(&self, client: &ClientId) -> Option<String> {
        let state = self.clients.get(client).filter(|state| state.open)?;
        Some(state.last_reason.clone().unwrap_or_else(|| "the dispatcher is unavailable".to_owned()))
    }

    /// The stopped clients without an event, each with the reason.
    pub(super) fn untold(&self) -> Vec<(ClientId, String)> {
        let untold = self.clients.iter().filter(|(_, state)| state.open && !state.told);
        untold.filter_map(|(client, _)| Some((client.clone(), self.open_reason(client)?))).collect()
    }

    /// Notes that all stopped clients have their event.
    pub(super) fn note_told(&mut self) {
        self.clients.values_mut().for_each(|state| state.told = state.open);
    }

    /// Whether an outcome of this run has shown that the dispatcher works.
    pub(super) fn is_proven(&self, client: &ClientId) -> bool {
        self.clients.get(client).is_some_and(|state| state.proven)
    }

    /// Whether any client is stopped.
    pub(super) fn any_open(&self) -> bool {
        self.clients.values().any(|state| state.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_failures_in_a_row_only() {
        let acme: ClientId = "acme".parse().unwrap();
        let mut breaker = Breaker::default();
        for failed in [true, false, true] {
            breaker.note(&acme, failed, None, false, 2);
            assert_eq!(breaker.open_reason(&acme), None);
        }
        breaker.note(&acme, true, Some("exit status 69"), false, 2);
        assert_eq!(breaker.open_reason(&acme).as_deref(), Some("exit status 69"));
    }

    #[test]
    fn opens_at_once_when_the_dispatcher_cannot_be_started() {
        let acme: ClientId = "acme".parse().unwrap();
        let mut breaker = Breaker::default();
        breaker.note(&acme, true, Some("cannot start"), true, 5);
        assert!(breaker.any_open() && !breaker.is_proven(&acme));
    }
}
