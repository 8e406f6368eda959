//! Where lines break.

use proc_macro2::Delimiter;

use super::words::{Kind, Open, Words};

/// rustfmt's own.
pub(in crate::rust) const WIDTH: usize = 100;

/// A step of indentation.
pub(in crate::rust) const INDENT: usize = 4;

/// Elements of an array that are no longer share lines.
const SHORT: usize = 10;

/// What stands before an item, which says whether a blank line goes between the two.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Before {
    /// Nothing.
    #[default]
    Start,
    /// Documentation or an attribute of the whole file.
    Head,
    /// Documentation, an attribute or a comment of what follows.
    Lead,
    /// A line that ends with a semicolon.
    Line,
    /// Something of several lines.
    Block,
    /// An element of a list.
    Element,
}

/// Writes words as lines.
pub(super) struct Lines<'w> {
    words: &'w Words,
    out: &'w mut String,
    /// Where the line starts in `out`.
    start: usize,
    /// Whether nothing but its indentation is on the line.
    is_fresh: bool,
}

impl<'w> Lines<'w> {
    pub(super) fn new(words: &'w Words, out: &'w mut String) -> Self {
        let start = out.len();
        Lines { words, out, start, is_fresh: true }
    }

    /// Writes all words as items, behind what is there; says what the last one was.
    pub(super) fn items(mut self, indent: usize, before: Before) -> Before {
        self.body(0, self.words.len(), indent, false, before)
    }

    /// Writes all words on one line.
    pub(super) fn one(mut self) {
        self.flat(0, self.words.len());
    }

    /// Writes words as lines: statements, items, or elements of a list. `comma` says whether the last gets one.
    fn body(&mut self, from: usize, to: usize, indent: usize, comma: bool, mut before: Before) -> Before {
        let mut at = from;
        while at < to {
            let end = self.end_of_line(at, to);
            if self.wants_gap(before, at) {
                self.out.push('\n');
            }
            let start = self.out.len();
            self.indent(indent);
            let comma = end == to && self.wants_comma(to, comma);
            self.run(at, end, usize::from(comma), indent);
            if comma {
                self.out.push(',');
            }
            before = self.kind_of_line(at, end, self.out[start..].contains('\n'));
            self.newline();
            at = end;
        }
        before
    }

    /// Whether a comma has to be put behind the last element of a list that ends before `to`.
    fn wants_comma(&self, to: usize, comma: bool) -> bool {
        match self.words.get(to - 1).kind {
            Kind::Comma { last } => last,
            Kind::Semicolon | Kind::Comment { .. } => false,
            _ => comma,
        }
    }

    /// Where the line ends that begins with a word.
    fn end_of_line(&self, from: usize, to: usize) -> usize {
        let mut at = from;
        while at < to {
            let mut kind = self.words.get(at).kind;
            if let Kind::Open(open) = kind {
                at = open.close;
                kind = self.words.get(at).kind;
            }
            at += 1;
            if matches!(
                kind,
                Kind::Comma { .. } | Kind::Semicolon | Kind::Comment { .. } | Kind::Close { ends_line: true }
            ) {
                return at;
            }
        }
        to
    }

    fn kind_of_line(&self, from: usize, end: usize, many: bool) -> Before {
        let first = self.words.text(from);
        if first == "#" {
            return if self.words.text(from + 1) == "!" { Before::Head } else { Before::Lead };
        }
        match self.words.get(end - 1).kind {
            Kind::Comment { .. } if first.starts_with("//!") => Before::Head,
            Kind::Comment { .. } => Before::Lead,
            Kind::Comma { .. } => Before::Element,
            Kind::Semicolon if !many => Before::Line,
            _ => Before::Block,
        }
    }

    /// Whether a blank line belongs before a line.
    fn wants_gap(&self, before: Before, at: usize) -> bool {
        let first = self.words.text(at);
        let of_file = first.starts_with("//!") || first == "#" && self.words.text(at + 1) == "!";
        match before {
            Before::Start | Before::Lead | Before::Element => false,
            Before::Head => !of_file,
            Before::Line => match self.keyword(at) {
                "enum" | "fn" | "impl" | "macro_rules" | "struct" | "trait" => true,
                "let" => false,
                _ => matches!(self.words.get(at).kind, Kind::Comment { documents: true }),
            },
            Before::Block => {
                let items = [
                    "const",
                    "enum",
                    "extern",
                    "fn",
                    "impl",
                    "macro_rules",
                    "mod",
                    "static",
                    "struct",
                    "trait",
                    "type",
                    "use",
                ];
                first == "#" || items.contains(&self.keyword(at))
            }
        }
    }

