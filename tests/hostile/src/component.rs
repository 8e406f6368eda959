//! Components that are mostly honest: a case spoils one thing.

use std::fmt::Write as _;

use hookr::MethodId;
use hookr_tests::hostile::{Hostile, section_for, with_payload};
use wasm_encoder::{
    ComponentExportKind, ComponentInstanceSection, ComponentSection as _, ComponentSectionId, RawSection,
};

/// What `Count` of an honest plugin does: it answers with the number of its calls.
pub(crate) const COUNT: &str =
    "(i32.store (i32.const 3076) (i32.add (i32.load (i32.const 3076)) (i32.const 1))) (i32.const 3072)";

/// A loop that has no end.
pub(crate) const FOREVER: &str = "(loop $forever (br $forever)) unreachable";

/// Fills the memory again and again, which is a few instructions and much work.
pub(crate) const FILLS: &str = "(drop (memory.grow (i32.const 200)))
    (loop $fill (memory.fill (i32.const 0) (i32.const 1) (i32.const 0xc80000)) (br $fill)) unreachable";

/// Writes to all of the memory.
pub(crate) const TOUCH: &str = "(memory.fill (i32.const 0) (i32.const 1) (i32.mul (memory.size) (i32.const 65536)))";

/// Takes pages until there are no more.
pub(crate) const ALL_MEMORY: &str = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))";

/// The oracle of the chaos contract: text, number, and where the answer goes.
pub(crate) const ASK: &str = r#"(import "hookr-test:chaos/oracle" "ask" (func $ask (param i32 i32 i32 i32)))"#;

/// A plugin of the chaos contract that counts its calls, and traps in every other method.
pub(crate) fn honest() -> Hostile {
    Hostile::of("chaos").body("plugin#count", COUNT)
}

/// The component of a plugin for the chaos contract, with its section.
pub(crate) fn chaos(plugin: &Hostile) -> Vec<u8> {
    plugin.with_section(&section_for("chaos"))
}

/// The same for the contract of lanes.
pub(crate) fn lanes(plugin: &Hostile) -> Vec<u8> {
    plugin.with_section(&section_for("lanes"))
}

/// The same for the contract of shapes.
pub(crate) fn shapes(plugin: &Hostile) -> Vec<u8> {
    plugin.with_section(&section_for("shapes"))
}

/// An honest plugin of the chaos contract, with this as the payload of its section.
pub(crate) fn chaos_saying(payload: &[u8]) -> Vec<u8> {
    with_payload(honest().build(), payload)
}

/// A plugin of the chaos contract that has another component inside, in text, which is instantiated with it.
pub(crate) fn chaos_beside(plugin: &Hostile, inner: &str) -> Vec<u8> {
    beside(chaos(plugin), &text(inner))
}

/// A component or module from text.
pub(crate) fn text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| {
        let (start, _) = text.split_at(text.floor_char_boundary(2000));
        panic!("{error}\n{start}")
    })
}

/// Puts a component into another one, to be instantiated after all that is there already.
pub(crate) fn beside(mut outer: Vec<u8>, inner: &[u8]) -> Vec<u8> {
    let index = components_in(&outer);
    nest(&mut outer, inner);
    let mut instances = ComponentInstanceSection::new();
    instances.instantiate::<[(&str, ComponentExportKind, u32); 0], _>(index, []);
    instances.append_to_component(&mut outer);
    outer
}

/// Puts a component into another one, and leaves it at that.
pub(crate) fn nest(outer: &mut Vec<u8>, inner: &[u8]) {
    let id = ComponentSectionId::Component.into();
    RawSection { id, data: inner }.append_to_component(outer);
}

