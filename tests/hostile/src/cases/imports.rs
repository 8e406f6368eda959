//! Plugins that want what they do not get, and plugins that do not have what they say.

use hookr_abi::section::MethodKind;
use hookr_tests::hostile::{Hostile, section_for};

use crate::case::{ANSWERED, Case};
use crate::component::{COUNT, chaos, chaos_beside, honest, repeated, text};
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

/// Interfaces without functions: it is the name that is refused.
fn all_of_wasi() -> Vec<u8> {
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

fn many_core_exports() -> Vec<u8> {
    let exports = repeated(50_000, r#"(export "f#" (func $f))"#);
    chaos_beside(
        &honest(),
        &format!("(component (core module $m (func $f) {exports}) (core instance (instantiate $m)))"),
    )
}
