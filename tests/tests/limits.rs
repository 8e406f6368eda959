//! What a plugin may use, and how calls end that want more.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use chaos::{AllocateRequest, AskRequest, AskResponse, Empty, FlatBuffer as _, PluginHandle, Sample, SpinRequest};
use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::lane::LaneChoice;
use hookr::{
    Builder, CallError, CallOptions, CallWay, CallbackContext, CancelToken, Code, Engine, Error, Exceeded, Limit,
    Limits, OpenError, Settings,
};
use hookr_tests::hostile::{Hostile, section_of};
use hookr_tests::hosts::{chaos_builder, chaos_builder_with, count};
use hookr_tests::{plugin, plugin_bytes};

/// Short for a person, long for a plugin.
const SHORT: Duration = Duration::from_millis(50);

/// No test takes so long, unless a plugin is not stopped at all.
const LONG: Duration = Duration::from_secs(60);

const FOR_EVER: SpinRequest = SpinRequest { turns: 0 };

fn open(builder: Builder<PluginHandle>) -> PluginHandle {
    builder.open(plugin("chaos")).unwrap()
}

fn limited(limits: Limits) -> PluginHandle {
    open(chaos_builder().limits(limits))
}

/// Callback services that nobody needs.
struct Silent;

impl Callbacks for Silent {
    fn call(&self, _: &CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unavailable("nobody is here"))
    }
}

/// Every way that a typed call takes.
fn ways() -> [(LaneChoice, CallWay); 3] {
    [(LaneChoice::Direct, CallWay::Lane), (LaneChoice::Portable, CallWay::Lane), (LaneChoice::Off, CallWay::Component)]
}

#[track_caller]
fn exceeded<T: std::fmt::Debug>(result: Result<T, CallError>) -> Exceeded {
    let error = result.unwrap_err();
    assert!(error.lost_instance() && error.code() == Code::ResourceExhausted, "{error:?}");
    let CallError::LimitExceeded { exceeded, .. } = error else { panic!("{error:?}") };
    exceeded
}

/// The call was stopped by its deadline, in this function.
#[track_caller]
fn assert_late<T: std::fmt::Debug>(result: Result<T, CallError>, expected: Duration, function: &str) {
    let error = result.unwrap_err();
    assert!(error.lost_instance() && error.code() == Code::DeadlineExceeded, "{error:?}");
    let CallError::DeadlineExceeded { after, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*after, expected);
    let trace = error.backtrace().unwrap();
    let names = trace.frames().iter().filter_map(|frame| frame.function.as_deref());
    assert!(names.into_iter().any(|name| name.contains(function)), "{trace}");
}

mod deadlines {
    use super::*;

    #[test]
    fn a_plugin_that_never_ends_is_stopped_whatever_the_way() {
        for (lane, way) in ways() {
            let builder = chaos_builder().limits(Limits::default().deadline(SHORT)).lane(lane).typed_calls(way);
            let plugin = open(builder);
            assert_eq!(count(&plugin), 1);
            for _ in 0..2 {
                let start = Instant::now();
                assert_late(plugin.spin(&FOR_EVER), SHORT, "spin");
                let took = start.elapsed();
                assert!(took >= SHORT && took < LONG, "{took:?}");
            }
            assert_eq!(count(&plugin), 1, "on a fresh instance");
        }
    }

    #[test]
    fn a_guard_of_the_lane_goes_on_behind_one() {
        let plugin = limited(Limits::default().deadline(SHORT));
        let mut lane = plugin.lane().unwrap();
        assert_eq!(lane.count_owned(&Empty {}).unwrap().calls, 1);
        assert_late(lane.spin_owned(&FOR_EVER), SHORT, "spin");
        assert_eq!(lane.count_owned(&Empty {}).unwrap().calls, 1);
        let batch = lane.spin_batch(2, |_, builder| FOR_EVER.encode(builder), |_, _| ());
        assert_late(batch, SHORT, "spin");
        assert_eq!(lane.count_owned(&Empty {}).unwrap().calls, 1);
    }

