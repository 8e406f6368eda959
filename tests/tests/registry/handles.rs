//! Plugins by their names and contracts.

use super::*;

#[test]
fn what_is_not_there_is_told_with_what_there_is() {
    let folder = Folder::new();
    folder.copy("filter.wasm", "textfilter");
    let manifest = folder.manifest(
        "[plugins]\nfilter.path = \"filter.wasm\"\nbad.path = \"bad.wasm\"\noff = { path = \"off\", enabled = false }\n",
    );
    let registry = Registry::builder().contract(filter().allow_unsigned()).contract(ticks());
    let registry = registry.open_manifest(manifest).unwrap();
    let error = registry.get::<Filter>("fitler").unwrap_err();
    assert_eq!(error.to_string(), "there is no plugin `fitler`; there are `bad`, `filter`, `off`");
    let error = registry.get::<Filter>("off").unwrap_err();
    assert_eq!(error.to_string(), "the plugin `off` is disabled");
    let error = registry.get::<Filter>("bad").unwrap_err();
    assert!(
        matches!(&error, RegistryError::Failed { source, .. } if matches!(**source, PluginError::Open(_))),
        "{error:?}"
    );
    assert!(chain(&error).starts_with("the plugin `bad` could not be opened: cannot read "), "{}", chain(&error));
    // Another handle says both sides.
    let error = registry.get::<Ticks>("filter").unwrap_err();
    let RegistryError::OtherContract { expected, found, .. } = &error else { panic!("{error:?}") };
    assert_eq!(expected.as_ref().unwrap().package, tickloop::PACKAGE);
    assert_eq!(found.as_ref().unwrap().package, textfilter::PACKAGE);
    assert!(
        registry.get::<DynamicPlugin>("filter").map(drop).unwrap_err().to_string().contains("asked for any contract")
    );
    assert_eq!(registry.of::<Ticks>().count(), 0);
    assert_eq!(registry.of::<Filter>().map(|(name, _)| name).collect::<Vec<_>>(), ["filter"]);
}

#[test]
fn a_registry_says_which_contracts_it_serves() {
    let folder = Folder::new();
    let manifest = folder.manifest("");
    assert!(matches!(Registry::builder().open_manifest(&manifest), Err(RegistryError::NoContract)));
    let twice = Registry::builder().contract(filter()).contract(ticks()).contract(filter());
    let error = twice.open_manifest(&manifest).unwrap_err();
    assert!(
        matches!(&error, RegistryError::TwoTemplates { contract: Some(contract) } if contract.package == textfilter::PACKAGE)
    );
    assert!(three().open_manifest(&manifest).unwrap().names().is_empty());
    folder.manifest("[plugins.a]\npaht = \"a\"");
    let error = three().open_manifest(&manifest).unwrap_err();
    let expected = format!("{}: line 3, column 1: there is no key `plugins.a.paht`", manifest.display());
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(matches!(error, RegistryError::Manifest(_)));
}

#[test]
fn plugins_come_and_go() {
    let registry = Registry::builder().contract(filter().allow_unsigned()).contract(ticks()).empty().unwrap();
    registry.open_one("filter", plugin("textfilter")).unwrap();
    let handle: Filter = registry.get("filter").unwrap();
    let again = registry.open_one("filter", plugin("textfilter")).unwrap_err();
    assert!(matches!(&again, RegistryError::Taken { name } if name == "filter"), "{again:?}");
    // What cannot be opened is not there afterwards.
    let failed = registry.open_one("ticks", plugin("tickloop")).unwrap_err();
    assert!(matches!(failed, RegistryError::Failed { .. }), "{failed:?}");
    assert_eq!(registry.names(), ["filter"]);
    let mut entry = Entry::new(plugin("tickloop"));
    entry.sha256 = vec![sha256("tickloop")];
    registry.add("ticks", entry).unwrap();
    registry.get::<Ticks>("ticks").unwrap();
    let mut off = Entry::new("nowhere.wasm");
    off.disabled = true;
    registry.add("off", off).unwrap();
    assert!(matches!(registry.get::<Filter>("off"), Err(RegistryError::Disabled { .. })));
    let error = registry.open_one("a\nb", plugin("textfilter")).unwrap_err();
    assert!(error.to_string().starts_with("a plugin cannot be called `a\\nb`"), "{error}");
    // Clones share the plugins, and handles outlive them.
    let other = registry.clone();
    assert!(other.remove("filter") && !other.remove("filter"));
    assert_eq!(registry.names(), ["off", "ticks"]);
    assert_eq!(filtered(&handle), "this platform has [filtered] words");
    registry.open_one("filter", plugin("textfilter")).unwrap();
    assert_eq!(format!("{registry:?}"), "Registry { names: [\"filter\", \"off\", \"ticks\"], .. }");
}

