//! docs/src/figures: drawings whose numbers are those of the pages that they come from.

use std::fs;

use hookr_tests::root;

#[test]
fn the_costs_that_are_drawn_are_those_that_were_measured() {
    let drawn = fs::read_to_string(root().join("docs/src/figures/cost.svg")).unwrap();
    let measured = fs::read_to_string(root().join("docs/src/reference/benchmarks.md")).unwrap();
    let group = measured.split("echo, 64 B  ").nth(1).unwrap().split("\n\n").next().unwrap();
    let description = drawn.split("<desc").nth(1).unwrap().split("</desc>").next().unwrap();
    // `class="v" x="293" y="37">10.9</text>`
    let values = drawn.split("class=\"v\"").skip(1).filter_map(|text| text.split(['>', '<']).nth(1));
    let values: Vec<_> = values.filter(|text| text.parse::<f64>().is_ok()).collect();
    assert_eq!(values.len(), 10);
    for value in values {
        assert!(group.contains(&format!(" {value} ns")), "{value} is not in the group");
        assert!(description.contains(value), "{value} is not in the description");
    }
}

/// Drawings of ideas, by hand. Others are pictures of a screen, whose text is in them.
const DRAWN: [&str; 4] = ["call.svg", "contract.svg", "cost.svg", "reload.svg"];

#[test]
fn figures_say_what_they_show() {
    let folder = root().join("docs/src/figures");
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            let text = fs::read_to_string(&path).unwrap();
            for part in ["<title id=", "viewBox=", "role=\"img\"", "aria-labelledby="] {
                assert!(text.contains(part), "{} has no {part}", path.display());
            }
        }
    }
    for drawn in DRAWN {
        let text = fs::read_to_string(folder.join(drawn)).unwrap();
        assert!(text.contains("<desc id="), "{drawn} is not described");
        assert!(!text.contains("<image") && !text.contains("@font-face"), "{drawn} has something embedded");
    }
}
