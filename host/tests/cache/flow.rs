//! What is the same with a cache and without.

use std::time::Duration;

use hookr::cache::Origin;
use hookr::supervise::{OnLoss, Supervision};
use hookr::{Artifact, Cache, Digest, Limit, Limits, OpenError};

use crate::support::{Test, answer, builder, open, plugin};

#[test]
fn a_plugin_is_compiled_once() {
    let test = Test::new();
    assert!(!test.path().exists());
    assert_eq!(test.open(2), (Origin::Stored, vec![]));
    for _ in 0..3 {
        assert_eq!(test.open(2), (Origin::Cached, vec![]));
    }
    assert_eq!(test.open(3), (Origin::Stored, vec![]), "another plugin is another");
}

#[test]
fn without_a_cache_it_is_compiled_each_time() {
    for _ in 0..2 {
        assert_eq!(open(Cache::off(), 2), (Origin::Compiled, vec![]));
    }
}

#[test]
fn it_can_be_compiled_ahead_of_time() {
    let test = Test::new();
    let (builder, warnings) = builder(test.cache());
    let file = test.beside("plugin.wasm");
    std::fs::write(&file, plugin(2)).unwrap();
    assert_eq!(builder.compile(&file).unwrap().origin(), Origin::Stored);
    assert_eq!(builder.compile(&file).unwrap().origin(), Origin::Cached);
    assert_eq!(warnings.take(), Vec::<String>::new());
    assert_eq!(test.open(2), (Origin::Cached, vec![]));
    let (builder, _) = crate::support::builder(Cache::off());
    let code = builder.compile(&file).unwrap();
    assert!(code.origin() == Origin::Compiled && code.problem().is_none());
    let missing = builder.compile(test.beside("nothing.wasm"));
    assert!(matches!(missing, Err(OpenError::Read { .. })), "{missing:?}");
}

#[test]
fn an_instance_that_is_lost_is_made_again_of_the_same_code() {
    let test = Test::filled();
    let (builder, _) = builder(test.cache());
    let opened = builder.supervision(Supervision::default().on_loss(OnLoss::Restart)).open_bytes(plugin(2)).unwrap();
    for _ in 0..3 {
        assert_eq!(answer(&opened), 42);
        opened.revive().unwrap();
    }
}

/// Nothing is looked up for a plugin that may not run.
#[test]
fn trust_comes_first() {
    let test = Test::filled();
    let other = Digest::of(b"another").to_string();
    // Somebody who looked would warn of this.
    std::fs::write(test.key(), "short").unwrap();
    let (builder, warnings) = builder(test.cache());
    let builder = builder.sha256(other);
    assert!(matches!(builder.open_bytes(plugin(2)), Err(OpenError::Untrusted { .. })));
    let artifact = Artifact::from_bytes("plugin", plugin(2)).unwrap();
    assert!(matches!(builder.compile_artifact(&artifact), Err(OpenError::Untrusted { .. })));
    assert_eq!(warnings.take(), Vec::<String>::new());
    assert_eq!(std::fs::read(test.key()).unwrap(), b"short");
}

#[test]
fn limits_hold_for_what_comes_from_the_cache() {
    let test = Test::filled();
    let shape = Artifact::from_bytes("plugin", plugin(2)).unwrap().shape().unwrap();
    let exceeded = |limits: Limits| match builder(test.cache()).0.limits(limits).open_bytes(plugin(2)) {
        Err(OpenError::LimitExceeded(exceeded)) => (exceeded.limit, exceeded.asked),
        other => panic!("{:?}", other.map(|_| ())),
    };
    let limits = Limits::default;
    assert_eq!(exceeded(limits().memory(65_535)), (Limit::Memory, Some(shape.memory)));
    assert_eq!(exceeded(limits().functions(1)), (Limit::Functions, Some(shape.functions)));
    assert_eq!(exceeded(limits().code(1)), (Limit::Code, Some(shape.code)));
    assert_eq!(exceeded(limits().entries(1)), (Limit::Entries, Some(shape.entries)));
    assert_eq!(exceeded(limits().instances(0)), (Limit::Instances, Some(shape.instances)));
    assert_eq!(exceeded(limits().memories(0)), (Limit::Memories, Some(shape.memories)));
    let small = builder(test.cache()).0.limits(limits().file(10)).open_bytes(plugin(2));
    assert!(matches!(small, Err(OpenError::TooLarge { .. })));
}

/// A compilation that takes too long is an error, but there is none.
#[test]
fn what_is_compiled_already_takes_no_time_to_compile() {
    let test = Test::filled();
    let (builder, _) = builder(test.cache());
    let opened = builder.limits(Limits::default().compile_time(Duration::ZERO)).open_bytes(plugin(2)).unwrap();
    assert_eq!((answer(&opened), opened.metadata().code().origin()), (42, Origin::Cached));
}

#[test]
fn a_version_that_is_known_to_work_comes_from_the_cache_too() {
    let test = Test::filled();
    assert_eq!(test.open(3), (Origin::Stored, vec![]));
    for file in test.files() {
        let bytes = std::fs::read(&file).unwrap();
        crate::support::write(&file, &bytes[1..]);
    }
    let (builder, warnings) = builder(test.cache());
    let last_good = Artifact::from_bytes("good", plugin(3)).unwrap();
    builder.last_good(&last_good).open_bytes(plugin(2)).unwrap();
    assert_eq!(warnings.take().len(), 2, "each of them was looked up");
    assert_eq!(test.open(3), (Origin::Cached, vec![]));
}
