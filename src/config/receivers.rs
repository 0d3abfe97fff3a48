//! The receivers of events: the rows `[[hooks]]` and `[[webhooks]]`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::dispatch::{reaches_safely, variable_name};
use super::error::SpannedFault;
use super::layers::Layers;
use super::read::{self, Fault};
use super::row_table::rows;
use super::value::{Data, Value};
use crate::model::{ClientId, EventReceiver, EventReceivers, EventTarget, EventType, SecretPlace, did_you_mean};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReceiverKind {
    Hook,
    Webhook,
}

impl ReceiverKind {
    /// The name of its table of rows.
    pub(super) fn table(self) -> &'static str {
        match self {
            ReceiverKind::Hook => "hooks",
            ReceiverKind::Webhook => "webhooks",
        }
    }

    fn fields(self) -> &'static [&'static str] {
        match self {
            ReceiverKind::Hook => &["events", "command", "clients"],
            ReceiverKind::Webhook => &["events", "url", "secret_env", "secret_file", "clients"],
        }
    }
}

/// A row as the file writes it.
#[derive(Debug, Clone)]
pub(super) struct ReceiverRow {
    pub(super) kind: ReceiverKind,
    /// Where the row begins.
    span: Range<usize>,
    fields: BTreeMap<&'static str, Value>,
}

impl ReceiverRow {
    /// Takes the rows of a table apart.
    pub(super) fn rows(
        kind: ReceiverKind,
        value: &Spanned<DeValue<'_>>,
        mistakes: &mut Vec<SpannedFault>,
    ) -> Vec<ReceiverRow> {
        rows(kind.table(), value, mistakes, |span, table, mistakes| ReceiverRow::of(kind, span, table, mistakes))
    }

    fn of(
        kind: ReceiverKind,
        span: Range<usize>,
        table: &DeTable<'_>,
        mistakes: &mut Vec<SpannedFault>,
    ) -> ReceiverRow {
        let mut fields = BTreeMap::new();
        for (name, value) in table {
            let found = name.get_ref().as_ref();
            match kind.fields().iter().find(|field| **field == found) {
                Some(field) => {
                    fields.insert(*field, Value::from_toml(value));
                }
                None => {
                    let meant = did_you_mean(found, kind.fields().iter().copied());
                    let name_shown = found.escape_debug();
                    mistakes.push((name.span(), format!("[[{}]]: unknown field `{name_shown}`{meant}", kind.table())));
                }
            }
        }
        ReceiverRow { kind, span, fields }
    }

    /// The fields that are set, in the order of the sample, with their places.
    pub(super) fn values(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.kind.fields().iter().filter_map(|field| Some((*field, self.fields.get(field)?)))
    }

    /// The receiver of the row; none with faults in it.
    fn read(&self, layers: &Layers, mistakes: &mut Vec<SpannedFault>) -> Option<EventReceiver> {
        let events = self.field("events", mistakes, events);
        let clients = match self.fields.contains_key("clients") {
            true => self.field("clients", mistakes, clients),
            false => Some(Vec::new()),
        };
        let (name, target) = match self.kind {
            ReceiverKind::Hook => {
                let command = self.field("command", mistakes, command)?;
                (command.join(" "), EventTarget::Hook { command })
            }
            ReceiverKind::Webhook => {
                let url = self.field("url", mistakes, url);
                let secret = self.secret(layers, mistakes);
                let (url, secret) = (url?, secret?);
                // What follows may be a token of the receiver.
                let name = url.split('?').next().unwrap_or_default().to_owned();
                (name, EventTarget::Webhook { url, secret })
            }
        };
        Some(EventReceiver { name, events: events?, clients: clients?, target })
    }

    /// Where the secret is; relative paths start at the folder of the file.
    fn secret(&self, layers: &Layers, mistakes: &mut Vec<SpannedFault>) -> Option<SecretPlace> {
        let (variable, file) = (self.fields.contains_key("secret_env"), self.fields.contains_key("secret_file"));
        match (variable, file) {
            (true, false) => self.field("secret_env", mistakes, variable_name).map(SecretPlace::Variable),
            (false, true) => {
                let path = self.field("secret_file", mistakes, read::path)?;
                Some(SecretPlace::File(layers.beside_file(&path)))
            }
            (true, true) => {
                mistakes.push(self.mistake("secret_file", "name one of `secret_env` and `secret_file`, not both"));
                None
            }
            (false, false) => {
                let way_out = "no secret to sign with: name `secret_env`, a variable, or `secret_file`";
                mistakes.push(self.mistake("url", way_out));
                None
            }
        }
    }

