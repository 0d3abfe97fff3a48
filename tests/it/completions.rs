//! Completions in real shells: each test passes over a shell that is not installed, and says so.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::support::{Sandbox, is_installed};

/// A sandbox in whose `PATH` callq stands, with two clients and a file; none when the shell is not installed.
fn sandbox_for(shell: &str) -> Option<Sandbox> {
    let mut sandbox = is_installed(shell).then(Sandbox::new)?;
    put_callq_at_hand(&mut sandbox);
    sandbox.set("HOME", sandbox.path("."));
    sandbox.configure("[clients.acme]\n[clients.\"big co\"]\n");
    sandbox.write("leads.csv", "lead_id\n");
    Some(sandbox)
}

/// The same with a queue: item 1 is held, 2 is completed, 3 is in progress, 4 and 5 wait; `globex` has no section.
fn queue_for(shell: &str) -> Option<Sandbox> {
    let mut sandbox = is_installed(shell).then(Sandbox::dialling)?;
    put_callq_at_hand(&mut sandbox);
    sandbox.set("CALLQ_DB", sandbox.database());
    sandbox.call(&["lost-1", "answered-2", "later-3"]);
    sandbox.run(["add", "-c", "globex", "lead 4", "--at", "+2h"]).expect_code(0);
    sandbox.run("add -c acme lead-5 --at +2h").expect_code(0);
    Some(sandbox)
}

fn put_callq_at_hand(sandbox: &mut Sandbox) {
    let folder = Path::new(env!("CARGO_BIN_EXE_callq")).parent().unwrap().to_str().unwrap();
    sandbox.set("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".into())));
    sandbox.set("TERM", "dumb");
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

/// Names of the queue: what is typed, and what may stand there.
const OF_THE_QUEUE: [(&str, &[&str]); 7] = [
    ("callq show ", &["3", "1"]),
    ("callq retry 1", &["1"]),
    ("callq why le", &["lead-5", "lead 4"]),
    ("callq -c acme why le", &["lead-5"]),
    ("callq list --lead ans", &["answered-2"]),
    ("callq stats -c ", &["acme", "globex"]),
    ("callq add -c acme le", &[]),
];

