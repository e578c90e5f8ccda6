//! The fuzz targets' corpora as ordinary tests.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{exercise, hostile};

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target)
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder(target))
        .expect("a corpus")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.display().to_string(), fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    assert!(files.len() > 10, "{target} has a corpus");
    files
}

#[test]
fn corpora_replay() {
    for (target, check) in [
        ("validate", exercise::check_update as fn(&[u8])),
        ("merge", exercise::check_merge),
        ("judge", exercise::check_judge),
        ("protocol", exercise::check_protocol),
    ] {
        for (name, data) in corpus(target) {
            println!("{name}");
            check(&data);
            // What one target found may be news to another.
            exercise::check_all(&data);
        }
    }
}

fn framed(updates: &[Vec<u8>]) -> Vec<u8> {
    let mut data = Vec::new();
    for update in updates {
        data.extend_from_slice(&(update.len() as u16).to_be_bytes());
        data.extend_from_slice(update);
    }
    data
}

/// Writes the corpora anew. What fuzzing has added stays.
#[test]
#[ignore = "writes into the source tree"]
fn seed_corpora() {
    let write = |target: &str, name: &str, data: &[u8]| {
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        fs::create_dir_all(folder(target)).unwrap();
        fs::write(folder(target).join(name), data).unwrap();
    };
    for (name, update) in hostile::updates() {
        if update.len() < 600 {
            write("validate", name, &update);
            write("judge", name, &framed(&[update]));
        }
    }
    for case in common::cases() {
        let updates = case.updates();
        let data = framed(&updates);
        if !case.name.starts_with("session") {
            write("validate", &case.name, &case.document());
            write("merge", &case.name, &data);
            write("judge", &case.name, &data);
        } else if data.len() < 400 {
            write("merge", &case.name, &data);
            if case.ordered {
                write("judge", &case.name, &data);
            }
        }
    }
    for (name, bytes) in hostile::state_vectors() {
        write("protocol", name, &bytes);
    }
    let sync: &[&[u8]] = &[
        &[0, 0, 1, 0],
        &[0, 1, 2, 0, 0],
        &[0, 2, 2, 0, 0],
        &[1, 1, 0],
        &[2, 0, 2, b'n', b'o'],
        &[3],
        &[9],
        &[10],
    ];
    for (at, message) in sync.iter().enumerate() {
        write("protocol", &format!("message-{at}"), message);
        write(
            "protocol",
            &format!("frame-{at}"),
            &[&[1, b'd'], *message].concat(),
        );
    }
    write("protocol", "awareness", b"\x01\x07\x01\x0b{\"user\":{}}");
    write("protocol", "token", b"\x01d\x02\x00\x01t\x054.8.0");
    write("protocol", "close", b"\x01d\x07\x02no");
}
