//! Plugins that lie on the lane, that have none, or one of another version.

use hookr::__private::Refusal;
use hookr::lane::{AnswerBuilder, LaneChoice, LaneState};
use hookr::{CallError, Limits, MethodId, OpenError};
use hookr_tests::hosts::chain;
use hookr_tests::lane::methods::{CALL_BACK, CALL_BACK_WITH, COUNT, ECHO, GROW, LIE, RESERVE_SO};
use hookr_tests::lane::{LaneGuard, LaneGuest, LaneHandle, read, write};

fn length(_: MethodId, request: &[u8], answer: &mut AnswerBuilder<'_>) -> Result<(), Refusal> {
    let request = read(request).map_err(Refusal::unreadable)?;
    write(answer, &(request.len() as u32).to_le_bytes());
    Ok(())
}

fn open(choice: LaneChoice) -> LaneHandle {
    LaneGuest::default().open(choice, length).unwrap()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn count(lane: &mut LaneGuard<'_>) -> u32 {
    u32::from_le_bytes(lane.call(&COUNT, &[]).unwrap().try_into().unwrap())
}

/// The call has cost the instance because of what the plugin says, and the next works.
#[track_caller]
fn assert_lost<T>(lane: &mut LaneGuard<'_>, result: Result<T, CallError>) -> String {
    let error = result.err().expect("the call fails");
    assert!(matches!(error, CallError::InvalidResponse { .. } | CallError::Trapped { .. }), "{error:?}");
    let text = chain(&error);
    assert_eq!(count(lane), 1, "{text}");
    assert_eq!(lane.call(&ECHO, b"and on").unwrap(), b"and on");
    text
}

const BOTH: [LaneChoice; 2] = [LaneChoice::Direct, LaneChoice::Portable];

mod answers {
    use super::*;

    #[test]
    fn outside_of_memory_are_refused() {
        for choice in BOTH {
            let handle = open(choice);
            let mut lane = handle.lane().unwrap();
            for (offset, length) in [
                (0x7fff_fff0, 16),
                (0, u32::MAX),
                (u32::MAX, 1),
                (u32::MAX, u32::MAX),
                (0x2_0000 - 8, 9 + (64 << 16)),
                (0x4000_0000, 0x4000_0000),
            ] {
                for status in [0, 5] {
                    let result = lane.call(&LIE, &numbers(&[status, offset, length])).map(drop);
                    let text = assert_lost(&mut lane, result);
                    assert!(text.contains("memory"), "{text}");
                }
                if choice == LaneChoice::Direct {
                    let result = lane.batch(&LIE, &[numbers(&[0, offset, length]), numbers(&[0, 4096, 16])]).map(drop);
                    assert_lost(&mut lane, result);
                }
            }
        }
    }

    #[test]
    fn with_a_status_that_is_none_are_refused() {
        for choice in BOTH {
            let handle = open(choice);
            let mut lane = handle.lane().unwrap();
            for status in [17, 255, 256, 256 + 5, u32::MAX] {
                let result = lane.call(&LIE, &numbers(&[status, 4096, 4])).map(drop);
                let text = assert_lost(&mut lane, result);
                assert!(text.contains("not the number of a code"), "{text}");
                let result = lane.batch(&LIE, &[numbers(&[status, 4096, 4])]).map(drop);
                assert_lost(&mut lane, result);
            }
        }
    }

    #[test]
    fn that_are_no_flatbuffers_are_refused() {
        for choice in BOTH {
            let handle = open(choice);
            let mut lane = handle.lane().unwrap();
            for (offset, length) in [(1024, 0), (1024, 3), (1024, 48), (1280, 8)] {
                let result = lane.call(&LIE, &numbers(&[0, offset, length])).map(drop);
                assert_lost(&mut lane, result);
                let result = lane.batch(&LIE, &[numbers(&[0, offset, length])]).map(drop);
                assert_lost(&mut lane, result);
            }
            // What it does not answer itself is read where it is: the answer of Count, in this case.
            assert_eq!(lane.call(&LIE, &numbers(&[0, 1280, 12])).unwrap().len(), 4);
        }
    }

    #[test]
    fn with_a_message_that_is_too_long_are_refused() {
        for choice in BOTH {
            let handle = open(choice);
            let mut lane = handle.lane().unwrap();
            // Requests of this size make the memory as large as the message.
            lane.call(&ECHO, &vec![0; 3 << 20]).unwrap();
            let result = lane.call(&LIE, &numbers(&[5, 0, (1 << 20) + 1])).map(drop);
            let text = assert_lost(&mut lane, result);
            assert!(text.contains("at the most"), "{text}");
        }
    }
}

mod callbacks {
    use super::*;

    #[test]
    fn with_requests_outside_of_memory_are_refused() {
        for choice in BOTH {
            let handle = open(choice);
            let mut lane = handle.lane().unwrap();
            for (offset, length) in [(0x7fff_fff0, 16), (0, u32::MAX), (u32::MAX, u32::MAX), (0x1_fff8, 64 << 16)] {
                let result = lane.call(&CALL_BACK_WITH, &numbers(&[offset, length])).map(drop);
                assert_lost(&mut lane, result);
            }
        }
    }

    /// The answer would be written where the request is being read.
    #[test]
    fn with_requests_in_the_region_of_answers_are_refused() {
        let handle = open(LaneChoice::Direct);
        let mut lane = handle.lane().unwrap();
        for (offset, length) in [(8192, 4096), (8191, 2), (12287, 1), (0, 0x2_0000), (10_000, 12)] {
            let result = lane.call(&CALL_BACK_WITH, &numbers(&[offset, length])).map(drop);
            let text = assert_lost(&mut lane, result);
            assert!(text.contains("region of answers"), "{text}");
        }
        // Right before and right behind it is not in it: there is no message, but that is found by reading.
        for (offset, length) in [(8189, 3), (12288, 3)] {
            let result = lane.call(&CALL_BACK_WITH, &numbers(&[offset, length])).map(drop);
            let text = assert_lost(&mut lane, result);
            assert!(!text.contains("region of answers"), "{text}");
        }
    }

    #[test]
    fn with_requests_that_are_no_flatbuffers_are_refused() {
        for choice in BOTH {
            let handle = open(choice);
            let mut lane = handle.lane().unwrap();
            for (offset, length) in [(1024, 0), (1024, 40), (1280, 9)] {
                let result = lane.call(&CALL_BACK_WITH, &numbers(&[offset, length])).map(drop);
                assert_lost(&mut lane, result);
            }
            assert_eq!(lane.call(&CALL_BACK_WITH, &numbers(&[1280, 12])).unwrap(), [4, 0, 0, 0]);
        }
    }
}

mod regions {
    use super::*;

    const LARGE: usize = 20_000;

    /// The plugin gives its regions in this way from now on, and the host asks for one.
    fn grow(lane: &mut LaneGuard<'_>, way: u32) -> Result<(), CallError> {
        lane.call(&RESERVE_SO, &numbers(&[way])).unwrap();
        lane.call(&ECHO, &vec![1; LARGE]).map(drop)
    }

    #[test]
    fn that_stay_small_refuse_requests_that_are_large() {
        let handle = open(LaneChoice::Direct);
        let mut lane = handle.lane().unwrap();
        let error = grow(&mut lane, 1).unwrap_err();
        assert!(matches!(error, CallError::RequestTooLarge { limit: 4096, .. }), "{error:?}");
        assert_eq!(lane.call(&ECHO, b"small").unwrap(), b"small");
        // Answers are fetched where the region stays small.
        assert_eq!(lane.call(&CALL_BACK, b"abc").unwrap(), [3, 0, 0, 0]);
        let many = vec![Vec::new(); 200];
        let error = lane.batch(&ECHO, &many).unwrap_err();
        assert!(matches!(error, CallError::BatchTooLarge { limit: 32, .. }), "{error:?}");
        assert_eq!(count(&mut lane), 1, "the instance is still the first");
    }

    #[test]
    fn that_become_smaller_refuse_requests_that_fitted_before() {
        let handle = open(LaneChoice::Direct);
        let mut lane = handle.lane().unwrap();
        assert_eq!(lane.call(&ECHO, &[1; 1000]).unwrap(), [1; 1000]);
        lane.call(&RESERVE_SO, &numbers(&[6])).unwrap();
        let mut encoded = || lane.lane.call_encoded(&ECHO, &[0; LARGE], |_| Ok::<_, hookr::Source>(())).unwrap_err();
        let error = encoded();
        assert!(matches!(error, CallError::RequestTooLarge { size: LARGE, limit: 16, .. }), "{error:?}");
        let error = lane.call(&ECHO, &[1; 1000]).unwrap_err();
        assert!(matches!(error, CallError::RequestTooLarge { limit: 16, .. }), "{error:?}");
        assert_eq!(lane.call(&ECHO, b"small").unwrap(), b"small");
        assert_eq!(count(&mut lane), 1, "the instance is still the first");
    }

    #[test]
    fn that_cannot_be_cost_the_instance() {
        let handle = open(LaneChoice::Direct);
        let mut lane = handle.lane().unwrap();
        for (way, expected) in [(2, "outside of its memory"), (3, "not aligned"), (4, "unreachable"), (5, "memory")] {
            let result = grow(&mut lane, way);
            let text = assert_lost(&mut lane, result);
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn that_overlap_harm_nobody_but_the_plugin() {
        // Requests, answers and the index are all in one place, which is the control block's too.
        let at_once = |guest: LaneGuest, from: &str, to: &str| guest.replace(from, to);
        let guest =
            at_once(LaneGuest::default(), r#""\00\20\00\00" "\00\10\00\00""#, r#""\00\10\00\00" "\00\10\00\00""#);
        let guest = at_once(guest, r#""\00\30\00\00" "\00\02\00\00""#, r#""\00\10\00\00" "\00\02\00\00""#);
        let handle = guest.open(LaneChoice::Direct, length).unwrap();
        let mut lane = handle.lane().unwrap();
        assert_eq!(lane.call(&ECHO, b"abc").unwrap(), b"abc");
        let result = lane.call(&CALL_BACK, b"abc").map(drop);
        assert_lost(&mut lane, result);
    }
}

mod opening {
    use super::*;

    fn refused(guest: &LaneGuest) -> String {
        let error = guest.open(LaneChoice::Auto, length).unwrap_err();
        assert!(matches!(error, OpenError::World { .. }), "{error:?}");
        chain(&error)
    }

    #[test]
    fn of_a_control_block_outside_of_memory_fails() {
        let guest = LaneGuest::default().replace("(select (i32.const 1024)", "(select (i32.const 0x7fffffe0)");
        assert!(refused(&guest).contains("control block"));
        let guest = LaneGuest::default().replace("(select (i32.const 1024)", "(select (i32.const 0x1ffe8)");
        assert!(refused(&guest).contains("control block"), "its end counts too");
    }

    #[test]
    fn of_regions_outside_of_memory_fails() {
        for region in
            [r#""\00\10\00\00" "\00\10\00\00""#, r#""\00\20\00\00" "\00\10\00\00""#, r#""\00\30\00\00" "\00\02\00\00""#]
        {
            for lie in [r#""\00\10\00\00" "\00\00\00\7f""#, r#""\f0\ff\ff\ff" "\f0\ff\ff\ff""#] {
                let text = refused(&LaneGuest::default().replace(region, lie));
                assert!(text.contains("outside of its memory"), "{text}");
            }
        }
    }

    /// The list says which memory it is, and nothing else.
    #[test]
    fn does_not_take_the_plugins_word_for_the_size_of_its_memory() {
        for (at, number) in [(16, "(i32.const 0xfffffff0)"), (20, "(i32.const 0x7fffffff)"), (20, "(i32.const 0)")] {
            let told = if at == 16 { "(i32.const 0))" } else { "(i32.mul (memory.size) (i32.const 65536)))" };
            let from = format!("(i32.store (i32.const {at}) {told}");
            let guest = LaneGuest::default().replace(&from, &format!("(i32.store (i32.const {at}) {number})"));
            let handle = guest.open(LaneChoice::Direct, length).unwrap();
            assert_eq!(handle.plugin.metadata().lane(), &LaneState::Direct);
            let mut lane = handle.lane().unwrap();
            assert_eq!(lane.call(&ECHO, b"abc").unwrap(), b"abc");
            let result = lane.call(&LIE, &numbers(&[0, 0x1_fff8, 9])).map(drop);
            let text = assert_lost(&mut lane, result);
            assert!(text.contains("outside of its memory"), "{text}");
        }
    }

    /// Address and size of a memory are looked up where `memory` says. If that is another one than the dispatcher has, it is
    /// one in which no control block is, or one that the dispatcher never writes to.
    #[test]
    fn with_a_memory_that_is_not_the_dispatchers_is_not_direct() {
        let other = |data: &str| {
            let modules = format!(
                r#"(core module $elsewhere
    (memory (export "memory") 2)
    {data}
    (func (export "get") (result i32) (i32.const 16)))
  (core instance $elsewhere (instantiate $elsewhere))
  (alias core export $elsewhere "memory" (core memory $elsewhere))
  (func $f_memory (result (list u8)) (canon lift (core func $elsewhere "get") (memory $elsewhere)))"#
            );
            let real = r#"(func $f_memory (result (list u8)) (canon lift (core func $plugin "memory") (memory $m)))"#;
            LaneGuest::default().replace(real, &modules)
        };
        let block = r#"(data (i32.const 1024) "HKLN" "\01\00\00\00"
      "\00\10\00\00" "\00\10\00\00"
      "\00\20\00\00" "\00\10\00\00"
      "\00\30\00\00" "\00\02\00\00"
      "\ff\ff\ff\ff")"#;
        for data in ["", block] {
            let guest = other(data);
            let handle = guest.open(LaneChoice::Direct, length).unwrap();
            assert!(matches!(handle.plugin.metadata().lane(), LaneState::Unusable(_)), "{handle:?}");
            let handle = guest.open(LaneChoice::Auto, length).unwrap();
            assert_eq!(handle.plugin.metadata().lane(), &LaneState::Portable);
            let mut lane = handle.lane().unwrap();
            assert_eq!(lane.call(&ECHO, b"by the other way").unwrap(), b"by the other way");
            assert_eq!(lane.call(&CALL_BACK, b"abc").unwrap(), [3, 0, 0, 0]);
        }
        // One that pretends that all requests are answered.
        let guest = other(&block.replace(r"\ff\ff\ff\ff", r"\00\00\00\00"));
        let handle = guest.open(LaneChoice::Direct, length).unwrap();
        let mut lane = handle.lane().unwrap();
        assert!(lane.call(&ECHO, b"abc").is_err(), "there is no message in what it answers");
    }

    #[test]
    fn of_a_memory_that_is_shared_fails() {
        let guest =
            LaneGuest::default().replace(r#"(memory (export "memory") 2)"#, r#"(memory (export "memory") 2 9 shared)"#);
        let guest = guest
            .replace(r#"(import "memory" "memory" (memory 2))"#, r#"(import "memory" "memory" (memory 2 9 shared))"#);
        let error = guest.open(LaneChoice::Direct, length).unwrap_err();
        assert!(matches!(error, OpenError::Compile { .. }), "{error:?}");
    }

    /// Its size in bytes is one that 32 bits cannot hold.
    #[test]
    fn of_a_memory_of_four_gigabytes_works() {
        let guest =
            LaneGuest::default().replace(r#"(memory (export "memory") 2)"#, r#"(memory (export "memory") 65536)"#);
        let guest =
            guest.replace(r#"(import "memory" "memory" (memory 2))"#, r#"(import "memory" "memory" (memory 65536))"#);
        let builder = hookr_tests::lane::builder(length).limits(Limits::default().memory(usize::MAX));
        let handle = builder.lane(LaneChoice::Direct).open_bytes(guest.build()).unwrap();
        let mut lane = handle.lane().unwrap();
        assert_eq!(lane.call(&ECHO, b"abc").unwrap(), b"abc");
        assert!(lane.call(&LIE, &numbers(&[0, u32::MAX, 1])).is_err(), "that is in the memory, and no message");
        let result = lane.call(&LIE, &numbers(&[0, u32::MAX, 2])).map(drop);
        let text = assert_lost(&mut lane, result);
        assert!(text.contains("outside of its memory"), "{text}");
    }

    #[test]
    fn of_another_version_leaves_the_plugin_without_lane() {
        let other_block = LaneGuest::default().replace(r#""HKLN" "\01\00\00\00""#, r#""HKLN" "\02\00\00\00""#);
        let other_magic = LaneGuest::default().replace(r#""HKLN""#, r#""XXXX""#);
        for guest in [other_block, other_magic] {
            let handle = guest.open(LaneChoice::Direct, length).unwrap();
            let metadata = handle.plugin.metadata();
            let LaneState::Unusable(reason) = metadata.lane() else { panic!("{handle:?}") };
            assert!(reason.contains("version 1"), "{reason}");
        }
        let unknown = LaneGuest::default().replace("(i32.eq (local.get $version) (i32.const 1))", "(i32.const 0)");
        for choice in [LaneChoice::Auto, LaneChoice::Direct, LaneChoice::Portable] {
            let handle = unknown.open(choice, length).unwrap();
            let metadata = handle.plugin.metadata();
            let LaneState::Unusable(reason) = metadata.lane() else { panic!("{handle:?}") };
            assert!(reason.contains("version 1"), "{reason}");
            let error = handle.lane().map(drop).unwrap_err();
            assert!(matches!(error, CallError::NoLane { .. }), "{error:?}");
        }
    }

    #[test]
    fn without_lane_says_so() {
        let renamed =
            LaneGuest::default().replace(r#"(export "hookr:abi/lane@0.1.0""#, r#"(export "hookr:abi/lane@0.2.0""#);
        let handle = renamed.open(LaneChoice::Auto, length).unwrap();
        assert_eq!(handle.plugin.metadata().lane(), &LaneState::Absent);
        let error = handle.lane().map(drop).unwrap_err();
        assert_eq!(error.to_string(), "there is no lane: the plugin has none");
        let handle = LaneGuest::default().open(LaneChoice::Off, length).unwrap();
        assert_eq!(handle.plugin.metadata().lane(), &LaneState::Off);
        assert!(matches!(handle.lane().map(drop), Err(CallError::NoLane { state: LaneState::Off })));
    }

    #[test]
    fn of_functions_of_other_types_leaves_the_plugin_without_lane() {
        let guest = LaneGuest::default().replace(
            r#"(func $f_reserve (param "region" u32) (param "size" u32)"#,
            r#"(func $f_reserve (param "region" s32) (param "size" u32)"#,
        );
        let handle = guest.open(LaneChoice::Auto, length).unwrap();
        let metadata = handle.plugin.metadata();
        let LaneState::Unusable(reason) = metadata.lane() else { panic!("{handle:?}") };
        assert!(reason.contains("reserve"), "{reason}");
    }

    /// What the direct engine needs is missing or no good, and the portable one takes its place.
    #[test]
    fn falls_back_where_there_is_no_dispatcher() {
        let without = LaneGuest::default().replace(r#" (post-return (core func $plugin "dispatch"))"#, "");
        let not_zero =
            LaneGuest::default().replace("(result i64) (i64.const 0))", "(result i64) (i64.const 0x900000001))");
        let idle = LaneGuest::default()
            .replace("(if (i64.eqz (local.get $word)) (then (return)))", "(if (i32.const 1) (then (return)))");
        for guest in [without, not_zero, idle] {
            let handle = guest.open(LaneChoice::Auto, length).unwrap();
            assert_eq!(handle.plugin.metadata().lane(), &LaneState::Portable);
            assert_eq!(handle.lane().unwrap().call(&ECHO, b"by the other way").unwrap(), b"by the other way");
            let handle = guest.open(LaneChoice::Direct, length).unwrap();
            assert!(matches!(handle.plugin.metadata().lane(), LaneState::Unusable(_)), "{handle:?}");
        }
    }
}

/// The direct engine stands on an interface of wasmtime that is not documented. An upgrade may take it away.
#[test]
fn the_direct_engine_works_with_this_wasmtime() {
    let handle = LaneGuest::default().open(LaneChoice::Direct, length).unwrap();
    let metadata = handle.plugin.metadata();
    let state = metadata.lane();
    assert_eq!(
        state,
        &LaneState::Direct,
        "\n\nThe direct engine of the lane does not work with wasmtime {}: {state}.\n\
         host/src/lane/capture.rs takes two things that the component's API does not hand out. The post-return function of \
         an export, while a value is lowered, by `LowerContext::options` and `ComponentInstance::runtime_post_return`: read \
         `Func::post_return_impl` in wasmtime to see how it gets at that function. And wasmtime's record of the memory, \
         while a value is lifted, by `LiftContext::options` and `ComponentInstance::runtime_memory`: its layout is that of \
         `VMMemoryDefinition`, which `Instance::options_memory` reads. Find what has become of them. Until then every \
         plugin runs on the portable engine, which is right but several times slower.\n",
        hookr::WASMTIME_VERSION
    );
    let mut lane = handle.lane().unwrap();
    assert_eq!(lane.call(&ECHO, b"direct").unwrap(), b"direct", "what was found is the dispatcher and its memory");
    assert_eq!(lane.call(&GROW, b"grown").unwrap(), b"grown", "the record says how large the memory is now");
}
