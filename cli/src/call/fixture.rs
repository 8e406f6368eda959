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
//! The elements of a sequence have the forms of one answer. Beside `response`, `responses` or `error` may stand `when`, a
//! pattern of requests that it is for, `delay`, and `times`, how often it answers. An array with a `when` or `times` in it is no
//! sequence: of its elements, the first that is for the request and not used up answers.
//!
//! An object counts as a wrapper if `response`, `responses` or `error` is all that it has, or if one of its names is none of
//! the response's fields and one of these. Everything is checked before the call.

mod rule;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fbs2wit::contract::{Contract, Interface, Method};
use fbs2wit::diag::{Code, Diagnostic, Diagnostics, suggest};
use fbs2wit::json::{self, Document, JsonOptions, Member, Node, Path};
use hookr::{Error, units};

pub(crate) use rule::{Fixture, Layers};
use rule::{Rule, Timed};

use super::host::Answer;
use super::input::Text;
use super::method::MethodRef;
use super::payload::Payload;
use crate::contract::LoadedContract;
use crate::pattern::{Match, Pattern};

/// The names that an answer with more than a response to it may have.
const NAMES: [&str; 6] = ["when", "response", "responses", "error", "delay", "times"];

impl Fixture {
    /// Reads a fixture, and checks every answer against the contract.
    pub(crate) fn read(text: &Text, contract: &Arc<LoadedContract>) -> Result<Self, Diagnostics> {
        let document = Document::parse(&text.sources, text.file, &JsonOptions::default())?;
        let mut errors = Diagnostics::default();
        let fixture = Fixture::of(document.root(), &Path::Root, contract, &mut errors);
        errors.finish(fixture)
    }

    /// Reads the part of a text that is a fixture; what is wrong is added to the errors.
    pub(crate) fn of(
        node: &Node<'_>,
        path: &Path<'_>,
        contract: &Arc<LoadedContract>,
        errors: &mut Diagnostics,
    ) -> Self {
        let mut reader = Reader { contract, options: JsonOptions::default(), errors: Diagnostics::default() };
        let fixture = reader.fixture(node, path);
        errors.extend(reader.errors);
        fixture
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
    fn fixture(&mut self, root: &Node<'_>, path: &Path<'_>) -> Fixture {
        let mut rules = BTreeMap::new();
        let Some(members) = root.members() else {
            return self.wrong(root, path, "an object with a key `Service.Method` for each callback");
        };
        for member in members {
            let path = path.key(&member.name);
            let Some(method) = self.method(member, &path) else { continue };
            let found = self.rules(&member.value, &path, &method);
            if rules.insert(method.id, found).is_some() {
                let message = format!("{path}: the callback is there twice");
                self.errors.push(Diagnostic::new(Code::FixtureInvalid, member.span, message));
            }
        }
        Fixture::new(rules)
    }

    fn method(&mut self, member: &Member<'_>, path: &Path<'_>) -> Option<MethodRef> {
        let error = match callback_named(self.contract, &member.name) {
            Ok(found) => return found,
            Err(known) => known,
        };
        let message = format!("{path}: the contract has no such callback");
        self.errors.push(error.about(Diagnostic::new(Code::FixtureUnknown, member.span, message)));
        None
    }

    /// What answers a callback: one rule, or several in an array.
    fn rules(&mut self, node: &Node<'_>, path: &Path<'_>, method: &MethodRef) -> Vec<Rule> {
        let is_rule = |element: &Node<'_>| {
            let names = ["when", "times"];
            self.is_wrapper(element, method)
                && element.members().unwrap_or_default().iter().any(|member| names.contains(&&*member.name))
        };
        match node.elements() {
            Some(elements) if elements.iter().any(is_rule) => {
                let elements = elements.iter().enumerate();
                elements.map(|(i, element)| self.rule(element, &path.index(i), method)).collect()
            }
            _ => vec![self.rule(node, path, method)],
        }
    }

