//! Plugins of any contract, called by name: for tools that learn the contract from the plugin itself.
//!
//! Applications use the typed handle that `hookr gen` writes; `hookr call` uses this.

use std::sync::Arc;

use hookr_abi::section::{Method, MethodKind, Section};
use wasmtime::component::{ComponentExportIndex, Func, Instance, Linker, Val};
use wasmtime::{Store, format_err};

use crate::builder::Opened;
use crate::instance::{Bindings, StoreData};
use crate::lane::{AnswerBuilder, Refusal};
use crate::metadata::Contract;
use crate::observe::{Stats, TypedCall, Way};
use crate::plugin::Plugin;
use crate::supervise::Health;
use crate::{Builder, CallError, CallOptions, CallbackContext, Error, Metadata, MethodId, StateLimits};

mod lane;

pub use lane::DynamicLane;

/// A value of the Component Model whose type is known at run time only.
pub type Value = Val;

/// Answers every callback of a plugin.
pub trait Callbacks: Send + Sync + 'static {
    /// Answers `service`:`method`; names as the contract spells them. The answer must have the response's WIT type.
    ///
    /// # Errors
    ///
    /// What the plugin gets instead of a response.
    fn call(&self, context: &CallbackContext<'_>, service: &str, method: &str, request: Value) -> Result<Value, Error>;

    /// Answers a callback that comes over the [lane](DynamicPlugin::lane). The request is a FlatBuffer that nobody has
    /// verified; the answer is one whose root is the callback's response table, without a file identifier, for which the host
    /// vouches.
    ///
    /// A host that does not say otherwise answers none: it is for those that call plugins over the lane.
    ///
    /// # Errors
    ///
    /// What the plugin gets instead of a response, or [`Refusal::unreadable`] for a request that is none, which costs the
    /// plugin its instance.
    fn call_encoded(
        &self,
        context: &CallbackContext<'_>,
        method: MethodId,
        request: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let _ = (context, request);
        Err(Refusal::unknown(method))
    }
}

/// A plugin of any contract.
#[derive(Clone)]
pub struct DynamicPlugin {
    plugin: Plugin<DynamicBindings>,
}

impl DynamicPlugin {
    /// Starts to open a plugin whose callbacks are all answered by `callbacks`.
    pub fn builder(callbacks: impl Callbacks) -> Builder<Self> {
        Builder::new(std::sync::Arc::new(Box::new(callbacks) as Box<dyn Callbacks>))
    }

    /// What is known of the plugin.
    pub fn metadata(&self) -> Arc<Metadata> {
        self.plugin.metadata()
    }

    /// The same plugin, whose calls are made with these options.
    #[must_use]
    pub fn with(&self, options: &CallOptions) -> Self {
        DynamicPlugin { plugin: self.plugin.with(options) }
    }

    /// How the plugin is, and what has become of its calls.
    pub fn health(&self) -> Health {
        self.plugin.health()
    }

    /// What the plugin has done, and is doing.
    pub fn stats(&self) -> Stats {
        self.plugin.stats()
    }

    /// Forgets what the plugin has lost, so that it is called again. It waits for the call that runs.
    ///
    /// # Errors
    ///
    /// Those of a call that does not get the plugin.
    pub fn revive(&self) -> Result<(), CallError> {
        self.plugin.revive()
    }

    /// What puts other versions of the plugin in service, and tells when that happens.
    pub fn reloader(&self) -> crate::reload::Reloader {
        self.plugin.reloader()
    }

    /// Asks the plugin for the state that it would hand over to another version of it.
    ///
    /// # Errors
    ///
    /// [`CallError::Unimplemented`] where it [has none](Metadata::has_state), [`CallError::Failed`] where it says that it cannot,
    /// and [`CallError::StateTooLarge`]; else as typed calls.
    pub fn snapshot(&self, limits: &StateLimits) -> Result<Vec<u8>, CallError> {
        self.plugin.snapshot(limits)
    }

