//! From a file to a plugin, and to another instance of it.

use std::time::Duration;

use echo::{Empty, Numbers, PluginHandle};
use hookr::CallError;
use wasmtime::Store;
use wasmtime::{Result, bail};

use crate::measure::{Group, Pace, Turn, Way, time};
use crate::plugins::{Plugins, echo};
use crate::raw::{self, Host, Raw, World as _};
use crate::requests::Request;

/// A fresh instance of what is compiled already. Hookr makes one at the first call after a trap, which is not measured.
pub(super) fn instantiate<'a>(plugins: &'a Plugins, request: &'a Request<Numbers>) -> Result<Group<'a>> {
    const BASE: &str = "wasmtime, instance and bindings";
    let component = &plugins.echo.raw;
    let pre = raw::linker::<raw::echo::Echo>(component)?.instantiate_pre(component)?;
    let handle = &plugins.echo.hookr;
    let start = move || {
        let mut store = Store::new(pre.engine(), Host);
        let instance = pre.instantiate(&mut store)?;
        raw::echo::Echo::bind(&mut store, &instance)?;
        Ok(0)
    };
    let start_and_call = move |runs: u32| {
        let mut sum = Turn { time: Duration::ZERO, answer: 0 };
        for _ in 0..runs {
            lose_instance(handle)?;
            let turn = time(1, || Ok(handle.step(&request.value)?.tick))?;
            sum = Turn { time: sum.time + turn.time, answer: turn.answer };
        }
        Ok(sum)
    };
    Ok(Group::new("instantiate", BASE, Pace::STARTS)
        .way(Way::new(BASE, start).other())
        .way(Way::timed("hookr, instance and first call", start_and_call)))
}

/// A file that has not been seen before.
pub(super) fn open(plugins: &Plugins) -> Group<'_> {
    const BASE: &str = "wasmtime, compile and instance";
    let folder = &plugins.folder;
    Group::new("open, cold", BASE, Pace::SLOW)
        .way(Way::new(BASE, move || {
            let component = folder.compile(&raw::engine()?, "echo")?;
            Raw::<raw::echo::Echo>::new(&component)?;
            Ok(0)
        }))
        .way(Way::new("hookr, open", move || {
            echo().engine(&hookr::Engine::new()?).open(folder.file("echo"))?;
            Ok(0)
        }))
}

fn lose_instance(plugin: &PluginHandle) -> Result<()> {
    match plugin.trap(&Empty {}) {
        Err(CallError::Trapped { .. }) => Ok(()),
        other => bail!("the plugin was asked to trap, and answered {other:?}"),
    }
}
