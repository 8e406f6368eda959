//! The arguments of `hookr new`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::crate_name;

/// Start a project: a contract, a plugin and a host that build and run at once
///
/// Makes a folder with a cargo workspace in it: the contract as a schema and the crate that `hookr gen` makes of it, a
/// plugin, a host, a request, cases for `hookr test`, and a README.md with the commands. The name of the folder is that of
/// the contract. A folder that has something in it is left alone.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr new greeter
  hookr new ticker --template lane
  hookr new work/greeter --template callbacks --hookr-path ../hookr

Without --hookr-path, the crates of Hookr come from the registry, in the version of this command.")]
pub(crate) struct NewArgs {
    /// The folder; its name is that of the contract
    #[arg(value_name = "NAME", value_parser = place)]
    pub(crate) place: Place,

    /// What the plugin and the host are like
    #[arg(long, value_enum, value_name = "TEMPLATE", default_value_t)]
    pub(crate) template: Template,

    /// A checkout of Hookr to take its crates from, instead of the published ones
    #[arg(long, value_name = "DIR")]
    pub(crate) hookr_path: Option<PathBuf>,

    /// Print JSON: the folder, the files in it, and the next commands
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where a project goes, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
}

/// What a project starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// One method, and nothing that the plugin calls back
    #[default]
    Minimal,
    /// A service that the host implements and the plugin calls back
    Callbacks,
    /// A tight loop over the lane, in place
    Lane,
    /// A plugin with state, which a new version takes over while the host runs
    Reload,
}

impl Template {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Template; 4] = [Template::Minimal, Template::Callbacks, Template::Lane, Template::Reload];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Template::Minimal => "minimal",
            Template::Callbacks => "callbacks",
            Template::Lane => "lane",
            Template::Reload => "reload",
        }
    }
}

fn place(text: &str) -> Result<Place, String> {
    let folder = Path::new(text);
    let name = folder.file_name().and_then(|name| name.to_str()).ok_or("it has no name of a folder at its end")?;
    let name = crate_name(name)?;
    // In the code of a project, these are something else already.
    let in_code = name.replace('-', "_");
    if TYPES.contains(&in_code.as_str()) {
        return Err(format!("`{in_code}` is a type of Rust"));
    }
    if TAKEN.contains(&in_code.as_str()) {
        return Err(format!("`{in_code}` is something else in the code of a project"));
    }
    Ok(Place { folder: folder.to_owned(), name })
}

/// The types that have the name of a crate: they would be hidden by it.
const TYPES: &[&str] = &[
    "bool", "char", "f128", "f16", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16",
    "u32", "u64", "u8", "usize",
];

/// A module of every plugin, and what every host depends on.
const TAKEN: &[&str] = &["anyhow", "tests"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_is_the_name() {
        let found = place("some/where/my-filter2").unwrap();
        assert_eq!(found, Place { folder: "some/where/my-filter2".into(), name: "my-filter2".into() });
        assert_eq!(place("greeter/").unwrap().name, "greeter");
    }

    #[test]
    fn what_is_no_crate_is_refused() {
        for text in ["", ".", "..", "/", "2x", "a b", "a.b", "fn", "std", "hookr", "str", "u8"] {
            let found = place(text);
            assert!(found.is_err(), "{text}: {found:?}");
        }
        assert_eq!(place("tests").unwrap_err(), "`tests` is something else in the code of a project");
    }
}
