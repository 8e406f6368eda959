//! The messages as JSON: the customary encoding of plugins for Extism. The names of the fields are those of the contracts.

use serde::{Deserialize, Serialize};

/// Makes a type for a message and the conversions to and from the type of the contract.
macro_rules! message {
    ($(#[$doc:meta])* $name:ident = $contract:ty { $($field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                #[doc = concat!("`", stringify!($field), "` of the contract.")]
                pub $field: $type,
            )*
        }

        impl From<$contract> for $name {
            fn from(message: $contract) -> Self {
                $name { $($field: message.$field,)* }
            }
        }

        impl From<$name> for $contract {
            fn from(message: $name) -> Self {
                Self { $($field: message.$field,)* }
            }
        }
    };
}

message! {
    /// A text, and what must not be in it.
    FilterRequest = textfilter::FilterRequest {
        input: String,
        blocked_terms: Vec<String>,
        replacement: String,
        case_sensitive: bool,
        max_replacements: u32,
    }
}

message! {
    /// The filtered text, and what was done to it.
    FilterResponse = textfilter::FilterResponse {
        output: String,
        changed: bool,
        replacements: u32,
        blocked: bool,
        reason: String,
    }
}

message! {
    /// One step of the loop.
    TickRequest = tickloop::TickRequest {
        tick: u64,
        dt_micros: u32,
        state_hash: u64,
        events: u32,
    }
}

message! {
    /// What became of the step.
    TickResponse = tickloop::TickResponse {
        next_state_hash: u64,
        continue_run: bool,
        actions: u32,
        jitter_bucket: i32,
        note: String,
    }
}

message! {
    /// Asks for a random number.
    RngIntRequest = tickloop::RngIntRequest {
        min: i32,
        max: i32,
    }
}

message! {
    /// The random number.
    RngIntResponse = tickloop::RngIntResponse {
        value: i32,
    }
}
