//! What was asked and answered when a call began, computed from what is stored.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};

use crate::compliance::{CALLING_HOURS, LegalHours, Place, Region, Rule, RuleBook, kept_text, policy_of_kept};
use crate::contract::{
    ReceiptCap, ReceiptConsent, ReceiptContext, ReceiptHours, ReceiptRegistry, ReceiptRow, ReceiptView,
};
use crate::gates::{CapTally, cap_tallies, lawful, look_back, opening_consent};
use crate::model::{AttemptId, Item, Most, NumberFacts, PhoneNumber, Purpose, Reached, Voice};
use crate::scheduler::{Policy, WeeklyHours, Zone};
use crate::store::{Store, StoreResult, StoredContext, StoredDial};

/// A call as it was asked.
struct Asked<'a> {
    dial: &'a StoredDial,
    /// The item with the number and the place that it had then.
    item: Item,
    policy: Policy,
    facts: NumberFacts,
    /// The rules that held.
    rules: Vec<Arc<Rule>>,
    zones: Vec<Zone>,
}

/// The receipt of a call; none when there is no such call. What receipts do not keep is taken from `base`, the client's
/// policy of now.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn receipt(
    store: &Store,
    attempt: AttemptId,
    base: &dyn Fn(&Item) -> Arc<Policy>,
    verify: bool,
) -> StoreResult<Option<ReceiptView>> {
    let Some(dial) = store.dial(attempt)? else { return Ok(None) };
    let Some(item) = store.item(dial.call.item)? else { return Ok(None) };
    let mut view = outline(&dial);
    let Some(context) = &dial.context else {
        let nothing = "nothing was recorded when it began: an older version made the call, or `restore` wrote it later";
        view.differences = verify.then(|| vec![nothing.to_owned()]);
        return Ok(Some(view));
    };
    view.context = Some(context_view(context, &dial));
    let policy = match policy_of_kept(&context.policy_text, &context.rules_text, &base(&item)) {
        Ok(policy) => policy,
        Err(fault) => {
            let unreadable = format!("what was kept cannot be read: {fault}");
            view.differences = verify.then(|| text_differences(context).into_iter().chain([unreadable]).collect());
            return Ok(Some(view));
        }
    };
    let phone: Option<PhoneNumber> = dial.call.phone.as_ref().and_then(|phone| phone.parse().ok());
    let item = Item { phone, place: context.place.clone(), ..item };
    let facts = store.facts_at(&dial, &item, look_back(&policy, &item.place))?;
    let zones = zones(&policy, &item);
    let regions: Vec<Region> = item.place.regions.iter().filter_map(|code| code.as_str().parse().ok()).collect();
    let book = RuleBook::of(&policy);
    let mut rules = book.map(|book| book.that_hold(&regions, policy.law.purpose, policy.law.voice)).unwrap_or_default();
    rules.retain(|rule| rule.is_in_force_at(&zones, dial.call.attempt.started_at));
    let asked = Asked { dial: &dial, item, policy, facts, rules, zones };
    view.rows = asked.rows();
    view.listed = asked.facts.do_not_call.is_some();
    view.registries = asked.registries(context);
    view.differences = verify.then(|| asked.differences(context));
    Ok(Some(view))
}

/// What the row of the call says itself.
fn outline(dial: &StoredDial) -> ReceiptView {
    let (call, attempt) = (&dial.call, &dial.call.attempt);
    ReceiptView {
        id: call.item.get(),
        client_id: call.client.clone(),
        lead_id: call.lead.as_str().to_owned(),
        phone: call.phone.clone(),
        attempt_id: attempt.id.to_string(),
        number: attempt.number,
        started_at: attempt.started_at,
        outcome: attempt.outcome,
        reason: attempt.reason.clone(),
        reached: attempt.reached.map(Reached::as_str),
        purpose: attempt.purpose.map(Purpose::as_str),
        voice: attempt.voice.map(Voice::as_str),
        context: None,
        rows: Vec::new(),
        consent: dial.consent.as_ref().map(|consent| ReceiptConsent {
            kind: consent.new.kind.as_str(),
            at: consent.new.given_at,
            proof: consent.new.proof.clone(),
        }),
        listed: false,
        registries: Vec::new(),
        cap_count: dial.cap_count,
        differences: None,
    }
}

fn context_view(stored: &StoredContext, dial: &StoredDial) -> ReceiptContext {
    let (context, place) = (&stored.context, &stored.place);
    let phone: Option<PhoneNumber> = dial.call.phone.as_ref().and_then(|phone| phone.parse().ok());
    let none: [&str; 0] = [];
    ReceiptContext {
        program: context.program.clone(),
        zone_data: context.zone_data.clone(),
        numbers: context.numbers.clone(),
        rules_version: context.rules_version.clone(),
        rules: context.rules.clone(),
        policy: context.policy.clone(),
        zones: place.zones.clone(),
        regions: place.regions.clone(),
        evidence: place.evidence.as_str(),
        prefix: Place::of(phone.as_ref(), None, &none).prefix,
    }
}

/// The clocks of a call: those of the lead, else the client's.
fn zones(policy: &Policy, item: &Item) -> Vec<Zone> {
    let mut zones: Vec<Zone> = item.place.zones.iter().filter_map(|name| name.as_str().parse().ok()).collect();
    if zones.is_empty() {
        zones.push(policy.hours.zone.clone());
    }
    zones
}

