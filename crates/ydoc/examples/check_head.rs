//! The Rust side of `fixtures/verify.mjs`: for each line of JSON on standard input, what this crate makes of it.

use std::io::{BufRead, Write};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use ydoc::{Known, Limits, Verdict, head, merge};

#[derive(Deserialize)]
struct Case {
    /// In an order in which each can be applied.
    updates: Vec<String>,
    /// How many updates the first of two heads is made of.
    half: usize,
    /// What clients hold in the end: nothing of it may be new.
    documents: Vec<String>,
}

#[derive(Serialize)]
struct Outcome {
    head: String,
    /// The head of the first half's head and the other updates.
    folded: String,
    merged: String,
    /// Verdicts on the updates, each after those before.
    verdicts: Vec<String>,
    /// Verdicts on the documents, with an index that grew, and with one made from the head.
    documents: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let limits = Limits::default();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        let decode = |list: &[String]| {
            list.iter()
                .map(|text| BASE64_STANDARD.decode(text))
                .collect::<Result<Vec<_>, _>>()
        };
        let updates = decode(&case.updates)?;
        let documents = decode(&case.documents)?;
        let word = |verdict: Result<Verdict, ydoc::Error>| match verdict {
            Ok(Verdict::Nothing) => "nothing".to_owned(),
            Ok(Verdict::Gap) => "gap".to_owned(),
            Ok(Verdict::New(novel)) if novel.unformats_only() => {
                "nothing but formatting".to_owned()
            }
            Ok(Verdict::New(novel)) => format!("new {:?} {:?}", novel.inserts(), novel.deletes()),
            Err(error) => error.to_string(),
        };
        let mut known = Known::new();
        let mut verdicts = Vec::new();
        // What a server would have stored.
        let mut log = Vec::new();
        let mut half = 0;
        for (at, update) in updates.iter().enumerate() {
            if at == case.half {
                half = log.len();
            }
            let verdict = known.judge(update, &limits);
            if let Ok(Verdict::New(novel)) = &verdict {
                known.admit(novel);
                log.push(novel.update().to_vec());
                verdicts.push("new".to_owned());
            } else {
                verdicts.push(word(verdict));
            }
        }
        let all = head(&log, &limits)?;
        let mut parts = vec![head(&log[..half], &limits)?];
        parts.extend_from_slice(&log[half..]);
        let folded = head(&parts, &limits)?;
        let fresh = Known::from_update(&all, &limits)?;
        let judged = documents
            .iter()
            .flat_map(|document| {
                [
                    word(known.judge(document, &limits)),
                    word(fresh.judge(document, &limits)),
                ]
            })
            .collect();
        let outcome = Outcome {
            head: BASE64_STANDARD.encode(all),
            folded: BASE64_STANDARD.encode(folded),
            merged: BASE64_STANDARD.encode(merge(&updates, &limits)?),
            verdicts,
            documents: judged,
        };
        serde_json::to_writer(&mut out, &outcome)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
