//! Documents, the log, heads, keyframes and packing: what collaboration stands on.

mod common;

use common::*;
use model::*;
use store::*;

store::db_test! {
    async fn rows_are_appended_at_dense_positions_and_come_back(db: Db) {
        let world = World::new(&db).await;
        let doc = world.document(&db, 1).await;
        let outcome = db
            .append(&[append(doc, 0, &[b"one", b"two"]), append(doc, 2, &[b"three"])])
            .await
            .unwrap();
        assert_eq!(outcome, [AppendOutcome::Committed; 2]);

        let stored = db.load_document(doc).await.unwrap().unwrap();
        assert_eq!(stored.meta.position, 3);
        assert_eq!(stored.meta.size, 11);
        assert_eq!(stored.meta.root, doc);
        assert!(stored.head.is_empty());
        assert_eq!(texts(&stored.tail), ["one", "two", "three"]);
        assert_eq!(stored.tail, db.read_log(doc, 0, 10).await.unwrap());
        assert_eq!(texts(&db.read_log(doc, 1, 1).await.unwrap()), ["two"]);
        let first = &stored.tail[0];
        assert_eq!(
            (first.position, first.author, first.session, first.agent.as_str(), first.at),
            (1, user(1), session(1), "test", at(7)),
        );
    }

    async fn what_is_wrong_with_one_document_leaves_the_others(db: Db) {
        let world = World::new(&db).await;
        let a = world.document(&db, 1).await;
        let b = world.document(&db, 2).await;
        let c = world.document(&db, 3).await;
        db.append(&[append(b, 0, &[b"first"])]).await.unwrap();
        let outcome = db
            .append(&[
                append(a, 0, &[b"a"]),
                append(b, 0, &[b"late"]),
                append(DocumentId(uuid::Uuid::from_u128(99)), 0, &[b"nowhere"]),
                append(c, 0, &[b"c"]),
            ])
            .await
            .unwrap();
        assert_eq!(
            outcome,
            [
                AppendOutcome::Committed,
                AppendOutcome::Conflict { position: 1 },
                AppendOutcome::Missing,
                AppendOutcome::Committed,
            ]
        );
        assert_eq!(texts(&db.read_log(a, 0, 10).await.unwrap()), ["a"]);
        assert_eq!(texts(&db.read_log(b, 0, 10).await.unwrap()), ["first"]);
        assert_eq!(texts(&db.read_log(c, 0, 10).await.unwrap()), ["c"]);
    }
}
