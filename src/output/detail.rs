//! An item whole, for people: its fields, its attempts, its changes; and the line that `add` prints.

use std::io::{self, Write};

use chrono::{DateTime, Utc};

use super::column::ItemColumn;
use super::escape::visible;
use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading, dash, or_dash};
use super::time::{RenderContext, relative, span_of_millis};
use crate::contract::{AddedView, AttemptView, ChangeView, ItemDetailView, ItemView, PrunedView};
use crate::model::{ClientId, Outcome};

impl View for ItemDetailView<'_> {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        fields(&self.item, look, out)?;
        attempts(&self.item, &self.history, look, out)?;
        changes(&self.item, &self.changes, look, out)
    }

    fn header() -> Vec<&'static str> {
        ItemColumn::ALL.map(ItemColumn::field).to_vec()
    }

    /// A row has no place for a history: CSV gives the item.
    fn rows(&self) -> Vec<Vec<String>> {
        vec![row(&self.item)]
    }
}

impl View for AddedView<'_> {
    /// The id, the slot on the client's clock, and how long until then.
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let slot = match self.item.next_call_at {
            Some(slot) => {
                format!("{}  {}", look.local(Some(self.item.client_id), slot), relative(slot, look.now))
            }
            None if self.item.status.is_waiting() => "never".to_owned(),
            None => self.item.status.to_string(),
        };
        let existing = if self.existing { "  existing" } else { "" };
        writeln!(out, "{}  {slot}{existing}", self.item.id)
    }

    fn header() -> Vec<&'static str> {
        let mut header = ItemDetailView::header();
        header.push("existing");
        header
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mut cells = row(&self.item);
        cells.push(self.existing.to_string());
        vec![cells]
    }
}

impl View for PrunedView<'_> {
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}  pruned  existing", self.id)
    }

    fn header() -> Vec<&'static str> {
        AddedView::header()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let cell = |field: &str| match field {
            "id" => self.id.to_string(),
            "key" => self.key.to_owned(),
            "client_id" => self.client_id.to_owned(),
            "lead_id" => self.lead_id.to_owned(),
            "existing" => true.to_string(),
            _ => String::new(),
        };
        vec![AddedView::header().into_iter().map(cell).collect()]
    }
}

fn row(item: &ItemView<'_>) -> Vec<String> {
    ItemColumn::ALL.iter().map(|column| column.cell(item).into_owned()).collect()
}

/// A line for each field that has a value.
fn fields(item: &ItemView<'_>, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
    let client = Some(item.client_id);
    let title = format!("item {}: {} of {}", item.id, visible(item.lead_id), visible(item.client_id.as_str()));
    writeln!(out, "{}", look.style.paint(Color::Bold, &title))?;
    let never = if item.status.is_waiting() { Some("never".to_owned()) } else { None };
    let next_call = item.next_call_at.map(|instant| look.when(client, instant)).or(never);
    let created = format!("{} by {}", look.when(client, item.created_at), item.created_by);
    let zones = ItemColumn::Timezones.cell(item);
    let lines = [
        ("status", Some(ItemColumn::Status.shown(item, look).into_owned())),
        ("reason", item.last_reason.map(str::to_owned)),
        ("priority", Some(item.priority.to_string())),
        ("next call", next_call),
        ("blocked by", item.blocked_by.map(str::to_owned)),
        ("scheduled", Some(look.when(client, item.scheduled_at))),
        ("expires", item.expires_at.map(|instant| look.when(client, instant))),
        ("retries", Some(format!("{} of {}", item.retry_count, item.max_retries))),
        ("attempts", Some(item.attempts.to_string())),
        ("phone", item.phone.map(str::to_owned)),
        ("zones", Some(zones.into_owned()).filter(|zones| !zones.is_empty())),
        ("key", item.key.map(str::to_owned)),
        ("metadata", item.metadata.map(|metadata| metadata.as_str().to_owned())),
        ("created", Some(created)),
        ("updated", Some(look.when(client, item.updated_at))),
    ];
    for (name, value) in lines {
        if let Some(value) = value {
            writeln!(out, "  {name:<10} {}", visible(&value))?;
        }
    }
    Ok(())
}

