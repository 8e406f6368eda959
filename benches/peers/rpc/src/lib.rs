//! The contracts as gRPC has them: messages, clients and servers, generated from `proto/peers.proto`, and the conversions
//! to and from the types that the work is done with.
#![forbid(unsafe_code)]

mod convert;

pub use convert::status;

/// What the generator made.
#[allow(missing_docs, unreachable_pub, clippy::all)]
mod generated {
    tonic::include_proto!("peers");
}

pub use generated::*;
