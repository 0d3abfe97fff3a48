//! Edits of the file: what stays, what is refused, and that nothing is lost.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::*;

/// A folder with a configuration of this text.
struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    fn new(text: &str) -> Sandbox {
        let sandbox = Sandbox { folder: tempfile::tempdir().unwrap() };
        fs::write(sandbox.path(), text).unwrap();
        sandbox
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("config.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn set(&self, client: &str, key: &str, value: &str) -> Result<bool, String> {
        set(&self.path(), client.parse().ok().as_ref(), key, value)
            .map(|edited| edited.changed)
            .map_err(|error| self.shown(&error))
    }

    fn unset(&self, client: &str, key: &str) -> Result<bool, String> {
        unset(&self.path(), client.parse().ok().as_ref(), key)
            .map(|edited| edited.changed)
            .map_err(|error| self.shown(&error))
    }

    fn shown(&self, error: &ConfigError) -> String {
        error.to_string().replace(&self.path().display().to_string(), "FILE")
    }
}

const COMMENTED: &str = "\
# Ours.
[defaults]
# Where we are.
timezone = \"America/New_York\"    # IANA
max_retries = 3

[clients.acme] # our best
max_concurrent = 10
# the end
";

#[test]
fn a_change_keeps_comments_order_and_space() {
    let sandbox = Sandbox::new(COMMENTED);
    assert_eq!(sandbox.set("", "timezone", "Europe/Berlin"), Ok(true));
    assert_eq!(sandbox.text(), COMMENTED.replace("America/New_York", "Europe/Berlin"));
    assert_eq!(sandbox.set("acme", "max_concurrent", "12"), Ok(true));
    assert_eq!(sandbox.text(), COMMENTED.replace("America/New_York", "Europe/Berlin").replace("10", "12"));
    assert_eq!(sandbox.set("acme", "max_concurrent", "12"), Ok(false), "nothing to change");
    assert_eq!(sandbox.set("", "timezone", "America/New_York"), Ok(true));
    assert_eq!(sandbox.set("acme", "max_concurrent", "10"), Ok(true));
    assert_eq!(sandbox.text(), COMMENTED);
}

