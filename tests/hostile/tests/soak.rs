//! A few seconds of what `cargo xtask soak` does for as long as one likes.

use std::fs;
use std::time::Duration;

use hookr_hostile::soak;
use hookr_tests::plugin;

#[test]
fn honest_plugins_are_served_beside_hostile_ones() {
    let plugins = ["textfilter", "urlbalancer", "tickloop", "authz"].map(plugin);
    let folder = plugins[0].parent().unwrap();
    assert!(plugins.iter().all(|plugin| plugin.parent() == Some(folder) && fs::exists(plugin).unwrap()));
    let summary = soak::run(folder, Duration::from_secs(6), 1).unwrap();
    assert!(summary.problems.is_empty(), "{summary}");
    let kinds: Vec<_> = summary.hostile.failures().map(|(kind, _)| kind).collect();
    for kind in ["CallError::DeadlineExceeded", "CallError::Cancelled", "CallError::InvalidResponse"] {
        assert!(kinds.contains(&kind), "no call came to {kind}\n{summary}");
    }
}
