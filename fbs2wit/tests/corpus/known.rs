//! Where we differ from flatc on purpose.

use fbs2wit::CompileError;
use fbs2wit::diag::Code;

/// Errors that we report on purpose though flatc accepts the schema, with the reason.
const STRICTER: [(Code, &str); 6] = [
    (
        Code::RpcTypeNotTable,
        "a struct as the type of a method, declared behind the service: flatc overlooks it, and refuses one before it",
    ),
    (
        Code::StructIncomplete,
        "a struct that holds itself: flatc takes the size that it has so far, and values of it do not fit",
    ),
    (
        Code::RootNotTable,
        "a struct as the root, declared behind `root_type`: flatc overlooks it, and refuses one before it",
    ),
    (Code::StructTooLarge, "a struct with an offset over 65,535: flatc stores what is left of it in 16 bits"),
    (
        Code::EnumValueNotUnique,
        "two values of an enum that are the same: flatc refuses them where one of them is the first, and else overlooks it",
    ),
    (
        Code::UnionBitFlags,
        "`bit_flags` on a union: flatc shifts the tags, and its own generators then fail an assertion",
    ),
];

/// Why a schema that flatc accepts is refused, if each of its errors is one that we report on purpose.
pub(crate) fn stricter(error: &CompileError) -> Option<&'static str> {
    let reason = |code: Code| STRICTER.iter().find(|(stricter, _)| *stricter == code).map(|(_, reason)| *reason);
    let mut reasons = error.diagnostics.iter().map(|diagnostic| reason(diagnostic.code));
    let first = reasons.next()??;
    reasons.all(|reason| reason.is_some()).then_some(first)
}
