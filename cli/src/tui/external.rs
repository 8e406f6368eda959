//! The editor of the user.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Has a text edited. The terminal is the editor's meanwhile.
///
/// # Errors
///
/// Why there is no other text, for people.
pub(super) fn edit(text: &str, name: &str) -> Result<String, String> {
    let folder = tempfile::Builder::new().prefix("hookr-").tempdir();
    let folder = folder.map_err(|error| format!("there is no folder for temporary files: {error}"))?;
    let path = folder.path().join(name);
    fs::write(&path, text).map_err(|error| format!("the text cannot be written: {error}"))?;
    let editor = editor(|name| std::env::var_os(name));
    let shown = editor.to_string_lossy().into_owned();
    let status = command(&editor, &path).status().map_err(|error| format!("`{shown}` cannot be started: {error}"))?;
    if !status.success() {
        return Err(format!("`{shown}` has failed ({status}), the text stays as it was"));
    }
    crate::files::read_text(&path).map_err(|failure| failure.render(crate::terminal::Style::PLAIN))
}

/// `$VISUAL`, else `$EDITOR`, else the one that is everywhere.
fn editor(variable: impl Fn(&str) -> Option<OsString>) -> OsString {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let usual = if cfg!(windows) { "notepad" } else { "vi" };
    set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| usual.into())
}

/// As git does it, so that `code --wait` works.
#[cfg(unix)]
fn command(editor: &OsString, path: &Path) -> Command {
    let mut script = editor.clone();
    script.push(" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(editor).arg(path);
    command
}

#[cfg(not(unix))]
fn command(editor: &OsString, path: &Path) -> Command {
    let mut command = Command::new(editor);
    command.arg(path);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visual_comes_before_editor() {
        let with = |variables: &[(&str, &str)]| {
            editor(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
        };
        assert_eq!(with(&[("VISUAL", "a"), ("EDITOR", "b")]), "a");
        assert_eq!(with(&[("VISUAL", ""), ("EDITOR", "b -w")]), "b -w");
        assert!(!with(&[]).is_empty());
    }
}