    #[test]
    fn each_call_has_its_own_time() {
        let plugin = limited(Limits::default().deadline(LONG));
        let start = Instant::now();
        let mut lane = plugin.lane().unwrap();
        for _ in 0..2000 {
            lane.spin_owned(&SpinRequest { turns: 10_000 }).unwrap();
        }
        drop(lane);
        let short = plugin.with(&CallOptions::default().deadline(start.elapsed() / 4));
        for _ in 0..2000 {
            short.spin(&SpinRequest { turns: 10_000 }).unwrap();
        }
    }

    #[test]
    fn options_of_a_handle_hold_for_its_calls_alone() {
        let plugin = limited(Limits::default().deadline(LONG));
        let hasty = plugin.with(&CallOptions::default().deadline(SHORT));
        assert_late(hasty.spin(&FOR_EVER), SHORT, "spin");
        assert_late(hasty.clone().lane().unwrap().spin_owned(&FOR_EVER), SHORT, "spin");
        plugin.spin(&SpinRequest { turns: 1000 }).unwrap();
        let patient = hasty.with(&CallOptions::default().deadline(None));
        let start = Instant::now();
        while start.elapsed() < SHORT {
            patient.spin(&SpinRequest { turns: 10_000_000 }).unwrap();
        }
        patient.spin(&SpinRequest { turns: 200_000_000 }).unwrap();
    }

    #[test]
    fn callbacks_count_and_know_how_much_is_left() {
        let (sender, receiver) = mpsc::channel();
        let builder = chaos_builder_with(move |ctx, _| {
            let before = ctx.remaining();
            std::thread::sleep(SHORT * 2);
            sender.send((before, ctx.remaining())).unwrap();
            Ok(AskResponse::default())
        });
        let plugin = open(builder.limits(Limits::default().deadline(SHORT)));
        let endless = AskRequest { question: "?".into(), times: u32::MAX };
        assert_late(plugin.ask(&endless), SHORT, "ask");
        let (before, after) = receiver.recv().unwrap();
        assert!(before.unwrap() <= SHORT && before.unwrap() > Duration::ZERO, "{before:?}");
        assert_eq!(after, Some(Duration::ZERO));
        let endless = plugin.with(&CallOptions::default().deadline(None));
        endless.ask(&AskRequest { question: "?".into(), times: 1 }).unwrap();
        assert_eq!(receiver.try_iter().last(), Some((None, None)));
    }

    #[test]
    fn a_storm_of_callbacks_ends() {
        for (lane, way) in ways() {
            let builder = chaos_builder().limits(Limits::default().deadline(SHORT)).lane(lane).typed_calls(way);
            let plugin = open(builder);
            assert_late(plugin.ask(&AskRequest { question: "?".into(), times: u32::MAX }), SHORT, "ask");
        }
    }

    #[test]
    fn waiting_for_a_plugin_counts_and_costs_it_nothing() {
        let (inside, entered) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = std::sync::Mutex::new(released);
        let plugin = open(chaos_builder_with(move |_, _| {
            inside.send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
            Ok(AskResponse::default())
        }));
        assert_eq!(count(&plugin), 1);
        std::thread::scope(|scope| {
            let busy = scope.spawn(|| plugin.ask(&AskRequest { question: "?".into(), times: 1 }));
            entered.recv().unwrap();
            let hasty = plugin.with(&CallOptions::default().deadline(SHORT));
            for error in [hasty.count(&Empty {}).unwrap_err(), hasty.lane().map(drop).unwrap_err()] {
                assert!(matches!(error, CallError::DeadlineExceeded { after: SHORT, crash: None, .. }), "{error:?}");
                assert!(!error.lost_instance() && error.to_string().contains("not called"), "{error}");
            }
            let token = CancelToken::new();
            let waiting = plugin.with(&CallOptions::default().cancel(&token));
            let waiting = scope.spawn(move || waiting.count(&Empty {}));
            token.cancel();
            let error = waiting.join().unwrap().unwrap_err();
            assert!(matches!(error, CallError::Cancelled { crash: None, .. }), "{error:?}");
            release.send(()).unwrap();
            busy.join().unwrap().unwrap();
        });
        assert_eq!(count(&plugin), 2);
    }

