//! The WIT of what stands beside the world of a contract, and what plugins carry of it.

use std::fs;

use hookr_abi::{LANE_WIT, LOG_WIT, STATE_WIT, TYPES_WIT, lane, log, state};
use hookr_tests::root;
use wit_component::{StringEncoding, metadata};
use wit_parser::Resolve;

/// The worlds, each with the file that puts it into plugins.
const WORLDS: [(&str, &str); 3] = [
    ("lane-plugin", "guest/src/lane/component-type.bin"),
    ("log-plugin", "guest/src/log/component-type.bin"),
    ("state-plugin", "guest/src/state/component-type.bin"),
];

/// The text that has a world, with what it uses.
fn text(world: &str) -> String {
    match world {
        "lane-plugin" => LANE_WIT.to_owned(),
        "log-plugin" => LOG_WIT.to_owned(),
        _ => {
            let types = TYPES_WIT.lines().filter(|line| !line.starts_with("package "));
            types.fold(STATE_WIT.to_owned(), |text, line| text + line + "\n")
        }
    }
}

/// A world as `wit-component` reads it from a custom section.
fn encoded(world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("abi.wit", &text(world)).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    metadata::encode(&resolve, world, StringEncoding::UTF8, None, false).unwrap()
}

#[test]
fn plugins_carry_the_worlds() {
    for (world, file) in WORLDS {
        let expected = encoded(world);
        let path = root().join(file);
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            fs::write(&path, &expected).unwrap();
        }
        let found = fs::read(&path).unwrap();
        assert!(found == expected, "{file} is not what the WIT says: BLESS=1 writes it again");
    }
}

/// The files make one package, whose interfaces have the names that hosts look for.
#[test]
fn the_package_is_one() {
    let mut resolve = Resolve::default();
    resolve.push_dir(root().join("wit/hookr-abi")).unwrap();
    assert_eq!(resolve.packages.len(), 1);
    let mut names: Vec<_> = resolve.interfaces.iter().map(|(id, _)| resolve.id_of(id).unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [lane::HOST_INTERFACE, lane::INTERFACE, log::INTERFACE, state::INTERFACE, "hookr:abi/types@0.1.0"]
    );
    let interface = resolve.interfaces.iter().find(|(_, found)| found.name.as_deref() == Some("state")).unwrap().1;
    assert!(interface.functions.keys().eq([state::SNAPSHOT, state::RESTORE]));
}
