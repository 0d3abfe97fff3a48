//! Which items a command means: the filters of `list`, as SQL.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;

use crate::model::{ClientId, ItemId, LeadId, MetaTest, MetaValue, PhoneNumber, Priority, Status};
use crate::store::sqlite::schema::{OPEN, WAITING};

/// A selection of items; an empty filter selects every one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub client: Option<ClientId>,
    /// In one of these statuses; none means any.
    pub statuses: Vec<Status>,
    /// Of one of these priorities; none means any.
    pub priorities: Vec<Priority>,
    pub lead: Option<LeadId>,
    pub phone: Option<PhoneNumber>,
    /// With metadata that passes every one of these tests.
    pub meta: Vec<MetaTest>,
    /// With this text in the lead id, the key, the phone number, the metadata or the last reason; case is ignored.
    pub search: Option<String>,
    /// Scheduled at or after this instant.
    pub from: Option<DateTime<Utc>>,
    /// Scheduled before this instant.
    pub to: Option<DateTime<Utc>>,
    /// Waiting and due at this instant.
    pub due_at: Option<DateTime<Utc>>,
    pub held: bool,
    /// With a promised call.
    pub promised: bool,
    /// Also those held, beside the statuses.
    pub or_held: bool,
    /// With exactly this last reason.
    pub reason: Option<String>,
    /// With an id of one of these inclusive ranges; none means any.
    pub ids: Vec<(ItemId, ItemId)>,
}

/// The digits of a text that may be a phone number as people write it, or a part of one.
fn written_digits(text: &str) -> Option<String> {
    /// Fewer digits stand in nearly every number.
    const FEWEST: usize = 3;
    let is_written =
        |mark: char| mark.is_ascii_digit() || mark.is_whitespace() || "+-./()\u{2010}\u{2011}\u{2013}".contains(mark);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= FEWEST && text.chars().all(is_written)).then_some(digits)
}

impl Filter {
    /// Whether it selects every item.
    pub fn is_everything(&self) -> bool {
        *self == Filter::default()
    }

    /// Whether it can only select a few items, which an index finds: those of a lead or number, or of a few ids.
    pub fn names_few(&self) -> bool {
        const FEW: u64 = 1_000;
        let count = |(first, last): &(ItemId, ItemId)| last.get().saturating_sub(first.get()).saturating_add(1);
        let ids = self.ids.iter().map(count).fold(0, u64::saturating_add);
        self.lead.is_some() || self.phone.is_some() || (1..=FEW).contains(&ids)
    }

    /// The same selection, of those statuses only for which `wanted` holds; none when it allows no such status.
    pub fn only(&self, wanted: impl Fn(Status) -> bool) -> Option<Filter> {
        let allowed = if self.statuses.is_empty() { &Status::ALL[..] } else { &self.statuses };
        // Only what has failed is held, and only what waits is due.
        let can_be =
            |status: Status| (!self.held || status == Status::Failed) && (self.due_at.is_none() || status.is_waiting());
        // What is over has no promise.
        let can_be = |status: Status| can_be(status) && wanted(status) && !(self.promised && status.is_finished());
        let statuses: Vec<Status> = allowed.iter().copied().filter(|status| can_be(*status)).collect();
        match (statuses.is_empty(), self.or_held && can_be(Status::Failed)) {
            (true, false) => None,
            (true, true) => Some(Filter { statuses: vec![Status::Failed], held: true, or_held: false, ..self.clone() }),
            (false, or_held) => Some(Filter { statuses, or_held, ..self.clone() }),
        }
    }

    /// What is left to ask of an item of a group, which is of one client and priority and waits.
    pub(crate) fn within_group(&self) -> Filter {
        let statuses = if self.takes_all_waiting() { Vec::new() } else { self.statuses.clone() };
        Filter { client: None, priorities: Vec::new(), statuses, or_held: false, ..self.clone() }
    }

    /// Whether its statuses let every waiting item through.
    fn takes_all_waiting(&self) -> bool {
        let mut waiting = Status::ALL.iter().filter(|status| status.is_waiting());
        self.statuses.is_empty() || waiting.all(|status| self.statuses.contains(status))
    }

    /// The condition over the counters, where they know how many items it selects: by client, statuses, priorities, and
    /// whether held.
    pub(crate) fn counted(&self) -> Option<Condition> {
        let Filter { client, statuses, priorities, held, or_held, .. } = self.clone();
        let kind = Filter { client, statuses, priorities, held, or_held, ..Filter::default() };
        (kind == *self).then(|| self.kind())
    }

    /// The condition over what items are counted by.
    fn kind(&self) -> Condition {
        let mut condition = Condition::default();
        if let Some(client) = &self.client {
            condition.and("client_id = (SELECT id FROM clients WHERE name = ?)", [client.as_str().to_owned().into()]);
        }
        if !self.statuses.is_empty() && !self.or_held && self.statuses.iter().all(|status| status.is_waiting()) {
            condition.and(WAITING, []);
        }
        let words: Vec<String> = self.statuses.iter().map(|status| format!("'{status}'")).collect();
        let words = words.join(", ");
        if self.or_held {
            condition.and(&format!("(status IN ({words}) OR held = 1)"), []);
        } else if !self.takes_all_waiting() || self.statuses.iter().any(|status| !status.is_waiting()) {
            condition.and(&format!("status IN ({words})"), []);
        }
        if !self.priorities.is_empty() {
            let ranks: Vec<String> = self.priorities.iter().map(|priority| priority.rank().to_string()).collect();
            condition.and(&format!("priority IN ({})", ranks.join(", ")), []);
        }
        if self.held {
            condition.and("held = 1", []);
        }
        condition
    }

