//! The throttle on guessing passwords: one bucket per (account, address) and one per address.
//!
//! It never asks whether the account exists, so it says nothing about that. An attempt is counted before the password is looked at, so that
//! parallel guesses don't slip through; success gives the account's bucket back. There is no bucket per account alone: it would let a stranger
//! lock somebody out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use model::{Rng, Timestamp};
use sha2::{Digest, Sha256};

/// How many attempts are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Attempts at once.
    pub burst: u32,
    /// Seconds until one more is allowed.
    pub every_seconds: u32,
}

/// The limits of a throttle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Per account and address.
    pub account: Limit,
    /// Per address, whatever the account.
    pub address: Limit,
    /// The most buckets that are kept; over it, those nearest to full allowance are forgotten first.
    pub buckets: usize,
}

impl Default for Limits {
    /// Eight guesses at an account, then one in 30 s; 60 from an address (an office behind one), then one in 2 s.
    fn default() -> Self {
        Self {
            account: Limit {
                burst: 8,
                every_seconds: 30,
            },
            address: Limit {
                burst: 60,
                every_seconds: 2,
            },
            buckets: 100_000,
        }
    }
}

/// Too many attempts. Try again after this many seconds (at least 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {seconds} s")]
pub struct Throttled {
    /// Seconds until an attempt is allowed.
    pub seconds: u32,
}

type Key = [u8; 16];

/// Counts attempts. Cells of the generic cell rate algorithm: per key, the instant at which the whole allowance is back.
pub struct Throttle {
    limits: Limits,
    /// Keys the hashes, so that nobody can choose e-mail addresses that collide.
    salt: [u8; 16],
    cells: Mutex<HashMap<Key, i64>>,
}

impl Throttle {
    /// A throttle that has seen nothing.
    pub fn new(limits: Limits, rng: &dyn Rng) -> Self {
        let mut salt = [0; 16];
        rng.fill(&mut salt);
        Self {
            limits,
            salt,
            cells: Mutex::new(HashMap::new()),
        }
    }

    /// Counts an attempt at `account` (a normalised e-mail address, known or not) from `address`.
    ///
    /// # Errors
    /// When it is one too many. A refused attempt costs nothing further.
    pub fn attempt(&self, account: &str, address: IpAddr, now: Timestamp) -> Result<(), Throttled> {
        let keys = [
            (self.account_key(account, address), self.limits.account),
            (self.address_key(address), self.limits.address),
        ];
        let now = now.micros();
        let mut cells = self.lock();
        let mut wait = 0;
        let mut next = [0; 2];
        for (slot, (key, limit)) in next.iter_mut().zip(&keys) {
            let every = i64::from(limit.every_seconds) * 1_000_000;
            let full = cells.get(key).copied().unwrap_or(now).max(now);
            *slot = full + every;
            wait = wait.max(*slot - now - every * i64::from(limit.burst));
        }
        if wait > 0 {
            let seconds = u32::try_from(wait.div_euclid(1_000_000) + 1).unwrap_or(u32::MAX);
            return Err(Throttled { seconds });
        }
        for ((key, _), full) in keys.iter().zip(next) {
            cells.insert(*key, full);
        }
        self.bound(&mut cells, now);
        Ok(())
    }

    /// The attempt was right: it doesn't count against the address, and the guesses at this account from there are forgotten.
    pub fn succeeded(&self, account: &str, address: IpAddr) {
        let account = self.account_key(account, address);
        let address = self.address_key(address);
        let every = i64::from(self.limits.address.every_seconds) * 1_000_000;
        let mut cells = self.lock();
        cells.remove(&account);
        if let Some(full) = cells.get_mut(&address) {
            *full -= every;
        }
    }

    /// How many buckets are held.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, i64>> {
        self.cells.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Drops recovered cells, and when that is not enough, the least indebted eighth: so that the work is spread over many attempts and the
    /// worst guessers are remembered longest.
    fn bound(&self, cells: &mut HashMap<Key, i64>, now: i64) {
        if cells.len() <= self.limits.buckets {
            return;
        }
        cells.retain(|_, full| *full > now);
        let keep = self.limits.buckets - self.limits.buckets / 8;
        if cells.len() > keep {
            let mut fulls: Vec<i64> = cells.values().copied().collect();
            let drop = cells.len() - keep;
            let (_, edge, _) = fulls.select_nth_unstable(drop - 1);
            let edge = *edge;
            let mut left = drop;
            cells.retain(|_, full| {
                let gone = left > 0 && *full <= edge;
                left -= usize::from(gone);
                !gone
            });
        }
    }

