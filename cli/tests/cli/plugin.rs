//! A contract, and a plugin of it made of WebAssembly text.

use fbs2wit::contract::{Contract, ContractOptions, lower};
use fbs2wit::model::Schema;
use fbs2wit::{CompileOptions, MemoryLoader, compile, section};
use hookr_abi::section::{MethodKind, Section};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::support::Folder;

/// Numbers, and a service that gives numbers back.
pub(crate) const SCHEMA: &str = r#"namespace Acme.Calc;

attribute "hookr_optional";

table Num {
  n: int;
  /// Why this number.
  reason: string;
}

rpc_service Plugin {
  /// Adds what `Rng.Int` gives.
  Add(Num): Num;
  Fail(Num): Num;
  Trap(Num): Num;
  Garbage(Num): Num;
  Extra(Num): Num (hookr_optional);
}

rpc_service Rng {
  Int(Num): Num;
}
"#;

/// What the plugin does: `Add` returns the sum and no reason, or the error of the callback; `Fail` answers with an error
/// that would colour a terminal; `Trap` traps; `Garbage` returns text that is not UTF-8; `Extra` returns 42.
const MODULE: &str = r#"(module
  (import "acme:calc/rng" "int" (func $int (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (global $heap (mut i32) (i32.const 4096))
  (data (i32.const 64) "\1b[31mred")
  (data (i32.const 80) "\ff\fe")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  ;; The result area is at 0: case at 0; number at 4, reason at 8 and 12; or code at 4, message at 8 and 12.
  (func $clear
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 16)))
  (func (export "acme:calc/plugin#add") (param $n i32) (param i32 i32) (result i32)
    (call $clear)
    (call $int (local.get $n) (i32.const 0) (i32.const 0) (i32.const 0))
    (if (i32.eqz (i32.load8_u (i32.const 0)))
      (then
        (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (local.get $n)))
        (i64.store (i32.const 8) (i64.const 0))))
    (i32.const 0))
  (func (export "acme:calc/plugin#fail") (param i32 i32 i32) (result i32)
    (call $clear)
    (i32.store8 (i32.const 0) (i32.const 1))
    (i32.store8 (i32.const 4) (i32.const 2))
    (i32.store (i32.const 8) (i32.const 64))
    (i32.store (i32.const 12) (i32.const 8))
    (i32.const 0))
  (func (export "acme:calc/plugin#trap") (param i32 i32 i32) (result i32) unreachable)
  (func (export "acme:calc/plugin#garbage") (param i32 i32 i32) (result i32)
    (call $clear)
    (i32.store (i32.const 8) (i32.const 80))
    (i32.store (i32.const 12) (i32.const 2))
    (i32.const 0))
  (func (export "acme:calc/plugin#extra") (param i32 i32 i32) (result i32)
    (call $clear)
    (i32.store (i32.const 4) (i32.const 42))
    (i32.const 0)))
"#;