    fn field<T>(
        &self,
        name: &'static str,
        mistakes: &mut Vec<SpannedFault>,
        read: impl FnOnce(&Value) -> Result<T, Fault>,
    ) -> Option<T> {
        let Some(value) = self.fields.get(name) else {
            mistakes.push(self.mistake(name, &format!("`{name}` is missing")));
            return None;
        };
        match read(value) {
            Ok(read) => Some(read),
            Err(Fault(faults)) => {
                let told = |(span, message)| (span, format!("[[{}]]: `{name}`{message}", self.kind.table()));
                mistakes.extend(faults.into_iter().map(told));
                None
            }
        }
    }

    fn mistake(&self, field: &str, message: &str) -> SpannedFault {
        (self.span_of(field), format!("[[{}]]: {message}", self.kind.table()))
    }

    /// Where a field stands; the row where it is missing.
    pub(super) fn span_of(&self, field: &str) -> Range<usize> {
        self.fields.get(field).map_or(&self.span, |value| &value.span).clone()
    }
}

/// The receivers of the rows.
pub(super) fn receivers(layers: &Layers, mistakes: &mut Vec<SpannedFault>) -> EventReceivers {
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    for row in &layers.document.receivers {
        let Some(receiver) = row.read(layers, mistakes) else { continue };
        // Its waiting events are known by its name.
        if !names.insert(receiver.name.clone()) {
            let field = if row.kind == ReceiverKind::Hook { "command" } else { "url" };
            let message = format!("{} is named twice: name all its events in one row", receiver.name);
            mistakes.push(row.mistake(field, &message));
        }
        found.push(receiver);
    }
    found.into_iter().collect()
}

fn events(value: &Value) -> Result<Vec<EventType>, Fault> {
    let words: Vec<(&str, EventType)> = EventType::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
    let what = "types of events such as \"call.finished\"";
    let events = read::list(value, what, |value| read::word(value, &words))?;
    if events.is_empty() { Err(Fault::expected(value, what)) } else { Ok(events) }
}

fn clients(value: &Value) -> Result<Vec<ClientId>, Fault> {
    let what = "names of clients";
    let clients = read::list(value, what, |value| read::parsed(value, "the name of a client"))?;
    if clients.is_empty() { Err(Fault::expected(value, what)) } else { Ok(clients) }
}

/// A program and its arguments. No data of an event enters them: it is read from standard input.
fn command(value: &Value) -> Result<Vec<String>, Fault> {
    let what = "texts: the program and its arguments";
    let arguments = read::list(value, what, |value| match &value.data {
        Data::Text(text) if !text.contains('\0') => Ok(text.clone()),
        _ => Err(Fault::expected(value, "a text without a NUL byte")),
    })?;
    match arguments.first() {
        Some(program) if !program.trim().is_empty() => Ok(arguments),
        _ => Err(Fault::expected(value, "the path or name of a program, first in the list")),
    }
}

/// Where a webhook goes. A name or password in it would be shown, and a fragment is never sent.
fn url(value: &Value) -> Result<String, Fault> {
    let allowed = "an address such as \"https://crm.example/hooks/callq\" (http only to this machine)";
    let url = read::text(value, allowed)?;
    if reaches_safely(url) && !url.contains('#') {
        return Ok(url.to_owned());
    }
    // What follows a `?` may be a token.
    let shown = url.split('?').next().unwrap_or_default();
    let shown = if shown.contains('@') { "an address with a name in it" } else { shown };
    Err(Fault(vec![(value.span.clone(), format!(" is {shown}: expected {allowed}"))]))
}

#[cfg(test)]
mod tests {
    use crate::config::Locations;
    use crate::config::load::resolve_text;
    use crate::model::{EventTarget, EventType, SecretPlace};

