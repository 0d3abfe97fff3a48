//! Which proxy stands between callq and a server. One that cannot be used is refused: a request never takes another way than
//! was asked for.

use std::ffi::OsString;
use std::fmt;

use ureq::config::{Config, ConfigBuilder};
use ureq::http::Uri;
use ureq::typestate::AgentScope;
use ureq::{Error, Proxy, ProxyProtocol};

/// What all connections have in common.
pub(crate) fn connections() -> ConfigBuilder<AgentScope> {
    Config::builder()
        .http_status_as_error(false)
        // Each request has its own: ureq reads other variables, and passes over what it cannot use.
        .proxy(None)
        .max_redirects(0)
        .user_agent(concat!("callq/", env!("CARGO_PKG_VERSION")))
}

/// The error as a sentence. It may name the address.
pub(crate) fn described(error: &Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        Error::Timeout(_) => "no answer in time".to_owned(),
        Error::ConnectProxyFailed(reason) => format!("the proxy refused: {reason}"),
        error => error.to_string(),
    }
}

/// Gives the value of an environment variable.
pub type Variables = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// The variables that may name a proxy for `https`, the first one first. An empty one names none.
const NAMES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The variables that may name hosts without a proxy.
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxy that the environment names, and the hosts that are reached without one.
pub struct Proxies {
    named: Option<(&'static str, Result<Proxy, String>)>,
    /// No real proxy: it carries the exceptions.
    exceptions: Option<Proxy>,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's address may hold a password.
        f.debug_struct("Proxies").field("named", &self.named.as_ref().map(|(name, _)| name)).finish_non_exhaustive()
    }
}

impl Proxies {
    /// Reads what the environment says.
    pub fn read(variables: &Variables) -> Proxies {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| Some((*name, variables(name).filter(|value| !value.is_empty())?)))
        };
        let named = first(&NAMES).map(|(name, value)| (name, proxy(name, value.to_str())));
        let hosts = first(&EXCEPTIONS).map(|(_, value)| value.to_string_lossy().into_owned()).unwrap_or_default();
        let carrier = Proxy::builder(ProxyProtocol::Http).host("localhost");
        let exceptions = hosts.split(',').map(str::trim).fold(carrier, |carrier, host| carrier.no_proxy(host)).build();
        Proxies { named, exceptions: exceptions.ok() }
    }

    /// The proxy for an address, with the variable that names it; none for `http`, which never leaves this machine.
    ///
    /// # Errors
    /// When that proxy cannot be used.
    pub fn of(&self, url: &str) -> Result<Option<(&'static str, &Proxy)>, String> {
        let Ok(uri) = url.parse::<Uri>() else { return Ok(None) };
        let is_exempt = uri.scheme_str() != Some("https")
            || self.exceptions.as_ref().is_some_and(|exceptions| exceptions.is_no_proxy(&uri));
        match &self.named {
            Some((name, proxy)) if !is_exempt => Ok(Some((name, proxy.as_ref().map_err(String::clone)?))),
            _ => Ok(None),
        }
    }
}

/// The proxy that a variable names.
///
/// # Errors
/// Why it cannot be used. The value is not repeated: it may hold a password.
fn proxy(name: &str, value: Option<&str>) -> Result<Proxy, String> {
    let way_out = "write http://HOST:PORT, unset it, or add the host to NO_PROXY";
    match value.and_then(|value| Proxy::new(value).ok()) {
        Some(proxy) if !has_address(&proxy) => {
            Err(format!("{name} does not name a proxy that callq can read: {way_out}"))
        }
        Some(proxy) if matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) => Ok(proxy),
        Some(_) => Err(format!("{name} names a SOCKS proxy, which callq cannot use: {way_out}")),
        None => Err(format!("{name} does not name a proxy that callq can read: {way_out}")),
    }
}

