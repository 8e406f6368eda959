//! The code of `docs/src/how-to/errors.md`.

// ANCHOR: tell
use hookr::{CallError, Code};

/// What the users of the application are told, and what its operators are.
fn tell(error: &CallError) -> (&'static str, String) {
    let user = match error.code() {
        Code::InvalidArgument | Code::OutOfRange => "this cannot be done",
        Code::PermissionDenied | Code::Unauthenticated => "this is not allowed",
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => "please try again later",
        _ => "something went wrong",
    };
    (user, report(error))
}
// ANCHOR_END: tell

// ANCHOR: report
use std::error::Error as _;

use hookr::Printable;

/// All that is known of a failure, for a log.
fn report(error: &CallError) -> String {
    // Errors and their causes may quote the plugin.
    let mut text = Printable(&error.to_string()).to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!("\n  caused by: {}", Printable(&error.to_string()));
        cause = error.source();
    }
    if let Some(backtrace) = error.backtrace() {
        text += &format!("\n{backtrace}");
    }
    if let Some(file) = error.core_dump() {
        text += &format!("\n  memory: {}", file.display());
    }
    text
}
// ANCHOR_END: report

// ANCHOR: retry
use std::thread;
use std::time::Duration;

/// Calls again where the plugin was not called, or says that it may work later. Only for methods that may run twice.
fn with_retries<R>(mut call: impl FnMut() -> Result<R, CallError>) -> Result<R, CallError> {
    let mut pause = Duration::from_millis(10);
    for _ in 0..3 {
        let error = match call() {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        let wait = match &error {
            // It rests, and says for how long.
            CallError::Unavailable { retry_in: Some(rest), .. } if *rest < Duration::from_secs(1) => *rest,
            // It did not get an instance, or its version was replaced.
            CallError::Busy { .. } | CallError::Replaced { .. } => pause,
            // The plugin itself says so.
            CallError::Failed { error, .. } if error.code == Code::Unavailable => pause,
            _ => return Err(error),
        };
        thread::sleep(wait);
        pause *= 2;
    }
    call()
}
// ANCHOR_END: retry

// ANCHOR: state_lost
/// Calls, and brings a fresh instance into the state that the plugin needs, if the old one was lost.
fn counted(plugin: &chaos::PluginHandle) -> Result<u32, CallError> {
    plugin.count(&chaos::Empty {}).map(|response| response.calls).inspect_err(|error| {
        if error.lost_instance() {
            eprintln!("the state of the plugin is gone: {error}");
        }
    })
}
// ANCHOR_END: state_lost

// ANCHOR: open
use std::path::Path;

use hookr::OpenError;

/// Opens a plugin, or says which of those who could mend it has to.
fn open(builder: &hookr::Builder<textfilter::PluginHandle>, path: &Path) -> Result<textfilter::PluginHandle, String> {
    builder.open(path).map_err(|error| match &error {
        OpenError::NoTrustDecision { found } | OpenError::Untrusted { found, .. } => {
            format!("not approved: {found} is to be reviewed and pinned")
        }
        OpenError::ContractMismatch { .. } => format!("to be built anew, with the contract of this host: {error}"),
        OpenError::Imports { .. } => format!("wants more than it is granted: {error}"),
        other => format!("{}: {error}", other.kind()),
    })
}
// ANCHOR_END: open

// ANCHOR: dumps
use hookr::Builder;

/// Writes the memory of the plugin to a file when it traps, ten times at the most.
fn dumping(builder: Builder<chaos::PluginHandle>, folder: &Path) -> Builder<chaos::PluginHandle> {
    builder.core_dumps(folder, 10)
}
// ANCHOR_END: dumps

mod runs {
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::fs;

    use chaos::{FailRequest, PanicRequest, PluginHandle};
    use hookr::supervise::Supervision;
    use hookr_tests::hosts::chaos_builder;
    use hookr_tests::{plugin, root};

    use super::*;

    fn fail(plugin: &PluginHandle, code: Code) -> CallError {
        plugin.fail(&FailRequest { code: code.number(), message: "so it is".into() }).unwrap_err()
    }

    fn trap(plugin: &PluginHandle) -> CallError {
        plugin.panic(&PanicRequest { message: "on request".into() }).unwrap_err()
    }

    #[test]
    fn users_and_operators_are_told() {
        let plugin = chaos_builder().open(plugin("chaos")).unwrap();
        let (user, operator) = tell(&fail(&plugin, Code::InvalidArgument));
        assert_eq!(
            (user, operator.as_str()),
            ("this cannot be done", "Plugin:Fail failed: invalid-argument: so it is")
        );
        let (user, operator) = tell(&trap(&plugin));
        assert_eq!(user, "something went wrong");
        let lines: Vec<&str> = operator.lines().collect();
        assert_eq!(lines[0], "the plugin trapped in Plugin:Panic; its instance and the state in it are lost");
        assert_eq!(lines[1], "  caused by: wasm trap: wasm `unreachable` instruction executed");
        assert!(lines[2].starts_with("   0: "), "{operator}");
    }

    #[test]
    fn memory_is_written_where_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let plugin = dumping(chaos_builder(), folder.path()).open(plugin("chaos")).unwrap();
        let error = trap(&plugin);
        assert!(error.core_dump().is_some_and(|file| file.starts_with(folder.path()) && file.is_file()));
        assert!(report(&error).contains("  memory: "));
    }

    #[test]
    fn what_may_work_later_is_tried_again() {
        let plugin = chaos_builder().open(plugin("chaos")).unwrap();
        let calls = Cell::new(0);
        let after = |times: u32, code| {
            calls.set(0);
            with_retries(|| {
                calls.set(calls.get() + 1);
                if calls.get() > times { Ok("done") } else { Err(fail(&plugin, code)) }
            })
        };
        assert_eq!((after(2, Code::Unavailable).unwrap(), calls.get()), ("done", 3));
        assert_eq!((after(9, Code::Unavailable).unwrap_err().code(), calls.get()), (Code::Unavailable, 4));
        assert_eq!((after(9, Code::NotFound).unwrap_err().code(), calls.get()), (Code::NotFound, 1));
    }

    #[test]
    fn a_plugin_that_rests_is_waited_for() {
        let rest = Duration::from_millis(500);
        let resting = Supervision::default().grace(0).backoff(rest, rest);
        let plugin = chaos_builder().supervision(resting).open(plugin("chaos")).unwrap();
        assert!(trap(&plugin).lost_instance());
        let error = counted(&plugin).unwrap_err();
        assert!(matches!(error, CallError::Unavailable { retry_in: Some(_), .. }) && !error.lost_instance());
        assert_eq!(with_retries(|| counted(&plugin)).unwrap(), 1);
    }

    #[test]
    fn opening_says_who_can_mend_it() {
        let builder = textfilter::PluginHandle::builder();
        let said =
            |builder: &Builder<textfilter::PluginHandle>, file: &Path| open(builder, file).map(drop).unwrap_err();
        assert!(said(&builder, &plugin("textfilter")).starts_with("not approved: "));
        let lax = builder.allow_unsigned();
        assert!(said(&lax, &plugin("chaos")).starts_with("to be built anew"));
        assert!(said(&lax, Path::new("no such file")).starts_with("read: cannot read no such file"));
        open(&lax, &plugin("textfilter")).unwrap();
    }

    /// The tables of the page have every error that there is, and no other.
    #[test]
    fn the_page_has_every_error() {
        let page = fs::read_to_string(root().join("docs/src/how-to/errors.md")).unwrap();
        let source = fs::read_to_string(root().join("host/src/error/kind.rs")).unwrap();
        for name in ["CallError", "OpenError"] {
            let prefix = format!("{name}::");
            let known = source.split(&prefix).skip(1).filter_map(|rest| rest.split([' ', '(']).next());
            let known: BTreeSet<&str> = known.collect();
            assert!(known.len() > 20, "{known:?}");
            let table = page.split(&format!("<!-- {name} -->")).nth(1).expect("the page marks its tables");
            let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
            let named = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2));
            assert_eq!(named.collect::<BTreeSet<_>>(), known, "{name}");
        }
    }

    #[test]
    fn the_page_of_registries_has_every_error_of_them() {
        let page = fs::read_to_string(root().join("docs/src/how-to/registry.md")).unwrap();
        let source = fs::read_to_string(root().join("host/src/registry/error.rs")).unwrap();
        let body = source.split("pub enum RegistryError {").nth(1).unwrap().split("\n}").next().unwrap();
        // Variants stand four spaces in, and begin with a capital.
        let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
        let variants = lines.filter(|line| line.starts_with(|letter: char| letter.is_ascii_uppercase()));
        let variants: Vec<_> = variants.filter_map(|line| line.split([' ', '(', ',']).next()).collect();
        assert!(variants.len() > 8, "{variants:?}");
        for name in variants {
            assert!(page.contains(&format!("`{name}`")), "{name} is not on the page");
        }
    }

    #[test]
    fn the_page_of_the_api_has_the_version_of_wasmtime() {
        let page = fs::read_to_string(root().join("docs/src/reference/rust-api.md")).unwrap();
        let pinned = format!("pinned exactly, at {};", hookr::WASMTIME_VERSION);
        assert!(page.contains(&pinned), "the page does not say: {pinned}");
    }
}
