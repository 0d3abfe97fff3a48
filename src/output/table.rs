//! Plain tables: no borders, one line a row, cut to a terminal and never cut elsewhere.

use std::borrow::Cow;
use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width, presets};

use super::escape::visible;
use super::style::{Color, Style};

/// Spaces between two columns.
const GAP: usize = 2;

/// The head of a column and how it gives way on a narrow terminal.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    title: Cow<'static, str>,
    right: bool,
    least: Option<usize>,
    /// How soon it is left out when room is short; none never is.
    dropped: Option<u8>,
}

/// What a cell shows where nothing is known.
pub(super) fn dash() -> String {
    "-".to_owned()
}

pub(super) fn or_dash(value: Option<&str>) -> String {
    value.map_or_else(dash, str::to_owned)
}

impl Heading {
    /// A column of words that keeps its width.
    pub(super) fn new(title: impl Into<Cow<'static, str>>) -> Heading {
        Heading { title: title.into(), right: false, least: None, dropped: None }
    }

    /// Aligned on the right.
    pub(super) fn numbers(self) -> Heading {
        Heading { right: true, ..self }
    }

    /// May be cut down to this width.
    pub(super) fn least(self, least: usize) -> Heading {
        Heading { least: Some(least), ..self }
    }

    /// The same, where there is a rank.
    pub(super) fn optional_at(self, rank: Option<u8>) -> Heading {
        Heading { dropped: rank, ..self }
    }

    /// May be left out when nothing else helps; the highest rank goes first.
    pub(super) fn optional(self, rank: u8) -> Heading {
        Heading { dropped: Some(rank), ..self }
    }
}

/// A table that is written in pages, so that a long one needs no more memory than a page.
pub(super) struct Grid {
    headings: Vec<Heading>,
    style: Style,
    rows: Vec<(Color, Vec<String>)>,
    /// The columns that are shown and their widths, once a page is written.
    widths: Option<Vec<(usize, usize)>>,
}

impl Grid {
    pub(super) fn new(headings: Vec<Heading>, style: Style) -> Grid {
        Grid { headings, style, rows: Vec::new(), widths: None }
    }

    /// Adds a row; what its cells hold is made visible here, so that no caller can forget it.
    pub(super) fn row<'c, T: Into<Cow<'c, str>>>(&mut self, paint: Color, cells: impl IntoIterator<Item = T>) {
        self.rows.push((paint, cells.into_iter().map(|cell| shown(cell.into())).collect()));
    }

