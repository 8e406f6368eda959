//! The state of a plugin, handed over by its versions.

use std::path::Path;

use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::{CallError, CallbackContext, Code, Error, Grants, Limits, OpenError, StateLimits};
use hookr_tests::hostile::{Hostile, section_for};
use hookr_tests::hosts::{chain, chaos_builder};
use hookr_tests::versions::{Fault, faulty, version, versions_builder};
use hookr_tests::wasip2_plugin;

struct Nobody;

impl Callbacks for Nobody {
    fn call(&self, _: &CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unavailable("there is nobody"))
    }
}

fn open(path: impl AsRef<Path>) -> DynamicPlugin {
    open_with(path, Limits::default())
}

fn open_with(path: impl AsRef<Path>, limits: Limits) -> DynamicPlugin {
    DynamicPlugin::builder(Nobody).allow_unsigned().limits(limits).open(path).unwrap()
}

/// The version and the number of calls that `Count` answers with.
fn count(plugin: &DynamicPlugin) -> (u32, u64) {
    let empty = Value::Record(vec![("reserved".to_owned(), Value::Bool(false))]);
    let Value::Record(fields) = plugin.call("Count", empty).unwrap() else { panic!("a record") };
    match fields.as_slice() {
        [(_, Value::U32(version)), (_, Value::U64(calls))] => (*version, *calls),
        other => panic!("{other:?}"),
    }
}

fn limits() -> StateLimits {
    StateLimits::default()
}

#[test]
fn a_version_goes_on_where_another_one_was() {
    let [old, new] = [1, 2].map(|number| open(version(number)));
    assert!(old.metadata().has_state());
    assert_eq!((count(&old), count(&old)), ((1, 1), (1, 2)));
    let state = old.snapshot(&limits()).unwrap();
    assert_eq!(state, 2u64.to_le_bytes());
    // The old one goes on as before.
    assert_eq!(count(&old), (1, 3));
    new.restore(&state, &limits()).unwrap();
    assert_eq!(count(&new), (2, 3));
    // It may be given back.
    old.restore(&new.snapshot(&limits()).unwrap(), &limits()).unwrap();
    assert_eq!(count(&old), (1, 4));
}

#[test]
fn an_error_of_the_plugin_leaves_it_as_it_was() {
    let new = open(faulty(2, Fault::RestoreFails));
    assert_eq!(count(&new), (2, 1));
    let error = new.restore(&[1; 8], &limits()).unwrap_err();
    let CallError::Failed { method, error } = error else { panic!("{error:?}") };
    assert_eq!(
        (method.as_str(), error.code, error.message.as_str()),
        ("state:restore", Code::DataLoss, "this version reads no state")
    );
    assert_eq!(count(&new), (2, 2));

    let old = open(faulty(1, Fault::SnapshotFails));
    let error = old.snapshot(&limits()).unwrap_err();
    assert!(matches!(&error, CallError::Failed { error, .. } if error.code == Code::FailedPrecondition), "{error:?}");
    assert_eq!(old.health().lost, 0);

    // What is no state is refused by the plugin.
    let error = open(version(3)).restore(b"", &limits()).unwrap_err();
    assert!(matches!(&error, CallError::Failed { error, .. } if error.code == Code::InvalidArgument), "{error:?}");
}

#[test]
fn a_trap_costs_the_instance() {
    let old = open(faulty(1, Fault::SnapshotTraps));
    assert_eq!(count(&old), (1, 1));
    assert!(matches!(old.snapshot(&limits()), Err(CallError::Trapped { .. })));
    assert_eq!((count(&old), old.health().trapped), ((1, 1), 1));

    let new = open(faulty(2, Fault::RestoreTraps));
    assert!(matches!(new.restore(&[0; 8], &limits()), Err(CallError::Trapped { .. })));
    assert_eq!(new.health().trapped, 1);
}

#[test]
fn a_snapshot_that_does_not_end_is_ended_by_the_deadline() {
    let limit = Limits::default().deadline(std::time::Duration::from_millis(50));
    let error = open_with(faulty(1, Fault::SnapshotSpins), limit).snapshot(&limits()).unwrap_err();
    assert!(matches!(error, CallError::DeadlineExceeded { crash: Some(_), .. }), "{error:?}");
}

#[test]
fn a_state_that_is_too_large_costs_nothing() {
    let old = open(faulty(1, Fault::SnapshotLarge));
    assert_eq!(count(&old), (1, 1));
    let error = old.snapshot(&limits()).unwrap_err();
    assert_eq!(error.to_string(), "the state of the plugin has 33554432 bytes, 16777216 at the most");
    assert_eq!(error.code(), Code::ResourceExhausted);
    assert_eq!(old.snapshot(&limits().size(32 << 20)).unwrap().len(), 32 << 20);
    assert_eq!(count(&old), (1, 2));

    let new = open(version(2));
    let error = new.restore(&[0; 8], &limits().size(7)).unwrap_err();
    assert!(matches!(error, CallError::StateTooLarge { size: 8, limit: 7 }), "{error:?}");
    new.restore(&[0; 8], &limits().size(8)).unwrap();

    // What the host allocates is limited besides: that cannot be told from a lie.
    let old = open_with(faulty(1, Fault::SnapshotLarge), Limits::default().host_memory(1 << 20));
    let error = old.snapshot(&limits()).unwrap_err();
    assert!(matches!(error, CallError::LimitExceeded { .. }), "{error:?}");
}

#[test]
fn a_plugin_may_have_none() {
    let plugin = open(faulty(1, Fault::Stateless));
    assert!(!plugin.metadata().has_state());
    let missing = |error: CallError| matches!(error, CallError::Unimplemented { .. });
    assert!(missing(plugin.snapshot(&limits()).unwrap_err()));
    assert!(missing(plugin.restore(&[0; 8], &limits()).unwrap_err()));
    assert_eq!(count(&plugin), (1, 1));
}

#[test]
fn wasip2_makes_no_difference() {
    let plugin = versions_builder().grants(Grants::stubs()).open(wasip2_plugin("versions")).unwrap();
    assert!(plugin.metadata().has_state());
}

/// It would go unnoticed that the state is lost.
#[test]
fn an_interface_of_that_name_with_other_functions_is_refused() {
    // A later version of the interface is found by the name of this one.
    let packages = |functions: &str| format!("package hookr:abi@0.1.1 {{ interface state {{ {functions} }} }}");
    for (functions, says) in [
        ("restore: func(state: list<u8>);", "`hookr:abi/state@0.1.0` has no function `snapshot`"),
        ("snapshot: func() -> list<u8>; restore: func(state: list<u8>);", "`snapshot` of `hookr:abi/state@0.1.0`"),
    ] {
        let guest = Hostile::extended("chaos", "export hookr:abi/state@0.1.1;", &packages(functions));
        let error = chaos_builder().open_bytes(guest.with_section(&section_for("chaos"))).unwrap_err();
        assert!(matches!(error, OpenError::World { .. }), "{error:?}");
        assert!(chain(&error).contains(says), "{}", chain(&error));
    }
}
