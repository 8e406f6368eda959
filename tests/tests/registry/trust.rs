//! Who decides which plugin is trusted.

use super::*;

#[test]
fn a_folder_is_opened_by_what_the_builders_trust() {
    let folder = Folder::new();
    folder.copy("filter.wasm", "textfilter");
    folder.copy("ticks.wasm", "tickloop");
    folder.copy("chaos.wasm", "chaos");
    folder.copy(".hidden.wasm", "textfilter");
    folder.write("notes.txt", "no plugin");
    folder.write("empty.wasm", "");
    fs::create_dir(folder.path("folder.wasm")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("filter.wasm", folder.path("link.wasm")).unwrap();
        std::os::unix::fs::symlink("nowhere.wasm", folder.path("nowhere.wasm")).unwrap();
    }
    let (filter, ticks) =
        (filter().sha256(sha256("textfilter").to_string()), ticks().sha256(sha256("tickloop").to_string()));
    let registry = Registry::builder().contract(filter).contract(ticks).open_folder(folder.dir.path()).unwrap();
    let filters: Vec<String> = registry.of::<Filter>().map(|(name, _)| name).collect();
    assert_eq!(filters, if cfg!(unix) { &["filter", "link"][..] } else { &["filter"] });
    registry.get::<Ticks>("ticks").unwrap();
    // Neither builder trusts it, so nobody has looked what it is.
    let found = error(&registry, "chaos");
    assert!(matches!(&*found, PluginError::Open(OpenError::Untrusted { .. })), "{found:?}");
    let found = error(&registry, "empty");
    assert!(matches!(&*found, PluginError::Open(OpenError::Empty { .. })), "{found:?}");
    let found = error(&registry, "folder");
    assert!(matches!(&*found, PluginError::Open(OpenError::Directory { .. })), "{found:?}");
    #[cfg(unix)]
    assert!(matches!(&*error(&registry, "nowhere"), PluginError::Open(OpenError::Read { .. })));
    assert!(!registry.names().iter().any(|name| name.contains("hidden") || name.contains("notes")));
}

/// What one builder trusts is looked at, and opened by another only if that trusts it, too.
#[test]
fn each_builder_decides_for_its_own_contract() {
    let folder = Folder::new();
    folder.copy("filter.wasm", "textfilter");
    folder.copy("ticks.wasm", "tickloop");
    let lax = ticks().allow_unsigned();
    let strict = filter().sha256(sha256("chaos").to_string());
    let registry = Registry::builder().contract(strict).contract(lax).open_folder(folder.dir.path()).unwrap();
    registry.get::<Ticks>("ticks").unwrap();
    let found = error(&registry, "filter");
    let PluginError::Open(OpenError::Untrusted { expected, .. }) = &*found else { panic!("{found:?}") };
    assert_eq!(expected, &[sha256("chaos")]);
}

