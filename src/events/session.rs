//! The delivery of the events of one receiver, in their order.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::control::{Control, Delivered, Round};
use super::message::{Message, message};
use super::place::DeliveryPlace;
use super::retry::{Answer, again_at, die_before, health_after, rests};
use super::secret::WebhookSecret;
use super::webhook::Webhook;
use crate::dispatch::{HookEnd, run_hook};
use crate::model::{Environment, EventReceiver, EventTarget, ItemId, OutboxEvent};
use crate::store::{ReceiverHealth, ReceiverState, Sent, SentEnd, Store, StoreResult};

/// The longest that one delivery may take.
const LONGEST: Duration = Duration::from_secs(10);

/// With less time than this left no delivery begins.
const SHORTEST: Duration = Duration::from_secs(1);

/// This number of events is read at once.
const AT_ONCE: usize = 100;

/// What was delivered is noted this often: each note takes the write lock.
const NOTE_EVERY: Duration = Duration::from_millis(200);

/// How events get to the receiver.
enum Way {
    Hook(Vec<String>, Environment),
    Webhook(Box<Webhook>),
}

/// What goes on from look to look.
pub(super) struct Session {
    place: Arc<DeliveryPlace>,
    name: String,
    way: Way,
    store: Arc<Mutex<Store>>,
    source: String,
}

impl Session {
    /// A session with a receiver.
    ///
    /// # Errors
    /// What this process lacks for it: a secret, or a proxy that it can use.
    pub(super) fn new(
        place: Arc<DeliveryPlace>,
        receiver: &EventReceiver,
        store: Arc<Mutex<Store>>,
        source: String,
    ) -> Result<Session, String> {
        let way = match &receiver.target {
            EventTarget::Hook { command } => Way::Hook(command.clone(), place.programs.clone()),
            EventTarget::Webhook { url, secret } => {
                let variables = place.variables.clone();
                let secret = WebhookSecret::read(secret, &*variables).map_err(|error| error.to_string())?;
                let webhook = Webhook::new(url, &receiver.name, secret, &*variables);
                webhook.unusable_proxy().map_or(Ok(()), Err)?;
                Way::Webhook(Box::new(webhook))
            }
        };
        Ok(Session { place, name: receiver.name.clone(), way, store, source })
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what is to be sent now.
    ///
    /// # Errors
    /// When the database or the lock of the receiver fails.
    pub(super) fn round(&self, control: &Control, delivered: &Delivered) -> StoreResult<Round> {
        let Some(row) = self.wanting()? else { return Ok(Round::Idle) };
        // It ends with this process, whatever ends that.
        let Ok(Some(_lock)) = self.place.leases.lock_receiver(row) else { return Ok(Round::Busy) };
        // What another process sent until now is gone.
        let Some(state) = self.awake()? else { return Ok(Round::Idle) };
        let events = self.store().events_to_send(row, self.place.clock.now(), AT_ONCE)?;
        if events.is_empty() { Ok(Round::Idle) } else { self.send_all(state, events, control, delivered) }
    }

    /// How the receiver does, unless it never had an event or is left alone now.
    fn awake(&self) -> StoreResult<Option<ReceiverState>> {
        let state = self.store().receiver_state(&self.name)?;
        Ok(state.filter(|state| !rests(state.health, self.place.clock.now())))
    }

    /// The row of the receiver, if there is something to be sent to it now.
    fn wanting(&self) -> StoreResult<Option<i64>> {
        let Some(ReceiverState { row, .. }) = self.awake()? else { return Ok(None) };
        let is_any = !self.store().events_to_send(row, self.place.clock.now(), 1)?.is_empty();
        Ok(is_any.then_some(row))
    }

    fn send_all(
        &self,
        ReceiverState { row, mut health }: ReceiverState,
        events: Vec<OutboxEvent>,
        control: &Control,
        delivered: &Delivered,
    ) -> StoreResult<Round> {
        let (mut sent, mut noted_at) = (Vec::new(), Instant::now());
        let mut failed: HashSet<ItemId> = HashSet::new();
        let mut round = Round::Worked;
        for event in events {
            let item = event.item.as_ref().map(|item| item.id);
            if item.is_some_and(|item| failed.contains(&item)) {
                continue;
            }
            let limit = control.time_left().map_or(LONGEST, |left| left.min(LONGEST));
            if limit < SHORTEST {
                round = Round::Idle;
                break;
            }
            let message = message(&self.store(), &event, &self.source)?;
            let answer = self.send(message, limit);
            if limit < LONGEST && answer != Answer::Taken && control.time_left().is_none_or(|left| left < SHORTEST) {
                // It was cut short by us.
                round = Round::Idle;
                break;
            }
            let now = self.place.clock.now();
            health = health_after(health, &answer, now);
            let end = match &answer {
                Answer::Taken => SentEnd::Delivered,
                Answer::Refused(error) | Answer::Unavailable(error, _) | Answer::Gone(error) => {
                    failed.extend(item);
                    SentEnd::Failed { error: error.clone(), again_at: again_at(&event, &answer, now) }
                }
            };
            delivered.count(end == SentEnd::Delivered);
            sent.push(Sent { event: event.id, end });
            let rests = health.rests_until.is_some();
            if rests || noted_at.elapsed() >= NOTE_EVERY {
                self.note(row, &mut sent, health)?;
                noted_at = Instant::now();
            }
            if rests {
                break;
            }
        }
        self.note(row, &mut sent, health)?;
        Ok(round)
    }

    fn note(&self, row: i64, sent: &mut Vec<Sent>, health: ReceiverHealth) -> StoreResult<()> {
        if sent.is_empty() {
            return Ok(());
        }
        let now = self.place.clock.now();
        self.store().note_sent(row, sent, health, die_before(health, now), now)?;
        sent.clear();
        Ok(())
    }

    fn send(&self, message: Message, limit: Duration) -> Answer {
        match &self.way {
            Way::Webhook(webhook) => webhook.send(&message, self.place.clock.now(), limit),
            Way::Hook(command, environment) => {
                let line = [message.body, b"\n".to_vec()].concat();
                match run_hook(command, environment, line, limit) {
                    HookEnd::Taken => Answer::Taken,
                    HookEnd::Refused(said) => Answer::Refused(said),
                    HookEnd::Unavailable(said) => Answer::Unavailable(said, None),
                }
            }
        }
    }
}
