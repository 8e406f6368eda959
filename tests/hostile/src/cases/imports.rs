//! Plugins that want what they do not get, and plugins that do not have what they say.

use hookr::Grants;
use hookr_abi::section::MethodKind;
use hookr_tests::hostile::{Hostile, section_for};
use hookr_tests::hosts::chaos_builder;
use wasm_encoder::{Alias, ComponentAliasSection, ComponentExportKind, ComponentExportSection, ComponentSection as _};

use crate::case::{ANSWERED, Case};
use crate::component::{COUNT, chaos, chaos_beside, honest, instances_and_functions, repeated, text};
use crate::target::Target;

const WASI: &str = "package wasi:cli@0.2.0 { interface environment { get-environment: func() -> list<string>; } }";

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, bytes: fn() -> Vec<u8>, expected| {
        Case::new(format!("imports/{name}"), about, bytes, Target::count, expected)
    };
    vec![
        case("wasi", "the environment of the process", wasi, "OpenError::Imports").says("wasi:cli/environment@0.2.0"),
        case("all-of-wasi", "files, sockets, clocks, chance and the rest", all_of_wasi, "OpenError::Imports")
            .says("wasi:sockets/tcp@0.2.0"),
        Case::new(
            "imports/all-of-wasi-denied",
            "the same where all is there and nothing is granted, and none of it is used",
            all_of_wasi,
            |target| {
                target.open(chaos_builder().grants(Grants::stubs()))?.count(&chaos::Empty {})?;
                Ok(())
            },
            ANSWERED,
        ),
        case("names-of-wasi", "all names of WASI, with functions of their own", names_of_wasi, "OpenError::Imports")
            .says("wasi:sockets/tcp@0.2.0"),
        case(
            "wasi-of-old",
            "functions of WASI 1, in a module that is instantiated without",
            wasi_of_old,
            "OpenError::Compile",
        ),
        case("unknown", "an interface that the contract's own package does not have", unknown, "OpenError::Imports")
            .says("hookr-test:chaos/backdoor"),
        case("function", "a function at the root", || root_import(r#"(import "system" (func))"#), "OpenError::Imports")
            .says("system"),
        case("module", "a core module", || root_import(r#"(import "library" (core module))"#), "OpenError::Imports")
            .says("library"),
        case(
            "component",
            "a component",
            || root_import(r#"(import "library" (component))"#),
            "OpenError::ComponentAsValue",
        ),
        case(
            "resource",
            "a type that the host should have",
            || root_import(r#"(import "file" (type (sub resource)))"#),
            "OpenError::Imports",
        )
        .says("file"),
        case("hundreds", "nine hundred interfaces", hundreds, "OpenError::Imports"),
        case("long-name", "an interface with a name of eighty thousand characters", long_name, "OpenError::Imports"),
        case(
            "types-with-function",
            "a function among the types of the contract",
            types_with_function,
            "OpenError::World",
        )
        .says("hookr-test:chaos/types"),
        case("other-type", "a callback with parameters of its own", other_type, "OpenError::World").says("oracle"),
        case("more-callbacks", "a callback that the service does not have", more_callbacks, "OpenError::World")
            .says("oracle"),
        case(
            "lane-of-other-type",
            "the callbacks of the lane with parameters of their own",
            lane_of_other_type,
            "OpenError::World",
        )
        .says("lane-host"),
        case("log-of-other-type", "a log with parameters of its own", log_of_other_type, "OpenError::World")
            .says("log"),
        case("log-with-more", "a function that the log does not have", log_with_more, "OpenError::World").says("log"),
        Case::new(
            "imports/lane-without-callbacks",
            "the callbacks of the lane, where the contract has none",
            lane_without_callbacks,
            |target| {
                let builder = textfilter::PluginHandle::builder();
                target.open(builder)?.get_info(&textfilter::Empty {})?;
                Ok(())
            },
            "OpenError::Imports",
        )
        .says("hookr:abi/lane-host@0.1.0"),
        case("section-grants", "a section that says that more is granted", section_grants, "OpenError::Imports"),
        case("no-exports", "a component that exports nothing", no_exports, "OpenError::World")
            .says("hookr-test:chaos/plugin"),
        case("one-export", "a method, and none of the others", one_export, "OpenError::World"),
        case("other-exports", "all methods, with types of their own", other_exports, "OpenError::World")
            .says("type mismatch"),
        case("many-exports", "three hundred interfaces that nobody wants", many_exports, ANSWERED),
        case(
            "many-component-exports",
            "five thousand exports of a component inside, which is instantiated",
            many_component_exports,
            ANSWERED,
        ),
        case(
            "many-functions-exported",
            "five thousand more functions of the plugin itself",
            || exporting_function(many_component_exports(), 5000),
            ANSWERED,
        ),
        case(
            "many-instances-exported",
            "nine hundred more instances",
            || exporting_instance(chaos_beside(&honest(), "(component)"), 900),
            ANSWERED,
        ),
        case(
            "too-many-instances-exported",
            "five thousand more instances",
            || exporting_instance(chaos_beside(&honest(), "(component)"), 5000),
            "OpenError::Compile",
        )
        .says("instances count"),
        case(
            "exports-multiplied",
            "five thousand exports of an instance that has five thousand exports: twenty-five million",
            || exporting_instance(many_component_exports(), 5000),
            "OpenError::LimitExceeded(entries)",
        ),
        case("many-core-exports", "fifty thousand exports of a module inside", many_core_exports, ANSWERED),
    ]
}

fn wasi() -> Vec<u8> {
    let imported = r#"(import "wasi:cli/environment@0.2.0" "get-environment" (func (param i32)))"#;
    chaos(
        &Hostile::extended("chaos", "import wasi:cli/environment@0.2.0;", WASI)
            .field(imported)
            .body("plugin#count", COUNT),
    )
}

/// Functions of WASI as they are, of each interface that gives something.
fn all_of_wasi() -> Vec<u8> {
    const ALL: &str = "wasi:cli/environment get-environment (param i32)
        wasi:cli/environment get-arguments (param i32)
        wasi:cli/exit exit (param i32)
        wasi:cli/stdin get-stdin (result i32)
        wasi:cli/stdout get-stdout (result i32)
        wasi:cli/stderr get-stderr (result i32)
        wasi:io/poll poll (param i32 i32 i32)
        wasi:io/poll [method]pollable.block (param i32)
        wasi:io/streams [method]input-stream.blocking-read (param i32 i64 i32)
        wasi:io/streams [method]output-stream.write (param i32 i32 i32 i32)
        as $time wasi:clocks/wall-clock now (param i32)
        wasi:clocks/monotonic-clock now (result i64)
        wasi:clocks/monotonic-clock subscribe-duration (param i64) (result i32)
        wasi:random/random get-random-bytes (param i64 i32)
        wasi:random/insecure get-insecure-random-u64 (result i64)
        wasi:random/insecure-seed insecure-seed (param i32)
        wasi:filesystem/preopens get-directories (param i32)
        wasi:filesystem/types [method]descriptor.open-at (param i32 i32 i32 i32 i32 i32 i32)
        wasi:filesystem/types [method]descriptor.read (param i32 i64 i64 i32)
        as $write-file wasi:filesystem/types [method]descriptor.write (param i32 i32 i32 i64 i32)
        wasi:sockets/instance-network instance-network (result i32)
        wasi:sockets/ip-name-lookup resolve-addresses (param i32 i32 i32 i32)
        wasi:sockets/tcp-create-socket create-tcp-socket (param i32 i32)
        wasi:sockets/tcp [method]tcp-socket.finish-connect (param i32 i32)
        wasi:sockets/udp-create-socket create-udp-socket (param i32 i32)
        wasi:sockets/udp [method]udp-socket.finish-bind (param i32 i32)
        wasi:http/types [constructor]fields (result i32)
        wasi:http/types [constructor]outgoing-request (param i32) (result i32)
        wasi:http/outgoing-handler handle (param i32 i32 i32 i32)";
    chaos(&hookr_tests::wasi::wasi(ALL).body("plugin#count", COUNT))
}

/// Interfaces with a function that WASI does not have: it is the name that is refused.
fn names_of_wasi() -> Vec<u8> {
    root_import(&repeated_names(&[
        "cli/environment",
        "cli/exit",
        "cli/run",
        "cli/stderr",
        "cli/stdin",
        "cli/stdout",
        "cli/terminal-input",
        "clocks/monotonic-clock",
        "clocks/wall-clock",
        "filesystem/preopens",
        "filesystem/types",
        "http/outgoing-handler",
        "http/types",
        "io/error",
        "io/poll",
        "io/streams",
        "random/insecure",
        "random/random",
        "sockets/instance-network",
        "sockets/ip-name-lookup",
        "sockets/network",
        "sockets/tcp",
        "sockets/tcp-create-socket",
        "sockets/udp",
    ]))
}

fn repeated_names(names: &[&str]) -> String {
    names.iter().map(|name| format!(r#"(import "wasi:{name}@0.2.0" (instance (export "use" (func))))"#)).collect()
}

fn wasi_of_old() -> Vec<u8> {
    chaos_beside(
        &honest(),
        r#"(component
  (core module $m (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))
  (core instance (instantiate $m)))"#,
    )
}

fn backdoor() -> Hostile {
    let wit = "package test:hostile; world liar { import hookr-test:chaos/backdoor; } \
               package hookr-test:chaos { interface backdoor { open: func(); } }";
    Hostile::world(wit).field(r#"(import "hookr-test:chaos/backdoor" "open" (func))"#)
}

fn unknown() -> Vec<u8> {
    chaos(&backdoor())
}

fn section_grants() -> Vec<u8> {
    let mut section = section_for("chaos");
    if let Some(oracle) = section.methods.last_mut() {
        oracle.interface = "front-door".into();
    }
    backdoor().with_section(&section)
}

/// A component that imports these and is nothing else.
fn root_import(imports: &str) -> Vec<u8> {
    hookr_tests::hostile::with_payload(text(&format!("(component {imports})")), &section_for("chaos").encode())
}

fn hundreds() -> Vec<u8> {
    root_import(&repeated(900, r#"(import "evil:p#/i" (instance))"#))
}

fn long_name() -> Vec<u8> {
    root_import(&format!(r#"(import "evil:{}/i" (instance))"#, "a".repeat(80_000)))
}

fn types_with_function() -> Vec<u8> {
    let wit = "package test:hostile; world liar { import hookr-test:chaos/types; } \
               package hookr-test:chaos { interface types { escape: func(); } }";
    chaos(&Hostile::world(wit).field(r#"(import "hookr-test:chaos/types" "escape" (func))"#))
}

fn oracle(function: &str) -> Hostile {
    Hostile::world(&format!(
        "package test:hostile; world liar {{ import hookr-test:chaos/oracle; }} \
         package hookr-test:chaos {{ interface oracle {{ {function} }} }}"
    ))
}

fn other_type() -> Vec<u8> {
    let imported = r#"(import "hookr-test:chaos/oracle" "ask" (func (param i64) (result i64)))"#;
    chaos(&oracle("ask: func(address: u64) -> u64;").field(imported))
}

fn more_callbacks() -> Vec<u8> {
    let imported = r#"(import "hookr-test:chaos/oracle" "confess" (func (result i64)))"#;
    chaos(&oracle("confess: func() -> u64;").field(imported))
}

fn lane_host(function: &str) -> Hostile {
    Hostile::world(&format!(
        "package test:hostile; world liar {{ import hookr:abi/lane-host@0.1.0; }} \
         package hookr:abi@0.1.0 {{ interface lane-host {{ {function} }} }}"
    ))
}

fn lane_of_other_type() -> Vec<u8> {
    let imported = r#"(import "hookr:abi/lane-host@0.1.0" "call" (func (param i32) (result i32)))"#;
    chaos(&lane_host("call: func(method: u32) -> u32;").field(imported))
}

fn log(function: &str) -> Hostile {
    Hostile::world(&format!(
        "package test:hostile; world liar {{ import hookr:abi/log@0.1.0; }} \
         package hookr:abi@0.1.0 {{ interface log {{ {function} }} }}"
    ))
}

fn log_of_other_type() -> Vec<u8> {
    let imported = r#"(import "hookr:abi/log@0.1.0" "log" (func (param i32)))"#;
    chaos(&log("log: func(level: u32);").field(imported))
}

fn log_with_more() -> Vec<u8> {
    let imported = r#"(import "hookr:abi/log@0.1.0" "read" (func (result i32)))"#;
    chaos(&log("read: func() -> u32;").field(imported))
}

fn lane_without_callbacks() -> Vec<u8> {
    let imported = r#"(import "hookr:abi/lane-host@0.1.0" "call" (func (param i32 i32 i32) (result i64)))"#;
    lane_host("call: func(method: u32, request: list<u8>) -> u64;")
        .field(imported)
        .with_section(&section_for("textfilter"))
}

fn no_exports() -> Vec<u8> {
    chaos(&Hostile::world("package test:hostile; world liar {}"))
}

fn exporting(functions: &str) -> Vec<u8> {
    chaos(&Hostile::world(&format!(
        "package test:hostile; world liar {{ export hookr-test:chaos/plugin; }} \
         package hookr-test:chaos {{ interface plugin {{ {functions} }} }}"
    )))
}

fn one_export() -> Vec<u8> {
    exporting("count: func() -> u32;")
}

fn other_exports() -> Vec<u8> {
    let methods = section_for("chaos").methods;
    let own = methods.iter().filter(|method| method.kind != MethodKind::Callback);
    exporting(&own.map(|method| format!("{}: func(x: u64) -> u32;", method.function)).collect::<String>())
}

fn many_exports() -> Vec<u8> {
    let items = repeated(300, "export i#: interface { f: func(); }");
    chaos(&Hostile::extended("chaos", &items, "").body("plugin#count", COUNT))
}

fn many_component_exports() -> Vec<u8> {
    let exports = repeated(5000, r#"(export "f#" (func $f))"#);
    chaos_beside(
        &honest(),
        &format!(
            r#"(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  {exports})"#
        ),
    )
}

/// The plugin exports the instance that it has got last, under so many names.
fn exporting_instance(mut bytes: Vec<u8>, names: usize) -> Vec<u8> {
    let (instances, _) = instances_and_functions(&bytes);
    export(&mut bytes, ComponentExportKind::Instance, instances - 1, names);
    bytes
}

/// The plugin exports a function of the instance that it has got last, under so many names.
fn exporting_function(mut bytes: Vec<u8>, names: usize) -> Vec<u8> {
    let (instances, functions) = instances_and_functions(&bytes);
    let mut aliases = ComponentAliasSection::new();
    let kind = ComponentExportKind::Func;
    aliases.alias(Alias::InstanceExport { instance: instances - 1, kind, name: "f0" });
    aliases.append_to_component(&mut bytes);
    export(&mut bytes, kind, functions, names);
    bytes
}

fn export(component: &mut Vec<u8>, kind: ComponentExportKind, index: u32, names: usize) {
    let mut exports = ComponentExportSection::new();
    for i in 0..names {
        exports.export(format!("i{i}"), kind, index, None);
    }
    exports.append_to_component(component);
}

fn many_core_exports() -> Vec<u8> {
    let exports = repeated(50_000, r#"(export "f#" (func $f))"#);
    chaos_beside(
        &honest(),
        &format!("(component (core module $m (func $f) {exports}) (core instance (instantiate $m)))"),
    )
}
