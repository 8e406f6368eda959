//! The tutorials, followed step by step from an empty folder: files are written as a page shows them, commands typed, and what
//! they print compared with what the page shows.

use hookr_tests::console::{Home, Step, steps};
use hookr_tests::{book, run};

/// Follows a tutorial, whose project is in a folder of this name, which its crates have as well.
fn follow(page: &str, project: &str) {
    let page = format!("docs/src/tutorials/{page}.md");
    let blocks = book::blocks(&page);
    let mut files = 0;
    for block in &blocks {
        if let Some(path) = block.attribute("file") {
            files += 1;
            assert!(block.caption.contains(path), "{page}:{}: the line above it does not say {path}", block.line);
        }
    }
    let typed = steps(&blocks).iter().filter(|step| matches!(step, Step::Types { .. })).count();
    assert!(files >= 5 && typed >= 5, "{page} has {files} files and {typed} commands");

    let home = Home::of_crates(project);
    home.follow(&page);
    // A reader who formats what was copied finds nothing changed.
    let format = format!("cd {project} && cargo fmt --check -p {project}-plugin -p {project}-host");
    run(home.shell().arg(format)).success();
}

#[test]
fn textfilter() {
    follow("textfilter", "wordfilter");
}

#[test]
fn urlbalancer() {
    follow("urlbalancer", "balancer");
}

#[test]
fn game_loop() {
    follow("game-loop", "gameloop");
}
