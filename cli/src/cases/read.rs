//! Cases are read strictly: every name is known, every value fits the contract, and one run tells everything that is wrong.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use fbs2wit::diag::{Code, Diagnostic, Diagnostics, suggest};
use fbs2wit::json::{self, Document, JsonOptions, Member, Node, Path};
use hookr::units;

use super::case::{Calls, CallsForm, Case, Expect, Expected, ExpectedError, Step};
use super::find::CaseFile;
use super::judge::FAILURES;
use crate::call::{Fixture, MethodRef, Payload, Text, callback_named, code_named, wrong_form};
use crate::contract::LoadedContract;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::pattern::{Match, Pattern};
use crate::terminal::Style;

/// The names that a case has besides those of its one call.
const CASE: [&str; 4] = ["$schema", "steps", "skip", "strict"];
/// The names of a call.
const STEP: [&str; 7] = ["description", "method", "request", "request_file", "callbacks", "expect", "deadline"];
const EXPECT: [&str; 5] = ["response", "error", "failure", "match", "calls"];

/// Reads cases.
///
/// # Errors
///
/// Everything that is wrong with any of them; exit code 1.
pub(crate) fn read_all(files: &[CaseFile], contract: &Arc<LoadedContract>) -> Result<Vec<Case>> {
    let (mut cases, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        match Text::read_regular(&file.path).map(|text| read(file, text, contract)) {
            Ok(Ok(case)) => cases.push(case),
            Ok(Err(errors)) => wrong.extend(errors.0.into_iter().map(Err)),
            Err(unreadable) => wrong.push(Ok(unreadable)),
        }
    }
    if wrong.is_empty() {
        return Ok(cases);
    }
    Err(Failure::rendered(Exit::Input, |color| {
        let style = if color { Style::COLORED } else { Style::PLAIN };
        let texts = wrong.iter().map(|wrong| match wrong {
            Ok(unreadable) => unreadable.render(style),
            Err((text, errors)) => errors.render(&text.sources, color),
        });
        texts.collect::<Vec<_>>().join("\n")
    }))
}

/// What is wrong with a case, and with the requests that it names: each text with its errors.
#[derive(Debug)]
pub(super) struct Wrong(pub(super) Vec<(Text, Diagnostics)>);

/// Reads a case.
pub(super) fn read(file: &CaseFile, text: Text, contract: &Arc<LoadedContract>) -> Result<Case, Wrong> {
    let parsed = Document::parse(&text.sources, text.file, &JsonOptions::default()).map(|document| {
        let folder = file.path.parent().unwrap_or(FilePath::new("")).to_owned();
        let mut reader = Reader { contract, folder, errors: Diagnostics::default(), others: Vec::new() };
        let parts = reader.case(document.root());
        (parts, reader.errors, reader.others)
    });
    match parsed {
        Err(errors) => Err(Wrong(vec![(text, errors)])),
        Ok((Some(parts), errors, others)) if errors.is_empty() && others.is_empty() => {
            let (name, path) = (file.name.clone(), file.path.clone());
            let Parts { description, skip, strict, fixture, steps, has_steps } = parts;
            Ok(Case { name, path, text, description, skip, strict, fixture, steps, has_steps })
        }
        Ok((_, errors, others)) => {
            let own = (!errors.is_empty()).then_some((text, errors));
            Err(Wrong(own.into_iter().chain(others).collect()))
        }
    }
}

struct Parts {
    description: Option<String>,
    skip: Option<String>,
    strict: bool,
    fixture: Fixture,
    steps: Vec<Step>,
    has_steps: bool,
}

struct Reader<'a> {
    contract: &'a Arc<LoadedContract>,
    /// That of the file.
    folder: PathBuf,
    errors: Diagnostics,
    /// Of the requests in files of their own.
    others: Vec<(Text, Diagnostics)>,
}

