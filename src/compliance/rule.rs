//! A rule of law, or of a user's own: where it holds, for which calls, and what it asks for.

use chrono::{DateTime, NaiveDate, Utc};

use super::calendar::Calendar;
use super::cap::{Cap, CapLimit};
use super::region::Region;
use super::requirement::Requirement;
use super::rule_text::RuleText;
use super::terms::Terms;
use super::window;
use crate::model::{Confidence, Purpose, Voice};
use crate::scheduler::{Clause, Holidays, Reading, Verdict, WeeklyHours, Zone};

/// A rule as its row says it. It never widens: a call must be allowed by every rule that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The row as written: its cells are what people read, with citation and source.
    pub text: RuleText,
    /// The calls to which it applies.
    pub applies_to: Terms,
    /// The hours of the called person's clock; `None` when it says nothing of them.
    pub window: Option<WeeklyHours>,
    /// The dates on which it closes as a whole.
    pub closed_days: ClosedDays,
    /// How often it allows a number to be called.
    pub caps: Vec<CapLimit>,
    /// What else it asks for.
    pub requires: Vec<Requirement>,
    /// The day on which the row was read.
    pub as_of: NaiveDate,
    /// The first day on which it is in force, by the called person's date.
    pub effective_from: Option<NaiveDate>,
    /// The first day on which it is in force no more.
    pub effective_to: Option<NaiveDate>,
    /// How sure the row is; `None` for a row of a user's own that does not say.
    pub confidence: Option<Confidence>,
    /// Whether it is asked; a rule that is not is only shown.
    pub is_on: bool,
}

/// The dates on which a rule closes.
#[derive(Debug, Clone, PartialEq)]
pub enum ClosedDays {
    /// None.
    None,
    /// Those of a calendar that comes with the program.
    Calendar(Calendar),
    /// Those of a user.
    Dates(Holidays),
}

impl ClosedDays {
    fn contains(&self, date: Option<NaiveDate>) -> bool {
        match self {
            ClosedDays::None => false,
            ClosedDays::Calendar(calendar) => date.is_some_and(|date| calendar.contains(date)),
            ClosedDays::Dates(dates) => date.is_some_and(|date| dates.contains(date)),
        }
    }

    /// Reads the name of a calendar, or dates and yearly days separated by blanks.
    fn read(text: &str) -> Result<ClosedDays, String> {
        if let Some(calendar) = Calendar::named(text) {
            return Ok(ClosedDays::Calendar(calendar));
        }
        let mut dates = Holidays::default();
        for word in text.split_ascii_whitespace() {
            if let Ok(date) = word.parse::<NaiveDate>() {
                dates.add_date(date);
            } else if let Some((month, day)) = yearly(word) {
                dates.add_yearly(month, day);
            } else {
                let names: Vec<&str> = Calendar::all().map(Calendar::name).collect();
                return Err(format!(
                    "`{}` is no calendar: write {}, dates such as 2026-11-26 or 12-25, or an .ics file",
                    word.escape_debug(),
                    names.join(", ")
                ));
            }
        }
        Ok(ClosedDays::Dates(dates))
    }
}

/// `MM-DD`; 29 February too.
fn yearly(word: &str) -> Option<(u32, u32)> {
    const LEAP_YEAR: i32 = 2024;
    let (month, day) = word.split_once('-').filter(|(month, day)| month.len() == 2 && day.len() == 2)?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    NaiveDate::from_ymd_opt(LEAP_YEAR, month, day).map(|_| (month, day))
}

/// The message for a row that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule `{}`: {field} = \"{}\": {problem}", id.escape_debug(), value.escape_debug())]
pub struct RuleError {
    /// The row's id, or where it stands when it has none.
    pub id: String,
    /// The field at fault.
    pub field: &'static str,
    /// What it holds.
    pub value: String,
    /// What is wrong with it, and the way out.
    pub problem: String,
}

