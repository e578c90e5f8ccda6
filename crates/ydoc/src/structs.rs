//! The structs of an update, one at a time, and their writer. Source: npm `yjs` 13.6, `src/utils/updates.js`.

use crate::{
    ClientId, Error, Limits,
    content::{Content, Id, Parent, kind},
    limits::within,
    read::{MAX_SAFE, Reader},
    write::{buf, var_uint},
};

const ORIGIN: u8 = 0x80;
const RIGHT_ORIGIN: u8 = 0x40;
const PARENT_SUB: u8 = 0x20;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Struct<'a> {
    pub(crate) client: ClientId,
    pub(crate) clock: u64,
    /// At least 1. `clock + len` stays within 2^53.
    pub(crate) len: u64,
    pub(crate) origin: Option<Id>,
    pub(crate) right_origin: Option<Id>,
    /// Set for items that have neither origin.
    pub(crate) parent: Option<Parent<'a>>,
    /// The key in the parent. Known only together with `parent`.
    pub(crate) parent_sub: Option<&'a str>,
    pub(crate) content: Content<'a>,
}

impl<'a> Struct<'a> {
    pub(crate) fn end(&self) -> u64 {
        self.clock + self.len
    }

    pub(crate) fn last(&self) -> Id {
        Id {
            client: self.client,
            clock: self.end() - 1,
        }
    }

    pub(crate) fn is_skip(&self) -> bool {
        matches!(self.content, Content::Skip)
    }

    pub(crate) fn is_gc(&self) -> bool {
        matches!(self.content, Content::Gc)
    }

    /// The part from unit `at` on, `0 < at < len`. Its origin is the unit before, as Yjs' split has it.
    pub(crate) fn skip(mut self, at: u64) -> Self {
        if !self.is_gc() && !self.is_skip() {
            self.origin = Some(Id {
                client: self.client,
                clock: self.clock + at - 1,
            });
        }
        self.clock += at;
        self.len -= at;
        self.content = self.content.skip(at);
        self
    }

    /// The part before unit `at`, `0 < at < len`.
    pub(crate) fn take(mut self, at: u64) -> Self {
        self.len = at;
        self.content = self.content.take(at);
        self
    }

    /// Everything that comes before the content.
    pub(crate) fn write_head(&self, out: &mut Vec<u8>) {
        let number = self.content.number();
        out.push(
            number
                | if self.origin.is_some() { ORIGIN } else { 0 }
                | if self.right_origin.is_some() {
                    RIGHT_ORIGIN
                } else {
                    0
                }
                | if self.parent_sub.is_some() {
                    PARENT_SUB
                } else {
                    0
                },
        );
        for id in [self.origin, self.right_origin].into_iter().flatten() {
            var_uint(out, id.client);
            var_uint(out, id.clock);
        }
        if self.origin.is_none() && self.right_origin.is_none() {
            if let Some(parent) = &self.parent {
                parent.write(out);
            }
            if let Some(key) = self.parent_sub {
                buf(out, key.as_bytes());
            }
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.write_head(out);
        self.content.write(out, self.len);
    }
}

/// Reads the structs of an update. `Copy`, so that a place can be kept and returned to. Memory does not grow with the update.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Structs<'a> {
    reader: Reader<'a>,
    sections: usize,
    left: usize,
    client: ClientId,
    clock: u64,
    first: bool,
    budget: usize,
    max: usize,
    any_depth: usize,
}

impl<'a> Structs<'a> {
    pub(crate) fn new(update: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        within(
            "the update",
            update.len(),
            limits.update_bytes.min(i32::MAX as usize),
        )?;
        let mut reader = Reader::new(update);
        let sections = reader.count(3)?;
        Ok(Self {
            reader,
            sections,
            left: 0,
            client: 0,
            clock: 0,
            first: true,
            budget: limits.structs,
            max: limits.structs,
            any_depth: limits.any_depth,
        })
    }

