//! The dry run names the items that a run calls, in its order.

use proptest::prelude::*;

use super::*;
use crate::query::DryRun;

prop_compose! {
    /// Client, priority, minutes since it is due, and whether its number is one that two items share.
    fn leads()(leads in prop::collection::vec((0_usize..3, 0_usize..4, -30_i64..600, prop::bool::weighted(0.2)), 1..40))
        -> Vec<(usize, usize, i64, bool)> {
        leads
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_calls_what_the_dry_run_named_in_that_order(leads in leads(), shares in [1..=12_u32, 1..=12, 1..=12], paused in prop::option::of(0_usize..3)) {
        const CLIENTS: [&str; 3] = ["acme", "borealis", "cedar"];
        let mut sandbox = Sandbox::new();
        sandbox.policy.limits.max_concurrent = 100;
        for (client, share) in CLIENTS.iter().zip(shares) {
            let policy = Policy { share: Share::new(share).unwrap(), ..sandbox.policy.clone() };
            sandbox.clients.insert(client.parse().unwrap(), policy);
        }
        let now = sandbox.clock.now();
        for (n, (client, priority, minutes, shares)) in leads.iter().enumerate() {
            let phone = if *shares { 0 } else { n };
            let new = NewItem {
                priority: Priority::ALL[*priority],
                scheduled_at: now - TimeDelta::minutes(*minutes),
                phone: Some(format!("+1212555{:04}", 100 + phone).parse().unwrap()),
                ..sandbox.lead(&format!("lead-{n}"))
            };
            sandbox.add(CLIENTS[*client], &new);
        }
        if let Some(client) = paused {
            let (client, by) = (CLIENTS[client].parse().unwrap(), Actor::named("boss"));
            sandbox.store.pause(Some(&client), None, None, &by, now).unwrap();
        }
        let policies = PolicyBook::new(sandbox.policy.clone(), sandbox.clients.clone());
        let mut named = Vec::new();
        let look = DryRun::new(&sandbox.store, &policies, None, now);
        look.each(u64::MAX, |item| { named.push(item.id); Ok::<(), StoreError>(()) }).unwrap();
        let (_, stage) = sandbox.run_all(answered);
        let called: Vec<ItemId> = stage.started().iter().map(|call| call.item).collect();
        // Those of a shared number are called one after the other; all others keep their order.
        let shared: HashSet<ItemId> =
            named.iter().copied().filter(|id| sandbox.item(*id).phone.unwrap().as_str() == "+12125550100").collect();
        let order = |ids: &[ItemId]| ids.iter().copied().filter(|id| !shared.contains(id)).collect::<Vec<_>>();
        prop_assert_eq!(order(&named), order(&called));
        let members = |ids: &[ItemId]| ids.iter().copied().collect::<std::collections::BTreeSet<_>>();
        prop_assert_eq!(members(&named), members(&called));
    }
}
