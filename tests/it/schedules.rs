//! The crontab, the units and the logrotate file of `examples`: what they run is run, and what they name fits together.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::support::{Sandbox, is_installed};

fn example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)).unwrap()
}

/// The variables of a crontab, and the commands of its jobs.
fn read_crontab(text: &str) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut variables, mut commands) = (BTreeMap::new(), Vec::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once('=').filter(|(name, _)| name.chars().all(|sign| sign.is_ascii_uppercase() || sign == '_'))
        {
            Some((name, value)) => drop(variables.insert(name.to_owned(), value.to_owned())),
            None => commands.push(job(line)),
        }
    }
    (variables, commands)
}

/// The command of a job, behind five fields that say when.
#[track_caller]
fn job(line: &str) -> String {
    let mut rest = line;
    for most in [59, 23, 31, 12, 7] {
        let (field, behind) = rest.split_once(' ').unwrap();
        let number = field.strip_prefix("*/").unwrap_or(field);
        assert!(field == "*" || number.parse::<u32>().is_ok_and(|number| number <= most), "{field} in {line}");
        rest = behind.trim_start();
    }
    assert!(!rest.contains('%'), "cron takes % for the end of a line: {line}");
    rest.to_owned()
}

/// A sandbox that finds callq on its path, with the folders of the crontab.
fn sandbox(variables: &BTreeMap<String, String>) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults.dispatch]\nkind = \"simulate\"\n[defaults.law]\npurpose = \"service\"\n");
    fs::set_permissions(sandbox.folder(), fs::Permissions::from_mode(0o700)).unwrap();
    for (name, value) in variables {
        if name == "PATH" {
            assert!(value.split(':').any(|folder| folder == "/usr/local/bin"), "{value}");
            continue;
        }
        let path = match name.as_str() {
            "CALLQ_CONFIG" => sandbox.path("config/config.toml"),
            "CALLQ_DB" => sandbox.database(),
            _ => sandbox.path(value.trim_start_matches('/')),
        };
        if name != "CALLQ_CONFIG" && name != "CALLQ_DB" {
            fs::create_dir_all(&path).unwrap();
        }
        sandbox.set(name, path);
    }
    fs::create_dir(sandbox.path("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_callq"), sandbox.path("bin/callq")).unwrap();
    sandbox.set("PATH", format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap()));
    sandbox
}

#[test]
fn every_line_of_the_crontab_does_its_work_and_says_nothing() {
    let (variables, commands) = read_crontab(&example("crontab"));
    let sandbox = sandbox(&variables);
    sandbox.run("add -c acme answered").expect_code(0);
    let has_sqlite = is_installed("sqlite3");
    for command in &commands {
        if command.contains("sqlite3 ") && !has_sqlite {
            continue;
        }
        let run = sandbox.run_program("sh", ["-c", command], "");
        assert_eq!(run.text(), "--- exit 0\n", "{command}");
    }
    let log = fs::read_to_string(sandbox.path("var/log/callq/runs.jsonl")).unwrap();
    let report: serde_json::Value = serde_json::from_str(log.trim_end()).unwrap();
    assert_eq!(report["processed"], 1);
    if has_sqlite {
        let list = |database: &Path| {
            sandbox.run_program(env!("CARGO_BIN_EXE_callq"), ["list", "--json", "--db", database.to_str().unwrap()], "")
        };
        let copy = sandbox.path("var/backups/callq/queue.db");
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        let copy = list(&copy).expect_code(0);
        assert_eq!((copy.json().as_array().unwrap().len(), copy.text()), (1, list(&sandbox.database()).text()));
    }
    let metrics = fs::read_to_string(sandbox.path("var/lib/node_exporter/callq.prom")).unwrap();
    assert!(metrics.contains("\n# TYPE callq_"), "{metrics}");
    assert_eq!(commands.len(), 5);
}

/// The settings of a unit, `Section.Key`.
fn unit(name: &str) -> BTreeMap<String, String> {
    let (mut section, mut found) = (String::new(), BTreeMap::new());
    for line in example(name).lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once('=') {
            Some((key, value)) => drop(found.insert(format!("{section}.{key}"), value.to_owned())),
            None => section = line.trim_matches(['[', ']']).to_owned(),
        }
    }
    found
}