    pub(crate) fn next(&mut self) -> Result<Option<Struct<'a>>, Error> {
        while self.left == 0 {
            if self.sections == 0 {
                return Ok(None);
            }
            self.sections -= 1;
            self.left = self.reader.count(2).and_then(|left| {
                self.budget = self.budget.checked_sub(left).ok_or(Error::TooLarge {
                    what: "the number of structs",
                    size: (self.max - self.budget) as u64 + left as u64,
                    limit: self.max as u64,
                })?;
                Ok(left)
            })?;
            let client = self.reader.var_uint()?;
            if !self.first && client >= self.client {
                return Err(Error::Malformed("clients out of order"));
            }
            self.first = false;
            self.client = client;
            self.clock = self.reader.var_uint()?;
        }
        self.left -= 1;
        self.read().map(Some)
    }

    fn read(&mut self) -> Result<Struct<'a>, Error> {
        let reader = &mut self.reader;
        let info = reader.byte()?;
        let number = info & 0x1f;
        let mut read = Struct {
            client: self.client,
            clock: self.clock,
            len: 0,
            origin: None,
            right_origin: None,
            parent: None,
            parent_sub: None,
            content: Content::Gc,
        };
        if number == kind::GC || number == kind::SKIP {
            if info != number {
                return Err(Error::Malformed("a struct without content has origins"));
            }
        } else {
            if info & ORIGIN != 0 {
                read.origin = Some(id(reader)?);
            }
            if info & RIGHT_ORIGIN != 0 {
                read.right_origin = Some(id(reader)?);
            }
            if info & (ORIGIN | RIGHT_ORIGIN) == 0 {
                read.parent = Some(match reader.var_uint()? {
                    1 => Parent::Root(reader.str()?),
                    0 => Parent::Item(id(reader)?),
                    _ => return Err(Error::Malformed("unknown kind of parent")),
                });
                if info & PARENT_SUB != 0 {
                    read.parent_sub = Some(reader.str()?);
                }
            }
        }
        (read.content, read.len) = Content::read(reader, number, self.any_depth)?;
        if read.len == 0 {
            return Err(Error::Malformed("an empty struct"));
        }
        self.clock += read.len;
        if self.clock > MAX_SAFE {
            return Err(Error::BadNumber);
        }
        Ok(read)
    }

    /// The reader behind the last struct, where the delete set starts.
    pub(crate) fn rest(mut self) -> Result<Reader<'a>, Error> {
        while self.next()?.is_some() {}
        Ok(self.reader)
    }
}

fn id(reader: &mut Reader<'_>) -> Result<Id, Error> {
    Ok(Id {
        client: reader.var_uint()?,
        clock: reader.var_uint()?,
    })
}

/// Writes structs that come grouped by client. An update is its output followed by a delete set.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    sections: u64,
    done: Vec<u8>,
    client: ClientId,
    clock: u64,
    written: u64,
    section: Vec<u8>,
}

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            done: Vec::with_capacity(bytes + 16),
            ..Self::default()
        }
    }

    pub(crate) fn push(&mut self, item: &Struct<'_>) {
        item.write(self.begin(item.client, item.clock));
    }

    /// Counts one more struct, and returns where its bytes go.
    pub(crate) fn begin(&mut self, client: ClientId, clock: u64) -> &mut Vec<u8> {
        if self.written > 0 && self.client != client {
            self.flush();
        }
        if self.written == 0 {
            self.client = client;
            self.clock = clock;
        }
        self.written += 1;
        &mut self.section
    }

    fn flush(&mut self) {
        if self.written > 0 {
            self.sections += 1;
            var_uint(&mut self.done, self.written);
            var_uint(&mut self.done, self.client);
            var_uint(&mut self.done, self.clock);
            self.done.extend_from_slice(&self.section);
            self.section.clear();
            self.written = 0;
        }
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.flush();
        let mut count = Vec::with_capacity(8);
        var_uint(&mut count, self.sections);
        self.done.splice(0..0, count);
        self.done
    }
}
