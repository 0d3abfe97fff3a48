//! The do-not-call list and the copies of registries, for people and as CSV.

use std::io::{self, Write};

use super::escape::visible;
use super::number::{counted, with_commas};
use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading};
use super::time::RenderContext;
use crate::contract::{DncAddedView, DncCheckView, DncEntryView, EndedItemView, RegistryView, instant_text};

/// A person is shown this number of the items that an entry ended.
const ENOUGH_ITEMS: usize = 10;

/// One line, such as `+12125550117  all clients  since 2026-11-23  source caller`.
fn line(entry: &DncEntryView, look: &RenderContext<'_>) -> String {
    let client = entry.client_id.as_ref();
    let day = |instant| look.local(client, instant).local.format("%Y-%m-%d").to_string();
    let whose = client.map_or_else(|| "all clients".to_owned(), |client| format!("client {client}"));
    let mut text = format!("{}  {whose}  since {}  source {}", entry.number, day(entry.since), entry.source);
    if let Some(until) = entry.until {
        text.push_str(&format!("  until {}", look.local(client, until)));
    }
    if let Some(reason) = &entry.reason {
        text.push_str(&format!("  reason {reason}"));
    }
    if let (Some(at), Some(by)) = (entry.removed_at, &entry.removed_by) {
        let reason = entry.removed_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        text.push_str(&format!("  ended {} by {by}{reason}", day(at)));
    }
    visible(&text).into_owned()
}

const ENTRY: [&str; 11] = [
    "number",
    "client_id",
    "source",
    "reason",
    "since",
    "until",
    "by",
    "item_id",
    "removed_at",
    "removed_by",
    "removed_reason",
];

fn cells(entry: &DncEntryView) -> Vec<String> {
    vec![
        entry.number.clone(),
        entry.client_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        entry.source.clone(),
        entry.reason.clone().unwrap_or_default(),
        instant_text(entry.since),
        entry.until.map(instant_text).unwrap_or_default(),
        entry.by.clone(),
        entry.item_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.removed_at.map(instant_text).unwrap_or_default(),
        entry.removed_by.clone().unwrap_or_default(),
        entry.removed_reason.clone().unwrap_or_default(),
    ]
}

impl View for DncEntryView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", line(self, look))
    }

    fn header() -> Vec<&'static str> {
        ENTRY.to_vec()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![cells(self)]
    }

    /// A line follows the other.
    fn turn(&self, _is_first: bool, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.table(look, out)
    }
}

impl View for DncAddedView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        DncAddedView::table_of(std::slice::from_ref(self), look, out)
    }

    fn table_of(views: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        for view in views {
            let before = if view.existing { "  (as before)" } else { "" };
            writeln!(out, "{}{before}", line(&view.entry, look))?;
        }
        let count: u64 = views.iter().map(|view| view.ended_count).sum();
        if count == 0 {
            return Ok(());
        }
        let ended = views.iter().flat_map(|view| &view.ended).take(ENOUGH_ITEMS);
        let named: Vec<String> =
            ended.map(|EndedItemView { client_id, lead_id, .. }| format!("{client_id} {lead_id}")).collect();
        let more = if count > named.len() as u64 { ", …" } else { "" };
        let items = counted(count, "waiting item");
        writeln!(out, "{items} ended (do_not_call): {}{more}", visible(&named.join(", ")))
    }

    fn header() -> Vec<&'static str> {
        ENTRY.iter().copied().chain(["existing", "ended_count"]).collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let more = [self.existing.to_string(), self.ended_count.to_string()];
        vec![cells(&self.entry).into_iter().chain(more).collect()]
    }
}

impl View for DncCheckView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        DncCheckView::table_of(std::slice::from_ref(self), look, out)
    }

    fn table_of(views: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let headings = ["number", "list", "verdict"].map(Heading::new).into_iter();
        let mut grid = Grid::new(headings.chain([Heading::new("detail").least(20).optional(0)]).collect(), look.style);
        for view in views {
            let verdict = match (view.listed, view.covered) {
                (true, _) => "LISTED",
                (false, Some(false)) => "not covered",
                (false, _) => "free",
            };
            let detail = match (&view.entry, view.as_of) {
                (Some(entry), _) => line(entry, look),
                (None, Some(date)) => format!("as of {date}"),
                (None, None) => "-".to_owned(),
            };
            let color = if view.listed { Color::Warning } else { Color::Plain };
            grid.row(color, [view.number.clone(), view.list.clone(), verdict.to_owned(), detail]);
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec!["number", "list", "listed", "covered", "as_of", "entry", "client_id", "source", "since", "until"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let entry = self.entry.as_ref();
        let client = entry.and_then(|entry| entry.client_id.as_ref());
        vec![vec![
            self.number.clone(),
            self.list.clone(),
            self.listed.to_string(),
            self.covered.map(|covered| covered.to_string()).unwrap_or_default(),
            self.as_of.map(|date| date.to_string()).unwrap_or_default(),
            entry.map(|entry| entry.number.clone()).unwrap_or_default(),
            client.map(ToString::to_string).unwrap_or_default(),
            entry.map(|entry| entry.source.clone()).unwrap_or_default(),
            entry.map(|entry| instant_text(entry.since)).unwrap_or_default(),
            entry.and_then(|entry| entry.until).map(instant_text).unwrap_or_default(),
        ]]
    }
}

impl View for RegistryView {
    /// One line, such as `us-national: 1,980,164 numbers of 3 area codes, as of 2026-11-20; fresh until 2026-12-21`.
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let RegistryView { name, numbers, coverage, as_of, fresh_until, .. } = self;
        let until = if self.stale { "TOO OLD since" } else { "fresh until" };
        let (name, numbers) = (visible(name), counted(*numbers, "number"));
        writeln!(out, "{name}: {numbers} of {coverage}, as of {as_of}; {until} {fresh_until}")
    }

    fn table_of(views: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut grid = Grid::new(
            vec![
                Heading::new("registry"),
                Heading::new("as of").optional(0),
                Heading::new("age").numbers().optional(2),
                Heading::new("numbers").numbers().optional(1),
                Heading::new("covers").least(12).optional(3),
                Heading::new("fresh until"),
            ],
            look.style,
        );
        for view in views {
            let until =
                if view.stale { format!("{}: TOO OLD", view.fresh_until) } else { view.fresh_until.to_string() };
            let cells = [
                view.name.clone(),
                view.as_of.to_string(),
                format!("{} d", view.age_days),
                with_commas(view.numbers),
                view.covers.join(","),
                until,
            ];
            grid.row(if view.stale { Color::Warning } else { Color::Plain }, cells);
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec!["name", "as_of", "age_days", "numbers", "covers", "fresh_until", "stale", "imported_at", "by"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![
            self.name.clone(),
            self.as_of.to_string(),
            self.age_days.to_string(),
            self.numbers.to_string(),
            self.covers.join(","),
            self.fresh_until.to_string(),
            self.stale.to_string(),
            instant_text(self.imported_at),
            self.by.clone(),
        ]]
    }
}
