//! The way from an entry to a plugin, for one and for many at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread;

use parking_lot::Mutex;

use super::template::{Given, Handle, Template};
use super::{Entry, PluginError};
use crate::metadata::{Contract, summary};
use crate::observe::Carried;
use crate::panic::said;
use crate::{Artifact, ContractSummary, OpenError, parse};

/// What a registry has under a name.
pub(super) enum Slot {
    Open(Plugin),
    Failed(Arc<PluginError>),
    Disabled,
}

/// An opened plugin.
pub(super) struct Plugin {
    pub(super) handle: Handle,
    /// The contract of its template; `None` for any.
    pub(super) served_as: Option<ContractSummary>,
    /// The contract that it is built for.
    pub(super) contract: ContractSummary,
}

/// The name of a plugin, and what is to be opened; an error for a name that is none.
pub(super) type Job = (String, Result<Entry, PluginError>);

/// Who is told what has become of a plugin.
pub(super) type Progress = Box<dyn Fn(&str, Result<&ContractSummary, &PluginError>) + Send + Sync>;

/// Opens a plugin; a panic of the host's code is its error.
pub(super) fn open(templates: &[Box<dyn Template>], name: &str, entry: &Entry) -> Result<Plugin, PluginError> {
    let opened = catch_unwind(AssertUnwindSafe(|| try_open(templates, name, entry)));
    opened.unwrap_or_else(|panic| Err(PluginError::Panicked { message: said(panic.as_ref()).to_owned() }))
}

/// A template that may come to be the one of a plugin.
struct Candidate {
    contract: Option<&'static Contract>,
    builder: Result<Box<dyn Template>, PluginError>,
}

fn try_open(templates: &[Box<dyn Template>], name: &str, entry: &Entry) -> Result<Plugin, PluginError> {
    let given = Given::new(name, entry)?;
    let mut candidates: Vec<Candidate> = named(templates, entry.contract.as_deref())?
        .into_iter()
        .map(|template| Candidate { contract: template.contract(), builder: template.with(&given) })
        .collect();
    let artifact = Artifact::read_at_most(&entry.path, max_size(&mut candidates)?)?;
    accepted(&candidates, &artifact)?;
    // From here on, the bytes are trusted for one contract at least. Which one they are for is only read now.
    let section = parse::contract_section(artifact.bytes())?.ok_or(OpenError::NoContract { expected: None })?;
    let found = summary(&section);
    if let Some(expected) = entry.contract.as_ref().filter(|expected| **expected != found.package) {
        return Err(PluginError::OtherContract { expected: expected.clone(), found: Box::new(found) });
    }
    let Some(candidate) = chosen(candidates, &found) else {
        return Err(PluginError::NotServed { found: Box::new(found), served: served(templates) });
    };
    // What the template says about trust counts, whichever has let the bytes be looked at.
    let handle = candidate.builder?.open(&artifact)?;
    Ok(Plugin { handle, served_as: candidate.contract.map(Contract::summary), contract: found })
}

/// The templates that a plugin may be opened with, by what its entry says. One that is for any contract takes what no other is
/// for.
fn named<'t>(templates: &'t [Box<dyn Template>], package: Option<&str>) -> Result<Vec<&'t dyn Template>, PluginError> {
    let templates_of = |is_wanted: &dyn Fn(Option<&'static Contract>) -> bool| -> Vec<&'t dyn Template> {
        templates.iter().map(Box::as_ref).filter(|template| is_wanted(template.contract())).collect()
    };
    let Some(package) = package else { return Ok(templates_of(&|_| true)) };
    let exact = templates_of(&|contract| contract.is_some_and(|contract| contract.package == package));
    let found = if exact.is_empty() { templates_of(&|contract| contract.is_none()) } else { exact };
    if found.is_empty() {
        return Err(PluginError::UnknownContract { package: package.to_owned(), served: served(templates) });
    }
    Ok(found)
}

