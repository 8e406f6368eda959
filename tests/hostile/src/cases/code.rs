//! What is to be compiled: too much of it, too deep, or none that is valid.

use std::fmt::Write as _;
use std::time::Duration;

use crate::case::{ANSWERED, Case};
use crate::component::{chaos, chaos_beside, honest, joined, repeated};
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, bytes: fn() -> Vec<u8>, expected| {
        Case::new(format!("code/{name}"), about, bytes, Target::count, expected)
    };
    vec![
        case("invalid", "a function that leaves nothing where it promises a number", invalid, "OpenError::Compile"),
        case("noise", "a module of noise inside", noise, "OpenError::Malformed"),
        case(
            "functions",
            "a hundred thousand functions and one, which is one too many by default",
            functions,
            "OpenError::LimitExceeded(functions)",
        ),
        case("many-functions", "twenty thousand functions, as many as are allowed", allowed_functions, ANSWERED)
            .limits(|limits| limits.functions(21_000).compile_time(Duration::from_secs(60)))
            .memory(192 << 20),
        case(
            "hundred-thousand-functions",
            "a hundred thousand functions without code, as many as are allowed",
            hundred_thousand_functions,
            ANSWERED,
        )
        .limits(|limits| limits.compile_time(Duration::from_secs(60)))
        .memory(768 << 20),
        case("huge-function", "a function of two megabytes", huge_function, "OpenError::LimitExceeded(function)"),
        case(
            "much-code",
            "four hundred kilobytes of code, where half of that is allowed",
            much_code,
            "OpenError::LimitExceeded(code)",
        )
        .limits(|limits| limits.code(200 << 10)),
        case(
            "slow",
            "functions with fifty thousand variables each, where compilation may take a twentieth of a second",
            many_variables,
            "OpenError::LimitExceeded(compile_time)",
        )
        .limits(|limits| limits.compile_time(Duration::from_millis(50)))
        .memory(256 << 20),
        case(
            "joints",
            "two thousand blocks and fifty thousand variables, each of which may have another value behind each block",
            joints,
            "OpenError::LimitExceeded(flow)",
        ),
        case("deep-blocks", "five thousand blocks in one another", deep_blocks, ANSWERED),
        case("deep-ifs", "two thousand conditions in one another", deep_ifs, ANSWERED),
        case("wide-branch", "a branch with sixty thousand targets", wide_branch, ANSWERED),
        case("many-types", "twenty thousand types of functions, as many as are allowed", many_types, ANSWERED)
            .limits(|limits| limits.compile_time(Duration::from_secs(60)))
            .memory(192 << 20),
        case(
            "many-parameters",
            "a function of more parameters than there may be",
            many_parameters,
            "OpenError::Malformed",
        ),
        case("shared-memory", "memory that threads share", shared_memory, "OpenError::Compile").says("shared"),
        case("atomic-wait", "a function that waits for other threads", atomic_wait, "OpenError::Compile"),
        case("garbage-collected", "types that are collected", garbage_collected, "OpenError::Compile"),
        case("async", "a function that answers later", asynchronous, "OpenError::Compile"),
        case(
            "deep-components",
            "components in one another, two hundred deep",
            || deep(200),
            "OpenError::LimitExceeded(nesting)",
        ),
        case("nested-components", "components in one another, eighty deep", || deep(80), ANSWERED),
        case("wide-components", "nine hundred components beside one another", wide, ANSWERED),
        case("too-many-components", "two thousand components beside one another", too_wide, "OpenError::Compile"),
        case("type-bomb", "a type that is twice as large in each of sixty lines", type_bomb, "OpenError::Compile"),
        case("deep-type", "lists of lists, two hundred deep", deep_type, "OpenError::Compile"),
        case("large-type", "a record of ten thousand fields", large_type, ANSWERED),
        case("long-names", "three hundred functions with names of ten thousand characters", long_names, ANSWERED),
    ]
}

/// An honest plugin with a module in it, which is instantiated.
fn with_module(fields: &str) -> Vec<u8> {
    chaos_beside(&honest(), &format!("(component (core module $m {fields}) (core instance (instantiate $m)))"))
}

fn invalid() -> Vec<u8> {
    // Not by way of the honest plugin's own module, which is validated when it is made.
    with_module("(func (result i32))")
}

fn noise() -> Vec<u8> {
    let mut bytes = chaos(&honest());
    // A core module of eight bytes that are not one.
    bytes.extend([1, 8]);
    bytes.extend([0xde; 8]);
    bytes
}

/// The functions of the honest plugin, and those that the canonical ABI makes.
const OTHERS: usize = 19;

fn functions() -> Vec<u8> {
    with_module(&"(func)".repeat(100_001 - OTHERS))
}

/// Together with those of the honest plugin, and of the canonical ABI.
fn hundred_thousand_functions() -> Vec<u8> {
    with_module(&"(func)".repeat(100_000 - OTHERS))
}

