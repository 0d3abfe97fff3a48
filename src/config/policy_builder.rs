//! A policy in the making: each layer writes its keys over those of the layer below.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta, Weekday};

use super::read::{self, Fault};
use super::value::Value;
use crate::compliance::{CallingCode, Rule};
use crate::model::{DispatchKind, DispatchSettings, LawPolicy, OnUnknown, PhoneNumber};
use crate::scheduler::{DaySpan, Holidays, Limits, PrimeHours, Share, TimeOfDay, Zone};

/// Every setting as far as it has been read. What the built-in layer sets is an `Option` only until then.
#[derive(Debug, Clone)]
pub(super) struct PolicyBuilder {
    pub(super) database: Option<PathBuf>,
    pub(super) watch_interval: TimeDelta,
    pub(super) zone: Option<Zone>,
    pub(super) active_days: Vec<Weekday>,
    /// `holidays` as listed, without any calendar.
    pub(super) holidays: Holidays,
    pub(super) workdays: BTreeSet<NaiveDate>,
    /// The patterns of events that close nothing.
    pub(super) holiday_exclude: Vec<String>,
    /// The calendars as named, and where in the file.
    pub(super) holiday_files: Vec<(PathBuf, Range<usize>)>,
    pub(super) country_code: Option<String>,
    /// The files of `law.rules_files` as named, and where in the file.
    pub(super) rules_files: Vec<(PathBuf, Range<usize>)>,
    /// The rules of one's own, of all clients and of these files.
    pub(super) own_rules: Vec<Arc<Rule>>,
    pub(super) limits: Limits,
    pub(super) share: Share,
    pub(super) max_retries: u32,
    pub(super) retry_delays: Vec<TimeDelta>,
    pub(super) retry_ladders: BTreeMap<String, Vec<TimeDelta>>,
    pub(super) retry_multiplier: f64,
    pub(super) retry_max_delay: TimeDelta,
    pub(super) retry_jitter: f64,
    pub(super) aging: f64,
    pub(super) best_hours: bool,
    pub(super) best_hours_points: f64,
    pub(super) recall_after: TimeDelta,
    pub(super) business: HoursDraft,
    pub(super) prime: PrimeHours,
    pub(super) calling: HoursDraft,
    pub(super) weights: [f64; 4],
    pub(super) dispatch: DispatchSettings,
    pub(super) retell: RetellDraft,
    pub(super) law: LawPolicy,
}

/// `business_hours` or `calling_hours`.
#[derive(Debug, Clone, Default)]
pub(super) struct HoursDraft {
    pub(super) start: Option<TimeOfDay>,
    pub(super) end: Option<TimeOfDay>,
    /// The entries of `days`, Monday first.
    pub(super) days: [Option<Vec<DaySpan>>; 7],
}

/// The keys of `dispatch` that only the retell dispatcher reads.
#[derive(Debug, Clone, Default)]
pub(super) struct RetellDraft {
    pub(super) base_url: String,
    pub(super) from_number: Option<PhoneNumber>,
    pub(super) api_key_env: String,
    pub(super) api_key_file: Option<PathBuf>,
    pub(super) agent_id: Option<String>,
    pub(super) agent_version: Option<u32>,
    pub(super) dynamic_variables: BTreeMap<String, String>,
    pub(super) request_timeout: TimeDelta,
    pub(super) poll_interval: TimeDelta,
}

impl PolicyBuilder {
    /// A policy_builder without any layer; the built-in one sets every value that a policy cannot do without.
    pub(super) fn empty() -> PolicyBuilder {
        PolicyBuilder {
            database: None,
            watch_interval: TimeDelta::zero(),
            zone: None,
            active_days: Vec::new(),
            holidays: Holidays::default(),
            workdays: BTreeSet::new(),
            holiday_exclude: Vec::new(),
            holiday_files: Vec::new(),
            country_code: None,
            rules_files: Vec::new(),
            own_rules: Vec::new(),
            limits: Limits { max_concurrent: 0, max_per_minute: 0 },
            share: Share::LEAST,
            max_retries: 0,
            retry_delays: Vec::new(),
            retry_ladders: BTreeMap::new(),
            retry_multiplier: 0.0,
            retry_max_delay: TimeDelta::zero(),
            retry_jitter: 0.0,
            aging: 0.0,
            best_hours: false,
            best_hours_points: 0.0,
            recall_after: TimeDelta::zero(),
            business: HoursDraft::default(),
            prime: PrimeHours::default(),
            calling: HoursDraft::default(),
            weights: [0.0; 4],
            dispatch: DispatchSettings {
                kind: DispatchKind::None,
                command: Vec::new(),
                timeout: TimeDelta::zero(),
                call_timeout: TimeDelta::zero(),
                on_unknown: OnUnknown::Hold,
                breaker: 0,
                exit_status: BTreeMap::new(),
                retell: None,
            },
            retell: RetellDraft::default(),
            law: LawPolicy::default(),
        }
    }
}

impl HoursDraft {
    pub(super) fn read_start(&mut self, value: &Value) -> Result<(), Fault> {
        let start: TimeOfDay = time_of_day(value)?;
        if start.minutes() == 24 * 60 {
            return Err(Fault::expected(value, "a time of day from 00:00 to 23:59; only an end may be 24:00"));
        }
        self.start = Some(start);
        Ok(())
    }

    pub(super) fn read_end(&mut self, value: &Value) -> Result<(), Fault> {
        self.end = Some(time_of_day(value)?);
        Ok(())
    }

