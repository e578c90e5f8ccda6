//! Packing: no position, author, session, agent or time is ever lost.

use model::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use store::*;

use crate::common::*;

async fn with_rows(db: &Db, rows: Vec<LogRow>) -> DocumentId {
    let world = World::new(db).await;
    let doc = world.document(db, 1).await;
    db.append(&[Append {
        rows,
        ..append(doc, 0, &[])
    }])
    .await
    .unwrap();
    doc
}

fn rows(n: i64) -> Vec<LogRow> {
    (1..=n)
        .map(|k| LogRow {
            at: at(k),
            ..row(format!("row {k}").as_bytes())
        })
        .collect()
}

store::db_test! {
    async fn packing_keeps_every_row_readable(db: Db) {
        let doc = with_rows(&db, rows(2500)).await;
        let before = db.read_log(doc, 0, i64::MAX).await.unwrap();
        assert_eq!(before.len(), 2500);
        assert_eq!(db.pack_log(doc, 2500).await.unwrap(), Packed::default(), "no head covers it");
        assert_eq!(db.packable(None, 1, 10).await.unwrap(), []);
        db.save_head(doc, 1, 2400, b"head").await.unwrap();
        assert_eq!(db.packable(None, 2400, 10).await.unwrap(), [doc]);
        assert_eq!(db.packable(None, 2401, 10).await.unwrap(), []);
        assert_eq!(db.packable(Some(doc), 1, 10).await.unwrap(), []);

        assert_eq!(db.pack_log(doc, 500).await.unwrap(), Packed { rows: 500, blocks: 1 });
        assert_eq!(db.pack_log(doc, 9999).await.unwrap(), Packed { rows: 1900, blocks: 2 });
        assert_eq!(db.pack_log(doc, 9999).await.unwrap(), Packed::default());
        assert_eq!(testing::count(&db, "log").await, 100);
        assert_eq!(testing::count(&db, "log_blocks").await, 3);
        assert_eq!(db.read_log(doc, 0, i64::MAX).await.unwrap(), before);
        for (after, limit) in [(0, 1), (499, 2), (500, 1), (1499, 3), (2399, 5), (2400, 5), (1, 2450)] {
            let expected: Vec<LogEntry> =
                before.iter().skip(after).take(limit).cloned().collect();
            let found = db.read_log(doc, after as i64, limit as i64).await.unwrap();
            assert_eq!(found, expected, "{limit} after {after}");
        }
        let stored = db.load_document(doc).await.unwrap().unwrap();
        assert_eq!(stored.tail.len(), 100);
        // Appending goes on.
        assert!(db.append(&[append(doc, 2500, &[b"x"])]).await.unwrap()[0].is_committed());
        assert!(matches!(db.pack_log(item_id(9).into(), 1).await, Err(Error::NotFound)));
    }

    async fn large_rows_close_a_block_early(db: Db) {
        let large = (0..5).map(|n| row(&vec![n; 600_000])).collect();
        let doc = with_rows(&db, large).await;
        let before = db.read_log(doc, 0, 10).await.unwrap();
        db.save_head(doc, 1, 5, b"head").await.unwrap();
        assert_eq!(db.pack_log(doc, 5).await.unwrap(), Packed { rows: 5, blocks: 3 });
        assert_eq!(db.read_log(doc, 0, 10).await.unwrap(), before);
    }

    async fn packers_and_readers_at_once_see_every_row(db: Db) {
        let doc = with_rows(&db, rows(6000)).await;
        db.save_head(doc, 1, 6000, b"head").await.unwrap();
        let before = db.read_log(doc, 0, i64::MAX).await.unwrap();
        let mut packers = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let db = db.clone();
            packers.spawn(async move { db.pack_log(doc, 6000).await.unwrap() });
        }
        let mut moved = 0;
        loop {
            assert!(db.read_log(doc, 0, i64::MAX).await.unwrap() == before);
            match packers.join_next().await {
                Some(packed) => moved += packed.unwrap().rows,
                None => break,
            }
        }
        moved += db.pack_log(doc, 6000).await.unwrap().rows;
        assert_eq!(moved, 6000);
        assert!(db.read_log(doc, 0, i64::MAX).await.unwrap() == before);
        assert_eq!(testing::count(&db, "log").await, 0);
    }

    async fn a_damaged_block_is_reported_not_served(db: Db) {
        let doc = with_rows(&db, rows(10)).await;
        db.save_head(doc, 1, 10, b"head").await.unwrap();
        db.pack_log(doc, 10).await.unwrap();
        testing::execute(&db, "UPDATE log_blocks SET last_position = 11").await;
        assert!(matches!(db.read_log(doc, 0, 20).await, Err(Error::Corrupt(_))));
        testing::execute(&db, "UPDATE log_blocks SET last_position = 9").await;
        assert!(matches!(db.read_log(doc, 0, 20).await, Err(Error::Corrupt(_))));
        testing::execute(&db, "DELETE FROM log_blocks").await;
        assert_eq!(db.read_log(doc, 0, 20).await.unwrap(), []);
    }

    /// Any rows, packed at any points: the log reads the same.
    async fn any_rows_read_the_same_before_and_after(db: Db) {
        let world = World::new(&db).await;
        let row = (0..5u128, 0..5u128, "\\PC{0,12}", any::<i64>(), prop::collection::vec(any::<u8>(), 0..300))
            .prop_map(|(author, session_, agent, micros, bytes)| LogRow {
                author: user(author),
                session: session(session_),
                agent,
                at: at(micros),
                bytes: bytes.into(),
            });
        let plan = (prop::collection::vec(row, 1..60), prop::collection::vec(0..70i64, 1..6));
        let mut runner = TestRunner::new(Config::default());
        for n in 0..25 {
            let (rows, packs) = plan.new_tree(&mut runner).unwrap().current();
            let doc = world.document(&db, n).await;
            let count = rows.len() as i64;
            db.append(&[Append { rows: rows.clone(), ..append(doc, 0, &[]) }]).await.unwrap();
            let before = db.read_log(doc, 0, i64::MAX).await.unwrap();
            for (entry, row) in before.iter().zip(&rows) {
                assert_eq!(
                    (&entry.author, &entry.session, &entry.agent, &entry.at, &entry.bytes),
                    (&row.author, &row.session, &row.agent, &row.at, &row.bytes)
                );
            }
            db.save_head(doc, 1, count, b"head").await.unwrap();
            for upto in packs {
                db.pack_log(doc, upto).await.unwrap();
                assert_eq!(db.read_log(doc, 0, i64::MAX).await.unwrap(), before);
                let after = upto.min(count) / 2;
                let part = db.read_log(doc, after, 7).await.unwrap();
                let expected: Vec<LogEntry> =
                    before.iter().skip(after as usize).take(7).cloned().collect();
                assert_eq!(part, expected);
            }
        }
    }
}
