//! The plugin that other tests replace by a newer version of itself.

use std::collections::BTreeSet;

use hookr::{Artifact, CallError};
use hookr_tests::versions::{Fault, faulty, version, versions_builder, versions_builder_with};
use versions::{Answer, AskRequest, Empty};

#[test]
fn each_version_says_which_it_is() {
    let mut hashes = BTreeSet::new();
    for number in 1..=3 {
        let path = version(number);
        hashes.insert(Artifact::read(&path).unwrap().sha256().to_string());
        let plugin = versions_builder().open(&path).unwrap();
        assert_eq!(plugin.get_version(&Empty {}).unwrap().version, number);
        assert_eq!(plugin.count(&Empty {}).unwrap().version, number);
    }
    assert_eq!(hashes.len(), 3);
}

#[test]
fn the_oracle_is_asked_in_between() {
    let builder = versions_builder_with(|_, request| Ok(Answer { text: request.question.to_uppercase() }));
    let answer = builder.open(version(2)).unwrap().ask(&AskRequest { question: "why".into() }).unwrap();
    assert_eq!((answer.before, answer.text.as_str(), answer.after), (2, "WHY", 2));
}

#[test]
fn a_broken_version_opens_and_does_not_work() {
    let plugin = versions_builder().open(faulty(3, Fault::Broken)).unwrap();
    assert!(matches!(plugin.get_version(&Empty {}), Err(CallError::Trapped { .. })));
    assert_eq!(plugin.count(&Empty {}).unwrap().version, 3);
}
