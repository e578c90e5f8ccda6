//! What we ship must be free to ship.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::root;

const ALLOWED: [&str; 18] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "Unlicense",
    "BSL-1.0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "CDLA-Permissive-2.0",
    "BlueOak-1.0.0",
    // Permissive; of argparse, which the command line of markdown-it uses and no page carries.
    "Python-2.0",
];

/// Packages whose manifest names no licence, by the file that stands beside it.
const BY_FILE: [(&str, &str); 1] = [("node_modules/khroma", "MIT")];

pub(super) fn crates(metadata: &Value, problems: &mut Vec<String>) {
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence) {
            problems.push(format!(
                "crate {name} {}: licence {licence:?}",
                package["version"]
            ));
        }
    }
}

/// The packages that are not for development only.
pub(super) fn npm(files: &[String], problems: &mut Vec<String>) -> Result<()> {
    let lock_file = "web/package-lock.json";
    if !files.iter().any(|file| file == lock_file) {
        return Ok(());
    }
    let web = root().join("web");
    let lock: Value = serde_json::from_str(&std::fs::read_to_string(root().join(lock_file))?)?;
    let packages = lock["packages"]
        .as_object()
        .context("the lock lists no packages")?;
    for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
        if package["dev"] == true || package["devOptional"] == true {
            continue;
        }
        let mut licence = package["license"].as_str().map(str::to_owned);
        if licence.is_none() {
            let Ok(manifest) = std::fs::read_to_string(web.join(path).join("package.json")) else {
                continue;
            };
            let manifest: Value = serde_json::from_str(&manifest)?;
            licence = manifest["license"].as_str().map(str::to_owned);
        }
        let by_file = BY_FILE.iter().find(|(package, _)| package == path);
        let licence = licence.or(by_file.map(|(_, licence)| (*licence).to_owned()));
        let licence = licence.unwrap_or_default();
        if !is_allowed(&licence) {
            problems.push(format!("npm {path}: licence {licence:?}"));
        }
    }
    Ok(())
}

/// Whether an SPDX expression leaves us a choice that is allowed.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let allowed = any(&tokens, &mut at);
    allowed && at == tokens.len()
}

fn any(tokens: &[&str], at: &mut usize) -> bool {
    let mut allowed = all(tokens, at);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        allowed |= all(tokens, at);
    }
    allowed
}

fn all(tokens: &[&str], at: &mut usize) -> bool {
    let mut allowed = one(tokens, at);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        allowed &= one(tokens, at);
    }
    allowed
}

fn one(tokens: &[&str], at: &mut usize) -> bool {
    // Past the end too, so that a cut-off expression is not one.
    *at += 1;
    let Some(token) = tokens.get(*at - 1) else {
        return false;
    };
    if *token == "(" {
        let allowed = any(tokens, at);
        let closed = tokens.get(*at) == Some(&")");
        *at += 1;
        return allowed && closed;
    }
    // An exception only adds permission.
    if tokens.get(*at) == Some(&"WITH") {
        *at += 2;
    }
    ALLOWED.contains(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "(MIT OR GPL-2.0) AND ISC",
            "(Apache-2.0 OR MIT) AND BSD-3-Clause",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "MIT OR",
            "(MIT",
            "AGPL-3.0-only",
        ] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }
}
