//! One request to the provider and what became of it. Nothing is repeated here, and no redirect is followed.

use std::io;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, DefaultConnector};
use ureq::{Agent, Body, Error, Proxy, http::HeaderMap, http::Response};

use super::bounded as json;
use super::key::ApiKey;
use super::loose::Loose;
use super::send_probe::{self, SendProbe};
use crate::dispatch::proxy::{self, Proxies, Variables};

/// How long a connection may take to come about, within the time of the whole request.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept. Load balancers close theirs after a minute, as a rule.
const IDLE: Duration = Duration::from_secs(50);

/// Connections that are kept: one for each thread that may place or poll.
const MOST_IDLE: usize = 32;

/// The most bytes of a refusal that are read: its number says what matters.
const LARGEST_REFUSAL: u64 = 64 * 1024;

/// The shortest wait that the provider may ask for: a few milliseconds would be no wait at all.
const SHORTEST_WAIT: TimeDelta = TimeDelta::seconds(1);

/// The longest wait that the provider may ask for.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);

/// The connections to the provider, shared by all threads.
#[derive(Debug)]
pub(super) struct Http {
    agent: Agent,
    proxies: Proxies,
}

/// What became of a request whose good answer is a `T`.
#[derive(Debug)]
pub(super) enum Exchange<T> {
    Answered(Answer<T>),
    /// Nothing was sent, for this reason.
    NotSent(String),
    /// It was sent, in part at least, and no whole answer came.
    Broken(String),
}

/// An answer of the provider.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) status: u16,
    /// `retry-after-ms` and `retry-after`, as they came.
    retry_after: [Option<String>; 2],
    /// What a good answer says; `None` for a refusal, and for an answer of another form.
    pub(super) body: Option<T>,
    /// The words of a refusal, for people; at most 256 characters without control characters and without the key.
    pub(super) message: Option<String>,
}

/// What a refusal says in words.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: Loose,
    #[serde(default)]
    error_message: Loose,
    #[serde(default)]
    error: Loose,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Request<'a> {
    Get,
    Post(&'a [u8]),
}

impl Http {
    /// Connections as settings of this kind need them, through the proxy that `variables` name; none is opened yet.
    pub(super) fn new(variables: &Variables) -> Http {
        let config = proxy::connections()
            .max_idle_connections(MOST_IDLE)
            .max_idle_connections_per_host(MOST_IDLE)
            .max_idle_age(IDLE)
            .build();
        let connector = DefaultConnector::default().chain(SendProbe);
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Http { agent, proxies: Proxies::read(variables) }
    }

    /// Why nothing can be sent to an address: the proxy on the way to it cannot be used.
    pub(super) fn unusable_proxy(&self, url: &str) -> Option<String> {
        self.proxies.of(url).err()
    }

    /// Sends one request, and reads at most `largest` bytes of a good answer.
    pub(super) fn send<T: DeserializeOwned>(
        &self,
        request: Request<'_>,
        url: &str,
        key: &ApiKey,
        timeout: TimeDelta,
        largest: u64,
    ) -> Exchange<T> {
        let timeout = timeout.to_std().unwrap_or_default();
        let bearer = format!("Bearer {}", key.secret());
        let proxy = match self.proxies.of(url) {
            Ok(proxy) => proxy,
            Err(reason) => return Exchange::NotSent(reason),
        };
        send_probe::begin(proxy.is_some());
        let (variable, proxy) = proxy.unzip();
        let response = match request {
            Request::Get => bounded(self.agent.get(url), url, timeout, proxy).header("authorization", &bearer).call(),
            Request::Post(body) => bounded(self.agent.post(url), url, timeout, proxy)
                .header("authorization", &bearer)
                .header("content-type", "application/json")
                .send(body),
        };
        match response {
            Ok(response) => read(response, key, largest),
            Err(error) if send_probe::has_sent() => Exchange::Broken(described(&error, key)),
            Err(error) => {
                let way = variable.map(|name| format!(" (through the proxy that {name} names)")).unwrap_or_default();
                Exchange::NotSent(described(&error, key) + &way)
            }
        }
    }
}

fn bounded<B>(
    request: ureq::RequestBuilder<B>,
    url: &str,
    timeout: Duration,
    proxy: Option<&Proxy>,
) -> ureq::RequestBuilder<B> {
    let config = request.config().proxy(proxy.cloned()).https_only(!url.starts_with("http:"));
    config.timeout_global(Some(timeout)).timeout_connect(Some(timeout.min(CONNECT_TIMEOUT))).build()
}