    #[test]
    fn a_plugin_that_never_starts_is_not_opened() {
        let bytes = Hostile::of("chaos")
            .field("(func $spin (loop $again (br $again))) (start $spin)")
            .with_section(&section_of(&plugin_bytes("chaos")));
        let error = chaos_builder().limits(Limits::default().deadline(SHORT)).open_bytes(bytes).unwrap_err();
        assert!(matches!(error, OpenError::DeadlineExceeded { after: SHORT }), "{error:?}");
    }
}

mod cancelling {
    use super::*;

    #[test]
    fn a_call_ends_when_another_thread_says_so() {
        for (lane, way) in ways() {
            let (inside, entered) = mpsc::channel();
            let builder = chaos_builder_with(move |_, _| {
                // The test may be over.
                let _ = inside.send(());
                Ok(AskResponse::default())
            });
            let plugin = open(builder.limits(Limits::default().deadline(None)).lane(lane).typed_calls(way));
            let token = CancelToken::new();
            let running = plugin.with(&CallOptions::default().cancel(&token));
            std::thread::scope(|scope| {
                let call = scope.spawn(|| running.ask(&AskRequest { question: "?".into(), times: u32::MAX }));
                entered.recv().unwrap();
                token.cancel();
                let error = call.join().unwrap().unwrap_err();
                assert!(error.lost_instance() && error.code() == Code::Cancelled, "{error:?}");
                assert!(matches!(error, CallError::Cancelled { crash: Some(_), .. }), "{error:?}");
            });
            assert_eq!(count(&plugin), 1);
            let error = running.count(&Empty {}).unwrap_err();
            assert!(matches!(error, CallError::Cancelled { crash: None, .. }), "it stays cancelled: {error:?}");
            assert_eq!(count(&plugin), 2, "which costs nothing");
        }
    }

    #[test]
    fn a_callback_sees_that_nobody_waits_for_it() {
        let token = CancelToken::new();
        let canceller = token.clone();
        let plugin = open(chaos_builder_with(move |ctx, _| {
            assert_eq!(ctx.is_cancelled(), canceller.is_cancelled());
            canceller.cancel();
            assert!(ctx.is_cancelled());
            Ok(AskResponse::default())
        }));
        let error = plugin
            .with(&CallOptions::default().cancel(&token))
            .ask(&AskRequest { question: "?".into(), times: u32::MAX })
            .unwrap_err();
        assert!(matches!(error, CallError::Cancelled { crash: Some(_), .. }), "{error:?}");
    }
}

mod sizes {
    use super::*;

