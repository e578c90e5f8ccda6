//! A WebSocket client (RFC 6455) made for thousands of sockets in one process: frames are read in place, and whatever is
//! queued on a socket leaves in one write. The masking key is zero, which the RFC's framing allows and which costs nothing.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;

pub(crate) const BINARY: u8 = 2;
pub(crate) const TEXT: u8 = 1;
const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// Frames above this size end the connection.
const MAX_FRAME: usize = 256 << 20;
const FIRST_BUFFER: usize = 4 << 10;
const MOST_BUFFER: usize = 256 << 10;

/// The sending half; shared.
pub(crate) struct Socket {
    stream: TcpStream,
    out: Mutex<Vec<u8>>,
    pending: AtomicBool,
}

/// The receiving half; also sends what the sending half could not send at once.
pub(crate) struct Inbox {
    socket: Arc<Socket>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Earlier fragments of the message that is arriving.
    fragments: Option<Vec<u8>>,
    /// What a returned frame points into when it came in fragments.
    whole: Vec<u8>,
}

pub(crate) struct Frame<'a> {
    pub(crate) opcode: u8,
    pub(crate) payload: &'a [u8],
}

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    /// 0 when there was no close frame.
    pub(crate) code: u16,
    pub(crate) reason: String,
}

/// `authority` is `host:port`, `path` starts with a slash.
pub(crate) async fn connect(authority: &str, path: &str) -> Result<(Arc<Socket>, Inbox)> {
    let mut stream = TcpStream::connect(authority)
        .await
        .with_context(|| format!("connecting to {authority}"))?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; FIRST_BUFFER];
    let mut end = 0;
    let head = loop {
        let read = stream.read(&mut buffer[end..]).await?;
        if read == 0 {
            bail!("{authority} hung up during the handshake");
        }
        end += read;
        if let Some(at) = buffer[..end]
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
        {
            break at + 4;
        }
        if end == buffer.len() {
            bail!("{authority} answered the handshake with too long a header");
        }
    };
    if !buffer.starts_with(b"HTTP/1.1 101") {
        bail!(
            "{authority} refused the upgrade: {}",
            String::from_utf8_lossy(&buffer[..end])
        );
    }
    let socket = Arc::new(Socket {
        stream,
        out: Mutex::new(Vec::new()),
        pending: AtomicBool::new(false),
    });
    let inbox = Inbox {
        socket: socket.clone(),
        buffer,
        start: head,
        end,
        fragments: None,
        whole: Vec::new(),
    };
    Ok((socket, inbox))
}

fn frame_head(out: &mut Vec<u8>, first: u8, len: usize) {
    out.push(first);
    if len < 126 {
        out.push(0x80 | len as u8);
    } else if let Ok(len) = u16::try_from(len) {
        out.push(0x80 | 126);
        out.extend_from_slice(&len.to_be_bytes());
    } else {
        out.push(0x80 | 127);
        out.extend_from_slice(&(len as u64).to_be_bytes());
    }
    out.extend_from_slice(&[0; 4]);
}

impl Socket {
    /// Queues a message; [`Self::flush`] or the inbox sends it.
    pub(crate) fn push(&self, opcode: u8, payload: &[u8]) {
        let mut out = self.out.lock();
        frame_head(&mut out, 0x80 | opcode, payload.len());
        out.extend_from_slice(payload);
        self.pending.store(true, Ordering::Release);
    }

    /// Queues bytes as they are: for saying what no correct client says.
    pub(crate) fn push_raw(&self, bytes: &[u8]) {
        self.out.lock().extend_from_slice(bytes);
        self.pending.store(true, Ordering::Release);
    }

