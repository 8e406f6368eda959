//! What a plugin can do when the host has read its response and tells it so.

use crate::case::Case;
use crate::component::{ALL_MEMORY, ASK, FOREVER, chaos, honest};
use crate::target::Target;

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, about, body: &str, expected| {
        let function = format!(r#"(func $post (export "cabi_post_hookr-test:chaos/plugin#count") (param i32) {body})"#);
        let plugin = move || chaos(&honest().field(ASK).field(&function));
        Case::new(format!("post-return/{name}"), about, plugin, Target::count, expected)
    };
    vec![
        case("loops", "the function behind the response does not end", FOREVER, "CallError::DeadlineExceeded"),
        case(
            "traps",
            "the function behind the response traps",
            "unreachable",
            "CallError::Trapped(UnreachableCodeReached)",
        ),
        case(
            "recursion",
            "the function behind the response calls itself",
            "(call $post (local.get 0)) (call $post (local.get 0))",
            "CallError::LimitExceeded(stack)",
        ),
        case(
            "memory",
            "takes all the memory that it gets, and traps",
            &format!("{ALL_MEMORY} unreachable"),
            "CallError::LimitExceeded(memory)",
        ),
        case(
            "calls-back",
            "calls the host when it must not",
            "(call $ask (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1024))",
            "CallError::Trapped(CannotLeaveComponent)",
        ),
    ]
}
