//! Tables kept as text: one row a line, cells separated by a tab, sorted by the first cell as text. Nothing is parsed
//! before it is asked for; a look-up is a binary search over the text itself.

/// The rows of a table, without its comments.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// The cells of a row; an empty one, `-`, comes as the empty text.
pub(super) fn cells<const N: usize>(row: &'static str) -> [&'static str; N] {
    let mut cells = row.split('\t').map(|cell| if cell == "-" { "" } else { cell });
    std::array::from_fn(|_| cells.next().unwrap_or_default())
}

/// The row whose first cell is `key`.
pub(super) fn row(table: &'static str, key: &str) -> Option<&'static str> {
    row_at_or_before(table, key).filter(|row| first_cell(row) == key)
}

/// The row whose first cell is the longest beginning of `text`.
pub(super) fn longest_prefix(table: &'static str, text: &str) -> Option<&'static str> {
    let mut text = text;
    loop {
        let row = row_at_or_before(table, text)?;
        let cell = first_cell(row);
        let common = cell.bytes().zip(text.bytes()).take_while(|(left, right)| left == right).count();
        if common == cell.len() {
            return Some(row);
        }
        // A beginning of `text` is sorted before `text` and at or before `cell`, so it is one of what both share.
        text = text.get(..common).filter(|shared| !shared.is_empty())?;
    }
}

/// The last row whose first cell is at or before `key`. Comments are sorted before all rows, since `#` stands before
/// letters and digits.
fn row_at_or_before(table: &'static str, key: &str) -> Option<&'static str> {
    // The row that is looked for begins at `found`, or between `low` and `high`, which are beginnings of lines.
    let (mut low, mut high) = (0, table.len());
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        let start = table.get(low..middle)?.rfind('\n').map_or(low, |newline| low + newline + 1);
        let rest = table.get(start..high)?;
        if first_cell(rest) <= key {
            found = Some(start);
            low = rest.find('\n').map_or(high, |newline| start + newline + 1);
        } else {
            high = start;
        }
    }
    let row = table.get(found?..)?.lines().next()?;
    (!row.starts_with('#')).then_some(row)
}

/// What stands before the first tab.
fn first_cell(row: &str) -> &str {
    row.find('\t').and_then(|tab| row.get(..tab)).unwrap_or(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::data;

    const TABLE: &str = "# a table\n# key\tvalue\n12\ta\n1205\tb\n1205777\tc\n1206\t-\n3\te\n";

    #[test]
    fn a_row_is_found_by_its_first_cell() {
        for (key, found) in [("12", Some("a")), ("1205", Some("b")), ("3", Some("e")), ("1206", Some(""))] {
            assert_eq!(row(TABLE, key).map(|row| cells::<2>(row)[1]), found, "{key}");
        }
        for key in ["", "1", "120", "2", "30", "4", "# key", "A"] {
            assert_eq!(row(TABLE, key), None, "{key}");
        }
        assert_eq!(row("", "1"), None);
        assert_eq!(row("# only comments\n", "1"), None);
    }

    #[test]
    fn the_longest_beginning_decides() {
        for (text, cell) in [
            ("12057771", Some("1205777")),
            ("12057761", Some("1205")),
            ("1207", Some("12")),
            ("1299", Some("12")),
            ("3999", Some("3")),
            ("1", None),
            ("13", None),
            ("2", None),
            ("4", None),
            ("", None),
        ] {
            assert_eq!(longest_prefix(TABLE, text).map(first_cell), cell, "{text}");
        }
    }

    /// Each row of each table is found by the search, which shows that the search and the order agree.
    #[test]
    fn the_tables_are_ascii_sorted_and_found_row_by_row() {
        for (name, table, columns) in data::SORTED {
            assert!(table.is_ascii() && table.ends_with('\n') && !table.contains('\r'), "{name}");
            let all: Vec<&str> = rows(table).collect();
            assert!(!all.is_empty(), "{name}");
            assert!(all.is_sorted_by(|left, right| first_cell(left) < first_cell(right)), "{name}");
            let comments = table.lines().take_while(|line| line.starts_with('#')).count();
            assert_eq!(comments + all.len(), table.lines().count(), "{name}: comments stand before the rows");
            for row in all {
                assert_eq!(row.split('\t').count(), columns, "{name}: {row}");
                assert!(row.split('\t').all(|cell| !cell.is_empty() && cell.trim() == cell), "{name}: {row}");
                assert_eq!(super::row(table, first_cell(row)), Some(row), "{name}");
            }
        }
    }
}
