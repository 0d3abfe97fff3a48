//! `callq import`: the files of other programs are read right, or refused with the way out.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox};

/// A sandbox whose clients are in North America.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(
        "[defaults]\ncountry_code = \"1\"\n[defaults.dispatch]\nkind = \"simulate\"\n[clients.acme]\n[clients.beta]\n",
    );
    sandbox
}

/// Writes a file and imports it for client acme, with further arguments behind it.
fn import(sandbox: &Sandbox, name: &str, bytes: impl AsRef<[u8]>, line: &str) -> Run {
    sandbox.write(name, bytes);
    sandbox.run(format!("import -c acme {name} {line}"))
}

/// Lead, phone and metadata of each item, by id.
fn items(sandbox: &Sandbox) -> Vec<Value> {
    let list = sandbox.run("list --limit 0 --sort id --json").expect_code(0).json();
    list.as_array().unwrap().iter().map(|item| json!([item["lead_id"], item["phone"], item["metadata"]])).collect()
}

#[test]
fn a_crm_export_goes_in_and_callq_says_how_it_reads_it() {
    let sandbox = sandbox();
    let export = "Lead ID,First Name,Mobile,Campaign\nL1,Ann,(212) 555-0101,May\nL2,Ben,3105550138,\nL3,Cyd,,May\n";
    assert_data_eq!(
        import(&sandbox, "leads.csv", export, "").text(),
        str![[r#"
3 scheduled (items 1 to 3), 0 skipped as duplicates, 0 invalid
1 group: 2026-11-23 10:00 EST to 2026-11-23 12:00 EST
1 lead has no number
--- standard error
Reading leads.csv: comma, UTF-8. lead_id ← Lead ID, phone ← Mobile; metadata: First Name, Campaign.
2 leads are called by the zones of their numbers or regions
--- exit 0

"#]]
    );
    assert_eq!(items(&sandbox)[1], json!(["L2", "+13105550138", {"First Name": "Ben"}]));
    let run = import(&sandbox, "again.csv", export, "--json").expect_code(0);
    assert_eq!(run.stderr, "", "programs read it in the report");
    let view = run.json();
    let columns = &view["columns"];
    assert_eq!((&columns["lead_id"], &columns["phone"]), (&"Lead ID".into(), &"Mobile".into()));
    assert_eq!((&columns["timezone"], &columns["do_not_call"]), (&Value::Null, &json!([])));
    assert_eq!(columns["metadata"], json!(["First Name", "Campaign"]));
    assert_eq!(view["input"], json!({"name": "again.csv", "format": "csv", "delimiter": "comma", "encoding": "UTF-8"}));
}

#[test]
fn a_file_is_an_argument_a_flag_or_standard_input() {
    for line in ["import -c acme list", "schedule-batch -c acme -f list", "import -c acme -", "import -c acme"] {
        let sandbox = sandbox();
        sandbox.write("list", "anna\nberta\n");
        let run = sandbox.run_with_input(line, "anna\nberta\n").expect_code(0);
        assert!(run.stderr.starts_with("Reading "), "{line}: {run}");
        assert_eq!(items(&sandbox).len(), 2, "{line}");
    }
    let sandbox = sandbox();
    assert_data_eq!(
        sandbox.run("import -c acme missing.csv").text(),
        str![[r#"
--- standard error
error: cannot read missing.csv: No such file or directory (os error 2)
--- exit 1

"#]]
    );
    sandbox.write("list", "anna\n");
    let run = sandbox.run("import -c acme list berta").expect_code(2);
    assert!(run.stderr.contains("`list` is a file beside other arguments"), "{run}");
    assert!(!sandbox.database().exists());
}

#[test]
fn columns_are_chosen_or_refused_with_the_headers() {
    let sandbox = sandbox();
    let two = "id,Mobile,Cell\n1,2125550101,3105550138\n";
    assert_data_eq!(
        import(&sandbox, "two.csv", two, "--invalid skip").text(),
        str![[r#"
--- standard error
error: two.csv: line 1: 2 columns may be the phone: Mobile, Cell; nothing was queued
hint: choose one with --column "phone=Mobile" or --column "phone=Cell"; the headers are id, Mobile, Cell
--- exit 4

"#]]
    );
    let none = import(&sandbox, "none.csv", "Name,Number\nAnn,2125550101\n", "").expect_code(4);
    assert!(none.stderr.contains("the headers are Name, Number; --column phone=HEADER"), "{none}");
    assert!(!sandbox.database().exists());
    let run = import(&sandbox, "none.csv", "Name,Number\nAnn,2125550101\n", "--column phone=Number").expect_code(0);
    assert!(run.stderr.contains("phone ← Number; the phone number names the lead; metadata: Name."), "{run}");
    import(&sandbox, "two.csv", two, "--column phone=cell").expect_code(0);
    let read = items(&sandbox);
    assert_eq!(read[0], json!(["+12125550101", "+12125550101", {"Name": "Ann"}]));
    assert_eq!(read[1], json!(["1", "+13105550138", {"Mobile": "2125550101"}]));
    let run = import(&sandbox, "region.csv", "lead_id,Region\n7,North\n", "").expect_code(0);
    assert!(
        run.stderr.contains("lead_id ← lead_id; no column holds a phone number; metadata: Region (no codes)."),
        "{run}"
    );
}

#[test]
fn delimiters_encodings_and_line_ends_of_other_programs_are_read() {
    let utf16: Vec<u8> =
        "\u{feff}lead_id\tphone\tname\r\n1\t2125550101\tJürgen\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, line, reading) in [
        ("a.csv", b"lead_id;phone;name\r\n1;2125550101;J\xc3\xbcrgen\r\n".to_vec(), "", "semicolon, UTF-8"),
        ("b.csv", b"sep=|\r\nlead_id|phone|name\r\n1|2125550101|J\xc3\xbcrgen\r\n".to_vec(), "", "pipe, UTF-8"),
        ("c.csv", b"lead_id^phone^name\r1^2125550101^J\xc3\xbcrgen\r".to_vec(), "--delimiter ^", "`^`, UTF-8"),
        ("d.txt", utf16, "", "tab, UTF-16LE"),
        (
            "e.csv",
            b"lead_id,phone,name\r\n1,2125550101,J\xfcrgen\r\n".to_vec(),
            "--encoding windows-1252",
            "comma, windows-1252",
        ),
    ] {
        let sandbox = sandbox();
        let run = import(&sandbox, name, bytes, line).expect_code(0);
        assert!(run.stderr.contains(&format!("{reading}. lead_id ← lead_id, phone ← phone; metadata: name.")), "{run}");
        assert_eq!(items(&sandbox), [json!(["1", "+12125550101", {"name": "Jürgen"}])], "{name}");
    }
    let sandbox = sandbox();
    let run = import(&sandbox, "x.csv", b"lead_id,name\n1,Ann\n2,J\xfcrgen\n", "").expect_code(4);
    assert!(
        run.stderr.contains("not UTF-8 at line 3: save as \"CSV UTF-8\", or iconv -f WINDOWS-1252 -t UTF-8"),
        "{run}"
    );
    sandbox.run("import -c acme x.csv --encoding klingon").expect_code(2);
}

#[test]
fn what_is_no_list_of_leads_is_named_with_the_way_out() {
    for (name, bytes, message, hint) in [
        ("a.xlsx", &b"PK\x03\x04\x14\0[Content_Types].xml"[..], "is an Excel workbook", "CSV UTF-8"),
        ("a.csv.gz", b"\x1f\x8b\x08\0", "is compressed (gzip)", "gzip -dc FILE"),
        ("a.zip", b"PK\x03\x04leads.csv", "is a zip archive", "unzip it"),
        ("page.txt", b"<!DOCTYPE html>\n<html>\n</html>\n", "is HTML or XML", "export a CSV"),
        ("page.csv", b"<!DOCTYPE html>\n<html>\n</html>\n", "is HTML or XML", "export a CSV"),
        (
            "a.vcf",
            b"BEGIN:VCARD\nVERSION:3.0\nTEL:+12125550101\nEND:VCARD\n",
            "is a vCard",
            "export the contacts as CSV",
        ),
        ("name.txt", b"Name,Number\nAnn,2125550101\nBen,3105550138\n", "look like phone numbers", ""),
        (
            "digits.txt",
            b"2125550101\n3105550138\n+12125550102\n",
            "these look like phone numbers: write +",
            "--input csv",
        ),
        ("table.txt", b"Ann,Bonn\nBen,Rome\n", "the same number of commas", "--input csv reads it"),
    ] {
        let sandbox = sandbox();
        sandbox.write(name, bytes);
        let run = sandbox.run(format!("import -c acme --invalid skip -f {name}")).expect_code(4);
        let table = name == "name.txt";
        assert!(run.stderr.contains(if table { "this is a table" } else { message }), "{run}");
        assert!(run.stderr.contains(hint) && run.stderr.contains("nothing was queued"), "{run}");
        assert!(!sandbox.database().exists(), "{name}");
    }
}

#[test]
fn a_phone_number_with_plus_names_the_lead_and_is_its_phone() {
    let sandbox = sandbox();
    let run = sandbox.run_with_input("import -c acme", "+12125550101\n+1 212 555 0102\nanna\n").expect_code(0);
    assert!(run.stdout.contains("1 lead has no number\n2 lead ids are phone numbers\n"), "{run}");
    let run = sandbox.run(["import", "-c", "acme", "+12125550103", "2125550104"]).expect_code(0);
    assert!(
        run.stderr.contains("warning: 2125550104 looks like a phone number, and is a lead id without one"),
        "{run}"
    );
    sandbox.run(["add", "-c", "acme", "+12125550105"]).expect_code(0);
    sandbox.run(["add", "-c", "acme", "+12125550106", "--phone", "+12125550107"]).expect_code(0);
    let run = sandbox.run(["add", "-c", "acme", "2125550108"]).expect_code(0);
    assert!(run.stderr.contains("write +12125550108, or give --phone"), "{run}");
    let phones: Vec<Value> = items(&sandbox).iter().map(|item| json!([item[0], item[1]])).collect();
    assert_eq!(
        phones,
        [
            json!(["+12125550101", "+12125550101"]),
            json!(["+1 212 555 0102", "+12125550102"]),
            json!(["anna", null]),
            json!(["+12125550103", "+12125550103"]),
            json!(["2125550104", null]),
            json!(["+12125550105", "+12125550105"]),
            json!(["+12125550106", "+12125550107"]),
            json!(["2125550108", null]),
        ]
    );
}

#[test]
fn spoilt_ids_are_refused() {
    let sandbox = sandbox();
    let text = "lead_id,phone\n1.23457E+12,+12125550101\nL1\u{200b},+12125550101\n\u{202a}L1\u{202c},+12125550101\nL1\u{a0},+12125550101\n";
    let run = import(&sandbox, "ids.csv", text, "--invalid skip").expect_code(0);
    for message in ["line 2, lead_id: `1.23457E+12` is a rounded number", "line 3, lead_id", "U+200B", "U+202A"] {
        assert!(run.stdout.contains(message), "{message}: {run}");
    }
    assert_eq!(items(&sandbox), [json!(["L1", "+12125550101", null])]);
}

#[test]
fn rejects_say_why_and_come_back() {
    for (name, text, mended) in [
        ("bad.csv", "lead_id,phone,note\nL1,call me\nL2,+12125550102,\"a, \"\"b\"\"\"\nL3,7,\"x\ny\"\n", true),
        (
            "bad.jsonl",
            "{\"lead_id\":\"L1\",\"phone\":\"call me\"}\n{\"lead_id\":\"L2\"}\n{\"lead_id\":\"L3\",\"phone\":\"7\"}\n",
            true,
        ),
        (
            "bad.json",
            "[{\"lead_id\":\"L1\",\"phone\":\"call me\"},{\"lead_id\":\"L2\"},{\"lead_id\":\"L3\",\"phone\":\"7\"}]",
            true,
        ),
        ("bad.txt", "L\u{200b}1\nL2\nL\u{200b}3\n", true),
    ] {
        let sandbox = sandbox();
        import(&sandbox, name, text, &format!("--invalid skip --rejects wrong-{name}")).expect_code(0);
        let wrong = std::fs::read_to_string(sandbox.path(format!("wrong-{name}"))).unwrap();
        let reason = if name == "bad.txt" { "# lead_id: lead id" } else { "phone: " };
        assert_eq!(wrong.matches(reason).count(), 2, "{wrong}");
        // Twice, so that the reasons do not pile up.
        import(&sandbox, &format!("again-{name}"), &wrong, &format!("--invalid skip --rejects twice-{name}"))
            .expect_code(0);
        let twice = std::fs::read_to_string(sandbox.path(format!("twice-{name}"))).unwrap();
        assert_eq!(twice, wrong, "{name}");
        let good = twice
            .replace("call me", "+12125550101")
            .replace("\"7\"", "\"+12125550103\"")
            .replace(",7,", ",+12125550103,")
            .replace('\u{200b}', "");
        assert!(mended);
        import(&sandbox, &format!("good-{name}"), good, "").expect_code(0);
        let leads: Vec<Value> = items(&sandbox).iter().map(|item| item[0].clone()).collect();
        assert_eq!(leads, ["L2", "L1", "L3"], "{name}");
        assert!(items(&sandbox).iter().all(|item| item[2]["error"].is_null()), "{name}");
    }
}

#[test]
fn skipped_records_are_named() {
    let sandbox = sandbox();
    let text = "lead_id,phone,key\nL1,+12125550101,k1\nL1,+12125550102,\nL2,+12125550103,k1\n";
    sandbox.run("add -c acme L2 --key k1").expect_code(0);
    let run =
        import(&sandbox, "twice.csv", text.replace("L1,+12125550101,k1", "L1,+12125550101,"), "-v").expect_code(0);
    assert!(run.stderr.contains("line 3 (L1): skipped: the lead is queued already: pending (item 2)\n"), "{run}");
    assert!(run.stderr.contains("line 4 (L2): skipped: key k1 was used before (item 1)\n"), "{run}");
    let list: String = (0..1_500).map(|_| "L1\n").collect();
    let view = sandbox.run_with_input("import -c acme --json", list).expect_code(0).json();
    assert_eq!((view["duplicates"].as_array().unwrap().len(), &view["more_duplicates"]), (1_000, &json!(500)));
    assert_eq!(
        view["duplicates"][0],
        json!({"line": 1, "lead_id": "L1", "item": 2, "why": "the lead is queued already: pending"})
    );
}

#[test]
fn an_export_of_callq_revives_nobody() {
    let sandbox = sandbox();
    for lead in ["=1+1", "gone", "waits"] {
        sandbox
            .run(["add", "-c", "acme", lead, "--phone", "+12125550101", "--meta", "city=NYC", "--key", lead])
            .expect_code(0);
    }
    sandbox.run("add -c beta other --timezone America/Chicago -p low --expires 2027-01-01").expect_code(0);
    sandbox.run("cancel 2").expect_code(0);
    for format in ["csv", "jsonl", "json"] {
        let export = sandbox.run(format!("list --limit 0 --sort id --format {format}")).expect_code(0).stdout;
        let target = sandbox.copy();
        std::fs::remove_file(target.database()).unwrap();
        let run = target.run_with_input(format!("import --input {format}"), &export).expect_code(0);
        assert!(run.stdout.contains("3 scheduled"), "{run}");
        assert!(run.stdout.contains("1 does not wait for a call: skipped"), "{run}");
        let facts = |sandbox: &Sandbox| {
            let list = sandbox.run("list --limit 0 --sort id --json").json();
            let fields = [
                "key",
                "client_id",
                "lead_id",
                "priority",
                "scheduled_at",
                "expires_at",
                "phone",
                "timezones",
                "metadata",
                "max_retries",
            ];
            let item = |item: &Value| fields.map(|field| item[field].clone());
            list.as_array().unwrap().iter().filter(|item| item["lead_id"] != "gone").map(item).collect::<Vec<_>>()
        };
        assert_eq!(facts(&target), facts(&sandbox), "{format}");
        // Into the queue that it came from: all that waits is there.
        let run = sandbox.run_with_input(format!("import --input {format} --json"), &export).expect_code(0).json();
        assert_eq!(
            (&run["scheduled"], &run["skipped"], &run["not_waiting"]),
            (&0.into(), &4.into(), &1.into()),
            "{format}"
        );
    }
}

#[test]
fn a_client_column_decides_where_no_client_is_named() {
    let text = "lead_id,phone,client_id\nL1,+12125550101,acme\nL2,+12125550102,beta\nL3,+12125550103,\n";
    let sandbox = sandbox();
    sandbox.write("leads.csv", text);
    let run = sandbox.run("import leads.csv --invalid skip").expect_code(0);
    assert!(run.stdout.contains("line 4 (L3), client_id: the record names no client"), "{run}");
    let list = sandbox.run("list --json --sort id").json();
    assert_eq!((&list[0]["client_id"], &list[1]["client_id"]), (&"acme".into(), &"beta".into()));
    let run = sandbox.run("import -c acme leads.csv --invalid skip").expect_code(0);
    assert!(
        run.stdout.contains("line 3 (L2), client_id: the record belongs to client beta, and the command names acme"),
        "{run}"
    );
    let as_metadata = import(&sandbox, "crm.csv", "lead_id,client\nL9,Smith & Co\n", "").expect_code(0);
    assert!(as_metadata.stderr.contains("metadata: client."), "{as_metadata}");
    sandbox.write("none.csv", "lead_id\nL7\n");
    let run = sandbox.run("import none.csv").expect_code(2);
    assert!(run.stderr.contains("no client is named"), "{run}");
    sandbox.write("slip.csv", "lead_id,client_id\nL7,acmee\n");
    let run = sandbox.run("import slip.csv").expect_code(0);
    assert!(run.stderr.contains("acmee is a new client; did you mean `acme`?"), "{run}");
}

#[test]
fn meta_goes_to_every_record_and_shared_numbers_are_counted() {
    let sandbox = sandbox();
    let text =
        "lead_id,Phone,First Name\nL1,2125550101,Ann\nL2,(212) 555-0101,Ben\nL3,+1 212 555 0101,Cyd\nL4,2125550104,\n";
    let run = import(&sandbox, "one.csv", text, "--meta list=may --meta n=1").expect_code(0);
    assert!(run.stdout.contains("3 leads share a number\n"), "{run}");
    let read = items(&sandbox);
    assert_eq!(read[0][2], json!({"First Name": "Ann", "list": "may", "n": "1"}));
    assert_eq!(read[3][2], json!({"list": "may", "n": "1"}));
}

#[test]
fn a_lead_without_a_number_is_invalid_for_retell() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.acme.dispatch]\nkind = \"retell\"\nfrom_number = \"+12125550100\"\n");
    let run = import(&sandbox, "leads.csv", "lead_id,phone\nL1,\nL2,+12125550102\n", "--invalid skip").expect_code(0);
    assert!(
        run.stdout
            .contains("line 2 (L1), phone: the record has no phone number, and `retell` calls nobody without one"),
        "{run}"
    );
}

#[test]
fn an_import_of_nothing_is_never_silent() {
    let sandbox = sandbox();
    for (name, text, message) in [
        ("a.csv", "lead_id,phone\n", "warning: a.csv holds a header and no record"),
        ("b.csv", "", "warning: b.csv holds no lead"),
        ("c.txt", "# nobody\n\n", "warning: c.txt holds no lead"),
        ("d.json", "[]", "warning: d.json holds no lead"),
        ("e.csv", "lead_id,phone\n,,\n , \n", "warning: e.csv holds a header and no record"),
    ] {
        let run = import(&sandbox, name, text, "").expect_code(0);
        assert!(run.stderr.contains(message), "{run}");
    }
    assert!(!sandbox.database().exists());
}
