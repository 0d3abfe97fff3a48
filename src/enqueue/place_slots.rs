//! The place of a lead by all that is known of it, and the slots there.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::refusal::Refusal;
use crate::compliance::{CallingCode, NumberPlace, Place, Region, zone_words};
use crate::model::{Item, LeadPlace, PhoneNumber, Priority, RegionCode, ZoneName};
use crate::scheduler::{LegalPlace, Policy, SlotFinder, Zone, why_never};

/// The zones that are given for a lead.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum GivenZones {
    /// As a person or a file writes them now.
    Written(Vec<String>),
    /// As an item has them.
    Kept(Vec<ZoneName>),
}

/// All that is known of where a lead is, for the places of many leads: those with the same key are at the same place.
#[derive(Debug, PartialEq, Eq, Hash)]
struct PlaceKey {
    /// What the table of numbers knows of the number.
    prefix: Option<&'static str>,
    /// The calling code of a number that the table does not know.
    code: Option<&'static str>,
    region: Option<Region>,
    zones: GivenZones,
}

/// The places of many leads of one client.
#[derive(Debug)]
pub(super) struct Places {
    policy: Arc<Policy>,
    known: HashMap<PlaceKey, Rc<PlaceSlots>>,
}

/// The place of many leads of one client, and the windows that were found there last.
#[derive(Debug)]
pub(super) struct PlaceSlots {
    policy: Arc<Policy>,
    place: Arc<LeadPlace>,
    prefix: Option<&'static str>,
    /// The words that were read as a place, as written.
    words: Vec<String>,
    legal: LegalPlace,
    finders: RefCell<BTreeMap<Priority, SlotFinder>>,
}

impl Places {
    pub(super) fn new(policy: &Arc<Policy>) -> Places {
        Places { policy: policy.clone(), known: HashMap::new() }
    }

    /// The place of a lead.
    ///
    /// # Errors
    /// A zone that is unknown or not certain.
    pub(super) fn of(
        &mut self,
        number: Option<&PhoneNumber>,
        region: Option<Region>,
        zones: GivenZones,
    ) -> Result<Rc<PlaceSlots>, Refusal> {
        let prefix = number.and_then(NumberPlace::of).map(|known| known.prefix);
        let code = number.filter(|_| prefix.is_none()).and_then(CallingCode::of).map(CallingCode::digits);
        let key = PlaceKey { prefix, code, region, zones };
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let slots = Rc::new(PlaceSlots::of(&self.policy, number, &key)?);
        self.known.insert(key, slots.clone());
        Ok(slots)
    }

    /// The place of a present item, by the tables of now.
    pub(super) fn of_item(&mut self, item: &Item) -> Result<Rc<PlaceSlots>, Refusal> {
        let region = item.region.as_ref().map(known_region).transpose()?;
        self.of(item.phone.as_ref(), region, GivenZones::Kept(item.timezones().to_vec()))
    }
}

/// The region of a code that an item has.
pub(super) fn known_region(code: &RegionCode) -> Result<Region, Refusal> {
    Ok(code.as_str().parse()?)
}

impl PlaceSlots {
    fn of(policy: &Arc<Policy>, number: Option<&PhoneNumber>, key: &PlaceKey) -> Result<PlaceSlots, Refusal> {
        let (given, words) = match &key.zones {
            GivenZones::Kept(names) => (known_zones(names)?, Vec::new()),
            GivenZones::Written(texts) => read_zones(texts, number.and_then(CallingCode::of))?,
        };
        let names: Vec<&str> = given.iter().map(Zone::name).collect();
        let place = Place::of(number, key.region, &names);
        let place = place.to_lead_place();
        Ok(PlaceSlots {
            policy: policy.clone(),
            legal: LegalPlace::of(&policy.hours, &place)?,
            place: Arc::new(place),
            prefix: key.prefix,
            words,
            finders: RefCell::default(),
        })
    }

    /// The place, as items store it.
    pub(super) fn place(&self) -> &Arc<LeadPlace> {
        &self.place
    }

    /// The place with the rules of its client, for the scheduler.
    pub(super) fn legal(&self) -> &LegalPlace {
        &self.legal
    }

    /// The digits of the number that decided, where the table of numbers knows it.
    pub(super) fn prefix(&self) -> Option<&'static str> {
        self.prefix
    }

    /// The words that were read as a place, as written.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// The first slot at or after an instant, else why no slot exists.
    pub(super) fn slot(&self, priority: Priority, after: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
        let mut finders = self.finders.borrow_mut();
        let new = || SlotFinder::new(self.policy.clone(), self.legal.clone(), priority);
        finders.entry(priority).or_insert_with(new).next(after).ok_or_else(|| {
            let never = why_never(&self.policy.hours, &self.legal, priority, after).map(|never| never.to_string());
            never.unwrap_or_else(|| "there is no window in the next 366 days".to_owned())
        })
    }
}

/// Zones with these names.
fn known_zones(names: &[ZoneName]) -> Result<Vec<Zone>, Refusal> {
    Ok(names.iter().map(|name| name.as_str().parse()).collect::<Result<_, _>>()?)
}

/// The zones that texts name, and the words among them that were read as a place. `none` names none.
fn read_zones(texts: &[String], code: Option<CallingCode>) -> Result<(Vec<Zone>, Vec<String>), Refusal> {
    let (mut zones, mut words) = (Vec::new(), Vec::new());
    for text in texts {
        if let Some(read) = zone_words::read(text, code)? {
            zones.extend(read.zones);
            words.extend(read.words);
        }
    }
    Ok((zones, words))
}
