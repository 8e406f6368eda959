//! The code of `docs/src/how-to/open-and-call.md`.

// ANCHOR: open
use std::path::Path;

use hookr::{CallError, OpenError, Printable};
use textfilter::{FilterRequest, PluginHandle};

/// Opens the plugin, if its file has this hash.
fn open(path: &Path, sha256: &str) -> Result<PluginHandle, OpenError> {
    PluginHandle::builder().sha256(sha256).open(path)
}
// ANCHOR_END: open

// ANCHOR: call
fn filtered(plugin: &PluginHandle, line: &str) -> Result<String, CallError> {
    let request =
        FilterRequest { input: line.into(), blocked_terms: vec!["forbidden".into()], ..FilterRequest::default() };
    let response = plugin.filter(&request)?;
    // Text of a plugin is text from outside.
    Ok(Printable(&response.output).to_string())
}
// ANCHOR_END: call

// ANCHOR: callbacks
use std::sync::Arc;

use urlbalancer::Rng;

fn open_with_callbacks(path: &Path, rng: Arc<dyn Rng>) -> Result<urlbalancer::PluginHandle, OpenError> {
    let callbacks = urlbalancer::Callbacks { rng };
    urlbalancer::PluginHandle::builder(callbacks).allow_unsigned().open(path)
}
// ANCHOR_END: callbacks

// ANCHOR: optional
use tickloop::{WarmupRequest, WarmupResponse};

/// Prepares the plugin for a run, if it has a method for that.
fn warm_up(plugin: &tickloop::PluginHandle) -> Result<Option<WarmupResponse>, CallError> {
    if !plugin.supports_warmup() {
        return Ok(None);
    }
    plugin.warmup(&WarmupRequest { target_ticks: 1000 }).map(Some)
}
// ANCHOR_END: optional

// ANCHOR: several
/// Opens several files, each under a name of its own.
fn open_several(files: &[(&str, &Path)]) -> Result<Vec<PluginHandle>, OpenError> {
    let builder = PluginHandle::builder().allow_unsigned();
    files.iter().map(|(name, path)| builder.clone().name(*name).open(path)).collect()
}
// ANCHOR_END: several

// ANCHOR: memory
use hookr::Artifact;

/// Opens what came from elsewhere than a file.
fn open_bytes(bytes: Vec<u8>, sha256: &str) -> Result<PluginHandle, OpenError> {
    let artifact = Artifact::from_bytes("filter", bytes)?;
    PluginHandle::builder().sha256(sha256).open_artifact(&artifact)
}
// ANCHOR_END: memory

// ANCHOR: ahead
/// Whether this host would take the file, found out without running it; its code is compiled and kept.
fn prepare(path: &Path, sha256: &str) -> Result<(), OpenError> {
    let builder = PluginHandle::builder().sha256(sha256);
    let code = builder.compile(path)?;
    if let Some(problem) = code.problem() {
        eprintln!("the code is not kept: {problem}");
    }
    Ok(())
}
// ANCHOR_END: ahead

// ANCHOR: cache
use hookr::cache::Cache;
use hookr::supervise::Happening;

/// Keeps compiled code in a folder of the application, and says what is wrong with it.
fn cached(builder: hookr::Builder<PluginHandle>, folder: &Path) -> hookr::Builder<PluginHandle> {
    builder.cache(Cache::folder(folder).max_size(64 << 20)).on_event(|event| {
        if let Happening::Uncached { problem } = event.what {
            eprintln!("{}: {problem}", event.plugin);
        }
    })
}
// ANCHOR_END: cache

// ANCHOR: metadata
fn describe(plugin: &PluginHandle) -> String {
    let metadata = plugin.metadata();
    let methods = metadata.methods().iter().map(|method| method.name.as_str());
    let methods: Vec<&str> = methods.collect();
    format!("{} {}: {}", metadata.name(), Printable(metadata.plugin_version()), methods.join(", "))
}
// ANCHOR_END: metadata

// ANCHOR: by_name
use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::{CallbackContext, Error};

struct NoCallbacks;

impl Callbacks for NoCallbacks {
    fn call(&self, _: &CallbackContext<'_>, service: &str, method: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unimplemented(format!("{service}.{method} is not answered here")))
    }
}

