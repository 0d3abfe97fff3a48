//! Results that come again and again: one over the other where that can be drawn, else one behind the other.

use std::io::Write;

use super::context::{Context, output_failed};
use super::present::with_look;
use crate::error::CommandError;
use crate::model::Format;
use crate::output::{self, ItemWriter, View, wrapped};

impl Context<'_> {
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
}
