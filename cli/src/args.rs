//! The command line as it is read; what it means is decided in [`commands`](crate::commands).

mod bench;
mod doctor;
mod lock;
mod new;
#[cfg(test)]
mod page;
mod plugin;
mod shell;
mod sign;
mod test;
mod trust;
mod tui;
mod verify;
mod watch;

pub(crate) use bench::BenchArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use lock::LockArgs;
pub(crate) use new::{NewArgs, Template};
pub(crate) use plugin::{PluginArgs, Ways};
pub(crate) use shell::{CompletionsArgs, ManArgs};
pub(crate) use sign::{KeyFormat, KeygenArgs, RevokeArgs, SignArgs};
pub(crate) use test::TestArgs;
pub(crate) use trust::{StoreArgs, TrustArgs};
pub(crate) use tui::TuiArgs;
pub(crate) use verify::VerifyArgs;
pub(crate) use watch::WatchArgs;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::call::Way;
use crate::exit::Exit;
use crate::terminal::ColorChoice;

mod cache;

pub(crate) use cache::{CacheArgs, CacheCommand, CacheCommandArgs, CacheJsonArgs, CompileArgs};

/// Plugins for Rust applications: contracts in FlatBuffers, plugins as WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "hookr", version, max_term_width = 100, after_help = Exit::HELP, styles = styles())]
pub(crate) struct Arguments {
    /// When messages have colours: auto, always or never
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t, hide_possible_values = true)]
    pub(crate) color: ColorChoice,

    /// Say nothing of what was done and of what goes on; errors and warnings are still shown
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

fn styles() -> Styles {
    Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default())
}

/// The commands, in the order in which a contract meets them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(NewArgs),
    Gen(GenArgs),
    Wit(WitArgs),
    Build(BuildArgs),
    Watch(WatchArgs),
    Keygen(KeygenArgs),
    Sign(SignArgs),
    Verify(VerifyArgs),
    Revoke(RevokeArgs),
    Inspect(InspectArgs),
    Lock(LockArgs),
    Compile(CompileArgs),
    Call(CallArgs),
    Test(TestArgs),
    Tui(TuiArgs),
    Bench(BenchArgs),
    Cache(CacheCommandArgs),
    Encode(EncodeArgs),
    Decode(DecodeArgs),
    Explain(ExplainArgs),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
    Version(VersionArgs),
}

/// How a schema is read as a contract.
#[derive(Args, Clone, Debug)]
pub(crate) struct ContractArgs {
    /// A folder in which included schemas are looked for, after that of the including file; may be repeated
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,

    /// The service that plugins implement; every other service is one that they may call back
    #[arg(long, value_name = "SERVICE", default_value = PLUGIN_SERVICE)]
    pub(crate) plugin_service: String,

    /// The attribute of methods that a plugin may leave out
    #[arg(long, value_name = "NAME", default_value = OPTIONAL_ATTRIBUTE)]
    pub(crate) optional_attribute: String,
}

const PLUGIN_SERVICE: &str = "Plugin";
const OPTIONAL_ATTRIBUTE: &str = "hookr_optional";

impl Default for ContractArgs {
    fn default() -> Self {
        let (plugin_service, optional_attribute) = (PLUGIN_SERVICE.to_owned(), OPTIONAL_ATTRIBUTE.to_owned());
        ContractArgs { include: Vec::new(), plugin_service, optional_attribute }
    }
}

/// Write the Rust crate of a contract
///
/// The crate holds the WIT world, the types, and what both sides need: applications depend on it with the feature
/// `host`, plugins with the feature `guest`. Only files that change are written. Files that were not generated are never
/// touched.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr gen --schema textfilter.fbs --out contract --package textfilter --hookr-path ../hookr

Without --hookr-path, the crates of Hookr come from the registry, in the version of this command.")]
pub(crate) struct GenArgs {
    /// The contract
    #[arg(long, value_name = "FILE.fbs")]
    pub(crate) schema: PathBuf,

    /// The folder of the crate
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// The name of the crate
    #[arg(long, value_name = "NAME", value_parser = crate_name)]
    pub(crate) package: String,

