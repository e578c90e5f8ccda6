//! Documents and the log.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use model::*;
use store::*;
use uuid::Uuid;

use crate::common::*;

store::db_test! {
    async fn rows_are_appended_at_dense_positions_and_come_back(db: Db) {
        let world = World::new(&db).await;
        let doc = world.document(&db, 1).await;
        let outcome = db
            .append(&[append(doc, 0, &[b"one", b"two"]), append(doc, 2, &[b"three"])])
            .await
            .unwrap();
        assert_eq!(outcome, [AppendOutcome::Committed; 2]);
        assert!(outcome[0].is_committed());

        let stored = db.load_document(doc).await.unwrap().unwrap();
        assert_eq!(stored.meta.position, 3);
        assert_eq!(stored.meta.size, 11);
        assert_eq!(stored.meta.root, doc);
        assert_eq!(stored.meta.epoch, 1);
        assert_eq!(stored.meta.branch, None);
        assert!(!stored.meta.deleted());
        assert_eq!(Some(&stored.meta), db.document(doc).await.unwrap().as_ref());
        assert!(stored.head.is_empty());
        assert_eq!(texts(&stored.tail), ["one", "two", "three"]);
        assert_eq!(stored.tail, db.read_log(doc, 0, 10).await.unwrap());
        assert_eq!(texts(&db.read_log(doc, 1, 1).await.unwrap()), ["two"]);
        assert_eq!(db.read_log(doc, 3, 10).await.unwrap(), []);
        assert_eq!(db.read_log(doc, 0, 0).await.unwrap(), []);
        let first = &stored.tail[0];
        assert_eq!(
            (first.position, first.author, first.session, first.agent.as_str(), first.at),
            (1, user(1), session(1), "test", at(7)),
        );
        assert!(db.append(&[]).await.unwrap().is_empty());
        assert!(db.load_document(item_id(9).into()).await.unwrap().is_none());
    }

    async fn who_gives_up_while_a_transaction_begins_harms_nobody(db: Db) {
        let world = World::new(&db).await;
        for n in 0..24_u32 {
            let doc = world.document(&db, u128::from(n) + 1).await;
            // Both kinds, after any number of steps, on every connection.
            for times in 0..10 {
                let mut begun: Pin<Box<dyn Future<Output = Result<Tx>> + Send>> =
                    if times % 2 == 0 { Box::pin(db.begin_write()) } else { Box::pin(db.begin_read()) };
                for _ in 0..n / 6 + 1 {
                    let step = poll_fn(|cx| Poll::Ready(begun.as_mut().poll(cx).is_ready()));
                    if step.await {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            }
            let outcome = db.append(&[append(doc, 0, &[b"kept"])]).await.unwrap();
            assert_eq!(outcome, [AppendOutcome::Committed]);
            // Every connection sees it.
            let look = || db.read_log(doc, 0, 10);
            let (a, b, c, d) = tokio::join!(look(), look(), look(), look());
            for seen in [a, b, c, d] {
                assert_eq!(texts(&seen.unwrap()), ["kept"], "try {n}");
            }
        }
    }

    async fn what_is_wrong_with_one_document_leaves_the_others(db: Db) {
        let world = World::new(&db).await;
        let a = world.document(&db, 1).await;
        let b = world.document(&db, 2).await;
        let c = world.document(&db, 3).await;
        db.append(&[append(b, 0, &[b"first"])]).await.unwrap();
        let batch = [
            append(a, 0, &[b"a"]),
            append(b, 0, &[b"late"]),
            append(item_id(99).into(), 0, &[b"nowhere"]),
            append(c, 0, &[b"c"]),
        ];
        let expected = [
            AppendOutcome::Committed,
            AppendOutcome::Conflict { position: 1 },
            AppendOutcome::Missing,
            AppendOutcome::Committed,
        ];
        assert_eq!(db.append(&batch).await.unwrap(), expected);
        assert_eq!(texts(&db.read_log(a, 0, 10).await.unwrap()), ["a"]);
        assert_eq!(texts(&db.read_log(b, 0, 10).await.unwrap()), ["first"]);
        assert_eq!(texts(&db.read_log(c, 0, 10).await.unwrap()), ["c"]);
        assert_eq!(testing::count(&db, "log").await, 3);
    }

    async fn a_client_id_belongs_to_its_first_user(db: Db) {
        let world = World::new(&db).await;
        let a = world.document(&db, 1).await;
        let b = world.document(&db, 2).await;
        let bound = |doc, expected, client, user| Append {
            bindings: vec![(client, user)],
            ..append(doc, expected, &[b"x"])
        };
        let big = (1 << 53) - 1;
        let outcome = db
            .append(&[bound(a, 0, big, user(1)), bound(b, 0, big, user(2))])
            .await
            .unwrap();
        assert_eq!(outcome, [AppendOutcome::Committed; 2], "another document, another binding");

        // Taken in one document: its neighbour goes through, and a batch may repeat the document.
        let outcome = db
            .append(&[
                bound(a, 1, big, user(2)),
                bound(b, 1, big, user(2)),
                bound(b, 2, 5, user(2)),
                bound(b, 3, 5, user(1)),
            ])
            .await
            .unwrap();
        assert_eq!(
            outcome,
            [
                AppendOutcome::ClientTaken { client: big, owner: user(1) },
                AppendOutcome::Committed,
                AppendOutcome::Committed,
                AppendOutcome::ClientTaken { client: 5, owner: user(2) },
            ]
        );
        // A conflict binds nothing.
        let outcome = db.append(&[bound(a, 0, 77, user(1))]).await.unwrap();
        assert_eq!(outcome, [AppendOutcome::Conflict { position: 1 }]);
        let mut stored = db.load_document(b).await.unwrap().unwrap();
        stored.bindings.sort_unstable();
        assert_eq!(stored.bindings, [(5, user(2)), (big, user(2))]);
        assert_eq!(stored.meta.position, 3);
        let stored = db.load_document(a).await.unwrap().unwrap();
        assert_eq!(stored.bindings, [(big, user(1))]);
        assert_eq!(stored.meta.position, 1);
    }

    async fn branches_share_bindings_even_within_one_batch(db: Db) {
        let world = World::new(&db).await;
        let main = world.document(&db, 1).await;
        let branch = |n| NewDocument {
            branch: Some((BranchId(Uuid::from_u128(n)), main)),
            ..world.new_document(n)
        };
        for n in [2, 3] {
            db.create_document(&branch(n)).await.unwrap();
        }
        let bound = |n, user| Append {
            bindings: vec![(5, user)],
            ..append(item_id(n).into(), 0, &[b"x"])
        };
        let outcome = db.append(&[bound(2, user(1)), bound(3, user(2))]).await.unwrap();
        assert_eq!(
            outcome,
            [
                AppendOutcome::Committed,
                AppendOutcome::ClientTaken { client: 5, owner: user(1) },
            ]
        );
        let stored = db.load_document(item_id(3).into()).await.unwrap().unwrap();
        assert_eq!(stored.meta.position, 0);
        assert_eq!(stored.meta.root, main);
        assert_eq!(stored.meta.branch, Some(BranchId(Uuid::from_u128(3))));
        assert_eq!(stored.bindings, [(5, user(1))]);

        db.retire_clients(main, &[5, 6]).await.unwrap();
        db.retire_clients(main, &[6]).await.unwrap();
        let mut stored = db.load_document(item_id(2).into()).await.unwrap().unwrap();
        stored.retired.sort_unstable();
        assert_eq!(stored.retired, [5, 6]);
    }

    async fn two_branches_that_bind_one_client_at_once_agree_on_its_owner(db: Db) {
        let world = World::new(&db).await;
        let main = world.document(&db, 1).await;
        for n in 10..20 {
            db.create_document(&NewDocument {
                branch: Some((BranchId(Uuid::from_u128(n)), main)),
                ..world.new_document(n)
            })
            .await
            .unwrap();
        }
        let mut tasks = tokio::task::JoinSet::new();
        for n in 10..20 {
            let db = db.clone();
            tasks.spawn(async move {
                db.append(&[Append {
                    bindings: vec![(5, user(n)), (6, user(n))],
                    ..append(item_id(n).into(), 0, &[b"x"])
                }])
                .await
                .unwrap()[0]
            });
        }
        let outcomes = tasks.join_all().await;
        assert_eq!(outcomes.iter().filter(|o| o.is_committed()).count(), 1);
        let stored = db.load_document(main).await.unwrap().unwrap();
        assert_eq!(stored.bindings.len(), 2);
        assert_eq!(stored.bindings[0].1, stored.bindings[1].1);
    }

    async fn an_append_joins_the_transaction_that_creates_the_document(db: Db) {
        let world = World::new(&db).await;
        let new = world.new_document(1);
        let mut tx = db.begin_write().await.unwrap();
        tx.create_document(&new).await.unwrap();
        let first = Append {
            bindings: vec![(5, user(1))],
            ..append(new.id, 0, &[b"x"])
        };
        let outcome = tx.append(std::slice::from_ref(&first)).await.unwrap();
        assert_eq!(outcome, [AppendOutcome::Committed]);
        tx.rollback().await.unwrap();
        assert!(db.load_document(new.id).await.unwrap().is_none());
        assert_eq!(testing::count(&db, "log").await, 0);

        let mut tx = db.begin_write().await.unwrap();
        tx.create_document(&new).await.unwrap();
        tx.append(&[first]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.load_document(new.id).await.unwrap().unwrap().meta.position, 1);

        let again = db.create_document(&new).await.unwrap_err();
        assert!(again.is_taken(UniqueKey::Id), "{again}");
    }

    async fn batches_of_any_length_keep_every_row(db: Db) {
        let world = World::new(&db).await;
        let mut tx = db.begin_write().await.unwrap();
        for n in 0..150 {
            tx.create_document(&world.new_document(n)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut positions = vec![0i64; 150];
        for (round, length) in [1usize, 3, 5, 21, 84, 150].into_iter().enumerate() {
            let batch: Vec<Append> = (0..length)
                .map(|n| {
                    let rows = (0..=(n + round) % 3)
                        .map(|k| row(format!("{n}.{}", positions[n] + k as i64 + 1).as_bytes()))
                        .collect();
                    Append { rows, ..append(item_id(n as u128).into(), positions[n], &[]) }
                })
                .collect();
            let outcome = db.append(&batch).await.unwrap();
            assert!(outcome.iter().all(|o| o.is_committed()), "{outcome:?}");
            for (n, append) in batch.iter().enumerate() {
                positions[n] += append.rows.len() as i64;
            }
        }
        for (n, &position) in positions.iter().enumerate() {
            let stored = db.load_document(item_id(n as u128).into()).await.unwrap().unwrap();
            assert_eq!(stored.meta.position, position);
            let expected: Vec<String> = (1..=position).map(|k| format!("{n}.{k}")).collect();
            assert_eq!(texts(&stored.tail), expected);
            let bytes: usize = expected.iter().map(String::len).sum();
            assert_eq!(stored.meta.size, bytes as i64);
        }
    }

    async fn writers_that_race_lose_nothing_and_leave_no_gap(db: Db) {
        let world = World::new(&db).await;
        for n in 0..4 {
            world.document(&db, n).await;
        }
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..6usize {
            let db = db.clone();
            tasks.spawn(async move {
                let mut left = [15usize; 4];
                let mut seen = [0i64; 4];
                while left.iter().any(|&n| n > 0) {
                    // In different orders, and with new clients: a deadlock would show.
                    let mut order: Vec<usize> = (0..4).filter(|&d| left[d] > 0).collect();
                    order.rotate_left(writer % left.iter().filter(|&&n| n > 0).count());
                    let batch: Vec<Append> = order
                        .iter()
                        .map(|&d| {
                            let text = format!("{writer}.{}", left[d]);
                            Append {
                                bindings: if left[d].is_multiple_of(3) {
                                    vec![((writer * 100 + left[d]) as u64, user(writer as u128))]
                                } else {
                                    Vec::new()
                                },
                                ..append(item_id(d as u128).into(), seen[d], &[text.as_bytes()])
                            }
                        })
                        .collect();
                    for (outcome, &d) in db.append(&batch).await.unwrap().iter().zip(&order) {
                        match *outcome {
                            AppendOutcome::Committed => {
                                left[d] -= 1;
                                seen[d] += 1;
                            }
                            AppendOutcome::Conflict { position } => seen[d] = position,
                            other => panic!("{other:?}"),
                        }
                    }
                }
            });
        }
        tasks.join_all().await;
        for d in 0..4 {
            let stored = db.load_document(item_id(d).into()).await.unwrap().unwrap();
            assert_eq!(stored.meta.position, 90);
            let all: HashSet<String> = texts(&stored.tail).into_iter().collect();
            assert_eq!(all.len(), 90);
            assert_eq!(stored.bindings.len(), 30);
        }
    }

    async fn an_abandoned_append_happens_wholly_or_not_at_all(db: Db) {
        let world = World::new(&db).await;
        let a = world.document(&db, 1).await;
        let b = world.document(&db, 2).await;
        for n in 0..60u64 {
            let position = db.document(a).await.unwrap().unwrap().position;
            let batch = [append(a, position, &[b"x", b"y"]), append(b, position, &[b"x", b"y"])];
            let patience = std::time::Duration::from_micros(n * 40);
            let _ = tokio::time::timeout(patience, db.append(&batch)).await;
            let (a, b) = (db.load_document(a).await.unwrap(), db.load_document(b).await.unwrap());
            let (a, b) = (a.unwrap(), b.unwrap());
            // A commit that is still on its way may land between the two reads.
            assert!(b.meta.position >= a.meta.position);
            assert_eq!(a.meta.position % 2, 0);
        }
        let position = db.document(a).await.unwrap().unwrap().position;
        let last = [append(a, position, &[b"x"]), append(b, position, &[b"x"])];
        assert_eq!(db.append(&last).await.unwrap(), [AppendOutcome::Committed; 2]);
    }

    async fn a_gap_in_the_log_is_reported_not_served(db: Db) {
        let world = World::new(&db).await;
        let doc = world.document(&db, 1).await;
        db.append(&[append(doc, 0, &[b"1", b"2", b"3"])]).await.unwrap();
        testing::execute(&db, "DELETE FROM log WHERE position = 2").await;
        assert!(matches!(db.load_document(doc).await, Err(Error::Corrupt(_))));
        assert!(matches!(db.read_log(doc, 1, 5).await, Err(Error::Corrupt(_))));
        testing::execute(&db, "DELETE FROM log").await;
        assert!(matches!(db.load_document(doc).await, Err(Error::Corrupt(_))));
    }

    async fn projection_is_remembered_and_never_goes_back(db: Db) {
        let world = World::new(&db).await;
        let a = world.document(&db, 1).await;
        let b = world.document(&db, 2).await;
        world.document(&db, 3).await;
        db.append(&[append(a, 0, &[b"1", b"2"]), append(b, 0, &[b"1"])]).await.unwrap();
        assert_eq!(db.unprojected(10).await.unwrap(), [a, b]);
        assert_eq!(db.unprojected(1).await.unwrap(), [a]);
        db.set_projected(a, 2).await.unwrap();
        db.set_projected(a, 1).await.unwrap();
        assert_eq!(db.unprojected(10).await.unwrap(), [b]);
        assert_eq!(db.document(a).await.unwrap().unwrap().projected_position, 2);
        assert_eq!(db.stale_heads(None, 1, 10).await.unwrap(), [a, b]);
        assert_eq!(db.stale_heads(None, 2, 10).await.unwrap(), [a]);
        assert_eq!(db.stale_heads(Some(a), 1, 10).await.unwrap(), [b]);
    }
}
