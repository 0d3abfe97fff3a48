//! `[law]`, `[[rules]]` and `rules_files`: what is read, and what each fault says.

use std::fs;

use crate::compliance::RuleBook;
use crate::config::{Locations, Settings, load};
use crate::model::{ConsentKind, Purpose, ShippedRules, UnknownNumber, Voice};

const OWN: &str = r#"
[[rules]]
id = "acme-tx"
jurisdiction = "US-TX"
applies_to = "sales"
window = "*=10:00-20:00 Sun=-"
holidays = "US"
caps = ["2/24h"]
citation = "counsel, 2026-11-20"
as_of = 2026-11-20
"#;

/// Loads a configuration from a folder with other files; of what is wrong, the text without the folder.
fn loaded(config: &str, files: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files.iter().chain([&("config.toml", config)]) {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let locations = Locations { config_flag: Some(folder.path().join("config.toml")), ..Locations::default() };
    load(&locations).map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

fn own_ids(settings: &Settings, client: &str) -> Vec<String> {
    let book = RuleBook::of(settings.policies.of(&client.parse().unwrap())).unwrap();
    book.own().iter().map(|rule| rule.id().to_owned()).collect()
}

#[test]
fn every_key_of_law_is_read_for_all_or_for_a_client() {
    let text = r#"
[defaults.law]
purpose = "debt"
rules_off.us-mi = "counsel: needs malice"
registries = ["us-national"]
[clients.acme.law]
purpose = "sales"
voice = "human"
rules = "off"
rules_off.us-fl = "exempt"
unknown_number = "block"
registry_max_age = "10d"
registry_lifted_by = ["express"]
"#;
    let settings = loaded(text, &[]).unwrap();
    let law = |client: &str| settings.policies.of(&client.parse().unwrap()).law.clone();
    let (acme, other) = (law("acme"), law("other"));
    assert_eq!((acme.purpose, acme.voice, acme.rules), (Some(Purpose::Sales), Voice::Human, ShippedRules::Off));
    assert_eq!(acme.rules_off.keys().collect::<Vec<_>>(), ["us-fl", "us-mi"]);
    assert_eq!((acme.unknown_number, acme.registry_max_age.num_days()), (UnknownNumber::Block, 10));
    assert_eq!(acme.registry_lifted_by, [ConsentKind::Express]);
    assert_eq!((other.purpose, other.voice, other.rules), (Some(Purpose::Debt), Voice::Ai, ShippedRules::Builtin));
    assert_eq!((other.unknown_number, other.registry_max_age.num_days()), (UnknownNumber::CallingHours, 31));
    assert_eq!((other.registries.len(), other.registry_lifted_by.len()), (1, 2));
}

#[test]
fn rules_of_the_file_are_for_all_and_those_of_rules_files_for_their_section() {
    let other = OWN.replace("acme-tx", "counsel-1").replace("holidays = \"US\"", "holidays = \"closed.ics\"");
    let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nSUMMARY:Closed\r\n\
                    DTSTART;VALUE=DATE:20261130\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let config = format!("[clients.acme.law]\nrules_files = [\"counsel.toml\"]\n{OWN}");
    let settings = loaded(&config, &[("counsel.toml", &other), ("closed.ics", calendar)]).unwrap();
    assert_eq!(own_ids(&settings, "acme"), ["acme-tx", "counsel-1"]);
    assert_eq!(own_ids(&settings, "other"), ["acme-tx"]);
    let book = RuleBook::of(settings.policies.of(&"acme".parse().unwrap())).unwrap();
    assert!(book.own()[1].closed_days.contains("2026-11-30".parse().ok()));
    assert_eq!(book.own()[0].text.caps, "2/24h");
    let mut names: Vec<String> =
        settings.files().iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    // The folder is gone by now, and with it what the file of rules names.
    assert_eq!(names, ["config.toml", "counsel.toml"]);
}

#[test]
fn a_fault_names_file_row_field_value_and_way_out() {
    let with = |old: &str, new: &str| OWN.replace(old, new);
    for (config, message) in [
        (
            with("10:00-20:00", "10-20"),
            "config.toml:6:10: rule `acme-tx`: window = \"*=10-20 Sun=-\": `10` is not a time of day: expected HH:MM, \
             from 00:00 to 24:00",
        ),
        (
            with("\"US-TX\"", "\"Texas\""),
            "config.toml:4:16: rule `acme-tx`: jurisdiction = \"Texas\": write a code of ISO 3166, such as US-TX or DE, \
             or * for everywhere",
        ),
        (
            with("holidays", "holiday"),
            "config.toml:7:1: rule `acme-tx`: unknown field `holiday`; did you mean `holidays`?",
        ),
        (with("\"sales\"", "1"), "config.toml:5:14: rule `acme-tx`: applies_to is 1: expected a text"),
        (with("[\"2/24h\"]", "[2]"), "config.toml:8:8: rule `acme-tx`: caps is [2]: expected a list of texts"),
        (
            with("acme-tx", "a.b"),
            "config.toml:3:6: rule `a.b`: id: write letters, digits, `-` and `_`, so that `rules_off` can name it",
        ),
        (
            with("acme-tx", "us-fl"),
            "config.toml:3:6: two rules are named `us-fl`: a rule adds to the others and replaces none; give it \
             another id",
        ),
        (with("\"US\"", "\"no.ics\""), "config.toml:7:12: rule `acme-tx`: holidays: no.ics: cannot be read: "),
        ("rules = 1".to_owned(), "config.toml:1:9: `rules` holds 1: expected rows, each under [[rules]]"),
        (
            "[defaults.law]\nrules_off.us-zz = \"x\"".to_owned(),
            "config.toml:2:19: `rules_off` names `us-zz`, and no rule has that name: `callq rules list` shows them",
        ),
        (
            "[defaults.law]\nrules_off.us-mi = \" \"".to_owned(),
            "config.toml:2:19: `law.rules_off.us-mi` is \" \": expected who decided it, when and why: ",
        ),
        (
            "[defaults.law]\nrules_files = [\"no.toml\"]".to_owned(),
            "config.toml:2:16: `law.rules_files`: no.toml: no such file; name one with [[rules]]",
        ),
        (
            "[defaults.law]\nrules_files = [\"own.toml\"]".to_owned(),
            "own.toml:2:12: `timezone`: only [[rules]] stand in a file of rules; write it in the configuration",
        ),
        (
            "[defaults.law]\npurpose = \"sale\"".to_owned(),
            "config.toml:2:11: `law.purpose` is \"sale\": expected one of sales, debt, service, health; did you mean `sales`?",
        ),
    ] {
        let error = loaded(&config, &[("own.toml", "[defaults]\ntimezone = \"UTC\"\n")]).unwrap_err();
        assert!(error.starts_with(message), "{error}\ninstead of\n{message}");
    }
}