fn filter_by_name(path: &Path, line: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let plugin = DynamicPlugin::builder(NoCallbacks).allow_unsigned().open(path)?;
    // Every field, in the order of the contract, with the names of WIT.
    let request = Value::Record(vec![
        ("input".into(), Value::String(line.into())),
        ("blocked-terms".into(), Value::List(vec![Value::String("forbidden".into())])),
        ("replacement".into(), Value::String(String::new())),
        ("case-sensitive".into(), Value::Bool(false)),
        ("max-replacements".into(), Value::U32(0)),
    ]);
    Ok(plugin.call("Filter", request)?)
}
// ANCHOR_END: by_name

mod runs {
    use std::fs;

    use hookr::cache::Origin;
    use hookr::{Digest, Engine};
    use hookr_tests::hosts::{Journal, Numbers};
    use hookr_tests::{plugin, plugin_bytes};
    use urlbalancer::BalanceRequest;

    use super::*;

    const LINE: &str = "this platform has forbidden words";
    const FILTERED: &str = "this platform has [filtered] words";

    fn sha256() -> String {
        Digest::of(&plugin_bytes("textfilter")).to_string()
    }

    #[test]
    fn a_pinned_plugin_is_opened_and_called() {
        let plugin = open(&plugin("textfilter"), &sha256()).unwrap();
        assert_eq!(filtered(&plugin, LINE).unwrap(), FILTERED);
        let described = describe(&plugin);
        assert!(described.starts_with("textfilter 0.") && described.ends_with(": GetInfo, Filter"), "{described}");
    }

    #[test]
    fn another_file_and_no_decision_are_refused() {
        let error = open(&plugin("tickloop"), &sha256()).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::Untrusted { .. }), "{error:?}");
        let error = PluginHandle::builder().open(plugin("textfilter")).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::NoTrustDecision { .. }), "{error:?}");
        let error = PluginHandle::builder().allow_unsigned().open(plugin("tickloop")).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::ContractMismatch { .. }), "{error:?}");
    }

    #[test]
    fn callbacks_are_given_to_the_builder() {
        let rng = Numbers { int: Ok(1), float: Ok(0.5), journal: Journal::default() };
        let plugin = open_with_callbacks(&plugin("urlbalancer"), Arc::new(rng)).unwrap();
        let nodes = ["a", "b"].map(String::from).to_vec();
        let response = plugin.balance(&BalanceRequest { url: "https://example.com".into(), nodes }).unwrap();
        assert_eq!(response.selected_node, "b");
    }

    #[test]
    fn an_optional_method_is_asked_for_first() {
        let rng = Arc::new(Numbers { int: Ok(1), float: Ok(0.5), journal: Journal::default() });
        let builder = tickloop::PluginHandle::builder(tickloop::Callbacks { rng }).allow_unsigned();
        let answer = warm_up(&builder.open(plugin("tickloop")).unwrap()).unwrap();
        assert_eq!(answer, Some(WarmupResponse { ready: true, recommended_batch: 100 }));
    }

    #[test]
    fn one_builder_opens_several_files_and_bytes() {
        let file = plugin("textfilter");
        let plugins = open_several(&[("first", &file), ("second", &file)]).unwrap();
        let names = plugins.iter().map(|plugin| plugin.metadata().name().to_owned());
        assert_eq!(names.collect::<Vec<_>>(), ["first", "second"]);
        let plugin = open_bytes(fs::read(file).unwrap(), &sha256()).unwrap();
        assert_eq!((plugin.metadata().name(), plugin.metadata().path()), ("filter", None));
        assert_eq!(filtered(&plugin, LINE).unwrap(), FILTERED);
    }

    #[test]
    fn a_plugin_is_prepared_without_being_run() {
        prepare(&plugin("textfilter"), &sha256()).unwrap();
        assert!(prepare(&plugin("tickloop"), &sha256()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn code_that_is_kept_comes_from_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("compiled");
        let origin = || {
            // An engine of its own: on the shared one, other tests have the code already.
            let builder = PluginHandle::builder().allow_unsigned().engine(&Engine::new().unwrap());
            let plugin = cached(builder, &folder).open(plugin("textfilter")).unwrap();
            assert_eq!(filtered(&plugin, LINE).unwrap(), FILTERED);
            plugin.metadata().code().origin()
        };
        assert_eq!((origin(), origin()), (Origin::Stored, Origin::Cached));
    }

    #[test]
    fn a_plugin_is_called_by_name() {
        let Value::Record(fields) = filter_by_name(&plugin("textfilter"), LINE).unwrap() else { panic!() };
        assert_eq!(fields[0], ("output".to_owned(), Value::String(FILTERED.into())));
    }
}
