//! Tokens become words: where a space stands between two of them, and what each does to lines.

use std::vec::IntoIter;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};

use super::literal;
use super::words::{Kind, Open, Words};

/// What was before a word.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// What the next word joins.
    Prefix,
    /// What a space follows.
    Operator,
    /// What a space follows, before a bracket too.
    Keyword,
    /// A value or a type, behind which operators and arguments stand.
    Operand,
    /// The `!` of a macro's name.
    Macro,
}

/// A group that is being read.
struct Reading {
    delimiter: Delimiter,
    in_attribute: bool,
    /// Whether it may be a tuple, and not the arguments of something.
    tuple: bool,
    before: Before,
    /// The `<` that are open, each with whether a list is in it: `<T as A>::B` has none.
    angles: Vec<(usize, bool)>,
    /// Whether the outermost of them declares parameters: `impl<'a>`.
    declares: bool,
    /// Whether the parameters of a closure are open.
    in_closure: bool,
    /// Whether the next block has lines of its own: that of a function, a type, a `match`.
    body: bool,
    /// Whether it has fields or cases.
    fields: bool,
    commas: usize,
    semicolons: usize,
    /// Whether something in it cannot be on one line.
    broken: bool,
}

impl Reading {
    fn new(delimiter: Delimiter) -> Self {
        Reading {
            delimiter,
            in_attribute: false,
            tuple: false,
            before: if delimiter == Delimiter::Brace { Before::Operator } else { Before::Prefix },
            angles: Vec::new(),
            declares: false,
            in_closure: false,
            body: false,
            fields: false,
            commas: 0,
            semicolons: 0,
            broken: false,
        }
    }

    /// Whether a space comes before a word that has no wish of its own.
    fn space(&self) -> bool {
        self.before != Before::Prefix
    }

    /// Ends what could be the head of a block.
    fn end_head(&mut self) {
        self.body = false;
        self.fields = false;
    }
}

impl Words {
    /// Takes the words of tokens.
    pub(super) fn read(&mut self, tokens: TokenStream) {
        self.sequence(tokens.into_iter().collect(), &mut Reading::new(Delimiter::Brace));
    }

    fn sequence(&mut self, tokens: Vec<TokenTree>, at: &mut Reading) {
        let mut rest = tokens.into_iter();
        while let Some(token) = rest.next() {
            match token {
                TokenTree::Ident(ident) => self.ident(&ident, &mut rest, at),
                TokenTree::Punct(punct) => self.operator(&punct, &mut rest, at),
                TokenTree::Group(group) => self.group(group, rest.as_slice().first(), at),
                TokenTree::Literal(literal) => {
                    self.push(&literal, at.space(), Kind::Plain);
                    // In `self.0.next()` the number has the dot.
                    let has_dot = self.last_text(1).ends_with('.');
                    at.before = if has_dot { Before::Prefix } else { Before::Operand };
                }
            }
        }
    }

    fn ident(&mut self, ident: &Ident, rest: &mut IntoIter<TokenTree>, at: &mut Reading) {
        self.push(ident, at.space(), Kind::Plain);
        let text = self.last_text(1);
        if text == "safety"
            && let [TokenTree::Punct(bang), TokenTree::Group(group), ..] = rest.as_slice()
            && bang.as_char() == '!'
            && let Some(TokenTree::Literal(literal)) = group.stream().into_iter().next()
        {
            self.pop();
            let text = literal::text(&literal.to_string());
            self.push(format_args!("// SAFETY: {text}"), false, Kind::Comment { documents: false });
            // The `!`, the text and the semicolon.
            rest.nth(2);
            at.broken = true;
            at.before = Before::Operator;
            return;
        }
        at.body |=
            matches!(text, "enum" | "fn" | "for" | "impl" | "loop" | "match" | "mod" | "struct" | "trait" | "while");
        at.fields |= matches!(text, "enum" | "struct");
        at.before = if is_keyword(text) { Before::Keyword } else { Before::Operand };
    }

