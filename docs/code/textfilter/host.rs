use std::process::ExitCode;

use hookr::{Causes, Printable};
use wordfilter::{FilterRequest, PluginHandle};

const LINES: [&str; 3] = [
    "good morning, everybody",
    "this chat has forbidden words",
    "spam, spam and eggs",
];

fn main() -> ExitCode {
    match chat() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", Causes(&*error));
            ExitCode::FAILURE
        }
    }
}

fn chat() -> Result<(), Box<dyn std::error::Error>> {
    let plugin = PluginHandle::builder()
        .lock_file("hookr.lock")
        .open("wordfilter.wasm")?;
    for line in LINES {
        let response = plugin.filter(&FilterRequest {
            text: line.into(),
            blocked: vec!["forbidden".into(), "spam".into()],
        })?;
        println!("{}", Printable(&response.text));
    }
    Ok(())
}
