//! What commands read from their arguments and cannot check alone: times need a zone, phone numbers a country code.

use chrono::{DateTime, Utc};

use super::world::World;
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, DispatchKind, PhoneNumber, Priority, Status, ZoneName};
use crate::scheduler::{Policy, Zone, next_slot, parse_time, why_never};

/// A time argument in a client's zone.
pub(super) fn time(flag: &str, text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, CommandError> {
    parse_time(text, zone, now).map_err(|error| CommandError::message(ErrorKind::Usage, format!("{flag}: {error}")))
}

/// A phone number argument of a client.
pub(super) fn phone(text: &str, policy: &Policy) -> Result<PhoneNumber, CommandError> {
    PhoneNumber::parse(text, policy.country_code.as_deref())
        .map_err(|error| CommandError::message(ErrorKind::Usage, format!("--phone: {error}")))
}

/// The zones of a lead: known, spelled as in the zone data, sorted, each once.
pub(super) fn zones(names: &[ZoneName]) -> Result<Vec<Zone>, String> {
    let mut zones: Vec<Zone> = names
        .iter()
        .map(|name| name.as_str().parse())
        .collect::<Result<_, _>>()
        .map_err(|error: crate::scheduler::UnknownZone| error.to_string())?;
    zones.sort_by(|a, b| a.name().cmp(b.name()));
    zones.dedup();
    Ok(zones)
}

/// The names of zones, as items store them.
pub(super) fn zone_names(zones: &[Zone]) -> Vec<ZoneName> {
    zones.iter().filter_map(|zone| zone.name().parse().ok()).collect()
}

/// The slot of an item, and the status that follows from it.
pub(super) fn slot(
    policy: &Policy,
    zones: &[Zone],
    priority: Priority,
    after: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, Status), String> {
    let Some(slot) = next_slot(&policy.hours, zones, priority, after) else {
        let reason = why_never(&policy.hours, zones, priority, after).map(|never| never.to_string());
        return Err(format!(
            "this lead could never be called: {}",
            reason.unwrap_or_else(|| "there is no window in the next 366 days".to_owned())
        ));
    };
    Ok((slot, if slot > now { Status::Scheduled } else { Status::Pending }))
}

/// A zone argument that is not known is a usage error.
pub(super) fn zones_argument(names: &[ZoneName]) -> Result<Vec<Zone>, CommandError> {
    zones(names).map_err(|message| CommandError::message(ErrorKind::Usage, format!("--timezone: {message}")))
}

impl World<'_> {
    /// Warns of new items that a dispatcher which needs a number will not call.
    pub(super) fn warn_without_phone(&mut self, policy: &Policy, client: &ClientId, count: u64) {
        if count > 0 && policy.dispatch.kind == DispatchKind::Retell {
            let items = if count == 1 { "1 item has".to_owned() } else { format!("{count} items have") };
            self.say(format_args!(
                "warning: {items} no phone number, without which a call through `retell` is failed as no_phone: \
                 `callq update ID --phone` gives one to a lead of client {client}"
            ));
        }
    }

    /// A time argument, in the zone of a client or of the defaults.
    pub(super) fn time(
        &self,
        flag: &str,
        text: &str,
        client: Option<&ClientId>,
    ) -> Result<DateTime<Utc>, CommandError> {
        time(flag, text, &self.zone(client)?, self.now())
    }
}
