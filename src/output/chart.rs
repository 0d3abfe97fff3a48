//! Bars and heat maps, legible without color.

use std::io::{self, Write};

use super::style::{Paint, Style};

/// A bar of at most `width` columns for a value out of the largest; whatever is more than nothing shows something.
pub(super) fn bar(value: u64, largest: u64, width: usize) -> String {
    if value == 0 || largest == 0 {
        return String::new();
    }
    let share = value.min(largest) as f64 / largest as f64;
    let full = (share * width as f64).round() as usize;
    if full == 0 { "▏".to_owned() } else { "█".repeat(full.min(width)) }
}

/// The row of a heat map: its name, and for each of the 24 hours a rate from 0 to 1, or none.
pub(super) struct HeatRow {
    pub(super) name: String,
    pub(super) hours: [Option<f64>; 24],
}

/// The shade of a rate, in steps of a quarter; two columns wide, so that an hour is about as wide as high.
fn shade(rate: Option<f64>) -> (&'static str, Paint) {
    match rate {
        None => ("  ", Paint::Plain),
        Some(rate) if rate <= 0.0 => ("··", Paint::Dim),
        Some(rate) if rate < 0.25 => ("░░", Paint::Plain),
        Some(rate) if rate < 0.5 => ("▒▒", Paint::Plain),
        Some(rate) if rate < 0.75 => ("▓▓", Paint::Plain),
        Some(_) => ("██", Paint::Good),
    }
}

/// Draws the hours of the day against the rows; 60 columns with a name of up to ten letters.
pub(super) fn heat_map(rows: &[HeatRow], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let label = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0) + 2;
    let mut ruler = " ".repeat(label);
    for hour in (0..24).step_by(3) {
        ruler.push_str(&format!("{:<6}", format!("{hour:02}")));
    }
    writeln!(out, "{}", style.paint(Paint::Bold, ruler.trim_end()))?;
    for row in rows {
        let mut cells = String::new();
        for rate in row.hours {
            let (text, paint) = shade(rate);
            cells.push_str(&style.paint(paint, text));
        }
        writeln!(out, "{}", format!("{:<label$}{cells}", row.name).trim_end())?;
    }
    writeln!(out, "answered: ·· none  ░░ under 25 %  ▒▒ under 50 %  ▓▓ under 75 %  ██ more")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_never_longer_than_its_room_nor_nothing_for_something() {
        assert_eq!(bar(0, 10, 10), "");
        assert_eq!(bar(0, 0, 10), "");
        assert_eq!(bar(1, 1_000, 10), "▏");
        assert_eq!(bar(5, 10, 10), "█████");
        assert_eq!(bar(10, 10, 10), "██████████");
        assert_eq!(bar(u64::MAX, 10, 10), "██████████");
    }

    #[test]
    fn a_heat_map_shows_hours_without_calls_as_blank() {
        let mut hours = [None; 24];
        hours[9] = Some(0.0);
        hours[10] = Some(0.1);
        hours[11] = Some(0.3);
        hours[14] = Some(0.5);
        hours[15] = Some(1.0);
        let mut out = Vec::new();
        heat_map(&[HeatRow { name: "Mon".into(), hours }], Style::PLAIN, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let expected = "     00    03    06    09    12    15    18    21
Mon                    ··░░▒▒    ▓▓██
answered: ·· none  ░░ under 25 %  ▒▒ under 50 %  ▓▓ under 75 %  ██ more
";
        assert_eq!(text, expected);
        assert!(text.lines().all(|line| line.chars().count() <= 80));
    }
}
