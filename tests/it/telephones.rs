//! The dispatchers of `examples` for telephone systems: stand-ins on loopback speak as the published interfaces say.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::dispatchers::{add, called, sandbox};
use crate::support::is_installed;

/// Asterisk's manager. It answers each call by the last two digits of its number, one connection after the other.
fn asterisk() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(|stream| manage(stream.unwrap())));
    port.to_string()
}

/// The headers of a message, by their names; none at the end of the connection.
fn read_message(reader: &mut impl BufRead) -> Option<BTreeMap<String, String>> {
    let (mut message, mut line) = (BTreeMap::new(), String::new());
    while reader.read_line(&mut line).unwrap_or(0) > 2 {
        let (name, value) = line.trim_end().split_once(": ").unwrap();
        message.insert(name.to_owned(), value.to_owned());
        line.clear();
    }
    (!message.is_empty()).then_some(message)
}

fn manage(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    write!(stream, "Asterisk Call Manager/9.0.0\r\n").unwrap();
    while let Some(message) = read_message(&mut reader) {
        let id = &message["ActionID"];
        if message["Action"] == "Login" {
            let is_right = (message["Username"].as_str(), message["Secret"].as_str()) == ("callq", "s3cret");
            let word = if is_right { "Success" } else { "Error" };
            let booted = "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n";
            write!(stream, "Response: {word}\r\nActionID: {id}\r\n\r\n{booted}").unwrap();
            continue;
        }
        assert_eq!((&message["Action"], &message["ChannelId"]), (&"Originate".to_owned(), id));
        let hangup = |id: &str, cause: u32| format!("Event: Hangup\r\nUniqueid: {id}\r\nCause: {cause}\r\n\r\n");
        let told = |word: &str, reason: u32| {
            format!("Event: OriginateResponse\r\nActionID: {id}\r\nResponse: {word}\r\nReason: {reason}\r\n\r\n")
        };
        let said = format!("Event: UserEvent\r\nUserEvent: Callq\r\nAttempt: {id}\r\nOutcome: voicemail\r\n\r\n");
        let events = match &message["Channel"]["PJSIP/+121255501".len()..] {
            "01@trunk" => told("Success", 4) + &hangup("another", 17) + &hangup(id, 16),
            "02@trunk" => hangup(id, 0) + &told("Failure", 3),
            "03@trunk" => hangup(id, 17) + &told("Failure", 5),
            "04@trunk" => hangup(id, 1) + &told("Failure", 0),
            "05@trunk" => hangup(id, 34) + &told("Failure", 8),
            "06@trunk" => told("Success", 4) + &said + &hangup(id, 16),
            "07@trunk" => hangup(id, 99) + &told("Failure", 0),
            "08@trunk" => return, // the connection breaks after the request
            "11@trunk" => told("Failure", 0),
            _ => {
                write!(stream, "Response: Error\r\nActionID: {id}\r\nMessage: Permission denied\r\n\r\n").unwrap();
                continue;
            }
        };
        write!(stream, "Response: Success\r\nActionID: {id}\r\n\r\n{events}").unwrap();
    }
}

#[test]
fn asterisk_tells_how_each_call_went() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = sandbox("dispatch-asterisk.py");
    for (name, value) in [("USER", "callq"), ("SECRET", "s3cret"), ("PORT", asterisk().as_str())] {
        sandbox.set(&format!("ASTERISK_{name}"), value);
    }
    let found = called(&sandbox, &["01", "02", "03", "04", "05", "06", "07", "08", ""]);
    assert_eq!(
        found,
        [
            "completed answered -",
            "retry_scheduled no_answer -",
            "retry_scheduled busy -",
            "failed invalid_number -",
            "pending cause_34 -",
            "retry_scheduled voicemail -",
            "failed held cause_99 -",
            "failed held connection_lost -",
            "failed no_phone_number -",
        ]
    );
}

#[test]
fn asterisk_at_fault_costs_no_lead_a_retry() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = sandbox("dispatch-asterisk.py");
    add(&sandbox, "10");
    sandbox.run("process").expect_code(7);
    sandbox.set("ASTERISK_PORT", asterisk());
    sandbox.set("ASTERISK_USER", "callq");
    // A wrong secret, then an account that may not originate.
    for secret in ["wrong", "s3cret"] {
        sandbox.set("ASTERISK_SECRET", secret);
        sandbox.run("process").expect_code(7);
    }
    sandbox.run("cancel 1").expect_code(0);
    // A trunk that is not there.
    add(&sandbox, "11");
    sandbox.run("process").expect_code(7);
    assert_eq!(
        (sandbox.status(2), sandbox.run("show 2 --json").json()["retry_count"].clone()),
        ("pending".into(), 0.into())
    );
}

