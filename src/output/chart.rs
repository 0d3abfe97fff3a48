//! Bars and heat maps, legible without color.

use std::io::{self, Write};

use super::style::{Color, Style};

/// A bar of at most `width` columns for a value out of the largest; whatever is more than nothing shows something.
pub(super) fn bar(value: u64, largest: u64, width: usize) -> String {
    if value == 0 || largest == 0 {
        return String::new();
    }
    let share = value.min(largest) as f64 / largest as f64;
    let full = (share * width as f64).round() as usize;
    if full == 0 { "▏".to_owned() } else { "█".repeat(full.min(width)) }
}

/// A heat map: for each of the 24 hours, a cell for each weekday from Monday on.
#[derive(Debug, Default)]
pub(super) struct HeatMap {
    pub(super) hours: [[Heat; 7]; 24],
}

/// What became of the calls of one hour of one weekday.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Heat {
    /// Calls that took place and ended.
    pub(super) calls: u64,
    /// How many of them were answered, from 0 to 1.
    pub(super) rate: Option<f64>,
}

/// The weekdays as the columns of a heat map are headed.
pub(super) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Fewer calls than this say nothing about their hour: one more answer would move the rate by more than three points.
const ENOUGH_CALLS: u64 = 30;

/// The columns of a heat map whose cells tell their rate too.
const WIDE: usize = 79;

/// The columns of the narrowest heat map.
pub(super) const NARROWEST: usize = 37;

impl Heat {
    /// The shade of the rate, in steps of a quarter. It takes `width` columns.
    fn shade(self, width: usize) -> (String, Color) {
        let (block, paint) = match self.rate {
            None => (" ", Color::Plain),
            Some(_) if self.calls < ENOUGH_CALLS => ("·", Color::Dim),
            Some(rate) => match percent(rate) {
                ..25 => ("░", Color::Bad),
                25..50 => ("▒", Color::Warning),
                50..75 => ("▓", Color::Good),
                75.. => ("█", Color::Good),
            },
        };
        (block.repeat(width), paint)
    }

    /// The rate in percent, unless too few calls tell it.
    fn percent(self) -> String {
        match self.rate {
            Some(rate) if self.calls >= ENOUGH_CALLS => format!("{}%", percent(rate)),
            _ => String::new(),
        }
    }

    fn count(self) -> String {
        if self.calls == 0 { String::new() } else { short_count(self.calls) }
    }
}

/// The rate as it is shown, so that shade and number never contradict each other.
fn percent(rate: f64) -> u64 {
    (rate * 100.0).round() as u64
}

/// A count in at most three letters: `999`, `12k`, `.3M`, `45M`.
fn short_count(count: u64) -> String {
    match count {
        0..=999 => count.to_string(),
        1_000..=99_999 => format!("{}k", count / 1_000),
        100_000..=999_999 => format!(".{}M", count / 100_000),
        1_000_000..=99_999_999 => format!("{}M", count / 1_000_000),
        _ => "++".to_owned(),
    }
}

/// Draws the hours of the day, from the first to the last that had calls, against the weekdays: 79 columns, or on a
/// narrower terminal 37, without the rates in percent.
pub(super) fn heat_map(map: &HeatMap, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let is_wide = style.width >= WIDE;
    let (shade, cell) = if is_wide { (2, 10) } else { (1, 4) };
    let names: Vec<String> = WEEKDAYS.iter().map(|name| format!("{name:<cell$}")).collect();
    let ruler = format!("   {}", names.join(" "));
    writeln!(out, "{}", style.paint(Color::Bold, ruler.trim_end()))?;
    let has_calls = |hour: &[Heat; 7]| hour.iter().any(|heat| heat.calls > 0);
    let first = map.hours.iter().position(has_calls).unwrap_or(0);
    let last = map.hours.iter().rposition(has_calls).unwrap_or(0);
    for (hour, days) in map.hours.iter().enumerate().take(last + 1).skip(first) {
        let mut line = format!("{hour:02}");
        for heat in days {
            let (block, paint) = heat.shade(shade);
            let (percent, count) = (heat.percent(), heat.count());
            let told = if is_wide { format!("{percent:>4} {count:>3}") } else { format!("{count:>3}") };
            line.push_str(&format!(" {}{told}", style.paint(paint, &block)));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "by the lead's clock: answered, calls")?;
    writeln!(out, "░ <25 %  ▒ <50 %  ▓ <75 %  █ more")?;
    writeln!(out, "· fewer than {ENOUGH_CALLS} calls: no rate")
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

    fn drawn(width: usize, color: bool) -> String {
        let mut map = HeatMap::default();
        let mut set = |hour: usize, day: usize, calls, rate| map.hours[hour][day] = Heat { calls, rate };
        set(8, 0, 30, Some(0.0));
        set(8, 1, 29, Some(1.0));
        set(9, 0, 999, Some(0.244));
        set(9, 1, 1_500, Some(0.249));
        set(9, 2, 345_678, Some(0.5));
        set(10, 6, 40, Some(1.0));
        let mut out = Vec::new();
        heat_map(&map, Style { terminal: true, color, width }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_heat_map_tells_rate_and_calls_and_gives_too_few_no_rate() {
        let wide = "\
\x20  Mon        Tue        Wed        Thu        Fri        Sat        Sun
08 ░░  0%  30 ··      29
09 ░░ 24% 999 ▒▒ 25%  1k ▓▓ 50% .3M
10                                                                   ██100%  40
by the lead's clock: answered, calls
░ <25 %  ▒ <50 %  ▓ <75 %  █ more
· fewer than 30 calls: no rate
";
        assert_eq!(drawn(80, false), wide);
        let narrow = "\
\x20  Mon  Tue  Wed  Thu  Fri  Sat  Sun
08 ░ 30 · 29
09 ░999 ▒ 1k ▓.3M
10                               █ 40
by the lead's clock: answered, calls
░ <25 %  ▒ <50 %  ▓ <75 %  █ more
· fewer than 30 calls: no rate
";
        assert_eq!(drawn(40, false), narrow);
        for (width, room) in [(200, WIDE), (WIDE, WIDE), (WIDE - 1, NARROWEST), (NARROWEST, NARROWEST)] {
            assert!(drawn(width, false).lines().all(|line| line.chars().count() <= room), "{width}");
        }
    }

    #[test]
    fn the_color_of_a_heat_map_says_nothing_that_its_text_does_not() {
        let colored = drawn(80, true);
        assert!(colored.contains("\u{1b}[31m░░\u{1b}[0m  0%") && colored.contains("\u{1b}[2m··\u{1b}[0m"), "{colored}");
        let plain = colored.split('\u{1b}').map(|part| {
            part.split_once('m').map_or(part, |(code, text)| if code.starts_with('[') { text } else { part })
        });
        assert_eq!(plain.collect::<String>(), drawn(80, false));
    }
}
