//! `hookr explain`.

use fbs2wit::diag::{Code, suggest};
use serde_json::{Value, json};

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::hint::Hint;
use crate::terminal::{self, Cell, Meaning, Style, Table};

/// The width of the text.
const WIDTH: usize = 90;

pub(crate) fn run(args: &ExplainArgs, style: Style) -> Result<()> {
    let Some(wanted) = &args.code else {
        if args.json {
            return terminal::print_json(&Code::ALL.iter().map(|code| in_json(*code)).collect());
        }
        let mut table = Table::new().elastic(1);
        for code in Code::ALL {
            table.row([Cell::new(Meaning::Name, code.as_str()), code.title().into()]);
        }
        return terminal::print(&table.render(style, terminal::width()));
    };
    let found = Code::ALL.iter().find(|code| code.as_str().eq_ignore_ascii_case(wanted));
    let Some(code) = found else {
        if Code::RETIRED.iter().any(|code| code.eq_ignore_ascii_case(wanted)) {
            let wanted = wanted.to_uppercase();
            if args.json {
                return terminal::print_json(
                    &json!({ "code": wanted, "retired": true, "title": null, "explanation": null }),
                );
            }
            return terminal::print(&format!(
                "{}: retired: what it refused is translated now\n",
                style.strong(&wanted)
            ));
        }
        let near = suggest(wanted, Code::ALL.iter().map(|code| code.as_str()));
        let hint = near.map(|code| Hint::DidYouMean(code.to_owned())).unwrap_or(Hint::ListCodes);
        return Err(Failure::message(Exit::Usage, format!("there is no error code `{wanted}`")).hint(hint));
    };
    if args.json {
        return terminal::print_json(&in_json(*code));
    }
    let head = style.strong(&format!("{code}: {}", code.title()));
    terminal::print(&format!("{head}\n\n{}\n", wrapped(code.explanation())))
}

fn in_json(code: Code) -> Value {
    json!({ "code": code.as_str(), "retired": false, "title": code.title(), "explanation": code.explanation() })
}

/// The text in lines of at most [`WIDTH`] characters, where its words allow that.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_short_and_nothing_is_lost() {
        for code in Code::ALL {
            let text = wrapped(code.explanation());
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{code}");
            assert_eq!(text.replace('\n', " "), code.explanation().replace('\n', " "), "{code}");
        }
    }
}
