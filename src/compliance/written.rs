//! A phone number as somebody wrote it: its groups of digits, and the marks between them.
//!
//! Nothing is guessed here. A mark that stands where no rule places it is a [`NumberFault`].

use super::number_error::NumberFault;

/// A written number, cut into groups.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Where its `+` stands.
    pub(super) plus: Plus,
    /// The groups of digits, in order; never empty ones.
    pub(super) groups: Vec<Group>,
    /// The number of the group behind the slash.
    pub(super) slash: Option<usize>,
}

/// Where the `+` of a number stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plus {
    /// Nowhere: the number is a national one.
    #[default]
    None,
    First,
    /// First in a parenthesis, in which nothing but the calling code may stand.
    InParentheses,
}

/// Digits without a mark between them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) digits: String,
    /// Whether they stand in parentheses alone.
    pub(super) alone: bool,
}

impl Group {
    /// Whether it is `(0)`: a trunk 0 that is not dialled from abroad.
    pub(super) fn is_trunk_zero(&self) -> bool {
        self.alone && self.digits == "0"
    }
}

/// The fewest digits that are a number of their own (E.164 has at least 7).
const FEWEST_OF_ONE: usize = 7;

/// Tab and the space characters of Unicode (category Zs).
fn is_blank(mark: char) -> bool {
    matches!(mark, '\t' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

fn is_dash(mark: char) -> bool {
    matches!(mark, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn is_separator(mark: char) -> bool {
    is_blank(mark) || is_dash(mark) || matches!(mark, '.' | '/')
}

impl Written {
    /// Cuts a text into groups.
    pub(super) fn cut(text: &str) -> Result<Written, NumberFault> {
        let known = |mark: char| mark.is_ascii_digit() || matches!(mark, '+' | '(' | ')') || is_separator(mark);
        if let Some((before, after)) = text.split_once([',', ';', '|', '&'])
            && [before, after].iter().all(|part| part.bytes().filter(u8::is_ascii_digit).count() >= FEWEST_OF_ONE)
        {
            return Err(NumberFault::TwoNumbers);
        }
        if let Some(stranger) = text.chars().find(|mark| !known(*mark)) {
            return Err(NumberFault::Character(stranger));
        }
        let text = without_decimals(text.trim_matches(is_blank))?;
        if text.starts_with(is_separator) || text.ends_with(is_separator) {
            return Err(NumberFault::SeparatorAtEnd);
        }
        let mut cut = Cut::default();
        text.chars().try_for_each(|mark| cut.take(mark))?;
        cut.end()
    }
}

/// A spreadsheet's `.0` or `.00` behind nothing but digits goes. Any other decimal is refused: a dot before a single
/// last digit may be one.
fn without_decimals(text: &str) -> Result<&str, NumberFault> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(whole) = text.strip_suffix(".00").or_else(|| text.strip_suffix(".0")) {
        return if is_digits(whole) { Ok(whole) } else { Err(NumberFault::Decimal) };
    }
    match text.rsplit_once('.') {
        Some((_, last)) if last.len() == 1 && is_digits(last) => Err(NumberFault::Decimal),
        _ => Ok(text),
    }
}

/// The place of the reader in a text.
#[derive(Default)]
struct Cut {
    written: Written,
    /// The group that is being read.
    group: String,
    /// Inside of a parenthesis: the number of groups before it.
    parenthesis: Option<usize>,
    /// The mark before this one.
    last: Option<char>,
}

impl Cut {
    fn take(&mut self, mark: char) -> Result<(), NumberFault> {
        match mark {
            '+' => self.plus()?,
            '(' => self.open()?,
            ')' => self.close()?,
            digit if digit.is_ascii_digit() => self.group.push(digit),
            separator => self.separate(separator)?,
        }
        self.last = Some(mark);
        Ok(())
    }

    fn plus(&mut self) -> Result<(), NumberFault> {
        self.written.plus = match self.last {
            None => Plus::First,
            Some('(') if self.written.groups.is_empty() && self.written.plus == Plus::None => Plus::InParentheses,
            Some(_) if self.written.groups.is_empty() && self.group.is_empty() => return Err(NumberFault::Plus),
            Some(_) => return Err(NumberFault::TwoNumbers),
        };
        Ok(())
    }

    fn open(&mut self) -> Result<(), NumberFault> {
        self.end_group();
        if self.parenthesis.is_some() {
            return Err(NumberFault::Parentheses);
        }
        self.parenthesis = Some(self.written.groups.len());
        Ok(())
    }

    fn close(&mut self) -> Result<(), NumberFault> {
        let before = self.parenthesis.take().ok_or(NumberFault::Parentheses)?;
        if self.group.is_empty() {
            return Err(NumberFault::Parentheses);
        }
        self.end_group();
        let is_one = self.written.groups.len() == before + 1;
        if let Some(group) = self.written.groups.last_mut() {
            group.alone = is_one;
        }
        // A `+` in parentheses is seen before the first group, so this is the parenthesis in which it stands.
        if before == 0 && self.written.plus == Plus::InParentheses && !is_one {
            return Err(NumberFault::Parentheses);
        }
        Ok(())
    }

    fn separate(&mut self, separator: char) -> Result<(), NumberFault> {
        if self.parenthesis.is_some() && (!(is_blank(separator) || is_dash(separator)) || self.last == Some('(')) {
            return Err(NumberFault::Parentheses);
        }
        if self.group.is_empty() && self.written.groups.is_empty() && !is_blank(separator) {
            return Err(NumberFault::Plus);
        }
        self.end_group();
        if separator == '/' {
            if self.written.slash.is_some() {
                return Err(NumberFault::Slash);
            }
            self.written.slash = Some(self.written.groups.len());
        }
        Ok(())
    }

    fn end_group(&mut self) {
        if !self.group.is_empty() {
            self.written.groups.push(Group { digits: std::mem::take(&mut self.group), alone: false });
        }
    }

    fn end(mut self) -> Result<Written, NumberFault> {
        self.end_group();
        match self.parenthesis {
            Some(_) => Err(NumberFault::Parentheses),
            None if self.written.groups.is_empty() => Err(NumberFault::Empty),
            None => Ok(self.written),
        }
    }
}
