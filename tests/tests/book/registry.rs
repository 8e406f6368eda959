//! The code of `docs/src/how-to/registry.md`.

// ANCHOR: open
use std::path::Path;

use hookr::{Builder, Registry, RegistryError};

/// Opens what a manifest names: a builder for each contract, with the callbacks that its plugins get.
fn open(
    filters: Builder<textfilter::PluginHandle>,
    games: Builder<tickloop::PluginHandle>,
    manifest: &Path,
) -> Result<Registry, RegistryError> {
    let registry = Registry::builder().contract(filters).contract(games).open_manifest(manifest)?;
    for (name, error) in registry.errors() {
        eprintln!("{name} is not there: {error}");
    }
    Ok(registry)
}
// ANCHOR_END: open

// ANCHOR: get
use textfilter::FilterRequest;

fn filter(registry: &Registry, line: &str) -> Result<String, Box<dyn std::error::Error>> {
    let plugin: textfilter::PluginHandle = registry.get("filter")?;
    let request = FilterRequest { input: line.into(), ..FilterRequest::default() };
    Ok(plugin.filter(&request)?.output)
}
// ANCHOR_END: get

// ANCHOR: of
/// The plugins of one contract, by their names.
fn games(registry: &Registry) -> Vec<String> {
    let games = registry.of::<tickloop::PluginHandle>();
    games.map(|(name, plugin)| format!("{name} {}", plugin.metadata().sha256())).collect()
}
// ANCHOR_END: of

// ANCHOR: folder
/// Every `*.wasm` of a folder that a key of the application has signed, four at a time.
fn open_folder(
    filters: Builder<textfilter::PluginHandle>,
    keys: &Path,
    folder: &Path,
) -> Result<Registry, RegistryError> {
    Registry::builder()
        .contract(filters.trust_path(keys))
        .threads(4)
        .on_opened(|name, result| match result {
            Ok(contract) => eprintln!("{name}: {contract}"),
            Err(error) => eprintln!("{name}: {error}"),
        })
        .open_folder(folder)
}
// ANCHOR_END: folder

// ANCHOR: add
use hookr::Digest;
use hookr::registry::Entry;

/// Opens one more plugin while the others are called, if its file has this hash.
fn add(registry: &Registry, name: &str, path: &Path, sha256: Digest) -> Result<(), RegistryError> {
    let mut entry = Entry::new(path);
    entry.sha256.push(sha256);
    registry.add(name, entry)
}
// ANCHOR_END: add

mod runs {
    use std::error::Error as _;
    use std::fs;
    use std::sync::Arc;

    use hookr::OpenError;
    use hookr::registry::PluginError;
    use hookr::trust::SecretKey;
    use hookr_tests::hosts::{Journal, Numbers};
    use hookr_tests::{plugin, plugin_bytes, root};
    use tempfile::TempDir;
    use tickloop::TickRequest;

    use super::*;

    /// A folder with the manifest of the page, two signed plugins, and the key.
    fn installed() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let key = SecretKey::generate().unwrap().named("release");
        fs::create_dir(path("keys")).unwrap();
        fs::write(path("keys/release.pub"), key.public_key().to_openssh().unwrap()).unwrap();
        for name in ["textfilter", "tickloop"] {
            fs::write(path(&format!("{name}.wasm")), key.sign(&plugin_bytes(name)).unwrap()).unwrap();
        }
        fs::copy(root().join("tests/tests/book/plugins.toml"), path("plugins.toml")).unwrap();
        folder
    }

    fn filters() -> Builder<textfilter::PluginHandle> {
        textfilter::PluginHandle::builder()
    }

    fn ticks() -> Builder<tickloop::PluginHandle> {
        let rng = Arc::new(Numbers { int: Ok(3), float: Ok(0.5), journal: Journal::default() });
        tickloop::PluginHandle::builder(tickloop::Callbacks { rng })
    }

    #[test]
    fn the_manifest_of_the_page_is_opened() {
        let folder = installed();
        let registry = open(filters(), ticks(), &folder.path().join("plugins.toml")).unwrap();
        assert!(registry.errors().is_empty(), "{:?}", registry.errors());
        assert_eq!(registry.names(), ["filter", "game", "old-game"]);
        assert_eq!(filter(&registry, "a line").unwrap(), "a line");
        let games = games(&registry);
        assert!(games.len() == 1 && games[0].starts_with("game "), "{games:?}");
        let game: tickloop::PluginHandle = registry.get("game").unwrap();
        game.tick(&TickRequest::default()).unwrap();
        let disabled = registry.get::<tickloop::PluginHandle>("old-game").map(drop);
        assert!(matches!(disabled, Err(RegistryError::Disabled { .. })), "{disabled:?}");
        let other = registry.get::<textfilter::PluginHandle>("game").map(drop);
        assert!(matches!(other, Err(RegistryError::OtherContract { .. })), "{other:?}");
    }

    #[test]
    fn what_is_wrong_with_one_plugin_is_that_ones_error() {
        let folder = installed();
        // It is not signed.
        fs::copy(plugin("textfilter"), folder.path().join("textfilter.wasm")).unwrap();
        let registry = open(filters(), ticks(), &folder.path().join("plugins.toml")).unwrap();
        let errors = registry.errors();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].0, "filter");
        let signature = &*errors[0].1;
        assert!(matches!(signature, PluginError::Open(OpenError::Signature { .. })), "{signature:?}");
        registry.get::<tickloop::PluginHandle>("game").unwrap();
        let failed = registry.get::<textfilter::PluginHandle>("filter").map(drop).unwrap_err();
        assert!(failed.source().is_some(), "{failed}");
    }

    #[test]
    fn a_folder_is_opened_and_a_plugin_is_added() {
        let folder = installed();
        let keys = folder.path().join("keys");
        let registry = open_folder(filters(), &keys, folder.path()).unwrap();
        assert_eq!(registry.names(), ["textfilter", "tickloop"]);
        registry.get::<textfilter::PluginHandle>("textfilter").unwrap();
        assert_eq!(registry.errors().len(), 1, "nobody serves that contract");

        let file = folder.path().join("textfilter.wasm");
        let sha256 = Digest::of(&fs::read(&file).unwrap());
        add(&registry, "another", &file, sha256).unwrap();
        registry.get::<textfilter::PluginHandle>("another").unwrap();
        assert!(matches!(add(&registry, "another", &file, sha256), Err(RegistryError::Taken { .. })));
        assert!(registry.remove("another") && !registry.remove("another"));
    }
}
