//! Frames that no correct client sends, made from frames that one does.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::update::range;
use crate::wire::{Framer, Protocol, put_bytes, put_var};
use crate::ws::{BINARY, TEXT};

/// What is sent.
pub(crate) enum Strike {
    Message(u8, Vec<u8>),
    /// Bytes below the level of WebSocket messages.
    Raw(Vec<u8>),
}

impl Strike {
    /// For a report: the length, and how it begins.
    pub(crate) fn describe(&self) -> String {
        let (Self::Message(_, bytes) | Self::Raw(bytes)) = self;
        format!(
            "{} bytes, {:02x?}",
            bytes.len(),
            &bytes[..bytes.len().min(80)]
        )
    }
}

/// What an attacker knows.
pub(crate) struct Attacker {
    pub(crate) framer: Framer,
    /// Its own Yjs client, and how far its chain is sent.
    pub(crate) client: u64,
    pub(crate) next: u64,
    /// Clients of honest people in the same document.
    pub(crate) honest: Vec<u64>,
    pub(crate) token: String,
    /// The server's state vector, as it was last heard.
    pub(crate) state: Vec<u8>,
    /// Frames sent before.
    pub(crate) sent: Vec<Vec<u8>>,
}

fn var(value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_var(&mut out, value);
    out
}

impl Attacker {
    pub(crate) fn strike(&mut self, random: &mut StdRng) -> Strike {
        let frame = match random.random_range(0..100) {
            0..55 => {
                let mut frame = self.base(random);
                for _ in 0..random.random_range(1..4) {
                    frame = self.mutate(frame, random);
                }
                frame
            }
            55..60 => self
                .framer
                .update(&nested_any(self.client, self.next, random)),
            60..64 => self
                .framer
                .update(&nested_types(self.client, self.next, random)),
            64..70 => {
                // A gap: what follows something that was never sent.
                let from = self.next + random.random_range(1..1 << 30);
                self.framer
                    .update(&range(self.client, from, from + random.random_range(1..4)))
            }
            70..76 => match self.sent.choose(random) {
                Some(frame) => frame.clone(),
                None => self.framer.update(&[0, 0]),
            },
            76..84 => self.framer.update(&self.foreign(random)),
            84..90 => self.framer.update(&self.deletes(random)),
            90..93 => self.framer.step1(&self.state_vector(random)),
            93..96 => self.framer.awareness(&self.awareness(random)),
            96..97 => return Strike::Message(TEXT, self.base(random)),
            97..98 => return Strike::Raw(raw(random)),
            98 if random.random_bool(0.02) => {
                let size = random.random_range(1 << 20..24 << 20);
                self.framer.update(&vec![random.random::<u8>(); size])
            }
            _ => {
                let len = random.random_range(0..200);
                (0..len).map(|_| random.random::<u8>()).collect()
            }
        };
        if frame.len() < 4096 {
            if self.sent.len() >= 64 {
                self.sent.swap_remove(random.random_range(0..64));
            }
            self.sent.push(frame.clone());
        }
        Strike::Message(BINARY, frame)
    }

    /// A frame that a correct client could send.
    fn base(&mut self, random: &mut StdRng) -> Vec<u8> {
        match random.random_range(0..12) {
            0 => self.framer.step1(&self.state_vector(random)),
            1 => self.framer.step2(&range(self.client, 0, self.next)),
            2 => self.framer.step2(&[0, 0]),
            3 => self.framer.awareness(&self.awareness(random)),
            4 => self.framer.query_awareness(),
            5 => self.framer.token(&self.token),
            6 | 7 => self.framer.update(&rich(self.client, self.next)),
            8 if self.framer.protocol == Protocol::Hocuspocus => {
                let mut frame = self.framer.query_awareness();
                frame.pop();
                frame.push(random.random_range(4..12));
                put_bytes(&mut frame, b"payload");
                frame
            }
            _ => {
                let to = self.next + random.random_range(1..4);
                let update = range(self.client, self.next, to);
                // When a mutation spoils it, the next one is a gap, and the server says how far it is.
                self.next = to;
                self.framer.update(&update)
            }
        }
    }

    fn mutate(&mut self, mut frame: Vec<u8>, random: &mut StdRng) -> Vec<u8> {
        if frame.is_empty() {
            return vec![random.random()];
        }
        let at = random.random_range(0..frame.len());
        match random.random_range(0..8) {
            0 | 1 => {
                for _ in 0..random.random_range(1..8) {
                    let at = random.random_range(0..frame.len());
                    frame[at] ^= 1 << random.random_range(0..8);
                }
            }
            2 => frame.truncate(at),
            3 => {
                let other = self.base(random);
                frame.truncate(at);
                frame.extend_from_slice(&other[random.random_range(0..other.len())..]);
            }
            4 => {
                // A length or a count that no memory holds.
                let bomb = var(1 << random.random_range(7..63));
                frame.splice(at..=at, bomb);
            }
            5 => {
                let noise: Vec<u8> = (0..random.random_range(1..20))
                    .map(|_| random.random::<u8>())
                    .collect();
                frame.splice(at..at, noise);
            }
            6 => frame[at] = [0, 0x7f, 0x80, 0xff][random.random_range(0..4)],
            _ => {
                let end = random.random_range(at..frame.len());
                let part = frame[at..end].to_vec();
                frame.splice(at..at, part);
            }
        }
        frame
    }

    /// Content in somebody else's name.
    fn foreign(&self, random: &mut StdRng) -> Vec<u8> {
        let client = self.honest.choose(random).copied().unwrap_or(self.client);
        let from = random.random_range(0..2000);
        range(client, from, from + random.random_range(1..40))
    }

