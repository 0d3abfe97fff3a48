//! Many programs at once, adding, processing, cancelling, retrying and pausing, killed at any moment: nothing that was
//! acknowledged is lost, nobody is called twice at once, and the queue is sound.
//!
//! A short storm always; `CALLQ_LONG_TESTS=1` for a long one.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crate::support::{Receiver, SECRET, Sandbox, noting, takes_long_tests};

/// Numbers that look random and are the same in every storm.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        // Knuth's MMIX generator; its high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What one program was asked to do.
fn command(dice: &mut Dice, thread: u64, turn: u64) -> Vec<String> {
    let client = ["acme", "globex"][usize::try_from(dice.below(2)).unwrap()];
    let item = (1 + dice.below(1 + thread + turn * 2)).to_string();
    let words: Vec<String> = match dice.below(12) {
        0..=4 => {
            let (lead, phone) = (format!("lead-{thread}-{turn}"), format!("+1212{:07}", 2_000_000 + dice.below(40)));
            let key = format!("key-{thread}-{turn}");
            return ["add", "-c", client, &lead, "--key", &key, "--phone", &phone].map(str::to_owned).to_vec();
        }
        5..=8 => vec!["process".into(), "-q".into()],
        9 => vec!["cancel".into(), "--in-progress".into(), item],
        10 => vec!["retry".into(), item],
        _ if dice.below(2) == 0 => vec!["pause".into(), "-c".into(), client.into()],
        _ => vec!["resume".into()],
    };
    words
}

/// Runs a program, and kills it now and then; whether it ended by itself with 0.
fn run_or_kill(sandbox: &Sandbox, words: &[String], dice: &mut Dice) -> bool {
    let mut command = sandbox.callq(words);
    let mut child: Child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    if dice.below(3) == 0 {
        thread::sleep(Duration::from_micros(dice.below(30_000)));
        let _ = child.kill();
    }
    let code = child.wait().unwrap().code();
    // 3: the id names nothing yet; 4: its state forbids it. Nothing else may go wrong.
    assert!(matches!(code, None | Some(0 | 3 | 4)), "{words:?} ended with {code:?}");
    code == Some(0)
}

#[test]
fn a_storm_loses_nothing_and_calls_nobody_twice() {
    let (threads, turns) = if takes_long_tests() { (8, 400) } else { (4, 40) };
    let mut sandbox = Sandbox::dialling();
    let calls = noting("sleep 0.0$(($CALLQ_ITEM_ID % 4))");
    sandbox.script("dispatch", &format!("{calls}\n[ $(($CALLQ_ITEM_ID % 5)) != 0 ] || exit 11"));
    let config = Sandbox::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]\non_unknown = \"retry\"");
    // Others hear of it meanwhile.
    let receiver = Receiver::start();
    sandbox.set("CRM_SECRET", SECRET);
    let told = receiver.row("\"item.added\", \"item.changed\", \"call.started\", \"call.finished\"");
    sandbox.configure(&format!("{}{told}", config.replace("max_concurrent = 1", "max_concurrent = 3")));
    sandbox.run("add -c acme first --key first").expect_code(0);
    let acknowledged = Mutex::new(BTreeSet::from(["first".to_owned()]));
    thread::scope(|scope| {
        for thread in 0..threads {
            let (sandbox, acknowledged) = (&sandbox, &acknowledged);
            scope.spawn(move || {
                let mut dice = Dice(thread + 1);
                for turn in 0..turns {
                    let words = command(&mut dice, thread, turn);
                    if run_or_kill(sandbox, &words, &mut dice) && words[0] == "add" {
                        acknowledged.lock().unwrap().insert(words[5].clone());
                    }
                }
            });
        }
    });
    sandbox.run("resume").expect_code(0);
    sandbox.wait_until_settled();
    sandbox.assert_sound();
    let there: BTreeSet<String> =
        sandbox.items().values().filter_map(|item| item["key"].as_str().map(str::to_owned)).collect();
    let lost: Vec<_> = acknowledged.into_inner().unwrap().difference(&there).cloned().collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(there.len() > 10, "the storm did something: {}", there.len());
    assert!(receiver.told().len() > 10, "others heard of it");
}
