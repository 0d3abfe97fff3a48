//! Warns of a share that can have no effect.

use std::collections::BTreeSet;

use super::error::Problem;
use super::load::Settings;
use crate::model::ClientId;
use crate::scheduler::{MOST_IN_FLIGHT, Policy};

/// The key that such a warning is about.
const KEYS: &[&str] = &["share"];

/// `queued` are the clients that some queue item names; only with it is it known who shares with whom.
pub(super) fn warnings(settings: &Settings, queued: Option<&BTreeSet<ClientId>>) -> Vec<Problem> {
    let (document, policies) = (&settings.layers.document, &settings.policies);
    let share = policies.defaults().share;
    if policies.all().all(|policy| policy.share == share) {
        let is_set = document.defaults.contains_key("share") && share.size() > 1;
        let message = format!("`share` is {} for every client: equal shares change nothing", share.size());
        return is_set.then(|| settings.warning(&[&document.defaults], KEYS, None, message)).into_iter().collect();
    }
    let Some(queued) = queued else { return Vec::new() };
    // Sections without items count: their items may come.
    let clients: BTreeSet<&ClientId> = queued.iter().chain(policies.clients()).collect();
    let Some(message) = only_limit(clients.into_iter().map(|client| &**policies.of(client))) else { return Vec::new() };
    let sections = document.clients.iter().filter(|(_, section)| section.entries.contains_key("share"));
    let of_sections = sections.map(|(client, section)| {
        let message = format!("client `{client}`: {message}");
        settings.warning(&[&section.entries], KEYS, Some(section.span.start), message)
    });
    of_sections.collect()
}

/// What is said of clients that share nothing but `--limit`. Two that call through Retell may share an account even where
/// their keys have other names.
fn only_limit<'a>(policies: impl Iterator<Item = &'a Policy>) -> Option<String> {
    let (mut at_once, mut of_retell) = (0_u64, 0);
    for policy in policies {
        at_once += u64::from(policy.limits.max_concurrent);
        of_retell += usize::from(policy.dispatch.retell.is_some());
    }
    let most = u64::try_from(MOST_IN_FLIGHT).unwrap_or(u64::MAX);
    (of_retell < 2 && at_once <= most).then(|| {
        format!(
            "`share` only divides `process --limit`: no two clients call through Retell, and all {at_once} calls of \
             `max_concurrent` fit into one run"
        )
    })
}
