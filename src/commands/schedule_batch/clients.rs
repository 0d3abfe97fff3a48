//! The clients of a batch: each record belongs to one, and is planned by its policy.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::cli::ScheduleBatch;
use crate::enqueue::{Batch, FieldError, Pace, Planner};
use crate::model::{ClientId, DispatchKind, Placeholder, nearest};
use crate::scheduler::PolicyBook;
use crate::store::Recall;

/// The clients that records have named so far.
pub(super) struct Clients<'a> {
    args: &'a ScheduleBatch,
    policies: &'a PolicyBook,
    now: DateTime<Utc>,
    /// The client of all records, when it is known.
    named: Option<ClientId>,
    plans: HashMap<ClientId, ClientPlan<'a>>,
}

/// How the records of a client are planned.
pub(super) struct ClientPlan<'a> {
    pub(super) batch: Batch<'a>,
    /// A call needs a phone number: its dispatcher says so, or refuses to go without.
    pub(super) needs_phone: NeedsPhone,
    /// Which earlier items keep leads out; none with `--again`.
    pub(super) recall: Option<Recall>,
}

/// Whether the dispatcher of a client can call a lead without a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NeedsPhone {
    No,
    /// It gets the number among its arguments.
    Yes,
    /// It fails the call.
    Always,
}

impl<'a> Clients<'a> {
    pub(super) fn new(
        args: &'a ScheduleBatch,
        named: Option<ClientId>,
        policies: &'a PolicyBook,
        now: DateTime<Utc>,
    ) -> Clients<'a> {
        Clients { args, policies, now, named, plans: HashMap::new() }
    }

    /// The client of a record, or why it has no client.
    pub(super) fn client_of(&self, record: Option<ClientId>) -> Result<ClientId, String> {
        match (&self.named, record) {
            (Some(named), Some(other)) if *named != other => {
                Err(format!("the record belongs to client {other}, and the command names {named}"))
            }
            (Some(named), _) => Ok(named.clone()),
            (None, Some(client)) => Ok(client),
            (None, None) => Err("the record names no client: fill its client_id, or give -c NAME".to_owned()),
        }
    }

    /// The plan of a client.
    ///
    /// # Errors
    /// When a flag cannot be read by its policy.
    pub(super) fn plan(&mut self, client: &ClientId) -> Result<&mut ClientPlan<'a>, FieldError> {
        if !self.plans.contains_key(client) {
            let (args, policy) = (self.args, self.policies.of(client));
            if let Some(fault) = &policy.fault {
                return Err(FieldError { field: "client_id", message: format!("client {client}: {fault}") });
            }
            let flags = Planner::new(policy, self.now).read_fields(args.fields())?;
            let pace = Pace { size: args.batch_size, interval: args.batch_interval };
            let dispatch = &policy.dispatch;
            let has_phone = || dispatch.command.iter().any(|argument| argument == Placeholder::Phone.as_str());
            let needs_phone = match dispatch.kind {
                DispatchKind::Retell => NeedsPhone::Always,
                DispatchKind::Command if has_phone() => NeedsPhone::Yes,
                _ => NeedsPhone::No,
            };
            let batch = Batch::new(policy, self.now, flags, pace);
            let recall = (!args.again).then(|| batch.recall());
            self.plans.insert(client.clone(), ClientPlan { batch, needs_phone, recall });
        }
        self.plans.get_mut(client).ok_or(FieldError { field: "client_id", message: "no plan".to_owned() })
    }

    /// The groups of all clients that leads have joined.
    pub(super) fn groups(&self) -> u64 {
        self.plans.values().map(|plan| plan.batch.groups()).sum()
    }

    /// Clients that records name for the first time and that are spelt almost like a known one, with that.
    pub(super) fn likely_slips(&self, known: &[ClientId]) -> Vec<(ClientId, String)> {
        if self.named.is_some() {
            return Vec::new();
        }
        let new = self.plans.keys().filter(|client| !known.contains(client) && !self.policies.names(client));
        let near = |client: &ClientId| {
            let others = known.iter().chain(self.policies.clients()).map(ClientId::as_str);
            nearest(client.as_str(), others).map(str::to_owned)
        };
        let mut slips: Vec<_> = new.filter_map(|client| Some((client.clone(), near(client)?))).collect();
        slips.sort();
        slips
    }
}
