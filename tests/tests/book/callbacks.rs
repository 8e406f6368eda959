//! The code of `docs/src/how-to/callbacks.md`.

// ANCHOR: service
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use authz::{Audit, CallbackContext, Callbacks, Error, PluginHandle, RecordRequest, RecordResponse};

/// An audit log in memory.
struct Log {
    entries: Mutex<Vec<RecordRequest>>,
    room: usize,
}

impl Audit for Log {
    fn record(&self, ctx: &CallbackContext<'_>, request: RecordRequest) -> Result<RecordResponse, Error> {
        // What a plugin sends is input from outside.
        if request.user_id.is_empty() {
            return Err(Error::invalid_argument(format!("{} records nobody", ctx.plugin())));
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == self.room {
            return Err(Error::unavailable("the log is full"));
        }
        entries.push(request);
        Ok(RecordResponse { sequence: entries.len() as u64 })
    }
}
// ANCHOR_END: service

// ANCHOR: open
fn open(path: &Path, log: &Arc<Log>) -> Result<PluginHandle, hookr::OpenError> {
    // The plugin gets one handle to the log, the host keeps the other.
    let callbacks = Callbacks { audit: log.clone() };
    PluginHandle::builder(callbacks).name("policy").allow_unsigned().open(path)
}
// ANCHOR_END: open

// ANCHOR: time
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A log on another machine, which may be away for a moment.
struct Remote {
    is_up: AtomicBool,
}

impl Audit for Remote {
    fn record(&self, ctx: &CallbackContext<'_>, _: RecordRequest) -> Result<RecordResponse, Error> {
        while !self.is_up.load(Ordering::Relaxed) {
            // The plugin needs some time for its answer.
            let is_late = ctx.remaining().is_some_and(|left| left < Duration::from_millis(500));
            if is_late || ctx.is_cancelled() {
                return Err(Error::unavailable("the log does not answer"));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(RecordResponse { sequence: 1 })
    }
}
// ANCHOR_END: time

// ANCHOR: in_place
use std::sync::atomic::AtomicU64;

use authz::fb;
use authz::flatbuffers::WIPOffset;
use hookr::lane::AnswerBuilder;

/// Counts decisions, and keeps nothing of them.
#[derive(Default)]
struct Counter {
    records: AtomicU64,
    denied: AtomicU64,
}

impl Counter {
    fn count(&self, user: &str, allow: bool) -> Result<u64, Error> {
        if user.is_empty() {
            return Err(Error::invalid_argument("this records nobody"));
        }
        self.denied.fetch_add(u64::from(!allow), Ordering::Relaxed);
        Ok(self.records.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Audit for Counter {
    fn record(&self, _: &CallbackContext<'_>, request: RecordRequest) -> Result<RecordResponse, Error> {
        self.count(&request.user_id, request.allow).map(|sequence| RecordResponse { sequence })
    }

    // The same over the lane: no text of the request is copied, and the answer is written where the plugin reads it.
    fn record_in_place<'b>(
        &self,
        _: &CallbackContext<'_>,
        request: fb::RecordRequest<'_>,
        answer: &mut AnswerBuilder<'b>,
    ) -> Result<WIPOffset<fb::RecordResponse<'b>>, Error> {
        let sequence = self.count(request.user_id().unwrap_or_default(), request.allow())?;
        Ok(fb::RecordResponse::create(answer, &fb::RecordResponseArgs { sequence }))
    }
}
// ANCHOR_END: in_place

mod runs {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::OnceLock;

    use authz::CheckAuthRequest;
    use hookr::{CallError, CallWay, Code, Limits};
    use hookr_tests::plugin;

    use super::*;

    fn question(user: &str) -> CheckAuthRequest {
        CheckAuthRequest { user_id: user.into(), resource: "documents/roadmap".into(), action: "write".into() }
    }

    fn builder(audit: Arc<dyn Audit>) -> hookr::Builder<PluginHandle> {
        PluginHandle::builder(Callbacks { audit }).allow_unsigned()
    }

    #[test]
    fn answers_and_errors_reach_the_plugin() {
        let log = Arc::new(Log { entries: Mutex::default(), room: 2 });
        let plugin = open(&plugin("authz"), &log).unwrap();
        assert!(plugin.check_auth(&question("alice")).unwrap().allow);
        assert!(!plugin.check_auth(&question("bob")).unwrap().allow);
        let users = log.entries.lock().unwrap().iter().map(|entry| entry.user_id.clone()).collect::<Vec<_>>();
        assert_eq!(users, ["alice", "bob"]);
        let answer = plugin.check_auth(&question("alice")).unwrap();
        assert_eq!((answer.allow, plugin.health().lost), (false, 0));
        assert!(answer.reason.contains("unavailable: the log is full"), "{}", answer.reason);
        let nobody = RecordRequest::default();
        let error = log.record(&CallbackContext::new("policy"), nobody).unwrap_err();
        assert_eq!(error.to_string(), "invalid-argument: policy records nobody");
    }

    #[test]
    fn a_callback_looks_how_much_time_is_left() {
        let remote = Arc::new(Remote { is_up: AtomicBool::new(false) });
        let limits = Limits::default().deadline(Duration::from_secs(1));
        let plugin = builder(remote.clone()).limits(limits).open(plugin("authz")).unwrap();
        match plugin.check_auth(&question("alice")) {
            Ok(answer) => assert!(answer.reason.contains("the log does not answer"), "{}", answer.reason),
            // On a busy machine.
            Err(error) => assert!(matches!(error, CallError::DeadlineExceeded { .. }), "{error:?}"),
        }
        remote.is_up.store(true, Ordering::Relaxed);
        assert!(plugin.check_auth(&question("alice")).unwrap().allow);
    }

    #[test]
    fn both_forms_of_a_callback_answer() {
        for way in [CallWay::Component, CallWay::Lane] {
            let counter = Arc::new(Counter::default());
            let plugin = builder(counter.clone()).typed_calls(way).open(plugin("authz")).unwrap();
            assert_eq!(plugin.metadata().typed_calls(), way);
            assert!(plugin.check_auth(&question("alice")).unwrap().allow);
            assert!(!plugin.check_auth(&question("bob")).unwrap().allow);
            assert_eq!((counter.records.load(Ordering::Relaxed), counter.denied.load(Ordering::Relaxed)), (2, 1));
        }
    }

    /// Calls its own plugin, or panics.
    #[derive(Default)]
    struct Careless {
        plugin: OnceLock<PluginHandle>,
    }

    impl Audit for Careless {
        fn record(&self, _: &CallbackContext<'_>, _: RecordRequest) -> Result<RecordResponse, Error> {
            let Some(plugin) = self.plugin.get() else { panic!("the log is on fire") };
            let error = plugin.check_auth(&question("bob")).unwrap_err();
            assert!(matches!(error, CallError::Reentrant { .. }), "{error:?}");
            Err(Error::new(error.code(), error.to_string()))
        }
    }

    #[test]
    fn a_callback_that_calls_its_own_plugin_is_refused_and_one_that_panics_costs_the_instance() {
        let careless = Arc::new(Careless::default());
        let plugin = builder(careless.clone()).open(plugin("authz")).unwrap();
        let call = || plugin.check_auth(&question("alice"));
        catch_unwind(AssertUnwindSafe(call)).expect_err("the panic comes through");
        assert_eq!((plugin.health().lost, plugin.health().panicked), (1, 1));
        assert!(careless.plugin.set(plugin.clone()).is_ok());
        let answer = call().unwrap();
        assert!(answer.reason.contains(Code::FailedPrecondition.name()), "{}", answer.reason);
        assert_eq!(plugin.health().lost, 1);
    }
}
