//! The two wire protocols, as a client sees them: y-protocols frames as `y-websocket` sends them, and the same with
//! Hocuspocus' envelope (document name first, authentication, acknowledgements).
//!
//! Sources: `y-protocols/PROTOCOL.md`, `@hocuspocus/provider` 4.8.0.

/// Bounded reader of lib0's encoding. Every method answers `None` at the end of the bytes or on nonsense.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    pub(crate) fn take(&mut self, len: u64) -> Option<&'a [u8]> {
        let len = usize::try_from(len).ok()?;
        if len > self.rest.len() {
            return None;
        }
        let (head, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some(head)
    }

    pub(crate) fn var(&mut self) -> Option<u64> {
        let mut value = 0u64;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
            shift += 7;
            if shift > 63 {
                return None;
            }
        }
    }

    /// A signed integer; only its length matters here.
    pub(crate) fn skip_signed(&mut self) -> Option<()> {
        while self.byte()? >= 0x80 {}
        Some(())
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.var()?;
        self.take(len)
    }

    pub(crate) fn str(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

pub(crate) fn put_var(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_var(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Protocol {
    /// One document per socket, no acknowledgements.
    YWebsocket,
    /// Many documents per socket, authentication per document, acknowledgements.
    Hocuspocus,
}

impl Protocol {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::YWebsocket => "y-websocket",
            Self::Hocuspocus => "hocuspocus",
        }
    }
}

/// What a server can say to a client.
#[derive(Debug, PartialEq)]
pub(crate) enum Incoming<'a> {
    Step1(&'a [u8]),
    Step2(&'a [u8]),
    Update(&'a [u8]),
    Awareness(&'a [u8]),
    QueryAwareness,
    Authenticated,
    Denied(&'a str),
    /// Hocuspocus: one earlier step 2 or update of ours is applied (`true`) or refused.
    Acknowledged(bool),
    /// Hocuspocus: this document's session is over.
    Closed(&'a str),
    Ping,
    Other,
}

/// Writes and reads the frames of one document.
#[derive(Clone)]
pub(crate) struct Framer {
    pub(crate) protocol: Protocol,
    prefix: Vec<u8>,
}

impl Framer {
    pub(crate) fn new(protocol: Protocol, document: &str) -> Self {
        let mut prefix = Vec::new();
        if protocol == Protocol::Hocuspocus {
            put_bytes(&mut prefix, document.as_bytes());
        }
        Self { protocol, prefix }
    }

    fn frame(&self, head: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.prefix.len() + head.len() + payload.len() + 5);
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(head);
        put_bytes(&mut out, payload);
        out
    }

    pub(crate) fn step1(&self, state_vector: &[u8]) -> Vec<u8> {
        self.frame(&[0, 0], state_vector)
    }

    pub(crate) fn step2(&self, update: &[u8]) -> Vec<u8> {
        self.frame(&[0, 1], update)
    }

    pub(crate) fn update(&self, update: &[u8]) -> Vec<u8> {
        self.frame(&[0, 2], update)
    }

    pub(crate) fn awareness(&self, states: &[u8]) -> Vec<u8> {
        self.frame(&[1], states)
    }

    pub(crate) fn query_awareness(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        out.push(3);
        out
    }

    /// Hocuspocus' first frame; the version is what the provider appends.
    pub(crate) fn token(&self, token: &str) -> Vec<u8> {
        let mut out = self.frame(&[2, 0], token.as_bytes());
        put_bytes(&mut out, b"4.8.0");
        out
    }

    /// `None`: not a frame of this document, or not one that a correct server sends.
    pub(crate) fn parse<'a>(&self, frame: &'a [u8]) -> Option<Incoming<'a>> {
        let mut at = Cursor::new(frame);
        if self.protocol == Protocol::Hocuspocus {
            if frame == [9] {
                return Some(Incoming::Ping);
            }
            if !frame.starts_with(&self.prefix) {
                return None;
            }
            at = Cursor::new(&frame[self.prefix.len()..]);
        }
        let message = match (at.var()?, self.protocol) {
            (0, _) | (4, Protocol::Hocuspocus) => match at.var()? {
                0 => Incoming::Step1(at.bytes()?),
                1 => Incoming::Step2(at.bytes()?),
                2 => Incoming::Update(at.bytes()?),
                _ => return None,
            },
            (1, _) => Incoming::Awareness(at.bytes()?),
            (2, _) => match at.var()? {
                0 if self.protocol == Protocol::YWebsocket => Incoming::Denied(at.str()?),
                1 => Incoming::Denied(at.str()?),
                2 => Incoming::Authenticated,
                _ => Incoming::Other,
            },
            (3, _) => Incoming::QueryAwareness,
            (7, Protocol::Hocuspocus) => Incoming::Closed(at.str()?),
            (8, Protocol::Hocuspocus) => Incoming::Acknowledged(at.var()? == 1),
            (_, Protocol::Hocuspocus) => Incoming::Other,
            _ => return None,
        };
        Some(message)
    }
}

/// The clock that a state vector names for `client`; 0 when it names none.
pub(crate) fn clock_in(state_vector: &[u8], client: u64) -> Option<u64> {
    let mut at = Cursor::new(state_vector);
    let mut found = 0;
    for _ in 0..at.var()? {
        let (id, clock) = (at.var()?, at.var()?);
        if id == client {
            found = clock;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive() {
        for value in [
            0,
            1,
            127,
            128,
            16_383,
            16_384,
            u64::from(u32::MAX),
            (1 << 53) - 1,
        ] {
            let mut out = Vec::new();
            put_var(&mut out, value);
            let mut at = Cursor::new(&out);
            assert_eq!(at.var(), Some(value));
            assert!(at.is_empty());
        }
        assert_eq!(Cursor::new(&[0xff; 12]).var(), None);
    }

    #[test]
    fn frames_are_read_back() {
        for protocol in [Protocol::YWebsocket, Protocol::Hocuspocus] {
            let framer = Framer::new(protocol, "a document");
            assert_eq!(
                framer.parse(&framer.step1(&[0])),
                Some(Incoming::Step1(&[0]))
            );
            assert_eq!(
                framer.parse(&framer.update(&[0, 0])),
                Some(Incoming::Update(&[0, 0]))
            );
            assert_eq!(
                framer.parse(&framer.awareness(&[0])),
                Some(Incoming::Awareness(&[0]))
            );
            assert_eq!(
                framer.parse(&framer.query_awareness()),
                Some(Incoming::QueryAwareness)
            );
        }
    }
}
