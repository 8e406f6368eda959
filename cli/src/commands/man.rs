//! `hookr man`.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use fbs2wit::diag::suggest;

use crate::args::{Arguments, ManArgs};
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::hint::Hint;
use crate::terminal;

pub(crate) fn run(args: &ManArgs) -> Result<()> {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    let Some(folder) = &args.out else {
        return terminal::print(&page(find(&root, &args.command)?)?);
    };
    let commands = all(&root);
    for command in &commands {
        files::write(&folder.join(format!("{}.1", name(command))), page(command)?.as_bytes())?;
    }
    terminal::say(&format!("wrote {} pages to {}", commands.len(), shown(folder)));
    Ok(())
}

/// The command that these words name.
fn find<'a>(root: &'a Command, words: &[String]) -> Result<&'a Command> {
    words.iter().try_fold(root, |command, word| {
        let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        command.find_subcommand(word).ok_or_else(|| {
            let near = suggest(word, names.iter().copied()).map(|near| Hint::DidYouMean(near.to_owned()));
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            let text = format!("`{}` has no command `{word}`", name(command).replace('-', " "));
            Failure::message(Exit::Usage, text).hint(near.unwrap_or(Hint::OneOf("commands", names)))
        })
    })
}

/// A command, and those below it.
fn all(command: &Command) -> Vec<&Command> {
    std::iter::once(command).chain(command.get_subcommands().flat_map(all)).collect()
}

/// The name of its page: `hookr-cache-list`.
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// A page. Nothing in it depends on the day.
fn page(command: &Command) -> Result<String> {
    let name = name(command).to_owned();
    let source = format!("hookr {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).title(name.to_uppercase()).date("").source(source).manual("Hookr");
    let mut page = Vec::new();
    sections(&man, command, &mut page).or_exit(Exit::Input)?;
    let page = String::from_utf8(page).or_exit(Exit::Input)?;
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    Ok(page + &blocks(&after) + &see_also(&name))
}

fn sections(man: &Man, command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    Ok(())
}

/// What stands below the help of a command: a heading starts a section, and lines with space before them stay as they are.
fn blocks(text: &str) -> String {
    let mut out = String::new();
    let mut is_block = false;
    for line in text.lines() {
        if (line.starts_with(' ') || line.is_empty()) != is_block {
            is_block = !is_block;
            out += if is_block { ".nf\n" } else { ".fi\n" };
        }
        let is_heading = line.ends_with(':') || line.chars().all(|c| c.is_ascii_uppercase() || c == ' ');
        if is_heading && !line.is_empty() {
            out += &format!(".SH {:?}\n", line.trim_end_matches(':').to_uppercase());
        } else {
            out += &escaped(line.strip_prefix("  ").unwrap_or(line));
            out.push('\n');
        }
    }
    if is_block { out + ".fi\n" } else { out }
}

/// A line that roff shows as it is: nothing in it is a request.
fn escaped(line: &str) -> String {
    let escaped = line.replace('\\', "\\e").replace('-', "\\-");
    if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
}

fn see_also(name: &str) -> String {
    match name.rsplit_once('-') {
        Some((above, _)) => format!(".SH \"SEE ALSO\"\n{}(1)\n", escaped(above)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_stay_as_they_are() {
        let text = "EXAMPLE\n  a --b \\\n      .c\n\nWithout --b, it is c.\n\nExit codes:\n  0  fine";
        let expected = ".SH \"EXAMPLE\"\n.nf\na \\-\\-b \\e\n    .c\n\n.fi\nWithout \\-\\-b, it is c.\n.nf\n\n.fi\n\
                        .SH \"EXIT CODES\"\n.nf\n0  fine\n.fi\n";
        assert_eq!(blocks(text), expected);
        assert_eq!(escaped(".x 'y"), "\\&.x 'y");
    }
}
