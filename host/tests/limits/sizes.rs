//! For each limit, the component that just fits, and the same component with one less.

use std::fmt::Write as _;
use std::time::Duration;

use hookr::{Artifact, Limit, Limits, OpenError};

use wasm_encoder::{Component, ComponentSectionId, RawSection};

use crate::support::{builder, component, exceeded, open, shape, shape_of, with_section};

/// A component of the text uses `needed` of a limit: with so much it opens, with one less it does not.
#[track_caller]
fn needs(text: &str, limit: Limit, set: impl Fn(Limits, usize) -> Limits, needed: usize) {
    let bytes = component(text);
    if let Err(error) = open(&bytes, set(Limits::default(), needed)) {
        panic!("{error}");
    }
    let found = exceeded(&bytes, set(Limits::default(), needed - 1));
    let needed = needed as u64;
    assert_eq!((found.limit, found.asked, found.allowed), (limit, Some(needed), needed - 1), "{found}");
}

#[test]
fn functions_are_counted_with_those_of_the_canonical_abi() {
    let text = r#"(component
        (core module $m (func (export "a")) (func))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "a")))
        (core func (canon lower (func $f))))"#;
    needs(text, Limit::Functions, Limits::functions, 4);
}

/// The body of a function without locals and instructions has two bytes.
#[test]
fn code_is_the_sum_of_all_functions() {
    needs("(component (core module (func) (func)) (core module (func)))", Limit::Code, Limits::code, 6);
}

#[test]
fn the_largest_function_counts() {
    needs("(component (core module (func) (func nop nop nop)))", Limit::Function, Limits::function, 5);
}

/// Four bytes of a body can declare 50,000 locals, and three bytes can pass 1,000 values on.
#[test]
fn values_count_as_bytes_do() {
    let locals = format!("(component (core module (func (param i32) (local{}))))", " i64".repeat(99));
    // The number of groups, the group, its type, and `end`; the parameter is a local, too.
    needs(&locals, Limit::Function, Limits::function, 4 + 100);
    let call = "(component (core module (func $f (result i32 i32 i32) unreachable) (func call $f drop drop drop)))";
    needs(call, Limit::Function, Limits::function, 7 + 3);
    let block = "(component (core module (func (result i32) i32.const 0 (block (param i32) (result i32)))))";
    needs(block, Limit::Function, Limits::function, 7 + 2);
    let branch = "(component (core module (func (result i32) i32.const 1 i32.const 0 br_if 0)))";
    needs(branch, Limit::Function, Limits::function, 8 + 1);
    let table = "(component (core module (func (result i32) i32.const 1 i32.const 0 br_table 0 0 0)))";
    needs(table, Limit::Function, Limits::function, 11 + 3);
    let indirect = "(component (core module (type $t (func (param i32) (result i32))) (table 1 funcref)
        (func (drop (call_indirect (type $t) (i32.const 0) (i32.const 0))))))";
    needs(indirect, Limit::Function, Limits::function, 10 + 2);
}

#[test]
fn blocks_and_blocks_times_locals_are_bounded() {
    // The function's own block, and three of an `if`.
    let text = format!("(component (core module (func (local{}) (if (i32.const 0) (then)))))", " i32".repeat(7));
    needs(&text, Limit::Blocks, Limits::blocks, 4);
    needs(&text, Limit::Flow, Limits::flow, 4 * 7);
}

#[test]
fn entries_of_all_sections_are_counted() {
    let small = r#"(component (core module (func (export "a"))))"#;
    let larger = r#"(component (core module (func (export "a")) (func (export "b")) (elem func 0 0 0)))"#;
    let (small_entries, larger_entries) = (shape(small).entries, shape(larger).entries);
    assert_eq!(larger_entries - small_entries, 1 + 1 + 1 + 3, "a function, an export, a segment and its elements");
    needs(small, Limit::Entries, Limits::entries, usize::try_from(small_entries).unwrap());
    // It is not read to its end where it is enough to have begun.
    let found = exceeded(&component(larger), Limits::default().entries(3));
    assert_eq!((found.limit, found.asked, found.allowed), (Limit::Entries, None, 3));
}

