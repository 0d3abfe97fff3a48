//! Phone numbers as people write them, read by the plan of their country.
//!
//! Only what is certain is read: a number that may be another person's is refused, with the way out. The rules are
//! those of the numbering plans (libphonenumber's, in `data/plans.tsv`), and of ITU-T E.164.

use super::number_error::{NumberError, NumberFault};
use super::plan::{CallingCode, Zero};
use super::written::{Group, Plus, Written};
use crate::model::PhoneNumber;

/// Fewer digits behind a slash may be the end of a second number.
const FEWEST_BEHIND_SLASH: usize = 5;

/// So many digits behind `011` are a whole number abroad; with fewer, 011 is an area code (Delhi, Johannesburg, Buenos
/// Aires, Turin).
const FEWEST_ABROAD: usize = 10;

/// Reads a number as written. One without `+` is a national number of `country_code`.
///
/// # Errors
/// The text and the reason, when it is not certainly one phone number.
pub fn read(written: &str, country_code: Option<CallingCode>) -> Result<PhoneNumber, NumberError> {
    digits_of(written, country_code)
        .and_then(|digits| format!("+{digits}").parse().map_err(|_| NumberFault::NotE164))
        .map_err(|fault| NumberError { written: written.to_owned(), fault })
}

/// The digits of a number in E.164.
fn digits_of(written: &str, country_code: Option<CallingCode>) -> Result<String, NumberFault> {
    // As most are written, and all are stored.
    if let Some(digits) = written.strip_prefix('+').filter(|digits| is_digits(digits)) {
        let code = CallingCode::beginning(digits).ok_or(NumberFault::UnknownCode)?;
        return from_abroad(code, digits.strip_prefix(code.digits()).unwrap_or_default());
    }
    let written = Written::cut(written)?;
    if written.plus == Plus::None { national(&written, country_code) } else { international(&written) }
}

fn digits<'a>(groups: impl IntoIterator<Item = &'a Group>) -> String {
    groups.into_iter().map(|group| group.digits.as_str()).collect()
}

/// A slash stands behind the area code or nowhere: `before` and `behind` are the groups without calling code and `(0)`.
fn check_slash(before: usize, behind: &[Group]) -> Result<(), NumberFault> {
    let follow: usize = behind.iter().map(|group| group.digits.len()).sum();
    if before == 1 && follow >= FEWEST_BEHIND_SLASH { Ok(()) } else { Err(NumberFault::Slash) }
}

