//! Small files that ask for more than any machine has. wasmtime's validator lets all of them pass.

use hookr::{Exceeded, Limit, Limits, OpenError};
use wasm_encoder::{
    CodeSection, ComponentSection as _, ComponentSectionId, FunctionSection, Module, RawSection, TypeSection,
};

use crate::support::{component, exceeded, open};

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (1..=count).map(line).collect()
}

/// Refused by the defaults, for this limit.
#[track_caller]
fn refused(text: &str, limit: Limit) -> Exceeded {
    let found = exceeded(&component(text), Limits::default());
    assert_eq!(found.limit, limit, "{found}");
    assert!(found.asked.is_none_or(|asked| asked > found.allowed), "{found}");
    found
}

#[test]
fn components_that_instantiate_the_one_before_twice() {
    let text = format!(
        "(component (component $c0 (core module $m (memory 1)) (core instance (instantiate $m))) {}
         (instance (instantiate $c60)))",
        lines(60, |i| format!(
            "(component $c{i} (alias outer 1 $c{} (component $x))
             (instance (instantiate $x)) (instance (instantiate $x)))",
            i - 1
        )),
    );
    refused(&text, Limit::Entries);
    let found = exceeded(&component(&text), Limits::default().entries(usize::MAX));
    assert_eq!((found.limit, found.asked), (Limit::Instances, Some(1 << 60)));
}

#[test]
fn instances_that_hold_the_one_before_twice() {
    let text = format!(
        "(component (core module $m (func (export \"f\"))) (core instance $m (instantiate $m))
         (func $f (canon lift (core func $m \"f\"))) (instance $i0 (export \"a\" (func $f))) {})",
        lines(19, |i| format!(
            "(instance $i{i} (export \"a\" (instance $i{0})) (export \"b\" (instance $i{0})))",
            i - 1
        )),
    );
    refused(&text, Limit::Entries);
}

/// The type of the argument hides how much there is in it, so that no limit of types helps.
#[test]
fn a_component_that_returns_its_argument_twice() {
    let text = format!(
        "(component (component $twice
             (import \"i\" (instance $i)) (export \"a\" (instance $i)) (export \"b\" (instance $i)))
         (instance $i0) {})",
        lines(30, |i| format!("(instance $i{i} (instantiate $twice (with \"i\" (instance $i{}))))", i - 1)),
    );
    refused(&text, Limit::Entries);
}

#[test]
fn a_component_that_wraps_its_argument() {
    let text = format!(
        "(component (component $wrap (import \"i\" (instance $i)) (export \"a\" (instance $i))) (instance $i0) {})",
        lines(120, |i| format!("(instance $i{i} (instantiate $wrap (with \"i\" (instance $i{}))))", i - 1)),
    );
    refused(&text, Limit::Nesting);
}

#[test]
fn components_that_take_along_the_two_before() {
    let text = format!(
        "(component (component $c0) (component $c1) {})",
        lines(80, |i| format!(
            "(component $c{} (alias outer 1 $c{i} (component)) (alias outer 1 $c{} (component)))",
            i + 1,
            i - 1
        )),
    );
    refused(&text, Limit::Entries);
}

#[test]
fn a_chain_of_types_of_instances() {
    let text = format!(
        "(component (type $t0 (instance)) {})",
        lines(150, |i| format!(
            "(type $t{i} (instance (alias outer 1 $t{} (type $p)) (export \"a\" (instance (type $p)))))",
            i - 1
        )),
    );
    refused(&text, Limit::Nesting);
}

/// Lists in lists, in instances in instances, in components in components: each of them nests as deep as it may, and all
/// together so deep that the validator of this release of wasmtime panics.
#[test]
fn a_panic_of_the_compiler_is_an_error() {
    let text = format!(
        "(component (type $l0 (list u8)) {} (type $f (func (param \"x\" $l95)))
         (type $t0 (instance (alias outer 1 $f (type $g)) (export \"f\" (func (type $g))))) {}
         (component $c0 (alias outer 1 $t95 (type $t)) (import \"i\" (instance (type $t)))) {})",
        lines(95, |i| format!("(type $l{i} (list $l{}))", i - 1)),
        lines(95, |i| format!(
            "(type $t{i} (instance (alias outer 1 $t{} (type $p)) (export \"a\" (instance (type $p)))))",
            i - 1
        )),
        lines(90, |i| format!(
            "(component $c{i} (alias outer 1 $c{} (component $x)) (export \"c\" (component $x)))",
            i - 1
        )),
    );
    match open(&component(&text), Limits::default()) {
        Err(OpenError::Compile { source }) => {
            assert!(source.to_string().starts_with("the compiler panicked: "), "{source}");
        }
        other => panic!("{other:?}"),
    }
}

/// What such a component makes cannot be computed without making it.
#[test]
fn components_are_no_values() {
    for text in [
        "(component (component (import \"c\" (component $c)) (instance (instantiate $c))))",
        "(component (component $c (component $d) (export \"d\" (component $d)))
         (instance $i (instantiate $c)) (alias export $i \"d\" (component)))",
    ] {
        match open(&component(text), Limits::default()) {
            Err(OpenError::ComponentAsValue { offset }) => assert!(offset > 0),
            other => panic!("{other:?}"),
        }
    }
}

/// 2,000 times 50,000 locals, declared in seven bytes each time.
#[test]
fn functions_of_nothing_but_locals() {
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    for _ in 0..2_000 {
        functions.function(0);
        code.raw(&[1, 0xd0, 0x86, 0x03, 0x7f, 0x0b]);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    let mut bytes = component("(component)");
    RawSection { id: ComponentSectionId::CoreModule.into(), data: &module.finish() }.append_to_component(&mut bytes);
    let found = exceeded(&bytes, Limits::default());
    assert_eq!((found.limit, found.asked), (Limit::Code, Some(2_000 * 50_006)));
}
