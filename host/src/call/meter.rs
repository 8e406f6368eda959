use wasmtime::ResourceLimiter;

use super::Stop;
use crate::limits::{Exceeded, Limit, Limits};

/// Counts what an instance has, and refuses what is too much.
pub(crate) struct Meter {
    memory: Used,
    elements: Used,
    instances: usize,
    memories: usize,
    tables: usize,
    stack: u64,
    message: Bound,
    /// What was refused last in the call that runs.
    refused: Option<Exceeded>,
}

/// The largest message of a plugin, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Bound(usize);

impl Bound {
    /// A message that is too large costs the instance, as one does that cannot be read.
    #[inline]
    pub(crate) fn check(self, size: usize) -> Result<(), wasmtime::Error> {
        if size <= self.0 { Ok(()) } else { Err(self.exceeded(size)) }
    }

    #[cold]
    fn exceeded(self, size: usize) -> wasmtime::Error {
        Stop::Exceeded(Exceeded::new(Limit::Response, size as u64, self.0 as u64)).into()
    }
}

/// How much there is, of how much there may be.
struct Used {
    limit: Limit,
    used: usize,
    allowed: usize,
    /// By how much it was to grow last.
    last: usize,
}

impl Used {
    fn new(limit: Limit, allowed: usize) -> Self {
        Used { limit, used: 0, allowed, last: 0 }
    }

    fn grow(&mut self, current: usize, desired: usize) -> Result<(), Exceeded> {
        let more = desired.saturating_sub(current);
        let asked = self.used.saturating_add(more);
        if asked > self.allowed {
            self.last = 0;
            return Err(Exceeded::new(self.limit, asked as u64, self.allowed as u64));
        }
        (self.used, self.last) = (asked, more);
        Ok(())
    }

    /// The system had less than was allowed.
    fn take_back(&mut self) {
        self.used -= std::mem::take(&mut self.last);
    }
}

impl Meter {
    pub(crate) fn new(limits: &Limits, stack: usize) -> Self {
        Meter {
            memory: Used::new(Limit::Memory, limits.memory),
            elements: Used::new(Limit::TableElements, limits.table_elements),
            instances: limits.instances,
            memories: limits.memories,
            tables: limits.tables,
            stack: stack as u64,
            message: Bound(limits.response),
            refused: None,
        }
    }

    /// A call begins: what was refused before has nothing to do with it.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.refused = None;
    }

    /// What was refused last.
    pub(crate) fn refused(&self) -> Option<Exceeded> {
        self.refused
    }

    /// How large a message of the plugin may be.
    #[inline]
    pub(crate) fn bound(&self) -> Bound {
        self.message
    }

    /// Bytes of linear memory that there are.
    #[inline]
    pub(crate) fn memory(&self) -> usize {
        self.memory.used
    }

    /// Bytes of stack.
    pub(crate) fn stack(&self) -> u64 {
        self.stack
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let grown = self.memory.grow(current, desired);
        self.refused = grown.err().or(self.refused);
        Ok(grown.is_ok())
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.take_back();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let grown = self.elements.grow(current, desired);
        self.refused = grown.err().or(self.refused);
        Ok(grown.is_ok())
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.elements.take_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_count_together() {
        let mut meter = Meter::new(&Limits::default().memory(100), 0);
        assert!(meter.memory_growing(0, 60, None).unwrap());
        assert!(meter.memory_growing(0, 40, None).unwrap());
        assert!(!meter.memory_growing(60, 61, None).unwrap());
        assert_eq!(meter.refused(), Some(Exceeded::new(Limit::Memory, 101, 100)));
        meter.begin();
        assert_eq!(meter.refused(), None);
    }

    #[test]
    fn what_the_system_does_not_have_is_not_counted() {
        let mut meter = Meter::new(&Limits::default().memory(100), 0);
        assert!(meter.memory_growing(0, 60, None).unwrap());
        meter.memory_grow_failed(wasmtime::Error::msg("no memory")).unwrap();
        meter.memory_grow_failed(wasmtime::Error::msg("no memory")).unwrap();
        assert!(meter.memory_growing(0, 100, None).unwrap());
    }

    #[test]
    fn elements_of_tables_are_limited_likewise() {
        let mut meter = Meter::new(&Limits::default().table_elements(10), 0);
        assert!(meter.table_growing(0, 10, None).unwrap());
        assert!(!meter.table_growing(0, 1, None).unwrap());
        assert_eq!(meter.refused(), Some(Exceeded::new(Limit::TableElements, 11, 10)));
    }
}
