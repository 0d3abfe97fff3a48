//! Copies of the database, for people.

use std::io::{self, Write};

use super::escape::visible;
use super::number::{counted, with_commas};
use super::render::View;
use super::rows::RowView;
use super::table::Grid;
use super::time::RenderContext;
use crate::contract::{BackupView, CallView, RestoreView};

impl View for BackupView {
    fn table(&self, _: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let items = counted(self.items, "item");
        writeln!(out, "copied {items} to {} ({} bytes)", visible(&self.path), with_commas(self.bytes))
    }

    fn header() -> Vec<&'static str> {
        vec!["path", "bytes", "items"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![self.path.clone(), self.bytes.to_string(), self.items.to_string()]]
    }
}

impl View for RestoreView<'_> {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (path, database) = (visible(&self.path), visible(&self.database));
        writeln!(out, "{database} holds the content of {path} now; all clients are paused")?;
        if let Some(kept) = &self.kept {
            writeln!(out, "the database of before is kept as {}", visible(kept))?;
        }
        if self.calls.is_empty() {
            return writeln!(out, "nobody was called since the copy");
        }
        let made = match self.calls.len() {
            1 => "1 call was made since the copy; its item is held".to_owned(),
            count => format!("{count} calls were made since the copy; their items are held"),
        };
        writeln!(out, "{made}: `callq report` or `callq retry` settles each")?;
        let mut grid = Grid::new(CallView::headings(look), look.style);
        self.calls.iter().for_each(|call| grid.row(call.color(), call.cells(look)));
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        <CallView<'_> as RowView>::header().to_vec()
    }

    /// A row a call: whom the copy forgot.
    fn rows(&self) -> Vec<Vec<String>> {
        self.calls.iter().map(RowView::fields).collect()
    }
}
