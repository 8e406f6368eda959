//! Plugins that attack, called with whatever deadline comes to mind.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hookr::supervise::Supervision;
use hookr::{CallError, CallOptions, CallWay, CancelToken, Limits, OpenError};
use hookr_tests::hosts::chaos_builder_with;

use super::random::Random;
use super::tally::{Tally, lock};
use crate::component::{ALL_MEMORY, ASK, COUNT, FOREVER, TOUCH, answering, chaos, honest};
use crate::flat::{at, spoiled};
use crate::outcome::Failure;
use std::sync::Arc;

/// A hostile plugin, which may be open.
pub(super) struct Attack {
    name: &'static str,
    component: Vec<u8>,
    call: Call,
    /// Whether it answers now and then.
    answers: bool,
    handle: Option<Handle>,
}

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
    let attack = |name, component, call| Attack { name, component, call, answers: false, handle: None };
    let typed = |name, plugin: hookr_tests::hostile::Hostile, call| attack(name, chaos(&plugin), Call::Chaos(call));
    let counting = |name, body: &str| {
        let plugin = hookr_tests::hostile::Hostile::of("chaos").body("plugin#count", body);
        typed(name, plugin, count)
    };
    let recursion = honest()
        .field("(func $down (param i32) (call $down (local.get 0)) (call $down (local.get 0)))")
        .body("plugin#ask", "(call $down (i32.const 0)) unreachable");
    let storm = "(loop $l (call $ask (i32.const 64) (i32.const 5) (i32.const 1) (i32.const 1024))
                 (global.set $next (i32.const 4096)) (br $l)) unreachable";
    let post_return = format!(r#"(func (export "cabi_post_hookr-test:chaos/plugin#count") (param i32) {FOREVER})"#);
    let third = format!("{COUNT} (if (i32.eq (i32.load (i32.const 3076)) (i32.const 3)) (then unreachable))");
    vec![
        Attack { answers: true, ..counting("traps each third time", &third) },
        counting("loops", FOREVER),
        counting("traps", "unreachable"),
        counting("takes memory", &format!("{ALL_MEMORY} {TOUCH} unreachable")),
        typed("recurses", recursion, ask),
        typed("loops in realloc", honest().realloc(FOREVER), echo),
        typed("asks without end", honest().field(ASK).body("plugin#ask", storm), ask),
        typed("loops behind its answer", honest().field(&post_return), count),
        typed("answers with noise", honest().body("plugin#echo", "(i32.const 0x7ffffff0)"), echo),
        typed("traps at the start", honest().field("(func $start unreachable) (start $start)"), count),
        typed("loops at the start", honest().field(&format!("(func $start {FOREVER}) (start $start)")), count),
        attack("is no FlatBuffer", answering("lanes", &spoiled(at::TEXT, &[0xff; 4])), Call::Lanes),
    ]
}

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
                tally.add(attack.name, started.elapsed(), Err(Failure::Open(error).outcome()));
                // A plugin that nobody can open is not tried again at once.
                thread::sleep(Duration::from_millis(random.below(20)));
                return;
            }
        }
        tally.add_opened();
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
            tally.add(attack.name, time, Err(Failure::Call(error).outcome()));
        }
    }
}

impl Attack {
    fn open(&self) -> Result<Handle, OpenError> {
        let limits = Limits::default().deadline(Duration::from_millis(50)).memory(8 << 20).host_memory(8 << 20);
        // So that they strike more often than a host would let them.
        let supervision = Supervision::default().backoff(Duration::from_micros(100), Duration::from_millis(5));
        match self.call {
            Call::Chaos(_) => {
                let builder = chaos_builder_with(|_, request| Ok(chaos::AskResponse { answer: request.question }));
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
