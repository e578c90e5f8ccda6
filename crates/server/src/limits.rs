//! How often somebody may ask.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use model::{Clock, SessionId, UserId};
use parking_lot::Mutex;

use crate::config::Limits;
use crate::error::{Error, Result};

/// Our clock, as the limiter reads it.
#[derive(Clone)]
struct Time(Arc<dyn Clock>);

impl GovernorClock for Time {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.now().micros()).unwrap_or(0))
    }
}

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, Time, NoOpMiddleware<Duration>>;

/// The most keys that a limiter holds before it forgets those that have recovered.
const KEYS: usize = 50_000;

struct Limiter<K: Hash + Eq + Clone> {
    limiter: Keyed<K>,
    time: Time,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(quota: Quota, time: Time) -> Self {
        let store = DashMapStateStore::default();
        Self {
            limiter: RateLimiter::new(quota, store, time.clone()),
            time,
        }
    }

    fn check(&self, key: &K) -> Result<()> {
        if self.limiter.len() > KEYS {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|early| {
            metrics::counter!("canopy_rate_limited_total").increment(1);
            let wait = early.wait_time_from(self.time.now());
            Error::TooManyRequests {
                seconds: u32::try_from(wait.as_millis().div_ceil(1_000).max(1)).unwrap_or(u32::MAX),
            }
        })
    }
}

/// Pictures that somebody may choose in a minute: each is written to the object store and shown to everybody anew.
const PICTURES_PER_MINUTE: u32 = 10;

/// Tokens that somebody may make in an hour: each is a mail, and revoking one makes room for the next.
const TOKENS_PER_HOUR: u32 = 60;

/// The limiters of the API.
pub(crate) struct RateLimits {
    auth: Limiter<IpAddr>,
    api: Limiter<SessionId>,
    pictures: Limiter<UserId>,
    tokens: Limiter<UserId>,
}

impl RateLimits {
    pub(crate) fn new(limits: &Limits, clock: Arc<dyn Clock>) -> Self {
        let some = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let time = Time(clock);
        let auth = Quota::per_minute(some(limits.auth_per_minute));
        let api = Quota::per_second(some(limits.api_per_second))
            .allow_burst(some(limits.api_per_second.saturating_mul(10)));
        Self {
            auth: Limiter::new(auth, time.clone()),
            api: Limiter::new(api, time.clone()),
            pictures: Limiter::new(Quota::per_minute(some(PICTURES_PER_MINUTE)), time.clone()),
            tokens: Limiter::new(Quota::per_hour(some(TOKENS_PER_HOUR)), time),
        }
    }

    /// Counts a request to a route where secrets are tried.
    pub(crate) fn auth(&self, address: IpAddr) -> Result<()> {
        self.auth.check(&address)
    }

    /// Counts a change of somebody's picture.
    pub(crate) fn picture(&self, user: UserId) -> Result<()> {
        self.pictures.check(&user)
    }

    /// Counts a personal access token that somebody makes.
    pub(crate) fn token(&self, user: UserId) -> Result<()> {
        self.tokens.check(&user)
    }

    /// Counts a request of a session.
    pub(crate) fn api(&self, session: SessionId) -> Result<()> {
        self.api.check(&session)
    }
}

/// So many at once of each key.
pub(crate) struct Turns<K: Hash + Eq + Copy> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    most: usize,
}

/// One of them; over when it is dropped.
pub(crate) struct Turn<K: Hash + Eq + Copy> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    key: K,
}

impl<K: Hash + Eq + Copy> Turns<K> {
    /// At most `most` at once.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            taken: Arc::default(),
            most,
        }
    }

    /// The next one.
    ///
    /// # Errors
    /// When all are taken.
    pub(crate) fn take(&self, key: K) -> Result<Turn<K>> {
        let mut taken = self.taken.lock();
        let count = taken.entry(key).or_insert(0);
        if *count >= self.most {
            return Err(Error::TooManyRequests { seconds: 5 });
        }
        *count += 1;
        drop(taken);
        Ok(Turn {
            taken: self.taken.clone(),
            key,
        })
    }
}

impl<K: Hash + Eq + Copy> Drop for Turn<K> {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

/// The caller's address: the connection's, or what the outermost proxy of ours wrote.
pub(crate) fn client_address(
    headers: &HeaderMap,
    extensions: &Extensions,
    trusted_proxies: usize,
) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    if trusted_proxies == 0 {
        return peer.to_canonical();
    }
    headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .nth(trusted_proxies - 1)
        .and_then(|address| address.parse::<IpAddr>().ok())
        .unwrap_or(peer)
        .to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use model::{ManualClock, Timestamp};

    #[test]
    fn an_address_may_ask_so_often_and_again_later() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(
            1_700_000_000_000_000,
        )));
        let limits = Limits {
            auth_per_minute: 2,
            ..Limits::default()
        };
        let rates = RateLimits::new(&limits, clock.clone());
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        assert!(rates.auth(a).is_ok() && rates.auth(a).is_ok());
        assert!(matches!(
            rates.auth(a),
            Err(Error::TooManyRequests { seconds: 30 })
        ));
        assert!(rates.auth(b).is_ok());
        clock.advance_millis(31_000);
        assert!(rates.auth(a).is_ok());
    }

    #[test]
    fn turns_are_given_back() {
        let turns = Turns::new(2);
        let first = turns.take(1).unwrap();
        let _second = turns.take(1).unwrap();
        assert!(turns.take(1).is_err() && turns.take(2).is_ok());
        drop(first);
        assert!(turns.take(1).is_ok());
        assert_eq!(turns.taken.lock().get(&2), None);
    }

    #[test]
    fn forwarded_addresses_are_believed_from_our_proxies_only() {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 9], 1234))));
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            HeaderValue::from_static("6.6.6.6, 1.2.3.4"),
        );
        let of = |proxies| client_address(&headers, &extensions, proxies).to_string();
        assert_eq!(of(0), "10.0.0.9");
        assert_eq!(of(1), "1.2.3.4");
        assert_eq!(of(2), "6.6.6.6");
        assert_eq!(of(3), "10.0.0.9");
    }
}
