//! Hostile bytes lead to a refusal, or to no harm; never to a panic.

mod common;

use common::{Random, exercise, hostile};
use ydoc::{Known, Limits, StateVector, Verdict, awareness, validate};

/// What a server that holds nothing says to each.
#[test]
fn hostile_updates_are_refused() {
    let limits = Limits::default();
    for (name, update) in hostile::updates() {
        match Known::new().judge(&update, &limits) {
            Ok(Verdict::New(_)) => panic!("accepted: {name}"),
            Ok(Verdict::Gap | Verdict::Nothing) | Err(_) => {}
        }
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let limits = Limits::default();
    let reason = |wanted: &str| {
        let (_, update) = hostile::updates()
            .into_iter()
            .find(|(name, _)| *name == wanted)
            .expect(wanted);
        match Known::new().judge(&update, &limits) {
            Ok(Verdict::Gap) => "gap",
            Ok(_) => "fine",
            Err(error) => error.reason(),
        }
    };
    for (name, expected) in [
        ("20000 nested arrays", "too_deep"),
        ("deep format value", "too_deep"),
        ("30000 nested types", "too_deep"),
        ("a huge number of structs", "truncated"),
        ("a huge array", "truncated"),
        ("a clock beyond 2^53", "bad_number"),
        ("a delete beyond 2^53", "bad_number"),
        ("not utf-8", "bad_utf8"),
        ("undefined as an embed", "bad_json"),
        ("a subdocument", "unsupported"),
        ("an unknown content", "unsupported"),
        ("an empty string", "malformed"),
        ("a client twice, overlapping", "malformed"),
        ("its own parent", "malformed"),
        ("a later origin", "malformed"),
        ("a parent that is text", "malformed"),
        ("origins in two roots", "malformed"),
        ("bytes after the end", "malformed"),
        ("a delete of the future", "gap"),
        ("a start in the future", "gap"),
        ("100000 skips", "gap"),
        ("cyclic parents", "gap"),
        ("cyclic origins", "gap"),
        ("a ladder of clients without a foot", "gap"),
        ("nothing but a skip", "fine"),
    ] {
        assert_eq!(reason(name), expected, "{name}");
    }
}

#[test]
fn hostile_updates_do_no_harm_to_any_function() {
    for (_, update) in hostile::updates() {
        exercise::check_all(&update);
        // Cut anywhere: everywhere near the ends, here and there in between.
        let step = (update.len() / 64).max(1);
        for cut in
            (0..update.len()).filter(|&cut| cut < 64 || cut % step == 0 || cut + 16 > update.len())
        {
            let cut = &update[..cut];
            assert!(validate(cut, &Limits::default()).is_err() || cut.len() < update.len());
            exercise::check_update(cut);
        }
    }
}

#[test]
fn hostile_state_vectors_are_refused() {
    for (name, bytes) in hostile::state_vectors() {
        assert!(
            StateVector::decode(&bytes, &Limits::default()).is_err(),
            "{name}"
        );
        assert!(
            awareness::decode(&bytes, &Limits::default()).is_err() || bytes == [0],
            "{name}"
        );
    }
}

/// The number of types in each other counts across updates.
#[test]
fn types_can_not_be_nested_in_small_steps() {
    let limits = Limits::default();
    let mut known = Known::new();
    let mut depth = 0;
    let refused = loop {
        let bytes = hostile::Bytes::default().nums(&[1, 1, 1, depth]);
        let bytes = if depth == 0 {
            bytes.rooted(7).num(0)
        } else {
            bytes.raw(&[7]).nums(&[0, 1, depth - 1, 0])
        };
        match known.judge(&bytes.num(0).0, &limits) {
            Ok(Verdict::New(novel)) => known.admit(&novel),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
        depth += 1;
    };
    assert_eq!(refused.reason(), "too_deep");
    assert_eq!(depth as usize, limits.type_depth);
}

/// A ladder of clients, each waiting for the next: integrable, and without recursion.
#[test]
fn long_chains_between_clients_are_followed() {
    let clients = 50_000u64;
    let mut bytes = hostile::Bytes::default().num(clients);
    for client in (1..=clients).rev() {
        bytes = bytes.nums(&[1, client, 0]);
        bytes = if client == 1 {
            bytes.rooted(4)
        } else {
            bytes.raw(&[0x84]).nums(&[client - 1, 0])
        }
        .str("a");
    }
    let update = bytes.num(0).0;
    let limits = Limits::default();
    let mut known = Known::new();
    let Ok(Verdict::New(novel)) = known.judge(&update, &limits) else {
        panic!()
    };
    assert_eq!(novel.clients().count(), clients as usize);
    known.admit(&novel);
    assert!(matches!(
        known.judge(&update, &limits),
        Ok(Verdict::Nothing)
    ));
}

/// Real updates with a few bytes changed.
#[test]
fn mutated_updates_do_no_harm() {
    let updates: Vec<Vec<u8>> = common::cases()
        .iter()
        .flat_map(|case| [case.updates(), vec![case.document()]].concat())
        .collect();
    let mut random = Random(7);
    let mut valid = 0;
    for _ in 0..40_000 {
        let mut update = updates[random.below(updates.len())].clone();
        for _ in 0..=random.below(3) {
            let at = random.below(update.len());
            match random.below(5) {
                0 => update[at] = random.next() as u8,
                1 => update[at] ^= 1 << random.below(8),
                2 => update.insert(at, random.next() as u8),
                3 if update.len() > 1 => drop(update.remove(at)),
                _ => {
                    let other = &updates[random.below(updates.len())];
                    let from = random.below(other.len());
                    let to = (from + random.below(12)).min(other.len());
                    update.splice(
                        at..(at + random.below(4)).min(update.len()),
                        other[from..to].iter().copied(),
                    );
                }
            }
        }
        if update.is_empty() {
            continue;
        }
        valid += usize::from(validate(&update, &Limits::default()).is_ok());
        exercise::check_update(&update);
    }
    assert!(valid > 1_000, "only {valid} mutations were still valid");
}

/// A document's updates, mixed, repeated and mutated, on their way into a server.
#[test]
fn mutated_sessions_do_no_harm() {
    let cases = common::cases();
    let mut random = Random(11);
    for round in 0..3_000 {
        let case = &cases[random.below(cases.len())];
        let mut data = Vec::new();
        for mut update in case.updates() {
            if random.below(8) == 0 {
                continue;
            }
            if random.below(6) == 0 {
                let at = random.below(update.len());
                update[at] ^= 1 << random.below(8);
            }
            for _ in 0..=usize::from(random.below(9) == 0) {
                data.extend_from_slice(&(update.len() as u16).to_be_bytes());
                data.extend_from_slice(&update);
            }
        }
        exercise::check_judge(&data);
        if round % 4 == 0 {
            exercise::check_merge(&data);
        }
    }
}
