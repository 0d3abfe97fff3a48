//! Holidays, for people.

use std::io::{self, Write};

use super::escape::visible;
use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading};
use super::time::RenderContext;
use crate::contract::HolidayView;

impl View for HolidayView {
    /// One line.
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", holiday_line(self))
    }

    fn table_of(rows: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let headings = vec![
            Heading::new("date"),
            Heading::new("weekday"),
            Heading::new("name").least(12),
            Heading::new("file").least(12),
        ];
        let mut grid = Grid::new(headings, look.style);
        for row in rows {
            let (name, file) = (row.name.as_deref().unwrap_or("-"), row.file.as_deref().unwrap_or("-"));
            grid.row(Color::Plain, [row.date.as_str(), &row.weekday, name, file]);
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec!["date", "weekday", "name", "file"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let HolidayView { date, weekday, name, file } = self.clone();
        vec![vec![date, weekday, name.unwrap_or_default(), file.unwrap_or_default()]]
    }
}

/// `holiday: Thu 2026-11-26 Thanksgiving Day`.
pub fn holiday_line(holiday: &HolidayView) -> String {
    let name = holiday.name.as_ref().map(|name| format!(" {}", visible(name))).unwrap_or_default();
    format!("holiday: {} {}{name}", holiday.weekday, holiday.date)
}
