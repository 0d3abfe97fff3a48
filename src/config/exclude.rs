//! Which events of a calendar a client leaves out: by name, category or kind, with `*` for any text.

use super::calendar::ClosedDays;

/// Whether a pattern of `holiday_exclude` names an event; the case of letters does not matter.
pub(super) fn excludes(pattern: &str, event: &ClosedDays) -> bool {
    let pattern = pattern.trim().to_lowercase();
    std::iter::once(&event.name).chain(&event.kinds).any(|text| matches(&pattern, &text.trim().to_lowercase()))
}

fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    // Each part between two stars at its first place leaves the most for those that follow.
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        let Some((_, behind)) = text.split_once(part) else { return false };
        text = behind;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let event = ClosedDays {
            name: "Cinco de Mayo".to_owned(),
            kinds: vec!["Observance".to_owned(), "补班".to_owned()],
            dates: Default::default(),
        };
        for (pattern, expected) in [
            ("Cinco de Mayo", true),
            ("cinco DE mayo ", true),
            ("Cinco", false),
            ("Cinco*", true),
            ("*mayo", true),
            ("*de*", true),
            ("c*d*m*o", true),
            ("c*m*d*o", false),
            ("*mayo*mayo*", false),
            ("cinco de mayo*mayo", false),
            ("*Observance*", true),
            ("补班", true),
            ("*", true),
            ("", false),
        ] {
            assert_eq!(excludes(pattern, &event), expected, "{pattern}");
        }
    }
}
