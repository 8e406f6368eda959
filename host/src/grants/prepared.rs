use std::sync::Arc;

use wasmtime_wasi::filesystem::WasiFilesystemCtx;

use super::error::GrantError;
use super::folders;
use super::hosts::{Endpoint, Host, HostError, Origin};
use super::lookup::Resolver;
use super::{Grants, Level, Random, Variable};
use crate::Limits;

/// Grants that were read: what the state of each instance is made of. The default grants nothing.
#[derive(Default)]
pub(crate) struct Prepared {
    pub(super) level: Level,
    pub(super) output: bool,
    pub(super) env: Vec<(String, String)>,
    pub(super) wall_clock: bool,
    pub(super) monotonic_clock: bool,
    pub(super) random: Random,
    /// The folders, which are opened once: what stands at their paths later is not what was granted.
    pub(super) folders: WasiFilesystemCtx,
    pub(super) tcp: Vec<Endpoint>,
    pub(super) udp: Vec<Endpoint>,
    pub(super) http: Arc<[Origin]>,
    pub(super) resolver: Resolver,
    /// The most handles at a time, and bytes for one answer.
    pub(super) handles: usize,
    pub(super) host_memory: usize,
}

impl Prepared {
    /// Reads grants, and the environment of the host.
    pub(crate) fn new(grants: &Grants, limits: &Limits) -> Result<Self, GrantError> {
        Ok(Prepared {
            level: grants.level,
            output: grants.output,
            env: environment(grants)?,
            wall_clock: grants.wall_clock,
            monotonic_clock: grants.monotonic_clock,
            random: grants.random,
            folders: folders::open(&grants.folders)?,
            tcp: hosts("tcp", &grants.tcp, Endpoint::parse)?,
            udp: hosts("udp", &grants.udp, Endpoint::parse)?,
            http: hosts("http", &grants.http, Origin::parse)?.into(),
            resolver: Resolver::default(),
            handles: limits.handles.min(crate::limits::MAX_OPEN),
            host_memory: limits.host_memory,
        })
    }

    /// Whether a host is named, for TCP or for UDP.
    pub(super) fn names(&self, host: &Host) -> bool {
        self.tcp.iter().chain(&self.udp).any(|endpoint| endpoint.host == *host)
    }
}

/// The environment variables of the plugin.
fn environment(grants: &Grants) -> Result<Vec<(String, String)>, GrantError> {
    let mut env = Vec::new();
    for (name, variable) in &grants.env {
        variable_name(name)?;
        match variable {
            Variable::Given(value) => {
                variable_value(name, value)?;
                env.push((name.clone(), value.clone()));
            }
            Variable::Passed => match std::env::var(name) {
                Ok(value) => env.push((name.clone(), value)),
                Err(std::env::VarError::NotPresent) => {}
                Err(std::env::VarError::NotUnicode(_)) => {
                    return Err(GrantError::Variable { name: name.clone(), reason: "its value is not UTF-8" });
                }
            },
        }
    }
    Ok(env)
}

/// Refuses what no system takes for the name of a variable.
pub(super) fn variable_name(name: &str) -> Result<(), GrantError> {
    if name.is_empty() || name.contains(['=', '\0']) {
        let reason = "a name is not empty, and has neither `=` nor NUL";
        return Err(GrantError::Variable { name: name.to_owned(), reason });
    }
    Ok(())
}

/// Refuses what no system takes for the value of a variable.
pub(super) fn variable_value(name: &str, value: &str) -> Result<(), GrantError> {
    if value.contains('\0') {
        return Err(GrantError::Variable { name: name.to_owned(), reason: "a value has no NUL" });
    }
    Ok(())
}

/// Reads the hosts of one grant.
fn hosts<T>(
    grant: &'static str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, HostError>,
) -> Result<Vec<T>, GrantError> {
    let read = |host: &String| parse(host).map_err(|source| GrantError::Host { grant, host: host.clone(), source });
    texts.iter().map(read).collect()
}
