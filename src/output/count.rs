//! A bare number, for people and programs.

use std::io::{self, Write};

use super::render::View;
use super::time::RenderContext;
use crate::contract::CountView;

impl View for CountView {
    fn table(&self, _: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.count)
    }

    fn header() -> Vec<&'static str> {
        vec!["count"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![self.count.to_string()]]
    }
}
