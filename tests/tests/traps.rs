//! What a plugin that misbehaves costs: its instance at the most, never its host.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use chaos::{AllocateRequest, AskRequest, AskResponse, Empty, FailRequest, PanicRequest, PluginHandle};
use hookr::crash::Backtrace;
use hookr::{CallError, Code, Error, Limit, Limits};
use hookr_tests::hostile::{Hostile, section_of};
use hookr_tests::hosts::{Journal, chain, chaos_builder, chaos_builder_with, count};
use hookr_tests::{plugin, plugin_bytes};

fn open() -> PluginHandle {
    chaos_builder().open(plugin("chaos")).unwrap()
}

fn question(question: &str) -> AskRequest {
    AskRequest { question: question.into(), ..AskRequest::default() }
}

/// The call trapped in this method, and the handle goes on with a fresh instance.
#[track_caller]
fn assert_trapped<T: std::fmt::Debug>(plugin: &PluginHandle, name: &str, result: Result<T, CallError>) -> String {
    let error = result.expect_err("the call traps");
    let CallError::Trapped { method, .. } = &error else { panic!("{error:?}") };
    assert_eq!(method, name);
    assert!(error.lost_instance());
    assert_eq!(error.code(), Code::Internal);
    assert!(error.to_string().contains("its instance and the state in it are lost"), "{error}");
    assert_eq!(count(plugin), 1, "the state of the old instance is gone");
    chain(&error)
}

mod traps {
    use super::*;

    #[test]
    fn a_panic_costs_the_instance_and_its_state() {
        let plugin = open();
        assert_eq!((count(&plugin), count(&plugin)), (1, 2));
        let result = plugin.panic(&PanicRequest { message: "on request".into() });
        let text = assert_trapped(&plugin, "Plugin:Panic", result);
        assert!(text.contains("unreachable"), "{text}");
    }

    #[test]
    fn endless_recursion_ends_with_the_plugins_stack() {
        let plugin = open();
        count(&plugin);
        // Rust's own stack is in the plugin's memory, with its end at address 0.
        let text = assert_trapped(&plugin, "Plugin:Recurse", plugin.recurse(&Empty {}));
        assert!(text.contains("out of bounds memory access"), "{text}");
    }

    #[test]
    fn endless_recursion_without_memory_ends_with_the_stack_of_calls() {
        let bytes = Hostile::of("chaos")
            .field("(func $down (param i32) (call $down (local.get 0)) (call $down (local.get 0)))")
            .body("plugin#recurse", "(call $down (i32.const 0)) unreachable")
            .body("plugin#count", "(i32.store (i32.const 1028) (i32.const 1)) (i32.const 1024)")
            .with_section(&section_of(&plugin_bytes("chaos")));
        let plugin = chaos_builder().open_bytes(bytes).unwrap();
        let error = plugin.recurse(&Empty {}).unwrap_err();
        let CallError::LimitExceeded { exceeded, .. } = &error else { panic!("{error:?}") };
        assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Stack, 512 << 10));
        assert!(error.lost_instance() && chain(&error).contains("call stack exhausted"), "{}", chain(&error));
        assert_eq!(error.backtrace().unwrap().frames().len(), Backtrace::MAX_FRAMES);
        assert_eq!(count(&plugin), 1);
    }

    #[test]
    fn memory_that_is_not_there_is_a_trap() {
        let plugin = open();
        count(&plugin);
        assert_eq!(plugin.allocate(&AllocateRequest { mebibytes: 8 }).unwrap().sum, 8);
        assert_eq!(count(&plugin), 2);
        // More than 32 bits can address.
        let open = chaos_builder().limits(Limits::default().memory(usize::MAX)).open(super::plugin("chaos"));
        let plugin = open.unwrap();
        let result = plugin.allocate(&AllocateRequest { mebibytes: 5000 });
        assert_trapped(&plugin, "Plugin:Allocate", result);
    }

    #[test]
    fn one_trap_after_another_is_no_different() {
        let plugin = open();
        for _ in 0..20 {
            count(&plugin);
            assert_trapped(&plugin, "Plugin:Panic", plugin.panic(&PanicRequest::default()));
        }
    }

    #[test]
    fn clones_see_the_fresh_instance_too() {
        let plugin = open();
        let clone = plugin.clone();
        count(&plugin);
        assert_eq!(count(&clone), 2, "clones share an instance");
        assert_trapped(&clone, "Plugin:Panic", plugin.panic(&PanicRequest::default()));
        assert_eq!(count(&plugin), 2);
    }
}

mod errors {
    use super::*;

    #[test]
    fn every_code_comes_out_of_a_plugin_and_costs_nothing() {
        let plugin = open();
        for (calls, code) in (1..).zip(Code::ALL) {
            assert_eq!(count(&plugin), calls);
            let message = format!("this is {code}, “quoted”");
            let request = FailRequest { code: code.number(), message: message.clone() };
            let error = plugin.fail(&request).unwrap_err();
            let CallError::Failed { method, error: answer } = &error else { panic!("{error:?}") };
            assert_eq!((method.as_str(), answer), ("Plugin:Fail", &Error::new(code, message)));
            assert_eq!((error.code(), error.lost_instance()), (code, false));
        }
    }

    #[test]
    fn every_code_goes_into_a_plugin_and_comes_back() {
        let plugin = chaos_builder_with(|_, request| {
            let code = Code::from_name(&request.question).expect("the test asks for a code");
            Err(Error::new(code, format!("no answer: {code}")))
        });
        let plugin = plugin.open(hookr_tests::plugin("chaos")).unwrap();
        for (calls, code) in (1..).zip(Code::ALL) {
            assert_eq!(count(&plugin), calls);
            let error = plugin.ask(&question(code.name())).unwrap_err();
            let CallError::Failed { method, error } = &error else { panic!("{error:?}") };
            assert_eq!((method.as_str(), error), ("Plugin:Ask", &Error::new(code, format!("no answer: {code}"))));
        }
    }

