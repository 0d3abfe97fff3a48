//! The secret of a webhook, and the signature that it makes: version 1 of the Standard Webhooks specification.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::dispatch::Variables;
use crate::model::SecretPlace;
use crate::trusted_file::read_key_file;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// The bytes that a secret may have, by the specification.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// The most characters of a secret.
const LONGEST: usize = 256;

/// The secret of a webhook. It can be used, but neither printed nor written by accident.
pub(crate) struct WebhookSecret(hmac::Key);

/// Why there is no secret. Names the place, never what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("no secret: the variable `{0}` is not set")]
    NotSet(String),
    #[error("no secret: {place}: {reason}")]
    Unreadable { place: SecretPlace, reason: String },
    #[error("no secret: {0} must hold whsec_ and the base64 of 24 to 64 bytes")]
    Malformed(SecretPlace),
}

impl WebhookSecret {
    /// Reads a secret.
    ///
    /// # Errors
    /// When the secret is missing or malformed.
    pub(crate) fn read(place: &SecretPlace, variables: &Variables) -> Result<WebhookSecret, SecretError> {
        let bytes = match place {
            SecretPlace::Variable(name) => {
                let value = variables(name).filter(|value| !value.is_empty());
                value.ok_or_else(|| SecretError::NotSet(name.clone()))?.into_encoded_bytes()
            }
            SecretPlace::File(path) => read_key_file(path, LONGEST)
                .map_err(|error| SecretError::Unreadable { place: place.clone(), reason: error.to_string() })?,
        };
        WebhookSecret::of_text(&bytes).ok_or_else(|| SecretError::Malformed(place.clone()))
    }

    fn of_text(bytes: &[u8]) -> Option<WebhookSecret> {
        let text = str::from_utf8(bytes.trim_ascii()).ok()?;
        let key = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        LENGTHS.contains(&key.len()).then(|| WebhookSecret(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The header `webhook-signature` of a message.
    pub(crate) fn signature(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn read(text: &str) -> Result<WebhookSecret, SecretError> {
        let text = text.to_owned();
        WebhookSecret::read(&SecretPlace::Variable("CRM".to_owned()), &move |name| {
            (name == "CRM").then(|| OsString::from(&text))
        })
    }

    /// The example of the specification.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let secret = read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let (id, timestamp, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(secret.signature(id, timestamp, body), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(format!("{secret:?}"), "WebhookSecret");
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_repeated() {
        for text in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8G", "whsec_", "whsec_!!!!", "secret"] {
            let error = read(text).unwrap_err();
            assert_eq!(error, SecretError::Malformed(SecretPlace::Variable("CRM".to_owned())));
            assert!(!error.to_string().contains("MfKQ"));
        }
        assert_eq!(read("").unwrap_err(), SecretError::NotSet("CRM".to_owned()));
        let missing = WebhookSecret::read(&SecretPlace::File("/no/such".into()), &|_| None).unwrap_err();
        assert!(missing.to_string().starts_with("no secret: the file /no/such: "), "{missing}");
    }
}
