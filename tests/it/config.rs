//! `callq config` as a reader: where the file is, what holds, and where each value comes from.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Run, Sandbox, is_installed};

/// The program, where the sandbox's `--db` is in the way.
const CALLQ: &str = env!("CARGO_BIN_EXE_callq");

/// Each key's value and source.
fn rows(run: &Run) -> BTreeMap<String, (Value, String)> {
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let rows = run.json();
    rows.as_array().unwrap().iter().map(|row| (text(row, "key"), (row["value"].clone(), text(row, "source")))).collect()
}

const LAYERS: &str = r#"[watch]
interval = "1m"

[defaults]
timezone = "Europe/Berlin"
max_concurrent = 6
max_retries = 1

[clients.acme]
timezone = "Asia/Tokyo"
max_retries = 2
"#;

#[test]
fn each_value_is_the_uppermost_layers_and_the_list_says_which() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(LAYERS);
    for (name, value) in
        [("QUEUE_DEFAULT_TIMEZONE", "UTC"), ("QUEUE_MAX_CONCURRENT", "7"), ("QUEUE_PROCESS_INTERVAL", "2m")]
    {
        sandbox.set(name, value);
    }
    let file = "[FOLDER]/config/config.toml";
    let acme = rows(&sandbox.run("config list -c acme --json").expect_code(0));
    for (key, value, source) in [
        ("database", json!("[FOLDER]/queue.db"), "--db".to_owned()),
        ("timezone", json!("Asia/Tokyo"), format!("{file}:10 [clients.acme]")),
        ("max_retries", json!(2), format!("{file}:11 [clients.acme]")),
        ("max_concurrent", json!(7), "QUEUE_MAX_CONCURRENT".to_owned()),
        ("watch.interval", json!("2m"), "QUEUE_PROCESS_INTERVAL".to_owned()),
        ("aging", json!(10.0), "built-in".to_owned()),
        ("country_code", Value::Null, "built-in".to_owned()),
    ] {
        assert_eq!(acme[key], (value, source), "{key}");
    }
    let defaults = rows(&sandbox.run("config list --json").expect_code(0));
    assert_eq!(defaults["timezone"], (json!("UTC"), "QUEUE_DEFAULT_TIMEZONE".to_owned()));
    assert_eq!(defaults["max_retries"], (json!(1), format!("{file}:7 [defaults]")));
    // A flag goes before all of them.
    for (flags, retries) in [(&[][..], 2), (&["--max-retries", "9"], 9)] {
        let lead = format!("lead-{retries}");
        let add = ["add", "-c", "acme", &lead, "--json"];
        assert_eq!(
            sandbox.run(add.iter().chain(flags).collect::<Vec<_>>()).expect_code(0).json()["max_retries"],
            retries
        );
    }
}

#[test]
fn every_variable_of_the_manual_sets_its_key() {
    for (variable, text, key, value) in [
        ("QUEUE_MAX_CONCURRENT", "5", "max_concurrent", json!(5)),
        ("QUEUE_RETRY_DELAYS", "5,15,30,60", "retry_delays", json!([5, 15, 30, 60])),
        ("QUEUE_DEFAULT_TIMEZONE", "America/New_York", "timezone", json!("America/New_York")),
        ("QUEUE_BUSINESS_HOURS_START", "09:00", "business_hours.start", json!("09:00")),
        ("QUEUE_BUSINESS_HOURS_END", "17:00", "business_hours.end", json!("17:00")),
        ("QUEUE_PROCESS_INTERVAL", "5m", "watch.interval", json!("5m")),
    ] {
        let mut sandbox = Sandbox::new();
        sandbox.set(variable, text);
        let row = sandbox.run(["config", "get", key, "--json"]).expect_code(0).json();
        assert_eq!(row, json!({"key": key, "value": value, "source": variable}));
    }
}

