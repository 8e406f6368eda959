//! One pass over a component before it is compiled, which finds out its [`Shape`]: how much there is to compile, and what
//! instantiation would make.
//!
//! The pass takes time in proportion to the size of the file, and memory in proportion to the entries that it is told to
//! accept. Components in components are followed by a list of scopes, not by recursion. What instantiation would make is
//! computed, not tried: a component of one kilobyte can ask for 2^100 instances, and wasmtime would begin to make them
//! while it compiles.
//!
//! It is not a validator. What it cannot read is [`OpenError::Malformed`]; whether the rest is valid is found out when it is
//! compiled. Until then an invalid component only misleads itself: every number here is at least what a valid component
//! with these bytes would take.

mod component;
mod function;
mod module;

use wasmparser::{ComponentType, Encoding, InstanceTypeDeclaration, KnownCustom, Parser, Payload, SectionLimited};
use wasmparser::{ComponentTypeDeclaration, ComponentTypeRef};

use crate::limits::{Exceeded, Limit};
use crate::{OpenError, Shape};
use component::{ComponentDefinition, ComponentScope};
use module::{ModuleDefinition, ModuleScope};

/// Raised when the numbers of a [`Shape`] mean something else, so that those in a cache are not taken for them.
pub(crate) const VERSION: u32 = 1;

/// Things nest so deep and no deeper, whatever the limits are. wasmtime walks some of them by recursion, and its validator
/// panics where types nest more than 255 deep.
const MAX_NESTING: u64 = 100;

/// Reads all of a component. It stops when it has seen more than `entries` entries.
pub(crate) fn scan(bytes: &[u8], entries: u64) -> Result<Shape, OpenError> {
    let mut scanner = Scanner { ceiling: entries, ..Scanner::default() };
    scanner.run(bytes).map_err(|stop| match stop {
        Stop::Malformed { offset, message } => OpenError::Malformed { offset, size: bytes.len() as u64, message },
        Stop::Exceeded(exceeded) => OpenError::LimitExceeded(exceeded),
        Stop::ComponentAsValue { offset } => OpenError::ComponentAsValue { offset },
    })?;
    let shape = scanner.shape();
    if shape.nesting > MAX_NESTING {
        return Err(OpenError::LimitExceeded(Exceeded::new(Limit::Nesting, shape.nesting, MAX_NESTING)));
    }
    Ok(shape)
}

/// Why the pass ends early.
enum Stop {
    Malformed { offset: u64, message: String },
    Exceeded(Exceeded),
    ComponentAsValue { offset: u64 },
}

impl From<wasmparser::Error> for Stop {
    fn from(error: wasmparser::Error) -> Self {
        Stop::Malformed { offset: error.offset(), message: error.message().to_owned() }
    }
}

fn unknown(offset: u64, what: &str, index: u32) -> Stop {
    Stop::Malformed { offset, message: format!("there is no {what} {index} here") }
}

type Scanned<T = ()> = Result<T, Stop>;

/// What is being read.
enum Scope {
    Component(Box<ComponentScope>),
    Module(Box<ModuleScope>),
}

#[derive(Default)]
struct Scanner {
    scopes: Vec<Scope>,
    /// The components that have been read to their ends. Index spaces refer to them by number.
    components: Vec<ComponentDefinition>,
    modules: u64,
    /// What one instance of each module would make.
    all_modules: ModuleDefinition,
    /// What the module that makes most of a thing makes of it.
    largest_module: ModuleDefinition,
    functions: u64,
    code_bytes: u64,
    code: u64,
    function: u64,
    blocks: u64,
    flow: u64,
    entries: u64,
    ceiling: u64,
    depth: u64,
    nested_types: u64,
}

impl Scanner {
    fn run(&mut self, bytes: &[u8]) -> Scanned {
        self.scopes.push(Scope::Component(Box::default()));
        for payload in Parser::new(0).parse_all(bytes) {
            self.payload(payload?)?;
        }
        Ok(())
    }

