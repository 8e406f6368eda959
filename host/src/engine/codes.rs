use std::collections::HashMap;
use std::sync::{Arc, Weak};

use hookr_abi::section::Section;
use parking_lot::Mutex;
use wasmtime::component::Component;

use crate::{Digest, MethodInfo, Shape};

/// What all the plugins of one file have in common: the compiled code, and what the file says of itself.
pub(crate) struct SharedCode {
    pub(crate) component: Component,
    pub(crate) shape: Shape,
    pub(crate) section: Section,
    pub(crate) methods: Vec<MethodInfo>,
}

/// The code that plugins of an engine have, by the hash of its file. It is there for as long as a plugin has it.
#[derive(Default)]
pub(crate) struct Codes(Mutex<HashMap<Digest, Weak<SharedCode>>>);

impl Codes {
    pub(crate) fn find(&self, sha256: Digest) -> Option<Arc<SharedCode>> {
        self.0.lock().get(&sha256)?.upgrade()
    }

    /// Keeps code for others. If somebody else was quicker, theirs is taken.
    pub(crate) fn keep(&self, sha256: Digest, code: SharedCode) -> Arc<SharedCode> {
        let mut codes = self.0.lock();
        if let Some(known) = codes.get(&sha256).and_then(Weak::upgrade) {
            return known;
        }
        codes.retain(|_, code| code.strong_count() > 0);
        let code = Arc::new(code);
        codes.insert(sha256, Arc::downgrade(&code));
        code
    }
}
