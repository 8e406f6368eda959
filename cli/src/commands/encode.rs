//! `hookr encode`.

use fbs2wit::codec::{self, EncodeError};
use fbs2wit::diag::Code;
use fbs2wit::json::{self, JsonOptions};
use serde_json::json;

use crate::args::EncodeArgs;
use crate::call::Text;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files::{self, shown};
use crate::hint::Hint;
use crate::{data, terminal};

pub(crate) fn run(args: &EncodeArgs) -> Result<()> {
    let schema = data::schema_of_file(&args.schema, &args.read.include)?;
    let object = data::table(&schema, args.read.name.as_deref())?;
    let text = Text::read(&args.input)?;
    // Files outlive what they were written for: as flatc does, deprecated fields are let through.
    let options = JsonOptions::default().deprecated();
    let record = json::parse(&schema, object, &text.sources, text.file, &options).map_err(|e| text.failure(&e))?;
    let is_root = schema.root == Some(object);
    let encode = if is_root { codec::encode_file } else { codec::encode };
    let bytes = encode(&schema, object, &record).map_err(|error| {
        let wide = matches!(error, EncodeError::Offset64 { .. });
        let error = anyhow::Error::new(error).context(format!("cannot encode {} as a FlatBuffer", shown(&args.input)));
        Failure::new(Exit::Input, error).maybe_hint(wide.then_some(Hint::Explain(Code::Offset64Unsupported)))
    })?;
    files::write(&args.out, &bytes)?;
    let identifier = schema.file_identifier.as_ref().filter(|_| is_root);
    terminal::say(&format!(
        "encoded `{}` in {}: {}, {}",
        schema.object(object).name,
        shown(&args.out),
        terminal::size(bytes.len() as u64),
        identifier.map_or("no file identifier".to_owned(), |identifier| format!("file identifier \"{identifier}\""))
    ));
    if args.json {
        return terminal::print_json(&json!({
            "out": args.out.display().to_string(),
            "size": bytes.len(),
            "type": schema.object(object).name.to_string(),
            "file_identifier": identifier.map(ToString::to_string),
        }));
    }
    Ok(())
}