    /// The fields of a callback's response count more than the names of wrappers.
    fn is_wrapper(&self, node: &Node<'_>, method: &MethodRef) -> bool {
        let fields = &self.contract.schema.object(method.response.object).fields;
        match node.members() {
            Some([member]) if ["response", "responses", "error"].contains(&&*member.name) => true,
            Some(members) => members
                .iter()
                .any(|member| NAMES.contains(&&*member.name) && fields.iter().all(|field| field.name != member.name)),
            None => false,
        }
    }

    fn rule(&mut self, node: &Node<'_>, path: &Path<'_>, method: &MethodRef) -> Rule {
        let mut rule = Rule::new(method.full_name(), node.span());
        if !self.is_wrapper(node, method) {
            rule.answers = match node.elements() {
                Some(elements) => self.elements(node, elements, path, method),
                None => self.answer(node, path, method).into_iter().collect(),
            };
            return rule;
        }
        let (mut delay, mut answers) = (Duration::ZERO, None);
        for member in node.members().unwrap_or_default() {
            let (at, value) = (path.key(&member.name), &member.value);
            let found = match member.name.as_str() {
                "when" => {
                    match Pattern::read(self.contract, method.request, value, &at, Match::Subset) {
                        Ok(pattern) => rule.when = Some(pattern),
                        Err(errors) => self.errors.extend(errors),
                    }
                    continue;
                }
                "times" => {
                    rule.times = self.times(value, &at);
                    continue;
                }
                "delay" => {
                    delay = self.delay(value, &at);
                    continue;
                }
                "response" => self.response(value, &at, method).map(Timed::from).into_iter().collect(),
                "error" => self.error(value, &at).map(|error| Timed::from(Err(error))).into_iter().collect(),
                "responses" => match value.elements() {
                    Some(elements) => self.elements(value, elements, &at, method),
                    None => self.wrong(value, &at, "an array of responses"),
                },
                _ => {
                    self.unknown(member, &at, &NAMES);
                    continue;
                }
            };
            if answers.replace(found).is_some() {
                let message = format!("{at}: there is one of `response`, `responses` and `error`");
                self.errors.push(Diagnostic::new(Code::FixtureInvalid, member.span, message));
            }
        }
        match answers {
            Some(answers) => rule.answers = answers,
            None => self.wrong(node, path, "an object with `response`, `responses` or `error`"),
        }
        rule.answers.iter_mut().for_each(|answer| answer.delay = answer.delay.saturating_add(delay));
        rule
    }

