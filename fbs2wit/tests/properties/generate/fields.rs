//! Tables, structs and their fields.

use fbs2wit::model::Scalar;

use super::words::{CONFUSING_NAMES, FIELD_NAMES};
use super::{Generator, Kind, Planned, Style};

/// The largest struct, so that arrays of structs of arrays stay small.
const MAX_SIZE: usize = 4000;

/// A field of a table before it is written.
struct Line {
    name: String,
    ty: String,
    default: Option<String>,
    attributes: Vec<String>,
    /// Unions take two.
    slots: usize,
    /// Whether the field may be a key.
    is_sortable: bool,
}

impl Generator<'_> {
    pub(super) fn table(&mut self) {
        let mut fields: Vec<Line> = Vec::new();
        for _ in 0..self.choices.below(9) {
            let taken: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
            let name = self.field_name(&taken);
            fields.push(self.table_field(name));
        }
        let sortable: Vec<usize> = (0..fields.len()).filter(|at| fields[*at].is_sortable).collect();
        if !sortable.is_empty() && self.choices.chance(20) {
            let key = sortable[self.choices.below(sortable.len())];
            fields[key].attributes.push("key".to_owned());
        }
        if self.choices.chance(20) {
            let mut order: Vec<usize> = (0..fields.len()).collect();
            self.choices.shuffle(&mut order);
            let mut next = 0;
            for at in order {
                next += fields[at].slots;
                fields[at].attributes.push(format!("id: {}", next - 1));
            }
        }
        let attributes = self.attributes(Vec::new());
        let name = self.types[self.at].name.clone();
        self.line(&format!("table {name}{attributes} {{"));
        for field in fields {
            self.docs("  ");
            let default = field.default.map(|default| format!(" = {default}")).unwrap_or_default();
            let attributes = self.attributes(field.attributes);
            self.line(&format!("  {}:{}{default}{attributes};", field.name, field.ty));
        }
        self.line("}");
    }

    fn field_name(&mut self, taken: &[String]) -> String {
        let confusing = self.style == Style::Confusing && self.choices.chance(10);
        self.fresh(if confusing { CONFUSING_NAMES } else { FIELD_NAMES }, taken)
    }

    fn table_field(&mut self, name: String) -> Line {
        let mut line =
            Line { name, ty: String::new(), default: None, attributes: Vec::new(), slots: 1, is_sortable: false };
        match self.choices.below(if self.style == Style::Nested { 20 } else { 10 }) {
            1 => self.string(&mut line),
            2 => self.single_enum(&mut line),
            3 | 4 => self.object(&mut line),
            5 | 9 => self.single_union(&mut line),
            6 | 7 => self.vector(&mut line),
            8 | 10.. => self.bytes(&mut line),
            _ => self.single_scalar(&mut line),
        }
        if line.ty.is_empty() {
            self.single_scalar(&mut line);
        }
        if self.choices.chance(8) {
            line.attributes.push("deprecated".to_owned());
        }
        line
    }

    fn single_scalar(&mut self, line: &mut Line) {
        let scalar = self.scalar();
        scalar.clone_into(&mut line.ty);
        line.is_sortable = true;
        match self.choices.below(4) {
            1 | 2 => line.default = Some(self.constant(scalar)),
            3 => {
                line.default = Some("null".to_owned());
                line.is_sortable = false;
            }
            _ => {}
        }
        self.hash(line, scalar);
    }

    /// `hash`, with the type that C++ has for it or not.
    fn hash(&mut self, line: &mut Line, scalar: &str) {
        let bits = Scalar::from_name(scalar).filter(|scalar| scalar.int_range().is_some()).map_or(0, |s| s.size() * 8);
        if bits >= 16 && self.choices.chance(6) {
            line.attributes.push(format!("hash: \"fnv1a_{bits}\""));
            if self.choices.chance(30) {
                line.attributes.push("cpp_type: \"T\"".to_owned());
            }
        }
    }

    fn string(&mut self, line: &mut Line) {
        "string".clone_into(&mut line.ty);
        line.is_sortable = true;
        match self.choices.below(6) {
            1 | 2 => {
                line.default = Some(self.quoted());
                // A key is required, so that nothing but a flag of flatc's binary schema tells of its default.
                line.is_sortable = false;
            }
            3 => line.attributes.push("required".to_owned()),
            4 => {
                line.attributes.push("hookr_optional".to_owned());
                line.is_sortable = false;
            }
            5 => line.attributes.push("shared".to_owned()),
            _ => {}
        }
        if self.wide && self.choices.chance(20) {
            line.attributes.push("offset64".to_owned());
        }
    }

    fn known_enum(&mut self) -> Option<usize> {
        let here = self.at;
        self.find(|at, planned| at < here && planned.kind == Kind::Enum)
    }

    fn single_enum(&mut self, line: &mut Line) {
        let Some(target) = self.known_enum() else { return };
        line.ty = self.spell(target);
        line.is_sortable = true;
        let planned = &self.types[target];
        let (has_zero, is_flags, underlying) = (planned.has_zero(), planned.is_flags, planned.underlying);
        let values = planned.values.clone();
        // `null` means that there is no value, unless it is one.
        let named: Vec<_> = values.iter().filter(|(name, _)| name != "null").collect();
        let has_null = named.len() < values.len();
        let choice = self.choices.below(6);
        line.default = match choice {
            0 if has_zero => None,
            1 if !has_null => {
                line.is_sortable = false;
                Some("null".to_owned())
            }
            2 | 5 if is_flags => Some(self.constant(underlying).replace('-', "")).filter(|text| {
                let range = Scalar::from_name(underlying).unwrap().int_range().unwrap();
                text.parse().is_ok_and(|number: i128| range.contains(&number))
            }),
            3 if is_flags && !named.is_empty() => {
                let some: Vec<&str> =
                    named.iter().map(|(name, _)| name.as_str()).filter(|_| self.choices.chance(60)).collect();
                (!some.is_empty()).then(|| format!("\"{}\"", some.join(" ")))
            }
            _ if named.is_empty() => values.first().map(|(_, value)| value.to_string()),
            _ => {
                let (name, value) = named[self.choices.below(named.len())];
                Some(if self.choices.chance(30) { value.to_string() } else { name.clone() })
            }
        };
    }

    fn object(&mut self, line: &mut Line) {
        let Some(target) = self.find_object() else { return };
        line.ty = self.spell(target);
        let is_known_struct = target < self.at && self.types[target].kind == Kind::Struct;
        match self.choices.below(5) {
            1 if self.may_require(target) => line.attributes.push("required".to_owned()),
            2 if is_known_struct => line.attributes.push("native_inline".to_owned()),
            3 => line.is_sortable = is_known_struct,
            _ => {}
        }
    }

    fn known_union(&mut self) -> Option<usize> {
        let here = self.at;
        self.find(|at, planned| at < here && planned.kind == Kind::Union)
    }

    fn single_union(&mut self, line: &mut Line) {
        let Some(target) = self.known_union() else { return };
        line.ty = self.spell(target);
        line.slots = 2;
        if self.choices.chance(20) && self.may_require(target) {
            line.attributes.push("required".to_owned());
        }
    }

    fn vector(&mut self, line: &mut Line) {
        let target = match self.choices.below(6) {
            1 => self.known_enum(),
            2 => self.known_union(),
            3 | 4 => self.find_object(),
            _ => None,
        };
        let element = match target {
            Some(target) => self.spell(target),
            None if self.choices.chance(30) => "string".to_owned(),
            None => self.scalar().to_owned(),
        };
        let is_known_struct = target.is_some_and(|at| at < self.at && self.types[at].kind == Kind::Struct);
        let is_union = target.is_some_and(|at| self.types[at].kind == Kind::Union);
        let is_scalar = Scalar::from_name(&element).is_some();
        line.ty = format!("[{element}]");
        line.slots = if is_union { 2 } else { 1 };
        match self.choices.below(6) {
            1 => line.default = Some("[]".to_owned()),
            2 => line.attributes.push("required".to_owned()),
            3 => line.attributes.push("hookr_optional".to_owned()),
            4 => {
                let align = self.choices.pick(&["16", "8", "1", "32"]);
                line.attributes.push(format!("force_align: {align}"));
            }
            5 if self.wide && (is_scalar || is_known_struct) => {
                line.attributes.push(self.choices.pick(&["vector64", "offset64"]).to_owned());
            }
            _ => {}
        }
    }

    fn bytes(&mut self, line: &mut Line) {
        self.choices.pick(&["[ubyte]", "[uint8]"]).clone_into(&mut line.ty);
        match self.choices.below(4) {
            1 => line.attributes.push("flexbuffer".to_owned()),
            2 | 3 => {
                if let Some(target) = self.find(|_, planned| planned.kind == Kind::Table) {
                    let name = self.spell(target);
                    line.attributes.push(format!("nested_flatbuffer: \"{name}\""));
                }
            }
            _ => {}
        }
    }

    pub(super) fn structure(&mut self) {
        let own = if self.choices.chance(15) { vec!["force_align: 32".to_owned()] } else { Vec::new() };
        let attributes = self.attributes(own);
        let name = self.types[self.at].name.clone();
        self.line(&format!("struct {name}{attributes} {{"));
        let mut taken: Vec<String> = Vec::new();
        let (mut size, mut has_key) = (32, false);
        for _ in 0..=self.choices.below(5) {
            let name = self.field_name(&taken);
            let (element, each) = self.struct_element();
            let length = if self.choices.chance(30) { [3, 1, 16, 17, 20, 300][self.choices.below(6)] } else { 0 };
            let added = each * length.max(1) + 32;
            let (element, length, added) =
                if size + added > MAX_SIZE { ("ubyte".to_owned(), 0, 1) } else { (element, length, added) };
            size += added;
            let ty = if length > 0 { format!("[{element}:{length}]") } else { element.clone() };
            let is_key = !has_key && self.choices.chance(10);
            has_key |= is_key;
            let is_zero = length == 0 && Scalar::from_name(&element).is_some() && self.choices.chance(10);
            let default = if is_zero { " = 0" } else { "" };
            self.docs("  ");
            let attributes = self.attributes(if is_key { vec!["key".to_owned()] } else { Vec::new() });
            self.line(&format!("  {name}:{ty}{default}{attributes};"));
            taken.push(name);
        }
        self.line("}");
        self.types[self.at].size = size;
    }

    /// What can be in a struct, and its size.
    fn struct_element(&mut self) -> (String, usize) {
        let here = self.at;
        let fits = |at: usize, planned: &Planned| match planned.kind {
            Kind::Struct => at < here,
            Kind::Enum => at < here && planned.has_zero(),
            Kind::Table | Kind::Union => false,
        };
        match if self.choices.chance(40) { self.find(fits) } else { None } {
            Some(target) => {
                let size = self.types[target].size.max(8);
                (self.spell(target), size)
            }
            None => (self.scalar().to_owned(), 8),
        }
    }
}
