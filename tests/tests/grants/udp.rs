//! UDP to hosts that are granted.

use std::net::UdpSocket;
use std::time::Duration;

use hookr::Grants;

use crate::{asked, open};

const IMPORTS: &str = "wasi:sockets/instance-network instance-network (result i32)
    wasi:sockets/udp-create-socket create-udp-socket (param i32 i32)
    wasi:sockets/udp [method]udp-socket.start-bind (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    wasi:sockets/udp [method]udp-socket.finish-bind (param i32 i32)
    wasi:sockets/udp [method]udp-socket.stream (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    wasi:sockets/udp [method]outgoing-datagram-stream.check-send (param i32 i32)
    wasi:sockets/udp [method]outgoing-datagram-stream.send (param i32 i32 i32 i32)
    as $drop wasi:sockets/udp [resource-drop]outgoing-datagram-stream (param i32)";

/// Sends the question to a port of 127.0.0.1. An error is a letter for what failed (create a Socket, Bind, Open, send), and one
/// for its number.
const SENDS: (&str, &str) = (
    "plugin#ask",
    "(local $socket i32) (local $stream i32) (local $code i32)
    (block $failed
      (i32.store (i32.const 2000) (i32.const 83))
      (call $create-udp-socket (i32.const 0) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 68)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (local.set $socket (i32.load (i32.const 68)))
      (i32.store (i32.const 2000) (i32.const 66))
      (call $start-bind (local.get $socket) (call $instance-network) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 65)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (call $finish-bind (local.get $socket) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 65)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (i32.store (i32.const 2000) (i32.const 79))
      (call $stream (local.get $socket) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 68)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (local.set $stream (i32.load (i32.const 72)))
      (i32.store (i32.const 2000) (i32.const 115))
      (call $check-send (local.get $stream) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 72)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (i32.store (i32.const 128) (local.get 0))
      (i32.store (i32.const 132) (local.get 1))
      (i32.store8 (i32.const 136) (i32.const 1))
      (i32.store8 (i32.const 140) (i32.const 0))
      (i32.store16 (i32.const 144) (local.get 2))
      (i32.store align=1 (i32.const 146) (i32.const 0x0100007f))
      (call $send (local.get $stream) (i32.const 128) (i32.const 1) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 72)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (call $drop (local.get $stream))
      (return (call $text (i32.const 0) (i32.const 0))))
    (i32.store8 (i32.const 2001) (i32.add (i32.const 65) (local.get $code)))
    (call $text (i32.const 2000) (i32.const 2))",
);

fn socket() -> (UdpSocket, u32) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port.into())
}

#[test]
fn datagrams_go_to_granted_hosts_only() {
    let ((granted, port), (other, other_port)) = (socket(), socket());
    let plugin = open(Grants::base().udp(format!("127.0.0.1:{port}")), IMPORTS, &[SENDS]);
    assert_eq!(asked(&plugin, "to the other", other_port), "sB", "access denied");
    assert_eq!(asked(&plugin, "hello", port), "");
    let mut bytes = [0; 100];
    let len = granted.recv(&mut bytes).unwrap();
    assert_eq!(&bytes[..len], b"hello");
    // What was sent before would have come before.
    other.set_nonblocking(true).unwrap();
    assert!(other.recv(&mut bytes).is_err());
}

#[test]
fn without_the_grant_there_are_no_sockets() {
    let (_, port) = socket();
    for grants in [Grants::base(), Grants::stubs(), Grants::base().tcp(format!("127.0.0.1:{port}"))] {
        assert_eq!(asked(&open(grants.clone(), IMPORTS, &[SENDS]), "hello", port), "SB", "{grants:?}");
    }
}
