//! Rules of law, for people.

use std::io::{self, Write};

use super::escape::visible;
use super::render::View;
use super::style::{Color, Style};
use super::table::{Grid, Heading};
use super::time::RenderContext;
use crate::contract::{RuleDetailView, RuleView, RulesForView, instant_text};

impl View for RuleDetailView {
    /// The rule with all that is known of it.
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let RuleView { id, jurisdiction, window, holidays, caps, requires, citation, as_of, confidence } = &self.rule;
        let caps = (!caps.is_empty()).then(|| caps.join(" "));
        let fields = [
            ("rule", Some(id)),
            ("holds in", Some(jurisdiction)),
            ("for calls", Some(&self.applies_to)),
            ("hours", window.as_ref()),
            ("holidays", holidays.as_ref()),
            ("caps", caps.as_ref()),
            ("requires", requires.as_ref()),
            ("citation", Some(citation)),
            ("source read", self.source_read.as_ref()),
            ("as of", Some(as_of)),
            ("from", self.effective_from.as_ref()),
            ("until before", self.effective_to.as_ref()),
            ("confidence", confidence.as_ref()),
            ("off", self.off_reason.as_ref()),
            ("note", self.note.as_ref()),
        ];
        for (name, value) in fields.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            writeln!(out, "{name:<13}{}", visible(value))?;
        }
        if self.default == "off" {
            writeln!(out, "It is off by default: write a row of your own to have it asked.")?;
        }
        Ok(())
    }

    fn table_of(rules: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut grid = grid(look.style, &["id", "in", "calls"]);
        for rule in rules {
            let is_off = rule.default == "off" || rule.off_reason.is_some();
            let id = if is_off { format!("{} (off)", rule.rule.id) } else { rule.rule.id.clone() };
            let cells =
                [id, rule.rule.jurisdiction.clone(), rule.applies_to.clone()].into_iter().chain(said(&rule.rule));
            grid.row(if is_off { Color::Dim } else { Color::Plain }, cells);
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec![
            "id",
            "jurisdiction",
            "applies_to",
            "window",
            "holidays",
            "caps",
            "requires",
            "citation",
            "source_read",
            "as_of",
            "effective_from",
            "effective_to",
            "confidence",
            "default",
            "off_reason",
            "note",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let rule = &self.rule;
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        vec![vec![
            rule.id.clone(),
            rule.jurisdiction.clone(),
            self.applies_to.clone(),
            text(&rule.window),
            text(&rule.holidays),
            rule.caps.join(" "),
            text(&rule.requires),
            rule.citation.clone(),
            text(&self.source_read),
            rule.as_of.clone(),
            text(&self.effective_from),
            text(&self.effective_to),
            text(&rule.confidence),
            self.default.to_owned(),
            text(&self.off_reason),
            text(&self.note),
        ]]
    }
}

impl View for RulesForView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", visible(&self.place()))?;
        if self.rows.is_empty() {
            writeln!(out, "no rule of law holds there: calling_hours alone")?;
        }
        let mut grid = grid(look.style, &["id"]);
        for rule in &self.rows {
            grid.row(Color::Plain, [rule.id.clone()].into_iter().chain(said(rule)));
        }
        grid.write(out)?;
        let whose = self.client.as_ref().map(|client| format!(" for {}", visible(client.as_str())));
        let whose = whose.unwrap_or_default();
        if self.is_blocked {
            return writeln!(
                out,
                "never{whose}: `law.unknown_number` is block, and the number points nowhere: give a region"
            );
        }
        writeln!(out, "open{whose}: {}", self.week)
    }

    fn header() -> Vec<&'static str> {
        vec![
            "number",
            "prefix",
            "region",
            "zones",
            "regions",
            "evidence",
            "purpose",
            "voice",
            "at",
            "open",
            "closed_by",
            "next_open",
            "rows",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let ids: Vec<&str> = self.rows.iter().map(|rule| rule.id.as_str()).collect();
        vec![vec![
            self.number.clone().unwrap_or_default(),
            self.prefix.clone().unwrap_or_default(),
            self.region.clone().unwrap_or_default(),
            self.zones.join(" "),
            self.regions.join(" "),
            self.evidence.to_owned(),
            self.purpose.unwrap_or_default().to_owned(),
            self.voice.to_owned(),
            instant_text(self.at),
            self.open.to_string(),
            self.closed_by.join(" "),
            self.next_open.map(instant_text).unwrap_or_default(),
            ids.join(" "),
        ]]
    }
}

