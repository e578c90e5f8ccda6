//! Heads and keyframes.

use std::time::Duration;

use model::*;
use store::*;

use crate::common::*;

/// A state whose every byte says which position it is of.
fn state(position: i64, length: usize) -> Vec<u8> {
    vec![u8::try_from(position % 251).unwrap(); length]
}

async fn with_rows(db: &Db, rows: i64) -> DocumentId {
    let world = World::new(db).await;
    let doc = world.document(db, 1).await;
    for position in 0..rows {
        let text = format!("{}", position + 1);
        db.append(&[append(doc, position, &[text.as_bytes()])])
            .await
            .unwrap();
    }
    doc
}

store::db_test! {
    async fn a_head_of_many_parts_comes_back_whole_with_its_tail(db: Db) {
        let doc = with_rows(&db, 5).await;
        let bytes: Vec<u8> = (0..3_500_000u32).map(|n| (n % 253) as u8).collect();
        assert!(db.save_head(doc, 1, 3, &bytes).await.unwrap());
        let stored = db.load_document(doc).await.unwrap().unwrap();
        assert!(stored.head == bytes);
        assert_eq!((stored.meta.head_position, stored.meta.head_size), (3, 3_500_000));
        assert_eq!(texts(&stored.tail), ["4", "5"]);
        assert_eq!(testing::count(&db, "heads").await, 4);

        // A newer one replaces it, an older or equal one doesn't.
        assert!(db.save_head(doc, 1, 5, b"new").await.unwrap());
        assert!(!db.save_head(doc, 1, 4, b"old").await.unwrap());
        assert!(!db.save_head(doc, 1, 5, b"same").await.unwrap());
        assert!(!db.save_head(doc, 2, 5, b"other epoch").await.unwrap());
        assert!(!db.save_head(doc, 1, 6, b"beyond the log").await.unwrap());
        let stored = db.load_document(doc).await.unwrap().unwrap();
        assert_eq!(stored.head, b"new");
        assert!(stored.tail.is_empty());
        assert_eq!(testing::count(&db, "heads").await, 1);
        assert_eq!(db.stale_heads(None, 1, 10).await.unwrap(), []);
        assert!(matches!(
            db.save_head(item_id(9).into(), 1, 1, b"x").await,
            Err(Error::NotFound)
        ));
    }

    async fn an_empty_head_is_a_head(db: Db) {
        let doc = with_rows(&db, 1).await;
        assert!(db.save_head(doc, 1, 1, b"").await.unwrap());
        let stored = db.load_document(doc).await.unwrap().unwrap();
        assert!(stored.head.is_empty() && stored.tail.is_empty());
    }

    async fn savers_that_race_or_die_never_break_the_head(db: Db) {
        let doc = with_rows(&db, 30).await;
        let mut tasks = tokio::task::JoinSet::new();
        for position in 1..=30i64 {
            let db = db.clone();
            tasks.spawn(async move {
                let length = 700_000 * (1 + position as usize % 4);
                let save = async {
                    db.save_head(doc, 1, position, &state(position, length)).await.unwrap();
                };
                if position % 3 == 0 {
                    // Cut off somewhere, as by a crash.
                    let _ = tokio::time::timeout(Duration::from_millis(position as u64), save).await;
                } else {
                    save.await;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
            let stored = db.load_document(doc).await.unwrap().unwrap();
            let position = stored.meta.head_position;
            assert!(stored.head.iter().all(|&b| i64::from(b) == position), "mixed heads");
            assert_eq!(stored.tail.len() as i64, 30 - position);
        }
        // Whatever was left behind goes with the next one.
        db.append(&[append(doc, 30, &[b"31"])]).await.unwrap();
        assert!(db.save_head(doc, 1, 31, &state(31, 10)).await.unwrap());
        assert_eq!(testing::count(&db, "heads").await, 1);
    }

    async fn a_head_with_a_lost_part_is_reported_not_served(db: Db) {
        let doc = with_rows(&db, 1).await;
        db.save_head(doc, 1, 1, &state(1, 2_500_000)).await.unwrap();
        testing::execute(&db, "DELETE FROM heads WHERE part = 1").await;
        assert!(matches!(db.load_document(doc).await, Err(Error::Corrupt(_))));
    }

    async fn the_nearest_keyframe_before_a_position_is_found(db: Db) {
        let doc = with_rows(&db, 1).await;
        assert_eq!(db.load_keyframe(doc, 100).await.unwrap(), None);
        // Incompressible, so that it takes several parts.
        let mut random = vec![0; 2_600_000];
        SeededRng::new(3).fill(&mut random);
        assert!(db.save_keyframe(doc, 10, &random).await.unwrap());
        assert!(db.save_keyframe(doc, 20, b"twenty").await.unwrap());
        assert!(!db.save_keyframe(doc, 10, b"again").await.unwrap());
        assert_eq!(testing::count(&db, "keyframes").await, 4);
        assert_eq!(db.load_keyframe(doc, 9).await.unwrap(), None);
        let found = db.load_keyframe(doc, 19).await.unwrap().unwrap();
        assert_eq!(found.position, 10);
        assert!(found.bytes == random);
        let found = db.load_keyframe(doc, i64::MAX).await.unwrap().unwrap();
        assert_eq!(found, Keyframe { position: 20, bytes: b"twenty".to_vec() });

        // A crash in the middle of one: it doesn't count, and the next one removes it.
        testing::execute(&db, "DELETE FROM keyframes WHERE position = 10 AND part = 1").await;
        assert_eq!(db.load_keyframe(doc, 19).await.unwrap(), None);
        assert!(db.save_keyframe(doc, 10, b"ten").await.unwrap());
        assert_eq!(db.load_keyframe(doc, 19).await.unwrap().unwrap().bytes, b"ten");
        assert_eq!(testing::count(&db, "keyframes").await, 2);
        assert!(matches!(
            db.save_keyframe(item_id(9).into(), 1, b"x").await,
            Err(Error::NotFound)
        ));
    }
}
