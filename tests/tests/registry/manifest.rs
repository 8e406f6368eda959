//! What a manifest says of its plugins, and what becomes of each of them.

use hookr::reload::{News, Outcome, ReloadError, WatchMode};

use super::*;

#[test]
fn a_manifest_opens_what_can_be_opened_and_says_what_is_wrong_with_the_rest() {
    let folder = Folder::new();
    for name in ["textfilter", "tickloop", "urlbalancer", "chaos"] {
        folder.copy(&format!("{name}.wasm"), name);
    }
    let broken: Vec<u8> = plugin_bytes("textfilter").into_iter().take(1000).collect();
    folder.write("broken.wasm", &broken);
    let pin = |name: &str| sha256(name);
    let manifest = folder.manifest(&format!(
        r#"
        [plugins.filter]
        path = "textfilter.wasm"
        sha256 = ["{ticks}", "{filter}"]
        contract = "hookr-test:text-filter"
        limits = {{ deadline = "20s", request = "1 KiB" }}
        [plugins.ticks]
        path = "tickloop.wasm"
        sha256 = "{ticks}"
        [plugins.balancer]
        path = "urlbalancer.wasm"
        sha256 = "{balancer}"
        [plugins.broken]
        path = "broken.wasm"
        sha256 = "{broken}"
        [plugins.untrusted]
        path = "textfilter.wasm"
        [plugins.other]
        path = "textfilter.wasm"
        sha256 = "{ticks}"
        [plugins.unknown]
        path = "chaos.wasm"
        sha256 = "{chaos}"
        [plugins.mistaken]
        path = "textfilter.wasm"
        sha256 = "{filter}"
        contract = "hookr-test:tick-loop"
        [plugins.foreign]
        path = "nobody/reads/this.wasm"
        contract = "acme:other"
        [plugins.missing]
        path = "missing.wasm"
        [plugins.off]
        path = "missing.wasm"
        enabled = false
        "#,
        filter = pin("textfilter"),
        ticks = pin("tickloop"),
        balancer = pin("urlbalancer"),
        chaos = pin("chaos"),
        broken = Digest::of(&broken),
    ));
    let told = Arc::new(Mutex::new(Vec::new()));
    let of_registry = told.clone();
    let this = std::thread::current().id();
    let registry = three().threads(3).on_opened(move |name, result| {
        assert_eq!(std::thread::current().id(), this);
        let result = result.map(|contract| contract.package.clone()).map_err(ToString::to_string);
        of_registry.lock().unwrap().push((name.to_owned(), result));
    });
    let registry = registry.open_manifest(manifest).unwrap();

    assert_eq!(filtered(&registry.get::<Filter>("filter").unwrap()), "this platform has [filtered] words");
    let info = registry.get::<Ticks>("ticks").unwrap().get_info(&tickloop::Empty {}).unwrap();
    assert_eq!(info.name, "tickloop");
    registry.get::<Balancer>("balancer").unwrap().get_info(&urlbalancer::Empty {}).unwrap();
    // The plugin is known by its name here.
    assert_eq!(registry.get::<Filter>("filter").unwrap().metadata().name(), "filter");
    // What the manifest says of limits counts.
    let large = textfilter::FilterRequest { input: "x".repeat(2000), ..Default::default() };
    let error_of_call = registry.get::<Filter>("filter").unwrap().filter(&large).unwrap_err();
    assert!(matches!(error_of_call, hookr::CallError::RequestTooLarge { limit: 1024, .. }), "{error_of_call:?}");

    let all = [
        "balancer",
        "broken",
        "filter",
        "foreign",
        "missing",
        "mistaken",
        "off",
        "other",
        "ticks",
        "unknown",
        "untrusted",
    ];
    assert_eq!(registry.names(), all);
    let failed: Vec<String> = registry.errors().into_iter().map(|(name, _)| name).collect();
    assert_eq!(failed, ["broken", "foreign", "missing", "mistaken", "other", "unknown", "untrusted"]);

    let found = error(&registry, "broken");
    assert!(matches!(&*found, PluginError::Open(OpenError::Malformed { .. })), "{found:?}");
    let found = error(&registry, "untrusted");
    let PluginError::Open(OpenError::NoTrustDecision { found: hash }) = &*found else { panic!("{found:?}") };
    assert_eq!(*hash, sha256("textfilter"));
    let found = error(&registry, "other");
    let PluginError::Open(OpenError::Untrusted { expected, found: hash }) = &*found else { panic!("{found:?}") };
    assert_eq!((expected.as_slice(), *hash), (&[sha256("tickloop")][..], sha256("textfilter")));
    let found = error(&registry, "unknown");
    let PluginError::NotServed { found: contract, served } = &*found else { panic!("{found:?}") };
    assert_eq!((contract.package.as_str(), contract.id), (chaos::PACKAGE, chaos::CONTRACT_ID));
    let served: Vec<&str> = served.iter().map(|contract| contract.package.as_str()).collect();
    assert_eq!(served, [textfilter::PACKAGE, tickloop::PACKAGE, urlbalancer::PACKAGE]);
    assert!(found.to_string().contains(urlbalancer::PACKAGE), "{found}");
    // An entry that names a contract is for that one: the pin of the file does not make it another's.
    let found = error(&registry, "mistaken");
    let PluginError::OtherContract { expected, found: contract } = &*found else { panic!("{found:?}") };
    assert_eq!((expected.as_str(), contract.package.as_str()), (tickloop::PACKAGE, textfilter::PACKAGE));
    // Told before the file is read, which is not there.
    let found = error(&registry, "foreign");
    assert!(matches!(&*found, PluginError::UnknownContract { package, .. } if package == "acme:other"), "{found:?}");
    let found = error(&registry, "missing");
    assert!(matches!(&*found, PluginError::Open(OpenError::Read { .. })), "{found:?}");

    // Each was told of once; what is off is neither open nor wrong.
    let mut told = told.lock().unwrap().clone();
    told.sort();
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, all.into_iter().filter(|name| *name != "off").collect::<Vec<_>>());
    for (name, result) in &told {
        match registry.errors().iter().find(|(failed, _)| failed == name) {
            Some((_, error)) => assert_eq!(result.as_ref().unwrap_err(), &error.to_string()),
            None => assert!(result.as_ref().unwrap().starts_with("hookr-test:"), "{result:?}"),
        }
    }
}

