//! The lane of a plugin that is called by name: requests and responses are FlatBuffers.

use std::sync::Arc;

use flatbuffers::{Allocator, FlatBufferBuilder};
use hookr_abi::section::MethodKind;
use hookr_abi::{CallbackContext, MethodId};

use super::{DynamicBindings, DynamicPlugin};
use crate::lane::{AnswerBuilder, Lane, LaneState, Refusal};
use crate::metadata::{Metadata, MethodSpec};
use crate::{CallError, Source};

/// A plugin of any contract that is locked for calls over its lane; [`DynamicPlugin::lane`] gives it.
///
/// It belongs to one thread. While it lives, other threads that call the plugin wait, where it has one instance, and this one
/// is refused.
pub struct DynamicLane<'p> {
    lane: Lane<'p, DynamicBindings>,
    rows: Vec<Row>,
}

/// A method as the lane knows it: looked up without a copy.
struct Row {
    name: String,
    full: String,
    id: MethodId,
}

impl DynamicPlugin {
    /// Locks the plugin for calls over its lane, by this thread alone.
    ///
    /// # Errors
    ///
    /// [`CallError::NoLane`] if it has none that is open, else those of a call that does not get the plugin.
    pub fn lane(&self) -> Result<DynamicLane<'_>, CallError> {
        let lane = self.plugin.lane()?;
        Ok(DynamicLane { lane, rows: rows(&self.metadata()) })
    }
}

fn rows(metadata: &Arc<Metadata>) -> Vec<Row> {
    let own = metadata.section().methods.iter().filter(|row| row.kind != MethodKind::Callback);
    own.map(|row| Row { name: row.name.clone(), full: format!("{}:{}", row.service, row.name), id: row.id }).collect()
}

impl DynamicLane<'_> {
    /// Calls a method by the name that the contract gives it.
    ///
    /// The request is a FlatBuffer whose root is the method's request table, without a file identifier. Whoever has it from
    /// somebody else verifies it first: the plugin trusts its host. `read` gets the response, which is a FlatBuffer too, if the
    /// plugin is what it should be; nobody has verified it. If `read` fails, the plugin loses its instance, as for every
    /// response that is none.
    ///
    /// # Errors
    ///
    /// [`CallError::NoSuchMethod`] and [`CallError::Unimplemented`] before anything is called,
    /// [`CallError::InvalidResponse`] if `read` fails; else as calls over the lane of generated code.
    pub fn call<R, E: Into<Source>>(
        &mut self,
        method: &str,
        request: &[u8],
        read: impl FnOnce(&[u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        let DynamicLane { lane, rows } = self;
        let Some(row) = rows.iter().find(|row| row.name == method) else {
            let available = rows.iter().map(|row| row.name.clone()).collect();
            return Err(CallError::NoSuchMethod { method: method.to_owned(), available });
        };
        let spec = MethodSpec { id: row.id, name: &row.full, callback: false };
        lane.call_encoded_optional(&spec, request, read)
    }

    /// Which way calls take.
    pub fn state(&self) -> &LaneState {
        self.lane.state()
    }
}

/// Answers a callback with what the host says.
pub(super) fn answer(
    callbacks: &dyn super::Callbacks,
    context: &CallbackContext<'_>,
    method: MethodId,
    request: &[u8],
    answer: &mut AnswerBuilder<'_>,
) -> Result<(), Refusal> {
    put(&callbacks.call_encoded(context, method, request)?, answer);
    Ok(())
}

/// Writes a finished FlatBuffer as it is. A builder writes from the end downwards.
fn put<A: Allocator>(message: &[u8], answer: &mut FlatBufferBuilder<'_, A>) {
    for bytes in message.rchunks(8) {
        // Nothing is written between two words: so far it is whole words.
        if let Ok(word) = <[u8; 8]>::try_from(bytes) {
            answer.push(u64::from_le_bytes(word));
            continue;
        }
        for byte in bytes.iter().rev() {
            answer.push(*byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_written_as_it_is() {
        for len in [0, 1, 7, 8, 9, 24, 1000] {
            let message: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let mut builder = FlatBufferBuilder::new();
            put(&message, &mut builder);
            assert_eq!(builder.unfinished_data(), message);
        }
    }
}
