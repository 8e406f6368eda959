//! What only whoever has the key can write: it is authentic, and still not what was asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::fingerprint;
use super::*;
use crate::Digest;

const COMPONENT: &str = "(component (core module (func (export \"f\"))))";

fn compiled(engine: &Engine) -> Vec<u8> {
    Component::new(&engine.wasmtime, wat::parse_str(COMPONENT).unwrap()).unwrap().serialize().unwrap()
}

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
    engine: Engine,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Place { path: folder.path().join("cache"), _folder: folder, engine: Engine::new().unwrap() }
    }

    fn footer(&self, plugin: &[u8]) -> Footer {
        Footer {
            key: Key { plugin: Digest::of(plugin), engine: self.engine.fingerprint() },
            name: "plugin".to_owned(),
            plugin_size: plugin.len() as u64,
            hookr: "0".to_owned(),
            wasmtime: "0".to_owned(),
            shape: Shape::default(),
        }
    }

    fn code(&self) -> Vec<u8> {
        compiled(&self.engine)
    }

    fn store(&self, footer: &Footer, code: Vec<u8>) -> PathBuf {
        store(&self.path, footer, || Ok(code), u64::MAX, Duration::MAX).unwrap();
        self.path.join(entry_name(footer.key))
    }
}

fn reason(result: Result<Option<Loaded>, CacheProblem>) -> Unfit {
    match result {
        Err(CacheProblem::Entry { reason, .. }) => reason,
        Err(other) => panic!("{other}"),
        Ok(found) => panic!("there is one: {}", found.is_some()),
    }
}

#[test]
fn code_comes_back() {
    let place = Place::new();
    let footer = place.footer(b"plugin");
    assert!(matches!(load(&place.path, footer.key), Ok(None)));
    place.store(&footer, place.code());
    let loaded = load(&place.path, footer.key).unwrap().unwrap();
    assert_eq!(loaded.shape(), &footer.shape);
    loaded.component(&place.engine).unwrap();
}

#[test]
fn the_code_of_a_stale_engine_is_not_used() {
    let place = Place::new();
    let footer = place.footer(b"plugin");
    let stale = Footer { key: Key { engine: Digest::of(b"wasmtime 1"), ..footer.key }, ..footer.clone() };
    let path = place.store(&stale, place.code());
    // It is not found under its own name.
    assert!(matches!(load(&place.path, footer.key), Ok(None)));
    fs::rename(path, place.path.join(entry_name(footer.key))).unwrap();
    assert!(matches!(reason(load(&place.path, footer.key)), Unfit::OtherKey));
}

/// The names of two engines can be the same, because they have half of a fingerprint in them.
#[test]
fn all_of_the_fingerprint_counts() {
    let place = Place::new();
    let footer = place.footer(b"plugin");
    let mut engine = *footer.key.engine.as_bytes();
    engine[31] ^= 1;
    let other = Footer { key: Key { engine: engine.into(), ..footer.key }, ..footer.clone() };
    assert_eq!(entry_name(other.key), entry_name(footer.key));
    place.store(&other, place.code());
    assert!(matches!(reason(load(&place.path, footer.key)), Unfit::OtherKey));
}

#[test]
fn the_code_of_another_plugin_is_not_used() {
    let place = Place::new();
    let (one, other) = (place.footer(b"one"), place.footer(b"other"));
    let path = place.store(&other, place.code());
    fs::rename(path, place.path.join(entry_name(one.key))).unwrap();
    assert!(matches!(reason(load(&place.path, one.key)), Unfit::OtherKey));
}

#[test]
fn what_wasmtime_does_not_take_is_refused() {
    let place = Place::new();
    let footer = place.footer(b"plugin");
    let other = Engine::with(crate::Settings::default().fuel(true)).unwrap();
    let of_other = compiled(&other);
    let module = wasmtime::Module::new(&place.engine.wasmtime, b"\0asm\x01\0\0\0").unwrap().serialize().unwrap();
    for code in [of_other, module, b"garbage".to_vec(), vec![0; 5000]] {
        place.store(&footer, code);
        let loaded = load(&place.path, footer.key).unwrap().unwrap();
        let error = loaded.component(&place.engine).map(drop).unwrap_err();
        assert!(matches!(&error, CacheProblem::Entry { reason: Unfit::Refused(_), .. }), "{error}");
        assert!(error.is_mended_by_storing());
    }
}

/// Where the system has no name for a file that is open, code is copied.
#[test]
fn code_can_be_copied() {
    let place = Place::new();
    let footer = place.footer(b"plugin");
    place.store(&footer, place.code());
    let loaded = load(&place.path, footer.key).unwrap().unwrap();
    loaded.code.copied(&place.engine.wasmtime).unwrap();
}

#[test]
fn an_entry_of_another_format_is_not_read() {
    let place = Place::new();
    let footer = place.footer(b"plugin");
    place.store(&footer, place.code());
    let folder = Folder::open(&place.path).unwrap().unwrap();
    let secret = Secret::read(&folder).unwrap().unwrap();
    let (code, mut end) = (place.code(), footer.encode());
    end[8] += 1;
    let tag = secret.tag(&[&code, &end]);
    folder.write(&entry_name(footer.key), &[&code, &end, &tag]).unwrap();
    assert!(matches!(reason(load(&place.path, footer.key)), Unfit::OtherKey));
}

/// A failure to write leaves nothing but what was there.
#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let place = Place::new();
    let footer = place.footer(b"plugin");
    let failed = store(&place.path, &footer, || Err(wasmtime::Error::msg("no")), u64::MAX, Duration::MAX);
    assert!(matches!(failed, Err(CacheProblem::Write { .. })));
    let names = |path: &Path| fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(names(&place.path), ["hookr.key"]);
}

#[test]
fn a_fingerprint_is_that_of_the_engine() {
    let place = Place::new();
    assert_eq!(fingerprint(&place.engine.wasmtime, place.engine.settings()), place.engine.fingerprint());
}
