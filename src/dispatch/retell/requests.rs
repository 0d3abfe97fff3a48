//! The provider's interface: four requests, each sent once.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, SeqAccess, Visitor};

use super::call_object::CallObject;
use super::http::{Answer, Exchange, Http, Request};
use super::key::ApiKey;
use super::request;
use crate::dispatch::provider::LookUp;
use crate::model::{AttemptId, RetellSettings};

/// The requests of an account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requests<'a> {
    pub(super) http: &'a Http,
    pub(super) settings: &'a RetellSettings,
    pub(super) key: &'a ApiKey,
}

/// The first calls of a list: one that is longer than was asked for shows that the filter was not obeyed.
#[derive(Default)]
struct Calls(Vec<CallObject>);

impl<'de> Deserialize<'de> for Calls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Calls, D::Error> {
        deserializer.deserialize_seq(Calls::default())
    }
}

impl<'de> Visitor<'de> for Calls {
    type Value = Calls;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of calls")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Calls, A::Error> {
        const MOST: usize = 10;
        while self.0.len() < MOST
            && let Some(call) = list.next_element()?
        {
            self.0.push(call);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self)
    }
}

#[derive(Deserialize)]
struct CallList {
    items: Calls,
}

#[derive(Deserialize)]
struct Concurrency {
    current_concurrency: u32,
    concurrency_limit: u32,
    #[serde(default)]
    reserved_inbound_concurrency: Option<u32>,
}

/// The most bytes of the account of a call. An hour's transcript, word by word, has a few million, and is not kept.
const LARGEST_ACCOUNT: u64 = 32 * 1024 * 1024;

/// The most bytes of the answer to the request that places a call, which repeats the variables that were sent.
const LARGEST_PLACEMENT: u64 = 4 * 1024 * 1024;

/// The most bytes of the answer that counts calls.
const LARGEST_COUNT: u64 = 64 * 1024;

impl Requests<'_> {
    /// Sends the request that places a call.
    pub(super) fn place(&self, body: &[u8]) -> Exchange<CallObject> {
        self.without_key(self.send(Request::Post(body), "/v2/create-phone-call", LARGEST_PLACEMENT))
    }

    /// Asks for one call.
    pub(super) fn call(&self, call_id: &str) -> Exchange<CallObject> {
        let path = format!("/v2/get-call/{}", segment(call_id));
        self.without_key(self.send(Request::Get, &path, LARGEST_ACCOUNT))
    }

    /// Asks whether there is a call of the attempt.
    pub(super) fn look_up(&self, attempt: AttemptId) -> LookUp {
        let body = request::look_up(attempt);
        let calls: CallList = match self.answer(self.send(Request::Post(&body), "/v3/list-calls", LARGEST_ACCOUNT)) {
            Ok(calls) => calls,
            Err(reason) => return LookUp::NoAnswer(reason),
        };
        let mut calls = calls.items.0;
        if calls.is_empty() {
            return LookUp::NotFound;
        }
        calls.iter_mut().for_each(|call| call.hide(self.key));
        if let Some(ours) = calls.iter().find(|call| call.attempt() == Some(attempt)) {
            let name = ours.name().map(|name| LookUp::Found(name.to_owned()));
            return name.unwrap_or_else(|| LookUp::NoAnswer("the name of its call cannot be used".to_owned()));
        }
        self.look_closer(&calls, attempt)
    }

    /// Looks for the call of the attempt among calls whose attempt the list does not name.
    fn look_closer(&self, calls: &[CallObject], attempt: AttemptId) -> LookUp {
        // As many as the list was asked for.
        const MOST: usize = 2;
        for name in calls.iter().filter(|call| !call.has_metadata()).filter_map(CallObject::name).take(MOST) {
            match self.answer(self.call(name)) {
                Ok(call) if call.call_id == name && call.attempt() == Some(attempt) => {
                    return LookUp::Found(name.to_owned());
                }
                Ok(_) => {}
                Err(reason) => return LookUp::NoAnswer(reason),
            }
        }
        LookUp::NoAnswer("the list holds calls of other attempts only".to_owned())
    }

    /// Asks how many calls the account may begin now.
    ///
    /// # Errors
    /// The reason why it cannot be known.
    pub(super) fn free_calls(&self) -> Result<u32, String> {
        let Concurrency { current_concurrency, concurrency_limit, reserved_inbound_concurrency } =
            self.answer(self.send(Request::Get, "/get-concurrency", LARGEST_COUNT))?;
        let reserved = reserved_inbound_concurrency.unwrap_or(0);
        Ok(concurrency_limit.saturating_sub(reserved).saturating_sub(current_concurrency))
    }

    /// What a good answer says, or why no good answer came.
    fn answer<T>(&self, exchange: Exchange<T>) -> Result<T, String> {
        match exchange {
            Exchange::Answered(Answer { body: Some(body), .. }) => Ok(body),
            Exchange::Answered(answer) => Err(self.refusal(&answer)),
            Exchange::NotSent(reason) | Exchange::Broken(reason) => Err(reason),
        }
    }

    /// A refusal as a sentence: its number, and what the provider says.
    pub(super) fn refusal<T>(&self, answer: &Answer<T>) -> String {
        match &answer.message {
            Some(message) => format!("answered {}: {message}", answer.status),
            None => format!("answered {}", answer.status),
        }
    }

    fn without_key(&self, mut exchange: Exchange<CallObject>) -> Exchange<CallObject> {
        if let Exchange::Answered(Answer { body: Some(call), .. }) = &mut exchange {
            call.hide(self.key);
        }
        exchange
    }

    fn send<T: DeserializeOwned>(&self, request: Request<'_>, path: &str, largest: u64) -> Exchange<T> {
        let url = format!("{}{path}", self.settings.base_url);
        self.http.send(request, &url, self.key, self.settings.request_timeout, largest)
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
