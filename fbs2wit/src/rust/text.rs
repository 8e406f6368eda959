//! Rust as text, for what there is of for every field of every table: as tokens, that would take most of the time.
//!
//! A piece is written as it will stand in the file, with `$name` or `${name}` for what differs, and without a thought for
//! the length of its lines: one with a line that is too long goes through the layout of tokens. Of comments, that keeps
//! documentation and `// SAFETY: …` only.

use proc_macro2::TokenStream;

use super::layout;

/// Lines of Rust, which grow piece by piece.
#[derive(Default)]
pub(super) struct Text {
    out: String,
    indent: usize,
}

/// What stands in a piece for each `$name`.
pub(super) type Values<'v> = [(&'static str, &'v str)];

impl Text {
    /// The lines.
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Adds a blank line, unless a block starts here.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("{\n") {
            self.out.push('\n');
        }
    }

    /// Adds a documentation comment: what the schema says, or the other text where it says nothing.
    pub(super) fn docs(&mut self, lines: &[String], otherwise: &str) {
        if lines.is_empty() {
            return self.doc(otherwise);
        }
        for line in lines {
            self.doc(line);
        }
    }

    /// Adds a line of documentation.
    pub(super) fn doc(&mut self, line: &str) {
        self.start_line();
        self.out.push_str(if line.is_empty() { "///" } else { "/// " });
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Adds whole statements, items or fields, each with the values of its names. The indentation of the first line is
    /// not part of it.
    pub(super) fn add(&mut self, piece: &str, values: &Values<'_>) {
        let start = self.out.len();
        self.lines(piece, values);
        let lines = &self.out[start..];
        let is_long = |line: &str| line.len() > layout::WIDTH && !line.trim_start().starts_with("//");
        if lines.lines().any(is_long)
            && let Ok(tokens) = tokens_of(lines)
        {
            self.out.truncate(start);
            self.tokens(tokens);
        }
    }

    /// Adds what is there as tokens.
    pub(super) fn tokens(&mut self, tokens: TokenStream) {
        layout::indented(tokens, self.indent, &mut self.out);
    }

    /// Adds a line that ends in a bracket, what is between the brackets, and the other bracket.
    pub(super) fn block(&mut self, head: &str, values: &Values<'_>, inside: impl FnOnce(&mut Self)) {
        self.lines(head, values);
        self.indent += layout::INDENT;
        inside(self);
        self.indent -= layout::INDENT;
        self.start_line();
        self.out.push_str("}\n");
    }

    /// Adds elements between brackets, on one line if they fit.
    pub(super) fn list(&mut self, open: &str, elements: &[String], close: &str) {
        let width =
            elements.iter().fold(self.indent + open.len() + close.len(), |sum, element| sum + element.len() + 2);
        let one_line = width <= layout::WIDTH;
        self.start_line();
        self.out.push_str(open);
        if !one_line {
            self.out.push('\n');
        }
        for (at, element) in elements.iter().enumerate() {
            if one_line {
                self.out.push_str(if at == 0 { " " } else { ", " });
                self.out.push_str(element);
            } else {
                self.indent += layout::INDENT;
                self.start_line();
                self.indent -= layout::INDENT;
                self.out.push_str(element);
                self.out.push_str(",\n");
            }
        }
        if !one_line {
            self.start_line();
        } else if !elements.is_empty() {
            self.out.push(' ');
        }
        self.out.push_str(close);
        self.out.push('\n');
    }

    fn lines(&mut self, piece: &str, values: &Values<'_>) {
        let piece = piece.strip_prefix('\n').unwrap_or(piece).trim_end();
        let margin = piece.len() - piece.trim_start().len();
        for line in piece.lines() {
            if let Some(line) = line.get(margin..) {
                self.start_line();
                self.fill(line, values);
            }
            self.out.push('\n');
        }
    }

    /// Adds a text with a value for each of its names.
    fn fill(&mut self, text: &str, values: &Values<'_>) {
        let mut parts = text.split('$');
        self.out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (name, rest) = match part.strip_prefix('{').and_then(|part| part.split_once('}')) {
                Some(braced) => braced,
                None => part.split_at(part.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(part.len())),
            };
            let value = values.iter().find(|(known, _)| *known == name);
            // Pieces are ours, and every one of them is in the tests.
            self.out.push_str(value.unwrap_or_else(|| panic!("a piece of generated code names `${name}`")).1);
            self.out.push_str(rest);
        }
    }

    fn start_line(&mut self) {
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }
}

/// The tokens of lines; comments are as those who write tokens have them.
fn tokens_of(lines: &str) -> Result<TokenStream, proc_macro2::LexError> {
    let mut text = String::with_capacity(lines.len());
    for line in lines.lines() {
        match line.trim_start().strip_prefix("// SAFETY: ") {
            Some(argument) => text.push_str(&format!("safety!({argument:?});")),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Text)) -> String {
        let mut text = Text::default();
        write(&mut text);
        text.finish()
    }

    #[test]
    fn names_stand_for_values_and_values_for_themselves() {
        let values = [("a", "$b"), ("b", "two")];
        assert_eq!(text(|text| text.add("f($a, ${b}_c, $b);", &values)), "f($b, two_c, two);\n");
    }

    #[test]
    fn pieces_are_indented_like_what_they_are_in() {
        let written = text(|text| {
            text.block("impl A {", &[], |text| {
                text.gap();
                text.doc("Text.");
                text.add(
                    "
                    fn a() {

                        b();
                    }
                    ",
                    &[],
                );
                text.gap();
                text.list("const B: A = A {", &["c: 1".to_owned(), "d: 2".to_owned()], "};");
            });
        });
        let expected = [
            "impl A {",
            "    /// Text.",
            "    fn a() {",
            "",
            "        b();",
            "    }",
            "",
            "    const B: A = A { c: 1, d: 2 };",
            "}",
        ];
        assert_eq!(written.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn long_lines_are_laid_out_and_keep_their_arguments() {
        let long = "a".repeat(60);
        let written = text(|text| {
            text.block("fn b() {", &[], |text| {
                text.add("// SAFETY: \"it\" is.\nlet c = unsafe { $long(d, $long) };", &[("long", &long)]);
                text.list("Self {", &[long.clone(), long.clone()], "}");
            });
        });
        let expected = [
            "fn b() {",
            "    // SAFETY: \"it\" is.",
            "    let c = unsafe {",
            &format!("        {long}("),
            "            d,",
            &format!("            {long},"),
            "        )",
            "    };",
            "    Self {",
            &format!("        {long},"),
            &format!("        {long},"),
            "    }",
            "}",
        ];
        assert_eq!(written.lines().collect::<Vec<_>>(), expected);
    }
}
