//! What a struct holds: borrowed from the update, cut and written again without decoding values.
//! Source: npm `yjs` 13.6, `src/structs`.

use crate::{
    ClientId, Error,
    read::Reader,
    write::{buf, var_uint},
};

/// U+FFFD: what is left of a surrogate pair that was cut in two.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// The id of one unit of content: the client that made it, and how many units it had made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) client: ClientId,
    pub(crate) clock: u64,
}

/// The numbers by which the format names contents.
pub(crate) mod kind {
    pub(crate) const GC: u8 = 0;
    pub(crate) const DELETED: u8 = 1;
    pub(crate) const JSON: u8 = 2;
    pub(crate) const BINARY: u8 = 3;
    pub(crate) const STRING: u8 = 4;
    pub(crate) const EMBED: u8 = 5;
    pub(crate) const FORMAT: u8 = 6;
    pub(crate) const TYPE: u8 = 7;
    pub(crate) const ANY: u8 = 8;
    pub(crate) const DOC: u8 = 9;
    pub(crate) const SKIP: u8 = 10;
}

/// A text, or a part of one. Its length counts UTF-16 code units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    /// A replacement character stands in front of the bytes.
    lead: bool,
    bytes: &'a [u8],
    /// A replacement character stands behind the bytes.
    tail: bool,
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            lead: false,
            bytes,
            tail: false,
        }
    }

    /// The part from `at` on.
    fn skip(self, at: usize) -> Self {
        if at == 0 {
            return self;
        }
        let (_, inside, cut) = self.position(at - usize::from(self.lead));
        Self {
            lead: cut,
            bytes: inside,
            tail: self.tail,
        }
    }

    /// The part before `at`.
    fn take(self, at: usize) -> Self {
        if at == 0 {
            return Self {
                lead: false,
                bytes: &[],
                tail: false,
            };
        }
        let units = at - usize::from(self.lead);
        if self.tail && units > utf16_len(self.bytes) {
            return self;
        }
        let (before, _, cut) = self.position(units);
        Self {
            lead: self.lead,
            bytes: before,
            tail: cut,
        }
    }

    /// The bytes before and from a unit on, and whether the cut went through a pair (then the pair is in neither).
    fn position(self, units: usize) -> (&'a [u8], &'a [u8], bool) {
        // Looks no further than the cut, so that cutting a text into many parts stays linear.
        if let Some((before, after)) = self.bytes.split_at_checked(units)
            && before.is_ascii()
        {
            return (before, after, false);
        }
        let mut seen = 0;
        let mut pos = 0;
        while seen < units && pos < self.bytes.len() {
            let (bytes, wide) = match self.bytes[pos] {
                0..0x80 => (1, 1),
                0x80..0xe0 => (2, 1),
                0xe0..0xf0 => (3, 1),
                0xf0.. => (4, 2),
            };
            let next = (pos + bytes).min(self.bytes.len());
            if seen + wide > units {
                return (&self.bytes[..pos], &self.bytes[next..], true);
            }
            seen += wide;
            pos = next;
        }
        (&self.bytes[..pos], &self.bytes[pos..], false)
    }

    fn byte_len(self) -> usize {
        self.bytes.len() + REPLACEMENT.len() * (usize::from(self.lead) + usize::from(self.tail))
    }

    fn write_bytes(self, out: &mut Vec<u8>) {
        if self.lead {
            out.extend_from_slice(REPLACEMENT);
        }
        out.extend_from_slice(self.bytes);
        if self.tail {
            out.extend_from_slice(REPLACEMENT);
        }
    }
}

