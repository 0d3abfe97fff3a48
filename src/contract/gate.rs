//! What a gate says of an item: its name, whether it is open, until when, and the evidence.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

pub(crate) use crate::model::Gate;
use crate::model::{
    CapLimit, ConsentKind, DispatchKind, DispatcherFault, DoNotCallEntry, LeadPlace, NewConsent, NumberCall, NumberUse,
    Pause, PhoneNumber, Status,
};

/// The answer of one gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub gate: Gate,
    /// Whether the item may pass now.
    pub open: bool,
    /// When the answer changes by time alone, where that is known.
    pub until: Option<DateTime<Utc>>,
    /// What the gate saw.
    pub evidence: Evidence,
}

impl Verdict {
    /// A verdict that time alone does not change.
    pub fn of(gate: Gate, open: bool, evidence: Evidence) -> Verdict {
        Verdict { gate, open, until: None, evidence }
    }

    /// Whether it closes since the dispatcher placed no call the last time: the next run asks it anew.
    pub(crate) fn is_of_failed_dispatcher(&self) -> bool {
        matches!(self.evidence, Evidence::Dispatcher(DispatcherState::Failed(_)))
    }
}

/// What a gate saw; `output` makes sentences of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// Where the item stands.
    Status {
        status: Status,
        /// Whether a person has to decide.
        held: bool,
    },
    /// What is wrong in the client's section of the configuration or in its calendars.
    Configuration(Option<String>),
    /// What places the client's calls.
    Dispatcher(DispatcherState),
    /// The pauses that hold the client.
    Pauses(Vec<Pause>),
    /// Calls in progress, and the most there may be.
    Capacity {
        /// Calls in progress, of every run.
        in_progress: u32,
        /// `max_concurrent`.
        most: u32,
    },
    /// Calls of the last 60 s, and the most there may be.
    Rate {
        started: u32,
        /// `max_per_minute`; 0 is no limit.
        most: u32,
    },
    /// What the provider says of its account.
    Provider(ProviderState),
    /// When the item may be called first.
    Due {
        /// From this instant on.
        from: DateTime<Utc>,
        /// Whether a returned attempt set it.
        returned: bool,
        /// The end of the window of a promise.
        promised_until: Option<DateTime<Utc>>,
    },
    /// The clock that a rule about time reads.
    Hours {
        /// The zone: the client's, or one of the lead's for the calling hours.
        zone: String,
        /// The holiday of the client's date, for the rules that a holiday closes.
        holiday: Option<HolidayName>,
    },
    /// What a rule of law says of the hours of a date.
    Law {
        /// One of the lead's zones.
        zone: String,
        id: String,
        /// The law or the person that the rule is from.
        citation: String,
        /// How it limits the hours, such as `closes Sundays`.
        limits: String,
    },
    /// Where the lead may be.
    Place(LeadPlace),
    /// Why there is no slot within the horizon.
    NoSlot {
        /// The rule that leaves no window, and what to do.
        reason: String,
    },
    /// A zone of the lead that the zone data does not know.
    UnknownZone {
        /// The message that names it.
        reason: String,
    },
    /// Why the number cannot be dialled.
    InvalidNumber {
        /// The message that names it, and what to do.
        reason: String,
    },
    /// When the item expires.
    Expiry(Option<DateTime<Utc>>),
    /// The entry that closes the number.
    DoNotCall(Option<Box<DoNotCallEntry>>),
    /// What registries say of the number.
    Registry(RegistryState),
    /// What its person allowed.
    Consent(ConsentState),
    /// The caps on calls to the number.
    Caps {
        /// Of the item; none when it has none.
        number: Option<PhoneNumber>,
        /// How many hold for the item.
        asked: usize,
        /// Those that close, the one that opens last first.
        closed: Vec<ClosedCap>,
    },
    /// The call after which the number rests.
    NumberRest {
        /// The last one of another item of the client; none when the number rests no more.
        last: Option<NumberCall>,
        /// How long it rests.
        rest: TimeDelta,
    },
    /// Who uses the number.
    Number(Option<NumberUse>),
}

/// The name of a holiday; none when the configuration lists its date without one.
pub(crate) type HolidayName = Option<String>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedCap {
    /// The id of its rule.
    pub id: String,
    pub limit: CapLimit,
    /// How many calls count within its hours.
    pub counted: usize,
    /// When it opens, when nobody else calls.
    pub until: DateTime<Utc>,
}

/// What places a client's calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DispatcherState {
    /// Calls are placed so.
    Ready(DispatchKind),
    /// The provider needs a number, and the lead has none: the call will fail.
    NeedsNumber(DispatchKind),
    Missing,
    /// It failed again and again in this run, at last for this reason.
    AtFault(String),
    /// The provider takes no call of this client before the verdict's end.
    Waits,
    /// One call finds out whether it works again.
    Probing,
    /// It placed no call the last time: the next run probes it.
    Failed(DispatcherFault),
}

/// What registries say of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryState {
    /// None is asked: the client has no purpose, or the lead no number.
    NotAsked,
    /// A consent of this kind opens them.
    Lifted(ConsentKind),
    /// None of these lists it; each with the day of its copy.
    Clear(Vec<(String, NaiveDate)>),
    /// There is no copy.
    Missing { name: String },
    /// The copy is too old.
    Stale { name: String, as_of: NaiveDate, age_days: i64 },
    /// The copy does not speak of the number.
    NotCovering { name: String },
    /// It lists the number.
    Listed { name: String, as_of: NaiveDate },
}

/// What the person of a number allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentState {
    /// No rule requires a consent.
    NotAsked,
    /// This one, the best, serves.
    Given(NewConsent),
    /// This kind, or a better one.
    Missing {
        kind: ConsentKind,
        /// The rule that requires it.
        rule: String,
    },
}

/// What is known of the account that a provider's calls belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderState {
    /// A request of it is in doubt, and no other begins before that is settled.
    InDoubt,
    /// It does not answer, for this reason, and is left alone for the rest of the run.
    Silent(String),
    /// It takes no more calls now.
    Exhausted,
    /// It has been asked how many more calls it takes.
    Pending,
}

/// When an item can be called: by its status, pauses, due time, hours, expiry, the rate limit and the number. When a call
/// ends, or a dispatcher is configured, nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextCall {
    /// At this instant; `now` when nothing that has a known end stands in the way.
    At(DateTime<Utc>),
    /// It would have this slot, but expires before.
    ExpiresBefore(DateTime<Utc>),
    /// Never, unless a person changes something: a closed gate says what.
    Never,
}