    /// Sends what the kernel takes now; `true` when that was all.
    pub(crate) fn try_flush(&self) -> io::Result<bool> {
        let mut out = self.out.lock();
        let mut sent = 0;
        while sent < out.len() {
            match self.stream.try_write(&out[sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => sent += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    out.drain(..sent);
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        out.clear();
        if out.capacity() > MOST_BUFFER {
            *out = Vec::new();
        }
        self.pending.store(false, Ordering::Release);
        Ok(true)
    }

    pub(crate) async fn flush(&self) -> io::Result<()> {
        while !self.try_flush()? {
            self.stream.writable().await?;
        }
        Ok(())
    }

    pub(crate) async fn send(&self, payload: &[u8]) -> io::Result<()> {
        self.push(BINARY, payload);
        self.flush().await
    }

    /// Says goodbye; does not wait for an answer.
    pub(crate) async fn close(&self) {
        self.push(CLOSE, &1000u16.to_be_bytes());
        // The other side may be gone already, and then there is nobody to say goodbye to.
        let _ = self.flush().await;
    }
}

impl Inbox {
    /// Waits for bytes. `false`: the connection is over.
    pub(crate) async fn fill(&mut self) -> io::Result<bool> {
        self.make_room();
        loop {
            let pending = self.socket.pending.load(Ordering::Acquire);
            let interest = if pending {
                Interest::READABLE | Interest::WRITABLE
            } else {
                Interest::READABLE
            };
            let ready = self.socket.stream.ready(interest).await?;
            if pending && ready.is_writable() {
                self.socket.try_flush()?;
            }
            if ready.is_readable() || ready.is_read_closed() {
                match self.socket.stream.try_read(&mut self.buffer[self.end..]) {
                    Ok(read) => {
                        self.end += read;
                        return Ok(read > 0);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        } else if self.start > 0 && self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            let len = (self.buffer.len() * 4).max(FIRST_BUFFER);
            self.buffer.resize(len, 0);
        }
    }

    /// The next whole message that has arrived. Pings are answered here. An error ends the connection.
    pub(crate) fn next(&mut self) -> Result<Option<Frame<'_>>, Closed> {
        loop {
            let Some((first, head, len)) = self.head()? else {
                return Ok(None);
            };
            if self.end - self.start < head + len {
                return Ok(None);
            }
            let from = self.start + head;
            self.start = from + len;
            let (last, opcode) = (first & 0x80 != 0, first & 15);
            match opcode {
                CLOSE => {
                    let payload = &self.buffer[from..from + len];
                    let code = payload
                        .first_chunk()
                        .map_or(0, |code| u16::from_be_bytes(*code));
                    let reason =
                        String::from_utf8_lossy(payload.get(2..).unwrap_or_default()).into_owned();
                    return Err(Closed { code, reason });
                }
                PING => {
                    let payload = self.buffer[from..from + len].to_vec();
                    self.socket.push(PONG, &payload);
                    // The inbox sends what is left over when the socket can take it.
                    let _ = self.socket.try_flush();
                }
                0 => {
                    let Some(fragments) = &mut self.fragments else {
                        return Err(Closed {
                            code: 0,
                            reason: "a fragment of nothing".into(),
                        });
                    };
                    fragments.extend_from_slice(&self.buffer[from..from + len]);
                    if last {
                        self.whole = self.fragments.take().unwrap_or_default();
                        return Ok(Some(Frame {
                            opcode: BINARY,
                            payload: &self.whole,
                        }));
                    }
                }
                _ if !last => self.fragments = Some(self.buffer[from..from + len].to_vec()),
                _ => {
                    return Ok(Some(Frame {
                        opcode,
                        payload: &self.buffer[from..from + len],
                    }));
                }
            }
        }
    }

    /// First byte, length of the head and of the payload of the frame at `start`.
    fn head(&self) -> Result<Option<(u8, usize, usize)>, Closed> {
        let bytes = &self.buffer[self.start..self.end];
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        let (head, len) = match second & 0x7f {
            126 => match rest.first_chunk() {
                Some(len) => (4, usize::from(u16::from_be_bytes(*len))),
                None => return Ok(None),
            },
            127 => match rest.first_chunk() {
                Some(len) => (
                    10,
                    usize::try_from(u64::from_be_bytes(*len)).unwrap_or(usize::MAX),
                ),
                None => return Ok(None),
            },
            len => (2, usize::from(len)),
        };
        if len > MAX_FRAME {
            return Err(Closed {
                code: 0,
                reason: format!("a frame of {len} bytes"),
            });
        }
        Ok(Some((*first, head, len)))
    }
}
