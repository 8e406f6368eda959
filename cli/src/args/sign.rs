use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Make a key to sign plugins with
///
/// The private key goes to a file that only you can read, the public key beside it: to FILE and FILE.pub as OpenSSH has
/// them, or to FILE.pem and FILE.pub.pem as OpenSSL has them. Keys of `ssh-keygen -t ed25519` and
/// `openssl genpkey -algorithm ed25519` do as well.
///
/// The private key is encrypted if there is a passphrase: in a file, or in the environment variable HOOKR_KEY_PASSPHRASE.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr keygen --out release
  hookr sign --key release --plugin textfilter.wasm
  hookr verify --trust release.pub --plugin textfilter.wasm")]
pub(crate) struct KeygenArgs {
    /// The file of the private key
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// The name of the key, for people, where the format is openssh [default: the name of the file]
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,

    /// The format of both files
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: KeyFormat,

    /// Encrypt the private key with the first line of this file
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,

    /// Replace files that are there already
    #[arg(long)]
    pub(crate) force: bool,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A format of key files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFormat {
    /// As ssh-keygen writes them.
    #[default]
    Openssh,
    /// As OpenSSL writes them: PKCS#8 and SPKI.
    Pem,
}

/// Sign a plugin
///
/// The signature goes into the file, beside those of other keys; signing twice with one key changes nothing. With
/// --detached, it goes to a file of its own, and the plugin stays as it is.
///
/// A signature covers everything in the file but signatures. Its format is that of the WebAssembly tool conventions, which
/// wasmsign2 writes, too.
#[derive(Args, Debug)]
#[command(
    group = clap::ArgGroup::new("what").required(true),
    after_help = "\
EXAMPLE
  hookr sign --key release --plugin textfilter.wasm
  hookr sign --key release.pem --plugin textfilter.wasm --out signed.wasm
  hookr sign --key release --plugin textfilter.wasm --detached textfilter.wasm.sig"
)]
pub(crate) struct SignArgs {
    /// The private key, `-` for standard input
    #[arg(long, group = "what", value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// Take every signature out of the plugin instead
    #[arg(long, group = "what", conflicts_with = "detached")]
    pub(crate) strip: bool,

    /// The plugin
    #[arg(long, value_name = "FILE.wasm")]
    pub(crate) plugin: PathBuf,

    /// Where the signed plugin goes [default: where it is]
    #[arg(long, value_name = "FILE.wasm", conflicts_with = "detached")]
    pub(crate) out: Option<PathBuf>,

    /// Write the signature to a file of its own, beside those in it [default: the plugin's file with .sig behind it]
    #[arg(long, value_name = "FILE.sig", num_args = 0..=1)]
    pub(crate) detached: Option<Option<PathBuf>>,

    /// The passphrase of the private key is the first line of this file [default: HOOKR_KEY_PASSPHRASE]
    #[arg(long, value_name = "FILE", conflicts_with = "strip")]
    pub(crate) passphrase_file: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Trust a plugin or a key no more
///
/// Adds a line to a list, which hosts and `--revoked` read. A plugin is named by its signed hash: it is refused however its
/// signatures are arranged.
#[derive(Args, Debug)]
#[command(
    group = clap::ArgGroup::new("what").required(true),
    after_help = "\
EXAMPLE
  hookr revoke --list revoked.txt --plugin textfilter.wasm --reason 'answers wrongly'
  hookr revoke --list revoked.txt --key release.pub --reason 'lost with a laptop'
  hookr verify --trust release.pub --revoked revoked.txt --plugin textfilter.wasm"
)]
pub(crate) struct RevokeArgs {
    /// The list; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) list: PathBuf,

    /// The plugin
    #[arg(long, group = "what", value_name = "FILE.wasm")]
    pub(crate) plugin: Option<PathBuf>,

    /// The key: its ID, or the file of the public key
    #[arg(long, group = "what", value_name = "ID|FILE.pub")]
    pub(crate) key: Option<PathBuf>,

    /// Why, for people
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
