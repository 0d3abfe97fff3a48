//! Values that are one of a list. Clap knows the list from the parser: help and completion show it.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser, ValueParser, ValueParserFactory};
use clap::error::Error;
use clap::{Arg, Command};

use crate::model::{
    BreakdownKey, ColorChoice, CompletionShell, ConfigTopic, ConsentKind, EventState, ForecastBy, Format, IfExists,
    InputFormat, Invalid, ListSort, Outcome, Preset, Priority, PromiseClock, Purpose, ReportInput, StatsBy, Status,
    StatusChoice, Voice,
};
use crate::scheduler::zone_names;

/// A parser with the words that it takes. It may take more, such as a word in capitals, and refuses others itself.
#[derive(Debug, Clone)]
pub(super) struct Listed<P> {
    words: fn() -> Vec<&'static str>,
    parser: P,
}

/// Gives a parser its words.
pub(super) fn listed<P: TypedValueParser>(words: fn() -> Vec<&'static str>, parser: P) -> Listed<P> {
    Listed { words, parser }
}

impl<P: TypedValueParser> TypedValueParser for Listed<P> {
    type Value = P::Value;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<P::Value, Error> {
        self.parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.words)().into_iter().map(PossibleValue::new)))
    }
}

/// Parses a type from its words wherever it is an argument.
macro_rules! listed {
    ($($name:ident: $words:expr),+ $(,)?) => {$(
        impl ValueParserFactory for $name {
            type Parser = ValueParser;

            fn value_parser() -> ValueParser {
                ValueParser::new(listed(|| $words, $name::from_str))
            }
        }
    )+};
    ($($name:ident),+ $(,)?) => {
        listed! { $($name: $name::ALL.iter().map(|choice| choice.as_str()).collect()),+ }
    };
}

listed! {
    BreakdownKey, ColorChoice, CompletionShell, ConfigTopic, ConsentKind, EventState, ForecastBy, Format, IfExists, InputFormat, Invalid,
    ListSort, Outcome, Preset, Priority, PromiseClock, Purpose, ReportInput, Status, Voice,
}
listed! { StatusChoice: StatusChoice::words() }
listed! { StatsBy: BreakdownKey::ALL.iter().map(|key| key.as_str()).collect() }

/// A parser of zones as people write them; completion shows the names of the zone data.
pub(super) fn zone() -> ValueParser {
    ValueParser::new(listed(|| zone_names().collect(), StringValueParser::new()))
}