/// How many components a component has at its top level: the number of the next.
fn components_in(component: &[u8]) -> u32 {
    let (mut depth, mut found) = (0, 0);
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        match payload.expect("a component that was built here") {
            wasmparser::Payload::ComponentSection { .. } => {
                found += u32::from(depth == 0);
                depth += 1;
            }
            wasmparser::Payload::ModuleSection { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    found
}

/// How many instances and functions a component has at its top level: the numbers of the next.
pub(crate) fn instances_and_functions(component: &[u8]) -> (u32, u32) {
    let types = wasmparser::Validator::new().validate_all(component).expect("a component that was built here");
    (types.as_ref().component_instance_count(), types.as_ref().component_function_count())
}

/// Where a plugin that answers over the lane has what it answers.
pub(crate) const ANSWER: u32 = 0x10000;

/// A plugin of a contract, by the name of its folder, that answers every request that comes over the lane with these
/// bytes.
pub(crate) fn answering(contract: &str, bytes: &[u8]) -> Vec<u8> {
    let pages = 2 + bytes.len().div_ceil(1 << 16);
    let dispatch = format!(
        r#"(func (export "cabi_post_hookr:abi/lane@0.1.0#call") (param $word i64)
  (if (i64.eqz (local.get $word)) (then (return)))
  (i32.store (i32.const 1056) (i32.const 0))
  (i32.store (i32.const 1060) (i32.const {ANSWER}))
  (i32.store (i32.const 1064) (i32.const {})))"#,
        bytes.len()
    );
    with_block(Hostile::with_lane(contract))
        .memory(&pages.to_string())
        .data(ANSWER, bytes)
        .field(&dispatch)
        .with_section(&section_for(contract))
}

/// A plugin of a contract, by the name of its folder, that answers no request that comes over the lane before it has asked
/// the host over the lane, by this method and with these bytes. What it gets, an error too, is what it answers.
pub(crate) fn asking(contract: &str, method: MethodId, bytes: &[u8]) -> Vec<u8> {
    let pages = 2 + bytes.len().div_ceil(1 << 16);
    let functions = format!(
        r#"(import "hookr:abi/lane-host@0.1.0" "call" (func $call (param i32 i32 i32) (result i64)))
(import "hookr:abi/lane-host@0.1.0" "take" (func $take (param i32)))
(func (export "cabi_post_hookr:abi/lane@0.1.0#call") (param $word i64)
  (if (i64.eqz (local.get $word)) (then (return)))
  ;; A batch of nothing, by which the host tries the lane.
  (if (i64.lt_s (local.get $word) (i64.const 0)) (then (i32.store (i32.const 1056) (i32.const 0)) (return)))
  (call $ask))
(func $ask (local $answer i64) (local $length i32)
  (local.set $answer (call $call (i32.const {}) (i32.const {ANSWER}) (i32.const {})))
  (local.set $length (i32.and (i32.wrap_i64 (i64.shr_u (local.get $answer) (i64.const 32))) (i32.const 0x7fffffff)))
  (i32.store (i32.const 1056) (i32.wrap_i64 (local.get $answer)))
  (i32.store (i32.const 1060) (i32.sub (i32.const 0x4000) (local.get $length)))
  (i32.store (i32.const 1064) (local.get $length))
  (if (i64.lt_s (local.get $answer) (i64.const 0)) (then
    (call $take (i32.const 48))
    (i32.store (i32.const 1060) (i32.load (i32.const 48)))
    (i32.store (i32.const 1064) (i32.load (i32.const 52))))))"#,
        method.0 as i32,
        bytes.len()
    );
    with_block(Hostile::with_lane(contract))
        .memory(&pages.to_string())
        .data(ANSWER, bytes)
        .field(&functions)
        .body("lane@0.1.0#exchange", "(call $ask) (i32.const 1056)")
        // Behind the question, where there is a page for the answer.
        .realloc(&format!("(i32.const {})", ANSWER as usize + bytes.len().next_multiple_of(1 << 16)))
        .with_section(&section_for(contract))
}

/// The functions of a lane but for the dispatcher, and a control block at 1024: requests at 0x2000, answers at 0x3000,
/// the index at 0x4000.
fn with_block(plugin: Hostile) -> Hostile {
    let mut block = b"HKLN".to_vec();
    for number in [1, 0x2000, 0x1000, 0x3000, 0x1000, 0x4000, 0x200, u32::MAX, 0, 0, 0] {
        block.extend(u32::to_le_bytes(number));
    }
    plugin
        .data(1024, &block)
        .body("lane@0.1.0#open", "(i32.const 1024)")
        .body(
            "lane@0.1.0#memory",
            "(i32.store (i32.const 20) (i32.mul (memory.size) (i32.const 65536))) (i32.const 16)",
        )
        .body("lane@0.1.0#reserve", "nop")
        .body("lane@0.1.0#call", "(i64.const 0)")
}

/// A text that many pieces are written to.
pub(crate) fn joined(count: usize, mut piece: impl FnMut(usize, &mut String)) -> String {
    let mut all = String::new();
    for i in 0..count {
        piece(i, &mut all);
    }
    all
}

/// The same piece many times, `#` being its number.
pub(crate) fn repeated(count: usize, piece: &str) -> String {
    joined(count, |i, all| {
        let _ = writeln!(all, "{}", piece.replace('#', &i.to_string()));
    })
}