    fn elements(&mut self, node: &Node<'_>, elements: &[Node<'_>], path: &Path<'_>, method: &MethodRef) -> Vec<Timed> {
        if elements.is_empty() {
            return self.wrong(node, path, "at least one response");
        }
        let elements = elements.iter().enumerate();
        elements.filter_map(|(i, element)| self.answer(element, &path.index(i), method)).collect()
    }

    /// One answer: a response, in a wrapper or not, or an error.
    fn answer(&mut self, node: &Node<'_>, path: &Path<'_>, method: &MethodRef) -> Option<Timed> {
        if !self.is_wrapper(node, method) {
            return self.response(node, path, method).map(Timed::from);
        }
        let (mut delay, mut answer) = (Duration::ZERO, None);
        let members = node.members().unwrap_or_default();
        for member in members {
            let (at, value) = (path.key(&member.name), &member.value);
            match member.name.as_str() {
                "response" if answer.is_none() => answer = Some(self.response(value, &at, method)),
                "error" if answer.is_none() => answer = Some(self.error(value, &at).map(Err)),
                "delay" => delay = self.delay(value, &at),
                name if NAMES.contains(&name) => {
                    let message = format!("{at}: an answer in a sequence has `response` or `error`, and `delay`");
                    self.errors.push(Diagnostic::new(Code::FixtureInvalid, member.span, message));
                }
                _ => self.unknown(member, &at, &["response", "error", "delay"]),
            }
        }
        match answer {
            Some(answer) => answer.map(|answer| Timed { answer, delay }),
            None => self.wrong(node, path, "an object with `response` or `error`"),
        }
    }

    fn times(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<u64> {
        match node.number().and_then(|text| text.parse::<u64>().ok()) {
            Some(times) => Some(times),
            None => self.wrong(node, path, "a whole number"),
        }
    }

    fn delay(&mut self, node: &Node<'_>, path: &Path<'_>) -> Duration {
        match node.text().and_then(units::time) {
            Some(delay) => delay,
            None => self.wrong(node, path, "a time like \"50ms\" or \"2s\""),
        }
    }

    fn unknown(&mut self, member: &Member<'_>, path: &Path<'_>, known: &[&'static str]) {
        let message = format!("{path}: an answer has nothing of this name");
        let error = Diagnostic::new(Code::FixtureInvalid, member.span, message);
        self.errors.push(match suggest(&member.name, known.iter().copied()) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.note(format!("it has {}", known.join(", "))),
        });
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
        match code_named(name) {
            Ok(code) => Some(code),
            Err(names) => {
                let message = format!("{path}: there is no error code of this name");
                self.errors.push(names.about(Diagnostic::new(Code::FixtureInvalid, node.span(), message)));
                None
            }
        }
    }

    /// Reports a value of the wrong form; there is nothing instead of it.
    fn wrong<T: Default>(&mut self, node: &Node<'_>, path: &Path<'_>, expected: &str) -> T {
        self.errors.push(wrong_form(Code::FixtureInvalid, node, path, expected));
        T::default()
    }
}

/// A value of the wrong form, in a fixture or a case.
pub(crate) fn wrong_form(code: Code, node: &Node<'_>, path: &Path<'_>, expected: &str) -> Diagnostic {
    let found = node.describe();
    // An object where one with certain keys is expected: that it is an object is not what is wrong.
    let lacks = found == "an object" && expected.starts_with("an object with");
    let found = if lacks { "one without" } else { found.as_str() };
    Diagnostic::new(code, node.span(), format!("{path}: expecting {expected}, found {found}"))
}

/// What somebody who has written another name could have meant.
pub(crate) struct Known {
    near: Option<String>,
    /// What there is, in a sentence.
    all: String,
}

impl Known {
    /// Adds it to an error.
    pub(crate) fn about(self, error: Diagnostic) -> Diagnostic {
        match self.near {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.note(self.all),
        }
    }
}

/// The callback that `Rng.Int`, or the same with its namespace, means; `None` if the contract is not whole.
pub(crate) fn callback_named(contract: &LoadedContract, name: &str) -> Result<Option<MethodRef>, Known> {
    let names = |interface: &Interface, method: &Method| {
        let full = format!("{}.{}", interface.source, method.source);
        (format!("{}.{}", interface.source.name, method.source), full)
    };
    let found = callbacks(&contract.contract).find(|(interface, method)| {
        let (short, full) = names(interface, method);
        name == short || name == full
    });
    if let Some((_, method)) = found {
        return Ok(contract.callback(method.id));
    }
    let known: Vec<String> =
        callbacks(&contract.contract).map(|(interface, method)| names(interface, method).0).collect();
    let near = suggest(name, known.iter().map(String::as_str)).map(str::to_owned);
    let all = match known.is_empty() {
        true => "the contract has no callbacks".to_owned(),
        false => format!("its callbacks are {}", known.join(", ")),
    };
    Err(Known { near, all })
}

/// The error code of a name. People know gRPC's own spelling too.
pub(crate) fn code_named(name: &str) -> Result<hookr::Code, Known> {
    hookr::Code::from_name(&name.to_lowercase().replace('_', "-")).ok_or_else(|| {
        let known = hookr::Code::ALL.map(hookr::Code::name);
        let near = suggest(name, known).map(str::to_owned);
        Known { near, all: format!("the codes are {}", known.join(", ")) }
    })
}

#[cfg(test)]
mod tests;
