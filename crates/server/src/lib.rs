//! HTTP: the API, the sockets' upgrades, the web client's files.
//!
//! One folder per noun: `http.rs` has the routes and what they take and give, `ops.rs` what is done, without HTTP. The way of a request: route,
//! authenticate ([`auth`]), look the thing up by naming the action ([`access`]), do it in one transaction that also writes the audit row and the event,
//! answer with what the caller may do.

mod access;
pub mod assets;
mod audit;
pub mod auth;
pub mod avatars;
pub mod config;
mod ctx;
pub mod diagrams;
pub mod error;
pub mod events;
pub mod exports;
pub mod extract;
pub mod fields;
pub mod files;
mod idempotency;
pub mod imports;
pub mod invitations;
pub mod items;
mod keys;
mod limits;
pub mod mail;
pub mod me;
pub mod members;
mod middleware;
mod observe;
pub mod openapi;
pub mod organizations;
mod paging;
pub mod projects;
pub mod search;
pub mod setup;
mod sockets;
pub mod tokens;
mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use collab::Collab;
use identity::throttle::{Limit, Limits as ThrottleLimits, Throttle};
use model::{Clock, Rng};
use parking_lot::RwLock;
use store::Db;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use assets::{Asset, Assets};
pub use config::{AppConfig, MetricsAccess, PublicUrl};
pub use error::Error;
pub use mail::{Mail, Mailer};
pub use observe::MetricsText;

use crate::ctx::{Ctx, Inner};

/// How often keys are looked at and what has expired is removed.
const ROUND: Duration = Duration::from_secs(60);
/// Expired events removed in one transaction: SQLite has one writer.
const PRUNE: i64 = 2_000;
/// Changes kept for indexes that are behind. One that is further behind is built anew.
const OUTBOX: i64 = 1_000_000;

/// What an application is made of.
pub struct Parts {
    /// Settings.
    pub config: AppConfig,
    /// Settings of the rooms.
    pub collab: collab::Config,
    /// The database, migrated.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, fit for secrets.
    pub rng: Arc<dyn Rng>,
    /// How mail is sent.
    pub mailer: Mailer,
    /// Where files are kept.
    pub objects: files::Objects,
    /// The web client.
    pub assets: Assets,
    /// Renders `/metrics`.
    pub metrics: MetricsText,
}

/// A running application: rooms, background work, and the router that serves it.
pub struct App {
    /// Serves everything. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that limits and metrics see addresses.
    pub router: Router,
    /// The rooms.
    pub collab: Collab,
    ctx: Ctx,
    stop: watch::Sender<bool>,
    indexing: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl App {
    /// Starts rooms and background work. Call it in a Tokio runtime.
    ///
    /// # Errors
    /// When the database fails or a setting can't be used.
    pub async fn start(parts: Parts) -> Result<Self, Error> {
        let Parts {
            config,
            db,
            clock,
            rng,
            ..
        } = parts;
        let gate = Arc::new(sockets::gate::ServerGate::default());
        let feeds = events::feed::Feeds::new(db.clone());
        let collab = Collab::start(
            db.clone(),
            parts.collab,
            clock.clone(),
            rng.clone(),
            gate.clone(),
            Arc::new(feeds.clone()),
        );
        let keys = keys::load(&db, &*clock, &*rng, config.lifetimes.signing_key).await?;
        let cost = config.password_cost;
        let passwords =
            auth::passwords::Passwords::new(cost, config.password_parallel, rng.clone())?;
        let searching = search::indexer::Shared::new();
        let indexer = search::indexer::Indexer::new(
            db.clone(),
            config.search_folder.clone(),
            searching.clone(),
        );
        let ctx = Ctx::new(Inner {
            passwords,
            keys: RwLock::new(keys),
            live: auth::live::Live::new(config.lifetimes.live_cache),
            login: Throttle::new(config.login, &*rng),
            mails_asked: Throttle::new(MAILS_ASKED, &*rng),
            rates: limits::RateLimits::new(&config.limits, clock.clone()),
            mail: parts.mailer.start(),
            uploads: limits::Turns::new(UPLOADS),
            exports: limits::Turns::new(EXPORTS),
            diagrams: Arc::new(tokio::sync::Semaphore::new(diagrams::ops::AT_ONCE)),
            objects: parts.objects,
            assets: parts.assets,
            metrics: parts.metrics,
            security_headers: middleware::security_headers(&config.public_url),
            collab: collab.clone(),
            imports: imports::run::Work::default(),
            feeds,
            search: searching.clone(),
            config,
            db,
            clock,
            rng,
        });
        gate.open(&ctx);
        let (stop, stopped) = watch::channel(false);
        let indexing = tokio::spawn(indexer.run(stopped.clone()));
        tokio::spawn(rounds(ctx.clone(), stopped));
        imports::run::resume(&ctx).await?;
        Ok(Self {
            router: build_router(ctx.clone()),
            collab,
            ctx,
            stop,
            indexing: tokio::sync::Mutex::new(Some(indexing)),
        })
    }

    /// The address where the first account is made, with a fresh one-time token. `None` when there is an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setup_link(&self) -> Result<Option<String>, Error> {
        let ctx = &self.ctx;
        let seconds = ctx.config.lifetimes.setup;
        let token = setup::ops::new_token(&ctx.db, &*ctx.clock, &*ctx.rng, seconds).await?;
        Ok(token.map(|token| {
            let path = format!("/setup?token={}", token.as_str());
            ctx.config.public_url.link(&path)
        }))
    }

