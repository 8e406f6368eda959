//! Each example's real plugin, called through the handle that was generated for its contract.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use hookr::{CallError, CallbackContext, Code, Digest, Error};
use hookr_tests::hosts::{Journal, Numbers};
use hookr_tests::{plugin, plugin_bytes};

/// The error that a plugin answered with.
#[track_caller]
fn answer<T: std::fmt::Debug>(method: &str, result: Result<T, CallError>) -> Error {
    match result.expect_err("the plugin answers with an error") {
        CallError::Failed { method: found, error } if found == method => error,
        error => panic!("{error:?}"),
    }
}

/// Every handle is what an application needs to pass it around.
#[test]
fn handles_are_send_sync_and_clone() {
    fn assert<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
    assert::<textfilter::PluginHandle>();
    assert::<urlbalancer::PluginHandle>();
    assert::<tickloop::PluginHandle>();
    assert::<authz::PluginHandle>();
}

mod text_filter {
    use super::*;
    use textfilter::{Empty, FilterRequest, FilterResponse, PluginHandle};

    fn open() -> PluginHandle {
        PluginHandle::builder().allow_unsigned().open(plugin("textfilter")).unwrap()
    }

    fn request() -> FilterRequest {
        FilterRequest {
            input: "this platform has forbidden words".into(),
            blocked_terms: vec!["forbidden".into()],
            ..FilterRequest::default()
        }
    }

    #[test]
    fn filters_text() {
        let plugin = open();
        let expected = FilterResponse {
            output: "this platform has [filtered] words".into(),
            changed: true,
            replacements: 1,
            blocked: false,
            reason: String::new(),
        };
        assert_eq!(plugin.filter(&request()).unwrap(), expected);
        assert_eq!(plugin.get_info(&Empty {}).unwrap().name, "textfilter");
    }

    #[test]
    fn text_of_every_kind_and_length_crosses_unchanged() {
        let plugin = open();
        for input in ["", "\0", "前代未聞 🦀 e\u{301}", &"long ".repeat(100_000)] {
            let response = plugin.filter(&FilterRequest { input: input.into(), ..FilterRequest::default() }).unwrap();
            assert_eq!(response.output, input);
        }
    }

    #[test]
    fn many_items_cross_in_their_order() {
        let terms: Vec<String> = (0..20_000).map(|i| format!("term-{i:05}")).collect();
        let input = format!("{} and {}", terms[0], terms[19_999]);
        let request = FilterRequest { input, blocked_terms: terms, max_replacements: 1, ..FilterRequest::default() };
        let response = open().filter(&request).unwrap();
        assert_eq!(response.output, "[filtered] and term-19999");
        assert!(response.blocked);
    }

    #[test]
    fn an_error_of_the_plugin_is_a_code_and_a_message() {
        let request = FilterRequest { blocked_terms: vec!["a".into(), String::new()], ..request() };
        let error = answer("Plugin:Filter", open().filter(&request));
        assert_eq!(error, Error::invalid_argument("blocked_terms[1] is empty"));
    }

    #[test]
    fn the_metadata_is_that_of_the_file() {
        let path = plugin("textfilter");
        let bytes = plugin_bytes("textfilter");
        let handle = open();
        let metadata = handle.metadata();
        assert_eq!(metadata.name(), "textfilter");
        assert_eq!(metadata.path(), Some(path.as_path()));
        assert_eq!(metadata.size(), bytes.len());
        assert_eq!(metadata.sha256(), Digest::of(&bytes));
        assert_eq!(metadata.contract_id(), textfilter::CONTRACT_ID);
        assert_eq!(metadata.package(), textfilter::PACKAGE);
        assert_eq!(
            (metadata.plugin_name(), metadata.plugin_version()),
            ("textfilter-plugin", env!("CARGO_PKG_VERSION"))
        );
        let methods: Vec<_> = metadata.methods().iter().map(|row| format!("{}:{}", row.service, row.name)).collect();
        assert_eq!(methods, ["Plugin:GetInfo", "Plugin:Filter"]);
        let schema = std::fs::read(hookr_tests::folder("textfilter").join("contract/contract.bfbs")).unwrap();
        assert_eq!(metadata.schema(), schema);
    }

    #[test]
    fn one_handle_serves_many_threads() {
        let plugin = open();
        thread::scope(|scope| {
            for number in 0..8 {
                let plugin = plugin.clone();
                scope.spawn(move || {
                    for round in 0..50 {
                        let input = format!("thread {number}, round {round}: forbidden");
                        let response = plugin.filter(&FilterRequest { input, ..request() }).unwrap();
                        assert_eq!(response.output, format!("thread {number}, round {round}: [filtered]"));
                    }
                });
            }
        });
    }

