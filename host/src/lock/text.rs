//! The text of a lock file: one line for each thing that can change, so that version control shows what did.

use std::fmt::Write as _;

use hookr_abi::Printable;

use super::{LockFile, LockedPlugin};

/// The text. What could deceive a reader is escaped.
pub(super) fn text<'a>(plugins: impl Iterator<Item = &'a LockedPlugin>) -> String {
    let mut out = format!(
        "# This file is written by hookr lock: which plugins may run, and what they were when they were locked.\n\
         version = {}\n",
        LockFile::VERSION
    );
    for plugin in plugins {
        out += "\n[[plugin]]\n";
        for (key, value) in [
            ("name", plugin.name.as_str()),
            ("path", &plugin.path),
            ("sha256", &plugin.sha256.to_string()),
            ("version", &plugin.version),
            ("package", &plugin.package),
            ("contract-id", &plugin.contract_id.to_string()),
        ] {
            let _ = writeln!(out, "{key} = {}", string(value));
        }
        let signers: Vec<String> = plugin.signers.iter().map(ToString::to_string).collect();
        list(&mut out, "signers", signers.iter().map(String::as_str));
        list(&mut out, "grants", plugin.grants.iter().map(|need| need.key()));
        list(&mut out, "imports", plugin.imports.iter().map(String::as_str));
        list(&mut out, "exports", plugin.exports.iter().map(String::as_str));
    }
    out
}

fn list<'a>(out: &mut String, key: &str, items: impl Iterator<Item = &'a str>) {
    let items: String = items.map(|item| format!("    {},\n", string(item))).collect();
    let line_break = if items.is_empty() { "" } else { "\n" };
    let _ = writeln!(out, "{key} = [{line_break}{items}]");
}

/// A basic string of TOML.
fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            _ if Printable::escapes(c) => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hookr_abi::ContractId;
    use proptest::prelude::*;

    use crate::trust::KeyId;
    use crate::{Digest, Need};

    use super::*;

    fn names() -> impl Strategy<Value = BTreeSet<String>> {
        proptest::collection::btree_set(any::<String>(), 0..4)
    }

    prop_compose! {
        fn plugin()(
            name in ".{1,12}",
            path in "[a-z\u{202e}\"ü. -]{1,6}x(/[a-z]{1,3})?",
            hashes in any::<([u8; 32], [u8; 32])>(),
            version in any::<String>(),
            package in any::<String>(),
            signers in proptest::collection::btree_set(any::<[u8; 12]>(), 0..3),
            grants in proptest::sample::subsequence(Need::ALL, 0..Need::ALL.len()),
            imports in names(),
            exports in names(),
        ) -> LockedPlugin {
            let (sha256, contract_id) = (Digest::from(hashes.0), ContractId(hashes.1));
            let signers = signers.into_iter().map(KeyId::from).collect();
            let grants = grants.into_iter().collect();
            LockedPlugin { name, path, sha256, version, package, contract_id, signers, grants, imports, exports }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(plugins in proptest::collection::vec(plugin(), 0..4)) {
            let mut lock = LockFile::new("");
            for plugin in plugins {
                // One path may come twice.
                let _ = lock.insert(plugin);
            }
            let text = lock.to_toml().unwrap();
            let deceives = text.contains('\u{202e}');
            prop_assert!(!deceives);
            prop_assert_eq!(LockFile::from_toml(&text, "").unwrap(), lock);
        }
    }

    #[test]
    fn strings_have_no_characters_that_deceive() {
        assert_eq!(string("a\"\\\n\t\u{202e}\u{7f}ü"), "\"a\\\"\\\\\\n\\t\\U0000202E\\U0000007Fü\"");
    }
}
