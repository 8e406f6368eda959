//! Schemas that nobody has written: texts in which every construct may meet every other.

mod declare;
mod fields;
mod words;

use crate::choices::Choices;
use words::{CLEAR_NAMESPACES, CONFUSING_NAMES, CONFUSING_NAMESPACES, TYPE_NAMES};

/// What kind of schemas there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Right by construction: that one is refused is an error.
    Clear,
    /// The same, and nothing in them is refused of a contract.
    Contract,
    /// Right by construction, and mostly tables that hold each other as bytes, whose names cannot be changed.
    Nested,
    /// Everything is called by the same few names in namespaces inside of each other. What names mean is luck, and so is
    /// whether the schema is accepted.
    Confusing,
}

/// The text of a schema.
pub(crate) fn schema(choices: &[u16], style: Style) -> String {
    let mut generator = Generator {
        choices: Choices::new(choices),
        style,
        text: String::new(),
        namespace: "",
        types: Vec::new(),
        at: 0,
        wide: false,
    };
    generator.plan();
    generator.write();
    generator.text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Table,
    Struct,
    Enum,
    Union,
}

/// A declaration to come, or one that has been written.
struct Planned {
    namespace: &'static str,
    name: String,
    kind: Kind,
    /// Whether no other type has the name, so that it may be used without its namespace before its declaration.
    is_unique: bool,
    /// Whether it is: all uses before the declaration must agree.
    early_short: bool,
    /// Whether the full name has been used.
    is_named: bool,
    /// Enums: names and values.
    values: Vec<(String, i128)>,
    is_flags: bool,
    /// Enums: the type of the values.
    underlying: &'static str,
    /// Structs: no less than the size in bytes.
    size: usize,
    /// Whether there is a value that does not need another one of itself further down.
    has_end: bool,
}

impl Planned {
    fn full(&self) -> String {
        if self.namespace.is_empty() { self.name.clone() } else { format!("{}.{}", self.namespace, self.name) }
    }

    fn has_zero(&self) -> bool {
        self.is_flags || self.values.iter().any(|(_, value)| *value == 0)
    }
}

struct Generator<'c> {
    choices: Choices<'c>,
    style: Style,
    text: String,
    /// The namespace in force.
    namespace: &'static str,
    /// In the order of declaration.
    types: Vec<Planned>,
    /// Which type is being declared; those before it are known.
    at: usize,
    /// Whether vectors may have 64-bit offsets.
    wide: bool,
}

impl Generator<'_> {
    fn plan(&mut self) {
        self.wide = self.choices.chance(4) && !matches!(self.style, Style::Contract | Style::Nested);
        let namespaces = match self.style {
            Style::Clear | Style::Contract | Style::Nested => CLEAR_NAMESPACES,
            Style::Confusing => CONFUSING_NAMESPACES,
        };
        let count = 1 + self.choices.below(if self.style == Style::Confusing { 7 } else { 12 });
        for _ in 0..count {
            let kind = match self.style {
                Style::Nested => [Kind::Table, Kind::Table, Kind::Table, Kind::Union][self.choices.below(4)],
                _ => [Kind::Table, Kind::Struct, Kind::Enum, Kind::Union, Kind::Table][self.choices.below(5)],
            };
            let namespace = self.choices.pick(namespaces);
            let mut name = match self.style {
                Style::Clear | Style::Contract | Style::Nested => self.choices.pick(TYPE_NAMES).to_owned(),
                Style::Confusing => self.choices.pick(CONFUSING_NAMES).to_owned(),
            };
            // A type of the global namespace has no longer name, so that none in another may be called like it.
            let clashes = |name: &str| {
                let mut alike = self.types.iter().filter(|planned| planned.name == name);
                alike.any(|planned| {
                    let global = namespace.is_empty() || planned.namespace.is_empty();
                    planned.namespace == namespace || global && self.style != Style::Confusing
                })
            };
            while clashes(&name) {
                name.push('x');
            }
            self.types.push(Planned {
                namespace,
                name,
                kind,
                is_unique: true,
                early_short: false,
                is_named: false,
                values: Vec::new(),
                is_flags: false,
                underlying: "",
                size: 0,
                has_end: kind != Kind::Union,
            });
        }
        for at in 0..self.types.len() {
            let alike = self.types.iter().filter(|planned| planned.name == self.types[at].name).count();
            self.types[at].is_unique = alike == 1;
            self.types[at].early_short = alike == 1 && self.choices.chance(50);
        }
    }

    /// How the type at hand is called in the namespace in force.
    fn spell(&mut self, target: usize) -> String {
        let planned = &self.types[target];
        let full = planned.full();
        let segments: Vec<&str> = full.split('.').collect();
        if self.style == Style::Confusing {
            let skipped = self.choices.below(segments.len());
            return segments[skipped..].join(".");
        }
        let is_declared = target < self.at || target == self.at && planned.kind != Kind::Enum;
        if !is_declared && planned.early_short {
            return planned.name.clone();
        }
        // What waits for its declaration under its full name is found by parts of it.
        if !is_declared && !planned.is_named {
            self.types[target].is_named = true;
            return full;
        }
        let skipped = self.choices.below(self.most_skipped(planned) + 1);
        segments[skipped..].join(".")
    }

    /// How many segments of a full name may be left out in the namespace in force, where that cannot be misunderstood.
    fn most_skipped(&self, planned: &Planned) -> usize {
        if planned.namespace.is_empty() {
            return 0;
        }
        let segments: Vec<&str> = planned.namespace.split('.').collect();
        let common = (1..=segments.len()).take_while(|count| self.is_inside(&segments[..*count].join("."))).count();
        let mut alike = self.types.iter().filter(|other| other.name == planned.name);
        let is_alone = alike.all(|other| other.namespace == planned.namespace || !self.is_inside(other.namespace));
        if is_alone { common } else { common.min(segments.len() - 1) }
    }

    /// Whether the namespace in force is this one or inside of it.
    fn is_inside(&self, namespace: &str) -> bool {
        let rest = self.namespace.strip_prefix(namespace);
        namespace.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// A table or a struct.
    fn find_object(&mut self) -> Option<usize> {
        self.find(|_, planned| matches!(planned.kind, Kind::Table | Kind::Struct))
    }

    /// Whether something can be required. In a contract everything that is required has an end, which is certain if it has
    /// been declared and needs only what was declared before it.
    fn may_require(&self, target: usize) -> bool {
        self.style != Style::Contract || target < self.at && self.types[target].has_end
    }

    /// One of the types that can stand here.
    fn find(&mut self, accept: impl Fn(usize, &Planned) -> bool) -> Option<usize> {
        let fitting: Vec<usize> = (0..self.types.len()).filter(|at| accept(*at, &self.types[*at])).collect();
        if fitting.is_empty() { None } else { Some(fitting[self.choices.below(fitting.len())]) }
    }

    /// One of these style, changed if it is taken.
    fn fresh(&mut self, from: &[&'static str], taken: &[String]) -> String {
        let mut name = self.choices.pick(from).to_owned();
        while taken.contains(&name) {
            name.push('x');
        }
        name
    }

    fn line(&mut self, line: &str) {
        self.text += line;
        self.text.push('\n');
    }
}