#[test]
fn what_is_missing_is_made_in_the_style_of_the_sample() {
    let sandbox = Sandbox::new("");
    for (client, key, value) in [
        ("", "retry_delays", "5,15"),
        ("", "defaults.holidays", "12-25, 2026-11-26"),
        ("acme", "business_hours.start", "10:00"),
        ("acme", "business_hours.days.Sat", "[\"10:00-14:00\"]"),
        ("acme", "business_hours.days.Sun", ""),
        ("acme", "aging", "5"),
        ("Globex Corp.", "dispatch.exit_status.1", "retry"),
        ("", "database", "q.db"),
        ("", "watch.interval", "1m"),
    ] {
        assert_eq!(sandbox.set(client, key, value), Ok(true), "{key}");
    }
    let expected = "\
database = \"q.db\"
[defaults]
retry_delays = [5, 15]
holidays = [\"12-25\", \"2026-11-26\"]

[clients.acme]
aging = 5

[clients.acme.business_hours]
start = \"10:00\"
days.Sat = [\"10:00-14:00\"]
days.Sun = []

[clients.\"Globex Corp.\"]

[clients.\"Globex Corp.\".dispatch]
exit_status.1 = \"retry\"

[watch]
interval = \"1m\"
";
    assert_eq!(sandbox.text(), expected);
}

#[test]
fn a_new_section_leaves_the_last_comments_to_the_section_above() {
    for end in ["\n", "\r\n"] {
        let text = "[defaults]\naging = 1\n# country_code = \"1\"\n".replace('\n', end);
        let sandbox = Sandbox::new(&text);
        assert_eq!(sandbox.set("acme", "aging", "2"), Ok(true));
        assert_eq!(sandbox.set("acme", "max_retries", "2"), Ok(true));
        let section = "\n[clients.acme]\naging = 2\nmax_retries = 2\n".replace('\n', end);
        assert_eq!(sandbox.text(), format!("{text}{section}"));
        assert_eq!(sandbox.set("", "max_retries", "1"), Ok(true));
        assert!(sandbox.text().contains(&"max_retries = 1\n# country_code".replace('\n', end)), "{}", sandbox.text());
    }
}

#[test]
fn inline_and_dotted_tables_stay_what_they_are() {
    let sandbox =
        Sandbox::new("[clients.acme]\nbusiness_hours = { start = \"10:00\" }\ncalling_hours.start = \"09:00\"\n");
    assert_eq!(sandbox.set("acme", "business_hours.days.Sat", "10:00-14:00"), Ok(true));
    assert_eq!(sandbox.set("acme", "calling_hours.end", "20:00"), Ok(true));
    assert_eq!(
        sandbox.text(),
        "[clients.acme]\nbusiness_hours = { start = \"10:00\", days = { Sat = [\"10:00-14:00\"] } }\n\
         calling_hours.start = \"09:00\"\ncalling_hours.end = \"20:00\"\n"
    );
    assert_eq!(sandbox.unset("acme", "business_hours.start"), Ok(true));
    assert_eq!(sandbox.unset("acme", "calling_hours.start"), Ok(true));
    assert_eq!(
        sandbox.text(),
        "[clients.acme]\nbusiness_hours = { days = { Sat = [\"10:00-14:00\"] } }\ncalling_hours.end = \"20:00\"\n"
    );
}

#[test]
fn every_key_of_the_sample_can_be_set_and_unset_again() {
    let sandbox = Sandbox::new(SAMPLE);
    for key in &super::super::keys::KEYS {
        let name = key
            .name
            .replace("<weekday>", "Sat")
            .replace("<status>", "1")
            .replace("<variable>", "name")
            .replace("<reason>", "busy")
            .replace("<rule>", "us-mi");
        let value = match key.built_in.value() {
            Some(value) => value.to_string(),
            None if name.contains("days.") => "10:00-14:00".to_owned(),
            None if name.contains("exit_status") => "retry".to_owned(),
            None if name == "law.purpose" => "debt".to_owned(),
            None if name.contains("from_number") => "+12125554567".to_owned(),
            None => "1".to_owned(),
        };
        let before = sandbox.text();
        assert_eq!(sandbox.set("", &name, &value), Ok(true), "{name}");
        // Of a table with names of its own the sample shows an example.
        let is_at_its_place = sandbox.text().lines().count() == before.lines().count();
        assert!(is_at_its_place || key.is_open(), "{name}");
        assert_eq!(sandbox.unset("", &name), Ok(true), "{name}");
        assert_eq!(sandbox.text(), before, "{name}");
    }
    assert_eq!(sandbox.text(), SAMPLE);
}

#[test]
fn unset_takes_the_line_and_leaves_the_comments_above() {
    let sandbox = Sandbox::new(COMMENTED);
    assert_eq!(sandbox.unset("", "timezone"), Ok(true));
    assert_eq!(sandbox.unset("acme", "max_concurrent"), Ok(true));
    assert_eq!(
        sandbox.text(),
        "# Ours.\n[defaults]\n# Where we are.\nmax_retries = 3\n\n[clients.acme] # our best\n# the end\n"
    );
    assert_eq!(sandbox.unset("", "timezone"), Err("`timezone` is not set in [defaults] of FILE".into()));
    let sandbox = Sandbox::new("[defaults]\nretry_delays = [\n  5, # soon\n  15,\n] # end");
    assert_eq!(sandbox.unset("", "retry_delays"), Ok(true));
    assert_eq!(sandbox.text(), "[defaults]\n");
}

#[test]
fn what_would_be_wrong_is_never_written() {
    let text = "[defaults]\nretry_delays = [5]\n[clients.acme]\nbusiness_hours.end = \"10:00\"\n";
    let sandbox = Sandbox::new(text);
    for (client, key, value, message) in [
        ("", "max_concurent", "5", "unknown key `max_concurent`; did you mean `max_concurrent`?"),
        ("", "max_concurrent", "ten", "`max_concurrent` is \"ten\": expected a whole number from 1 to 4294967295"),
        (
            "",
            "holidays",
            "2026-02-30,13-01",
            "`holidays` is \"2026-02-30\": expected a date such as \"2026-11-26\", or \
             \"12-25\" for every year, that exists\n\
             `holidays` is \"13-01\": expected a date such as \"2026-11-26\", or \"12-25\" for every year, that exists",
        ),
        ("acme", "database", "q.db", "`database` is one value for all clients: leave out `-c acme`"),
        (
            "",
            "business_hours.start",
            "10:00",
            "nothing was written, since the configuration would be wrong:\n\
             FILE:7:22: `business_hours.start` and `business_hours.end` are the same: a span from 10:00 to 10:00 is \
             empty: write 00:00-24:00 for the whole day, or an empty list for a closed day",
        ),
    ] {
        assert_eq!(sandbox.set(client, key, value), Err(message.into()));
        assert_eq!(sandbox.text(), text);
    }
    let sandbox = Sandbox::new("[defaults]\nmax_retries = = 3\n");
    assert!(sandbox.set("", "timezone", "UTC").unwrap_err().starts_with("FILE:2:15: not TOML: "));
    let sandbox = Sandbox::new("defaults = 5\n");
    assert_eq!(sandbox.set("", "timezone", "UTC"), Err("FILE:1:12: `defaults` is 5: expected a table".into()));
}

#[test]
fn a_wrong_value_can_be_put_right() {
    let sandbox = Sandbox::new("[defaults]\nmax_concurrent = 0\n");
    assert_eq!(sandbox.set("", "max_concurrent", "1"), Ok(true));
    let sandbox = Sandbox::new("[defaults]\nmax_concurrent = 0\n");
    assert_eq!(sandbox.unset("", "max_concurrent"), Ok(true));
    assert_eq!(sandbox.text(), "[defaults]\n");
}

#[test]
fn the_mode_and_a_link_are_kept() {
    let sandbox = Sandbox::new("");
    fs::set_permissions(sandbox.path(), fs::Permissions::from_mode(0o640)).unwrap();
    let link = sandbox.folder.path().join("link.toml");
    std::os::unix::fs::symlink("config.toml", &link).unwrap();
    assert!(set(&link, None, "aging", "1").unwrap().changed);
    assert!(link.is_symlink());
    assert_eq!(sandbox.text(), "[defaults]\naging = 1\n");
    assert_eq!(sandbox.path().metadata().unwrap().mode() & 0o7777, 0o640);
    let mut names: Vec<_> =
        fs::read_dir(sandbox.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [".config.toml.lock", "config.toml", "link.toml"]);
}

#[test]
fn a_new_file_and_folder_are_for_their_owner_only() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("callq/config.toml");
    init(&path, None).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), SAMPLE);
    assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o600);
    assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o7777, 0o700);
    assert!(matches!(init(&path, None), Err(ConfigError::Exists { .. })));

    let open = temp.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(init(&open.join("config.toml"), None), Err(ConfigError::Untrusted(_))));
    assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
}

