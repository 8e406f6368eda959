//! Values whose form in WIT has rules that WIT does not state, trees and long arrays, where a side breaks them: whoever
//! gets such a value refuses it, and nobody sends one.

use std::sync::Arc;

use hookr::dynamic::{DynamicPlugin, Value};
use hookr::{CallError, CallbackContext, Code, Error, InvalidValue, MAX_NESTING};
use hookr_tests::hostile::{Hostile, section_of};
use hookr_tests::hosts::{Journal, chain as causes};
use hookr_tests::{hookr_with, plugin, plugin_bytes, run};
use shapes::{Band, Callbacks, Chain, Everything, Mirror, Order, PluginHandle, Strip};

/// Answers `Follow` with a closure.
struct Follows<F>(F);

impl<F> Mirror for Follows<F>
where
    F: Fn(Chain) -> Result<Chain, Error> + Send + Sync + 'static,
{
    fn reflect(&self, _: &CallbackContext<'_>, request: Everything) -> Result<Everything, Error> {
        Ok(request)
    }

    fn follow(&self, _: &CallbackContext<'_>, request: Chain) -> Result<Chain, Error> {
        (self.0)(request)
    }
}

fn builder(follow: impl Fn(Chain) -> Result<Chain, Error> + Send + Sync + 'static) -> hookr::Builder<PluginHandle> {
    PluginHandle::builder(Callbacks { mirror: Arc::new(Follows(follow)) }).allow_unsigned()
}

fn open(follow: impl Fn(Chain) -> Result<Chain, Error> + Send + Sync + 'static) -> PluginHandle {
    builder(follow).open(plugin("shapes")).unwrap()
}

fn links(length: u32) -> Chain {
    (1..length).fold(Chain::default(), |next, _| Chain { value: 0, next: Some(Box::new(next)) })
}

/// Dropping a deep list would recurse as deep.
fn dismantle(mut chain: Chain) {
    while let Some(next) = chain.next.take() {
        chain = *next;
    }
}

/// The invalid value that led to an error.
#[track_caller]
fn invalid(error: &CallError) -> InvalidValue {
    let (CallError::InvalidRequest { source, .. } | CallError::InvalidResponse { source, .. }) = error else {
        panic!("{error:?}")
    };
    source.downcast_ref::<InvalidValue>().unwrap_or_else(|| panic!("{error:?}")).clone()
}

