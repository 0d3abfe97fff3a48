//! What is wrong with a configuration: every fault with its place, and what is legal but surely wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::Sandbox;

const FAULTS: &[(&str, &str)] = &[
    ("[defaults]\nmax_concurent = 5\n", "2:1: unknown key `max_concurent`; did you mean `max_concurrent`?"),
    ("databse = \"q.db\"\n", "1:1: unknown key `databse`; did you mean `database`?"),
    ("[clients.acme]\nmax_retrys = 1\n", "2:1: unknown key `max_retrys`; did you mean `max_retries`?"),
    ("[client.acme]\n", "1:2: unknown key `client`; did you mean `clients`?"),
    (
        "[defaults]\nmax_concurrent = \"five\"\n",
        "2:18: `max_concurrent` is \"five\": expected a whole number from 1 to 4294967295",
    ),
    (
        "[defaults]\ntimezone = \"Europe/Berln\"\n",
        "2:12: `timezone`: unknown time zone `Europe/Berln`: did you mean `Europe/Berlin`?",
    ),
    (
        "[defaults]\nactive_days = [\"Mon\", \"Tus\"]\n",
        "2:23: `active_days` is \"Tus\": expected one of Mon, Tue, Wed, Thu, Fri, Sat, Sun; did you mean `Tue`?",
    ),
    (
        "[defaults.business_hours]\nstart = \"17:00\"\n",
        "2:9: `business_hours.start` and `business_hours.end` are the same: a span from 17:00 to 17:00 is empty: write \
         00:00-24:00 for the whole day, or an empty list for a closed day",
    ),
    (
        "[defaults.business_hours]\npriority_hours = [9, 24]\n",
        "2:22: `business_hours.priority_hours` is 24: expected an hour of the day, a whole number from 0 to 23",
    ),
    (
        "[defaults.business_hours]\nstart = \"25:00\"\n",
        "2:9: `business_hours.start`: `25:00` is not a time of day: expected HH:MM, from 00:00 to 24:00",
    ),
    (
        "[defaults]\nretry_delays = [5, -15]\n",
        "2:20: `retry_delays` is -15: expected minutes, a number from 0 to 527040",
    ),
    (
        "[defaults]\nretry_delays = []\n",
        "2:16: `retry_delays` is empty but `max_retries` is 3: expected a delay in minutes, or max_retries = 0",
    ),
    (
        "[defaults.priority_weights]\nlow = 80\n",
        "2:7: `priority_weights` are urgent 100, high 75, normal 50, low 80: expected each to be lower than the one before",
    ),
    (
        "[clients.acme]\ntimezone = 5\n",
        "2:12: `timezone` is 5: expected the name of a time zone such as \"America/New_York\"",
    ),
];

#[test]
fn every_fault_is_told_with_its_place_and_the_queue_is_left_alone() {
    let mut sandbox = Sandbox::new();
    sandbox.run("add -c acme lead").expect_code(0);
    let before = fs::read(sandbox.database()).unwrap();
    for (text, message) in FAULTS {
        sandbox.configure(text);
        // The fault of one client's section concerns the commands that need that client's policy.
        let for_all = [&["list"][..], &["process"], &["config", "list"]];
        let for_all = if text.starts_with("[clients.acme]") { &[][..] } else { &for_all[..] };
        let for_acme = [&["add", "-c", "acme", "other"][..], &["config", "list", "-c", "acme"]];
        for command in for_all.iter().copied().chain(for_acme) {
            let expected = format!("--- standard error\nerror: [FOLDER]/config/config.toml:{message}\n--- exit 5\n");
            assert_eq!(sandbox.run(command).text(), expected, "{command:?}");
        }
        let (place, message) = message.split_once(": ").unwrap();
        let check = sandbox.run("config check").text();
        let without_warnings: Vec<&str> = check.lines().filter(|line| !line.starts_with("warning ")).collect();
        assert_eq!(
            format!("{}\n", without_warnings.join("\n")),
            format!(
                "error   [FOLDER]/config/config.toml:{place}: {message}\n\
                 --- standard error\nerror: 1 error in the configuration\n--- exit 5\n"
            )
        );
    }
    assert_eq!(fs::read(sandbox.database()).unwrap(), before);
}

