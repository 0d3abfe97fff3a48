//! Laws of loading, over random files: nothing panics, every fault has a place, and each layer wins over those below.

use proptest::prelude::*;

use super::*;
use crate::config::{Source, list};

const SAMPLE: &str = include_str!("../../../sample-config.toml");

/// A value that some key takes, or none.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        (-2..30_i64).prop_map(|number| number.to_string()),
        (-2.0..3.0_f64).prop_map(|number| format!("{number:?}")),
        Just("nan".to_owned()),
        (0..25_u8, 0..60_u8).prop_map(|(hour, minute)| format!("\"{hour:02}:{minute:02}\"")),
        "\"[a-z{}:/~ é0-9-]{0,12}\"",
        Just("\"UTC\"".to_owned()),
        Just("\"5m\"".to_owned()),
        Just("[]".to_owned()),
        Just("[5, 15]".to_owned()),
        Just("[\"Mon\"]".to_owned()),
        Just("[\"12-25\", \"2026-11-26\"]".to_owned()),
        Just("[\"22:00-06:00\"]".to_owned()),
        Just("{ start = \"10:00\" }".to_owned()),
        Just("2026-11-26".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("true".to_owned()),
    ]
}

fn key() -> impl Strategy<Value = String> {
    let known = (0..KEYS.len()).prop_map(|at| KEYS[at].name.replace("<weekday>", "Sat").replace("<status>", "7"));
    prop_oneof![8 => known, 1 => "[a-z_]{1,8}", 1 => Just("business_hours".to_owned())]
}

/// The lines of a section, each key once.
fn section(name: &'static str) -> impl Strategy<Value = String> {
    proptest::collection::btree_map(key(), value(), 0..6).prop_map(move |pairs| {
        let lines: String = pairs.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        format!("[{name}]\n{lines}")
    })
}

proptest! {
    #[test]
    fn any_text_is_loaded_or_refused_with_places(text in "\\PC{0,60}(\n\\PC{0,20}){0,3}") {
        check(&text)?;
    }

    #[test]
    fn a_damaged_sample_is_loaded_or_refused_with_places(
        at in 0..SAMPLE.len(),
        cut in 0..40_usize,
        put in "[ -~é\n]{0,3}",
    ) {
        let (start, end) = (SAMPLE.floor_char_boundary(at), SAMPLE.floor_char_boundary((at + cut).min(SAMPLE.len())));
        check(&format!("{}{put}{}", &SAMPLE[..start], &SAMPLE[end..]))?;
    }

    #[test]
    fn any_keys_and_values_are_loaded_or_refused_with_places(
        defaults in section("defaults"),
        acme in section("clients.acme"),
    ) {
        check(&format!("{defaults}{acme}"))?;
    }

    #[test]
    fn each_layer_wins_over_those_below(
        (default, variable, client) in (any::<Option<u8>>(), any::<Option<u8>>(), any::<Option<u8>>()),
    ) {
        let line = |value: Option<u8>| {
            value.map(|n| format!("max_concurrent = {}\n", u32::from(n) + 1)).unwrap_or_default()
        };
        let text = format!("[defaults]\n{}[clients.acme]\n{}", line(default), line(client));
        let variables = variable.map(|n| ("QUEUE_MAX_CONCURRENT".to_owned(), (u32::from(n) + 1).to_string().into()));
        let locations = Locations { variables: variables.into_iter().collect(), ..Locations::default() };
        let settings = resolve_text(text, None, &locations).unwrap();
        let acme = "acme".parse().unwrap();
        let expected = client.or(variable).or(default).map_or(5, |n| u32::from(n) + 1);
        prop_assert_eq!(settings.policies.of(&acme).limits.max_concurrent, expected);
        let row = list(&settings, Some(&acme)).into_iter().find(|row| row.key == "max_concurrent").unwrap();
        prop_assert_eq!(row.value, Some(expected.to_string()), "the list tells what holds");
        prop_assert_eq!(row.source == Source::BuiltIn, client.or(variable).or(default).is_none());
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let lines = text.split('\n').count();
    match resolve_text(text.to_owned(), Some("c.toml".into()), &Locations::default()) {
        Ok(settings) => {
            list(&settings, None);
        }
        Err(error) => {
            prop_assert!(!error.problems().is_empty());
            for problem in error.problems() {
                let Location::File { line, column, .. } = problem.spot else {
                    return Err(TestCaseError::fail(format!("{problem} has no place")));
                };
                prop_assert!((1..=lines).contains(&line) && column > 0, "{}", problem);
            }
        }
    }
    Ok(())
}
