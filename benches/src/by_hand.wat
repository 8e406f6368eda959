;; A plugin for the contract of `benches/echo/echo.fbs`, written by hand: as little as a lane takes. `wit/SPEC.md` says
;; what its functions have to do.
;;
;; Memory:
;;        0  zeros
;;       16  results of functions
;;     1024  the control block
;;  0x10000  the index, up to 0x11000
;;  0x20000  the answers of callbacks, up to 0x30000
;;  0x40000  what the host is asked with
;; 0x400000  the requests, up to 0x800000, where they end
;; 0x900000  lists
(component
  (import "hookr:abi/lane-host@0.1.0" (instance $host
    (export "call" (func (param "method" u32) (param "request" (list u8)) (result u64)))
    (export "take" (func (result (list u8))))))
  (core module $memory
    (memory (export "memory") 208)
    ;; There is one list at a time: a request that comes through `exchange`, and when that has been read, an answer that
    ;; was put aside.
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (if (i32.gt_u (local.get $size) (i32.const 0x400000)) (then unreachable))
      (i32.const 0x900000)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $m))
  (alias core export $memory "realloc" (core func $realloc))
  (core func $call (canon lower (func $host "call") (memory $m)))
  (core func $take (canon lower (func $host "take") (memory $m) (realloc $realloc)))
  (core module $plugin
    (import "memory" "memory" (memory 208))
    (import "host" "call" (func $call (param i32 i32 i32) (result i64)))
    (import "host" "take" (func $take (param i32)))
    ;; Requests have 1 MiB to begin with, answers 64 KiB, the index has 256 entries.
    (data (i32.const 1024) "HKLN" "\01\00\00\00"
      "\00\00\70\00" "\00\00\10\00"
      "\00\00\02\00" "\00\00\01\00"
      "\00\00\01\00" "\00\10\00\00"
      "\ff\ff\ff\ff")
    ;; `Bytes` up to the length of its vector: the root, the identifier, the vtable, the table.
    (data (i32.const 0x40000) "\10\00\00\00" "ECHO"
      "\06\00\08\00\04\00\00\00"
      "\08\00\00\00\04\00\00\00")

    (func (export "open") (param $version i32) (result i32)
      ;; What is behind the regions is written to once.
      (i32.store8 (i32.const 0x11000) (i32.const 0))
      (i32.store8 (i32.const 0x30000) (i32.const 0))
      (i32.store8 (i32.const 0x800000) (i32.const 0))
      (select (i32.const 1024) (i32.const 0) (i32.eq (local.get $version) (i32.const 1))))
    (func (export "memory") (result i32)
      (i32.store (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (i32.mul (memory.size) (i32.const 65536)))
      (i32.const 16))
    ;; The region of requests has up to 4 MiB. The others stay as they are.
    (func (export "reserve") (param $region i32) (param $size i32) (local $offset i32)
      (if (i32.or (local.get $region) (i32.gt_u (local.get $size) (i32.const 0x400000))) (then (return)))
      (local.set $size (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const -16)))
      (local.set $offset (i32.sub (i32.const 0x800000) (local.get $size)))
      (memory.fill (local.get $offset) (i32.const 0) (local.get $size))
      (i32.store (i32.const 1032) (local.get $offset))
      (i32.store (i32.const 1036) (local.get $size)))

    (func $answer (param $status i32) (param $offset i32) (param $length i32)
      (i32.store (i32.const 1056) (local.get $status))
      (i32.store (i32.const 1060) (local.get $offset))
      (i32.store (i32.const 1064) (local.get $length)))

    ;; The address of a field of a table, and 0 if it is absent: a number there is 0, and a vector there is empty.
    (func $field (param $table i32) (param $slot i32) (result i32)
      (local $vtable i32) (local $offset i32)
      (local.set $vtable (i32.sub (local.get $table) (i32.load (local.get $table))))
      (if (i32.ge_u (local.get $slot) (i32.load16_u (local.get $vtable))) (then (return (i32.const 0))))
      (local.set $offset (i32.load16_u (i32.add (local.get $vtable) (local.get $slot))))
      (select (i32.add (local.get $table) (local.get $offset)) (i32.const 0) (local.get $offset)))

    ;; Writes a question, asks the host with it as often as the request says, and answers with the last answer, where
    ;; that is.
    (func $forward (param $request i32) (local $table i32) (local $times i32) (local $bytes i32) (local $length i32)
      (local $answer i64) (local $offset i32) (local $got i32)
      (local.set $table (i32.add (local.get $request) (i32.load (local.get $request))))
      (local.set $times (i32.load (call $field (local.get $table) (i32.const 4))))
      (local.set $bytes (call $field (local.get $table) (i32.const 6)))
      (local.set $bytes (i32.add (local.get $bytes) (i32.load (local.get $bytes))))
      (local.set $length (i32.load (local.get $bytes)))
      (if (i32.gt_u (local.get $length) (i32.const 0x300000)) (then unreachable))
      ;; From the length on, it is the same vector.
      (memory.copy (i32.const 0x40018) (local.get $bytes) (i32.add (local.get $length) (i32.const 4)))
      ;; Not asked at all, it answers with no bytes.
      (if (i32.eqz (local.get $times)) (then
        (i32.store (i32.const 0x40018) (i32.const 0))
        (call $answer (i32.const 0) (i32.const 0x40000) (i32.const 28))
        (return)))
      (loop $again
        ;; `Mirror:Reflect`
        (local.set $answer
          (call $call (i32.const 0x961cef7d) (i32.const 0x40000) (i32.add (local.get $length) (i32.const 28))))
        (local.set $got (i32.and (i32.wrap_i64 (i64.shr_u (local.get $answer) (i64.const 32))) (i32.const 0x7fffffff)))
        (local.set $offset (i32.sub (i32.const 0x30000) (local.get $got)))
        (if (i64.lt_s (local.get $answer) (i64.const 0)) (then
          (call $take (i32.const 16))
          (local.set $offset (i32.load (i32.const 16)))))
        (if (i32.wrap_i64 (local.get $answer)) (then
          (call $answer (i32.wrap_i64 (local.get $answer)) (local.get $offset) (local.get $got))
          (return)))
        (local.set $times (i32.sub (local.get $times) (i32.const 1)))
        (br_if $again (local.get $times)))
      (call $answer (i32.const 0) (local.get $offset) (local.get $got)))

    (func $handle (param $method i32) (param $offset i32) (param $length i32)
      ;; `Plugin:Echo`: the request is the answer.
      (if (i32.eq (local.get $method) (i32.const 0xfbb07781)) (then
        (call $answer (i32.const 0) (local.get $offset) (local.get $length))
        (return)))
      ;; `Plugin:Forward`
      (if (i32.eq (local.get $method) (i32.const 0xa6f8478d)) (then
        (call $forward (local.get $offset))
        (return)))
      (call $answer (i32.const 12) (i32.const 0) (i32.const 0)))

    (func (export "call") (param i32) (result i64) (i64.const 0))
    (func (export "dispatch") (param $word i64) (local $high i32) (local $entry i32)
      (if (i64.eqz (local.get $word)) (then (return)))
      (local.set $high (i32.wrap_i64 (i64.shr_u (local.get $word) (i64.const 32))))
      (if (i32.ge_s (local.get $high) (i32.const 0)) (then
        (call $handle (i32.wrap_i64 (local.get $word))
          (i32.sub (i32.const 0x800000) (local.get $high)) (local.get $high))
        (return)))
      (local.set $high (i32.and (local.get $high) (i32.const 0x7fffffff)))
      (local.set $entry (i32.const 0x10000))
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
      (call $handle (local.get $method) (local.get $offset) (local.get $length))
      (i32.const 1056))

    ;; The functions of the contract have to be there. Nobody calls them.
    (func (export "echo") (param i32 i32) (result i32) unreachable)
    (func (export "forward") (param i32 i32 i32) (result i32) unreachable)
    (func (export "step") (param i64 i32 i64 i32) (result i32) unreachable)
    (func (export "trap") (param i32) (result i32) unreachable))
  (core instance $plugin (instantiate $plugin
    (with "memory" (instance $memory))
    (with "host" (instance (export "call" (func $call)) (export "take" (func $take))))))

  (func $f_open (param "version" u32) (result u32) (canon lift (core func $plugin "open")))
  (func $f_memory (result (list u8)) (canon lift (core func $plugin "memory") (memory $m)))
  (func $f_reserve (param "region" u32) (param "size" u32) (canon lift (core func $plugin "reserve")))
  (func $f_call (param "zero" u32) (result u64)
    (canon lift (core func $plugin "call") (post-return (core func $plugin "dispatch"))))
  (func $f_exchange (param "method" u32) (param "request" (list u8)) (result (tuple u32 (list u8)))
    (canon lift (core func $plugin "exchange") (memory $m) (realloc $realloc)))
  (instance $lane
    (export "open" (func $f_open))
    (export "memory" (func $f_memory))
    (export "reserve" (func $f_reserve))
    (export "call" (func $f_call))
    (export "exchange" (func $f_exchange)))
  (export "hookr:abi/lane@0.1.0" (instance $lane))

  ;; Types of exported functions need names of their own.
  (type $code_type (enum "cancelled" "unknown" "invalid-argument" "deadline-exceeded" "not-found" "already-exists"
    "permission-denied" "resource-exhausted" "failed-precondition" "aborted" "out-of-range" "unimplemented" "internal"
    "unavailable" "data-loss" "unauthenticated"))
  (export $code "error-code" (type $code_type))
  (type $error_type (record (field "code" $code) (field "message" string)))
  (export $error "error" (type $error_type))
  (type $bytes_type (record (field "bytes" (list u8))))
  (export $bytes "bytes" (type $bytes_type))
  (type $forward_type (record (field "times" u32) (field "bytes" (list u8))))
  (export $forward "forward-request" (type $forward_type))
  (type $numbers_type (record (field "tick" u64) (field "dt-micros" u32) (field "state-hash" u64) (field "events" u32)))
  (export $numbers "numbers" (type $numbers_type))
  (type $empty_type (record (field "reserved" bool)))
  (export $empty "empty" (type $empty_type))
  (func $f_echo (param "request" $bytes) (result (result $bytes (error $error)))
    (canon lift (core func $plugin "echo") (memory $m) (realloc $realloc)))
  (func $f_forward (param "request" $forward) (result (result $bytes (error $error)))
    (canon lift (core func $plugin "forward") (memory $m) (realloc $realloc)))
  (func $f_step (param "request" $numbers) (result (result $numbers (error $error)))
    (canon lift (core func $plugin "step") (memory $m) (realloc $realloc)))
  (func $f_trap (param "request" $empty) (result (result $empty (error $error)))
    (canon lift (core func $plugin "trap") (memory $m) (realloc $realloc)))
  (instance $contract
    (export "echo" (func $f_echo))
    (export "forward" (func $f_forward))
    (export "step" (func $f_step))
    (export "trap" (func $f_trap)))
  (export "hookr-bench:echo/plugin" (instance $contract)))
