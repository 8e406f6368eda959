//! What the book says, as code that runs and numbers that are compared.

mod error_codes;
mod figures;
mod limits;
