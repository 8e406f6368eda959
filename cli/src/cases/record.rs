//! A call as a case.

use crate::call::{Exchange, MethodRef, NoResponse, Outcome, Payload};
use crate::pattern::{Found, Json};

use super::judge::failure_name;

/// A call that was made as the JSON of a case that passes: the callbacks that the plugin made become its fixture, in their
/// order, and what came of the call is what is expected. A callback whose request cannot be read is answered whatever it asks.
pub(crate) fn recorded(method: &MethodRef, request: &Payload, outcome: &Outcome) -> String {
    let mut members = vec![("method", Json::text(&method.name)), ("request", shown(request))];
    let callbacks = callbacks(outcome.trace());
    if !callbacks.is_empty() {
        members.push(("callbacks", Json::Object(callbacks)));
    }
    members.push(("expect", object([expected(outcome)])));
    object(members).pretty(0) + "\n"
}

/// What a case expects that expects just this.
pub(super) fn expected(outcome: &Outcome) -> (&'static str, Json) {
    match &outcome.result {
        Ok(response) => ("response", shown(response)),
        Err(error) => match error.answered() {
            Some(error) => ("error", error_json(error)),
            None => ("failure", Json::text(failure_name(error))),
        },
    }
}

pub(super) fn error_json(error: &hookr::Error) -> Json {
    object([("code", Json::text(error.code.name())), ("message", Json::text(&error.message))])
}

/// The rules of each callback that was made. Calls that follow each other and are the same are one rule.
fn callbacks(trace: &[Exchange]) -> Vec<(String, Json)> {
    struct Answered {
        when: Option<Json>,
        answer: (&'static str, Json),
        times: u64,
    }
    let mut all: Vec<(String, Vec<Answered>)> = Vec::new();
    for exchange in trace {
        let name = exchange.callback.full_name();
        let when = Found::of(&exchange.request).ok().map(|found| found.full);
        let answer = match &exchange.answer {
            Ok(response) => ("response", shown(response)),
            Err(error) => ("error", error_json(error)),
        };
        let at = all.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            all.push((name, Vec::new()));
            all.len() - 1
        });
        let Some((_, rules)) = all.get_mut(at) else { continue };
        match rules.last_mut() {
            Some(last) if last.when == when && last.answer == answer => last.times += 1,
            _ => rules.push(Answered { when, answer, times: 1 }),
        }
    }
    let rule = |rule: Answered| {
        let when = rule.when.map(|when| ("when", when));
        object(when.into_iter().chain([rule.answer, ("times", Json::number(rule.times))]))
    };
    let named = all.into_iter().map(|(name, rules)| (name, Json::Array(rules.into_iter().map(rule).collect())));
    named.collect()
}

fn shown(payload: &Payload) -> Json {
    Found::of(payload).map_or_else(|_| Json::Object(Vec::new()), |found| found.shown)
}

pub(super) fn object(members: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Why there is no response, in a line.
pub(super) fn told(error: &NoResponse) -> String {
    crate::failure::with_causes(error)
}
