//! Components that no `hookr build` makes: built from text, with the section of a contract that they may not honour.

use std::fmt::Write as _;

use hookr_abi::section::{self, Section};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, Resolve, WorldId, WorldItem, WorldKey};

use crate::plugins::folder;
use crate::workspace::root;

/// A component whose every function traps, until it is told otherwise.
pub struct Hostile {
    resolve: Resolve,
    world: WorldId,
    bodies: Vec<(String, String)>,
    realloc: String,
    memory: String,
    data: String,
    module_fields: String,
}

/// Takes memory from 4096 on, and never gives any back.
const REALLOC: &str = "(global.get $next) (global.set $next (i32.add (global.get $next) (i32.and \
                       (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))";

impl Hostile {
    /// A component of the world of an example, or of a test's plugin.
    ///
    /// # Panics
    ///
    /// If the generated crate of its contract is not there.
    pub fn of(name: &str) -> Self {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder(name).join("contract/wit")).expect("the generated WIT is valid");
        let world = resolve.select_world(&[package], None).expect("the generated package has one world");
        Self::new(resolve, world)
    }

    /// A component of a world in WIT text: a package `test:hostile` with one world, and any packages that it nests.
    ///
    /// # Panics
    ///
    /// If the text is not valid.
    pub fn world(wit: &str) -> Self {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("hostile.wit", wit).unwrap_or_else(|error| panic!("{error:#}\n{wit}"));
        let world = resolve.select_world(&[package], None).expect("the text has one world");
        Self::new(resolve, world)
    }

    /// A component of the world of an example with more in it: `items` in WIT, `packages` that they refer to.
    ///
    /// # Panics
    ///
    /// If the texts are not valid.
    pub fn extended(name: &str, items: &str, packages: &str) -> Self {
        let Hostile { mut resolve, world, .. } = Self::of(name);
        let own = &resolve.worlds[world];
        let own = resolve.id_of_name(own.package.expect("a world of a package"), &own.name);
        let wit = format!("package test:hostile;\nworld extended {{ include {own};\n{items}\n}}\n{packages}");
        let package = resolve.push_str("extended.wit", &wit).unwrap_or_else(|error| panic!("{error:#}\n{wit}"));
        let world = resolve.select_world(&[package], Some("extended")).expect("the world was just added");
        Self::new(resolve, world)
    }

    /// A component of the world of an example, or of a test's plugin, that has a lane beside it.
    ///
    /// # Panics
    ///
    /// If the generated crate of its contract is not there.
    pub fn with_lane(name: &str) -> Self {
        Self::with_abi(name, &["lane-plugin"])
    }

    /// The same with these worlds of `hookr:abi` beside it: `log-plugin`, for instance.
    ///
    /// # Panics
    ///
    /// If the generated crate of its contract is not there.
    pub fn with_abi(name: &str, worlds: &[&str]) -> Self {
        let mut resolve = Resolve::default();
        // The whole package: that of the contract has the types alone.
        resolve.push_dir(root().join("wit/hookr-abi")).expect("the WIT of the boundary is valid");
        let path = folder(name).join("contract/wit/world.wit");
        let wit = std::fs::read_to_string(&path).expect("the generated WIT is there");
        let package = resolve.push_str("world.wit", &wit).expect("the generated WIT is valid");
        let own = resolve.select_world(&[package], None).expect("the generated package has one world");
        let own = resolve.id_of_name(package, &resolve.worlds[own].name);
        let worlds: String = worlds.iter().map(|world| format!("include hookr:abi/{world}@0.1.0; ")).collect();
        let wit = format!("package test:hostile; world extended {{ include {own}; {worlds}}}");
        let package = resolve.push_str("extended.wit", &wit).unwrap_or_else(|error| panic!("{error:#}\n{wit}"));
        let world = resolve.select_world(&[package], Some("extended")).expect("the world was just added");
        Self::new(resolve, world)
    }

    fn new(resolve: Resolve, world: WorldId) -> Self {
        Hostile {
            resolve,
            world,
            bodies: Vec::new(),
            realloc: REALLOC.to_owned(),
            memory: "1".to_owned(),
            data: String::new(),
            module_fields: String::new(),
        }
    }

    /// Gives an exported function a body: the instructions of a WebAssembly function of the canonical ABI. `function`
    /// is the last part of its export name, `plugin#count` for instance.
    ///
    /// A result that does not fit in a number is written to memory, and the function returns its address; addresses
    /// below 4096 are free for that.
    #[must_use]
    pub fn body(mut self, function: &str, instructions: &str) -> Self {
        self.bodies.push((function.to_owned(), instructions.to_owned()));
        self
    }

    /// Gives the function that takes memory for requests a body. Its last parameter is the size.
    #[must_use]
    pub fn realloc(mut self, instructions: &str) -> Self {
        instructions.clone_into(&mut self.realloc);
        self
    }

    /// Gives the memory other limits than one page to begin with: `2 16` for instance.
    #[must_use]
    pub fn memory(mut self, limits: &str) -> Self {
        limits.clone_into(&mut self.memory);
        self
    }

    /// Puts bytes into memory.
    #[must_use]
    pub fn data(mut self, address: u32, bytes: &[u8]) -> Self {
        let _ = write!(self.data, "(data (i32.const {address}) \"");
        for byte in bytes {
            let _ = write!(self.data, "\\{byte:02x}");
        }
        self.data.push_str("\")\n");
        self
    }

    /// Adds fields to the core module: imports, a start function.
    #[must_use]
    pub fn field(mut self, text: &str) -> Self {
        self.module_fields.push_str(text);
        self.module_fields.push('\n');
        self
    }

    /// The component, without a `hookr:contract` section.
    ///
    /// # Panics
    ///
    /// If the bodies and fields do not make a valid module.
    pub fn build(&self) -> Vec<u8> {
        let text = self.module();
        let mut module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        embed_component_metadata(&mut module, &self.resolve, self.world, StringEncoding::UTF8, false)
            .expect("the world can be embedded");
        let mut encoder = ComponentEncoder::default();
        let encoder = encoder.validate(true).module(&module);
        let component = encoder.and_then(|encoder| encoder.encode());
        component.unwrap_or_else(|error| panic!("{error:#}\n{text}"))
    }

    /// The component with a section.
    ///
    /// # Panics
    ///
    /// As [`build`](Self::build).
    pub fn with_section(&self, section: &Section) -> Vec<u8> {
        with_payload(self.build(), &section.encode())
    }

    fn module(&self) -> String {
        let mut text = String::from("(module\n");
        // Imports come before everything that is defined.
        text.push_str(&self.module_fields);
        let _ = writeln!(
            text,
            "(memory (export \"memory\") {})\n(global $next (mut i32) (i32.const 4096))\n\
             (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) {})",
            self.memory, self.realloc
        );
        text.push_str(&self.data);
        let mut unused: Vec<&str> = self.bodies.iter().map(|(name, _)| name.as_str()).collect();
        for (key, item) in &self.resolve.worlds[self.world].exports {
            let WorldItem::Interface { id, .. } = item else { panic!("contracts export interfaces alone") };
            let prefix = self.resolve.name_world_key(key);
            for function in self.resolve.interfaces[*id].functions.values() {
                let name = format!("{prefix}#{}", function.name);
                let body = self.bodies.iter().find(|(end, _)| name.ends_with(&format!("/{end}")));
                unused.retain(|end| body.is_none_or(|(found, _)| found != end));
                let body = body.map_or("(unreachable)", |(_, body)| body.as_str());
                let _ = writeln!(text, "(func (export {name:?}) {} {body})", self.signature(function));
            }
        }
        assert!(unused.is_empty(), "the world exports none of {unused:?}");
        text.push(')');
        text
    }

    fn signature(&self, function: &Function) -> String {
        let signature = self.resolve.wasm_signature(AbiVariant::GuestExport, function);
        let list = |keyword: &str, types: &[WasmType]| match types {
            [] => String::new(),
            types => format!("({keyword} {})", types.iter().map(|ty| core_type(*ty)).collect::<Vec<_>>().join(" ")),
        };
        format!("{} {}", list("param", &signature.params), list("result", &signature.results))
    }

    /// The imports of the world, as a component of it may list them.
    pub fn imports(&self) -> Vec<String> {
        let imports = self.resolve.worlds[self.world].imports.keys();
        imports.map(|key: &WorldKey| self.resolve.name_world_key(key)).collect()
    }
}

