//! The syntax of JSON, without a schema: a tree with spans.

use super::{JsonOptions, Path};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{Lexer, Token, TokenKind};

/// A JSON text whose syntax has been read; what its values mean is up to a schema.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    root: Node<'a>,
}

/// A value in a JSON text.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    pub(super) kind: NodeKind<'a>,
    pub(super) span: Span,
}

/// A named value in an object.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its name, without quotes.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its value.
    pub value: Node<'a>,
}

#[derive(Clone, Debug)]
pub(super) enum NodeKind<'a> {
    Object(Vec<Member<'a>>),
    Array(Vec<Node<'a>>),
    Text(String),
    Integer(&'a str),
    Float(&'a str),
    /// `null`, `true`, the name of an enum's value, `inf`: with the sign before it.
    Name(&'a str),
    /// `rad(180)`.
    Call(&'a str, Box<Node<'a>>),
    /// What was no value; it has been reported.
    Invalid,
}

impl<'a> Document<'a> {
    /// Reads the syntax of a whole text.
    ///
    /// # Errors
    ///
    /// The first error of the syntax, or every error in strings and numbers before it.
    pub fn parse(sources: &'a SourceMap, file: FileId, options: &JsonOptions) -> Result<Self, Diagnostics> {
        let len = sources.get(file).map_or(0, |source| source.text.len());
        let span = Span { file, start: 0, end: u32::try_from(len).unwrap_or(u32::MAX) };
        Self::parse_span(sources, span, options)
    }

    /// Reads the syntax of a part of a text.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`].
    pub fn parse_span(sources: &'a SourceMap, span: Span, options: &JsonOptions) -> Result<Self, Diagnostics> {
        let text = sources.get(span.file).and_then(|source| source.text.get(..span.end as usize)).unwrap_or_default();
        let mut lexer = Lexer::new(text, span.file).lossy(sources.is_lossy(span.file));
        if span.start > 0 {
            lexer = lexer.starting_at(span.start);
        }
        let end = Span { start: span.end, ..span };
        let token = Token { kind: TokenKind::End, span: end, docs: Vec::new() };
        let mut parser = Parser { text, lexer, token, problem: None, options, errors: Diagnostics::default() };
        parser.advance();
        let root = parser.document();
        let Parser { mut errors, .. } = parser;
        match root {
            Ok(root) => errors.finish(Document { root }),
            Err(error) => {
                // Behind a string or number that is none, what is unexpected may be its rest.
                if errors.is_empty() {
                    errors.push(*error);
                }
                Err(errors)
            }
        }
    }

    /// The value that the text is.
    pub fn root(&self) -> &Node<'a> {
        &self.root
    }
}

impl<'a> Node<'a> {
    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The members, if it is an object.
    pub fn members(&self) -> Option<&[Member<'a>]> {
        match &self.kind {
            NodeKind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    pub fn elements(&self) -> Option<&[Node<'a>]> {
        match &self.kind {
            NodeKind::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number as it is written, if it is one.
    pub fn number(&self) -> Option<&str> {
        match self.kind {
            NodeKind::Integer(text) | NodeKind::Float(text) => Some(text),
            _ => None,
        }
    }

    /// The word, if it is one without quotes: `true`, `null`, or `inf`, with the sign before it.
    pub fn word(&self) -> Option<&str> {
        match self.kind {
            NodeKind::Name(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Name("null"))
    }

    /// What it is, as messages say it: `the number 1.5`, `an object`.
    pub fn describe(&self) -> String {
        const LONGEST: usize = 40;
        let short = |text: &str| {
            let head: String = text.chars().take(LONGEST).collect();
            if head.len() < text.len() { head + "…" } else { head }
        };
        match &self.kind {
            NodeKind::Object(_) => "an object".to_owned(),
            NodeKind::Array(_) => "an array".to_owned(),
            NodeKind::Text(text) => {
                let mut quoted = String::from("the string ");
                super::write::quote(&mut quoted, &short(text));
                quoted
            }
            NodeKind::Integer(text) | NodeKind::Float(text) => format!("the number {}", short(text)),
            NodeKind::Name(text @ ("null" | "true" | "false")) => format!("`{text}`"),
            NodeKind::Name(text) => format!("the name `{}`", short(text)),
            NodeKind::Call(name, _) => format!("the function `{}`", short(name)),
            NodeKind::Invalid => "nothing readable".to_owned(),
        }
    }
}

struct Parser<'a, 'o> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// The token at hand.
    token: Token,
    /// What is wrong with it, if it is no token: it is reported where its path is known.
    problem: Option<Box<Diagnostic>>,
    options: &'o JsonOptions,
    errors: Diagnostics,
}

impl<'a> Parser<'a, '_> {
    fn document(&mut self) -> Result<Node<'a>, Box<Diagnostic>> {
        let root = self.value(&Path::Root, 0)?;
        match self.token.kind {
            TokenKind::End => Ok(root),
            _ => Err(self.unexpected(&Path::Root, "the end of the file")),
        }
    }

    fn advance(&mut self) {
        self.token = match self.lexer.next_token() {
            Ok(token) => token,
            Err(error) => {
                let token = Token { kind: TokenKind::Invalid, span: error.span, docs: Vec::new() };
                self.problem = Some(Box::new(error));
                token
            }
        };
    }

    fn value(&mut self, path: &Path<'_>, depth: u32) -> Result<Node<'a>, Box<Diagnostic>> {
        let start = self.token.span;
        let kind = match &mut self.token.kind {
            TokenKind::Punctuation(b'{') => return self.object(path, depth),
            TokenKind::Punctuation(b'[') => return self.array(path, depth),
            TokenKind::Punctuation(b'+' | b'-') => return self.signed(path),
            TokenKind::Name => return self.name(path, depth),
            TokenKind::Text(text) => NodeKind::Text(std::mem::take(text)),
            TokenKind::Integer => NodeKind::Integer(self.slice(start)),
            TokenKind::Float => NodeKind::Float(self.slice(start)),
            TokenKind::Invalid => {
                let problem = self.unexpected(path, "a value");
                self.errors.push(*problem);
                NodeKind::Invalid
            }
            TokenKind::End | TokenKind::Punctuation(_) => return Err(self.unexpected(path, "a value")),
        };
        self.advance();
        Ok(Node { kind, span: start })
    }

    fn object(&mut self, path: &Path<'_>, depth: u32) -> Result<Node<'a>, Box<Diagnostic>> {
        let start = self.open(path, depth)?;
        let mut members = Vec::new();
        while !self.closes(b'}', members.is_empty()) {
            let span = self.token.span;
            let name = match &mut self.token.kind {
                TokenKind::Text(text) => std::mem::take(text),
                TokenKind::Name if !self.options.strict => self.slice(span).to_owned(),
                TokenKind::Name => {
                    let quoted = format!("write `\"{}\"`", self.slice(span));
                    let error = *self.unexpected(path, "a string constant as the name of a field");
                    return Err(Box::new(error.help(quoted)));
                }
                _ => return Err(self.unexpected(path, "the name of a field")),
            };
            self.advance();
            let at = path.key(&name);
            self.expect(&at, b':', "`:`")?;
            let value = self.value(&at, depth + 1)?;
            members.push(Member { name, span, value });
            if self.token.is(b'}') {
                break;
            }
            self.expect(path, b',', "`,` or `}`")?;
        }
        let span = start.to(self.token.span);
        self.expect(path, b'}', "the name of a field")?;
        Ok(Node { kind: NodeKind::Object(members), span })
    }

    fn array(&mut self, path: &Path<'_>, depth: u32) -> Result<Node<'a>, Box<Diagnostic>> {
        let start = self.open(path, depth)?;
        let mut elements = Vec::new();
        while !self.closes(b']', elements.is_empty()) {
            let value = self.value(&path.index(elements.len()), depth + 1)?;
            elements.push(value);
            if self.token.is(b']') {
                break;
            }
            self.expect(path, b',', "`,` or `]`")?;
        }
        let span = start.to(self.token.span);
        self.expect(path, b']', "a value")?;
        Ok(Node { kind: NodeKind::Array(elements), span })
    }

    fn name(&mut self, path: &Path<'_>, depth: u32) -> Result<Node<'a>, Box<Diagnostic>> {
        let span = self.token.span;
        let name = self.slice(span);
        self.advance();
        if !self.token.is(b'(') {
            return Ok(Node { kind: NodeKind::Name(name), span });
        }
        self.open(path, depth)?;
        let argument = self.value(path, depth + 1)?;
        let span = span.to(self.token.span);
        self.expect(path, b')', "`)`")?;
        Ok(Node { kind: NodeKind::Call(name, Box::new(argument)), span })
    }

    /// A sign before a name: `-nan`.
    fn signed(&mut self, path: &Path<'_>) -> Result<Node<'a>, Box<Diagnostic>> {
        let sign = self.token.span;
        self.advance();
        if self.token.kind != TokenKind::Name {
            return Err(self.unexpected(path, "the name of a constant"));
        }
        let span = sign.to(self.token.span);
        self.advance();
        Ok(Node { kind: NodeKind::Name(self.slice(span)), span })
    }

    /// Goes past a bracket that opens.
    fn open(&mut self, path: &Path<'_>, depth: u32) -> Result<Span, Box<Diagnostic>> {
        let span = self.token.span;
        if depth >= self.options.nesting {
            let message = format!("{path}: nested too deeply");
            let label = format!("{} objects and arrays are open here, which is the limit", self.options.nesting);
            return Err(Box::new(Diagnostic::new(Code::JsonTooDeep, span, message).label(label)));
        }
        self.advance();
        Ok(span)
    }

    /// Whether a list ends here: behind a comma it may, but not in strict JSON.
    fn closes(&self, bracket: u8, is_empty: bool) -> bool {
        self.token.is(bracket) && (is_empty || !self.options.strict)
    }

    fn expect(&mut self, path: &Path<'_>, punctuation: u8, expected: &str) -> Result<(), Box<Diagnostic>> {
        if !self.token.is(punctuation) {
            return Err(self.unexpected(path, expected));
        }
        self.advance();
        Ok(())
    }

    fn unexpected(&mut self, path: &Path<'_>, expected: &str) -> Box<Diagnostic> {
        if let Some(mut problem) = self.problem.take() {
            problem.message = format!("{path}: {}", problem.message);
            return problem;
        }
        let found = self.token.describe(self.text);
        let message = format!("{path}: expecting {expected}, found {found}");
        Box::new(Diagnostic::new(Code::JsonSyntax, self.token.span, message).label(format!("expecting {expected}")))
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}