    #[test]
    fn one_builder_opens_several_plugins() {
        let builder = PluginHandle::builder().allow_unsigned();
        let handles = [(); 3].map(|()| builder.open_bytes(plugin_bytes("textfilter")).unwrap());
        for handle in handles {
            assert_eq!(handle.metadata().path(), None);
            assert!(handle.filter(&request()).unwrap().changed);
        }
    }
}

mod url_balancer {
    use super::*;
    use urlbalancer::{BalanceRequest, BalanceResponse, Callbacks, PluginHandle};

    fn open(int: Result<i32, Error>, float: Result<f32, Error>) -> (PluginHandle, Journal) {
        let journal = Journal::default();
        let rng = Arc::new(Numbers { int, float, journal: journal.clone() });
        let builder = PluginHandle::builder(Callbacks { rng }).allow_unsigned();
        (builder.name("balancer").open(plugin("urlbalancer")).unwrap(), journal)
    }

    fn request() -> BalanceRequest {
        BalanceRequest {
            url: "HTTPS://Example.com:443/a/./b/../api?q=1#top".into(),
            nodes: ["node-a", "node-b", "node-c"].map(String::from).to_vec(),
        }
    }

    #[test]
    fn both_callbacks_are_asked_and_their_numbers_used() {
        let (plugin, journal) = open(Ok(1), Ok(0.25));
        let expected = BalanceResponse {
            valid: true,
            normalized_url: "https://example.com/a/api?q=1".into(),
            scheme: "https".into(),
            host: "example.com".into(),
            selected_node: "node-b".into(),
            selected_index: 1,
            rng_int: 1,
            rng_float: 0.25,
            error: String::new(),
        };
        assert_eq!(plugin.balance(&request()).unwrap(), expected);
        assert_eq!(journal.take(), ["balancer: Int(0..=2)", "balancer: Float"]);
    }

    #[test]
    fn an_invalid_url_is_an_answer_without_callbacks() {
        let (plugin, journal) = open(Ok(1), Ok(0.25));
        let response = plugin.balance(&BalanceRequest { url: "ftp://example.com".into(), ..request() }).unwrap();
        assert!(!response.valid && !response.error.is_empty(), "{response:?}");
        assert!(journal.take().is_empty());
    }

    #[test]
    fn errors_cross_in_both_directions() {
        let (plugin, journal) = open(Ok(1), Ok(0.25));
        let error = answer("Plugin:Balance", plugin.balance(&BalanceRequest { nodes: vec![], ..request() }));
        assert_eq!(error, Error::invalid_argument("nodes is empty"));
        assert!(journal.take().is_empty());

        let closed = Error::resource_exhausted("the casino is closed");
        let (plugin, journal) = open(Err(closed.clone()), Ok(0.25));
        assert_eq!(answer("Plugin:Balance", plugin.balance(&request())), closed);
        assert_eq!(journal.take(), ["balancer: Int(0..=2)"], "the plugin gives up at the first error");

        let (plugin, _) = open(Ok(-1), Ok(0.25));
        assert_eq!(answer("Plugin:Balance", plugin.balance(&request())).code, Code::OutOfRange);
    }

    #[test]
    fn floats_cross_bit_by_bit() {
        for value in [0.0, -0.0, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NEG_INFINITY] {
            let (plugin, _) = open(Ok(0), Ok(value));
            assert_eq!(plugin.balance(&request()).unwrap().rng_float.to_bits(), value.to_bits());
        }
        let (plugin, _) = open(Ok(0), Ok(f32::NAN));
        assert!(plugin.balance(&request()).unwrap().rng_float.is_nan());
    }
}

mod tick_loop {
    use super::*;
    use tickloop::{Callbacks, Empty, PluginHandle, TickRequest, WarmupRequest};

    fn open(jitter: i32) -> PluginHandle {
        let rng = Arc::new(Numbers { int: Ok(jitter), float: Ok(0.0), journal: Journal::default() });
        PluginHandle::builder(Callbacks { rng }).allow_unsigned().open(plugin("tickloop")).unwrap()
    }

    fn request(tick: u64) -> TickRequest {
        TickRequest { tick, dt_micros: 16_667, state_hash: u64::MAX - tick, events: 3 }
    }

