//! TCP to hosts that are granted.

use std::io::Write as _;
use std::net::TcpListener;

use chaos::PluginHandle;
use hookr::Grants;
use hookr_tests::hosts::count;

use crate::{asked, open};

pub(crate) const IMPORTS: &str = "wasi:sockets/instance-network instance-network (result i32)
    wasi:sockets/ip-name-lookup resolve-addresses (param i32 i32 i32 i32)
    wasi:sockets/ip-name-lookup [method]resolve-address-stream.resolve-next-address (param i32 i32)
    as $lookup-ready wasi:sockets/ip-name-lookup [method]resolve-address-stream.subscribe (param i32) (result i32)
    wasi:sockets/tcp-create-socket create-tcp-socket (param i32 i32)
    wasi:sockets/tcp [method]tcp-socket.start-connect (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    wasi:sockets/tcp [method]tcp-socket.start-bind (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    wasi:sockets/tcp [method]tcp-socket.finish-connect (param i32 i32)
    as $connect-ready wasi:sockets/tcp [method]tcp-socket.subscribe (param i32) (result i32)
    wasi:io/poll [method]pollable.block (param i32)
    wasi:io/streams [method]input-stream.blocking-read (param i32 i64 i32)";
/// Connects to a port of 127.0.0.1, or of the first address of version 4 that the name of the question has, and answers
/// with what it reads. An error is a letter for what failed (Lookup, Address, Socket, Connect, Finish, Read), and one for
/// its number.
pub(crate) const CONNECTS: (&str, &str) = (
    "plugin#ask",
    "(local $network i32) (local $lookup i32) (local $socket i32) (local $ip i32) (local $code i32)
    (local.set $network (call $instance-network))
    (local.set $ip (i32.const 0x0100007f))
    (i32.store (i32.const 2000) (i32.const 0))
    (block $failed
      (if (local.get 1) (then
        (i32.store8 (i32.const 2000) (i32.const 76))
        (call $resolve-addresses (local.get $network) (local.get 0) (local.get 1) (i32.const 32))
        (local.set $code (i32.load8_u (i32.const 36)))
        (br_if $failed (i32.load8_u (i32.const 32)))
        (local.set $lookup (i32.load (i32.const 36)))
        (call $block (call $lookup-ready (local.get $lookup)))
        (i32.store8 (i32.const 2000) (i32.const 65))
        (loop $next
          (call $resolve-next-address (local.get $lookup) (i32.const 32))
          (local.set $code (i32.load8_u (i32.const 34)))
          (br_if $failed (i32.load8_u (i32.const 32)))
          (br_if $failed (i32.eqz (i32.load8_u (i32.const 34))))
          (br_if $next (i32.load8_u (i32.const 36))))
        (local.set $ip (i32.load align=1 (i32.const 38)))))
      (i32.store8 (i32.const 2000) (i32.const 83))
      (call $create-tcp-socket (i32.const 0) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 68)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (local.set $socket (i32.load (i32.const 68)))
      (i32.store8 (i32.const 2000) (i32.const 67))
      (call $start-connect (local.get $socket) (local.get $network) (i32.const 0) (local.get 2)
        (i32.and (local.get $ip) (i32.const 255)) (i32.and (i32.shr_u (local.get $ip) (i32.const 8)) (i32.const 255))
        (i32.and (i32.shr_u (local.get $ip) (i32.const 16)) (i32.const 255)) (i32.shr_u (local.get $ip) (i32.const 24))
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 65)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (call $block (call $connect-ready (local.get $socket)))
      (i32.store8 (i32.const 2000) (i32.const 70))
      (call $finish-connect (local.get $socket) (i32.const 64))
      (local.set $code (i32.load8_u (i32.const 68)))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (i32.store8 (i32.const 2000) (i32.const 82))
      (call $blocking-read (i32.load (i32.const 68)) (i64.const 100) (i32.const 64))
      (br_if $failed (i32.load8_u (i32.const 64)))
      (return (call $text (i32.load (i32.const 68)) (i32.load (i32.const 72)))))
    (i32.store8 (i32.const 2001) (i32.add (i32.const 65) (local.get $code)))
    (call $text (i32.const 2000) (i32.const 2))",
);
/// Wants to serve a port.
const BINDS: (&str, &str) = (
    "plugin#count",
    "(call $create-tcp-socket (i32.const 0) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then (unreachable)))
    (call $start-bind (i32.load (i32.const 68)) (call $instance-network) (i32.const 0) (i32.const 8080)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))
    (call $number (i32.load16_u (i32.const 64)))",
);

/// A server that says hello to whoever connects.
fn server() -> u32 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().try_for_each(|mut stream| stream.write_all(b"hello")));
    port.into()
}

/// Access denied, behind the letter of what failed.
const DENIED: [&str; 4] = ["LB", "SB", "CB", "FB"];

fn opened(grants: Grants) -> PluginHandle {
    open(grants, IMPORTS, &[CONNECTS, BINDS])
}

#[test]
fn a_granted_address_and_port_is_connected_to() {
    let port = server();
    for host in [format!("127.0.0.1:{port}"), "127.0.0.1:*".to_owned()] {
        assert_eq!(asked(&opened(Grants::base().tcp(host)), "", port), "hello");
    }
}

#[test]
fn everything_else_is_denied() {
    let port = server();
    let other = if port == 80 { 81 } else { 80 };
    for grants in [
        Grants::base(),
        Grants::stubs(),
        Grants::base().tcp(format!("127.0.0.1:{other}")),
        Grants::base().tcp(format!("127.0.0.2:{port}")),
        Grants::base().udp(format!("127.0.0.1:{port}")),
        Grants::base().http(format!("http://127.0.0.1:{port}")),
        // The name leads there, but nobody has looked it up.
        Grants::base().tcp(format!("localhost:{port}")),
    ] {
        let answer = asked(&opened(grants.clone()), "", port);
        assert!(DENIED.contains(&answer.as_str()), "{grants:?}: {answer}");
    }
}

#[test]
fn a_granted_name_leads_to_its_addresses_once_it_is_looked_up() {
    let port = server();
    let plugin = opened(Grants::base().tcp(format!("LocalHost:{port}")));
    assert_eq!(asked(&plugin, "", port), "FB", "the address alone is not granted");
    assert_eq!(asked(&plugin, "localhost", port), "hello");
    assert_eq!(asked(&plugin, "", port), "hello", "now it is known");
    // Another port, and another name.
    let other = if port == 80 { 81 } else { 80 };
    assert!(DENIED.contains(&asked(&plugin, "localhost", other).as_str()));
    assert_eq!(asked(&plugin, "example.org", port), "LB");
    assert_eq!(asked(&plugin, "localhost.example.org", port), "LB");
    // An address in an unusual form is no name.
    assert_eq!(asked(&plugin, "127.1", port), "LD", "an invalid argument");
}

#[test]
fn nobody_serves_a_port() {
    for grants in [Grants::base().tcp("127.0.0.1:*"), Grants::base().tcp("localhost:8080")] {
        assert_eq!(count(&opened(grants)), 0x0101, "an error, and access denied");
    }
}
