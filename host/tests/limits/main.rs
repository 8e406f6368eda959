//! What is checked before a component is compiled, and while it is.

mod bombs;
mod damage;
mod features;
mod sizes;
mod support;
