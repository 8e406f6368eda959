//! The lane's WIT, and what plugins carry of it.

use std::fs;

use hookr_abi::lane::{HOST_INTERFACE, INTERFACE};
use hookr_tests::root;
use wit_component::{StringEncoding, metadata};
use wit_parser::Resolve;

/// The name of the file that the export macro puts into plugins.
const FILE: &str = "guest/src/lane/component-type.bin";

/// The world as `wit-component` reads it from a custom section.
fn encoded() -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("lane.wit", hookr_abi::LANE_WIT).unwrap();
    let world = resolve.select_world(&[package], Some("lane-plugin")).unwrap();
    metadata::encode(&resolve, world, StringEncoding::UTF8, None, false).unwrap()
}

#[test]
fn plugins_carry_the_world() {
    let expected = encoded();
    let path = root().join(FILE);
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read(&path).unwrap();
    assert!(found == expected, "{FILE} is not what the WIT says: BLESS=1 writes it again");
}

#[test]
fn the_interfaces_have_the_names_that_hosts_look_for() {
    let mut resolve = Resolve::default();
    resolve.push_str("lane.wit", hookr_abi::LANE_WIT).unwrap();
    let mut names: Vec<_> = resolve.interfaces.iter().map(|(id, _)| resolve.id_of(id).unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, [HOST_INTERFACE, INTERFACE]);
}

/// The two files make one package.
#[test]
fn the_package_is_one() {
    let mut resolve = Resolve::default();
    resolve.push_dir(root().join("wit/hookr-abi")).unwrap();
    assert_eq!(resolve.packages.len(), 1);
    assert_eq!(resolve.interfaces.len(), 3);
}
