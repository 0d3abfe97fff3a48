//! `callq import`: promised calls, line ends of every kind, and the members of JSON records.

use serde_json::{Value, json};

use crate::support::{Run, Sandbox};

fn import(sandbox: &Sandbox, name: &str, bytes: impl AsRef<[u8]>, line: &str) -> Run {
    sandbox.write(name, bytes);
    sandbox.run(format!("import -c acme {name} {line}"))
}

/// A member of each item, by id.
fn each(sandbox: &Sandbox, member: &str) -> Vec<Value> {
    let list = sandbox.run("list --limit 0 --sort id --json").expect_code(0).json();
    list.as_array().unwrap().iter().map(|item| item[member].clone()).collect()
}

fn promises(sandbox: &Sandbox) -> Vec<Value> {
    each(sandbox, "callback").into_iter().map(|callback| callback["at"].clone()).collect()
}

#[test]
fn a_callback_cell_promises_the_call() {
    let expected = [json!("2026-11-23T20:30:00.000Z"), Value::Null, json!("2026-11-24T16:00:00.000Z")];
    let csv = "lead_id,callback,at\na,15:30,\nb,,16:00\nc,2026-11-24 10:00 America/Chicago,\n";
    let jsonl = "{\"lead_id\":\"a\",\"callback\":\"15:30\"}\n{\"lead_id\":\"b\",\"callback\":null}\n\
                 {\"lead_id\":\"c\",\"callback\":\"2026-11-24 10:00 America/Chicago\"}\n";
    for (name, text) in [("a.csv", csv), ("a.jsonl", jsonl)] {
        let sandbox = Sandbox::new();
        // The groups of a batch move no promise.
        let run = import(&sandbox, name, text, "--batch-size 1 --batch-interval 1h -v").expect_code(0);
        assert!(run.stderr.contains("callback ← callback"), "{run}");
        assert_eq!(promises(&sandbox), expected, "{name}");
        assert_eq!(sandbox.run("list --callbacks --count").stdout, "2\n");
    }
}

#[test]
fn a_promise_that_cannot_be_kept_or_read_is_a_bad_record() {
    let sandbox = Sandbox::new();
    for (cell, more, message) in [
        ("22:00", "", "they end Mon 2026-11-23 17:00 EST and open Tue 2026-11-24 09:00 EST"),
        ("09:00", "", "Mon 2026-11-23 09:00 EST has passed"),
        ("Yes", "", "`Yes` is not a time: expected RFC 3339"),
        ("11/24", "", "write 2026-11-24"),
        ("15:30", "--at 16:00", "a call is promised for Mon 2026-11-23 15:30 EST, and --at calls nobody before"),
    ] {
        let run = import(&sandbox, "a.csv", format!("lead_id,callback\nx,\na,{cell}\n"), more).expect_code(4);
        assert!(run.stderr.contains("line 3, field `callback`: ") && run.stderr.contains(message), "{run}");
    }
    let run = import(&sandbox, "a.csv", "lead_id,callback\na,Yes\n", "").expect_code(4);
    assert!(run.stderr.contains("`--column callback=` takes the column as metadata"), "{run}");
    let both = import(&sandbox, "a.csv", "lead_id,callback,at\na,15:30,16:00\n", "").expect_code(4);
    assert!(both.stderr.contains("`at` says another time: give one of the two"), "{both}");
    let object = import(&sandbox, "a.jsonl", r#"{"lead_id":"a","callback":{"at":"15:30","clock":"lead"}}"#, "");
    assert!(object.expect_code(4).stderr.contains("expected a string, found an object"));
    assert!(!sandbox.database().exists());
    let run = import(&sandbox, "a.csv", "lead_id,callback,Call back\na,Yes,x\n", "--column callback=").expect_code(0);
    assert!(run.stderr.contains("metadata: callback, Call back"), "{run}");
    assert_eq!(promises(&sandbox), [Value::Null]);
}

#[test]
fn an_export_of_callq_keeps_its_promises() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a --callback 15:30").expect_code(0);
    sandbox.run("add -c acme b").expect_code(0);
    for format in ["csv", "jsonl", "json"] {
        let export = sandbox.run(format!("list --limit 0 --sort id --format {format}")).expect_code(0).stdout;
        let target = Sandbox::new();
        target.run_with_input(format!("import --input {format}"), &export).expect_code(0);
        assert_eq!(each(&target, "callback"), each(&sandbox, "callback"), "{format}");
        assert_eq!(each(&target, "scheduled_at"), each(&sandbox, "scheduled_at"), "{format}");
    }
}

