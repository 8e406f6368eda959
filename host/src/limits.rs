//! What a plugin may use: memory, instructions, sizes, time. Every limit has a default, and every default can be changed with
//! [`Builder::limits`](crate::Builder::limits).
//!
//! | limit | holds for | one who wants more gets |
//! |---|---|---|
//! | `deadline` | each call, and the making of an instance | [`CallError::DeadlineExceeded`](crate::CallError), [`OpenError::DeadlineExceeded`](crate::OpenError) |
//! | `fuel` | each call | [`CallError::LimitExceeded`](crate::CallError) |
//! | `memory`, `table_elements` | the instance | -1 from `memory.grow` and `table.grow`; if the call traps or ends itself after that, `LimitExceeded` |
//! | `stack`, `handles` | the instance | `LimitExceeded` |
//! | `request` | each request of the host | [`CallError::RequestTooLarge`](crate::CallError) |
//! | `response`, `host_memory` | each message of the plugin | `LimitExceeded` |
//! | `log` | each call | nothing: what is beyond is dropped, and a [record](crate::LogRecord) says how much |
//! | `file` | the file | [`OpenError::TooLarge`](crate::OpenError) |
//! | `compile_time`, and all others | the component | [`OpenError::LimitExceeded`](crate::OpenError) |
//!
//! [`CallOptions`](crate::CallOptions) change the deadline and the fuel of single calls. Each error says what the limit is.

use std::fmt;
use std::time::Duration;

use crate::Artifact;

/// The most files, sockets, streams and the like of WASI that an instance holds at a time, whatever [`Limits::handles`] says:
/// those of a process are limited, too.
pub const MAX_OPEN: usize = 512;

/// What a plugin may use.
///
/// ```
/// use std::time::Duration;
/// use hookr::Limits;
///
/// let limits = Limits::default().memory(64 << 20).deadline(Duration::from_millis(100));
/// # assert_eq!(limits.memory, 64 << 20);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How long a call may take by the clock: waiting for the plugin, its code, its callbacks, and its waits. So long may
    /// the making of an instance take, too. 10 seconds; `None` for as long as it likes.
    pub deadline: Option<Duration>,
    /// Bytes of linear memory, all memories of the instance together. 256 MiB.
    pub memory: usize,
    /// Elements of tables, all tables of the instance together. 1,000,000.
    pub table_elements: usize,
    /// Core instances in the component, those of components in it included. 1,000.
    pub instances: usize,
    /// Linear memories in the component: of all core instances together, and of all modules together. 64.
    pub memories: usize,
    /// Tables in the component: of all core instances together, and of all modules together. 256.
    pub tables: usize,
    /// Handles of resources that are alive at a time. 10,000; of WASI never more than [`MAX_OPEN`].
    pub handles: usize,
    /// Bytes of stack that the code of a plugin may use. `None`, which is the default, for those of the engine: 512 KiB, if it
    /// was not [made](crate::Settings::stack) otherwise. Plugins with different values have different engines.
    pub stack: Option<usize>,
    /// Instructions in a call, about: wasmtime's fuel, one for most instructions. `None`, which is the default, does not count
    /// them; counting makes code slower by a third or so, and needs an [engine](crate::Engine) that counts. The deadline is
    /// the cheaper limit; this one is the same on every machine.
    pub fuel: Option<u64>,
    /// Bytes of a request: of its values, and what they own, where it goes through the Component Model; of the FlatBuffer
    /// over the lane, and of all of a batch, which are never more than 16 MiB. The memory that the plugin has for it is
    /// limited besides. 128 MiB.
    pub request: usize,
    /// Bytes of a response, and of the request of a callback, as the host gets them. 128 MiB.
    pub response: usize,
    /// Bytes that the host allocates for the values of one message of a plugin, however often the plugin names the same text
    /// in it: wasmtime's fuel for host calls where it comes through the Component Model, and a [`Room`](crate::Room) where
    /// it comes over the lane. Messages that are read in place take nothing. 128 MiB.
    pub host_memory: usize,
    /// Bytes of text that a call may write to its log; what is beyond is counted and dropped. 64 KiB.
    pub log: usize,
    /// Bytes of the file. 256 MiB, and no more than that. Larger ones are
    /// [`OpenError::TooLarge`](crate::OpenError::TooLarge).
    pub file: u64,
    /// Bytes of code in the component. One more counts for each local variable, and for each value that a block, a branch
    /// or a call takes or gives. 64 MiB.
    ///
    /// This limit and the next six bound the work of the compiler, most of all its memory. Of what languages compile to, an
    /// interpreter of Python has 7 MB of code in 14,000 functions and 52,000 entries, one of JavaScript 10 MB in 13,000
    /// functions and 28,000 entries. The largest function of either has 430 KB; the one with most ways of control 11,000
    /// blocks, and 610,000 of them times locals.
    pub code: usize,
    /// Functions in the component, those included that the canonical ABI makes. 100,000. So many empty ones take the
    /// compiler 600 MB.
    pub functions: usize,
    /// Bytes of the largest function, counted as for [`code`](Self::code). 1 MiB. The compiler has a whole function in its
    /// hands, and takes a kilobyte of memory for each byte of arithmetic.
    pub function: usize,
    /// Places where ways of control part or meet in a function. 30,000 for each function. The compiler takes four times as
    /// long for twice as many.
    pub blocks: usize,
    /// [`blocks`](Self::blocks) times local variables: the compiler may have to keep as many values apart. 2,000,000 for each
    /// function. That is 6 bytes of memory for each where few of them change, and half a kilobyte for loops in loops that
    /// change them all; these can keep the compiler busy for minutes, and then it is [`compile_time`](Self::compile_time) that
    /// ends the wait.
    pub flow: usize,
    /// Entries of all sections of the component, its modules and the components in it: imports, exports, aliases,
    /// functions, segments, elements; types and constant expressions by their bytes. What is in a component that is
    /// instantiated several times counts each time, and an instance that is passed on counts with all that is in it.
    /// Globals, and functions that are exported or in a table, count for each instance of their module besides. 250,000. The
    /// compiler takes one to two kilobytes of memory for each.
    pub entries: usize,
    /// How deep components, instances and their types are in each other. 100, and no more than that.
    pub nesting: usize,
    /// How long compilation may take. 60 seconds; `None` for as long as it likes. It cannot be interrupted: one that takes
    /// longer goes on without anybody who waits for it, and while two of these are running, no other plugin is compiled
    /// ([`OpenError::CompilerBusy`](crate::OpenError::CompilerBusy)). As many plugins are compiled at a time as there are
    /// processors; the wait for the others is not in it. What comes from the [cache](crate::cache) is not compiled.
    pub compile_time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            deadline: Some(Duration::from_secs(10)),
            memory: 256 << 20,
            table_elements: 1_000_000,
            instances: 1_000,
            memories: 64,
            tables: 256,
            handles: 10_000,
            stack: None,
            fuel: None,
            request: 128 << 20,
            response: 128 << 20,
            host_memory: 128 << 20,
            log: 64 << 10,
            file: Artifact::MAX_SIZE,
            code: 64 << 20,
            functions: 100_000,
            function: 1 << 20,
            blocks: 30_000,
            flow: 2_000_000,
            entries: 250_000,
            nesting: 100,
            compile_time: Some(Duration::from_secs(60)),
        }
    }
}

