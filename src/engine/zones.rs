//! The names of a lead's zones as zones.

use crate::model::ZoneName;
use crate::scheduler::{UnknownZone, Zone};

/// The zones of a lead, for the scheduler.
///
/// # Errors
/// The first name that the zone data does not know.
pub fn lead_zones(names: &[ZoneName]) -> Result<Vec<Zone>, UnknownZone> {
    names.iter().map(|name| name.as_str().parse()).collect()
}