    fn payload(&mut self, payload: Payload<'_>) -> Scanned {
        match payload {
            Payload::Version { encoding, range, .. } => return self.version(encoding, range.start),
            Payload::ModuleSection { .. } => self.scopes.push(Scope::Module(Box::default())),
            Payload::ComponentSection { .. } => {
                self.scopes.push(Scope::Component(Box::default()));
                self.depth = self.depth.max(self.scopes.len() as u64 - 1);
                if self.depth > MAX_NESTING {
                    return Err(Stop::Exceeded(Exceeded::new(Limit::Nesting, None, MAX_NESTING)));
                }
            }
            Payload::End(_) => self.end(),
            Payload::CustomSection(section) if matches!(self.scopes.last(), Some(Scope::Module(_))) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    module::check_names(section.data_offset(), names)?;
                }
                self.entries += 1;
                return self.within_ceiling();
            }
            Payload::CodeSectionEntry(body) => {
                let Some(Scope::Module(module)) = self.scopes.last_mut() else { return Ok(()) };
                let measured = function::measure(&body, module)?;
                self.functions += 1;
                self.code_bytes += measured.bytes;
                self.code = self.code.saturating_add(measured.size);
                self.function = self.function.max(measured.size);
                self.blocks = self.blocks.max(measured.blocks);
                self.flow = self.flow.max(measured.flow);
            }
            other => {
                self.count(&other)?;
                match self.scopes.last_mut() {
                    Some(Scope::Module(module)) => self.entries += module.section(other)?,
                    Some(Scope::Component(_)) => self.component_section(other)?,
                    None => {}
                }
                return self.within_ceiling();
            }
        }
        Ok(())
    }

    /// A module where a component should be, or the other way round, would put sections into the wrong scope.
    fn version(&self, encoding: Encoding, offset: u64) -> Scanned {
        match (self.scopes.last(), encoding) {
            (Some(Scope::Module(_)), Encoding::Module) | (Some(Scope::Component(_)), Encoding::Component) => Ok(()),
            _ => {
                Err(Stop::Malformed { offset, message: "a module and a component are mistaken for each other".into() })
            }
        }
    }

    fn end(&mut self) {
        let parent = self.scopes.len().checked_sub(2).and_then(|parent| self.scopes.get(parent));
        if let (None, Some(Scope::Component(_))) = (parent, self.scopes.last()) {
            // The scope of the whole component stays: `shape` asks it.
            return;
        }
        match (self.scopes.pop(), self.scopes.last_mut()) {
            (Some(Scope::Module(module)), Some(Scope::Component(parent))) => {
                let module = module.finish();
                self.modules += 1;
                self.all_modules = self.all_modules.plus(module);
                self.largest_module = self.largest_module.max(module);
                parent.define_module(module);
            }
            (Some(Scope::Component(component)), Some(Scope::Component(parent))) => {
                parent.define_component(self.components.len(), &component);
                self.components.push(component.finish());
            }
            _ => {}
        }
    }

    /// Counts the entries of a section before any of them is read.
    fn count(&mut self, payload: &Payload<'_>) -> Scanned {
        fn of<T>(section: &SectionLimited<'_, T>) -> u64 {
            u64::from(section.count())
        }
        // What a type becomes has little to do with how many there are: one can have a million members.
        fn bytes<T>(section: &SectionLimited<'_, T>) -> u64 {
            let range = section.range();
            range.end.saturating_sub(range.start)
        }
        self.entries += match payload {
            Payload::TypeSection(section) => bytes(section),
            Payload::CoreTypeSection(section) => bytes(section),
            Payload::ComponentTypeSection(section) => bytes(section),
            Payload::ImportSection(section) => of(section),
            Payload::FunctionSection(section) => of(section),
            Payload::TableSection(section) => of(section),
            Payload::MemorySection(section) => of(section),
            Payload::TagSection(section) => of(section),
            Payload::GlobalSection(section) => of(section),
            Payload::ExportSection(section) => of(section),
            Payload::ElementSection(section) => of(section),
            Payload::DataSection(section) => of(section),
            Payload::InstanceSection(section) => of(section),
            Payload::ComponentInstanceSection(section) => of(section),
            Payload::ComponentAliasSection(section) => of(section),
            Payload::ComponentCanonicalSection(section) => of(section),
            Payload::ComponentImportSection(section) => of(section),
            Payload::ComponentExportSection(section) => of(section),
            // Each section costs something, although it may have nothing in it.
            _ => 1,
        };
        self.within_ceiling()
    }

    fn within_ceiling(&self) -> Scanned {
        if self.entries > self.ceiling {
            // How many there are in all is not found out.
            return Err(Stop::Exceeded(Exceeded::new(Limit::Entries, None, self.ceiling)));
        }
        Ok(())
    }

    fn component_section(&mut self, payload: Payload<'_>) -> Scanned {
        if let Payload::ComponentTypeSection(section) = payload {
            for ty in section {
                self.nested_types += nested_types(&ty?);
            }
            return Ok(());
        }
        if let Payload::ComponentAliasSection(section) = payload {
            for alias in section.into_iter_with_offsets() {
                let (offset, alias) = alias?;
                component::alias(&mut self.scopes, offset, &alias)?;
            }
            return Ok(());
        }
        let Some(Scope::Component(scope)) = self.scopes.last_mut() else { return Ok(()) };
        self.entries += scope.section(payload, &self.components)?;
        Ok(())
    }

    fn shape(self) -> Shape {
        let root = self.scopes.into_iter().next();
        let root = match root {
            Some(Scope::Component(root)) => root.finish(),
            _ => ComponentDefinition::default(),
        };
        // What the host gives to a plugin is one value for each import.
        let creates = root.creates.with_unknown(&self.largest_module);
        Shape {
            modules: self.modules,
            components: self.components.len() as u64,
            functions: self.functions.saturating_add(creates.canonical_functions),
            code_bytes: self.code_bytes,
            code: self.code,
            function: self.function,
            blocks: self.blocks,
            flow: self.flow,
            entries: self
                .entries
                .saturating_add(root.work.given(1))
                .saturating_add(creates.made.imports)
                .saturating_add(creates.made.values),
            nesting: self.depth.max(root.depth.given(1)).max(self.nested_types),
            instances: creates.instances,
            memories: creates.made.memories.max(self.all_modules.memories),
            memory: creates.made.memory.max(self.all_modules.memory),
            tables: creates.made.tables.max(self.all_modules.tables),
            table_elements: creates.made.table_elements.max(self.all_modules.table_elements),
        }
    }
}

