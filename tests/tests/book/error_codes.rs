//! docs/src/reference/error-codes.md: what code each error of a call has, and whether it costs the instance.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use hookr::lane::LaneState;
use hookr::{CallError, Code, Error};
use hookr_tests::root;

const PAGE: &str = "docs/src/reference/error-codes.md";

/// An error of each kind that can be made here, of a plugin that was running.
fn errors() -> Vec<CallError> {
    let method = || "Plugin:Tick".to_owned();
    let source = || "for the test".into();
    let after = Duration::from_secs(1);
    vec![
        CallError::Failed { method: method(), error: Error::new(Code::NotFound, "") },
        CallError::Unimplemented { method: method() },
        CallError::NoSuchMethod { method: method(), available: Vec::new() },
        CallError::NoLane { state: LaneState::Off },
        CallError::InvalidRequest { method: method(), source: source() },
        CallError::RequestTooLarge { method: method(), size: 2, limit: 1 },
        CallError::BatchTooLarge { method: method(), count: 2, limit: 1 },
        CallError::StateTooLarge { size: 2, limit: 1 },
        CallError::Busy { method: method(), waited: None, limit: 1 },
        CallError::Reentrant { method: method() },
        CallError::Closed { method: method() },
        CallError::Trapped { method: method(), crash: Box::default(), source: source() },
        CallError::InvalidResponse { method: method(), crash: Box::default(), source: source() },
        CallError::Panicked { method: method(), at_start: false },
        CallError::DeadlineExceeded { method: method(), after, crash: Some(Box::default()) },
        CallError::Cancelled { method: method(), crash: Some(Box::default()) },
        CallError::Exited { method: method(), code: 1, crash: Box::default() },
        CallError::Denied { method: method(), function: "f".to_owned(), crash: Box::default() },
        CallError::Replaced { method: method(), crash: Box::default() },
        CallError::Unavailable { method: method(), retry_in: None, last: String::new() },
        CallError::Instantiate { method: method(), crash: Box::default(), source: source() },
    ]
}

/// What of a limit that is exceeded cannot be made here: it holds a type that grows.
const APART: &str = "LimitExceeded";

#[test]
fn errors_of_calls_are_as_the_table_says() {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let table = page.split("## Errors of calls in a host").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| `") && !line.starts_with("| `CallError`"))
        .map(|line| line.split('|').skip(1).map(str::trim).collect())
        .collect();
    let kinds = fs::read_to_string(root().join("host/src/error/kind.rs")).unwrap();
    let variants: BTreeSet<_> = kinds
        .match_indices("CallError::")
        .map(|(at, head)| kinds[at + head.len()..].split(' ').next().unwrap().to_owned())
        .collect();
    let listed: BTreeSet<_> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    assert_eq!(listed, variants, "{PAGE}");
    let mut checked = BTreeSet::from([APART.to_owned()]);
    for error in errors() {
        let debug = format!("{error:?}");
        let name = debug.split([' ', '(']).next().unwrap().to_owned();
        let row = rows.iter().find(|row| row[0] == format!("`{name}`")).unwrap();
        if name != "Failed" {
            assert_eq!(row[1], format!("{} `{}`", error.code().number(), error.code().name()), "{name}");
        }
        assert_eq!(row[2].starts_with("lost"), error.lost_instance(), "{name}: {}", row[2]);
        checked.insert(name);
    }
    assert_eq!(checked, variants);
}