    #[test]
    fn a_tick_depends_on_the_callback() {
        let left = open(-4).tick(&request(1)).unwrap();
        let right = open(4).tick(&request(1)).unwrap();
        assert_eq!((left.jitter_bucket, left.actions), (-4, 7));
        assert_eq!((right.jitter_bucket, right.actions), (4, 7));
        assert_ne!(left.next_state_hash, right.next_state_hash);
        assert_eq!(answer("Plugin:Tick", open(5).tick(&request(1))).code, Code::OutOfRange);
    }

    #[test]
    fn an_optional_method_that_is_there_can_be_called() {
        let plugin = open(0);
        assert!(plugin.supports_warmup());
        let response = plugin.warmup(&WarmupRequest { target_ticks: 1000 }).unwrap();
        assert_eq!((response.ready, response.recommended_batch), (true, 100));
        assert_eq!(plugin.get_info(&Empty {}).unwrap().name, "tickloop");
    }

    #[test]
    fn the_plugin_keeps_its_state_from_call_to_call() {
        let plugin = open(0);
        plugin.warmup(&WarmupRequest { target_ticks: 3 }).unwrap();
        let go_on: Vec<bool> = (0..4).map(|tick| plugin.tick(&request(tick)).unwrap().continue_run).collect();
        assert_eq!(go_on, [true, true, false, false]);
        assert!(open(0).tick(&request(3)).unwrap().continue_run, "another instance knows nothing of it");
    }

    #[test]
    fn many_threads_share_the_one_state() {
        let plugin = open(0);
        plugin.warmup(&WarmupRequest { target_ticks: 400 }).unwrap();
        let ended = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for tick in 0..100 {
                        ended.fetch_add(
                            u64::from(!plugin.tick(&request(tick)).unwrap().continue_run),
                            Ordering::Relaxed,
                        );
                    }
                });
            }
        });
        assert_eq!(ended.into_inner(), 1, "the last of 400 ticks is the last once");
    }
}

mod authorisation {
    use super::*;
    use authz::{Audit, Callbacks, CheckAuthRequest, CheckAuthResponse, PluginHandle, RecordRequest, RecordResponse};

    /// An audit log that may be broken.
    struct Log {
        journal: Journal,
        sequence: AtomicU64,
        broken: Option<Error>,
    }

    impl Audit for Log {
        fn record(&self, ctx: &CallbackContext<'_>, request: RecordRequest) -> Result<RecordResponse, Error> {
            if let Some(error) = &self.broken {
                return Err(error.clone());
            }
            let RecordRequest { user_id, resource, action, allow, .. } = request;
            self.journal.note(format!("{}: {user_id} {action} {resource}: {allow}", ctx.plugin()));
            Ok(RecordResponse { sequence: self.sequence.fetch_add(1, Ordering::Relaxed) + 1 })
        }
    }

    fn open(broken: Option<Error>) -> (PluginHandle, Journal) {
        let journal = Journal::default();
        let audit = Arc::new(Log { journal: journal.clone(), sequence: AtomicU64::new(0), broken });
        (PluginHandle::builder(Callbacks { audit }).allow_unsigned().open(plugin("authz")).unwrap(), journal)
    }

    fn request(user_id: &str, action: &str) -> CheckAuthRequest {
        CheckAuthRequest { user_id: user_id.into(), resource: "documents/roadmap".into(), action: action.into() }
    }

    #[test]
    fn decisions_are_recorded() {
        let (plugin, journal) = open(None);
        let alice = plugin.check_auth(&request("alice", "write")).unwrap();
        assert_eq!(alice, CheckAuthResponse { allow: true, reason: "editors read and write documents".into() });
        assert!(!plugin.check_auth(&request("bob", "write")).unwrap().allow);
        assert_eq!(
            journal.take(),
            ["authz: alice write documents/roadmap: true", "authz: bob write documents/roadmap: false"]
        );
    }

    #[test]
    fn a_plugin_can_make_an_answer_of_a_callbacks_error() {
        let (plugin, _) = open(Some(Error::unavailable("the disk is full")));
        let response = plugin.check_auth(&request("alice", "write")).unwrap();
        assert!(!response.allow);
        assert!(response.reason.contains("unavailable: the disk is full"), "{}", response.reason);
    }

    #[test]
    fn a_question_without_a_user_is_an_error_and_no_decision() {
        let (plugin, journal) = open(None);
        let error = answer("Plugin:CheckAuth", plugin.check_auth(&request("", "read")));
        assert_eq!(error, Error::invalid_argument("user_id is empty"));
        assert!(journal.take().is_empty());
    }
}