/// Nothing of a file is parsed that nobody trusts, and nothing is asked of a builder that is for another contract than the
/// entry says.
#[test]
fn trust_comes_first() {
    let folder = Folder::new();
    folder.write("text.wasm", "not even a component");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let refuses = filter().verifier(move |_: &Candidate<'_>| {
        count.fetch_add(1, Ordering::SeqCst);
        Err("never".into())
    });
    let lax = ticks().allow_unsigned();
    let text = format!("[plugins.text]\npath = \"text.wasm\"\ncontract = \"{}\"", textfilter::PACKAGE);
    let registry = Registry::builder().contract(lax).contract(refuses).open_manifest(folder.manifest(&text)).unwrap();
    let found = error(&registry, "text");
    assert!(matches!(&*found, PluginError::Open(OpenError::Rejected { .. })), "{found:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // What the host was told is refused for that, not because another builder was told nothing.
    for order in [true, false] {
        let verifier = || filter().verifier(|_: &Candidate<'_>| Err("never".into()));
        let builder = Registry::builder();
        let builder = if order {
            builder.contract(ticks()).contract(verifier())
        } else {
            builder.contract(verifier()).contract(ticks())
        };
        let registry = builder.open_folder(folder.dir.path()).unwrap();
        let found = error(&registry, "text");
        assert!(matches!(&*found, PluginError::Open(OpenError::Rejected { .. })), "{found:?}");
    }
}

#[test]
fn what_manifest_and_host_say_about_trust_has_to_agree() {
    let folder = Folder::new();
    let key = SecretKey::generate().unwrap();
    fs::create_dir(folder.path("keys")).unwrap();
    folder.write("keys/release.pub", format!("{}\n", key.public_key().to_openssh().unwrap()));
    folder.write("signed.wasm", key.sign(&plugin_bytes("textfilter")).unwrap());
    folder.copy("unsigned.wasm", "textfilter");
    let signed = Artifact::read(folder.path("signed.wasm")).unwrap();
    let mut lock = LockFile::new(folder.dir.path());
    lock.insert(LockedPlugin::of(&signed, "locked", "signed.wasm", []).unwrap()).unwrap();
    folder.write("hookr.lock", lock.to_toml().unwrap());
    folder.write("revoked.txt", format!("plugin {}  # answers wrongly\n", signed.sha256()));
    let manifest = folder.manifest(&format!(
        r#"
        [plugins.signed]
        path = "signed.wasm"
        trust = "keys"
        [plugins.unsigned]
        path = "unsigned.wasm"
        trust = "keys"
        [plugins.locked]
        path = "signed.wasm"
        lock_file = "hookr.lock"
        [plugins.unlocked]
        path = "signed.wasm"
        lock_file = "hookr.lock"
        [plugins.revoked]
        path = "signed.wasm"
        trust = "keys"
        revocations = "revoked.txt"
        [plugins.pinned]
        path = "signed.wasm"
        sha256 = "{pin}"
        [plugins.forbidden]
        path = "signed.wasm"
        allow_unsigned = false
        "#,
        pin = signed.sha256()
    ));
    let open = |builder: Builder<Filter>| Registry::builder().contract(builder).open_manifest(&manifest).unwrap();
    let opened = |registry: &Registry| registry.of::<Filter>().map(|(name, _)| name).collect::<Vec<_>>().join(" ");
    let registry = open(filter());
    assert_eq!(opened(&registry), "locked pinned signed");
    assert!(matches!(&*error(&registry, "unsigned"), PluginError::Open(OpenError::Signature { .. })));
    assert!(
        matches!(&*error(&registry, "unlocked"), PluginError::Open(OpenError::NotLocked { plugin, .. }) if plugin == "unlocked")
    );
    assert!(
        matches!(&*error(&registry, "revoked"), PluginError::Open(OpenError::Revoked { reason, .. }) if reason == "answers wrongly")
    );
    assert!(matches!(&*error(&registry, "forbidden"), PluginError::Open(OpenError::NoTrustDecision { .. })));
    // Leave of the host for any file takes nothing back that the manifest asks for, and the manifest can take it back.
    let registry = open(filter().allow_unsigned());
    assert_eq!(opened(&registry), "locked pinned signed");
    assert!(matches!(&*error(&registry, "forbidden"), PluginError::Open(OpenError::NoTrustDecision { .. })));
    // The host's own pin counts beside all of it.
    let registry = open(filter().sha256(sha256("chaos").to_string()));
    assert_eq!(opened(&registry), "");
    let found = error(&registry, "pinned");
    let PluginError::Pins { host, entry } = &*found else { panic!("{found:?}") };
    assert_eq!((host.as_slice(), entry.as_slice()), (&[sha256("chaos")][..], &[signed.sha256()][..]));
    let registry = open(filter().sha256(sha256("chaos").to_string()).sha256(signed.sha256().to_string()));
    assert_eq!(opened(&registry), "forbidden locked pinned signed");
}
