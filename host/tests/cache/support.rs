//! A plugin that answers, and a cache of its own for each test.

use std::borrow::Cow;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use hookr::cache::Origin;
use hookr::dynamic::{Callbacks, DynamicPlugin, Value};
use hookr::supervise::Happening;
use hookr::{Builder, Cache, CallbackContext, ContractId, Engine, Error, MethodId};
use hookr_abi::section::{self, Method, MethodKind, Section};
use wasm_encoder::{ComponentSection as _, CustomSection};

struct NoCallbacks;

impl Callbacks for NoCallbacks {
    fn call(&self, _: &CallbackContext<'_>, _: &str, _: &str, _: Value) -> Result<Value, Error> {
        Err(Error::unimplemented("there are no callbacks"))
    }
}

/// A plugin that adds this number to what it is asked with.
pub(crate) fn plugin(adds: u32) -> Vec<u8> {
    let text = format!(
        r#"(component
          (core module $m
            (memory (export "memory") 1)
            (data (i32.const 64) "some data")
            (func (export "answer") (param i32) (result i32)
              (i32.store (i32.const 0) (i32.const 0))
              (i32.store (i32.const 4) (i32.add (local.get 0) (i32.const {adds})))
              (i32.const 0)))
          (core instance $i (instantiate $m))
          (alias core export $i "memory" (core memory $memory))
          (func $answer (param "n" u32) (result (result u32))
            (canon lift (core func $i "answer") (memory $memory)))
          (instance $plugin (export "answer" (func $answer)))
          (export "test:cache/plugin" (instance $plugin)))"#
    );
    let mut component = wat::parse_str(text).unwrap();
    let section = Section {
        contract_id: ContractId([0; 32]),
        package: "test:cache".to_owned(),
        world: "cache".to_owned(),
        generator: "test".to_owned(),
        plugin_name: String::new(),
        plugin_version: String::new(),
        methods: vec![Method {
            id: MethodId::of("Plugin", "Answer"),
            kind: MethodKind::Required,
            service: "Plugin".to_owned(),
            name: "Answer".to_owned(),
            interface: "plugin".to_owned(),
            function: "answer".to_owned(),
        }],
        schema: Vec::new(),
    };
    let data = Cow::Owned(section.encode());
    CustomSection { name: section::NAME.into(), data }.append_to_component(&mut component);
    component
}

/// The warnings of an opening.
#[derive(Clone, Default)]
pub(crate) struct Warnings(Arc<Mutex<Vec<String>>>);

impl Warnings {
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

pub(crate) fn builder(cache: Cache) -> (Builder<DynamicPlugin>, Warnings) {
    let warnings = Warnings::default();
    let of_listener = warnings.clone();
    // Each on an engine of its own: plugins that are open on the same one share their code.
    let engine = Engine::new().unwrap();
    let builder =
        DynamicPlugin::builder(NoCallbacks).engine(&engine).allow_unsigned().cache(cache).on_event(move |event| {
            if let Happening::Uncached { problem } = event.what {
                of_listener.0.lock().unwrap().push(problem.to_string());
            }
        });
    (builder, warnings)
}

/// What a plugin answers to 40.
#[track_caller]
pub(crate) fn answer(plugin: &DynamicPlugin) -> u32 {
    match plugin.call("Answer", Value::U32(40)) {
        Ok(Value::U32(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

/// Opens the plugin that adds this number, and sees that it is that one which answers.
#[track_caller]
pub(crate) fn open(cache: Cache, adds: u32) -> (Origin, Vec<String>) {
    let (builder, warnings) = builder(cache);
    let opened = builder.open_bytes(plugin(adds)).unwrap();
    assert_eq!(answer(&opened), 40 + adds);
    let (metadata, warnings) = (opened.metadata(), warnings.take());
    let code = metadata.code();
    assert_eq!(code.problem().map(ToString::to_string).as_ref(), warnings.last());
    (code.origin(), warnings)
}

/// A cache in a folder of its own.
pub(crate) struct Test(tempfile::TempDir);

impl Test {
    pub(crate) fn new() -> Self {
        Test(tempfile::tempdir().unwrap())
    }

    /// One with the plugin that adds 2.
    pub(crate) fn filled() -> Self {
        let test = Test::new();
        assert_eq!(test.open(2), (Origin::Stored, vec![]));
        test
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    /// A place beside the cache.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn cache(&self) -> Cache {
        Cache::folder(self.path())
    }

    #[track_caller]
    pub(crate) fn open(&self, adds: u32) -> (Origin, Vec<String>) {
        open(self.cache(), adds)
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.path().join("hookr.key")
    }

    /// All that is there, but for the key.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let Ok(files) = fs::read_dir(self.path()) else { return Vec::new() };
        let files = files.map(|file| file.unwrap().path());
        let mut files: Vec<PathBuf> = files.filter(|file| *file != self.key()).collect();
        files.sort();
        files
    }

    /// The only entry.
    #[track_caller]
    pub(crate) fn entry(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    /// Opens the plugin that adds 2 although something is wrong: with one warning, which says this, and so that all is well
    /// afterwards.
    #[track_caller]
    pub(crate) fn mends(&self, says: &str) {
        let (origin, warnings) = self.open(2);
        assert_eq!((origin, warnings.len()), (Origin::Stored, 1), "{says}: {warnings:?}");
        assert!(warnings[0].contains(says), "{says}: {warnings:?}");
        assert_eq!(self.open(2), (Origin::Cached, vec![]), "{says}");
    }

    /// The same where nothing can be put right.
    #[track_caller]
    pub(crate) fn does_without(&self, says: &str) {
        for _ in 0..2 {
            let (origin, warnings) = self.open(2);
            assert_eq!((origin, warnings.len()), (Origin::Compiled, 1), "{says}: {warnings:?}");
            assert!(warnings[0].contains(says), "{says}: {warnings:?}");
        }
    }
}

/// Writes a file that only its owner may use.
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    set_mode(path, 0o600);
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Gives a file to another user, which root alone can; false if this is not root.
pub(crate) fn give_away(path: &Path) -> bool {
    let is_given = chown(path, Some(12_345), None).is_ok();
    if !is_given {
        eprintln!("skipped: only root can give {} away", path.display());
    }
    is_given
}

pub(crate) fn pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    set_mode(path, 0o600);
}