    fn operator(&mut self, first: &Punct, rest: &mut IntoIter<TokenTree>, at: &mut Reading) {
        let lifetime = match rest.as_slice() {
            [TokenTree::Ident(ident), ..] if first.as_char() == '\'' => Some(ident),
            _ => None,
        };
        if let Some(ident) = lifetime {
            self.push(format_args!("'{ident}"), at.space(), Kind::Plain);
            rest.next();
            at.before = Before::Keyword;
            return;
        }
        let operator = read_operator(first, rest, !at.angles.is_empty());
        let (operand, space) = (at.before == Before::Operand, at.space());
        let mut kind = Kind::Plain;
        let (space, before) = match operator {
            "," => {
                if !at.angles.is_empty() {
                    kind = Kind::Comma { last: is_punct(rest.as_slice().first(), '>') };
                } else if !at.in_closure {
                    // A tuple of one needs its comma.
                    let last = rest.as_slice().is_empty() && !(at.tuple && at.commas == 0);
                    kind = Kind::Comma { last };
                    at.commas += 1;
                    at.end_head();
                }
                (false, Before::Operator)
            }
            ";" => {
                if at.delimiter == Delimiter::Brace {
                    kind = Kind::Semicolon;
                }
                at.semicolons += 1;
                at.angles.clear();
                at.end_head();
                (false, Before::Operator)
            }
            "." => {
                if is_call(rest.as_slice()) {
                    kind = Kind::Call;
                }
                (false, Before::Prefix)
            }
            ":" if self.last_text(2) == "$" => (false, Before::Prefix),
            ":" => (false, Before::Operator),
            "::" | ".." | "..=" => (space && !operand, Before::Prefix),
            "?" if operand => (false, Before::Operand),
            "!" if operand => (false, Before::Macro),
            "#" | "$" | "?" | "!" => (space, Before::Prefix),
            "<" if !operand || self.is_generic() => {
                let last = self.last_text(1);
                let declares = matches!(last, "for" | "impl");
                if at.angles.is_empty() {
                    at.declares = declares;
                }
                at.angles.push((self.len(), operand || declares || last == "::"));
                (space && !operand && !declares, Before::Prefix)
            }
            ">" if let Some((opened, comma)) = at.angles.pop() => {
                self.open(opened, Open { delimiter: Delimiter::None, close: self.len(), broken: false, comma });
                kind = Kind::Close { ends_line: false };
                let declared = at.angles.is_empty() && at.declares;
                (false, if declared { Before::Keyword } else { Before::Operand })
            }
            "|" if at.in_closure => {
                at.in_closure = false;
                (false, Before::Operator)
            }
            "|" if !operand => {
                at.in_closure = true;
                (space, Before::Prefix)
            }
            "&" | "&&" | "*" | "-" if !operand => (space, Before::Prefix),
            "||" if !operand => (space, Before::Operator),
            operator => {
                at.body &= !at.angles.is_empty() || !matches!(operator, "=" | "=>");
                (true, Before::Operator)
            }
        };
        self.push(operator, space, kind);
        at.before = before;
    }

    /// Whether a `<` belongs to the word before: to a type, or to the name of a function.
    fn is_generic(&self) -> bool {
        let name = self.last_text(1);
        name.starts_with(|c: char| c.is_ascii_uppercase()) || self.last_text(2) == "fn"
    }