fn allowed_functions() -> Vec<u8> {
    with_module(&"(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))".repeat(20_000))
}

fn huge_function() -> Vec<u8> {
    with_module(&format!("(func {})", "(drop (i32.const 1))".repeat(700_000)))
}

fn much_code() -> Vec<u8> {
    let function = format!("(func {})", "(drop (i32.const 1))".repeat(1000));
    with_module(&function.repeat(140))
}

/// As many variables as a function may have.
fn variables() -> String {
    format!("(local {})", "i64 ".repeat(49_999))
}

fn joints() -> Vec<u8> {
    let block = "(block (br_if 0 (i64.eqz (local.get 1))) (local.set 1 (i64.add (local.get 1) (local.get 2))))";
    with_module(&format!("(func {} {})", variables(), block.repeat(2000)))
}

fn many_variables() -> Vec<u8> {
    // Each variable is used once, so that none is forgotten about at once.
    let uses = joined(10_000, |i, all| {
        let _ = write!(all, "(local.set {i} (i64.add (local.get {}) (local.get {})))", i + 1, 49_998 - i);
    });
    let function = format!("(func {} (loop $l {uses} (br_if $l (i64.eqz (local.get 0)))))", variables());
    with_module(&function.repeat(5))
}

fn nested(count: usize, start: &str, middle: &str, end: &str) -> String {
    format!("{}{middle}{}", start.repeat(count), end.repeat(count))
}

fn deep_blocks() -> Vec<u8> {
    // Without parentheses, which the parser of the text would nest as well.
    with_module(&format!("(func (param i32) {})", nested(5000, "block ", "local.get 0 br_if 4999 ", "end ")))
}

fn deep_ifs() -> Vec<u8> {
    with_module(&format!("(func (param i32) {})", nested(2000, "local.get 0 if ", "nop ", "end ")))
}

fn wide_branch() -> Vec<u8> {
    with_module(&format!("(func (param i32) block block local.get 0 br_table {} end end)", "0 1 ".repeat(30_000)))
}

fn many_types() -> Vec<u8> {
    let types = joined(20_000, |i, all| {
        let digits = (0..9).map(|digit| ["i32", "i64", "f32", "f64"][i >> (digit * 2) & 3]);
        let _ = writeln!(all, "(type (func (param {})))", digits.collect::<Vec<_>>().join(" "));
    });
    with_module(&types)
}

fn many_parameters() -> Vec<u8> {
    with_module(&format!("(func (param {}))", "i32 ".repeat(1001)))
}

fn shared_memory() -> Vec<u8> {
    with_module("(memory 1 1 shared)")
}

fn atomic_wait() -> Vec<u8> {
    with_module(
        "(memory 1 1 shared)
         (func $f (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))) (start $f)",
    )
}

fn garbage_collected() -> Vec<u8> {
    with_module("(type $s (struct (field i32))) (func (drop (struct.new $s (i32.const 1))))")
}

fn asynchronous() -> Vec<u8> {
    chaos_beside(
        &honest(),
        r#"(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func (export "f") async (canon lift (core func $i "f") async)))"#,
    )
}

fn deep(depth: usize) -> Vec<u8> {
    // By bytes: each is a component whose only section is the next.
    let mut inner = b"\0asm\x0d\0\x01\0".to_vec();
    for _ in 0..depth {
        let mut outer = b"\0asm\x0d\0\x01\0".to_vec();
        crate::component::nest(&mut outer, &inner);
        inner = outer;
    }
    let mut bytes = chaos(&honest());
    crate::component::nest(&mut bytes, &inner);
    bytes
}

fn beside_each_other(count: usize) -> Vec<u8> {
    let mut bytes = chaos(&honest());
    for _ in 0..count {
        crate::component::nest(&mut bytes, b"\0asm\x0d\0\x01\0");
    }
    bytes
}

fn wide() -> Vec<u8> {
    beside_each_other(900)
}

fn too_wide() -> Vec<u8> {
    beside_each_other(2000)
}

fn type_bomb() -> Vec<u8> {
    let types = joined(60, |i, all| {
        let _ = writeln!(all, "(type $t{} (tuple $t{i} $t{i}))", i + 1);
    });
    chaos_beside(&honest(), &format!("(component (type $t0 (tuple u8 u8)) {types})"))
}

fn deep_type() -> Vec<u8> {
    let types = joined(200, |i, all| {
        let _ = writeln!(all, "(type $t{} (list $t{i}))", i + 1);
    });
    chaos_beside(&honest(), &format!("(component (type $t0 (list u8)) {types})"))
}

fn large_type() -> Vec<u8> {
    let fields = repeated(9_999, r#"(field "f#" u8)"#);
    chaos_beside(&honest(), &format!("(component (type (record {fields})))"))
}

fn long_names() -> Vec<u8> {
    let name = "n".repeat(10_000);
    with_module(&repeated(300, &format!(r#"(func (export "{name}#"))"#)))
}
