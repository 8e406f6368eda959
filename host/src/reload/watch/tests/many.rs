//! Many files at once.

use super::*;

/// In one folder, renamed by two threads as fast as they can.
#[test]
fn a_storm() {
    each_way(|hub, dir, how| {
        let paths: Vec<_> = (0..40).map(|file| dir.join(file.to_string())).collect();
        for path in &paths {
            fs::write(path, "old").unwrap();
        }
        let probes: Vec<_> = paths.iter().map(|path| Probe::new(hub, path, how)).collect();
        std::thread::scope(|scope| {
            for half in paths.chunks(20) {
                scope.spawn(move || {
                    for round in 0..50 {
                        for path in half {
                            replace(path, &round.to_string());
                        }
                    }
                });
            }
        });
        for probe in &probes {
            probe.wait_for(Some("49"));
        }
        assert!(hub.effort().0 <= 1);
    });
}

/// Folders that are swapped all the time: nothing gets lost on the way.
#[test]
fn a_storm_of_folders() {
    each_way(|hub, dir, how| {
        let folder = &dir.join("folder");
        let make = |folder: &Path, content: &str| {
            fs::create_dir(folder).unwrap();
            for file in 0..8 {
                fs::write(folder.join(file.to_string()), content).unwrap();
            }
        };
        make(folder, "old");
        let probes: Vec<_> = (0..8).map(|file| Probe::new(hub, &folder.join(file.to_string()), how)).collect();
        for round in 0..200 {
            let (next, old) = (&dir.join("next"), &dir.join("old"));
            make(next, &round.to_string());
            fs::rename(folder, old).unwrap();
            fs::rename(next, folder).unwrap();
            fs::remove_dir_all(old).unwrap();
            if round % 20 == 0 {
                probes.iter().for_each(|probe| probe.wait_for(Some(&round.to_string())));
            }
        }
        probes.iter().for_each(|probe| probe.wait_for(Some("199")));
        for probe in &probes {
            replace(probe.watched.path(), "after the storm");
            probe.wait_for(Some("after the storm"));
        }
    });
}

/// In folders of their own.
#[test]
fn three_hundred_files() {
    each_way(|hub, dir, how| {
        let paths: Vec<_> = (0..300).map(|file| dir.join(format!("{}/{file}", file % 100))).collect();
        for path in &paths {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "old").unwrap();
        }
        let probes: Vec<_> = paths.iter().map(|path| Probe::new(hub, path, how)).collect();
        let folders = if how == Watch::Notify { 100 } else { 0 };
        assert_eq!(hub.effort(), (folders, true));
        for path in &paths {
            replace(path, "new");
        }
        for probe in &probes {
            probe.wait_for(Some("new"));
        }
        // One of them, and no other.
        let calls: Vec<_> = probes.iter().map(Probe::calls).collect();
        replace(&paths[7], "newer");
        probes[7].wait_for(Some("newer"));
        let others =
            |calls: &[usize]| calls.iter().enumerate().filter(|(at, _)| *at != 7).map(|(_, n)| *n).sum::<usize>();
        assert_eq!(others(&probes.iter().map(Probe::calls).collect::<Vec<_>>()), others(&calls));
    });
}
