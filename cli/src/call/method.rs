//! The methods and callbacks of a contract, as commands that call plugins name them.

use fbs2wit::contract::{Interface, Method, TypeId};
use fbs2wit::diag::suggest;
use fbs2wit::json;
use fbs2wit::model::ObjectId;
use hookr::MethodId;

use crate::contract::LoadedContract;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::hint::Hint;

/// A method of the plugin, or a callback of its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MethodRef {
    /// Its service, by the short name.
    pub(crate) service: String,
    /// Its name.
    pub(crate) name: String,
    /// Its number.
    pub(crate) id: MethodId,
    /// Whether a plugin may leave it out.
    pub(crate) optional: bool,
    /// The table that it takes.
    pub(crate) request: TableRef,
    /// The table that it answers with.
    pub(crate) response: TableRef,
}

/// A table of a contract, in both ways in which it is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TableRef {
    /// In the contract.
    pub(crate) ty: TypeId,
    /// In the schema.
    pub(crate) object: ObjectId,
}

impl MethodRef {
    /// `Service.Method`, as fixtures and people name it. It is the contract's own text: escape it for a terminal.
    pub(crate) fn full_name(&self) -> String {
        format!("{}.{}", self.service, self.name)
    }
}

impl LoadedContract {
    /// The methods that a host calls on a plugin, in the order of the contract.
    pub(crate) fn methods(&self) -> Vec<MethodRef> {
        self.contract.plugin.iter().flat_map(|interface| self.refs(interface)).collect()
    }

    /// The callbacks that a plugin may call on its host, in the order of the contract.
    pub(crate) fn callbacks(&self) -> Vec<MethodRef> {
        self.contract.callbacks.iter().flat_map(|interface| self.refs(interface)).collect()
    }

    /// The callback with this number.
    pub(crate) fn callback(&self, id: MethodId) -> Option<MethodRef> {
        let mut all = self.contract.callbacks.iter();
        all.find_map(|interface| {
            let method = interface.methods.iter().find(|method| method.id == id)?;
            self.method_ref(interface, method)
        })
    }

    /// The method that `Balance`, `Plugin.Balance` or `Plugin:Balance` means.
    pub(crate) fn find(&self, wanted: &str) -> Result<MethodRef> {
        let no_plugin = || Failure::message(Exit::Unfit, "the contract of the plugin has no plugin service");
        let interface = self.contract.plugin.as_ref().ok_or_else(no_plugin)?;
        let (service, name) = match wanted.rsplit_once(['.', ':']) {
            Some((service, name)) => (Some(service), name),
            None => (None, wanted),
        };
        let is_plugin =
            service.is_none_or(|name| name == interface.source.name || name == interface.source.to_string());
        let found = interface.methods.iter().find(|method| is_plugin && method.source == name);
        let Some(found) = found else {
            let text = format!("the service `{}` has no method `{wanted}`", interface.source.name);
            let names: Vec<String> = interface.methods.iter().map(|method| method.source.clone()).collect();
            let near = suggest(name, names.iter().map(String::as_str));
            let hint = near.map(|near| Hint::DidYouMean(near.to_owned()));
            return Err(Failure::message(Exit::Input, text).hint(hint.unwrap_or(Hint::OneOf("methods", names))));
        };
        let lacks = || Failure::message(Exit::Unfit, "the contract names a table that it lacks");
        self.method_ref(interface, found).ok_or_else(lacks)
    }

    /// A request to start from, as JSON: every field of the method's request table, at its default.
    pub(crate) fn request_template(&self, method: &MethodRef) -> String {
        json::template(&self.schema, method.request.object)
    }

    /// A response to start from, as JSON: every field of the method's response table, at its default.
    pub(crate) fn response_template(&self, method: &MethodRef) -> String {
        json::template(&self.schema, method.response.object)
    }

    fn refs<'a>(&'a self, interface: &'a Interface) -> impl Iterator<Item = MethodRef> + 'a {
        interface.methods.iter().filter_map(move |method| self.method_ref(interface, method))
    }

    /// `None` if the contract names a table that its schema lacks, which a checked one does not.
    fn method_ref(&self, interface: &Interface, method: &Method) -> Option<MethodRef> {
        let table = |ty| Some(TableRef { ty, object: self.object_of(ty)? });
        Some(MethodRef {
            service: interface.source.name.clone(),
            name: method.source.clone(),
            id: method.id,
            optional: method.optional,
            request: table(method.request)?,
            response: table(method.response)?,
        })
    }
}

/// JSON without the blanks and line ends between its tokens.
pub(crate) fn on_one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ")
}