impl Limits {
    /// What a message may be that comes through the Component Model, where each byte of it is allocated.
    pub(crate) fn message(&self) -> (Limit, usize) {
        if self.response < self.host_memory {
            (Limit::Response, self.response)
        } else {
            (Limit::HostMemory, self.host_memory)
        }
    }
}

/// Each sets the limit of its name.
impl Limits {
    /// The time of a call; `None` for as long as it likes.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.deadline = deadline.into();
        self
    }

    /// Bytes of linear memory.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Elements of tables.
    #[must_use]
    pub fn table_elements(mut self, elements: usize) -> Self {
        self.table_elements = elements;
        self
    }

    /// Core instances.
    #[must_use]
    pub fn instances(mut self, instances: usize) -> Self {
        self.instances = instances;
        self
    }

    /// Linear memories.
    #[must_use]
    pub fn memories(mut self, memories: usize) -> Self {
        self.memories = memories;
        self
    }

    /// Tables.
    #[must_use]
    pub fn tables(mut self, tables: usize) -> Self {
        self.tables = tables;
        self
    }

    /// Handles of resources.
    #[must_use]
    pub fn handles(mut self, handles: usize) -> Self {
        self.handles = handles;
        self
    }

    /// Bytes of stack; `None` for those of the engine.
    #[must_use]
    pub fn stack(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.stack = bytes.into();
        self
    }

    /// Instructions in a call; `None` does not count them.
    #[must_use]
    pub fn fuel(mut self, fuel: impl Into<Option<u64>>) -> Self {
        self.fuel = fuel.into();
        self
    }

    /// Bytes of a request.
    #[must_use]
    pub fn request(mut self, bytes: usize) -> Self {
        self.request = bytes;
        self
    }

    /// Bytes of a response.
    #[must_use]
    pub fn response(mut self, bytes: usize) -> Self {
        self.response = bytes;
        self
    }

    /// Bytes that the host allocates for a message.
    #[must_use]
    pub fn host_memory(mut self, bytes: usize) -> Self {
        self.host_memory = bytes;
        self
    }

    /// Bytes of log of a call.
    #[must_use]
    pub fn log(mut self, bytes: usize) -> Self {
        self.log = bytes;
        self
    }

    /// Bytes of the file.
    #[must_use]
    pub fn file(mut self, bytes: u64) -> Self {
        self.file = bytes;
        self
    }

    /// Bytes of code.
    #[must_use]
    pub fn code(mut self, bytes: usize) -> Self {
        self.code = bytes;
        self
    }

    /// Functions.
    #[must_use]
    pub fn functions(mut self, functions: usize) -> Self {
        self.functions = functions;
        self
    }

    /// Bytes of the largest function.
    #[must_use]
    pub fn function(mut self, bytes: usize) -> Self {
        self.function = bytes;
        self
    }

    /// Places where ways of control part or meet in a function.
    #[must_use]
    pub fn blocks(mut self, places: usize) -> Self {
        self.blocks = places;
        self
    }

    /// These times the local variables of the function.
    #[must_use]
    pub fn flow(mut self, product: usize) -> Self {
        self.flow = product;
        self
    }

    /// Entries of all sections.
    #[must_use]
    pub fn entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }

    /// How deep things are in each other.
    #[must_use]
    pub fn nesting(mut self, levels: usize) -> Self {
        self.nesting = levels;
        self
    }

    /// The time of compilation; `None` for as long as it likes.
    #[must_use]
    pub fn compile_time(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.compile_time = time.into();
        self
    }
}