    /// The word that says what kind of item begins at a word.
    fn keyword(&self, mut at: usize) -> &str {
        while at < self.words.len() {
            match (self.words.text(at), self.words.get(at).kind) {
                (_, Kind::Comment { .. }) | ("#", _) => at = self.end_of_line(at, self.words.len()),
                ("pub", _) => match self.words.get(at + 1).kind {
                    Kind::Open(Open { delimiter: Delimiter::Parenthesis, close, .. }) => at = close + 1,
                    _ => at += 1,
                },
                ("unsafe", Kind::Plain) if self.words.text(at + 1) != "{" => at += 1,
                (word, _) => return word,
            }
        }
        ""
    }

    /// Writes words behind what is on the line; `more` columns have to be left on the last.
    fn run(&mut self, from: usize, to: usize, more: usize, indent: usize) {
        let words = self.words;
        let is_broken = |(_, open): (usize, Open)| open.broken && open.delimiter == Delimiter::Brace;
        let has_else = words.outermost(from, to).any(|at| words.text(at) == "else");
        let blocks = words.text(from) == "if" || has_else && words.groups(from, to).any(is_broken);
        self.run_with(from, to, more, indent, blocks);
    }

    /// The same; `blocks` says whether every block has lines of its own.
    fn run_with(&mut self, from: usize, to: usize, more: usize, indent: usize, blocks: bool) {
        let words = self.words;
        let is_broken = |open: &Open| open.broken || blocks && open.delimiter == Delimiter::Brace;
        let mut at = from;
        while at < to {
            let Some((place, open)) = words.groups(at, to).find(|(_, open)| is_broken(open)) else {
                return self.fit(at, to, more, indent);
            };
            // The bracket stays on the line.
            self.fit(at, place, " {".len(), indent);
            self.group(place, open, indent);
            at = open.close + 1;
        }
    }

    /// The same for words that hold nothing broken.
    fn fit(&mut self, from: usize, to: usize, more: usize, indent: usize) {
        if self.column() + self.words.width(from, to) + more <= WIDTH {
            self.flat(from, to);
        } else {
            self.wrap(from, to, more, indent);
        }
    }

    /// Writes words that do not fit on the line.
    fn wrap(&mut self, from: usize, to: usize, more: usize, indent: usize) {
        let words = self.words;
        let find = |word: &str| words.outermost(from, to).find(|at| words.text(*at) == word);
        let deeper = indent + INDENT;
        if let Some(equals) = find("=")
            && deeper + words.width(equals + 1, to) + more <= WIDTH
        {
            self.flat(from, equals + 1);
            self.line(deeper);
            return self.flat(equals + 1, to);
        }
        if find("else").is_some() && words.groups(from, to).any(|(_, open)| open.delimiter == Delimiter::Brace) {
            return self.run_with(from, to, more, indent, true);
        }
        let is_operator = |at: &usize| *at > from && matches!(words.text(*at), "|" | "||") && words.is_infix(*at);
        let operators: Vec<usize> = words.outermost(from, to).filter(is_operator).collect();
        if !operators.is_empty() {
            return self.split(from, to, &operators, more, deeper);
        }
        let calls: Vec<usize> = words.outermost(from, to).filter(|at| words.get(*at).kind == Kind::Call).collect();
        if calls.len() > 1 {
            return self.split(from, to, &calls, more, deeper);
        }
        let Some((place, open)) = self.group_to_break(from, to) else { return self.flat(from, to) };
        self.flat(from, place);
        self.group(place, open, indent);
        self.fit(open.close + 1, to, more, indent);
    }

    /// Writes words with a new line before some of them.
    fn split(&mut self, from: usize, to: usize, places: &[usize], more: usize, indent: usize) {
        let mut at = from;
        for place in places.iter().copied().chain([to]) {
            if at != from {
                self.line(indent);
            }
            self.run(at, place, if place == to { more } else { 0 }, indent);
            at = place;
        }
    }

    /// The group that has to have several lines so that all fit.
    fn group_to_break(&self, from: usize, to: usize) -> Option<(usize, Open)> {
        let words = self.words;
        let width = |(place, open): &(usize, Open)| words.width(*place, open.close);
        let is_type = |open: &Open| open.delimiter == Delimiter::None;
        let mut lists = words.groups(from, to).filter(|(place, open)| place + 1 < open.close && !is_type(open));
        // The parameters of a function come before what it returns.
        let is_function = words.outermost(from, to).any(|at| words.text(at) == "fn");
        let list = if is_function { lists.next() } else { lists.max_by_key(width) };
        let end = list.map_or(to, |(place, _)| place);
        if list.is_some() && self.column() + words.width(from, end + 1) <= WIDTH {
            return list;
        }
        words.groups(from, end).filter(|(_, open)| is_type(open)).max_by_key(width).or(list)
    }

