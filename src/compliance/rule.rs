//! A rule of law, or of a user's own: where it holds, for which calls, and what it asks for.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};

use super::cap::Cap;
use super::closed_days::ClosedDays;
use super::region::Region;
use super::requirement::Requirement;
use super::rule_text::RuleText;
use super::terms::Terms;
use crate::model::{CapLimit, Confidence, Purpose, Voice};
use crate::scheduler::{Clause, LegalRule, Reading, Verdict, WeeklyHours, Zone};

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

impl Rule {
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

    /// Whether it says when a call may begin.
    pub fn speaks_of_hours(&self) -> bool {
        self.window.is_some() || self.closed_days != ClosedDays::None
    }

    pub fn named_caps(&self) -> impl Iterator<Item = Cap> {
        self.caps.iter().map(|limit| Cap { id: self.text.id.clone(), applies_to: self.applies_to, limit: *limit })
    }
}

impl LegalRule for Rule {
    fn id(&self) -> &str {
        Rule::id(self)
    }

    fn citation(&self) -> &str {
        &self.text.citation
    }

    fn has_ended(&self, reading: Reading) -> bool {
        reading.date().zip(self.effective_to).is_some_and(|(date, end)| date >= end)
    }

    fn limits(&self, reading: Reading) -> String {
        let date = reading.date();
        if self.closed_days.contains(date) {
            return "closes this holiday".to_owned();
        }
        let spans = date.and_then(|date| Some((date.weekday(), self.window.as_ref()?.spans(date.weekday()))));
        match spans {
            None => "limits no hours".to_owned(),
            Some((weekday, [])) => format!("closes {}", days_named(weekday)),
            Some((_, spans)) => {
                let spans: Vec<String> = spans.iter().map(ToString::to_string).collect();
                format!("allows {}", spans.join(" and "))
            }
        }
    }
}

/// Every such day of the week.
fn days_named(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Mondays",
        Weekday::Tue => "Tuesdays",
        Weekday::Wed => "Wednesdays",
        Weekday::Thu => "Thursdays",
        Weekday::Fri => "Fridays",
        Weekday::Sat => "Saturdays",
        Weekday::Sun => "Sundays",
    }
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
