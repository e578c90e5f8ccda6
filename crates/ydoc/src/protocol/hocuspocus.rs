//! Hocuspocus messages: many documents on one socket. Sources: npm `@hocuspocus/provider` and `@hocuspocus/common` 4.8.0,
//! `@hocuspocus/server` 4.7.0.
//!
//! A message is a document's name, a number for its kind, and what belongs to the kind. Ping and pong are about the socket and
//! are a single byte. With "session awareness" a provider appends `\0` and an id of its own to the name, so that one socket can
//! hold several sessions of a document; answers have to carry the same.

use super::{AUTH, AWARENESS, QUERY_AWARENESS, SYNC, Sync, text};
use crate::{
    Error, Limits,
    limits::within,
    read::Reader,
    write::{buf, var_uint},
};

const SYNC_REPLY: u64 = 4;
const STATELESS: u64 = 5;
const BROADCAST_STATELESS: u64 = 6;
const CLOSE: u64 = 7;
const SYNC_STATUS: u64 = 8;
const PING: u64 = 9;
const PONG: u64 = 10;

/// One message and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The document's name as it stands in the message, with a session id if it has one: what answers are addressed to.
    /// Empty for ping and pong.
    pub document: &'a str,
    /// What it says.
    pub message: Message<'a>,
}

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// About the document.
    Sync(Sync<'a>),
    /// A sync message that must not be answered by a step 1 of one's own. Servers send it.
    SyncReply(Sync<'a>),
    /// An awareness update; see [`awareness`](super::awareness).
    Awareness(&'a [u8]),
    /// About access.
    Auth(Auth<'a>),
    /// Asks for everybody's awareness.
    QueryAwareness,
    /// An application's own text.
    Stateless(&'a str),
    /// A text to pass on to all. Between servers only: refuse it from clients.
    BroadcastStateless(&'a str),
    /// The session of the document ends. Servers say why.
    Close(Option<&'a str>),
    /// Whether the client's last update was taken. Providers count their unsaved changes by it.
    SyncStatus(bool),
    /// Is the other side there?
    Ping,
    /// It is.
    Pong,
}

/// What a message about access says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth<'a> {
    /// From a client: its token, and the provider's version if it tells it.
    Token {
        /// What the application gave the provider as `token`.
        token: &'a str,
        /// The version of the provider's package.
        version: Option<&'a str>,
    },
    /// From a server: send a token. Has the form of a token message without a token.
    TokenRequest,
    /// From a server: no, and why.
    PermissionDenied(&'a str),
    /// From a server: yes, and with which scope.
    Authenticated(Scope),
}

/// What an authenticated session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read and write.
    ReadWrite,
    /// Read only.
    Readonly,
}

impl Scope {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadWrite => "read-write",
            Self::Readonly => "readonly",
        }
    }
}

impl<'a> Frame<'a> {
    /// The document's name and the provider's session id, if its name has one.
    #[must_use]
    pub fn address(&self) -> (&'a str, Option<&'a str>) {
        self.document
            .split_once('\0')
            .map_or((self.document, None), |(name, session)| {
                (name, Some(session))
            })
    }

    /// Decodes one message.
    ///
    /// # Errors
    /// When the message is cut short, has bytes left over, is over a limit, or is of an unknown kind.
    pub fn decode(message: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        within("the message", message.len(), limits.message_bytes)?;
        match *message {
            [byte] if u64::from(byte) == PING => {
                return Ok(Self {
                    document: "",
                    message: Message::Ping,
                });
            }
            [byte] if u64::from(byte) == PONG => {
                return Ok(Self {
                    document: "",
                    message: Message::Pong,
                });
            }
            _ => {}
        }
        let mut reader = Reader::new(message);
        let document = text(&mut reader, "the document's name", limits.name_bytes)?;
        let decoded = match reader.var_uint()? {
            SYNC => Message::Sync(Sync::read(&mut reader)?),
            SYNC_REPLY => Message::SyncReply(Sync::read(&mut reader)?),
            AWARENESS => Message::Awareness(reader.buf()?),
            AUTH => {
                return Ok(Self {
                    document,
                    message: Message::Auth(auth(&mut reader, limits)?),
                });
            }
            QUERY_AWARENESS => Message::QueryAwareness,
            STATELESS => Message::Stateless(text(&mut reader, "the payload", limits.text_bytes)?),
            BROADCAST_STATELESS => {
                Message::BroadcastStateless(text(&mut reader, "the payload", limits.text_bytes)?)
            }
            CLOSE => Message::Close(optional(&mut reader, "the reason", limits.text_bytes)?),
            SYNC_STATUS => Message::SyncStatus(reader.var_uint()? == 1),
            PING => Message::Ping,
            PONG => Message::Pong,
            _ => return Err(Error::Unsupported("an unknown message")),
        };
        reader.finish()?;
        Ok(Self {
            document,
            message: decoded,
        })
    }

    /// Encodes the message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self.message {
            Message::Ping => return vec![PING as u8],
            Message::Pong => return vec![PONG as u8],
            _ => {}
        }
        let mut out = Vec::with_capacity(self.document.len() + 32 + self.message.len());
        buf(&mut out, self.document.as_bytes());
        self.message.write(&mut out);
        out
    }
}

impl Message<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Sync(sync) | Self::SyncReply(sync) => sync.len(),
            Self::Awareness(bytes) => bytes.len(),
            Self::Stateless(text) | Self::BroadcastStateless(text) => text.len(),
            _ => 64,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let number = match self {
            Self::Sync(_) => SYNC,
            Self::Awareness(_) => AWARENESS,
            Self::Auth(_) => AUTH,
            Self::QueryAwareness => QUERY_AWARENESS,
            Self::SyncReply(_) => SYNC_REPLY,
            Self::Stateless(_) => STATELESS,
            Self::BroadcastStateless(_) => BROADCAST_STATELESS,
            Self::Close(_) => CLOSE,
            Self::SyncStatus(_) => SYNC_STATUS,
            Self::Ping => PING,
            Self::Pong => PONG,
        };
        var_uint(out, number);
        match *self {
            Self::Sync(sync) | Self::SyncReply(sync) => sync.write(out),
            Self::Awareness(update) => buf(out, update),
            Self::Stateless(text) | Self::BroadcastStateless(text) | Self::Close(Some(text)) => {
                buf(out, text.as_bytes())
            }
            Self::SyncStatus(taken) => out.push(u8::from(taken)),
            Self::Auth(Auth::TokenRequest) => out.push(0),
            Self::Auth(Auth::Token { token, version }) => {
                out.push(0);
                buf(out, token.as_bytes());
                if let Some(version) = version {
                    buf(out, version.as_bytes());
                }
            }
            Self::Auth(Auth::PermissionDenied(reason)) => {
                out.push(1);
                buf(out, reason.as_bytes());
            }
            Self::Auth(Auth::Authenticated(scope)) => {
                out.push(2);
                buf(out, scope.as_str().as_bytes());
            }
            Self::QueryAwareness | Self::Close(None) | Self::Ping | Self::Pong => {}
        }
    }
}

