//! The one table of known keys: their names, built-in values, variables, and how each is read.
//!
//! Unknown keys, `did you mean`, `config list`, `get`, `set` and the sample's test all go by it.

use super::dispatch;
use super::law;
use super::policy_builder::{self, PolicyBuilder};
use super::read::{self, Fault};
use super::value::{Data, Form, Value};
use crate::compliance::zone_words;
use crate::scheduler::Zone;

/// Where a key may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyScope {
    /// At the top of the file: one value for all.
    Top,
    /// Under `[defaults]` and under `[clients.NAME]`.
    Policy,
}

/// The value of a key that no layer sets.
#[derive(Debug, Clone, Copy)]
pub(super) enum BuiltIn {
    Unset,
    Text(&'static str),
    Integer(i64),
    Float(f64),
    Texts(&'static [&'static str]),
    Integers(&'static [i64]),
}

impl BuiltIn {
    pub(super) fn value(self) -> Option<Value> {
        let text = |text: &&str| Value::elsewhere(Data::Text((*text).to_owned()));
        let data = match self {
            BuiltIn::Unset => return None,
            BuiltIn::Text(text) => Data::Text(text.to_owned()),
            BuiltIn::Integer(number) => Data::Integer(number),
            BuiltIn::Float(number) => Data::Float(number),
            BuiltIn::Texts(texts) => Data::List(texts.iter().map(text).collect()),
            BuiltIn::Integers(numbers) => {
                Data::List(numbers.iter().map(|number| Value::elsewhere(Data::Integer(*number))).collect())
            }
        };
        Some(Value::elsewhere(data))
    }
}

/// Writes a value of a key into a policy_builder. The text is the last part of the key's name, such as `Sat` of `days.Sat`.
type Read = fn(&mut PolicyBuilder, &str, &Value) -> Result<(), Fault>;

#[derive(Debug)]
pub(super) struct Key {
    /// Its name with dots; a last part in angle brackets stands for any such name.
    pub(super) name: &'static str,
    pub(super) place: KeyScope,
    pub(super) form: Form,
    pub(super) built_in: BuiltIn,
    /// The environment variable that sets it.
    pub(super) variable: Option<&'static str>,
    pub(super) read: Read,
}

/// The last part of a key that is the name of a weekday.
pub(super) const WEEKDAY: &str = "<weekday>";
/// The last part of a key that is an exit status.
pub(super) const STATUS: &str = "<status>";
/// The last part of a key that is the name of a rule.
pub(super) const RULE: &str = "<rule>";
/// The last part of a key that is the reason of a failed call.
pub(super) const REASON: &str = "<reason>";
/// The last part of a key that is the name of a variable of an agent.
pub(super) const VARIABLE: &str = "<variable>";

const fn top(name: &'static str, built_in: BuiltIn, variable: &'static str, read: Read) -> Key {
    Key { name, place: KeyScope::Top, form: Form::Text, built_in, variable: Some(variable), read }
}

const fn key(name: &'static str, form: Form, built_in: BuiltIn, read: Read) -> Key {
    Key { name, place: KeyScope::Policy, form, built_in, variable: None, read }
}

impl Key {
    const fn or_variable(self, variable: &'static str) -> Key {
        Key { variable: Some(variable), ..self }
    }

