//! Rules of one's own: the rows `[[rules]]` of the configuration and of the files that `rules_files` names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::calendar::read_calendar;
use super::error::SpannedFault;
use super::row_table::rows;
use super::value::{Data, Value};
use crate::compliance::{Rule, RuleText};
use crate::model::did_you_mean;
use crate::scheduler::Holidays;
use crate::trusted_file::folder_of;

/// The name of the table of rows.
pub(super) const RULES: &str = "rules";

/// A row as its file writes it.
#[derive(Debug, Clone)]
pub(super) struct RuleRow {
    /// Where the row begins.
    span: Range<usize>,
    fields: BTreeMap<String, Value>,
}

/// The fields of a row. `caps`, `requires` and the dates of `holidays` are lists of texts.
const FIELDS: [&str; 14] = [
    "id",
    "jurisdiction",
    "applies_to",
    "window",
    "holidays",
    "caps",
    "requires",
    "citation",
    "source_read",
    "as_of",
    "effective_from",
    "effective_to",
    "confidence",
    "note",
];

impl RuleRow {
    /// Takes the rows of a value apart.
    pub(super) fn rows(value: &Spanned<DeValue<'_>>, mistakes: &mut Vec<SpannedFault>) -> Vec<RuleRow> {
        rows(RULES, value, mistakes, RuleRow::of)
    }

    fn of(span: Range<usize>, table: &DeTable<'_>, mistakes: &mut Vec<SpannedFault>) -> RuleRow {
        let mut fields = BTreeMap::new();
        for (name, value) in table {
            let known = name.get_ref().as_ref();
            if FIELDS.contains(&known) {
                fields.insert(known.to_owned(), Value::from_toml(value));
            } else {
                let id = table.get("id").and_then(|id| id.get_ref().as_str()).unwrap_or_default();
                let meant = did_you_mean(known, FIELDS);
                let message = format!("rule `{}`: unknown field `{}`{meant}", id.escape_debug(), known.escape_debug());
                mistakes.push((name.span(), message));
            }
        }
        RuleRow { span, fields }
    }

    /// The rule of a row of a file.
    ///
    /// # Errors
    /// The field at fault, with where it stands.
    pub(super) fn read(&self, file: &Path) -> Result<Arc<Rule>, SpannedFault> {
        let text = RuleText {
            id: self.cell("id")?,
            jurisdiction: self.cell("jurisdiction")?,
            applies_to: self.cell("applies_to")?,
            window: self.cell("window")?,
            holidays: self.cell("holidays")?,
            caps: self.cell("caps")?,
            requires: self.cell("requires")?,
            citation: self.cell("citation")?,
            source_read: self.cell("source_read")?,
            as_of: self.cell("as_of")?,
            effective_from: self.cell("effective_from")?,
            effective_to: self.cell("effective_to")?,
            confidence: self.cell("confidence")?,
            default: Cow::Borrowed(""),
            note: self.cell("note")?,
        };
        if let Some(fault) = id_fault(&text.id) {
            return Err(self.mistake("id", fault));
        }
        let days = self.days_of_file(&text, file)?;
        Rule::read(text, days).map(Arc::new).map_err(|error| (self.span_of(error.field), error.to_string()))
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.fields.get("id").and_then(word)
    }

    /// The iCalendar file that `holidays` names, beside the file of the row.
    pub(super) fn calendar(&self, file: &Path) -> Option<PathBuf> {
        let holidays = self.cell("holidays").ok()?;
        let is_file = Path::new(&*holidays).extension().is_some_and(|end| end.eq_ignore_ascii_case("ics"));
        is_file.then(|| folder_of(file).join(&*holidays))
    }

    fn days_of_file(&self, text: &RuleText, file: &Path) -> Result<Option<Holidays>, SpannedFault> {
        let Some(path) = self.calendar(file) else { return Ok(None) };
        let fault = |error| self.mistake("holidays", format!("rule `{}`: holidays: {error}", text.id.escape_debug()));
        let calendar = read_calendar(&path).map_err(fault)?;
        let mut days = Holidays::default();
        calendar.days.iter().flat_map(|closed| &closed.dates).for_each(|date| days.add_date(*date));
        Ok(Some(days))
    }

    /// A field as a cell of the table of rules: a list stands there with blanks between.
    fn cell(&self, name: &'static str) -> Result<Cow<'static, str>, SpannedFault> {
        let words = |values: &[Value]| {
            let texts: Option<Vec<&str>> = values.iter().map(word).collect();
            texts.map(|texts| texts.join(" "))
        };
        let Some(value) = self.fields.get(name) else { return Ok(Cow::Borrowed("")) };
        let cell = match &value.data {
            Data::List(values) if matches!(name, "caps" | "requires" | "holidays") => words(values),
            _ => word(value).map(str::to_owned),
        };
        let id = self.id().unwrap_or_default().escape_debug().to_string();
        let allowed = if matches!(name, "caps" | "requires") { "a list of texts" } else { "a text" };
        cell.map(Cow::Owned)
            .ok_or_else(|| self.mistake(name, format!("rule `{id}`: {name} is {value}: expected {allowed}")))
    }

    fn mistake(&self, field: &str, message: String) -> SpannedFault {
        (self.span_of(field), message)
    }

    /// Where a field stands; the row where it is missing.
    pub(super) fn span_of(&self, field: &str) -> Range<usize> {
        self.fields.get(field).map_or(&self.span, |value| &value.span).clone()
    }
}

/// A text, or a date, which TOML writes without quotes.
fn word(value: &Value) -> Option<&str> {
    match &value.data {
        Data::Text(text) => Some(text),
        Data::Other(date) if date.len() == "2026-11-20".len() => Some(date),
        _ => None,
    }
}

/// What keeps a text from naming a rule; that there is none the rule says itself.
fn id_fault(id: &str) -> Option<String> {
    let is_name = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (!is_name).then(|| {
        format!("rule `{}`: id: write letters, digits, `-` and `_`, so that `rules_off` can name it", id.escape_debug())
    })
}