/// The error that a plugin answered with.
#[track_caller]
fn failed(result: Result<impl std::fmt::Debug, CallError>) -> Error {
    match result {
        Err(CallError::Failed { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_that_is_too_deep_is_not_sent() {
    let plugin = open(Ok);
    for length in [MAX_NESTING + 1, 1_000_000] {
        let request = links(length);
        let error = plugin.follow(&request).unwrap_err();
        assert!(matches!(&error, CallError::InvalidRequest { method, .. } if method == "Plugin:Follow"), "{error:?}");
        assert_eq!(invalid(&error), InvalidValue::TooDeep);
        assert_eq!(causes(&error), "the request does not fit Plugin:Follow: tables nest more than 64 deep");
        assert_eq!((error.code(), error.lost_instance()), (Code::InvalidArgument, false));
        dismantle(request);
    }
    // What lies around a tree counts.
    let everything = |length| Everything { chain: Some(links(length)), ..Everything::default() };
    assert!(plugin.echo(&everything(MAX_NESTING - 1)).is_ok());
    assert_eq!(invalid(&plugin.echo(&everything(MAX_NESTING)).unwrap_err()), InvalidValue::TooDeep);
}

#[test]
fn a_plugin_does_not_send_what_is_too_deep() {
    let journal = Journal::default();
    let notes = journal.clone();
    let plugin = open(move |chain| {
        notes.note("followed");
        Ok(chain)
    });
    let order = |length, through_host| Order { length, through_host };
    for through_host in [false, true] {
        let made = plugin.make(&order(MAX_NESTING, through_host)).unwrap();
        assert_eq!(std::iter::successors(Some(&made), |link| link.next.as_deref()).count(), MAX_NESTING as usize);
    }
    assert_eq!(journal.take(), ["followed"]);
    let error = failed(plugin.make(&order(MAX_NESTING + 1, false)));
    assert_eq!(error.code, Code::Internal);
    assert_eq!(error.message, "the response is not what the contract says: tables nest more than 64 deep");
    let error = failed(plugin.make(&order(MAX_NESTING + 1, true)));
    assert_eq!(error.code, Code::InvalidArgument);
    assert_eq!(error.message, "the request is not what the contract says: tables nest more than 64 deep");
    assert!(journal.take().is_empty(), "the callback is not called");
}

#[test]
fn a_callback_that_answers_with_what_is_too_deep_gives_the_plugin_an_error() {
    let plugin = open(|_| Ok(links(MAX_NESTING + 1)));
    let error = failed(plugin.follow(&links(2)));
    assert_eq!(error.code, Code::Internal);
    assert!(error.message.ends_with("tables nest more than 64 deep"), "{error}");
}

/// A chain in memory: each link by its value and the index of the next.
fn chain_bytes(links: &[(i32, Option<u32>)]) -> Vec<u8> {
    let link = |(value, next): &(i32, Option<u32>)| {
        let next = [u32::from(next.is_some()), next.unwrap_or(0)].map(u32::to_le_bytes).concat();
        [value.to_le_bytes().to_vec(), next].concat()
    };
    links.iter().flat_map(link).collect()
}

/// A response that is a tree, or an error, at 1024; its list is at 2048.
fn tree_bytes(root: u32, length: usize) -> Vec<u8> {
    [0, root, 2048, length as u32].map(u32::to_le_bytes).concat()
}

fn hostile() -> Hostile {
    Hostile::of("shapes")
}

/// A component that answers `Follow` with this tree, and counts its calls in the tree's first value.
fn answering(root: u32, links: &[(i32, Option<u32>)]) -> Vec<u8> {
    let counted = "(i32.store (i32.const 2048) (i32.add (i32.load (i32.const 2048)) (i32.const 1))) (i32.const 1024)";
    hostile()
        .body("plugin#follow", counted)
        .data(1024, &tree_bytes(root, links.len()))
        .data(2048, &chain_bytes(links))
        .with_section(&section_of(&plugin_bytes("shapes")))
}

/// Lists that are no trees, and what is wrong with them.
/// A root, the nodes, and what is wrong with them.
type BadTree = (u32, Vec<(i32, Option<u32>)>, InvalidValue);

fn bad_trees() -> Vec<BadTree> {
    let no_node = |index, nodes| InvalidValue::NoSuchNode { table: "Chain".into(), index, nodes };
    let shared = |index| InvalidValue::SharedNode { table: "Chain".into(), index };
    let unused = |index| InvalidValue::UnusedNode { table: "Chain".into(), index };
    let deep = (1..=64).map(|i| (0, Some(i))).chain([(0, None)]).collect();
    vec![
        (0, vec![], no_node(0, 0)),
        (1, vec![(0, None)], no_node(1, 1)),
        (u32::MAX, vec![(0, None)], no_node(u32::MAX, 1)),
        (0, vec![(0, Some(1))], no_node(1, 1)),
        (0, vec![(0, Some(u32::MAX))], no_node(u32::MAX, 1)),
        (0, vec![(0, Some(0))], shared(0)),
        (0, vec![(0, Some(1)), (0, Some(0))], shared(0)),
        (0, vec![(0, None), (0, None)], unused(1)),
        (0, vec![(0, None), (0, Some(2)), (0, Some(1))], unused(1)),
        (1, vec![(0, None), (0, None)], unused(0)),
        (0, deep, InvalidValue::TooDeep),
    ]
}

#[test]
fn a_response_that_is_no_tree_costs_the_plugin_its_instance() {
    let plugin = builder(Ok).open_bytes(answering(1, &[(7, None), (1, Some(0))])).unwrap();
    for calls in 1..3 {
        let expected = Chain { value: 1, next: Some(Box::new(Chain { value: 7 + calls, next: None })) };
        assert_eq!(
            plugin.follow(&Chain::default()).unwrap(),
            expected,
            "the trees below are refused for what is wrong"
        );
    }
    for (root, links, expected) in bad_trees() {
        let plugin = builder(Ok).open_bytes(answering(root, &links)).unwrap();
        for _ in 0..2 {
            let error = plugin.follow(&Chain::default()).unwrap_err();
            assert!(
                matches!(&error, CallError::InvalidResponse { method, .. } if method == "Plugin:Follow"),
                "{error:?}"
            );
            assert_eq!(invalid(&error), expected, "{root} {links:?}");
            assert!(error.lost_instance());
        }
    }
}

/// A component that sends this tree to its host, and answers with what it gets.
fn asking(root: u32, links: &[(i32, Option<u32>)]) -> Vec<u8> {
    let body = format!(
        "(call $follow (i32.const {}) (i32.const 2048) (i32.const {}) (i32.const 1024)) (i32.const 1024)",
        root.cast_signed(),
        links.len()
    );
    hostile()
        .field(r#"(import "acme:shapes/mirror" "follow" (func $follow (param i32 i32 i32 i32)))"#)
        .body("plugin#follow", &body)
        .data(2048, &chain_bytes(links))
        .with_section(&section_of(&plugin_bytes("shapes")))
}

#[test]
fn a_callback_never_sees_what_is_no_tree() {
    let journal = Journal::default();
    let notes = journal.clone();
    let builder = builder(move |chain| {
        notes.note("followed");
        Ok(chain)
    });
    let plugin = builder.open_bytes(asking(1, &[(7, None), (1, Some(0))])).unwrap();
    assert_eq!(plugin.follow(&Chain::default()).unwrap().next.unwrap().value, 7);
    assert_eq!(journal.take(), ["followed"]);
    for (root, links, expected) in bad_trees() {
        let plugin = builder.open_bytes(asking(root, &links)).unwrap();
        let error = failed(plugin.follow(&Chain::default()));
        assert_eq!(error.code, Code::InvalidArgument, "{root} {links:?}");
        assert_eq!(error.message, format!("the request is not what the contract says: {expected}"));
    }
    assert!(journal.take().is_empty());
}

/// A response of `Bind`: a list at 2048.
fn band(length: u32) -> Vec<u8> {
    hostile()
        .body("plugin#bind", "(i32.const 1024)")
        .data(1024, &[0, 2048, length].map(u32::to_le_bytes).concat())
        .data(2048, &[5; 64])
        .with_section(&section_of(&plugin_bytes("shapes")))
}

#[test]
fn a_response_with_an_array_of_another_length_costs_the_plugin_its_instance() {
    let request = Band { strip: Strip::default() };
    let plugin = builder(Ok).open_bytes(band(17)).unwrap();
    assert_eq!(plugin.bind(&request).unwrap().strip.bytes, [5; 17]);
    for found in [0, 16, 18, 64] {
        let plugin = builder(Ok).open_bytes(band(found)).unwrap();
        let error = plugin.bind(&request).unwrap_err();
        assert!(error.lost_instance());
        let expected = InvalidValue::ArrayLength { field: "Strip.bytes".into(), expected: 17, found: found as usize };
        assert_eq!(invalid(&error), expected);
    }
}

fn link(value: i32, next: Option<u32>) -> Value {
    let next = Value::Option(next.map(|index| Box::new(Value::U32(index))));
    Value::Record(vec![("value".to_owned(), Value::S32(value)), ("next".to_owned(), next)])
}

fn tree(root: u32, links: &[(i32, Option<u32>)]) -> Value {
    let links = links.iter().map(|&(value, next)| link(value, next)).collect();
    Value::Record(vec![("root".to_owned(), Value::U32(root)), ("chain-list".to_owned(), Value::List(links))])
}

/// Answers every callback with the same value.
struct Says(Value);

impl hookr::dynamic::Callbacks for Says {
    fn call(&self, _: &CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
        Ok(self.0.clone())
    }
}

fn dynamic(answer: Value) -> DynamicPlugin {
    DynamicPlugin::builder(Says(answer)).allow_unsigned().open(plugin("shapes")).unwrap()
}

/// The other side of it: a real plugin, and a host that does not keep the rules.
#[test]
fn a_plugin_refuses_what_is_no_tree() {
    let good = || tree(1, &[(7, None), (1, Some(0))]);
    let plugin = dynamic(good());
    // The plugin sends it on and gets it back: the nodes stand in the order of the tree then.
    assert_eq!(plugin.call("Follow", good()).unwrap(), tree(0, &[(1, Some(1)), (7, None)]));
    for (root, links, expected) in bad_trees() {
        let error = failed(plugin.call("Follow", tree(root, &links)));
        assert_eq!(error.code, Code::InvalidArgument);
        assert_eq!(error.message, format!("the request is not what the contract says: {expected}"));
        let error = failed(dynamic(tree(root, &links)).call("Follow", good()));
        assert_eq!(error.code, Code::Internal);
        assert_eq!(error.message, format!("the response is not what the contract says: {expected}"));
    }
    // It goes on.
    assert!(plugin.call("Follow", good()).is_ok());
}

#[test]
fn a_plugin_refuses_an_array_of_another_length() {
    let plugin = dynamic(Value::Bool(true));
    let band = |length: u8| {
        let bytes = Value::List((0..length).map(Value::U8).collect());
        let strip = Value::Record(vec![("bytes".to_owned(), bytes)]);
        Value::Record(vec![("strip".to_owned(), strip)])
    };
    assert_eq!(plugin.call("Bind", band(17)).unwrap(), band(17));
    for found in [0, 16, 18] {
        let error = failed(plugin.call("Bind", band(found)));
        assert_eq!(error.code, Code::InvalidArgument);
        let expected =
            format!("the request is not what the contract says: `Strip.bytes` has {found} elements, expected 17");
        assert_eq!(error.message, expected);
    }
}

/// `hookr call` without generated code.
#[test]
fn calls_by_json_refuse_the_same() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("hostile.wasm");
    let call = |bytes: Vec<u8>, method: &str, request: &str| {
        std::fs::write(&file, bytes).unwrap();
        let input = files.path().join("request.json");
        std::fs::write(&input, request).unwrap();
        let mut command = hookr_with(&["call", "--allow-unsigned", "--compact", "--method", method]);
        run(command.arg("--plugin").arg(&file).arg("--input").arg(&input))
    };
    let output = call(answering(1, &[(7, None), (1, Some(0))]), "Follow", "{}").success();
    assert_eq!(output.stdout.trim(), r#"{"value":1,"next":{"value":8}}"#);
    for (root, links, expected) in bad_trees() {
        let output = call(answering(root, &links), "Follow", "{}");
        assert_ne!(output.status, Some(0));
        assert!(output.stderr.contains(&expected.to_string()), "{}", output.report());
    }
    let request = r#"{"strip": {"bytes": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}}"#;
    let output = call(band(16), "Bind", request);
    assert!(output.stderr.contains("$.strip.bytes"), "{}", output.report());
    assert!(output.stderr.contains("it has 16 elements, expected 17"), "{}", output.report());
}
