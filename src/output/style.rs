//! Whether and how output is colored. Color only ever repeats what the text says.

use std::borrow::Cow;

use crate::model::ColorChoice;

/// The signs of the environment that `auto` looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ColorSigns {
    /// Whether the stream is a terminal.
    pub terminal: bool,
    /// Whether `NO_COLOR` is set and not empty (no-color.org).
    pub no_color: bool,
    /// Whether `CLICOLOR_FORCE` is set and not `0` (bixense.com/clicolors).
    pub force_color: bool,
    /// Whether `TERM` is `dumb`.
    pub dumb: bool,
}

impl ColorChoice {
    /// Whether to color: the flag first, then `NO_COLOR`, then `CLICOLOR_FORCE`, then the terminal.
    pub fn decide(self, signs: ColorSigns) -> bool {
        match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if signs.no_color => false,
            ColorChoice::Auto if signs.force_color => true,
            ColorChoice::Auto => signs.terminal && !signs.dumb,
        }
    }
}

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Letters in a row.
    pub columns: usize,
    pub rows: usize,
}

impl Screen {
    /// The size of a terminal that does not tell its own.
    pub const USUAL: Screen = Screen { columns: Style::USUAL_WIDTH, rows: 24 };
}

/// What the stream at hand can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether a person looks at it: then there is relative time, bars, and lines are cut to `width`.
    pub terminal: bool,
    /// Whether it is colored.
    pub color: bool,
    /// The columns of the terminal; only obeyed when it is one.
    pub width: usize,
}

impl Style {
    /// The width of a terminal that does not tell its own.
    pub const USUAL_WIDTH: usize = 80;

    /// A pipe or a file: no color, no width.
    pub const PLAIN: Style = Style { terminal: false, color: false, width: Style::USUAL_WIDTH };

    /// The text in a paint, where there is color.
    pub fn paint<'a>(&self, paint: Color, text: &'a str) -> Cow<'a, str> {
        match paint.code() {
            Some(code) if self.color && !text.is_empty() => Cow::Owned(format!("\u{1b}[{code}m{text}\u{1b}[0m")),
            _ => Cow::Borrowed(text),
        }
    }
}

/// The few paints in use: the eight colors that every terminal has and its user has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    #[default]
    Plain,
    Bold,
    /// Done with, or of less interest.
    Dim,
    Good,
    Warning,
    Bad,
}

impl Color {
    /// The parameter of the ANSI escape (ECMA-48, SGR).
    fn code(self) -> Option<&'static str> {
        match self {
            Color::Plain => None,
            Color::Bold => Some("1"),
            Color::Dim => Some("2"),
            Color::Good => Some("32"),
            Color::Warning => Some("33"),
            Color::Bad => Some("31"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_decides_first_then_the_environment_then_the_terminal() {
        let none = ColorSigns::default();
        let terminal = ColorSigns { terminal: true, ..none };
        let cases = [
            (ColorChoice::Auto, none, false),
            (ColorChoice::Auto, terminal, true),
            (ColorChoice::Auto, ColorSigns { dumb: true, ..terminal }, false),
            (ColorChoice::Auto, ColorSigns { no_color: true, ..terminal }, false),
            (ColorChoice::Auto, ColorSigns { force_color: true, ..none }, true),
            (ColorChoice::Auto, ColorSigns { force_color: true, no_color: true, ..terminal }, false),
            (ColorChoice::Always, ColorSigns { no_color: true, dumb: true, ..none }, true),
            (ColorChoice::Never, ColorSigns { force_color: true, ..terminal }, false),
        ];
        for (choice, signs, expected) in cases {
            assert_eq!(choice.decide(signs), expected, "{choice:?} {signs:?}");
        }
    }

    #[test]
    fn without_color_the_text_stays() {
        assert_eq!(Style::PLAIN.paint(Color::Bad, "failed"), "failed");
        let colored = Style { color: true, ..Style::PLAIN };
        assert_eq!(colored.paint(Color::Bad, "failed"), "\u{1b}[31mfailed\u{1b}[0m");
        assert_eq!(colored.paint(Color::Plain, "failed"), "failed");
    }
}
