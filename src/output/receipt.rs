//! The receipt of a call, for people and as CSV.

use std::io::{self, Write};

use super::escape::visible;
use super::number::counted;
use super::phone_number::number_source;
use super::render::View;
use super::time::RenderContext;
use crate::contract::{
    CallReceiptView, ReceiptCap, ReceiptContext, ReceiptHours, ReceiptRegistry, ReceiptRow, ReceiptView, instant_text,
};
use crate::model::{Outcome, RegionCode, ZoneName};

/// The digits of a hash that people compare.
const SHORT_HASH: usize = 8;

impl View for CallReceiptView<'_> {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.receipt.table(look, out)
    }

    fn header() -> Vec<&'static str> {
        ReceiptView::header()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        self.receipt.rows()
    }
}

impl View for ReceiptView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", visible(&self.heading(look)))?;
        let mut lines: Vec<(&str, String)> = Vec::new();
        match &self.context {
            Some(context) => {
                lines.push(("place", place(context)));
                lines.push(("purpose", self.purpose_line(context)));
            }
            None => lines.push(("kept", "nothing was recorded when it began".to_owned())),
        }
        lines.extend(self.rows.iter().map(|row| (row.id.as_str(), self.said(row, look))));
        if self.context.is_some() {
            lines.push(("do-not-call", self.do_not_call()));
        }
        match self.differences.as_deref() {
            Some([]) => lines.push(("verified", "computed again from what is stored: the same".to_owned())),
            Some(found) => lines.extend(found.iter().map(|difference| ("differs", difference.clone()))),
            None => {}
        }
        let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        lines.iter().try_for_each(|(name, text)| writeln!(out, "  {name:<width$}  {}", visible(text)))
    }

    fn header() -> Vec<&'static str> {
        vec![
            "id",
            "client_id",
            "attempt_id",
            "number",
            "started_at",
            "phone",
            "outcome",
            "reached",
            "purpose",
            "voice",
            "rules_version",
            "rules",
            "policy",
            "cap_count",
            "consent",
            "differences",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let context = |read: fn(&ReceiptContext) -> &String| self.context.as_ref().map(read).cloned();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        vec![vec![
            self.id.to_string(),
            self.client_id.to_string(),
            self.attempt_id.clone(),
            self.number.to_string(),
            instant_text(self.started_at),
            self.phone.clone().unwrap_or_default(),
            text(self.outcome.map(Outcome::as_str)),
            text(self.reached),
            text(self.purpose),
            text(self.voice),
            context(|context| &context.rules_version).unwrap_or_default(),
            context(|context| &context.rules).unwrap_or_default(),
            context(|context| &context.policy).unwrap_or_default(),
            self.cap_count.map(|count| count.to_string()).unwrap_or_default(),
            text(self.consent.as_ref().map(|consent| consent.kind)),
            self.differences.as_ref().map(|found| found.join("; ")).unwrap_or_default(),
        ]]
    }
}

impl ReceiptView {
    /// `attempt 3 of item 1, acme, +13055550100, Mon 2026-11-23 10:20:04 EST: reached line (no_answer)`
    fn heading(&self, look: &RenderContext<'_>) -> String {
        let time = look.local(Some(&self.client_id), self.started_at);
        let at = format!("{} {}", time.local.format("%a %Y-%m-%d %H:%M:%S"), time.abbreviation);
        let phone = self.phone.as_deref().unwrap_or("no number");
        let end = match (self.reached, self.outcome) {
            (Some(reached), _) => format!("reached {reached}"),
            (None, Some(outcome)) => outcome.as_str().to_owned(),
            (None, None) => "in progress".to_owned(),
        };
        let reason = self.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("attempt {} of item {}, {}, {phone}, {at}: {end}{reason}", self.number, self.id, self.client_id)
    }

    fn purpose_line(&self, context: &ReceiptContext) -> String {
        let short = |hash: &str| hash.get(..SHORT_HASH).unwrap_or(hash).to_owned();
        format!(
            "{}, voice {}; rules {} ({}), policy {}",
            self.purpose.unwrap_or("unset"),
            self.voice.unwrap_or("unknown"),
            context.rules_version,
            short(&context.rules),
            short(&context.policy)
        )
    }