    /// The condition as SQL over the table `items`, with its parameters in order. Words and numbers of ours stand in the
    /// text, so that the planner sees which partial index serves: no plan depends on the value of a parameter.
    pub(crate) fn condition(&self) -> Condition {
        let mut condition = self.kind();
        if self.statuses == [Status::InProgress] && !self.or_held {
            condition.and(&format!("items.id IN (SELECT item_id FROM attempts WHERE {OPEN})"), []);
        }
        if let Some(lead) = &self.lead {
            condition.and("lead_id = ?", [lead.as_str().to_owned().into()]);
        }
        if let Some(phone) = &self.phone {
            condition.and("phone = ?", [phone.as_str().to_owned().into()]);
        }
        self.meta.iter().for_each(|test| condition.and_meta(test));
        if let Some(text) = &self.search {
            let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
            let columns = ["lead_id", "key", "phone", "metadata", "last_reason"];
            let mut terms: Vec<String> = columns.iter().map(|column| format!("{column} LIKE ? ESCAPE '\\'")).collect();
            let mut values = columns.map(|_| Value::from(pattern.clone())).to_vec();
            if let Some(digits) = written_digits(text) {
                terms.push("phone LIKE ?".to_owned());
                values.push(format!("%{digits}%").into());
            }
            condition.and(&format!("({})", terms.join(" OR ")), values);
        }
        if let Some(from) = self.from {
            condition.and("scheduled_at >= ?", [from.timestamp_millis().into()]);
        }
        if let Some(to) = self.to {
            condition.and("scheduled_at < ?", [to.timestamp_millis().into()]);
        }
        if let Some(now) = self.due_at.map(|at| at.timestamp_millis()) {
            condition.and(WAITING, []);
            condition.and("scheduled_at <= ?", [now.into()]);
            condition.and("(not_before IS NULL OR not_before <= ?)", [now.into()]);
            condition.and("(expires_at IS NULL OR expires_at > ?)", [now.into()]);
        }
        if self.promised {
            condition.and("callback_until IS NOT NULL", []);
        }
        if let Some(reason) = &self.reason {
            condition.and("last_reason = ?", [reason.clone().into()]);
        }
        if !self.ids.is_empty() {
            condition.and_ids("items.id", self.ids.iter().map(|(first, last)| (first.row(), last.row())));
        }
        condition
    }
}

/// The most terms between parentheses: SQLite refuses an expression that is 1,000 deep.
const MOST_TERMS: usize = 400;

/// SQL that says that an id lies in one of some ranges, however many there are.
fn any_of(column: &str, mut ranges: Vec<(i64, i64)>) -> String {
    ranges.sort_unstable();
    let (mut single, mut terms) = (Vec::new(), Vec::new());
    for (first, last) in joined(ranges) {
        if first == last {
            single.push(first.to_string());
        } else {
            terms.push(format!("{column} BETWEEN {first} AND {last}"));
        }
    }
    if !single.is_empty() {
        terms.push(format!("{column} IN ({})", single.join(", ")));
    }
    let groups = terms.chunks(MOST_TERMS).map(|group| format!("({})", group.join(" OR ")));
    format!("({})", groups.collect::<Vec<_>>().join(" OR "))
}

/// Sorted ranges, with those that meet as one.
fn joined(ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match joined.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// SQL terms joined by `AND`, and their parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    terms: Vec<String>,
    /// The parameters, in the order of their places.
    pub(crate) values: Vec<Value>,
}

impl Condition {
    pub(crate) fn and(&mut self, term: &str, values: impl IntoIterator<Item = Value>) {
        self.terms.push(term.to_owned());
        self.values.extend(values);
    }

    /// The ids lie in one of these ranges, each inclusive.
    pub(crate) fn and_ids(&mut self, column: &str, ranges: impl Iterator<Item = (i64, i64)>) {
        self.and(&any_of(column, ranges.collect()), []);
    }

    /// A test of a metadata field. A text that is no JSON has no fields: metadata of a damaged row stops no listing.
    fn and_meta(&mut self, test: &MetaTest) {
        let (is, value) = match &test.wanted {
            MetaValue::Present => ("EXISTS", None),
            MetaValue::Absent => ("NOT EXISTS", None),
            MetaValue::Is(value) => ("EXISTS", Some(value)),
            MetaValue::IsNot(value) => ("NOT EXISTS", Some(value)),
        };
        let term = if value.is_some() {
            " AND CASE field.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(field.value AS TEXT) END = ?"
        } else {
            " AND field.type <> 'null'"
        };
        let fields = "json_each(CASE WHEN json_valid(items.metadata) THEN items.metadata END) AS field";
        let values = [Some(&test.key), value].into_iter().flatten().map(|text| Value::from(text.clone()));
        self.and(&format!("{is} (SELECT 1 FROM {fields} WHERE field.key = ?{term})"), values);
    }

    /// The whole condition; `TRUE` when it has no term.
    pub(crate) fn sql(&self) -> String {
        if self.terms.is_empty() { "TRUE".to_owned() } else { self.terms.join(" AND ") }
    }
}
