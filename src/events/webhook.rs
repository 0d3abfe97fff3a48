//! One request to a webhook, and what its answer means. Nothing is repeated here, and no redirect is followed.

use std::io;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ureq::http::Response;
use ureq::{Agent, Body};

use super::message::Message;
use super::retry::Answer;
use super::secret::WebhookSecret;
use crate::dispatch::{Proxies, Variables, connections, described};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(50);

/// A shorter answer is read, so that its connection serves the next event too.
const SHORT_ANSWER: u64 = 16 * 1024;

/// A webhook, with its connection.
#[derive(Debug)]
pub(super) struct Webhook {
    agent: Agent,
    proxies: Proxies,
    url: String,
    /// The address as it may be shown.
    name: String,
    secret: WebhookSecret,
}

impl Webhook {
    /// A webhook through the proxy that `variables` name. Nothing is opened yet.
    pub(super) fn new(url: &str, name: &str, secret: WebhookSecret, variables: &Variables) -> Webhook {
        let agent = Agent::new_with_config(connections().max_idle_age(IDLE).build());
        let proxies = Proxies::read(variables);
        Webhook { agent, proxies, url: url.to_owned(), name: name.to_owned(), secret }
    }

    /// Why nothing can be sent: the proxy on the way cannot be used.
    pub(super) fn unusable_proxy(&self) -> Option<String> {
        self.proxies.of(&self.url).err()
    }

    /// Sends an event, within `limit`.
    pub(super) fn send(&self, message: &Message, now: DateTime<Utc>, limit: Duration) -> Answer {
        let proxy = match self.proxies.of(&self.url) {
            Ok(proxy) => proxy.map(|(_, proxy)| proxy.clone()),
            Err(reason) => return Answer::Unavailable(reason, None),
        };
        let timestamp = now.timestamp();
        let request = self.agent.post(&self.url).config().proxy(proxy).https_only(!self.url.starts_with("http:"));
        let request = request.timeout_global(Some(limit)).timeout_connect(Some(limit.min(CONNECT_TIMEOUT))).build();
        let sent = request
            .header("content-type", "application/cloudevents+json; charset=utf-8")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", self.secret.signature(&message.id, timestamp, &message.body))
            .send(&message.body[..]);
        match sent {
            Ok(response) => judged(response),
            // Without what follows the `?` of the address.
            Err(error) => Answer::Unavailable(described(&error).replace(&self.url, &self.name), None),
        }
    }
}

/// What an answer means. callq follows no redirect: the configuration names the address.
fn judged(mut response: Response<Body>) -> Answer {
    let status = response.status().as_u16();
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let wait = header("retry-after").and_then(|text| text.trim().parse::<u32>().ok());
    let length = header("content-length").and_then(|text| text.parse::<u64>().ok());
    if length.is_some_and(|length| length <= SHORT_ANSWER) {
        // What it says is not needed: the number says what matters.
        let mut body = response.body_mut().with_config().limit(SHORT_ANSWER).reader();
        let _ = io::copy(&mut body, &mut io::sink());
    }
    let said = format!("status {status}");
    match status {
        200..=299 => Answer::Taken,
        410 => Answer::Gone(format!("{said}: it wants no more events")),
        408 | 425 | 429 | 500..=599 => Answer::Unavailable(said, wait.map(|wait| TimeDelta::seconds(wait.into()))),
        300..=399 => Answer::Unavailable(format!("{said}: a redirect is not followed"), None),
        // The signature: a wrong secret refuses all events.
        401 | 403 | 404 => Answer::Unavailable(said, None),
        _ => Answer::Refused(said),
    }
}
