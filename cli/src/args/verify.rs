use std::path::PathBuf;

use clap::Args;
use hookr::trust::Moment;

use super::TrustArgs;

/// Say whether a plugin would be trusted, and why
///
/// Nothing of the plugin runs. The exit code is 0 if a host with the same flags would trust it, 3 if not, 1 if a file that
/// was named cannot be used, and 2 if nothing says whom to trust: the signatures are listed as they claim to be then, and
/// nothing is verified. What --revoked names is not trusted, whatever else was said.
///
/// With --rebuild, the plugin's crate is built again, as the plugin says that it was built, and compared: the exit code is 7
/// if another plugin comes of it, signatures aside. A Cargo.lock that is there counts, and nothing is left behind. That
/// runs what is in the crate, build scripts for instance, so do it for sources that you trust. The same bytes need the same
/// compiler; where they differ, what is known to differ is listed.
///
/// PATH of --trust is a file of public keys, as OpenSSH or OpenSSL writes them, a trust file (FILE.toml), or a folder of
/// such files.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr verify --plugin textfilter.wasm --trust release.pub
  hookr verify --plugin textfilter.wasm --trust keys/ --threshold 2 --revoked revoked.txt --json
  hookr verify --plugin textfilter.wasm --trust release.pub --signature textfilter.wasm.sig
  hookr verify --plugin textfilter.wasm --rebuild plugin")]
pub(crate) struct VerifyArgs {
    /// The plugin
    #[arg(long, value_name = "FILE.wasm")]
    pub(crate) plugin: PathBuf,

    #[command(flatten)]
    pub(crate) trust: TrustArgs,

    /// Which keys have expired is decided as of then, 2027-01-01 or 2027-01-01T12:00:00Z [default: now]
    #[arg(long, value_name = "TIME", requires = "trust")]
    pub(crate) at: Option<Moment>,

    /// The folder of the crate that the plugin is to be of
    #[arg(long, value_name = "DIR")]
    pub(crate) rebuild: Option<PathBuf>,

    /// Which package, where that folder is a workspace [default: the one that the plugin names]
    #[arg(long, value_name = "NAME", requires = "rebuild")]
    pub(crate) package: Option<String>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
