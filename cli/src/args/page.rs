//! docs/src/reference/commands.md, made of the definitions that command lines are read by. `BLESS=1` writes it.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::Arguments;

const HEAD: &str = "\
# Commands

<!-- Generated from the command line's own definitions. Do not edit: `BLESS=1 cargo test --workspace --bin hookr` writes it. -->

Every command of `hookr`, with all of its arguments and options. This page is generated from what command lines are read by, and a
test compares the two; `hookr COMMAND --help` and `hookr man COMMAND` say the same in other forms. What all commands have in
common (streams, JSON, colours, the environment) is in [Conventions of the command line](cli.md), and what they end with in
[Exit codes](exit-codes.md).

The value of an option stands behind it, after a space or `=`.
";

/// The command line with everything in it.
pub(super) fn command() -> Command {
    let mut command = Arguments::command();
    command.build();
    command
}

/// The whole page.
pub(super) fn page() -> String {
    let command = command();
    let mut page = HEAD.to_owned();
    page += "\n| Command | What it does |\n|---|---|\n";
    for sub in subcommands(&command) {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let name = sub.get_name();
        writeln!(page, "| [`{name}`](#hookr-{name}) | {} |", text(&about)).unwrap();
    }
    page += "\n## Options of all commands\n\n";
    page += "They may stand before or behind the command.\n\n";
    let global: Vec<_> = command.get_arguments().filter(|argument| argument.is_global_set()).collect();
    table(&mut page, &command, &global);
    page += "\nEach command has `--help` (`-h` for a summary), too, and `hookr --version` prints the version.\n";
    for sub in subcommands(&command) {
        section(&mut page, sub, "##");
    }
    page
}

fn section(page: &mut String, command: &Command, level: &str) {
    let path = command.get_bin_name().unwrap_or_else(|| command.get_name());
    write!(page, "\n{level} `{path}`\n\n").unwrap();
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
    for (at, paragraph) in about.split("\n\n").enumerate() {
        // The first line of a documentation comment has no full stop.
        let end = if at == 0 && !paragraph.ends_with('.') { "." } else { "" };
        write!(page, "{}{end}\n\n", text(&paragraph.replace('\n', " "))).unwrap();
    }
    let usage = command.clone().render_usage().to_string();
    writeln!(page, "```text\n{}\n```", usage.trim().trim_start_matches("Usage: ")).unwrap();
    if subcommands(command).next().is_some() {
        let list = subcommands(command).map(|sub| {
            let path = sub.get_bin_name().unwrap();
            format!("[`{path}`](#{})", path.replace(' ', "-"))
        });
        write!(page, "\nIts commands: {}.\n", list.collect::<Vec<_>>().join(", ")).unwrap();
    }
    let arguments = listed(command);
    let mut headings: Vec<Option<&str>> = Vec::new();
    for argument in &arguments {
        if !headings.contains(&argument.get_help_heading()) {
            headings.push(argument.get_help_heading());
        }
    }
    for heading in headings {
        if let Some(heading) = heading {
            write!(page, "\n**{heading}**\n").unwrap();
        }
        page.push('\n');
        let of_it: Vec<_> = arguments.iter().copied().filter(|it| it.get_help_heading() == heading).collect();
        table(page, command, &of_it);
    }
    if let Some(help) = command.get_after_help() {
        after(page, &help.to_string());
    }
    for sub in subcommands(command) {
        section(page, sub, &format!("{level}#"));
    }
}