/// The provider has appended fields to this message before (its version), so what follows the known ones is ignored.
fn auth<'a>(reader: &mut Reader<'a>, limits: &Limits) -> Result<Auth<'a>, Error> {
    match reader.var_uint()? {
        0 => Ok(match optional(reader, "the token", limits.token_bytes)? {
            None => Auth::TokenRequest,
            Some(token) => Auth::Token {
                token,
                version: optional(reader, "the version", limits.name_bytes)?,
            },
        }),
        1 => Ok(Auth::PermissionDenied(text(
            reader,
            "the reason",
            limits.text_bytes,
        )?)),
        2 => match text(reader, "the scope", limits.name_bytes)? {
            "read-write" => Ok(Auth::Authenticated(Scope::ReadWrite)),
            "readonly" => Ok(Auth::Authenticated(Scope::Readonly)),
            _ => Err(Error::Unsupported("an unknown scope")),
        },
        _ => Err(Error::Unsupported("an unknown auth message")),
    }
}

fn optional<'a>(
    reader: &mut Reader<'a>,
    what: &'static str,
    limit: usize,
) -> Result<Option<&'a str>, Error> {
    if reader.remaining() == 0 {
        Ok(None)
    } else {
        text(reader, what, limit).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_round_trip_and_have_the_wire_form_of_hocuspocus() {
        let limits = Limits::default();
        let token = Auth::Token {
            token: "t",
            version: Some("4.8.0"),
        };
        for (message, bytes) in [
            (Message::Sync(Sync::Step1(&[0])), &[1, b'd', 0, 0, 1, 0][..]),
            (
                Message::SyncReply(Sync::Step1(&[0])),
                &[1, b'd', 4, 0, 1, 0],
            ),
            (
                Message::Sync(Sync::Update(&[0, 0])),
                &[1, b'd', 0, 2, 2, 0, 0],
            ),
            (Message::Awareness(&[0]), &[1, b'd', 1, 1, 0]),
            (
                Message::Auth(token),
                &[1, b'd', 2, 0, 1, b't', 5, b'4', b'.', b'8', b'.', b'0'],
            ),
            (
                Message::Auth(Auth::Token {
                    token: "t",
                    version: None,
                }),
                &[1, b'd', 2, 0, 1, b't'],
            ),
            (Message::Auth(Auth::TokenRequest), &[1, b'd', 2, 0]),
            (
                Message::Auth(Auth::PermissionDenied("no")),
                &[1, b'd', 2, 1, 2, b'n', b'o'],
            ),
            (
                Message::Auth(Auth::Authenticated(Scope::Readonly)),
                b"\x01d\x02\x02\x08readonly",
            ),
            (
                Message::Auth(Auth::Authenticated(Scope::ReadWrite)),
                b"\x01d\x02\x02\x0aread-write",
            ),
            (Message::QueryAwareness, &[1, b'd', 3]),
            (Message::Stateless("x"), &[1, b'd', 5, 1, b'x']),
            (Message::BroadcastStateless("x"), &[1, b'd', 6, 1, b'x']),
            (Message::Close(None), &[1, b'd', 7]),
            (Message::Close(Some("x")), &[1, b'd', 7, 1, b'x']),
            (Message::SyncStatus(true), &[1, b'd', 8, 1]),
            (Message::SyncStatus(false), &[1, b'd', 8, 0]),
        ] {
            let frame = Frame {
                document: "d",
                message,
            };
            assert_eq!(frame.encode(), bytes);
            assert_eq!(Frame::decode(bytes, &limits), Ok(frame));
        }
        for (message, byte) in [(Message::Ping, 9), (Message::Pong, 10)] {
            let frame = Frame {
                document: "",
                message,
            };
            assert_eq!(frame.encode(), [byte]);
            assert_eq!(Frame::decode(&[byte], &limits), Ok(frame));
        }
        assert!(Frame::decode(&[1, b'd', 11], &limits).is_err());
        assert!(Frame::decode(&[1, b'd', 3, 0], &limits).is_err());
        assert!(Frame::decode(&[200, 1, b'd', 3], &limits).is_err());
        assert!(Frame::decode(&[], &limits).is_err());
    }

    #[test]
    fn a_session_id_is_part_of_the_address() {
        let frame = Frame {
            document: "doc\0s1",
            message: Message::QueryAwareness,
        };
        assert_eq!(frame.address(), ("doc", Some("s1")));
        assert_eq!(
            Frame {
                document: "doc",
                ..frame
            }
            .address(),
            ("doc", None)
        );
    }
}
