//! The same request by every way: whatever the way, the plugin gives the same answer, and the host sees the same callbacks.
//!
//! Requests are random, for each of the examples; each way has an instance of its own, so that plugins with a state are in
//! the same one.

use std::sync::{Arc, Mutex};

use hookr::lane::{LaneChoice, LaneState};
use hookr::{CallError, CallWay, CallbackContext, Error};
use hookr_tests::plugin;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How a typed call travels, and over which lane.
const WAYS: [(CallWay, LaneChoice); 4] = [
    (CallWay::Component, LaneChoice::Off),
    (CallWay::Component, LaneChoice::Direct),
    (CallWay::Lane, LaneChoice::Direct),
    (CallWay::Lane, LaneChoice::Portable),
];

/// What callbacks were asked for.
type Log = Arc<Mutex<Vec<String>>>;

/// What a call comes to: the plugin's answer, or its error. Anything else is a failure of the test.
type Outcome<T> = Result<T, (hookr::Code, String)>;

fn outcome<T>(result: Result<T, CallError>) -> Outcome<T> {
    result.map_err(|error| match error {
        CallError::Failed { error, .. } => (error.code, error.message),
        error => panic!("{error:?}"),
    })
}

/// One handle for each way, with its log. `$builder` makes a builder of a log.
macro_rules! handles {
    ($name:literal, $builder:expr) => {
        WAYS.map(|(way, choice)| {
            let log = Log::default();
            let builder = $builder(log.clone());
            let handle = builder.allow_unsigned().typed_calls(way).lane(choice).open(plugin($name)).unwrap();
            let state = match choice {
                LaneChoice::Off => LaneState::Off,
                LaneChoice::Portable => LaneState::Portable,
                _ => LaneState::Direct,
            };
            assert_eq!((handle.metadata().lane(), handle.metadata().typed_calls()), (&state, way));
            (handle, log)
        })
    };
}

/// Calls a method six times on every handle: by typed calls, and by every form of the lane where there is one. All of them
/// must give the same answers and leave the same logs.
macro_rules! agree {
    ($handles:expr, $request:expr, $contract:ident: $method:ident, $owned:ident, $encoded:ident, $batch:ident) => {{
        use $contract::FlatBuffer as _;
        let request = $request;
        let of_handles = $handles.iter().map(|(handle, log)| {
            let mut outcomes = vec![outcome(handle.$method(&request))];
            if handle.metadata().lane().is_open() {
                let mut lane = handle.lane().unwrap();
                let borrowed = outcome(lane.$method(|builder| request.encode(builder)));
                outcomes.push(borrowed.map(|reader| $contract::FlatBuffer::decode(reader).unwrap()));
                outcomes.push(outcome(lane.$owned(&request)));
                let encoded = outcome(lane.$encoded(&request.to_flatbuffer()));
                outcomes.push(encoded.map(|reader| $contract::FlatBuffer::decode(reader).unwrap()));
                let write = lane.$batch(
                    2,
                    |_, builder| request.encode(builder),
                    |i, answer| {
                        assert_eq!(i + 4, outcomes.len());
                        let answer = answer.map(|reader| $contract::FlatBuffer::decode(reader).unwrap());
                        outcomes.push(answer.map_err(|error| (error.code, error.message)));
                    },
                );
                write.unwrap();
            } else {
                outcomes.extend((1..6).map(|_| outcome(handle.$method(&request))));
            }
            (outcomes, std::mem::take(&mut *log.lock().unwrap()))
        });
        let of_handles: Vec<_> = of_handles.collect();
        for (way, others) in WAYS.iter().zip(&of_handles) {
            prop_assert_eq!(&of_handles[0], others, "{:?}", way);
        }
    }};
}

/// Up to `max` of these characters.
fn text(characters: &str, max: usize) -> impl Strategy<Value = String> + use<> {
    let characters: Vec<char> = characters.chars().collect();
    vec(proptest::sample::select(characters), 0..=max).prop_map(String::from_iter)
}

fn check<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    // Random, and the same in each run.
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(strategy, test).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn textfilter_answers_alike() {
    let handles = handles!("textfilter", |_: Log| textfilter::PluginHandle::builder());
    let word = || text("abcABCé\u{1f600} ", 4);
    let request = (text("abcABCé\u{1f600} ", 60), vec(word(), 0..5), word(), any::<bool>(), 0..4u32);
    check(&request, |(input, blocked_terms, replacement, case_sensitive, max_replacements)| {
        let request = textfilter::FilterRequest { input, blocked_terms, replacement, case_sensitive, max_replacements };
        agree!(handles, request, textfilter: filter, filter_owned, filter_encoded, filter_batch);
        agree!(handles, textfilter::Empty {}, textfilter: get_info, get_info_owned, get_info_encoded, get_info_batch);
        Ok(())
    });
}

