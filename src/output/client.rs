//! The clients, a row each.

use std::io::{self, Write};

use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading};
use super::time::RenderContext;
use crate::contract::ClientView;

impl View for ClientView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        Self::table_of(std::slice::from_ref(self), look, out)
    }

    fn table_of(views: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let numbers = ["waiting", "in progress", "held", "finished"].map(|title| Heading::new(title).numbers());
        let [waiting, in_progress, held, finished] = numbers;
        let numbers = [waiting, in_progress.optional(1), held, finished.optional(2)];
        let headings = [Heading::new("client").least(6), Heading::new("configured").optional(0)];
        let mut grid = Grid::new(headings.into_iter().chain(numbers).collect(), look.style);
        for view in views {
            let configured = if view.configured { "yes" } else { "no" };
            let counts = [view.waiting, view.in_progress, view.held, view.finished].map(|count| count.to_string());
            grid.row(Color::Plain, [view.client_id.to_string(), configured.to_owned()].into_iter().chain(counts));
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec!["client_id", "configured", "waiting", "in_progress", "held", "finished"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let counts = [self.waiting, self.in_progress, self.held, self.finished].map(|count| count.to_string());
        vec![[self.client_id.to_string(), self.configured.to_string()].into_iter().chain(counts).collect()]
    }
}
