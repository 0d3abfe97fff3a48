//! Reads the rows of rules: typed, or refused with the row, the field, the value and the way out.

use std::fmt::Display;

use chrono::NaiveDate;

use super::closed_days::ClosedDays;
use super::requirement::Requirement;
use super::rule::Rule;
use super::rule_text::RuleText;
use super::terms::Terms;
use super::window;
use crate::model::{CapLimit, Confidence};
use crate::scheduler::Holidays;

/// The message for a row that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule `{}`: {}: {problem}", id.escape_debug(), cell_words(field, value))]
pub struct RuleError {
    /// The row's id, or where it stands when it has none.
    pub id: String,
    /// The field at fault.
    pub field: &'static str,
    pub value: String,
    /// What is wrong with it, and the way out.
    pub problem: String,
}

/// A cell as messages name it.
fn cell_words(field: &str, value: &str) -> String {
    if value.is_empty() { format!("it has no {field}") } else { format!("{field} = \"{}\"", value.escape_debug()) }
}

/// One cell of a row.
struct Cell<'a> {
    id: &'a str,
    field: &'static str,
    value: &'a str,
}

impl Cell<'_> {
    fn fault(&self, problem: impl Display) -> RuleError {
        let (id, value) = (self.id.to_owned(), self.value.to_owned());
        RuleError { id, field: self.field, value, problem: problem.to_string() }
    }

    fn read<T, E: Display>(&self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<T, RuleError> {
        read(self.value).map_err(|error| self.fault(error))
    }

    fn if_any<T, E: Display>(&self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, RuleError> {
        if self.value.is_empty() { Ok(None) } else { self.read(read).map(Some) }
    }

    fn words<T, E: Display>(&self, read: impl Fn(&str) -> Result<T, E>) -> Result<Vec<T>, RuleError> {
        self.value.split_ascii_whitespace().map(|word| read(word).map_err(|error| self.fault(error))).collect()
    }

    fn not_empty(&self, problem: &str) -> Result<(), RuleError> {
        if self.value.trim().is_empty() { Err(self.fault(problem)) } else { Ok(()) }
    }

    fn date(&self) -> Result<Option<NaiveDate>, RuleError> {
        self.if_any(|text| text.parse().map_err(|_| "write a date, such as 2026-11-20"))
    }
}

impl Rule {
    /// Reads a row. `file_days` are the dates of the file that its `holidays` names, read by the caller.
    ///
    /// # Errors
    /// The first field that cannot be read, with the row's id, the value and the way out.
    pub fn read(text: RuleText, file_days: Option<Holidays>) -> Result<Rule, RuleError> {
        let rule = read_cells(&text, file_days)?;
        Ok(Rule { text, ..rule })
    }
}

/// The rule of a row, without its text.
fn read_cells(text: &RuleText, file_days: Option<Holidays>) -> Result<Rule, RuleError> {
    let cell = |field: &'static str, value| Cell { id: &text.id, field, value };
    cell("id", &text.id).not_empty("every rule needs a name of its own")?;
    let jurisdiction = cell("jurisdiction", &text.jurisdiction);
    if !is_jurisdiction(jurisdiction.value) {
        return Err(jurisdiction.fault("write a code of ISO 3166, such as US-TX or DE, or * for everywhere"));
    }
    let is_on = cell("default", &text.default).read(|word| match word {
        "" | "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off"),
    })?;
    if is_on {
        let citation = cell("citation", &text.citation);
        citation.not_empty("name the law, or the person and the day that the rule is from")?;
    }
    let holidays = cell("holidays", &text.holidays);
    let closed_days = match file_days {
        Some(days) => ClosedDays::Dates(days),
        None => holidays.if_any(ClosedDays::read)?.unwrap_or(ClosedDays::None),
    };
    let (as_of, last) = (cell("as_of", &text.as_of), cell("effective_to", &text.effective_to));
    let (effective_from, effective_to) = (cell("effective_from", &text.effective_from).date()?, last.date()?);
    if let (Some(from), Some(to)) = (effective_from, effective_to)
        && to <= from
    {
        return Err(last.fault(format_args!("it ends before it begins: write a day after {from}")));
    }
    Ok(Rule {
        applies_to: cell("applies_to", &text.applies_to).read(str::parse::<Terms>)?,
        window: cell("window", &text.window).if_any(window::read)?,
        closed_days,
        caps: cell("caps", &text.caps).words(str::parse::<CapLimit>)?,
        requires: cell("requires", &text.requires).words(Requirement::read)?,
        as_of: as_of
            .date()?
            .ok_or_else(|| as_of.fault("write the day on which the rule was read, such as 2026-11-20"))?,
        effective_from,
        effective_to,
        confidence: cell("confidence", &text.confidence).if_any(str::parse::<Confidence>)?,
        is_on,
        text: RuleText::default(),
    })
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
            ("window", "Sun", "`Sun` is not DAYS=SPANS: write such as Mon-Fri=09:00-20:00 or Sun=-"),
            ("confidence", "high", "unknown confidence `high`: expected primary, two secondary, one, conflicting"),
        ] {
            let error = Rule::read(own(field, value), None).unwrap_err();
            let found = if value.is_empty() { format!("it has no {field}") } else { format!("{field} = \"{value}\"") };
            assert_eq!(error.to_string(), format!("rule `acme-tx`: {found}: {problem}"));
        }
        for (field, value, beginning) in [
            ("id", "", "every rule needs"),
            ("applies_to", "everyone", "`everyone` names no calls: write any, sales,"),
            ("holidays", "US-TX", "`US-TX` is not a calendar: write US, US-AL,"),
            ("holidays", "02-30", "`02-30` is not a calendar"),
            ("caps", "0/24h", "`0/24h` is not a cap: write such as 3/24h or rest/7d"),
            ("caps", "3/24h 3/0d", "`3/0d` is not a cap"),
            ("requires", "consent:oral", "unknown kind of consent `oral`: expected written,"),
            ("requires", "dnc", "`dnc` is not a requirement: write such as consent:written,"),
            ("requires", "registry:<=31d", "`registry:<=31d` is not a requirement"),
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
    fn caps_requirements_and_days_of_a_file_are_read() {
        let rule = |text| Rule::read(text, None).unwrap();
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
