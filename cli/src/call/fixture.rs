//! Host fixtures: what callbacks answer, as a JSON object.
//!
//! A key is `Service.Method`. Its value is one of
//!
//! - `{"response": …}`: the answer to every call;
//! - `{"responses": [ … ]}`: the answers one after the other, of which the last repeats;
//! - an array: the same as `responses`;
//! - any other object: the same as `response` of it;
//! - `{"error": {"code": "not-found", "message": "…"}}`: an error instead of an answer.
//!
//! The elements of a sequence have the forms of one answer. An object counts as a wrapper only if `response`,
//! `responses` or `error` is all that it has. Everything is checked before the call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fbs2wit::contract::{Contract, Interface, Method};
use fbs2wit::diag::{Code, Diagnostic, Diagnostics, suggest};
use fbs2wit::json::{self, Document, JsonOptions, Member, Node, Path};
use hookr::{CallbackContext, Error, MethodId};

use super::host::{Answer, Responder};
use super::input::Text;
use super::method::MethodRef;
use super::payload::Payload;
use crate::contract::LoadedContract;

/// What callbacks answer.
#[derive(Debug, Default)]
pub(crate) struct Fixture {
    answers: BTreeMap<MethodId, Sequence>,
}

/// Answers one after the other; the last repeats.
#[derive(Debug)]
struct Sequence {
    answers: Vec<Answer>,
    next: AtomicUsize,
}

impl Fixture {
    /// Reads a fixture, and checks every answer against the contract.
    pub(crate) fn read(text: &Text, contract: &Arc<LoadedContract>) -> Result<Self, Diagnostics> {
        let options = JsonOptions::default();
        let document = Document::parse(&text.sources, text.file, &options)?;
        let mut reader = Reader { contract, options, errors: Diagnostics::default() };
        let fixture = reader.fixture(document.root());
        reader.errors.finish(fixture)
    }

    /// Begins every sequence anew.
    pub(crate) fn rewind(&self) {
        self.answers.values().for_each(|sequence| sequence.next.store(0, Ordering::Relaxed));
    }

    /// The next answer of a callback; `None` if the fixture does not have it.
    fn next(&self, id: MethodId) -> Option<Answer> {
        self.answers.get(&id)?.next()
    }
}

impl Responder for Fixture {
    fn answer(&self, _: &CallbackContext<'_>, callback: &MethodRef, _: &Payload) -> Option<Answer> {
        self.next(callback.id)
    }
}

/// For whoever keeps it, to call with it again.
impl Responder for Arc<Fixture> {
    fn answer(&self, _: &CallbackContext<'_>, callback: &MethodRef, _: &Payload) -> Option<Answer> {
        self.next(callback.id)
    }
}

impl Sequence {
    fn next(&self) -> Option<Answer> {
        let last = self.answers.len().saturating_sub(1);
        let index = self.next.load(Ordering::Relaxed).min(last);
        self.next.store(index.saturating_add(1), Ordering::Relaxed);
        self.answers.get(index).cloned()
    }
}

fn callbacks(contract: &Contract) -> impl Iterator<Item = (&Interface, &Method)> {
    contract.callbacks.iter().flat_map(|interface| interface.methods.iter().map(move |method| (interface, method)))
}

struct Reader<'a> {
    contract: &'a Arc<LoadedContract>,
    options: JsonOptions,
    errors: Diagnostics,
}

