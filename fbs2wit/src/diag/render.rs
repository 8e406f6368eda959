use super::Diagnostics;
use crate::source::SourceMap;

pub(super) fn render(diagnostics: &Diagnostics, sources: &SourceMap, _color: bool) -> String {
    let mut out = String::new();
    for d in diagnostics.iter() {
        let (line, column) = sources.line_column(d.span).unwrap_or((0, 0));
        out += &format!("error[{}]: {} ({line}:{column})\n", d.code, d.message);
    }
    out
}
