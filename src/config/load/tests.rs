//! Loading as a whole: precedence, the built-in values, and every fault with its place.

use std::ffi::OsString;
use std::fs;

use chrono::Weekday;

use super::*;
use crate::config::UserFolders;
use crate::model::{DispatchKind, DispatchSettings, OnUnknown, Outcome};
use crate::scheduler::Policy;

const SAMPLE: &str = include_str!("../../../sample-config.toml");
const TWO_CLIENTS: &str = include_str!("../../../tests/fixtures/config/valid/two-clients.toml");
const EVERYTHING: &str = include_str!("../../../tests/fixtures/config/invalid/everything.toml");
const RULES: &str = include_str!("../../../tests/fixtures/config/invalid/rules.toml");

fn variables(pairs: &[(&str, &str)]) -> Locations {
    let variables = pairs.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
    Locations { variables, ..Locations::default() }
}

fn settings(text: &str, pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    resolve_text(text.to_owned(), Some("/etc/callq/config.toml".into()), &variables(pairs))
        .map_err(|error| error.problems().iter().map(Problem::to_string).collect())
}

fn policy(settings: &Settings, client: &str) -> Policy {
    settings.policies.of(&client.parse().unwrap()).as_ref().clone()
}

/// The spans of a week, as text.
fn week(hours: &crate::scheduler::WeeklyHours) -> String {
    let days = read::WEEKDAYS.map(|name| {
        let day: Weekday = name.parse().unwrap();
        hours.spans(day).iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
    });
    days.join(" ")
}

#[test]
fn the_sample_is_exactly_the_built_in_configuration() {
    // Without the marks before the keys that have a built-in value.
    let has_value = |name: &str| {
        let key = KEYS.iter().find(|key| key.name == name || key.name.ends_with(&format!(".{name}")));
        key.is_some_and(|key| key.built_in.value().is_some())
    };
    let set: Vec<&str> = SAMPLE
        .lines()
        .take_while(|line| !line.starts_with("# ["))
        .map(|line| match line.strip_prefix("# ").and_then(|shown| Some((shown, shown.split_once(" = ")?.0))) {
            Some((shown, name)) if has_value(name) => shown,
            _ => line,
        })
        .collect();
    assert!(set.iter().filter(|line| line.contains(" = ") && !line.starts_with('#')).count() > 40, "{set:#?}");
    let built_in = settings("", &[]).unwrap();
    for text in [SAMPLE, &set.join("\n")] {
        let sample = settings(text, &[]).unwrap();
        assert_eq!(sample.policies.defaults(), built_in.policies.defaults());
        assert_eq!(sample.watch_interval, built_in.watch_interval);
        assert_eq!(sample.database, None);
        assert_eq!(sample.policies.clients().count(), 0);
    }
}

#[test]
fn the_sample_names_every_key_at_its_built_in_value() {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in SAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        }
        if line.starts_with("# [") {
            break;
        }
        let Some((name, value)) = line.trim_start_matches("# ").split_once(" = ") else { continue };
        let name = format!("{section}.{name}");
        let name = name.strip_prefix("defaults.").unwrap_or(name.trim_start_matches('.')).to_owned();
        found.push((name, value.to_owned(), line.starts_with('#')));
    }
    let mut open = 0;
    for key in &KEYS {
        let group = key.name.trim_end_matches(|c| c != '.');
        let matches: Vec<_> = found
            .iter()
            .filter(|(name, ..)| if key.is_open() { name.starts_with(group) } else { name == key.name })
            .collect();
        // A table with names of its own may show several.
        let is_enough = if key.is_open() { !matches.is_empty() } else { matches.len() == 1 };
        assert!(is_enough, "{} stands {} times", key.name, matches.len());
        for (_, value, is_comment) in &matches {
            assert!(is_comment, "{} is commented out", key.name);
            if let Some(built_in) = key.built_in.value() {
                assert_eq!(&built_in.to_string(), value, "{}", key.name);
            }
        }
        open += matches.len();
    }
    assert_eq!(open, found.len(), "a key of the sample is not known");
}

#[test]
fn what_the_sample_shows_in_comments_is_legal_too() {
    let live: String = SAMPLE
        .lines()
        .map(|line| {
            let shown = line.strip_prefix("# ").filter(|rest| rest.contains(" = ") || rest.starts_with('['));
            format!("{}\n", shown.unwrap_or(line))
        })
        .collect();
    let settings = settings(&live, &[]).unwrap();
    assert_eq!(settings.policies.clients().map(ToString::to_string).collect::<Vec<_>>(), ["acme"]);
    assert_eq!(policy(&settings, "acme").limits.max_concurrent, 10);
}

