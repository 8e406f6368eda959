//! `hookr wit`.

use crate::args::WitArgs;
use crate::failure::Result;
use crate::files::shown;
use crate::{contract, files, terminal, wit};

pub(crate) fn run(args: &WitArgs) -> Result<()> {
    let loaded = contract::load_partial(&args.schema, &args.contract)?;
    let text = wit::self_contained(&loaded.contract);
    match &args.out {
        None => terminal::print(&text),
        Some(path) => {
            files::write(path, text.as_bytes())?;
            terminal::say(&format!("wrote {} ({})", shown(path), terminal::size(text.len() as u64)));
            Ok(())
        }
    }
}
