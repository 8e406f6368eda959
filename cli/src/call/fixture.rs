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
use std::sync::atomic::{AtomicUsize, Ordering};

use fbs2wit::contract::{Contract, Interface, Method};
use fbs2wit::diag::{Code, Diagnostic, Diagnostics, suggest};
use fbs2wit::json::{self, Document, JsonOptions, Member, Node, Path};
use fbs2wit::model::Schema;
use hookr::dynamic::Value;
use hookr::{Error, MethodId};

use super::Converter;
use super::input::Text;
use crate::contract::object_of;

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

type Answer = Result<Value, Error>;

impl Fixture {
    /// Reads a fixture, and checks every answer against the contract.
    pub(crate) fn read(text: &Text, schema: &Schema, contract: &Contract) -> Result<Self, Diagnostics> {
        let options = JsonOptions::default();
        let document = Document::parse(&text.sources, text.file, &options)?;
        let converter = Converter::new(schema, contract);
        let mut reader = Reader { schema, contract, converter, options, errors: Diagnostics::default() };
        let fixture = reader.fixture(document.root());
        reader.errors.finish(fixture)
    }

    /// The next answer of a callback; `None` if the fixture does not have it.
    pub(crate) fn answer(&self, id: MethodId) -> Option<Answer> {
        self.answers.get(&id)?.next()
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

/// A line for a fixture that answers a callback, to start from.
pub(crate) fn template(schema: &Schema, contract: &Contract, service: &str, method: &str) -> Option<String> {
    let found =
        callbacks(contract).find(|(interface, known)| interface.source.name == service && known.source == method);
    let (_, method) = found?;
    let object = object_of(schema, contract, method.response)?;
    Some(on_one_line(&json::template(schema, object)))
}

/// JSON without the blanks and line ends between its tokens.
fn on_one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ")
}

fn callbacks(contract: &Contract) -> impl Iterator<Item = (&Interface, &Method)> {
    contract.callbacks.iter().flat_map(|interface| interface.methods.iter().map(move |method| (interface, method)))
}

struct Reader<'a> {
    schema: &'a Schema,
    contract: &'a Contract,
    converter: Converter<'a>,
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

    fn method(&mut self, member: &Member<'_>) -> Option<Method> {
        let names = |interface: &Interface, method: &Method| {
            let full = format!("{}.{}", interface.source, method.source);
            (format!("{}.{}", interface.source.name, method.source), full)
        };
        let found = callbacks(self.contract).find(|(interface, method)| {
            let (short, full) = names(interface, method);
            member.name == short || member.name == full
        });
        if let Some((_, method)) = found {
            return Some(method.clone());
        }
        let known: Vec<String> =
            callbacks(self.contract).map(|(interface, method)| names(interface, method).0).collect();
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

    fn sequence(&mut self, node: &Node<'_>, path: &Path<'_>, method: &Method) -> Vec<Answer> {
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

    fn elements(&mut self, node: &Node<'_>, elements: &[Node<'_>], path: &Path<'_>, method: &Method) -> Vec<Answer> {
        if elements.is_empty() {
            return self.wrong(node, path, "at least one response");
        }
        let elements = elements.iter().enumerate();
        elements.filter_map(|(i, element)| self.answer(element, &path.index(i), method)).collect()
    }

    /// One answer: a response, in a wrapper or not, or an error.
    fn answer(&mut self, node: &Node<'_>, path: &Path<'_>, method: &Method) -> Option<Answer> {
        match only_member(node) {
            Some(member) if member.name == "response" => self.response(&member.value, &path.key(&member.name), method),
            Some(member) if member.name == "error" => self.error(&member.value, &path.key(&member.name)).map(Err),
            _ => self.response(node, path, method),
        }
    }

    fn response(&mut self, node: &Node<'_>, path: &Path<'_>, method: &Method) -> Option<Answer> {
        let object = object_of(self.schema, self.contract, method.response)?;
        let record = match json::read(self.schema, object, node, path, &self.options) {
            Ok(record) => record,
            Err(errors) => {
                errors.iter().cloned().for_each(|error| self.errors.push(error));
                return None;
            }
        };
        match self.converter.lower(method.response, &record) {
            Ok(value) => Some(Ok(value)),
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
