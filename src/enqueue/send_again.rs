//! What an ended item becomes when it is sent again: `retry`.

use super::planner::Planner;
use super::refusal::Refusal;
use crate::model::{Event, Item, Status};
use crate::store::Obstacles;

impl Planner<'_> {
    /// An ended item with at least one more attempt, in the first slot from now on.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn send_again(&mut self, item: &Item, obstacles: Obstacles) -> Result<Item, Refusal> {
        Refusal::of_obstacles(obstacles)?;
        item.status.after(Event::SentAgain(Status::Pending))?;
        let place = self.places.of_item(item)?;
        let (scheduled_at, status) = self.slot(&place, item.priority, self.now)?;
        let lives = self.lives_until(scheduled_at, item.expires_at);
        lives.map_err(|expires| Refusal::QueueAnew(Box::new(expires)))?;
        Ok(Item {
            status,
            held: false,
            scheduled_at,
            asked_at: Some(self.now).filter(|asked| *asked != scheduled_at),
            not_before: None,
            // The tries so far are the retries that were used, and one.
            max_retries: item.max_retries.max(item.counted_attempts),
            place: place.place().clone(),
            ..item.clone()
        })
    }
}
