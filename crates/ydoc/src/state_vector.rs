//! How much of each client's work somebody has.

use crate::{ClientId, Error, Limits, limits::within, read::Reader, write::var_uint};

/// For each client, the clock of the first unit that is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateVector {
    /// Ascending by client.
    entries: Vec<(ClientId, u64)>,
}

impl StateVector {
    /// The state vector of an empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes what `Y.encodeStateVector` makes. Clients may come in any order; of a client that comes twice, the last counts.
    ///
    /// # Errors
    /// When the bytes are not a state vector, or it has too many entries.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        let count = reader.count(2)?;
        within(
            "the state vector's entries",
            count,
            limits.state_vector_entries,
        )?;
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            entries.push((reader.var_uint()?, reader.var_uint()?));
        }
        reader.finish()?;
        Ok(entries.into_iter().collect())
    }

    /// Encodes as `Y.encodeStateVector` does: clients descending.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(2 + self.entries.len() * 8);
        var_uint(&mut out, self.entries.len() as u64);
        for &(client, clock) in self.entries.iter().rev() {
            var_uint(&mut out, client);
            var_uint(&mut out, clock);
        }
        out
    }

    /// The client's clock; 0 when it is not in it.
    #[must_use]
    pub fn get(&self, client: ClientId) -> u64 {
        self.entries
            .binary_search_by_key(&client, |&(client, _)| client)
            .map_or(0, |at| self.entries[at].1)
    }

    /// Whether the unit with this id is among what the vector describes.
    #[must_use]
    pub fn contains(&self, client: ClientId, clock: u64) -> bool {
        clock < self.get(client)
    }

    /// Whether the vector describes everything that the other does.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other
            .iter()
            .all(|(client, clock)| clock <= self.get(client))
    }

    /// Sets a client's clock.
    pub fn set(&mut self, client: ClientId, clock: u64) {
        match self
            .entries
            .binary_search_by_key(&client, |&(client, _)| client)
        {
            Ok(at) => self.entries[at].1 = clock,
            Err(at) => self.entries.insert(at, (client, clock)),
        }
    }

    /// The entries, ascending by client.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, u64)> + '_ {
        self.entries.iter().copied()
    }

    /// How many clients are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no client is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl FromIterator<(ClientId, u64)> for StateVector {
    fn from_iter<I: IntoIterator<Item = (ClientId, u64)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        // Stable, so that the last of several entries of a client is the one that is kept.
        entries.sort_by_key(|&(client, _)| client);
        entries.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                *kept = *next;
            }
            same
        });
        Self { entries }
    }
}
