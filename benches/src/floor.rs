//! What the others are compared with: a core function of WebAssembly, whose memory the host reads and writes in place.

use wasmtime::Result;
use wasmtime::error::Context as _;
use wasmtime::{Caller, Engine, Linker, Memory, Module, Store, TypedFunc};

use crate::look;

/// Where requests are.
const REQUEST: usize = 1 << 16;

/// Where the host's answers are.
const ANSWER: usize = 1 << 18;

/// A core module in its store.
pub struct Core {
    store: Store<Option<Memory>>,
    memory: Memory,
    call: TypedFunc<(u32, u32), u32>,
    forward: TypedFunc<(u32, u32), u32>,
    ask: TypedFunc<(u32, u32), u32>,
}

impl Core {
    /// A module on an engine with Hookr's settings.
    ///
    /// # Errors
    ///
    /// As wasmtime's.
    pub fn new(engine: &Engine) -> Result<Self> {
        let module = Module::new(engine, wat::parse_str(include_str!("core.wat"))?)?;
        let mut store = Store::new(engine, None);
        let mut linker = Linker::new(engine);
        linker.func_wrap("host", "reflect", |mut caller: Caller<'_, Option<Memory>>, offset: u32, length: u32| {
            let memory = caller.data().context("there is a memory")?;
            let (before, answer) =
                memory.data_mut(&mut caller).split_at_mut_checked(ANSWER).context("a small memory")?;
            let request = part(before, offset as usize, length as usize)?;
            answer.get_mut(..request.len()).context("a long request")?.copy_from_slice(request);
            wasmtime::Result::Ok(length)
        })?;
        linker.func_wrap("host", "number", |number: u32, times: u32| number.wrapping_add(times))?;
        let instance = linker.instantiate(&mut store, &module)?;
        let memory = instance.get_memory(&mut store, "memory").context("there is a memory")?;
        *store.data_mut() = Some(memory);
        let call = instance.get_typed_func(&mut store, "call")?;
        let forward = instance.get_typed_func(&mut store, "forward")?;
        let ask = instance.get_typed_func(&mut store, "ask")?;
        Ok(Core { store, memory, call, forward, ask })
    }

    /// Copies a request in, calls, and looks at the answer where it is.
    ///
    /// # Errors
    ///
    /// As wasmtime's.
    #[inline]
    pub fn call(&mut self, request: &[u8]) -> Result<u64> {
        let length = self.put(request)?;
        let length = self.call.call(&mut self.store, (1, length))?;
        Ok(look(part(self.memory.data(&self.store), REQUEST, length as usize)?))
    }

    /// Copies a request in, has it passed to the host so many times, and looks at the host's answer where it is.
    ///
    /// # Errors
    ///
    /// As wasmtime's.
    #[inline]
    pub fn forward(&mut self, request: &[u8], times: u32) -> Result<u64> {
        let length = self.put(request)?;
        let length = self.forward.call(&mut self.store, (times, length))?;
        Ok(look(part(self.memory.data(&self.store), ANSWER, length as usize)?))
    }

    /// Has the host asked for a number so many times.
    ///
    /// # Errors
    ///
    /// As wasmtime's.
    #[inline]
    pub fn ask(&mut self, times: u32) -> Result<u64> {
        Ok(self.ask.call(&mut self.store, (times, 1))?.into())
    }

    #[inline]
    fn put(&mut self, request: &[u8]) -> Result<u32> {
        let memory = self.memory.data_mut(&mut self.store);
        let place = memory.get_mut(REQUEST..REQUEST + request.len()).context("a long request")?;
        place.copy_from_slice(request);
        Ok(u32::try_from(request.len())?)
    }
}

#[inline]
fn part(memory: &[u8], offset: usize, length: usize) -> Result<&[u8]> {
    memory.get(offset..).and_then(|memory| memory.get(..length)).context("outside of the memory")
}