    #[command(flatten)]
    pub(crate) contract: ContractArgs,

    /// A checkout of Hookr to take its crates from, instead of the published ones
    #[arg(long, value_name = "DIR")]
    pub(crate) hookr_path: Option<PathBuf>,

    /// Write nothing, and fail where a file differs from what would be written
    #[arg(long)]
    pub(crate) check: bool,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The name of a crate, as cargo takes it.
pub(crate) fn crate_name(text: &str) -> Result<String, String> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) || !text.chars().all(letters) {
        return Err("a crate's name is of letters, digits, `-` and `_`, and starts with a letter".to_owned());
    }
    // In Rust's code, `-` is `_`.
    let name = text.replace('-', "_");
    if KEYWORDS.contains(&name.as_str()) {
        return Err(format!("`{name}` is a keyword of Rust, no crate can be used by that name"));
    }
    if RUST_CRATES.contains(&name.as_str()) {
        return Err(format!("Rust has a crate `{name}` of its own"));
    }
    if DEPENDENCIES.contains(&name.as_str()) {
        return Err(format!("the generated crate depends on a crate `{text}`, it needs a name of its own"));
    }
    Ok(text.to_owned())
}

/// The keywords of Rust 2024, used and reserved, but for those that only mean something in places.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The crates that come with the compiler.
const RUST_CRATES: &[&str] = &["alloc", "core", "proc_macro", "std", "test"];

/// What a generated crate depends on.
const DEPENDENCIES: &[&str] = &["flatbuffers", "hookr", "hookr_abi", "hookr_guest"];

/// Print the WIT world of a contract
///
/// The text holds every package that it needs. Schemas without a plugin service are fine: they give the types, and what
/// their services import.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr wit --schema textfilter.fbs
  hookr wit --schema textfilter.fbs --out world.wit && wasm-tools component wit world.wit")]
pub(crate) struct WitArgs {
    /// The schema
    #[arg(long, value_name = "FILE.fbs")]
    pub(crate) schema: PathBuf,

    #[command(flatten)]
    pub(crate) contract: ContractArgs,

    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE.wit")]
    pub(crate) out: Option<PathBuf>,
}

/// Build a plugin: compile its crate and make a component of it
///
/// The component says which contract it is built for, so that hosts and `hookr inspect` can tell. With --component, a
/// component that another tool or another language built gets that too, and so does a core module that is ready to become a
/// component: one with the metadata of a bindings generator.
///
/// The compiler is that of the active toolchain if it has the target wasm32-unknown-unknown, or the one of --target, else
/// that of the rustup toolchain `hookr-guest`; HOOKR_GUEST_TOOLCHAIN=active|rustup|debian allows one of them only.
///
/// A plugin for wasm32-wasip2 can use files, the environment, clocks and the network through Rust's standard library. It
/// imports WASI for that, and a host opens it only if it grants what is asked for.
///
/// A release build is optimised as a whole (lto = "fat", codegen-units = 1), which makes plugins smaller and faster, unless
/// `[profile.release]` in the Cargo.toml of the workspace or in cargo's configuration, or the environment, has other values.
#[derive(Args, Debug)]
#[command(
    group = clap::ArgGroup::new("source").required(true),
    after_help = "\
EXAMPLE
  hookr build --plugin plugin --out textfilter.wasm
  hookr build --plugin plugin -- --features fast --locked
  hookr build --plugin plugin --target wasm32-wasip2
  hookr build --component filter.wasm --schema textfilter.fbs --out textfilter.wasm"
)]
pub(crate) struct BuildArgs {
    /// The folder of the plugin's crate, or a component (FILE.wasm)
    #[arg(long, group = "source", value_name = "DIR")]
    pub(crate) plugin: Option<PathBuf>,

    /// A component that is built already, or a core module that is to become one
    #[arg(long, group = "source", value_name = "FILE.wasm")]
    pub(crate) component: Option<PathBuf>,

    /// Where the component goes [default: hookr/CRATE.wasm in cargo's target folder]
    #[arg(long, value_name = "FILE.wasm")]
    pub(crate) out: Option<PathBuf>,