impl Reader<'_> {
    fn fixture(&mut self, root: &Node<'_>) -> Fixture {
        let mut fixture = Fixture::default();
        let Some(members) = root.members() else {
            return self.wrong(root, &Path::Root, "an object with a key `Service.Method` for each callback");
        };
        for member in members {
            let Some(method) = self.method(member) else { continue };
            let path = Path::Root.key(&member.name);
            let answers = self.sequence(&member.value, &path, &method);
            let sequence = Sequence { answers, next: AtomicUsize::new(0) };
            if fixture.answers.insert(method.id, sequence).is_some() {
                let message = format!("{path}: the callback is there twice");
                self.errors.push(Diagnostic::new(Code::FixtureInvalid, member.span, message));
            }
        }
        fixture
    }

    fn method(&mut self, member: &Member<'_>) -> Option<MethodRef> {
        let names = |interface: &Interface, method: &Method| {
            let full = format!("{}.{}", interface.source, method.source);
            (format!("{}.{}", interface.source.name, method.source), full)
        };
        let found = callbacks(&self.contract.contract).find(|(interface, method)| {
            let (short, full) = names(interface, method);
            member.name == short || member.name == full
        });
        if let Some((_, method)) = found {
            return self.contract.callback(method.id);
        }
        let known: Vec<String> =
            callbacks(&self.contract.contract).map(|(interface, method)| names(interface, method).0).collect();
        let message = format!("{}: the contract has no such callback", Path::Root.key(&member.name));
        let mut error = Diagnostic::new(Code::FixtureUnknown, member.span, message);
        error = match suggest(&member.name, known.iter().map(String::as_str)) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None if known.is_empty() => error.note("the contract has no callbacks"),
            None => error.note(format!("its callbacks are {}", known.join(", "))),
        };
        self.errors.push(error);
        None
    }

    fn sequence(&mut self, node: &Node<'_>, path: &Path<'_>, method: &MethodRef) -> Vec<Answer> {
        match only_member(node) {
            Some(member) if member.name == "responses" => {
                let path = path.key(&member.name);
                match member.value.elements() {
                    Some(elements) => self.elements(&member.value, elements, &path, method),
                    None => self.wrong(&member.value, &path, "an array of responses"),
                }
            }
            _ => match node.elements() {
                Some(elements) => self.elements(node, elements, path, method),
                None => self.answer(node, path, method).into_iter().collect(),
            },
        }
    }

    fn elements(&mut self, node: &Node<'_>, elements: &[Node<'_>], path: &Path<'_>, method: &MethodRef) -> Vec<Answer> {
        if elements.is_empty() {
            return self.wrong(node, path, "at least one response");
        }
        let elements = elements.iter().enumerate();
        elements.filter_map(|(i, element)| self.answer(element, &path.index(i), method)).collect()
    }

    /// One answer: a response, in a wrapper or not, or an error.
    fn answer(&mut self, node: &Node<'_>, path: &Path<'_>, method: &MethodRef) -> Option<Answer> {
        match only_member(node) {
            Some(member) if member.name == "response" => self.response(&member.value, &path.key(&member.name), method),
            Some(member) if member.name == "error" => self.error(&member.value, &path.key(&member.name)).map(Err),
            _ => self.response(node, path, method),
        }
    }

    fn response(&mut self, node: &Node<'_>, path: &Path<'_>, method: &MethodRef) -> Option<Answer> {
        let record = match json::read(&self.contract.schema, method.response.object, node, path, &self.options) {
            Ok(record) => record,
            Err(errors) => {
                errors.iter().cloned().for_each(|error| self.errors.push(error));
                return None;
            }
        };
        let response = Payload::of_record(self.contract, method.response, record);
        // Both ways are open to the call that it is for.
        match response.value().map(drop).and_then(|()| response.bytes().map(drop)) {
            Ok(()) => Some(Ok(Arc::new(response))),
            Err(error) => {
                self.errors.push(Diagnostic::new(Code::FixtureInvalid, node.span(), format!("{path}: {error}")));
                None
            }
        }
    }

    fn error(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<Error> {
        let Some(members) = node.members() else {
            return self.wrong(node, path, "an object with `code` and `message`");
        };
        let (mut code, mut message) = (None, String::new());
        for member in members {
            let path = path.key(&member.name);
            match (member.name.as_str(), member.value.text()) {
                ("code", Some(name)) => code = Some(self.code(&member.value, &path, name)?),
                ("message", Some(text)) => text.clone_into(&mut message),
                ("code" | "message", None) => return self.wrong(&member.value, &path, "a string"),
                _ => {
                    let text = format!("{path}: an error has `code` and `message`");
                    self.errors.push(Diagnostic::new(Code::FixtureInvalid, member.span, text));
                    return None;
                }
            }
        }
        match code {
            Some(code) => Some(Error::new(code, message)),
            None => self.wrong(node, path, "an object with a `code`"),
        }
    }

    fn code(&mut self, node: &Node<'_>, path: &Path<'_>, name: &str) -> Option<hookr::Code> {
        // People know gRPC's own spelling too.
        let code = hookr::Code::from_name(&name.to_lowercase().replace('_', "-"));
        if code.is_none() {
            let message = format!("{path}: there is no error code of this name");
            let known = hookr::Code::ALL.map(hookr::Code::name);
            let mut error = Diagnostic::new(Code::FixtureInvalid, node.span(), message);
            error = match suggest(name, known) {
                Some(near) => error.label(format!("did you mean `{near}`?")),
                None => error.note(format!("the codes are {}", known.join(", "))),
            };
            self.errors.push(error);
        }
        code
    }

    /// Reports a value of the wrong form; there is nothing instead of it.
    fn wrong<T: Default>(&mut self, node: &Node<'_>, path: &Path<'_>, expected: &str) -> T {
        let message = format!("{path}: expecting {expected}, found {}", node.describe());
        self.errors.push(Diagnostic::new(Code::FixtureInvalid, node.span(), message));
        T::default()
    }
}

/// The member of an object that has one.
fn only_member<'n, 'a>(node: &'n Node<'a>) -> Option<&'n Member<'a>> {
    match node.members() {
        Some([member]) => Some(member),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
