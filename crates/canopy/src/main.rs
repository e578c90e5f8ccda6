//! `canopy`: the whole product in one binary.

mod admin;
mod assets;
mod bulk;
mod cli;
mod config;
mod demo;
mod observe;
mod seed;
mod serve;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = cli::Cli::parse();
    // For all who speak TLS: mail and the object store. It is the first one, so it is taken.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // yrs recurses over nested content.
        .thread_stack_size(8 << 20)
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(cli.run()),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("canopy: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
