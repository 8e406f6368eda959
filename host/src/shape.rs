use crate::limits::{Exceeded, Limit, Limits};

/// How large a component is, and what an instance of it takes from the start: what [`Limits`] are compared with before
/// anything is compiled.
///
/// Numbers that would be larger than a `u64` are [`u64::MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shape {
    /// Core modules that are defined in it, and in the components in it.
    pub modules: u64,
    /// Components in it, at any depth.
    pub components: u64,
    /// Functions: those of its modules, and those that the canonical ABI makes, each time that they are made.
    pub functions: u64,
    /// Bytes of code, without what [`Limits::code`] adds for values.
    pub code_bytes: u64,
    /// The size of its code, as [`Limits::code`] counts it.
    pub code: u64,
    /// The size of its largest function, as [`Limits::function`] counts it.
    pub function: u64,
    /// The most that [`Limits::blocks`] counts for a function.
    pub blocks: u64,
    /// The most that [`Limits::flow`] counts for a function.
    pub flow: u64,
    /// What [`Limits::entries`] counts.
    pub entries: u64,
    /// What [`Limits::nesting`] counts.
    pub nesting: u64,
    /// Core instances of an instance.
    pub instances: u64,
    /// Linear memories of an instance, or of its modules if that is more.
    pub memories: u64,
    /// Bytes of memory that an instance starts with, or that its modules ask for if that is more.
    pub memory: u64,
    /// Tables of an instance, or of its modules if that is more.
    pub tables: u64,
    /// Elements of tables that an instance starts with, or that its modules ask for if that is more.
    pub table_elements: u64,
}

impl Shape {
    /// Compares with what a plugin may have.
    ///
    /// # Errors
    ///
    /// The first limit that is exceeded, in the order of the fields.
    pub fn check(&self, limits: &Limits) -> Result<(), Exceeded> {
        let pairs = [
            (Limit::Functions, self.functions, limits.functions),
            (Limit::Code, self.code, limits.code),
            (Limit::Function, self.function, limits.function),
            (Limit::Blocks, self.blocks, limits.blocks),
            (Limit::Flow, self.flow, limits.flow),
            (Limit::Entries, self.entries, limits.entries),
            (Limit::Nesting, self.nesting, limits.nesting),
            (Limit::Instances, self.instances, limits.instances),
            (Limit::Memories, self.memories, limits.memories),
            (Limit::Memory, self.memory, limits.memory),
            (Limit::Tables, self.tables, limits.tables),
            (Limit::TableElements, self.table_elements, limits.table_elements),
        ];
        let pairs = pairs.map(|(limit, asked, allowed)| (limit, asked, allowed as u64));
        match pairs.into_iter().find(|(_, asked, allowed)| asked > allowed) {
            Some((limit, asked, allowed)) => Err(Exceeded::new(limit, asked, allowed)),
            None => Ok(()),
        }
    }
}
