//! Whose turn it is: the due items whose gates are all open, of each client as many as its share says.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::best_hours::BestHours;
use crate::contract::{Gate, Verdict};
use crate::gates::{self, ClientFacts, RunFacts};
use crate::model::{ClientId, Item, ItemId, LeadPlace, NumberFacts, Priority};
use crate::scheduler::{PolicyBook, ShareQueue, Turn};
use crate::store::{ClientState, Group, QueueReader, StoreResult};

/// At most this many items of a group are read at once.
const READ_AHEAD: usize = 64;

/// What a selection goes by.
pub(crate) struct SelectionRequest<'a> {
    pub(crate) policies: &'a PolicyBook,
    /// Only items of this client.
    pub(crate) client: Option<&'a ClientId>,
    /// Items that the run leaves alone.
    pub(crate) passed_over: &'a HashSet<ItemId>,
    /// A look at all that a run would call: nothing is written, and `max_concurrent` and `max_per_minute` are not asked,
    /// since they free up while a run goes on.
    pub(crate) look_only: bool,
    /// Stands for the caps in force.
    pub(crate) law: i64,
    pub(crate) now: DateTime<Utc>,
}

/// Where a selection reads, and what happens to what it meets.
pub(crate) trait SelectionQueue {
    fn reader(&self) -> QueueReader<'_>;

    /// What the run knows of a client's dispatcher.
    fn run_facts(&self, client: &ClientId) -> Option<RunFacts>;

    /// The closed gate of a client whose provider takes no call beside those that were selected.
    fn closed_provider(&mut self, client: &ClientId) -> Option<Verdict>;

    /// What is known of the number of an item, with its attempts since `now` − `look_back`.
    fn number_facts(&self, item: &Item, look_back: TimeDelta, now: DateTime<Utc>) -> StoreResult<NumberFacts> {
        self.reader().number_facts(item, look_back, now)
    }

    /// An item is not called because of a gate. False ends the search for its client in this turn.
    fn closed(&mut self, item: &Item, verdict: &Verdict) -> StoreResult<bool>;
}

/// An item whose gates are all open, and what they were asked with.
pub(crate) struct Selected {
    pub(crate) item: Item,
    pub(crate) number: NumberFacts,
}

/// Items in the order in which a run calls them.
pub(crate) struct Selection<'r> {
    request: &'r SelectionRequest<'r>,
    turns: Vec<ClientTurn>,
    /// Whose turn comes next.
    share_queue: ShareQueue,
    /// The first closed gate of each client with due items that cannot call all of them.
    pub(crate) blocked: BTreeMap<ClientId, Verdict>,
    hours: BestHours,
    /// The closed windows of (client, place, priority), none where it is open.
    windows: HashMap<(ClientId, LeadPlace, Priority), Option<Verdict>>,
}

/// A client with free calls and at least one open group.
struct ClientTurn {
    state: ClientState,
    free: usize,
    groups: Vec<GroupItems>,
    /// The groups by the place of their first item; of a group that has not been read, the earliest that it can have.
    heads: BinaryHeap<Reverse<(Turn, usize)>>,
    /// The verdict on the first item that no fresh copy of a registry frees.
    waits_for_import: Option<Verdict>,
}

/// The due items of one open group, read a few at a time in the order of the queue.
struct GroupItems {
    /// None when all of its items are at hand.
    group: Option<Group>,
    /// What the present hour adds to the score of its items.
    points: f64,
    buffer: VecDeque<Item>,
    last: Option<(DateTime<Utc>, ItemId)>,
}

