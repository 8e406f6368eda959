//! Plugins that import WASI, made of text: of the chaos contract, with the functions of WASI that a test needs.

use hookr_abi::section::Section;

use crate::hostile::Hostile;
use crate::workspace::root;

/// The functions of WASI that plugins of tests may import.
const PACKAGES: &str = include_str!("wasi.wit");

/// A plugin of the chaos contract that imports something of WASI.
///
/// `imports` has a line for each function, `wasi:clocks/wall-clock now (param i32)`: a core function `$now` with this type;
/// `as $time` in front gives it that name. The
/// bodies are those of [`Hostile::body`]; they find these functions in the module:
///
/// - `$number`: the result of `count`, with this number;
/// - `$text`: the result of `ask`, with the text at this address, of this length.
///
/// # Panics
///
/// If this does not make a component.
pub fn wasi_plugin(imports: &str, bodies: &[(&str, &str)]) -> Vec<u8> {
    let mut hostile = wasi(imports);
    for (function, body) in bodies {
        hostile = hostile.body(function, body);
    }
    let section = std::fs::read(root().join("tests/plugins/chaos/contract/contract.section"));
    let section = Section::decode(&section.expect("the generated crate is there")).expect("a section");
    hostile.with_section(&section)
}

/// The same without any bodies, to be told more.
///
/// # Panics
///
/// If the imports are none of those that there are.
pub fn wasi(imports: &str) -> Hostile {
    let mut world = String::new();
    let mut fields = String::new();
    for line in imports.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, line) = match line.strip_prefix("as ").and_then(|rest| rest.split_once(' ')) {
            Some((name, line)) => (Some(name.to_owned()), line),
            None => (None, line),
        };
        let mut words = line.splitn(3, ' ');
        let [interface, function, ty] = std::array::from_fn(|_| words.next().unwrap_or_default());
        let import = format!("import {interface}@0.2.0;\n");
        if !world.contains(&import) {
            world.push_str(&import);
        }
        // `[method]input-stream.read` is `$read`.
        let name = name.unwrap_or_else(|| format!("${}", function.rsplit(['.', ']']).next().unwrap_or(function)));
        fields += &format!("(import \"{interface}@0.2.0\" \"{function}\" (func {name} {ty}))\n");
    }
    fields += "
        (func $number (param i32) (result i32)
          (i32.store8 (i32.const 8) (i32.const 0))
          (i32.store (i32.const 12) (local.get 0))
          (i32.const 8))
        (func $text (param i32 i32) (result i32)
          (i32.store8 (i32.const 8) (i32.const 0))
          (i32.store (i32.const 12) (local.get 0))
          (i32.store (i32.const 16) (local.get 1))
          (i32.const 8))";
    Hostile::extended("chaos", &world, PACKAGES).field(&fields)
}