/// A contract made of a schema.
pub(crate) fn contract(schema: &str) -> (Schema, Contract) {
    let loader = MemoryLoader::new().file("calc.fbs", schema);
    let schema = compile("calc.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema;
    let contract = lower(&schema, &ContractOptions::default()).unwrap();
    (schema, contract)
}

/// The section that generated code would put into the plugin: everything is implemented.
pub(crate) fn section(schema: &str) -> Section {
    let (schema, contract) = contract(schema);
    let mut section = section::section(&schema, &contract);
    for method in &mut section.methods {
        if let MethodKind::Optional { implemented } = &mut method.kind {
            *implemented = true;
        }
    }
    section
}

/// The core module that a compiler would give, without a section.
pub(crate) fn module() -> Vec<u8> {
    module_of(MODULE, &world())
}

/// The core module with the section that generated code puts into it.
pub(crate) fn module_with_section() -> Vec<u8> {
    with_section(module(), &section(SCHEMA))
}

/// The component without a section, as another language's tool makes it.
pub(crate) fn component() -> Vec<u8> {
    encode(&module())
}

/// The component as `hookr build` makes it.
pub(crate) fn plugin() -> Vec<u8> {
    with_section(component(), &section(SCHEMA))
}

/// A component without the optional method.
pub(crate) fn component_without_extra() -> Vec<u8> {
    let world: String =
        world().lines().filter(|line| !line.contains("extra: func")).map(|l| format!("{l}\n")).collect();
    let text = MODULE.replace("acme:calc/plugin#extra", "unused");
    encode(&module_of(&text, &world))
}

/// A component that imports what no contract names.
pub(crate) fn component_with_import() -> Vec<u8> {
    let world = world().replacen("import rng;", "import rng;\n    import clock: interface { now: func() -> u64; }", 1);
    let text = MODULE.replacen("(memory", "(import \"clock\" \"now\" (func (result i64)))\n  (memory", 1);
    encode(&module_of(&text, &world))
}

/// A plugin that imports parts of WASI: `Extra` writes the red text to the standard output, and `Trap` exits. A clock is there
/// that nobody reads.
pub(crate) fn plugin_with_wasi() -> Vec<u8> {
    let imports = "import rng;
        import wasi:cli/stdout@0.2.0;
        import wasi:cli/exit@0.2.0;
        import wasi:clocks/monotonic-clock@0.2.0;";
    let world = world().replacen("import rng;", imports, 1) + WASI;
    let functions = r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))
        (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
          (func $write (param i32 i32 i32 i32)))
        (import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))
        (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func (result i64)))
        (memory"#;
    let text = MODULE.replacen("(memory", functions, 1);
    let (before, extra) = text.split_at(text.find("acme:calc/plugin#extra").unwrap());
    let before = before.replace(
        "#trap\") (param i32 i32 i32) (result i32) unreachable)",
        "#trap\") (param i32 i32 i32) (result i32) (call $exit (i32.const 1)) unreachable)",
    );
    let write = "(call $write (call $stdout) (i32.const 64) (i32.const 8) (i32.const 0)) (call $clear)";
    let text = before + &extra.replacen("(call $clear)", write, 1);
    with_section(encode(&module_of(&text, &world)), &section(SCHEMA))
}

/// What of WASI that plugin imports.
const WASI: &str = "
package wasi:io@0.2.0 {
  interface error { resource error; }
  interface streams {
    use error.{error};
    variant stream-error { last-operation-failed(error), closed }
    resource output-stream {
      blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
    }
  }
}
package wasi:cli@0.2.0 {
  interface stdout {
    use wasi:io/streams@0.2.0.{output-stream};
    get-stdout: func() -> output-stream;
  }
  interface exit { exit: func(status: result); }
}
package wasi:clocks@0.2.0 {
  interface monotonic-clock { now: func() -> u64; }
}
";

/// A section behind a module or a component.
pub(crate) fn with_section(mut bytes: Vec<u8>, section: &Section) -> Vec<u8> {
    let payload = section.encode();
    let mut content = vec![u8::try_from(hookr_abi::section::NAME.len()).unwrap()];
    content.extend(hookr_abi::section::NAME.as_bytes());
    content.extend(payload);
    bytes.push(0);
    let mut len = content.len();
    while len >= 0x80 {
        bytes.push(u8::try_from(len & 0x7f).unwrap() | 0x80);
        len >>= 7;
    }
    bytes.push(u8::try_from(len).unwrap());
    bytes.extend(content);
    bytes
}

/// A folder with the schema and the plugin, called calc.fbs and calc.wasm.
pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("calc.fbs", SCHEMA);
    folder.write("calc.wasm", plugin());
    folder
}

fn world() -> String {
    let folder = Folder::new();
    folder.write("calc.fbs", SCHEMA);
    folder.hookr("wit --schema calc.fbs").exits(0).stdout
}

fn module_of(text: &str, world: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_source("calc.wit", world).unwrap();
    let world = resolve.select_world(&[package], Some("calc")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    module
}

fn encode(module: &[u8]) -> Vec<u8> {
    ComponentEncoder::default().validate(true).module(module).unwrap().encode().unwrap()
}
