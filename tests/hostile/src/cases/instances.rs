//! What takes room as soon as a plugin is instantiated, before any of its code runs.

use std::fmt::Write as _;

use crate::case::{ANSWERED, Case};
use crate::component::{chaos, chaos_beside, honest, joined, repeated};
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, bytes: fn() -> Vec<u8>, expected| {
        Case::new(format!("instances/{name}"), about, bytes, Target::count, expected)
    };
    vec![
        case(
            "memory",
            "a gigabyte of memory to begin with",
            || chaos(&honest().memory("16384")),
            "OpenError::LimitExceeded(memory)",
        ),
        case(
            "whole-memory",
            "four gigabytes of memory to begin with",
            || chaos(&honest().memory("65536")),
            "OpenError::LimitExceeded(memory)",
        ),
        case("memory-that-fits", "as much memory as is allowed", || chaos(&honest().memory("256")), ANSWERED),
        case(
            "memories-together",
            "eight memories, which together are too large",
            memories_together,
            "OpenError::LimitExceeded(memory)",
        ),
        case(
            "memory64",
            "a memory with addresses of 64 bits, of 256 terabytes",
            memory_of_64_bits,
            "OpenError::LimitExceeded(memory)",
        ),
        case(
            "memories",
            "a hundred memories",
            || with_module(&"(memory 0)".repeat(100)),
            "OpenError::LimitExceeded(memories)",
        ),
        case(
            "tables",
            "three hundred tables",
            || with_module(&"(table 0 funcref)".repeat(300)),
            "OpenError::LimitExceeded(tables)",
        ),
        case(
            "table",
            "a table of nine million elements",
            || with_module("(table 9000000 funcref)"),
            "OpenError::LimitExceeded(table_elements)",
        ),
        case(
            "tables-together",
            "twenty tables, which together are too large",
            tables_together,
            "OpenError::LimitExceeded(table_elements)",
        ),
        case(
            "many",
            "five hundred instances, where a hundred are allowed",
            many,
            "OpenError::LimitExceeded(instances)",
        )
        .limits(|limits| limits.instances(100)),
        case(
            "multiplied",
            "a component with ten of a component with ten of a component, four deep: ten thousand",
            || multiplied(4),
            "OpenError::LimitExceeded(instances)",
        ),
        case("multiplied-again", "the same, fifteen deep", || multiplied(15), "OpenError::LimitExceeded(entries)"),
        case(
            "globals",
            "nine hundred instances with twenty thousand variables each: 288 megabytes",
            globals,
            "OpenError::LimitExceeded(entries)",
        ),
        case(
            "functions-as-values",
            "nine hundred instances with two thousand functions that are values: 58 megabytes",
            functions_as_values,
            "OpenError::LimitExceeded(entries)",
        ),
        case(
            "outside-data",
            "data that lies outside of the memory",
            outside_data,
            "OpenError::Instantiate(MemoryOutOfBounds)",
        ),
        case(
            "outside-elements",
            "elements that lie outside of the table",
            outside_elements,
            "OpenError::Instantiate(TableOutOfBounds)",
        ),
    ]
}

fn with_module(fields: &str) -> Vec<u8> {
    chaos_beside(&honest(), &format!("(component (core module $m {fields}) (core instance (instantiate $m)))"))
}

fn memories_together() -> Vec<u8> {
    with_module(&"(memory 64)".repeat(8))
}

fn memory_of_64_bits() -> Vec<u8> {
    with_module("(memory i64 0x100000000)")
}

fn tables_together() -> Vec<u8> {
    with_module(&"(table 10000 funcref)".repeat(20))
}

/// A module, and instances of it.
fn instances(count: usize, fields: &str) -> Vec<u8> {
    let instances = "(core instance (instantiate $m))\n".repeat(count);
    chaos_beside(&honest(), &format!("(component (core module $m {fields}) {instances})"))
}

fn many() -> Vec<u8> {
    instances(500, "")
}

/// Ten to this power of instances.
fn multiplied(depth: usize) -> Vec<u8> {
    let ten = |of: &str, name: &str| format!("{} {}", of, format!("(instance (instantiate {name}))").repeat(10));
    let module = "(core module $m (global i32 (i32.const 0)))".to_owned();
    let mut component = format!("{module} {}", "(core instance (instantiate $m))".repeat(10));
    for level in 1..depth {
        component = ten(&format!("(component $c{level} {component})"), &format!("$c{level}"));
    }
    chaos_beside(&honest(), &format!("(component {component})"))
}

fn globals() -> Vec<u8> {
    instances(900, &"(global (mut i64) (i64.const 7))".repeat(20_000))
}

fn functions_as_values() -> Vec<u8> {
    let functions = repeated(2_000, "(func $f#)");
    let names = joined(2_000, |i, all| {
        let _ = write!(all, "$f{i} ");
    });
    instances(900, &format!("{functions} (elem declare func {names})"))
}

fn outside_data() -> Vec<u8> {
    with_module(r#"(memory 1) (data (i32.const 65535) "ab")"#)
}

fn outside_elements() -> Vec<u8> {
    with_module("(table 1 funcref) (func $f) (elem (i32.const 1) $f)")
}
