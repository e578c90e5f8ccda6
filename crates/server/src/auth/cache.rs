//! A bounded map of what was read from the database, believed for a while.

use std::collections::HashMap;
use std::hash::Hash;

use model::Timestamp;
use parking_lot::Mutex;

/// Reads that are remembered. A value that was being read while its key was invalidated is not remembered.
pub(crate) struct Cache<K, V> {
    inner: Mutex<Inner<K, V>>,
    capacity: usize,
    seconds: i64,
}

struct Inner<K, V> {
    entries: HashMap<K, (V, Timestamp)>,
    /// Counts invalidations, so that a read that began before one can be told from one that began after.
    generation: u64,
}

/// What a lookup found.
pub(crate) enum Found<V> {
    /// It is remembered.
    Hit(V),
    /// It isn't; hand this back with what the database says.
    Miss(Reading),
}

/// A read that began at this generation.
#[derive(Clone, Copy)]
pub(crate) struct Reading(u64);

impl<K: Hash + Eq + Copy, V: Clone> Cache<K, V> {
    /// Holds at most `capacity` values, each believed for `seconds`.
    pub(crate) fn new(capacity: usize, seconds: i64) -> Self {
        let inner = Inner {
            entries: HashMap::new(),
            generation: 0,
        };
        Self {
            inner: Mutex::new(inner),
            capacity,
            seconds,
        }
    }

    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Found<V> {
        let inner = self.inner.lock();
        match inner.entries.get(key) {
            Some((value, until)) if *until > now => Found::Hit(value.clone()),
            _ => Found::Miss(Reading(inner.generation)),
        }
    }

    pub(crate) fn put(&self, reading: Reading, key: K, value: V, now: Timestamp) {
        let mut inner = self.inner.lock();
        if inner.generation != reading.0 {
            return;
        }
        if inner.entries.len() >= self.capacity {
            inner.entries.retain(|_, (_, until)| *until > now);
            if inner.entries.len() >= self.capacity {
                // All are fresh: start anew rather than keep books on use. It costs one read per key.
                inner.entries.clear();
            }
        }
        inner
            .entries
            .insert(key, (value, now.plus_seconds(self.seconds)));
    }

    pub(crate) fn forget(&self, key: &K) {
        let mut inner = self.inner.lock();
        inner.generation += 1;
        inner.entries.remove(key);
    }

    pub(crate) fn forget_where(&self, matches: impl Fn(&K, &V) -> bool) {
        let mut inner = self.inner.lock();
        inner.generation += 1;
        inner.entries.retain(|key, (value, _)| !matches(key, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    fn hit(cache: &Cache<u32, &'static str>, key: u32, now: i64) -> Option<&'static str> {
        match cache.get(&key, at(now)) {
            Found::Hit(value) => Some(value),
            Found::Miss(_) => None,
        }
    }

    fn put(cache: &Cache<u32, &'static str>, key: u32, value: &'static str, now: i64) {
        if let Found::Miss(reading) = cache.get(&key, at(now)) {
            cache.put(reading, key, value, at(now));
        }
    }

    #[test]
    fn values_are_believed_for_their_time() {
        let cache = Cache::new(10, 5);
        put(&cache, 1, "a", 0);
        assert_eq!(hit(&cache, 1, 4), Some("a"));
        assert_eq!(hit(&cache, 1, 5), None);
    }

    #[test]
    fn a_read_that_an_invalidation_overtook_is_not_remembered() {
        let cache = Cache::new(10, 5);
        let Found::Miss(reading) = cache.get(&1, at(0)) else {
            panic!("empty")
        };
        cache.forget(&1);
        cache.put(reading, 1, "stale", at(0));
        assert_eq!(hit(&cache, 1, 0), None);
    }

    #[test]
    fn it_stays_small_and_forgets_by_rule() {
        let cache = Cache::new(3, 5);
        for n in 0..10 {
            put(&cache, n, "x", 0);
            assert!(cache.inner.lock().entries.len() <= 3);
        }
        put(&cache, 90, "keep", 0);
        cache.forget_where(|_, value| *value == "x");
        assert_eq!(hit(&cache, 90, 0), Some("keep"));
        assert_eq!(hit(&cache, 9, 0), None);
    }
}