    /// Ends streams, drains the rooms and closes their sockets, and stops background work. Stop accepting connections first. Waits at most
    /// `patience`.
    pub async fn shutdown(&self, patience: Duration) {
        self.stop.send_replace(true);
        self.ctx.imports.stop();
        self.ctx.feeds.stop();
        self.collab.shutdown(patience).await;
        // It commits what it has, and frees the index for the next process.
        if let Some(indexing) = self.indexing.lock().await.take() {
            let _ = tokio::time::timeout(patience, indexing).await;
        }
    }
}

/// Three mails to an address at once, then one in five minutes; 30 from one network, then one in ten seconds.
const MAILS_ASKED: ThrottleLimits = ThrottleLimits {
    account: Limit {
        burst: 3,
        every_seconds: 300,
    },
    address: Limit {
        burst: 30,
        every_seconds: 10,
    },
    buckets: 50_000,
};

/// Files that somebody may be sending at once: each takes room on the disk while it comes in.
const UPLOADS: usize = 8;

/// Exports that somebody may be reading at once: each holds a project's tree, for as long as the reader takes.
const EXPORTS: usize = 4;

/// All routes.
fn build_router(ctx: Ctx) -> Router {
    let (api, description) = openapi::routes().split_for_parts();
    let description = description.to_json().unwrap_or_default();
    let api = api
        .route(
            "/openapi.json",
            get(async move || {
                let json = [(header::CONTENT_TYPE, "application/json")];
                (json, description.clone()).into_response()
            }),
        )
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(axum::middleware::from_fn(middleware::never_cached));
    Router::new()
        .nest(openapi::BASE, api)
        .merge(observe::routes())
        .merge(sockets::http::routes())
        .fallback(client)
        .layer(DefaultBodyLimit::max(ctx.config.limits.body_bytes))
        .layer(axum::middleware::from_fn_with_state(
            ctx.clone(),
            middleware::surround,
        ))
        .with_state(ctx)
}

/// Whatever no route has: the web client.
async fn client(State(ctx): State<Ctx>, request: Request) -> Response {
    let path = request.uri().path();
    ctx.assets.serve(request.method(), path, request.headers())
}

/// Background work: signing keys, and removing what has expired.
async fn rounds(ctx: Ctx, mut stopped: watch::Receiver<bool>) {
    let mut round = tokio::time::interval(ROUND);
    round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = round.tick() => {}
            _ = stopped.changed() => return,
        }
        if let Err(error) = keep_house(&ctx).await {
            tracing::error!(%error, "background work failed; it is tried again");
        }
    }
}

async fn keep_house(ctx: &Ctx) -> Result<(), Error> {
    let now = ctx.clock.now();
    let lifetimes = &ctx.config.lifetimes;
    let keys = keys::load(&ctx.db, &*ctx.clock, &*ctx.rng, lifetimes.signing_key).await?;
    *ctx.keys.write() = keys;
    let ended = ctx.db.end_expired_personal_tokens(now).await?;
    let ended: Vec<_> = ended.into_iter().map(auth::live::session_of).collect();
    auth::ops::closed(ctx, &ended);
    ctx.objects.sweep(now).await?;
    ctx.db.prune_email_tokens(now).await?;
    // Ended sessions stay for a while: a stolen token that comes back is still recognised.
    ctx.db
        .prune_sessions(now.plus_seconds(-lifetimes.session_idle))
        .await?;
    ctx.db
        .prune_answers(now.plus_seconds(-lifetimes.idempotency))
        .await?;
    let old = now.plus_seconds(-lifetimes.search_outbox);
    while ctx.db.prune_search_outbox(old, OUTBOX, PRUNE).await? >= PRUNE.unsigned_abs() {
        tokio::task::yield_now().await;
    }
    imports::ops::keep_house(ctx).await?;
    let old = now.plus_seconds(-lifetimes.events);
    while ctx.db.prune_events(old, PRUNE).await? >= PRUNE.unsigned_abs() {
        tokio::task::yield_now().await;
    }
    Ok(())
}
