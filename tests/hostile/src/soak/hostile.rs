//! Plugins that attack, called with whatever deadline comes to mind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use hookr::supervise::Supervision;
use hookr::{CallError, CallOptions, CallWay, CancelToken, Grants, Limits, OpenError};
use hookr_tests::hostile::Hostile;
use hookr_tests::hosts::chaos_builder_with;
use hookr_tests::wasi::wasi;

use super::random::Random;
use super::tally::{Tally, lock};
use crate::component::{ALL_MEMORY, ASK, COUNT, FOREVER, TOUCH, answering, chaos, honest};
use crate::flat::{at, spoiled};
use crate::outcome::Failure;

/// A hostile plugin, which may be open.
pub(super) struct Attack {
    name: &'static str,
    component: Vec<u8>,
    call: Call,
    grants: Grants,
    /// What opening it comes to; it is opened if there is nothing.
    refused: Option<&'static str>,
    /// What its calls come to, beside what every call may come to.
    outcome: Option<&'static str>,
    /// Whether it answers now and then.
    answers: bool,
    handle: Option<Handle>,
}

/// What every call may come to: its time may be over before the plugin has done anything, it may be cancelled, and a
/// plugin that has lost too many instances rests.
const ALWAYS: [&str; 3] = ["CallError::DeadlineExceeded", "CallError::Cancelled", "CallError::Unavailable"];

/// Which contract it pretends to have, and which method strikes.
#[derive(Clone, Copy)]
enum Call {
    Chaos(fn(&chaos::PluginHandle) -> Result<(), CallError>),
    Lanes,
}

enum Handle {
    Chaos(chaos::PluginHandle),
    Lanes(lanes::PluginHandle),
}

fn count(plugin: &chaos::PluginHandle) -> Result<(), CallError> {
    plugin.count(&chaos::Empty {}).map(drop)
}

fn echo(plugin: &chaos::PluginHandle) -> Result<(), CallError> {
    let request = chaos::Sample { text: "a text".repeat(100), ..chaos::Sample::default() };
    plugin.echo(&request).map(drop)
}

fn ask(plugin: &chaos::PluginHandle) -> Result<(), CallError> {
    plugin.ask(&chaos::AskRequest { question: "why?".into(), times: 1 }).map(drop)
}

/// All of them, closed.
pub(super) fn all() -> Vec<Attack> {
    let attack = |name, component, call, outcome| {
        let grants = Grants::none();
        Attack { name, component, call, grants, refused: None, outcome, answers: false, handle: None }
    };
    let typed = |name, plugin: Hostile, call, outcome| attack(name, chaos(&plugin), Call::Chaos(call), outcome);
    let counting =
        |name, body: &str, outcome| typed(name, Hostile::of("chaos").body("plugin#count", body), count, outcome);
    let starting = |name, start: &str, refused| {
        let plugin = honest().field(&format!("(func $start {start}) (start $start)"));
        Attack { refused: Some(refused), ..typed(name, plugin, count, None) }
    };
    let trap = Some("CallError::Trapped(UnreachableCodeReached)");
    let invalid = Some("CallError::InvalidResponse");
    let recursion = honest()
        .field("(func $down (param i32) (call $down (local.get 0)) (call $down (local.get 0)))")
        .body("plugin#ask", "(call $down (i32.const 0)) unreachable");
    let storm = "(loop $l (call $ask (i32.const 64) (i32.const 5) (i32.const 1) (i32.const 1024))
                 (global.set $next (i32.const 4096)) (br $l)) unreachable";
    let post_return = format!(r#"(func (export "cabi_post_hookr-test:chaos/plugin#count") (param i32) {FOREVER})"#);
    let third = format!("{COUNT} (if (i32.eq (i32.load (i32.const 3076)) (i32.const 3)) (then unreachable))");
    let memory = format!("{ALL_MEMORY} {TOUCH} unreachable");
    let flood = "(local $out i32) (local.set $out (call $get-stdout))
                 (loop $l (call $blocking-write-and-flush (local.get $out) (i32.const 0) (i32.const 4096) (i32.const 32))
                 (br $l)) unreachable";
    vec![
        Attack { answers: true, ..counting("traps each third time", &third, trap) },
        counting("loops", FOREVER, None),
        counting("traps", "unreachable", trap),
        counting("takes memory", &memory, Some("CallError::LimitExceeded(memory)")),
        typed("recurses", recursion, ask, Some("CallError::LimitExceeded(stack)")),
        typed("loops in realloc", honest().realloc(FOREVER), echo, None),
        typed("asks without end", honest().field(ASK).body("plugin#ask", storm), ask, None),
        typed("loops behind its answer", honest().field(&post_return), count, None),
        typed("answers with noise", honest().body("plugin#echo", "(i32.const 0x7ffffff0)"), echo, invalid),
        starting("traps at the start", "unreachable", "OpenError::Instantiate(UnreachableCodeReached)"),
        starting("loops at the start", FOREVER, "OpenError::DeadlineExceeded"),
        attack("is no FlatBuffer", answering("lanes", &spoiled(at::TEXT, &[0xff; 4])), Call::Lanes, invalid),
        Attack {
            grants: Grants::base().output(),
            ..typed("writes without end", wasi(OUTPUT).body("plugin#count", flood), count, None)
        },
    ]
}

const OUTPUT: &str = "wasi:cli/stdout get-stdout (result i32)
    wasi:io/streams [method]output-stream.blocking-write-and-flush (param i32 i32 i32 i32)";

