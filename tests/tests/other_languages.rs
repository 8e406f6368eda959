//! Plugins that are not made by Rust's side of Hookr: JavaScript and Python, through plain WIT, as
//! docs/src/how-to/other-languages.md says. That page's session is typed by the test of sessions.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use hookr::{Cache, CallError, Code, Grants, Limits};
use hookr_tests::{command, folder, hookr, root, run, tool};
use textfilter::{Empty, FilterRequest};
use urlbalancer::{
    BalanceRequest, CallbackContext, Callbacks, Error, Rng, RngFloatRequest, RngFloatResponse, RngIntRequest,
    RngIntResponse,
};

/// A component that is made of a script, and a plugin of it; `None` where there is no tool for it.
fn javascript(contract: &str, script: &str) -> Option<(tempfile::TempDir, PathBuf)> {
    let componentize = tool("componentize-qjs", "HOOKR_COMPONENTIZE_QJS")?;
    let dir = tempfile::tempdir().unwrap();
    let (component, out) = (dir.path().join("component.wasm"), dir.path().join("plugin.wasm"));
    let mut make = command(componentize);
    make.args(["--sync", "--stub-wasi", "--wit"]).arg(folder(contract).join("contract/wit"));
    run(make.arg("--js").arg(root().join(script)).arg("--output").arg(&component)).success();
    let mut build = command(hookr());
    build.args(["build", "--component"]).arg(&component);
    build.arg("--schema").arg(folder(contract).join(format!("{contract}.fbs")));
    run(build.arg("--out").arg(&out)).success();
    Some((dir, out))
}

#[test]
fn a_plugin_in_javascript_is_opened_and_called_as_any_other() {
    let Some((_dir, file)) = javascript("textfilter", "examples/textfilter/javascript/plugin.js") else { return };
    let plugin = textfilter::PluginHandle::builder().allow_unsigned().open(file).unwrap();
    assert_eq!(plugin.get_info(&Empty {}).unwrap().name, "textfilter");

    let request = |input: &str, terms: &[&str]| FilterRequest {
        input: input.to_owned(),
        blocked_terms: terms.iter().map(ToString::to_string).collect(),
        ..FilterRequest::default()
    };
    let response = plugin.filter(&request("Bad inputs and bad habits", &["bad", "habits"])).unwrap();
    assert_eq!((response.output.as_str(), response.replacements), ("[filtered] inputs and [filtered] [filtered]", 3));

    // What it throws is an error of the contract, and the instance stays.
    let error = plugin.filter(&request("a", &["b", ""])).unwrap_err();
    let CallError::Failed { error, .. } = error else { panic!("{error:?}") };
    assert_eq!((error.code, error.message.as_str()), (Code::InvalidArgument, "blocked_terms[1] is empty"));
    assert_eq!(plugin.health().lost, 0);

    // It has no lane.
    assert!(plugin.lane().is_err());
}

/// Answers with the number that it was told, and counts.
struct Dice(i32, AtomicI32);

impl Rng for Dice {
    fn int(&self, _: &CallbackContext<'_>, request: RngIntRequest) -> Result<RngIntResponse, Error> {
        self.1.fetch_add(1, Ordering::Relaxed);
        if request.max < self.0 {
            return Err(Error::out_of_range(format!("{} is beyond {}", self.0, request.max)));
        }
        Ok(RngIntResponse { value: self.0 })
    }

    fn float(&self, _: &CallbackContext<'_>, _: RngFloatRequest) -> Result<RngFloatResponse, Error> {
        Ok(RngFloatResponse { value: 0.5 })
    }
}

#[test]
fn a_plugin_in_javascript_calls_back_and_passes_errors_of_the_host_on() {
    let Some((_dir, file)) = javascript("urlbalancer", "tests/other-languages/urlbalancer.js") else { return };
    let dice = Arc::new(Dice(1, AtomicI32::new(0)));
    let callbacks = Callbacks { rng: Arc::clone(&dice) as Arc<dyn Rng> };
    let builder = urlbalancer::PluginHandle::builder(callbacks).allow_unsigned();
    let plugin = builder.limits(Limits::default().memory(16 << 20)).open(file).unwrap();

    let request = |nodes: &[&str]| BalanceRequest {
        url: "https://example.com".to_owned(),
        nodes: nodes.iter().map(ToString::to_string).collect(),
    };
    let response = plugin.balance(&request(&["a", "b", "c"])).unwrap();
    assert_eq!((response.selected_node.as_str(), response.rng_float), ("b", 0.5));

    let error = plugin.balance(&request(&["a"])).unwrap_err();
    let CallError::Failed { error, .. } = error else { panic!("{error:?}") };
    assert_eq!((error.code, error.message.as_str()), (Code::OutOfRange, "1 is beyond 0"));
    assert_eq!(dice.1.load(Ordering::Relaxed), 2);
}

/// The commands of the page, and the grants that it shows.
#[test]
fn a_plugin_in_python_passes_the_cases_of_the_one_in_rust() {
    let Some(componentize) = tool("componentize-py", "HOOKR_COMPONENTIZE_PY") else { return };
    let page = fs::read_to_string(root().join("docs/src/how-to/other-languages.md")).unwrap();
    let (_, grants) = page.split_once("```toml\n").unwrap();
    let (grants, _) = grants.split_once("```").unwrap();

    let dir = tempfile::tempdir().unwrap();
    let here = |program: PathBuf, arguments: &[&str]| {
        let mut command = command(program);
        command.current_dir(dir.path()).args(arguments);
        run(&mut command).success()
    };
    std::os::unix::fs::symlink(root(), dir.path().join("hookr")).unwrap();
    fs::copy(folder("textfilter").join("python/app.py"), dir.path().join("app.py")).unwrap();
    fs::write(dir.path().join("grants.toml"), grants).unwrap();
    let schema = "hookr/examples/textfilter/textfilter.fbs";
    here(hookr(), &["wit", "--schema", schema, "--out", "textfilter.wit"]);
    let world = ["-d", "textfilter.wit", "-w", "text-filter"];
    here(componentize, &[&world[..], &["componentize", "app", "-o", "component.wasm"]].concat());
    here(hookr(), &["build", "--component", "component.wasm", "--schema", schema, "--out", "plugin.wasm"]);

    // On a machine with much to do, compiling it takes longer than a host allows by itself.
    let (file, cache) = (dir.path().join("plugin.wasm"), dir.path().join("cache"));
    let builder = textfilter::PluginHandle::builder().allow_unsigned().cache(Cache::folder(&cache));
    let builder = builder.grants(Grants::from_toml(grants, dir.path()).unwrap());
    let plugin = builder.limits(Limits::default().compile_time(None)).open(file).unwrap();
    assert_eq!(plugin.get_info(&Empty {}).unwrap().name, "textfilter");

    let test =
        ["test", "--plugin", "plugin.wasm", "--allow-unsigned", "--cache-dir", "cache", "--grants", "grants.toml"];
    let output = here(hookr(), &[&test[..], &["hookr/examples/textfilter/cases"]].concat());
    assert!(output.stdout.contains("\n6 passed in "), "{}", output.report());
}
