//! Password hashing off the request threads, so many at a time as there is memory for.

use std::sync::Arc;

use identity::password::{Cost, Hasher};
use model::Rng;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Hashes and verifies. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    hasher: Arc<Hasher>,
    rng: Arc<dyn Rng>,
    slots: Arc<Semaphore>,
}

impl Passwords {
    /// At most `parallel` hashes at once.
    pub(crate) fn new(cost: Cost, parallel: usize, rng: Arc<dyn Rng>) -> Result<Self> {
        Ok(Self {
            hasher: Arc::new(Hasher::new(cost, &*rng)?),
            rng,
            slots: Arc::new(Semaphore::new(parallel.max(1))),
        })
    }

    /// The hash to store.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let (password, rng) = (password.to_owned(), self.rng.clone());
        self.run(move |hasher| hasher.hash(&password, &*rng)).await
    }

    /// Whether the password is the one of the stored hash; with `None`, no, after the same work.
    pub(crate) async fn verify(&self, password: &str, stored: Option<String>) -> Result<bool> {
        let password = password.to_owned();
        self.run(move |hasher| hasher.verify(&password, stored.as_deref()))
            .await
    }

    pub(crate) fn needs_rehash(&self, stored: &str) -> bool {
        self.hasher.needs_rehash(stored)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hasher) -> Result<T, identity::password::Error> + Send + 'static,
    ) -> Result<T> {
        let slot = self.slots.clone().acquire_owned().await;
        let slot = slot.map_err(|_| Error::Unavailable)?;
        let hasher = self.hasher.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            work(&hasher)
        });
        Ok(done.await??)
    }
}

/// Whether somebody may choose this password.
pub(crate) fn check(field: &str, password: &str, email: &str, name: &str) -> Result<()> {
    identity::password::check(password, email, name)
        .map_err(|weak| Error::field(field, weak.to_string()))
}
