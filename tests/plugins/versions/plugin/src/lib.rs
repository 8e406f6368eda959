//! A plugin that comes in several versions, for the tests of what a host does when one replaces another.
//!
//! A feature says which version it is, and others what is wrong with it.

use std::cell::Cell;
use std::hint::black_box;

use versions::log::{self, Level};
use versions::{
    AskRequest, AskResponse, CountResponse, Empty, Error, LogRequest, PanicRequest, Plugin, PluginContext, SpinRequest,
    VersionResponse,
};

/// Which version it is.
const VERSION: u32 = if cfg!(feature = "version-3") {
    3
} else if cfg!(feature = "version-2") {
    2
} else {
    1
};

/// Counts the calls of `Count`, which is all of its state.
struct Versioned {
    calls: Cell<u64>,
}

impl Versioned {
    fn new() -> Self {
        log::debug!("version {VERSION} is made");
        Versioned { calls: Cell::new(0) }
    }
}

impl Plugin for Versioned {
    fn get_version(&self, _: &PluginContext<'_>, _: Empty) -> Result<VersionResponse, Error> {
        if cfg!(feature = "broken") {
            panic!("this version does not work");
        }
        Ok(VersionResponse { version: VERSION })
    }

    fn count(&self, _: &PluginContext<'_>, _: Empty) -> Result<CountResponse, Error> {
        self.calls.set(self.calls.get() + 1);
        Ok(CountResponse { version: VERSION, calls: self.calls.get() })
    }

    fn spin(&self, _: &PluginContext<'_>, request: SpinRequest) -> Result<VersionResponse, Error> {
        spin(request.turns);
        Ok(VersionResponse { version: VERSION })
    }

    fn ask(&self, ctx: &PluginContext<'_>, request: AskRequest) -> Result<AskResponse, Error> {
        let answer = ctx.oracle().ask(&request)?;
        Ok(AskResponse { before: VERSION, after: black_box(VERSION), text: answer.text })
    }

    fn log(&self, _: &PluginContext<'_>, request: LogRequest) -> Result<Empty, Error> {
        let level = match request.level {
            versions::Level::Trace => Level::Trace,
            versions::Level::Debug => Level::Debug,
            versions::Level::Info => Level::Info,
            versions::Level::Warn => Level::Warn,
            versions::Level::Error => Level::Error,
        };
        let LogRequest { target, message, .. } = &request;
        for _ in 0..request.times {
            #[cfg(feature = "facade")]
            if let Ok(level) = level.name().parse::<::log::Level>() {
                ::log::log!(target: target, level, "by way of `log`: {message}");
                continue;
            }
            match target.as_str() {
                "" => log::log!(level, "{message}"),
                target => log::log!(target: target, level, "{message}"),
            }
        }
        Ok(Empty {})
    }

    fn panic(&self, _: &PluginContext<'_>, request: PanicRequest) -> Result<Empty, Error> {
        panic!("{}", request.message)
    }
}

/// As its own function, so that a backtrace has a name for it.
#[inline(never)]
fn spin(turns: u64) {
    let mut turn = 0u64;
    loop {
        turn = black_box(turn + 1);
        if turn == turns {
            return;
        }
    }
}

#[cfg(not(feature = "stateless"))]
mod handover;

#[cfg(not(feature = "stateless"))]
// ANCHOR: export
versions::export!(Versioned = Versioned::new(), state);
// ANCHOR_END: export
#[cfg(feature = "stateless")]
versions::export!(Versioned = Versioned::new());

#[cfg(all(test, not(feature = "stateless")))]
mod tests;
