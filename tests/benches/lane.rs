//! What a call costs, by each way: `cargo bench -p hookr-tests --bench lane`, and with `-- portable` only the ways with
//! that word in their names, beside the floor.
//!
//! All ways are measured in turns, in one process, so that what slows the machine down for a while slows down all of
//! them; the table has the median of the turns, and its ratio to a call of a core function in place, which is the floor.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::time::Instant;

use flatbuffers::FlatBufferBuilder;
use hookr::__private::wasmtime::component::{Component, Linker as ComponentLinker};
use hookr::__private::wasmtime::{Caller, Config, Engine, Linker, Memory, Module, Result, Store, TypedFunc};
use hookr::__private::{Refusal, wasmtime};
use hookr::lane::{AnswerBuilder, LaneChoice, RequestBuilder};
use hookr_tests::lane::methods::{CALL_BACK, ECHO};
use hookr_tests::lane::{LaneGuard, LaneGuest, LaneHandle, read, write};

/// How often each way is measured.
const TURNS: usize = 2000;

/// How many calls a measurement consists of: so few that most measurements are over before the system lets another
/// program run.
const CALLS: usize = 400;

/// How many requests a batch has.
const BATCH: usize = 16;

const CORE: &str = r#"(module
  (import "host" "call" (func $host (param i32 i32) (result i64)))
  (memory (export "memory") 2)
  (func (export "echo") (param $method i32) (param $length i32) (result i64)
    (if (i32.eq (local.get $method) (i32.const 1)) (then
      (return (i64.or (i64.const 65536) (i64.shl (i64.extend_i32_u (local.get $length)) (i64.const 32))))))
    (i64.const 0))
  (func (export "call_back") (param $method i32) (param $length i32) (result i64)
    (call $host (i32.const 65536) (local.get $length))))"#;

const LISTS: &str = r#"(component
  (core module $m
    (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "echo") (param "bytes" (list u8)) (result (list u8))
    (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#;

fn main() {
    for size in [64, 1024] {
        measure(size).unwrap_or_else(|error| panic!("{error:#}"));
    }
}

/// A way to call, measured in calls.
struct Way<'a> {
    name: &'static str,
    calls: usize,
    run: Box<dyn FnMut(usize) -> u64 + 'a>,
    turns: Vec<f64>,
}

fn measure(size: usize) -> Result<()> {
    let bytes = vec![7; size];
    let message = message(&bytes);
    let core = Core::new()?;
    let [mut echo, mut call_back] = [core, Core::new()?];
    let mut lists = Lists::new()?;
    let open_all = |choice, callback| -> [LaneGuard<'static>; 4] { [(); 4].map(|()| lock(open(choice, callback))) };
    let [mut raw, mut tiny, mut unverified, mut direct] = open_all(LaneChoice::Direct, Callback::Message);
    let [mut tiny_batch, mut batch, mut back, _] = open_all(LaneChoice::Direct, Callback::Message);
    let [mut tiny_back, ..] = open_all(LaneChoice::Direct, Callback::Numbers);
    let [mut raw_portable, mut portable, ..] = open_all(LaneChoice::Portable, Callback::Message);
    let mut ways = vec![
        way("core function in place", 1, |i| echo.call(&bytes, i)),
        way("lane, finished request", 1, |_| last(raw.lane.call_encoded(&ECHO, &bytes, unread))),
        way("lane, four bytes built", 1, |_| last(tiny.lane.call(&ECHO, four_bytes, unread))),
        way("lane, built", 1, |_| last(unverified.lane.call(&ECHO, |builder| write(builder, &bytes), unread))),
        way("lane, built and verified", 1, |_| last(direct.call(&ECHO, &bytes))),
        way("lane, portable, finished request", 1, |_| last(raw_portable.lane.call_encoded(&ECHO, &bytes, unread))),
        way("lane, portable, built and verified", 1, |_| last(portable.call(&ECHO, &bytes))),
        way("component call with lists", 1, |_| lists.call(&bytes)),
        way("batch of 16, four bytes built, each", BATCH, |_| {
            sum_of_batch(&mut tiny_batch, |_, b| four_bytes(b), unread)
        }),
        way("batch of 16, built and verified, each", BATCH, |_| {
            sum_of_batch(&mut batch, |_, builder| write(builder, &bytes), |answer| Ok(read(answer)?))
        }),
        way("core function and callback", 1, |i| call_back.call_back(&bytes, i)),
        way("lane and callback, finished and eight bytes", 1, |_| {
            last(tiny_back.lane.call_encoded(&CALL_BACK, &message, unread))
        }),
        way("lane and callback, built and verified", 1, |_| last(back.call(&CALL_BACK, &bytes))),
    ];
    let chosen: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut is_floor = true;
    ways.retain(|way| std::mem::take(&mut is_floor) || chosen.iter().all(|word| way.name.contains(word)));
    for _ in 0..TURNS {
        for way in &mut ways {
            let rounds = CALLS / way.calls;
            let start = Instant::now();
            let sum: u64 = (0..rounds).map(|i| (way.run)(i)).fold(0, u64::wrapping_add);
            let time = start.elapsed();
            black_box(sum);
            way.turns.push(time.as_secs_f64() * 1e9 / (rounds * way.calls) as f64);
        }
    }
    println!("\n{size} bytes, {TURNS} turns of {CALLS} calls\n\n{:45} {:>8} {:>8}", "way", "ns", "× core");
    let floor = ways.first_mut().map_or(1.0, |way| median(&mut way.turns));
    for way in &mut ways {
        let median = median(&mut way.turns);
        println!("{:45} {median:8.1} {:8.2}", way.name, median / floor);
    }
    Ok(())
}

fn way<'a>(name: &'static str, calls: usize, run: impl FnMut(usize) -> u64 + 'a) -> Way<'a> {
    Way { name, calls, run: Box::new(run), turns: Vec::with_capacity(TURNS) }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What the host does when it is called back.
#[derive(Clone, Copy)]
enum Callback {
    /// Verifies the request, and answers with a message like it.
    Message,
    /// Answers with a number; the message is no FlatBuffer.
    Numbers,
}

fn open(choice: LaneChoice, callback: Callback) -> LaneHandle {
    let answer = move |_, request: &[u8], answer: &mut AnswerBuilder<'_>| {
        match callback {
            Callback::Message => write(answer, read(request).map_err(Refusal::unreadable)?),
            Callback::Numbers => {
                answer.push(request.len() as u64);
            }
        }
        Ok(())
    };
    LaneGuest::default().open(choice, answer).unwrap()
}

/// Guards of different plugins may live at once on one thread; the handles are leaked so that they need not be ordered.
fn lock(handle: LaneHandle) -> LaneGuard<'static> {
    Box::leak(Box::new(handle)).lane().unwrap()
}

/// A message of its own.
fn message(bytes: &[u8]) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let root = builder.create_vector(bytes);
    builder.finish(root, None);
    builder.finished_data().to_vec()
}