impl Rule {
    /// Reads a row. `file_days` are the dates of the file that its `holidays` names, read by the caller.
    ///
    /// # Errors
    /// The first field that cannot be read, with the row's id, the value and the way out.
    pub fn read(text: RuleText, file_days: Option<Holidays>) -> Result<Rule, RuleError> {
        let fault = |field: &'static str, value: &str, problem: String| RuleError {
            id: text.id.clone().into_owned(),
            field,
            value: value.to_owned(),
            problem,
        };
        let required = |field: &'static str, value: &str, problem: &str| {
            if value.trim().is_empty() { Err(fault(field, value, problem.to_owned())) } else { Ok(()) }
        };
        required("id", &text.id, "every rule needs a name of its own")?;
        if text.default != "off" {
            required("citation", &text.citation, "name the law, or the person and the day that the rule is from")?;
        }
        if !is_jurisdiction(&text.jurisdiction) {
            let problem = "write a code of ISO 3166, such as US-TX or DE, or * for everywhere".to_owned();
            return Err(fault("jurisdiction", &text.jurisdiction, problem));
        }
        let date = |field: &'static str, value: &str| match value {
            "" => Ok(None),
            _ => {
                value.parse().map(Some).map_err(|_| fault(field, value, "write a date, such as 2026-11-20".to_owned()))
            }
        };
        let window = match &*text.window {
            "" => None,
            words => Some(window::read(words).map_err(|problem| fault("window", words, problem))?),
        };
        let closed_days = match (file_days, &*text.holidays) {
            (Some(days), _) => ClosedDays::Dates(days),
            (None, "") => ClosedDays::None,
            (None, words) => ClosedDays::read(words).map_err(|problem| fault("holidays", words, problem))?,
        };
        let caps = text
            .caps
            .split_ascii_whitespace()
            .map(|cap| cap.parse::<CapLimit>().map_err(|error| fault("caps", &text.caps, error.to_string())));
        let requires = text
            .requires
            .split_ascii_whitespace()
            .map(|word| Requirement::read(word).map_err(|problem| fault("requires", &text.requires, problem)));
        let confidence = match &*text.confidence {
            "" => None,
            word => Some(word.parse().map_err(|error| fault("confidence", word, format!("{error}")))?),
        };
        let is_on = match &*text.default {
            "" | "on" => true,
            "off" => false,
            other => return Err(fault("default", other, "write on or off".to_owned())),
        };
        let rule = Rule {
            applies_to: text
                .applies_to
                .parse()
                .map_err(|error| fault("applies_to", &text.applies_to, format!("{error}")))?,
            window,
            closed_days,
            caps: caps.collect::<Result<_, _>>()?,
            requires: requires.collect::<Result<_, _>>()?,
            as_of: date("as_of", &text.as_of)?.ok_or_else(|| {
                fault("as_of", "", "write the day on which the rule was read, such as 2026-11-20".to_owned())
            })?,
            effective_from: date("effective_from", &text.effective_from)?,
            effective_to: date("effective_to", &text.effective_to)?,
            confidence,
            is_on,
            text: RuleText::default(),
        };
        if let (Some(from), Some(to)) = (rule.effective_from, rule.effective_to)
            && to <= from
        {
            let problem = format!("it ends before it begins: write a day after {from}");
            return Err(fault("effective_to", &text.effective_to, problem));
        }
        Ok(Rule { text, ..rule })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.text.id
    }

    /// Whether its jurisdiction covers one of these regions; a country's rules hold in its regions.
    pub fn holds_in(&self, regions: &[Region]) -> bool {
        self.text.holds_in(regions)
    }

    /// Whether it is asked of a call to these regions. An unset purpose counts as sales.
    pub fn holds(&self, regions: &[Region], purpose: Option<Purpose>, voice: Voice) -> bool {
        self.is_on && self.holds_in(regions) && self.applies_to.fit_dial(purpose, voice)
    }

    /// Whether it is in force on the called person's date.
    pub fn is_in_force(&self, date: NaiveDate) -> bool {
        self.effective_from.is_none_or(|from| from <= date) && self.effective_to.is_none_or(|to| date < to)
    }

    /// Whether it is in force at an instant by the date of one of these zones.
    pub fn is_in_force_at(&self, zones: &[Zone], instant: DateTime<Utc>) -> bool {
        zones.iter().any(|zone| self.is_in_force(zone.local(instant).date()))
    }

    /// Its caps.
    pub fn named_caps(&self) -> impl Iterator<Item = Cap> {
        self.caps.iter().map(|limit| Cap { id: self.text.id.clone(), applies_to: self.applies_to, limit: *limit })
    }
}

