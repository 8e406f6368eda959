//! A chat that shows what people write only after a plugin has filtered it.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;

use examples_shared::{Arguments, Failure, remark, run};
use hookr::Printable;
use textfilter::{Empty, FilterRequest, PluginHandle};

/// What people write.
const LINES: [&str; 5] = [
    "good morning, everybody",
    "this platform has forbidden words",
    "FORBIDDEN, you say? Who forbids the word forbidden?",
    "Spam, spam, spam, spam and eggs",
    "das ist UNERHÖRT – 前代未聞",
];

const BLOCKED: [&str; 4] = ["forbidden", "spam", "unerhört", "前代未聞"];

/// A line with more of it than this is not shown at all.
const MAX_REPLACEMENTS: u32 = 3;

fn main() -> ExitCode {
    run(chat)
}

fn chat(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let builder = PluginHandle::builder();
    // Whether code may run is a decision: one of these is needed.
    let builder = match &arguments.sha256 {
        Some(hash) => builder.sha256(hash),
        None => {
            remark("no --sha256 given: running the plugin whatever it is");
            builder.allow_unsigned()
        }
    };
    let plugin = builder.open(&arguments.plugin)?;

    // Strings of a plugin are text from outside: `Printable` keeps control characters away from the terminal.
    let info = plugin.get_info(&Empty {})?;
    writeln!(out, "{} {}: {}", Printable(&info.name), Printable(&info.version), Printable(&info.description))?;

    for line in LINES {
        let response = plugin.filter(&FilterRequest {
            input: line.into(),
            blocked_terms: BLOCKED.map(String::from).to_vec(),
            replacement: "[filtered]".into(),
            max_replacements: MAX_REPLACEMENTS,
            ..FilterRequest::default()
        })?;
        writeln!(out, "\n  said   {line}")?;
        if response.blocked {
            writeln!(out, "  hidden ({})", Printable(&response.reason))?;
        } else {
            writeln!(out, "  shown  {}", Printable(&response.output))?;
        }
    }

    // What the plugin refuses comes back as an error with a code and a message.
    let nonsense = FilterRequest { blocked_terms: vec![String::new()], ..FilterRequest::default() };
    match plugin.filter(&nonsense) {
        Err(error) => writeln!(out, "\nan empty term: {error}")?,
        Ok(_) => return Err("the plugin took an empty term".into()),
    }
    Ok(())
}
