//! How the Yjs engine is run: on a thread of its own with a big stack, panics caught.
//!
//! yrs recurses over nested types and values and panics on some documents that it accepted. A
//! panic ends the thread and becomes [`Error::Panicked`]; the stack is large enough for the depth
//! that `ydoc` lets through. A scoped thread per call costs some 20 us, borrows its input, and
//! lets no slow document queue behind another.

use std::any::Any as Panic;
use std::thread;

use yrs::updates::decoder::Decode;
use yrs::{ClientID, Doc, OffsetKind, Options, Transact, TransactionMut, Update};

use crate::Error;

/// Stack of the threads that run yrs, in bytes.
const STACK: usize = 16 << 20;

/// The largest client id that a Yjs client can have.
pub(crate) const MAX_CLIENT_ID: u64 = (1 << 53) - 1;

/// The client id of documents that are only read.
const READER: u64 = 0;

/// Runs `work` on a big-stack thread and waits for it. A panic in it is an error.
///
/// Whatever holds yrs values must be made and dropped inside `work`.
pub(crate) fn isolate<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    thread::scope(|scope| {
        thread::Builder::new()
            .name("content".into())
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(Error::Thread)?
            .join()
            .unwrap_or_else(|panic| Err(Error::Panicked(message(&*panic))))
    })
}

fn message(panic: &(dyn Panic + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    text.chars().take(200).collect()
}

/// An empty document that counts text as JavaScript does.
pub(crate) fn empty_doc(client: u64) -> Result<Doc, Error> {
    if client > MAX_CLIENT_ID {
        return Err(Error::ClientId(client));
    }
    // The guid never leaves the process. A fixed one keeps randomness out.
    let mut options = Options::with_guid_and_client_id("".into(), ClientID::new(client));
    options.offset_kind = OffsetKind::Utf16;
    Ok(Doc::with_options(options))
}

/// Applies one update. Empty bytes are an update with nothing in it.
pub(crate) fn apply(txn: &mut TransactionMut<'_>, update: &[u8]) -> Result<(), Error> {
    if update.is_empty() {
        return Ok(());
    }
    let update = Update::decode_v1(update).map_err(|e| Error::Malformed(e.to_string()))?;
    txn.apply_update(update)
        .map_err(|e| Error::Malformed(e.to_string()))
}

fn load(head: &[u8], client: u64) -> Result<Doc, Error> {
    let doc = empty_doc(client)?;
    let mut txn = doc.transact_mut();
    apply(&mut txn, head)?;
    drop(txn);
    Ok(doc)
}

/// Loads `head` and reads from it.
pub(crate) fn read<T: Send>(
    head: &[u8],
    work: impl FnOnce(&yrs::Transaction<'_>) -> T + Send,
) -> Result<T, Error> {
    isolate(|| {
        let doc = load(head, READER)?;
        let txn = doc.transact();
        let out = work(&txn);
        drop(txn);
        Ok(out)
    })
}

/// Loads `head`, edits it as `client`, and gives the v1 update of the edit alone.
pub(crate) fn write(
    head: &[u8],
    client: u64,
    work: impl FnOnce(&mut TransactionMut<'_>) -> Result<(), Error> + Send,
) -> Result<Vec<u8>, Error> {
    isolate(|| {
        let doc = load(head, client)?;
        let mut txn = doc.transact_mut();
        work(&mut txn)?;
        txn.commit();
        let update = txn.encode_update_v1();
        drop(txn);
        Ok(update)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let failed: Result<(), _> = isolate(|| panic!("on purpose: {}", 1));
        assert!(matches!(failed, Err(Error::Panicked(text)) if text == "on purpose: 1"));
    }

    #[test]
    fn deep_recursion_has_room() {
        fn dive(n: u32) -> u64 {
            let frame = std::hint::black_box([n; 64]);
            if n == 0 {
                0
            } else {
                u64::from(frame[3] & 1) + dive(n - 1)
            }
        }
        // Some 256 bytes a frame and more: far beyond the 2 MiB of an ordinary thread.
        assert!(isolate(|| Ok(dive(20_000))).unwrap() > 0);
    }
}
