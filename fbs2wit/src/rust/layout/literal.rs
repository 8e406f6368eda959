/// The text that a string literal stands for.
pub(super) fn text(literal: &str) -> String {
    if let Some(raw) = literal.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let quoted = raw.get(hashes..raw.len() - hashes).unwrap_or_default();
        return without_quotes(quoted).to_owned();
    }
    let mut text = String::with_capacity(literal.len());
    let mut characters = without_quotes(literal).chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(escaped(&mut characters)),
            character => text.push(character),
        }
    }
    text
}

fn without_quotes(quoted: &str) -> &str {
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(quoted)
}

/// The character that stands behind a backslash.
fn escaped(characters: &mut std::str::Chars<'_>) -> Option<char> {
    match characters.next()? {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '0' => Some('\0'),
        'u' => {
            let digits: String = characters.by_ref().skip(1).take_while(|character| *character != '}').collect();
            u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
        }
        itself => Some(itself),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Literal, TokenStream, TokenTree};

    use super::text;

    #[test]
    fn a_literal_gives_its_text_back() {
        for original in ["", " a", "\"", "\\", "\n\r\t\0\u{1}", "'", "r#\"a\"#", "ä\u{202e}", "a\\u{b}\\"] {
            assert_eq!(text(&Literal::string(original).to_string()), original);
        }
    }

    #[test]
    fn so_does_one_that_was_written() {
        for (written, expected) in [(r##"r#" a "b" "#"##, " a \"b\" "), (r#"r"\n""#, "\\n"), (r#""\u{e4}\'""#, "ä'")] {
            let tokens: TokenStream = written.parse().unwrap();
            let Some(TokenTree::Literal(literal)) = tokens.into_iter().next() else { panic!("{written} is a literal") };
            assert_eq!(text(&literal.to_string()), expected);
        }
    }
}