    fn read(text: &str) -> Result<crate::model::EventReceivers, Vec<String>> {
        let settings = resolve_text(text.to_owned(), Some("/etc/callq/config.toml".into()), &Locations::default());
        settings
            .map(|settings| settings.receivers)
            .map_err(|error| error.problems().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn rows_become_receivers() {
        let receivers = read(
            "[[hooks]]\nevents = [\"call.finished\", \"item.held\"]\ncommand = [\"notify\", \"-x\"]\n\
             [[webhooks]]\nevents = [\"item.added\"]\nurl = \"https://crm.example/in?token=s3cret\"\n\
             secret_file = \"crm.secret\"\nclients = [\"acme\"]\n",
        )
        .unwrap();
        let [hook, webhook] = receivers.all() else { panic!("{receivers:?}") };
        assert_eq!((hook.name.as_str(), hook.events.len(), hook.clients.len()), ("notify -x", 2, 0));
        assert_eq!((webhook.name.as_str(), webhook.clients.len()), ("https://crm.example/in", 1));
        let EventTarget::Webhook { url, secret } = &webhook.target else { panic!("{webhook:?}") };
        assert_eq!(url, "https://crm.example/in?token=s3cret");
        assert_eq!(secret, &SecretPlace::File("/etc/callq/crm.secret".into()));
        let wanted: Vec<&str> =
            EventType::ALL.iter().filter(|kind| receivers.want(**kind)).map(|kind| kind.as_str()).collect();
        assert_eq!(wanted, ["item.added", "item.held", "call.finished"]);
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_with_a_row_is_told_at_its_place() {
        let good = "url = \"https://crm.example\"\nsecret_env = \"CRM\"\n";
        let hook = "[[hooks]]\nevents = [\"item.added\"]\n";
        for (text, told) in [
            (
                format!("[[webhooks]]\nevents = [\"call.finnished\"]\n{good}"),
                "2:11: [[webhooks]]: `events` is \"call.finnished\": expected one of item.added, item.changed, \
                 item.cancelled, item.held, call.started, call.finished, callback.missed, number.blocked, \
                 dispatcher.failing, queue.drained; did you mean `call.finished`?",
            ),
            (format!("[[webhooks]]\n{good}"), "1:1: [[webhooks]]: `events` is missing"),
            (format!("[[webhooks]]\nevents = []\n{good}"), "2:10: [[webhooks]]: `events` is []: expected types"),
            (
                "[[webhooks]]\nevents = [\"item.added\"]\nurl = \"https://crm.example\"\n".to_owned(),
                "3:7: [[webhooks]]: no secret to sign with: name `secret_env`, a variable, or `secret_file`",
            ),
            (
                format!("[[webhooks]]\nevents = [\"item.added\"]\n{good}secret_file = \"x\"\n"),
                "5:15: [[webhooks]]: name one of `secret_env` and `secret_file`, not both",
            ),
            (
                "[[webhooks]]\nevents = [\"item.added\"]\nurl = \"http://crm.example/x?key=s3cret\"\nsecret_env = \"C\""
                    .to_owned(),
                "3:7: [[webhooks]]: `url` is http://crm.example/x: expected an address such as",
            ),
            (
                "[[webhooks]]\nevents = [\"item.added\"]\nurl = \"https://a:s3cret@crm.example\"\nsecret_env = \"C\""
                    .to_owned(),
                "3:7: [[webhooks]]: `url` is an address with a name in it: expected",
            ),
            (
                "[[webhooks]]\nevents = [\"item.added\"]\nurl = \"https://crm.example\"\nsecret_env = \"whsec_s3cret\""
                    .to_owned(),
                "4:14: [[webhooks]]: `secret_env`: expected the name of an environment variable",
            ),
            (hook.to_owned(), "1:1: [[hooks]]: `command` is missing"),
            (format!("{hook}command = \"notify\""), "3:11: [[hooks]]: `command` is \"notify\": expected a list of texts"),
            (format!("{hook}command = [\"\"]"), "3:11: [[hooks]]: `command` is [\"\"]: expected the path or name"),
            (format!("{hook}comand = [\"x\"]"), "3:1: [[hooks]]: unknown field `comand`; did you mean `command`?"),
            (format!("{hook}command = [\"x\"]\nclients = [\"\"]"), "4:12: [[hooks]]: `clients`"),
            (
                format!("{hook}command = [\"x\"]\n{hook}command = [\"x\"]"),
                "6:11: [[hooks]]: x is named twice: name all its events in one row",
            ),
            ("hooks = 5".to_owned(), "1:9: `hooks` holds 5: expected rows, each under [[hooks]]"),
            ("[[hook]]".to_owned(), "unknown key `hook`; did you mean `hooks`?"),
        ] {
            let problems = read(&text).unwrap_err();
            assert!(problems.iter().any(|problem| problem.contains(told)), "{text}\n{problems:#?}");
            assert!(!problems.iter().any(|problem| problem.contains("s3cret")), "{problems:#?}");
        }
    }
}