#[test]
fn the_built_in_values_are_those_of_the_manual() {
    let settings = settings("", &[]).unwrap();
    let policy = settings.policies.defaults();
    assert_eq!(policy.hours.zone.name(), "America/New_York");
    let office = "09:00-17:00";
    assert_eq!(week(&policy.hours.business), format!("{office} {office} {office} {office} {office}  "));
    assert_eq!(week(&policy.hours.calling), ["08:00-21:00"; 7].join(" "));
    let prime: Vec<u32> = (0..24).filter(|hour| policy.hours.prime.contains(*hour)).collect();
    assert_eq!(prime, [9, 10, 11, 14, 15, 16]);
    assert_eq!(policy.retry.max_retries, 3);
    assert_eq!(policy.retry.delays, [5, 15, 30, 60].map(TimeDelta::minutes));
    assert_eq!((policy.retry.multiplier, policy.retry.jitter), (2.0, 0.1));
    assert_eq!(policy.retry.max_delay, TimeDelta::hours(24));
    assert_eq!((policy.order.weights, policy.order.aging), ([100.0, 75.0, 50.0, 25.0], 10.0));
    assert_eq!((policy.limits.max_concurrent, policy.limits.max_per_minute), (5, 0));
    assert_eq!(policy.country_code, None);
    let dispatch = DispatchSettings {
        kind: DispatchKind::None,
        command: Vec::new(),
        timeout: TimeDelta::minutes(10),
        call_timeout: TimeDelta::hours(2),
        on_unknown: OnUnknown::Hold,
        breaker: 5,
        exit_status: [].into(),
        retell: None,
    };
    assert_eq!(policy.dispatch, dispatch);
    assert_eq!((policy.law.number_rest, policy.law.caps.len()), (TimeDelta::hours(24), 0));
    assert_eq!(settings.watch_interval, TimeDelta::minutes(5));
}

#[test]
fn a_client_has_caps_and_a_rest_of_its_own() {
    let file = "[defaults.law]\nnumber_rest = \"0\"\n[clients.acme.law]\nnumber_rest = \"90m\"\ncaps = [\"6/7d\"]\n";
    let settings = settings(file, &[]).unwrap();
    let another = policy(&settings, "another").law;
    assert_eq!((another.number_rest, another.caps.len()), (TimeDelta::zero(), 0));
    let law = policy(&settings, "acme").law;
    assert_eq!(law.number_rest, TimeDelta::minutes(90));
    assert_eq!(law.caps.iter().map(ToString::to_string).collect::<Vec<_>>(), ["6/168h:network:number"]);
}

#[test]
fn a_cap_or_a_rest_that_is_none_is_refused_with_its_place() {
    for (line, said) in [
        ("number_rest = \"400d\"", "`law.number_rest` is \"400d\": expected a duration"),
        ("caps = [\"3\"]", "`law.caps`: `3` is not a cap: write such as 3/24h"),
    ] {
        let file = format!("[defaults.law]\n{line}\n");
        let found = settings(&file, &[]).unwrap_err().join("\n");
        assert!(found.contains("config.toml:2:") && found.contains(said), "{found}");
    }
}

#[test]
fn a_client_goes_before_a_variable_and_a_variable_before_the_defaults() {
    let file = "[defaults]\nmax_concurrent = 6\nmax_retries = 1\n[clients.acme]\nmax_concurrent = 8\n";
    let settings = settings(file, &[("QUEUE_MAX_CONCURRENT", "7"), ("QUEUE_RETRY_DELAYS", "")]).unwrap();
    let limit = |client: &str| policy(&settings, client).limits.max_concurrent;
    assert_eq!((limit("acme"), limit("another")), (8, 7));
    assert_eq!(policy(&settings, "acme").retry.max_retries, 1, "a key of the defaults holds for a client");
    assert_eq!(policy(&settings, "acme").retry.delays.len(), 4, "an empty variable is unset");
}

#[test]
fn every_variable_of_the_manual_sets_its_key() {
    let settings = settings(
        "",
        &[
            ("QUEUE_MAX_CONCURRENT", "9"),
            ("QUEUE_RETRY_DELAYS", "1, 2"),
            ("QUEUE_DEFAULT_TIMEZONE", "Asia/Tokyo"),
            ("QUEUE_BUSINESS_HOURS_START", "10:00"),
            ("QUEUE_BUSINESS_HOURS_END", "18:30"),
            ("QUEUE_PROCESS_INTERVAL", "90s"),
        ],
    )
    .unwrap();
    let policy = settings.policies.defaults();
    assert_eq!(policy.limits.max_concurrent, 9);
    assert_eq!(policy.retry.delays, [1, 2].map(TimeDelta::minutes));
    assert_eq!(policy.hours.zone.name(), "Asia/Tokyo");
    assert_eq!(policy.hours.business.spans(Weekday::Mon), ["10:00-18:30".parse().unwrap()]);
    assert_eq!(settings.watch_interval, TimeDelta::seconds(90));
}

