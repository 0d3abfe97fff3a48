//! The provider's interface: four requests, each sent once.

use serde::Deserialize;

use super::call_object::CallObject;
use super::http::{Answer, Exchange, Http, Request};
use super::key::ApiKey;
use super::request;
use crate::model::{AttemptId, RetellSettings};

/// An account with the provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct Provider<'a> {
    pub(super) http: &'a Http,
    pub(super) settings: &'a RetellSettings,
    pub(super) key: &'a ApiKey,
}

/// Whether the provider has a call of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// It has one, of this name.
    Found(String),
    /// It has none.
    NotFound,
    /// It cannot be known, for this reason.
    NoAnswer(String),
}

#[derive(Deserialize)]
struct CallList {
    items: Vec<CallObject>,
}

#[derive(Deserialize)]
struct Concurrency {
    current_concurrency: u32,
    concurrency_limit: u32,
    #[serde(default)]
    reserved_inbound_concurrency: Option<u32>,
}

impl Provider<'_> {
    /// Sends the request that places a call.
    pub(super) fn place(&self, body: &[u8]) -> Exchange {
        self.send(Request::Post(body), "/v2/create-phone-call")
    }

    /// Asks for one call.
    pub(super) fn call(&self, call_id: &str) -> Exchange {
        self.send(Request::Get, &format!("/v2/get-call/{}", segment(call_id)))
    }

    /// Asks whether there is a call of the attempt.
    pub(super) fn look_up(&self, attempt: AttemptId) -> LookUp {
        let body = request::look_up(attempt);
        let answer = match self.answer(self.send(Request::Post(&body), "/v3/list-calls")) {
            Ok(answer) => answer,
            Err(reason) => return LookUp::NoAnswer(reason),
        };
        let Ok(CallList { items }) = serde_json::from_slice(&answer.body) else {
            return LookUp::NoAnswer("the list of calls cannot be read".to_owned());
        };
        // A call without metadata comes from the filter alone; one with another attempt's shows that it was not obeyed.
        let ours = |call: &&CallObject| !call.has_metadata() || call.attempt() == Some(attempt);
        match (items.iter().find(ours), items.is_empty()) {
            (Some(call), _) => LookUp::Found(call.call_id.clone()),
            (None, true) => LookUp::NotFound,
            (None, false) => LookUp::NoAnswer("the list holds calls of other attempts only".to_owned()),
        }
    }

    /// Asks how many calls the account may begin now.
    ///
    /// # Errors
    /// The reason why it cannot be known.
    pub(super) fn free_calls(&self) -> Result<u32, String> {
        let answer = self.answer(self.send(Request::Get, "/get-concurrency"))?;
        let Concurrency { current_concurrency, concurrency_limit, reserved_inbound_concurrency } =
            serde_json::from_slice(&answer.body).map_err(|_| "the answer has no concurrency".to_owned())?;
        let reserved = reserved_inbound_concurrency.unwrap_or(0);
        Ok(concurrency_limit.saturating_sub(reserved).saturating_sub(current_concurrency))
    }

    /// A good answer, or why there is none.
    fn answer(&self, exchange: Exchange) -> Result<Answer, String> {
        match exchange {
            Exchange::Answered(answer) if (200..300).contains(&answer.status) => Ok(answer),
            Exchange::Answered(answer) => Err(self.refusal(&answer)),
            Exchange::NotSent(reason) | Exchange::Broken(reason) => Err(reason),
        }
    }

    /// A refusal as a sentence: its number, and what the provider says.
    pub(super) fn refusal(&self, answer: &Answer) -> String {
        match answer.message(self.key) {
            Some(message) => format!("answered {}: {message}", answer.status),
            None => format!("answered {}", answer.status),
        }
    }

    fn send(&self, request: Request<'_>, path: &str) -> Exchange {
        let url = format!("{}{path}", self.settings.base_url);
        self.http.send(request, &url, self.key, self.settings.request_timeout)
    }
}

/// A name as one segment of a path (RFC 3986, section 2.3): what is not unreserved is percent-encoded.
fn segment(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_id_stays_one_segment() {
        assert_eq!(segment("call_0aF-9~"), "call_0aF-9~");
        assert_eq!(segment("../v2/x?y#é"), "%2E%2E%2Fv2%2Fx%3Fy%23%C3%A9");
    }
}