/// Whether host and port are valid. In place of an invalid port the library would take the usual one.
fn has_address(proxy: &Proxy) -> bool {
    let Some(authority) = proxy.uri().authority() else { return false };
    let place = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = authority.port_u16().filter(|port| *port > 0);
    !authority.host().is_empty() && (port.is_some() || place.len() == authority.host().len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const PROVIDER: &str = "https://api.example.com/v2/x";

    fn proxies(variables: &[(&'static str, &'static str)]) -> Proxies {
        let known: BTreeMap<&str, &str> = variables.iter().copied().collect();
        Proxies::read(&move |name: &str| known.get(name).map(OsString::from))
    }

    /// The variable and the host of the proxy for an address.
    fn chosen(variables: &[(&'static str, &'static str)], url: &str) -> Option<(&'static str, String)> {
        let proxies = proxies(variables);
        proxies.of(url).unwrap().map(|(name, proxy)| (name, proxy.host().to_owned()))
    }

    #[test]
    fn the_variables_have_an_order_and_none_is_for_this_machine() {
        let all = [("HTTPS_PROXY", "a:1"), ("https_proxy", "b:1"), ("ALL_PROXY", "c:1"), ("all_proxy", "d:1")];
        for (first, host) in (0..).zip(["a", "b", "c", "d"]) {
            assert_eq!(chosen(&all[first..], PROVIDER), Some((all[first].0, host.to_owned())));
        }
        assert_eq!(chosen(&[("HTTPS_PROXY", ""), ("ALL_PROXY", "http://u:p@c")], PROVIDER).unwrap().1, "c");
        for name in ["HTTP_PROXY", "http_proxy"] {
            assert_eq!(chosen(&[(name, "a:1")], PROVIDER), None, "{name} is for http");
        }
        assert_eq!(chosen(&[("ALL_PROXY", "http://u:p@[::1]:3128/")], PROVIDER).unwrap().1, "[::1]");
        assert_eq!(chosen(&all, "http://127.0.0.1:8080/x"), None);
        assert_eq!(chosen(&[("HTTPS_PROXY", "socks5://a")], "http://localhost/x"), None);
    }

    #[test]
    fn some_hosts_are_reached_without_one() {
        for (hosts, is_exempt) in [
            ("api.example.com", true),
            ("other.org, API.example.com", true),
            (".example.com", true),
            ("*", true),
            ("example.com", false),
            ("", false),
        ] {
            let variables = [("ALL_PROXY", "socks5://a:1"), ("no_proxy", hosts)];
            assert_eq!(proxies(&variables).of(PROVIDER).is_ok(), is_exempt, "{hosts}");
        }
    }

    #[test]
    fn one_that_cannot_be_used_is_refused_without_its_password() {
        for (value, said) in [
            ("socks5://ann:secret@proxy:1080", "HTTPS_PROXY names a SOCKS proxy, which callq cannot use"),
            ("socks4a://ann:secret@proxy", "HTTPS_PROXY names a SOCKS proxy"),
            ("ftp://ann:secret@proxy", "HTTPS_PROXY does not name a proxy that callq can read"),
            ("http://ann:secret@", "HTTPS_PROXY does not name a proxy"),
            ("http://ann:secret@proxy:0", "HTTPS_PROXY does not name a proxy"),
            ("http://ann:secret@proxy:99999", "HTTPS_PROXY does not name a proxy"),
            ("http://ann:secret@pro xy", "HTTPS_PROXY does not name a proxy"),
            ("/ann:secret", "HTTPS_PROXY does not name a proxy"),
        ] {
            let error = proxies(&[("HTTPS_PROXY", value), ("ALL_PROXY", "http://good:1")]).of(PROVIDER).unwrap_err();
            assert!(error.starts_with(said) && error.contains("NO_PROXY"), "{value}: {error}");
            assert!(!error.contains("secret") && !format!("{:?}", proxies(&[("HTTPS_PROXY", value)])).contains("ann"));
        }
    }
}
