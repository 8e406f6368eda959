//! Memory that moves. With the settings of [`Engine`](crate::Engine) it does not: there is room for it to grow where it is.

use std::sync::Arc;

use hookr_abi::lane::STATUS_OK;
use hookr_abi::section::Section;
use hookr_abi::{CallbackContext, ContractId};
use wasmtime::Config;
use wasmtime::component::{Component, Linker};

use super::*;
use crate::call::Terms;
use crate::instance::{Bindings, Factory, Live};
use crate::lane::memory::read;
use crate::lane::{AnswerBuilder, Refusal};
use crate::plugin::Stage;
use crate::{Engine, Settings};

/// The plugin of the end-to-end tests, which say what its methods do.
const SOURCE: &str = include_str!("../../../../tests/src/lane.wat");

const ECHO: MethodId = MethodId(1);
const GROW: MethodId = MethodId(5);
const GROW_AND_CALL_BACK: MethodId = MethodId(7);

struct World;

impl Bindings for World {
    type Callbacks = ();

    fn contract() -> Option<&'static crate::metadata::Contract> {
        None
    }

    fn link(_: &mut Linker<StoreData<()>>, _: &Section) -> wasmtime::Result<()> {
        Ok(())
    }

    fn bind(_: &mut Store<StoreData<()>>, _: &Instance, _: &Section) -> wasmtime::Result<Self> {
        Ok(World)
    }

    /// Answers with one more.
    fn lane_callback(
        (): &(),
        _: &CallbackContext<'_>,
        _: MethodId,
        request: &[u8],
        answer: &mut AnswerBuilder<'_>,
    ) -> Result<(), Refusal> {
        answer.push(number(request) + 1);
        Ok(())
    }
}

/// The number at the start of a message: finished ones have zeros behind it.
fn number(message: &[u8]) -> u64 {
    u64::from_le_bytes(*message.first_chunk().unwrap())
}

/// An instance whose memory has no room to grow.
fn start(choice: LaneChoice) -> Live<World> {
    let mut config = Config::new();
    config.concurrency_support(false).memory_reservation(0).memory_reservation_for_growth(0).memory_guard_size(0);
    let engine = Engine::of(&config, Settings::default()).unwrap();
    let component = Component::new(&engine.wasmtime, wat::parse_str(SOURCE).unwrap()).unwrap();
    let mut linker = Linker::new(&engine.wasmtime);
    crate::lane::link::<World>(&mut linker).unwrap();
    let factory = Factory::<World>::new(
        linker.instantiate_pre(&component).unwrap(),
        engine,
        Arc::new(()),
        ("", ""),
        choice,
        Limits::default(),
    );
    let section = Section {
        contract_id: ContractId([0; 32]),
        package: String::new(),
        world: String::new(),
        generator: String::new(),
        plugin_name: String::new(),
        plugin_version: String::new(),
        methods: Vec::new(),
        schema: Vec::new(),
    };
    let live = factory
        .start(&section, &Terms::new(&Limits::default()), 0, &Stage::default(), false)
        .unwrap_or_else(|_| panic!("the plugin can be started"));
    let expected = if choice == LaneChoice::Portable { LaneState::Portable } else { LaneState::Direct };
    assert_eq!(live.lane.state, expected);
    live
}

/// Calls with a number, built and finished in turns.
fn call(live: &mut Live<World>, method: MethodId, request: u64) -> u64 {
    let Live { store, lane, .. } = live;
    let answer = if request.is_multiple_of(2) {
        let begun = lane.begin(store);
        let built = begun.and_then(|()| {
            lane.build(store, |builder| {
                builder.push(request);
            })
        });
        built.and_then(|built| lane.send(store, method, built))
    } else {
        lane.send_encoded(store, method, &request.to_le_bytes())
    };
    let answer = answer.unwrap_or_else(|_| panic!("the call does not fail"));
    assert_eq!(answer.status(), STATUS_OK);
    number(answer.bytes)
}

#[test]
fn memory_that_moves_is_found_again() {
    let mut live = start(LaneChoice::Direct);
    let mut places = vec![(0, 0)];
    for i in 0..20 {
        assert_eq!(call(&mut live, GROW, i), i);
        assert_eq!(call(&mut live, GROW_AND_CALL_BACK, i), i + 1);
        assert_eq!(call(&mut live, ECHO, i), i);
        let memory = read(&live.store);
        places.push((memory.as_ptr().addr(), memory.len()));
    }
    assert!(places.windows(2).all(|two| two[0].1 < two[1].1), "the memory has grown each time");
    places.sort_unstable();
    places.dedup_by_key(|place| place.0);
    assert!(places.len() > 5, "and it has moved: {places:x?}");
}

/// Requests of so many bytes, as many as there are.
fn batch(live: &mut Live<World>, method: MethodId, requests: &[Vec<u8>]) -> Result<(), Fault> {
    let Live { store, lane, .. } = live;
    lane.begin(store)?;
    let built = lane.build_all(store, requests.len(), |i, builder| {
        builder.create_vector(&requests[i]);
    })?;
    lane.send_all(store, method, built)
}

#[test]
fn answers_that_were_kept_for_a_batch_are_given_back() {
    let mut live = start(LaneChoice::Portable);
    let requests = vec![vec![1; 100 << 10]; 40];
    batch(&mut live, ECHO, &requests).unwrap_or_else(|_| panic!("the batch does not fail"));
    let is_settled = |live: &mut Live<World>| live.lane.engine.as_ref().unwrap().is_settled(&live.store);
    assert!(!is_settled(&mut live));
    for i in 0..100 {
        assert_eq!(call(&mut live, ECHO, i), i);
    }
    assert!(is_settled(&mut live));
}

#[test]
fn answers_to_a_batch_are_not_without_bound() {
    const LIE: MethodId = MethodId(8);
    let mut live = start(LaneChoice::Portable);
    // Each says that the answer is all of the memory, two pages.
    let numbers = [0u32, 0, 0, 128 << 10];
    let lie: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    assert!(batch(&mut live, LIE, &vec![lie.clone(); 500]).is_ok());
    let fault = batch(&mut live, LIE, &vec![lie; 600]).err();
    assert!(matches!(fault, Some(Fault::Lost(error)) if error.to_string().contains("answers to a batch")));
}
