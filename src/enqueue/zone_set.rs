//! The zones of a lead, and the slots in them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{Priority, ZoneName};
use crate::scheduler::{Policy, SlotFinder, UnknownZone, Zone, why_never};

/// Zones with these names: known, spelled as in the zone data, sorted, each once.
///
/// # Errors
/// The first name that the zone data does not know.
pub fn known_zones(names: &[ZoneName]) -> Result<Vec<Zone>, UnknownZone> {
    let mut zones: Vec<Zone> = names.iter().map(|name| name.as_str().parse()).collect::<Result<_, _>>()?;
    zones.sort_by(|a, b| a.name().cmp(b.name()));
    zones.dedup();
    Ok(zones)
}

/// The names of zones, as items store them.
pub fn zone_names(zones: &[Zone]) -> Vec<ZoneName> {
    zones.iter().filter_map(|zone| zone.name().parse().ok()).collect()
}

/// The zones of many leads of one client, and the windows that were found for them last.
#[derive(Debug)]
pub(super) struct ZoneSet {
    policy: Arc<Policy>,
    names: Vec<ZoneName>,
    zones: Vec<Zone>,
    finders: RefCell<BTreeMap<Priority, SlotFinder>>,
}

impl ZoneSet {
    pub(super) fn named(policy: &Arc<Policy>, names: &[ZoneName]) -> Result<ZoneSet, UnknownZone> {
        let zones = known_zones(names)?;
        Ok(ZoneSet { policy: policy.clone(), names: zone_names(&zones), zones, finders: RefCell::default() })
    }

    /// The names, as items store them.
    pub(super) fn names(&self) -> &[ZoneName] {
        &self.names
    }

    /// The first slot at or after an instant, else why there is none.
    pub(super) fn slot(&self, priority: Priority, after: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
        let mut finders = self.finders.borrow_mut();
        let new = || SlotFinder::new(self.policy.clone(), self.zones.clone(), priority);
        finders.entry(priority).or_insert_with(new).next(after).ok_or_else(|| {
            let never = why_never(&self.policy.hours, &self.zones, priority, after).map(|never| never.to_string());
            never.unwrap_or_else(|| "there is no window in the next 366 days".to_owned())
        })
    }
}
