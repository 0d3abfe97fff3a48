//! `callq rules caps`

use std::fmt::Display;
use std::num::NonZeroU32;

use serde::Serialize;
use serde_json::Value;

use crate::cli::RulesCaps;
use crate::commands::context::{Context, output_failed};
use crate::compliance::{Cap, Dial, Ladder, PastAttempt, check_caps};
use crate::contract::{AskedAttempt, AskedCap, AskedDial, AskedLadder, CapQuestion, DialAnswer, LadderAnswer};
use crate::error::{CommandError, ErrorKind};
use crate::intake::each_line;
use crate::model::{CapLimit, Most};

/// The most retries of a ladder: its answer stays small.
const MOST_RETRIES: u32 = 1_000;

pub(super) fn run(_: &RulesCaps, context: &mut Context<'_>) -> Result<(), CommandError> {
    let refused = |fault: String| CommandError::message(ErrorKind::Refused, fault);
    let out = &mut *context.out;
    let answered = each_line((context.stdin)(), refused, |number, line| {
        let answer = answer(line).map_err(|fault| refused(format!("line {number}: {fault}")))?;
        writeln!(out, "{answer}").map_err(output_failed)
    });
    // The answers before a line at fault stand.
    out.flush().map_err(output_failed).and(answered)
}

/// The answer to one question, in one line.
fn answer(line: &str) -> Result<String, String> {
    let question: CapQuestion<'_> = parsed(line)?;
    let caps = question.caps.into_iter().map(cap).collect::<Result<Vec<Cap>, String>>()?;
    match question.kind.as_str() {
        "dial" => {
            let asked: AskedDial = parsed(line)?;
            let AskedDial { now, ref number, ref client, purpose, voice, .. } = asked;
            let dial = Dial { now, number, client, purpose, voice };
            let attempts: Vec<PastAttempt<'_>> = asked.attempts.iter().map(past_attempt).collect();
            let verdict = check_caps(dial, &attempts, &caps);
            let allowed = verdict.is_allowed();
            written(&DialAnswer { id: question.id, allowed, until: verdict.until, by: verdict.by })
        }
        "ladder" => {
            let AskedLadder { delays, multiplier, max_delay, max_retries } = parsed(line)?;
            if max_retries > MOST_RETRIES {
                return Err(format!("max_retries is {max_retries}: at most {MOST_RETRIES} are answered"));
            }
            let ladder = Ladder { delays, multiplier, max_delay, max_retries };
            let check = ladder.check(&caps);
            written(&LadderAnswer { id: question.id, plain: check.plain, breaks: check.breaks, capped: check.capped })
        }
        other => Err(format!("unknown kind `{}`: expected dial or ladder", other.escape_debug())),
    }
}

fn parsed<'text, T: serde::Deserialize<'text>>(line: &'text str) -> Result<T, String> {
    serde_json::from_str(line).map_err(|error| format!("it is not a question: {error}"))
}

fn written(answer: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(answer).map_err(|error| error.to_string())
}

fn cap(asked: AskedCap) -> Result<Cap, String> {
    let AskedCap { id, max, hours, counts, scope, applies_to } = asked;
    let fault = |fault: &dyn Display| format!("cap `{}`: {fault}", id.escape_debug());
    let number = max.as_u64().and_then(|max| u32::try_from(max).ok()).and_then(NonZeroU32::new);
    let most = match (&max, number) {
        (Value::String(word), _) if word == "rest" => Most::Rest,
        (_, Some(number)) => Most::Attempts(number),
        _ => return Err(fault(&format!("max is {max}: expected a number from 1 on, or \"rest\""))),
    };
    let applies_to = applies_to.parse().map_err(|error| fault(&error))?;
    Ok(Cap { id: id.into(), applies_to, limit: CapLimit { most, hours, counts, scope } })
}

fn past_attempt(asked: &AskedAttempt) -> PastAttempt<'_> {
    let AskedAttempt { at, number, client, purpose, voice, reached } = asked;
    PastAttempt { at: *at, number, client, purpose: *purpose, voice: *voice, reached: *reached }
}
