//! Shared by the test binaries.
#![allow(dead_code, unreachable_pub, reason = "each binary uses its part")]

pub mod exercise;
pub mod hostile;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

/// What Yjs makes of some updates; see `fixtures/generate.mjs`.
#[derive(Deserialize)]
pub struct Case {
    pub name: String,
    /// Each update can be applied after those before it.
    pub ordered: bool,
    updates: Vec<String>,
    merged: String,
    state_vector: String,
    document: String,
    document_state_vector: String,
    diffs: Vec<Diff>,
}

#[derive(Deserialize)]
struct Diff {
    vector: String,
    diff: String,
}

pub fn bytes(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text).expect("base64")
}

impl Case {
    pub fn updates(&self) -> Vec<Vec<u8>> {
        self.updates.iter().map(|text| bytes(text)).collect()
    }

    pub fn merged(&self) -> Vec<u8> {
        bytes(&self.merged)
    }

    pub fn state_vector(&self) -> Vec<u8> {
        bytes(&self.state_vector)
    }

    /// All state of a document that has applied the updates.
    pub fn document(&self) -> Vec<u8> {
        bytes(&self.document)
    }

    pub fn document_state_vector(&self) -> Vec<u8> {
        bytes(&self.document_state_vector)
    }

    /// State vectors, and the difference that each makes to the merged updates.
    pub fn diffs(&self) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + '_ {
        self.diffs
            .iter()
            .map(|diff| (bytes(&diff.vector), bytes(&diff.diff)))
    }
}

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> =
        serde_json::from_str(include_str!("../../fixtures/contents.json")).expect("contents");
    let sessions: Vec<Case> =
        serde_json::from_str(include_str!("../../fixtures/sessions.json")).expect("sessions");
    cases.extend(sessions);
    cases
}

/// Small and seeded: the same seed gives the same numbers.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}
