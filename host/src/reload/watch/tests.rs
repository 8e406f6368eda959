//! Real files, and what the system tells of them. Callbacks read the file: what is waited for is that the last thing that was read
//! is what is there.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use parking_lot::Mutex;
use tempfile::TempDir;

use super::*;

mod links;
mod many;

/// Waits for something, for as long as anything may take.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What a file looks like, once it can be told from what comes next.
fn settled(path: &Path) -> Fingerprint {
    loop {
        let looks = Fingerprint::of(path);
        if !looks.is_fresh() {
            return looks;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A file that is watched, and what was read when it changed.
struct Probe {
    watched: Watched,
    calls: Arc<AtomicUsize>,
    read: Arc<Mutex<Option<String>>>,
}

impl Probe {
    fn new(hub: &Arc<Hub>, path: &Path, how: Watch) -> Self {
        Self::since(hub, path, settled(path), how, Duration::from_millis(30))
    }

    fn since(hub: &Arc<Hub>, path: &Path, known: Fingerprint, how: Watch, debounce: Duration) -> Self {
        let (calls, read) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Some("not read".to_owned()))));
        let (to_count, to_read, file) = (calls.clone(), read.clone(), path.to_owned());
        let watched = watch_by(hub, path, known, how, debounce, move || {
            // Whoever sees what was read sees the call, too.
            to_count.fetch_add(1, Ordering::SeqCst);
            *to_read.lock() = fs::read_to_string(&file).ok();
        });
        Probe { watched: watched.unwrap(), calls, read }
    }

    /// Waits until this was read; `None` if there is nothing to be read.
    fn wait_for(&self, content: Option<&str>) {
        let path = self.watched.path().display();
        wait_until(&format!("{path}: {content:?}"), || self.read.lock().as_deref() == content);
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Runs a test with a folder, once for each way of noticing changes.
fn each_way(test: impl Fn(&Arc<Hub>, &Path, Watch)) {
    for how in [Watch::Notify, Watch::Poll(Duration::from_millis(10))] {
        let (hub, dir) = (Hub::new(), TempDir::new().unwrap());
        test(&hub, &dir.path().canonicalize().unwrap(), how);
        wait_until("the hub rests", || hub.effort() == (0, false));
    }
}

/// Writes a file beside another, and renames it over that.
fn replace(path: &Path, content: &str) {
    let beside = path.with_extension("new");
    fs::write(&beside, content).unwrap();
    fs::rename(beside, path).unwrap();
}

#[test]
fn files_that_are_written() {
    each_way(|hub, dir, how| {
        let path = &dir.join("file");
        fs::write(path, "old").unwrap();
        let probe = Probe::new(hub, path, how);
        replace(path, "renamed");
        probe.wait_for(Some("renamed"));
        fs::write(path, "written").unwrap();
        probe.wait_for(Some("written"));
        // As long as before.
        fs::write(path, "WRITTEN").unwrap();
        probe.wait_for(Some("WRITTEN"));
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(0).unwrap();
        probe.wait_for(Some(""));
        for part in ["in ", "several ", "parts"] {
            std::io::Write::write_all(&mut &file, part.as_bytes()).unwrap();
        }
        probe.wait_for(Some("in several parts"));
        fs::remove_file(path).unwrap();
        probe.wait_for(None);
        fs::write(path, "anew").unwrap();
        probe.wait_for(Some("anew"));
        // What is beside it is none of its business.
        let calls = probe.calls();
        fs::write(dir.join("other"), "other").unwrap();
        fs::rename(dir.join("other"), dir.join("another")).unwrap();
        replace(path, "last");
        probe.wait_for(Some("last"));
        assert!(matches!(probe.calls() - calls, 1 | 2), "{} calls", probe.calls() - calls);
    });
}

#[test]
fn files_that_editors_write() {
    each_way(|hub, dir, how| {
        let path = &dir.join("file");
        fs::write(path, "old").unwrap();
        let probe = Probe::new(hub, path, how);
        // Vim: a swap file, the old file becomes the backup, and a new one is written.
        fs::write(dir.join(".file.swp"), "swap").unwrap();
        fs::rename(path, dir.join("file~")).unwrap();
        fs::write(path, "vim").unwrap();
        fs::remove_file(dir.join("file~")).unwrap();
        fs::remove_file(dir.join(".file.swp")).unwrap();
        probe.wait_for(Some("vim"));
        // Emacs: a lock, a backup, and the file is written in place; or a new one is renamed over it.
        fs::write(dir.join(".#file"), "lock").unwrap();
        fs::copy(path, dir.join("file~")).unwrap();
        fs::write(path, "emacs").unwrap();
        fs::remove_file(dir.join(".#file")).unwrap();
        probe.wait_for(Some("emacs"));
        fs::write(dir.join("#file#"), "auto-save").unwrap();
        fs::rename(dir.join("#file#"), path).unwrap();
        probe.wait_for(Some("auto-save"));
    });
}

#[test]
fn folders_that_are_made_anew() {
    each_way(|hub, dir, how| {
        let folder = &dir.join("plugins");
        let path = &folder.join("file");
        fs::create_dir(folder).unwrap();
        fs::write(path, "old").unwrap();
        let probe = Probe::new(hub, path, how);
        for round in 0..5 {
            fs::remove_dir_all(folder).unwrap();
            if round % 2 == 0 {
                probe.wait_for(None);
            }
            fs::create_dir(folder).unwrap();
            let content = format!("removed {round}");
            fs::write(path, &content).unwrap();
            probe.wait_for(Some(&content));
            fs::rename(folder, dir.join(format!("old {round}"))).unwrap();
            if round % 2 == 0 {
                probe.wait_for(None);
            }
            fs::create_dir(folder).unwrap();
            let content = format!("renamed {round}");
            fs::write(path, &content).unwrap();
            probe.wait_for(Some(&content));
            let next = &dir.join("next");
            fs::create_dir(next).unwrap();
            let content = format!("swapped {round}");
            fs::write(next.join("file"), &content).unwrap();
            fs::rename(folder, dir.join(format!("older {round}"))).unwrap();
            fs::rename(next, folder).unwrap();
            probe.wait_for(Some(&content));
            let content = format!("written {round}");
            replace(path, &content);
            probe.wait_for(Some(&content));
        }
    });
}

#[test]
fn what_is_not_there_yet() {
    each_way(|hub, dir, how| {
        let path = &dir.join("a/b/c/file");
        let probe = Probe::new(hub, path, how);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "made").unwrap();
        probe.wait_for(Some("made"));
        replace(path, "replaced");
        probe.wait_for(Some("replaced"));
        fs::remove_dir_all(dir.join("a")).unwrap();
        probe.wait_for(None);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        replace(path, "again");
        probe.wait_for(Some("again"));
    });
}

#[test]
fn changes_before_the_watching_began() {
    each_way(|hub, dir, how| {
        let path = &dir.join("file");
        fs::write(path, "known").unwrap();
        let known = settled(path);
        replace(path, "changed");
        settled(path);
        let probe = Probe::since(hub, path, known, how, Duration::ZERO);
        probe.wait_for(Some("changed"));
        let calls = probe.calls();
        replace(path, "last");
        probe.wait_for(Some("last"));
        assert!(calls == 1 && probe.calls() > 1);
    });
}

#[test]
fn many_writes_are_one_change() {
    each_way(|hub, dir, how| {
        let path = &dir.join("file");
        fs::write(path, "old").unwrap();
        // Whether there was a pause depends on the machine, too; one try without is enough.
        let is_merged = (0..20).any(|_| {
            let debounce = Duration::from_millis(500);
            let probe = Probe::since(hub, path, settled(path), how, debounce);
            let start = Instant::now();
            for number in 0..20 {
                replace(path, &number.to_string());
            }
            let had_pause = start.elapsed() > debounce / 2;
            probe.wait_for(Some("19"));
            assert!(had_pause || probe.calls() == 1, "{} calls", probe.calls());
            !had_pause
        });
        assert!(is_merged);
    });
}

#[test]
fn a_panic_is_no_end() {
    each_way(|hub, dir, how| {
        let path = &dir.join("file");
        fs::write(path, "old").unwrap();
        let (calls, called) = mpsc::channel();
        let watched = watch_by(hub, path, settled(path), how, Duration::from_millis(30), move || {
            calls.send(()).unwrap();
            panic!("as asked for");
        });
        for content in ["one", "two", "three"] {
            replace(path, content);
            called.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        drop(watched);
    });
}

#[test]
fn drop_ends_it() {
    each_way(|hub, dir, how| {
        let path = &dir.join("file");
        fs::write(path, "old").unwrap();
        let (ended, other) = (Probe::new(hub, path, how), Probe::new(hub, path, how));
        replace(path, "both");
        ended.wait_for(Some("both"));
        other.wait_for(Some("both"));
        // What the callback owns is dropped with it, unless it is just being called.
        let Probe { watched, calls, .. } = ended;
        drop(watched);
        wait_until("the callback is dropped", || Arc::strong_count(&calls) == 1);
        let before = calls.load(Ordering::SeqCst);
        replace(path, "one of them");
        other.wait_for(Some("one of them"));
        assert_eq!(calls.load(Ordering::SeqCst), before);
        // It does not matter where it is dropped, be it in the callback.
        let slot: Arc<Mutex<Option<Watched>>> = Arc::default();
        let (calls, called) = mpsc::channel();
        let to_drop = slot.clone();
        let watched = watch_by(hub, path, settled(path), how, Duration::from_millis(30), move || {
            to_drop.lock().take();
            calls.send(()).unwrap();
        });
        *slot.lock() = Some(watched.unwrap());
        replace(path, "dropped inside");
        called.recv_timeout(Duration::from_secs(60)).unwrap();
        // The sender is gone when the callback is.
        assert!(called.recv_timeout(Duration::from_secs(60)).is_err());
    });
}

/// A callback that waits for another one's.
#[test]
fn callbacks_hold_up_nobody() {
    each_way(|hub, dir, how| {
        let (slow, quick) = (&dir.join("slow"), &dir.join("quick"));
        fs::write(slow, "old").unwrap();
        fs::write(quick, "old").unwrap();
        let (begun, has_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let may_go_on = Mutex::new(may_go_on);
        let watched = watch_by(hub, slow, settled(slow), how, Duration::from_millis(30), move || {
            begun.send(()).unwrap();
            may_go_on.lock().recv_timeout(Duration::from_secs(60)).unwrap();
        });
        let probe = Probe::new(hub, quick, how);
        replace(slow, "one");
        has_begun.recv_timeout(Duration::from_secs(60)).unwrap();
        replace(slow, "two");
        replace(quick, "new");
        probe.wait_for(Some("new"));
        go_on.send(()).unwrap();
        // What has changed while it ran.
        has_begun.recv_timeout(Duration::from_secs(60)).unwrap();
        go_on.send(()).unwrap();
        drop(watched);
    });
}

#[test]
fn modes() {
    let (hub, dir) = (Hub::new(), TempDir::new().unwrap());
    let path = &dir.path().join("file");
    fs::write(path, "old").unwrap();
    let asked = Probe::new(&hub, path, Watch::Poll(Duration::ZERO));
    let WatchMode::Poll { every, reason: PollReason::Asked } = asked.watched.mode() else { panic!() };
    assert_eq!(every, Duration::from_millis(10));
    assert!(matches!(Probe::new(&hub, path, Watch::Notify).watched.mode(), WatchMode::Notify));
    drop(asked);
    wait_until("the hub rests", || hub.effort() == (0, false));
    hub.refuse(true);
    let refused = watch_by(&hub, path, settled(path), Watch::Notify, Duration::ZERO, || ());
    let Err(error @ WatchError::TooManyFolders { .. }) = refused else { panic!() };
    assert!(error.to_string().contains("fs.inotify.max_user_watches"));
    let polled = Probe::new(&hub, path, Watch::Auto);
    let WatchMode::Poll { reason: PollReason::Failed(error), .. } = polled.watched.mode() else { panic!() };
    assert!(matches!(*error, WatchError::TooManyFolders { .. }));
    replace(path, "polled");
    polled.wait_for(Some("polled"));
    hub.refuse(false);
    let told = Probe::new(&hub, path, Watch::Notify);
    // What the system does not watch any longer is looked at instead.
    hub.refuse(true);
    hub.overflow();
    wait_until("it is polled", || matches!(told.watched.mode(), WatchMode::Poll { .. }));
    replace(path, "unwatched");
    told.wait_for(Some("unwatched"));
    assert!(watch_by(&hub, Path::new(""), settled(path), Watch::Auto, Duration::ZERO, || ()).is_err());
}
