;; A plugin that consists of a lane. Its methods are in `tests/src/lane.rs`.
;;
;; memory: 16 results of functions, 1024 the control block, 1280 the answer of Count, 4096 to 8192 requests,
;; 8192 to 12288 answers of callbacks, 12288 to 12800 the index, from 65536 on what is allocated.
(component
  (import "hookr:abi/lane-host@0.1.0" (instance $host
    (export "call" (func (param "method" u32) (param "request" (list u8)) (result u64)))
    (export "take" (func (result (list u8))))))
  (core module $memory
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 65536))
    (func $allocate (export "allocate") (param $size i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (block $enough
        (br_if $enough (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $enough (i32.ne (i32.const -1)
          (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $size) (i32.const 65536))))))
        unreachable)
      (local.get $at))
    (func (export "release") (param $at i32) (global.set $next (local.get $at)))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (call $allocate (local.get $size))))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $m))
  (core func $call (canon lower (func $host "call") (memory $m)))
  (core func $take (canon lower (func $host "take") (memory $m) (realloc (core func $memory "realloc"))))
  (core module $plugin
    (import "memory" "memory" (memory 2))
    (import "memory" "allocate" (func $allocate (param i32) (result i32)))
    (import "memory" "release" (func $release (param i32)))
    (import "host" "call" (func $call (param i32 i32 i32) (result i64)))
    (import "host" "take" (func $take (param i32)))
    (data (i32.const 1024) "HKLN" "\01\00\00\00"
      "\00\10\00\00" "\00\10\00\00"
      "\00\20\00\00" "\00\10\00\00"
      "\00\30\00\00" "\00\02\00\00"
      "\ff\ff\ff\ff")
    (data (i32.const 1280) "\04\00\00\00" "\04\00\00\00" "\00\00\00\00")
    (global $reserve_so (mut i32) (i32.const 0))

    (func (export "open") (param $version i32) (result i32)
      ;; The pages behind the regions: see `wit/SPEC.md`.
      (i32.store8 (i32.const 8192) (i32.const 0))
      (i32.store8 (i32.const 12288) (i32.const 0))
      (select (i32.const 1024) (i32.const 0) (i32.eq (local.get $version) (i32.const 1))))
    (func (export "memory") (result i32)
      (i32.store (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (i32.mul (memory.size) (i32.const 65536)))
      (i32.const 16))
    (func (export "reserve") (param $region i32) (param $size i32) (local $at i32) (local $offset i32)
      (local.set $at (i32.add (i32.const 1032) (i32.mul (local.get $region) (i32.const 8))))
      (if (i32.eq (global.get $reserve_so) (i32.const 1)) (then (return)))
      (if (i32.eq (global.get $reserve_so) (i32.const 2)) (then
        (i32.store (local.get $at) (i32.const 0x7ffffff0))
        (i32.store offset=4 (local.get $at) (local.get $size))
        (return)))
      (if (i32.eq (global.get $reserve_so) (i32.const 3)) (then
        (i32.store (local.get $at) (i32.const 4097))
        (return)))
      (if (i32.eq (global.get $reserve_so) (i32.const 4)) (then unreachable))
      (if (i32.eq (global.get $reserve_so) (i32.const 5)) (then
        (i32.store (local.get $at) (i32.const 0xfffffff0))
        (i32.store offset=4 (local.get $at) (i32.const 0xfffffff0))
        (return)))
      (if (i32.eq (global.get $reserve_so) (i32.const 6)) (then
        (i32.store offset=4 (local.get $at) (i32.const 16))
        (return)))
      (local.set $offset (call $allocate (i32.add (local.get $size) (i32.const 64))))
      (i32.store8 (i32.add (local.get $offset) (local.get $size)) (i32.const 0))
      (i32.store (local.get $at) (local.get $offset))
      (i32.store offset=4 (local.get $at) (local.get $size)))

    (func $answer (param $status i32) (param $offset i32) (param $length i32)
      (i32.store (i32.const 1056) (local.get $status))
      (i32.store (i32.const 1060) (local.get $offset))
      (i32.store (i32.const 1064) (local.get $length)))

    ;; A page or more at the end of the memory.
    (func $grow (result i32) (local $at i32)
      (local.set $at (i32.mul (memory.size) (i32.const 65536)))
      (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
      (local.get $at))

    (func $call_back (param $offset i32) (param $length i32) (local $answer i64) (local $got i32)
      (local.set $answer (call $call (i32.const 7) (local.get $offset) (local.get $length)))
      (local.set $got (i32.and (i32.wrap_i64 (i64.shr_u (local.get $answer) (i64.const 32))) (i32.const 0x7fffffff)))
      (if (i64.lt_s (local.get $answer) (i64.const 0)) (then
        (call $take (i32.const 48))
        (call $answer (i32.wrap_i64 (local.get $answer)) (i32.load (i32.const 48)) (i32.load (i32.const 52)))
        (return)))
      (call $answer (i32.wrap_i64 (local.get $answer))
        (i32.sub (i32.add (i32.load (i32.const 1040)) (i32.load (i32.const 1044))) (local.get $got))
        (local.get $got)))

    (func $handle (param $method i32) (param $offset i32) (param $length i32) (local $copy i32)
      (if (i32.eq (local.get $method) (i32.const 1)) (then
        (call $answer (i32.const 0) (local.get $offset) (local.get $length))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 2)) (then
        (call $answer (i32.const 5) (i32.add (local.get $offset) (i32.const 8))
          (i32.load offset=4 (local.get $offset)))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 3)) (then unreachable))
      (if (i32.eq (local.get $method) (i32.const 4)) (then
        (call $call_back (local.get $offset) (local.get $length))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 5)) (then
        (local.set $copy (call $grow))
        (memory.copy (local.get $copy) (local.get $offset) (local.get $length))
        (call $answer (i32.const 0) (local.get $copy) (local.get $length))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 6)) (then
        (memory.fill (i32.const 4096) (i32.const 0xa5) (i32.const 8704))
        (call $call_back (local.get $offset) (local.get $length))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 7)) (then
        (local.set $copy (call $grow))
        (memory.copy (local.get $copy) (local.get $offset) (local.get $length))
        (call $call_back (local.get $copy) (local.get $length))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 8)) (then
        (call $answer (i32.load offset=8 (local.get $offset)) (i32.load offset=12 (local.get $offset))
          (i32.load offset=16 (local.get $offset)))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 9)) (then
        (call $call_back (i32.load offset=8 (local.get $offset)) (i32.load offset=12 (local.get $offset)))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 10)) (then
        (i32.store (i32.const 1288) (i32.add (i32.load (i32.const 1288)) (i32.const 1)))
        (call $answer (i32.const 0) (i32.const 1280) (i32.const 12))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 11)) (then
        (global.set $reserve_so (i32.load offset=8 (local.get $offset)))
        (call $answer (i32.const 0) (local.get $offset) (local.get $length))
        (return)))
      (if (i32.eq (local.get $method) (i32.const 12)) (then
        (call $call_back (local.get $offset) (local.get $length))
        unreachable))
      (call $answer (i32.const 12) (i32.const 0) (i32.const 0)))

    (func (export "call") (param i32) (result i64) (i64.const 0))
    (func (export "dispatch") (param $word i64) (local $high i32) (local $entry i32)
      (if (i64.eqz (local.get $word)) (then (return)))
      (local.set $high (i32.wrap_i64 (i64.shr_u (local.get $word) (i64.const 32))))
      (if (i32.ge_s (local.get $high) (i32.const 0)) (then
        (call $handle (i32.wrap_i64 (local.get $word))
          (i32.sub (i32.add (i32.load (i32.const 1032)) (i32.load (i32.const 1036))) (local.get $high))
          (local.get $high))
        (return)))
      (local.set $high (i32.and (local.get $high) (i32.const 0x7fffffff)))
      (local.set $entry (i32.load (i32.const 1048)))
      (block $done (loop $next
        (br_if $done (i32.eqz (local.get $high)))
        (call $handle (i32.wrap_i64 (local.get $word))
          (i32.load (local.get $entry)) (i32.load offset=4 (local.get $entry)))
        (i32.store (local.get $entry) (i32.load (i32.const 1060)))
        (i32.store offset=4 (local.get $entry) (i32.load (i32.const 1064)))
        (i32.store offset=8 (local.get $entry) (i32.load (i32.const 1056)))
        (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
        (local.set $high (i32.sub (local.get $high) (i32.const 1)))
        (br $next)))
      (i32.store (i32.const 1056) (i32.const 0)))
    (func (export "exchange") (param $method i32) (param $offset i32) (param $length i32) (result i32)
      ;; What is allocated next may overwrite the request: the host has read it by then.
      (call $release (local.get $offset))
      (call $handle (local.get $method) (local.get $offset) (local.get $length))
      (i32.const 1056)))
  (core instance $plugin (instantiate $plugin
    (with "memory" (instance $memory))
    (with "host" (instance (export "call" (func $call)) (export "take" (func $take))))))
  (func $f_open (param "version" u32) (result u32) (canon lift (core func $plugin "open")))
  (func $f_memory (result (list u8)) (canon lift (core func $plugin "memory") (memory $m)))
  (func $f_reserve (param "region" u32) (param "size" u32) (canon lift (core func $plugin "reserve")))
  (func $f_call (param "zero" u32) (result u64)
    (canon lift (core func $plugin "call") (post-return (core func $plugin "dispatch"))))
  (func $f_exchange (param "method" u32) (param "request" (list u8)) (result (tuple u32 (list u8)))
    (canon lift (core func $plugin "exchange") (memory $m) (realloc (core func $memory "realloc"))))
  (instance $lane
    (export "open" (func $f_open))
    (export "memory" (func $f_memory))
    (export "reserve" (func $f_reserve))
    (export "call" (func $f_call))
    (export "exchange" (func $f_exchange)))
  (export "hookr:abi/lane@0.1.0" (instance $lane)))