impl Reader<'_> {
    fn case(&mut self, root: &Node<'_>) -> Option<Parts> {
        let path = Path::Root;
        let has_steps = root.members().is_some_and(|members| members.iter().any(|member| member.name == "steps"));
        let known: Vec<&str> = match has_steps {
            true => CASE.into_iter().chain(["description", "callbacks", "deadline"]).collect(),
            false => CASE.into_iter().chain(STEP).collect(),
        };
        let members = self.members(root, &path, &known, "a case")?;
        let mut case = Parts {
            description: None,
            skip: None,
            strict: true,
            fixture: Fixture::default(),
            steps: Vec::new(),
            has_steps,
        };
        let (mut steps, mut deadline) = (None, None);
        for member in members {
            let (at, value) = (path.key(&member.name), &member.value);
            match member.name.as_str() {
                "skip" => case.skip = self.skip(value, &at),
                "strict" => case.strict = self.truth(value, &at).unwrap_or(true),
                "steps" => steps = Some((value, member)),
                "description" if has_steps => case.description = self.text(value, &at),
                "deadline" if has_steps => deadline = self.time(value, &at),
                "callbacks" if has_steps => {
                    case.fixture = Fixture::of(value, &at, self.contract, &mut self.errors);
                }
                _ => {}
            }
        }
        match steps {
            None => {
                let mut step = self.step(root, &path)?;
                case.description = step.description.take();
                case.steps.push(step);
            }
            Some((value, member)) => {
                let at = path.key(&member.name);
                let Some(elements) = value.elements().filter(|elements| !elements.is_empty()) else {
                    return self.wrong(value, &at, "an array of calls");
                };
                for (index, element) in elements.iter().enumerate() {
                    let at = at.index(index);
                    let Some(_) = self.members(element, &at, &STEP, "a step") else { continue };
                    case.steps.extend(self.step(element, &at));
                }
                for step in &mut case.steps {
                    step.deadline = step.deadline.or(deadline);
                }
            }
        }
        Some(case)
    }

    /// A call; names that it does not have have been reported.
    fn step(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<Step> {
        let member = |name: &str| node.members().unwrap_or_default().iter().find(|member| member.name == name);
        let text =
            |reader: &mut Self, name: &str| member(name).and_then(|found| reader.text(&found.value, &path.key(name)));
        let description = text(self, "description");
        let deadline = member("deadline").and_then(|found| self.time(&found.value, &path.key("deadline")));
        let fixture = member("callbacks")
            .map(|found| Fixture::of(&found.value, &path.key("callbacks"), self.contract, &mut self.errors));
        let Some(named) = member("method") else {
            return self.wrong(node, path, "an object with a `method`");
        };
        let method = self.method(named, &path.key("method"));
        // Without the method, nobody can tell what the request and the response should be.
        let method = method?;
        let request = match (member("request"), member("request_file")) {
            (Some(_), Some(file)) => {
                let message = format!("{path}: there is one of `request` and `request_file`");
                self.errors.push(Diagnostic::new(Code::CaseInvalid, file.span, message));
                None
            }
            (Some(found), None) => self.request(&method, &found.value, &path.key("request")),
            (None, Some(found)) => self.request_file(&method, &found.value, &path.key("request_file")),
            (None, None) => self.parsed(&method, Text::new(FilePath::new("<no request>"), "{}"), Some((named, path))),
        };
        let expect = member("expect").map(|found| self.expect(&method, &found.value, &path.key("expect")));
        Some(Step {
            span: node.span(),
            method_span: named.value.span(),
            description,
            request: request?,
            method,
            fixture: fixture.unwrap_or_default(),
            deadline,
            expect: match expect {
                Some(expect) => Some(expect?),
                None => None,
            },
        })
    }

    fn method(&mut self, member: &Member<'_>, path: &Path<'_>) -> Option<MethodRef> {
        let Some(wanted) = member.value.text() else { return self.wrong(&member.value, path, "the name of a method") };
        let methods = self.contract.methods();
        let name = wanted.rsplit(['.', ':']).next().unwrap_or(wanted);
        // The contract knows `Plugin.Balance` as well.
        if let Ok(found) = self.contract.find(wanted) {
            return Some(found);
        }
        let message = format!("{path}: the plugin's service has no such method");
        let error = Diagnostic::new(Code::CaseInvalid, member.value.span(), message);
        let names: Vec<&str> = methods.iter().map(|method| method.name.as_str()).collect();
        self.errors.push(match suggest(name, names.iter().copied()) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.note(format!("its methods are {}", names.join(", "))),
        });
        None
    }

    fn request(&mut self, method: &MethodRef, node: &Node<'_>, path: &Path<'_>) -> Option<Payload> {
        match json::read(&self.contract.schema, method.request.object, node, path, &JsonOptions::default()) {
            Ok(record) => {
                let request = Payload::of_record(self.contract, method.request, record);
                self.callable(request, node, path)
            }
            Err(errors) => {
                self.errors.extend(errors);
                None
            }
        }
    }

    fn request_file(&mut self, method: &MethodRef, node: &Node<'_>, path: &Path<'_>) -> Option<Payload> {
        let Some(name) = node.text().filter(|name| !name.is_empty() && *name != "-") else {
            return self.wrong(node, path, "the path of a file, from the folder of the case");
        };
        match Text::read_regular(&self.folder.join(name)) {
            Ok(text) => {
                let request = self.parsed(method, text, None)?;
                self.callable(request, node, path)
            }
            Err(failure) => {
                let message = format!("{path}: {}", failure.causes().join(": "));
                self.errors.push(Diagnostic::new(Code::CaseInvalid, node.span(), message));
                None
            }
        }
    }

    /// A request that is a text of its own. One that nobody has written is blamed on the method.
    fn parsed(&mut self, method: &MethodRef, text: Text, blame: Option<(&Member<'_>, &Path<'_>)>) -> Option<Payload> {
        match (Payload::parse(self.contract, method.request, &text), blame) {
            (Ok(request), _) => Some(request),
            (Err(_), Some((member, path))) => {
                let message = format!("{path}: `{}` needs a `request`", method.name);
                self.errors.push(Diagnostic::new(Code::CaseInvalid, member.value.span(), message));
                None
            }
            (Err(errors), None) => {
                self.others.push((text, errors));
                None
            }
        }
    }

    /// Both ways are open to a request.
    fn callable(&mut self, request: Payload, node: &Node<'_>, path: &Path<'_>) -> Option<Payload> {
        match request.value().map(drop).and_then(|()| request.bytes().map(drop)) {
            Ok(()) => Some(request),
            Err(error) => {
                self.errors.push(Diagnostic::new(Code::CaseInvalid, node.span(), format!("{path}: {error}")));
                None
            }
        }
    }

    fn expect(&mut self, method: &MethodRef, node: &Node<'_>, path: &Path<'_>) -> Option<Expect> {
        let members = self.members(node, path, &EXPECT, "an expectation")?;
        let member = |name: &str| members.iter().find(|member| member.name == name);
        let matching = match member("match") {
            None => Match::default(),
            Some(found) => match found.value.text() {
                Some("exact") => Match::Exact,
                Some("subset") => Match::Subset,
                _ => return self.wrong(&found.value, &path.key("match"), "\"exact\" or \"subset\""),
            },
        };
        let calls = match member("calls") {
            Some(found) => Some(self.calls(&found.value, &path.key("calls"))?),
            None => None,
        };
        let results: Vec<&Member<'_>> =
            members.iter().filter(|member| ["response", "error", "failure"].contains(&&*member.name)).collect();
        if let [_, second, ..] = results.as_slice() {
            let message = format!("{path}: there is one of `response`, `error` and `failure`");
            self.errors.push(Diagnostic::new(Code::CaseInvalid, second.span, message));
            return None;
        }
        let result = match results.first() {
            None => Expected::Anything,
            Some(found) => {
                let (at, value) = (path.key(&found.name), &found.value);
                match found.name.as_str() {
                    "response" => match Pattern::read(self.contract, method.response, value, &at, matching) {
                        Ok(pattern) => Expected::Response(pattern),
                        Err(errors) => {
                            self.errors.extend(errors);
                            return None;
                        }
                    },
                    "error" => Expected::Error(self.error(value, &at)?),
                    _ => Expected::Failure { kind: self.failure(value, &at)?, span: value.span() },
                }
            }
        };
        Some(Expect { span: node.span(), result, calls })
    }

    fn error(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<ExpectedError> {
        let members = self.members(node, path, &["code", "message"], "an expected error")?;
        let mut error = ExpectedError { span: node.span(), code: None, message: None };
        for member in members {
            let (at, value) = (path.key(&member.name), &member.value);
            match (member.name.as_str(), value.text()) {
                ("code", Some(name)) => match code_named(name) {
                    Ok(code) => error.code = Some((code, value.span())),
                    Err(known) => {
                        let message = format!("{at}: there is no error code of this name");
                        self.errors.push(known.about(Diagnostic::new(Code::CaseInvalid, value.span(), message)));
                    }
                },
                ("message", _) => match Pattern::of_text(value, &at) {
                    Ok(Some(pattern)) => error.message = Some(pattern),
                    Ok(None) => self.wrong(value, &at, "a string or a matcher"),
                    Err(errors) => self.errors.extend(errors),
                },
                _ => self.wrong(value, &at, "a string"),
            }
        }
        Some(error)
    }

    fn failure(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<String> {
        let Some(name) = node.text() else { return self.wrong(node, path, "the name of a failure") };
        if FAILURES.contains(&name) {
            return Some(name.to_owned());
        }
        let message = format!("{path}: there is no failure of this name");
        let error = Diagnostic::new(Code::CaseInvalid, node.span(), message);
        self.errors.push(match suggest(name, FAILURES) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.note(format!("the failures are {}", FAILURES.join(", "))),
        });
        None
    }

    fn calls(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<Calls> {
        let form = if let Some(elements) = node.elements() {
            let mut order = Vec::new();
            for (index, element) in elements.iter().enumerate() {
                let at = path.index(index);
                match element.text() {
                    Some(name) => order.push(self.callback(name, element, &at)?),
                    None => return self.wrong(element, &at, "a callback as `Service.Method`"),
                }
            }
            CallsForm::Order(order)
        } else if let Some(members) = node.members() {
            let mut counts = Vec::new();
            for member in members {
                let at = path.key(&member.name);
                let name = self.callback(&member.name, &member.value, &at)?;
                match member.value.number().and_then(|text| text.parse().ok()) {
                    Some(count) => counts.push((name, count, member.value.span())),
                    None => return self.wrong(&member.value, &at, "a whole number"),
                }
            }
            CallsForm::Counts(counts)
        } else {
            return self.wrong(node, path, "an array of callbacks, or an object that says how many there are of each");
        };
        Some(Calls { span: node.span(), form })
    }

    fn callback(&mut self, name: &str, node: &Node<'_>, path: &Path<'_>) -> Option<String> {
        match callback_named(self.contract, name) {
            Ok(found) => found.map(|method| method.full_name()),
            Err(known) => {
                let message = format!("{path}: the contract has no such callback");
                self.errors.push(known.about(Diagnostic::new(Code::CaseInvalid, node.span(), message)));
                None
            }
        }
    }

    fn skip(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<String> {
        match (node.word(), node.text()) {
            (Some("true"), _) => Some(String::new()),
            (Some("false"), _) => None,
            (_, Some(reason)) => Some(reason.to_owned()),
            _ => self.wrong(node, path, "`true`, or the reason as a string"),
        }
    }

    fn truth(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<bool> {
        match node.word() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => self.wrong(node, path, "`true` or `false`"),
        }
    }

    fn text(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<String> {
        match node.text() {
            Some(text) => Some(text.to_owned()),
            None => self.wrong(node, path, "a string"),
        }
    }

    fn time(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<std::time::Duration> {
        match node.text().and_then(units::time) {
            Some(time) => Some(time),
            None => self.wrong(node, path, "a time like \"50ms\" or \"2s\""),
        }
    }

    /// The members of an object that has these names, each of them once.
    fn members<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
        path: &Path<'_>,
        known: &[&'static str],
        what: &str,
    ) -> Option<&'n [Member<'a>]> {
        let Some(members) = node.members() else { return self.wrong(node, path, "an object") };
        for (index, member) in members.iter().enumerate() {
            let at = path.key(&member.name);
            let first = members.iter().take(index).find(|first| first.name == member.name);
            if let Some(first) = first {
                let error = Diagnostic::new(Code::CaseInvalid, member.span, format!("{at}: it is there twice"));
                self.errors.push(error.label("set again here").also(first.span, "first set here"));
            } else if !known.contains(&&*member.name) {
                let error = Diagnostic::new(Code::CaseInvalid, member.span, format!("{at}: {what} has no such name"));
                self.errors.push(match suggest(&member.name, known.iter().copied()) {
                    Some(near) => error.label(format!("did you mean `{near}`?")),
                    None => error.note(format!("it may have {}", known.join(", "))),
                });
            }
        }
        Some(members)
    }

    /// Reports a value of the wrong form; there is nothing instead of it.
    fn wrong<T: Default>(&mut self, node: &Node<'_>, path: &Path<'_>, expected: &str) -> T {
        self.errors.push(wrong_form(Code::CaseInvalid, node, path, expected));
        T::default()
    }
}

#[cfg(test)]
mod tests;
