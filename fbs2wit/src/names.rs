//! Names in WIT and Rust. This is the one place that makes and reserves them.
//!
//! ```text
//! FlatBuffers   FilterRequest   case_sensitive   RngInt   A_1    _x   type
//! WIT           filter-request  case-sensitive   rng-int  a1     x    %type
//! Rust          FilterRequest   case_sensitive   rng_int  A1     x    type_
//! ```
//!
//! The Rust name always follows from the WIT label, by the same rules as the bindings generators of wasmtime and
//! wit-bindgen, so that their code and ours meet without a table. Labels differ in more than their hyphens, because the
//! component model compares them without. A digit never starts a word: not every WIT tool accepts `a-1`.
//!
//! Where two names of one scope would become one label, the first by its FlatBuffers name keeps it and the others get a
//! number. The order of declarations never matters.

use std::collections::BTreeSet;

use heck::{ToKebabCase, ToSnakeCase, ToUpperCamelCase};

/// The WIT label for a FlatBuffers identifier; clashes and reserved names are the business of [`Scope`].
pub(crate) fn kebab(identifier: &str) -> String {
    let mut label = String::new();
    for word in identifier.to_kebab_case().split('-').filter(|word| !word.is_empty()) {
        if !label.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit()) {
            label.push('-');
        }
        label.push_str(word);
    }
    if label.is_empty() || label.starts_with(|c: char| c.is_ascii_digit()) {
        label.insert(0, 'n');
    }
    label
}

/// A label as WIT text: with `%` where it would read as a keyword.
pub(crate) fn wit_id(label: &str) -> String {
    if WIT_KEYWORDS.contains(&label) { format!("%{label}") } else { label.to_owned() }
}

/// The Rust name of a field or a function, as bindings generators derive it from the label.
pub(crate) fn snake(label: &str) -> String {
    if RUST_KEYWORDS.contains(&label) { format!("{label}_") } else { label.to_snake_case() }
}

/// Whether the label of a package would be no name of a Rust module; bindings generators do not escape it there.
pub(crate) fn is_rust_keyword(label: &str) -> bool {
    RUST_KEYWORDS.contains(&label) || label == "gen"
}

/// The Rust name of a type or a case, as bindings generators derive it from the label.
pub(crate) fn camel(label: &str) -> String {
    label.to_upper_camel_case()
}

/// What a scope's names stand for; it decides which are reserved and how those are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Fields of a record.
    Field,
    /// Cases of an enum or a variant.
    Case,
    /// Types of an interface.
    Type,
    /// Types that an interface takes over from another.
    Alias,
    /// Functions of an interface.
    Function,
    /// Interfaces of a package.
    Interface,
    /// The world of a package.
    World,
}

impl Kind {
    fn suffix(self) -> &'static str {
        match self {
            Kind::Field => "-field",
            Kind::Case => "-case",
            Kind::Type | Kind::Alias => "-type",
            Kind::Function => "-method",
            Kind::Interface => "-service",
            Kind::World => "-world",
        }
    }

    fn reserves(self, label: &str) -> bool {
        match self {
            // A keyword of Rust 2024 that not every bindings generator escapes.
            Kind::Field => label == "gen",
            // `bindgen!` makes variables of these names that it does not escape, beside `lookup` and `store` of its own.
            Kind::Function => is_rust_keyword(label) || label == "lookup" || label == "store",
            // `Self::Lower` is a type of wasmtime's traits too.
            Kind::Case => label == "self" || label == "lower",
            Kind::Type => RESERVED_TYPES.contains(&label),
            Kind::Interface => ["gen", "self", "types"].contains(&label),
            // The name of a world stands in strings, without `%`, and names a type beside those that bindings use.
            Kind::World => WIT_KEYWORDS.contains(&label) || RESERVED_TYPES.contains(&label),
            Kind::Alias => false,
        }
    }
}

/// The labels that are taken in one place of a WIT text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    taken: BTreeSet<String>,
}