/// Answers with a number from the range: always the same one for the same number of calls.
struct Dice(Log);

impl Dice {
    fn roll(&self, what: String) -> u64 {
        let mut log = self.0.lock().unwrap();
        log.push(what);
        log.len() as u64
    }
}

impl urlbalancer::Rng for Dice {
    fn int(
        &self,
        _: &CallbackContext<'_>,
        request: urlbalancer::RngIntRequest,
    ) -> Result<urlbalancer::RngIntResponse, Error> {
        let roll = self.roll(format!("{request:?}"));
        if roll.is_multiple_of(7) {
            return Err(Error::unavailable("no dice \u{1f3b2}"));
        }
        let range = i64::from(request.max) - i64::from(request.min) + 1;
        Ok(urlbalancer::RngIntResponse { value: request.min + (roll as i64 % range.max(1)) as i32 })
    }

    fn float(
        &self,
        _: &CallbackContext<'_>,
        request: urlbalancer::RngFloatRequest,
    ) -> Result<urlbalancer::RngFloatResponse, Error> {
        Ok(urlbalancer::RngFloatResponse { value: self.roll(format!("{request:?}")) as f32 / 16.0 })
    }
}

impl tickloop::Rng for Dice {
    fn int(
        &self,
        _: &CallbackContext<'_>,
        request: tickloop::RngIntRequest,
    ) -> Result<tickloop::RngIntResponse, Error> {
        let roll = self.roll(format!("{request:?}"));
        if roll.is_multiple_of(5) {
            return Err(Error::resource_exhausted(""));
        }
        Ok(tickloop::RngIntResponse { value: request.min + (roll % 9) as i32 })
    }
}

#[test]
fn urlbalancer_answers_alike() {
    let open = |log| {
        let rng = Arc::new(Dice(log));
        urlbalancer::PluginHandle::builder(urlbalancer::Callbacks { rng })
    };
    let handles = handles!("urlbalancer", open);
    let url = prop_oneof![text("aB.:/?#1 ", 12).prop_map(|rest| format!("https://{rest}")), text("htps:/.x1é", 20)];
    check(&(url, vec(text("ab1-.", 6), 0..6)), |(url, nodes)| {
        let request = urlbalancer::BalanceRequest { url, nodes };
        agree!(handles, request, urlbalancer: balance, balance_owned, balance_encoded, balance_batch);
        Ok(())
    });
}

#[test]
fn tickloop_answers_alike() {
    let open = |log| {
        let rng = Arc::new(Dice(log));
        tickloop::PluginHandle::builder(tickloop::Callbacks { rng })
    };
    let handles = handles!("tickloop", open);
    let request = (any::<u64>(), any::<u32>(), any::<u64>(), any::<u32>(), proptest::option::of(0..100u32));
    check(&request, |(tick, dt_micros, state_hash, events, target_ticks)| {
        if let Some(target_ticks) = target_ticks {
            let request = tickloop::WarmupRequest { target_ticks };
            agree!(handles, request, tickloop: warmup, warmup_owned, warmup_encoded, warmup_batch);
        }
        let request = tickloop::TickRequest { tick, dt_micros, state_hash, events };
        agree!(handles, request, tickloop: tick, tick_owned, tick_encoded, tick_batch);
        Ok(())
    });
}

/// Writes it all down, or fails to.
struct Audit(Log);

impl authz::Audit for Audit {
    fn record(&self, _: &CallbackContext<'_>, request: authz::RecordRequest) -> Result<authz::RecordResponse, Error> {
        if request.user_id.len() == 3 {
            return Err(Error::data_loss("the log is full"));
        }
        let mut log = self.0.lock().unwrap();
        log.push(format!("{request:?}"));
        Ok(authz::RecordResponse { sequence: log.len() as u64 })
    }
}

#[test]
fn authz_answers_alike() {
    let open = |log| authz::PluginHandle::builder(authz::Callbacks { audit: Arc::new(Audit(log)) });
    let handles = handles!("authz", open);
    let known =
        |words: &'static [&'static str]| prop_oneof![proptest::sample::select(words).prop_map(String::from), ".{0,8}"];
    let user = known(&["alice", "bob", "root", "eve"]);
    let request = (user, known(&["doc/1", "admin", "doc"]), known(&["read", "write", "delete"]));
    check(&request, |(user_id, resource, action)| {
        let request = authz::CheckAuthRequest { user_id, resource, action };
        agree!(handles, request, authz: check_auth, check_auth_owned, check_auth_encoded, check_auth_batch);
        Ok(())
    });
}