#[test]
fn bash_completes_what_is_in_the_queue() {
    let Some(sandbox) = queue_for("bash") else { return };
    let script = r#"
        source "$1/callq.bash"
        IFS=' ' read -ra COMP_WORDS <<<"$2"
        [[ $2 == *' ' ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _callq callq
        (( ${#COMPREPLY[@]} == 0 )) || printf '%s\n' "${COMPREPLY[@]}"
    "#;
    for (line, expected) in OF_THE_QUEUE {
        let run =
            sandbox.run_program("bash", ["--norc", "-c", script, "bash", &completions(), line], "").expect_code(0);
        let expected: Vec<String> = expected.iter().map(|word| word.replace(' ', "\\ ")).collect();
        assert_eq!(
            (run.stdout.lines().collect::<Vec<_>>(), run.stderr.as_str()),
            (expected.iter().map(String::as_str).collect(), ""),
            "{line}"
        );
    }
}

#[test]
fn bash_and_fish_complete_a_word_that_is_quoted() {
    if let Some(sandbox) = queue_for("bash") {
        let script = r#"
            source "$1/callq.bash"
            try() { COMP_WORDS=(callq "$@"); COMP_CWORD=$#; _callq callq; (IFS=\|; echo "${COMPREPLY[*]}"); }
            try why 'lead\ '
            try why '"lead '
            try why "'lead "
            try -c '"globex"' why le
        "#;
        let run = sandbox.run_program("bash", ["--norc", "-c", script, "bash", &completions()], "").expect_code(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("lead\\ 4\nlead 4\nlead 4\nlead\\ 4\n", ""));
    }
    if let Some(sandbox) = queue_for("fish") {
        for line in ["callq why lead\\\\ ", "callq why \"lead ", "callq -c \"globex\" why le"] {
            let script = format!("source {}/callq.fish; complete -C '{line}'", completions());
            let run = sandbox.run_program("fish", ["--no-config", "-c", &script], "").expect_code(0);
            assert!(run.stdout.contains("4") && run.stderr.is_empty(), "{line}: {run}");
        }
    }
}

#[test]
fn fish_completes_what_is_in_the_queue() {
    let Some(sandbox) = queue_for("fish") else { return };
    for (line, expected) in OF_THE_QUEUE {
        let script = format!("source {}/callq.fish; complete -C '{line}'", completions());
        let run = sandbox.run_program("fish", ["--no-config", "-c", &script], "").expect_code(0);
        let words: Vec<&str> = run.stdout.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!((words, run.stderr.as_str()), (expected.to_vec(), ""), "{line}");
    }
    let script = format!("source {}/callq.fish; complete -C 'callq show '", completions());
    let run = sandbox.run_program("fish", ["--no-config", "-c", &script], "").expect_code(0);
    assert_eq!(run.stdout, "3\tlater-3 of acme, in_progress\n1\tlost-1 of acme, held\n");
}

/// What zsh would show: `_describe` gets the words, those with a meaning behind a colon.
const DESCRIBE_IN_ZSH: &str = r#"
compdef() { }
_describe() { print -rl -- "${choices[@]}" }
source $1/_callq
words=("${(@Q)${(z)2}}")
[[ $2 == *' ' ]] && words+=("")
CURRENT=$#words PREFIX=$words[-1]
_callq
true
"#;

#[test]
fn zsh_shows_values_and_what_is_in_the_queue() {
    let Some(sandbox) = queue_for("zsh") else { return };
    let shown = |line: &str| {
        let words = ["-f", "-c", DESCRIBE_IN_ZSH, "zsh", &completions(), line].map(str::to_owned);
        let run = sandbox.run_program("zsh", words, "").expect_code(0);
        assert_eq!(run.stderr, "", "{line}");
        run.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    for (line, expected) in OF_THE_QUEUE {
        let words: Vec<String> = shown(line).iter().map(|word| word.split(':').next().unwrap().to_owned()).collect();
        assert_eq!(words, expected, "{line}");
    }
    assert_eq!(shown("callq show "), ["3:later-3 of acme, in_progress", "1:lost-1 of acme, held"]);
    assert_eq!(shown("callq list --format js"), ["json", "jsonl"], "a value without a meaning has no colon");
    assert_eq!(shown("callq sched"), ["schedule-batch:Queue many leads at once"]);
}

#[test]
fn a_completion_makes_no_queue_and_leaves_an_old_one_alone() {
    let mut sandbox = Sandbox::new();
    let asked = |sandbox: &Sandbox, words: &str| {
        let run = sandbox.run(format!("complete --current= -- {words}")).expect_code(0);
        assert_eq!(run.stderr, "");
        run.stdout
    };
    assert_eq!(asked(&sandbox, "show"), "words\n");
    assert!(!sandbox.database().exists());
    let old = include_str!("../fixtures/databases/version-1.sql");
    Connection::open(sandbox.database()).unwrap().execute_batch(old).unwrap();
    let before = fs::read(sandbox.database()).unwrap();
    for words in ["show", "list -c", "list --lead"] {
        assert_eq!(asked(&sandbox, words), "words\n", "{words}");
    }
    assert!(fs::read(sandbox.database()).unwrap() == before);
    sandbox.write("queue.db", "no database");
    sandbox.configure("[defaults]\nmax_concurent = 5\n");
    assert_eq!(asked(&sandbox, "show"), "words\n");
}

#[test]
fn one_answer_has_at_most_50_words_of_the_queue() {
    let sandbox = Sandbox::simulating();
    let leads: String = (0..200).map(|number| format!("lead-{number:03}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f - --input lines", leads).expect_code(0);
    let words = sandbox.run("complete --current=lead- -- show").expect_code(0).stdout;
    assert_eq!((words.lines().count(), words.lines().nth(1)), (51, Some("lead-199\t")));
}

#[test]
fn a_script_is_installed_where_its_shell_looks() {
    let mut sandbox = Sandbox::new();
    put_callq_at_hand(&mut sandbox);
    sandbox.set("HOME", sandbox.path("home"));
    sandbox.set("XDG_CONFIG_HOME", "relative");
    sandbox.set("SHELL", "/usr/bin/fish");
    for (words, path, script, said) in [
        (
            "completions bash --install",
            "home/.local/share/bash-completion/completions/callq",
            "callq.bash",
            "new shells complete callq, where the package bash-completion is installed\n",
        ),
        (
            "completions --install",
            "home/.config/fish/completions/callq.fish",
            "callq.fish",
            "new shells complete callq\n",
        ),
        (
            "completions --install zsh",
            "home/.local/share/zsh/site-functions/_callq",
            "_callq",
            "~/.zshrc needs this line before `compinit`: fpath=([FOLDER]/home/.local/share/zsh/site-functions $fpath)\n",
        ),
    ] {
        let run = sandbox.run(words).expect_code(0);
        assert_eq!((run.stdout, run.stderr.as_str()), (format!("[FOLDER]/{path}\n"), said), "{words}");
        assert!(fs::read(sandbox.path(path)).unwrap() == fs::read(Path::new(&completions()).join(script)).unwrap());
    }
    sandbox.unset("XDG_CONFIG_HOME");
    if is_installed("fish") {
        let run = sandbox.run_program("fish", ["-c", "complete -C 'callq sched'"], "").expect_code(0);
        assert_eq!(run.stdout, "schedule-batch\tQueue many leads at once\n");
    }
    if is_installed("zsh") {
        let line = "fpath=($HOME/.local/share/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -D";
        let run = sandbox.run_program("zsh", ["-f", "-c", &format!("{line}; print $_comps[callq]")], "").expect_code(0);
        assert_eq!(run.stdout, "_callq\n");
    }
    sandbox.set("XDG_DATA_HOME", sandbox.path("data"));
    let run = sandbox.run("completions --install zsh --json").expect_code(0);
    assert_eq!(run.json()["path"], "[FOLDER]/data/zsh/site-functions/_callq");
}

#[test]
fn a_script_that_cannot_be_installed_is_refused_with_the_way_out() {
    let mut sandbox = Sandbox::new();
    for (shell, home, words, code, expected) in [
        ("", "", "completions", 2, "required arguments were not provided"),
        ("", "home", "completions --install elvish", 2, "hint: `callq completions elvish` prints the script"),
        ("", "home", "completions --install", 2, "error: SHELL names no shell\nhint: name the shell"),
        ("/bin/dash", "home", "completions --install", 2, "error: SHELL names `dash`, and callq has no script for it"),
        ("/bin/elvish", "home", "completions --install", 2, "hint: `callq completions elvish` prints the script"),
        ("/bin/bash", "", "completions --install", 1, "error: no folder for completion scripts: neither HOME nor"),
        (
            "/bin/bash",
            "file",
            "completions --install",
            1,
            "error: cannot write [FOLDER]/file/.local/share/bash-completion",
        ),
    ] {
        sandbox.write("file", "");
        sandbox.set("SHELL", shell);
        match home {
            "" => sandbox.unset("HOME"),
            home => sandbox.set("HOME", sandbox.path(home)),
        }
        let run = sandbox.run(words).expect_code(code);
        assert!(run.stdout.is_empty() && run.stderr.contains(expected), "{words}: {run}");
    }
    assert!(!sandbox.path("home").exists());
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
