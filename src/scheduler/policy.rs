//! The policy of a client: everything that the configuration says about its calls, resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;

use super::{ClientRules, Holidays, PrimeHours, Share, WeeklyHours, Zone};
use crate::model::{ClientId, DispatchSettings, LawPolicy, Priority};

/// The resolved configuration of a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// When calls may start.
    pub hours: HoursPolicy,
    /// When a failed call is tried again.
    pub retry: RetryPolicy,
    /// In which order due items are called.
    pub order: OrderPolicy,
    /// How many calls at once and a minute.
    pub limits: Limits,
    /// How much goes to the client of what it shares with others.
    pub share: Share,
    /// For phone numbers without `+`: digits only.
    pub country_code: Option<String>,
    /// What places the calls.
    pub dispatch: DispatchSettings,
    /// A lead or number that was called less than this ago is not queued again unasked; 0 is off.
    pub recall_after: TimeDelta,
    /// What is wrong in the client's own section or calendars: nobody of it is called. The rest of the policy is what
    /// could be read.
    pub fault: Option<String>,
    /// How often a number may be called.
    pub law: LawPolicy,
}

/// When calls of a client may start.
#[derive(Debug, Clone, PartialEq)]
pub struct HoursPolicy {
    pub zone: Zone,
    /// The client's opening hours; a weekday without spans is not active.
    pub business: WeeklyHours,
    /// The hours of the client's clock that are the best ones.
    pub prime: PrimeHours,
    /// The hours of the called person's own clock in which a call is legal.
    pub calling: WeeklyHours,
    /// The dates on which nobody is called.
    pub holidays: Holidays,
    /// The rules of law.
    pub rules: ClientRules,
}

/// When a failed call is tried again.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// Retries of a new item, unless it names its own number.
    pub max_retries: u32,
    /// The delay before the first retry, the second, …
    pub delays: Vec<TimeDelta>,
    /// The delays after a call that ended for a reason, by the reason in small letters. An empty list counts as no list.
    pub ladders: BTreeMap<String, Vec<TimeDelta>>,
    /// The factor by which the last delay grows past the end of the list.
    pub multiplier: f64,
    pub max_delay: TimeDelta,
    /// The part of a delay that is added at most, by a stable hash; 0 to 1.
    pub jitter: f64,
}

/// In which order due items are called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderPolicy {
    /// Points of urgent, high, normal and low, by [`Priority::rank`]; falling.
    pub weights: [f64; 4],
    /// Points an hour of waiting; 0 is strict priority.
    pub aging: f64,
    /// The points that a learned hour adds or takes at most; none when hours are not learned.
    pub best_hours: Option<f64>,
}

impl OrderPolicy {
    /// The points of a priority before any waiting.
    pub fn weight(&self, priority: Priority) -> f64 {
        self.weights[usize::from(priority.rank())]
    }
}

/// How many calls at once and a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls in progress at once.
    pub max_concurrent: u32,
    /// Calls started in any 60 s; 0 is no limit.
    pub max_per_minute: u32,
}

/// The most calls of one run at once, even if the clients' limits allow more: each takes about five file descriptors.
pub const MOST_IN_FLIGHT: usize = 150;

/// The policies of all clients.
#[derive(Debug, Clone)]
pub struct PolicyBook {
    defaults: Arc<Policy>,
    clients: BTreeMap<ClientId, Arc<Policy>>,
}

impl PolicyBook {
    /// A book of the clients that have a section of their own; every other client has the defaults.
    pub fn new(defaults: Policy, clients: BTreeMap<ClientId, Policy>) -> PolicyBook {
        let clients = clients.into_iter().map(|(client, policy)| (client, Arc::new(policy))).collect();
        PolicyBook { defaults: Arc::new(defaults), clients }
    }

    pub fn of(&self, client: &ClientId) -> &Arc<Policy> {
        self.clients.get(client).unwrap_or(&self.defaults)
    }

    /// The policy of a client without a section.
    pub fn defaults(&self) -> &Arc<Policy> {
        &self.defaults
    }

    /// The clients that have a section, by name.
    pub fn clients(&self) -> impl Iterator<Item = &ClientId> {
        self.clients.keys()
    }

    /// Every policy: that of each section, and that of all other clients.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Policy>> {
        self.clients.values().chain([&self.defaults])
    }

    /// The clients whose section or calendars are wrong, each with the fault.
    pub fn faults(&self) -> impl Iterator<Item = (&ClientId, &str)> {
        self.clients.iter().filter_map(|(client, policy)| Some((client, policy.fault.as_deref()?)))
    }

    /// Whether the configuration names the client.
    pub fn names(&self, client: &ClientId) -> bool {
        self.clients.contains_key(client)
    }
}

#[cfg(test)]
impl HoursPolicy {
    /// Monday to Friday 09:00–17:00 in New York, six priority hours, calls from 08:00 to 21:00 every day.
    pub(super) fn sample() -> HoursPolicy {
        Policy::default().hours
    }
}

#[cfg(test)]
impl WeeklyHours {
    /// One span on some weekdays.
    fn on(days: impl IntoIterator<Item = chrono::Weekday>, span: &str) -> WeeklyHours {
        days.into_iter().fold(WeeklyHours::closed(), |hours, day| hours.with(day, vec![span.parse().unwrap()]))
    }

    /// One span on every weekday.
    pub(super) fn every_day(span: &str) -> WeeklyHours {
        use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        WeeklyHours::on([Mon, Tue, Wed, Thu, Fri, Sat, Sun], span)
    }
}
