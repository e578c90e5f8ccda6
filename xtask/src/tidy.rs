//! The rules of the house that a compiler doesn't know.

mod licences;

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::shell::{files, metadata, root};

/// What we ship for; crates of other platforms are not even fetched.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Lines of one file.
const MOST_LINES: usize = 800;

/// A dependency, and the only crates that may have it. The load generator is a server and a client of its own.
const KEPT_IN: [(&str, &[&str]); 3] = [
    ("sqlx", &["store"]),
    ("axum", &["server", "canopy", "bench"]),
    ("yrs", &["content"]),
];

/// The crates from the bottom up: a crate sees those of earlier lines, and those named beside it.
const LAYERS: [&[(&str, &[&str])]; 5] = [
    &[("model", &[])],
    &[
        ("ydoc", &[]),
        ("content", &["ydoc"]),
        ("store", &[]),
        ("identity", &[]),
        ("interchange", &[]),
        ("search", &[]),
    ],
    &[("collab", &[])],
    &[("server", &[])],
    &[("canopy", &[])],
];

/// Crates that see none of the others.
const APART: [&str; 2] = ["bench", "xtask"];

pub(crate) fn run() -> Result<()> {
    let problems = problems()?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => {
            eprintln!("tidy");
            Ok(())
        }
        count => bail!("{count} breaches of the house's rules"),
    }
}

fn problems() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let files = files()?;
    let metadata = metadata(&["--filter-platform", PLATFORM])?;
    for package in workspace(&metadata) {
        dependencies(package, &mut problems);
    }
    migrations(&files, &mut problems);
    for file in &files {
        let Ok(text) = std::fs::read_to_string(root().join(file)) else {
            continue;
        };
        length(file, &text, &mut problems);
        words(file, &text, &mut problems);
        registries(file, &text, &mut problems);
    }
    licences::crates(&metadata, &mut problems);
    licences::npm(&files, &mut problems)?;
    Ok(problems)
}

/// The packages of the workspace.
fn workspace(metadata: &Value) -> impl Iterator<Item = &Value> {
    let members: BTreeSet<&str> = metadata["workspace_members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter(move |package| {
        package["id"]
            .as_str()
            .is_some_and(|id| members.contains(id))
    })
}

/// Whether `from` may depend on the workspace's crate `to`.
fn may_see(from: &str, to: &str) -> bool {
    let layer = |name: &str| {
        LAYERS
            .iter()
            .position(|layer| layer.iter().any(|(crate_, _)| *crate_ == name))
    };
    let beside = LAYERS
        .iter()
        .copied()
        .flatten()
        .any(|(crate_, beside)| *crate_ == from && beside.contains(&to));
    match (layer(from), layer(to)) {
        (Some(from_layer), Some(to_layer)) => beside || to_layer < from_layer,
        _ => false,
    }
}

fn dependencies(package: &Value, problems: &mut Vec<String>) {
    let name = package["name"].as_str().unwrap_or_default();
    let known = APART.contains(&name)
        || LAYERS
            .iter()
            .copied()
            .flatten()
            .any(|(crate_, _)| *crate_ == name);
    if !known {
        problems.push(format!("{name}: a new crate is an architecture decision: write it down, and add it in xtask's tidy.rs"));
    }
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        let to = dependency["name"].as_str().unwrap_or_default();
        let dev = dependency["kind"].as_str() == Some("dev");
        for (kept, homes) in KEPT_IN {
            if to == kept && !homes.contains(&name) {
                problems.push(format!(
                    "{name}: {kept} is only for {}",
                    homes.join(" and ")
                ));
            }
        }
        let ours = dependency["path"].is_string();
        let for_tests = dev && to == name;
        if ours && known && !for_tests && !may_see(name, to) {
            problems.push(format!(
                "{name}: may not depend on {to} (ARCHITECTURE.md, the order of the crates)"
            ));
        }
    }
}