#[test]
fn get_prints_the_bare_value_on_one_line() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\nbusiness_hours.days.Sat = [\"10:00-14:00\"]\n");
    for (key, value) in [
        ("timezone", "America/New_York"),
        ("max_concurrent", "5"),
        ("retry_multiplier", "2.0"),
        ("retry_delays", "[5, 15, 30, 60]"),
        ("business_hours.start", "09:00"),
        ("business_hours.days.Sat", "[\"10:00-14:00\"]"),
        ("watch.interval", "5m"),
        ("database", "[FOLDER]/queue.db"),
    ] {
        assert_eq!(sandbox.run(["config", "get", key]).text(), format!("{value}\n--- exit 0\n"), "{key}");
    }
    assert_eq!(
        sandbox.run("config get country_code").text(),
        "--- standard error\nerror: `country_code` is not set and has no default\n--- exit 3\n"
    );
    assert_eq!(
        sandbox.run("config get max_concurent").text(),
        "--- standard error\nerror: unknown key `max_concurent`; did you mean `max_concurrent`?\n\
         hint: `callq config list` shows every key\n--- exit 2\n"
    );
}

#[test]
fn every_format_has_the_same_rows() {
    let sandbox = Sandbox::new();
    let list = |format: &str| sandbox.run(["config", "list", "--format", format]).expect_code(0);
    let keys: Vec<String> = list("jsonl").json_lines().iter().map(|row| row["key"].as_str().unwrap().into()).collect();
    let json: Vec<Value> = list("json").json().as_array().unwrap().clone();
    assert_eq!(json, list("jsonl").json_lines());
    for format in ["table", "csv"] {
        let text = list(format).stdout;
        let first = text.lines().skip(1).map(|line| line.split([' ', ',']).next().unwrap().to_owned());
        assert_eq!(first.collect::<Vec<_>>(), keys, "{format}");
    }
    assert!(list("table").stdout.starts_with("key "), "{}", list("table"));
    let csv = list("csv").stdout;
    assert!(csv.starts_with("key,value,source\r\ndatabase,[FOLDER]/queue.db,'--db\r\n"), "{csv}");
}

#[test]
fn a_client_is_known_by_its_section_or_by_an_item() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.acme]\nmax_retries = 2\n");
    let get = |sandbox: &Sandbox, client: &str| sandbox.run(["config", "get", "-c", client, "max_retries"]);
    get(&sandbox, "acme").expect_code(0);
    let unknown = get(&sandbox, "globex").expect_code(3);
    assert!(unknown.stderr.starts_with("error: no client globex\n"), "{unknown}");
    sandbox.run("config list -c globex").expect_code(3);
    sandbox.run("config unset -c globex max_retries").expect_code(3);
    assert!(!sandbox.database().exists(), "config needs no database and makes none");
    sandbox.run("add -c globex lead").expect_code(0);
    assert_eq!(get(&sandbox, "globex").stdout, "3\n");
    fs::write(sandbox.database(), "no database at all, and nobody minds").unwrap();
    get(&sandbox, "acme").expect_code(0);
    get(&sandbox, "globex").expect_code(3);
}

#[test]
fn the_client_of_the_environment_is_read_but_never_written_to() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.acme]\nmax_retries = 2\n");
    sandbox.set("CALLQ_CLIENT", "acme");
    assert_eq!(sandbox.run("config get max_retries").stdout, "2\n");
    sandbox.run("config set max_retries 1").expect_code(0);
    let text = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    assert_eq!(text, "[clients.acme]\nmax_retries = 2\n\n[defaults]\nmax_retries = 1\n");
    sandbox.run("config unset max_retries").expect_code(0);
    assert_eq!(sandbox.run("config get max_retries").stdout, "2\n");
}