    #[test]
    fn a_message_with_control_characters_does_not_reach_the_terminal() {
        let message = "\x1b[2J\u{202e}txt.exe".to_owned();
        let error = open().fail(&FailRequest { code: Code::Internal.number(), message: message.clone() }).unwrap_err();
        assert_eq!(error.to_string(), "Plugin:Fail failed: internal: \\u{1b}[2J\\u{202e}txt.exe");
        assert!(matches!(error, CallError::Failed { error, .. } if error.message == message));
    }

    #[test]
    fn a_method_that_is_not_there_is_not_called() {
        let plugin = open();
        assert!(!plugin.supports_rest());
        count(&plugin);
        let error = plugin.rest(&Empty {}).unwrap_err();
        assert!(matches!(&error, CallError::Unimplemented { method } if method == "Plugin:Rest"), "{error:?}");
        assert_eq!(error.code(), Code::Unimplemented);
        assert_eq!(count(&plugin), 2);
    }
}

mod callbacks {
    use super::*;

    #[test]
    fn callbacks_learn_the_plugins_name_and_answer_in_order() {
        let journal = Journal::default();
        let notes = journal.clone();
        let builder = chaos_builder_with(move |ctx, request| {
            notes.note(format!("{}: {}", ctx.plugin(), request.question));
            Ok(AskResponse { answer: request.question.to_uppercase() })
        });
        let plugin = builder.name("the first").open(hookr_tests::plugin("chaos")).unwrap();
        let request = AskRequest { question: "why".into(), times: 3 };
        assert_eq!(plugin.ask(&request).unwrap().answer, "WHY");
        assert_eq!(journal.take(), ["the first: why"; 3]);
    }

    /// A callback that calls its own plugin would wait for itself. It gets an error instead, and the outer call goes on.
    #[test]
    fn re_entry_is_an_error_and_no_deadlock() {
        let handle = Arc::new(OnceLock::<PluginHandle>::new());
        let inner = handle.clone();
        let builder = chaos_builder_with(move |_, _| {
            let plugin = inner.get().expect("the handle is set before it is used");
            let error = plugin.count(&Empty {}).expect_err("the plugin is busy with the call that led here");
            assert!(matches!(&error, CallError::Reentrant { method } if method == "Plugin:Count"), "{error:?}");
            assert!(!error.lost_instance());
            Ok(AskResponse { answer: error.to_string() })
        });
        let plugin = builder.open(hookr_tests::plugin("chaos")).unwrap();
        handle.set(plugin.clone()).expect("the handle is set once");
        assert_eq!(count(&plugin), 1);
        let answer = plugin.ask(&question("again?")).unwrap().answer;
        assert_eq!(answer, "Plugin:Count was called by a thread that is inside of a call of the same plugin");
        assert_eq!(count(&plugin), 2, "the instance is as it was");
    }

    #[test]
    fn a_callback_may_call_another_plugin_of_the_same_file() {
        let other = open();
        assert_eq!(count(&other), 1);
        let builder = chaos_builder_with(move |_, _| Ok(AskResponse { answer: count(&other).to_string() }));
        let plugin = builder.open(hookr_tests::plugin("chaos")).unwrap();
        assert_eq!(plugin.ask(&question("how many?")).unwrap().answer, "2");
        assert_eq!(count(&plugin), 1);
    }

    /// A panic is a bug of the host. It goes through the plugin to whoever called it, as if the plugin were not there; the
    /// instance, which was left in the middle of a call, is not used again.
    #[test]
    fn a_panic_in_a_callback_reaches_the_caller_and_costs_the_instance() {
        let builder = chaos_builder_with(|_, request| match request.question.as_str() {
            "panic" => panic!("the oracle stumbles"),
            _ => Ok(AskResponse { answer: "calm".into() }),
        });
        let plugin = builder.open(hookr_tests::plugin("chaos")).unwrap();
        for _ in 0..5 {
            assert_eq!((count(&plugin), count(&plugin)), (1, 2));
            let panic = catch_unwind(AssertUnwindSafe(|| plugin.ask(&question("panic")))).expect_err("it panics");
            assert_eq!(panic.downcast_ref::<&str>(), Some(&"the oracle stumbles"));
            assert_eq!(count(&plugin), 1, "the instance is fresh");
            assert_eq!(plugin.ask(&question("all well?")).unwrap().answer, "calm");
            let other_thread = std::thread::scope(|scope| scope.spawn(|| count(&plugin)).join());
            assert_eq!(other_thread.unwrap(), 2, "no lock is left poisoned, no caller left registered");
            let _ = plugin.panic(&PanicRequest::default());
        }
    }

    #[test]
    fn a_plugin_that_traps_behind_a_callback_has_called_it() {
        let journal = Journal::default();
        let notes = journal.clone();
        let builder = chaos_builder_with(move |_, request| {
            notes.note(request.question);
            Ok(AskResponse::default())
        });
        let plugin = builder.open(hookr_tests::plugin("chaos")).unwrap();
        plugin.ask(&question("first")).unwrap();
        assert_trapped(&plugin, "Plugin:Panic", plugin.panic(&PanicRequest::default()));
        plugin.ask(&question("second")).unwrap();
        assert_eq!(journal.take(), ["first", "second"], "the callbacks are those of the old instance");
    }
}
