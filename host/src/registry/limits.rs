use std::collections::BTreeMap;
use std::time::Duration;

use crate::Limits;

/// Limits that are other ones than those of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitChanges {
    amounts: BTreeMap<&'static str, Amount>,
}

/// What a limit is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Number(u64),
    Time(Duration),
    /// There is no limit, or that of the engine.
    None,
}

/// Where a limit is, and what it counts.
#[derive(Clone, Copy)]
pub(super) enum Field {
    /// Bytes.
    Size(fn(&mut Limits) -> &mut usize),
    /// Bytes of the file.
    FileSize(fn(&mut Limits) -> &mut u64),
    /// Bytes, or those of the engine.
    SizeOrNone(fn(&mut Limits) -> &mut Option<usize>),
    Count(fn(&mut Limits) -> &mut usize),
    CountOrNone(fn(&mut Limits) -> &mut Option<u64>),
    TimeOrNone(fn(&mut Limits) -> &mut Option<Duration>),
}

/// Every field of [`Limits`], in its order.
pub(super) const FIELDS: &[(&str, Field)] = &[
    ("deadline", Field::TimeOrNone(|limits| &mut limits.deadline)),
    ("memory", Field::Size(|limits| &mut limits.memory)),
    ("table_elements", Field::Count(|limits| &mut limits.table_elements)),
    ("instances", Field::Count(|limits| &mut limits.instances)),
    ("memories", Field::Count(|limits| &mut limits.memories)),
    ("tables", Field::Count(|limits| &mut limits.tables)),
    ("handles", Field::Count(|limits| &mut limits.handles)),
    ("stack", Field::SizeOrNone(|limits| &mut limits.stack)),
    ("fuel", Field::CountOrNone(|limits| &mut limits.fuel)),
    ("request", Field::Size(|limits| &mut limits.request)),
    ("response", Field::Size(|limits| &mut limits.response)),
    ("host_memory", Field::Size(|limits| &mut limits.host_memory)),
    ("log", Field::Size(|limits| &mut limits.log)),
    ("file", Field::FileSize(|limits| &mut limits.file)),
    ("code", Field::Size(|limits| &mut limits.code)),
    ("functions", Field::Count(|limits| &mut limits.functions)),
    ("function", Field::Size(|limits| &mut limits.function)),
    ("blocks", Field::Count(|limits| &mut limits.blocks)),
    ("flow", Field::Count(|limits| &mut limits.flow)),
    ("entries", Field::Count(|limits| &mut limits.entries)),
    ("nesting", Field::Count(|limits| &mut limits.nesting)),
    ("compile_time", Field::TimeOrNone(|limits| &mut limits.compile_time)),
];

impl LimitChanges {
    /// Changes the limits that there is something said of.
    pub fn apply(&self, limits: &mut Limits) {
        for (key, field) in FIELDS {
            if let Some(amount) = self.amounts.get(key) {
                field.set(limits, *amount);
            }
        }
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.amounts.is_empty()
    }

    /// Says what the limit of this name is to be. `false` if it cannot be that, or there is none of this name.
    pub(super) fn set(&mut self, key: &str, amount: Amount) -> bool {
        match FIELDS.iter().find(|(name, _)| *name == key) {
            Some((name, field)) if field.takes(amount) => {
                self.amounts.insert(name, amount);
                true
            }
            _ => false,
        }
    }
}

impl Field {
    /// What a limit can be set to: what fits into its number on this machine.
    fn takes(self, amount: Amount) -> bool {
        let is_small = |number| usize::try_from(number).is_ok();
        match (self, amount) {
            (Field::Size(_) | Field::Count(_) | Field::SizeOrNone(_), Amount::Number(number)) => is_small(number),
            (Field::FileSize(_) | Field::CountOrNone(_), Amount::Number(_)) => true,
            (Field::SizeOrNone(_) | Field::CountOrNone(_) | Field::TimeOrNone(_), Amount::None) => true,
            (Field::TimeOrNone(_), Amount::Time(_)) => true,
            _ => false,
        }
    }

    fn set(self, limits: &mut Limits, amount: Amount) {
        let (number, time) = match amount {
            Amount::Number(number) => (Some(number), None),
            Amount::Time(time) => (None, Some(time)),
            Amount::None => (None, None),
        };
        let small = number.and_then(|number| usize::try_from(number).ok());
        match self {
            Field::Size(field) | Field::Count(field) => {
                let field = field(limits);
                *field = small.unwrap_or(*field);
            }
            Field::FileSize(field) => {
                let field = field(limits);
                *field = number.unwrap_or(*field);
            }
            Field::SizeOrNone(field) => *field(limits) = small,
            Field::CountOrNone(field) => *field(limits) = number,
            Field::TimeOrNone(field) => *field(limits) = time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that is added to the limits does not compile here before it is in the list.
    #[test]
    fn every_limit_has_its_own_place() {
        let mut changes = LimitChanges::default();
        for (index, (name, _)) in (1..).zip(FIELDS) {
            let amount = Amount::Number(index);
            let time = Amount::Time(Duration::from_secs(index));
            assert!(changes.set(name, amount) || changes.set(name, time), "{name}");
        }
        let mut limits = Limits::default();
        changes.apply(&mut limits);
        let expected = Limits {
            deadline: Some(Duration::from_secs(1)),
            memory: 2,
            table_elements: 3,
            instances: 4,
            memories: 5,
            tables: 6,
            handles: 7,
            stack: Some(8),
            fuel: Some(9),
            request: 10,
            response: 11,
            host_memory: 12,
            log: 13,
            file: 14,
            code: 15,
            functions: 16,
            function: 17,
            blocks: 18,
            flow: 19,
            entries: 20,
            nesting: 21,
            compile_time: Some(Duration::from_secs(22)),
        };
        assert_eq!(limits, expected);
    }

    #[test]
    fn only_what_is_said_is_changed() {
        let mut changes = LimitChanges::default();
        assert!(changes.is_empty());
        assert!(changes.set("fuel", Amount::None) && changes.set("deadline", Amount::None));
        assert!(!changes.set("memory", Amount::None) && !changes.set("memory", Amount::Time(Duration::ZERO)));
        assert!(!changes.set("memorys", Amount::Number(1)) && !changes.set("deadline", Amount::Number(1)));
        let mut limits = Limits::default().fuel(5).memory(6);
        changes.apply(&mut limits);
        assert_eq!(limits, Limits::default().deadline(None).memory(6));
    }
}