    /// The rows that wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.rows.len()
    }

    /// Writes the waiting rows, the first time under their header. Writes nothing when none waits.
    pub(super) fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let first = self.widths.is_none();
        let rows = std::mem::take(&mut self.rows);
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_truncation_indicator("…")
            // No cell holds this character any more, so that a long cell is cut where it ends and not at a word.
            .set_delimiter('\0');
        table.set_header(self.headings.iter().map(|heading| visible(&heading.title)));
        let mut paints = vec![Color::Bold];
        for (paint, cells) in rows {
            let mut row = Row::from(cells.into_iter().map(Cell::new_owned));
            row.max_height(1);
            table.add_row(row);
            paints.push(paint);
        }
        let natural: Vec<usize> = table.column_max_content_widths().iter().copied().map(usize::from).collect();
        let widths = self.fit(&natural);
        for (index, column) in table.column_iter_mut().enumerate() {
            match widths.iter().find(|(shown, _)| *shown == index) {
                Some((_, width)) => {
                    let gap = if widths.last().is_some_and(|(last, _)| *last == index) { 0 } else { GAP };
                    let gap = u16::try_from(gap).unwrap_or_default();
                    column.set_padding((0, gap));
                    let fixed = u16::try_from(*width).unwrap_or(u16::MAX).saturating_add(gap);
                    column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(fixed)));
                }
                None => {
                    column.set_constraint(ColumnConstraint::Hidden);
                }
            }
            if self.headings.get(index).is_some_and(|heading| heading.right) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        self.widths = Some(widths);
        for (line, paint) in table.lines().zip(paints).skip(usize::from(!first)) {
            writeln!(out, "{}", self.style.paint(paint, line.trim_end()))?;
        }
        Ok(())
    }

    /// The titles of the columns that a written page has left out.
    pub(super) fn hidden(&self) -> Vec<String> {
        let Some(widths) = &self.widths else { return Vec::new() };
        let is_hidden = |index: &usize| !widths.iter().any(|(shown, _)| shown == index);
        let hidden = (0..self.headings.len()).filter(is_hidden);
        hidden.filter_map(|index| self.headings.get(index)).map(|heading| heading.title.to_string()).collect()
    }

    /// Which columns are shown and how wide, given how wide each would like to be.
    fn fit(&self, natural: &[usize]) -> Vec<(usize, usize)> {
        let mut shown: Vec<(usize, usize)> = match &self.widths {
            // A later page keeps the columns of the first and only ever widens them.
            Some(before) => before
                .iter()
                .map(|&(index, width)| (index, natural.get(index).copied().unwrap_or_default().max(width)))
                .collect(),
            None => natural.iter().copied().enumerate().collect(),
        };
        if !self.style.terminal {
            return shown;
        }
        loop {
            let gaps = GAP * shown.len().saturating_sub(1);
            let wanted: usize = shown.iter().map(|(_, width)| width).sum::<usize>() + gaps;
            let surplus = wanted.saturating_sub(self.style.width);
            let least: usize = shown.iter().map(|&(index, width)| self.least(index, width)).sum::<usize>() + gaps;
            if surplus == 0 {
                return shown;
            }
            if least <= self.style.width {
                self.narrow(&mut shown, surplus);
                return shown;
            }
            let dropped = if self.widths.is_some() {
                None
            } else {
                let rank = |index: usize| self.headings.get(index).and_then(|heading| heading.dropped);
                let ranked = shown.iter().enumerate().filter_map(|(at, (index, _))| Some((rank(*index)?, at)));
                ranked.max().map(|(_, at)| at)
            };
            match dropped {
                Some(position) => {
                    shown.remove(position);
                }
                None => {
                    self.narrow(&mut shown, surplus);
                    return shown;
                }
            }
        }
    }

    /// Takes `surplus` from the columns that can give way, always from the widest of them.
    fn narrow(&self, shown: &mut [(usize, usize)], surplus: usize) {
        for _ in 0..surplus {
            let widest = shown
                .iter_mut()
                .filter(|(index, width)| *width > self.least(*index, *width))
                .max_by_key(|(_, width)| *width);
            match widest {
                Some((_, width)) => *width -= 1,
                None => return,
            }
        }
    }

    /// The width under which a column does not go.
    fn least(&self, index: usize, width: usize) -> usize {
        self.headings.get(index).and_then(|heading| heading.least).map_or(width, |least| least.min(width))
    }
}

/// The text that is shown of a cell.
fn shown(cell: Cow<'_, str>) -> String {
    let spelt_out = match visible(&cell) {
        Cow::Owned(other) => Some(other),
        Cow::Borrowed(_) => None,
    };
    spelt_out.unwrap_or_else(|| cell.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::output::sample;

    fn grid(width: usize, rows: &[Vec<String>]) -> String {
        let headings = vec![
            Heading::new("id").numbers(),
            Heading::new("lead").least(6),
            Heading::new("reason").least(10).optional(1),
        ];
        let mut grid = Grid::new(headings, Style { terminal: true, color: false, width });
        let mut out = Vec::new();
        for page in rows.chunks(3) {
            page.iter().for_each(|cells| grid.row(Color::Plain, cells));
            grid.write(&mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_optional_column_goes_before_the_others_are_cut_below_their_least() {
        let rows = [vec!["7".into(), "lead-000001".into(), "nobody answered".into()]];
        assert_eq!(grid(80, &rows), "id  lead         reason\n 7  lead-000001  nobody answered\n");
        assert_eq!(grid(28, &rows), "id  lead         reason\n 7  lead-000001  nobody ans…\n");
        assert_eq!(grid(26, &rows), "id  lead        reason\n 7  lead-0000…  nobody an…\n");
        assert_eq!(grid(15, &rows), "id  lead\n 7  lead-000001\n");
        assert_eq!(grid(10, &rows), "id  lead\n 7  lead-…\n");
    }

    proptest! {
        #[test]
        fn any_text_takes_one_line_and_stays_inside(
            rows in proptest::collection::vec((1..999_u16, "\\PC{0,40}", "[a-z \u{0}-\u{1f}\u{4e00}-\u{4eff}]{0,40}"), 1..8),
            width in 24..120_usize,
        ) {
            let rows: Vec<Vec<String>> =
                rows.into_iter().map(|(id, lead, reason)| vec![id.to_string(), lead, reason]).collect();
            let text = grid(width, &rows);
            prop_assert_eq!(text.lines().count(), rows.len() + 1, "{}", text);
            prop_assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{:?}", text);
            if text.is_ascii() {
                prop_assert!(text.lines().all(|line| sample::width(line) <= width), "{}", text);
            }
        }
    }
}
