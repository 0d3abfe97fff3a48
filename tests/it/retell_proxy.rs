//! The way to the provider through a proxy: what was certainly not sent holds no lead, and no other way is taken.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::support::{KEY, Provider, Sandbox, side_by_side};

/// What a proxy does with who asks it for a way.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Answers(&'static str),
    /// Says yes, and then no TLS.
    Babbles,
    Hangs,
}

/// A proxy on loopback, and what it was asked for, a line each.
#[derive(Debug)]
struct Gate {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    fn start(manner: Manner) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let heard = heard.clone();
                thread::spawn(move || serve(&stream.unwrap(), manner, &heard));
            }
        });
        Gate { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: &TcpStream, manner: Manner, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line).unwrap_or(0) > 2 {
        head.push_str(&std::mem::take(&mut line));
    }
    asked.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
    // Who has gone misses nothing.
    let _ = match manner {
        Manner::Answers(text) => stream.write_all(text.as_bytes()),
        Manner::Babbles => stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").and_then(|()| {
            reader.fill_buf()?;
            stream.write_all(b"this is not the TLS that you are looking for")
        }),
        // Until the other side has had enough.
        Manner::Hangs => reader.read_line(&mut line).map(drop),
    };
}

/// A sandbox with one lead, whose calls go to an address by TLS.
fn placing_at(base_url: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    sandbox.set("RETELL_API_KEY", KEY);
    sandbox.open_with(&format!(
        "kind = \"retell\"\nbase_url = {base_url:?}\nfrom_number = \"+12125550000\"\nrequest_timeout = \"2s\"\nbreaker = 1"
    ));
    sandbox.queue(1);
    sandbox
}

const PROVIDER: &str = "https://api.provider.invalid";

fn attempt(sandbox: &Sandbox) -> Value {
    sandbox.run("show 1 --json").json()["history"][0].clone()
}

#[test]
fn a_proxy_that_lets_nothing_through_gives_the_lead_back_and_opens_the_breaker() {
    side_by_side(
        [
            (Manner::Answers("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), "407"),
            (Manner::Answers("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\nno"), "502"),
            (Manner::Answers("HTTP/1.1 403 Forbidden\r\n\r\n"), "403"),
            (Manner::Answers("what?\r\n\r\n"), ""),
            (Manner::Answers(""), ""),
            (Manner::Babbles, ""),
            (Manner::Hangs, "no answer in time"),
        ],
        |(manner, said)| {
            let gate = Gate::start(manner);
            let mut sandbox = placing_at(PROVIDER);
            sandbox.set("HTTPS_PROXY", format!("http://ann:secret@{}", gate.address));
            let run = sandbox.run("process --json").expect_code(7);
            let attempt = attempt(&sandbox);
            assert_eq!(
                (sandbox.status(1).as_str(), &attempt["outcome"]),
                ("pending", &json!("returned")),
                "{manner:?}"
            );
            let reason = attempt["reason"].as_str().unwrap();
            assert!(
                reason.starts_with("the provider was not reached: ") && reason.contains(said),
                "{manner:?}: {reason}"
            );
            assert!(reason.ends_with("(through the proxy that HTTPS_PROXY names)"), "{manner:?}: {reason}");
            assert_eq!(run.json()["stopped_by"], "breaker", "{manner:?}");
            assert!(!run.text().contains("secret") && !reason.contains("secret"));
            let asked = gate.asked();
            assert!(!asked.is_empty(), "{manner:?}");
            assert!(asked.iter().all(|line| line == "CONNECT api.provider.invalid:443 HTTP/1.1"), "{asked:?}");
        },
    );
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_and_not_passed_by() {
    let direct = Gate::start(Manner::Answers(""));
    for (variable, value, said) in [
        ("HTTPS_PROXY", "socks5://ann:secret@127.0.0.1:1", "HTTPS_PROXY names a SOCKS proxy, which callq cannot use"),
        ("all_proxy", "http//ann:secret@127.0.0.1:1", "all_proxy does not name a proxy that callq can read"),
    ] {
        let mut sandbox = placing_at(&format!("https://{}", direct.address));
        sandbox.set(variable, value);
        let run = sandbox.run("process --json").expect_code(7);
        assert!(run.json()["clients"][0]["blocked_by"].as_str().unwrap().contains(said), "{run}");
        assert_eq!((sandbox.status(1).as_str(), &attempt(&sandbox)["outcome"]), ("pending", &json!("unavailable")));
        let doctor = sandbox.run("doctor");
        assert!(doctor.stdout.contains(said) && doctor.stdout.contains("NO_PROXY"), "{doctor}");
        assert!(!run.text().contains("secret") && !doctor.text().contains("secret"));
        assert_eq!(direct.asked(), [""; 0], "nothing went out directly");
    }
}

#[test]
fn what_needs_no_proxy_asks_none() {
    // On this machine, without TLS: whatever the variables say.
    let (gate, provider) = (Gate::start(Manner::Hangs), Provider::start());
    let mut sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        sandbox.set(name, format!("socks5://{}", gate.address));
    }
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["accepted"], 1);

    // An exception, and a variable that is for `http` only.
    for (name, value) in [("NO_PROXY", "localhost, 127.0.0.1"), ("HTTPS_PROXY", "")] {
        let direct = Gate::start(Manner::Answers("no TLS\r\n"));
        let mut sandbox = placing_at(&format!("https://{}", direct.address));
        sandbox.set("HTTPS_PROXY", &gate.address);
        sandbox.set("HTTP_PROXY", &gate.address);
        sandbox.set(name, value);
        sandbox.run("process").expect_code(7);
        assert_eq!(attempt(&sandbox)["outcome"], "returned");
        assert!(!attempt(&sandbox)["reason"].as_str().unwrap().contains("proxy"), "{name}");
    }
    assert_eq!(gate.asked(), [""; 0]);
}
