//! `hookr call`.

use std::path::Path;
use std::sync::Arc;

use fbs2wit::json::WriteOptions;
use hookr::MethodId;
use hookr_abi::Printable;

use crate::args::CallArgs;
use crate::call::{Candidate, Exchange, Fixture, Host, Notices, Text, on_one_line};
use crate::contract::LoadedContract;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::hint::Hint;
use crate::terminal::{self, Progress};

pub(crate) fn run(args: &CallArgs) -> Result<()> {
    is_stdin_twice(args.input.as_deref(), args.host_fixture.as_deref())?;
    let host = Host::new(Notices::Say);
    let candidate = Candidate::read(&args.plugin, &host)?;

    let contract = candidate.contract().clone();
    let method = contract.find(&args.method)?;
    let input = args.input.as_deref();
    let text = input.map_or_else(|| Ok(Text::new(Path::new("<no --input>"), "{}")), Text::read)?;
    let request = text.payload(&contract, method.request)?;
    request.check().or_exit(Exit::Input)?;
    if let Some(path) = &args.host_fixture {
        let text = Text::read(path)?;
        host.respond(Fixture::read(&text, &contract).map_err(|errors| text.failure(&errors))?);
    }

    let session = candidate.open()?;
    let calling = Progress::start(format!("calling {}:{}", Printable(&method.service), Printable(&method.name)));
    let outcome = session.call(&method, &request, args.way);
    drop(calling);
    if !outcome.seen.missing.is_empty() {
        return Err(missing(
            &outcome.seen.missing,
            &contract,
            &outcome.seen.trace,
            outcome.result.err().map(|error| error.to_string()),
        ));
    }
    let mut options = WriteOptions::default();
    options.defaults = args.defaults;
    options.compact = args.compact;
    let unreadable = || "the response of the plugin cannot be read".to_owned();
    let response = outcome.result?.json(&options).or_fail(Exit::Call, unreadable)?;
    terminal::print(&(response + "\n"))
}

/// Refuses to read two texts from standard input.
pub(super) fn is_stdin_twice(input: Option<&Path>, fixture: Option<&Path>) -> Result<()> {
    let stdin = Some(Path::new("-"));
    if input == stdin && fixture == stdin {
        let text = "`--input -` and `--host-fixture -` cannot both read standard input";
        return Err(Failure::message(Exit::Usage, text));
    }
    Ok(())
}

/// A callback that the fixture lacks is an error, whatever the plugin made of it: what it answers then says nothing.
pub(super) fn missing<'a>(
    missing: impl IntoIterator<Item = &'a (String, String)> + Copy,
    contract: &Arc<LoadedContract>,
    trace: &[Exchange],
    error: Option<String>,
) -> Failure {
    let names: Vec<String> = missing.into_iter().map(|(service, method)| format!("`{service}.{method}`")).collect();
    let text = format!("the plugin called {}, which the host fixture does not answer", names.join(", "));
    let mut failure = Failure::message(Exit::Input, text);
    if let Some(error) = error {
        failure = failure.note(error);
    }
    for (service, method) in missing {
        // Rules of the fixture may be there, and for other requests: what it was called with tells.
        let unanswered = |made: &&Exchange| {
            made.callback.service == *service && made.callback.name == *method && made.answer.is_err()
        };
        let made = trace.iter().find(unanswered).and_then(|made| made.request.json(&WriteOptions::default()).ok());
        if let Some(request) = made {
            failure = failure.note(format!("`{service}.{method}` was called with {}", on_one_line(&request)));
        }
        let callback = contract.callback(MethodId::of(service, method));
        let response =
            callback.map_or_else(|| "{}".to_owned(), |found| on_one_line(&contract.response_template(&found)));
        let key = format!("{service}.{method}");
        let line = format!("\"{key}\": {{\"response\": {response}}}");
        failure = failure.hint(Hint::Fixture { key, line });
    }
    failure
}