/// The section of a contract as `hookr gen` has written it: with every optional method missing.
///
/// # Panics
///
/// If the generated crate of the contract is not there.
pub fn section_for(name: &str) -> Section {
    let path = folder(name).join("contract/contract.section");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Section::decode(&bytes).expect("a section that hookr gen wrote")
}

/// The section of a component, as it was written.
///
/// # Panics
///
/// If there is not exactly one at the top level, or it cannot be read.
pub fn section_of(component: &[u8]) -> Section {
    let payloads = payloads(component);
    let [payload] = payloads.as_slice() else { panic!("{} sections at the top level", payloads.len()) };
    Section::decode(payload).expect("a section that hookr build wrote")
}

/// The payloads of all `hookr:contract` sections at the top level of a component.
///
/// # Panics
///
/// If it is not a component.
pub fn payloads(component: &[u8]) -> Vec<Vec<u8>> {
    let mut depth = 0;
    let mut found = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        match payload.expect("a component can be parsed") {
            wasmparser::Payload::ModuleSection { .. } | wasmparser::Payload::ComponentSection { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            wasmparser::Payload::CustomSection(custom) if depth == 0 && custom.name() == section::NAME => {
                found.push(custom.data().to_vec());
            }
            _ => {}
        }
    }
    found
}

/// A component with one more `hookr:contract` section.
pub fn with_payload(mut component: Vec<u8>, payload: &[u8]) -> Vec<u8> {
    use wasm_encoder::{ComponentSection as _, CustomSection};
    CustomSection { name: section::NAME.into(), data: payload.into() }.append_to_component(&mut component);
    component
}

fn core_type(ty: WasmType) -> &'static str {
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}
