use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{Layout, WIDTH};

fn laid_out(source: &str) -> String {
    let mut layout = Layout::default();
    layout.items(source.parse().unwrap());
    layout.finish()
}

/// The tokens as texts, without commas behind the last element of a list.
fn tokens(stream: TokenStream, found: &mut Vec<String>) {
    for token in stream {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                found.push(open.to_owned());
                tokens(group.stream(), found);
                without_comma(found);
                found.push(close.to_owned());
            }
            other => {
                let text = other.to_string();
                if text == ">" {
                    without_comma(found);
                }
                found.push(text);
            }
        }
    }
}

fn without_comma(found: &mut Vec<String>) {
    if found.last().is_some_and(|last| last == ",") {
        found.pop();
    }
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// Whatever the layout makes of them, the sources of this crate mean the same afterwards, and it has nothing to add.
#[test]
fn tokens_stay_what_they_are() {
    let mut all = Vec::new();
    for folder in ["src", "tests"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut all);
    }
    assert!(all.len() > 100, "the sources are there");
    for source in all {
        // That one becomes a comment.
        let source = source.replace("safety!(", "unsafety!(");
        let text = laid_out(&source);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        tokens(source.parse().unwrap(), &mut before);
        tokens(text.parse().unwrap(), &mut after);
        let first = before.iter().zip(&after).position(|(before, after)| before != after).unwrap_or(after.len());
        let near = |tokens: &[String]| tokens[first.saturating_sub(10)..tokens.len().min(first + 10)].join(" ");
        assert!(before == after, "{}\nbecame\n{}", near(&before), near(&after));
        assert_eq!(laid_out(&text), text);
    }
}

/// What emitters write, as rustfmt would have it.
#[test]
fn forms() {
    for text in [
        "pub fn name(&self) -> Option<&'a str> {\n    self.0.get::<u8>(-1)?.next(|a, &b| a - b || !c)\n}\n",
        "use a::{b, c};\n\n#[derive(Clone)]\npub struct A<'a> {\n    /// Text.\n    pub a: &'a [u8; 4],\n    b: (),\n}\n",
        "impl<'a, T: Iterator<Item = (u8,)> + 'a> ::a::B for C<'_, T> {}\n",
        "fn a() {\n    let x = if a < b && c > d { 1..=2 } else { 3 << 4 };\n    match x {\n        A(b) | C => *b,\n        _ => return,\n    }\n}\n",
        "//! Head.\n#![allow(a)]\n\nmacro_rules! a {\n    ($b:ty = $c:expr) => {\n        $crate::d!($b = $c);\n    };\n}\n",
        "fn a() -> Result<(), Error> {\n    // SAFETY: it is.\n    unsafe { a(b, &mut c) };\n    Ok(())\n}\n",
        "const A: &[u8] = &[1, 2];\nconst B: fn(&u8) -> ! = b;\n",
        "pub(super) trait A: B {\n    fn a(self) -> impl Fn(u8) -> u8;\n    type B<'a>: C where D: E;\n}\n",
    ] {
        let source = text.replace("// SAFETY: it is.", "safety!(\"it is.\");");
        assert_eq!(laid_out(&source), text);
    }
}

#[test]
fn long_lines_break() {
    let (long, longer) = ("L".repeat(40), "L".repeat(60));
    for (source, expected) in [
        (
            format!("fn {long}({long}: u8, b: u8) -> Result<u8, Error> {{}}"),
            format!("fn {long}(\n    {long}: u8,\n    b: u8,\n) -> Result<u8, Error> {{}}\n"),
        ),
        (
            format!("fn a() {{ let a = {long}({long}, {long}); }}"),
            format!("fn a() {{\n    let a = {long}(\n        {long},\n        {long},\n    );\n}}\n"),
        ),
        (
            format!("fn a() {{ let {long} = {longer}; }}"),
            format!("fn a() {{\n    let {long} =\n        {longer};\n}}\n"),
        ),
        (
            format!("fn a() {{ {long}.{long}().{long}().a }}"),
            format!("fn a() {{\n    {long}\n        .{long}()\n        .{long}().a\n}}\n"),
        ),
        (
            format!("fn a() {{ Ok({long} {{ {long}: 1, {long}: 2 }}) }}"),
            format!("fn a() {{\n    Ok({long} {{\n        {long}: 1,\n        {long}: 2,\n    }})\n}}\n"),
        ),
        (format!("type A = {long}<{long}, {long}>;"), format!("type A = {long}<\n    {long},\n    {long},\n>;\n")),
        (
            format!("fn a() {{ a::<{longer}<{longer}>>(b) }}"),
            format!("fn a() {{\n    a::<\n        {longer}<\n            {longer},\n        >,\n    >(b)\n}}\n"),
        ),
        (
            format!("type A = <{longer}<{longer}> as {long}>::B;"),
            format!("type A = <\n    {longer}<\n        {longer},\n    > as {long}\n>::B;\n"),
        ),
        (
            format!("fn a() {{ b = if {long} {{ {long} }} else {{ {long} }}; }}"),
            format!("fn a() {{\n    b = if {long} {{\n        {long}\n    }} else {{\n        {long}\n    }};\n}}\n"),
        ),
        (format!("use {long}::{{{long}, {long}}};"), format!("use {long}::{{\n    {long}, {long},\n}};\n")),
        (
            format!("fn a() {{ A({long} | {long} | {long}) }}"),
            format!("fn a() {{\n    A(\n        {long}\n            | {long}\n            | {long},\n    )\n}}\n"),
        ),
    ] {
        let text = laid_out(&source);
        assert_eq!(text, expected);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
    }
}
