//! Files that are watched.

use super::*;

#[test]
fn a_changed_file_comes_into_service_by_itself() {
    let file = Installed::new(bytes(1));
    let plugin = watching().open(file.path()).unwrap();
    let mut events = plugin.reloader().events();
    for (number, generation) in [(2, 2), (3, 3), (1, 4)] {
        file.install(bytes(number));
        let found = news(&mut events, new_version);
        assert_eq!(found, (Cause::Changed, generation, Digest::of(&bytes(number))));
        assert_eq!(which(&plugin), number);
    }
}

#[test]
fn a_version_that_does_not_work_is_told_once_and_mended() {
    let file = Installed::new(bytes(1));
    let builder = watching().on_reload(|next, _| next.get_version(&Empty {}).map(drop));
    let plugin = builder.open(file.path()).unwrap();
    let mut events = plugin.reloader().events();
    let broken = fs::read(faulty(2, Fault::Broken)).unwrap();
    for _ in 0..3 {
        // Each is another file with the same content.
        file.install(&broken);
        thread::sleep(Duration::from_millis(200));
    }
    let said = news(&mut events, failure);
    assert!(said.contains("trapped in Plugin:GetVersion"), "{said}");
    file.install(bytes(3));
    let next = news(&mut events, |news| Some(format!("{news:?}")).filter(|_| !matches!(news, News::Drained { .. })));
    assert!(next.starts_with("Reloaded"), "the failure is told once: {next}");
    assert_eq!(which(&plugin), 3);
}

#[test]
fn a_version_that_was_rolled_back_does_not_come_again_by_itself() {
    let file = Installed::new(bytes(1));
    let plugin = watching().open(file.path()).unwrap();
    let (reloader, mut events) = (plugin.reloader(), plugin.reloader().events());
    file.install(bytes(2));
    news(&mut events, new_version);
    reloader.rollback().unwrap();
    news(&mut events, new_version);
    file.install(bytes(2));
    thread::sleep(Duration::from_millis(300));
    assert_eq!(which(&plugin), 1);
    file.install(bytes(3));
    assert_eq!(news(&mut events, new_version).2, Digest::of(&bytes(3)));
}

#[test]
fn a_paused_plugin_stays_and_catches_up() {
    let file = Installed::new(bytes(1));
    let plugin = watching().open(file.path()).unwrap();
    let (reloader, mut events) = (plugin.reloader(), plugin.reloader().events());
    reloader.pause();
    reloader.pause();
    assert!(reloader.is_paused());
    file.install(bytes(2));
    thread::sleep(Duration::from_millis(300));
    assert_eq!(which(&plugin), 1);
    reloader.resume();
    assert_eq!(news(&mut events, new_version).1, 2);
    assert_eq!(which(&plugin), 2);
    reloader.pause();
    file.install(bytes(3));
    reloaded(&reloader);
    assert_eq!(which(&plugin), 3, "who asks for it gets it");
}

#[test]
fn a_change_between_reading_and_watching_is_not_missed() {
    let file = Installed::new(bytes(1));
    let artifact = hookr::Artifact::read(file.path()).unwrap();
    file.install(bytes(2));
    let plugin = watching().open_artifact(&artifact).unwrap();
    let mut events = plugin.reloader().events();
    if which(&plugin) == 1 {
        news(&mut events, new_version);
    }
    assert_eq!(which(&plugin), 2);
}

#[test]
fn the_watching_ends_with_the_plugin() {
    let file = Installed::new(bytes(1));
    let plugin = watching().open(file.path()).unwrap();
    assert!(plugin.reloader().mode().is_some());
    let mut events = plugin.reloader().events();
    drop(plugin);
    file.install(bytes(2));
    assert!(events.next_timeout(LONG).is_none(), "there is nobody left to tell anything");
}
