//! The README's contract, plugin and host, written and built as they stand there.

use hookr_tests::book;
use hookr_tests::console::{Home, Step, steps};

/// What the README's sentence about manifests means.
const MANIFESTS: [(&str, &str); 3] = [
    ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"contract\", \"plugin\", \"host\"]\n"),
    (
        "plugin/Cargo.toml",
        "[package]\nname = \"greeter-plugin\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\n\n\
         [dependencies]\ngreeter = { path = \"../contract\", features = [\"guest\"] }\n",
    ),
    (
        "host/Cargo.toml",
        "[package]\nname = \"greeter-host\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\ngreeter = { path = \"../contract\", features = [\"host\"] }\n",
    ),
];

#[test]
fn contract_plugin_and_host_work_as_they_stand_there() {
    let blocks = book::blocks("README.md");
    let code = blocks.iter().filter(|block| block.attribute("file").is_some());
    let lines: usize = code.map(|block| block.body.lines().filter(|line| !line.is_empty()).count()).sum();
    assert!(lines <= 35, "some thirty lines, not {lines}");

    let types = |typed: &str| Step::Types { line: 0, typed: typed.to_owned(), shown: Vec::new() };
    let writes = |(path, text): (&str, &str)| Step::Writes { line: 0, path: path.to_owned(), text: text.to_owned() };
    let mut all = vec![types("mkdir greeter"), types("cd greeter")];
    all.extend(MANIFESTS.map(writes));
    all.extend(steps(&blocks));
    Home::of_crates("greeter").take("README.md", &all);
}
