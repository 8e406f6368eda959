//! A plugin that misbehaves on request, for the tests of what a host does then.

use std::cell::Cell;
use std::hint::black_box;

use chaos::{
    AllocateRequest, AllocateResponse, AskRequest, AskResponse, Code, CountResponse, Empty, Error, FailRequest,
    PanicRequest, Plugin, PluginContext, Sample, SpinRequest,
};

/// Counts the calls of `Count`, so that a test can tell an instance from a fresh one.
struct Chaos {
    calls: Cell<u32>,
}

impl Plugin for Chaos {
    fn count(&self, _: &PluginContext<'_>, _: Empty) -> Result<CountResponse, Error> {
        self.calls.set(self.calls.get() + 1);
        Ok(CountResponse { calls: self.calls.get() })
    }

    fn fail(&self, _: &PluginContext<'_>, request: FailRequest) -> Result<Empty, Error> {
        match Code::from_number(request.code) {
            Some(code) => Err(Error::new(code, request.message)),
            None => Ok(Empty {}),
        }
    }

    fn panic(&self, _: &PluginContext<'_>, request: PanicRequest) -> Result<Empty, Error> {
        panic!("{}", request.message)
    }

    fn recurse(&self, _: &PluginContext<'_>, _: Empty) -> Result<Empty, Error> {
        match descend(0) {
            0 => Ok(Empty {}),
            depth => Err(Error::out_of_range(format!("came back from {depth}"))),
        }
    }

    fn allocate(&self, _: &PluginContext<'_>, request: AllocateRequest) -> Result<AllocateResponse, Error> {
        let mut blocks: Vec<Vec<u8>> = Vec::new();
        for _ in 0..request.mebibytes {
            // One byte is written, so that a test of all the memory there is does not cost the machine as much.
            let mut block = Vec::with_capacity(1 << 20);
            block.push(1);
            blocks.push(black_box(block));
        }
        let sum = blocks.iter().flatten().copied().map(u32::from).sum();
        Ok(AllocateResponse { sum })
    }

    fn spin(&self, _: &PluginContext<'_>, request: SpinRequest) -> Result<Empty, Error> {
        spin(request.turns);
        Ok(Empty {})
    }

    fn echo(&self, _: &PluginContext<'_>, request: Sample) -> Result<Sample, Error> {
        Ok(request)
    }

    fn ask(&self, ctx: &PluginContext<'_>, request: AskRequest) -> Result<AskResponse, Error> {
        let mut last = Ok(AskResponse::default());
        for _ in 0..request.times {
            last = ctx.oracle().ask(&request);
        }
        last
    }
}

/// As its own function, so that a backtrace has a name for it.
#[inline(never)]
fn spin(turns: u64) {
    let mut turn = 0u64;
    loop {
        turn = black_box(turn + 1);
        if turn == turns {
            return;
        }
    }
}

/// Returns only when told to by a number that never comes, which the compiler cannot know.
#[inline(never)]
fn descend(depth: u64) -> u64 {
    if black_box(depth) == u64::MAX {
        return 1;
    }
    let deeper = black_box([depth; 16]);
    descend(depth + 1).wrapping_add(black_box(deeper)[0])
}

chaos::export!(Chaos = Chaos { calls: Cell::new(0) });
