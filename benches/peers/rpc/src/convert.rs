use peers_work::{textfilter, tickloop};
use tonic::Status;

/// The error of a plugin as gRPC says it: the codes have the same numbers.
pub fn status(error: textfilter::Error) -> Status {
    Status::new(i32::from(error.code.number()).into(), error.message)
}

/// Conversions in both directions: the fields have the same names and types.
macro_rules! same {
    ($ours:ident = $theirs:ty { $($field:ident),* }) => {
        impl From<$theirs> for crate::$ours {
            fn from(message: $theirs) -> Self {
                Self { $($field: message.$field),* }
            }
        }

        impl From<crate::$ours> for $theirs {
            fn from(message: crate::$ours) -> Self {
                Self { $($field: message.$field),* }
            }
        }
    };
}

same!(
    FilterRequest = textfilter::FilterRequest { input, blocked_terms, replacement, case_sensitive, max_replacements }
);
same!(FilterResponse = textfilter::FilterResponse { output, changed, replacements, blocked, reason });
same!(TickRequest = tickloop::TickRequest { tick, dt_micros, state_hash, events });
same!(TickResponse = tickloop::TickResponse { next_state_hash, continue_run, actions, jitter_bucket, note });
same!(RngIntRequest = tickloop::RngIntRequest { min, max });
same!(RngIntResponse = tickloop::RngIntResponse { value });