#[test]
fn a_wrong_variable_is_named_with_its_value() {
    assert_eq!(
        settings("", &[("QUEUE_MAX_CONCURRENT", "many"), ("QUEUE_BUSINESS_HOURS_END", "09:00")]).unwrap_err(),
        [
            "QUEUE_BUSINESS_HOURS_END=\"09:00\": `business_hours.start` and `business_hours.end` are the same: \
             a span from 09:00 to 09:00 is empty: write 00:00-24:00 for the whole day, \
             or an empty list for a closed day",
            "QUEUE_MAX_CONCURRENT=\"many\": `max_concurrent` is \"many\": expected a whole number from 1 to 4294967295",
        ]
    );
}

#[test]
fn tables_merge_key_by_key() {
    let settings = settings(TWO_CLIENTS, &[]).unwrap();
    let acme = policy(&settings, "acme");
    let night = "22:00-06:00";
    assert_eq!(
        week(&acme.hours.business),
        format!("{night} {night} {night} {night} {night}  09:00-12:00+13:00-24:00"),
        "the client closes the Saturday that the defaults open"
    );
    assert_eq!(acme.dispatch.kind, DispatchKind::Command);
    assert_eq!(acme.dispatch.command, ["/usr/local/bin/place-call", "{phone}"]);
    let statuses: Vec<_> = acme.dispatch.exit_status.into_iter().collect();
    assert_eq!(statuses, [(1, Outcome::Retry), (2, Outcome::Failed)]);
    assert_eq!(acme.retry.delays, [TimeDelta::seconds(30), TimeDelta::minutes(10)]);
    assert_eq!(acme.limits.max_concurrent, 7);
    let christmas = chrono::NaiveDate::from_ymd_opt(2026, 12, 25).unwrap();
    assert!(!acme.hours.holidays.contains(christmas), "a list replaces the list below");

    let globex = policy(&settings, "Globex Corp.");
    assert!(globex.hours.holidays.contains(christmas));
    assert!(week(&globex.hours.business).ends_with("10:00-14:00 "));
    let retell = globex.dispatch.retell.unwrap();
    assert_eq!(retell.from_number.as_str(), "+12125554567");
    assert_eq!((retell.base_url.as_str(), retell.api_key_env.as_str()), ("http://127.0.0.1:8080", "RETELL_API_KEY"));
    assert_eq!(settings.database.as_deref(), Some(Path::new("/etc/callq/queue.db")));
}

#[test]
fn every_fault_of_a_file_is_told_at_once_with_its_place() {
    let found = settings(EVERYTHING, &[]).unwrap_err().join("\n");
    snapbox::assert_data_eq!(found, snapbox::file!["../../../tests/fixtures/config/invalid/everything.txt": Text]);
}

#[test]
fn the_rules_between_keys_hold_for_every_client() {
    let found = settings(RULES, &[]).unwrap_err().join("\n");
    snapbox::assert_data_eq!(found, snapbox::file!["../../../tests/fixtures/config/invalid/rules.txt": Text]);
}

#[test]
fn a_fault_of_the_defaults_is_told_once_and_hides_no_other() {
    let text =
        "[defaults]\nretry_delays = [-5]\n[clients.a]\nmax_retries = 2\n[clients.b]\ntimezone = \"UTC\"\naging = -1\n";
    assert_eq!(
        settings(text, &[]).unwrap_err(),
        [
            "/etc/callq/config.toml:2:17: `retry_delays` is -5: expected minutes, a number from 0 to 527040",
            "/etc/callq/config.toml:7:9: `aging` is -1: expected points an hour, a number from 0 up",
        ]
    );
}

#[test]
fn a_secret_in_the_file_is_not_repeated() {
    let text = "[defaults.dispatch]\napi_key = \"key_0123456789\"\napi_key_env = \"key_0123456789\"\n";
    let found = settings(text, &[]).unwrap_err();
    assert_eq!(found.len(), 2);
    assert!(!found.join("\n").contains("0123"), "{found:?}");
}

#[test]
fn the_file_of_a_key_starts_at_the_folder_of_the_configuration() {
    let text = |path: &str| {
        format!(
            "[clients.acme.dispatch]\nkind = \"retell\"\nfrom_number = \"+12125554567\"\napi_key_file = \"{path}\"\n"
        )
    };
    for (path, whole) in [("keys/retell", "/etc/callq/keys/retell"), ("/run/retell", "/run/retell")] {
        let policy = policy(&settings(&text(path), &[]).unwrap(), "acme");
        assert_eq!(policy.dispatch.retell.unwrap().api_key_file.as_deref(), Some(Path::new(whole)));
    }
}

