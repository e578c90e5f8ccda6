//! Awareness updates: what each client says of itself. Source: npm `y-protocols` 1.0.7, `awareness.js`.

use crate::{
    ClientId, Error, Limits, json,
    limits::within,
    read::Reader,
    write::{buf, var_uint},
};

/// One client's state. `Entry<&str>` borrows, `Entry<String>` owns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<S = String> {
    /// Whose state it is.
    pub client: ClientId,
    /// Counts the client's states: a higher one is newer.
    pub clock: u64,
    /// JSON: an object, or `null` when the client is gone.
    pub state: S,
}

impl<S: AsRef<str>> Entry<S> {
    /// Whether it says that the client is gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.state.as_ref().trim() == "null"
    }
}

/// Decodes an awareness update.
///
/// # Errors
/// When it is malformed, over a limit, or a state is neither a JSON object nor `null`.
pub fn decode<'a>(update: &'a [u8], limits: &Limits) -> Result<Vec<Entry<&'a str>>, Error> {
    let mut reader = Reader::new(update);
    let count = reader.count(4)?;
    within(
        "the number of awareness states",
        count,
        limits.awareness_entries,
    )?;
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let client = reader.var_uint()?;
        let clock = reader.var_uint()?;
        let state = reader.str()?;
        within(
            "an awareness state",
            state.len(),
            limits.awareness_state_bytes,
        )?;
        json::check(state, limits.any_depth)?;
        let entry = Entry {
            client,
            clock,
            state,
        };
        if !entry.is_gone() && !state.trim_start().starts_with('{') {
            return Err(Error::Malformed("an awareness state is not an object"));
        }
        entries.push(entry);
    }
    reader.finish()?;
    Ok(entries)
}

/// Encodes an awareness update.
pub fn encode<S: AsRef<str>>(entries: &[Entry<S>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(
        8 + entries
            .iter()
            .map(|entry| entry.state.as_ref().len() + 16)
            .sum::<usize>(),
    );
    var_uint(&mut out, entries.len() as u64);
    for entry in entries {
        var_uint(&mut out, entry.client);
        var_uint(&mut out, entry.clock);
        buf(&mut out, entry.state.as_ref().as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_round_trip_and_are_bounded() {
        let limits = Limits::default();
        let entries = [
            Entry {
                client: 7,
                clock: 3,
                state: r#"{"user":{"name":"é"}}"#,
            },
            Entry {
                client: u64::from(u32::MAX),
                clock: 0,
                state: "null",
            },
        ];
        let bytes = encode(&entries);
        let decoded = decode(&bytes, &limits).unwrap();
        assert_eq!(decoded, entries);
        assert!(!decoded[0].is_gone() && decoded[1].is_gone());
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut], &limits).is_err());
        }
        let one = |state: &str| {
            encode(&[Entry {
                client: 1,
                clock: 1,
                state,
            }])
        };
        assert_eq!(
            decode(&one("[]"), &limits).unwrap_err().reason(),
            "malformed"
        );
        assert_eq!(decode(&one("{"), &limits), Err(Error::BadJson));
        assert_eq!(
            decode(&one(&"[".repeat(10_000)), &limits)
                .unwrap_err()
                .reason(),
            "too_deep"
        );
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(limits.awareness_state_bytes));
        assert_eq!(
            decode(&one(&long), &limits).unwrap_err().reason(),
            "too_large"
        );
        let many = vec![
            Entry {
                client: 1,
                clock: 1,
                state: "null"
            };
            limits.awareness_entries + 1
        ];
        assert_eq!(
            decode(&encode(&many), &limits).unwrap_err().reason(),
            "too_large"
        );
        assert_eq!(
            decode(&[0xff, 0xff, 0xff, 0x7f], &limits),
            Err(Error::Truncated)
        );
    }
}