    /// Which package, where the folder is a workspace of several
    #[arg(long, value_name = "NAME", conflicts_with = "component")]
    pub(crate) package: Option<String>,

    /// What the crate is compiled for
    #[arg(long, value_enum, value_name = "TARGET", default_value_t, conflicts_with = "component")]
    pub(crate) target: Target,

    /// How the crate is compiled
    #[arg(long, value_enum, value_name = "PROFILE", default_value_t, conflicts_with = "component")]
    pub(crate) profile: Profile,

    /// The contract, for a plugin that does not say itself which it is built for
    #[arg(long, value_name = "FILE.fbs")]
    pub(crate) schema: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) contract: ContractArgs,

    /// Print JSON: where the component is, its hashes, its contract, and what it needs of WASI
    #[arg(long)]
    pub(crate) json: bool,

    /// More arguments for `cargo rustc`
    #[arg(last = true, value_name = "CARGO ARGS", conflicts_with = "component")]
    pub(crate) cargo: Vec<String>,
}

/// A target of the Rust compiler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// For plugins that import what their contract names, and nothing else.
    #[default]
    #[value(name = "wasm32-unknown-unknown")]
    Bare,
    /// For plugins that need WASI.
    #[value(name = "wasm32-wasip2")]
    Wasi,
}

impl Target {
    /// All of them.
    pub(crate) const ALL: [Target; 2] = [Target::Bare, Target::Wasi];

    /// The name that the compiler knows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Target::Bare => "wasm32-unknown-unknown",
            Target::Wasi => "wasm32-wasip2",
        }
    }
}

/// A profile of cargo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Optimised.
    #[default]
    Release,
    /// Fast to compile.
    Dev,
}

impl Profile {
    /// All of them.
    pub(crate) const ALL: [Profile; 2] = [Profile::Release, Profile::Dev];

    /// The name that cargo knows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Profile::Release => "release",
            Profile::Dev => "dev",
        }
    }
}

/// Show what a plugin or a contract is, and whether they fit
///
/// Nothing of the plugin runs, so no trust decision is needed. With --schema and --plugin, the exit code says whether
/// the plugin is built for that contract. With --trust, it says whether the plugin is signed by a key that is trusted. With
/// --fbs, the contract that the plugin carries is printed as a schema: the same contract ID comes of it.
#[derive(Args, Debug)]
#[command(
    group = clap::ArgGroup::new("subject").required(true).multiple(true),
    after_help = "\
EXAMPLE
  hookr inspect --plugin textfilter.wasm
  hookr inspect --plugin textfilter.wasm --schema textfilter.fbs --json
  hookr inspect --plugin textfilter.wasm --fbs > textfilter.fbs"
)]
pub(crate) struct InspectArgs {
    /// The plugin
    #[arg(long, group = "subject", value_name = "FILE.wasm")]
    pub(crate) plugin: Option<PathBuf>,

    /// The contract
    #[arg(long, group = "subject", value_name = "FILE.fbs")]
    pub(crate) schema: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) contract: ContractArgs,

    #[command(flatten)]
    pub(crate) trust: TrustArgs,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Print the contract inside of the plugin as a schema, and nothing else
    #[arg(long, requires = "plugin", conflicts_with_all = ["schema", "json"])]
    pub(crate) fbs: bool,
}

/// Call a method of a plugin: JSON in, JSON out
///
/// The contract is the one inside of the plugin. With --schema, the plugin must be built for that contract. Callbacks
/// are answered from the host fixture, a JSON object with a response, or a list of them, for each `Service.Method`.
///
/// A plugin that imports something of WASI gets what the grants file names, and is refused without one. What it writes, if
/// `output` is granted, goes to stderr, line by line.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr call --plugin textfilter.wasm --allow-unsigned --method Filter --input request.json --deadline 2s
  echo '{\"nodes\": []}' | hookr call --plugin urlbalancer.wasm --allow-unsigned --method Balance \\
      --input - --host-fixture fixture.json

