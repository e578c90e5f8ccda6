//! What clients receive of a document: all of its structure, none of its deleted content.

use crate::{
    Error, IdSet, Known, Limits,
    content::{Content, Id},
    merge::merge_parts,
    structs::{Struct, Structs, Writer},
    write::var_uint,
};

/// Merges updates and makes of them what a client should receive: deleted content is replaced by its tombstone, and what Yjs
/// may have split is joined again; nothing else changes. A document that applies the result is the one that applies the
/// updates. It can be merged with later updates, and its own head is itself.
///
/// # Errors
/// When an update is malformed or over a limit.
pub fn head<B: AsRef<[u8]>>(updates: &[B], limits: &Limits) -> Result<Vec<u8>, Error> {
    let merged = merge_parts(updates, limits)?;
    // The merge may be longer than any input was allowed to be.
    let stored = Limits {
        any_depth: limits.any_depth,
        ..Limits::stored()
    };
    let mut joiner = Joiner {
        writer: Writer::with_capacity(merged.update.len()),
        run: None,
        values: Vec::new(),
        places: Places {
            update: &merged.update,
            limits: &stored,
            keys: merged.keys,
            known: None,
        },
    };
    let mut structs = Structs::new(&merged.update, &stored)?;
    while let Some(item) = structs.next()? {
        cut(item, &merged.deletes, |part| joiner.push(part));
    }
    joiner.flush();
    let mut out = joiner.writer.finish();
    merged.deletes.write(&mut out);
    Ok(out)
}

/// Cuts an item where its deletion starts or ends, and empties the deleted parts.
fn cut<'a>(mut item: Struct<'a>, deletes: &IdSet, mut emit: impl FnMut(Struct<'a>)) {
    if matches!(item.content, Content::Gc | Content::Skip | Content::Deleted) {
        return emit(item);
    }
    let ranges = deletes.ranges(item.client);
    let mut at = ranges.partition_point(|&(_, end)| end <= item.clock);
    while let Some(&(start, end)) = ranges.get(at) {
        if start >= item.end() {
            break;
        }
        if start > item.clock {
            emit(item.take(start - item.clock));
            item = item.skip(start - item.clock);
        }
        let gone = if end < item.end() {
            item.take(end - item.clock)
        } else {
            item
        };
        emit(Struct {
            content: Content::Deleted,
            ..gone
        });
        if end >= item.end() {
            return;
        }
        item = item.skip(end - item.clock);
        at += 1;
    }
    emit(item);
}

/// Writes structs, and makes one of neighbours that Yjs' split would make of one.
struct Joiner<'a> {
    writer: Writer,
    /// The first struct of the run that is being joined, and as long as all of it.
    run: Option<Struct<'a>>,
    /// The run's values, once it has more than one struct.
    values: Vec<u8>,
    places: Places<'a>,
}

impl<'a> Joiner<'a> {
    fn push(&mut self, item: Struct<'a>) {
        if let Some(mut run) = self.run
            && self.joins(&run, &item)
        {
            if self.values.is_empty() {
                run.content.write_values(&mut self.values);
            }
            item.content.write_values(&mut self.values);
            run.len += item.len;
            self.run = Some(run);
        } else {
            self.flush();
            self.run = Some(item);
        }
    }

    fn joins(&mut self, run: &Struct<'a>, item: &Struct<'a>) -> bool {
        if run.client != item.client || run.end() != item.clock {
            return false;
        }
        let live = match (run.content, item.content) {
            (Content::Gc, Content::Gc) | (Content::Skip, Content::Skip) => return true,
            (Content::Deleted, Content::Deleted) => false,
            (Content::String(_), Content::String(_))
            | (Content::Json(_), Content::Json(_))
            | (Content::Any(_), Content::Any(_)) => true,
            _ => return false,
        };
        item.origin == Some(run.last())
            && item.right_origin == run.right_origin
            && (!live || self.places.in_sequence(run))
    }

    fn flush(&mut self) {
        let Some(run) = self.run.take() else { return };
        if self.values.is_empty() {
            return self.writer.push(&run);
        }
        let out = self.writer.begin(run.client, run.clock);
        run.write_head(out);
        let text = matches!(run.content, Content::String(_));
        var_uint(
            out,
            if text {
                self.values.len() as u64
            } else {
                run.len
            },
        );
        out.extend_from_slice(&self.values);
        self.values.clear();
    }
}

/// Tells whether an item is part of a sequence. Values under a key follow each other too, but each replaces the one before,
/// so two that are alive at once must stay two.
struct Places<'a> {
    update: &'a [u8],
    limits: &'a Limits,
    /// Whether the update has keys at all.
    keys: bool,
    /// An index of the update, made when it is first needed; `None` inside when it has gaps.
    known: Option<Option<Known>>,
}

impl Places<'_> {
    fn in_sequence(&mut self, item: &Struct<'_>) -> bool {
        if !self.keys {
            return true;
        }
        if item.parent.is_some() {
            return item.parent_sub.is_none();
        }
        let known = self
            .known
            .get_or_insert_with(|| Known::from_update(self.update, self.limits).ok());
        known.as_ref().is_some_and(|known| {
            known.in_sequence(Id {
                client: item.client,
                clock: item.clock,
            })
        })
    }
}
