//! Finds the word that somebody meant.

/// The candidate that is most like a word, when one is close enough to be meant: at most a third of it differs.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let distance = |candidate: &str| strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
    let (distance, candidate) = candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= candidate.chars().count().div_ceil(3)).then_some(candidate)
}

/// `; did you mean …?` for the nearest candidate, or nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keys_is_understood_and_a_stranger_is_not() {
        let keys = ["timezone", "max_concurrent", "max_retries", "start", "end"];
        for (word, near) in [
            ("time_zone", Some("timezone")),
            ("max_concurent", Some("max_concurrent")),
            ("max_retry", Some("max_retries")),
            ("Start", Some("start")),
            ("colour", None),
        ] {
            assert_eq!(nearest(word, keys), near, "{word}");
        }
    }
}
