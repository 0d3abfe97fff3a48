//! The calls of earlier runs that the provider may have: each is looked up again and again until that is known. Meanwhile
//! its attempt stays open, so that its slot and its number stay taken.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::dispatch::{AccountId, LookUp, Provider, ProviderAccount};
use crate::model::AttemptId;

/// After this many questions to one account without an answer, a run asks it no more: each may take its whole time.
const MOST_UNANSWERED: u32 = 3;

/// How many questions to each account had no answer in this run.
pub(in crate::engine) type Unanswered = HashMap<AccountId, u32>;

/// A call that may have been placed, and whose run is gone.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Doubt {
    pub(in crate::engine) attempt: AttemptId,
    /// What is known of its end, in words.
    pub(in crate::engine) detail: String,
    /// The account that is asked.
    pub(in crate::engine) account: ProviderAccount,
}

/// What is known of one doubt.
#[derive(Debug)]
struct Known {
    doubt: Doubt,
    /// The first and the last question of this program.
    asked: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What the last answer was, in words.
    said: String,
}

impl Known {
    /// When to ask next: after as long as the questions have gone on already.
    fn next(&self) -> Option<DateTime<Utc>> {
        let (first, last) = self.asked?;
        Some(last + (last - first).clamp(TimeDelta::seconds(2), TimeDelta::seconds(30)))
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        // A clock that was set back must not silence the questions.
        self.next().is_none_or(|next| next <= now) || self.asked.is_some_and(|(_, last)| now < last)
    }
}

/// The doubts of one program.
#[derive(Debug, Default)]
pub(in crate::engine) struct Doubts {
    known: BTreeMap<AttemptId, Known>,
    unanswered: Unanswered,
    are_asked: bool,
}

impl Doubts {
    /// A run begins, and may ask every account anew.
    pub(in crate::engine) fn begin_run(&mut self) {
        self.unanswered.clear();
    }

    /// These are in doubt now, and no others.
    pub(in crate::engine) fn set(&mut self, found: Vec<Doubt>) {
        let mut before = std::mem::take(&mut self.known);
        for doubt in found {
            let (asked, said) = match before.remove(&doubt.attempt) {
                Some(known) => (known.asked, known.said),
                None => (None, "callq asks the provider whether it has the call".to_owned()),
            };
            self.known.insert(doubt.attempt, Known { doubt, asked, said });
        }
    }

    /// The doubts to ask about now, with the questions that had no answer so far.
    pub(in crate::engine) fn take_due(&mut self, now: DateTime<Utc>) -> Option<(Vec<Doubt>, Unanswered)> {
        if self.are_asked {
            return None;
        }
        let mut due = Vec::new();
        for known in self.known.values_mut().filter(|known| known.is_due(now)) {
            known.asked = Some((known.asked.map_or(now, |(first, _)| first.min(now)), now));
            due.push(known.doubt.clone());
        }
        self.are_asked = !due.is_empty();
        self.are_asked.then(|| (due, self.unanswered.clone()))
    }

    /// The questions have come to their end, with these unanswered ones.
    pub(in crate::engine) fn note_asked(&mut self, unanswered: Option<Unanswered>) {
        self.are_asked = false;
        self.unanswered.extend(unanswered.into_iter().flatten());
    }

    /// What is known of the end of an attempt that is in doubt.
    pub(in crate::engine) fn detail(&self, attempt: AttemptId) -> Option<&str> {
        self.known.get(&attempt).map(|known| known.doubt.detail.as_str())
    }

    /// The answer leaves the doubt as it was.
    pub(in crate::engine) fn keep(&mut self, attempt: AttemptId, answer: &LookUp) {
        if let Some(known) = self.known.get_mut(&attempt) {
            known.said = match answer {
                LookUp::NoAnswer(reason) => format!("the provider gives no answer ({reason})"),
                LookUp::Found(_) | LookUp::NotFound => "the provider does not list it yet".to_owned(),
            };
        }
    }

    /// Nothing is left to ask about an attempt.
    pub(in crate::engine) fn end(&mut self, attempt: AttemptId) {
        self.known.remove(&attempt);
    }

    /// When to ask next.
    pub(in crate::engine) fn next(&self) -> Option<DateTime<Utc>> {
        self.known.values().filter_map(Known::next).min()
    }

    /// The attempts in doubt, and what the provider says of each.
    pub(in crate::engine) fn said(&self) -> impl Iterator<Item = (AttemptId, &str)> {
        self.known.iter().map(|(attempt, known)| (*attempt, known.said.as_str()))
    }
}

/// Looks calls up one after the other. An account that gives no answer three times is asked no more.
pub(in crate::engine) fn look_up_all(
    provider: &dyn Provider,
    doubts: &[Doubt],
    mut unanswered: Unanswered,
) -> (Vec<(AttemptId, LookUp)>, Unanswered) {
    let mut answers = Vec::new();
    for Doubt { attempt, account, .. } in doubts {
        let silent = unanswered.entry(account.id()).or_default();
        let answer = if *silent < MOST_UNANSWERED {
            provider.look_up(*attempt, account)
        } else {
            LookUp::NoAnswer("it was silent three times".to_owned())
        };
        *silent += u32::from(matches!(answer, LookUp::NoAnswer(_)));
        answers.push((*attempt, answer));
    }
    (answers, unanswered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::Nobody;

    fn doubt(number: u8) -> Doubt {
        Doubt { attempt: AttemptId::from_bytes([number; 16]), detail: String::new(), account: Nobody::account() }
    }

    #[test]
    fn a_doubt_is_asked_about_with_growing_pauses() {
        let mut doubts = Doubts::default();
        let start = DateTime::UNIX_EPOCH;
        let mut asked = Vec::new();
        for second in 0..130 {
            let now = start + TimeDelta::seconds(second);
            doubts.set(vec![doubt(1)]);
            if doubts.take_due(now).is_some() {
                asked.push(second);
                assert!(doubts.take_due(now).is_none(), "one question at a time");
                doubts.note_asked(None);
            }
        }
        assert_eq!(asked, [0, 2, 4, 8, 16, 32, 62, 92, 122]);
        assert!(doubts.take_due(start).is_some(), "the clock was set back");
    }

    #[test]
    fn an_account_that_is_silent_three_times_is_asked_no_more() {
        let (answers, unanswered) = look_up_all(&Nobody, &[1, 2, 3, 4].map(doubt), Unanswered::new());
        assert_eq!(answers.len(), 4);
        assert_eq!(answers[3].1, LookUp::NoAnswer("it was silent three times".to_owned()));
        assert!(unanswered.into_values().all(|count| count >= MOST_UNANSWERED));
    }
}