    /// Whether the name has a last part of its own in each file.
    pub(super) fn is_open(&self) -> bool {
        self.name.ends_with('>')
    }
}

/// Reads a value into a field of the policy_builder.
macro_rules! into {
    ($($field:ident).+ = $read:expr) => {
        |policy_builder, _, value| {
            policy_builder.$($field).+ = $read(value)?;
            Ok(())
        }
    };
}

use BuiltIn::{Float, Integer, Integers, Text, Texts, Unset};

/// Every key, in the order of the sample configuration.
pub(super) static KEYS: [Key; 60] = [
    top("database", Unset, "CALLQ_DB", into!(database = |value| read::path(value).map(Some))),
    top("watch.interval", Text("5m"), "QUEUE_PROCESS_INTERVAL", into!(watch_interval = read::duration)),
    key("timezone", Form::Text, Text("America/New_York"), into!(zone = zone)).or_variable("QUEUE_DEFAULT_TIMEZONE"),
    key(
        "active_days",
        Form::Texts,
        Texts(&["Mon", "Tue", "Wed", "Thu", "Fri"]),
        into!(active_days = |value| read::list(value, "weekdays such as \"Mon\"", read::weekday)),
    ),
    key("holidays", Form::Texts, Texts(&[]), into!(holidays = policy_builder::read_holidays)),
    key("holiday_files", Form::Texts, Texts(&[]), into!(holiday_files = holiday_files)),
    key("holiday_exclude", Form::Texts, Texts(&[]), into!(holiday_exclude = patterns)),
    key("workdays", Form::Texts, Texts(&[]), into!(workdays = policy_builder::read_workdays)),
    key(
        "country_code",
        Form::Text,
        Unset,
        into!(country_code = |value| policy_builder::read_country_code(value).map(Some)),
    ),
    key("max_concurrent", Form::Number, Integer(5), into!(limits.max_concurrent = |value| read::whole(value, 1)))
        .or_variable("QUEUE_MAX_CONCURRENT"),
    key("max_per_minute", Form::Number, Integer(0), into!(limits.max_per_minute = |value| read::whole(value, 0))),
    key("share", Form::Number, Integer(1), into!(share = policy_builder::read_share)),
    key("max_retries", Form::Number, Integer(3), into!(max_retries = |value| read::whole(value, 0))),
    key("retry_delays", Form::Numbers, Integers(&[5, 15, 30, 60]), into!(retry_delays = retry_delays))
        .or_variable("QUEUE_RETRY_DELAYS"),
    key("retry_ladder.<reason>", Form::Numbers, Unset, |policy_builder, reason, value| {
        let delays = retry_delays(value)?;
        policy_builder.retry_ladders.insert(reason.to_lowercase(), delays);
        Ok(())
    }),
    key(
        "retry_multiplier",
        Form::Number,
        Float(2.0),
        into!(retry_multiplier = |value| read::number(value, 1.0.., "a number from 1 up")),
    ),
    key("retry_max_delay", Form::Text, Text("24h"), into!(retry_max_delay = read::duration)),
    key(
        "retry_jitter",
        Form::Number,
        Float(0.1),
        into!(retry_jitter = |value| read::number(value, 0.0..=1.0, "a number from 0 to 1")),
    ),
    key(
        "aging",
        Form::Number,
        Float(10.0),
        into!(aging = |value| read::number(value, 0.0.., "points an hour, a number from 0 up")),
    ),
    key("best_hours", Form::Text, Text("off"), into!(best_hours = policy_builder::read_best_hours)),
    key(
        "best_hours_points",
        Form::Number,
        Integer(5),
        into!(best_hours_points = |value| read::number(value, 0.0..=100.0, "points, a number from 0 to 100")),
    ),
    key("recall_after", Form::Text, Text("30d"), into!(recall_after = read::duration_or_none)),
    key("business_hours.start", Form::Text, Text("09:00"), |policy_builder, _, value| {
        policy_builder.business.read_start(value)
    })
    .or_variable("QUEUE_BUSINESS_HOURS_START"),
    key("business_hours.end", Form::Text, Text("17:00"), |policy_builder, _, value| {
        policy_builder.business.read_end(value)
    })
    .or_variable("QUEUE_BUSINESS_HOURS_END"),
    key(
        "business_hours.priority_hours",
        Form::Numbers,
        Integers(&[9, 10, 11, 14, 15, 16]),
        into!(prime = policy_builder::read_prime),
    ),
    key("business_hours.days.<weekday>", Form::Texts, Unset, |policy_builder, day, value| {
        policy_builder.business.read_day(day, value)
    }),
    key("calling_hours.start", Form::Text, Text("08:00"), |policy_builder, _, value| {
        policy_builder.calling.read_start(value)
    }),
    key("calling_hours.end", Form::Text, Text("21:00"), |policy_builder, _, value| {
        policy_builder.calling.read_end(value)
    }),
    key("calling_hours.days.<weekday>", Form::Texts, Unset, |policy_builder, day, value| {
        policy_builder.calling.read_day(day, value)
    }),
    key("priority_weights.urgent", Form::Number, Integer(100), |policy_builder, _, value| {
        weight(policy_builder, 0, value)
    }),
    key("priority_weights.high", Form::Number, Integer(75), |policy_builder, _, value| {
        weight(policy_builder, 1, value)
    }),
    key("priority_weights.normal", Form::Number, Integer(50), |policy_builder, _, value| {
        weight(policy_builder, 2, value)
    }),
    key("priority_weights.low", Form::Number, Integer(25), |policy_builder, _, value| weight(policy_builder, 3, value)),
    key("law.purpose", Form::Text, Unset, into!(law.purpose = law::purpose)),
    key("law.voice", Form::Text, Text("ai"), into!(law.voice = law::voice)),
    key("law.rules", Form::Text, Text("builtin"), into!(law.rules = law::rules)),
    key("law.rules_off.<rule>", Form::Text, Unset, law::rule_off),
    key("law.caps", Form::Texts, Texts(&[]), into!(law.caps = caps)),
    key("law.number_rest", Form::Text, Text("24h"), into!(law.number_rest = read::duration_or_zero)),
    key("law.unknown_number", Form::Text, Text("calling_hours"), into!(law.unknown_number = law::unknown_number)),
    key("law.registries", Form::Texts, Texts(&[]), into!(law.registries = law::registries)),
    key("law.registry_max_age", Form::Text, Text("31d"), into!(law.registry_max_age = read::duration)),
    key(
        "law.registry_lifted_by",
        Form::Texts,
        Texts(&["written", "relationship"]),
        into!(law.registry_lifted_by = law::lifted_by),
    ),
    key("law.rules_files", Form::Texts, Texts(&[]), into!(rules_files = law::rules_files)),
    key("dispatch.kind", Form::Text, Text("none"), into!(dispatch.kind = dispatch::kind)),
    key("dispatch.command", Form::Texts, Texts(&[]), into!(dispatch.command = dispatch::command)),
    key("dispatch.timeout", Form::Text, Text("10m"), into!(dispatch.timeout = read::duration)),
    key("dispatch.call_timeout", Form::Text, Text("2h"), into!(dispatch.call_timeout = read::duration)),
    key("dispatch.on_unknown", Form::Text, Text("hold"), into!(dispatch.on_unknown = dispatch::on_unknown)),
    key("dispatch.breaker", Form::Number, Integer(5), into!(dispatch.breaker = |value| read::whole(value, 1))),
    key("dispatch.exit_status.<status>", Form::Text, Unset, |policy_builder, status, value| {
        let outcome = dispatch::outcome(value)?;
        policy_builder.dispatch.exit_status.extend(status.parse::<u8>().ok().map(|status| (status, outcome)));
        Ok(())
    }),
    key("dispatch.base_url", Form::Text, Text("https://api.retellai.com"), into!(retell.base_url = dispatch::base_url)),
    key(
        "dispatch.from_number",
        Form::Text,
        Unset,
        into!(retell.from_number = |value| dispatch::from_number(value).map(Some)),
    ),
    key(
        "dispatch.api_key_env",
        Form::Text,
        Text("RETELL_API_KEY"),
        into!(retell.api_key_env = dispatch::variable_name),
    ),
    key("dispatch.api_key_file", Form::Text, Unset, into!(retell.api_key_file = |value| read::path(value).map(Some))),
    key(
        "dispatch.agent_id",
        Form::Text,
        Unset,
        into!(retell.agent_id = |value| read::text(value, "the id of an agent").map(|id| Some(id.to_owned()))),
    ),
    key(
        "dispatch.agent_version",
        Form::Number,
        Unset,
        into!(retell.agent_version = |value| read::whole(value, 0).map(Some)),
    ),
    key("dispatch.dynamic_variables.<variable>", Form::Text, Unset, |policy_builder, name, value| {
        let field = read::text(value, "the name of a field of the metadata")?;
        policy_builder.retell.dynamic_variables.insert(name.to_owned(), field.to_owned());
        Ok(())
    }),
    key("dispatch.request_timeout", Form::Text, Text("30s"), into!(retell.request_timeout = read::duration)),
    key("dispatch.poll_interval", Form::Text, Text("10s"), into!(retell.poll_interval = read::duration)),
];

fn zone(value: &Value) -> Result<Option<Zone>, Fault> {
    let name = read::text(value, "the name of a time zone such as \"America/New_York\"")?;
    let refused = || match zone_words::read(name, None) {
        Err(error) => Fault::because(value, error),
        // A client has one clock, and a word such as `EST` may mean two.
        Ok(_) => {
            Fault::because(value, format!("`{name}` is not the name of a place: write one such as America/New_York"))
        }
    };
    Zone::named(name).map(Some).ok_or_else(refused)
}

fn retry_delays(value: &Value) -> Result<Vec<chrono::TimeDelta>, Fault> {
    read::list(value, "minutes such as [5, 15, 30, 60]", read::minutes)
}

fn caps(value: &Value) -> Result<Vec<crate::model::CapLimit>, Fault> {
    read::list(value, "caps such as \"3/24h\"", |value| read::parsed(value, "a cap such as \"3/24h\""))
}

fn holiday_files(value: &Value) -> Result<Vec<(std::path::PathBuf, std::ops::Range<usize>)>, Fault> {
    read::list(value, "paths of iCalendar files", |value| Ok((read::path(value)?, value.span.clone())))
}

fn patterns(value: &Value) -> Result<Vec<String>, Fault> {
    let what = "names or categories of events such as \"Tax Day\" or \"*Observance*\"";
    read::list(value, what, |value| read::text(value, what).map(str::to_owned))
}

fn weight(policy_builder: &mut PolicyBuilder, rank: usize, value: &Value) -> Result<(), Fault> {
    let points = read::number(value, .., "points, a finite number")?;
    if let Some(weight) = policy_builder.weights.get_mut(rank) {
        *weight = points;
    }
    Ok(())
}