    /// Has the plugin take over a state, that of another version of it for instance.
    ///
    /// # Errors
    ///
    /// As [`snapshot`](Self::snapshot).
    pub fn restore(&self, state: &[u8], limits: &StateLimits) -> Result<(), CallError> {
        self.plugin.restore(state, limits)
    }

    /// Calls a method of the plugin service by the name that the contract gives it.
    ///
    /// What a contract says beyond the types of WIT, of trees and of the length of long arrays, is not known here: whoever
    /// takes the response apart checks it.
    ///
    /// # Errors
    ///
    /// [`CallError::NoSuchMethod`] and [`CallError::Unimplemented`] before anything is called;
    /// [`CallError::RequestTooLarge`], and [`CallError::InvalidRequest`] if the request has another type than the method takes; else as typed calls.
    pub fn call(&self, method: &str, request: Value) -> Result<Value, CallError> {
        let row = self.find(method)?;
        let name = format!("{}:{}", row.service, row.name);
        self.plugin.observed(&name, Some(row.id), Way::Component, |call| self.call_found(&row, &name, request, call))
    }

    fn call_found(&self, row: &Method, name: &str, request: Value, call: &TypedCall<'_>) -> Result<Value, CallError> {
        if !row.kind.is_implemented() {
            return Err(CallError::Unimplemented { method: name.to_owned() });
        }
        self.plugin.check_bytes(name, call, |limit| size::size(&request, limit))?;
        let id = row.id;
        let result = self.plugin.run(name, Some(id), None, |live| {
            let found = live.bindings.functions.iter().find(|(known, _)| *known == id);
            // The version that it was looked up in may have been replaced since.
            let Some((_, function)) = found else { return Ok(Err(Refused::Missing)) };
            let params = [request];
            // A request of another type is refused before the plugin runs, so its instance stays good.
            if let Err(error) = check_request(&mut live.store, function, &params) {
                return Ok(Err(Refused::Unfit(error)));
            }
            let mut results = [Val::Bool(false)];
            function.call(&mut live.store, &params, &mut results)?;
            let [result] = results;
            if matches!(result, Val::Result(Err(_))) {
                live.tally.fail(Some(id));
            }
            Ok(Ok(result))
        })?;
        match result {
            Ok(result) => split(result, name),
            Err(Refused::Unfit(source)) => Err(CallError::InvalidRequest { method: name.to_owned(), source }),
            Err(Refused::Missing) => Err(CallError::Unimplemented { method: name.to_owned() }),
        }
    }

    /// Calls a method as [`call`](Self::call) does, on a thread of its own: the [feature `async`](crate::asynchronous).
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[cfg(feature = "async")]
    pub fn call_async(
        &self,
        method: &str,
        request: Value,
    ) -> impl Future<Output = Result<Value, CallError>> + Send + 'static + use<> {
        let name = method.to_owned();
        self.plugin.call_async(name.clone().into(), move |plugin| DynamicPlugin { plugin }.call(&name, request))
    }

    fn find(&self, method: &str) -> Result<Method, CallError> {
        let metadata = self.metadata();
        let rows = || metadata.section().methods.iter().filter(|row| row.kind != MethodKind::Callback);
        rows().find(|row| row.name == method).cloned().ok_or_else(|| CallError::NoSuchMethod {
            method: method.to_owned(),
            available: rows().map(|row| row.name.clone()).collect(),
        })
    }
}

impl Opened for DynamicPlugin {
    type Bindings = DynamicBindings;

    fn new(plugin: Plugin<DynamicBindings>) -> Self {
        DynamicPlugin { plugin }
    }
}

/// The exports of a plugin by method number.
#[doc(hidden)]
pub struct DynamicBindings {
    functions: Vec<(hookr_abi::MethodId, Func)>,
}

impl Bindings for DynamicBindings {
    type Callbacks = Box<dyn Callbacks>;

