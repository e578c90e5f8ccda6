//! Building and starting: `run` and `bench`.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::needs;
use crate::postgres::Postgres;
use crate::shell::{cargo, command, npm, root, run as execute, target};

pub(crate) fn web() -> Result<()> {
    needs::web()?;
    execute(&mut npm(&["run", "--silent", "build"]))
}

/// Builds the server; gives the binary.
///
/// A first start is mostly compiling. The dev profile takes half as long as the release profile, shares its work with
/// `cargo xtask test`, and optimises the crates where it matters (see the workspace's Cargo.toml).
pub(crate) fn server(release: bool) -> Result<PathBuf> {
    let mut arguments = vec!["build", "--package", "canopy"];
    if release {
        arguments.push("--release");
    }
    execute(&mut cargo(&arguments))?;
    Ok(target()?
        .join(if release { "release" } else { "debug" })
        .join("canopy"))
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (own, rest) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    let mut release = false;
    for argument in own {
        match argument.as_str() {
            "--release" => release = true,
            other => bail!(
                "`cargo xtask run` doesn't know {other}; what is meant for the server comes after `--`"
            ),
        }
    }
    web()?;
    let bin = server(release)?;
    let mut serve = command(&bin.to_string_lossy(), &["serve"]);
    if !rest
        .iter()
        .any(|argument| argument.starts_with("--data-dir"))
    {
        serve.arg("--data-dir").arg(root().join("data"));
    }
    serve.args(rest);
    // From here on this process is the server: signals and the exit status are its own.
    Err(serve.exec()).with_context(|| format!("{} did not start", bin.display()))
}

pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let name = match arguments.first().map(String::as_str) {
        None => "all",
        Some(name) if name.starts_with("--") && name != "--help" => "all",
        Some(name) => name,
    };
    let rest = arguments
        .strip_prefix(&[name.to_owned()])
        .unwrap_or(arguments);
    // Somebody else's server, the bare broadcast or the help needs no Canopy.
    let own = !rest.iter().any(|argument| {
        argument.starts_with("--url") || argument == "--bare-only" || argument == "--help"
    }) && name != "bare"
        && name != "--help";
    if own {
        // The binary holds the web client.
        web()?;
        execute(&mut cargo(&[
            "build",
            "--release",
            "--package",
            "canopy",
            "--package",
            "bench",
        ]))?;
    } else {
        execute(&mut cargo(&["build", "--release", "--package", "bench"]))?;
    }
    let postgres = if own
        && matches!(name, "durability" | "all")
        && std::env::var_os("CANOPY_TEST_POSTGRES").is_none()
    {
        if needs::postgres().is_none() {
            eprintln!("PostgreSQL is not installed: durability runs on SQLite only");
            None
        } else {
            Some(Postgres::start()?)
        }
    } else {
        None
    };
    let mut bench = with_files(&target()?.join("release/bench"));
    bench.arg(name).args(rest);
    if let Some(postgres) = &postgres {
        bench.env("CANOPY_TEST_POSTGRES", &postgres.url);
    }
    execute(&mut bench)
}

/// The benchmark, with as many open files as this user may have.
pub(crate) fn with_files(bin: &std::path::Path) -> Command {
    let mut bench = command(
        "sh",
        &["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$@\"", "sh"],
    );
    bench.arg(bin);
    bench
}
