//! What of WebAssembly is off.

use wasmtime::Config;

/// Memories that start with data are kept as images: of a few bytes far apart, whole images of zeros. Data that fills
/// half of its image has one whatever its size; other data has one up to this size, in bytes.
pub(crate) const DENSE_IMAGE: u64 = 1 << 20;

/// Turns off what would be on, or what a feature of wasmtime that another crate of the application asks for would turn on.
/// A component that uses it is [`OpenError::Compile`](crate::OpenError).
///
/// Not here: threads and shared memories, where `memory.atomic.wait` blocks without end; components that are asynchronous;
/// garbage collection, exceptions and typed references to functions. These need features of the crate that Hookr does not
/// ask for. `shared_memory` and `gc_support` keep them away where others do.
pub(super) fn refuse_what_no_contract_needs(config: &mut Config) {
    // A wait for memory that threads share has no end, and no deadline interrupts it.
    config.shared_memory(false);
    config.wasm_shared_everything_threads(false);
    // Garbage has a heap of its own, which the limit of memory does not count.
    config.gc_support(false);
    config.wasm_gc(false);
    // Other stacks than the one whose size is limited.
    config.wasm_stack_switching(false);
    // Pages of one byte: limits, images and guards are made of pages of 64 KiB.
    config.wasm_custom_page_sizes(false);
    // The canonical ABI and the lane have addresses of 32 bits. Larger memories have no guard pages for each access.
    config.wasm_memory64(false);
    config.wasm_component_model_memory64(false);
    // Not standardised, or parts of the component model that WIT made of a contract does not have.
    config.wasm_wide_arithmetic(false);
    config.wasm_component_model_error_context(false);
    config.wasm_component_model_gc(false);
    config.wasm_component_model_map(false);
    config.wasm_component_model_fixed_length_lists(false);
    config.wasm_component_model_implements(false);
    config.memory_guaranteed_dense_image_size(DENSE_IMAGE);
}
