//! `hookr decode`.

use fbs2wit::codec::{self, Limits, Problem};
use fbs2wit::diag::Code;
use fbs2wit::json::{self, WriteOptions};
use fbs2wit::model::{ObjectId, Schema};

use crate::args::DecodeArgs;
use crate::data::dump;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::hint::Hint;
use crate::{data, terminal};

pub(crate) fn run(args: &DecodeArgs) -> Result<()> {
    let schema = match (&args.schema, &args.plugin) {
        (Some(path), _) => data::schema_of_file(path, &args.read.include)?,
        (None, Some(path)) => data::schema_of_plugin(path)?,
        (None, None) => return Err(Failure::message(Exit::Usage, "neither `--schema` nor `--plugin` is given")),
    };
    let object = data::table(&schema, args.read.name.as_deref())?;
    let bytes = files::read_bytes(&args.input)?;
    if args.annotate {
        return annotate(&schema, object, &bytes);
    }
    let decode = if schema.root == Some(object) { codec::decode_file } else { codec::decode };
    let record = decode(&schema, object, &bytes, &Limits::default()).map_err(|error| {
        // That is no fault of the file.
        let wide = error.problem == Problem::Offset64;
        let what = match wide {
            true => format!("cannot decode {}", shown(&args.input)),
            false => format!("{} is not a FlatBuffer of `{}`", shown(&args.input), schema.object(object).name),
        };
        Failure::new(Exit::Input, anyhow::Error::new(error).context(what))
            .maybe_hint(wide.then_some(Hint::Explain(Code::Offset64Unsupported)))
    })?;
    let mut options = WriteOptions::default();
    options.defaults = args.defaults;
    options.compact = args.compact;
    let text = json::write(&schema, object, &record, &options)
        .or_fail(Exit::Input, || format!("{} has no form in JSON", shown(&args.input)))?;
    terminal::print(&(text + "\n"))
}

/// Prints some thousand lines at a time: a dump takes many times the room of its file.
fn annotate(schema: &Schema, object: ObjectId, bytes: &[u8]) -> Result<()> {
    const AT_ONCE: usize = 4096;
    let annotations = fbs2wit::annotate(schema, object, bytes);
    let mut lines = dump::lines(bytes, &annotations).peekable();
    while lines.peek().is_some() {
        let text: String = lines.by_ref().take(AT_ONCE).map(|line| dump::columns(&line, true) + "\n").collect();
        terminal::print(&text)?;
    }
    Ok(())
}
