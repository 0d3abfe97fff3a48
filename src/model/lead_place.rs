//! The place of a lead as the queue keeps it.

use super::{Evidence, RegionCode, ZoneName};

/// Where a lead may be: a call must be allowed by the clock of each zone and by the rules of each region.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LeadPlace {
    /// By name, each once; none means the client's zone.
    pub zones: Vec<ZoneName>,
    /// By code, each once; none means that no region's rules hold.
    pub regions: Vec<RegionCode>,
    /// Where the zones come from.
    pub evidence: Evidence,
}

impl LeadPlace {
    /// The place of a lead that came with these zones, sorted, and nothing else.
    pub fn of_zones(zones: Vec<ZoneName>) -> LeadPlace {
        let evidence = if zones.is_empty() { Evidence::None } else { Evidence::Given };
        LeadPlace { zones, regions: Vec::new(), evidence }
    }

    /// The zones that a person or a file gave.
    pub fn given_zones(&self) -> &[ZoneName] {
        if self.evidence == Evidence::Given { &self.zones } else { &[] }
    }
}

impl Default for LeadPlace {
    fn default() -> LeadPlace {
        LeadPlace::of_zones(Vec::new())
    }
}
