//! `canopy serve`: wiring, listening, stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::serve::ListenerExt as _;
use model::{SystemClock, SystemRng};
use server::{App, AppConfig, Mailer, MetricsAccess, Parts, PublicUrl};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::{admin, assets, observe, seed};

/// How long a stop waits for what is on its way to disk.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn run(mut config: Config, demo: bool) -> Result<()> {
    observe::log(&config.log)?;
    let metrics = observe::metrics()?;
    if demo {
        config.data_dir = config.data_dir.join("demo");
    }
    let db = admin::open(&config).await?;
    let accounts = match demo {
        true => Some(seed::demo(&db, &config.data_dir).await?),
        false => None,
    };
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("listen: can't listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let app = App::start(Parts {
        config: app_config(&config, address)?,
        collab: collab_config(&config),
        db: db.clone(),
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
        mailer: mailer(&config)?,
        objects: admin::objects(&config)?,
        assets: assets::assets(),
        metrics: {
            let metrics = metrics.clone();
            Arc::new(move || metrics.render())
        },
    })
    .await?;
    greet(&app, address, accounts.as_deref()).await?;
    tokio::spawn(async move {
        // Histograms are kept in buckets only when they are drained.
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            metrics.run_upkeep();
        }
    });

    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let service = app
        .router
        .clone()
        .into_make_service_with_connect_info::<SocketAddr>();
    // Small frames leave at once: without it a delivery waits for the peer's delayed acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "can't set TCP_NODELAY");
        }
    });
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    let mut serving = tokio::spawn(serving.into_future());
    tokio::select! {
        ended = &mut serving => ended??,
        signal = signal() => {
            tracing::info!(signal, "stopping");
            stop.send_replace(true);
            app.shutdown(PATIENCE).await;
            // Connections that are still open have been told; they don't hold up the end.
            let _ = tokio::time::timeout(Duration::from_secs(2), serving).await;
        }
    }
    db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// What a person who starts Canopy has to know. The first line is for programs, too.
async fn greet(app: &App, address: SocketAddr, accounts: Option<&str>) -> Result<()> {
    println!("listening on http://{address}");
    if let Some(accounts) = accounts {
        println!("\nThe demo organization's accounts:\n\n{accounts}");
    } else if let Some(link) = app.setup_link().await? {
        println!("\nMake the first account here, once: {link}\n");
    }
    if !assets::are_built() {
        println!(
            "The web client is not in this build: only the API is served. `cargo xtask run` builds both."
        );
    }
    Ok(())
}

async fn signal() -> &'static str {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = tokio::signal::ctrl_c() => "SIGINT",
            },
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
                "SIGINT"
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
        "interrupt"
    }
}

fn app_config(config: &Config, address: SocketAddr) -> Result<AppConfig> {
    let public_url = match &config.public_url {
        Some(url) => PublicUrl::parse(url).context("public_url")?,
        None => PublicUrl::parse(&format!("http://{address}")).context("listen")?,
    };
    let mut app = AppConfig {
        public_url,
        ..AppConfig::default()
    };
    app.lifetimes.session_idle = i64::from(config.auth.session_days) * 86_400;
    app.lifetimes.session = app.lifetimes.session.max(app.lifetimes.session_idle);
    app.search_folder = Some(config.search_folder());
    app.limits.body_bytes = config.limits.request_bytes;
    app.limits.socket_message_bytes = config.limits.message_bytes;
    app.limits.api_per_second = config.limits.requests_per_second;
    app.limits.trusted_proxies = config.limits.trusted_proxies;
    app.files.max_bytes = config.files.max_bytes;
    app.files.organization_bytes = config.files.organization_bytes;
    if let Some(token) = &config.metrics.token {
        app.metrics = MetricsAccess::Token(token.clone());
    }
    Ok(app)
}

fn collab_config(config: &Config) -> collab::Config {
    let mut collab = collab::Config {
        document_bytes: config.limits.document_bytes,
        messages_per_second: config.limits.messages_per_second,
        ..collab::Config::default()
    };
    collab.update.update_bytes = config.limits.message_bytes;
    collab.update.message_bytes = config.limits.message_bytes;
    collab
}

fn mailer(config: &Config) -> Result<Mailer> {
    match &config.mail.smtp_url {
        Some(url) => Mailer::smtp(url, &config.mail.from).context("mail"),
        None => Ok(Mailer::log()),
    }
}
