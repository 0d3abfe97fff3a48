//! The plain types that every layer speaks: what a lead, an item, an attempt and a priority are. No I/O, no clock.

mod activity;
mod actor;
mod answer;
mod attempt;
mod call_mix;
mod cap_limit;
mod choices;
mod column_choice;
mod consent;
mod dial;
mod dispatch_settings;
mod do_not_call;
mod duration;
mod environment;
mod gate;
mod hour_rates;
mod ids;
mod instant;
mod item;
mod law_policy;
mod lead_place;
mod lead_request;
mod log;
mod long_message;
mod meta_test;
mod metadata;
mod names;
mod outbox;
mod outcome;
mod pause;
mod phone;
mod placeholder;
mod priority;
mod registry;
mod report;
mod spelling;
mod split_mix;
mod started_call;
mod stats_by;
mod status;
mod status_choice;
mod times;
mod unseen;

pub use activity::{
    ClientActivity, DispatcherFault, ListFacts, ListQuestions, NumberCall, NumberFacts, NumberUse, Served,
};
pub use actor::Actor;
pub use answer::{OutcomeWord, WrittenTime, telephone_word};
pub use attempt::{Attempt, Change};
pub use call_mix::{CALL_MIX, INVALID_NUMBER, MixedEnding, NUMBERS_PER_INVALID};
pub use cap_limit::{CapLimit, InvalidCap, Most};
pub use choices::{
    BreakdownKey, CapScope, ColorChoice, CompletionShell, Confidence, ConfigTopic, ConsentKind, Evidence, ForecastBy,
    Format, IfExists, InputFormat, Invalid, LeadField, ListSort, Preset, PromiseClock, Purpose, Reached, ReportInput,
    ShippedRules, UnknownNumber, UnknownWord, Voice,
};
pub use column_choice::{ColumnChoice, Delimiter};
pub use consent::{Consent, NewConsent};
pub use dial::{AskedRegistry, DialContext, DialRecord, KeptText};
pub use dispatch_settings::{DispatchKind, DispatchSettings, OnUnknown, RetellSettings};
pub use do_not_call::{
    CALLER, DoNotCallEntry, InvalidPattern, InvalidPrefix, NewDoNotCallEntry, NumberPattern, Removal,
};
pub use duration::{DurationError, format_duration, parse_duration};
pub use environment::Environment;
pub use gate::Gate;
pub use hour_rates::{HOURS_A_WEEK, HourCalls, HourRate, HoursOfWeek};
pub use ids::{AttemptId, ItemId, RunId};
pub use instant::{INSTANT_FORMAT, from_millis, to_text, truncate_to_millis};
pub use item::{Item, Promise};
pub use law_policy::LawPolicy;
pub use lead_place::LeadPlace;
pub use lead_request::{ConsentFields, Expiry, LeadRequest, RequestFields};
pub use log::{CallRecord, ChangeRecord};
pub use long_message::shortened;
pub use meta_test::{InvalidMetaTest, MetaTest, MetaValue};
pub use metadata::{Metadata, MetadataError};
pub use names::{ClientId, ItemKey, LeadId, ListSource, NameError, RegionCode, RegistryName, ZoneName};
pub use outbox::{
    EventReceiver, EventReceivers, EventState, EventTarget, EventType, ItemMoment, OutboxEvent, SecretPlace,
};
pub use outcome::{CallResult, Outcome};
pub use pause::Pause;
pub use phone::{InvalidPhone, PhoneNumber};
pub use placeholder::Placeholder;
pub use priority::Priority;
pub use registry::{Coverage, InvalidCoverage, RegistryCopy, RegistryFacts};
pub use report::{CallReport, InvalidTarget, ReportTarget};
pub use spelling::{did_you_mean, nearest};
pub use split_mix::split_mix;
pub use started_call::StartedCall;
pub use stats_by::StatsBy;
pub use status::{Event, Refusal, Status, UnknownStatus};
pub use status_choice::{StatusChoice, UnknownStatusChoice};
pub use times::{TimeBucket, Times};
pub use unseen::is_unseen;