impl Scope {
    /// Takes the label if it is free, else the nearest one that is.
    pub(crate) fn claim(&mut self, label: &str, kind: Kind) -> String {
        let mut chosen = label.to_owned();
        if !self.is_free(label, kind) {
            let base = if kind.reserves(label) || matches!(kind, Kind::World | Kind::Alias) {
                format!("{label}{}", kind.suffix())
            } else {
                label.to_owned()
            };
            chosen.clone_from(&base);
            let mut n = 1u64;
            while !self.is_free(&chosen, kind) {
                n += 1;
                chosen = format!("{base}{n}");
            }
        }
        self.taken.insert(key(&chosen));
        chosen
    }

    /// Takes the first label if it is free, else the second or the nearest one to it.
    pub(crate) fn claim_or(&mut self, label: &str, otherwise: &str, kind: Kind) -> String {
        let label = if self.is_free(label, kind) { label } else { otherwise };
        self.claim(label, kind)
    }

    /// Takes a label for each `(original name, preferred label)`; the result is in the same order.
    ///
    /// Of those that want one label, the first by original name gets it and the others are changed, after every label
    /// that can be had as it is has been taken: a change never costs a third one its label.
    pub(crate) fn claim_all(&mut self, names: &[(String, String)], kind: Kind) -> Vec<String> {
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|&a, &b| names[a].cmp(&names[b]));
        let mut labels = vec![String::new(); names.len()];
        let (mut plain, mut changed) = (Vec::new(), Vec::new());
        for i in order {
            let label = &names[i].1;
            if self.is_free(label, kind) {
                self.taken.insert(key(label));
                plain.push(i);
            } else {
                changed.push(i);
            }
        }
        for i in plain {
            labels[i].clone_from(&names[i].1);
        }
        for i in changed {
            labels[i] = self.claim(&names[i].1, kind);
        }
        labels
    }

    fn is_free(&self, label: &str, kind: Kind) -> bool {
        !kind.reserves(label) && !self.taken.contains(&key(label))
    }

    /// Takes a label out of the game.
    pub(crate) fn reserve(&mut self, label: &str) {
        self.taken.insert(key(label));
    }
}

/// Rust names that are taken in one place, for those that have no WIT label.
#[derive(Clone, Debug, Default)]
pub(crate) struct RustScope {
    taken: BTreeSet<String>,
}

impl RustScope {
    /// Takes the name if it is free, else the name with as many `_` as make it so.
    pub(crate) fn claim(&mut self, name: &str) -> String {
        let mut chosen = name.to_owned();
        while !self.taken.insert(chosen.clone()) {
            chosen.push('_');
        }
        chosen
    }

    /// Those that are taken.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.taken.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for RustScope {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        RustScope { taken: names.into_iter().map(Into::into).collect() }
    }
}

/// What the component model compares labels by.
fn key(label: &str) -> String {
    label.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}

/// Types whose Rust names would hide what generated code and its users rely on: Rust's prelude, the traits that bindings
/// generators put beside the aliases of an interface's types, and the type parameters of wasmtime's derives.
pub(crate) const RESERVED_TYPES: &[&str] = &[
    "as-mut",
    "as-ref",
    "box",
    "clone",
    "copy",
    "d",
    "debug",
    "default",
    "drop",
    "eq",
    "err",
    "extend",
    "fn",
    "fn-mut",
    "fn-once",
    "from",
    "from-iterator",
    "future",
    "guest",
    "hash",
    "host",
    "host-with-store",
    "into",
    "into-future",
    "into-iterator",
    "iterator",
    "lift",
    "lower",
    "none",
    "ok",
    "option",
    "ord",
    "partial-eq",
    "partial-ord",
    "result",
    "s",
    "self",
    "send",
    "sized",
    "some",
    "string",
    "sync",
    "t",
    "to-owned",
    "to-string",
    "try-from",
    "try-into",
    "unpin",
    "vec",
];

