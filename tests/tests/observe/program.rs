//! The example that exports spans.

use std::process::Command;

use hookr_tests::{plugin, program, run};

#[test]
fn the_example_exports_spans_with_their_fields() {
    let output = run(Command::new(program("traces-host")).arg(plugin("tickloop")));
    let text = output.success().stdout;
    let spans: Vec<&str> = text.split("Instrumentation Scope").skip(1).collect();
    let find = |name: &str, part: &str| {
        let is_it = |span: &&&str| span.contains(&format!("Name         : {name}\n")) && span.contains(part);
        spans.iter().find(is_it).unwrap_or_else(|| panic!("{name} with {part} in {text}"))
    };
    let open = find("open", "plugin: String");
    for field in ["sha256", "contract", "size", "origin", "outcome", "duration_ns"] {
        assert!(open.contains(&format!(" ->  {field}: ")), "{field} in {open}");
    }
    let call = find("call", "Plugin:Tick");
    for field in ["plugin", "contract", "way", "request_bytes", "outcome", "duration_ns"] {
        assert!(call.contains(&format!(" ->  {field}: ")), "{field} in {call}");
    }
    let id = |span: &str, field: &str| {
        let line = span.lines().find(|line| line.trim_start().starts_with(field)).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    // The callbacks are children of calls, and what the host says is in them.
    let callback = find("callback", "Rng:Int");
    assert!(callback.contains("rolled the dice"), "{callback}");
    let parents: Vec<_> = spans.iter().filter(|span| span.contains("Name         : call\n")).collect();
    let parent = id(callback, "ParentSpanId");
    assert!(parents.iter().any(|call| id(call, "SpanId") == parent), "{text}");
    assert!(text.contains("3 calls, half of them in less than "), "{text}");
}
