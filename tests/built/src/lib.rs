//! Nothing: a program that depends on this package has the dependencies that it has in this workspace, with the same features.
#![forbid(unsafe_code)]
