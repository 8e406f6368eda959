//! Many plugins at once, and the code of hosts that is called meanwhile.

use super::*;

#[test]
fn many_are_opened_at_once() {
    let folder = Folder::new();
    folder.copy("filter.wasm", "textfilter");
    let mut text = format!("[defaults]\ncontract = \"{}\"\n[plugins]\n", textfilter::PACKAGE);
    for index in 0..32 {
        text += &format!("p{index:02} = {{ path = \"filter.wasm\", sha256 = \"{}\" }}\n", sha256("textfilter"));
    }
    let registry = three().threads(8).open_manifest(folder.manifest(&text)).unwrap();
    assert_eq!(registry.errors().len(), 0, "{:?}", registry.errors());
    let plugins: Vec<(String, Filter)> = registry.of().collect();
    let names: Vec<&str> = plugins.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, (0..32).map(|index| format!("p{index:02}")).collect::<Vec<_>>());
    for (name, plugin) in &plugins {
        assert_eq!(
            (plugin.metadata().name(), filtered(plugin).as_str()),
            (&**name, "this platform has [filtered] words")
        );
    }
}

/// As many are at work as there may be: each verifier waits for all the others.
#[test]
fn the_number_of_threads_is_that_of_plugins_that_are_opened_at_once() {
    let folder = Folder::new();
    let names = ["a", "b", "c", "d"];
    names.iter().for_each(|name| folder.copy(&format!("{name}.wasm"), "textfilter"));
    let together = Arc::new(std::sync::Barrier::new(names.len()));
    let at_work = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let meet = together.clone();
    let all = filter().verifier(move |_: &Candidate<'_>| {
        meet.wait();
        Ok(())
    });
    let registry = Registry::builder().contract(all).threads(names.len()).open_folder(folder.dir.path()).unwrap();
    assert_eq!(registry.of::<Filter>().count(), names.len());
    let count = at_work.clone();
    let one = filter().verifier(move |_: &Candidate<'_>| {
        let now = count.0.fetch_add(1, Ordering::SeqCst) + 1;
        count.1.fetch_max(now, Ordering::SeqCst);
        std::thread::yield_now();
        count.0.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    });
    let registry = Registry::builder().contract(one).threads(0).open_folder(folder.dir.path()).unwrap();
    assert_eq!(registry.of::<Filter>().count(), names.len());
    assert_eq!(at_work.1.load(Ordering::SeqCst), 1);
}

#[test]
fn a_panic_of_the_host_is_the_error_of_one_plugin() {
    let folder = Folder::new();
    folder.copy("bad.wasm", "textfilter");
    folder.copy("good.wasm", "textfilter");
    let builder = filter().verifier(|candidate: &Candidate<'_>| {
        assert!(!candidate.path().is_some_and(|path| path.ends_with("bad.wasm")), "the verifier is bad");
        Ok(())
    });
    let registry = Registry::builder().contract(builder).open_folder(folder.dir.path()).unwrap();
    assert_eq!(filtered(&registry.get("good").unwrap()), "this platform has [filtered] words");
    let found = error(&registry, "bad");
    assert!(matches!(&*found, PluginError::Panicked { message } if message == "the verifier is bad"), "{found:?}");
}

#[test]
fn a_panic_of_whoever_is_told_passes_to_whoever_opens() {
    let folder = Folder::new();
    (0..20).for_each(|index| folder.copy(&format!("p{index}.wasm"), "textfilter"));
    let builder =
        Registry::builder().contract(filter().allow_unsigned()).on_opened(|_, _| panic!("nobody wants to know"));
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| builder.open_folder(folder.dir.path())));
    assert_eq!(opened.unwrap_err().downcast_ref::<&str>(), Some(&"nobody wants to know"));
}
