//! What has to be there before anything can be built or tested, and bringing it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{command, npm, output, root, run, which};

const NODE: u32 = 20;

/// Node and npm, new enough.
pub(crate) fn node() -> Result<()> {
    let advice = format!("Node.js {NODE} or newer with npm is needed: https://nodejs.org");
    let version = output(&mut command("node", &["--version"])).context(advice.clone())?;
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    if major.is_none_or(|major: u32| major < NODE) {
        bail!("{advice}; this is {}", version.trim());
    }
    if which("npm").is_none() {
        bail!(advice);
    }
    Ok(())
}

/// Installs the packages of one folder when its lock is newer than what is installed.
pub(crate) fn npm_packages(folder: &Path) -> Result<()> {
    let modified = |file: PathBuf| {
        file.metadata()
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    let lock = modified(folder.join("package-lock.json"));
    let installed = modified(folder.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= lock {
        return Ok(());
    }
    run(npm(&["ci", "--no-audit", "--no-fund"]).current_dir(folder))
}

/// The web client's packages.
pub(crate) fn web() -> Result<()> {
    if !root().join("web/package.json").exists() {
        bail!("web/package.json is missing");
    }
    node()?;
    npm_packages(&root().join("web"))
}

/// A browser for the tests.
pub(crate) fn chromium() -> Option<PathBuf> {
    [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    .into_iter()
    .find_map(which)
}

/// The folder of PostgreSQL's programs; the newest where there are several.
pub(crate) fn postgres() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, bin)| bin);
    newest.or_else(|| {
        which("initdb").and_then(|initdb| Some(initdb.canonicalize().ok()?.parent()?.to_owned()))
    })
}

pub(crate) fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Installs what tests need and this machine lacks; says what to install where that takes another user.
pub(crate) fn for_tests() -> Result<()> {
    node()?;
    let mut missing = Vec::new();
    if chromium().is_none() {
        missing.push("chromium");
    }
    if postgres().is_none() || which("psql").is_none() {
        missing.push("postgresql");
    }
    if !missing.is_empty() {
        let list = missing.join(" ");
        if !is_root() || which("apt-get").is_none() {
            bail!("the tests need {list}; for Debian and Ubuntu: sudo apt-get install {list}");
        }
        run(&mut command("apt-get", &["update", "-q"]))?;
        let mut install = vec!["install", "-y", "-q", "--no-install-recommends"];
        install.extend(&missing);
        run(command("apt-get", &install).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    web()?;
    // Reference implementations that tests of single crates drive.
    for file in crate::shell::files()? {
        if file.ends_with("/package-lock.json") && file.starts_with("crates/") {
            npm_packages(root().join(&file).parent().context("a lock at the root")?)?;
        }
    }
    Ok(())
}