/// Rust names that handles and traits of generated code need for themselves.
pub(crate) const RESERVED_METHODS: &[&str] = &[
    "as_any",
    "as_ref",
    "borrow",
    "borrow_mut",
    "builder",
    "call_async",
    "clone",
    "clone_from",
    "clone_into",
    "close",
    "contract",
    "drop",
    "eq",
    "fmt",
    "from",
    "health",
    "inspect",
    "into",
    "lane",
    "load",
    "metadata",
    "name",
    "new",
    "open",
    "plugin",
    "reload",
    "reloader",
    "revive",
    "stats",
    "to_owned",
    "try_from",
    "try_into",
    "type_id",
    "with",
];

/// Rust names that the mock of a host needs for itself, beside the services that it has.
pub(crate) const RESERVED_MOCKS: &[&str] = &[
    "call", "called", "calls", "clone", "context", "default", "into", "lenient", "logs", "new", "of", "try_into",
    "verify",
];

/// Names of Rust modules that would hide a primitive type, a crate or a module of the generated crate, or are a keyword.
pub(crate) const RESERVED_MODULES: &[&str] = &[
    "alloc",
    "api",
    "asynchronous",
    "bool",
    "char",
    "codec",
    "core",
    "f32",
    "f64",
    "fb",
    "flatbuffers",
    "gen",
    "guest",
    "hookr",
    "hookr_abi",
    "hookr_guest",
    "host",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "log",
    "mock",
    "state",
    "std",
    "str",
    "types",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
    "wire",
];

const WIT_KEYWORDS: &[&str] = &[
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "error-context",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "map",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
    "world",
];

/// The keywords that both bindings generators escape; both do it with a `_` behind.
const RUST_KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_becomes_a_label() {
        for (identifier, label) in [
            ("FilterRequest", "filter-request"),
            ("case_sensitive", "case-sensitive"),
            ("URLBalancer", "url-balancer"),
            ("a_1", "a1"),
            ("a1B2", "a1-b2"),
            ("X__y", "x-y"),
            ("_x", "x"),
            ("_1", "n1"),
            ("___", "n"),
            ("vec_3_f", "vec3-f"),
            ("x_", "x"),
        ] {
            assert_eq!(kebab(identifier), label, "{identifier}");
        }
    }

    fn claim(names: &[&str], kind: Kind) -> Vec<String> {
        let names: Vec<_> = names.iter().map(|n| (n.to_string(), kebab(n))).collect();
        Scope::default().claim_all(&names, kind)
    }

    #[test]
    fn clashes_do_not_depend_on_order() {
        assert_eq!(claim(&["fooBar", "foo_bar", "FooBar"], Kind::Field), ["foo-bar2", "foo-bar3", "foo-bar"]);
        assert_eq!(claim(&["FooBar", "fooBar", "foo_bar"], Kind::Field), ["foo-bar", "foo-bar2", "foo-bar3"]);
    }

    #[test]
    fn a_number_never_takes_the_name_of_another() {
        assert_eq!(claim(&["a_b", "aB", "aB2"], Kind::Field), ["a-b3", "a-b", "a-b2"]);
    }

    #[test]
    fn hyphens_alone_do_not_make_a_difference() {
        assert_eq!(claim(&["foobar", "foo_bar"], Kind::Field), ["foobar2", "foo-bar"]);
    }

    #[test]
    fn reserved_names_are_changed() {
        assert_eq!(
            claim(&["Option", "Guest", "OptionType"], Kind::Type),
            ["option-type2", "guest-type", "option-type"]
        );
        assert_eq!(claim(&["gen", "type"], Kind::Field), ["gen-field", "type"]);
        assert_eq!(snake("type"), "type_");
        assert_eq!(wit_id("type"), "%type");
    }

    #[test]
    fn tables_of_words_are_sorted() {
        for words in [RESERVED_TYPES, RESERVED_METHODS, RESERVED_MOCKS, RESERVED_MODULES, WIT_KEYWORDS, RUST_KEYWORDS] {
            assert!(words.is_sorted(), "{words:?}");
        }
    }
}
