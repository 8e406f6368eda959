//! Calls over the lane: the same tests for both engines, on a plugin that is written as text.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use flatbuffers::FlatBufferBuilder;
use hookr::lane::{AnswerBuilder, LaneChoice, LaneState};
use hookr::{CallError, Code, Error, MethodId};
use hookr_tests::lane::methods::{
    CALL_BACK, CALL_BACK_AND_TRAP, COUNT, ECHO, FAIL, GROW, GROW_AND_CALL_BACK, SCRIBBLE, TRAP,
};
use hookr_tests::lane::{LaneGuard, LaneGuest, LaneHandle, read, write};

/// Answers with the request, turned round.
fn reverse(_: MethodId, request: &[u8], answer: &mut AnswerBuilder<'_>) -> Result<(), hookr::__private::Refusal> {
    let request = read(request).map_err(hookr::__private::Refusal::unreadable)?;
    let bytes: Vec<u8> = request.iter().rev().copied().collect();
    write(answer, &bytes);
    Ok(())
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 + len) as u8).collect()
}

/// A finished message.
fn message(bytes: &[u8]) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let root = builder.create_vector(bytes);
    builder.finish(root, None);
    builder.finished_data().to_vec()
}

/// Opens the plugin and checks that the engine is the one that was chosen.
fn open(choice: LaneChoice) -> LaneHandle {
    open_guest(&LaneGuest::default(), choice)
}

fn open_guest(guest: &LaneGuest, choice: LaneChoice) -> LaneHandle {
    let handle = guest.open(choice, reverse).unwrap();
    let expected = if choice == LaneChoice::Portable { LaneState::Portable } else { LaneState::Direct };
    assert_eq!(handle.plugin.metadata().lane(), &expected);
    handle
}

/// What comes back for a finished request, without what makes its length a multiple of 16.
fn echo<'g>(lane: &'g mut LaneGuard<'_>, request: &[u8]) -> &'g [u8] {
    let whole = lane.lane.call_encoded(&ECHO, request, Ok::<_, hookr::Source>).unwrap();
    let (message, behind) = whole.split_at(request.len());
    assert!(behind.len() < 16 && behind.iter().all(|byte| *byte == 0), "{behind:?}");
    message
}

fn count(lane: &mut LaneGuard<'_>) -> u32 {
    u32::from_le_bytes(lane.call(&COUNT, &[]).unwrap().try_into().unwrap())
}

#[track_caller]
fn assert_failed(error: &CallError, code: Code, message: &str) {
    let CallError::Failed { error, .. } = error else { panic!("{error:?}") };
    assert_eq!((error.code, error.message.as_str()), (code, message));
}

#[test]
fn a_region_that_was_too_large_for_long_is_given_back() {
    let handle = open(LaneChoice::Direct);
    let mut lane = handle.lane().unwrap();
    assert!(lane.call(&ECHO, &bytes(3 << 20)).unwrap() == bytes(3 << 20));
    // The plugin answers out of the region, which has another place when it has another size.
    let ends: Vec<usize> = (0..200).map(|_| echo(&mut lane, &message(b"small")).as_ptr_range().end.addr()).collect();
    let changes: Vec<usize> = (1..200).filter(|i| ends[*i] != ends[i - 1]).collect();
    assert!(matches!(changes[..], [60..70]), "once, after 64 calls: {changes:?}");
}

#[test]
fn the_region_of_answers_is_given_back_too() {
    let handle = open(LaneChoice::Direct);
    let mut lane = handle.lane().unwrap();
    assert!(lane.call(&CALL_BACK, &bytes(3 << 20)).unwrap() == reversed(&bytes(3 << 20)));
    // The plugin answers with the answer, where it is.
    let small = message(b"small");
    let mut end = || {
        let whole = lane.lane.call_encoded(&CALL_BACK, &small, Ok::<_, hookr::Source>).unwrap();
        assert_eq!(read(whole).unwrap(), reversed(b"small"));
        whole.as_ptr_range().end.addr()
    };
    let ends: Vec<usize> = (0..200).map(|_| end()).collect();
    let changes: Vec<usize> = (1..200).filter(|i| ends[*i] != ends[i - 1]).collect();
    assert!(matches!(changes[..], [60..70]), "once, after 64 calls: {changes:?}");
}

