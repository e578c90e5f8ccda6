//! Reading lib0's encoding: variable-length numbers, strings, byte arrays and `Any` values.
//! Source: npm `lib0` 0.2, `decoding.js`.

use crate::{Error, json};

/// The largest integer that JavaScript holds exactly. Client ids, clocks and lengths stay within it.
pub(crate) const MAX_SAFE: u64 = (1 << 53) - 1;

/// `any_depth` is honoured up to here, whatever the limits say.
const DEPTH_CAP: usize = 128;

/// A position in bytes that nobody vouches for. `Copy`, so that a place can be kept and returned to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pos: 0 }
    }

    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.pos
    }

    /// The bytes between an earlier position and this one.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.pos).unwrap_or_default()
    }

    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.remaining() == 0 {
            Ok(())
        } else {
            Err(Error::Malformed("bytes after the end"))
        }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        let byte = *self.bytes.get(self.pos).ok_or(Error::Truncated)?;
        self.pos += 1;
        Ok(byte)
    }

    /// A number of at most 53 bits in at most 8 bytes.
    #[inline]
    pub(crate) fn var_uint(&mut self) -> Result<u64, Error> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let mut number = u64::from(first & 0x7f);
        let mut shift = 7;
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if number <= MAX_SAFE {
                    Ok(number)
                } else {
                    Err(Error::BadNumber)
                };
            }
            shift += 7;
            if shift > 49 {
                return Err(Error::BadNumber);
            }
        }
    }

    /// A number of things that take at least `each` bytes apiece. Refused when the rest of the input can't hold them.
    pub(crate) fn count(&mut self, each: usize) -> Result<usize, Error> {
        let count = usize::try_from(self.var_uint()?).map_err(|_| Error::Truncated)?;
        if count > self.remaining() / each {
            return Err(Error::Truncated);
        }
        Ok(count)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let end = self.pos.checked_add(len).ok_or(Error::Truncated)?;
        let bytes = self.bytes.get(self.pos..end).ok_or(Error::Truncated)?;
        self.pos = end;
        Ok(bytes)
    }

    /// Bytes with their length in front.
    pub(crate) fn buf(&mut self) -> Result<&'a [u8], Error> {
        let len = self.count(1)?;
        self.take(len)
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.buf()?).map_err(|_| Error::BadUtf8)
    }

    /// JSON in a string. `undefined` is what Yjs writes for `undefined` in the one content that may hold it.
    pub(crate) fn json(&mut self, depth: usize, undefined: bool) -> Result<(), Error> {
        let text = self.str()?;
        if undefined && text == "undefined" {
            Ok(())
        } else {
            json::check(text, depth.min(DEPTH_CAP))
        }
    }

    /// Steps over one `Any` value and checks it, without recursion.
    pub(crate) fn any(&mut self, depth: usize) -> Result<(), Error> {
        let limit = depth.min(DEPTH_CAP);
        // What is still to come in each open array (false) or object (true).
        let mut open: Vec<(usize, bool)> = Vec::new();
        loop {
            match self.byte()? {
                // undefined, null, false, true
                127 | 126 | 121 | 120 => {}
                125 => self.var_int()?,
                124 => drop(self.take(4)?),
                123 | 122 => drop(self.take(8)?),
                119 => drop(self.str()?),
                116 => drop(self.buf()?),
                tag @ (118 | 117) => {
                    let object = tag == 118;
                    let count = self.count(if object { 2 } else { 1 })?;
                    if open.len() >= limit {
                        return Err(Error::TooDeep {
                            what: "a value",
                            limit: limit as u64,
                        });
                    }
                    open.push((count, object));
                }
                _ => return Err(Error::Malformed("unknown kind of value")),
            }
            loop {
                match open.last_mut() {
                    None => return Ok(()),
                    Some((0, _)) => {
                        open.pop();
                    }
                    Some((left, object)) => {
                        *left -= 1;
                        if *object {
                            self.str()?;
                        }
                        break;
                    }
                }
            }
        }
    }

    fn var_int(&mut self) -> Result<(), Error> {
        let first = self.byte()?;
        let mut number = u64::from(first & 0x3f);
        if first < 0x80 {
            return Ok(());
        }
        let mut shift = 6;
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if number <= MAX_SAFE {
                    Ok(())
                } else {
                    Err(Error::BadNumber)
                };
            }
            shift += 7;
            if shift > 48 {
                return Err(Error::BadNumber);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::var_uint;

    #[test]
    fn numbers_round_trip_and_are_bounded() {
        for number in [
            0,
            1,
            127,
            128,
            16_383,
            16_384,
            u64::from(u32::MAX),
            MAX_SAFE,
        ] {
            let mut bytes = Vec::new();
            var_uint(&mut bytes, number);
            assert_eq!(Reader::new(&bytes).var_uint(), Ok(number));
        }
        let mut over = Vec::new();
        var_uint(&mut over, MAX_SAFE + 1);
        assert_eq!(Reader::new(&over).var_uint(), Err(Error::BadNumber));
        assert_eq!(Reader::new(&[0x80; 40]).var_uint(), Err(Error::BadNumber));
        assert_eq!(Reader::new(&[0x80]).var_uint(), Err(Error::Truncated));
        assert_eq!(
            Reader::new(&[0xff, 0xff, 0x03, 0x00]).count(1),
            Err(Error::Truncated)
        );
    }

    #[test]
    fn values_are_bounded_in_depth() {
        let nested = |levels: usize| {
            let mut bytes = [117, 1].repeat(levels);
            bytes.push(126);
            bytes
        };
        assert_eq!(Reader::new(&nested(64)).any(64), Ok(()));
        assert_eq!(
            Reader::new(&nested(65)).any(64),
            Err(Error::TooDeep {
                what: "a value",
                limit: 64
            })
        );
        assert!(Reader::new(&nested(20_000)).any(usize::MAX).is_err());
        // {"a": [1, null]} then an integer that is not part of it
        let mut reader = Reader::new(&[118, 1, 1, b'a', 117, 2, 125, 1, 126, 125, 3]);
        assert_eq!(reader.any(8), Ok(()));
        assert_eq!(reader.remaining(), 2);
        assert_eq!(
            Reader::new(&[117, 200, 1, 126]).any(8),
            Err(Error::Truncated)
        );
        assert_eq!(Reader::new(&[119, 1, 0xff]).any(8), Err(Error::BadUtf8));
        assert!(Reader::new(&[1]).any(8).is_err());
    }
}