#[test]
fn line_ends_of_every_kind_may_stand_in_one_file() {
    let rows = ["lead_id,city", "a,Bonn", "b,Rome", "c,\"Kyo\rto\r\nand\nTokyo\"", "d,Oslo"];
    let leads = ["a", "b", "c", "d", "e"];
    let objects = leads.map(|lead| format!("{{\"lead_id\":\"{lead}\"}}"));
    for ends in
        [["\n", "\r\n"], ["\r\n", "\n"], ["\r", "\n"], ["\n", "\r"], ["\r\n", "\r"], ["\r", "\r\n"], ["\r\r\n", "\n"]]
    {
        let joined = |lines: &[&str]| -> String {
            lines.iter().enumerate().map(|(index, line)| format!("{line}{}", ends[index % 2])).collect()
        };
        let sandbox = Sandbox::new();
        import(&sandbox, "a.csv", joined(&rows), "").expect_code(0);
        assert_eq!(each(&sandbox, "lead_id"), leads[..4], "{ends:?}");
        assert_eq!(each(&sandbox, "metadata")[2], json!({"city": "Kyo\rto\r\nand\nTokyo"}), "{ends:?}");
        for (name, lines) in [("a.txt", &leads.map(str::to_owned)), ("a.jsonl", &objects)] {
            let sandbox = Sandbox::new();
            import(&sandbox, name, joined(&lines.each_ref().map(String::as_str)), "").expect_code(0);
            assert_eq!(each(&sandbox, "lead_id"), leads, "{name} {ends:?}");
        }
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let sandbox = Sandbox::new();
    for (name, text, line) in [
        ("a.csv", "lead_id,max_retries\r\na,1\nb,2\r\nc,x\n", 4),
        ("a.csv", "lead_id,max_retries\ra,1\rb,x\r", 3),
        ("a.csv", "lead_id,max_retries\ra,1\nb,2\r\nc,x\n", 4),
        ("a.csv", "lead_id,max_retries\r\na,1\rb,x\r\n", 3),
        ("a.csv", "lead_id,max_retries\r\r\na,1\r\r\nb,x\r\r\n", 5),
        ("a.csv", "\"lead_id\",\"a\rnote\",max_retries\na,\"1\r\n2\r3\n4\",1\nb,,x\n", 7),
        ("a.txt", "a\rb\r\n\r\rc\n+1555\n", 6),
        ("a.jsonl", "{\"lead_id\":\"a\"}\r{\"lead_id\":\"b\"}\r\n\n{\"lead_id\":7,\"at\":8}", 4),
        ("a.json", "[\r{\"lead_id\":\"a\"},\r\n{\"lead_id\":\"b\"},\n\r{\"lead_id\":7,\"at\":8}]", 5),
    ] {
        let run = import(&sandbox, name, text, "").expect_code(4);
        assert!(run.stderr.contains(&format!("line {line}, field `")), "{text:?}: {run}");
    }
    let bytes = b"lead_id,name\r1,Ann\r2,\"J\xfcr\rgen\"\r";
    let run = import(&sandbox, "a.csv", bytes, "").expect_code(4);
    assert!(run.stderr.contains("not UTF-8 at line 3"), "{run}");
    // What may be a line end in a cell is never cut there.
    for (text, sign) in [("lead_id,note\n1,a\rb\n2,c\n", "CR"), ("lead_id,note\r1,a\nb\r2,c\r", "LF")] {
        let run = import(&sandbox, "a.csv", text, "").expect_code(4);
        assert!(run.stderr.contains(&format!("line 2: the record holds a {sign} outside of quotes")), "{run}");
    }
    assert!(!sandbox.database().exists());
}

#[test]
fn the_members_of_json_records_are_named_as_columns_are() {
    for (name, text) in [
        (
            "a.jsonl",
            "{\"id\":1,\"Mobile\":\"+12125550101\",\"First Name\":\"Ann\"}\n{\"lead_id\":2,\"dnc\":false,\"city\":\"Bonn\"}\n",
        ),
        (
            "a.json",
            "[{\"id\":1,\"Mobile\":\"+12125550101\",\"First Name\":\"Ann\"},{\"lead_id\":2,\"dnc\":false,\"city\":\"Bonn\"}]",
        ),
    ] {
        let sandbox = Sandbox::new();
        let view = import(&sandbox, name, text, "--json").expect_code(0).json();
        let columns = &view["columns"];
        assert_eq!((&columns["lead_id"], &columns["phone"]), (&"id".into(), &"Mobile".into()), "{name}");
        assert_eq!(columns["do_not_call"], json!(["dnc"]));
        assert_eq!(columns["metadata"], json!(["First Name", "city"]));
        let run = sandbox.run(format!("import -c beta {name}")).expect_code(0);
        let read = "First record: lead_id ← id, phone ← Mobile; metadata: First Name.";
        assert!(run.stderr.contains(read), "{run}");
    }
    let lines = Sandbox::new().run_with_input("import -c acme --json", "anna\n").expect_code(0).json();
    assert_eq!(lines["columns"], Value::Null);
}
