//! The way to providers as `doctor` finds it: whether each key is there, who else may read its file, and whether the
//! proxy can be used.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::findings::Findings;
use crate::commands::context::Context;
use crate::config::Settings;
use crate::model::RetellSettings;

/// Looks for the key of each account that calls are placed with. One that is missing may be there where the runs are.
pub(super) fn keys(settings: &Settings, context: &Context<'_>, findings: &mut Findings) {
    let accounts: Vec<&RetellSettings> =
        settings.policies.all().filter_map(|policy| policy.dispatch.retell.as_ref()).collect();
    let faults: BTreeSet<String> = accounts.iter().filter_map(|account| fault(account, context)).collect();
    if !accounts.is_empty() && faults.is_empty() {
        findings.ok("keys", "every client that calls through `retell` has a key");
    }
    faults.into_iter().for_each(|fault| findings.warning("keys", fault));
    // Like a missing key, it may be so only where `doctor` runs.
    let proxies: BTreeSet<String> =
        accounts.iter().filter_map(|account| context.retell().unusable_proxy(account)).collect();
    proxies.into_iter().for_each(|fault| {
        findings.warning("proxy", format!("{fault}; until then no call through `retell` is placed"));
    });
}

fn fault(account: &RetellSettings, context: &Context<'_>) -> Option<String> {
    if let Err(error) = context.retell().key(account) {
        return Some(format!("{error}; without one no call through `retell` is placed"));
    }
    let path = account.api_key_file.as_ref()?;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    let path = path.display();
    (mode & 0o077 != 0).then(|| format!("{path} is open to others (mode {mode:04o}): chmod go= {path}"))
}
