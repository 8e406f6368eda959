//! `hookr call`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fbs2wit::json::WriteOptions;
use hookr::MethodId;
use hookr_abi::Printable;

use crate::args::CallArgs;
use crate::call::{Candidate, Fixture, Host, Notices, Text, on_one_line};
use crate::contract::LoadedContract;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::hint::Hint;
use crate::terminal::{self, progress};

pub(crate) fn run(args: &CallArgs) -> Result<()> {
    let is_stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    if is_stdin(&args.input) && is_stdin(&args.host_fixture) {
        let text = "`--input -` and `--host-fixture -` cannot both read standard input";
        return Err(Failure::message(Exit::Usage, text));
    }
    let host = Host::new(Notices::Say);
    let candidate = Candidate::read(&args.plugin, &host)?;

    let contract = candidate.contract().clone();
    let method = contract.find(&args.method)?;
    let input = args.input.as_deref();
    let text = input.map_or_else(|| Ok(Text::new(Path::new("<no input>"), "{}")), Text::read)?;
    let request = text.payload(&contract, method.request)?;
    request.check().or_exit(Exit::Input)?;
    if let Some(path) = &args.host_fixture {
        let text = Text::read(path)?;
        host.respond(Fixture::read(&text, &contract).map_err(|errors| text.failure(&errors))?);
    }

    let session = candidate.open()?;
    progress(&format!("calling {}:{}", Printable(&method.service), Printable(&method.name)));
    let outcome = session.call(&method, &request, args.way);
    if !outcome.seen.missing.is_empty() {
        return Err(missing(&outcome.seen.missing, &contract, outcome.result.err().map(|error| error.to_string())));
    }
    let mut options = WriteOptions::default();
    options.defaults = args.defaults;
    options.compact = args.compact;
    let unreadable = || "the response of the plugin cannot be read".to_owned();
    let response = outcome.result?.json(&options).or_fail(Exit::Call, unreadable)?;
    terminal::print(&(response + "\n"))
}

/// A callback that the fixture lacks is an error, whatever the plugin made of it: what it answers then says nothing.
pub(super) fn missing<'a>(
    missing: impl IntoIterator<Item = &'a (String, String)> + Copy,
    contract: &Arc<LoadedContract>,
    error: Option<String>,
) -> Failure {
    let names: Vec<String> = missing.into_iter().map(|(service, method)| format!("`{service}.{method}`")).collect();
    let text = format!("the plugin called {}, which the host fixture does not answer", names.join(", "));
    let mut failure = Failure::message(Exit::Input, text);
    if let Some(error) = error {
        failure = failure.note(error);
    }
    for (service, method) in missing {
        let callback = contract.callback(MethodId::of(service, method));
        let response =
            callback.map_or_else(|| "{}".to_owned(), |found| on_one_line(&contract.response_template(&found)));
        let key = format!("{service}.{method}");
        let line = format!("\"{key}\": {{\"response\": {response}}}");
        failure = failure.hint(Hint::Fixture { key, line });
    }
    failure
}