    fn group(&mut self, group: Group, next: Option<&TokenTree>, at: &mut Reading) {
        let (delimiter, tokens) = (group.delimiter(), group.stream());
        // A stream that nobody else has gives its tokens without copying them.
        drop(group);
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let last = self.last_text(1);
        let is_inner = last == "!" && self.last_text(2) == "#";
        let is_attribute = delimiter == Delimiter::Bracket && (last == "#" || is_inner);
        if is_attribute && let Some(text) = documentation(&tokens) {
            return self.documentation(&text, is_inner, at);
        }
        let (open, close) = match delimiter {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            // Nobody sees its ends.
            Delimiter::None => return self.sequence(tokens, at),
        };
        let space = match (delimiter, at.before) {
            (Delimiter::Brace, before) => before != Before::Prefix,
            (Delimiter::Parenthesis, Before::Keyword) => !matches!(last, "fn" | "pub" | "unsafe"),
            (_, before) => matches!(before, Before::Operator | Before::Keyword),
        };
        let (is_call, is_macro) = (at.before == Before::Operand, at.before == Before::Macro);
        let mut inside = Reading::new(delimiter);
        inside.in_attribute = at.in_attribute || is_attribute;
        inside.tuple = delimiter == Delimiter::Parenthesis && !is_call && !is_macro;
        // `use a::{b, c}` has no spaces inside.
        if !space {
            inside.before = Before::Prefix;
        }
        let opened = self.len();
        self.push(open, space, Kind::Plain);
        self.sequence(tokens, &mut inside);

        let closed = self.len();
        let is_block = delimiter == Delimiter::Brace && opened + 1 < closed;
        let has_lines = is_attribute && !at.in_attribute;
        let broken = inside.broken || is_block && (at.body || inside.semicolons > 0);
        let is_list = match delimiter {
            Delimiter::Brace if at.fields => true,
            // Behind a block, what looks like a list may be statements.
            Delimiter::Brace => (inside.commas > 0 || self.text(opened + 2) == ":") && self.last_text(1) != "}",
            _ => inside.semicolons == 0 && (inside.commas > 0 || is_call),
        };
        let comma = is_list && !is_macro && !inside.in_attribute;
        self.open(opened, Open { delimiter, close: closed, broken, comma });
        let ends_line = match delimiter {
            Delimiter::Brace => at.delimiter == Delimiter::Brace && !next.is_some_and(continues),
            _ => has_lines,
        };
        self.push(close, is_block && space, Kind::Close { ends_line });
        at.broken |= broken || has_lines;
        if delimiter == Delimiter::Brace {
            at.end_head();
        }
        at.before = if ends_line { Before::Operator } else { Before::Operand };
    }

    /// Makes a comment of an attribute, whose beginning is there already.
    fn documentation(&mut self, text: &str, is_inner: bool, at: &mut Reading) {
        self.pop();
        if is_inner {
            self.pop();
        }
        let mark = if is_inner { "//!" } else { "///" };
        self.push(format_args!("{mark}{text}"), false, Kind::Comment { documents: !is_inner });
        at.broken = true;
        at.before = Before::Operator;
    }
}

/// The operator that begins with a token, as long as it can be.
fn read_operator(first: &Punct, rest: &mut IntoIter<TokenTree>, in_angles: bool) -> &'static str {
    const LONG: [&str; 23] = [
        "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "..=", "..", "<<=", "<<", ">>=", ">>", "+=", "-=", "*=",
        "/=", "%=", "^=", "&=", "|=",
    ];
    const SHORT: &str = "!#$%&'*+,-./:;<=>?@^|~";

    let joined = |(punct, next): (&Punct, &TokenTree)| match next {
        TokenTree::Punct(next) if punct.spacing() == Spacing::Joint => Some(next.as_char()),
        _ => None,
    };
    let (second, third) = match rest.as_slice() {
        [next @ TokenTree::Punct(second), after, ..] => (joined((first, next)), joined((second, after))),
        [next, ..] => (joined((first, next)), None),
        [] => (None, None),
    };
    let characters = [Some(first.as_char()), second, second.and(third)];
    let is_it = |long: &&&str| long.chars().zip(characters).all(|(expected, found)| found == Some(expected));
    // Every `>` closes a `<` of its own.
    let single = second.is_none() || in_angles && first.as_char() == '>';
    if !single && let Some(long) = LONG.iter().find(is_it) {
        rest.nth(long.len() - 2);
        return long;
    }
    SHORT.find(first.as_char()).map_or("", |at| &SHORT[at..=at])
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// Whether a name and arguments follow, or a name and types.
fn is_call(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Ident(_), TokenTree::Group(group), ..] => group.delimiter() == Delimiter::Parenthesis,
        [TokenTree::Ident(_), first, second, ..] => is_punct(Some(first), ':') && is_punct(Some(second), ':'),
        _ => false,
    }
}

/// Whether a token behind a block belongs to the same statement.
fn continues(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(ident) => ident == "else" || ident == "as",
        TokenTree::Punct(punct) => ",;.?=+/%^|>".contains(punct.as_char()),
        _ => false,
    }
}

/// Whether a word is no value: what follows is an operand of its own.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "break"
            | "const"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
    )
}

/// The text of `doc = "…"`, if it fits into a comment.
fn documentation(attribute: &[TokenTree]) -> Option<String> {
    match attribute {
        [TokenTree::Ident(doc), TokenTree::Punct(_), TokenTree::Literal(text)] if doc == "doc" => {
            Some(literal::text(&text.to_string())).filter(|text| !text.contains(['\n', '\r']))
        }
        _ => None,
    }
}