fn migrations(files: &[String], problems: &mut Vec<String>) {
    let names = |engine: &str| -> BTreeSet<String> {
        let prefix = format!("crates/store/migrations/{engine}/");
        files
            .iter()
            .filter_map(|file| file.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect()
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    for name in sqlite.symmetric_difference(&postgres) {
        problems.push(format!(
            "crates/store/migrations: {name} is for one database only"
        ));
    }
}

fn is_source(file: &str) -> bool {
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    [
        "rs", "ts", "tsx", "js", "mjs", "cjs", "css", "sql", "sh", "html", "toml", "yml", "yaml",
    ]
    .contains(&extension)
}

/// Made by a program, or material for tests.
fn is_made(file: &str) -> bool {
    file.ends_with(".lock")
        || file == "web/src/api/schema.d.ts"
        || file
            .split('/')
            .any(|part| ["fixtures", "corpus", "snapshots"].contains(&part))
}

fn length(file: &str, text: &str, problems: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > MOST_LINES && is_source(file) && !is_made(file) {
        problems.push(format!("{file}: {lines} lines (at most {MOST_LINES})"));
    }
}

fn words(file: &str, text: &str, problems: &mut Vec<String>) {
    let mut forbidden: Vec<(String, &str)> = Vec::new();
    if file.ends_with(".rs") {
        for name in ["todo", "dbg", "unimplemented"] {
            forbidden.push((format!("{name}!("), "is not for committed code"));
        }
    }
    if file.ends_with(".md") {
        for folder in ["tmp", "root", "work"] {
            forbidden.push((format!("/{folder}/"), "is a folder of one machine"));
        }
    } else if !is_made(file) {
        forbidden.push((format!("/{}/wt/", "work"), "is a folder of one machine"));
    }
    for (word, why) in forbidden {
        for (number, line) in text.lines().enumerate() {
            if mentions(line, &word) {
                problems.push(format!("{file}:{}: {word} {why}", number + 1));
            }
        }
    }
}

/// Whether `word` stands in `line` and does not go on a longer one to its left (`/tmp/` in `web/tmp/`).
fn mentions(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"_.-~".contains(before))
    })
}

/// A lock that names a registry's host works only where that host is reached.
fn registries(file: &str, text: &str, problems: &mut Vec<String>) {
    let hosts = match file.rsplit('/').next() {
        Some("package-lock.json") => text.contains("\"resolved\": \"http"),
        Some(".npmrc") => text
            .lines()
            .any(|line| line.trim_start().starts_with("registry")),
        _ => false,
    };
    if hosts {
        problems.push(format!(
            "{file}: names a registry (`npm config set omit-lockfile-registry-resolved true --location=project`)"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let problems = problems().unwrap();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn the_order_of_the_crates() {
        for (from, to) in [
            ("server", "collab"),
            ("content", "ydoc"),
            ("canopy", "model"),
        ] {
            assert!(may_see(from, to), "{from} -> {to}");
        }
        for (from, to) in [
            ("store", "content"),
            ("ydoc", "content"),
            ("collab", "server"),
            ("bench", "ydoc"),
        ] {
            assert!(!may_see(from, to), "{from} -> {to}");
        }
    }

    #[test]
    fn breaches_are_found() {
        let mut problems = Vec::new();
        length("a.rs", &"x\n".repeat(MOST_LINES + 1), &mut problems);
        words("a.rs", &format!("    {}!(x)", "dbg"), &mut problems);
        words("a.md", &format!("in /{}/x", "tmp"), &mut problems);
        registries(
            "web/package-lock.json",
            "\"resolved\": \"https://x\"",
            &mut problems,
        );
        migrations(
            &["crates/store/migrations/sqlite/1.sql".into()],
            &mut problems,
        );
        assert_eq!(problems.len(), 5, "{problems:?}");
        problems.clear();
        words("a.md", "under web/tmp/x", &mut problems);
        length(
            "fixtures/a.rs",
            &"x\n".repeat(MOST_LINES + 1),
            &mut problems,
        );
        assert!(problems.is_empty(), "{problems:?}");
    }
}
