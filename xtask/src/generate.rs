//! What is generated from the code and committed.

use anyhow::{Result, bail};

use crate::needs;
use crate::shell::{cargo, command, npm, root, run as execute};

const SCHEMA: &str = "web/src/api/schema.d.ts";
/// A field with a default may be left out.
const DEFAULTS: &str = "--default-non-nullable=false";
const OPENAPI: &str = "crates/server/openapi.json";

/// The OpenAPI document from the server, and the web client's types from that.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let check = arguments.iter().any(|argument| argument == "--check");
    needs::web()?;
    let mut test = cargo(&["test", "--quiet", "--package", "server", "openapi"]);
    if !check {
        test.env("UPDATE_GOLDEN", "1");
    }
    execute(&mut test)?;
    types(check)
}

/// The web client's types alone; needs no compiler.
pub(crate) fn types(check: bool) -> Result<()> {
    let root = root();
    if !root.join(OPENAPI).exists() {
        bail!("{OPENAPI} is missing: `cargo xtask gen` writes it");
    }
    let source = format!("../{OPENAPI}");
    if !check {
        let target = SCHEMA.trim_start_matches("web/");
        return execute(&mut npm(&[
            "exec",
            "--",
            "openapi-typescript",
            DEFAULTS,
            &source,
            "-o",
            target,
        ]));
    }
    let committed = std::fs::read_to_string(root.join(SCHEMA))?;
    let current = crate::shell::output(&mut npm(&[
        "exec",
        "--",
        "openapi-typescript",
        DEFAULTS,
        &source,
    ]))?;
    if committed.trim() != current.trim() {
        bail!("{SCHEMA} is not what {OPENAPI} gives: run `cargo xtask gen`");
    }
    Ok(())
}

pub(crate) fn fuzz(arguments: &[String]) -> Result<()> {
    let folder = root().join("crates/ydoc");
    let mut fuzz = match arguments.split_first() {
        None => command("cargo", &["+nightly", "fuzz", "list"]),
        Some((target, rest)) => {
            let mut fuzz = command("cargo", &["+nightly", "fuzz", "run", target]);
            fuzz.args(rest);
            fuzz
        }
    };
    execute(fuzz.current_dir(folder))
}
