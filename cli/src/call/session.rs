//! A plugin that is called from the shell: read, trusted, opened, and called in either way.
//!
//! `hookr call`, `tui`, `bench` and `test` all call through this.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use hookr::dynamic::DynamicPlugin;
use hookr::supervise::Supervision;
use hookr::{Artifact, Builder, CallError, CallOptions, Digest, Grants, OpenError};

use super::host::{Exchange, Host, Seen};
use super::method::MethodRef;
use super::payload::{Payload, PayloadError};
use crate::args::PluginArgs;
use crate::contract::{self, LoadedContract};
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result, told};
use crate::files::shown;
use crate::inspect::same_contract;
use crate::trust::trusting;

/// The way that a call takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// Through the Component Model, with values that have a type.
    #[default]
    Typed,
    /// Over the lane, with FlatBuffers in the plugin's memory.
    Lane,
}

impl Way {
    /// Both.
    pub(crate) const ALL: [Way; 2] = [Way::Typed, Way::Lane];

    /// The word for it on the command line and in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Way::Typed => "typed",
            Way::Lane => "lane",
        }
    }
}

/// A plugin that may run, with its contract, and that is not opened yet: what is to be read against the contract is read
/// first, since opening takes longer.
pub(crate) struct Candidate {
    artifact: Artifact,
    builder: Builder<DynamicPlugin>,
    contract: Arc<LoadedContract>,
    host: Host,
}

impl Candidate {
    /// Reads a plugin, and decides whether it may run.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is no plugin, nobody says that it may run, or it has another contract than it should.
    pub(crate) fn read(args: &PluginArgs, host: &Host) -> Result<Self> {
        let artifact = Artifact::read(&args.plugin)?;
        let builder = builder_of(args, host)?;
        builder.decide(&artifact)?;
        let builder = granting(builder, args.grants.as_deref())?;
        let contract = Arc::new(contract_of(&artifact, args)?);
        host.bind(&contract);
        Ok(Candidate { artifact, builder, contract, host: host.clone() })
    }

    /// The same file once more, for a session of its own with another host. The file is not read again.
    ///
    /// # Errors
    ///
    /// What the arguments name cannot be read any more.
    pub(crate) fn again(&self, args: &PluginArgs, host: &Host) -> Result<Self> {
        let builder = granting(builder_of(args, host)?, args.grants.as_deref())?;
        host.bind(&self.contract);
        Ok(Candidate { artifact: self.artifact.clone(), builder, contract: self.contract.clone(), host: host.clone() })
    }

    /// What the plugin is built for.
    pub(crate) fn contract(&self) -> &Arc<LoadedContract> {
        &self.contract
    }

    /// The hash of its file.
    pub(crate) fn sha256(&self) -> Digest {
        self.artifact.sha256()
    }

    /// Opens it. What it is compiled to may be in the cache; otherwise that takes a second for a large one.
    pub(crate) fn open(self) -> Result<Session> {
        let path = self.artifact.path().unwrap_or(Path::new(self.artifact.name()));
        let opening = self.host.progress(format!("opening {} (sha256 {})", shown(path), self.artifact.sha256()));
        let session = self.open_quietly();
        drop(opening);
        session
    }

    /// Opens it without a word to people who wait.
    pub(crate) fn open_quietly(self) -> Result<Session> {
        let plugin = self.builder.open_artifact(&self.artifact)?;
        Ok(Session { plugin, contract: self.contract, host: self.host })
    }
}

fn builder_of(args: &PluginArgs, host: &Host) -> Result<Builder<DynamicPlugin>> {
    let builder = trusting(DynamicPlugin::builder(host.clone()), &args.trust)?.limits(args.limits.limits());
    let (logged, happened) = (host.clone(), host.clone());
    // Whoever sits in front of a plugin decides when it is called again.
    let builder = builder.cache(args.cache.cache()).supervision(Supervision::default().grace(u32::MAX));
    let builder = builder.on_event(move |event| happened.event(event)).log(move |record| logged.log(record));
    Ok(match &args.limits.core_dump {
        Some(folder) => builder.core_dumps(folder, 1),
        None => builder,
    })
}

fn granting(builder: Builder<DynamicPlugin>, file: Option<&Path>) -> Result<Builder<DynamicPlugin>> {
    let Some(file) = file else { return Ok(builder) };
    let unreadable = || format!("the grants file {} cannot be used", shown(file));
    let grants = Grants::from_file(file).or_fail(Exit::Input, unreadable)?;
    Ok(builder.grants(grants))
}

/// The contract of `--schema`, which the plugin must be built for, else the one inside of the plugin.
fn contract_of(artifact: &Artifact, args: &PluginArgs) -> Result<LoadedContract> {
    let found = artifact.contract_section()?;
    let expected = args.schema.as_deref().map(|schema| contract::load(schema, &args.contract)).transpose()?;
    let Some(found) = found else {
        let expected = expected.map(|expected| Box::new(expected.summary()));
        return Err(OpenError::NoContract { expected }.into());
    };
    match expected {
        Some(expected) => {
            same_contract(&expected, &found)?;
            Ok(expected)
        }
        None => contract::embedded(&found, &args.contract),
    }
}