#[test]
fn no_more_than_a_mebibyte_is_read_and_of_no_pipe_that_nobody_writes() {
    let sandbox = Sandbox::new();
    let shell = |config: &str| {
        let line = format!("exec {:?} --config {config} config get aging", env!("CARGO_BIN_EXE_callq"));
        sandbox.run_program("bash", ["-c", &line], "")
    };
    let most = 1 << 20;
    let write = |text: &str| sandbox.write("config/config.toml", text);
    let large = |length: usize| format!("[defaults]\naging = 7\n#{}", "x".repeat(length - 22));
    let path = write(&large(most));
    let name = path.to_str().unwrap();
    assert_eq!(shell(name).expect_code(0).stdout, "7\n");
    write(&large(most + 1));
    let told = |config: &str| shell(config).expect_code(5).stderr;
    let too_large = "is larger than 1 MiB: that is not a configuration; name another file\n";
    for config in [name, "/dev/zero", "<(yes)"] {
        assert!(told(config).ends_with(too_large), "{config}: {}", told(config));
    }
    rustix::fs::mkfifoat(rustix::fs::CWD, sandbox.path("pipe"), rustix::fs::Mode::RWXU).unwrap();
    let pipe = sandbox.path("pipe");
    assert!(told(pipe.to_str().unwrap()).ends_with("pipe: is a named pipe: name a file\n"));
    // What has its writer, or is empty, is read as before.
    assert_eq!(shell("<(printf '[defaults]\\naging = 3')").expect_code(0).stdout, "3\n");
    assert_eq!(shell("/dev/fd/5 5< <(printf '[defaults]\\naging = 4')").expect_code(0).stdout, "4\n");
    assert_eq!(shell("/dev/null").expect_code(0).stdout, "10.0\n");
}

#[test]
fn another_encoding_is_a_fault_with_a_place() {
    let mut sandbox = Sandbox::new();
    let path = sandbox.configure("");
    fs::write(&path, b"[defaults]\n# caf\xe9\n").unwrap();
    let message = "[FOLDER]/config/config.toml:2:6: not UTF-8: save the file in that encoding\n";
    assert_eq!(sandbox.run("list").expect_code(5).stderr, format!("error: {message}"));
    sandbox.run("config set aging 1").expect_code(5);
}

#[test]
fn a_wrong_variable_is_named_with_its_value() {
    let mut sandbox = Sandbox::new();
    sandbox.set("QUEUE_MAX_CONCURRENT", "many");
    assert_eq!(
        sandbox.run("add -c acme lead").text(),
        "--- standard error\nerror: QUEUE_MAX_CONCURRENT=\"many\": `max_concurrent` is \"many\": expected a whole number \
         from 1 to 4294967295\n--- exit 5\n"
    );
    assert!(!sandbox.database().exists());
}

const SEVERAL: &str = "databse = 1\n[defaults]\nmax_concurrent = 0\ntimezone = \"Mars\"\n[clients.acme]\naging = -1\n";

#[test]
fn all_problems_are_told_at_once_each_on_its_line() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(SEVERAL);
    let list = sandbox.run("list").expect_code(5);
    let lines: Vec<&str> = list.stderr.lines().collect();
    assert_eq!(lines[0], "error: the configuration is wrong in 4 places:");
    let places: Vec<&str> = lines[1..].iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["1:1", "3:18", "4:12", "6:9"].map(|place| format!("[FOLDER]/config/config.toml:{place}")));
    let check = sandbox.run("config check --format jsonl").expect_code(5);
    let rows = check.json_lines();
    let errors: Vec<_> = rows.iter().take_while(|row| row["verdict"] == "error").collect();
    let found: Vec<_> = errors.iter().map(|row| row["check"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, places);
    assert!(rows[errors.len()..].iter().all(|row| row["verdict"] == "warning"), "{check}");
    assert!(check.stderr.contains("4 errors in the configuration"), "{check}");
    // To a program it is one error.
    let json = sandbox.run("list --json").expect_code(5);
    let error: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
    assert_eq!((&error["error"]["kind"], json.stdout.as_str()), (&"config".into(), ""));
    assert!(error["error"]["message"].as_str().unwrap().contains("6:9: `aging` is -1"), "{json}");
}

#[test]
fn warnings_stand_beside_errors() {
    let mut sandbox = Sandbox::new();
    let warned = "`timezone` is EST, which has no summer time";
    for (config, error) in [
        ("[defaults]\ntimezone = \"EST\"\nmax_retries = -1\n", "`max_retries` is -1"),
        ("[defaults]\ntimezone = \"EST\"\n[clients.acme]\nmax_retries = -1\n", "`max_retries` is -1"),
    ] {
        sandbox.configure(config);
        let check = sandbox.run("config check").expect_code(5);
        assert!(check.stdout.contains(error) && check.stdout.contains(warned), "{check}");
        assert!(check.stderr.contains("1 error in the configuration"), "{check}");
    }
    // A value that is no value is named once.
    sandbox.configure("[defaults.law]\npurpose = \"salse\"\n");
    let check = sandbox.run("config check --json").expect_code(5).json();
    let of_purpose = |row: &&serde_json::Value| row["detail"].as_str().unwrap().contains("law.purpose");
    assert_eq!(check.as_array().unwrap().iter().filter(of_purpose).count(), 1, "{check}");
}

