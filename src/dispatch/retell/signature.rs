//! The signature with which the provider shows that a message comes from it.

use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;

use super::key::ApiKey;

/// How old a message may be, or how far in the future, by the clock of this machine.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// Why a message is not taken for one of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header has another form.
    #[error("the signature has not the form v=<milliseconds>,d=<64 hexadecimal digits>")]
    Malformed,
    /// The message may be a replay of an old one.
    #[error("the signature is more than 5 minutes old, or from the future: check the clock of this machine")]
    Expired,
    /// Another key, or another message.
    #[error("the signature does not belong to this message and key: pass the body on byte for byte")]
    Wrong,
}

/// Checks the `x-retell-signature` of a message: `v=<ms>,d=<hex>`, the HMAC-SHA256 of the raw body followed by the digits
/// of `v`, with the key of the account. Digests are compared in constant time.
///
/// # Errors
/// When the message is not proven to come from the provider within the last 5 minutes.
pub fn verify_signature(key: &ApiKey, header: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), SignatureError> {
    let (stamp, digest) =
        header.trim().strip_prefix("v=").and_then(|rest| rest.split_once(",d=")).ok_or(SignatureError::Malformed)?;
    let digits = !stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_digit());
    let signed_at = if digits { stamp.parse().ok().and_then(DateTime::from_timestamp_millis) } else { None };
    let (Some(signed_at), Some(digest)) = (signed_at, decoded(digest)) else {
        return Err(SignatureError::Malformed);
    };
    let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, key.secret().as_bytes());
    hmac::verify(&hmac_key, &[body, stamp.as_bytes()].concat(), &digest).map_err(|_| SignatureError::Wrong)?;
    // Last, so that only a message of the provider leads to a word about the clock.
    if (now - signed_at).abs() > TOLERANCE { Err(SignatureError::Expired) } else { Ok(()) }
}

/// The 32 bytes of 64 hexadecimal digits.
fn decoded(hex: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let (pairs, []) = digits.as_deref()?.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| high << 4 | low).collect::<Vec<u8>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::dispatch::retell::key::tests::settings;

    const STAMP: i64 = 1_800_000_000_000;
    const BODY: &[u8] = br#"{"event":"call_ended","call":{"call_id":"call_1"}}"#;

    fn key(text: &'static str) -> ApiKey {
        ApiKey::read(&settings(None), &move |_| Some(OsString::from(text))).unwrap()
    }

    fn at(offset: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(STAMP + offset).unwrap()
    }

    /// Made by another implementation: `openssl dgst -sha256 -hmac key_test`.
    const DIGEST: &str = "5fd06d195389eead238282364f47c577c2bedf273bd56bb950ff19768466a761";

    #[test]
    fn a_message_of_the_provider_is_known() {
        let header = format!("v={STAMP},d={DIGEST}");
        for offset in [0, 300_000, -300_000] {
            assert_eq!(verify_signature(&key("key_test"), &header, BODY, at(offset)), Ok(()), "{offset}");
        }
        for offset in [300_001, -300_001] {
            let verdict = verify_signature(&key("key_test"), &header, BODY, at(offset));
            assert_eq!(verdict, Err(SignatureError::Expired), "{offset}");
        }
    }

    #[test]
    fn another_key_body_or_time_is_refused() {
        let verdict = |key_text, stamp: i64, body: &[u8]| {
            verify_signature(&key(key_text), &format!("v={stamp},d={DIGEST}"), body, at(0))
        };
        assert_eq!(verdict("key_tesT", STAMP, BODY), Err(SignatureError::Wrong));
        assert_eq!(verdict("key_test", STAMP + 1, BODY), Err(SignatureError::Wrong));
        assert_eq!(verdict("key_test", STAMP, BODY.trim_ascii_end()), Ok(()));
        assert_eq!(verdict("key_test", STAMP, &[BODY, b"\n"].concat()), Err(SignatureError::Wrong));
        assert_eq!(verdict("key_test", STAMP, b""), Err(SignatureError::Wrong));
    }

    #[test]
    fn other_forms_are_refused() {
        for header in [
            String::new(),
            DIGEST.to_owned(),
            format!("v={STAMP}"),
            format!("v={STAMP},d="),
            format!("v={STAMP},d={}", &DIGEST[2..]),
            format!("v={STAMP},d={DIGEST}00"),
            format!("v={STAMP},d={}zz", &DIGEST[2..]),
            format!("v=,d={DIGEST}"),
            format!("v=-1,d={DIGEST}"),
            format!("v=+{STAMP},d={DIGEST}"),
            format!("v=99999999999999999999,d={DIGEST}"),
            format!("d={DIGEST},v={STAMP}"),
        ] {
            let verdict = verify_signature(&key("key_test"), &header, BODY, at(0));
            assert_eq!(verdict, Err(SignatureError::Malformed), "{header}");
        }
    }
}