#[test]
fn what_the_builders_say_holds_for_all_of_their_plugins() {
    let folder = Folder::new();
    folder.copy("small.wasm", "textfilter");
    let engine = Engine::new().unwrap();
    let limits = Limits::default().file(10).request(5);
    let builder = Registry::builder().contract(filter().engine(&engine).allow_unsigned().limits(limits));
    let size = plugin_bytes("textfilter").len();
    let manifest = folder.manifest(&format!(
        "[plugins]\ntoo_large.path = \"small.wasm\"\nfits = {{ path = \"small.wasm\", limits = {{ file = {size} }} }}"
    ));
    let registry = builder.open_manifest(manifest).unwrap();
    let found = error(&registry, "too_large");
    assert!(matches!(&*found, PluginError::Open(OpenError::TooLarge { limit: 10, .. })), "{found:?}");
    let fits: Filter = registry.get("fits").unwrap();
    let large = textfilter::FilterRequest { input: "x".repeat(100), ..Default::default() };
    assert!(matches!(fits.filter(&large), Err(hookr::CallError::RequestTooLarge { limit: 5, .. })));
}

/// Grants of a file and of a table, and grants that cannot be read.
#[test]
fn grants_come_from_a_file_or_a_table() {
    let folder = Folder::new();
    folder.copy("filter.wasm", "textfilter");
    folder.write("bad.toml", "output = 1");
    let missing = folder.path("nowhere");
    let manifest = folder.manifest(
        r#"
        [plugins.file]
        path = "filter.wasm"
        grants = "bad.toml"
        [plugins.table]
        path = "filter.wasm"
        grants = { folders = [{ path = "nowhere", as = "/data", access = "read" }] }
        "#,
    );
    let registry = Registry::builder().contract(filter().allow_unsigned()).open_manifest(manifest).unwrap();
    let found = error(&registry, "file");
    let PluginError::Grants { path, .. } = &*found else { panic!("{found:?}") };
    assert_eq!(path, &folder.path("bad.toml"));
    assert!(chain(&*found).ends_with("line 1, column 10: `output` takes `true` or `false`"), "{}", chain(&*found));
    // The grants of the table arrive where the plugin is linked: the folder is not there.
    let found = error(&registry, "table");
    assert!(matches!(&*found, PluginError::Open(OpenError::Grant { .. })), "{found:?}");
    assert!(chain(&*found).contains(&missing.display().to_string()), "{}", chain(&*found));
}

/// The manifest of the documentation can be opened, whatever is not there.
#[test]
fn the_example_of_the_documentation_can_be_opened() {
    let document = fs::read_to_string(hookr_tests::root().join("docs/src/reference/manifest.md")).unwrap();
    let (_, rest) = document.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let folder = Folder::new();
    let manifest = folder.write("plugins.toml", example);
    let registry = three().open_manifest(manifest).unwrap();
    assert_eq!(registry.names(), ["filter", "ticks"]);
    assert_eq!(registry.errors().len(), 2);
}

#[test]
fn instances_and_reloading_are_those_of_the_entry() {
    let folder = Folder::new();
    for name in ["one", "several", "fresh", "watched"] {
        folder.copy(&format!("{name}.wasm"), "textfilter");
    }
    let manifest = folder.manifest(
        r#"
        [plugins]
        one = { path = "one.wasm", instances = 1, reload = false }
        several = { path = "several.wasm", instances = { most = 3, warm = 2 } }
        fresh = { path = "fresh.wasm", instances = { most = 1, fresh = true } }
        watched = { path = "watched.wasm", reload = { debounce = "20ms", poll = "20ms" } }
        "#,
    );
    let template = filter().allow_unsigned().instances(4).reload(hookr::reload::Reload::manual());
    let registry = Registry::builder().contract(template).open_manifest(manifest).unwrap();
    let plugin = |name| registry.get::<Filter>(name).unwrap();
    assert!(matches!(plugin("one").reloader().reload().unwrap_err().as_ref(), ReloadError::NotSetUp));
    assert_eq!(plugin("several").health().started, 2);
    assert!(matches!(plugin("several").reloader().reload(), Ok(Outcome::Unchanged)), "the template says so");
    for _ in 0..3 {
        plugin("fresh").get_info(&textfilter::Empty {}).unwrap();
    }
    assert_eq!(plugin("fresh").health().started, 3);
    let watched = plugin("watched");
    assert!(matches!(watched.reloader().mode(), Some(WatchMode::Poll { .. })));
    let mut events = watched.reloader().events();
    // The same component with a section more is another file.
    let mut other = fs::read(folder.path("watched.wasm")).unwrap();
    other.extend([0, 2, 1, b'x']);
    fs::write(folder.path("next"), other).unwrap();
    fs::rename(folder.path("next"), folder.path("watched.wasm")).unwrap();
    let news = events.next_timeout(std::time::Duration::from_secs(60));
    assert!(matches!(news, Some(News::Reloaded { .. })), "{news:?}");
}