const UNLIKELY: &str = "\
[defaults]
law = { purpose = \"service\", voice = \"human\" }
retry_delays = [5, 3000]

[defaults.business_hours]
priority_hours = [6, 9]

[clients.acme]
business_hours.priority_hours = [6]

[clients.glob]

[clients.night]
business_hours = { start = \"22:00\", end = \"05:00\", priority_hours = [] }
";

#[test]
fn what_is_legal_but_surely_wrong_is_warned_of_once() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(UNLIKELY);
    sandbox.set("QUEUE_MAX_CONCURENT", "7");
    let expected = "\
warning FILE:3:16: a delay of 3000 minutes in `retry_delays` is longer than `retry_max_delay`, 1d
warning FILE:6:18: `business_hours.priority_hours` 6 lie outside of the business hours of every day
warning FILE:9:33: client `acme`: `business_hours.priority_hours` 6 lie outside of the business hours of every day
warning FILE:9:33: client `acme`: items of priority high can never be called: `priority_hours` lie outside of the \
business hours, so that `high` is never open
warning FILE:14:28: client `night`: in the business hours Mon 22:00-05:00, Tue 22:00-05:00, Wed 22:00-05:00, \
Thu 22:00-05:00, Fri 22:00-05:00 no lead in the client's own zone may be called by `calling_hours`
warning FILE:14:28: client `night`: items of priority high can never be called: the client's hours for high calls in \
America/New_York never overlap with `calling_hours` in America/New_York
warning FILE:14:28: client `night`: items of priority normal can never be called: the client's hours for normal calls \
in America/New_York never overlap with `calling_hours` in America/New_York
warning FILE:14:28: client `night`: items of priority urgent can never be called: the client's hours for urgent calls \
in America/New_York never overlap with `calling_hours` in America/New_York
warning environment: the variable `QUEUE_MAX_CONCURENT` is not read; did you mean `QUEUE_MAX_CONCURRENT`?
--- exit 0
";
    let warnings =
        |sandbox: &Sandbox| sandbox.run("config check").text().replace("[FOLDER]/config/config.toml", "FILE");
    assert_eq!(warnings(&sandbox), expected);
    assert!(!sandbox.database().exists(), "a check makes no queue");
    for client in ["acme", "globe"] {
        sandbox.run(["add", "-c", client, "lead", "-p", "urgent"]).expect_code(0);
    }
    let with_queue = warnings(&sandbox);
    let more: Vec<&str> = with_queue.lines().filter(|line| !expected.contains(line)).collect();
    assert_eq!(
        more,
        [
            "warning FILE:11:10: no queue item names the client `glob` of this section; did you mean `globe`?",
            "warning FILE:13:10: no queue item names the client `night` of this section",
        ]
    );
}

#[test]
fn a_program_that_cannot_be_started_is_warned_of() {
    let mut sandbox = Sandbox::new();
    let script = sandbox.script("place-call", "exit 0");
    let check = |sandbox: &mut Sandbox, program: &str| {
        sandbox.configure(&format!(
            "[defaults.dispatch]\nkind = \"command\"\ncommand = [{program:?}]\n\
             [defaults.law]\npurpose = \"service\"\nvoice = \"human\"\n"
        ));
        sandbox.run("-q config check").expect_code(0).stdout
    };
    assert_eq!(check(&mut sandbox, script.to_str().unwrap()), "");
    assert_eq!(check(&mut sandbox, "place-call"), "", "who runs callq decides about PATH");
    let gone = check(&mut sandbox, "/nowhere/place-call");
    let place = "warning [FOLDER]/config/config.toml:3:11: `dispatch.command`:";
    assert_eq!(
        gone,
        format!("{place} /nowhere/place-call: No such file or directory (os error 2): nobody can be called\n")
    );
    fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).unwrap();
    let closed = check(&mut sandbox, script.to_str().unwrap());
    assert!(closed.starts_with(place) && closed.contains("`chmod +x [FOLDER]/place-call`"), "{closed}");
}

#[test]
fn a_program_that_places_calls_finds_nothing_strange_in_its_environment() {
    let mut sandbox = Sandbox::new();
    let script = sandbox.script("check", &format!("{} -q config check > found 2>&1", env!("CARGO_BIN_EXE_callq")));
    sandbox.unset("CALLQ_NOW");
    sandbox.call_by(&script);
    sandbox.run("add -c acme a --phone +12125550101").expect_code(0);
    sandbox.run("process").expect_code(0);
    let found = fs::read_to_string(sandbox.path("found")).unwrap();
    assert!(!found.contains("variable") && sandbox.status(1) == "completed", "{found}");
}
