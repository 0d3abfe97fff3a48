//! The week as a picture: a row a day, told apart by the sign and not by color.

use std::io::{self, Write};

use chrono::NaiveDate;

use super::style::{Color, Style};

/// What holds in a quarter of an hour of the client's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuarterHour {
    /// The client is open.
    pub business: bool,
    /// One of the best hours.
    pub prime: bool,
    /// Legal on the clock of the person who is called.
    pub legal: bool,
    /// A call of the priority that was asked about may start in all of it.
    pub callable: bool,
}

/// One day of the client's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayPicture {
    pub date: NaiveDate,
    /// Its quarters from midnight on the wall clock; 96 of them. An hour that a clock change skips has quarters in which
    /// nothing holds, and one that it repeats stands once.
    pub quarters: Vec<QuarterHour>,
}

/// What a cell shows, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Closed,
    Legal,
    Business,
    Prime,
    Callable,
    CallablePrime,
}

impl Sign {
    const LEGEND: [(Sign, &'static str); 6] = [
        (Sign::CallablePrime, "calls may start, best hours"),
        (Sign::Callable, "calls may start"),
        (Sign::Prime, "best hours, but no such call"),
        (Sign::Business, "open, but no such call"),
        (Sign::Legal, "legal for the lead, but closed"),
        (Sign::Closed, "neither"),
    ];

    fn of(quarter: QuarterHour) -> Sign {
        match quarter {
            QuarterHour { callable: true, prime: true, .. } => Sign::CallablePrime,
            QuarterHour { callable: true, .. } => Sign::Callable,
            QuarterHour { business: true, prime: true, .. } => Sign::Prime,
            QuarterHour { business: true, .. } => Sign::Business,
            QuarterHour { legal: true, .. } => Sign::Legal,
            QuarterHour { .. } => Sign::Closed,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Sign::CallablePrime => "#",
            Sign::Callable => "=",
            Sign::Prime => "O",
            Sign::Business => "o",
            Sign::Legal => "-",
            Sign::Closed => ".",
        }
    }

    fn paint(self) -> Color {
        match self {
            Sign::CallablePrime | Sign::Callable => Color::Good,
            Sign::Prime | Sign::Business => Color::Warning,
            Sign::Legal | Sign::Closed => Color::Dim,
        }
    }
}

/// The columns before the cells: `Mon 11-23 `.
const LABEL: usize = 10;

/// Draws the days with a ruler above and the legend below. A cell is a quarter of an hour where the terminal is wide
/// enough, else half an hour or, below 58 columns, an hour, which then shows the least of its quarters, so that no cell
/// promises too much.
///
/// # Errors
/// What the writer reports.
pub fn draw_week(days: &[DayPicture], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let quarters_a_cell = match style.width.saturating_sub(LABEL) {
        96.. => 1,
        48.. => 2,
        _ => 4,
    };
    let cells_an_hour = 4 / quarters_a_cell;
    let mut ruler = " ".repeat(LABEL);
    for hour in (0..24).step_by(3) {
        ruler.push_str(&format!("{hour:<width$}", hour = format!("{hour:02}"), width = 3 * cells_an_hour));
    }
    writeln!(out, "{}", style.paint(Color::Bold, ruler.trim_end()))?;
    for day in days {
        write!(out, "{} ", day.date.format("%a %m-%d"))?;
        let signs: Vec<Sign> = day
            .quarters
            .chunks(quarters_a_cell)
            .map(|quarters| quarters.iter().copied().map(Sign::of).min().unwrap_or(Sign::Closed))
            .collect();
        for run in signs.chunk_by(|one, next| one == next) {
            if let Some(sign) = run.first() {
                write!(out, "{}", style.paint(sign.paint(), &sign.text().repeat(run.len())))?;
            }
        }
        writeln!(out)?;
    }
    for (sign, meaning) in Sign::LEGEND {
        writeln!(out, "  {} {meaning}", style.paint(sign.paint(), sign.text()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day with business 9 to 17, prime 9 to 12, legal 8 to 21, callable where business and legal.
    fn day(date: &str, open: bool) -> DayPicture {
        let quarter = |index: usize| {
            let hour = index / 4;
            let business = open && (9..17).contains(&hour);
            let legal = (8..21).contains(&hour);
            QuarterHour { business, prime: (9..12).contains(&hour), legal, callable: business && legal && hour != 13 }
        };
        DayPicture { date: date.parse().unwrap(), quarters: (0..96).map(quarter).collect() }
    }

    fn drawn(width: usize, color: bool) -> String {
        let mut out = Vec::new();
        let style = Style { terminal: true, color, width };
        draw_week(&[day("2026-11-22", false), day("2026-11-23", true)], style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_week_is_read_without_color_at_80_columns() {
        let expected = "          00    03    06    09    12    15    18    21
Sun 11-22 ................--------------------------......
Mon 11-23 ................--######==oo======--------......
  # calls may start, best hours
  = calls may start
  O best hours, but no such call
  o open, but no such call
  - legal for the lead, but closed
  . neither
";
        assert_eq!(drawn(80, false), expected);
    }

    #[test]
    fn a_wide_terminal_shows_quarters() {
        let text = drawn(106, false);
        let monday = text.lines().nth(2).unwrap();
        assert_eq!(monday.len(), 106);
        assert!(monday.contains(".----############====oooo============"), "{monday}");
        assert!(text.lines().all(|line| line.len() <= 106));
    }

    #[test]
    fn a_narrow_terminal_shows_hours() {
        let text = drawn(40, false);
        let rows: Vec<&str> = text.lines().take(3).collect();
        let expected = [
            "          00 03 06 09 12 15 18 21",
            "Sun 11-22 ........-------------...",
            "Mon 11-23 ........-###=o===----...",
        ];
        assert_eq!(rows, expected);
        assert!(text.lines().all(|line| line.len() <= 40));
    }

    #[test]
    fn a_half_hour_promises_no_more_than_its_lesser_quarter() {
        let mut late = day("2026-11-23", true);
        for quarter in late.quarters.iter_mut().take(37) {
            quarter.callable = false;
        }
        let mut out = Vec::new();
        draw_week(&[late], Style { terminal: true, ..Style::PLAIN }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("--O#####=="), "{text}");
    }

    #[test]
    fn color_changes_no_letter() {
        let mut bare = drawn(80, true);
        for code in ["1", "2", "32", "33", "0"] {
            bare = bare.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(bare, drawn(80, false));
    }
}
