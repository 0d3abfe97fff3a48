//! Reads the values of the `dispatch` table.

use super::read::{self, Fault};
use super::value::{Data, Value};
use crate::compliance::number;
use crate::model::{DispatchKind, OnUnknown, Outcome, PhoneNumber, Placeholder, did_you_mean};

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
    let known = || Placeholder::ALL.into_iter().map(Placeholder::as_str);
    if Placeholder::find(text).is_some() {
        return Ok(());
    }
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(is_name) {
        let (list, near) = (known().collect::<Vec<_>>().join(", "), did_you_mean(text, known()));
        return Err(Fault::because(value, format!("unknown placeholder {text}: expected one of {list}{near}")));
    }
    match known().find(|name| text.contains(name)) {
        Some(name) => Err(Fault::because(
            value,
            format!("{value} holds {name}: a placeholder must be a whole argument, so write it as one of its own"),
        )),
        None => Ok(()),
    }
}

/// `https://…`, or `http://` on loopback: the key must not cross a network in the clear.
pub(super) fn base_url(value: &Value) -> Result<String, Fault> {
    let allowed = "an address such as \"https://api.retellai.com\" (http only on localhost)";
    let url = read::text(value, allowed)?.trim_end_matches('/');
    if reaches_safely(url) && !url.contains(['?', '#']) {
        Ok(url.to_owned())
    } else {
        Err(Fault::expected(value, allowed))
    }
}

/// Whether an address is https, or http to this machine, and holds no name or password.
pub(super) fn reaches_safely(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let clean = !host.is_empty() && !authority.contains('@') && url.bytes().all(|byte| byte.is_ascii_graphic());
    clean && (scheme == "https" || scheme == "http" && loopback)
}

pub(super) fn from_number(value: &Value) -> Result<PhoneNumber, Fault> {
    let allowed = "a phone number such as \"+12125554567\"";
    number::read(read::text(value, allowed)?, None).map_err(|_| Fault::expected(value, allowed))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::value::Form;

    fn value(text: &str) -> Value {
        Value::elsewhere(Data::Text(text.to_owned()))
    }

    /// The command of a list, or the first fault.
    fn read(list: &str) -> Result<Vec<String>, String> {
        command(&Value::from_argument(Form::Texts, list)).map_err(|Fault(faults)| faults[0].1.clone())
    }

    #[test]
    fn a_placeholder_is_a_known_whole_argument() {
        for list in ["[]", "dial", "dial, {phone}, -x", "[\"dial\", \"{\\\"json\\\": 1}\", \"{}\", \"\"]"] {
            assert!(read(list).is_ok(), "{list}");
        }
        for (list, part) in [
            ("dial, {phon}", "unknown placeholder {phon}: expected one of {phone}, {lead_id}"),
            ("dial, {phon}", "; did you mean `{phone}`?"),
            ("dial, tel:{phone}", "holds {phone}: a placeholder must be a whole argument"),
            ("{phone}", "is [\"{phone}\"]: expected the path or name of a program"),
            ("[\" \"]", "is [\" \"]: expected the path or name of a program"),
            ("[\"dial\", 5]", "is 5: expected a text"),
            ("[\"dial\", \"a\\u0000b\"]", "expected a text without a NUL byte"),
        ] {
            let message = read(list).unwrap_err();
            assert!(message.contains(part), "{list}: {message}");
        }
    }

    #[test]
    fn the_key_never_crosses_a_network_in_the_clear() {
        for (url, kept) in [
            ("https://api.retellai.com", "https://api.retellai.com"),
            ("https://proxy.example:8443/retell/", "https://proxy.example:8443/retell"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:1/", "http://127.0.0.1:1"),
            ("http://[::1]:1", "http://[::1]:1"),
        ] {
            assert_eq!(base_url(&value(url)).unwrap(), kept);
        }
        for url in [
            "http://api.retellai.com",
            "http://localhost.example.com",
            "http://127.0.0.1@example.com",
            "https://user:secret@example.com",
            "https://",
            "https:///v2",
            "https://a b",
            "https://example.com?x",
            "ftp://localhost",
            "api.retellai.com",
            "",
        ] {
            assert!(base_url(&value(url)).is_err(), "{url}");
        }
    }

    #[test]
    fn a_pasted_key_is_refused_and_not_shown() {
        assert_eq!(variable_name(&value("RETELL_API_KEY_2")).unwrap(), "RETELL_API_KEY_2");
        for text in ["key_0123456789abcdef", "2KEY", "", "A B"] {
            let Fault(faults) = variable_name(&value(text)).unwrap_err();
            assert!(!faults[0].1.contains("0123"), "{text}");
        }
        assert!(variable_name(&Value::elsewhere(Data::Integer(5))).is_err());
    }
}
