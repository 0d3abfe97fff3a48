//! A queue in plain memory: what the commands do to items, said once more in the fewest words.

use std::collections::BTreeMap;

use proptest::prelude::*;

/// The leads of the model, each with a queue of attempts of its own.
pub(crate) const LEADS: [&str; 4] = ["ann", "bob", "cid", "dee"];

/// The priorities, as the command line spells them. The hours of the model's sandbox leave no room for the last.
pub(crate) const PRIORITIES: [&str; 4] = ["urgent", "high", "normal", "low"];

/// What a person or a script does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Queue a lead, now or for the next day.
    Add { lead: usize, later: bool, priority: usize, max_retries: u32, key: Option<u32>, if_exists: &'static str },
    /// Queue several at once; those that are queued already are skipped.
    Batch { leads: Vec<usize> },
    /// Cancel an item.
    Cancel { item: usize, in_progress: bool },
    /// Send an item again.
    Retry { item: usize },
    /// Change an item.
    Update { item: usize, later: bool, priority: usize, max_retries: Option<u32> },
    /// Hold back everything.
    Pause,
    /// Let it go on.
    Resume,
    /// One run, in which each lead's calls end so.
    Process { outcomes: [&'static str; 4] },
    /// Say how a call ended.
    Report { item: usize, outcome: &'static str },
    /// Delete what is finished.
    Prune,
}

/// Any step.
pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    let if_exists = prop::sample::select(vec!["error", "skip", "replace"]);
    let outcome = prop::sample::select(vec![
        "completed",
        "retry",
        "retry",
        "failed",
        "unknown",
        "returned",
        "unavailable",
        "accepted",
        "accepted",
    ]);
    let settled = prop::sample::select(vec!["completed", "retry", "failed"]);
    let item = 0..8_usize;
    prop_oneof![
        4 => (0..4_usize, prop::bool::weighted(0.2), 0..3_usize, 0..3_u32, prop::option::weighted(0.3, 0..3_u32), if_exists)
            .prop_map(|(lead, later, priority, max_retries, key, if_exists)|
                Step::Add { lead, later, priority, max_retries, key, if_exists }),
        1 => prop::collection::vec(0..4_usize, 1..5).prop_map(|leads| Step::Batch { leads }),
        2 => (item.clone(), any::<bool>()).prop_map(|(item, in_progress)| Step::Cancel { item, in_progress }),
        2 => item.clone().prop_map(|item| Step::Retry { item }),
        3 => (item.clone(), prop::bool::weighted(0.2), 0..3_usize, prop::option::weighted(0.4, 0..3_u32))
            .prop_map(|(item, later, priority, max_retries)| Step::Update { item, later, priority, max_retries }),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
        5 => prop::array::uniform4(outcome).prop_map(|outcomes| Step::Process { outcomes }),
        3 => (item, settled).prop_map(|(item, outcome)| Step::Report { item, outcome }),
        1 => Just(Step::Prune),
    ]
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelItem {
    pub(crate) lead: usize,
    pub(crate) priority: usize,
    pub(crate) key: Option<u32>,
    pub(crate) status: &'static str,
    pub(crate) held: bool,
    /// Whether its slot is the next day's.
    pub(crate) later: bool,
    pub(crate) max_retries: u32,
    /// The outcomes of its attempts, in order.
    pub(crate) attempts: Vec<&'static str>,
    /// Whether a returned attempt holds it back until the next day.
    returned: bool,
    /// Whether no retry may follow its open call.
    no_retry: bool,
    /// Whether it was deleted.
    pub(crate) pruned: bool,
}

impl ModelItem {
    /// Attempts that used the budget.
    pub(crate) fn counted_attempts(&self) -> u32 {
        self.attempts.iter().filter(|outcome| !matches!(**outcome, "returned" | "unavailable")).count() as u32
    }

    fn waits(&self) -> bool {
        !self.pruned && matches!(self.status, "pending" | "scheduled" | "retry_scheduled")
    }

    fn in_progress(&self) -> bool {
        !self.pruned && self.status == "in_progress"
    }

    fn takes_lead(&self) -> bool {
        self.waits() || self.in_progress() || !self.pruned && self.held
    }

    fn reschedule(&mut self, later: bool) {
        (self.later, self.returned) = (later, false);
        if self.status != "retry_scheduled" {
            self.status = if later { "scheduled" } else { "pending" };
        }
    }

    /// What a result with which a call is over means.
    fn conclude(&mut self, outcome: &str) {
        let again = outcome == "retry" && self.counted_attempts() <= self.max_retries;
        self.held = outcome == "unknown";
        self.status = match outcome {
            "completed" => "completed",
            _ if again && self.no_retry => "cancelled",
            _ if again => "retry_scheduled",
            _ => "failed",
        };
        self.later |= self.status == "retry_scheduled";
        self.no_retry = false;
    }

    /// A call that a run made.
    fn called(&mut self, outcome: &'static str) {
        self.attempts.push(outcome);
        match outcome {
            "accepted" => (self.status, self.returned) = ("in_progress", false),
            "returned" => self.returned = true,
            "unavailable" => {}
            _ => self.conclude(outcome),
        }
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct QueueModel {
    pub(crate) items: Vec<ModelItem>,
    keys: BTreeMap<u32, usize>,
    paused: bool,
}

impl QueueModel {
    /// Does one step, and gives back the exit code that callq must have.
    pub(crate) fn take(&mut self, step: &Step) -> i32 {
        match step {
            Step::Add { .. } => self.add(step),
            Step::Batch { leads } => {
                for lead in leads {
                    if !self.items.iter().any(|item| item.lead == *lead && item.takes_lead()) {
                        self.push(*lead, 2, None, false, 3);
                    }
                }
                0
            }
            Step::Cancel { item, in_progress } => self.with(*item, |item| match item {
                item if item.waits() => {
                    (item.status, item.returned) = ("cancelled", false);
                    0
                }
                item if item.in_progress() && *in_progress => {
                    item.no_retry = true;
                    0
                }
                _ => 4,
            }),
            Step::Retry { item } => {
                let lead = self.items.get(*item).map(|item| item.lead);
                let rival = self
                    .items
                    .iter()
                    .enumerate()
                    .any(|(other, rival)| other != *item && Some(rival.lead) == lead && rival.takes_lead());
                self.with(*item, |item| {
                    if rival || !matches!(item.status, "failed" | "cancelled") {
                        return 4;
                    }
                    (item.held, item.status) = (false, "pending");
                    item.reschedule(false);
                    item.max_retries = item.max_retries.max(item.counted_attempts());
                    0
                })
            }
            Step::Update { item, later, priority, max_retries } => self.with(*item, |item| {
                if !item.waits() || max_retries.is_some_and(|most| most < item.counted_attempts()) {
                    return 4;
                }
                item.reschedule(*later);
                item.priority = *priority;
                item.max_retries = max_retries.unwrap_or(item.max_retries);
                0
            }),
            Step::Pause => {
                self.paused = true;
                0
            }
            Step::Resume => {
                self.paused = false;
                0
            }
            Step::Process { outcomes } => {
                for item in self.items.iter_mut().filter(|item| item.waits() && !item.later && !item.returned) {
                    if !self.paused {
                        item.called(outcomes[item.lead]);
                    }
                }
                0
            }
            Step::Report { item, outcome } => self.with(*item, |item| report(item, outcome)),
            Step::Prune => {
                for item in &mut self.items {
                    item.pruned |= !item.takes_lead();
                }
                0
            }
        }
    }

    fn with(&mut self, item: usize, change: impl FnOnce(&mut ModelItem) -> i32) -> i32 {
        self.items.get_mut(item).filter(|item| !item.pruned).map_or(3, change)
    }

    fn push(&mut self, lead: usize, priority: usize, key: Option<u32>, later: bool, max_retries: u32) {
        self.items.push(ModelItem {
            lead,
            priority,
            key,
            status: if later { "scheduled" } else { "pending" },
            held: false,
            later,
            max_retries,
            attempts: Vec::new(),
            returned: false,
            no_retry: false,
            pruned: false,
        });
    }

    fn add(&mut self, step: &Step) -> i32 {
        let Step::Add { lead, later, priority, max_retries, key, if_exists } = step else { return 2 };
        if let Some(known) = key.and_then(|key| self.keys.get(&key)) {
            return if known == lead { 0 } else { 4 };
        }
        let present = self.items.iter_mut().find(|item| item.lead == *lead && item.takes_lead());
        match present {
            None => self.push(*lead, *priority, *key, *later, *max_retries),
            Some(_) if *if_exists == "skip" => return 0,
            Some(present)
                if *if_exists == "replace" && present.waits() && present.counted_attempts() <= *max_retries =>
            {
                present.reschedule(*later);
                present.priority = *priority;
                present.max_retries = *max_retries;
                present.key = key.or(present.key);
            }
            Some(_) => return 4,
        }
        self.keys.extend(key.map(|key| (key, *lead)));
        0
    }
}

/// What a report of an item's last call does.
fn report(item: &mut ModelItem, outcome: &'static str) -> i32 {
    let waits = item.waits();
    let Some(last) = item.attempts.last_mut() else { return 3 };
    match *last {
        "accepted" | "unknown" if !waits && (item.held || item.status == "in_progress") => {
            *last = outcome;
            item.conclude(outcome);
            0
        }
        // Sent again by a person, and not called yet.
        "unknown" if waits => {
            *last = outcome;
            if outcome != "retry" {
                (item.status, item.returned) = (outcome, false);
            }
            0
        }
        known if known == outcome => 0,
        _ => 4,
    }
}
