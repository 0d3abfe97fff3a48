//! The clocks of leads.

use std::collections::HashMap;

use crate::model::ZoneName;
use crate::scheduler::{Zone, lead_zones};

/// The clocks by the zones of the lead; none where no clock but the client's is known.
#[derive(Default)]
pub(super) struct LeadClocks(HashMap<Vec<ZoneName>, Option<Zone>>);

impl LeadClocks {
    /// The clock of a lead, in the first of its zones; none for the client's.
    pub(super) fn of(&mut self, zones: &[ZoneName]) -> Option<&Zone> {
        if zones.is_empty() {
            return None;
        }
        if !self.0.contains_key(zones) {
            // A zone of newer zone data is unknown here.
            let clock = lead_zones(zones).ok().and_then(|zones| zones.into_iter().next());
            self.0.insert(zones.to_vec(), clock);
        }
        self.0.get(zones)?.as_ref()
    }
}
