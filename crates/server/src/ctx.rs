//! What every handler has at hand.

use std::ops::Deref;
use std::sync::{Arc, Weak};

use axum::http::{HeaderName, HeaderValue};
use collab::Collab;
use identity::access::KeyRing;
use identity::throttle::Throttle;
use model::{Clock, Rng};
use parking_lot::RwLock;
use store::Db;
use tokio::sync::Semaphore;

use crate::access::Access;
use crate::assets::Assets;
use crate::auth::live::Live;
use crate::auth::passwords::Passwords;
use crate::config::AppConfig;
use crate::events::feed::Feeds;
use crate::files::Objects;
use crate::limits::{RateLimits, Turns};
use crate::mail::MailQueue;
use crate::observe::MetricsText;
use crate::search::indexer::Shared;

/// The application's parts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ctx(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: AppConfig,
    pub(crate) db: Db,
    pub(crate) collab: Collab,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) passwords: Passwords,
    pub(crate) keys: RwLock<Arc<KeyRing>>,
    pub(crate) live: Live,
    pub(crate) feeds: Feeds,
    pub(crate) imports: crate::imports::run::Work,
    pub(crate) search: Arc<Shared>,
    pub(crate) login: Throttle,
    /// The throttle on asking for mails.
    pub(crate) mails_asked: Throttle,
    pub(crate) rates: RateLimits,
    pub(crate) mail: MailQueue,
    /// The files that people are sending.
    pub(crate) uploads: Turns<model::UserId>,
    /// The exports that people are reading.
    pub(crate) exports: Turns<model::UserId>,
    /// Turns of those who read and draw diagrams.
    pub(crate) diagrams: Arc<Semaphore>,
    pub(crate) objects: Objects,
    pub(crate) assets: Assets,
    pub(crate) metrics: MetricsText,
    pub(crate) security_headers: Vec<(HeaderName, HeaderValue)>,
}

impl Ctx {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Looks things up for an actor.
    pub(crate) fn access(&self) -> Access<'_> {
        Access::new(self)
    }

    pub(crate) fn weak(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    pub(crate) fn upgrade(weak: &Weak<Inner>) -> Option<Self> {
        weak.upgrade().map(Self)
    }
}

impl Deref for Ctx {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