fn read<T: DeserializeOwned>(mut response: Response<Body>, key: &ApiKey, largest: u64) -> Exchange<T> {
    let status = response.status().as_u16();
    let retry_after = ["retry-after-ms", "retry-after"].map(|name| header(response.headers(), name));
    let is_good = (200..300).contains(&status);
    let limit = if is_good { largest } else { LARGEST_REFUSAL };
    let body = response.body_mut().with_config().limit(limit).reader();
    let answer = |body, message| Exchange::Answered(Answer { status, retry_after, body, message });
    if !is_good {
        // What cannot be read is not needed: the number says what matters.
        let refusal: Option<Refusal> = json::read(body).ok();
        return answer(None, refusal.and_then(|refusal| refusal.words(key)));
    }
    match json::read(body) {
        Ok(body) => answer(Some(body), None),
        Err(error) if error.is_io() => Exchange::Broken(described(&Error::from(io::Error::from(error)), key)),
        Err(_) => answer(None, Some("it cannot be read".to_owned())),
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.trim().to_owned())
}

/// The error as a sentence. The key is in no message of the library; this keeps it so.
fn described(error: &Error, key: &ApiKey) -> String {
    let text = proxy::described(error);
    // Of the TLS library; its error is wrapped in others.
    let is_of_certificate = text.contains("invalid peer certificate");
    let roots =
        if is_of_certificate { "; callq trusts the roots that are built into it, not this machine's" } else { "" };
    key.hidden_in(&text) + roots
}

impl<T> Answer<T> {
    /// The instant before which the provider asks not to be asked again; none when it names no time in the future.
    pub(super) fn retry_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let [millis, seconds] = &self.retry_after;
        let number = |text: &Option<String>| text.as_ref()?.parse::<f64>().ok().filter(|number| number.is_finite());
        let positive = |number: &f64| *number > 0.0;
        let later = number(seconds).map(|seconds| seconds * 1_000.0);
        let wait = match number(millis).filter(positive).or_else(|| later.filter(positive)) {
            // Rounded up; the conversion saturates.
            Some(millis) => TimeDelta::try_milliseconds(millis.min(1e12).ceil() as i64)?,
            None => DateTime::parse_from_rfc2822(seconds.as_ref()?).ok()?.to_utc() - now,
        };
        (wait > TimeDelta::zero()).then(|| now + wait.clamp(SHORTEST_WAIT, LONGEST_WAIT))
    }
}

impl Refusal {
    fn words(&self, key: &ApiKey) -> Option<String> {
        const LONGEST: usize = 256;
        let words = [&self.message, &self.error_message, &self.error].into_iter().find_map(Loose::text)?;
        let words: String = key.hidden_in(words).chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        Some(words.trim().to_owned()).filter(|words| !words.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_read_in_every_form_and_bounded() {
        let now: DateTime<Utc> = "2026-11-23T15:00:00Z".parse().unwrap();
        for (millis, seconds, wait) in [
            (None, Some("2"), Some(2_000)),
            (None, Some("0.5"), Some(1_000)),
            (Some("1"), None, Some(1_000)),
            (Some("0"), Some("9"), Some(9_000)),
            (Some("1500.2"), Some("9"), Some(1_501)),
            (Some("soon"), Some("9"), Some(9_000)),
            (None, Some("Mon, 23 Nov 2026 15:00:30 GMT"), Some(30_000)),
            (None, Some("Mon, 23 Nov 2026 14:00:00 GMT"), None),
            (None, Some("Mon, 23 Nov 2026 15:00:00 GMT"), None),
            (None, Some("0"), None),
            (Some("0"), Some("0"), None),
            (None, Some("-5"), None),
            (None, Some("1e300"), Some(24 * 3_600_000)),
            (None, Some("inf"), None),
            (None, Some("tomorrow"), None),
            (None, None, None),
        ] {
            let retry_after = [millis, seconds].map(|text: Option<&str>| text.map(str::to_owned));
            let answer = Answer::<()> { status: 429, retry_after, body: None, message: None };
            let expected = wait.map(|wait| now + TimeDelta::milliseconds(wait));
            assert_eq!(answer.retry_at(now), expected, "{millis:?} {seconds:?}");
        }
    }
}