    pub(super) fn read_day(&mut self, name: &str, value: &Value) -> Result<(), Fault> {
        let what = "spans such as \"10:00-14:00\"";
        let spans = read::list(value, what, |value| read::parsed(value, "a span such as \"10:00-14:00\""))?;
        let day = read::WEEKDAYS.iter().position(|weekday| *weekday == name).and_then(|day| self.days.get_mut(day));
        if let Some(day) = day {
            *day = Some(spans);
        }
        Ok(())
    }
}

fn time_of_day(value: &Value) -> Result<TimeOfDay, Fault> {
    read::parsed(value, "a time of day such as \"09:00\"")
}

/// `"2026-11-26"`, or `"12-25"` for every year.
pub(super) fn read_holidays(value: &Value) -> Result<Holidays, Fault> {
    let mut holidays = Holidays::default();
    let allowed = "a date such as \"2026-11-26\", or \"12-25\" for every year";
    let dates = read::list(value, "dates such as \"2026-11-26\", or \"12-25\" for every year", |value| {
        // A leap year, so that 02-29 is a day.
        let (text, yearly) = match read::text(value, allowed)? {
            text if text.len() == 5 => (format!("2024-{text}"), true),
            text => (text.to_owned(), false),
        };
        let date = read_date(&text);
        date.map(|date| (date, yearly)).ok_or_else(|| Fault::expected(value, format!("{allowed}, that exists")))
    })?;
    for (date, yearly) in dates {
        if yearly {
            holidays.add_yearly(chrono::Datelike::month(&date), chrono::Datelike::day(&date));
        } else {
            holidays.add_date(date);
        }
    }
    Ok(holidays)
}

/// Dates such as `"2026-10-10"`.
pub(super) fn read_workdays(value: &Value) -> Result<BTreeSet<NaiveDate>, Fault> {
    let allowed = "a date such as \"2026-10-10\"";
    let dates = read::list(value, "dates such as \"2026-10-10\"", |value| {
        read_date(read::text(value, allowed)?).ok_or_else(|| Fault::expected(value, format!("{allowed}, that exists")))
    })?;
    Ok(dates.into_iter().collect())
}

/// Reads `2026-11-26` and nothing like it.
fn read_date(text: &str) -> Option<NaiveDate> {
    let digits = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    if digits { NaiveDate::parse_from_str(text, "%Y-%m-%d").ok() } else { None }
}

/// A calling code of ITU-T E.164.
pub(super) fn read_country_code(value: &Value) -> Result<String, Fault> {
    let allowed = "the digits of a country code without +, such as \"1\" or \"49\"";
    let code = read::text(value, allowed)?;
    let code = code.parse::<CallingCode>().map_err(|_| Fault::expected(value, allowed))?;
    Ok(code.digits().to_owned())
}

/// A whole number from 1 to 100.
pub(super) fn read_share(value: &Value) -> Result<Share, Fault> {
    let share = read::whole(value, 0).ok().and_then(Share::new);
    share.ok_or_else(|| Fault::expected(value, "a whole number from 1 to 100"))
}

/// Whether the order learns the best hours.
pub(super) fn read_best_hours(value: &Value) -> Result<bool, Fault> {
    let allowed = "off or learn";
    match read::text(value, allowed)? {
        "off" => Ok(false),
        "learn" => Ok(true),
        _ => Err(Fault::expected(value, allowed)),
    }
}

/// A list of hours of the day.
pub(super) fn read_prime(value: &Value) -> Result<PrimeHours, Fault> {
    let hours = read::list(value, "hours of the day, 0 to 23", |value| {
        read::whole(value, 0)
            .ok()
            .and_then(|hour| u8::try_from(hour).ok())
            .filter(|hour| *hour < 24)
            .ok_or_else(|| Fault::expected(value, "an hour of the day, a whole number from 0 to 23"))
    })?;
    PrimeHours::new(hours).map_err(|_| Fault::expected(value, "hours of the day, 0 to 23"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::value::Form;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn holidays_are_dates_or_days_of_every_year() {
        let holidays = read_holidays(&Value::from_argument(Form::Texts, "2026-11-26, 12-25, 02-29")).unwrap();
        for (day, closed) in [
            ("2026-11-26", true),
            ("2027-11-26", false),
            ("2026-12-25", true),
            ("2031-12-25", true),
            ("2028-02-29", true),
            ("2027-02-28", false),
        ] {
            assert_eq!(holidays.contains(date(day)), closed, "{day}");
        }
        for text in ["2027-02-29", "2026-13-01", "02-30", "12-5", "2026-1-1", "26-11-26", "+026-11-26", "12/25", "é-11"]
        {
            assert!(read_holidays(&Value::from_argument(Form::Texts, text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_country_code_is_a_calling_code() {
        for (text, valid) in
            [("1", true), ("49", true), ("358", true), ("0", false), ("+1", false), ("1234", false), ("999", false)]
        {
            assert_eq!(read_country_code(&Value::from_argument(Form::Text, text)).is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn hours_of_the_day_are_0_to_23() {
        let prime = read_prime(&Value::from_argument(Form::Numbers, "0, 23")).unwrap();
        let hours: Vec<u32> = (0..24).filter(|hour| prime.contains(*hour)).collect();
        assert_eq!(hours, [0, 23]);
        for text in ["24", "-1", "9.5", "256", "\"9\""] {
            assert!(read_prime(&Value::from_argument(Form::Numbers, text)).is_err(), "{text}");
        }
    }
}
