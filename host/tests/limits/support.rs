//! Components for these tests, and what becomes of them.

use std::borrow::Cow;

use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::{Artifact, Builder, Cache, CallbackContext, ContractId, Error, Exceeded, Limits, OpenError, Shape};
use hookr_abi::section::{self, Section};
use wasm_encoder::{ComponentSection as _, CustomSection};

struct NoCallbacks;

impl Callbacks for NoCallbacks {
    fn call(&self, _: &CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unimplemented("there are no callbacks"))
    }
}

/// A component of this text, with the section of a contract that has no methods: any component will do for it.
pub(crate) fn component(text: &str) -> Vec<u8> {
    with_section(wat::parse_str(text).unwrap_or_else(|error| panic!("{error}")))
}

/// A component with such a section.
pub(crate) fn with_section(mut component: Vec<u8>) -> Vec<u8> {
    let section = Section {
        contract_id: ContractId([0; 32]),
        package: "test:limits".to_owned(),
        world: "limits".to_owned(),
        generator: "test".to_owned(),
        plugin_name: String::new(),
        plugin_version: String::new(),
        methods: Vec::new(),
        schema: Vec::new(),
    };
    let data = Cow::Owned(section.encode());
    CustomSection { name: section::NAME.into(), data }.append_to_component(&mut component);
    component
}

pub(crate) fn builder(limits: Limits) -> Builder<DynamicPlugin> {
    DynamicPlugin::builder(NoCallbacks).allow_unsigned().limits(limits).cache(Cache::off())
}

pub(crate) fn open(bytes: &[u8], limits: Limits) -> Result<(), OpenError> {
    builder(limits).open_bytes(bytes).map(|_| ())
}

#[track_caller]
pub(crate) fn exceeded(bytes: &[u8], limits: Limits) -> Exceeded {
    match open(bytes, limits) {
        Err(OpenError::LimitExceeded(exceeded)) => exceeded,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn shape_of(bytes: &[u8]) -> Result<Shape, OpenError> {
    Artifact::from_bytes("test", bytes)?.shape()
}

pub(crate) fn shape(text: &str) -> Shape {
    shape_of(&component(text)).unwrap()
}
