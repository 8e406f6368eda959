//! The way back: a plugin calls the host while it answers a request.

use hookr_abi::lane::{Answer, HOST_INTERFACE, Idle, MAX_MESSAGE, STATUS_OK};
use hookr_abi::{Error, MethodId};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, WasmList};

use super::engine::MAX_REQUEST;
use super::memory::{Memory, Place, callback_parts};
use super::messages::{Built, Messages};
use crate::Source;
use crate::instance::{Bindings, StoreData};
use crate::observe::Way;

/// Why a callback over the lane gives no answer. It is as small as a pointer: that there is an answer is then known from a
/// register.
#[derive(Debug)]
pub struct Refusal(Box<Reason>);

#[derive(Debug)]
enum Reason {
    /// What the plugin gets instead.
    Failed(Error),
    /// The request cannot be read: the plugin loses its instance.
    Unreadable(Source),
}

impl Refusal {
    /// Of a request that cannot be read.
    #[cold]
    pub fn unreadable(error: impl Into<Source>) -> Self {
        Refusal(Box::new(Reason::Unreadable(error.into())))
    }

    /// Of a method that is none of the host's.
    #[cold]
    pub fn unknown(method: MethodId) -> Self {
        Error::unimplemented(format!("the host has no callback {method}")).into()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal(Box::new(Reason::Failed(error)))
    }
}

/// What a store keeps of the lane, which is as much as callbacks need.
#[derive(Default)]
pub(crate) struct Side {
    pub(super) memory: Memory,
    /// Where answers are built; nowhere in the plugin's memory, unless the engine says so.
    answers: Option<Place>,
    /// What builds them, from the first on.
    messages: Option<Messages>,
    /// The last answer, where it was too large for the region, or an error.
    aside: Vec<u8>,
    /// How large the region should be, if not as large as it is.
    wanted: Option<usize>,
    /// The largest answer that the region has had since somebody last looked.
    largest: usize,
    idle: Idle,
}

impl Side {
    /// Says where answers go from now on. It is a part of the memory.
    pub(super) fn show(&mut self, answers: Place) {
        if Some(answers) != self.answers
            && let Some(messages) = &mut self.messages
        {
            messages.memory_changed(0);
        }
        self.answers = Some(answers);
    }

    /// Whether the region is as large as it should be.
    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.wanted.is_none() && self.capacity() <= Idle::KEPT
    }

    /// How large the region should become: larger than it is, or smaller, if it has been too large for long.
    pub(super) fn take_wanted(&mut self) -> Option<usize> {
        let largest = std::mem::take(&mut self.largest);
        if let Some(wanted) = self.wanted.take() {
            return Some(wanted);
        }
        let capacity = self.capacity();
        self.idle.note(largest, capacity).then_some(Idle::KEPT)
    }

    #[inline]
    fn capacity(&self) -> usize {
        self.answers.map_or(0, |answers| answers.len as usize)
    }

    /// Keeps an answer of this length that is not where answers should be.
    #[cold]
    fn put_aside(&mut self, len: usize, has_memory: bool) -> Answer {
        if len > MAX_REQUEST {
            self.messages = None;
            let message = format!("the answer has {len} bytes, {MAX_REQUEST} at the most");
            return self.refuse(&Error::resource_exhausted(message));
        }
        self.aside.clear();
        if let Some(messages) = &mut self.messages {
            self.aside.extend_from_slice(messages.aside(len));
            messages.settle(len);
        }
        self.wanted = has_memory.then_some(len);
        Answer { status: STATUS_OK, length: len as u32, aside: true }
    }

    #[cold]
    fn refuse(&mut self, error: &Error) -> Answer {
        self.aside.clear();
        let end = error.message.floor_char_boundary(MAX_MESSAGE);
        self.aside.extend_from_slice(error.message.get(..end).unwrap_or_default().as_bytes());
        let length = u32::try_from(self.aside.len()).unwrap_or(u32::MAX);
        Answer { status: error.code.number().into(), length, aside: true }
    }
}

/// Tells the linker of the functions that plugins import.
pub(crate) fn link<B: Bindings>(linker: &mut Linker<StoreData<B::Callbacks>>) -> wasmtime::Result<()> {
    let mut instance = linker.instance(HOST_INTERFACE)?;
    instance.func_wrap(
        "call",
        |store: StoreContextMut<'_, StoreData<B::Callbacks>>, (method, request): (u32, WasmList<u8>)| {
            answer::<B>(store, MethodId(method), &request).map(|answer| (answer.to_word(),))
        },
    )?;
    instance.func_wrap("take", |mut store: StoreContextMut<'_, StoreData<B::Callbacks>>, (): ()| {
        Ok((std::mem::take(&mut store.data_mut().lane.aside),))
    })
}

/// The name of a callback, for people.
#[cold]
fn name_of<B: Bindings>(method: MethodId) -> &'static str {
    let mut callbacks = B::contract().into_iter().flat_map(|contract| contract.methods).filter(|known| known.callback);
    callbacks.find(|known| known.id == method).map_or("unknown", |known| known.name)
}

#[inline]
fn answer<B: Bindings>(
    mut store: StoreContextMut<'_, StoreData<B::Callbacks>>,
    method: MethodId,
    request: &WasmList<u8>,
) -> wasmtime::Result<Answer> {
    let observed = store.data().observe_callback(Way::Lane, Some(request.len()), || name_of::<B>(method));
    store.data().meter.bound().check(request.len())?;
    let answers = store.data().lane.answers;
    let (data, request, memory) = callback_parts(&mut store, request, answers)?;
    let (callbacks, context, side) = data.parts();
    let messages = side.messages.get_or_insert_with(Messages::new);
    let has_memory = memory.is_some();
    let mut result = Ok(());
    let built = messages.build(memory, |builder| {
        result = B::lane_callback(callbacks, &context, method, request, builder);
    });
    if let Some(observed) = observed {
        match &result {
            Ok(()) => observed.answered(Some(built.len())),
            Err(Refusal(reason)) => match &**reason {
                Reason::Failed(error) => observed.failed(error.code),
                Reason::Unreadable(_) => observed.unreadable(),
            },
        }
    }
    match (result, built) {
        (Ok(()), Built::InPlace(len)) => {
            side.largest = side.largest.max(len);
            Ok(Answer { status: STATUS_OK, length: len as u32, aside: false })
        }
        (Ok(()), Built::Aside(len)) => Ok(side.put_aside(len, has_memory)),
        (Err(Refusal(reason)), built) => match *reason {
            Reason::Failed(error) => {
                messages.spoil(built.len());
                Ok(side.refuse(&error))
            }
            Reason::Unreadable(source) => Err(wasmtime::Error::from_boxed(source)),
        },
    }
}