#[test]
fn a_client_adds_its_own_variables_of_the_agent() {
    let text = "[defaults.dispatch]\ndynamic_variables = { city = \"town\", name = \"name\" }\n\
                [clients.acme.dispatch]\nkind = \"retell\"\nfrom_number = \"+12125554567\"\nagent_id = \"agent_1\"\n\
                agent_version = 3\nrequest_timeout = \"5s\"\ndynamic_variables.name = \"first\"\n";
    let retell = policy(&settings(text, &[]).unwrap(), "acme").dispatch.retell.unwrap();
    let pairs: Vec<_> = retell.dynamic_variables.iter().map(|(name, field)| format!("{name} = {field}")).collect();
    assert_eq!(pairs, ["city = town", "name = first"]);
    assert_eq!((retell.agent_id.as_deref(), retell.agent_version), (Some("agent_1"), Some(3)));
    assert_eq!((retell.request_timeout, retell.poll_interval), (TimeDelta::seconds(5), TimeDelta::seconds(10)));
    let faults = settings("[defaults.dispatch.dynamic_variables]\n\"a b\" = \"x\"\nc = 5\n", &[]).unwrap_err();
    assert_eq!(
        faults,
        [
            "/etc/callq/config.toml:2:1: `dispatch.dynamic_variables.a b` names no variable: \
             expected letters, digits and `_`",
            "/etc/callq/config.toml:3:5: `dispatch.dynamic_variables.c` is 5: expected the name of a field of the \
             metadata",
        ]
    );
}

#[test]
fn faults_of_toml_itself_have_a_place_too() {
    let found = settings("[defaults]\nmax_retries = 3\nmax_retries = 4\nx = \"é\" y\n", &[]).unwrap_err();
    assert!(found[0].starts_with("/etc/callq/config.toml:3:1: not TOML: "), "{found:?}");
    assert!(found[1].starts_with("/etc/callq/config.toml:4:"), "{found:?}");
}

#[test]
fn the_default_file_may_be_absent_and_a_named_one_may_not() {
    let temp = tempfile::tempdir().unwrap();
    let at = |locations: Locations| load(&locations).map(|settings| settings.policies.clients().count());
    assert_eq!(at(Locations::default()).unwrap(), 0, "no home directory, no file");
    let home = UserFolders { config: Some(temp.path().to_owned()), data: None };
    let home = Locations { folders: home, ..Locations::default() };
    assert_eq!(at(home.clone()).unwrap(), 0);

    fs::create_dir(temp.path().join("callq")).unwrap();
    fs::write(temp.path().join("callq/config.toml"), "[clients.acme]\n").unwrap();
    assert_eq!(at(home.clone()).unwrap(), 1);

    fs::write(temp.path().join("two.toml"), TWO_CLIENTS).unwrap();
    let mut named = Locations { variables: variables(&[("CALLQ_CONFIG", "")]).variables, ..home };
    assert_eq!(at(named.clone()).unwrap(), 1, "an empty variable is unset");
    named.variables.insert("CALLQ_CONFIG".into(), temp.path().join("two.toml").into());
    assert_eq!(at(named.clone()).unwrap(), 2);
    named.config_flag = Some(temp.path().join("absent.toml"));
    let message = at(named).unwrap_err().to_string();
    assert!(
        message
            .ends_with("absent.toml: no such configuration file (named by --config); `callq config init` writes one"),
        "{message}"
    );
}

#[test]
fn the_database_is_named_by_flag_variable_file_and_home_in_turn() {
    let mut settings = settings("database = \"q.db\"", &[]).unwrap();
    let mut locations = variables(&[("CALLQ_DB", "/variable.db")]);
    locations.db_flag = Some("/flag.db".into());
    locations.folders.data = Some("/home/me/data".into());
    let found = |settings: &Settings, locations: &Locations| settings.database_path(locations).unwrap();
    assert_eq!(found(&settings, &locations), Path::new("/flag.db"));
    locations.db_flag = None;
    assert_eq!(found(&settings, &locations), Path::new("/variable.db"));
    locations.variables.insert("CALLQ_DB".into(), "".into());
    assert_eq!(found(&settings, &locations), Path::new("/etc/callq/q.db"), "relative to the file's folder");
    settings.database = None;
    assert_eq!(found(&settings, &locations), Path::new("/home/me/data/callq/queue.db"));
    locations.folders.data = None;
    assert_eq!(
        settings.database_path(&locations).unwrap_err().to_string(),
        "no home directory, so no place for the database: set --db PATH or CALLQ_DB"
    );
}