    /// Deletions of what exists, of what does not, and of what somebody may write next.
    fn deletes(&self, random: &mut StdRng) -> Vec<u8> {
        let mut out = vec![0];
        let client = match random.random_range(0..3) {
            0 => self.client,
            1 => self.honest.choose(random).copied().unwrap_or(self.client),
            _ => random.random_range(0..1 << 53),
        };
        for value in [
            1,
            client,
            1,
            random.random_range(0..3000),
            1 << random.random_range(0..60),
        ] {
            put_var(&mut out, value);
        }
        out
    }

    fn state_vector(&self, random: &mut StdRng) -> Vec<u8> {
        match random.random_range(0..100) {
            // Far more entries announced than bytes follow.
            0..88 => var(1 << random.random_range(20..50)),
            // Whoever lacks what the server has gets all of it. That is a download, not an attack; now and then.
            88 => vec![0],
            89 => {
                let mut out = var(50);
                for _ in 0..50 {
                    put_var(&mut out, random.random_range(0..1 << 53));
                    put_var(&mut out, random.random_range(0..1 << 53));
                }
                out
            }
            _ => self.state.clone(),
        }
    }

    fn awareness(&self, random: &mut StdRng) -> Vec<u8> {
        let client = if random.random_bool(0.5) {
            self.client
        } else {
            self.honest
                .choose(random)
                .copied()
                .unwrap_or(random.random_range(0..1 << 40))
        };
        let state = match random.random_range(0..5) {
            0 => "null".to_owned(),
            1 => format!("{}1{}", "[".repeat(3000), "]".repeat(3000)),
            2 => format!(
                r#"{{"user":{{"id":"somebody else","name":"{}"}}}}"#,
                "x".repeat(random.random_range(0..9000))
            ),
            3 => "{".to_owned(),
            _ => r#"{"user":{"name":"A"},"cursor":null}"#.to_owned(),
        };
        let mut out = vec![1];
        put_var(&mut out, client);
        put_var(&mut out, random.random_range(0..1 << 33));
        put_bytes(&mut out, state.as_bytes());
        out
    }
}

/// An array of an array of an array …, as the value of a map's key.
fn nested_any(client: u64, clock: u64, random: &mut StdRng) -> Vec<u8> {
    let depth = [10, 200, 5_000, 30_000][random.random_range(0..4)];
    let mut out = Vec::with_capacity(depth * 2 + 40);
    for value in [1, 1, client, clock] {
        put_var(&mut out, value);
    }
    out.extend_from_slice(&[0x28, 1]);
    put_bytes(&mut out, b"fields");
    put_bytes(&mut out, b"key");
    put_var(&mut out, 1);
    for _ in 0..depth {
        out.extend_from_slice(&[117, 1]);
    }
    out.extend_from_slice(&[126, 0]);
    out
}

/// A shared type in a shared type in a shared type …
fn nested_types(client: u64, clock: u64, random: &mut StdRng) -> Vec<u8> {
    let depth = [4, 60, 3_000][random.random_range(0..3)];
    let mut out = Vec::new();
    for value in [1, depth, client, clock] {
        put_var(&mut out, value);
    }
    out.extend_from_slice(&[7, 1]);
    put_bytes(&mut out, b"nested");
    out.push(0);
    for level in 1..depth {
        out.extend_from_slice(&[7, 0]);
        put_var(&mut out, client);
        put_var(&mut out, clock + level - 1);
        out.push(0);
    }
    out.push(0);
    out
}

/// A little of every kind of content.
fn rich(client: u64, clock: u64) -> Vec<u8> {
    let mut structs = Vec::new();
    let mut count = 0;
    let mut add = |info: u8, root: &[u8], content: &[u8]| {
        structs.extend_from_slice(&[info, 1]);
        put_bytes(&mut structs, root);
        if info & 0x20 != 0 {
            put_bytes(&mut structs, b"key");
        }
        structs.extend_from_slice(content);
        count += 1;
    };
    // Any, binary, embed, format, JSON, sub-document, XML element.
    add(
        0x28,
        b"fields",
        &[1, 118, 1, 1, b'a', 117, 2, 125, 5, 119, 1, b'x'],
    );
    add(3, b"text", &[3, 1, 2, 3]);
    add(5, b"text", &[2, b'{', b'}']);
    add(
        6,
        b"text",
        &[4, b'b', b'o', b'l', b'd', 4, b't', b'r', b'u', b'e'],
    );
    add(2, b"list", &[1, 1, b'1']);
    add(9, b"list", &[1, b'd', 118, 0]);
    add(7, b"description", &[3, 1, b'p']);
    let mut out = Vec::new();
    for value in [1, count, client, clock] {
        put_var(&mut out, value);
    }
    out.extend_from_slice(&structs);
    out.push(0);
    out
}

/// Frames that break WebSocket's own rules.
fn raw(random: &mut StdRng) -> Vec<u8> {
    match random.random_range(0..5) {
        // Unmasked, a reserved opcode, a control frame in fragments, a length of 2^62, noise.
        0 => vec![0x82, 2, 0, 0],
        1 => vec![0x83, 0x80, 0, 0, 0, 0],
        2 => vec![0x09, 0x80, 0, 0, 0, 0],
        3 => {
            let mut out = vec![0x82, 0xff];
            out.extend_from_slice(&(1u64 << 62).to_be_bytes());
            out.extend_from_slice(&[0; 4]);
            out
        }
        _ => (0..40).map(|_| random.random::<u8>()).collect(),
    }
}
