//! A call over the lane that borrows its response takes no memory of the host.
//!
//! A program of its own, because it counts every allocation, and one test only, because tests run beside each other.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hookr::__private::Refusal;
use hookr::lane::{AnswerBuilder, LaneChoice, RequestBuilder};
use hookr::{CallbackContext, Error};
use hookr_tests::lane::methods::{CALL_BACK, ECHO};
use hookr_tests::lane::{LaneGuest, read, write};
use lanes::fb;
use lanes::flatbuffers::WIPOffset;

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations each of a hundred rounds makes, on average, once everything has been used.
fn allocations(mut round: impl FnMut()) -> f64 {
    const ROUNDS: u64 = 100;
    for _ in 0..ROUNDS {
        round();
    }
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..ROUNDS {
        round();
    }
    (ALLOCATIONS.load(Ordering::Relaxed) - before) as f64 / ROUNDS as f64
}

#[test]
fn borrowed_calls_take_no_memory() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1.0, "allocations are counted");

    let echo = |_, request: &[u8], answer: &mut AnswerBuilder<'_>| {
        write(answer, read(request).map_err(Refusal::unreadable)?);
        Ok(())
    };
    let handle = LaneGuest::default().open(LaneChoice::Direct, echo).unwrap();
    let mut lane = handle.lane().unwrap();
    for len in [0, 64, 1000, 100_000] {
        let bytes = vec![3; len];
        assert_eq!(allocations(|| assert!(lane.call(&ECHO, &bytes).unwrap() == bytes)), 0.0, "{len}");
        let finished = || {
            let unread = |response| Ok::<_, hookr::Source>(response);
            assert!(lane.lane.call_encoded(&ECHO, &bytes, unread).unwrap().starts_with(&bytes));
        };
        assert_eq!(allocations(finished), 0.0, "finished, {len}");
        assert_eq!(allocations(|| assert!(lane.call(&CALL_BACK, &bytes).unwrap() == bytes)), 0.0, "callback, {len}");
    }
    let bytes = [5; 64];
    let batch = || {
        let mut answers = 0;
        let build = |_: usize, builder: &mut RequestBuilder<'_>| write(builder, &bytes);
        let count = |_, answer: Result<&[u8], _>| {
            answers += usize::from(answer.is_ok_and(|answer| read(answer) == Ok(&bytes)));
            Ok::<_, hookr::Source>(())
        };
        lane.lane.batch(&ECHO, 16, build, count).unwrap();
        assert_eq!(answers, 16);
    };
    assert_eq!(allocations(batch), 0.0, "batch");
    // The lock itself takes none either.
    drop(lane);
    assert_eq!(allocations(|| assert!(handle.lane().unwrap().call(&ECHO, &bytes).is_ok())), 0.0, "guard");
    generated_code_takes_no_memory();
}

/// The same of a plugin that is compiled, through what is generated for its contract, callbacks included.
fn generated_code_takes_no_memory() {
    let callbacks = lanes::Callbacks { desk: Arc::new(InPlace) };
    let builder = lanes::PluginHandle::builder(callbacks).allow_unsigned().lane(LaneChoice::Direct);
    let handle = builder.open(hookr_tests::plugin("lanes")).unwrap();
    let mut lane = handle.lane().unwrap();
    let write = |builder: &mut RequestBuilder<'_>| builder.create_string("a text of some length").value();
    let args = |text| fb::MessageArgs { text: Some(WIPOffset::new(text)), number: 2.5, ..Default::default() };
    let echo = || {
        let answer = lane.echo(|builder| {
            let text = write(builder);
            fb::Message::create(builder, &args(text))
        });
        assert_eq!(answer.unwrap().text(), Some("a text of some length"));
    };
    assert_eq!(allocations(echo), 0.0, "generated");
    let forward = || {
        let answer = lane.forward(|builder| {
            let text = write(builder);
            fb::Message::create(builder, &args(text))
        });
        assert_eq!(answer.unwrap().number(), 2.5);
    };
    assert_eq!(allocations(forward), 0.0, "generated, with a callback");
}

struct InPlace;

impl lanes::Desk for InPlace {
    fn relay(&self, _: &CallbackContext<'_>, request: lanes::Message) -> Result<lanes::Message, Error> {
        Ok(request)
    }

    fn relay_in_place<'b>(
        &self,
        _: &CallbackContext<'_>,
        request: fb::Message<'_>,
        answer: &mut AnswerBuilder<'b>,
    ) -> Result<WIPOffset<fb::Message<'b>>, Error> {
        let text = request.text().map(|text| answer.create_string(text));
        Ok(fb::Message::create(answer, &fb::MessageArgs { text, number: request.number(), ..Default::default() }))
    }
}
