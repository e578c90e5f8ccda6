//! What can be read off an update without knowing any document.

use crate::{
    Error, IdSet, Limits, StateVector, content::kind, id_set::IdSetBuilder, structs::Structs,
};

/// The ids that an update is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentIds {
    /// What it brings.
    pub inserts: IdSet,
    /// What its delete set deletes.
    pub deletes: IdSet,
}

/// Checks every byte of an update.
///
/// # Errors
/// When anything in it is malformed or over a limit.
pub fn validate(update: &[u8], limits: &Limits) -> Result<(), Error> {
    let mut rest = Structs::new(update, limits)?.rest()?;
    IdSet::read(&mut rest)?;
    rest.finish()
}

/// Whether an update is valid and brings nothing: neither structs nor deletes.
#[must_use]
pub fn is_empty(update: &[u8]) -> bool {
    if update == [0, 0] {
        return true;
    }
    let limits = Limits::stored();
    let empty = || {
        let mut structs = Structs::new(update, &limits)?;
        if structs.next()?.is_some() {
            return Ok(false);
        }
        let mut rest = structs.rest()?;
        let deletes = IdSet::read(&mut rest)?;
        rest.finish()?;
        Ok::<_, Error>(deletes.is_empty())
    };
    empty().unwrap_or(false)
}

/// What a document that holds just this update has: `Y.encodeStateVectorFromUpdate`. A client whose first clock is not 0 is not
/// in it, and a hole ends a client.
///
/// # Errors
/// When the update is malformed or over a limit.
pub fn state_vector(update: &[u8], limits: &Limits) -> Result<StateVector, Error> {
    let mut structs = Structs::new(update, limits)?;
    let mut entries = Vec::<(u64, u64)>::new();
    let mut counting = None;
    while let Some(item) = structs.next()? {
        if counting.is_none_or(|(client, _)| client != item.client) {
            counting = Some((item.client, item.clock == 0));
        }
        if item.is_skip() {
            counting = Some((item.client, false));
        }
        if counting == Some((item.client, true)) {
            match entries.last_mut() {
                Some(last) if last.0 == item.client => last.1 = item.end(),
                _ => entries.push((item.client, item.end())),
            }
        }
    }
    let mut rest = structs.rest()?;
    IdSet::read(&mut rest)?;
    rest.finish()?;
    Ok(entries.into_iter().collect())
}

/// The ids that an update brings and deletes.
///
/// # Errors
/// When the update is malformed or over a limit.
pub fn content_ids(update: &[u8], limits: &Limits) -> Result<ContentIds, Error> {
    let mut structs = Structs::new(update, limits)?;
    let mut inserts = IdSetBuilder::default();
    while let Some(item) = structs.next()? {
        if item.content.number() != kind::SKIP {
            inserts.insert(item.client, item.clock, item.end());
        }
    }
    let mut rest = structs.rest()?;
    let deletes = IdSet::read(&mut rest)?;
    rest.finish()?;
    Ok(ContentIds {
        inserts: inserts.finish(),
        deletes,
    })
}
