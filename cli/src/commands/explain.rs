//! `hookr explain`.

use fbs2wit::diag::{Code, suggest};

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::hint::Hint;
use crate::terminal;

/// The width of the text.
const WIDTH: usize = 90;

pub(crate) fn run(args: &ExplainArgs) -> Result<()> {
    let Some(wanted) = &args.code else {
        let list: Vec<String> = Code::ALL.iter().map(|code| format!("{code}  {}\n", code.title())).collect();
        return terminal::print(&list.concat());
    };
    let found = Code::ALL.iter().find(|code| code.as_str().eq_ignore_ascii_case(wanted));
    let Some(code) = found else {
        if Code::RETIRED.iter().any(|code| code.eq_ignore_ascii_case(wanted)) {
            return terminal::print(&format!(
                "{}: retired: what it refused is translated now\n",
                wanted.to_uppercase()
            ));
        }
        let near = suggest(wanted, Code::ALL.iter().map(|code| code.as_str()));
        let hint = near.map(|code| Hint::DidYouMean(code.to_owned())).unwrap_or(Hint::ListCodes);
        return Err(Failure::message(Exit::Usage, format!("there is no error code `{wanted}`")).hint(hint));
    };
    terminal::print(&format!("{code}: {}\n\n{}\n", code.title(), wrapped(code.explanation())))
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
