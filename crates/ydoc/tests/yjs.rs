//! Byte for byte what Yjs 13.6.33 makes: cases of `fixtures/generate.mjs`.

mod common;

use serde::Deserialize;
use ydoc::{
    IdSet, Known, Limits, StateVector, Verdict, awareness, content_ids, diff, head, merge,
    protocol::{
        self, Message, Sync,
        hocuspocus::{self, Auth, Frame, Scope},
    },
    state_vector, validate,
};

#[test]
fn everything_that_yjs_writes_is_valid() {
    let limits = Limits::default();
    for case in common::cases() {
        for update in case
            .updates()
            .into_iter()
            .chain([case.merged(), case.document()])
        {
            assert_eq!(validate(&update, &limits), Ok(()), "{}", case.name);
        }
    }
}

#[test]
fn merge_is_that_of_yjs() {
    let limits = Limits::default();
    for case in common::cases() {
        assert_eq!(
            merge(&case.updates(), &limits).unwrap(),
            case.merged(),
            "{}",
            case.name
        );
    }
}

#[test]
fn state_vector_is_that_of_yjs() {
    let limits = Limits::default();
    for case in common::cases() {
        assert_eq!(
            state_vector(&case.merged(), &limits).unwrap().encode(),
            case.state_vector(),
            "{}",
            case.name
        );
        let encoded = case.document_state_vector();
        assert_eq!(
            StateVector::decode(&encoded, &limits).unwrap().encode(),
            encoded,
            "{}",
            case.name
        );
    }
}

#[test]
fn diff_is_that_of_yjs() {
    let limits = Limits::default();
    let mut seen = 0;
    for case in common::cases() {
        for (vector, expected) in case.diffs() {
            let vector = StateVector::decode(&vector, &limits).unwrap();
            assert_eq!(
                diff(&case.merged(), &vector, &limits).unwrap(),
                expected,
                "{} {vector:?}",
                case.name
            );
            seen += 1;
        }
    }
    assert!(seen > 500, "{seen} differences");
}

#[test]
fn delete_sets_round_trip() {
    let limits = Limits::default();
    for case in common::cases() {
        let merged = case.merged();
        let deletes = content_ids(&merged, &limits).unwrap().deletes.encode();
        assert!(merged.ends_with(&deletes), "{}", case.name);
        assert_eq!(IdSet::decode(&deletes, &limits).unwrap().encode(), deletes);
    }
}

#[test]
fn updates_in_order_are_judged_sound_and_then_known() {
    let limits = Limits {
        subdocuments: true,
        ..Limits::default()
    };
    for case in common::cases().into_iter().filter(|case| case.ordered) {
        let mut known = Known::new();
        let mut log = Vec::new();
        for update in case.updates() {
            match known
                .judge(&update, &limits)
                .unwrap_or_else(|error| panic!("{}: {error}", case.name))
            {
                Verdict::New(novel) => {
                    known.admit(&novel);
                    log.push(novel.into_update());
                }
                // A delete of what another client's delete has taken along, or an empty transaction.
                Verdict::Nothing => assert!(
                    content_ids(&update, &limits).unwrap().inserts.is_empty(),
                    "{}",
                    case.name
                ),
                Verdict::Gap => panic!("{}: a gap", case.name),
            }
        }
        assert_eq!(
            known.state_vector().encode(),
            case.document_state_vector(),
            "{}",
            case.name
        );
        // A document in a client, cleaned of what is deleted, is nothing new; nor to an index made of the head.
        let tip = head(&log, &limits).unwrap();
        let fresh = Known::from_update(&tip, &limits).unwrap();
        for index in [&known, &fresh] {
            match index.judge(&case.document(), &limits).unwrap() {
                Verdict::Nothing => {}
                Verdict::New(novel) => assert!(novel.unformats_only(), "{}: {novel:?}", case.name),
                Verdict::Gap => panic!("{}: a gap", case.name),
            }
        }
    }
}