fn four_bytes(builder: &mut RequestBuilder<'_>) {
    builder.push(7u32);
}

fn unread(response: &[u8]) -> std::result::Result<&[u8], hookr::Source> {
    Ok(response)
}

fn last(response: std::result::Result<&[u8], hookr::CallError>) -> u64 {
    u64::from(*response.unwrap().last().unwrap())
}

fn sum_of_batch(
    lane: &mut LaneGuard<'_>,
    build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
    read: impl Fn(&[u8]) -> std::result::Result<&[u8], hookr::Source>,
) -> u64 {
    let mut sum = 0;
    let add = |_, answer: std::result::Result<&[u8], hookr::Error>| {
        sum += u64::from(*read(answer?)?.last().unwrap());
        Ok::<_, hookr::Source>(())
    };
    lane.lane.batch(&ECHO, BATCH, build, add).unwrap();
    sum
}

fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.concurrency_support(false);
    Engine::new(&config)
}

/// A core module that is called in place.
struct Core {
    store: Store<Option<Memory>>,
    memory: Memory,
    echo: TypedFunc<(u32, u32), u64>,
    call_back: TypedFunc<(u32, u32), u64>,
}

impl Core {
    fn new() -> Result<Self> {
        let engine = engine()?;
        let module = Module::new(&engine, wat::parse_str(CORE).unwrap())?;
        let mut store = Store::new(&engine, None);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "call", |mut caller: Caller<'_, Option<Memory>>, offset: u32, length: u32| {
            let memory = caller.data().unwrap();
            let (offset, length) = (offset as usize, length as usize);
            let (request, answer) = memory.data_mut(&mut caller).split_at_mut(offset + length);
            answer[..length].copy_from_slice(&request[offset..]);
            (offset + length) as u64 | (length as u64) << 32
        })?;
        let instance = linker.instantiate(&mut store, &module)?;
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        *store.data_mut() = Some(memory);
        let echo = instance.get_typed_func(&mut store, "echo")?;
        let call_back = instance.get_typed_func(&mut store, "call_back")?;
        Ok(Core { store, memory, echo, call_back })
    }

    fn call(&mut self, bytes: &[u8], _: usize) -> u64 {
        self.memory.data_mut(&mut self.store)[65536..][..bytes.len()].copy_from_slice(bytes);
        let word = self.echo.call(&mut self.store, (1, bytes.len() as u32)).unwrap();
        self.last(word)
    }

    fn call_back(&mut self, bytes: &[u8], _: usize) -> u64 {
        self.memory.data_mut(&mut self.store)[65536..][..bytes.len()].copy_from_slice(bytes);
        let word = self.call_back.call(&mut self.store, (1, bytes.len() as u32)).unwrap();
        self.last(word)
    }

    fn last(&self, word: u64) -> u64 {
        let (offset, length) = (word as u32 as usize, (word >> 32) as usize);
        u64::from(self.memory.data(&self.store)[offset..][..length][length - 1])
    }
}

/// A component whose call takes and returns a list.
struct Lists {
    store: Store<()>,
    echo: wasmtime::component::TypedFunc<(&'static [u8],), (Vec<u8>,)>,
}

impl Lists {
    fn new() -> Result<Self> {
        let engine = engine()?;
        let component = Component::new(&engine, wat::parse_str(LISTS).unwrap())?;
        let mut store = Store::new(&engine, ());
        let instance = ComponentLinker::new(&engine).instantiate(&mut store, &component)?;
        let echo = instance.get_typed_func(&mut store, "echo")?;
        Ok(Lists { store, echo })
    }

    fn call(&mut self, bytes: &[u8]) -> u64 {
        let echo: wasmtime::component::TypedFunc<(&[u8],), (Vec<u8>,)> = self.echo;
        let (answer,) = echo.call(&mut self.store, (bytes,)).unwrap();
        u64::from(answer[answer.len() - 1])
    }
}
