//! Generates the messages, clients and servers. The .proto file is read by a compiler written in Rust, so that nobody needs
//! a `protoc`.
#![forbid(unsafe_code)]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto/peers.proto");
    let descriptors = protox::compile(["peers.proto"], ["proto"])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
