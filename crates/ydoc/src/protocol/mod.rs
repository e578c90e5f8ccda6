//! Messages of y-websocket, and of Hocuspocus in [`hocuspocus`]. Sources: npm `y-protocols` 1.0.7, `y-websocket` 3.
//!
//! Decoding borrows from the message and checks its frame only: the state vector, update or awareness update inside has its own
//! checks. Encoding gives the whole binary message.

pub mod awareness;
pub mod hocuspocus;

use crate::{
    Error, Limits,
    limits::within,
    read::Reader,
    write::{buf, var_uint},
};

pub(crate) const SYNC: u64 = 0;
pub(crate) const AWARENESS: u64 = 1;
pub(crate) const AUTH: u64 = 2;
pub(crate) const QUERY_AWARENESS: u64 = 3;

/// A message of the sync protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync<'a> {
    /// The sender's state vector. Asks for what is missing in it, as a step 2.
    Step1(&'a [u8]),
    /// The answer to a step 1: an update.
    Step2(&'a [u8]),
    /// An update, as it happened.
    Update(&'a [u8]),
}

impl<'a> Sync<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        match reader.var_uint()? {
            0 => Ok(Self::Step1(reader.buf()?)),
            1 => Ok(Self::Step2(reader.buf()?)),
            2 => Ok(Self::Update(reader.buf()?)),
            _ => Err(Error::Unsupported("an unknown sync message")),
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let (step, bytes) = match self {
            Self::Step1(bytes) => (0, bytes),
            Self::Step2(bytes) => (1, bytes),
            Self::Update(bytes) => (2, bytes),
        };
        out.push(step);
        buf(out, bytes);
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Step1(bytes) | Self::Step2(bytes) | Self::Update(bytes) => bytes.len() + 16,
        }
    }
}

/// A message of a y-websocket connection, which is about one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// About the document.
    Sync(Sync<'a>),
    /// An awareness update; see [`awareness`].
    Awareness(&'a [u8]),
    /// Access is denied, and why. Sent by servers only.
    PermissionDenied(&'a str),
    /// Asks for everybody's awareness.
    QueryAwareness,
}

impl<'a> Message<'a> {
    /// Decodes one message.
    ///
    /// # Errors
    /// When the message is cut short, has bytes left over, is over a limit, or is of an unknown kind.
    pub fn decode(message: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        within("the message", message.len(), limits.message_bytes)?;
        let mut reader = Reader::new(message);
        let decoded = match reader.var_uint()? {
            SYNC => Self::Sync(Sync::read(&mut reader)?),
            AWARENESS => Self::Awareness(reader.buf()?),
            AUTH => match reader.var_uint()? {
                0 => Self::PermissionDenied(text(&mut reader, "the reason", limits.text_bytes)?),
                _ => return Err(Error::Unsupported("an unknown auth message")),
            },
            QUERY_AWARENESS => Self::QueryAwareness,
            _ => return Err(Error::Unsupported("an unknown message")),
        };
        reader.finish()?;
        Ok(decoded)
    }

    /// Encodes the message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out;
        match self {
            Self::Sync(sync) => {
                out = Vec::with_capacity(sync.len());
                var_uint(&mut out, SYNC);
                sync.write(&mut out);
            }
            Self::Awareness(update) => {
                out = Vec::with_capacity(update.len() + 8);
                var_uint(&mut out, AWARENESS);
                buf(&mut out, update);
            }
            Self::PermissionDenied(reason) => {
                out = vec![AUTH as u8, 0];
                buf(&mut out, reason.as_bytes());
            }
            Self::QueryAwareness => out = vec![QUERY_AWARENESS as u8],
        }
        out
    }
}

pub(crate) fn text<'a>(
    reader: &mut Reader<'a>,
    what: &'static str,
    limit: usize,
) -> Result<&'a str, Error> {
    let text = reader.str()?;
    within(what, text.len(), limit)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_round_trip_and_have_the_wire_form_of_y_websocket() {
        let limits = Limits::default();
        for (message, bytes) in [
            (Message::Sync(Sync::Step1(&[0])), &[0, 0, 1, 0][..]),
            (Message::Sync(Sync::Step2(&[0, 0])), &[0, 1, 2, 0, 0]),
            (Message::Sync(Sync::Update(&[0, 0])), &[0, 2, 2, 0, 0]),
            (Message::Awareness(&[0]), &[1, 1, 0]),
            (Message::PermissionDenied("no"), &[2, 0, 2, b'n', b'o']),
            (Message::QueryAwareness, &[3]),
        ] {
            assert_eq!(message.encode(), bytes);
            assert_eq!(Message::decode(bytes, &limits), Ok(message));
            for cut in 0..bytes.len() {
                assert_eq!(
                    Message::decode(&bytes[..cut], &limits),
                    Err(Error::Truncated)
                );
            }
            assert!(Message::decode(&[bytes, &[0]].concat(), &limits).is_err());
        }
        assert_eq!(
            Message::decode(&[0, 3, 0], &limits).unwrap_err().reason(),
            "unsupported"
        );
        assert_eq!(
            Message::decode(&[4], &limits).unwrap_err().reason(),
            "unsupported"
        );
        let small = Limits {
            message_bytes: 3,
            ..Limits::default()
        };
        assert_eq!(
            Message::decode(&[0, 0, 1, 0], &small).unwrap_err().reason(),
            "too_large"
        );
    }
}
