//! A plugin with a lane, written as text, and what a generated crate would have for it.
//!
//! Its messages are FlatBuffers whose root is a vector of bytes, which need no schema.

use std::sync::Arc;

use flatbuffers::Vector;
use hookr::__private::wasmtime::component::{Instance, Linker};
use hookr::__private::wasmtime::{self, Store};
use hookr::__private::{Bindings, Contract, Lane, MethodSpec, Opened, Plugin, Refusal, StoreData};
use hookr::lane::{AnswerBuilder, LaneChoice, RequestBuilder};
use hookr::{Builder, CallError, CallbackContext, ContractId, Error, MethodId};
use hookr_abi::section::{Method, MethodKind, Section};

use crate::hostile::with_payload;

/// The methods of the plugin. Each has the number that `SOURCE` compares with.
pub mod methods {
    use super::*;

    macro_rules! methods {
        ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
            $($(#[$doc])* pub const $name: MethodSpec = MethodSpec { id: MethodId($number), name: $text, callback: false };)*

            /// All of them.
            pub const ALL: &[MethodSpec] = &[$($name),*];
        };
    }

    methods! {
        /// Answers with the request.
        ECHO = 1, "Plugin:Echo";
        /// Fails with the code 5, and the bytes of the request for a message.
        FAIL = 2, "Plugin:Fail";
        /// Traps.
        TRAP = 3, "Plugin:Trap";
        /// Passes the request to the host, and answers with what that answers.
        CALL_BACK = 4, "Plugin:CallBack";
        /// Makes the memory larger, and answers with a copy of the request at its end.
        GROW = 5, "Plugin:Grow";
        /// Overwrites all regions, and then does as `CALL_BACK` with what was the request.
        SCRIBBLE = 6, "Plugin:Scribble";
        /// Makes the memory larger, and then does as `CALL_BACK` with a copy of the request at its end.
        GROW_AND_CALL_BACK = 7, "Plugin:GrowAndCallBack";
        /// Claims to have answered as the three numbers in the request say: status, offset, length.
        LIE = 8, "Plugin:Lie";
        /// Passes to the host, for a request, what the two numbers in the request say: offset, length.
        CALL_BACK_WITH = 9, "Plugin:CallBackWith";
        /// Answers with the number of these calls.
        COUNT = 10, "Plugin:Count";
        /// From now on, gives regions as the number in the request says.
        RESERVE_SO = 11, "Plugin:ReserveSo";
        /// Calls back, and then traps.
        CALL_BACK_AND_TRAP = 12, "Plugin:CallBackAndTrap";
    }
}

/// The text of the component. Words in `@` are replaced.
const SOURCE: &str = include_str!("lane.wat");

/// The component, a word or more of it replaced.
#[derive(Clone)]
pub struct LaneGuest {
    source: String,
}

impl Default for LaneGuest {
    fn default() -> Self {
        LaneGuest { source: SOURCE.to_owned() }
    }
}

impl LaneGuest {
    /// Replaces a text that is there once.
    ///
    /// # Panics
    ///
    /// If it is not.
    #[must_use]
    pub fn replace(mut self, from: &str, to: &str) -> Self {
        assert_eq!(self.source.matches(from).count(), 1, "{from:?} is in the text once");
        self.source = self.source.replace(from, to);
        self
    }

    /// The component as bytes.
    ///
    /// # Panics
    ///
    /// If it is not valid.
    pub fn build(&self) -> Vec<u8> {
        let component = wat::parse_str(&self.source).unwrap_or_else(|error| panic!("{error}"));
        with_section(component)
    }