/// A plugin that is open. It keeps its state from call to call, as in any host.
pub(crate) struct Session {
    plugin: DynamicPlugin,
    contract: Arc<LoadedContract>,
    host: Host,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The response, which is read and right, or why there is none.
    pub(crate) result: Result<Payload, NoResponse>,
    /// How long the call took: the plugin and its callbacks, without what this program makes of JSON.
    pub(crate) elapsed: Duration,
    /// What the host saw of it.
    pub(crate) seen: Seen,
}

impl Outcome {
    /// The callbacks that the plugin made, in their order.
    pub(crate) fn trace(&self) -> &[Exchange] {
        &self.seen.trace
    }
}

/// Why a call gave no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoResponse {
    /// The plugin answered with an error, or the call failed.
    #[error(transparent)]
    Call(CallError),
    /// What the plugin returned is not what its contract says.
    #[error("the response of the plugin cannot be read")]
    Unreadable(#[source] PayloadError),
    /// A callback was answered so late that the time of the call was over, and the plugin answered all the same, since what it
    /// had left to do was not much.
    #[error("the plugin answered after the time of the call was over")]
    Late,
    /// The request cannot be given to the plugin.
    #[error("the request cannot be given to the plugin")]
    Request(#[source] PayloadError),
}

impl NoResponse {
    /// What the plugin answered instead of a response, if it did answer.
    pub(crate) fn answered(&self) -> Option<&hookr::Error> {
        match self {
            NoResponse::Call(CallError::Failed { error, .. }) => Some(error),
            _ => None,
        }
    }
}

impl From<NoResponse> for Failure {
    fn from(error: NoResponse) -> Self {
        match error {
            NoResponse::Call(error) => error.into(),
            NoResponse::Unreadable(_) | NoResponse::Late => Failure::new(Exit::Call, error),
            NoResponse::Request(source) => Failure::new(Exit::Input, source),
        }
    }
}

impl NoResponse {
    /// The failure of a run, where the error is kept.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            NoResponse::Call(error) => error.into(),
            NoResponse::Unreadable(_) | NoResponse::Late => Failure::new(Exit::Call, told(self)),
            NoResponse::Request(source) => Failure::new(Exit::Input, told(source)),
        }
    }
}

impl Session {
    /// What the plugin is built for.
    pub(crate) fn contract(&self) -> &Arc<LoadedContract> {
        &self.contract
    }

    /// The host that answers its callbacks.
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// The plugin itself: what is known of it, and how it is.
    pub(crate) fn plugin(&self) -> &DynamicPlugin {
        &self.plugin
    }

    /// The same plugin, called with these options.
    pub(crate) fn with(&self, options: &CallOptions) -> Session {
        Session { plugin: self.plugin.with(options), contract: self.contract.clone(), host: self.host.clone() }
    }

    /// Calls a method, and reads the response.
    pub(crate) fn call(&self, method: &MethodRef, request: &Payload, way: Way) -> Outcome {
        let (result, elapsed) = match way {
            Way::Typed => self.typed(method, request),
            Way::Lane => self.over_the_lane(method, request),
        };
        Outcome { result, elapsed, seen: self.host.take() }
    }

    fn typed(&self, method: &MethodRef, request: &Payload) -> (Result<Payload, NoResponse>, Duration) {
        let request = match request.value() {
            Ok(value) => value.clone(),
            Err(error) => return (Err(NoResponse::Request(error)), Duration::ZERO),
        };
        self.host.begin();
        let start = Instant::now();
        let result = self.plugin.call(&method.name, request);
        let elapsed = start.elapsed();
        let result = result.map_err(NoResponse::Call).and_then(|value| {
            let response = Payload::of_value(&self.contract, method.response, value);
            response.record().map_err(NoResponse::Unreadable)?;
            Ok(response)
        });
        (result, elapsed)
    }

    fn over_the_lane(&self, method: &MethodRef, request: &Payload) -> (Result<Payload, NoResponse>, Duration) {
        let request = match request.bytes() {
            Ok(bytes) => bytes,
            Err(error) => return (Err(NoResponse::Request(error)), Duration::ZERO),
        };
        self.host.begin();
        let start = Instant::now();
        let mut elapsed = None;
        let result = self.plugin.lane().and_then(|mut lane| {
            lane.call(&method.name, request, |bytes| {
                elapsed = Some(start.elapsed());
                let response = Payload::of_bytes(&self.contract, method.response, bytes.to_vec());
                // Read while the plugin is held: one that answers with what is none loses its instance.
                response.record()?;
                Ok::<_, PayloadError>(response)
            })
        });
        (result.map_err(NoResponse::Call), elapsed.unwrap_or_else(|| start.elapsed()))
    }
}
