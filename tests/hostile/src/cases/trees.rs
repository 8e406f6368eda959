//! Values that WIT can say and the contract cannot: trees that are none, arrays of another length.

use hookr::CallWay;
use hookr_tests::hostile::Hostile;

use crate::case::{ANSWERED, Case};
use crate::component::shapes;
use crate::outcome::Failure;
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let invalid = "CallError::InvalidResponse";
    vec![
        chain("honest", "a chain of three", 0, vec![Some(1), Some(2), None], ANSWERED),
        chain("deep-enough", "a chain of sixty-four, which is as long as one may be", 0, straight(64), ANSWERED),
        chain("too-deep", "a chain of sixty-five", 0, straight(65), invalid).says("deep"),
        chain("very-deep", "a chain of fifty thousand", 0, straight(50_000), invalid).says("deep"),
        chain("root-outside", "a root that is not in the list", 3, straight(3), invalid),
        chain("outside", "a link that is not in the list", 0, vec![Some(1), Some(2)], invalid),
        chain("far-outside", "a link with the largest of all numbers", 0, vec![Some(u32::MAX)], invalid),
        chain("itself", "a link that leads to itself", 0, vec![Some(0)], invalid),
        chain("circle", "two links that lead to each other", 0, vec![Some(1), Some(0)], invalid),
        chain("shared", "two links that lead to the same", 0, vec![Some(2), Some(2), None], invalid),
        chain("unused", "a link that nothing leads to", 0, vec![None, None], invalid),
        chain("empty", "a tree without elements", 0, Vec::new(), invalid),
        strip("array-short", "an array that is too short", 16, invalid),
        strip("array-long", "an array that is too long", 18, invalid),
        strip("array", "an array as it should be", 17, ANSWERED),
    ]
}

fn straight(length: u32) -> Vec<Option<u32>> {
    (1..=length).map(|next| (next < length).then_some(next)).collect()
}

/// `Follow` answers with a chain whose elements lead to these.
fn chain(name: &str, about: &'static str, root: u32, next: Vec<Option<u32>>, expected: &'static str) -> Case {
    let plugin = move || {
        let mut list = Vec::new();
        for next in &next {
            list.extend([7, u32::from(next.is_some()), next.unwrap_or(0)].map(u32::to_le_bytes).concat());
        }
        let response = [0, root, 0x10000, next.len() as u32].map(u32::to_le_bytes).concat();
        let plugin = Hostile::of("shapes").memory("16").data(1024, &response).data(0x10000, &list);
        shapes(&plugin.body("plugin#follow", "(i32.const 1024)"))
    };
    let drive = |target: &Target| {
        target.shapes(CallWay::Component)?.follow(&shapes::Chain::default())?;
        Ok(())
    };
    Case::new(format!("tree/{name}"), about, plugin, drive, expected)
}

/// `Bind` answers with an array of this length.
fn strip(name: &str, about: &'static str, length: u32, expected: &'static str) -> Case {
    let plugin = move || {
        let response = [0, 2048, length].map(u32::to_le_bytes).concat();
        shapes(&Hostile::of("shapes").data(1024, &response).body("plugin#bind", "(i32.const 1024)"))
    };
    Case::new(format!("tree/{name}"), about, plugin, bind, expected)
}

fn bind(target: &Target) -> Result<(), Failure> {
    target.shapes(CallWay::Component)?.bind(&shapes::Band::default())?;
    Ok(())
}