#[test]
fn two_at_once_do_not_lose_each_others_change() {
    let sandbox = Sandbox::new("");
    std::thread::scope(|scope| {
        for client in ["a", "b", "c", "d"] {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for retries in 0..10 {
                    sandbox.set(client, "max_retries", &retries.to_string()).unwrap();
                    sandbox.set(&format!("{client}{retries}"), "aging", "1").unwrap();
                }
            });
        }
    });
    let (document, mistakes) = Document::parse(sandbox.text());
    assert!(mistakes.is_empty());
    assert_eq!(document.clients.len(), 4 + 40);
}

#[test]
fn what_is_set_is_what_holds_whatever_the_style_of_the_file() {
    let text = include_str!("../../../tests/fixtures/config/valid/two-clients.toml");
    let sandbox = Sandbox::new(text);
    let locations = Locations { config_flag: Some(sandbox.path()), ..Locations::default() };
    for client in ["", "acme", "Globex Corp.", "new \\ \"one\""] {
        for (key, value) in [
            ("timezone", "Asia/Tokyo"),
            ("holidays", "[\"01-01\"]"),
            ("business_hours.start", "07:00"),
            ("business_hours.days.Sat", "[\"08:00-09:00\"]"),
            ("business_hours.days.Fri", "[]"),
            ("calling_hours.days.Sun", "[]"),
            ("priority_weights.urgent", "1000.5"),
            ("dispatch.breaker", "7"),
            ("dispatch.exit_status.1", "failed"),
            ("dispatch.exit_status.255", "unavailable"),
            ("dispatch.dynamic_variables.first_name", "name"),
        ] {
            assert_eq!(sandbox.set(client, key, value), Ok(true), "{client} {key}");
            let settings = crate::config::load(&locations).unwrap();
            let row = crate::config::get(&settings, key, client.parse().ok().as_ref()).unwrap();
            assert_eq!(row.bare.as_deref(), Some(value), "{client} {key}\n{}", sandbox.text());
            assert!(matches!(row.source, crate::config::Source::File { .. }));
        }
    }
    for client in ["", "acme", "Globex Corp.", "new \\ \"one\""] {
        assert_eq!(sandbox.unset(client, "business_hours.days.Sat"), Ok(true), "{client}");
        assert_eq!(sandbox.unset(client, "dispatch.exit_status.1"), Ok(true), "{client}\n{}", sandbox.text());
        assert_eq!(sandbox.unset(client, "timezone"), Ok(true), "{client}");
    }
    let settings = crate::config::load(&locations).unwrap();
    assert_eq!(settings.policies.of(&"acme".parse().unwrap()).hours.zone.name(), "America/New_York");
}

