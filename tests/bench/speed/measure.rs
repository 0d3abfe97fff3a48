//! How two things are compared: in turn, one pair after the other, and by the median of the pairs' ratios.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// What a ratio is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// Time against time: at most so much, to be reached.
    AtMost(f64, f64),
    /// Rate against rate: at least so much, to be reached.
    AtLeast(f64, f64),
}

/// Prints the row of one comparison: `callq` and `reference` give the time of one round each.
pub(crate) fn compare(
    row: &str,
    goal: Goal,
    pairs: usize,
    mut callq: impl FnMut() -> Duration,
    mut reference: impl FnMut() -> Duration,
) {
    let (mut ratios, mut times) = (Vec::new(), Vec::new());
    // The first pair warms the caches and does not count.
    for pair in 0..=pairs {
        let (ours, theirs) = (callq().as_secs_f64(), reference().as_secs_f64());
        if pair > 0 {
            times.push(ours);
            ratios.push(match goal {
                Goal::AtMost(..) => ours / theirs,
                Goal::AtLeast(..) => theirs / ours,
            });
        }
    }
    let (ratio, time) = (median(&mut ratios), median(&mut times));
    let (relation, floor, reach, met, reached) = match goal {
        Goal::AtMost(floor, reach) => ("≤", floor, reach, ratio <= floor, ratio <= reach),
        Goal::AtLeast(floor, reach) => ("≥", floor, reach, ratio >= floor, ratio >= reach),
    };
    let verdict = match (reached, met) {
        (true, _) => "reached",
        (false, true) => "met",
        (false, false) => "MISSED",
    };
    tell(&format!(
        "{row:<58} {ratio:>6.2}  {relation} {floor:<4} / {reach:<4}  {verdict:<8} {:>10.2} ms",
        time * 1_000.0
    ));
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints a line at once.
pub(crate) fn tell(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// The time of one program from its start to its end; its output is thrown away.
pub(crate) fn time(mut command: Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let begun = Instant::now();
    let status = command.status();
    let took = begun.elapsed();
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{command:?}: {status:?}");
    took
}

/// The time of several programs that start at once, until the last has ended.
pub(crate) fn time_together(commands: Vec<Command>) -> Duration {
    let begun = Instant::now();
    let children: Vec<Child> = commands.into_iter().map(start).collect();
    for mut child in children {
        let status = child.wait();
        assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{status:?}");
    }
    begun.elapsed()
}

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// The most memory that a program held while it ran, in MiB, looked at every 10 ms.
pub(crate) fn peak_memory(command: Command) -> f64 {
    let mut child = start(command);
    let mut peak_kib = 0_u64;
    while let Ok(None) = child.try_wait() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak_kib = peak_kib.max(peak.unwrap_or(0));
        thread::sleep(Duration::from_millis(10));
    }
    peak_kib as f64 / 1_024.0
}

/// Prints how much memory a program may hold, and holds.
pub(crate) fn memory(row: &str, most_mib: f64, command: Command) {
    let peak = peak_memory(command);
    let verdict = if peak <= most_mib { "met" } else { "MISSED" };
    tell(&format!("{row:<58} {peak:>6.1}  ≤ {most_mib:<11} {verdict:<8}        MiB"));
}

/// How long a program goes on, and how long each round took that was begun meanwhile.
pub(crate) fn beside(command: Command, mut round: impl FnMut() -> Duration) -> (Duration, Vec<Duration>) {
    let begun = Instant::now();
    let mut child = start(command);
    let mut rounds = Vec::new();
    loop {
        match child.try_wait() {
            Ok(None) => rounds.push(round()),
            status => {
                assert!(
                    status.as_ref().is_ok_and(|status| status.is_some_and(|status| status.success())),
                    "{status:?}"
                );
                return (begun.elapsed(), rounds);
            }
        }
    }
}

/// The longest time for which a database is locked against writers while a program goes on, looked at every millisecond.
pub(crate) fn longest_lock(command: Command, database: &Path) -> Duration {
    let other = Connection::open(database).unwrap_or_else(|error| panic!("{error}"));
    other.busy_timeout(Duration::ZERO).unwrap_or_else(|error| panic!("{error}"));
    let (mut longest, mut free) = (Duration::ZERO, Instant::now());
    beside(command, || {
        if other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok() {
            free = Instant::now();
        }
        longest = longest.max(free.elapsed());
        thread::sleep(Duration::from_millis(1));
        Duration::ZERO
    });
    longest
}
