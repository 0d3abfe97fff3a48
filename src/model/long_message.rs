//! Messages that name a value must not be as long as the value.

use std::borrow::Cow;

/// The most letters of a line, and how many of them stand before and behind what was left out.
const LONGEST: usize = 1_000;
const BEFORE: usize = 500;
const BEHIND: usize = 400;

/// The message without the middle of each very long line: its beginning says where, its end what to do.
pub fn shortened(message: &str) -> Cow<'_, str> {
    if message.len() <= LONGEST {
        return Cow::Borrowed(message);
    }
    let lines: Vec<Cow<'_, str>> = message.split('\n').map(shortened_line).collect();
    Cow::Owned(lines.join("\n"))
}

fn shortened_line(line: &str) -> Cow<'_, str> {
    if line.chars().nth(LONGEST).is_none() {
        return Cow::Borrowed(line);
    }
    let before = line.char_indices().nth(BEFORE).map_or(line.len(), |(at, _)| at);
    let behind = line.char_indices().nth_back(BEHIND - 1).map_or(0, |(at, _)| at);
    let (before, behind) = (line.get(..before).unwrap_or_default(), line.get(behind..).unwrap_or_default());
    Cow::Owned(format!("{before} … {behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_line_is_left_out() {
        let long = format!("unknown priority `{}`: expected urgent", "é".repeat(500_000));
        let text = format!("short\n{long}\nend");
        let shown = shortened(&text);
        assert!(
            shown.starts_with("short\nunknown priority `é") && shown.ends_with("é`: expected urgent\nend"),
            "{shown}"
        );
        assert_eq!(shown.chars().count(), "short\n\nend".len() + BEFORE + BEHIND + " … ".chars().count());
    }

    #[test]
    fn what_is_not_long_stays() {
        let many = "a line\n".repeat(1_000);
        for text in ["", "no item 9", &"x".repeat(LONGEST), &many, &"é".repeat(LONGEST)] {
            assert_eq!(shortened(text), text);
        }
    }
}
