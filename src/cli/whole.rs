//! Whole numbers of the command line, refused in words.

use std::ops::RangeInclusive;

/// A parser of whole numbers within bounds.
pub(super) fn whole<N: TryFrom<u64>>(
    bounds: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<N, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        let to = if *bounds.end() == u64::MAX { "up".to_owned() } else { format!("to {}", bounds.end()) };
        let refused = || format!("`{text}` is not a whole number from {} {to}", bounds.start());
        number.and_then(|number| N::try_from(number).ok()).ok_or_else(refused)
    }
}

/// The retries that an item can be allowed.
pub(super) const RETRIES: RangeInclusive<u64> = 0..=u32::MAX as u64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_within_its_bounds() {
        let retries = whole::<u32>(RETRIES);
        assert_eq!((retries("0"), retries("4294967295")), (Ok(0), Ok(u32::MAX)));
        for text in ["4294967296", "-1", "1.5", "", "x", "99999999999999999999"] {
            assert_eq!(retries(text), Err(format!("`{text}` is not a whole number from 0 to 4294967295")));
        }
        assert_eq!(whole::<u64>(1..=u64::MAX)("0"), Err("`0` is not a whole number from 1 up".to_owned()));
    }
}
