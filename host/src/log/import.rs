//! The functions that plugins import to log.

use hookr_abi::log::{INTERFACE, Level};
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, Linker, Lower, WasmStr};

use crate::instance::StoreData;

/// `level`, which comes out of plugins alone.
#[allow(dead_code)]
#[derive(Clone, Copy, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
enum WireLevel {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
}

impl From<WireLevel> for Level {
    fn from(level: WireLevel) -> Self {
        match level {
            WireLevel::Trace => Level::Trace,
            WireLevel::Debug => Level::Debug,
            WireLevel::Info => Level::Info,
            WireLevel::Warn => Level::Warn,
            WireLevel::Error => Level::Error,
        }
    }
}

/// `verbosity`.
#[derive(Clone, Copy, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
enum Verbosity {
    #[component(name = "off")]
    Off,
    #[component(name = "error")]
    Error,
    #[component(name = "warn")]
    Warn,
    #[component(name = "info")]
    Info,
    #[component(name = "debug")]
    Debug,
    #[component(name = "trace")]
    Trace,
}

impl Verbosity {
    const ALL: [Verbosity; 6] =
        [Verbosity::Off, Verbosity::Error, Verbosity::Warn, Verbosity::Info, Verbosity::Debug, Verbosity::Trace];
}

/// Tells the linker of the functions that plugins import.
pub(crate) fn link<C: 'static>(linker: &mut Linker<StoreData<C>>) -> wasmtime::Result<()> {
    let mut instance = linker.instance(INTERFACE)?;
    instance.func_wrap(
        "log",
        |store: StoreContextMut<'_, StoreData<C>>, (level, target, message): (WireLevel, WasmStr, WasmStr)| {
            let data = store.data();
            let Some(log) = &data.log else { return Ok(()) };
            let level = Level::from(level);
            if !log.listens_to(level) {
                return Ok(());
            }
            let (target, message) = (target.to_str(&store)?, message.to_str(&store)?);
            data.meter.bound().check(target.len().saturating_add(message.len()))?;
            log.message(level, &target, &message);
            Ok(())
        },
    )?;
    instance.func_wrap("enabled", |store: StoreContextMut<'_, StoreData<C>>, (): ()| {
        let number = store.data().log.as_ref().map_or(0, super::Log::verbosity);
        Ok((Verbosity::ALL.get(usize::from(number)).copied().unwrap_or(Verbosity::Off),))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_wit() {
        for level in Level::ALL {
            assert_eq!(Verbosity::ALL[usize::from(level.verbosity())] as u8, level.verbosity());
        }
        let wire = [WireLevel::Trace, WireLevel::Debug, WireLevel::Info, WireLevel::Warn, WireLevel::Error];
        for (wire, level) in wire.into_iter().zip(Level::ALL) {
            assert_eq!((wire as u8, Level::from(wire)), (level.number(), level));
        }
    }
}