/// One of the [`Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::memory`].
    Memory,
    /// [`Limits::table_elements`].
    TableElements,
    /// [`Limits::instances`].
    Instances,
    /// [`Limits::memories`].
    Memories,
    /// [`Limits::tables`].
    Tables,
    /// [`Limits::handles`].
    Handles,
    /// [`Limits::stack`].
    Stack,
    /// [`Limits::fuel`].
    Fuel,
    /// [`Limits::response`].
    Response,
    /// [`Limits::host_memory`].
    HostMemory,
    /// [`Limits::code`].
    Code,
    /// [`Limits::functions`].
    Functions,
    /// [`Limits::function`].
    Function,
    /// [`Limits::blocks`].
    Blocks,
    /// [`Limits::flow`].
    Flow,
    /// [`Limits::entries`].
    Entries,
    /// [`Limits::nesting`].
    Nesting,
    /// [`Limits::compile_time`], in milliseconds.
    CompileTime,
}

impl Limit {
    /// The name of the field of [`Limits`], and what it counts.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Limit::Memory => ("memory", "bytes of linear memory"),
            Limit::TableElements => ("table_elements", "elements of tables"),
            Limit::Instances => ("instances", "core instances"),
            Limit::Memories => ("memories", "linear memories"),
            Limit::Tables => ("tables", "tables"),
            Limit::Handles => ("handles", "handles of resources"),
            Limit::Stack => ("stack", "bytes of stack"),
            Limit::Fuel => ("fuel", "instructions in a call"),
            Limit::Response => ("response", "bytes of a response"),
            Limit::HostMemory => ("host_memory", "bytes of the host for a message"),
            Limit::Code => ("code", "bytes of code"),
            Limit::Functions => ("functions", "functions"),
            Limit::Function => ("function", "bytes of one function"),
            Limit::Blocks => ("blocks", "blocks of one function"),
            Limit::Flow => ("flow", "blocks times locals of one function"),
            Limit::Entries => ("entries", "entries of sections"),
            Limit::Nesting => ("nesting", "levels of nesting"),
            Limit::CompileTime => ("compile_time", "milliseconds of compilation"),
        }
    }
}

/// What a plugin wanted, and what it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exceeded {
    /// Which limit it is.
    pub limit: Limit,
    /// How much was asked for; `None` where nobody knows.
    pub asked: Option<u64>,
    /// How much there may be.
    pub allowed: u64,
}

impl Exceeded {
    pub(crate) fn new(limit: Limit, asked: impl Into<Option<u64>>, allowed: u64) -> Self {
        Exceeded { limit, asked: asked.into(), allowed }
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = self.limit.name();
        match self.asked {
            Some(asked) => write!(f, "{asked} {unit}, {} at the most (limit `{name}`)", self.allowed),
            None => write!(f, "more than {} {unit} (limit `{name}`)", self.allowed),
        }
    }
}

impl std::error::Error for Exceeded {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exceeded_is_said_with_both_sides() {
        let memory = Exceeded::new(Limit::Memory, 300, 256);
        assert_eq!(memory.to_string(), "300 bytes of linear memory, 256 at the most (limit `memory`)");
        let fuel = Exceeded::new(Limit::Fuel, None, 10);
        assert_eq!(fuel.to_string(), "more than 10 instructions in a call (limit `fuel`)");
    }
}
