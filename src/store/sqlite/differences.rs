//! What the history says of a change: the fields that differ.

use crate::model::{Item, Status, to_text};
use crate::store::sqlite::read::rows;

/// The fields that differ, each with its old and its new value as text.
pub(crate) fn differences(old: &Item, new: &Item) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let zones =
        |item: &Item| -> Option<String> { Some(rows::joined(item.timezones())).filter(|names| !names.is_empty()) };
    let promise = |item: &Item| item.promise.filter(|_| !item.status.is_finished()).map(|_| to_text(item.scheduled_at));
    let texts = |item: &Item| -> [(&'static str, Option<String>); 12] {
        [
            ("status", Some(shown_status(item))),
            ("priority", Some(item.priority.to_string())),
            ("scheduled_at", Some(to_text(item.scheduled_at))),
            ("callback", promise(item)),
            ("expires_at", item.expires_at.map(to_text)),
            ("max_retries", Some(item.max_retries.to_string())),
            ("phone", item.phone.as_ref().map(ToString::to_string)),
            ("timezones", zones(item)),
            ("region", item.region.as_ref().map(ToString::to_string)),
            ("metadata", item.metadata.as_ref().map(ToString::to_string)),
            ("key", item.key.as_ref().map(ToString::to_string)),
            ("retry_allowed", item.no_retry.then(|| "no".to_owned())),
        ]
    };
    texts(old)
        .into_iter()
        .zip(texts(new))
        .filter(|((_, from), (_, to))| from != to)
        .map(|((what, from), (_, to))| (what, from, to))
        .collect()
}

pub(crate) fn shown_status(item: &Item) -> String {
    match item.status {
        Status::Failed if item.held => "failed, held".to_owned(),
        status => status.to_string(),
    }
}
