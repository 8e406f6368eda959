//! What a component imports and exports.

use wit_component::{OutputToString, WitPrinter};
use wit_parser::decoding::DecodedWasm;
use wit_parser::{Resolve, WorldItem, WorldKey};

use super::signature;

/// The imports and exports of a component cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorldError {
    /// It is invalid, or uses what WIT cannot express.
    #[error("the imports and exports of the component cannot be read")]
    Decode(#[source] anyhow::Error),
    /// It is a component only in form: WIT text as a binary.
    #[error("this is a WIT package in binary form, not a plugin")]
    Package,
}

/// Whether an interface is one of WASI, the system interface that many tools and libraries are made for.
pub(super) fn is_wasi(interface: &str) -> bool {
    interface.starts_with("wasi:")
}

/// The imports and exports of a component, each sorted by name.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// What it needs.
    pub(crate) imports: Vec<Item>,
    /// What it offers.
    pub(crate) exports: Vec<Item>,
    /// The packages of WASI that it imports from, as WIT that stands behind another package.
    pub(crate) wasi: String,
}

/// An import or an export.
#[derive(Debug)]
pub(crate) struct Item {
    /// The full name: `hookr-test:tick-loop/rng`.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: ItemKind,
}

/// What an import or an export is.
#[derive(Debug)]
pub(crate) enum ItemKind {
    /// An instance of an interface, with its functions in order.
    Interface(Vec<Function>),
    /// A function at the top level, with its signature.
    Function(String),
    /// A type.
    Type,
}

/// A function of an interface.
#[derive(Debug)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// Its type, `func(request: empty) -> result<plugin-info, error>` for instance.
    pub(crate) signature: String,
}

impl World {
    /// Reads it from a component.
    pub(crate) fn of(component: &[u8]) -> Result<Self, WorldError> {
        let (resolve, world) = match wit_component::decode(component).map_err(WorldError::Decode)? {
            DecodedWasm::Component(resolve, world) => (resolve, world),
            DecodedWasm::WitPackage(..) => return Err(WorldError::Package),
        };
        let Some(world) = resolve.worlds.get(world) else { return Ok(World::default()) };
        let items = |items: &mut dyn Iterator<Item = (&WorldKey, &WorldItem)>| {
            let mut items: Vec<Item> = items.map(|(key, item)| Item::new(&resolve, key, item)).collect();
            items.sort_by(|a, b| a.name.cmp(&b.name));
            items
        };
        Ok(World {
            imports: items(&mut world.imports.iter()),
            exports: items(&mut world.exports.iter()),
            wasi: wasi_packages(&resolve).map_err(WorldError::Decode)?,
        })
    }

    /// The interfaces of WASI that are imported.
    pub(crate) fn wasi_imports(&self) -> impl Iterator<Item = &str> {
        self.imports.iter().map(|item| item.name.as_str()).filter(|name| is_wasi(name))
    }

    /// Whether a function of an interface is exported.
    pub(crate) fn exports(&self, interface: &str, function: &str) -> bool {
        self.exports.iter().any(|item| item.name == interface && item.has(function))
    }

    /// Whether there is an import of this name.
    pub(crate) fn has_import(&self, name: &str) -> bool {
        self.imports.iter().any(|item| item.name == name)
    }

    /// Whether there is a lane, over which hosts call faster.
    pub(crate) fn has_lane(&self) -> bool {
        self.exports.iter().any(|item| item.name == hookr_abi::lane::INTERFACE)
    }

    /// Whether the plugin hands its state over to another version of it.
    pub(crate) fn has_state(&self) -> bool {
        self.exports.iter().any(|item| item.name == hookr_abi::state::INTERFACE)
    }

    /// Whether a function of an interface is imported.
    pub(crate) fn imports(&self, interface: &str, function: &str) -> bool {
        self.imports.iter().any(|item| item.name == interface && item.has(function))
    }
}

fn wasi_packages(resolve: &Resolve) -> anyhow::Result<String> {
    let mut printer = WitPrinter::<OutputToString>::default();
    for (id, package) in resolve.packages.iter() {
        if is_wasi(&package.name.to_string()) {
            printer.print_package(resolve, id, false)?;
        }
    }
    Ok(printer.output.to_string())
}

impl Item {
    fn new(resolve: &Resolve, key: &WorldKey, item: &WorldItem) -> Self {
        let name = match key {
            WorldKey::Name(name) => name.clone(),
            WorldKey::Interface(id) => resolve.id_of(*id).unwrap_or_default(),
        };
        let kind = match item {
            WorldItem::Interface { id, .. } => {
                let functions = resolve.interfaces.get(*id).into_iter().flat_map(|interface| &interface.functions);
                let functions = functions.map(|(name, function)| Function {
                    name: name.clone(),
                    signature: signature::function(resolve, function),
                });
                ItemKind::Interface(functions.collect())
            }
            WorldItem::Function(function) => ItemKind::Function(signature::function(resolve, function)),
            WorldItem::Type { .. } => ItemKind::Type,
        };
        Item { name, kind }
    }

    /// The functions, of an interface.
    pub(crate) fn functions(&self) -> &[Function] {
        match &self.kind {
            ItemKind::Interface(functions) => functions,
            ItemKind::Function(_) | ItemKind::Type => &[],
        }
    }

    fn has(&self, function: &str) -> bool {
        self.functions().iter().any(|known| known.name == function)
    }
}
