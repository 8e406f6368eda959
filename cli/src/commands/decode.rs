//! `hookr decode`.

use fbs2wit::codec::{self, Limits};
use fbs2wit::json::{self, WriteOptions};

use crate::args::DecodeArgs;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::{data, terminal};

pub(crate) fn run(args: &DecodeArgs) -> Result<()> {
    let schema = match (&args.schema, &args.plugin) {
        (Some(path), _) => data::schema_of_file(path, &args.read.include)?,
        (None, Some(path)) => data::schema_of_plugin(path)?,
        (None, None) => return Err(Failure::message(Exit::Usage, "neither `--schema` nor `--plugin` is given")),
    };
    let object = data::table(&schema, args.read.name.as_deref())?;
    let bytes = files::read_bytes(&args.input)?;
    let decode = if schema.root == Some(object) { codec::decode_file } else { codec::decode };
    let record = decode(&schema, object, &bytes, &Limits::default()).or_fail(Exit::Input, || {
        format!("{} is not a FlatBuffer of `{}`", shown(&args.input), schema.object(object).name)
    })?;
    let mut options = WriteOptions::default();
    options.defaults = args.defaults;
    options.compact = args.compact;
    let text = json::write(&schema, object, &record, &options)
        .or_fail(Exit::Input, || format!("{} has no form in JSON", shown(&args.input)))?;
    terminal::print(&(text + "\n"))
}
