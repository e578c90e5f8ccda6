//! `cargo xtask test`: everything that must hold before a change is merged, in the order in which it fails soonest.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::postgres::Postgres;
use crate::shell::{cargo, npm, run as execute, target};
use crate::{build, generate, needs, tidy};

const STAGES: [&str; 8] = [
    "install", "fmt", "tidy", "web", "clippy", "rust", "browser", "bench",
];

#[derive(Default)]
struct Run {
    postgres: Option<Postgres>,
    passed: u64,
    failed: u64,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let stages = chosen(arguments)?;
    let mut run = Run::default();
    let mut timings: Vec<(&str, Duration)> = Vec::new();
    let mut outcome = Ok(());
    for stage in stages {
        eprintln!("\n== {stage}");
        let start = Instant::now();
        outcome = run.stage(stage).with_context(|| format!("stage {stage}"));
        timings.push((stage, start.elapsed()));
        if outcome.is_err() {
            break;
        }
    }
    drop(run.postgres.take());
    println!();
    for (stage, time) in &timings {
        println!("{stage:>8}  {:>6.1} s", time.as_secs_f64());
    }
    let total: Duration = timings.iter().map(|(_, time)| *time).sum();
    println!("{:>8}  {:>6.1} s", "all", total.as_secs_f64());
    if let Err(error) = &outcome {
        println!("\nFAILED: {error:#}");
    }
    println!("{} passed, {} failed", run.passed, run.failed);
    // What failed is said already.
    if outcome.is_err() {
        std::process::exit(1);
    }
    Ok(())
}

fn chosen(arguments: &[String]) -> Result<Vec<&'static str>> {
    let mut chosen: Vec<&str> = STAGES.to_vec();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => (
                argument.as_str(),
                arguments.next().cloned().unwrap_or_default(),
            ),
        };
        let named: Vec<&str> = value.split(',').filter(|stage| !stage.is_empty()).collect();
        if let Some(unknown) = named.iter().find(|stage| !STAGES.contains(stage)) {
            bail!(
                "there is no stage {unknown}; there are {}",
                STAGES.join(", ")
            );
        }
        match name {
            "--only" => chosen.retain(|stage| named.contains(stage)),
            "--skip" => chosen.retain(|stage| !named.contains(stage)),
            _ => bail!(
                "`cargo xtask test` takes --only stage,… and --skip stage,…; stages: {}",
                STAGES.join(", ")
            ),
        }
    }
    if chosen.is_empty() {
        bail!("no stage is left; there are {}", STAGES.join(", "));
    }
    Ok(chosen)
}

impl Run {
    fn stage(&mut self, stage: &str) -> Result<()> {
        match stage {
            "install" => needs::for_tests(),
            "fmt" => execute(&mut cargo(&["fmt", "--all", "--check"])),
            "tidy" => tidy::run(),
            "web" => {
                for script in ["lint", "typecheck", "test", "build"] {
                    execute(&mut npm(&["run", "--silent", script]))?;
                }
                generate::types(true)
            }
            "clippy" => execute(&mut cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ])),
            "rust" => self.rust(),
            "browser" => self.browser(),
            _ => self.bench(),
        }
    }

    /// One server for all tests of the run; tests make their own databases in it.
    fn postgres(&mut self) -> Result<String> {
        if let Some(given) = std::env::var("CANOPY_TEST_POSTGRES")
            .ok()
            .filter(|given| !given.is_empty())
        {
            return Ok(given);
        }
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::start()?);
        }
        Ok(self
            .postgres
            .as_ref()
            .map(|postgres| postgres.url.clone())
            .unwrap_or_default())
    }

    fn rust(&mut self) -> Result<()> {
        let mut test = cargo(&["test", "--workspace", "--no-fail-fast"]);
        test.env("CANOPY_TEST_POSTGRES", self.postgres()?)
            .stdout(Stdio::piped());
        eprintln!("+ cargo test --workspace --no-fail-fast");
        let mut child = test.spawn()?;
        let mut failures = Vec::new();
        for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
            let line = line?;
            if let Some((passed, failed)) = counts(&line) {
                self.passed += passed;
                self.failed += failed;
            } else if let Some(name) = line
                .strip_prefix("test ")
                .and_then(|rest| rest.strip_suffix(" ... FAILED"))
            {
                failures.push(name.to_owned());
            }
            println!("{line}");
        }
        let status = child.wait()?;
        if !failures.is_empty() {
            bail!("{} tests failed: {}", failures.len(), failures.join(", "));
        }
        if !status.success() {
            bail!("`cargo test` failed: {status}");
        }
        Ok(())
    }

    fn browser(&mut self) -> Result<()> {
        let bin = build::server(false)?;
        // Browsers, and Yjs clients without one.
        for script in ["test:browser", "test:sync"] {
            let mut test = npm(&["run", "--silent", script]);
            test.env("CANOPY_BIN", &bin);
            if let Some(chromium) = needs::chromium() {
                test.env("CHROMIUM", chromium);
            }
            execute(&mut test)?;
        }
        Ok(())
    }

    /// The heavy bars, as tests of at most a minute each.
    fn bench(&mut self) -> Result<()> {
        execute(&mut cargo(&[
            "build",
            "--package",
            "canopy",
            "--package",
            "bench",
        ]))?;
        let postgres = self.postgres()?;
        let bin = target()?.join("debug/bench");
        for name in ["durability", "hostile", "diagram"] {
            let mut bench = build::with_files(&bin);
            execute(
                bench
                    .args([name, "--quick"])
                    .env("CANOPY_TEST_POSTGRES", &postgres),
            )?;
        }
        Ok(())
    }
}

/// What a line `test result: ok. 3 passed; 0 failed; …` says.
fn counts(line: &str) -> Option<(u64, u64)> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let number = |word: &str| {
        let before = rest.split(word).next()?;
        before.trim().rsplit(' ').next()?.parse().ok()
    };
    Some((number(" passed")?, number(" failed")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(counts(line), Some((12, 3)));
        assert_eq!(counts("test a ... ok"), None);
    }

    #[test]
    fn stages_are_chosen() {
        let arguments = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            chosen(&arguments("--only rust,fmt")).unwrap(),
            ["fmt", "rust"]
        );
        assert_eq!(
            chosen(&arguments("--skip=browser,bench,rust,clippy")).unwrap(),
            ["install", "fmt", "tidy", "web"]
        );
        assert!(chosen(&arguments("--only rusty")).is_err());
        assert!(crate::shell::root().join("Cargo.toml").exists());
    }
}
