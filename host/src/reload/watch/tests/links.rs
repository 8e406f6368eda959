//! Links, as the file and on the way to it.
#![cfg(unix)]

use std::os::unix::fs::symlink;

use super::*;

/// Replaces a link at once.
fn swap(target: impl AsRef<Path>, link: &Path) {
    let beside = link.with_extension("new");
    symlink(target, &beside).unwrap();
    fs::rename(beside, link).unwrap();
}

#[test]
fn a_link_as_the_file() {
    each_way(|hub, dir, how| {
        let path = &dir.join("file");
        let versions = &dir.join("versions");
        fs::create_dir(versions).unwrap();
        fs::write(versions.join("1"), "one").unwrap();
        fs::write(versions.join("2"), "two").unwrap();
        symlink(versions.join("1"), path).unwrap();
        let probe = Probe::new(hub, path, how);
        swap("versions/2", path);
        probe.wait_for(Some("two"));
        replace(&versions.join("2"), "two, and a half");
        probe.wait_for(Some("two, and a half"));
        swap("versions/3", path);
        probe.wait_for(None);
        fs::write(versions.join("3"), "three").unwrap();
        probe.wait_for(Some("three"));
        // Links of links.
        symlink("3", versions.join("latest")).unwrap();
        swap(versions.join("latest"), path);
        probe.wait_for(Some("three"));
        settled(path);
        swap("1", &versions.join("latest"));
        probe.wait_for(Some("one"));
        fs::remove_file(path).unwrap();
        probe.wait_for(None);
        fs::write(path, "no link").unwrap();
        probe.wait_for(Some("no link"));
    });
}

#[test]
fn a_link_on_the_way() {
    each_way(|hub, dir, how| {
        let current = &dir.join("current");
        let path = &current.join("lib/file");
        let make = |version: &str| {
            let folder = dir.join("releases").join(version).join("lib");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("file"), version).unwrap();
        };
        make("1");
        make("2");
        symlink("releases/1", current).unwrap();
        let probe = Probe::new(hub, path, how);
        swap("releases/2", current);
        probe.wait_for(Some("2"));
        replace(&dir.join("releases/2/lib/file"), "2.1");
        probe.wait_for(Some("2.1"));
        // What the link leads to is made anew, and the link stays.
        fs::rename(dir.join("releases/2"), dir.join("releases/old")).unwrap();
        probe.wait_for(None);
        make("2");
        probe.wait_for(Some("2"));
        fs::rename(dir.join("releases/2"), dir.join("releases/older")).unwrap();
        fs::rename(dir.join("releases/1"), dir.join("releases/2")).unwrap();
        probe.wait_for(Some("1"));
        fs::remove_file(current).unwrap();
        probe.wait_for(None);
        make("3");
        symlink(dir.join("releases/3"), current).unwrap();
        probe.wait_for(Some("3"));
    });
}

/// As the volumes of Kubernetes are changed: `file -> ..data/file`, `..data -> ..1`.
#[test]
fn a_volume() {
    each_way(|hub, dir, how| {
        let path = &dir.join("file");
        let data = &dir.join("..data");
        let publish = |version: usize| {
            let name = format!("..{version}");
            fs::create_dir(dir.join(&name)).unwrap();
            fs::write(dir.join(&name).join("file"), version.to_string()).unwrap();
            let beside = dir.join("..data_tmp");
            symlink(&name, &beside).unwrap();
            fs::rename(beside, data).unwrap();
        };
        publish(0);
        symlink("..data/file", path).unwrap();
        let probe = Probe::new(hub, path, how);
        for version in 1..6 {
            publish(version);
            fs::remove_dir_all(dir.join(format!("..{}", version - 1))).unwrap();
            probe.wait_for(Some(&version.to_string()));
        }
    });
}

#[test]
fn loops_of_links() {
    each_way(|hub, dir, how| {
        let path = &dir.join("a");
        fs::write(path, "old").unwrap();
        let probe = Probe::new(hub, path, how);
        symlink("a", dir.join("b")).unwrap();
        swap("b", path);
        probe.wait_for(None);
        swap("../elsewhere/../..", &dir.join("b"));
        fs::write(dir.join("c"), "out").unwrap();
        swap("c", &dir.join("b"));
        probe.wait_for(Some("out"));
    });
}

/// What comes through another name of the file is not told, but found when the system says that it may have lost something.
#[test]
fn what_the_system_does_not_tell() {
    let (hub, dir) = (Hub::new(), TempDir::new().unwrap());
    let path = &dir.path().join("file");
    let elsewhere = &dir.path().join("elsewhere");
    fs::create_dir(elsewhere).unwrap();
    fs::write(path, "old").unwrap();
    fs::hard_link(path, elsewhere.join("name")).unwrap();
    let told = Probe::new(&hub, path, Watch::Notify);
    let slow = Probe::new(&hub, path, Watch::Auto);
    fs::write(elsewhere.join("name"), "new").unwrap();
    // Every few seconds.
    slow.wait_for(Some("new"));
    assert_eq!(told.calls(), 0);
    hub.overflow();
    told.wait_for(Some("new"));
    replace(path, "told");
    told.wait_for(Some("told"));
    slow.wait_for(Some("told"));
}

/// Files that are polled are looked at once more when the system may have lost something, and not more often from then on.
#[test]
fn nobody_looks_without_need() {
    let (hub, dir) = (Hub::new(), TempDir::new().unwrap());
    let (path, other) = (&dir.path().join("file"), &dir.path().join("other"));
    let elsewhere = &dir.path().join("elsewhere");
    fs::create_dir(elsewhere).unwrap();
    fs::write(path, "old").unwrap();
    fs::write(other, "old").unwrap();
    fs::hard_link(path, elsewhere.join("name")).unwrap();
    let rarely = Probe::new(&hub, other, Watch::Poll(Duration::from_secs(3600)));
    let told = Probe::new(&hub, path, Watch::Notify);
    fs::write(elsewhere.join("name"), "new").unwrap();
    hub.overflow();
    // It is looked at after the other one.
    told.wait_for(Some("new"));
    let next = hub.next_look().unwrap();
    assert!(next > Instant::now() + Duration::from_secs(1800));
    drop(rarely);
    wait_until("nobody looks", || hub.next_look().is_none());
}
