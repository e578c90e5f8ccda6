//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Flags};
use crate::{admin, bulk, serve};

/// Specs and diagrams that a team writes together, with the version control that code has.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve Canopy. Prints `listening on http://…` when it is ready.
    Serve {
        #[command(flatten)]
        common: Common,
        /// Address to listen on; port 0 takes a free one.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// Start with a demo organization in a data folder of its own, and print its accounts.
        #[arg(long)]
        demo: bool,
    },
    /// Make the owner account and the organization without a browser. The password is read from standard input.
    Setup {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        person: Person,
        /// Name of the organization.
        #[arg(long)]
        organization: String,
    },
    /// Manage accounts.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Make many items with made-up text in the first organization, to measure with. See bench/README.md.
    #[command(hide = true)]
    Seed {
        #[command(flatten)]
        common: Common,
        /// How many.
        #[arg(long)]
        items: usize,
    },
    /// Look after the search index of this node.
    Search {
        #[command(subcommand)]
        command: SearchCommand,
    },
    /// Bring the database to this release's schema. `serve` does it too.
    Migrate {
        #[command(flatten)]
        common: Common,
        /// Only list what would be done.
        #[arg(long)]
        check: bool,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make an account. The password is read from standard input.
    Create {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        person: Person,
        /// Short name of the organization to join. Not needed when there is only one.
        #[arg(long)]
        organization: Option<String>,
        /// Role in the organization: viewer, editor, manager, admin or owner.
        #[arg(long, default_value = "editor")]
        role: model::Role,
    },
}

#[derive(Debug, Subcommand)]
enum SearchCommand {
    /// Build the search index anew. A server that runs on this data folder does it in the background; else it is done here
    /// and now. With several nodes, run it on each.
    Rebuild {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the configuration in force, without secrets, as TOML.
    Show {
        #[command(flatten)]
        common: Common,
    },
    /// Check the configuration, and that the database answers.
    Check {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Args)]
struct Common {
    /// Configuration file, TOML.
    #[arg(long, env = "CANOPY_CONFIG")]
    config: Option<PathBuf>,
    /// Folder for the database, when it is SQLite, and all else that is kept.
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

/// Who an account is for.
#[derive(Debug, Clone, Args)]
pub(crate) struct Person {
    /// E-mail address to sign in with.
    #[arg(long)]
    pub(crate) email: String,
    /// Name that others see.
    #[arg(long)]
    pub(crate) name: String,
}

impl Common {
    fn load(self, listen: Option<SocketAddr>) -> Result<Config> {
        let flags = Flags {
            config: self.config,
            data_dir: self.data_dir,
            listen,
        };
        Config::load(&flags, std::env::vars())
    }
}

impl Cli {
    pub(crate) async fn run(self) -> Result<()> {
        match self.command {
            Command::Serve {
                common,
                listen,
                demo,
            } => serve::run(common.load(listen)?, demo).await,
            Command::Setup {
                common,
                person,
                organization,
            } => admin::setup(&common.load(None)?, person, organization).await,
            Command::User {
                command:
                    UserCommand::Create {
                        common,
                        person,
                        organization,
                        role,
                    },
            } => {
                admin::create_user(&common.load(None)?, person, organization.as_deref(), role).await
            }
            Command::Config {
                command: ConfigCommand::Show { common },
            } => {
                print!("{}", common.load(None)?.show()?);
                Ok(())
            }
            Command::Config {
                command: ConfigCommand::Check { common },
            } => admin::check(&common.load(None)?).await,
            Command::Seed { common, items } => bulk::run(&common.load(None)?, items).await,
            Command::Search {
                command: SearchCommand::Rebuild { common },
            } => admin::rebuild_search(&common.load(None)?).await,
            Command::Migrate { common, check } => admin::migrate(&common.load(None)?, check).await,
        }
    }
}
