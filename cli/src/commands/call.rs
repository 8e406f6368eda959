//! `hookr call`.

use std::path::{Path, PathBuf};

use fbs2wit::contract::{Interface, Method};
use fbs2wit::diag::suggest;
use fbs2wit::json::{self, JsonOptions, WriteOptions};
use fbs2wit::model::ObjectId;
use hookr::dynamic::{DynamicPlugin, Value};
use hookr::{Artifact, Builder, CallError, Grants, OpenError};

use crate::args::CallArgs;
use crate::cache::warn;
use crate::call::{Answers, Converter, Fixture, Text, template};
use crate::contract::{self, LoadedContract};
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::shown;
use crate::hint::Hint;
use crate::inspect::same_contract;
use crate::terminal::{self, Progress};
use crate::trust::trusting;

pub(crate) fn run(args: &CallArgs) -> Result<()> {
    let is_stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    if is_stdin(&args.input) && is_stdin(&args.host_fixture) {
        let text = "`--input -` and `--host-fixture -` cannot both read standard input";
        return Err(Failure::message(Exit::Usage, text));
    }
    let artifact = Artifact::read(&args.plugin)?;
    let answers = Answers::default();
    let builder = trusting(DynamicPlugin::builder(answers.clone()), &args.trust)?.limits(args.limits.limits());
    let builder = builder.cache(args.cache.cache()).on_event(warn).log(terminal::log);
    let builder = match &args.limits.core_dump {
        Some(folder) => builder.core_dumps(folder, 1),
        None => builder,
    };
    builder.decide(&artifact)?;
    let builder = granting(builder, args.grants.as_deref())?;

    let loaded = contract_of(&artifact, args)?;
    let (interface, method) = find(&loaded, &args.method)?;
    let request = request(&loaded, method, args.input.as_deref())?;
    answers.set(fixture(&loaded, args.host_fixture.as_deref())?);

    let opening = Progress::start(format!("opening {} (sha256 {})", shown(&args.plugin), artifact.sha256()));
    let plugin = builder.open_artifact(&artifact)?;
    drop(opening);
    let calling = Progress::start(format!("calling {}:{}", interface.source.name, method.source));
    let result = plugin.call(&method.source, request);
    drop(calling);
    check_missing(&answers, &loaded, result.as_ref().err())?;

    terminal::print(&response(&loaded, method, &result?, args)?)
}

fn granting(builder: Builder<DynamicPlugin>, file: Option<&Path>) -> Result<Builder<DynamicPlugin>> {
    let Some(file) = file else { return Ok(builder) };
    let unreadable = || format!("the grants file {} cannot be used", shown(file));
    let grants = Grants::from_file(file).or_fail(Exit::Input, unreadable)?;
    Ok(builder.grants(grants))
}

/// The contract of `--schema`, which the plugin must be built for, else the one inside of the plugin.
fn contract_of(artifact: &Artifact, args: &CallArgs) -> Result<LoadedContract> {
    let found = artifact.contract_section()?;
    let expected = args.schema.as_deref().map(|schema| contract::load(schema, &args.contract)).transpose()?;
    let Some(found) = found else {
        let expected = expected.map(|expected| Box::new(expected.summary()));
        return Err(OpenError::NoContract { expected }.into());
    };
    match expected {
        Some(expected) => {
            same_contract(&expected, &found)?;
            Ok(expected)
        }
        None => contract::embedded(&found, &args.contract),
    }
}

/// The method that `Balance`, `Plugin.Balance` or `Plugin:Balance` means.
fn find<'a>(loaded: &'a LoadedContract, wanted: &str) -> Result<(&'a Interface, &'a Method)> {
    let no_plugin = || Failure::message(Exit::Unfit, "the contract of the plugin has no plugin service");
    let interface = loaded.contract.plugin.as_ref().ok_or_else(no_plugin)?;
    let (service, name) = match wanted.rsplit_once(['.', ':']) {
        Some((service, name)) => (Some(service), name),
        None => (None, wanted),
    };
    let is_plugin = service.is_none_or(|name| name == interface.source.name || name == interface.source.to_string());
    let found = interface.methods.iter().find(|method| is_plugin && method.source == name);
    found.map(|method| (interface, method)).ok_or_else(|| {
        let text = format!("the service `{}` has no method `{wanted}`", interface.source.name);
        let names: Vec<String> = interface.methods.iter().map(|method| method.source.clone()).collect();
        let near = suggest(name, names.iter().map(String::as_str));
        let hint = near.map(|near| Hint::DidYouMean(near.to_owned()));
        Failure::message(Exit::Input, text).hint(hint.unwrap_or(Hint::OneOf("methods", names)))
    })
}

fn request(loaded: &LoadedContract, method: &Method, input: Option<&Path>) -> Result<Value> {
    let text = input.map_or_else(|| Ok(Text::new(Path::new("<no input>"), "{}")), Text::read)?;
    let object = object_of(loaded, method.request)?;
    let record = json::parse(&loaded.schema, object, &text.sources, text.file, &JsonOptions::default())
        .map_err(|errors| text.failure(&errors))?;
    let converter = Converter::new(&loaded.schema, &loaded.contract);
    converter.lower(method.request, &record).map_err(|error| Failure::new(Exit::Input, error))
}

fn fixture(loaded: &LoadedContract, path: Option<&Path>) -> Result<Fixture> {
    let Some(path) = path else { return Ok(Fixture::default()) };
    let text = Text::read(path)?;
    Fixture::read(&text, &loaded.schema, &loaded.contract).map_err(|errors| text.failure(&errors))
}

/// A callback that the fixture lacks is an error, whatever the plugin made of it: what it answers then says nothing.
fn check_missing(answers: &Answers, loaded: &LoadedContract, error: Option<&CallError>) -> Result<()> {
    let missing = answers.missing();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = missing.iter().map(|(service, method)| format!("`{service}.{method}`")).collect();
    let text = format!("the plugin called {}, which the host fixture does not answer", names.join(", "));
    let mut failure = Failure::message(Exit::Input, text);
    if let Some(error) = error {
        failure = failure.note(error.to_string());
    }
    for (service, method) in missing {
        let response = template(&loaded.schema, &loaded.contract, &service, &method);
        let key = format!("{service}.{method}");
        let line = format!("\"{key}\": {{\"response\": {}}}", response.unwrap_or_else(|| "{}".to_owned()));
        failure = failure.hint(Hint::Fixture { key, line });
    }
    Err(failure)
}

fn response(loaded: &LoadedContract, method: &Method, value: &Value, args: &CallArgs) -> Result<String> {
    let converter = Converter::new(&loaded.schema, &loaded.contract).keep_empty(args.defaults);
    let unreadable = || "the response of the plugin cannot be read".to_owned();
    let record = converter.lift(method.response, value).or_fail(Exit::Call, unreadable)?;
    let mut options = WriteOptions::default();
    options.defaults = args.defaults;
    options.compact = args.compact;
    let object = object_of(loaded, method.response)?;
    Ok(json::write(&loaded.schema, object, &record, &options).or_fail(Exit::Call, unreadable)? + "\n")
}

/// The table of a request or response.
fn object_of(loaded: &LoadedContract, ty: fbs2wit::contract::TypeId) -> Result<ObjectId> {
    loaded.object_of(ty).ok_or_else(|| Failure::message(Exit::Unfit, "the contract names a table that it lacks"))
}