    fn contract() -> Option<&'static Contract> {
        None
    }

    fn link(linker: &mut Linker<StoreData<Self::Callbacks>>, section: &Section) -> wasmtime::Result<()> {
        for method in section.methods.iter().filter(|method| method.kind == MethodKind::Callback) {
            let (service, name) = (method.service.clone(), method.name.clone());
            let full = format!("{service}:{name}");
            let mut instance = linker.instance(&format!("{}/{}", section.package, method.interface))?;
            instance.func_new(&method.function, move |store, _, params, results| {
                let request =
                    params.first().ok_or_else(|| format_err!("{service}:{name} was called without request"))?;
                let data = store.data();
                let observed = data.observe_callback(Way::Component, None, || &full);
                let answer = data.callbacks().call(&data.context(), &service, &name, request.clone());
                if let Some(observed) = observed {
                    match &answer {
                        Ok(_) => observed.answered(None),
                        Err(error) => observed.failed(error.code),
                    }
                }
                let slot = results.first_mut().ok_or_else(|| format_err!("{service}:{name} returns nothing"))?;
                *slot = join(answer);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn bind(
        store: &mut Store<StoreData<Self::Callbacks>>,
        instance: &Instance,
        section: &Section,
    ) -> wasmtime::Result<Self> {
        let mut functions = Vec::new();
        // A component of another tool need not export what it does not implement.
        for method in section.methods.iter().filter(|method| method.kind.is_implemented()) {
            let interface = format!("{}/{}", section.package, method.interface);
            let missing = || format_err!("the component does not export {} of {interface}", method.function);
            let export: ComponentExportIndex =
                instance.get_export_index(&mut *store, None, &interface).ok_or_else(missing)?;
            let export = instance.get_export_index(&mut *store, Some(&export), &method.function).ok_or_else(missing)?;
            let function = instance.get_func(&mut *store, export).ok_or_else(missing)?;
            functions.push((method.id, function));
        }
        Ok(DynamicBindings { functions })
    }

    fn lane_callback(
        callbacks: &Self::Callbacks,
        context: &CallbackContext<'_>,
        method: MethodId,
        request: &[u8],
        answer: &mut AnswerBuilder<'_>,
    ) -> Result<(), Refusal> {
        lane::answer(&**callbacks, context, method, request, answer)
    }
}

/// Why a plugin was not called.
enum Refused {
    /// The request has another type than the method takes.
    Unfit(crate::Source),
    /// It does not have the method.
    Missing,
}

/// Lowers the request for its type alone.
fn check_request<T: 'static>(store: &mut Store<T>, function: &Func, params: &[Val]) -> Result<(), crate::Source> {
    let ty = function.ty(&*store);
    let mut types = ty.params();
    match (types.next(), types.next(), params) {
        (Some((_, ty)), None, [value]) => type_check::check(value, &ty).map_err(Into::into),
        _ => Err("the export takes another number of parameters than one".into()),
    }
}

mod size;
mod type_check;

fn split(result: Val, method: &str) -> Result<Val, CallError> {
    let invalid = |what: &str| CallError::InvalidResponse {
        method: method.to_owned(),
        crash: Box::default(),
        source: what.into(),
    };
    match result {
        Val::Result(Ok(Some(value))) => Ok(*value),
        Val::Result(Err(Some(error))) => {
            let Val::Record(fields) = *error else { return Err(invalid("the error is not a record")) };
            let mut code = None;
            let mut text = None;
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("code", Val::Enum(name)) => code = hookr_abi::Code::from_name(&name),
                    ("message", Val::String(message)) => text = Some(message),
                    _ => {}
                }
            }
            match (code, text) {
                (Some(code), Some(text)) => {
                    Err(CallError::Failed { method: method.to_owned(), error: Error::new(code, text) })
                }
                _ => Err(invalid("the error is not a code and a message")),
            }
        }
        _ => Err(invalid("the export does not return a result")),
    }
}

fn join(answer: Result<Val, Error>) -> Val {
    Val::Result(match answer {
        Ok(value) => Ok(Some(Box::new(value))),
        Err(error) => Err(Some(Box::new(Val::Record(vec![
            ("code".to_owned(), Val::Enum(error.code.name().to_owned())),
            ("message".to_owned(), Val::String(error.message)),
        ])))),
    })
}
