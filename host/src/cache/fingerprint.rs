use std::hash::{Hash as _, Hasher};

use sha2::{Digest as _, Sha256};

use crate::engine::{DENSE_IMAGE, Settings};
use crate::{Digest, WASMTIME_VERSION};

/// What compiled code depends on beside the plugin. Numbers are as this machine has them: other machines have other
/// code.
pub(crate) fn fingerprint(engine: &wasmtime::Engine, settings: &Settings) -> Digest {
    let mut hash = Sha256Hasher(Sha256::new());
    // What a release of Hookr computes of a plugin is kept beside the code. That is the format's number, too.
    for text in ["hookr-cache-1", env!("CARGO_PKG_VERSION"), WASMTIME_VERSION] {
        text.hash(&mut hash);
    }
    (std::env::consts::ARCH, std::env::consts::OS).hash(&mut hash);
    // The length of a tick makes no difference to code.
    let Settings { stack, fuel, core_dumps, tick: _ } = settings;
    (stack, fuel, core_dumps).hash(&mut hash);
    // What wasmtime leaves out of its own hash, and what the numbers beside the code are computed by.
    (DENSE_IMAGE, crate::scan::VERSION).hash(&mut hash);
    // The target, with what this processor can do, and most of wasmtime's settings.
    engine.precompile_compatibility_hash().hash(&mut hash);
    let hash: [u8; 32] = hash.0.finalize().into();
    hash.into()
}

/// Takes what is to be hashed to a hash that is the same in every process.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The first bytes, which nobody asks for.
    fn finish(&self) -> u64 {
        let hash: [u8; 32] = self.0.clone().finalize().into();
        hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Settings};

    #[test]
    fn every_setting_that_code_depends_on_counts() {
        let of = |settings: Settings| Engine::with(settings).unwrap().fingerprint();
        let default = of(Settings::default());
        assert_eq!(default, of(Settings::default()));
        assert_eq!(default, of(Settings::default().tick(std::time::Duration::from_millis(7))));
        let others = [
            Settings::default().fuel(true),
            Settings::default().stack(256 << 10),
            Settings::default().core_dumps(true),
        ];
        let mut all: Vec<_> = others.map(of).into_iter().chain([default]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn wasmtimes_own_settings_count() {
        let mut config = wasmtime::Config::new();
        config.epoch_interruption(true);
        let one = Engine::of(&config, Settings::default()).unwrap();
        config.memory_reservation(1 << 20);
        let other = Engine::of(&config, Settings::default()).unwrap();
        assert_ne!(one.fingerprint(), other.fingerprint());
    }
}