fn attempts(
    item: &ItemView<'_>,
    history: &[AttemptView<'_>],
    look: &RenderContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if history.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let headings = vec![
        Heading::new("attempt").numbers(),
        Heading::new("started").least(11),
        Heading::new("took").numbers().optional(1),
        Heading::new("outcome"),
        Heading::new("reason").least(5),
        Heading::new("call").least(10).optional(2),
    ];
    let mut grid = Grid::new(headings, look.style);
    for attempt in history {
        let cells = [
            attempt.fields.number.to_string(),
            look.short(Some(item.client_id), attempt.fields.started_at),
            attempt.fields.duration_ms.map_or_else(dash, span_of_millis),
            attempt.fields.outcome.map_or("in progress", Outcome::as_str).to_owned(),
            or_dash(attempt.fields.reason),
            or_dash(attempt.fields.call_id),
        ];
        grid.row(paint(attempt.fields.outcome), cells);
    }
    grid.write(out)?;
    for attempt in history {
        if let Some(detail) = attempt.fields.detail.filter(|detail| !detail.trim().is_empty()) {
            writeln!(out, "\nattempt {} said:", attempt.fields.number)?;
            for line in detail.lines() {
                writeln!(out, "  {}", visible(line))?;
            }
        }
        if let Some(metadata) = attempt.metadata {
            writeln!(out, "\nattempt {} metadata: {}", attempt.fields.number, visible(metadata.as_str()))?;
        }
    }
    Ok(())
}

fn changes(
    item: &ItemView<'_>,
    changes: &[ChangeView<'_>],
    look: &RenderContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let headings = vec![
        Heading::new("changed").least(11),
        Heading::new("by").least(6).optional(1),
        Heading::new("what"),
        Heading::new("from").least(5),
        Heading::new("to").least(5),
        Heading::new("reason").least(10).optional(2),
    ];
    let mut grid = Grid::new(headings, look.style);
    for change in changes {
        let cells = [
            look.short(Some(item.client_id), change.at),
            change.by.to_owned(),
            change.what.to_owned(),
            changed_value(look, item.client_id, change.what, change.from).unwrap_or_else(dash),
            changed_value(look, item.client_id, change.what, change.to).unwrap_or_else(dash),
            or_dash(change.reason),
        ];
        grid.row(Color::Plain, cells);
    }
    grid.write(out)
}

/// An old or new value of a change, for people: an instant is read on the client's clock, which the history keeps in
/// UTC.
pub(super) fn changed_value(
    look: &RenderContext<'_>,
    client: &ClientId,
    what: &str,
    value: Option<&str>,
) -> Option<String> {
    let is_instant = matches!(what, "scheduled_at" | "callback" | "expires_at");
    let instant = value.filter(|_| is_instant).and_then(|text| text.parse::<DateTime<Utc>>().ok());
    instant.map(|instant| look.short(Some(client), instant)).or_else(|| value.map(str::to_owned))
}

/// The paint of an attempt's row.
pub(super) fn paint(outcome: Option<Outcome>) -> Color {
    match outcome {
        Some(Outcome::Completed) => Color::Good,
        Some(Outcome::Failed) => Color::Bad,
        Some(Outcome::Unknown | Outcome::Unavailable) => Color::Warning,
        Some(Outcome::Retry | Outcome::Returned | Outcome::Accepted) | None => Color::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attempt, AttemptId, Change, RunId};
    use crate::output::sample::{self, at};

    fn written(look: &RenderContext<'_>) -> String {
        let mut item = sample::item(1);
        item.lead = "lead \u{202e}1".parse().unwrap();
        let started = at("2026-11-22T10:30:00Z");
        let history = [Attempt {
            id: AttemptId::new(started, [7; 10]),
            number: 1,
            started_at: started,
            finished_at: Some(at("2026-11-22T10:30:31Z")),
            outcome: Some(Outcome::Retry),
            reached: None,
            purpose: None,
            voice: None,
            consent: None,
            reason: Some("no_answer".into()),
            call_id: Some("call_0123456789abcdef0123456789abcdef".into()),
            duration_ms: Some(31_000),
            detail: Some("dialling\n\u{1b}[31mring\n".into()),
            metadata: Some("{\"rings\": 9}".parse().unwrap()),
            run: RunId::new(started, [8; 10]),
        }];
        let changes = [Change {
            at: at("2026-11-22T10:05:00Z"),
            by: "ops".into(),
            what: "priority".into(),
            from: Some("low".into()),
            to: Some("high".into()),
            reason: None,
        }];
        let view = ItemDetailView::new(&item, Some(at("2026-11-23T14:30:00Z")), &history, &changes, look.now);
        let mut out = Vec::new();
        view.table(look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_item_is_shown_whole() {
        let expected = "\
item 1: lead \\u{202e}1 of acme
  status     retry_scheduled
  reason     no_answer
  priority   high
  next call  2026-11-23 09:30 EST
  scheduled  2026-11-23 09:30 EST
  expires    2026-11-30 19:00 EST
  retries    1 of 3
  attempts   1
  phone      +12125554567
  zones      America/New_York America/Chicago
  key        order-7
  metadata   {\"name\": \"Zoë\"}
  created    2026-11-22 05:00 EST by ops
  updated    2026-11-22 06:00 EST

attempt  started               took  outcome  reason     call
      1  2026-11-22 05:30 EST  31 s  retry    no_answer  call_0123456789abcdef0123456789abcdef

attempt 1 said:
  dialling
  \\u{1b}[31mring

attempt 1 metadata: {\"rings\": 9}

changed               by   what      from  to    reason
2026-11-22 05:05 EST  ops  priority  low   high  -
";
        assert_eq!(written(&sample::look()), expected);
    }

    #[test]
    fn on_a_terminal_it_fits_and_says_how_long() {
        let text = written(&sample::terminal(80));
        assert!(text.contains("next call  2026-11-23 09:30 EST (in 1 d 2 h)"), "{text}");
        assert!(text.contains("created    2026-11-22 05:00 EST (2 h ago) by ops"), "{text}");
        for line in text.lines() {
            assert!(sample::width(line) <= 80, "{line}");
        }
        let narrow = written(&sample::terminal(40));
        let tables: Vec<&str> = narrow.lines().skip_while(|line| !line.is_empty()).collect();
        assert!(tables.iter().all(|line| sample::width(line) <= 40), "{narrow}");
        assert_eq!(tables[1], "attempt  started      outcome  reason", "{narrow}");
    }

    #[test]
    fn add_prints_the_id_the_slot_and_how_long() {
        let item = sample::item(42);
        let added = AddedView {
            item: ItemView::new(&item, Some(at("2026-11-23T14:30:00Z")), at("2026-11-22T12:00:00Z")),
            existing: false,
            recalled: None,
        };
        let mut out = Vec::new();
        added.table(&sample::look(), &mut out).unwrap();
        AddedView { existing: true, ..added }.table(&sample::look(), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "42  2026-11-23 09:30 EST  in 1 d 2 h\n42  2026-11-23 09:30 EST  in 1 d 2 h  existing\n"
        );
    }
}