impl<'r> Selection<'r> {
    /// Asks the gates of clients and groups.
    pub(crate) fn open(queue: &dyn SelectionQueue, request: &'r SelectionRequest<'r>) -> StoreResult<Selection<'r>> {
        let (turns, blocked, windows) = (Vec::new(), BTreeMap::new(), HashMap::new());
        let hours = BestHours::new(request.now);
        let mut selection = Selection { request, turns, share_queue: ShareQueue::default(), blocked, hours, windows };
        let mut closed: Option<ClientId> = None;
        for group in queue.reader().groups(request.client)? {
            if group.head > request.now || closed.as_ref() == Some(&group.client) {
                continue;
            }
            if selection.turns.last().is_none_or(|turn| turn.state.client != group.client) {
                let limits = &request.policies.of(&group.client).limits;
                let state = queue.reader().client_of(&group, limits.max_per_minute, request.now)?;
                selection.share_queue.note(request.policies.of(&group.client).share, state.served);
                match selection.free_calls(queue, &state) {
                    Ok(free) => selection.turns.push(ClientTurn::new(state, free)),
                    Err(verdict) => {
                        closed = Some(group.client.clone());
                        selection.blocked.insert(group.client, verdict);
                        continue;
                    }
                }
            }
            if selection.window_is_open(&group.client, &group.place, group.priority) {
                let points = selection.points(queue, &group.client, &group.place, group.priority)?;
                if let Some(turn) = selection.turns.last_mut() {
                    turn.add(group, points, request);
                }
            }
        }
        if request.look_only {
            selection.add_released(queue)?;
        }
        selection.turns.retain(|turn| !turn.groups.is_empty());
        for (index, ClientTurn { state, .. }) in selection.turns.iter().enumerate() {
            selection.share_queue.wait(index, state.known_since(), state.served);
        }
        Ok(selection)
    }

    /// The next item to call, and the place of its client in [`Selection::clients`]; none when no client has one.
    pub(crate) fn next(&mut self, queue: &mut dyn SelectionQueue) -> StoreResult<Option<(usize, Selected)>> {
        // A client that cannot call now waits no longer: no gate of it opens again within a selection.
        while let Some(waiting) = self.share_queue.pop() {
            let index = waiting.client;
            let Some(turn) = self.turns.get_mut(index).filter(|turn| turn.free > 0) else { continue };
            if let Some(closed) = queue.closed_provider(&turn.state.client) {
                self.blocked.insert(turn.state.client.clone(), closed);
                continue;
            }
            let next = turn.next_callable(queue, self.request)?;
            if let Some(closed) = turn.waits_for_import.take() {
                self.blocked.entry(turn.state.client.clone()).or_insert(closed);
            }
            let Some(selected) = next else { continue };
            turn.free -= 1;
            turn.state.served = self.share_queue.serve(&waiting, self.request.policies.of(&turn.state.client).share);
            return Ok(Some((index, selected)));
        }
        Ok(None)
    }

    /// A client by the place that [`Selection::next`] gives.
    pub(crate) fn client(&self, index: usize) -> Option<&ClientState> {
        self.turns.get(index).map(|turn| &turn.state)
    }

    /// The clients that may call, each with what it has been served by now.
    pub(crate) fn clients(&self) -> impl Iterator<Item = &ClientState> {
        self.turns.iter().map(|turn| &turn.state)
    }

    fn free_calls(&self, queue: &dyn SelectionQueue, state: &ClientState) -> Result<usize, Verdict> {
        let SelectionRequest { policies, look_only, now, .. } = *self.request;
        let run = queue.run_facts(&state.client);
        let facts = ClientFacts { activity: &state.activity, run: run.as_ref() };
        let mut verdicts = gates::of_client(&facts, None, policies.of(&state.client), now);
        verdicts.retain(|verdict| !(look_only && matches!(verdict.gate, Gate::Capacity | Gate::RateLimit)));
        let free = gates::free_calls(verdicts)?;
        Ok(if look_only { usize::MAX } else { free as usize })
    }

    /// Adds the due items that a run would put back into the queue first.
    fn add_released(&mut self, queue: &dyn SelectionQueue) -> StoreResult<()> {
        let SelectionRequest { policies, client, law, now, .. } = *self.request;
        for item in queue.reader().released(client, law, now)? {
            if self.blocked.contains_key(&item.client)
                && !self.turns.iter().any(|turn| turn.state.client == item.client)
                || !self.window_is_open(&item.client, &item.place, item.hours_priority())
            {
                continue;
            }
            let index = self.turns.iter().position(|turn| turn.state.client == item.client);
            let index = match index {
                Some(index) => index,
                None => {
                    let limits = &policies.of(&item.client).limits;
                    let state = queue.reader().client_named(&item.client, limits.max_per_minute, now)?;
                    self.share_queue.note(policies.of(&item.client).share, state.served);
                    match self.free_calls(queue, &state) {
                        Ok(free) => self.turns.push(ClientTurn::new(state, free)),
                        Err(verdict) => {
                            self.blocked.insert(item.client, verdict);
                            continue;
                        }
                    }
                    self.turns.len() - 1
                }
            };
            let points = self.points(queue, &item.client, &item.place, item.hours_priority())?;
            if let Some(turn) = self.turns.get_mut(index) {
                turn.add_item(item, points, self.request);
            }
        }
        Ok(())
    }

    /// The points of the present hour for the items of a group.
    fn points(
        &self,
        queue: &dyn SelectionQueue,
        client: &ClientId,
        place: &LeadPlace,
        priority: Priority,
    ) -> StoreResult<f64> {
        let hours = self.hours.of(queue.reader(), self.request.policies.of(client), client, place, priority)?;
        Ok(hours.map_or(0.0, |hours| hours.points(self.request.now)))
    }

    fn window_is_open(&mut self, client: &ClientId, place: &LeadPlace, priority: Priority) -> bool {
        let SelectionRequest { policies, now, .. } = *self.request;
        let ask = || gates::closed_window(policies.of(client), place, priority, now);
        let closed = self.windows.entry((client.clone(), place.clone(), priority)).or_insert_with(ask);
        if let Some(closed) = closed {
            self.blocked.entry(client.clone()).or_insert_with(|| closed.clone());
        }
        closed.is_none()
    }
}