/// A number with `+`: a calling code, and behind it a number that the plan allows. Nothing is mended: a trunk prefix
/// refuses, but for a `(0)` that is not dialled from abroad.
fn international(written: &Written) -> Result<String, NumberFault> {
    let groups = &written.groups;
    let code = CallingCode::beginning(&digits(groups)).ok_or(NumberFault::UnknownCode)?;
    // The group in which the code ends, and how many digits of that group belong to it.
    let (mut last, mut taken) = (0, code.digits().len());
    while let Some(group) = groups.get(last).filter(|group| group.digits.len() < taken) {
        taken -= group.digits.len();
        last += 1;
    }
    let (with_code, behind) = groups.split_at_checked(last + 1).ok_or(NumberFault::UnknownCode)?;
    let leftover = with_code.last().map_or("", |group| &group.digits[taken..]);
    if written.plus == Plus::InParentheses && (last > 0 || !leftover.is_empty()) {
        return Err(NumberFault::Parentheses);
    }
    let zero = behind.first().is_some_and(Group::is_trunk_zero);
    let rest = if zero { &behind[1..] } else { behind };
    let dropped = !zero || (leftover.is_empty() && code.zero() == Zero::Drops);
    if !dropped || with_code.iter().chain(rest).any(Group::is_trunk_zero) {
        return Err(NumberFault::TrunkZero);
    }
    if let Some(slash) = written.slash {
        let first = groups.len() - rest.len();
        let split = slash.checked_sub(first).ok_or(NumberFault::Slash)?;
        check_slash(split + usize::from(!leftover.is_empty()), rest.get(split..).unwrap_or_default())?;
    }
    from_abroad(code, &format!("{leftover}{}", digits(rest)))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number as it is dialled from abroad, behind its calling code.
fn from_abroad(code: CallingCode, number: &str) -> Result<String, NumberFault> {
    if !code.allows(number) {
        return Err(NumberFault::NotInPlan(code, number.len()));
    }
    let mut trunks = code.trunks().filter(|trunk| *trunk != "0");
    if trunks.any(|trunk| number.strip_prefix(trunk).is_some_and(|without| code.allows(without))) {
        return Err(NumberFault::TrunkAbroad(code));
    }
    Ok(format!("{code}{number}"))
}

/// A number without `+`, in the country of a code.
fn national(written: &Written, country_code: Option<CallingCode>) -> Result<String, NumberFault> {
    let groups = &written.groups;
    let zero = groups.first().is_some_and(Group::is_trunk_zero);
    let rest = if zero { &groups[1..] } else { groups };
    if rest.iter().any(Group::is_trunk_zero) {
        return Err(NumberFault::TrunkZero);
    }
    if let Some(slash) = written.slash {
        let split = slash.checked_sub(groups.len() - rest.len()).ok_or(NumberFault::Slash)?;
        check_slash(split, rest.get(split..).unwrap_or_default())?;
    }
    let digits = digits(groups);
    let in_america = country_code.is_none_or(|code| code.digits() == "1");
    let abroad = digits.strip_prefix("011").is_some_and(|rest| in_america || rest.len() >= FEWEST_ABROAD);
    if abroad || digits.starts_with("00") {
        return Err(NumberFault::Abroad);
    }
    in_country(&digits, country_code.ok_or(NumberFault::NoCountryCode)?)
}

/// The one number that national digits can mean in the country of a code.
fn in_country(digits: &str, code: CallingCode) -> Result<String, NumberFault> {
    let whole = (code.is_bare(digits) || code.keeps_zero(digits)).then_some(digits);
    let readings = code.trunks().filter_map(|trunk| digits.strip_prefix(trunk)).chain(whole);
    let mut readings = readings.filter(|number| code.allows(number));
    let number = readings.next();
    if let (Some(one), Some(other)) = (number, readings.find(|other| Some(*other) != number)) {
        return Err(NumberFault::TwoReadings(format!("+{code}{one}"), format!("+{code}{other}")));
    }
    if with_code(digits, code).any(|meant| Some(meant) != number) {
        return Err(NumberFault::CodeTwice(code));
    }
    match number {
        Some(number) => Ok(format!("{code}{number}")),
        None if code.allows(digits) => Err(NumberFault::NoAreaCode(code)),
        None => Err(NumberFault::NotInPlan(code, digits.len())),
    }
}

/// The numbers that may be meant if digits begin with their country code: what follows it, also behind a trunk prefix.
fn with_code(digits: &str, code: CallingCode) -> impl Iterator<Item = &str> {
    let behind = digits.strip_prefix(code.digits());
    let bare = behind.into_iter().flat_map(move |behind| code.trunks().filter_map(|trunk| behind.strip_prefix(trunk)));
    behind.into_iter().chain(bare).filter(move |number| {
        code.allows(number) && (code.zero() != Zero::Stays || number.starts_with('0') || code.is_bare(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_number_is_named_with_its_reason_and_the_way_out() {
        for (written, code, message) in [
            ("011 44 20 7946 0018", "1", "begins with the prefix for calls abroad: write + instead"),
            (
                "(212) 555-0101",
                "",
                "has neither + nor a country code: write +12125550101, or set `country_code` for the client",
            ),
            (
                "555-0101",
                "1",
                "cannot be a number of +1: write area code, exchange and 4 digits, 10 in all; area code and exchange begin with 2 to 9",
            ),
            (
                "+44 020 7946 0018",
                "",
                "cannot be a number of +44: 7, 9 or 10 digits follow that code, without a trunk prefix; here are 11",
            ),
            ("901820", "49", "may lack its area code: write the whole number, such as +49 and all digits behind it"),
            ("+375 80 17 123 45 67", "", "may have a trunk prefix behind +375: leave it out, as in a call from abroad"),
            ("39 347 123 4567", "39", "may begin with the country code 39: write it with + and the code, such as +39…"),
            ("8 0152 44-53-04", "375", "may be +375152445304 or +37580152445304: write the one that is meant"),
            (
                "+39 (0)6 1234 5678",
                "",
                "has a (0) that may belong to the number or not: write + and the number as dialled from abroad",
            ),
            ("030 901820/21", "49", "may be two numbers: write one number a record, without a slash"),
            ("+12125550101 / +12125550102", "", "may be two numbers: write one number a record"),
            ("2125550101; 2125550102", "1", "may be two numbers: write one number a record"),
            ("2125550101.5", "1", "looks like a number with decimals: format the column as text, and write all digits"),
            ("2125550101 x12", "1", "holds `x`: write digits, with blanks, dots, dashes or parentheses between them"),
            ("+1 212 555 0101 -", "1", "begins or ends with a separator: delete it if no digits are missing"),
            ("()2125550101", "1", "has parentheses that do not pair around digits: write it without them"),
            ("++12125550101", "1", "has a misplaced + or separator: write one + first, then the digits"),
            ("+999 123 4567", "1", "has no calling code behind its +: write such as +12125550101"),
            ("+49 1234", "", "has fewer than 7 or more than 15 digits: write the whole number"),
            (" ", "1", "has no digits: write it as +12125550101"),
        ] {
            let error = read(written, code.parse().ok()).unwrap_err();
            assert_eq!(error.to_string(), format!("phone number `{written}` {message}"));
        }
    }

    #[test]
    fn an_invisible_mark_is_named_and_control_characters_are_spelt_out() {
        let message = |written: &str| read(written, None).unwrap_err().to_string();
        assert_eq!(
            message("\u{202a}+33 6 14 20 91 45\u{202c}"),
            "phone number `\\u{202a}+33 6 14 20 91 45\\u{202c}` holds the character U+202A: \
             delete it, and write the digits 0 to 9"
        );
        assert!(message("+33 6\n14").starts_with("phone number `+33 6\\n14` holds the character U+000A"));
    }
}