/// The largest file that one of the candidates opens. Where none can open anything, the first says why.
fn max_size(candidates: &mut Vec<Candidate>) -> Result<u64, PluginError> {
    let sizes = candidates.iter().filter_map(|candidate| candidate.builder.as_ref().ok()).map(|b| b.max_size());
    if let Some(size) = sizes.max() {
        return Ok(size);
    }
    let errors = candidates.drain(..).filter_map(|candidate| candidate.builder.err());
    errors.into_iter().next().map_or(Ok(0), Err)
}

/// Asks each candidate whether it trusts the bytes, until one does. Otherwise, the error is the first that refuses them; that
/// nothing says anything about them is only the error where that is so for all.
fn accepted(candidates: &[Candidate], artifact: &Artifact) -> Result<(), OpenError> {
    let mut refusal: Option<OpenError> = None;
    for builder in candidates.iter().filter_map(|candidate| candidate.builder.as_ref().ok()) {
        match builder.decide(artifact) {
            Ok(()) => return Ok(()),
            Err(error) if refusal.as_ref().is_none_or(|first| matches!(first, OpenError::NoTrustDecision { .. })) => {
                refusal = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(refusal.unwrap_or(OpenError::NoTrustDecision { found: artifact.sha256() }))
}

/// The candidate for a contract: the one with its identity, else with its package (which can say what differs), else the one
/// for any contract.
fn chosen(candidates: Vec<Candidate>, found: &ContractSummary) -> Option<Candidate> {
    let rank = |candidate: &Candidate| match candidate.contract {
        Some(contract) if contract.id == found.id => Some(0),
        Some(contract) if contract.package == found.package => Some(1),
        Some(_) => None,
        None => Some(2),
    };
    let ranked = candidates.into_iter().filter_map(|candidate| rank(&candidate).map(|rank| (rank, candidate)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, candidate)| candidate)
}

fn served(templates: &[Box<dyn Template>]) -> Vec<ContractSummary> {
    templates.iter().filter_map(|template| template.contract()).map(Contract::summary).collect()
}

/// Opens plugins on so many threads, and tells of each when it is open, on the thread of the caller.
pub(super) fn open_all(
    templates: &[Box<dyn Template>],
    jobs: Vec<Job>,
    threads: usize,
    progress: Option<&Progress>,
) -> Vec<(String, Slot)> {
    let threads = threads.min(jobs.len());
    let jobs = Mutex::new(jobs.into_iter());
    // There is room for all of them: nobody waits for whoever is told.
    let (sender, receiver) = mpsc::channel();
    // Their spans are inside of that of the caller.
    let carried = Carried::here();
    let work = |sender: mpsc::Sender<(String, Slot)>| {
        // The lock is for the moment in which a job is taken.
        let next = || jobs.lock().next();
        while let Some((name, job)) = next() {
            let slot = match job {
                Ok(entry) if entry.disabled => Slot::Disabled,
                Ok(entry) => {
                    let opened = carried.within(|| open(templates, &name, &entry));
                    opened.map_or_else(|error| Slot::Failed(Arc::new(error)), Slot::Open)
                }
                Err(error) => Slot::Failed(Arc::new(error)),
            };
            // Nobody wants it where telling of another has panicked.
            if sender.send((name, slot)).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        // It goes with this closure, also when that panics.
        let receiver = receiver;
        let mut started = 0;
        while started < threads {
            let (work, sender) = (&work, sender.clone());
            let thread = thread::Builder::new().name("hookr-open".to_owned());
            if thread.spawn_scoped(scope, move || work(sender)).is_err() {
                break;
            }
            started += 1;
        }
        if started == 0 {
            work(sender);
        } else {
            drop(sender);
        }
        let tell = |(name, slot): (String, Slot)| {
            match (progress, &slot) {
                (Some(progress), Slot::Open(plugin)) => progress(&name, Ok(&plugin.contract)),
                (Some(progress), Slot::Failed(error)) => progress(&name, Err(error)),
                _ => {}
            }
            (name, slot)
        };
        receiver.into_iter().map(tell).collect()
    })
}
