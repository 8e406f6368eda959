//! Several processes with one cache.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hookr::Cache;
use hookr::cache::Origin;

use crate::support::{Test, answer, builder, plugin};

/// Tells a worker which cache it is to use.
const FOLDER: &str = "HOOKR_TEST_CACHE_OF_WORKERS";

const WORKERS: usize = 5;
const PLUGINS: u32 = 6;

#[test]
fn several_processes_open_and_evict_at_once() {
    let test = Test::new();
    let this = std::env::current_exe().unwrap();
    let worker = || {
        let mut command = Command::new(&this);
        command.args(["--exact", "processes::worker", "--ignored", "--nocapture"]).env(FOLDER, test.path());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let workers: Vec<_> = (0..WORKERS).map(|_| worker()).collect();
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }
    let entries = test.cache().entries().unwrap();
    assert!(entries.iter().all(|entry| entry.content.is_some()), "{entries:?}");
    assert_eq!(test.files().len(), entries.len(), "nothing is left behind: {:?}", test.files());
    test.open(0);
    assert_eq!(test.open(0), (Origin::Cached, vec![]));
}

#[test]
#[ignore = "it is one of those that the test above starts"]
fn worker() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("somebody starts it"));
    // Room for some of the plugins, so that each removes what others use.
    let cache = Cache::folder(folder).max_size(150_000);
    for round in 0..20 {
        for adds in 0..PLUGINS {
            let (builder, warnings) = builder(cache.clone());
            let opened = builder.open_bytes(plugin((adds + round) % PLUGINS)).unwrap();
            assert_eq!(answer(&opened), 40 + (adds + round) % PLUGINS);
            assert_eq!(warnings.take(), Vec::<String>::new());
        }
        match round % 4 {
            1 => drop(cache.evict().unwrap()),
            2 => drop(cache.clone().max_age(Duration::ZERO).evict().unwrap()),
            3 => drop(cache.clear().unwrap()),
            _ => drop(cache.entries().unwrap()),
        }
    }
}
