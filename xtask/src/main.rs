//! `cargo xtask …`: everything that a person does with this repository, in one place. No dependency that is slow to build.

mod build;
mod generate;
mod needs;
mod postgres;
mod shell;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <command>

  run [--release] [-- arguments]   builds the web client and the server, and serves on ./data
  test [--only stage,…] [--skip stage,…]
                                   everything that must hold before a change is merged
  tidy                             the rules of the house, alone
  bench [name|all] [options]       benchmarks; `cargo xtask bench --help` for the names
  gen [--check]                    writes the OpenAPI document and the web client's types from the code
  fuzz [target] [arguments]        fuzzes ydoc (needs nightly and cargo-fuzz)
";

fn main() -> ExitCode {
    if let Err(error) = run() {
        eprintln!("{error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match command.as_str() {
        "run" => build::run(&rest),
        "test" => test::run(&rest),
        "tidy" => tidy::run(),
        "bench" => build::bench(&rest),
        "gen" => generate::run(&rest),
        "fuzz" => generate::fuzz(&rest),
        "" | "help" | "-h" | "--help" => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("there is no command {command:?}\n\n{HELP}"),
    }
}
