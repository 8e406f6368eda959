//! What a person can do about an error: the lines that start with `hint:`.

use std::fmt;
use std::path::PathBuf;

use fbs2wit::diag::Code;
use hookr::Digest;
use hookr_abi::Printable;

use crate::args::Target;

/// Something to do about an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// A plugin needs a trust decision.
    Trust(Digest),
    /// The file has another hash than the one given.
    OtherHash(Digest),
    /// The file is not the one that was locked.
    OtherLocked,
    /// The lock file does not have the plugin.
    LockAdd,
    /// A plugin of this name is locked, and its file is gone.
    LockRemove(String),
    /// A lock file is not up to date.
    Lock,
    /// What is there now of these plugins may be signed or not.
    LockSigned(Vec<String>),
    /// There is no lock file yet.
    LockFirst,
    /// A name is another plugin's in the lock file.
    Name,
    /// Nothing says whom `hookr verify` is to trust.
    WhomToTrust,
    /// The plugin is not signed.
    Sign,
    /// A private key, or a passphrase, can be read by others.
    Chmod(PathBuf),
    /// A folder that is for one user alone can be used by others.
    ChmodFolder(PathBuf),
    /// A private key is encrypted.
    Passphrase,
    /// A file is there already.
    Force,
    /// Somebody gave a core module or a component without section.
    BuildComponent,
    /// A plugin's crate does not ask for the side of plugins of this dependency.
    Guest(String),
    /// A plugin's crate is no dynamic library.
    CrateType,
    /// The crate was compiled, but nothing exports a plugin.
    Export,
    /// There is no toolchain for plugins.
    Toolchain(Target),
    /// A core module does not say what world it is for.
    Bindings,
    /// The folder holds several plugins; these are their packages.
    Package(Vec<String>),
    /// The folder holds no crate.
    NotACrate(PathBuf),
    /// A plugin wants more than it may have; this flag gives it more.
    Limit(&'static str),
    /// The plugin has no lane.
    OtherWay,
    /// The contract has no section in the component, but there may be a schema.
    Schema,
    /// There is no cache.
    CacheDir,
    /// Another name is near.
    DidYouMean(String),
    /// What would be right: names to choose from.
    OneOf(&'static str, Vec<String>),
    /// A callback that the fixture lacks; the text is a line to paste.
    Fixture {
        /// `Service.Method`.
        key: String,
        /// A fixture entry as JSON.
        line: String,
    },
    /// A file of the user's stands where a generated one would go.
    NotGenerated,
    /// There is no terminal for the workbench.
    NoTerminal,
    /// A command makes what is there what it could be.
    MakesIt(String),
    /// Something stands where a project would go.
    Elsewhere,
    /// What is generated differs from what is there.
    Regenerate,
    /// Generated code and plugin are of two contracts.
    OtherContract,
    /// A plugin asks for parts of WASI.
    Grants,
    /// The error codes are listed somewhere.
    ListCodes,
    /// A code has an explanation.
    Explain(Code),
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hint::Trust(found) => write!(
                f,
                "pass `--hash {found}` to accept exactly this file, `--locked` for one that `hookr lock` knows, \
                 `--trust PATH` to accept what the keys there have signed, or `--allow-unsigned` for a plugin of your own"
            ),
            Hint::WhomToTrust => f.write_str(
                "pass `--trust PATH` with a file or folder of public keys, or `--hash SHA256` with the hash that is \
                 expected",
            ),
            Hint::Sign => f.write_str(
                "`hookr sign --key FILE --plugin FILE.wasm` signs it; a signature in a file of its own is named by \
                 `--signature FILE.sig`",
            ),
            Hint::Chmod(path) => write!(f, "`chmod 600 {}`", Printable(&path.display().to_string())),
            Hint::ChmodFolder(path) => write!(f, "`chmod 700 {}`", Printable(&path.display().to_string())),
            Hint::Passphrase => {
                f.write_str("pass `--passphrase-file FILE`, or set the environment variable HOOKR_KEY_PASSPHRASE")
            }
            Hint::Force => f.write_str("`--force` replaces it, and what the old key signed needs the old public key"),
            Hint::OtherHash(found) => write!(
                f,
                "if you meant to accept the changed file, check where it comes from and pass `--hash {found}`"
            ),
            Hint::OtherLocked => f.write_str(
                "if you meant to accept the changed file, check where it comes from; `hookr lock --check` shows what \
                 changed in it, and `hookr lock FILE.wasm --trust PATH` locks what is there now if its signature is valid",
            ),
            Hint::LockAdd => f.write_str("check where it comes from before you add it"),
            Hint::LockRemove(name) => {
                write!(f, "if it is gone for good, `hookr lock --remove {}` takes it out", Printable(name))
            }
            Hint::Lock => f.write_str("`hookr lock` locks what is there now"),
            Hint::LockSigned(names) => write!(
                f,
                "pass `--trust PATH` with the keys that count, to look at the signatures; to lock it without,{} first",
                names.iter().map(|name| format!(" `hookr lock --remove {}`", Printable(name))).collect::<String>()
            ),
            Hint::LockFirst => f.write_str("`hookr lock FILE.wasm` writes one, with that plugin"),
            Hint::Name => f.write_str("`--name` gives one of them another name"),
            Hint::BuildComponent => f.write_str(
                "`hookr build --plugin FOLDER` builds a plugin's crate; `hookr build --component FILE.wasm` makes a \
                 plugin of what another tool built",
            ),
            Hint::Guest(contract) => {
                write!(f, "in its Cargo.toml: {} = {{ …, features = [\"guest\"] }}", Printable(contract))
            }
            Hint::CrateType => f.write_str("add to its Cargo.toml: [lib] crate-type = [\"cdylib\"]"),
            Hint::Export => f.write_str(
                "the plugin's lib.rs needs the macro of its contract's crate: `my_contract::export!(MyPlugin);`, with the \
                 feature `guest` on that dependency",
            ),
            Hint::Toolchain(target) => {
                let name = target.name();
                let asked =
                    if *target == Target::default() { String::new() } else { format!(" --target {name}") };
                write!(
                    f,
                    "any one of these gives one: `rustup target add {name}`; in a checkout of Hookr, \
                     `cargo xtask toolchain{asked}`; a toolchain of your own that has the target, linked with \
                     `rustup toolchain link hookr-guest FOLDER`"
                )
            }
            Hint::Bindings => f.write_str(
                "make the component with the tool of the module's language, `wasm-tools component embed` and \
                 `wasm-tools component new` for instance; `hookr wit` prints the world",
            ),
            Hint::Package(names) => write!(f, "say which one with `--package`: {}", quoted(names)),
            Hint::NotACrate(folder) => {
                write!(f, "`cargo new --lib {}` starts a plugin's crate", Printable(&folder.display().to_string()))
            }
            Hint::Limit(flag) => write!(f, "`{flag}` allows more, if that is what the plugin should have"),
            Hint::OtherWay => f.write_str("`--way typed` calls it through the Component Model, as every plugin can be"),
            Hint::Schema => f.write_str("say which contract it is built for with `--schema FILE.fbs`"),
            Hint::CacheDir => f.write_str("name a folder with `--cache-dir`"),
            Hint::DidYouMean(name) => write!(f, "did you mean `{}`?", Printable(name)),
            Hint::OneOf(what, names) if names.is_empty() => write!(f, "there are no {what}"),
            Hint::OneOf(what, names) => write!(f, "the {what} are {}", quoted(names)),
            Hint::Fixture { key, line } => {
                let key = Printable(key);
                write!(
                    f,
                    "add a response of `{key}` to the fixture, or have the `when` of one that is there fit: {}",
                    Printable(line)
                )
            }
            Hint::NotGenerated => f.write_str(
                "it does not start with `@generated`, so it may be yours: choose another folder with `--out`, or move it \
                 away",
            ),
            Hint::NoTerminal => f.write_str("`hookr call` calls a plugin without one, and `hookr test` runs cases"),
            Hint::MakesIt(command) => write!(f, "`{}` would make it so", Printable(command)),
            Hint::Elsewhere => f.write_str("choose another name, or move it away"),
            Hint::Regenerate => f.write_str("run the same command without `--check`"),
            Hint::Grants => f.write_str(
                "`hookr inspect --plugin FILE.wasm` shows what the plugin asks for, and a file that grants it: pass that \
                 with `--grants FILE.toml`",
            ),
            Hint::ListCodes => f.write_str("`hookr explain` lists them"),
            Hint::Explain(code) => write!(f, "`hookr explain {code}` says why, and what to do instead"),
            Hint::OtherContract => f.write_str(
                "generate the contract's crate again with `hookr gen`, and build the plugin again with `hookr build`",
            ),
        }
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", Printable(name))).collect();
    names.join(", ")
}
