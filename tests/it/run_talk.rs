//! What a run says of its calls while it goes on.

use crate::support::Sandbox;

/// What a line of a call says behind its time of day; nothing for other lines.
fn behind_time(line: &str) -> Option<String> {
    let (time, rest) = line.split_once(' ')?;
    let digits: Vec<&str> = time.split(':').collect();
    let is_time = digits.len() == 3 && digits.iter().all(|part| part.len() == 2 && part.parse::<u8>().is_ok());
    // How long a call took, and when the next one comes, is the machine's.
    is_time.then(|| {
        let words: Vec<&str> = rest.split(' ').collect();
        let is_length = |place: usize| {
            words[place].parse::<u64>().is_ok() && words.get(place + 1).is_some_and(|unit| unit.starts_with("ms"))
        };
        let shown = (0..words.len()).filter(|place| !(is_length(*place) || *place > 0 && is_length(place - 1)));
        shown.map(|place| words[place]).collect::<Vec<_>>().join(" ")
    })
}

#[test]
fn verbose_runs_write_a_line_for_each_call_also_in_a_pipe() {
    let sandbox = Sandbox::dialling();
    for (lead, phone) in [("answered-1", "+12125550111"), ("busy-1", "+12125550112"), ("lost-1", "+12125550113")] {
        sandbox.run(["add", "-c", "acme", lead, "--phone", phone]).expect_code(0);
    }
    sandbox.run("add -c acme later-1").expect_code(0);
    let run = sandbox.run("process -v --json").expect_code(0);
    assert_eq!(run.json()["processed"], 4);
    let mut lines: Vec<String> = run.stderr.lines().filter_map(behind_time).collect();
    lines.sort();
    assert_eq!(lines.len(), 4, "{run}");
    assert_eq!(lines[0], "acme answered-1 +1212…0111 completed");
    assert!(lines[1].starts_with("acme busy-1 +1212…0112 busy") && lines[1].contains("again "), "{}", lines[1]);
    assert!(lines[2].starts_with("acme later-1 accepted"), "{}", lines[2]);
    assert!(lines[3].starts_with("acme lost-1 +1212…0113 ") && lines[3].ends_with("held"), "{}", lines[3]);
    sandbox.run("add -c acme answered-2").expect_code(0);
    let silent = sandbox.run("process").expect_code(0);
    assert_eq!(silent.stderr.lines().filter_map(behind_time).count(), 0, "{silent}");
}