#[test]
fn the_file_is_named_by_flag_variable_and_home_in_turn() {
    let mut sandbox = Sandbox::new();
    sandbox.set("HOME", sandbox.path("home"));
    sandbox.set("CALLQ_CONFIG", sandbox.path("variable.toml"));
    let path = |sandbox: &Sandbox, flags: &[&str]| {
        sandbox
            .run(["config", "path"].iter().chain(flags).collect::<Vec<_>>())
            .expect_code(0)
            .stdout
            .trim_end()
            .to_owned()
    };
    assert_eq!(path(&sandbox, &["--config", "flag.toml"]), "flag.toml");
    assert_eq!(path(&sandbox, &[]), "[FOLDER]/variable.toml");
    sandbox.set("CALLQ_CONFIG", "");
    let home = path(&sandbox, &[]);
    assert!(home.starts_with("[FOLDER]/home/") && home.ends_with("/callq/config.toml"), "{home}");
    let json = sandbox.run("config path --json").json();
    assert_eq!(json, json!({"path": home, "exists": false}));
    // The default file may be absent, a named one may not.
    sandbox.run("config list").expect_code(0);
    for (variable, flags, named_by) in
        [("variable.toml", &[][..], "CALLQ_CONFIG"), ("variable.toml", &["--config", "flag.toml"], "--config")]
    {
        sandbox.set("CALLQ_CONFIG", sandbox.path(variable));
        for command in [&["config", "list"][..], &["config", "check"], &["list"], &["add", "-c", "a", "lead"]] {
            let run = sandbox.run(command.iter().chain(flags).collect::<Vec<_>>()).expect_code(5);
            assert!(run.stderr.contains(&format!("no such configuration file (named by {named_by})")), "{run}");
        }
    }
    assert!(!sandbox.database().exists());
}

#[test]
fn without_a_home_no_time_goes_into_the_password_file() {
    if !is_installed("strace") {
        return;
    }
    let mut sandbox = Sandbox::new();
    sandbox.unset("HOME");
    sandbox.set("USER", "ops");
    let (run, trace) = sandbox.run_traced(&["-f", "-e", "trace=openat,connect"], &["add", "-c", "acme", "lead"], "");
    run.expect_code(0);
    assert!(trace.contains("queue.db"), "{trace}");
    assert!(!["passwd", "nsswitch", "nscd"].iter().any(|file| trace.contains(file)), "{trace}");
}

#[test]
fn without_a_home_and_a_path_the_error_says_what_to_set() {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_CONFIG");
    let run = |sandbox: &Sandbox, arguments: &[&str]| sandbox.run_program(CALLQ, arguments, "");
    for home in [None, Some("")] {
        if let Some(home) = home {
            sandbox.set("HOME", home);
        }
        assert_eq!(
            run(&sandbox, &["config", "path"]).text(),
            "--- standard error\nerror: no home directory, so no place for the configuration: set --config PATH or \
             CALLQ_CONFIG\n--- exit 5\n"
        );
        for command in [&["list"][..], &["add", "-c", "acme", "lead"], &["process"]] {
            assert_eq!(
                run(&sandbox, command).text(),
                "--- standard error\nerror: no home directory, so no place for the database: set --db PATH or \
                 CALLQ_DB\n--- exit 5\n"
            );
        }
        run(&sandbox, &["config", "list"]).expect_code(0);
        run(&sandbox, &["--db", "queue.db", "add", "-c", "acme", &format!("lead{home:?}")]).expect_code(0);
    }
    sandbox.set("CALLQ_DB", sandbox.path("other.db"));
    run(&sandbox, &["add", "-c", "acme", "lead"]).expect_code(0);
    assert!(sandbox.path("other.db").exists());
}

