//! A long history of one text, of the size and kind of the B4 editing trace: people type runs, delete backwards, and jump.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::update::{FIRST_EDIT, range};
use crate::wire::{put_bytes, put_var};

const NONE: u32 = u32::MAX;
const JUMP: f64 = 0.009;

struct Character {
    origin: u32,
    right_origin: u32,
    byte: u8,
    deleted: bool,
}

enum Operation {
    Insert(u32),
    Delete(u32),
}

/// One author's history; characters are numbered in the order of their making, and number `n` has the clock `n + 2`.
pub(crate) struct Trace {
    pub(crate) client: u64,
    characters: Vec<Character>,
    operations: Vec<Operation>,
}

impl Trace {
    /// The same operations for the same counts, whatever the client.
    pub(crate) fn new(client: u64, inserts: usize, deletes: usize) -> Self {
        let mut random = StdRng::seed_from_u64(4);
        let mut trace = Self {
            client,
            characters: Vec::with_capacity(inserts),
            operations: Vec::new(),
        };
        // The text as a linked list, deleted characters included, as Yjs keeps it.
        let mut next: Vec<u32> = Vec::with_capacity(inserts);
        let mut previous: Vec<u32> = Vec::with_capacity(inserts);
        let (mut first, mut cursor, mut deleting) = (NONE, NONE, false);
        let mut deleted = 0;
        while trace.characters.len() < inserts || deleted < deletes {
            let made = trace.characters.len();
            if made > 0 && random.random_bool(JUMP) {
                cursor = random.random_range(0..made as u32);
                deleting = random.random_bool(0.3);
            }
            if made == inserts {
                deleting = true;
            } else if deleted == deletes {
                deleting = false;
            }
            if deleting {
                while cursor != NONE && trace.characters[cursor as usize].deleted {
                    cursor = previous[cursor as usize];
                }
                if cursor == NONE {
                    cursor = random.random_range(0..made as u32);
                    deleting = deleted < deletes && made == inserts;
                    continue;
                }
                trace.characters[cursor as usize].deleted = true;
                trace.operations.push(Operation::Delete(cursor));
                deleted += 1;
            } else {
                let right = if cursor == NONE {
                    first
                } else {
                    next[cursor as usize]
                };
                let number = made as u32;
                let byte = if random.random_bool(0.17) {
                    b' '
                } else {
                    random.random_range(b'a'..=b'z')
                };
                trace.characters.push(Character {
                    origin: cursor,
                    right_origin: right,
                    byte,
                    deleted: false,
                });
                next.push(right);
                previous.push(cursor);
                match cursor {
                    NONE => first = number,
                    _ => next[cursor as usize] = number,
                }
                if right != NONE {
                    previous[right as usize] = number;
                }
                trace.operations.push(Operation::Insert(number));
                cursor = number;
            }
        }
        trace
    }

    pub(crate) fn operations(&self) -> usize {
        self.operations.len()
    }

    /// Inserts and deletes.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let inserts = self.characters.len() as u64;
        (inserts, self.operations.len() as u64 - inserts)
    }

    /// The paragraph that the text stands in.
    pub(crate) fn begin(&self) -> Vec<u8> {
        range(self.client, 0, FIRST_EDIT)
    }

    /// One operation as its author's client sent it.
    pub(crate) fn operation(&self, index: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        match self.operations[index] {
            Operation::Insert(number) => {
                for value in [1, 1, self.client, u64::from(number) + FIRST_EDIT] {
                    put_var(&mut out, value);
                }
                self.put_struct(&mut out, number, 1, false);
                out.push(0);
            }
            Operation::Delete(number) => {
                out.push(0);
                for value in [1, self.client, 1, u64::from(number) + FIRST_EDIT, 1] {
                    put_var(&mut out, value);
                }
            }
        }
        out
    }

    /// All of it as one update, as a client that has it all encodes it.
    pub(crate) fn whole(&self) -> Vec<u8> {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for (number, character) in self.characters.iter().enumerate() {
            if let Some((first, len)) = runs.last_mut() {
                let last = &self.characters[number - 1];
                if character.origin == number as u32 - 1
                    && character.right_origin == last.right_origin
                    && character.deleted == last.deleted
                {
                    debug_assert_eq!(*first + *len, number as u32);
                    *len += 1;
                    continue;
                }
            }
            runs.push((number as u32, 1));
        }
        // The paragraph and its text come first, in the same list of structs.
        let begin = self.begin();
        let mut head = Vec::new();
        for value in [1, 2, self.client, 0] {
            put_var(&mut head, value);
        }
        let mut out = Vec::new();
        for value in [1, runs.len() as u64 + 2, self.client, 0] {
            put_var(&mut out, value);
        }
        out.extend_from_slice(&begin[head.len()..begin.len() - 1]);
        for (first, len) in &runs {
            self.put_struct(
                &mut out,
                *first,
                *len,
                self.characters[*first as usize].deleted,
            );
        }
        let mut deleted: Vec<(u64, u64)> = Vec::new();
        for (number, _) in self
            .characters
            .iter()
            .enumerate()
            .filter(|(_, character)| character.deleted)
        {
            let clock = number as u64 + FIRST_EDIT;
            match deleted.last_mut() {
                Some((first, len)) if *first + *len == clock => *len += 1,
                _ => deleted.push((clock, 1)),
            }
        }
        for value in [1, self.client, deleted.len() as u64] {
            put_var(&mut out, value);
        }
        for (clock, len) in deleted {
            put_var(&mut out, clock);
            put_var(&mut out, len);
        }
        out
    }

    fn put_struct(&self, out: &mut Vec<u8>, first: u32, len: u32, deleted: bool) {
        let character = &self.characters[first as usize];
        let origins = [(0x80, character.origin), (0x40, character.right_origin)];
        let flags: u8 = origins
            .iter()
            .filter(|(_, origin)| *origin != NONE)
            .map(|(flag, _)| flag)
            .sum();
        out.push(flags | if deleted { 1 } else { 4 });
        for (_, origin) in origins.iter().filter(|(_, origin)| *origin != NONE) {
            put_var(out, self.client);
            put_var(out, u64::from(*origin) + FIRST_EDIT);
        }
        if flags == 0 {
            out.push(0);
            put_var(out, self.client);
            put_var(out, 1);
        }
        if deleted {
            put_var(out, u64::from(len));
        } else {
            let run = &self.characters[first as usize..(first + len) as usize];
            put_bytes(
                out,
                &run.iter()
                    .map(|character| character.byte)
                    .collect::<Vec<_>>(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::update::{Held, scan};

    #[test]
    fn one_update_and_its_operations_hold_the_same() {
        let trace = Trace::new(9, 3000, 1200);
        assert_eq!(trace.operations(), 4200);
        let (mut whole, mut parts) = (Held::default(), Held::default());
        scan(&trace.whole(), &mut whole).unwrap();
        scan(&trace.begin(), &mut parts).unwrap();
        for index in 0..trace.operations() {
            scan(&trace.operation(index), &mut parts).unwrap();
        }
        assert_eq!(whole, parts);
        assert_eq!(whole.inserts.reach(9), 3002);
        assert_eq!(whole.deletes.total(), 1200);
    }
}