    /// Opens it, with callbacks that are answered by a closure.
    ///
    /// # Errors
    ///
    /// As [`Builder::open`].
    pub fn open<F>(&self, choice: LaneChoice, callback: F) -> Result<LaneHandle, hookr::OpenError>
    where
        F: Fn(MethodId, &[u8], &mut AnswerBuilder<'_>) -> Result<(), Refusal> + Send + Sync + 'static,
    {
        open_component(self.build(), choice, callback)
    }
}

/// Opens a component that has the section.
///
/// # Errors
///
/// As [`Builder::open`].
pub fn open_component<F>(component: Vec<u8>, choice: LaneChoice, callback: F) -> Result<LaneHandle, hookr::OpenError>
where
    F: Fn(MethodId, &[u8], &mut AnswerBuilder<'_>) -> Result<(), Refusal> + Send + Sync + 'static,
{
    builder(callback).lane(choice).open_bytes(component)
}

/// A builder for such plugins.
pub fn builder<F>(callback: F) -> Builder<LaneHandle>
where
    F: Fn(MethodId, &[u8], &mut AnswerBuilder<'_>) -> Result<(), Refusal> + Send + Sync + 'static,
{
    Builder::new(Arc::new(Callback(Box::new(callback)))).allow_unsigned()
}

/// Puts the section of the contract into a component.
pub fn with_section(component: Vec<u8>) -> Vec<u8> {
    with_payload(component, &section().encode())
}

fn section() -> Section {
    let row = |service: &str, name: &str, kind| Method {
        id: MethodId::of(service, name),
        kind,
        service: service.to_owned(),
        name: name.to_owned(),
        interface: service.to_lowercase(),
        function: name.to_lowercase(),
    };
    Section {
        contract_id: ContractId([7; 32]),
        package: "test:lane".to_owned(),
        world: "lane".to_owned(),
        generator: "nobody".to_owned(),
        plugin_name: String::new(),
        plugin_version: String::new(),
        // Nothing here is exported: these plugins have nothing but a lane.
        methods: vec![
            row("Plugin", "Echo", MethodKind::Optional { implemented: false }),
            row("Host", "Call", MethodKind::Callback),
        ],
        schema: Vec::new(),
    }
}

type Answering = dyn Fn(MethodId, &[u8], &mut AnswerBuilder<'_>) -> Result<(), Refusal> + Send + Sync;

/// The host's callbacks: one closure for all of them.
pub struct Callback(Box<Answering>);

/// The joint to a world without functions.
pub struct World;

impl Bindings for World {
    type Callbacks = Callback;

    fn contract() -> Option<&'static Contract> {
        None
    }

    fn link(_: &mut Linker<StoreData<Callback>>, _: &Section) -> wasmtime::Result<()> {
        Ok(())
    }

    fn bind(_: &mut Store<StoreData<Callback>>, _: &Instance, _: &Section) -> wasmtime::Result<Self> {
        Ok(World)
    }

    fn lane_callback(
        callbacks: &Callback,
        _: &CallbackContext<'_>,
        method: MethodId,
        request: &[u8],
        answer: &mut AnswerBuilder<'_>,
    ) -> Result<(), Refusal> {
        callbacks.0(method, request, answer)
    }
}

/// The handle of such a plugin.
#[derive(Clone)]
pub struct LaneHandle {
    /// What generated handles hold.
    pub plugin: Plugin<World>,
}

impl Opened for LaneHandle {
    type Bindings = World;

    fn new(plugin: Plugin<World>) -> Self {
        LaneHandle { plugin }
    }
}

impl std::fmt::Debug for LaneHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaneHandle").field("metadata", &self.plugin.metadata()).finish()
    }
}

impl LaneHandle {
    /// Locks the plugin.
    ///
    /// # Errors
    ///
    /// As the lane of a generated handle.
    pub fn lane(&self) -> Result<LaneGuard<'_>, CallError> {
        self.plugin.lane().map(|lane| LaneGuard { lane })
    }
}

/// The guard of such a plugin.
pub struct LaneGuard<'p> {
    /// What generated guards hold.
    pub lane: Lane<'p, World>,
}

impl LaneGuard<'_> {
    /// Calls a method with a vector of these bytes.
    ///
    /// # Errors
    ///
    /// As a call over the lane.
    pub fn call(&mut self, method: &MethodSpec, bytes: &[u8]) -> Result<&[u8], CallError> {
        self.lane.call(method, |builder| write(builder, bytes), read)
    }

    /// Calls a method with several such vectors.
    ///
    /// # Errors
    ///
    /// As a batch over the lane.
    pub fn batch(
        &mut self,
        method: &MethodSpec,
        requests: &[Vec<u8>],
    ) -> Result<Vec<Result<Vec<u8>, Error>>, CallError> {
        let mut answers = Vec::new();
        let write_one = |i: usize, builder: &mut RequestBuilder<'_>| write(builder, &requests[i]);
        self.lane.batch(method, requests.len(), write_one, |i, answer| {
            assert_eq!(i, answers.len());
            answers.push(match answer {
                Ok(answer) => Ok(read(answer)?.to_vec()),
                Err(error) => Err(error),
            });
            Ok::<_, flatbuffers::InvalidFlatbuffer>(())
        })?;
        Ok(answers)
    }
}

/// Writes a message.
pub fn write(builder: &mut RequestBuilder<'_>, bytes: &[u8]) {
    let root = builder.create_vector(bytes);
    builder.finish(root, None);
}

/// Reads a message.
///
/// # Errors
///
/// It is not valid.
#[inline]
pub fn read(message: &[u8]) -> Result<&[u8], flatbuffers::InvalidFlatbuffer> {
    flatbuffers::root::<Vector<'_, u8>>(message).map(|vector| vector.bytes())
}
