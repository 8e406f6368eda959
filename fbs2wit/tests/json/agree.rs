//! Values that flatc must read, and write, as we do.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use fbs2wit::codec::{self, Limits};
use fbs2wit::json::{self, JsonOptions, WriteOptions};
use fbs2wit::model::{ObjectId, Schema};
use fbs2wit::source::SourceMap;
use fbs2wit::value::Record;

use crate::flatc::run;
use crate::generate::{self, Random};

/// Checks some values of every table of a schema, random but the same in every run: flatc reads our JSON and our bytes as
/// we do, and we read its JSON and its bytes as it does. Gives how many there were, or the first that differs.
pub(crate) fn agree(
    flatc: &Path,
    name: &str,
    path: &Path,
    include: &[PathBuf],
    schema: &Schema,
    seeds: u64,
) -> Result<usize, String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let include: Vec<String> = include.iter().flat_map(|dir| ["-I".to_owned(), dir.display().to_string()]).collect();
    let mut checked = 0;
    for (id, object) in (0..).map(ObjectId).zip(&schema.objects).filter(|(_, object)| !object.is_struct()) {
        let table =
            Table { flatc, dir: dir.path(), path, include: &include, schema, id, root: object.name.to_string() };
        for seed in 0..seeds {
            let Some(record) = generate::record(schema, id, &mut Random::new(seed)) else { continue };
            table.agree(&record).map_err(|error| format!("{name} {}: {error}", table.root))?;
            checked += 1;
        }
    }
    Ok(checked)
}

struct Table<'a> {
    flatc: &'a Path,
    dir: &'a Path,
    path: &'a Path,
    include: &'a [String],
    schema: &'a Schema,
    id: ObjectId,
    root: String,
}

impl Table<'_> {
    fn agree(&self, record: &Record) -> Result<(), String> {
        let text = self.write(record)?;
        same(&self.write(&self.read(&text)?)?, &text, "our JSON, read by us")?;

        let bytes = codec::encode_file(self.schema, self.id, record).map_err(|error| format!("{error}\n{text}"))?;
        // Scalars at their default are gone, and vectors with a key are sorted.
        let expected = self.decode(&bytes)?;

        let io = |error: std::io::Error| error.to_string();
        std::fs::write(self.dir.join("data.json"), &text).map_err(io)?;
        self.run(&["--binary"], &["data.json"]).map_err(|error| format!("{error}\n{text}"))?;
        let mut made = std::fs::read_dir(self.dir).map_err(io)?.filter_map(Result::ok).map(|entry| entry.path());
        let made = made.find(|path| path.extension().is_none_or(|extension| extension != "json"));
        let made = made.ok_or("flatc wrote nothing")?;
        let theirs = std::fs::read(&made).map_err(io)?;
        std::fs::remove_file(made).map_err(io)?;
        same(&self.decode(&theirs)?, &expected, "our JSON, encoded by flatc")?;

        std::fs::write(self.dir.join("data.bin"), &bytes).map_err(io)?;
        self.run(&["--json", "--raw-binary"], &["--", "data.bin"]).map_err(|error| format!("{error}\n{text}"))?;
        std::fs::remove_file(self.dir.join("data.bin")).map_err(io)?;
        let theirs = std::fs::read(self.dir.join("data.json")).map_err(io)?;
        let theirs = String::from_utf8(theirs).map_err(|error| error.to_string())?;
        same(&self.write(&self.read(&theirs)?)?, &expected, "our bytes, decoded by flatc")
    }

    fn write(&self, record: &Record) -> Result<String, String> {
        json::write(self.schema, self.id, record, &WriteOptions::default()).map_err(|error| error.to_string())
    }

    fn read(&self, text: &str) -> Result<Record, String> {
        let mut sources = SourceMap::default();
        let file = sources.add("data.json", text);
        let record = json::parse(self.schema, self.id, &sources, file, &JsonOptions::default());
        record.map_err(|errors| errors.render(&sources, false))
    }

    fn decode(&self, bytes: &[u8]) -> Result<String, String> {
        let record = codec::decode(self.schema, self.id, bytes, &Limits::default());
        self.write(&record.map_err(|error| error.to_string())?)
    }

    fn run(&self, before: &[&str], behind: &[&str]) -> Result<(), String> {
        let source = self.path.to_str().ok_or("a path that is not UTF-8")?;
        let mut arguments: Vec<&str> = before.to_vec();
        arguments.extend(self.include.iter().map(String::as_str));
        arguments.extend(["--root-type", &self.root, source]);
        arguments.extend(behind);
        run(self.flatc, self.dir, &arguments)
    }
}

fn same(found: &str, expected: &str, what: impl Display) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}\nfound\n{found}\nexpected\n{expected}")) }
}