/// Twilio's interface of calls. It answers by the last two digits of the number, one request after the other.
fn twilio() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut asked = BTreeMap::new();
        listener.incoming().for_each(|stream| place(stream.unwrap(), &mut asked));
    });
    address
}

/// Answers a request; `asked` counts how often the status of each call was asked.
fn place(mut stream: TcpStream, asked: &mut BTreeMap<String, usize>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut request, mut line, mut length, mut is_known) = (String::new(), String::new(), 0, false);
    reader.read_line(&mut request).unwrap();
    while reader.read_line(&mut line).unwrap() > 2 {
        let header = line.trim().to_lowercase();
        length = header.strip_prefix("content-length: ").map_or(length, |value| value.parse().unwrap());
        // AC1:t0ken in Base64.
        is_known |= line.trim() == "Authorization: Basic QUMxOnQwa2Vu";
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let digits = |text: &str, before: &str| text.split_once(before).unwrap().1[..2].to_owned();
    let (code, said) = if !is_known {
        (401, r#"{"code": 20003}"#.to_owned())
    } else if request.starts_with("POST /2010-04-01/Accounts/AC1/Calls.json ") {
        match digits(&body, "To=%2B121255501").as_str() {
            "05" => (400, r#"{"code": 21211}"#.to_owned()),
            "06" => (429, r#"{"code": 20429}"#.to_owned()),
            "07" => (503, String::new()),
            "08" => return, // the connection breaks after the request
            digits => (201, format!(r#"{{"sid": "CA{digits}", "status": "queued"}}"#)),
        }
    } else {
        let digits = digits(&request, "GET /2010-04-01/Accounts/AC1/Calls/CA");
        let count = asked.entry(digits.clone()).or_default();
        *count += 1;
        let (status, by) = match (*count, digits.as_str()) {
            (1, _) => ("ringing", "null"),
            (_, "01") => ("completed", "\"human\""),
            (_, "02") => ("no-answer", "null"),
            (_, "03") => ("busy", "null"),
            (_, "04") => ("completed", "\"machine_start\""),
            (_, "09") => ("failed", "null"),
            _ => ("canceled", "null"),
        };
        // The second question is not answered, and is asked again.
        if *count == 2 {
            (500, String::new())
        } else {
            (200, format!(r#"{{"status": "{status}", "answered_by": {by}}}"#))
        }
    };
    write!(stream, "HTTP/1.0 {code} told\r\nContent-Length: {}\r\n\r\n{said}", said.len()).unwrap();
}

#[test]
fn twilio_tells_how_each_call_went() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = sandbox("dispatch-twilio.py");
    let settings =
        [("ACCOUNT", "AC1"), ("TOKEN", "t0ken"), ("FROM", "+12125554567"), ("TALK", "https://talk.example/")];
    for (name, value) in settings.into_iter().chain([("API", twilio().as_str()), ("POLL", "0.01")]) {
        sandbox.set(&format!("TWILIO_{name}"), value);
    }
    let found = called(&sandbox, &["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", ""]);
    assert_eq!(
        found,
        [
            "completed answered CA01",
            "retry_scheduled no_answer CA02",
            "retry_scheduled busy CA03",
            "retry_scheduled voicemail CA04",
            "failed twilio_21211 -",
            "pending too_many_requests -",
            "failed held http_503 -",
            "failed held connection_lost -",
            "retry_scheduled failed CA09",
            "failed canceled CA10",
            "failed no_phone_number -",
        ]
    );
}

#[test]
fn twilio_at_fault_costs_no_lead_a_retry() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = sandbox("dispatch-twilio.py");
    add(&sandbox, "01");
    sandbox.run("process").expect_code(7);
    for (name, value) in
        [("ACCOUNT", "AC1"), ("TOKEN", "wrong"), ("FROM", "+12125554567"), ("TALK", "https://talk.example/")]
    {
        sandbox.set(&format!("TWILIO_{name}"), value);
    }
    sandbox.set("TWILIO_API", twilio());
    sandbox.run("process").expect_code(7);
    assert_eq!(sandbox.status(1), "pending");
}