/// One row for each argument.
fn table(page: &mut String, command: &Command, arguments: &[&Arg]) {
    page.push_str("| Option | Default | Meaning |\n|---|---|---|\n");
    for argument in arguments {
        let help =
            argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string).unwrap_or_default();
        let (help, mut default) = match help.rsplit_once(" [default: ") {
            Some((help, default)) if default.ends_with(']') => (help.to_owned(), text(default.trim_end_matches(']'))),
            _ => (help, String::new()),
        };
        let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
        if let Some(value) = argument.get_default_values().first().filter(|_| takes_value) {
            default = format!("`{}`", value.to_string_lossy());
        } else if argument.is_required_set() {
            "required".clone_into(&mut default);
        }
        let mut meaning = text(&help.replace('\n', " "));
        let values: Vec<_> = match argument.is_hide_possible_values_set() || !takes_value {
            true => Vec::new(),
            false => argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect(),
        };
        if !values.is_empty() {
            let values = values.iter().map(|value| match value.get_help() {
                Some(help) => format!("`{}`: {}", value.get_name(), text(help.to_string().trim_end_matches('.'))),
                None => format!("`{}`", value.get_name()),
            });
            write!(meaning, ". Values: {}", values.collect::<Vec<_>>().join("; ")).unwrap();
        }
        let mut others: Vec<_> = command
            .get_arg_conflicts_with(argument)
            .into_iter()
            .filter(|other| !other.is_hide_set())
            .map(shown_short)
            .collect();
        others.dedup();
        if !others.is_empty() {
            write!(meaning, ". Not with {}", others.join(", ")).unwrap();
        }
        writeln!(page, "| {} | {default} | {meaning} |", shown(argument)).unwrap();
    }
}

/// What the help ends with: headings in capitals with what is indented below them, and text.
fn after(page: &mut String, help: &str) {
    for part in help.split("\n\n") {
        let mut lines = part.lines();
        let head = lines.next().unwrap_or_default();
        if head.chars().all(|letter| letter.is_ascii_uppercase()) {
            let name = head[..1].to_owned() + &head[1..].to_ascii_lowercase();
            let language = match head {
                "EXAMPLE" => "sh",
                "JSON" => "json",
                _ if part.contains("\n  {") => "json",
                _ => "text",
            };
            let lines: Vec<_> = lines.map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
            write!(page, "\n{name}:\n\n```{language}\n{}\n```\n", lines.join("\n")).unwrap();
        } else {
            write!(page, "\n{}\n", text(&part.replace('\n', " "))).unwrap();
        }
    }
}

/// The commands in a command, without `help`.
pub(super) fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|sub| sub.get_name() != "help" && !sub.is_hide_set())
}

/// What a command takes of its own.
pub(super) fn listed(command: &Command) -> Vec<&Arg> {
    let mut positional_first: Vec<_> = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && !argument.is_global_set())
        .filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"))
        .collect();
    positional_first.sort_by_key(|argument| !argument.is_positional());
    positional_first
}

/// An argument as it is written on a command line.
pub(super) fn shown(argument: &Arg) -> String {
    let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let value =
        argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    if argument.is_positional() {
        let dots = if matches!(argument.get_action(), ArgAction::Append) { "…" } else { "" };
        return if argument.is_last_set() { format!("`-- {value}…`") } else { format!("`{value}`{dots}") };
    }
    let long = argument.get_long().unwrap_or_default();
    let short = argument.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    let optional = argument.get_num_args().is_some_and(|number| number.min_values() == 0);
    match (takes_value, optional) {
        (true, true) => format!("{short}`--{long}[={value}]`"),
        (true, false) => format!("{short}`--{long} {value}`"),
        (false, _) => format!("{short}`--{long}`"),
    }
}

/// An argument by its name alone.
fn shown_short(argument: &Arg) -> String {
    argument.get_long().map_or_else(|| shown(argument), |long| format!("`--{long}`"))
}

/// Text in which nothing is Markdown or HTML but code in backticks, for a cell of a table or a paragraph.
pub(super) fn text(plain: &str) -> String {
    let mut escaped = String::new();
    let has_even = plain.matches('`').count().is_multiple_of(2);
    let mut is_code = false;
    for letter in plain.chars() {
        match letter {
            '`' if has_even => is_code = !is_code,
            // A table ends its cells there, in code as well.
            '|' => escaped.push('\\'),
            '`' | '\\' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '~' if !is_code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(letter);
    }
    escaped
}