/// Makes a module of tests for each engine.
macro_rules! both_engines {
    ($($(#[$meta:meta])* fn $name:ident($choice:ident) $body:block)*) => {
        mod direct {
            use super::*;
            $(#[test] fn $name() { super::$name(LaneChoice::Direct) })*
        }
        mod portable {
            use super::*;
            $(#[test] fn $name() { super::$name(LaneChoice::Portable) })*
        }
        $($(#[$meta])* fn $name($choice: LaneChoice) $body)*
    };
}

both_engines! {
    fn a_request_comes_back(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        for len in [0, 1, 2, 3, 4, 5, 15, 16, 17, 64, 1024, 3000] {
            assert_eq!(lane.call(&ECHO, &bytes(len)).unwrap(), bytes(len));
        }
    }

    fn requests_grow_beyond_the_region_and_become_small_again(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        for len in [10, 4096, 100, 5000, 300_000, 1, 16 << 20 >> 1, 77, 5000, 3 << 20] {
            assert!(lane.call(&ECHO, &bytes(len)).unwrap() == bytes(len), "{len}");
        }
        // The region shrinks after a while, and nobody notices.
        for i in 0..200 {
            assert_eq!(lane.call(&ECHO, &bytes(i)).unwrap(), bytes(i));
        }
        assert!(lane.call(&ECHO, &bytes(2 << 20)).unwrap() == bytes(2 << 20));
    }

    fn a_finished_request_comes_back(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        for len in [0, 1, 2, 12, 16, 64, 1000, 1024, 4000, 4096, 4097, 3, 300_000, 2 << 20, 20, 4, 8] {
            let request = message(&bytes(len));
            assert!(echo(&mut lane, &request) == request, "{len}");
            // The builder finds the memory as it must be.
            assert_eq!(lane.call(&ECHO, &bytes(100)).unwrap(), bytes(100));
            assert!(echo(&mut lane, &request) == request, "{len} again");
        }
        let largest = vec![1; 16 << 20];
        assert!(echo(&mut lane, &largest) == largest);
        for i in 0..200 {
            let request = message(&bytes(i));
            assert_eq!(echo(&mut lane, &request), request);
        }
    }

    fn a_finished_request_that_is_too_large_is_refused_and_costs_nothing(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        assert_eq!(count(&mut lane), 1);
        let request = vec![0; (16 << 20) + 1];
        let error = lane.lane.call_encoded(&ECHO, &request, read).unwrap_err();
        let CallError::RequestTooLarge { size, limit, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*size, *limit), ((16 << 20) + 1, 16 << 20));
        assert!(!error.lost_instance());
        assert_eq!(count(&mut lane), 2);
        assert_eq!(lane.call(&ECHO, &bytes(5)).unwrap(), bytes(5));
    }

    fn a_finished_request_fails_as_a_built_one_does(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        assert_eq!(count(&mut lane), 1);
        let error = lane.lane.call_encoded(&FAIL, &message(b"no"), read).unwrap_err();
        assert_failed(&error, Code::NotFound, "no");
        assert_eq!(count(&mut lane), 2);
        let error = lane.lane.call_encoded(&TRAP, &message(b"no"), read).unwrap_err();
        assert!(matches!(&error, CallError::Trapped { .. }), "{error:?}");
        assert_eq!(count(&mut lane), 1);
        let optional = lane.lane.call_encoded_optional(&ECHO, &message(b"no"), read).unwrap_err();
        assert!(matches!(&optional, CallError::Unimplemented { .. }), "the section does not list the method");
        assert_eq!(lane.lane.call_encoded(&CALL_BACK, &message(b"abc"), read).unwrap(), b"cba");
    }

    fn a_request_that_is_too_large_is_refused_and_costs_nothing(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        assert_eq!(count(&mut lane), 1);
        let error = lane.call(&ECHO, &bytes(17 << 20)).unwrap_err();
        let CallError::RequestTooLarge { method, size, limit } = &error else { panic!("{error:?}") };
        assert_eq!((method.as_str(), *limit), ("Plugin:Echo", 16 << 20));
        assert!(*size > 17 << 20 && *size < (17 << 20) + 64);
        assert_eq!(error.code(), Code::ResourceExhausted);
        assert!(!error.lost_instance());
        assert_eq!(count(&mut lane), 2);
        assert_eq!(lane.call(&ECHO, &bytes(5)).unwrap(), bytes(5));
    }

    fn the_plugins_error_arrives(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        assert_eq!(count(&mut lane), 1);
        assert_failed(&lane.call(&FAIL, "nothing é here".as_bytes()).unwrap_err(), Code::NotFound, "nothing é here");
        assert_failed(&lane.call(&FAIL, b"").unwrap_err(), Code::NotFound, "");
        assert_eq!(count(&mut lane), 2, "an error costs nothing");
        let error = lane.call(&FAIL, b"\xff\xfe").unwrap_err();
        assert!(matches!(error, CallError::InvalidResponse { .. }), "{error:?}");
        assert_eq!(count(&mut lane), 1, "text that is none costs the instance");
    }

    fn a_trap_costs_the_instance_and_the_next_call_works(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        assert_eq!((count(&mut lane), count(&mut lane)), (1, 2));
        let error = lane.call(&TRAP, b"x").unwrap_err();
        assert!(matches!(&error, CallError::Trapped { method, .. } if method == "Plugin:Trap"), "{error:?}");
        assert_eq!(count(&mut lane), 1);
        assert_eq!(lane.call(&ECHO, b"and on").unwrap(), b"and on");
        let error = lane.call(&CALL_BACK_AND_TRAP, b"x").unwrap_err();
        assert!(matches!(&error, CallError::Trapped { .. }), "{error:?}");
        assert_eq!(count(&mut lane), 1);
    }

    fn memory_that_grows_in_a_call_is_seen(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        for len in [1, 1000, 4000] {
            assert_eq!(lane.call(&GROW, &bytes(len)).unwrap(), bytes(len));
            assert_eq!(lane.call(&ECHO, &bytes(len)).unwrap(), bytes(len));
        }
    }

    fn callbacks_are_answered(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        for len in [0, 1, 64, 4000, 1, 100_000, 7, 100_000, 2 << 20, 3] {
            let request = bytes(len);
            assert!(lane.call(&CALL_BACK, &request).unwrap() == reversed(&request), "{len}");
        }
    }

    fn memory_that_grows_before_a_callback_is_seen(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        for len in [1, 1000, 4000, 60_000] {
            let request = bytes(len);
            assert!(lane.call(&GROW_AND_CALL_BACK, &request).unwrap() == reversed(&request));
        }
    }

    fn an_error_of_a_callback_reaches_the_plugin(choice) {
        let fail = |_: MethodId, _: &[u8], answer: &mut AnswerBuilder<'_>| {
            // Half a message, given up.
            answer.create_string("never seen");
            answer.start_table();
            Err(Error::out_of_range("no é").into())
        };
        let handle = LaneGuest::default().open(choice, fail).unwrap();
        let mut lane = handle.lane().unwrap();
        for _ in 0..3 {
            assert_failed(&lane.call(&CALL_BACK, b"x").unwrap_err(), Code::OutOfRange, "no é");
        }
        assert_eq!(count(&mut lane), 1);
    }

    fn a_callback_is_told_which_method_it_is(choice) {
        let tell = |method: MethodId, _: &[u8], answer: &mut AnswerBuilder<'_>| {
            write(answer, &method.0.to_le_bytes());
            Ok(())
        };
        let handle = LaneGuest::default().open(choice, tell).unwrap();
        assert_eq!(handle.lane().unwrap().call(&CALL_BACK, b"x").unwrap(), [7, 0, 0, 0]);
    }

    fn what_a_builder_is_told_holds_for_one_message(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        let mut table = |forced: bool| {
            let build = |builder: &mut hookr::lane::RequestBuilder<'_>| {
                if forced {
                    builder.force_defaults(true);
                }
                let table = builder.start_table();
                builder.push_slot(4, 0u32, 0);
                let table = builder.end_table(table);
                builder.finish(table, None);
            };
            lane.lane.call(&ECHO, build, |answer| Ok::<_, hookr::Source>(answer.to_vec())).unwrap()
        };
        let [before, forced, after] = [false, true, false].map(&mut table);
        assert_eq!(before, after);
        assert_ne!(before, forced);
    }

    fn an_unreadable_request_of_a_callback_costs_the_instance(choice) {
        // The regions are overwritten before the call, and the request with them if it is there.
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        assert_eq!(count(&mut lane), 1);
        let answer = lane.call(&SCRIBBLE, &bytes(100));
        if choice == LaneChoice::Direct {
            let error = answer.unwrap_err();
            assert!(matches!(error, CallError::InvalidResponse { .. }), "{error:?}");
            assert_eq!(count(&mut lane), 1);
        } else {
            assert_eq!(answer.unwrap(), reversed(&bytes(100)));
            assert_eq!(count(&mut lane), 2);
        }
    }

    fn what_a_plugin_writes_in_its_regions_harms_nobody_but_itself(choice) {
        let fixed = |_: MethodId, _: &[u8], answer: &mut AnswerBuilder<'_>| {
            write(answer, b"fixed");
            Ok(())
        };
        let handle = LaneGuest::default().open(choice, fixed).unwrap();
        let mut lane = handle.lane().unwrap();
        for len in [1, 100, 4000, 9] {
            assert_eq!(lane.call(&SCRIBBLE, &bytes(len)).unwrap(), b"fixed");
            assert_eq!(lane.call(&ECHO, &bytes(len)).unwrap(), bytes(len));
        }
    }

    fn a_callback_cannot_call_its_plugin(choice) {
        let own: Arc<OnceLock<LaneHandle>> = Arc::default();
        let refused = Arc::new(AtomicUsize::new(0));
        let (in_callback, count_refused) = (own.clone(), refused.clone());
        let call_again = move |_: MethodId, _: &[u8], answer: &mut AnswerBuilder<'_>| {
            let handle = in_callback.get().unwrap();
            assert!(matches!(handle.lane().map(drop), Err(CallError::Reentrant { .. })));
            count_refused.fetch_add(1, Ordering::Relaxed);
            write(answer, b"refused");
            Ok(())
        };
        let handle = LaneGuest::default().open(choice, call_again).unwrap();
        own.set(handle.clone()).unwrap();
        let mut lane = handle.lane().unwrap();
        assert_eq!(lane.call(&CALL_BACK, b"x").unwrap(), b"refused");
        assert_eq!(lane.call(&CALL_BACK, b"x").unwrap(), b"refused");
        assert_eq!(refused.load(Ordering::Relaxed), 2);
    }

    fn a_panic_in_a_callback_costs_the_instance(choice) {
        let panic = |_: MethodId, _: &[u8], _: &mut AnswerBuilder<'_>| panic!("in a callback");
        let handle = LaneGuest::default().open(choice, panic).unwrap();
        let mut lane = handle.lane().unwrap();
        assert_eq!((count(&mut lane), count(&mut lane)), (1, 2));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lane.call(&CALL_BACK, b"x").is_ok()));
        assert!(panicked.is_err());
        assert_eq!(count(&mut lane), 1, "in the same guard");
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut lane = lane;
            lane.call(&CALL_BACK, b"x").is_ok()
        }));
        assert!(panicked.is_err());
        assert_eq!(count(&mut handle.lane().unwrap()), 1, "and in the next");
    }

    fn a_panic_while_a_request_is_built_costs_nothing(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        assert_eq!(count(&mut lane), 1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            lane.lane.call(&ECHO, |builder| {
                builder.create_string("half");
                panic!("in the middle")
            }, read).is_ok()
        }));
        assert!(panicked.is_err());
        assert_eq!(lane.call(&ECHO, &bytes(100)).unwrap(), bytes(100));
        assert_eq!(count(&mut lane), 2);
    }

    fn a_locked_plugin_is_locked_for_others_only_while_it_is_locked(choice) {
        let handle = open(choice);
        let lane = handle.lane().unwrap();
        assert!(matches!(handle.lane().map(drop), Err(CallError::Reentrant { .. })), "the same thread is refused");
        let other = handle.clone();
        let waiting = std::thread::spawn(move || other.lane().unwrap().call(&ECHO, b"other").unwrap().to_vec());
        drop(lane);
        assert_eq!(waiting.join().unwrap(), b"other");
        assert_eq!(handle.lane().unwrap().call(&ECHO, b"again").unwrap(), b"again");
    }

    fn a_batch_is_answered_in_order(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        for count in [0, 1, 2, 16, 100, 16, 3000] {
            let requests: Vec<_> = (0..count).map(|i| bytes(i % 90)).collect();
            let answers = lane.batch(&ECHO, &requests).unwrap();
            assert_eq!(answers.len(), count);
            for (answer, request) in answers.iter().zip(&requests) {
                assert_eq!(answer.as_ref().unwrap(), request);
            }
            assert_eq!(lane.call(&ECHO, b"between").unwrap(), b"between");
        }
        let large: Vec<_> = (0..8).map(|i| bytes(i * 50_000)).collect();
        let answers: Vec<_> = lane.batch(&ECHO, &large).unwrap().into_iter().map(Result::unwrap).collect();
        assert!(answers == large);
    }

    fn errors_in_a_batch_are_those_of_one_request(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        let answers = lane.batch(&FAIL, &[b"one".to_vec(), b"two".to_vec()]).unwrap();
        let errors: Vec<_> = answers.into_iter().map(|answer| answer.unwrap_err().message).collect();
        assert_eq!(errors, ["one", "two"]);
        let callbacks = lane.batch(&CALL_BACK, &[b"ab".to_vec()]).unwrap();
        assert_eq!(callbacks[0].as_deref(), Ok(&b"ba"[..]));
    }

    fn a_batch_that_is_too_large_is_refused(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        let error = lane.batch(&ECHO, &vec![Vec::new(); (1 << 16) + 1]).unwrap_err();
        assert!(matches!(error, CallError::BatchTooLarge { count: 0x1_0001, limit: 0x1_0000, .. }), "{error:?}");
        let error = lane.batch(&ECHO, &[bytes(9 << 20), bytes(9 << 20)]).unwrap_err();
        assert!(matches!(error, CallError::RequestTooLarge { .. }), "{error:?}");
        assert_eq!(count(&mut lane), 1);
    }

    fn a_trap_in_a_batch_costs_the_instance(choice) {
        let handle = open(choice);
        let mut lane = handle.lane().unwrap();
        assert_eq!(count(&mut lane), 1);
        let error = lane.batch(&TRAP, &[bytes(1), bytes(2)]).unwrap_err();
        assert!(matches!(error, CallError::Trapped { .. }), "{error:?}");
        assert_eq!(count(&mut lane), 1);
    }
}

/// FlatBuffers are read where they are, and want numbers of eight bytes where those belong.
#[test]
fn a_finished_request_of_any_length_starts_aligned() {
    let handle = open(LaneChoice::Direct);
    let mut lane = handle.lane().unwrap();
    for len in (0..40).chain([4095, 4096, 4097, 5000, 100_001]) {
        let request = bytes(len);
        let response = echo(&mut lane, &request);
        assert_eq!(response, request);
        assert_eq!(response.as_ptr().addr() % 16, 0, "{len}");
    }
}
