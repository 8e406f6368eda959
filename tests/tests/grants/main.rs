//! What plugins that import WASI get, and what they do not.

mod clocks;
mod environment;
mod folders;
mod http;
mod https;
mod levels;
mod network;
mod output;
mod random;
mod udp;
mod waiting;

use chaos::{AskRequest, PluginHandle};
use hookr::{CallError, Grants, OpenError};
use hookr_tests::hosts::{chain, chaos_builder};
use hookr_tests::wasi::wasi_plugin;

/// Opens a plugin with these grants.
#[track_caller]
fn open(grants: Grants, imports: &str, bodies: &[(&str, &str)]) -> PluginHandle {
    let opened = chaos_builder().grants(grants).open_bytes(wasi_plugin(imports, bodies));
    opened.unwrap_or_else(|error| panic!("{}", chain(&error)))
}

/// The error of a plugin that is not opened.
#[track_caller]
fn refused(grants: Grants, imports: &str, bodies: &[(&str, &str)]) -> OpenError {
    chaos_builder().grants(grants).open_bytes(wasi_plugin(imports, bodies)).expect_err("this must not be opened")
}

/// What the plugin answers to a text and a number.
fn ask(plugin: &PluginHandle, question: &str, times: u32) -> Result<String, CallError> {
    plugin.ask(&AskRequest { question: question.to_owned(), times }).map(|response| response.answer)
}

#[track_caller]
fn asked(plugin: &PluginHandle, question: &str, times: u32) -> String {
    ask(plugin, question, times).unwrap_or_else(|error| panic!("{}", chain(&error)))
}

const WALL_CLOCK: &str = "wasi:clocks/wall-clock now (param i32)";
const READS_THE_TIME: (&str, &str) =
    ("plugin#count", "(call $now (i32.const 32)) (call $number (i32.wrap_i64 (i64.load (i32.const 32))))");