#[test]
fn a_late_joiner_gets_what_is_missing() {
    let limits = Limits {
        subdocuments: true,
        ..Limits::default()
    };
    for case in common::cases().into_iter().filter(|case| case.ordered) {
        let updates = case.updates();
        let tip = head(&updates, &limits).unwrap();
        for at in [0, updates.len() / 2, updates.len()] {
            let Ok(mut known) =
                Known::from_update(&head(&updates[..at], &limits).unwrap(), &limits)
            else {
                panic!("{}", case.name)
            };
            let missing = diff(&tip, &known.state_vector(), &limits).unwrap();
            if let Verdict::New(novel) = known.judge(&missing, &limits).unwrap() {
                known.admit(&novel);
            }
            assert_eq!(
                known.state_vector().encode(),
                case.document_state_vector(),
                "{}",
                case.name
            );
        }
    }
}

#[test]
fn the_head_can_be_folded_in_any_steps() {
    let limits = Limits::default();
    for case in common::cases().into_iter().filter(|case| case.ordered) {
        let updates = case.updates();
        let tip = head(&updates, &limits).unwrap();
        let ids = content_ids(&tip, &limits).unwrap();
        for at in 0..=updates.len() {
            let mut parts = vec![head(&updates[..at], &limits).unwrap()];
            parts.extend_from_slice(&updates[at..]);
            let folded = head(&parts, &limits).unwrap();
            assert_eq!(
                content_ids(&folded, &limits).unwrap(),
                ids,
                "{} at {at}",
                case.name
            );
            assert_eq!(folded, tip, "{} at {at}", case.name);
        }
    }
}

#[derive(Deserialize)]
struct Messages {
    messages: Vec<Recorded>,
    awareness_state: String,
}

#[derive(Deserialize)]
struct Recorded {
    name: String,
    bytes: String,
}

#[test]
fn messages_are_those_of_the_protocols() {
    let limits = Limits::default();
    let recorded: Messages =
        serde_json::from_str(include_str!("../fixtures/messages.json")).unwrap();
    let find = |name: &str| {
        common::bytes(
            &recorded
                .messages
                .iter()
                .find(|message| message.name == name)
                .expect(name)
                .bytes,
        )
    };
    for name in ["sync step 1", "sync step 2", "sync update", "awareness"] {
        let message = find(name);
        assert_eq!(
            Message::decode(&message, &limits).unwrap().encode(),
            message,
            "{name}"
        );
    }
    let step = find("sync step 1");
    let Ok(Message::Sync(Sync::Step1(vector))) = Message::decode(&step, &limits) else {
        panic!()
    };
    assert_eq!(StateVector::decode(vector, &limits).unwrap().get(7), 2);
    let presence = find("awareness");
    let Ok(Message::Awareness(update)) = Message::decode(&presence, &limits) else {
        panic!()
    };
    let entries = awareness::decode(update, &limits).unwrap();
    assert_eq!(
        (entries[0].client, entries[0].state),
        (7, recorded.awareness_state.as_str())
    );
    assert_eq!(protocol::awareness::encode(&entries), update);

    for (name, message) in [
        (
            "hocuspocus sync",
            hocuspocus::Message::Sync(Sync::Step1(vector)),
        ),
        (
            "hocuspocus token",
            hocuspocus::Message::Auth(Auth::Token {
                token: "token",
                version: Some("4.8.0"),
            }),
        ),
        (
            "hocuspocus token request",
            hocuspocus::Message::Auth(Auth::TokenRequest),
        ),
        (
            "hocuspocus denied",
            hocuspocus::Message::Auth(Auth::PermissionDenied("why")),
        ),
        (
            "hocuspocus authenticated",
            hocuspocus::Message::Auth(Auth::Authenticated(Scope::Readonly)),
        ),
    ] {
        let frame = Frame {
            document: "doc",
            message,
        };
        assert_eq!(frame.encode(), find(name), "{name}");
        assert_eq!(Frame::decode(&find(name), &limits), Ok(frame), "{name}");
    }
}