    #[test]
    fn memory_is_bounded_for_all_instances_of_a_plugin_in_turn() {
        let plugin = limited(Limits::default().memory(32 << 20));
        for _ in 0..5 {
            assert_eq!(plugin.allocate(&AllocateRequest { mebibytes: 8 }).unwrap().sum, 8);
            let exceeded = exceeded(plugin.allocate(&AllocateRequest { mebibytes: 64 }));
            assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Memory, 32 << 20));
            assert!(exceeded.asked.is_some_and(|asked| asked > 32 << 20), "{exceeded}");
        }
    }

    #[test]
    fn memory_that_a_plugin_has_from_the_start_counts() {
        let error = chaos_builder().limits(Limits::default().memory(1 << 16)).open(plugin("chaos")).unwrap_err();
        let OpenError::LimitExceeded(exceeded) = error else { panic!("{error:?}") };
        assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Memory, 1 << 16));
    }

    #[test]
    fn a_refusal_that_a_plugin_got_along_with_is_forgotten() {
        let grow = "(drop (memory.grow (i32.const 65000))) (i32.const 1024)";
        let bytes = Hostile::of("chaos")
            .body("plugin#count", &format!("(i32.store (i32.const 1028) (i32.const 7)) {grow}"))
            .body("plugin#recurse", "unreachable")
            .with_section(&section_of(&plugin_bytes("chaos")));
        let plugin = chaos_builder().open_bytes(bytes).unwrap();
        assert_eq!(count(&plugin), 7);
        let error = plugin.recurse(&Empty {}).unwrap_err();
        assert!(matches!(error, CallError::Trapped { .. }), "{error:?}");
    }

    #[test]
    fn instructions_are_counted_for_each_call() {
        for (lane, way) in ways() {
            let limits = Limits::default().fuel(1_000_000);
            let plugin = open(chaos_builder().limits(limits).lane(lane).typed_calls(way));
            for _ in 0..50 {
                plugin.spin(&SpinRequest { turns: 10_000 }).unwrap();
            }
            let exceeded = exceeded(plugin.spin(&FOR_EVER));
            assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Fuel, 1_000_000));
            let more = plugin.with(&CallOptions::default().fuel(u64::MAX));
            more.spin(&SpinRequest { turns: 1_000_000 }).unwrap();
        }
    }

    #[test]
    fn the_stack_is_as_large_as_was_asked_for() {
        let bytes = Hostile::of("chaos")
            .field("(func $down (param i32) (call $down (local.get 0)) (call $down (local.get 0)))")
            .body("plugin#recurse", "(call $down (i32.const 0)) unreachable")
            .with_section(&section_of(&plugin_bytes("chaos")));
        let limits = Limits::default().stack(100_000);
        let plugin = chaos_builder().limits(limits).open_bytes(bytes).unwrap();
        let exceeded = exceeded(plugin.recurse(&Empty {}));
        assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Stack, 100_000));
    }

    #[test]
    fn messages_over_the_lane_are_bounded() {
        let sample = |len| Sample { text: "x".repeat(len), ..Sample::default() };
        for choice in [LaneChoice::Direct, LaneChoice::Portable] {
            let limits = Limits::default().request(5_000).response(2_000);
            let plugin = open(chaos_builder().limits(limits).lane(choice));
            let mut lane = plugin.lane().unwrap();
            assert_eq!(lane.echo_owned(&sample(1_000)).unwrap(), sample(1_000));
            let large = exceeded(lane.echo_owned(&sample(3_000)));
            assert_eq!((large.limit, large.allowed), (Limit::Response, 2_000));
            // The portable engine gets answers by means of the Component Model, which does not say how large they were.
            match choice {
                LaneChoice::Direct => assert!(large.asked.is_some_and(|n| (3_000..3_200).contains(&n)), "{large}"),
                _ => assert_eq!(large.asked, None),
            }
            let encoded = sample(6_000).to_flatbuffer();
            for error in [
                lane.echo_owned(&sample(6_000)).unwrap_err(),
                lane.echo_encoded(&encoded).map(drop).unwrap_err(),
                lane.echo_batch(2, |_, builder| sample(3_000).encode(builder), |_, _| ()).unwrap_err(),
            ] {
                assert!(matches!(error, CallError::RequestTooLarge { limit: 5_000, .. }), "{error:?}");
            }
            let lens = [100, 3_000];
            let large = exceeded(lane.echo_batch(2, |i, builder| sample(lens[i]).encode(builder), |_, _| ()));
            assert_eq!(large.limit, Limit::Response);
            assert_eq!(lane.echo_owned(&sample(1_000)).unwrap(), sample(1_000));
        }
    }

    #[test]
    fn requests_are_bounded_whatever_the_way() {
        let sample = |len| Sample { texts: vec!["x".repeat(len); 2], ..Sample::default() };
        for (lane, way) in ways() {
            let plugin = open(chaos_builder().limits(Limits::default().request(5_000)).lane(lane).typed_calls(way));
            assert_eq!(plugin.echo(&sample(2_000)).unwrap(), sample(2_000));
            let error = plugin.echo(&sample(3_000)).unwrap_err();
            let CallError::RequestTooLarge { size, limit, .. } = error else { panic!("{error:?}") };
            assert!((6_000..6_200).contains(&size) && limit == 5_000, "{size} {limit}");
            assert_eq!(plugin.health().lost, 0);
        }
    }

    #[test]
    fn requests_are_bounded_where_methods_are_called_by_name() {
        let sample = |len| {
            let texts = Value::List(vec![Value::String("x".repeat(len)); 2]);
            let [text, colour] = [Value::String(String::new()), Value::Enum("red".into())];
            Value::Record(vec![("text".into(), text), ("colour".into(), colour), ("texts".into(), texts)])
        };
        let builder = DynamicPlugin::builder(Silent).allow_unsigned().limits(Limits::default().request(5_000));
        let by_name = builder.open(plugin("chaos")).unwrap();
        assert_eq!(by_name.call("Echo", sample(2_000)).unwrap(), sample(2_000));
        let error = by_name.call("Echo", sample(3_000)).unwrap_err();
        assert!(matches!(error, CallError::RequestTooLarge { size: 5_001.., limit: 5_000, .. }), "{error:?}");
    }

    #[test]
    fn the_request_of_a_callback_is_bounded_too() {
        for (lane, way) in ways() {
            let limits = Limits::default().response(2_000).host_memory(2_000);
            let builder = chaos_builder_with(|_, _| Ok(AskResponse::default()));
            let plugin = open(builder.limits(limits).lane(lane).typed_calls(way));
            let ask = |len| plugin.ask(&AskRequest { question: "x".repeat(len), times: 1 });
            ask(1_000).unwrap();
            let large = exceeded(ask(3_000));
            let limit = if way == CallWay::Component { Limit::HostMemory } else { Limit::Response };
            assert!(large.limit == limit || large.limit == Limit::HostMemory, "{large}");
            assert_eq!(large.allowed, 2_000);
        }
    }

    #[test]
    fn what_the_host_allocates_for_a_message_is_bounded() {
        // A list of 10,000 strings, each the same 100,000 bytes.
        let body = "(local.set $at (i32.const 8192)) \
                    (loop $next (i32.store (local.get $at) (i32.const 100000)) \
                      (i32.store offset=4 (local.get $at) (i32.const 100000)) \
                      (local.set $at (i32.add (local.get $at) (i32.const 8))) \
                      (br_if $next (i32.lt_u (local.get $at) (i32.const 88192)))) \
                    (i32.store (i32.const 1040) (i32.const 8192)) (i32.store (i32.const 1044) (i32.const 10000)) \
                    (i32.const 1024)";
        let bytes = Hostile::of("chaos")
            .body("plugin#echo", &format!("(local $at i32) (drop (memory.grow (i32.const 4))) {body}"))
            .with_section(&section_of(&plugin_bytes("chaos")));
        let plugin = chaos_builder().open_bytes(bytes).unwrap();
        let large = exceeded(plugin.echo(&Sample::default()));
        assert_eq!((large.limit, large.allowed), (Limit::HostMemory, 128 << 20));
    }
}

mod engines {
    use super::*;

    #[test]
    fn an_engine_that_does_not_fit_the_limits_is_refused() {
        let plain = Engine::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let builders = [
            chaos_builder().limits(Limits::default().fuel(1)),
            chaos_builder().limits(Limits::default().stack(100_000)),
            chaos_builder().core_dumps(folder.path(), 1),
        ];
        for builder in builders {
            let error = builder.engine(&plain).open(plugin("chaos")).unwrap_err();
            assert!(matches!(error, OpenError::EngineSettings(_)), "{error:?}");
        }
        let fitting = Engine::with(Settings::default().fuel(true).stack(100_000)).unwrap();
        let limits = Limits::default().fuel(1_000_000).stack(100_000);
        chaos_builder().limits(limits).engine(&fitting).open(plugin("chaos")).unwrap();
    }
}
