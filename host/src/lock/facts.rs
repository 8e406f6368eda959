//! What a component says at its top level: names of imports and exports. Modules and components inside are passed over.

use std::collections::BTreeSet;

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExport, ComponentExternalKind, ComponentImport, ComponentOuterAliasKind,
    ComponentType, ComponentTypeRef, InstanceTypeDeclaration, SectionLimited,
};

use crate::parse::{PREAMBLE, malformed};
use crate::{Need, OpenError};

/// What is locked of a component's world.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(super) imports: BTreeSet<String>,
    pub(super) exports: BTreeSet<String>,
    pub(super) grants: BTreeSet<Need>,
}

/// The numbers of sections of components.
const ALIASES: u8 = 6;
const TYPES: u8 = 7;
const IMPORTS: u8 = 10;
const EXPORTS: u8 = 11;

impl Facts {
    /// Reads them. That takes time in proportion to what is at the top level, which a scan has found to be within limits.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, OpenError> {
        let mut reader = Reader::default();
        reader.run(bytes).map_err(|error| malformed(bytes, &error))?;
        Ok(reader.facts)
    }
}

#[derive(Default)]
struct Reader {
    facts: Facts,
    /// The types of the component: whether an instance of that type would have more than names of types in it.
    types: Vec<bool>,
}

impl Reader {
    fn run(&mut self, bytes: &[u8]) -> wasmparser::Result<()> {
        let mut reader = BinaryReader::new(bytes, 0);
        reader.read_bytes(PREAMBLE)?;
        while !reader.eof() {
            let id = reader.read_u8()?;
            let section = reader.read_reader()?;
            match id {
                ALIASES => self.each(section, Self::alias)?,
                TYPES => self.each(section, Self::define)?,
                IMPORTS => self.each(section, Self::import)?,
                EXPORTS => self.each(section, Self::export)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn each<'a, T: wasmparser::FromReader<'a>>(
        &mut self,
        section: BinaryReader<'a>,
        entry: impl Fn(&mut Self, T),
    ) -> wasmparser::Result<()> {
        for item in SectionLimited::<T>::new(section)? {
            entry(self, item?);
        }
        Ok(())
    }

    fn define(&mut self, ty: ComponentType<'_>) {
        let has_more = match &ty {
            ComponentType::Instance(declarations) => declarations.iter().any(|declaration| match declaration {
                InstanceTypeDeclaration::Export { ty, .. } => !matches!(ty, ComponentTypeRef::Type(_)),
                _ => false,
            }),
            _ => true,
        };
        self.types.push(has_more);
    }

    /// What is inside of a type from elsewhere is not followed: it counts as more than names.
    fn alias(&mut self, alias: ComponentAlias<'_>) {
        if matches!(
            alias,
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Type, .. }
                | ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. }
        ) {
            self.types.push(true);
        }
    }

    fn import(&mut self, import: ComponentImport<'_>) {
        let name = import.name.full_name();
        let has_more = match import.ty {
            ComponentTypeRef::Instance(index) => {
                usize::try_from(index).ok().and_then(|index| self.types.get(index)).is_none_or(|more| *more)
            }
            _ => true,
        };
        // One that has only names of types asks for nothing; those of the base are linked together.
        if let Some(need) = Need::of(&name)
            && (has_more || need.is_of_base())
        {
            self.facts.grants.insert(need);
        }
        self.facts.imports.insert(name.into_owned());
        self.named(import.ty);
    }

    fn export(&mut self, export: ComponentExport<'_>) {
        self.facts.exports.insert(export.name.full_name().into_owned());
        if export.kind == ComponentExternalKind::Type {
            self.types.push(true);
        }
    }

    /// An import of a type has a number among the types.
    fn named(&mut self, ty: ComponentTypeRef) {
        if matches!(ty, ComponentTypeRef::Type(_)) {
            self.types.push(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Facts {
        Facts::read(&wat::parse_str(text).unwrap()).unwrap()
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_those_of_the_top_level() {
        let found = facts(
            r#"(component
                (import "b" (func))
                (import "a" (instance))
                (component (import "inside" (func)) (export "there" (func 0)))
                (core module (func (export "core")))
                (export "y" (func 0))
                (export "x" (instance 0)))"#,
        );
        assert_eq!((found.imports, found.exports), (set(&["a", "b"]), set(&["x", "y"])));
        assert!(found.grants.is_empty());
    }

    #[test]
    fn an_import_of_names_alone_asks_for_nothing() {
        let text = |clock: &str| {
            format!(
                r#"(component
                    (type (record (field "seconds" u64)))
                    (import "wasi:cli/stdout@0.2.0" (instance))
                    (import "wasi:clocks/wall-clock@0.2.0" (instance {clock})))"#
            )
        };
        assert_eq!(facts(&text(r#"(export "t" (type (sub resource)))"#)).grants, [Need::Output].into());
        assert_eq!(facts(&text("")).grants, [Need::Output].into());
        assert_eq!(facts(&text(r#"(export "now" (func))"#)).grants, [Need::Output, Need::WallClock].into());
    }

    /// The numbers of types go on over aliases, imports and exports of types.
    #[test]
    fn the_type_of_an_instance_is_found_by_its_number() {
        let found = facts(
            r#"(component
                (type $empty (instance))
                (import "t" (type $t (sub resource)))
                (import "i" (instance $i (export "u" (type (sub resource)))))
                (alias export $i "u" (type $u))
                (export $exported "e" (type $u))
                (type $clock (instance (export "now" (func))))
                (import "wasi:clocks/wall-clock@0.2.0" (instance (type $clock)))
                (import "wasi:random/random@0.2.0" (instance (type $empty))))"#,
        );
        assert_eq!(found.grants, [Need::WallClock].into());
    }

    #[test]
    fn damage_is_an_error() {
        let bytes = wat::parse_str(r#"(component (import "b" (func)) (export "y" (func 0)))"#).unwrap();
        assert!(Facts::read(&bytes[..bytes.len() - 1]).is_err());
        assert!(Facts::read(b"\0asm").is_err());
    }
}