/// Calls one of them, or opens it first.
pub(super) fn strike(attacks: &mut [Attack], random: &mut Random, cancellations: &Cancellations, tally: &mut Tally) {
    let index = random.below(attacks.len() as u64) as usize;
    let Some(attack) = attacks.get_mut(index) else { return };
    if attack.handle.is_none() || random.once_in(50) {
        attack.handle = None;
        let started = Instant::now();
        match attack.open() {
            Ok(handle) => attack.handle = Some(handle),
            Err(error) => {
                let failure = Failure::Open(error);
                let outcome = failure.outcome();
                if attack.refused != Some(outcome.as_str()) {
                    tally.add_wrong(format!("{}: {outcome}: {}", attack.name, failure.text()));
                }
                tally.add(attack.name, started.elapsed(), Err(outcome));
                // A plugin that nobody can open is not tried again at once.
                thread::sleep(Duration::from_millis(random.below(20)));
                return;
            }
        }
        tally.add_opened();
        if attack.refused.is_some() {
            tally.add_wrong(format!("{}: was opened", attack.name));
        }
    }
    let deadline = Duration::from_millis(1 + random.below(40));
    let token = CancelToken::new();
    let cancelled = random.once_in(4).then(|| deadline.mul_f64(random.below(100) as f64 / 100.0));
    let options = CallOptions::default().deadline(deadline).cancel(&token);
    let started = Instant::now();
    if let Some(after) = cancelled {
        cancellations.add(started + after, token);
    }
    let result = attack.strike(&options);
    let time = started.elapsed();
    match result {
        Ok(()) if attack.answers => tally.add(attack.name, time, Ok(())),
        Ok(()) => tally.add_wrong(format!("{}: answered", attack.name)),
        Err(error) => {
            if error.lost_instance() {
                tally.add_lost();
            }
            tally.add_overshoot(time.saturating_sub(cancelled.unwrap_or(deadline)));
            let failure = Failure::Call(error);
            let outcome = failure.outcome();
            if !attack.may_come_to(&outcome) {
                tally.add_wrong(format!("{}: {outcome}: {}", attack.name, failure.text()));
            }
            tally.add(attack.name, time, Err(outcome));
        }
    }
}

impl Attack {
    /// Whether a call of it may fail like this.
    fn may_come_to(&self, outcome: &str) -> bool {
        ALWAYS.contains(&outcome) || self.outcome == Some(outcome)
    }

    fn open(&self) -> Result<Handle, OpenError> {
        // Opening has to come to one thing: it has a moment where it is late, and all the time that it needs elsewhere.
        let is_late = self.refused.is_some_and(|outcome| outcome.ends_with("DeadlineExceeded"));
        let deadline = if is_late { Duration::from_millis(50) } else { Duration::from_secs(10) };
        let limits = Limits::default().deadline(deadline).memory(8 << 20).host_memory(8 << 20);
        // So that they strike more often than a host would let them.
        let supervision = Supervision::default().backoff(Duration::from_micros(100), Duration::from_millis(5));
        match self.call {
            Call::Chaos(_) => {
                let builder = chaos_builder_with(|_, request| Ok(chaos::AskResponse { answer: request.question }));
                // A log that takes its time: it writes what it gets for people.
                let builder = builder.grants(self.grants.clone()).log(|record| drop(record.to_string()));
                builder.limits(limits).supervision(supervision).open_bytes(self.component.clone()).map(Handle::Chaos)
            }
            Call::Lanes => {
                let builder = lanes::PluginHandle::builder(lanes::Callbacks { desk: Arc::new(Desk) }).allow_unsigned();
                let builder = builder.typed_calls(CallWay::Lane).limits(limits);
                builder.supervision(supervision).open_bytes(self.component.clone()).map(Handle::Lanes)
            }
        }
    }

    fn strike(&self, options: &CallOptions) -> Result<(), CallError> {
        match (&self.handle, self.call) {
            (Some(Handle::Chaos(plugin)), Call::Chaos(call)) => call(&plugin.with(options)),
            (Some(Handle::Lanes(plugin)), Call::Lanes) => {
                plugin.with(options).echo(&lanes::Message::default()).map(drop)
            }
            _ => Ok(()),
        }
    }
}

struct Desk;

impl lanes::Desk for Desk {
    fn relay(&self, _: &hookr::CallbackContext<'_>, request: lanes::Message) -> Result<lanes::Message, hookr::Error> {
        Ok(request)
    }
}

/// Calls that are to be cancelled, and when.
#[derive(Default)]
pub(super) struct Cancellations(Mutex<Vec<(Instant, CancelToken)>>);

impl Cancellations {
    fn add(&self, when: Instant, token: CancelToken) {
        lock(&self.0).push((when, token));
    }

    /// Cancels them when it is time, until all is over.
    pub(super) fn serve(&self, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_micros(500));
            let now = Instant::now();
            lock(&self.0).retain(|(when, token)| {
                let waits = *when > now;
                if !waits {
                    token.cancel();
                }
                waits
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attack_has_outcomes_of_its_own_and_no_others() {
        let attacks = all();
        let named = |name: &str| attacks.iter().find(|attack| attack.name == name).expect("there is such an attack");
        assert!(named("answers with noise").may_come_to("CallError::InvalidResponse"));
        assert!(!named("answers with noise").may_come_to("CallError::Trapped(UnreachableCodeReached)"));
        assert!(!named("loops").may_come_to("CallError::InvalidResponse"));
        assert!(attacks.iter().all(|attack| attack.may_come_to("CallError::DeadlineExceeded")));
        assert!(attacks.iter().all(|attack| !attack.may_come_to("CallError::Trapped(MemoryOutOfBounds)")));
        // One that cannot be opened is never called.
        assert!(attacks.iter().all(|attack| attack.refused.is_none() || attack.outcome.is_none()));
    }
}
