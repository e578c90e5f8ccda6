//! `bench`: the load generator and the benchmarks of Canopy. `cargo xtask bench` builds and runs it; README.md says how
//! to run it against other servers.

mod bare;
mod canvas;
mod http;
mod load;
mod measure;
mod mutate;
mod report;
mod scenarios;
mod server;
mod session;
mod trace;
mod update;
mod wire;
mod ws;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};

use server::Contender;
use wire::Protocol;

#[derive(Parser)]
#[command(
    about = "Load generator and benchmarks for servers that speak the y-websocket or the Hocuspocus protocol"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Every benchmark, one after the other
    All(Options),
    /// One document, 200 clients, 100 edits/s: CPU per delivery and latency
    Fanout(Options),
    /// 50 clients, 10 writers, closed loop: deliveries/s
    Flood(Options),
    /// Two clients, closed loop: updates/s
    Pair(Options),
    /// 50 clients that echo presence as stock clients do: CPU per delivery
    Presence(Options),
    /// 1,000 documents with 3 clients each: memory, latency, connections/s
    Many(Options),
    /// A document of 260,000 operations: time to open it
    Open(Options),
    /// kill -9 at random moments: nothing that anybody saw may be missing
    Durability(Options),
    /// Mutated frames against a running server, beside honest clients
    Hostile(Options),
    /// 200,000 items: time of a query, rate of indexing, how soon a change is found
    Search(Options),
    /// 50 people on a diagram of 2,000 shapes: latency, time of a picture, how soon text and cards are found
    Diagram(Options),
    /// 10,000 idle sockets: memory
    Idle(Options),
    /// The bare broadcast itself, until it is ended
    Bare {
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: String,
        /// Write what is queued together with one flush
        #[arg(long)]
        coalesce: bool,
    },
}

#[derive(Args, Clone)]
pub(crate) struct Options {
    /// At most a minute; for tests, not for figures
    #[arg(long)]
    pub(crate) quick: bool,
    /// Speak only this protocol (default: both)
    #[arg(long)]
    protocol: Option<Protocol>,
    /// Measure a server that runs already: ws://host:port/path
    #[arg(long)]
    url: Option<String>,
    /// Its process, when it can't be found by its port
    #[arg(long)]
    pid: Option<u32>,
    /// Its token, when it asks for one
    #[arg(long)]
    token: Option<String>,
    /// The canopy binary (default: beside this one)
    #[arg(long, env = "CANOPY_BIN")]
    canopy: Option<PathBuf>,
    /// Run Canopy on a new database of this PostgreSQL server too: an administrator's postgres:// URL
    #[arg(long, env = "CANOPY_TEST_POSTGRES", hide_env_values = true)]
    pub(crate) postgres: Option<String>,
    /// Leave Canopy out: only the bare broadcast
    #[arg(long)]
    bare_only: bool,
    /// Edits that a writer may have under way in the closed loops (default: flood 256, pair 2,048)
    #[arg(long)]
    pub(crate) window: Option<u64>,
    /// durability: kills per database
    #[arg(long)]
    pub(crate) kills: Option<u32>,
    /// hostile: mutated frames
    #[arg(long)]
    pub(crate) frames: Option<u64>,
    /// Seed of the random choices of diagram, durability and hostile
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}

impl Options {
    fn protocols(&self) -> Vec<Protocol> {
        self.protocol.map_or_else(
            || vec![Protocol::YWebsocket, Protocol::Hocuspocus],
            |protocol| vec![protocol],
        )
    }

    pub(crate) fn bin(&self) -> Result<PathBuf> {
        match &self.canopy {
            Some(bin) => Ok(bin.clone()),
            None => Ok(std::env::current_exe()?.with_file_name("canopy")),
        }
    }

    /// Who is measured besides the bare broadcast.
    pub(crate) fn contenders(&self) -> Result<Vec<Contender>> {
        if self.bare_only {
            return Ok(Vec::new());
        }
        let mut contenders = Vec::new();
        for protocol in self.protocols() {
            contenders.push(match &self.url {
                Some(url) => {
                    let rest = url
                        .strip_prefix("ws://")
                        .context("--url must start with ws://")?;
                    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                    Contender::Url {
                        protocol,
                        authority: authority.to_owned(),
                        path: format!("/{path}"),
                        pid: self.pid,
                        token: self.token.clone(),
                    }
                }
                None => Contender::Canopy {
                    protocol,
                    bin: self.bin()?,
                    database: None,
                },
            });
        }
        if self.url.is_some() && contenders.len() > 1 {
            bail!("--url needs --protocol");
        }
        Ok(contenders)
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(cli.command)));
    if let Err(error) = outcome {
        eprintln!("FAILED: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run(command: Command) -> Result<()> {
    use scenarios::{diagram, durability, fanout, flood, hostile, many, open, presence, search};
    match command {
        Command::Bare { listen, coalesce } => bare::serve(&listen, coalesce).await,
        Command::Fanout(options) => fanout::run(&options).await,
        Command::Flood(options) => flood::run(&options, false).await,
        Command::Pair(options) => flood::run(&options, true).await,
        Command::Presence(options) => presence::run(&options).await,
        Command::Many(options) => many::run(&options).await,
        Command::Search(options) => search::run(&options).await,
        Command::Diagram(options) => diagram::run(&options).await,
        Command::Idle(options) => many::idle(&options).await,
        Command::Open(options) => open::run(&options).await,
        Command::Durability(options) => durability::run(&options).await,
        Command::Hostile(options) => hostile::run(&options).await,
        Command::All(options) => {
            fanout::run(&options).await?;
            flood::run(&options, false).await?;
            flood::run(&options, true).await?;
            presence::run(&options).await?;
            many::run(&options).await?;
            open::run(&options).await?;
            many::idle(&options).await?;
            search::run(&options).await?;
            diagram::run(&options).await?;
            durability::run(&options).await?;
            hostile::run(&options).await
        }
    }
}