#[test]
fn a_file_from_another_system_is_read_and_changed() {
    for text in ["[defaults]\r\naging = 1\r\n# end\r\n", "\u{feff}[defaults]\naging = 1\n# end\n"] {
        let sandbox = Sandbox::new(text);
        assert_eq!(sandbox.set("", "aging", "2"), Ok(true));
        assert_eq!(sandbox.text(), text.replace('1', "2"), "{text:?}");
        assert_eq!(sandbox.unset("", "aging"), Ok(true));
        assert!(sandbox.text().contains("# end") && !sandbox.text().contains("aging"), "{:?}", sandbox.text());
        let sandbox = Sandbox::new(&text.replace('1', "-1"));
        assert!(sandbox.set("", "timezone", "UTC").unwrap_err().contains("FILE:2:9: `aging` is -1"), "{text:?}");
    }
}

#[test]
fn a_key_is_set_on_the_line_that_shows_it_and_shown_again_without_it() {
    let sandbox = Sandbox::new(SAMPLE);
    assert_eq!(sandbox.set("", "max_concurrent", "12"), Ok(true));
    assert_eq!(sandbox.text(), SAMPLE.replace("# max_concurrent = 5\n", "max_concurrent = 12\n"));
    assert_eq!(sandbox.set("", "business_hours.end", "18:00"), Ok(true));
    assert!(sandbox.text().contains("# start = \"09:00\"\nend = \"18:00\"\n"), "{}", sandbox.text());
    assert_eq!(sandbox.set("acme", "max_concurrent", "3"), Ok(true), "the shown section is an example");
    assert!(sandbox.text().ends_with("\n[clients.acme]\nmax_concurrent = 3\n"), "{}", sandbox.text());
    assert_eq!(sandbox.unset("", "max_concurrent"), Ok(true));
    assert_eq!(sandbox.unset("", "business_hours.end"), Ok(true));
    assert!(sandbox.text().starts_with(SAMPLE), "{}", sandbox.text());
    // Ours is no line of the sample.
    let sandbox = Sandbox::new("[defaults]\n# at most\nmax_concurrent = 5\n");
    assert_eq!(sandbox.unset("", "max_concurrent"), Ok(true));
    assert_eq!(sandbox.text(), "[defaults]\n# at most\n");
    let sandbox = Sandbox::new("[defaults]\nholidays = [\n# aging = 1\n]\n");
    assert_eq!(sandbox.set("", "aging", "2"), Ok(true));
    assert_eq!(sandbox.text(), "[defaults]\nholidays = [\n# aging = 1\n]\naging = 2\n");
}
