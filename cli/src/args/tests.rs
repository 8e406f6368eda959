use std::path::Path;

use clap::{Command, CommandFactory};

use super::Arguments;
use super::page::{command, listed, page, shown, subcommands, text};

#[test]
fn the_command_line_is_consistent_and_every_command_shows_an_example() {
    let mut command = Arguments::command();
    command.build();
    command.clone().debug_assert();
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let help = subcommand.get_after_help().map(ToString::to_string).unwrap_or_default();
        let example = format!("EXAMPLE\n  hookr {}", subcommand.get_name());
        assert!(help.contains(&example) || subcommand.get_name() == "call", "{}", subcommand.get_name());
    }
}

#[test]
fn the_page_of_commands_is_what_command_lines_are_read_by() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference/commands.md");
    let written = page();
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &written).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let line = written.lines().zip(found.lines()).find(|(written, found)| written != found);
    assert!(found == written, "{} is not what the command line is: BLESS=1 writes it anew; {line:?}", path.display());
}

#[test]
fn every_command_and_every_option_is_on_the_page() {
    fn look(command: &Command, page: &str) {
        for sub in subcommands(command) {
            let path = sub.get_bin_name().unwrap();
            let section = page.split(&format!("# `{path}`\n")).nth(1).unwrap_or_else(|| panic!("{path} is missing"));
            let section = section.split("\n##").next().unwrap();
            for argument in listed(sub) {
                let row = format!("\n| {} |", shown(argument));
                assert_eq!(section.matches(&row).count(), 1, "{path}: {row}");
            }
            look(sub, page);
        }
    }
    let (page, command) = (page(), command());
    assert!(subcommands(&command).count() > 20);
    look(&command, &page);
}

#[test]
fn text_is_no_markup() {
    assert_eq!(text("a <b> of *c* | `d|<e>` f_g"), r"a \<b\> of \*c\* \| `d\|<e>` f\_g");
    assert_eq!(text("an odd ` is one"), r"an odd \` is one");
}
