//! Declarations.

use fbs2wit::model::Scalar;

use super::words::{
    ATTRIBUTE_VALUES, DOCS, FLOATS, INTEGERS, METHOD_NAMES, SCALARS, SERVICE_NAMES, STRINGS, VALUE_NAMES,
};
use super::{Generator, Kind, Style};

/// The declaration of attributes; one of them has no name that could stand without quotes.
const ATTRIBUTES: &str = "attribute \"priority\"; attribute hookr_optional; attribute \"odd name\";\n";

impl Generator<'_> {
    /// Everything.
    pub(super) fn write(&mut self) {
        self.text += ATTRIBUTES;
        for at in 0..self.types.len() {
            self.at = at;
            self.enter(self.types[at].namespace);
            self.docs("");
            match self.types[at].kind {
                Kind::Table => self.table(),
                Kind::Struct => self.structure(),
                Kind::Enum => self.enumeration(),
                Kind::Union => self.union(),
            }
            if self.style == Style::Confusing && self.choices.chance(10) {
                self.service(at);
            }
        }
        self.at = self.types.len();
        for number in 0..self.choices.below(4) {
            self.service(self.at + number);
        }
        self.file();
    }

    fn enter(&mut self, namespace: &'static str) {
        if self.namespace != namespace {
            self.namespace = namespace;
            self.line(&format!("namespace {namespace};"));
        }
    }

    fn file(&mut self) {
        if self.choices.chance(40)
            && let Some(root) = self.find(|_, planned| planned.kind == Kind::Table)
        {
            let full = self.types[root].full();
            self.line(&format!("root_type {full};"));
        }
        if self.choices.chance(30) {
            let identifier = self.choices.pick(&["ABCD", r#"\"\\A\n"#, "\u{e9}\u{e9}"]);
            self.line(&format!("file_identifier \"{identifier}\";"));
        }
        if self.choices.chance(30) {
            let extension = self.choices.pick(&["bin", "mon", r"a\tb"]);
            self.line(&format!("file_extension \"{extension}\";"));
        }
        if self.choices.chance(30) {
            let last = self.choices.pick(super::CLEAR_NAMESPACES);
            self.line(&format!("namespace {last};"));
        }
    }

    pub(super) fn docs(&mut self, indent: &str) {
        if self.choices.chance(25) {
            for _ in 0..=self.choices.below(3) {
                let line = self.choices.pick(DOCS);
                self.line(&format!("{indent}///{line}"));
            }
        }
    }

    /// Attributes that mean nothing, with the blank before the parenthesis; `list` comes first.
    pub(super) fn attributes(&mut self, mut list: Vec<String>) -> String {
        if self.choices.chance(12) {
            let value = self.choices.pick(ATTRIBUTE_VALUES);
            list.push(format!("priority: {value}"));
        }
        if self.choices.chance(6) {
            list.push("\"odd name\"".to_owned());
        }
        if self.choices.chance(6) {
            list.push("native_type: \"ns::Type\"".to_owned());
        }
        if self.choices.chance(6) {
            list.push("private".to_owned());
        }
        self.choices.shuffle(&mut list);
        if list.is_empty() { String::new() } else { format!(" ({})", list.join(", ")) }
    }

    fn enumeration(&mut self) {
        let underlying = self.choices.pick(INTEGERS);
        let scalar = Scalar::from_name(underlying).unwrap();
        let range = scalar.int_range().unwrap();
        let is_flags = self.choices.chance(30);
        let bits = scalar.size() * 8 - u32::from(*range.start() < 0);
        let (low, high) = if is_flags { (0, i128::from(bits) - 1) } else { (*range.start(), *range.end()) };
        // More names than flags of WIT can have, where the type has so many bits.
        let is_full = is_flags && self.choices.chance(25);
        let count = if is_full { bits as usize } else { self.choices.below(7) };
        let count = count.min(usize::try_from(high - low).unwrap_or(usize::MAX));
        let mut numbers: Vec<i128> = Vec::new();
        let mut number = [0, low, -1, 1, high - 8, 100][self.choices.below(6)].clamp(low, high);
        while numbers.len() < count && number <= high {
            numbers.push(number);
            number += if is_full { 1 } else { [1, 1, 1, 2, 7, high - number][self.choices.below(6)].max(1) };
        }
        let mut values: Vec<(String, i128)> = Vec::new();
        for number in numbers {
            let taken: Vec<String> = values.iter().map(|(name, _)| name.clone()).collect();
            let name = self.fresh(VALUE_NAMES, &taken);
            values.push((name, number));
        }
        // The order of declaration is not that of the values.
        let mut lines: Vec<(String, i128)> = values.clone();
        if self.choices.chance(20) {
            self.choices.shuffle(&mut lines);
        }
        let own = if is_flags { vec!["bit_flags".to_owned()] } else { Vec::new() };
        let attributes = self.attributes(own);
        let name = self.types[self.at].name.clone();
        self.line(&format!("enum {name} : {underlying}{attributes} {{"));
        let mut next = 0;
        for (name, number) in &lines {
            self.docs("  ");
            let written = match *number == next && self.choices.chance(80) {
                true => String::new(),
                false if self.choices.chance(20) && *number >= 0 => format!(" = {number:#x}"),
                false => format!(" = {number}"),
            };
            let attributes = self.attributes(Vec::new());
            self.line(&format!("  {name}{written}{attributes},"));
            next = number + 1;
        }
        self.line("}");
        if values.is_empty() {
            values.push(("NONE".to_owned(), 0));
        }
        let planned = &mut self.types[self.at];
        if is_flags {
            values.iter_mut().for_each(|(_, value)| *value = 1 << *value);
        }
        (planned.values, planned.is_flags, planned.underlying) = (values, is_flags, underlying);
    }

    fn union(&mut self) {
        let underlying = if self.choices.chance(15) { self.choices.pick(INTEGERS) } else { "ubyte" };
        let high = *Scalar::from_name(underlying).unwrap().int_range().unwrap().end();
        let attributes = self.attributes(Vec::new());
        let name = self.types[self.at].name.clone();
        let colon = if underlying == "ubyte" { String::new() } else { format!(" : {underlying}") };
        self.line(&format!("union {name}{colon}{attributes} {{"));
        let mut taken: Vec<String> = vec!["NONE".to_owned()];
        let mut next = 1;
        for _ in 0..self.choices.below(6) {
            if next > high {
                break;
            }
            self.docs("  ");
            let (member, has_end) = match self.find_object() {
                Some(target) if !self.choices.chance(15) => (self.spell(target), target < self.at),
                _ => ("string".to_owned(), true),
            };
            let at = self.at;
            self.types[at].has_end |= has_end;
            let bare = member.replace('.', "_");
            let alias = if member == "string" || taken.contains(&bare) || self.choices.chance(25) {
                Some(self.fresh(VALUE_NAMES, &taken))
            } else {
                None
            };
            let value = if self.choices.chance(20) {
                next = high.min(next + [0, 1, 5, high - next][self.choices.below(4)]);
                format!(" = {next}")
            } else {
                String::new()
            };
            let attributes = self.attributes(Vec::new());
            match alias {
                Some(alias) => {
                    self.line(&format!("  {alias}: {member}{value}{attributes},"));
                    taken.push(alias);
                }
                None => {
                    self.line(&format!("  {member}{value}{attributes},"));
                    taken.push(bare);
                }
            }
            next += 1;
        }
        self.line("}");
    }

    fn service(&mut self, number: usize) {
        let is_table = |_: usize, planned: &super::Planned| planned.kind == Kind::Table;
        if self.find(is_table).is_none() {
            return;
        }
        self.docs("");
        let name = self.choices.pick(SERVICE_NAMES);
        let name = if number == self.types.len() { name.to_owned() } else { format!("{name}{number}") };
        let attributes = self.attributes(Vec::new());
        self.line(&format!("rpc_service {name}{attributes} {{"));
        let mut taken: Vec<String> = Vec::new();
        for _ in 0..=self.choices.below(4) {
            let method = self.fresh(METHOD_NAMES, &taken);
            let (Some(request), Some(response)) = (self.find(is_table), self.find(is_table)) else { return };
            let (request, response) = (self.spell(request), self.spell(response));
            self.docs("  ");
            let mut own = Vec::new();
            if self.choices.chance(5) {
                let some = ["streaming: \"none\"", "idempotent", "streaming: \"server\""];
                let end = if self.style == Style::Contract { 2 } else { 3 };
                own.push(self.choices.pick(&some[..end]).to_owned());
            }
            if name == "Plugin" && self.choices.chance(20) {
                own.push("hookr_optional".to_owned());
            }
            let attributes = self.attributes(own);
            self.line(&format!("  {method}({request}):{response}{attributes};"));
            taken.push(method);
        }
        self.line("}");
    }

    /// A constant of a scalar type.
    pub(super) fn constant(&mut self, scalar: &str) -> String {
        let scalar = Scalar::from_name(scalar).unwrap();
        match scalar.int_range() {
            Some(range) => {
                let (low, high) = (*range.start(), *range.end());
                [1, 0, low, high, 42, high - 1][self.choices.below(6)].to_string()
            }
            None if scalar.is_float() => self.choices.pick(FLOATS).to_owned(),
            None => self.choices.pick(&["true", "false", "1", "0"]).to_owned(),
        }
    }

    pub(super) fn scalar(&mut self) -> &'static str {
        self.choices.pick(SCALARS)
    }

    pub(super) fn quoted(&mut self) -> String {
        format!("\"{}\"", self.choices.pick(STRINGS))
    }
}
