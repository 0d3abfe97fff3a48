//! How a command shows its results. `present_again` shows those that come again and again, `talk` speaks to the person.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::context::{Context, output_failed};
use crate::config::Settings;
use crate::contract::{CheckRow, List};
use crate::error::CommandError;
use crate::model::{ClientId, Format};
use crate::output::{
    self, ItemWriter, LineWrapper, LocalTime, RenderContext, RowView, RowWriter, Screen, Style, View, ViewWriter,
};
use crate::scheduler::Zone;

impl Context<'_> {
    /// The format that was asked for.
    pub fn format(&self) -> Format {
        self.global.format()
    }

    pub(super) fn screen(&self) -> Screen {
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
}

/// Calls `with` with the look of results: local times by each client's zone.
pub(super) fn with_look<T>(
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
