(module
  (import "host" "reflect" (func $reflect (param i32 i32) (result i32)))
  (import "host" "number" (func $number (param i32 i32) (result i32)))
  (memory (export "memory") 8)
  ;; As little as a plugin's dispatcher can do: it looks at the method, and answers with the request.
  (func (export "call") (param $method i32) (param $length i32) (result i32)
    (i32.store (i32.const 1024) (local.get $method))
    (local.get $length))
  ;; Asks the host with the bytes of the request.
  (func (export "forward") (param $times i32) (param $length i32) (result i32)
    (local $answered i32)
    (loop $again
      (local.set $answered (call $reflect (i32.const 65536) (local.get $length)))
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (local.get $times)))
    (local.get $answered))
  ;; Asks the host with two numbers.
  (func (export "ask") (param $times i32) (param $number i32) (result i32)
    (loop $again
      (local.set $number (call $number (local.get $number) (local.get $times)))
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (local.get $times)))
    (local.get $number)))
