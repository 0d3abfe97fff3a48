//! Questions on caps and their answers, a line each: `callq rules caps`.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::encode;
use crate::model::{CapScope, Purpose, Reached, Voice};

/// What every question has. Fields that are not known are passed over.
#[derive(Debug, Deserialize)]
pub(crate) struct CapQuestion<'text> {
    /// Any value; it is given back as it came.
    #[serde(borrow, default)]
    pub id: Option<&'text RawValue>,
    pub kind: String,
    pub caps: Vec<AskedCap>,
}

/// A cap of a question.
#[derive(Debug, Deserialize)]
pub(crate) struct AskedCap {
    pub id: String,
    /// A number, or `rest`.
    pub max: serde_json::Value,
    pub hours: u32,
    #[serde(deserialize_with = "word")]
    pub counts: Reached,
    #[serde(deserialize_with = "word")]
    pub scope: CapScope,
    pub applies_to: String,
}

/// Whether a number may be dialled.
#[derive(Debug, Deserialize)]
pub(crate) struct AskedDial {
    #[serde(deserialize_with = "word")]
    pub now: DateTime<Utc>,
    pub number: String,
    pub client: String,
    #[serde(default, deserialize_with = "optional_word")]
    pub purpose: Option<Purpose>,
    #[serde(deserialize_with = "word")]
    pub voice: Voice,
    pub attempts: Vec<AskedAttempt>,
}

/// An attempt of the past.
#[derive(Debug, Deserialize)]
pub(crate) struct AskedAttempt {
    #[serde(deserialize_with = "word")]
    pub at: DateTime<Utc>,
    pub number: String,
    pub client: String,
    #[serde(default, deserialize_with = "optional_word")]
    pub purpose: Option<Purpose>,
    #[serde(default, deserialize_with = "optional_word")]
    pub voice: Option<Voice>,
    #[serde(default, deserialize_with = "optional_word")]
    pub reached: Option<Reached>,
}

/// What caps do to a ladder of retries; times in minutes.
#[derive(Debug, Deserialize)]
pub(crate) struct AskedLadder {
    pub delays: Vec<f64>,
    pub multiplier: f64,
    pub max_delay: f64,
    pub max_retries: u32,
}

/// The answer to a dial.
#[derive(Debug, Serialize)]
pub(crate) struct DialAnswer<'a> {
    pub id: Option<&'a RawValue>,
    pub allowed: bool,
    #[serde(serialize_with = "encode::instant")]
    pub until: DateTime<Utc>,
    pub by: Vec<&'a str>,
}

/// The answer to a ladder.
#[derive(Debug, Serialize)]
pub(crate) struct LadderAnswer<'a> {
    pub id: Option<&'a RawValue>,
    pub plain: Vec<f64>,
    /// Each attempt that is one too many, with the cap.
    pub breaks: Vec<(usize, &'a str)>,
    pub capped: Vec<f64>,
}

fn word<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

fn optional_word<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}
