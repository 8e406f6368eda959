//! The engine that needs nothing but what wasmtime documents.
//!
//! Requests are built in memory of the host and passed as a list; responses are read where they are.

use hookr_abi::lane::{Idle, VERSION};
use wasmtime::component::WasmList;
use wasmtime::{Store, format_err};

use super::engine::{Answer, Engine, Exchange, Exports, Fault, MAX_REQUEST, Request, Unusable};
use super::messages::Part;
use crate::instance::StoreData;

/// The most that the answers to one batch may have together, in bytes: 64 MiB. The plugin has room for one, and says of each
/// how long it is.
const MAX_ANSWERS: usize = 64 << 20;

/// See above.
pub(super) struct Portable {
    exchange: Exchange<'static>,
    /// Copies of a batch's answers: the plugin has room for one.
    answers: Vec<u8>,
    /// Where each of them ends, and its status.
    ends: Vec<(usize, u32)>,
    idle: Idle,
}

impl Portable {
    /// An error costs the instance.
    pub(super) fn open<T: 'static>(
        store: &mut Store<T>,
        exports: &Exports,
    ) -> wasmtime::Result<Result<Self, Unusable>> {
        let (control,) = exports.open.call(store, (VERSION,))?;
        if control == 0 {
            return Ok(Err(Unusable(format!("the plugin does not know version {VERSION} of the lane"))));
        }
        Ok(Ok(Portable { exchange: exports.exchange, answers: Vec::new(), ends: Vec::new(), idle: Idle::default() }))
    }

    fn exchange<T: 'static>(
        &self,
        store: &mut Store<T>,
        method: u32,
        request: &[u8],
    ) -> wasmtime::Result<(u32, WasmList<u8>)> {
        // A function of a shorter-lived parameter: typed functions are covariant in their parameters.
        let exchange: Exchange<'_> = self.exchange;
        let ((status, response),) = exchange.call(store, (method, request))?;
        Ok((status, response))
    }
}

fn aside<'a>(request: Request<'a>) -> Result<&'a [u8], Fault> {
    match request {
        Request::Aside(bytes) if bytes.len() <= MAX_REQUEST => Ok(bytes),
        Request::Aside(bytes) => Err(Fault::TooLarge { size: bytes.len(), limit: MAX_REQUEST }),
        Request::InPlace(_) => Err(Fault::Lost(format_err!("a request was built in memory that this engine has not"))),
    }
}

impl<C: 'static> Engine<C> for Portable {
    fn memory<'s>(&mut self, _: &'s mut Store<StoreData<C>>) -> Option<&'s mut [u8]> {
        None
    }

    fn place(&mut self, _: &mut Store<StoreData<C>>, _: &[u8]) -> Option<usize> {
        None
    }

    fn take_over(&mut self, _: &mut Store<StoreData<C>>, _: &[u8], _: usize) -> Result<Option<usize>, Fault> {
        Ok(None)
    }

    // Not inlined where the other engine's is: this one gains nothing from that.
    #[inline(never)]
    fn call<'s>(
        &mut self,
        store: &'s mut Store<StoreData<C>>,
        method: u32,
        request: Request<'_>,
    ) -> Result<Answer<'s>, Fault> {
        self.answers.clear();
        let (status, response) = self.exchange(store, method, aside(request)?)?;
        Ok(Answer::new(status, response.as_le_slice(&*store)))
    }

    /// Calls as often as there are requests.
    fn call_all(
        &mut self,
        store: &mut Store<StoreData<C>>,
        method: u32,
        parts: &[Part],
        request: Request<'_>,
    ) -> Result<(), Fault> {
        let bytes = aside(request)?;
        self.answers.clear();
        self.ends.clear();
        for part in parts {
            let start = bytes.len().checked_sub(part.before_end);
            let request = start.and_then(|start| bytes.get(start..)?.get(..part.len)).unwrap_or_default();
            let (status, response) = self.exchange(store, method, request)?;
            let response = response.as_le_slice(&*store);
            if response.len() > MAX_ANSWERS.saturating_sub(self.answers.len()) {
                return Err(Fault::Lost(format_err!("the answers to a batch have more than {MAX_ANSWERS} bytes")));
            }
            self.answers.extend_from_slice(response);
            self.ends.push((self.answers.len(), status));
        }
        Ok(())
    }

    #[inline(never)]
    fn answer<'s>(&'s self, _: &'s Store<StoreData<C>>, i: usize) -> Result<Answer<'s>, Fault> {
        let missing = || Fault::Lost(format_err!("the batch has no answer {i}"));
        let start = i.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).map(|(end, _)| *end));
        let (start, (end, status)) = start.zip(self.ends.get(i).copied()).ok_or_else(missing)?;
        let bytes = self.answers.get(start..end).ok_or_else(missing)?;
        Ok(Answer::new(status, bytes))
    }

    fn is_settled(&self, _: &Store<StoreData<C>>) -> bool {
        self.answers.capacity() <= Idle::KEPT
    }

    fn settle(&mut self, _: &mut Store<StoreData<C>>, _: usize) -> Result<bool, Fault> {
        if self.idle.note(self.answers.len(), self.answers.capacity()) {
            self.answers = Vec::new();
        }
        Ok(false)
    }
}