impl Asked<'_> {
    fn at(&self) -> DateTime<Utc> {
        self.dial.call.attempt.started_at
    }

    fn rows(&self) -> Vec<ReceiptRow> {
        let Asked { item, policy, facts, rules, zones, .. } = self;
        let (tallies, _) = cap_tallies(item, facts, policy, self.at());
        let caps_of = |id: &str| tallies.iter().filter(|tally| tally.id == id).map(cap).collect::<Vec<ReceiptCap>>();
        let of_rule = |rule: &Arc<Rule>| {
            let one = [rule.clone()];
            let is_open = |zone: &Zone| {
                let zone = std::slice::from_ref(zone);
                !LegalHours::new(&policy.hours.calling, &one, zone, &policy.hours.zone)
                    .closed_by(self.at())
                    .contains(&rule.id())
            };
            let hours: Vec<ReceiptHours> = match rule.speaks_of_hours() {
                true => zones.iter().map(|zone| self.hours(zone, rule.window.as_ref(), is_open(zone))).collect(),
                false => Vec::new(),
            };
            row(rule.id(), hours, caps_of(rule.id()), &rule.text.requires, &rule.text.citation)
        };
        let mut rows: Vec<ReceiptRow> = rules.iter().map(of_rule).collect();
        let calling = zones.iter().map(|zone| {
            let only = std::slice::from_ref(zone);
            let open = LegalHours::new(&policy.hours.calling, &[], only, &policy.hours.zone).is_open(self.at());
            self.hours(zone, Some(&policy.hours.calling), open)
        });
        rows.push(row(CALLING_HOURS, calling.collect(), Vec::new(), "", ""));
        let own = caps_of("law.caps");
        if !own.is_empty() {
            rows.push(row("law.caps", Vec::new(), own, "", ""));
        }
        rows
    }

    fn hours(&self, zone: &Zone, window: Option<&WeeklyHours>, open: bool) -> ReceiptHours {
        let local = zone.local(self.at());
        let spans = window.map(|window| window.spans(local.date().weekday())).unwrap_or_default();
        let spans: Vec<String> = spans.iter().map(ToString::to_string).collect();
        ReceiptHours {
            zone: zone.name().to_owned(),
            local: local.format("%H:%M").to_string(),
            window: (!spans.is_empty()).then(|| spans.join(" and ")),
            open,
        }
    }

    fn registries(&self, context: &StoredContext) -> Vec<ReceiptRegistry> {
        let today = self.policy.hours.zone.local(self.at()).date();
        let one = |asked: &crate::model::AskedRegistry| {
            let known = self.facts.lists.registries.iter().find(|facts| facts.name == asked.name);
            ReceiptRegistry {
                name: asked.name.clone(),
                as_of: asked.as_of.to_string(),
                generation: asked.generation,
                covers: known.and_then(|facts| facts.copy.as_ref()).map(|copy| copy.covers.words()),
                age_days: (today - asked.as_of).num_days(),
            }
        };
        context.context.registries.iter().map(one).collect()
    }

    /// What differs from what was kept when the call began.
    fn differences(&self, stored: &StoredContext) -> Vec<String> {
        let Asked { dial, item, policy, facts, rules, zones } = self;
        let (context, attempt) = (&stored.context, &dial.call.attempt);
        let mut found = text_differences(stored);
        let kept = (context.purpose, Some(context.voice));
        if (attempt.purpose, attempt.voice) != kept || (policy.law.purpose, Some(policy.law.voice)) != kept {
            found.push("purpose or voice are others than those of its policy".to_owned());
        }
        let (_, counted) = cap_tallies(item, facts, policy, self.at());
        if counted != dial.cap_count {
            let told = |count: Option<u32>| count.map_or_else(|| "none".to_owned(), |count| count.to_string());
            let (was, is) = (told(dial.cap_count), told(counted));
            found.push(format!("calls that counted for a cap: {was} when it began, {is} by what is stored"));
        }
        let consent = opening_consent(item, facts, policy, self.at()).map(|consent| consent.id);
        if consent != dial.consent.as_ref().map(|consent| consent.id) {
            found.push("another consent opens it by what is stored".to_owned());
        }
        let hours = LegalHours::new(&policy.hours.calling, rules, zones, &policy.hours.zone);
        found.extend(hours.closed_by(self.at()).into_iter().map(|id| format!("{id} is closed at its time")));
        let closed = lawful(item, facts, policy, self.at()).into_iter().filter(|verdict| !verdict.open);
        found.extend(closed.map(|verdict| format!("the gate {} is closed", verdict.gate.as_str())));
        found
    }
}

/// The kept texts that are no longer what their hashes say.
fn text_differences(stored: &StoredContext) -> Vec<String> {
    let context = &stored.context;
    let texts = [("rules", &stored.rules_text, &context.rules), ("policy", &stored.policy_text, &context.policy)];
    let changed = texts.into_iter().filter(|(_, text, hash)| kept_text(text.as_str()).hash != **hash);
    changed.map(|(what, _, hash)| format!("the text of its {what} has another SHA-256 than {hash}")).collect()
}

fn cap(tally: &CapTally) -> ReceiptCap {
    let most = match tally.limit.most {
        Most::Attempts(most) => Some(most.get()),
        Most::Rest => None,
    };
    ReceiptCap { cap: tally.limit.to_string(), counted: tally.counted, most, hours: tally.limit.hours }
}

fn row(id: &str, hours: Vec<ReceiptHours>, caps: Vec<ReceiptCap>, requires: &str, citation: &str) -> ReceiptRow {
    let is_below = |cap: &ReceiptCap| cap.counted < cap.most.unwrap_or(1) as usize;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ReceiptRow {
        id: id.to_owned(),
        open: hours.iter().all(|hours| hours.open) && caps.iter().all(is_below),
        hours,
        caps,
        requires: some(requires),
        citation: some(citation),
    }
}
