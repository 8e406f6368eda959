//! Text → tokens → syntax tree. Nothing here knows what a name means.

pub(crate) mod ast;
mod json;
mod lexer;
mod parser;
mod token;

pub(crate) use json::json_object;
pub(crate) use lexer::Lexer;
pub(crate) use parser::parse;
pub(crate) use token::{Token, TokenKind};