/// A component that is instantiated three times does three times what it does.
#[test]
fn entries_of_components_count_each_time() {
    let entries = |instances: usize| {
        let component = "(component $c (import \"f\" (func $f)) (export \"g\" (func $f)) (export \"h\" (func $f)))";
        let function = "(core module $m (func (export \"f\"))) (core instance $m (instantiate $m))
            (func $f (canon lift (core func $m \"f\")))";
        let instance = "(instance (instantiate $c (with \"f\" (func $f))))".repeat(instances);
        shape(&format!("(component {component} {function} {instance})")).entries
    };
    let (one, two, three) = (entries(1), entries(2), entries(3));
    assert_eq!(three - two, two - one);
    assert!(two - one > 5, "{one}, {two}");
}

#[test]
fn components_in_components_nest_so_deep() {
    needs("(component (component (component (component))))", Limit::Nesting, Limits::nesting, 3);
    // Text does not nest that deep.
    let deep = |levels: usize| {
        let innermost = Component::new().finish();
        with_section((0..levels).fold(innermost, |inner, _| {
            let mut outer = Component::new();
            outer.section(&RawSection { id: ComponentSectionId::Component.into(), data: &inner });
            outer.finish()
        }))
    };
    assert_eq!(shape_of(&deep(100)).unwrap().nesting, 100);
    assert!(open(&deep(100), Limits::default()).is_ok());
    let found = exceeded(&deep(101), Limits::default().nesting(1000));
    assert_eq!((found.limit, found.asked, found.allowed), (Limit::Nesting, None, 100));
}

#[test]
fn every_instance_of_a_module_counts() {
    let text = "(component (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m)))";
    needs(text, Limit::Instances, Limits::instances, 2);
    let nested = "(component
        (core module $m)
        (component $c
            (alias outer 1 $m (core module $m))
            (core instance (instantiate $m)) (core instance (instantiate $m)) (core instance (instantiate $m)))
        (instance (instantiate $c)) (instance (instantiate $c)))";
    needs(nested, Limit::Instances, Limits::instances, 6);
}

#[test]
fn memories_of_instances_and_of_modules_are_bounded() {
    let several = "(component (core module $m (memory 1) (memory 2))
        (core instance (instantiate $m)) (core instance (instantiate $m)))";
    needs(several, Limit::Memories, Limits::memories, 4);
    needs(several, Limit::Memory, Limits::memory, 6 << 16);
    // Modules of which there is no instance have images of their memories all the same.
    let unused = "(component (core module (memory 1)) (core module (memory 3)))";
    needs(unused, Limit::Memories, Limits::memories, 2);
    needs(unused, Limit::Memory, Limits::memory, 4 << 16);
}

#[test]
fn tables_and_their_elements_are_bounded() {
    let text = "(component (core module $m (table 10 funcref) (table 5 funcref))
        (core instance (instantiate $m)) (core instance (instantiate $m)))";
    needs(text, Limit::Tables, Limits::tables, 4);
    needs(text, Limit::TableElements, Limits::table_elements, 30);
}

/// A module that a component is given is taken for the largest that there is.
#[test]
fn a_module_that_is_passed_on_is_the_largest() {
    let text = "(component
        (core module $small) (core module $large (memory 2) (table 7 funcref))
        (component $c (import \"m\" (core module $m)) (core instance (instantiate $m)) (core instance (instantiate $m)))
        (instance (instantiate $c (with \"m\" (core module $small)))))";
    let shape = shape(text);
    assert_eq!((shape.instances, shape.memories, shape.memory), (2, 2, 4 << 16));
    assert_eq!((shape.tables, shape.table_elements), (2, 14));
}

#[test]
fn a_file_has_so_many_bytes() {
    let bytes = component("(component)");
    let size = bytes.len() as u64;
    let file = File::new(&bytes);
    let builder = |limit| builder(Limits::default().file(limit));
    assert!(builder(size).open_bytes(bytes.clone()).is_ok());
    assert!(builder(size).open(&file.0).is_ok());
    assert!(builder(u64::MAX).open(&file.0).is_ok());
    let artifact = Artifact::from_bytes("test", bytes.clone()).unwrap();
    let small = builder(size - 1);
    for result in [small.open_bytes(bytes), small.open(&file.0), small.open_artifact(&artifact)] {
        let limit = match result.map(|_| ()) {
            Err(OpenError::TooLarge { limit, .. }) => limit,
            other => panic!("{other:?}"),
        };
        assert_eq!(limit, size - 1);
    }
}

/// A file that goes away again.
struct File(std::path::PathBuf);

impl File {
    fn new(bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("hookr-limits-{}.wasm", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        File(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn compilation_takes_so_long() {
    // More than any machine could do in a millisecond.
    let mut text = String::from("(component (core module (func (param i32) (result i32) local.get 0");
    for number in 0..20_000 {
        let _ = write!(text, " i32.const {number} i32.add local.get 0 i32.xor");
    }
    text.push_str(")))");
    let bytes = component(&text);
    let found = exceeded(&bytes, Limits::default().compile_time(Duration::from_millis(1)));
    assert_eq!((found.limit, found.asked, found.allowed), (Limit::CompileTime, None, 1));
    assert_eq!(found.to_string(), "more than 1 milliseconds of compilation (limit `compile_time`)");
    assert!(open(&bytes, Limits::default().compile_time(None)).is_ok());
}

/// Expressions can be as long as a file, and types can have any number of members.
#[test]
fn expressions_and_types_count_by_their_bytes() {
    let of = |terms: usize| {
        let sum = " (i32.const 1) i32.add".repeat(terms);
        shape(&format!("(component (core module (global i32 (i32.const 0){sum})))")).entries
    };
    assert_eq!(of(100) - of(0), 3 * 100);
    let of = |fields: usize| {
        let fields: String = (0..fields).map(|field| format!("(field \"f{field:03}\" u8)")).collect();
        shape(&format!("(component (type (record {fields})))")).entries
    };
    // A name of four bytes, its length, and a type.
    assert_eq!(of(110) - of(100), 6 * 10);
}
