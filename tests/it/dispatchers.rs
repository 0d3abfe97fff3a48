//! The dispatchers of `examples`: callq starts them, and each answer of the telephone becomes the right outcome.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use crate::support::{Sandbox, is_installed};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// A sandbox on the machine's clock whose calls an example places.
pub(crate) fn sandbox(name: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    sandbox.open_with(&format!("kind = \"command\"\ncommand = [{:?}]\nbreaker = 1", example(name)));
    sandbox
}

/// Queues a lead whose number ends with two digits, or has none.
#[track_caller]
pub(crate) fn add(sandbox: &Sandbox, digits: &str) {
    let lead = format!("lead-{digits}");
    let mut words = vec!["add", "-c", "acme", &lead, "--meta", "name=Ann"];
    let phone = format!("+121255501{digits}");
    if !digits.is_empty() {
        words.extend(["--phone", &phone]);
    }
    sandbox.run(words).expect_code(0);
}

/// Calls leads one after the other, and gives what became of each: status, whether held, last reason, call id.
#[track_caller]
pub(crate) fn called(sandbox: &Sandbox, leads: &[&str]) -> Vec<String> {
    leads.iter().for_each(|digits| add(sandbox, digits));
    sandbox.run("process").expect_code(0);
    let items = sandbox.run("show --all --json").expect_code(0).json();
    let told = |item: &serde_json::Value| {
        let held = if item["held"] == true { " held" } else { "" };
        let call = item["history"][0]["call_id"].as_str().unwrap_or("-").to_owned();
        let (status, reason) = (item["status"].as_str().unwrap(), item["last_reason"].as_str().unwrap_or("-"));
        format!("{status}{held} {reason} {call}")
    };
    items.as_array().unwrap().iter().map(told).collect()
}

/// What `dial` says to each number.
const DIAL: &str = r#"
echo "$*" >> dialled
case $3 in
    *01) echo "answered call-1" ;;
    *02) echo "no_answer call-2" ;;
    *03) echo "busy call-3" ;;
    *04) echo "voicemail call-4" ;;
    *05) echo "no_such_number" ;;
    *06) echo "full" ;;
    *07) echo "what?" ;;
    *08) exit 3 ;;
    *09) echo "queued call-9" ;;
esac
"#;

#[test]
fn the_one_in_shell_tells_each_answer_of_the_telephone() {
    let mut sandbox = sandbox("dispatch.sh");
    std::fs::create_dir(sandbox.path("bin")).unwrap();
    sandbox.script("bin/dial", DIAL);
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    sandbox.set("PATH", path);
    let found = called(&sandbox, &["01", "02", "03", "04", "05", "06", "07", "08", "", "09"]);
    assert_eq!(
        found,
        [
            "completed answered call-1",
            "retry_scheduled no_answer -",
            "retry_scheduled busy -",
            "retry_scheduled voicemail -",
            "failed exit_20 -",
            "pending exit_75 -",
            "failed held exit_1 -",
            "failed held exit_1 -",
            "failed exit_20 -",
            "in_progress - call-9",
        ]
    );
    let dialled = std::fs::read_to_string(sandbox.path("dialled")).unwrap();
    assert_eq!(dialled.lines().count(), 9, "each number once: {dialled}");
    let first = sandbox.run("show 1 --json").json()["history"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(dialled.lines().next(), Some(format!("--key {first} +12125550101").as_str()));
    sandbox.run("report call-9 --outcome completed").expect_code(0);
    assert_eq!(sandbox.status(10), "completed");
}

#[test]
fn the_one_in_shell_without_its_telephone_costs_no_lead_a_retry() {
    let sandbox = sandbox("dispatch.sh");
    add(&sandbox, "01");
    let run = sandbox.run("process").expect_code(7);
    assert!(run.stderr.contains("69"), "{run}");
    assert_eq!(sandbox.status(1), "pending");
}

/// A telephone service on loopback that answers by the last two digits, one call after the other.
fn service(calls: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/calls", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().take(calls).for_each(|stream| answer(stream.unwrap())));
    url
}

fn answer(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line).unwrap() > 2 {
        head.push_str(&std::mem::take(&mut line).to_lowercase());
    }
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).map(str::to_owned);
    let mut body = vec![0; header("content-length:").unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((header("idempotency-key:").unwrap().len(), &body["metadata"]["name"]), (36, &"Ann".into()));
    let (code, said) = match &body["to"].as_str().unwrap()[10..] {
        "01" => (200, r#"{"status": "answered", "id": "c1"}"#),
        "02" => (200, r#"{"status": "no_answer", "id": "c2"}"#),
        "03" => (200, r#"{"status": "no_such_number"}"#),
        "04" => (200, r#"{"status": "on fire"}"#),
        "05" => (400, ""),
        "06" => (429, ""),
        "07" => (500, ""),
        "08" => return, // the connection breaks after the request
        _ => (200, r#"{"status": "queued", "id": "c9"}"#),
    };
    let length = said.len();
    write!(stream, "HTTP/1.0 {code} told\r\nContent-Length: {length}\r\n\r\n{said}").unwrap();
}

#[test]
fn the_one_in_python_tells_each_answer_of_the_service() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = sandbox("dispatch.py");
    sandbox.set("DIALER_URL", service(9));
    let found = called(&sandbox, &["01", "02", "03", "04", "05", "06", "07", "08", "", "09"]);
    assert_eq!(
        found,
        [
            "completed answered c1",
            "retry_scheduled no_answer c2",
            "failed no_such_number -",
            "failed held on fire -",
            "failed http_400 -",
            "pending service_busy -",
            "failed held http_500 -",
            "failed held connection_lost -",
            "failed no_phone_number -",
            "in_progress - c9",
        ]
    );
}

#[test]
fn the_one_in_python_without_its_service_costs_no_lead_a_retry() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = sandbox("dispatch.py");
    add(&sandbox, "01");
    sandbox.run("process").expect_code(7);
    assert_eq!(sandbox.status(1), "pending", "no address is set");
    // A port on which nobody listens: it was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    sandbox.set("DIALER_URL", format!("http://127.0.0.1:{port}/"));
    sandbox.run("process").expect_code(0);
    let item = sandbox.run("show 1 --json").json();
    assert_eq!(
        (&item["status"], &item["last_reason"], &item["retry_count"]),
        (&"pending".into(), &"service_down".into(), &0.into())
    );
}