    /// Writes a group on several lines.
    fn group(&mut self, place: usize, open: Open, indent: usize) {
        self.flat(place, place + 1);
        let (from, mut to) = (place + 1, open.close);
        if let Some(last) = self.hugged(from, to, open) {
            // A comma behind it would stand alone.
            to -= usize::from(self.words.is_comma(to - 1));
            match last {
                Hugged::All => self.run(from, to, 1, indent),
                Hugged::Last(place, open) => {
                    self.flat(from, place);
                    self.group(place, open, indent);
                }
            }
        } else if self.is_filled(place, open) {
            self.line(indent + INDENT);
            self.fill(from, to, indent + INDENT);
            self.line(indent);
        } else if from < to {
            self.newline();
            self.body(from, to, indent + INDENT, open.comma, Before::Start);
            self.indent(indent);
        }
        self.is_fresh = false;
        self.out.push_str(self.words.text(open.close));
    }

    /// What of a group's content stays on the lines of its brackets: that of `Ok(Self { … })`, for instance.
    fn hugged(&self, from: usize, to: usize, open: Open) -> Option<Hugged> {
        if matches!(open.delimiter, Delimiter::Brace | Delimiter::None) || from == to {
            return None;
        }
        let words = self.words;
        let to = to - usize::from(words.is_comma(to - 1));
        let (place, last) = words.groups(from, to).last()?;
        let has = |test: &dyn Fn(usize) -> bool| words.outermost(from, to).any(test);
        let has_line = |at: usize| matches!(words.get(at).kind, Kind::Comment { .. } | Kind::Close { ends_line: true });
        if last.close + 1 != to || has(&has_line) {
            return None;
        }
        let is_single = !has(&|at| words.is_comma(at));
        if is_single && open.broken {
            return Some(Hugged::All);
        }
        let fits = self.column() + words.width(from, place) + " {".len() <= WIDTH;
        if !fits || words.groups(from, place).any(|(_, open)| open.broken) {
            return None;
        }
        let is_closure = has(&|at| words.text(at) == "|");
        let is_hugged = match last.delimiter {
            Delimiter::Brace => is_single || is_closure,
            Delimiter::Parenthesis => is_single && !is_closure && !has(&|at| words.get(at).kind == Kind::Call),
            Delimiter::Bracket | Delimiter::None => false,
        };
        is_hugged.then_some(Hugged::Last(place, last))
    }

    /// Whether several elements of a list share a line: short ones, and imported names.
    fn is_filled(&self, place: usize, open: Open) -> bool {
        let words = self.words;
        let is_short = |at| words.is_comma(at) || words.text(at).len() <= SHORT && words.get(at).kind == Kind::Plain;
        let is_import = open.delimiter == Delimiter::Brace && !words.get(place).space;
        let is_short = || open.delimiter == Delimiter::Bracket && (place + 1..open.close).all(is_short);
        !open.broken && open.comma && (is_import || is_short())
    }

    /// Writes the elements of a list, as many on a line as there is room for.
    fn fill(&mut self, from: usize, to: usize, indent: usize) {
        let mut at = from;
        while at < to {
            let end = self.end_of_line(at, to);
            if !self.is_fresh && self.column() + self.words.width(at, end) + " ,".len() > WIDTH {
                self.line(indent);
            }
            self.flat(at, end);
            at = end;
        }
        if self.wants_comma(to, true) {
            self.out.push(',');
        }
    }

    /// Writes words on one line.
    fn flat(&mut self, from: usize, to: usize) {
        for at in from..to {
            let word = self.words.get(at);
            if self.words.is_last_comma(at) {
                continue;
            }
            if word.space && !self.is_fresh {
                self.out.push(' ');
            }
            self.is_fresh = false;
            self.out.push_str(self.words.text(at));
        }
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.start = self.out.len();
    }

    fn indent(&mut self, indent: usize) {
        self.start = self.out.len();
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.is_fresh = true;
    }

    fn line(&mut self, indent: usize) {
        self.newline();
        self.indent(indent);
    }

    fn column(&self) -> usize {
        self.out.len() - self.start
    }
}

/// What stays on the line of a bracket.
enum Hugged {
    /// Everything, which breaks where it has to.
    All,
    /// Everything but the inside of the last group.
    Last(usize, Open),
}