/// How many instances and components are declared within a type: a bound for the depth of what it describes, since each
/// of them can nest one deeper than any before it. The types of a WIT package have none.
fn nested_types(ty: &ComponentType<'_>) -> u64 {
    fn nests(ty: &ComponentTypeRef) -> bool {
        matches!(ty, ComponentTypeRef::Instance(_) | ComponentTypeRef::Component(_))
    }
    let mut found = 0;
    let mut pending = vec![ty];
    while let Some(ty) = pending.pop() {
        match ty {
            ComponentType::Component(declarations) => {
                for declaration in declarations {
                    match declaration {
                        ComponentTypeDeclaration::Type(ty) => pending.push(ty),
                        ComponentTypeDeclaration::Export { ty, .. } => found += u64::from(nests(ty)),
                        ComponentTypeDeclaration::Import(import) => found += u64::from(nests(&import.ty)),
                        ComponentTypeDeclaration::CoreType(_) | ComponentTypeDeclaration::Alias(_) => {}
                    }
                }
            }
            ComponentType::Instance(declarations) => {
                for declaration in declarations {
                    match declaration {
                        InstanceTypeDeclaration::Type(ty) => pending.push(ty),
                        InstanceTypeDeclaration::Export { ty, .. } => found += u64::from(nests(ty)),
                        InstanceTypeDeclaration::CoreType(_) | InstanceTypeDeclaration::Alias(_) => {}
                    }
                }
            }
            ComponentType::Defined(_) | ComponentType::Func(_) | ComponentType::Resource { .. } => {}
        }
    }
    found
}