#[test]
fn the_service_makes_one_run_and_leaves_the_calls_alone() {
    let service = unit("callq.service");
    let environment = service["Service.Environment"].split(' ').map(|setting| setting.split_once('=').unwrap());
    let variables: BTreeMap<String, String> = environment.map(|(name, path)| (name.into(), path.into())).collect();
    assert_eq!(Some(&variables["CALLQ_DB"]), read_crontab(&example("crontab")).0.get("CALLQ_DB"));
    let sandbox = sandbox(&variables);
    sandbox.run("add -c acme answered").expect_code(0);
    let command = service["Service.ExecStart"].strip_prefix("/usr/local/bin/").unwrap();
    assert_eq!(sandbox.run_program("sh", ["-c", command], "").text(), "--- exit 0\n");
    assert_eq!(sandbox.run("show 1 --json").json()["attempts"], 1);
    // A signal to the whole group would end the programs that place calls.
    assert_eq!((service["Service.Type"].as_str(), service["Service.KillMode"].as_str()), ("oneshot", "mixed"));
    let patience = callq::model::parse_duration(&service["Service.TimeoutStopSec"].replace("min", "m")).unwrap();
    let longest = sandbox.run("config get dispatch.timeout").expect_code(0).stdout;
    assert!(patience > callq::model::parse_duration(longest.trim()).unwrap(), "{patience} {longest}");
}

#[test]
fn the_units_are_right_for_systemd() {
    let timer = unit("callq.timer");
    assert_eq!(timer["Timer.OnCalendar"], "*:0/5");
    if !is_installed("systemd-analyze") {
        return;
    }
    let sandbox = Sandbox::new();
    let service = example("callq.service").replace("/usr/local/bin/callq", env!("CARGO_BIN_EXE_callq"));
    let paths = [sandbox.write("callq.service", service), sandbox.write("callq.timer", example("callq.timer"))];
    let words = ["verify".into(), "--man=no".into()].into_iter().chain(paths.map(std::path::PathBuf::into_os_string));
    assert_eq!(sandbox.run_program("systemd-analyze", words, "").text(), "--- exit 0\n");
    let next =
        sandbox.run_program("systemd-analyze", ["calendar", timer["Timer.OnCalendar"].as_str()], "").expect_code(0);
    assert!(next.stdout.contains("*-*-* *:00/5:00"), "{next}");
}

#[test]
fn what_the_crontab_writes_is_rotated() {
    let (variables, commands) = read_crontab(&example("crontab"));
    let text = example("logrotate");
    let (path, directives) = text.split_once('\n').unwrap().1.split_once(" {\n").unwrap();
    let log = format!("{}/runs.jsonl", variables["LOG"]);
    assert_eq!(path, log);
    assert!(commands.iter().any(|command| command.ends_with(">> \"$LOG/runs.jsonl\"")));
    for line in directives.trim_end().trim_end_matches('}').lines() {
        let word = line.split_whitespace().next().unwrap();
        assert!(
            ["su", "weekly", "rotate", "compress", "delaycompress", "missingok", "notifempty", "create"]
                .contains(&word),
            "{line}"
        );
    }
    if !is_installed("logrotate") {
        return;
    }
    // The user of the example is not on this machine.
    let sandbox = Sandbox::new();
    let own = text.replace("    su callq callq\n", "").replace("0640 callq callq", "");
    let file = sandbox.write("logrotate", own.replace(&log, sandbox.path("runs.jsonl").to_str().unwrap()));
    sandbox.write("runs.jsonl", "{}\n");
    let (file, state) = (file.to_str().unwrap(), sandbox.path("state"));
    sandbox.run_program("logrotate", ["--force", "--state", state.to_str().unwrap(), file], "").expect_code(0);
    let (new, old) = (sandbox.path("runs.jsonl"), sandbox.path("runs.jsonl.1"));
    assert_eq!((fs::read_to_string(old).unwrap().as_str(), new.exists()), ("{}\n", true));
}