/// `*`, or two letters, with a region of up to three behind them.
fn is_jurisdiction(text: &str) -> bool {
    let (country, region) = text.split_once('-').map_or((text, None), |(country, region)| (country, Some(region)));
    let is_country = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_region = |region: &str| {
        (1..=3).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    text == "*" || (is_country && region.is_none_or(is_region))
}

/// From `effective_from` to the day before `effective_to`, a rule closes on its days, and whenever no span of its window
/// has begun and not ended.
impl Clause for Rule {
    fn at(&self, reading: Reading) -> Verdict {
        /// Beyond any search: the answer stays.
        const FAR: i64 = 1_000;
        let days_until =
            |date: Option<NaiveDate>| date.map_or(FAR, |date| i64::from(date.to_epoch_days()) - reading.day);
        if let Some(wait) = self.effective_from.map(|_| days_until(self.effective_from)).filter(|wait| *wait > 0) {
            return Verdict::for_days(true, wait);
        }
        let left = days_until(self.effective_to);
        if left <= 0 {
            return Verdict::for_days(true, FAR);
        }
        let mut verdict = self.window.as_ref().map_or(Verdict::for_days(true, FAR), |window| window.at(reading));
        if verdict.open && self.closed_days != ClosedDays::None {
            let today = Verdict::whole_day(!self.closed_days.contains(reading.date()));
            verdict = Verdict {
                open: today.open,
                until: if today.open { verdict.until.min(today.until) } else { today.until },
            };
        }
        Verdict { until: verdict.until.min(Verdict::for_days(true, left).until), ..verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(field: &str, value: &str) -> RuleText {
        let mut text = RuleText {
            id: "acme-tx".into(),
            jurisdiction: "US-TX".into(),
            applies_to: "sales".into(),
            window: "*=10:00-20:00 Sun=-".into(),
            caps: "2/24h".into(),
            citation: "counsel, 2026-11-20".into(),
            as_of: "2026-11-20".into(),
            ..RuleText::default()
        };
        let cell = match field {
            "id" => &mut text.id,
            "jurisdiction" => &mut text.jurisdiction,
            "applies_to" => &mut text.applies_to,
            "window" => &mut text.window,
            "holidays" => &mut text.holidays,
            "caps" => &mut text.caps,
            "requires" => &mut text.requires,
            "citation" => &mut text.citation,
            "as_of" => &mut text.as_of,
            "effective_to" => &mut text.effective_to,
            "confidence" => &mut text.confidence,
            "default" => &mut text.default,
            other => panic!("{other}"),
        };
        *cell = value.to_owned().into();
        text
    }

    #[test]
    fn a_row_at_fault_names_its_field_value_and_way_out() {
        for (field, value, problem) in [
            ("jurisdiction", "Texas", "write a code of ISO 3166, such as US-TX or DE, or * for everywhere"),
            ("citation", "", "name the law, or the person and the day that the rule is from"),
            ("as_of", "", "write the day on which the rule was read, such as 2026-11-20"),
            ("as_of", "20.11.2026", "write a date, such as 2026-11-20"),
            ("default", "yes", "write on or off"),
            ("window", "Sun", "`Sun` is no DAYS=SPANS: write such as Mon-Fri=09:00-20:00 or Sun=-"),
            ("confidence", "high", "unknown confidence `high`: expected primary, two secondary, one, conflicting"),
        ] {
            let error = Rule::read(own(field, value), None).unwrap_err();
            assert_eq!(error.to_string(), format!("rule `acme-tx`: {field} = \"{value}\": {problem}"));
        }
        for (field, value, beginning) in [
            ("id", "", "every rule needs"),
            ("applies_to", "everyone", "`everyone` names no calls: write any, sales,"),
            ("holidays", "US-TX", "`US-TX` is no calendar: write US, US-AL,"),
            ("holidays", "02-30", "`02-30` is no calendar"),
            ("caps", "0/24h", "`0/24h` is not a cap: write such as 3/24h or rest/7d"),
            ("caps", "3/24h 3/0d", "`3/0d` is not a cap"),
            ("requires", "consent:oral", "unknown kind of consent `oral`: expected written,"),
            ("requires", "dnc", "`dnc` is no requirement: write such as consent:written,"),
            ("requires", "registry:<=31d", "`registry:<=31d` is no requirement"),
        ] {
            let error = Rule::read(own(field, value), None).unwrap_err();
            assert!(error.problem.starts_with(beginning), "{error}");
        }
        let ends = RuleText { effective_from: "2027-01-01".into(), ..own("effective_to", "2027-01-01") };
        assert_eq!(
            Rule::read(ends, None).unwrap_err().problem,
            "it ends before it begins: write a day after 2027-01-01"
        );
    }

    #[test]
    fn a_row_of_a_users_own_is_read_with_calendar_dates_or_a_file() {
        let rule = |text| Rule::read(text, None).unwrap();
        assert_eq!(rule(own("holidays", "US")).closed_days, ClosedDays::Calendar(Calendar::named("US").unwrap()));
        let dates = rule(own("holidays", "2026-11-27 12-24 02-29")).closed_days;
        for (date, closed) in [("2026-11-27", true), ("2031-12-24", true), ("2028-02-29", true), ("2027-11-27", false)]
        {
            assert_eq!(dates.contains(date.parse().ok()), closed, "{date}");
        }
        let mut of_file = Holidays::default();
        of_file.add_yearly(3, 1);
        let from_file = Rule::read(own("holidays", "days.ics"), Some(of_file.clone())).unwrap();
        assert_eq!(from_file.closed_days, ClosedDays::Dates(of_file));
        let caps: Vec<String> = rule(own("caps", "2/24h 6/7d rest/2d:person:client"))
            .named_caps()
            .map(|cap| format!("{} {} {}", cap.id, cap.applies_to, cap.limit))
            .collect();
        assert_eq!(
            caps,
            [
                "acme-tx sales 2/24h:network:number",
                "acme-tx sales 6/168h:network:number",
                "acme-tx sales rest/48h:person:client"
            ]
        );
        let needs = "consent:written unless:consent:express registry:us-national<=31d dnc:internal ring>=15s";
        let read: Vec<String> = rule(own("requires", needs)).requires.iter().map(ToString::to_string).collect();
        assert_eq!(read.join(" "), needs);
    }
}
