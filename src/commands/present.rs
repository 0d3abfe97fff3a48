//! How a command shows its results, and talks to the person at the prompt.

use std::collections::HashMap;
use std::io::Write;

use chrono::{DateTime, Utc};

use super::context::{Context, output_failed};
use super::explain::explain;
use crate::config::Settings;
use crate::contract::{CheckRow, List};
use crate::error::CommandError;
use crate::model::{ClientId, Format};
use crate::output::{
    self, ItemWriter, LineWrapper, LocalTime, RenderContext, RowView, RowWriter, Screen, Style, View, ViewWriter,
    wrapped,
};
use crate::scheduler::Zone;

impl Context<'_> {
    /// The format that was asked for.
    pub fn format(&self) -> Format {
        self.global.format()
    }

    fn screen(&self) -> Screen {
        (self.screen)().unwrap_or(Screen::USUAL)
    }

    /// What standard output can show.
    pub fn style(&self) -> Style {
        Style {
            terminal: self.surroundings.colors.terminal,
            color: self.global.color.decide(self.surroundings.colors),
            width: self.screen().columns,
        }
    }

    /// What standard error can show.
    pub fn talk_style(&self) -> Style {
        Style { terminal: self.surroundings.stderr_is_terminal, color: false, width: self.screen().columns }
    }

    /// Standard output for pages: lines that are too long for a terminal are broken between words.
    pub fn page_out(&mut self) -> LineWrapper<'_> {
        let style = if self.format() == Format::Table { self.style() } else { Style::PLAIN };
        LineWrapper::new(self.out, style)
    }

    /// Writes a result.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show<V: View>(&mut self, view: &V) -> Result<(), CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| output::render(view, format, look, &mut self.page_out()))
            .map_err(output_failed)
    }

    /// Writes a result without instants: it needs no settings.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show_timeless<V: View>(&mut self, view: &V) -> Result<(), CommandError> {
        let (format, style, now) = (self.format(), self.style(), self.now());
        let local = |_: Option<&ClientId>, instant: DateTime<Utc>| LocalTime {
            local: instant.naive_utc(),
            abbreviation: "UTC".to_owned(),
        };
        let look = RenderContext { style, now, local: &local };
        output::render(view, format, &look, &mut self.page_out()).map_err(output_failed)
    }

    /// Writes checks. People who ask for quiet read only of what is not well.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn show_checks(&mut self, mut rows: Vec<CheckRow>) -> Result<(), CommandError> {
        if self.global.quiet && self.format() == Format::Table {
            rows.retain(|row| row.verdict != "ok");
        }
        self.show_timeless(&List { rows })
    }

    /// Writes results one by one, as `feed` hands them over.
    ///
    /// # Errors
    /// What `feed` reports, or when the output cannot be written.
    pub fn show_each<T>(
        &mut self,
        feed: impl FnOnce(&mut ViewWriter<'_>) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| {
            let mut out = self.page_out();
            let mut writer = ViewWriter::new(format, *look, &mut out);
            let fed = feed(&mut writer)?;
            writer.finish().map_err(output_failed)?;
            Ok(fed)
        })
    }

    /// Writes items one by one, as `feed` hands them over. Gives back the columns that had no room, too.
    ///
    /// # Errors
    /// What `feed` reports, or when the output cannot be written.
    pub fn show_items<T>(
        &mut self,
        columns: Option<&[output::ListColumn]>,
        feed: impl FnOnce(&mut ItemWriter<'_>) -> Result<T, CommandError>,
    ) -> Result<(T, Vec<String>), CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| {
            let mut out = self.page_out();
            let mut writer = ItemWriter::new(format, columns, *look, &mut out);
            let fed = feed(&mut writer)?;
            Ok((fed, writer.finish().map_err(output_failed)?))
        })
    }

    /// Writes items that come again and again: over those before where that can be drawn, else behind them.
    ///
    /// # Errors
    /// What `feed` reports, or when the output cannot be written.
    pub fn show_items_over<T>(
        &mut self,
        columns: Option<&[output::ListColumn]>,
        is_first: bool,
        feed: impl FnOnce(&mut ItemWriter<'_>) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let format = if self.format() == Format::Json { Format::Jsonl } else { self.format() };
        let (settings, style, now, rows) = (self.settings()?, self.style(), self.now(), self.screen().rows);
        let mut page = Vec::new();
        let fed = with_look(&settings, style, now, |look| {
            let mut writer = ItemWriter::new(format, columns, *look, &mut page);
            let fed = feed(&mut writer)?;
            writer.finish().map_err(output_failed)?;
            Ok::<T, CommandError>(fed)
        })?;
        let drawn = if self.draws_over() {
            output::draw_over(&wrapped(&String::from_utf8_lossy(&page), style), rows, is_first, self.out)
        } else {
            let gap: &[u8] = if is_first || format != Format::Table { b"" } else { b"\n" };
            self.out.write_all(gap).and_then(|()| self.page_out().write_all(&page))
        };
        drawn.and_then(|()| self.out.flush()).map_err(output_failed)?;
        Ok(fed)
    }

    /// Whether a person reads the result as it comes.
    pub fn is_for_a_person(&self) -> bool {
        self.format() == Format::Table && self.surroundings.colors.terminal
    }

    /// Writes rows of the kind `V` one by one, as `feed` hands them over.
    ///
    /// # Errors
    /// What `feed` reports, or when the output cannot be written.
    pub(super) fn show_rows<V: RowView, T>(
        &mut self,
        feed: impl FnOnce(&mut RowWriter<'_>) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| {
            let mut out = self.page_out();
            let mut writer = RowWriter::new::<V>(format, *look, &mut out).map_err(output_failed)?;
            let fed = feed(&mut writer)?;
            writer.finish().map_err(output_failed)?;
            Ok(fed)
        })
    }

    /// Whether reports of runs go to standard output.
    pub fn shows_runs(&self) -> bool {
        !self.global.quiet || self.format() != Format::Table
    }

    /// Writes a result that comes again and again, behind the one before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show_turn<V: View>(&mut self, turn: &V, is_first: bool) -> Result<(), CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| output::render_turn(turn, format, is_first, look, &mut self.page_out()))
            .and_then(|()| self.out.flush())
            .map_err(output_failed)
    }

    /// Whether results for people can be drawn one over the other.
    pub fn draws_over(&self) -> bool {
        let signs = self.surroundings.colors;
        self.format() == Format::Table && signs.terminal && !signs.dumb
    }

    /// Writes a result that comes again and again: over the one before where that can be drawn, else behind it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show_over<V: View>(&mut self, view: &V, is_first: bool) -> Result<(), CommandError> {
        if !self.draws_over() {
            return self.show_turn(view, is_first);
        }
        let (settings, style, now, rows) = (self.settings()?, self.style(), self.now(), self.screen().rows);
        with_look(&settings, style, now, |look| view.table_over(rows, is_first, look, self.out))
            .and_then(|()| self.out.flush())
            .map_err(output_failed)
    }

    /// Warns of a failure; the command goes on.
    pub fn warn_of(&mut self, error: &CommandError) {
        let style = self.talk_style();
        explain(error, self.format(), style, self.err);
    }

    /// Says to a person that a result has no rows.
    pub fn say_if_empty(&mut self, is_empty: bool, sentence: &str) {
        if is_empty && self.is_for_a_person() {
            self.say(format_args!("{sentence}"));
        }
    }

    /// Says something to the person at the prompt, unless --quiet is given.
    pub fn say(&mut self, text: std::fmt::Arguments<'_>) {
        if !self.global.quiet {
            // Talk that nobody can read does not fail the command.
            let text = text.to_string();
            let _ = writeln!(self.err, "{}", wrapped(&output::visible(&text), self.talk_style()));
        }
    }
}

/// Calls `with` with the look of results: local times by each client's zone.
fn with_look<T>(
    settings: &Settings,
    style: Style,
    now: DateTime<Utc>,
    with: impl FnOnce(&RenderContext<'_>) -> T,
) -> T {
    let zones: HashMap<&ClientId, &Zone> =
        settings.policies.clients().map(|client| (client, &settings.policies.of(client).hours.zone)).collect();
    let default_zone = &settings.policies.defaults().hours.zone;
    let local = |client: Option<&ClientId>, instant: DateTime<Utc>| {
        let zone = client.and_then(|client| zones.get(client).copied()).unwrap_or(default_zone);
        LocalTime { local: zone.local(instant), abbreviation: zone.abbreviation_at(instant) }
    };
    with(&RenderContext { style, now, local: &local })
}
