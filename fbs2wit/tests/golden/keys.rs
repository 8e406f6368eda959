//! Generated codecs of vectors that are sorted by structs and arrays. flatc fails an assertion of its own when it reads
//! such vectors from JSON, so that it only decodes here what we encode; the order is that of its C++.

use std::cmp::Ordering;

use super::expected::keys::types::{Block, Catalog, Must, Package, Place, Rank, Release, Route, Sample, Span, Version};
use super::expected::keys::{FlatBuffer, fb};
use super::{flatc, folder};

fn version(major: u16, rank: Rank, minor: i64, ratio: f32) -> Version {
    Version { major, rank, minor, ratio, cmp: major == 0 }
}

fn whole(major: u16) -> Version {
    version(major, Rank::Middle, 0, 0.0)
}

fn span(last: f64) -> Span {
    let version = version(1, Rank::Low, -1, 0.5);
    Span { from: version, marks: [1, 2, 3], scales: [0.0, last], between: [version, Version::default()] }
}

fn catalog() -> Catalog {
    let package = |span, name: &str| Package { span, name: name.into() };
    let release = |size, version| Release { size, version };
    Catalog {
        packages: vec![
            package(Some(span(2.0)), "c"),
            package(None, "a"),
            package(Some(span(-3.0)), "b"),
            package(None, "a too"),
        ],
        must: vec![Must { version: version(3, Rank::Low, 0, 0.0) }, Must { version: version(2, Rank::High, 9, 9.0) }],
        releases: vec![
            release(1, version(256, Rank::Low, 0, 0.0)),
            release(2, version(2, Rank::High, 0, 0.0)),
            release(3, version(2, Rank::Low, 5, 0.0)),
            release(4, version(2, Rank::Low, -5, 1.0)),
            release(5, version(2, Rank::Low, -5, -1.0)),
        ],
        blocks: [[2, 0, 0, 0], [1, 255, 0, 0], [1, 0, 0, 255]].map(|hash| Block { hash, eq: 0 }).into(),
        samples: [[0.5, 1.0], [-1.0, 9.0], [0.5, -2.0]].map(|at| Sample { at, cmp: 1 }).into(),
        places: [[Rank::High, Rank::Low], [Rank::Low, Rank::High], [Rank::Low, Rank::Middle]]
            .map(|ranks| Place { ranks })
            .into(),
        routes: [[2, 1], [1, 9], [1, 2]].map(|steps| Route { steps: steps.map(whole) }).into(),
    }
}

#[test]
fn vectors_are_written_sorted_field_by_field_and_element_by_element() {
    let bytes = catalog().to_flatbuffer();
    let read = Catalog::from_flatbuffer(&bytes).unwrap();
    let names: Vec<&str> = read.packages.iter().map(|package| package.name.as_str()).collect();
    // Those without a key stand first and keep their order.
    assert_eq!(names, ["a", "a too", "b", "c"]);
    assert_eq!(read.must.iter().map(|must| must.version.major).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(read.releases.iter().map(|release| release.size).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    let hashes: Vec<_> = read.blocks.iter().map(|block| block.hash).collect();
    assert_eq!(hashes, [[1, 0, 0, 255], [1, 255, 0, 0], [2, 0, 0, 0]]);
    assert_eq!(read.samples.iter().map(|sample| sample.at).collect::<Vec<_>>(), [[-1.0, 9.0], [0.5, -2.0], [0.5, 1.0]]);
    let ranks: Vec<_> = read.places.iter().map(|place| place.ranks).collect();
    assert_eq!(ranks, [[Rank::Low, Rank::Middle], [Rank::Low, Rank::High], [Rank::High, Rank::Low]]);
    let steps: Vec<_> = read.routes.iter().map(|route| route.steps.map(|step| step.major)).collect();
    assert_eq!(steps, [[1, 2], [1, 9], [2, 1]]);
    // What is sorted stays as it is.
    assert_eq!(read.to_flatbuffer(), bytes);
}

#[test]
fn sorted_vectors_can_be_searched() {
    let bytes = catalog().to_flatbuffer();
    let reader = Catalog::read(&bytes).unwrap();
    let releases = reader.releases();
    let wanted = releases.get(2).version();
    let found = releases.lookup_by_key(&wanted, |release, version| release.key_compare_with_value(version));
    assert_eq!(found.map(|release| release.size()), Some(3));
    let other = fb::Version::new(2, fb::Rank::Middle, 5, 0.0, true);
    assert!(releases.lookup_by_key(&other, |release, version| release.key_compare_with_value(version)).is_none());
    assert!(releases.get(0).key_compare_less_than(releases.get(1)));
    assert!(!releases.get(1).key_compare_less_than(releases.get(1)));

    let packages = reader.packages().unwrap();
    let span = packages.get(3).span().unwrap();
    let found = packages.lookup_by_key(span, |package, span| package.key_compare_with_value(span));
    assert_eq!(found.and_then(|package| package.name()), Some("c"));
    assert!(packages.get(0).key_compare_less_than(&packages.get(2)));
    assert_eq!(packages.get(0).key_compare_with_value(span), Ordering::Less);

    let blocks = reader.blocks().unwrap();
    let found = blocks.lookup_by_key([1, 255, 0, 0], |block, hash| block.key_compare_with_value(hash));
    assert_eq!(found.map(|block| block.hash()), Some([1, 255, 0, 0]));
    let samples = reader.samples().unwrap();
    assert_eq!(samples.get(1).key_compare_with_value(&[0.5, -2.5]), Ordering::Greater);
    assert!(samples.get(0).key_compare_less_than(samples.get(1)));
}

#[test]
fn padding_is_no_part_of_a_key() {
    let clean = fb::Version::new(1, fb::Rank::Low, 2, 3.0, true);
    let mut bytes = [0xff; 24];
    bytes[..2].copy_from_slice(&1_u16.to_le_bytes());
    bytes[8..16].copy_from_slice(&2_i64.to_le_bytes());
    bytes[16..20].copy_from_slice(&3.0_f32.to_le_bytes());
    bytes[20] = 1;
    let must = vec![Must { version: Version::default() }];
    let mut buffer = Catalog { must, ..Default::default() }.to_flatbuffer();
    let at = std::ptr::from_ref(version_in(&buffer)).addr() - buffer.as_ptr().addr();
    buffer[at..at + bytes.len()].copy_from_slice(&bytes);
    assert_eq!(*version_in(&buffer), clean);
}

fn version_in(buffer: &[u8]) -> &fb::Version {
    Catalog::read(buffer).unwrap().must().unwrap().get(0).version()
}

#[test]
fn flatc_decodes_what_we_sort() {
    let Some(flatc) = flatc::flatc() else { return };
    let schema = folder().join("schemas/keys.fbs");
    let json = flatc::decode(&flatc, &schema, "Test.Keys.Catalog", &catalog().to_flatbuffer());
    let sizes: Vec<_> = json["releases"].as_array().unwrap().iter().map(|release| release["size"].clone()).collect();
    assert_eq!(sizes, [5, 4, 3, 2, 1]);
    assert_eq!(json["packages"][0], serde_json::json!({"name": "a"}));
    assert_eq!(json["blocks"][0]["hash"], serde_json::json!([1, 0, 0, 255]));
}
