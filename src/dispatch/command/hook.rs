//! Starts a hook as the programs of calls are started, and waits for its end.

use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, Timespec, poll};

use super::exit_status::End;
use super::followed::{Followed, ProgramEnd};
use super::grace_periods::GracePeriods;
use super::launch::prepared;
use super::programs::Programs;
use crate::dispatch::lease::start_alone;
use crate::model::Environment;

/// The part of its time that is left to a program between TERM and KILL.
const LAST_PART: u32 = 10;

/// A program that holds its output open after its exit is not waited for any longer than this.
const DRAIN: Duration = Duration::from_millis(100);

/// How long to wait when the system cannot.
const PAUSE: Duration = Duration::from_millis(10);

/// `EX_TEMPFAIL` of sysexits.h: it works later.
const TRY_LATER: i32 = 75;

/// The most bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// How a program answered an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookEnd {
    Taken,
    /// It exited with a status that refuses the event.
    Refused(String),
    /// It cannot be started, was ended by a signal or its time-out, or says that it works later.
    Unavailable(String),
}

/// Runs a program, its arguments behind it, with `input` on its standard input, and ends it within `limit`.
pub fn run_hook(command: &[String], environment: &Environment, input: Vec<u8>, limit: Duration) -> HookEnd {
    let Some((program, arguments)) = command.split_first() else {
        return HookEnd::Unavailable("it has no program".to_owned());
    };
    let cannot_start = |reason: String| HookEnd::Unavailable(format!("cannot start {program}: {reason}"));
    let mut programs = Programs::of(environment.get("PATH"));
    let mut command = match prepared(&mut programs, program, arguments) {
        Ok(command) => command,
        Err(untrusted) => return cannot_start(untrusted.to_string()),
    };
    command.env_clear().envs(environment.iter());
    let begun = Instant::now();
    let process = match start_alone(|| command.spawn()) {
        Ok(process) => process,
        Err(error) => return cannot_start(error.to_string()),
    };
    let last = limit / LAST_PART;
    let grace = GracePeriods { drain: DRAIN.min(last), kill: last.saturating_sub(DRAIN) };
    let mut followed = Followed::new(process, input, limit.saturating_sub(last), grace, begun);
    let mut buffer = vec![0; CHUNK];
    while !followed.advance(Instant::now(), &mut buffer) {
        wait(&followed);
    }
    judged(followed.into_end())
}

/// Waits until something happens to a program, or it must be looked at.
fn wait(followed: &Followed) {
    let now = Instant::now();
    let timeout = followed.due(now).map(|due| due.saturating_duration_since(now));
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    let mut descriptors: Vec<PollFd<'_>> = Vec::new();
    followed.watch(&mut descriptors);
    if poll(&mut descriptors, timeout.as_ref()).is_err() {
        thread::sleep(PAUSE);
    }
}

fn judged(ended: ProgramEnd) -> HookEnd {
    let said = ended.errors.as_deref().and_then(|text| text.lines().rev().find(|line| !line.trim().is_empty()));
    let with_words = |what: String| match said {
        Some(said) => format!("{what}: {}", said.trim()),
        None => what,
    };
    match ended.end {
        End::Exited(0) => HookEnd::Taken,
        End::Exited(TRY_LATER) => HookEnd::Unavailable(with_words(format!("exit status {TRY_LATER}, try later"))),
        End::Exited(status) => HookEnd::Refused(with_words(format!("exit status {status}"))),
        End::Signalled(signal) => HookEnd::Unavailable(with_words(format!("ended by signal {signal}"))),
        End::TimedOut => HookEnd::Unavailable(with_words("it took too long and was ended".to_owned())),
        End::Lost => HookEnd::Unavailable("nobody knows how it ended".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn run(script: &str, limit: Duration) -> HookEnd {
        let environment: Environment = [("PATH", "/usr/bin:/bin")].into_iter().collect();
        let command = ["sh", "-c", script].map(str::to_owned);
        run_hook(&command, &environment, b"{\"id\":1}\n".to_vec(), limit)
    }

    #[test]
    fn a_hook_is_judged_by_how_it_ends() {
        let refused = |said: &str| HookEnd::Refused(said.to_owned());
        let unavailable = |said: &str| HookEnd::Unavailable(said.to_owned());
        assert_eq!(run("read line; [ \"$line\" = '{\"id\":1}' ]", LONG), HookEnd::Taken);
        assert_eq!(run("exec 0<&-; exit 0", LONG), HookEnd::Taken, "it need not read");
        assert_eq!(run("echo a >&2; echo no such user >&2; exit 3", LONG), refused("exit status 3: no such user"));
        assert_eq!(run("exit 75", LONG), unavailable("exit status 75, try later"));
        assert_eq!(run("kill -9 $$", LONG), unavailable("ended by signal 9"));
        let late = run("trap '' TERM; sleep 60", Duration::from_millis(300));
        assert_eq!(late, unavailable("it took too long and was ended"));
        let none = run_hook(&["/no/such".to_owned()], &Environment::default(), Vec::new(), LONG);
        assert!(matches!(&none, HookEnd::Unavailable(said) if said.starts_with("cannot start /no/such: ")), "{none:?}");
    }
}