/// UTF-16 code units of checked UTF-8: one for each character, two for those of four bytes.
pub(crate) fn utf16_len(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .map(|&byte| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0))
        .sum()
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'a> {
    /// A struct of which nothing is left but its length.
    Gc,
    /// A hole in what the update knows of a client.
    Skip,
    /// An item whose content is gone.
    Deleted,
    String(Text<'a>),
    /// Strings of JSON, as many as the struct is long, one after the other.
    Json(&'a [u8]),
    /// lib0 `Any` values, likewise.
    Any(&'a [u8]),
    /// A content of length 1 that is copied as it is: binary, embed, format, type, subdocument.
    One(u8, &'a [u8]),
}

impl<'a> Content<'a> {
    /// Reads and checks a content. Returns its length as well.
    pub(crate) fn read(
        reader: &mut Reader<'a>,
        number: u8,
        any_depth: usize,
    ) -> Result<(Self, u64), Error> {
        let start = reader.pos();
        match number {
            kind::GC => return Ok((Self::Gc, reader.var_uint()?)),
            kind::SKIP => return Ok((Self::Skip, reader.var_uint()?)),
            kind::DELETED => return Ok((Self::Deleted, reader.var_uint()?)),
            kind::STRING => {
                let bytes = reader.str()?.as_bytes();
                return Ok((Self::String(Text::new(bytes)), utf16_len(bytes) as u64));
            }
            kind::JSON => {
                let count = reader.count(1)?;
                let start = reader.pos();
                for _ in 0..count {
                    reader.json(any_depth, true)?;
                }
                return Ok((Self::Json(reader.since(start)), count as u64));
            }
            kind::ANY => {
                let count = reader.count(1)?;
                let start = reader.pos();
                for _ in 0..count {
                    reader.any(any_depth)?;
                }
                return Ok((Self::Any(reader.since(start)), count as u64));
            }
            kind::BINARY => drop(reader.buf()?),
            kind::EMBED => reader.json(any_depth, false)?,
            kind::FORMAT => {
                reader.str()?;
                reader.json(any_depth, false)?;
            }
            kind::TYPE => match reader.var_uint()? {
                // Array, Map, Text, XmlFragment, XmlText
                0 | 1 | 2 | 4 | 6 => {}
                // XmlElement and XmlHook have a name.
                3 | 5 => drop(reader.str()?),
                _ => return Err(Error::Unsupported("an unknown shared type")),
            },
            kind::DOC => {
                reader.str()?;
                reader.any(any_depth)?;
            }
            _ => return Err(Error::Unsupported("an unknown content")),
        }
        Ok((Self::One(number, reader.since(start)), 1))
    }

    pub(crate) fn number(&self) -> u8 {
        match *self {
            Self::Gc => kind::GC,
            Self::Skip => kind::SKIP,
            Self::Deleted => kind::DELETED,
            Self::String(_) => kind::STRING,
            Self::Json(_) => kind::JSON,
            Self::Any(_) => kind::ANY,
            Self::One(number, _) => number,
        }
    }

    /// The part from unit `at` on. A content of length 1 is never cut inside.
    pub(crate) fn skip(self, at: u64) -> Self {
        match self {
            Self::String(text) => Self::String(text.skip(at as usize)),
            Self::Json(values) => {
                Self::Json(values.get(elements(values, at, true)..).unwrap_or_default())
            }
            Self::Any(values) => Self::Any(
                values
                    .get(elements(values, at, false)..)
                    .unwrap_or_default(),
            ),
            whole => whole,
        }
    }

    /// The part before unit `at`.
    pub(crate) fn take(self, at: u64) -> Self {
        match self {
            Self::String(text) => Self::String(text.take(at as usize)),
            Self::Json(values) => {
                Self::Json(values.get(..elements(values, at, true)).unwrap_or_default())
            }
            Self::Any(values) => Self::Any(
                values
                    .get(..elements(values, at, false))
                    .unwrap_or_default(),
            ),
            whole => whole,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, len: u64) {
        match *self {
            Self::Gc | Self::Skip | Self::Deleted => var_uint(out, len),
            Self::String(text) => {
                var_uint(out, text.byte_len() as u64);
                text.write_bytes(out);
            }
            Self::Json(values) | Self::Any(values) => {
                var_uint(out, len);
                out.extend_from_slice(values);
            }
            Self::One(_, bytes) => out.extend_from_slice(bytes),
        }
    }

    /// The bytes after the length, for a content that is put together from several.
    pub(crate) fn write_values(&self, out: &mut Vec<u8>) {
        match *self {
            Self::String(text) => text.write_bytes(out),
            Self::Json(values) | Self::Any(values) => out.extend_from_slice(values),
            Self::Gc | Self::Skip | Self::Deleted | Self::One(..) => {}
        }
    }
}

/// How many bytes the first `count` values take. They were checked when they were read.
fn elements(values: &[u8], count: u64, json: bool) -> usize {
    let mut reader = Reader::new(values);
    for _ in 0..count {
        let read = if json {
            reader.buf().map(drop)
        } else {
            reader.any(usize::MAX)
        };
        if read.is_err() {
            break;
        }
    }
    reader.pos()
}

/// Where an item says that it belongs, when neither neighbour can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parent<'a> {
    Root(&'a str),
    Item(Id),
}

impl Parent<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Root(name) => {
                var_uint(out, 1);
                buf(out, name.as_bytes());
            }
            Self::Item(id) => {
                var_uint(out, 0);
                var_uint(out, id.client);
                var_uint(out, id.clock);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: Text<'_>) -> String {
        let mut out = Vec::new();
        text.write_bytes(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_is_cut_by_utf16_units() {
        let text = Text::new("aé€🎉z".as_bytes());
        assert_eq!(utf16_len("aé€🎉z".as_bytes()), 6);
        for (at, before, after) in [
            (1, "a", "é€🎉z"),
            (2, "aé", "€🎉z"),
            (3, "aé€", "🎉z"),
            (4, "aé€\u{fffd}", "\u{fffd}z"),
            (5, "aé€🎉", "z"),
        ] {
            assert_eq!(written(text.take(at)), before);
            assert_eq!(written(text.skip(at)), after);
        }
        assert_eq!(written(text.skip(4).skip(1)), "z");
        assert_eq!(written(text.skip(4).take(1)), "\u{fffd}");
        assert_eq!(written(text.take(4).skip(3)), "\u{fffd}");
        assert_eq!(written(text.take(4).take(4)), "aé€\u{fffd}");
        assert_eq!(written(text.take(4).take(3)), "aé€");
    }
}
