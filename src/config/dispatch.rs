//! Reads the values of the `dispatch` table.

use super::read::{self, Fault};
use super::spelling::did_you_mean;
use super::value::{Data, Value};
use crate::model::{DispatchKind, DispatchSettings, OnUnknown, Outcome, PhoneNumber};

pub(super) fn kind(value: &Value) -> Result<DispatchKind, Fault> {
    read::word(value, &DispatchKind::ALL.map(|kind| (kind.as_str(), kind)))
}

pub(super) fn on_unknown(value: &Value) -> Result<OnUnknown, Fault> {
    read::word(value, &[("hold", OnUnknown::Hold), ("retry", OnUnknown::Retry)])
}

pub(super) fn outcome(value: &Value) -> Result<Outcome, Fault> {
    read::word(value, &Outcome::ALL.map(|outcome| (outcome.as_str(), outcome)))
}

/// A program and its arguments. Lead data enters as whole arguments only, so a placeholder is one or it is refused.
pub(super) fn command(value: &Value) -> Result<Vec<String>, Fault> {
    let arguments = read::list(value, "texts: the program and its arguments", |value| {
        let Data::Text(text) = &value.data else { return Err(Fault::expected(value, "a text")) };
        if text.contains('\0') {
            return Err(Fault::expected(value, "a text without a NUL byte"));
        }
        check_placeholders(value, text)?;
        Ok(text.clone())
    })?;
    match arguments.first() {
        Some(program) if program.trim().is_empty() || program.starts_with('{') => {
            Err(Fault::expected(value, "the path or name of a program, first in the list"))
        }
        _ => Ok(arguments),
    }
}

fn check_placeholders(value: &Value, text: &str) -> Result<(), Fault> {
    let known = DispatchSettings::PLACEHOLDERS;
    let list = || known.map(|name| format!("{{{name}}}")).join(", ");
    if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    {
        if known.contains(&name) {
            return Ok(());
        }
        let near = did_you_mean(name, known);
        return Err(Fault::because(value, format!("unknown placeholder {text}: expected one of {}{near}", list())));
    }
    match known.iter().find(|name| text.contains(&format!("{{{name}}}"))) {
        Some(name) => Err(Fault::because(
            value,
            format!("{value} holds {{{name}}}: a placeholder must be the whole argument, so split it in two"),
        )),
        None => Ok(()),
    }
}

/// `https://…`, or `http://` on loopback: the key must not cross a network in the clear.
pub(super) fn base_url(value: &Value) -> Result<String, Fault> {
    let allowed = "an address such as \"https://api.retellai.com\" (http only on localhost)";
    let url = read::text(value, allowed)?.trim_end_matches('/');
    let (scheme, rest) = url.split_once("://").ok_or_else(|| Fault::expected(value, allowed))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let clean = !host.is_empty()
        && !authority.contains('@')
        && !url.contains(['?', '#'])
        && url.bytes().all(|byte| byte.is_ascii_graphic());
    if clean && (scheme == "https" || scheme == "http" && loopback) {
        Ok(url.to_owned())
    } else {
        Err(Fault::expected(value, allowed))
    }
}

pub(super) fn from_number(value: &Value) -> Result<PhoneNumber, Fault> {
    let allowed = "a phone number such as \"+15551234567\"";
    PhoneNumber::parse(read::text(value, allowed)?, None).map_err(|_| Fault::expected(value, allowed))
}

/// The name of an environment variable, in the capitals that POSIX gives them (IEEE Std 1003.1, chapter 8.1): a key
/// that was pasted here by mistake does not look so.
pub(super) fn variable_name(value: &Value) -> Result<String, Fault> {
    let allowed = "the name of an environment variable, such as \"RETELL_API_KEY\"";
    // The value is not shown: it may be the key itself.
    let fault = || Fault::because(value, format!("expected {allowed}, not the key itself"));
    let name = read::text(value, allowed).map_err(|_| fault())?;
    let valid = !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if valid { Ok(name.to_owned()) } else { Err(fault()) }
}
