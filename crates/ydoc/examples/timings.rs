//! Prints how long things take: `cargo run --release -p ydoc --example timings`. Best of several runs.

use std::time::Instant;

use ydoc::{Known, Limits, Verdict, content_ids, diff, head, merge, state_vector, validate};

const OPERATIONS: u64 = 260_000;

fn num(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A text that one client typed, with jumps and deletes, one update for each keystroke.
fn keystrokes() -> Vec<Vec<u8>> {
    let mut seed = 1u64;
    let mut random = move |end: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % end
    };
    let client = 3_000_000_000;
    let mut updates = Vec::new();
    let mut clock = 0;
    let mut right = None;
    let mut left = None;
    for _ in 0..OPERATIONS {
        let mut update = Vec::new();
        if clock > 10 && random(100) < 25 {
            // Mostly what was typed last.
            let gone = if random(4) > 0 {
                clock - 1 - random(8)
            } else {
                random(clock)
            };
            num(&mut update, 0);
            for number in [1, client, 1, gone, 1] {
                num(&mut update, number);
            }
        } else {
            if clock > 10 && random(40) == 0 {
                let at = random(clock - 1);
                (left, right) = (Some(at), Some(at + 1));
            }
            for number in [1, 1, client, clock] {
                num(&mut update, number);
            }
            update.push(
                4 | if left.is_some() { 0x80 } else { 0 } | if right.is_some() { 0x40 } else { 0 },
            );
            for id in [left, right].into_iter().flatten() {
                num(&mut update, client);
                num(&mut update, id);
            }
            if left.is_none() && right.is_none() {
                update.extend_from_slice(b"\x01\x01t");
            }
            update.extend_from_slice(&[1, b'a' + random(26) as u8, 0]);
            left = Some(clock);
            clock += 1;
        }
        updates.push(update);
    }
    updates
}

fn time<T>(name: &str, per: u64, mut run: impl FnMut() -> T) -> T {
    let mut best = f64::MAX;
    let mut result = None;
    for _ in 0..7 {
        let start = Instant::now();
        result = Some(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    if per > 1 {
        println!(
            "{name:<58} {:>9.3} ms  {:>8.3} us each",
            best * 1e3,
            best * 1e6 / per as f64
        );
    } else {
        println!("{name:<58} {:>9.3} ms", best * 1e3);
    }
    result.expect("ran")
}

fn main() -> Result<(), ydoc::Error> {
    let limits = Limits::default();
    let stored = Limits::stored();
    let updates = keystrokes();
    println!(
        "{OPERATIONS} keystrokes, {} bytes",
        updates.iter().map(Vec::len).sum::<usize>()
    );

    let known = time("judge and admit each", OPERATIONS, || {
        let mut known = Known::new();
        for update in &updates {
            if let Ok(Verdict::New(novel)) = known.judge(update, &limits) {
                known.admit(&novel);
            }
        }
        known
    });
    println!(
        "  runs in the index: {}, deleted ranges: {}",
        known.runs_len(),
        known.deletes().ranges_len()
    );
    let whole = time("merge of all at once", 1, || {
        merge(&updates, &limits).expect("valid")
    });
    let chunks: Vec<Vec<u8>> = time("merge in chunks of 300", 1, || {
        updates
            .chunks(300)
            .map(|chunk| merge(chunk, &limits).expect("valid"))
            .collect()
    });
    time("merge of the chunks", 1, || {
        merge(&chunks, &stored).expect("valid")
    });
    let tip = time("head of all at once", 1, || {
        head(&updates, &limits).expect("valid")
    });
    let folded = time("head of the chunks", 1, || {
        head(&chunks, &stored).expect("valid")
    });
    assert_eq!(tip, folded);
    println!("  merged: {} bytes, head: {} bytes", whole.len(), tip.len());
    let (old, new) = updates.split_at(updates.len() - 300);
    let mut parts = vec![head(old, &limits)?];
    parts.extend_from_slice(new);
    assert_eq!(
        time("fold: head of an old head and 300 updates", 1, || head(
            &parts, &stored
        )
        .expect("valid")),
        tip
    );
    time("Known::from_update of the head", 1, || {
        Known::from_update(&tip, &stored).expect("valid")
    });
    time("Known::from_update of the merge", 1, || {
        Known::from_update(&whole, &stored).expect("valid")
    });
    time("validate the head", 1, || {
        validate(&tip, &stored).expect("valid")
    });
    let vector = time("state_vector of the head", 1, || {
        state_vector(&tip, &stored).expect("valid")
    });
    time("content_ids of the head", 1, || {
        content_ids(&tip, &stored).expect("valid")
    });
    time("diff of the head for one who has all", 1, || {
        diff(&tip, &vector, &stored).expect("valid")
    });
    time("judge the head: nothing new", 1, || {
        known.judge(&tip, &stored).expect("valid")
    });

    // One character into the whole document.
    let mut one = Vec::new();
    let next = known.next_clock(3_000_000_000);
    for number in [1, 1, 3_000_000_000, next] {
        num(&mut one, number);
    }
    one.push(0xc4);
    for number in [3_000_000_000, next / 2, 3_000_000_000, next / 2 + 1] {
        num(&mut one, number);
    }
    one.extend_from_slice(&[1, b'x', 0]);
    time("judge one character, 100000 times", 100_000, || {
        (0..100_000)
            .filter(|_| matches!(known.judge(&one, &limits), Ok(Verdict::New(_))))
            .count()
    });
    let gone = [
        vec![0, 1],
        one[2..7].to_vec(),
        vec![1],
        {
            let mut at = Vec::new();
            num(&mut at, next - 1);
            at
        },
        vec![1],
    ]
    .concat();
    time("judge one delete, 100000 times", 100_000, || {
        (0..100_000)
            .filter(|_| known.judge(&gone, &limits).is_ok())
            .count()
    });
    Ok(())
}
