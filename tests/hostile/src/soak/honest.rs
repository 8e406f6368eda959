//! The plugins of the examples, called in a way that says what each answer has to be.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hookr::__private::Opened;
use hookr::{Builder, CallError, CallbackContext, Error};
use hookr_tests::hosts::chain;

use super::random::Random;
use crate::outcome::Failure;

/// A plugin and a call of it.
pub(super) struct Honest {
    pub(super) name: &'static str,
    call: Box<Call>,
}

type Call = dyn FnMut(&mut Random) -> Result<(), Wrong> + Send;

/// Why a call is not as it should be.
enum Wrong {
    Failed(CallError),
    Answer(String),
}

impl From<CallError> for Wrong {
    fn from(error: CallError) -> Self {
        Wrong::Failed(error)
    }
}

impl Honest {
    pub(super) fn call(&mut self, random: &mut Random) -> Result<(), String> {
        (self.call)(random).map_err(|wrong| match wrong {
            Wrong::Failed(error) => {
                let failure = Failure::Call(error);
                format!("{}: {}: {}", self.name, failure.outcome(), failure.text())
            }
            Wrong::Answer(text) => format!("{}: {text}", self.name),
        })
    }
}

/// Opens all of them.
pub(super) fn open(plugins: &Path) -> Result<Vec<Honest>, String> {
    Ok(vec![text_filter(plugins)?, url_balancer(plugins)?, tick_loop(plugins)?, authorization(plugins)?])
}

fn opened<H: Opened>(builder: Builder<H>, plugins: &Path, name: &str) -> Result<H, String> {
    let path = plugins.join(name).with_extension("wasm");
    builder.allow_unsigned().open(&path).map_err(|error| format!("{}: {}", path.display(), chain(&error)))
}

fn same<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Result<(), Wrong> {
    if found == expected { Ok(()) } else { Err(Wrong::Answer(format!("answered {found:?}, not {expected:?}"))) }
}

fn text_filter(plugins: &Path) -> Result<Honest, String> {
    let plugin = opened(textfilter::PluginHandle::builder(), plugins, "textfilter")?;
    let call = move |random: &mut Random| {
        let words: Vec<_> = (0..random.below(200)).map(|_| if random.once_in(3) { "spam" } else { "eggs" }).collect();
        let request = textfilter::FilterRequest {
            input: words.join(" "),
            blocked_terms: vec!["spam".into()],
            replacement: "ham".into(),
            ..textfilter::FilterRequest::default()
        };
        let answer = match random.below(2) {
            0 => plugin.filter(&request)?,
            _ => plugin.lane()?.filter_owned(&request)?,
        };
        same(answer.output, request.input.replace("spam", "ham"))
    };
    Ok(Honest { name: "textfilter", call: Box::new(call) })
}

/// Answers with one number after another.
#[derive(Default)]
struct Numbers(AtomicU64);

impl urlbalancer::Rng for Numbers {
    fn int(
        &self,
        _: &CallbackContext<'_>,
        request: urlbalancer::RngIntRequest,
    ) -> Result<urlbalancer::RngIntResponse, Error> {
        let range = request.max.abs_diff(request.min).saturating_add(1);
        let number = self.0.load(Ordering::Relaxed) % u64::from(range);
        Ok(urlbalancer::RngIntResponse { value: request.min.saturating_add_unsigned(number as u32) })
    }

    fn float(
        &self,
        _: &CallbackContext<'_>,
        _: urlbalancer::RngFloatRequest,
    ) -> Result<urlbalancer::RngFloatResponse, Error> {
        Ok(urlbalancer::RngFloatResponse { value: 0.5 })
    }
}

impl tickloop::Rng for Numbers {
    fn int(&self, _: &CallbackContext<'_>, _: tickloop::RngIntRequest) -> Result<tickloop::RngIntResponse, Error> {
        Ok(tickloop::RngIntResponse { value: (self.0.load(Ordering::Relaxed) % 5) as i32 - 2 })
    }
}

fn url_balancer(plugins: &Path) -> Result<Honest, String> {
    let numbers = Arc::new(Numbers::default());
    let builder = urlbalancer::PluginHandle::builder(urlbalancer::Callbacks { rng: numbers.clone() });
    let plugin = opened(builder, plugins, "urlbalancer")?;
    let call = move |random: &mut Random| {
        let nodes: Vec<String> = (0..=random.below(8)).map(|i| format!("node-{i}")).collect();
        let number = random.below(1000);
        numbers.0.store(number, Ordering::Relaxed);
        let expected = nodes.get(number as usize % nodes.len()).cloned().unwrap_or_default();
        let request = urlbalancer::BalanceRequest { url: "HTTPS://Example.com:443/a/../b".into(), nodes };
        let answer = match random.below(2) {
            0 => plugin.balance(&request)?,
            _ => plugin.lane()?.balance_owned(&request)?,
        };
        same((answer.selected_node, answer.normalized_url), (expected, "https://example.com/b".into()))
    };
    Ok(Honest { name: "urlbalancer", call: Box::new(call) })
}

fn tick_loop(plugins: &Path) -> Result<Honest, String> {
    let numbers = Arc::new(Numbers::default());
    let builder = tickloop::PluginHandle::builder(tickloop::Callbacks { rng: numbers.clone() });
    let plugin = opened(builder, plugins, "tickloop")?;
    let call = move |random: &mut Random| {
        numbers.0.store(random.below(1000), Ordering::Relaxed);
        let request = tickloop::TickRequest {
            tick: random.below(1000),
            dt_micros: 16_667,
            state_hash: random.below(u64::MAX),
            events: random.below(10) as u32,
        };
        // One step has one result, whichever way it is taken.
        let typed = plugin.tick(&request)?;
        let over_lane = plugin.lane()?.tick_owned(&request)?;
        let facts = |answer: tickloop::TickResponse| (answer.next_state_hash, answer.actions, answer.jitter_bucket);
        let typed = facts(typed);
        same(facts(over_lane), typed)?;
        let jitter = (numbers.0.load(Ordering::Relaxed) % 5) as i32 - 2;
        same((typed.1, typed.2), (request.events + jitter.unsigned_abs(), jitter))
    };
    Ok(Honest { name: "tickloop", call: Box::new(call) })
}

/// Counts the entries, and keeps none of them.
#[derive(Default)]
struct Audit(AtomicU64);

impl authz::Audit for Audit {
    fn record(&self, _: &CallbackContext<'_>, _: authz::RecordRequest) -> Result<authz::RecordResponse, Error> {
        Ok(authz::RecordResponse { sequence: self.0.fetch_add(1, Ordering::Relaxed) + 1 })
    }
}

fn authorization(plugins: &Path) -> Result<Honest, String> {
    let audit = Arc::new(Audit::default());
    let plugin = opened(authz::PluginHandle::builder(authz::Callbacks { audit: audit.clone() }), plugins, "authz")?;
    let call = move |random: &mut Random| {
        let (user, allowed) = if random.once_in(2) { ("alice", true) } else { ("mallory", false) };
        let request = authz::CheckAuthRequest {
            user_id: user.into(),
            resource: "documents/roadmap".into(),
            action: "write".into(),
        };
        let before = audit.0.load(Ordering::Relaxed);
        let answer = match random.below(2) {
            0 => plugin.check_auth(&request)?,
            _ => plugin.lane()?.check_auth_owned(&request)?,
        };
        same((answer.allow, audit.0.load(Ordering::Relaxed) - before), (allowed, 1))
    };
    Ok(Honest { name: "authz", call: Box::new(call) })
}
