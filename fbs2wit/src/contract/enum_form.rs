use std::collections::BTreeSet;

use super::UnknownCase;
use crate::model::{Element, EnumId, EnumKind, Presence, Schema, Type, Value};

/// What the values of an enum are in WIT and Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnumForm {
    /// One of the cases, which are 0, 1, 2 and so on without a gap, so that WIT's own enum holds them; any other value is
    /// an error.
    Closed,
    /// One of the cases, or a number without a name.
    Open(UnknownCase),
    /// A set of the cases, each of which is one bit; a bit without a name is an error.
    Flags,
    /// An integer whose bits the cases name, and which may have others. Bit flags are that where flags of WIT cannot be
    /// all that the schema says: they have one to 32 names and no bit without one.
    Integer {
        /// The Rust module of the masks; `None` when there are no names.
        module: Option<String>,
    },
}

/// How many names flags of WIT may have.
const MAX_FLAGS: usize = 32;

/// The bit flags that are integers in WIT and Rust, because flags of WIT cannot be all that the schema says: they have no
/// name or too many, or a field has a default with a bit that has none.
pub(crate) fn integers(schema: &Schema) -> BTreeSet<EnumId> {
    let flags = (0..).map(EnumId).zip(&schema.enums).filter(|(_, e)| e.kind == EnumKind::BitFlags);
    let mut integers: BTreeSet<EnumId> =
        flags.filter(|(_, e)| !(1..=MAX_FLAGS).contains(&e.values.len())).map(|(id, _)| id).collect();
    for field in schema.objects.iter().flat_map(|object| object.live_fields()) {
        let (Presence::Default(Value::Int(default)), Type::Single(Element::Enum(id))) = (&field.presence, field.ty)
        else {
            continue;
        };
        let e = schema.enumeration(id);
        let named = e.values.iter().fold(0, |all, value| all | value.value);
        if e.kind == EnumKind::BitFlags && default & !named != 0 {
            integers.insert(id);
        }
    }
    integers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Contract, ContractOptions, EnumForm, lower};
    use crate::{CompileOptions, MemoryLoader, compile, wit};

    fn schema(text: &str) -> Schema {
        let loader = MemoryLoader::new().file("x.fbs", text);
        compile("x.fbs".as_ref(), &CompileOptions::default(), &loader).unwrap().schema
    }

    fn contract(schema: &Schema) -> Contract {
        let options = ContractOptions { plugin_required: false, ..ContractOptions::default() };
        lower(schema, &options).unwrap()
    }

    #[test]
    fn names_and_defaults_decide() {
        let names = |count: usize| (0..count).map(|i| format!("n{i},")).collect::<String>();
        let text = format!(
            "enum Most : ulong (bit_flags) {{ {} }} enum More : ulong (bit_flags) {{ {} }}
             enum Named : ubyte (bit_flags) {{ A, B }} enum Old : ubyte (bit_flags) {{ A }}
             enum Other : ubyte (bit_flags) {{ A }} enum Plain : ubyte {{ A, B, C }}
             table T {{ a:Named = \"A B\"; b:Old = 2 (deprecated); c:Other = 3; d:Plain = B; }}",
            names(32),
            names(33)
        );
        let schema = schema(&text);
        let names: Vec<&str> = integers(&schema).iter().map(|id| schema.enumeration(*id).name.name.as_str()).collect();
        assert_eq!(names, ["More", "Other"]);
        let contract = contract(&schema);
        let forms: Vec<&EnumForm> = contract.enums().map(|e| &e.form).collect();
        let module = |name: &str| EnumForm::Integer { module: Some(name.to_owned()) };
        let flags = &EnumForm::Flags;
        assert_eq!(forms, [flags, &module("more"), flags, flags, &module("other"), &EnumForm::Closed]);
    }

    /// flatc names a bit `NONE` where a schema names none; a binary schema may have none at all.
    #[test]
    fn without_names_there_is_no_module() {
        let mut schema = schema("enum E : ushort (bit_flags) {} table T { e:E; }");
        assert_eq!(contract(&schema).types[0].label(), "e");
        schema.enums[0].values.clear();
        let contract = contract(&schema);
        assert_eq!(contract.enums().map(|e| e.form.clone()).collect::<Vec<_>>(), [EnumForm::Integer { module: None }]);
        let text = wit::emit(&contract);
        assert!(text.contains("    /// Any bits.\n    type e = u16;\n"), "{text}");
    }

    #[test]
    fn modules_hide_nothing_and_do_not_clash() {
        let all = ["U8", "Host", "type", "Gen", "HookrAbi", "Mine"];
        let enums: String = all.iter().map(|name| format!("enum {name} : uint (bit_flags) {{ A }} ")).collect();
        let fields: String = all.iter().map(|name| format!("f{name}:{name} = 6; ")).collect();
        let contract = contract(&schema(&format!("{enums} table T {{ {fields} }}")));
        let modules = contract.enums().map(|e| match &e.form {
            EnumForm::Integer { module: Some(module) } => module.as_str(),
            other => panic!("{other:?}"),
        });
        let modules: Vec<&str> = modules.collect();
        assert_eq!(modules, ["u8_", "host_type", "type_", "gen_", "hookr_abi_", "mine"]);
    }
}