    fn account_key(&self, account: &str, address: IpAddr) -> Key {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update(network(address));
        hash.update(account.as_bytes());
        first_half(hash)
    }

    fn address_key(&self, address: IpAddr) -> Key {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update(network(address));
        hash.update([0xff]);
        first_half(hash)
    }
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Throttle")
            .field("limits", &self.limits)
            .field("buckets", &self.len())
            .finish_non_exhaustive()
    }
}

fn first_half(hash: Sha256) -> Key {
    let digest: [u8; 32] = hash.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// The network that one guesser commands: an IPv4 address, or an IPv6 /64.
fn network(address: IpAddr) -> [u8; 8] {
    let mut net = [0; 8];
    match address.to_canonical() {
        IpAddr::V4(v4) => net[4..].copy_from_slice(&v4.octets()),
        IpAddr::V6(v6) => net.copy_from_slice(&v6.octets()[..8]),
    }
    net
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SeededRng;

    fn throttle(buckets: usize) -> Throttle {
        Throttle::new(
            Limits {
                account: Limit {
                    burst: 3,
                    every_seconds: 10,
                },
                address: Limit {
                    burst: 5,
                    every_seconds: 1,
                },
                buckets,
            },
            &SeededRng::new(1),
        )
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000).plus_seconds(seconds)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn guesses_at_an_account_run_out_and_come_back() {
        let t = throttle(100);
        for _ in 0..3 {
            assert_eq!(t.attempt("a@x", ip("10.0.0.1"), at(0)), Ok(()));
        }
        assert_eq!(
            t.attempt("a@x", ip("10.0.0.1"), at(0)),
            Err(Throttled { seconds: 11 })
        );
        // Another address and another account are not affected.
        assert_eq!(t.attempt("a@x", ip("10.0.0.2"), at(0)), Ok(()));
        assert_eq!(t.attempt("b@x", ip("10.0.0.1"), at(0)), Ok(()));
        assert_eq!(t.attempt("a@x", ip("10.0.0.1"), at(10)), Ok(()));
        assert!(t.attempt("a@x", ip("10.0.0.1"), at(10)).is_err());
    }

    #[test]
    fn an_address_runs_out_whatever_the_accounts() {
        let t = throttle(100);
        for n in 0..5 {
            assert_eq!(t.attempt(&format!("{n}@x"), ip("10.0.0.1"), at(0)), Ok(()));
        }
        assert!(t.attempt("9@x", ip("10.0.0.1"), at(0)).is_err());
        assert_eq!(t.attempt("9@x", ip("10.0.0.1"), at(1)), Ok(()));
    }

    #[test]
    fn success_forgets_the_guesses_at_the_account() {
        let t = throttle(100);
        for _ in 0..2 {
            t.attempt("a@x", ip("10.0.0.1"), at(0)).unwrap();
        }
        t.succeeded("a@x", ip("10.0.0.1"));
        for _ in 0..3 {
            assert_eq!(t.attempt("a@x", ip("10.0.0.1"), at(0)), Ok(()));
        }
    }

    #[test]
    fn many_people_behind_one_address_can_sign_in() {
        let t = throttle(100);
        for n in 0..50 {
            let account = format!("{n}@x");
            assert_eq!(t.attempt(&account, ip("10.0.0.1"), at(0)), Ok(()));
            t.succeeded(&account, ip("10.0.0.1"));
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one_and_mapped_addresses_as_ipv4() {
        let t = throttle(100);
        for n in 0..5 {
            let address = ip(&format!("2001:db8::{n}"));
            assert_eq!(t.attempt(&format!("{n}@x"), address, at(0)), Ok(()));
        }
        assert!(t.attempt("z@x", ip("2001:db8::99"), at(0)).is_err());
        assert_eq!(t.attempt("z@x", ip("2001:db8:0:1::99"), at(0)), Ok(()));
        assert_eq!(network(ip("::ffff:10.0.0.1")), network(ip("10.0.0.1")));
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_remembered() {
        let t = throttle(64);
        for _ in 0..3 {
            t.attempt("victim@x", ip("10.9.9.9"), at(0)).unwrap();
        }
        for n in 0..1000u32 {
            let address = IpAddr::from((0x0b00_0000 + n).to_be_bytes());
            t.attempt("a@x", address, at(0)).unwrap();
            assert!(t.len() <= 64);
        }
        assert!(t.attempt("victim@x", ip("10.9.9.9"), at(0)).is_err());
        // After all have recovered, one sweep forgets them.
        for n in 0..64u32 {
            let address = IpAddr::from((0x0c00_0000 + n).to_be_bytes());
            t.attempt("a@x", address, at(3600)).unwrap();
        }
        assert!(t.len() <= 64);
    }
}
