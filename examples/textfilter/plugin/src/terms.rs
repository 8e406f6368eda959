use textfilter::Error;

/// The terms to look for.
pub(crate) struct Terms {
    /// Each as the characters that text is compared with.
    terms: Vec<Vec<char>>,
    case_sensitive: bool,
}

impl Terms {
    /// # Errors
    ///
    /// `invalid-argument` for an empty term: it would be everywhere.
    pub(crate) fn new(terms: &[String], case_sensitive: bool) -> Result<Self, Error> {
        if let Some(empty) = terms.iter().position(String::is_empty) {
            return Err(Error::invalid_argument(format!("blocked_terms[{empty}] is empty")));
        }
        let terms = terms.iter().map(|term| folded(term, case_sensitive)).collect();
        Ok(Terms { terms, case_sensitive })
    }

    /// The first occurrence of any term, as text before it and text behind it. Of several at the same place, the longest.
    pub(crate) fn split<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        text.char_indices().find_map(|(at, _)| {
            let (before, rest) = text.split_at_checked(at)?;
            let behind =
                self.terms.iter().filter_map(|term| self.strip(rest, term)).min_by_key(|behind| behind.len())?;
            Some((before, behind))
        })
    }

    /// What is behind `term`, if `text` starts with it.
    fn strip<'a>(&self, text: &'a str, term: &[char]) -> Option<&'a str> {
        let mut wanted = term.iter();
        let mut characters = text.chars();
        while !wanted.as_slice().is_empty() {
            // A character can be several in lower case: a term that ends in their middle does not match.
            let next = characters.next()?;
            let matches = match folded_simply(next, self.case_sensitive) {
                Some(c) => wanted.next() == Some(&c),
                None => next.to_lowercase().all(|c| wanted.next() == Some(&c)),
            };
            if !matches {
                return None;
            }
        }
        Some(characters.as_str())
    }
}

/// A term as text is compared with it: itself, or in lower case, where a character can be several.
fn folded(term: &str, case_sensitive: bool) -> Vec<char> {
    let mut characters = Vec::with_capacity(term.len());
    for c in term.chars() {
        match folded_simply(c, case_sensitive) {
            Some(c) => characters.push(c),
            None => characters.extend(c.to_lowercase()),
        }
    }
    characters
}

/// A character as it is compared, if that takes no tables of Unicode. Most text consists of such characters.
fn folded_simply(c: char, case_sensitive: bool) -> Option<char> {
    if case_sensitive { Some(c) } else { c.is_ascii().then(|| c.to_ascii_lowercase()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split<'a>(text: &'a str, terms: &[&str], case_sensitive: bool) -> Option<(&'a str, &'a str)> {
        let terms: Vec<String> = terms.iter().map(ToString::to_string).collect();
        Terms::new(&terms, case_sensitive).unwrap().split(text)
    }

    #[test]
    fn case_counts_only_if_it_is_asked_for() {
        assert_eq!(split("one SPAM two", &["spam"], false), Some(("one ", " two")));
        assert_eq!(split("one SPAM two", &["spam"], true), None);
        assert_eq!(split("ÜBEL", &["übel"], false), Some(("", "")));
        assert_eq!(split("übel", &["ÜBEL"], false), Some(("", "")));
    }

    #[test]
    fn the_first_place_counts_and_there_the_longest_term() {
        assert_eq!(split("a foobar", &["bar", "foo", "foobar"], true), Some(("a ", "")));
        assert_eq!(split("a barfoo", &["foo", "bar"], true), Some(("a ", "foo")));
    }

    #[test]
    fn characters_are_never_cut() {
        assert_eq!(split("日本語", &["本"], false), Some(("日", "語")));
        // Its lower case is an `i` and a combining dot.
        assert_eq!(split("İx", &["i"], false), None);
        assert_eq!(split("İx", &["i\u{307}"], false), Some(("", "x")));
    }

    #[test]
    fn an_empty_term_is_refused_by_its_place() {
        let error = Terms::new(&["a".into(), String::new()], false).err();
        assert_eq!(error, Some(Error::invalid_argument("blocked_terms[1] is empty")));
    }
}