    /// What a rule said: `open: 10:20 is in 08:00-20:00; call 3 of 3 in 24 h`.
    fn said(&self, row: &ReceiptRow, look: &RenderContext<'_>) -> String {
        let mut parts: Vec<String> = Vec::new();
        if !row.hours.is_empty() {
            let open = if row.hours.iter().all(|hours| hours.open) { "open" } else { "closed" };
            let clocks: Vec<String> = row.hours.iter().map(clock).collect();
            parts.push(format!("{open}: {}", clocks.join(", ")));
        }
        parts.extend(row.caps.iter().map(cap));
        for need in row.requires.as_deref().unwrap_or_default().split_ascii_whitespace() {
            parts.push(self.need(need, look));
        }
        if parts.is_empty() { "holds".to_owned() } else { parts.join("; ") }
    }

    fn need(&self, need: &str, look: &RenderContext<'_>) -> String {
        if let Some(kind) = need.strip_prefix("consent:") {
            return match &self.consent {
                Some(consent) => {
                    let day = look.local(Some(&self.client_id), consent.at).local.format("%Y-%m-%d").to_string();
                    let proof = consent.proof.as_ref().map(|proof| format!(", {proof}")).unwrap_or_default();
                    format!("{} consent of {day}{proof}", consent.kind)
                }
                None => format!("{kind} consent: not asked"),
            };
        }
        if let Some(registry) = need.strip_prefix("registry:") {
            let name = registry.split("<=").next().unwrap_or(registry);
            let known = self.registries.iter().find(|registry| registry.name == name);
            return known.map_or_else(|| format!("{name}: no copy was asked"), registry_line);
        }
        match need.strip_prefix("ring>=") {
            Some(seconds) => format!("asks for a ring of {} s: the dispatcher keeps it", seconds.trim_end_matches('s')),
            None if need == "dnc:internal" => self.list().to_owned(),
            None => format!("needs {need}"),
        }
    }

    fn list(&self) -> &'static str {
        if self.listed { "listed" } else { "not listed" }
    }

    /// `not listed; us-national as of 2026-11-20, 3 days old, covers 305`
    fn do_not_call(&self) -> String {
        let registries = self.registries.iter().map(registry_line);
        std::iter::once(self.list().to_owned()).chain(registries).collect::<Vec<_>>().join("; ")
    }
}

fn place(context: &ReceiptContext) -> String {
    let regions: Vec<&str> = context.regions.iter().map(RegionCode::as_str).collect();
    let zones: Vec<&str> = context.zones.iter().map(ZoneName::as_str).collect();
    let zones = if zones.is_empty() { "the client's clock".to_owned() } else { zones.join(" and ") };
    let places = if regions.is_empty() { "no region".to_owned() } else { regions.join(" and ") };
    let number = context.prefix.map(|prefix| format!(", {}", number_source(prefix))).unwrap_or_default();
    let from = match context.evidence {
        "given" => "zones were given".to_owned(),
        "number" => format!("from the number{number}"),
        "number+region" => format!("from the number and the region{number}"),
        "region" => "from the region".to_owned(),
        _ => "nothing is known of it".to_owned(),
    };
    format!("{places}, {zones}: {from} (numbers {}, tz {})", context.numbers, context.zone_data)
}

fn clock(hours: &ReceiptHours) -> String {
    let ReceiptHours { local, window, open, .. } = hours;
    match (window, open) {
        (Some(window), true) => format!("{local} is in {window}"),
        (Some(window), false) => format!("{local} is not in {window}, or the day is closed"),
        (None, true) => format!("{local} is on an open day"),
        (None, false) => format!("{local} is on a closed day"),
    }
}

fn cap(cap: &ReceiptCap) -> String {
    let ReceiptCap { counted, most, hours, .. } = cap;
    match most {
        Some(most) => format!("call {} of {most} in {hours} h", counted + 1),
        None if *counted == 0 => format!("no such call in {hours} h"),
        None => format!("{counted} such calls in {hours} h"),
    }
}

fn registry_line(registry: &ReceiptRegistry) -> String {
    let ReceiptRegistry { name, as_of, covers, age_days, .. } = registry;
    let covers = covers.as_ref().map(|covers| format!(", covers {}", covers.join(", "))).unwrap_or_default();
    format!("{name} as of {as_of}, {} old{covers}", counted((*age_days).unsigned_abs(), "day"))
}
