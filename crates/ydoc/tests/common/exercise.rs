//! What has to hold for any bytes. Fuzz targets and the replay of their corpora share it.

use ydoc::{
    IdSet, Known, Limits, StateVector, Verdict, awareness, content_ids, diff, head, is_empty,
    merge,
    protocol::{Message, hocuspocus::Frame},
    state_vector, validate,
};

/// One update: if it is valid, everything that is made of it is, and making it again changes nothing.
pub fn check_update(data: &[u8]) {
    let limits = Limits::default();
    let empty: &[u8] = &[0, 0];
    if validate(data, &limits).is_err() {
        assert!(!is_empty(data));
        assert!(merge(&[data], &limits).is_err());
        assert!(merge(&[data, empty], &limits).is_err());
        assert!(diff(data, &StateVector::new(), &limits).is_err());
        assert!(state_vector(data, &limits).is_err());
        assert!(content_ids(data, &limits).is_err());
        assert!(head(&[data], &limits).is_err());
        assert!(Known::new().judge(data, &limits).is_err());
        return;
    }
    let stored = Limits::stored();
    let ids = content_ids(data, &limits).unwrap();
    // Holes are neither inserts nor deletes, but an update of holes is not empty.
    assert!(!is_empty(data) || (ids.inserts.is_empty() && ids.deletes.is_empty()));

    let merged = merge(&[data, empty], &limits).unwrap();
    assert_eq!(content_ids(&merged, &stored).unwrap(), ids);
    assert_eq!(
        merge(&[&merged[..], empty], &stored).unwrap(),
        merged,
        "a merge of a merge is itself"
    );

    let all = diff(data, &StateVector::new(), &limits).unwrap();
    assert_eq!(content_ids(&all, &stored).unwrap(), ids);
    let vector = state_vector(data, &limits).unwrap();
    assert_eq!(
        StateVector::decode(&vector.encode(), &stored).unwrap(),
        vector
    );
    let rest = content_ids(&diff(data, &vector, &limits).unwrap(), &stored).unwrap();
    assert_eq!(rest.deletes, ids.deletes);
    for (client, range) in rest.inserts.iter() {
        assert!(range.start >= vector.get(client));
    }

    let tip = head(&[data], &limits).unwrap();
    assert_eq!(content_ids(&tip, &stored).unwrap(), ids);
    assert_eq!(
        head(&[&tip], &stored).unwrap(),
        tip,
        "a head of a head is itself"
    );
    let _ = Known::from_update(&tip, &stored);
}

/// Takes pieces off the data, each with its length (two bytes, big endian) in front.
pub fn pieces(mut data: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while let [high, low, rest @ ..] = data {
        let len = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        out.push(&rest[..len]);
        data = &rest[len..];
        if out.len() == 64 {
            break;
        }
    }
    out
}

/// Several updates: their merge holds what they hold, in whatever order they come.
pub fn check_merge(data: &[u8]) {
    let limits = Limits::default();
    let mut updates = pieces(data);
    updates.retain(|update| validate(update, &limits).is_ok());
    let mut inserts = IdSet::new();
    let mut deletes = IdSet::new();
    for update in &updates {
        let ids = content_ids(update, &limits).unwrap();
        inserts.union(&ids.inserts);
        deletes.union(&ids.deletes);
    }
    let merged = merge(&updates, &limits).unwrap();
    let ids = content_ids(&merged, &limits).unwrap();
    assert_eq!((&ids.inserts, &ids.deletes), (&inserts, &deletes));
    let tip = head(&updates, &limits).unwrap();
    assert_eq!(content_ids(&tip, &limits).unwrap(), ids);
    updates.reverse();
    assert_eq!(
        content_ids(&merge(&updates, &limits).unwrap(), &limits).unwrap(),
        ids
    );
}

/// Several updates that arrive one after the other at a server.
pub fn check_judge(data: &[u8]) {
    let limits = Limits::default();
    let mut known = Known::new();
    let mut log: Vec<Vec<u8>> = Vec::new();
    for update in pieces(data) {
        let Ok(Verdict::New(novel)) = known.judge(update, &limits) else {
            continue;
        };
        let ids = content_ids(novel.update(), &limits).unwrap();
        assert_eq!(
            (&ids.inserts, &ids.deletes),
            (novel.inserts(), novel.deletes())
        );
        assert!(!ids.inserts.is_empty() || !ids.deletes.is_empty());
        // The new part alone is judged as the whole was.
        match known.judge(novel.update(), &limits) {
            Ok(Verdict::New(again)) => assert_eq!(again.update(), novel.update()),
            other => panic!("{other:?}"),
        }
        known.admit(&novel);
        assert!(
            matches!(known.judge(update, &limits), Ok(Verdict::Nothing)),
            "what was admitted is known"
        );
        log.push(novel.into_update());
    }
    let tip = head(&log, &limits).unwrap();
    let fresh = Known::from_update(&tip, &Limits::stored()).unwrap();
    assert_eq!(fresh.state_vector(), known.state_vector());
    assert_eq!(state_vector(&tip, &limits).unwrap(), known.state_vector());
    assert!(matches!(
        known.judge(&tip, &limits),
        Ok(Verdict::Nothing) | Err(_)
    ));
    assert!(matches!(
        fresh.judge(&tip, &limits),
        Ok(Verdict::Nothing) | Err(_)
    ));
}

/// One message, as each of the things that it can be.
pub fn check_protocol(data: &[u8]) {
    let limits = Limits::default();
    if let Ok(message) = Message::decode(data, &limits) {
        assert_eq!(Message::decode(&message.encode(), &limits), Ok(message));
    }
    if let Ok(frame) = Frame::decode(data, &limits) {
        let encoded = frame.encode();
        let decoded = Frame::decode(&encoded, &limits).unwrap();
        assert_eq!(decoded.message, frame.message);
        let _ = frame.address();
    }
    if let Ok(entries) = awareness::decode(data, &limits) {
        assert_eq!(
            awareness::decode(&awareness::encode(&entries), &limits).unwrap(),
            entries
        );
    }
    if let Ok(vector) = StateVector::decode(data, &limits) {
        assert_eq!(StateVector::decode(&vector.encode(), &limits), Ok(vector));
    }
    if let Ok(set) = IdSet::decode(data, &limits) {
        assert_eq!(IdSet::decode(&set.encode(), &limits), Ok(set));
    }
}

/// The data as everything.
#[allow(dead_code, reason = "fuzz targets use one each")]
pub fn check_all(data: &[u8]) {
    check_update(data);
    check_merge(data);
    check_judge(data);
    check_protocol(data);
}
