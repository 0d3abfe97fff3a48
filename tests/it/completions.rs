//! Completions in real shells: each test passes over a shell that is not installed, and says so.

use std::fs;
use std::path::Path;

use crate::support::{Sandbox, is_installed};

/// A sandbox in whose `PATH` callq stands, with two clients and a file; none when the shell is not installed.
fn sandbox_for(shell: &str) -> Option<Sandbox> {
    if !is_installed(shell) {
        return None;
    }
    let mut sandbox = Sandbox::new();
    let folder = Path::new(env!("CARGO_BIN_EXE_callq")).parent().unwrap().to_str().unwrap();
    sandbox.set("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".into())));
    sandbox.set("HOME", sandbox.path("."));
    sandbox.set("TERM", "dumb");
    sandbox.configure("[clients.acme]\n[clients.\"big co\"]\n");
    sandbox.write("leads.csv", "lead_id\n");
    Some(sandbox)
}

fn completions() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").to_str().unwrap().to_owned()
}

#[test]
fn bash_completes() {
    let Some(sandbox) = sandbox_for("bash") else { return };
    let script = r#"
        source "$1/callq.bash"
        [[ $(complete -p callq) == *_callq* ]] || echo not registered
        try() { COMP_WORDS=(callq "$@"); COMP_CWORD=$#; _callq callq; (IFS=\|; echo "${COMPREPLY[*]}"); }
        try sch
        try list --format j
        try list --format = j
        try list --format =
        try list -c ""
        try list --status failed,co
        try list --columns id,lead
        try prune --status ""
        try schedule-batch -f le
        try config get time
        try --config nowhere.toml list -c ""
        try add ""
        try add acme --older
    "#;
    let run = sandbox.run_program("bash", ["--norc", "-c", script, "bash", &completions()], "").expect_code(0);
    assert_eq!(run.stderr, "");
    let expected = [
        "schedule-batch",
        "json|jsonl",
        "json|jsonl",
        "table|json|jsonl|csv|openmetrics",
        r"acme|big\ co",
        "failed,completed",
        "id,lead_id",
        "completed|failed|cancelled",
        "leads.csv",
        "timezone",
        "",
        "",
        "",
    ];
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn fish_completes() {
    let Some(sandbox) = sandbox_for("fish") else { return };
    for (line, expected) in [
        ("callq sch", "schedule-batch\tQueue many leads at once\n"),
        ("callq list --format j", "json\njsonl\n"),
        ("callq list --format=j", "--format=json\n--format=jsonl\n"),
        ("callq list -c ", "acme\nbig co\n"),
        ("callq list --status failed,co", "failed,completed\n"),
        ("callq schedule-batch -f le", "leads.csv\n"),
        ("callq schedule-batch --file=le", "--file=leads.csv\n"),
        ("callq --config nowhere.toml list -c ", ""),
        ("callq add ", ""),
    ] {
        let script = format!("source {}/callq.fish; complete -C '{line}'", completions());
        let run = sandbox.run_program("fish", ["--no-config", "-c", &script], "").expect_code(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), (expected, ""), "{line}");
    }
}

/// Types lines into an interactive zsh, each with a tab behind it, and keeps what the line has become.
const TYPE_INTO_ZSH: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "bindkey -e; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; \
    told() { print -r -- \"\$BUFFER\" >> told; BUFFER= }; zle -N told; bindkey '^T' told"
shift
for typed in "$@"; do zpty -w -n shell "$typed"$'\t\x14'; done
zpty -w shell exit
while zpty -r shell line; do :; done
"#;

#[test]
fn zsh_completes() {
    let Some(sandbox) = sandbox_for("zsh") else { return };
    let lines = [
        ("callq sch", "callq schedule-batch "),
        ("callq list --format=jsonl", "callq list --format=jsonl "),
        ("callq list --format js", "callq list --format json"),
        ("callq list -c bi", r"callq list -c big\ co "),
        ("callq list --status failed,co", "callq list --status failed,completed "),
        ("callq schedule-batch -f le", "callq schedule-batch -f leads.csv "),
        ("callq schedule-batch --file=le", "callq schedule-batch --file=leads.csv "),
        ("callq config get time", "callq config get timezone "),
        ("callq add ", "callq add "),
    ];
    let script = sandbox.write("type.zsh", TYPE_INTO_ZSH);
    let arguments = ["-f".to_owned(), script.to_str().unwrap().to_owned(), completions()];
    let typed = lines.iter().map(|(typed, _)| (*typed).to_owned());
    sandbox.run_program("zsh", arguments.into_iter().chain(typed), "").expect_code(0);
    let told = fs::read_to_string(sandbox.path("told")).unwrap();
    assert_eq!(told.lines().collect::<Vec<_>>(), lines.map(|(_, completed)| completed));
}

#[test]
fn the_question_is_answered_in_silence_whatever_is_wrong() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\nmax_concurent = 5\n");
    let clients = sandbox.run("complete --current= -- list -c").expect_code(0);
    assert_eq!((clients.stdout.as_str(), clients.stderr.as_str()), ("words\n", ""));
    for line in [&["complete", "--current=--x", "--", "nonsense", "-"][..], &["complete"]] {
        assert_eq!(sandbox.run(line).expect_code(0).stderr, "", "{line:?}");
    }
    assert!(!sandbox.database().exists());
    assert!(!sandbox.run("--help").stdout.contains("\n  complete "), "it is not for people");
}