impl RulesForView {
    /// `+18505550100: US-FL, by America/Chicago and America/New_York (area code 850)`.
    fn place(&self) -> String {
        let who = self.number.clone().map(|number| format!("{number}: ")).unwrap_or_default();
        let regions = if self.regions.is_empty() { "no region".to_owned() } else { self.regions.join(" and ") };
        let zones = if self.zones.is_empty() { "the client's clock".to_owned() } else { self.zones.join(" and ") };
        let by_number = self.prefix.as_ref().map(|prefix| match prefix.strip_prefix('1') {
            Some(area) if area.len() == 3 => format!("area code {area}"),
            _ => format!("+{prefix}"),
        });
        let evidence = match (self.evidence, by_number) {
            ("given", _) => " (given)".to_owned(),
            ("number", Some(by_number)) => format!(" ({by_number})"),
            ("number+region", Some(by_number)) => format!(" ({by_number}, and the region)"),
            ("region", _) => " (the region)".to_owned(),
            (_, Some(by_number)) => format!(" ({by_number} points nowhere)"),
            _ => String::new(),
        };
        format!("{who}{regions}, by {zones}{evidence}")
    }
}

fn grid(style: Style, first: &[&'static str]) -> Grid {
    let heading = |title: &&'static str| match *title {
        "calls" => Heading::new("calls").least(6).optional(0),
        title => Heading::new(title),
    };
    let first = first.iter().map(heading);
    let said = [
        Heading::new("hours").least(11),
        Heading::new("caps, needs").least(16).optional(1),
        Heading::new("source").least(12).optional(2),
    ];
    Grid::new(first.chain(said).collect(), style)
}

/// Hours, caps with needs, and source of a rule, as cells.
fn said(rule: &RuleView) -> [String; 3] {
    let window = rule
        .window
        .as_deref()
        .map(|window| window.strip_prefix("*=").filter(|rest| !rest.contains(' ')).unwrap_or(window));
    let holidays = rule.holidays.as_ref().map(|days| format!("no holidays ({days})"));
    let hours: Vec<String> = window.map(str::to_owned).into_iter().chain(holidays).collect();
    let caps = rule.caps.iter().map(|cap| cap_words(cap));
    let needs = rule.requires.as_deref().unwrap_or_default().split_ascii_whitespace().map(need_words);
    let asks: Vec<String> = caps.chain(needs).collect();
    let or_dash = |texts: Vec<String>| if texts.is_empty() { "-".to_owned() } else { texts.join("; ") };
    [or_dash(hours), or_dash(asks), rule.citation.clone()]
}

/// `3 in 24 h` of `3/24h:network:number`: what is usual is left out.
fn cap_words(cap: &str) -> String {
    let mut parts = cap.split(':');
    let (most, hours) = parts.next().and_then(|first| first.split_once('/')).unwrap_or((cap, ""));
    let hours = hours.trim_end_matches('h');
    let limit = if most == "rest" { format!("none for {hours} h") } else { format!("{most} in {hours} h") };
    let level = match parts.next() {
        Some("line") => " that rang",
        Some("person") if most == "rest" => " after a talk",
        Some("person") => " that reached a person",
        _ => "",
    };
    let whose = if parts.next() == Some("client") { " by the client" } else { "" };
    format!("{limit}{level}{whose}")
}

/// `needs consent: written` of `consent:written`.
fn need_words(word: &str) -> String {
    if let Some(kind) = word.strip_prefix("unless:consent:") {
        return format!("unless consent: {kind}");
    }
    if let Some((name, age)) = word.strip_prefix("registry:").and_then(|rest| rest.split_once("<=")) {
        return format!("needs {name}, {} d", age.trim_end_matches('d'));
    }
    if let Some(seconds) = word.strip_prefix("ring>=") {
        return format!("needs ring of {} s", seconds.trim_end_matches('s'));
    }
    format!("needs {}", word.replacen(':', ": ", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_and_needs_are_told_in_words() {
        for (cap, words) in [
            ("3/24h:network:number", "3 in 24 h"),
            ("7/168h:line:number", "7 in 168 h that rang"),
            ("rest/168h:person:number", "none for 168 h after a talk"),
            ("2/24h:network:client", "2 in 24 h by the client"),
        ] {
            assert_eq!(cap_words(cap), words);
        }
        for (need, words) in [
            ("consent:written", "needs consent: written"),
            ("unless:consent:express", "unless consent: express"),
            ("registry:us-national<=31d", "needs us-national, 31 d"),
            ("dnc:internal", "needs dnc: internal"),
            ("ring>=15s", "needs ring of 15 s"),
        ] {
            assert_eq!(need_words(need), words);
        }
    }
}