impl ClientTurn {
    fn new(state: ClientState, free: usize) -> ClientTurn {
        ClientTurn { state, free, groups: Vec::new(), heads: BinaryHeap::new(), waits_for_import: None }
    }

    fn add(&mut self, group: Group, points: f64, request: &SelectionRequest<'_>) {
        // None of its items stands before the place that one of its earliest due time and the lowest number would have.
        let order = &request.policies.of(&self.state.client).order;
        let first = Turn::new(order, group.priority, group.head, ItemId::FIRST, request.now).promised(group.promised);
        self.heads.push(Reverse((first.plus(points), self.groups.len())));
        self.groups.push(GroupItems { group: Some(group), points, buffer: VecDeque::new(), last: None });
    }

    /// Adds an item that is at hand.
    fn add_item(&mut self, item: Item, points: f64, request: &SelectionRequest<'_>) {
        let order = &request.policies.of(&self.state.client).order;
        let place = Turn::of(order, &item, request.now).plus(points);
        self.heads.push(Reverse((place, self.groups.len())));
        self.groups.push(GroupItems { group: None, points, buffer: VecDeque::from([item]), last: None });
    }

    /// The next item whose gates are all open.
    fn next_callable(
        &mut self,
        queue: &mut dyn SelectionQueue,
        request: &SelectionRequest<'_>,
    ) -> StoreResult<Option<Selected>> {
        while let Some(item) = self.next_due(queue.reader(), request)? {
            let policy = request.policies.of(&item.client);
            let mut number = queue.number_facts(&item, gates::look_back(policy, &item.place), request.now)?;
            number.lists = queue.reader().list_facts(&item, &gates::list_questions(policy, &item, request.now))?;
            let verdicts = gates::of_selected(&item, &number, &self.state.activity.pauses, policy, request.now);
            match gates::closed_gate(verdicts) {
                Some(closed) => {
                    if gates::waits_for_import(&closed) {
                        self.waits_for_import.get_or_insert_with(|| closed.clone());
                    }
                    if !queue.closed(&item, &closed)? {
                        return Ok(None);
                    }
                }
                None => return Ok(Some(Selected { item, number })),
            }
        }
        Ok(None)
    }

    /// The next due item by the order of the scheduler that the run does not leave alone.
    fn next_due(&mut self, reader: QueueReader<'_>, request: &SelectionRequest<'_>) -> StoreResult<Option<Item>> {
        let order = &request.policies.of(&self.state.client).order;
        while let Some(Reverse((_, index))) = self.heads.pop() {
            let Some(group) = self.groups.get_mut(index) else { continue };
            let taken = group.buffer.pop_front();
            group.fill(reader, self.free, request.now)?;
            if let Some(item) = group.buffer.front() {
                let place = Turn::of(order, item, request.now).plus(group.points);
                self.heads.push(Reverse((place, index)));
            }
            if let Some(item) = taken.filter(|item| !request.passed_over.contains(&item.id)) {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

impl GroupItems {
    /// Reads on when nothing is at hand, about as many as are wanted.
    fn fill(&mut self, reader: QueueReader<'_>, wanted: usize, now: DateTime<Utc>) -> StoreResult<()> {
        let Some(group) = self.group.as_ref().filter(|_| self.buffer.is_empty()) else { return Ok(()) };
        let limit = wanted.clamp(1, READ_AHEAD);
        self.buffer = reader.due_in_group(group, self.last, limit, now)?.into();
        self.last = self.buffer.back().map(|item| (item.scheduled_at, item.id)).or(self.last);
        if self.buffer.len() < limit {
            self.group = None;
        }
        Ok(())
    }
}
