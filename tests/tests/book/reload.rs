//! The code of `docs/src/how-to/reload.md`.

// ANCHOR: watch
use std::time::Duration;

use hookr::Builder;
use hookr::reload::{Reload, ReloadEvent};
use versions::{Empty, PluginHandle};

/// The file is watched; calls that run on the old version have five seconds to finish.
fn watched(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.reload(Reload::watch().drain(Duration::from_secs(5)))
}
// ANCHOR_END: watch

// ANCHOR: hook
use hookr::CallError;

/// A version that does not answer stays outside.
fn tried_out(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.on_reload(|next: &PluginHandle, event: &ReloadEvent| -> Result<(), CallError> {
        let version = next.get_version(&Empty {})?.version;
        eprintln!("{}: version {version} is about to replace {}", event.plugin, event.from.sha256);
        Ok(())
    })
}
// ANCHOR_END: hook

// ANCHOR: news
use hookr::Causes;
use hookr::reload::News;

/// Says what came into service, and what did not and why, for as long as the plugin is there.
fn tell(plugin: &PluginHandle, say: impl Fn(String) + Send + 'static) {
    let news = plugin.reloader().events();
    std::thread::spawn(move || {
        for news in news {
            match news {
                News::Reloaded { event, swapped, .. } => {
                    say(format!("{} is in service; calls were held up for {swapped:?}", event.to.sha256));
                }
                News::Failed { error, .. } => say(format!("the old version stays: {}", Causes(&*error))),
                News::Drained { from, ended_calls: true, .. } => {
                    say(format!("calls on version {} were ended", from.generation));
                }
                _ => {}
            }
        }
    });
}
// ANCHOR_END: news

// ANCHOR: by_hand
use std::sync::Arc;

use hookr::reload::{Outcome, ReloadError};

/// Looks at the file now; if the new version is not `good`, the last one comes back.
fn upgrade(plugin: &PluginHandle, good: impl Fn(&PluginHandle) -> bool) -> Result<bool, Arc<ReloadError>> {
    let reloader = plugin.reloader();
    let Outcome::Reloaded(_) = reloader.reload()? else { return Ok(false) };
    if good(plugin) {
        return Ok(true);
    }
    reloader.rollback()?;
    Ok(false)
}
// ANCHOR_END: by_hand

// ANCHOR: state
use hookr::StateLimits;

/// The old version hands its state over to the new one, a mebibyte at the most.
fn with_state(builder: Builder<PluginHandle>) -> Builder<PluginHandle> {
    builder.reload(Reload::manual().state(StateLimits::default().size(1 << 20)))
}
// ANCHOR_END: state

// ANCHOR: plugin_state
use std::cell::Cell;

use versions::Error;
use versions::state::State;

/// A plugin that counts.
#[derive(Default)]
struct Counter {
    calls: Cell<u64>,
}

/// The form of the bytes. A version that changes it reads the old one as well.
const FORM: u8 = 1;

impl State for Counter {
    fn snapshot(&self) -> Result<Vec<u8>, Error> {
        let mut state = vec![FORM];
        state.extend(self.calls.get().to_le_bytes());
        Ok(state)
    }

    fn restore(&self, state: &[u8]) -> Result<(), Error> {
        let calls = match state {
            [FORM, calls @ ..] => calls.try_into().map(u64::from_le_bytes).ok(),
            _ => None,
        };
        // On an error, the old version stays in service.
        self.calls.set(calls.ok_or_else(|| Error::data_loss("the state has another form"))?);
        Ok(())
    }
}
// ANCHOR_END: plugin_state

mod runs {
    use std::fs;
    use std::sync::mpsc::{Receiver, channel};

    use hookr_tests::installed::{Installed, which};
    use hookr_tests::versions::{Fault, faulty, version, versions_builder};

    use super::*;

    /// Nothing here takes as long, however busy the machine is.
    const LONG: Duration = Duration::from_secs(60);

    fn bytes(number: u32) -> Vec<u8> {
        fs::read(version(number)).unwrap()
    }

    /// What is told, line by line.
    fn listen(plugin: &PluginHandle) -> Receiver<String> {
        let (say, said) = channel();
        // The test may be over.
        tell(plugin, move |text| drop(say.send(text)));
        said
    }

    #[test]
    fn a_new_file_comes_into_service_and_one_that_does_not_work_does_not() {
        let file = Installed::new(bytes(1));
        let plugin = tried_out(watched(versions_builder())).open(file.path()).unwrap();
        let said = listen(&plugin);
        file.install(fs::read(faulty(2, Fault::Broken)).unwrap());
        let line = said.recv_timeout(LONG).unwrap();
        let expected = "the old version stays: the hook of the host rejects the new version: ";
        assert!(line.starts_with(expected), "{line}");
        assert_eq!(which(&plugin), 1);
        file.install(bytes(2));
        let line = said.recv_timeout(LONG).unwrap();
        assert!(line.contains("is in service; calls were held up for "), "{line}");
        assert_eq!(which(&plugin), 2);
    }

    #[test]
    fn by_hand_a_version_comes_and_goes() {
        let file = Installed::new(bytes(1));
        let plugin = versions_builder().reload(Reload::manual()).open(file.path()).unwrap();
        assert!(!upgrade(&plugin, |_| true).unwrap(), "it is the same file");
        file.install(bytes(2));
        assert!(!upgrade(&plugin, |plugin| which(plugin) == 3).unwrap());
        assert_eq!(which(&plugin), 1);
        file.install(bytes(3));
        assert!(upgrade(&plugin, |plugin| which(plugin) == 3).unwrap());
        file.install(b"nonsense");
        let error = upgrade(&plugin, |_| true).unwrap_err();
        assert!(matches!(&*error, ReloadError::Open(_)), "{error:?}");
        assert_eq!(which(&plugin), 3);
    }

    #[test]
    fn the_state_goes_over() {
        let file = Installed::new(bytes(1));
        let plugin = with_state(versions_builder()).open(file.path()).unwrap();
        for calls in 1..=3 {
            assert_eq!(plugin.count(&Empty {}).unwrap().calls, calls);
        }
        file.install(bytes(2));
        assert!(upgrade(&plugin, |plugin| which(plugin) == 2).unwrap());
        let answer = plugin.count(&Empty {}).unwrap();
        assert_eq!((answer.version, answer.calls), (2, 4));
    }

    #[test]
    fn a_plugin_reads_what_it_wrote_and_nothing_else() {
        let (old, new) = (Counter::default(), Counter::default());
        old.calls.set(7);
        new.restore(&old.snapshot().unwrap()).unwrap();
        assert_eq!(new.calls.get(), 7);
        assert_eq!(new.restore(b"junk").unwrap_err().message, "the state has another form");
        assert_eq!(new.calls.get(), 7);
    }
}
