//! Signatures: keys of other tools, what wasmsign2 signs and verifies, and everything that somebody might do to a file.

mod attacks;
mod keys;
mod oracle;
mod store;
mod support;
