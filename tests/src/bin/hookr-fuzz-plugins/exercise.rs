//! One case: a component is opened as a plugin of a contract, and each of its methods is called.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hookr::{Artifact, Cache, CallError, CallbackContext, Error, Limits, OpenError};
use hookr_tests::hostile::section_of;
use hookr_tests::hosts::chain;

use crate::outcome::Case;

/// A plugin that is good.
pub(crate) struct Plugin {
    pub(crate) contract: Contract,
    pub(crate) bytes: Vec<u8>,
}

/// The contracts whose plugins can be tried.
#[derive(Clone, Copy)]
pub(crate) enum Contract {
    TextFilter,
    UrlBalancer,
    TickLoop,
    Authz,
}

impl Plugin {
    pub(crate) fn read(file: &Path) -> io::Result<Self> {
        let bytes = fs::read(file)?;
        let contract = match section_of(&bytes).package.as_str() {
            textfilter::PACKAGE => Contract::TextFilter,
            urlbalancer::PACKAGE => Contract::UrlBalancer,
            tickloop::PACKAGE => Contract::TickLoop,
            authz::PACKAGE => Contract::Authz,
            other => {
                return Err(io::Error::other(format!("{}: {other} is no contract of the examples", file.display())));
            }
        };
        Ok(Plugin { contract, bytes })
    }
}

/// Tight, so that a case ends soon.
fn limits() -> Limits {
    Limits::default()
        .memory(32 << 20)
        .table_elements(100_000)
        .deadline(Duration::from_millis(200))
        .response(1 << 20)
        .host_memory(4 << 20)
        .compile_time(Duration::from_secs(20))
}

/// Opens and calls.
pub(crate) fn exercise(contract: Contract, bytes: Vec<u8>) -> Case {
    // What tools do with files that nobody trusts.
    if let Ok(artifact) = Artifact::from_bytes("fuzz", bytes.clone()) {
        let _ = artifact.shape();
        let _ = artifact.contract_section();
    }
    match contract {
        Contract::TextFilter => {
            let builder = textfilter::PluginHandle::builder().allow_unsigned().limits(limits()).cache(Cache::off());
            case(builder.open_bytes(bytes), |plugin, calls| {
                let request =
                    textfilter::FilterRequest { input: "some words, and more of them".into(), ..Default::default() };
                calls.push(ended(plugin.get_info(&textfilter::Empty {})));
                calls.push(ended(plugin.filter(&request)));
                if let Ok(mut lane) = plugin.lane() {
                    calls.push(ended(lane.filter_owned(&request)));
                }
            })
        }
        Contract::UrlBalancer => {
            let callbacks = urlbalancer::Callbacks { rng: Arc::new(Dice) };
            let builder =
                urlbalancer::PluginHandle::builder(callbacks).allow_unsigned().limits(limits()).cache(Cache::off());
            case(builder.open_bytes(bytes), |plugin, calls| {
                let nodes = vec!["node-a".into(), "node-b".into()];
                let request = urlbalancer::BalanceRequest { url: "HTTPS://Example.com:443/a/../b".into(), nodes };
                calls.push(ended(plugin.get_info(&urlbalancer::Empty {})));
                calls.push(ended(plugin.balance(&request)));
                if let Ok(mut lane) = plugin.lane() {
                    calls.push(ended(lane.balance_owned(&request)));
                }
            })
        }
        Contract::TickLoop => {
            let callbacks = tickloop::Callbacks { rng: Arc::new(Dice) };
            let builder =
                tickloop::PluginHandle::builder(callbacks).allow_unsigned().limits(limits()).cache(Cache::off());
            case(builder.open_bytes(bytes), |plugin, calls| {
                calls.push(ended(plugin.get_info(&tickloop::Empty {})));
                calls.push(ended(plugin.warmup(&tickloop::WarmupRequest::default())));
                for _ in 0..3 {
                    calls.push(ended(plugin.tick(&tickloop::TickRequest::default())));
                }
            })
        }
        Contract::Authz => {
            let callbacks = authz::Callbacks { audit: Arc::new(Silent) };
            let builder = authz::PluginHandle::builder(callbacks).allow_unsigned().limits(limits()).cache(Cache::off());
            case(builder.open_bytes(bytes), |plugin, calls| {
                calls.push(ended(plugin.check_auth(&authz::CheckAuthRequest::default())));
            })
        }
    }
}

fn case<H>(opened: Result<H, OpenError>, call: impl FnOnce(&H, &mut Vec<&'static str>)) -> Case {
    let mut calls = Vec::new();
    let opened = match opened {
        Ok(plugin) => {
            call(&plugin, &mut calls);
            "opened"
        }
        Err(error) => refused(&error),
    };
    Case { opened, calls }
}

fn refused(error: &OpenError) -> &'static str {
    look_at(error);
    match error {
        OpenError::Empty { .. } | OpenError::NotWasm { .. } | OpenError::CoreModule => "not a component",
        OpenError::Malformed { .. } => "malformed",
        OpenError::NoContract { .. } | OpenError::DuplicateContract { .. } | OpenError::InvalidContract { .. } => {
            "contract cannot be read"
        }
        OpenError::ContractMismatch { .. } => "another contract",
        OpenError::LimitExceeded(_) => "limit exceeded",
        OpenError::Compile { .. } => "cannot be compiled",
        OpenError::Imports { .. } => "imports what is not granted",
        OpenError::World { .. } => "another world",
        _ => "otherwise",
    }
}

/// What an error and its causes say is no panic either, and fit for a terminal.
fn look_at(error: &dyn std::error::Error) {
    let text = chain(error);
    assert!(!text.contains(char::is_control), "{text:?}");
}

fn ended<T>(result: Result<T, CallError>) -> &'static str {
    let Err(error) = result else { return "answered" };
    look_at(&error);
    match error {
        CallError::Failed { .. } => "failed by the plugin",
        CallError::Trapped { .. } => "trapped",
        CallError::InvalidResponse { .. } => "unreadable response",
        CallError::LimitExceeded { .. } => "limit exceeded",
        CallError::DeadlineExceeded { .. } => "deadline exceeded",
        CallError::Instantiate { .. } => "no fresh instance",
        CallError::Unimplemented { .. } => "unimplemented",
        _ => "otherwise",
    }
}

/// Answers that are always the same.
struct Dice;

impl urlbalancer::Rng for Dice {
    fn int(
        &self,
        _: &CallbackContext<'_>,
        _: urlbalancer::RngIntRequest,
    ) -> Result<urlbalancer::RngIntResponse, Error> {
        Ok(urlbalancer::RngIntResponse { value: 1 })
    }

    fn float(
        &self,
        _: &CallbackContext<'_>,
        _: urlbalancer::RngFloatRequest,
    ) -> Result<urlbalancer::RngFloatResponse, Error> {
        Ok(urlbalancer::RngFloatResponse { value: 0.5 })
    }
}

impl tickloop::Rng for Dice {
    fn int(&self, _: &CallbackContext<'_>, _: tickloop::RngIntRequest) -> Result<tickloop::RngIntResponse, Error> {
        Ok(tickloop::RngIntResponse { value: 1 })
    }
}

struct Silent;

impl authz::Audit for Silent {
    fn record(&self, _: &CallbackContext<'_>, _: authz::RecordRequest) -> Result<authz::RecordResponse, Error> {
        Ok(authz::RecordResponse::default())
    }
}