/// Of those that add a plugin under one name at once, one does.
#[test]
fn one_name_is_of_one_plugin() {
    let registry = Registry::builder().contract(filter().allow_unsigned()).empty().unwrap();
    let path = plugin("textfilter");
    let added = std::thread::scope(|scope| {
        let add = || scope.spawn(|| registry.open_one("filter", &path));
        let threads: Vec<_> = (0..4).map(|_| add()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(added.iter().filter(|result| result.is_ok()).count(), 1, "{added:?}");
    assert!(added.iter().all(|result| matches!(result, Ok(()) | Err(RegistryError::Taken { .. }))));
}

struct NoCallbacks;

impl Callbacks for NoCallbacks {
    fn call(&self, _: &CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unimplemented("there are none"))
    }
}

#[test]
fn what_no_other_builder_is_for_is_opened_untyped() {
    let registry = Registry::builder()
        .contract(DynamicPlugin::builder(NoCallbacks).cache(cache()).allow_unsigned())
        .contract(filter().allow_unsigned())
        .empty()
        .unwrap();
    registry.open_one("filter", plugin("textfilter")).unwrap();
    registry.open_one("ticks", plugin("tickloop")).unwrap();
    registry.get::<Filter>("filter").unwrap();
    let ticks: DynamicPlugin = registry.get("ticks").unwrap();
    assert_eq!(ticks.metadata().package(), tickloop::PACKAGE);
    let error = registry.get::<Ticks>("ticks").unwrap_err();
    assert!(matches!(&error, RegistryError::OtherContract { found: None, expected: Some(_), .. }), "{error:?}");
    // An entry that names its contract is held to it by the untyped builder, too.
    let mut entry = Entry::new(plugin("tickloop"));
    entry.contract = Some("acme:other".to_owned());
    let error = registry.add("other", entry).unwrap_err();
    let RegistryError::Failed { source, .. } = &error else { panic!("{error:?}") };
    assert!(matches!(&**source, PluginError::OtherContract { .. }), "{source:?}");
}

/// A plugin of another version of the contract is opened by the builder of its package, which says what differs; and not by one
/// for any contract.
#[test]
fn a_plugin_of_the_same_package_and_another_contract_is_told_both_sides() {
    let folder = Folder::new();
    let mut section = section_for("chaos");
    section.contract_id.0[31] ^= 1;
    folder.write("chaos.wasm", Hostile::of("chaos").with_section(&section));
    let untyped = DynamicPlugin::builder(NoCallbacks).allow_unsigned();
    let registry = Registry::builder().contract(untyped).contract(filter().allow_unsigned()).contract(chaos_builder());
    let registry = registry.open_folder(folder.dir.path()).unwrap();
    let error = error(&registry, "chaos");
    let PluginError::Open(OpenError::ContractMismatch { expected, found, .. }) = &*error else { panic!("{error:?}") };
    assert_eq!((expected.id, found.id), (chaos::CONTRACT_ID, section.contract_id));
}

#[test]
fn registries_are_send_and_sync() {
    fn assert<T: Send + Sync + 'static>() {}
    assert::<Registry>();
    assert::<RegistryBuilder>();
    assert::<PluginError>();
    assert::<RegistryError>();
}
