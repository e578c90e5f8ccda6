//! What somebody is missing of an update: `Y.diffUpdate`.

use crate::{
    Error, IdSet, Limits, StateVector,
    structs::{Structs, Writer},
};

/// The part of an update that a peer with this state vector does not have. The delete set is kept whole, for a state vector
/// says nothing about deletes.
///
/// # Errors
/// When the update is malformed or over a limit.
pub fn diff(update: &[u8], state_vector: &StateVector, limits: &Limits) -> Result<Vec<u8>, Error> {
    let mut structs = Structs::new(update, limits)?;
    let mut writer = Writer::default();
    // The client that is being written, and from which clock on.
    let mut current = None;
    let mut writing = false;
    while let Some(item) = structs.next()? {
        let known = match current {
            Some((client, known)) if client == item.client => known,
            _ => {
                writing = false;
                let known = state_vector.get(item.client);
                current = Some((item.client, known));
                known
            }
        };
        if writing {
            writer.push(&item);
        } else if !item.is_skip() && item.end() > known {
            writing = true;
            if known > item.clock {
                writer.push(&item.skip(known - item.clock));
            } else {
                writer.push(&item);
            }
        }
    }
    let mut rest = structs.rest()?;
    let deletes = IdSet::read(&mut rest)?;
    rest.finish()?;
    let mut out = writer.finish();
    deletes.write(&mut out);
    Ok(out)
}