FIXTURE
  {
    \"Rng.Int\": {\"responses\": [{\"value\": 3}, {\"value\": 4}]},
    \"Rng.Float\": {\"response\": {\"value\": 0.5}},
    \"Audit.Record\": {\"error\": {\"code\": \"unavailable\", \"message\": \"the disk is full\"}}
  }")]
pub(crate) struct CallArgs {
    /// The method: `Balance`, or `Plugin.Balance`
    #[arg(long, value_name = "NAME")]
    pub(crate) method: String,

    /// The request as JSON, `-` for standard input [default: an empty object]
    #[arg(long, value_name = "FILE.json")]
    pub(crate) input: Option<PathBuf>,

    /// What callbacks answer, as JSON
    #[arg(long, value_name = "FILE.json")]
    pub(crate) host_fixture: Option<PathBuf>,

    /// The way that the call takes: typed, through the Component Model, or lane, as FlatBuffers in the plugin's memory
    #[arg(long, value_enum, value_name = "WAY", default_value_t, hide_possible_values = true)]
    pub(crate) way: Way,

    #[command(flatten)]
    pub(crate) plugin: PluginArgs,

    /// Print fields that have their default value too
    #[arg(long)]
    pub(crate) defaults: bool,

    /// Print JSON on one line
    #[arg(long)]
    pub(crate) compact: bool,
}

/// Encode JSON as a FlatBuffer
///
/// The JSON is what flatc reads, the file what flatc writes. Files of the root type get the schema's file identifier.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr encode --schema textfilter.fbs --type FilterRequest --input request.json --out request.bin
  echo '{\"input\": \"hello\"}' | hookr encode --schema contract.bfbs --type FilterRequest \\
      --out request.bin")]
pub(crate) struct EncodeArgs {
    /// The schema (FILE.fbs), or a binary schema (FILE.bfbs)
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: PathBuf,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// The JSON, `-` for standard input
    #[arg(long, value_name = "FILE.json", default_value = "-")]
    pub(crate) input: PathBuf,

    /// Where the FlatBuffer goes
    #[arg(long, value_name = "FILE.bin")]
    pub(crate) out: PathBuf,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Decode a FlatBuffer to JSON
///
/// Everything in the file is checked before anything is printed. Files of the root type must have the file identifier of
/// the schema, if it has one. With --plugin, the schema is the one inside of the plugin, of which nothing runs.
#[derive(Args, Debug)]
#[command(
    group = clap::ArgGroup::new("source").required(true),
    after_help = "\
EXAMPLE
  hookr decode --schema textfilter.fbs --type FilterRequest --input request.bin
  hookr decode --plugin textfilter.wasm --type FilterResponse --input response.bin --compact
  hookr decode --schema textfilter.fbs --type FilterRequest --input request.bin --annotate"
)]
pub(crate) struct DecodeArgs {
    /// The schema (FILE.fbs), or a binary schema (FILE.bfbs)
    #[arg(long, group = "source", value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,

    /// A plugin that carries the schema
    #[arg(long, group = "source", value_name = "FILE.wasm")]
    pub(crate) plugin: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// The FlatBuffer, `-` for standard input
    #[arg(long, value_name = "FILE.bin")]
    pub(crate) input: PathBuf,

    /// Print what each byte of the file is instead, even where something is wrong with it
    #[arg(long, conflicts_with_all = ["defaults", "compact"])]
    pub(crate) annotate: bool,

    /// Print fields that have their default value too
    #[arg(long)]
    pub(crate) defaults: bool,

    /// Print JSON on one line
    #[arg(long)]
    pub(crate) compact: bool,
}

/// Which type of a schema is meant.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReadArgs {
    /// The table: `Acme.Request`, or `Request` where only one is called that [default: the root type]
    #[arg(long = "type", value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// A folder in which included schemas are looked for, after that of the including file; may be repeated
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,
}

/// Explain an error code
///
/// Without a code, lists them all.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr explain E0601")]
pub(crate) struct ExplainArgs {
    /// The code, as errors show it in brackets
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print the version
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr version --json")]
pub(crate) struct VersionArgs {
    /// Print JSON, with the versions of what matters inside
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests;