#[test]
fn the_sample_holds_the_defaults() {
    let mut sandbox = Sandbox::new();
    let values = |sandbox: &Sandbox| -> Vec<(String, Value)> {
        rows(&sandbox.run("config list --json").expect_code(0)).into_iter().map(|(key, row)| (key, row.0)).collect()
    };
    let without = values(&sandbox);
    let path: PathBuf = sandbox.path("config/new.toml");
    sandbox.set("CALLQ_CONFIG", &path);
    let init = sandbox.run("config init");
    assert_eq!(init.text(), "[FOLDER]/config/new.toml\n--- exit 0\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), include_str!("../../sample-config.toml"));
    assert_eq!(values(&sandbox), without);
    // What the rules of law have to say, until a purpose is set.
    let check = sandbox.run("config check").expect_code(0).stdout;
    assert!(check.contains("`law.purpose` is not set"), "{check}");
    assert_eq!(check.lines().filter(|line| line.starts_with("warning ")).count(), check.lines().count(), "{check}");
    fs::write(&path, "# mine\n").unwrap();
    assert_eq!(
        sandbox.run("config init").text(),
        "--- standard error\nerror: [FOLDER]/config/new.toml: exists already and is left as it is\n--- exit 4\n"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n");
}

#[test]
fn the_key_of_a_provider_is_named_and_never_shown() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(
        "[defaults.dispatch]\nkind = \"retell\"\nfrom_number = \"+12125554567\"\napi_key_env = \"OUR_KEY\"\n\
         api_key_file = \"key\"\n",
    );
    sandbox.write("config/key", "key_0123456789");
    sandbox.set("OUR_KEY", "key_0123456789");
    sandbox.run("add -c acme lead --phone +15557654321").expect_code(0);
    for command in [&["config", "list", "-v"][..], &["config", "check"], &["list", "-v"], &["process", "-v"]] {
        let run = sandbox.run(command);
        assert!(!run.text().contains("0123456789"), "{run}");
    }
    let database = fs::read(sandbox.database()).unwrap();
    assert!(!database.windows(14).any(|bytes| bytes == b"key_0123456789"));
    // A key that was pasted into the file is refused and not repeated.
    sandbox.configure("[defaults.dispatch]\napi_key = \"key_0123456789\"\napi_key_env = \"key_0123456789\"\n");
    let run = sandbox.run("config check").expect_code(5);
    assert!(!run.text().contains("0123456789"), "{run}");
}

#[test]
fn paths_in_the_file_start_at_its_folder() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("database = \"data/own.db\"\n[defaults]\nholiday_files = [\"company.ics\"]\n");
    let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
                    DTSTART;VALUE=DATE:20261124\r\nSUMMARY:Closed\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    sandbox.write("config/company.ics", calendar);
    let run = |arguments: &[&str]| sandbox.run_program(CALLQ, arguments, "").expect_code(0);
    assert_eq!(run(&["config", "get", "database"]).stdout, "[FOLDER]/config/data/own.db\n");
    let item = run(&["add", "-c", "acme", "lead", "--at", "2026-11-24 10:00", "--json"]).json();
    assert_eq!(item["scheduled_at"], "2026-11-25T14:00:00.000Z", "Tuesday is a holiday");
    assert!(sandbox.path("config/data/own.db").exists());
}

#[test]
fn csv_spells_out_every_control_character_of_a_cell() {
    let sandbox = Sandbox::new();
    let program = "[\"a\rb\", \"c\\td\\ne\", \"\\u001b[2J\"]".replace('\r', "\\r");
    for line in [
        &["config", "set", "dispatch.command", &program][..],
        &["config", "list"],
        &["config", "get", "dispatch.command"],
    ] {
        let csv = sandbox.run(line.iter().chain(&["--format", "csv"]).collect::<Vec<_>>()).expect_code(0).stdout;
        let rows = csv.split("\r\n").filter(|row| !row.is_empty());
        assert!(rows.into_iter().all(|row| !row.contains(char::is_control)), "{csv:?}");
    }
    sandbox.run(["add", "-c", "acme", "a", "--metadata", "{\n\t\"name\": \"Zoë\"\r\n}"]).expect_code(0);
    let csv = sandbox.run("list --format csv --columns metadata").expect_code(0).stdout;
    assert_eq!(csv, "metadata\r\n\"{  \"\"name\"\": \"\"Zoë\"\"  }\"\r\n", "still JSON");
}
