//! The plugin natively: what it logs is heard by a mock of its host, and its state goes over from one value to the next.

use versions::log::Level;
use versions::mock::Host;
use versions::state::State as _;
use versions::{Code, Empty, LogRequest, Plugin as _};

use super::Versioned;

#[test]
fn the_host_hears_what_is_logged() {
    let host = Host::new();
    let plugin = host.call(|_| Versioned::new());
    let request = LogRequest { level: versions::Level::Warn, target: "rules".into(), message: "slow".into(), times: 2 };
    host.call(|ctx| plugin.log(ctx, request)).unwrap();
    let logs = host.logs();
    let told: Vec<_> = logs.iter().map(|log| (log.level, log.target.as_str(), log.message.as_str())).collect();
    assert_eq!(told[0], (Level::Debug, module_path!().trim_end_matches("::tests"), "version 1 is made"));
    assert_eq!(told[1..], [(Level::Warn, "rules", "slow"); 2]);
}

#[test]
fn the_state_goes_over() {
    let host = Host::new();
    let (old, new) = (Versioned::new(), Versioned::new());
    let count = |plugin: &Versioned| host.call(|ctx| plugin.count(ctx, Empty {})).unwrap().calls;
    assert_eq!([count(&old), count(&old)], [1, 2]);
    new.restore(&old.snapshot().unwrap()).unwrap();
    assert_eq!(count(&new), 3);
    assert_eq!(new.restore(b"no number").unwrap_err().code, Code::InvalidArgument);
}
