//! Where we differ from flatc on purpose.

use fbs2wit::CompileError;
use fbs2wit::diag::Code;

/// Errors that we report on purpose though flatc accepts the schema, with the reason.
const STRICTER: [(Code, &str); 2] = [
    (
        Code::RpcTypeNotTable,
        "a struct as the type of a method, declared behind the service: flatc overlooks it, and refuses one before it",
    ),
    (
        Code::StructIncomplete,
        "a struct that holds itself: flatc takes the size that it has so far, and values of it do not fit",
    ),
];

/// Why a schema that flatc accepts is refused, if each of its errors is one that we report on purpose.
pub(crate) fn stricter(error: &CompileError) -> Option<&'static str> {
    let reason = |code: Code| STRICTER.iter().find(|(stricter, _)| *stricter == code).map(|(_, reason)| *reason);
    let mut reasons = error.diagnostics.iter().map(|diagnostic| reason(diagnostic.code));
    let first = reasons.next()??;
    reasons.all(|reason| reason.is_some()).then_some(first)
}
