//! How parsing goes on behind an error.

use super::Parser;
use crate::syntax::token::TokenKind;

/// The words that start a declaration.
const KEYWORDS: [&str; 12] = [
    "table",
    "struct",
    "enum",
    "union",
    "rpc_service",
    "namespace",
    "root_type",
    "include",
    "native_include",
    "attribute",
    "file_identifier",
    "file_extension",
];

impl Parser<'_, '_> {
    /// Whether a declaration starts here for certain. Its keyword alone does not show it: keywords may be names.
    pub(super) fn at_declaration(&self) -> bool {
        if !self.at_name() {
            return false;
        }
        let word = self.written(self.token.span);
        KEYWORDS.contains(&word)
            && self.peek().is_some_and(|next| matches!(next.kind, TokenKind::Name | TokenKind::Text(_)))
    }

    /// Whether the word at hand starts declarations, and the one that it may be a misspelling of.
    pub(super) fn similar_keyword(&self) -> Option<&'static str> {
        crate::diag::suggest(self.written(self.token.span), KEYWORDS)
    }

    /// Skips to the end of the declaration in which an error was found.
    pub(super) fn recover_declaration(&mut self) {
        let mut depth = 0usize;
        loop {
            if self.at_end() || (depth == 0 && self.at_declaration()) {
                return;
            }
            // A brace of JSON cannot be told from a stray one here: what follows a broken declaration is skipped.
            let token = self.bump();
            match token.kind {
                TokenKind::Punctuation(b'{') => depth += 1,
                TokenKind::Punctuation(b'}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                TokenKind::Punctuation(b';') if depth == 0 => break,
                _ => {}
            }
        }
        while self.at(b'}') || self.at(b';') {
            self.bump();
        }
    }

    /// Skips to behind the next `separator` of the list in which an error was found, or to the brace that closes the
    /// list, or to where a declaration starts because the brace is missing.
    pub(super) fn recover_in_list(&mut self, separator: u8) {
        let mut depth = 0usize;
        loop {
            if self.at_end() || self.at_declaration() {
                return;
            }
            match self.token.kind {
                TokenKind::Punctuation(b'}') if depth == 0 => return,
                TokenKind::Punctuation(b'{' | b'(' | b'[') => depth += 1,
                TokenKind::Punctuation(b'}' | b')' | b']') => depth = depth.saturating_sub(1),
                TokenKind::Punctuation(byte) if byte == separator && depth == 0 => {
                    self.bump();
                    return;
                }
                _ => {}
            }
            self.bump();
        }
    }
}
