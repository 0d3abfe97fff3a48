//! What `prune` deleted and kept.

use std::io::{self, Write};

use super::number::counted;
use super::render::View;
use super::time::RenderContext;
use crate::contract::PruneView;

impl View for PruneView {
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let verb = if self.dry_run { "would delete" } else { "deleted" };
        let (items, attempts) = (counted(self.items, "finished item"), counted(self.attempts, "attempt"));
        let rest = if self.interrupted { "; interrupted, repeat it for the rest" } else { "" };
        writeln!(out, "{verb} {items} with {attempts}{rest}")?;
        match self.kept {
            0 => Ok(()),
            kept => writeln!(out, "kept {}: their calls still count for a cap", counted(kept, "item")),
        }
    }

    fn header() -> Vec<&'static str> {
        vec!["items", "attempts", "kept", "dry_run", "interrupted"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let PruneView { items, attempts, kept, dry_run, interrupted } = self;
        vec![vec![
            items.to_string(),
            attempts.to_string(),
            kept.to_string(),
            dry_run.to_string(),
            interrupted.to_string(),
        ]]
    }
}
