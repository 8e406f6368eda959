//! A core module, section by section.

use wasmparser::{
    CompositeInnerType, ConstExpr, DataKind, ElementItems, ElementKind, MemoryType, Name, NameSectionReader, Payload,
    TableInit, TypeRef,
};

use super::{Scanned, Stop};

/// What one instance of a module makes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ModuleDefinition {
    /// Imports that an instance is given.
    pub(super) imports: u64,
    /// Other values that an instance has: its globals, and functions as values, which may be called or passed on.
    pub(super) values: u64,
    pub(super) memories: u64,
    /// Bytes.
    pub(super) memory: u64,
    pub(super) tables: u64,
    pub(super) table_elements: u64,
}

impl ModuleDefinition {
    /// Both.
    pub(super) fn plus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_add)
    }

    /// Of each the larger.
    pub(super) fn max(self, other: Self) -> Self {
        self.zip(other, u64::max)
    }

    /// So many of it.
    pub(super) fn times(self, count: u64) -> Self {
        self.zip(self, |one, _| one.saturating_mul(count))
    }

    fn zip(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        ModuleDefinition {
            imports: of(self.imports, other.imports),
            values: of(self.values, other.values),
            memories: of(self.memories, other.memories),
            memory: of(self.memory, other.memory),
            tables: of(self.tables, other.tables),
            table_elements: of(self.table_elements, other.table_elements),
        }
    }
}

/// How many values a function or a block takes and gives.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arity {
    pub(super) params: u32,
    pub(super) results: u32,
}

/// A module while it is read.
#[derive(Default)]
pub(super) struct ModuleScope {
    made: ModuleDefinition,
    types: Vec<Arity>,
    /// The types of all functions, imported ones first.
    functions: Vec<u32>,
    /// The function whose body comes next.
    next_body: usize,
}

impl ModuleScope {
    /// Reads a section, and says how many entries it has beyond what its header says.
    pub(super) fn section(&mut self, payload: Payload<'_>) -> Scanned<u64> {
        let mut entries = 0;
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.types() {
                        self.types.push(match &ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => {
                                Arity { params: ty.params().len() as u32, results: ty.results().len() as u32 }
                            }
                            _ => Arity::default(),
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.made.imports += 1;
                    if let TypeRef::Func(ty) | TypeRef::FuncExact(ty) = import?.ty {
                        self.functions.push(ty);
                    }
                }
                self.next_body = self.functions.len();
                entries = self.made.imports;
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.made.memories += 1;
                    self.made.memory = self.made.memory.saturating_add(initial_bytes(&memory?));
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    let table = table?;
                    self.made.tables += 1;
                    self.made.table_elements = self.made.table_elements.saturating_add(table.ty.initial);
                    if let TableInit::Expr(expression) = &table.init {
                        entries += bytes(expression);
                    }
                }
            }
            Payload::ElementSection(section) => {
                for element in section {
                    let element = element?;
                    self.made.values += match &element.items {
                        ElementItems::Functions(items) => u64::from(items.count()),
                        ElementItems::Expressions(_, items) => u64::from(items.count()),
                    };
                    entries += match &element.items {
                        ElementItems::Functions(items) => u64::from(items.count()),
                        ElementItems::Expressions(..) => element.range.end.saturating_sub(element.range.start),
                    };
                    if let ElementKind::Active { offset_expr, .. } = &element.kind {
                        entries += bytes(offset_expr);
                    }
                }
            }
            Payload::ExportSection(section) => self.made.values += u64::from(section.count()),
            Payload::GlobalSection(section) => {
                self.made.values += u64::from(section.count());
                for global in section {
                    entries += bytes(&global?.init_expr);
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    if let DataKind::Active { offset_expr, .. } = &data?.kind {
                        entries += bytes(offset_expr);
                    }
                }
            }
            _ => {}
        }
        Ok(entries)
    }

    /// A type; one that there is not takes and gives nothing, and is found by the validator.
    pub(super) fn arity(&self, ty: u32) -> Arity {
        self.types.get(ty as usize).copied().unwrap_or_default()
    }

    /// The type of a function.
    pub(super) fn function(&self, index: u32) -> Arity {
        self.functions.get(index as usize).map_or_else(Arity::default, |ty| self.arity(*ty))
    }

    /// The type of the function whose body is being read, for bodies come in order.
    pub(super) fn next_body(&mut self) -> Arity {
        let arity = self.functions.get(self.next_body).map_or_else(Arity::default, |ty| self.arity(*ty));
        self.next_body = self.next_body.saturating_add(1);
        arity
    }

    pub(super) fn finish(self) -> ModuleDefinition {
        self.made
    }
}

/// The longest name of a function, in bytes. wasmtime copies the name for each frame of a backtrace. Those of Rust and C++ are
/// seldom longer than a thousand.
const MAX_NAME: usize = 100_000;

/// Whether the names of functions are as short as they have to be. Names that cannot be read are nobody's names: wasmtime
/// goes without those that follow.
pub(super) fn check_names(offset: u64, names: NameSectionReader<'_>) -> Scanned {
    for group in names {
        let functions = match group {
            Ok(Name::Function(functions)) => functions,
            Ok(_) => continue,
            Err(_) => return Ok(()),
        };
        for function in functions {
            let Ok(function) = function else { return Ok(()) };
            let length = function.name.len();
            if length > MAX_NAME {
                let message =
                    format!("the name of function {} has {length} bytes, {MAX_NAME} at the most", function.index);
                return Err(Stop::Malformed { offset, message });
            }
        }
    }
    Ok(())
}

/// What an expression becomes has to do with its bytes alone: it can be as long as the file.
fn bytes(expression: &ConstExpr<'_>) -> u64 {
    expression.get_binary_reader().bytes_remaining() as u64
}

fn initial_bytes(memory: &MemoryType) -> u64 {
    let page = 1_u64.checked_shl(memory.page_size_log2()).unwrap_or(u64::MAX);
    memory.initial.saturating_mul(page)
}
