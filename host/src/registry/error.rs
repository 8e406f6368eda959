use std::path::PathBuf;
use std::sync::Arc;

use hookr_abi::Printable;

use super::ManifestError;
use crate::{ContractSummary, Digest, OpenError};

/// Why a registry cannot be opened, or does not have what it is asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The folder cannot be read.
    #[error("cannot read the folder {}", Printable(&path.display().to_string()))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// There are more plugins, or more files beside them, than are looked at.
    #[error("{} has more than {limit} {what}", Printable(&path.display().to_string()))]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// The largest number.
        limit: usize,
        /// What there are too many of.
        what: &'static str,
    },
    /// No contract is served, so that no plugin could be opened.
    #[error("the registry serves no contract: give it a builder with .contract(..)")]
    NoContract,
    /// Two templates are for one contract.
    #[error("the registry has two builders for {}", Served(contract))]
    TwoTemplates {
        /// The contract; `None` for any.
        contract: Option<Box<ContractSummary>>,
    },
    /// There is no plugin of this name.
    #[error("there is no plugin `{}`; {}", Printable(name), Names(names))]
    UnknownName {
        /// The name.
        name: String,
        /// The names that there are.
        names: Vec<String>,
    },
    /// The plugin could not be opened.
    #[error("the plugin `{}` could not be opened", Printable(name))]
    Failed {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: Arc<PluginError>,
    },
    /// The plugin is not to be opened.
    #[error("the plugin `{}` is disabled", Printable(name))]
    Disabled {
        /// Its name.
        name: String,
    },
    /// The plugin is there, for another contract than it was asked for.
    #[error(
        "the plugin `{}` is of another contract: asked for {}, it is served as {}",
        Printable(name),
        Served(expected),
        Served(found)
    )]
    OtherContract {
        /// Its name.
        name: String,
        /// The contract of the handle that was asked for; `None` for one of any contract.
        expected: Option<Box<ContractSummary>>,
        /// The contract of the handle that there is; `None` for one of any contract.
        found: Option<Box<ContractSummary>>,
    },
    /// There is a plugin of this name.
    #[error("there is a plugin `{}` already", Printable(name))]
    Taken {
        /// The name.
        name: String,
    },
    /// A name is none.
    #[error("a plugin cannot be called `{}`: {}", Printable(name), super::name::EXPECTED)]
    InvalidName {
        /// The name.
        name: String,
    },
}

/// Why a plugin of a registry could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// A step of opening failed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The name of its file is none that a plugin can have.
    #[error("the name of the file {} is none for a plugin: {}", Printable(&path.display().to_string()), super::name::EXPECTED)]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// No template is for its contract.
    #[error("the plugin is built for {}, which this host does not serve; it serves {}", Named(found), list(served))]
    NotServed {
        /// The contract that the plugin says it is built for.
        found: Box<ContractSummary>,
        /// The contracts that are served.
        served: Vec<ContractSummary>,
    },
    /// The contract that the entry names is not served; the file was not read.
    #[error(
        "the plugin is to be of the contract `{}`, which this host does not serve; it serves {}",
        Printable(package),
        list(served)
    )]
    UnknownContract {
        /// The WIT package.
        package: String,
        /// The contracts that are served.
        served: Vec<ContractSummary>,
    },
    /// The plugin is built for another contract than its entry says.
    #[error("the plugin is to be of the contract `{}`, and is built for {}", Printable(expected), Named(found))]
    OtherContract {
        /// The WIT package that the entry names.
        expected: String,
        /// What the plugin says.
        found: Box<ContractSummary>,
    },
    /// No file can have the hashes that are pinned.
    #[error(
        "no file can be trusted: the host pins sha256 {}, and the entry of the plugin {}",
        digests(host),
        digests(entry)
    )]
    Pins {
        /// The pins of the template.
        host: Vec<Digest>,
        /// The pins of the entry.
        entry: Vec<Digest>,
    },
    /// The grants file cannot be read.
    #[cfg(feature = "wasi")]
    #[error("the grants file {} cannot be used", Printable(&path.display().to_string()))]
    Grants {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: crate::GrantsFileError,
    },
    /// Code of the host panicked while the plugin was opened: a verifier, for instance.
    #[error("the host panicked while the plugin was opened: {}", Printable(message))]
    Panicked {
        /// What the panic says.
        message: String,
    },
}

struct Served<'a>(&'a Option<Box<ContractSummary>>);

impl std::fmt::Display for Served<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(contract) => write!(f, "{}", Named(contract)),
            None => f.write_str("any contract"),
        }
    }
}

struct Named<'a>(&'a ContractSummary);

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the contract {}", self.0)
    }
}

struct Names<'a>(&'a [String]);

impl std::fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        /// So many names are said: there can be thousands.
        const MOST: usize = 20;
        let names: Vec<String> = self.0.iter().take(MOST).map(|name| format!("`{}`", Printable(name))).collect();
        match self.0.len() {
            0 => f.write_str("there are none"),
            count if count > MOST => write!(f, "there are {} and {} others", names.join(", "), count - MOST),
            _ => write!(f, "there are {}", names.join(", ")),
        }
    }
}

fn list(contracts: &[ContractSummary]) -> String {
    contracts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn digests(digests: &[Digest]) -> String {
    digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
