//! Events, the audit trail, kept answers, settings.

use model::*;
use serde_json::json;
use store::*;
use uuid::Uuid;

use crate::common::*;

store::db_test! {
    async fn events_are_dense_and_in_commit_order(db: Db) {
        let world = World::new(&db).await;
        assert_eq!(db.event_seq(world.org).await.unwrap(), 0);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..20 {
            let (db, org, project) = (db.clone(), world.org, world.project);
            tasks.spawn(async move {
                let mut tx = db.begin_write().await.unwrap();
                let payload = json!({"n": n, "odd\0": "\0"});
                let seq = tx.emit(org, Some(project), "item.changed", &payload, at(n)).await.unwrap();
                // Some change their mind: that leaves no hole.
                if n % 4 == 0 {
                    tx.rollback().await.unwrap();
                } else {
                    assert!(seq > 0);
                    tx.commit().await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let all = db.events(world.org, 0, 100).await.unwrap();
        assert_eq!(all.iter().map(|e| e.seq).collect::<Vec<_>>(), (1..=15).collect::<Vec<_>>());
        assert_eq!(db.event_seq(world.org).await.unwrap(), 15);
        assert_eq!(all[0].project, Some(world.project));
        assert_eq!(all[0].kind, "item.changed");
        assert_eq!(all[0].payload["odd\0"], "\0");
        assert_eq!(db.events(world.org, 13, 1).await.unwrap(), all[13..14]);
        assert_eq!(db.prune_events(at(4), 2).await.unwrap(), 2);
        assert_eq!(db.prune_events(at(4), 9).await.unwrap(), 1);
        assert_eq!(db.events(world.org, 0, 100).await.unwrap().len(), 12);
        let mut tx = db.begin_write().await.unwrap();
        let unknown = tx.emit(OrgId(Uuid::nil()), None, "x", &json!(1), at(1)).await;
        assert!(matches!(unknown, Err(Error::NotFound)));
    }

    async fn the_audit_trail_is_read_backwards(db: Db) {
        let world = World::new(&db).await;
        let entry = |n: u128, org| AuditEntry {
            id: Uuid::from_u128(n),
            org,
            actor: Some(user(1)),
            session: None,
            action: "project.created".into(),
            target_kind: "project".into(),
            target_id: Some(world.project.0),
            detail: json!({"name": "Rocket"}),
            ip: "::1".into(),
            at: at(1),
        };
        for n in 1..=3 {
            db.audit(&entry(n, Some(world.org))).await.unwrap();
        }
        db.audit(&entry(4, None)).await.unwrap();
        let page = db.audit_entries(world.org, None, 2).await.unwrap();
        assert_eq!(page, [entry(3, Some(world.org)), entry(2, Some(world.org))]);
        let rest = db.audit_entries(world.org, Some(page[1].id), 9).await.unwrap();
        assert_eq!(rest, [entry(1, Some(world.org))]);
    }

    async fn an_answer_is_kept_for_the_same_key(db: Db) {
        let answer = KeptAnswer {
            request_hash: vec![1, 2],
            status: 201,
            body: "{}".into(),
            at: at(5),
        };
        let mut tx = db.begin_write().await.unwrap();
        tx.keep_answer(user(1), "k", &answer).await.unwrap();
        tx.keep_answer(user(2), "k", &answer).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        let taken = tx.keep_answer(user(1), "k", &answer).await.unwrap_err();
        assert!(taken.is_taken(UniqueKey::IdempotencyKey), "{taken}");
        tx.rollback().await.unwrap();
        assert_eq!(db.kept_answer(user(1), "k").await.unwrap(), Some(answer));
        assert_eq!(db.kept_answer(user(1), "other").await.unwrap(), None);
        assert_eq!(db.prune_answers(at(6)).await.unwrap(), 2);
    }

    async fn a_setting_is_taken_by_one(db: Db) {
        assert_eq!(db.setting("setup").await.unwrap(), None);
        db.set_setting("setup", Some("a")).await.unwrap();
        db.set_setting("setup", Some("b")).await.unwrap();
        assert_eq!(db.setting("setup").await.unwrap().as_deref(), Some("b"));
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..5 {
            let db = db.clone();
            tasks.spawn(async move {
                let mut tx = db.begin_write().await.unwrap();
                let taken = tx.take_setting("setup", if n == 0 { "a" } else { "b" }).await.unwrap();
                tx.commit().await.unwrap();
                taken
            });
        }
        let taken = tasks.join_all().await;
        assert_eq!(taken.iter().filter(|&&taken| taken).count(), 1);
        db.set_setting("setup", Some("c")).await.unwrap();
        db.set_setting("setup", None).await.unwrap();
        assert_eq!(db.setting("setup").await.unwrap(), None);
    }

    async fn a_read_transaction_sees_one_instant_and_writes_nothing(db: Db) {
        db.set_setting("a", Some("1")).await.unwrap();
        let mut tx = db.begin_read().await.unwrap();
        assert_eq!(tx.setting("a").await.unwrap().as_deref(), Some("1"));
        db.set_setting("a", Some("2")).await.unwrap();
        assert_eq!(tx.setting("a").await.unwrap().as_deref(), Some("1"));
        assert!(tx.set_setting("a", Some("3")).await.is_err());
        tx.rollback().await.unwrap();
        assert_eq!(db.setting("a").await.unwrap().as_deref(), Some("2"));
    }

    async fn a_named_lock_keeps_others_out(db: Db) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..5 {
            let db = db.clone();
            tasks.spawn(async move {
                let mut tx = db.begin_write().await.unwrap();
                tx.lock("counter").await.unwrap();
                let n: i64 = tx.setting("n").await.unwrap().map_or(0, |n| n.parse().unwrap());
                tx.set_setting("n", Some(&(n + 1).to_string())).await.unwrap();
                tx.commit().await.unwrap();
            });
        }
        tasks.join_all().await;
        assert_eq!(db.setting("n").await.unwrap().as_deref(), Some("5"));
    }
}
