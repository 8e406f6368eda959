use super::*;

/// The tokens of a text as their kinds and texts; an error as its code.
fn tokens(text: &str) -> Vec<String> {
    let mut lexer = Lexer::new(text, FileId(0));
    let mut out = Vec::new();
    loop {
        match lexer.next_token() {
            Ok(Token { kind: TokenKind::End, .. }) => return out,
            Ok(token) => {
                let written = &text[token.span.start as usize..token.span.end as usize];
                out.push(match token.kind {
                    TokenKind::Name => format!("name {written}"),
                    TokenKind::Integer => format!("integer {written}"),
                    TokenKind::Float => format!("float {written}"),
                    TokenKind::Text(value) => format!("text {value}"),
                    TokenKind::Punctuation(byte) => format!("punctuation {}", char::from(byte)),
                    TokenKind::End | TokenKind::Invalid => unreachable!("not made by the lexer here"),
                });
            }
            Err(error) => out.push(format!("{:?}", error.code)),
        }
    }
}

fn check(text: &str, expect: &[&str]) {
    assert_eq!(tokens(text), expect, "{text:?}");
}

#[test]
fn numbers() {
    check("1 -2 +3 007", &["integer 1", "integer -2", "integer +3", "integer 007"]);
    check("0x1F -0x80 0X0", &["integer 0x1F", "integer -0x80", "integer 0X0"]);
    check("1.5 .5 5. -.5e+3 1e3", &["float 1.5", "float .5", "float 5.", "float -.5e+3", "float 1e3"]);
    check("0x1.8p3 0x1p-2", &["float 0x1.8p3", "float 0x1p-2"]);
    check("-inf +inf -infinity", &["float -inf", "float +inf", "punctuation -", "name infinity"]);
    check("12abc", &["integer 12", "name abc"]);
    for bad in ["1.2.3", "1e", "0x", "-", "0x1.8", "1e5.", "--"] {
        assert_eq!(tokens(bad).first().map(String::as_str), Some("InvalidNumber"), "{bad}");
    }
}

#[test]
fn strings() {
    check(r#""a\n\x41\u00e9" 'x"y'"#, &["text a\nAé", "text x\"y"]);
    check(r#""\ud83d\ude00""#, &["text 😀"]);
    check(r#""\xc3\xa9""#, &["text é"]);
    check(r#""\q" x"#, &["BadEscape", "name x"]);
    check(r#""\ud83d" "\ude00" "\u12""#, &["BadEscape", "BadEscape", "BadEscape"]);
    check(r#""\xff""#, &["InvalidUtf8"]);
    check("\"a\nb", &["IllegalInString", "name b"]);
    check("\"a\tb\" c", &["IllegalInString", "name c"]);
    check("\"", &["IllegalInString"]);
    check("\"\\", &["IllegalInString"]);
    check("\"\\é\"", &["BadEscape"]);
}

#[test]
fn comments() {
    check("a // b\nc /* d\n */ e", &["name a", "name c", "name e"]);
    check("a /* b", &["name a", "UnterminatedComment"]);
    check("a /// b\n c", &["name a", "MisplacedDocumentation", "name c"]);
    let mut lexer = Lexer::new("/// one\n// no\n  /// two\r\n////three\ntable", FileId(0));
    let token = lexer.next_token().expect("a token");
    assert_eq!(token.docs, [" one", " two", "/three"]);
}

#[test]
fn other_characters() {
    check("é x", &["IllegalCharacter", "name x"]);
    check("a.b", &["name a", "punctuation .", "name b"]);
    check("\u{feff}table", &["name table"]);
    check("a\u{0}b", &["name a", "IllegalCharacter", "name b"]);
}

#[test]
fn text_that_was_no_utf8_may_stand_in_comments_only() {
    let mut lexer = Lexer::new("// \u{fffd}\n\"\u{fffd}\"", FileId(0)).lossy(true);
    assert_eq!(lexer.next_token().map_err(|error| error.code).err(), Some(Code::InvalidUtf8));
    let mut lexer = Lexer::new("\u{fffd}\u{fffd}a", FileId(0)).lossy(true);
    let error = lexer.next_token().expect_err("what was replaced is no character of a schema");
    assert_eq!((error.code, error.message.as_str()), (Code::InvalidUtf8, "this is not UTF-8"));
    assert!(lexer.next_token().is_ok(), "one error for all of it");
    // Where the file itself has the character, it is one like any other.
    let mut lexer = Lexer::new("\u{fffd}", FileId(0));
    assert_eq!(lexer.next_token().map_err(|error| error.code).err(), Some(Code::IllegalCharacter));
}
