//! What search reads.

use std::collections::BTreeSet;

use model::*;
use store::*;

use crate::common::*;

async fn items(db: &Db, world: &World, numbers: std::ops::RangeInclusive<u128>) {
    let mut tx = db.begin_write().await.unwrap();
    for n in numbers {
        assert!(tx.create_item(&world.new_item(n)).await.unwrap());
        tx.create_document(&world.new_document(n)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// All that a follower hasn't given yet.
async fn news(db: &Db, follower: &mut Follower) -> BTreeSet<(String, u128)> {
    let mut found = BTreeSet::new();
    loop {
        // Small pages: their seams are looked at, too.
        let Followed::Changes(page, more) = follower.read(db, 2).await.unwrap() else {
            panic!("nothing was pruned");
        };
        for change in page {
            found.insert((change.kind, change.id.as_u128()));
        }
        if !more {
            return found;
        }
    }
}

async fn follower(db: &Db) -> Follower {
    Follower::new(db.search_horizon().await.unwrap().next)
}

fn changed(items: &[u128]) -> BTreeSet<(String, u128)> {
    items
        .iter()
        .map(|n| ("item".to_owned(), item_id(*n).0.as_u128()))
        .collect()
}

fn doomed(root: u128, ids: &[u128]) -> Vec<Doomed> {
    ids.iter()
        .map(|n| Doomed {
            id: item_id(*n),
            root: item_id(root),
        })
        .collect()
}

fn projection(n: u128, position: i64) -> ItemProjection {
    ItemProjection {
        id: item_id(n),
        position,
        title: format!("Item {n}"),
        item_type: ItemType::Story,
        status: Status::Todo,
        priority: Priority::None,
        assignees: Vec::new(),
        labels: Vec::new(),
        estimate: None,
        start_date: None,
        due_date: None,
        criteria_total: 0,
        criteria_done: 0,
        custom: serde_json::Map::new(),
        links: Vec::new(),
        mentions: Vec::new(),
        search_text: String::new(),
        updated_at: at(50),
    }
}

store::db_test! {
    async fn every_change_that_search_shows_is_in_the_outbox(db: Db) {
        let world = World::new(&db).await;
        let start = db.search_horizon().await.unwrap();
        assert_eq!((start.database.len(), start.pruned), (32, None));
        items(&db, &world, 1..=4).await;
        let mut reader = Follower::new(start.next);
        assert_eq!(news(&db, &mut reader).await, changed(&[1, 2, 3, 4]));
        assert_eq!(news(&db, &mut reader).await, changed(&[]));

        // Text alone; a field that search doesn't know; nothing at all.
        let text = ItemProjection { search_text: "words".into(), ..projection(1, 1) };
        assert!(!db.upsert_item_projection(&text).await.unwrap().unwrap().changed);
        db.upsert_item_projection(&ItemProjection { estimate: Some(2.0), ..projection(2, 1) }).await.unwrap();
        db.upsert_item_projection(&ItemProjection { status: Status::Done, ..projection(3, 1) }).await.unwrap();
        db.upsert_item_projection(&projection(4, 1)).await.unwrap();
        db.set_placements(world.project, &[Placed { id: item_id(4), parent: Some(item_id(1)), rank: "a1".into() }], at(9)).await.unwrap();
        assert_eq!(news(&db, &mut reader).await, changed(&[1, 3]));

        let mut tx = db.begin_write().await.unwrap();
        tx.delete_items(world.project, &doomed(1, &[1, 4]), user(1), at(10)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(news(&db, &mut reader).await, changed(&[1, 4]));
        let mut tx = db.begin_write().await.unwrap();
        tx.restore_items(world.project, &[item_id(1), item_id(4)], at(11)).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(news(&db, &mut reader).await, changed(&[]), "what is undone didn't happen");
        let mut tx = db.begin_write().await.unwrap();
        tx.restore_items(world.project, &[item_id(1), item_id(4)], at(11)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(news(&db, &mut reader).await, changed(&[1, 4]));

        let project = BTreeSet::from([("project".to_owned(), world.project.0.as_u128())]);
        let mut tx = db.begin_write().await.unwrap();
        tx.update_project(world.project, Some("Other"), None, None, at(12)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(news(&db, &mut reader).await, changed(&[]));
        let mut tx = db.begin_write().await.unwrap();
        tx.delete_project(world.project, user(1), at(13)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(news(&db, &mut reader).await, project);
        let mut tx = db.begin_write().await.unwrap();
        tx.restore_project(world.project, at(14)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(news(&db, &mut reader).await, project);
    }

    async fn rows_are_what_can_be_found(db: Db) {
        let world = World::new(&db).await;
        items(&db, &world, 1..=5).await;
        let p = ItemProjection {
            title: "Title".into(),
            labels: vec!["a".into()],
            assignees: vec![user(1)],
            search_text: "body\ncriterion".into(),
            criteria_total: 1,
            ..projection(3, 1)
        };
        db.upsert_item_projection(&p).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        tx.delete_items(world.project, &doomed(2, &[2]), user(1), at(10)).await.unwrap();
        tx.commit().await.unwrap();
        let ids = |rows: Vec<SearchRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();

        let row = db.search_rows(&[item_id(3)]).await.unwrap().remove(0);
        assert_eq!((row.title.as_str(), row.text.as_str(), row.criteria_total), ("Title", "body\ncriterion", 1));
        assert_eq!((row.org, row.project, row.labels, row.assignees), (world.org, world.project, p.labels, p.assignees));
        assert_eq!((row.item_type, row.status, row.updated_at), (ItemType::Story, Status::Todo, at(50)));
        assert_eq!(ids(db.search_rows(&[item_id(1), item_id(2), item_id(9)]).await.unwrap()), [item_id(1)]);
        assert_eq!(ids(db.search_page(None, 2).await.unwrap()), [item_id(5), item_id(4)]);
        assert_eq!(ids(db.search_page(Some(item_id(4).0), 9).await.unwrap()), [item_id(3), item_id(1)]);
        assert_eq!(ids(db.search_project_page(world.project, None, 2).await.unwrap()), [item_id(1), item_id(3)]);
        assert_eq!(ids(db.search_project_page(world.project, Some(item_id(3)), 9).await.unwrap()), [item_id(4), item_id(5)]);

        let mut tx = db.begin_write().await.unwrap();
        tx.delete_project(world.project, user(1), at(13)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(db.search_rows(&[item_id(1)]).await.unwrap().is_empty());
        assert!(db.search_page(None, 9).await.unwrap().is_empty());
        assert!(db.search_project_page(world.project, None, 9).await.unwrap().is_empty());
        assert_eq!(db.projects_by_id(&[world.project]).await.unwrap()[0].deleted_at, Some(at(13)));
    }

    async fn ancestors_go_up_to_the_root_or_to_what_is_gone(db: Db) {
        let world = World::new(&db).await;
        items(&db, &world, 1..=6).await;
        let placed = |n, parent: u128| Placed { id: item_id(n), parent: Some(item_id(parent)), rank: "a0".into() };
        // 5 and 6 under each other: rows never say so for long, but reading them ends.
        let rows = [placed(2, 1), placed(3, 2), placed(4, 3), placed(5, 6), placed(6, 5)];
        db.set_placements(world.project, &rows, at(9)).await.unwrap();
        let path = |all: &[Ancestor], n| all.iter().filter(|a| a.item == item_id(n)).map(|a| a.title.clone()).collect::<Vec<_>>();
        let all = db.ancestors(&[item_id(4), item_id(2), item_id(1)]).await.unwrap();
        assert_eq!(path(&all, 4), ["Item 3", "Item 2", "Item 1"]);
        assert_eq!((path(&all, 2).len(), path(&all, 1).len()), (1, 0));
        assert_eq!(db.ancestors(&[item_id(5)]).await.unwrap().len(), 64);
        let mut tx = db.begin_write().await.unwrap();
        tx.delete_items(world.project, &doomed(2, &[2]), user(1), at(10)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(path(&db.ancestors(&[item_id(4)]).await.unwrap(), 4), ["Item 3"]);
    }

    async fn the_outbox_is_pruned_and_says_so(db: Db) {
        let world = World::new(&db).await;
        let start = db.search_horizon().await.unwrap().next;
        let mut reader = follower(&db).await;
        items(&db, &world, 1..=6).await;
        let all = db.search_changes(start, None, 100).await.unwrap();
        assert_eq!(all.len(), 6);
        assert_eq!(db.prune_search_outbox(at(3), 100, 10).await.unwrap(), 0);
        assert_eq!(news(&db, &mut reader).await, changed(&[1, 2, 3, 4, 5, 6]));
        // A transaction of another test may hold the cursor back for a moment.
        while reader.cursor() <= all[5].key {
            assert!(news(&db, &mut reader).await.is_empty());
        }
        assert_eq!(db.prune_search_outbox(at(4), 100, 2).await.unwrap(), 2);
        let horizon = db.search_horizon().await.unwrap();
        assert!(horizon.pruned.unwrap() >= start && horizon.pruned.unwrap() < horizon.next);
        assert_eq!(db.search_changes(start, None, 100).await.unwrap(), all[2..]);
        // One that had read it is not concerned, one that hadn't is told.
        assert!(news(&db, &mut reader).await.is_empty());
        assert!(matches!(Follower::new(start).read(&db, 9).await.unwrap(), Followed::Missed));
        assert_eq!(db.prune_search_outbox(at(3), 1, 10).await.unwrap(), 3, "all but the latest");
        assert_eq!(db.prune_search_outbox(at(4), 0, 10).await.unwrap(), 1);
        assert_eq!(db.prune_search_outbox(at(4), 0, 10).await.unwrap(), 0);
        // Numbers go on.
        items(&db, &world, 7..=7).await;
        assert_eq!(news(&db, &mut reader).await, changed(&[7]));
        // Of another, later database.
        let mut foreign = Follower::new(i64::MAX);
        assert!(matches!(foreign.read(&db, 9).await.unwrap(), Followed::Missed));
        assert_eq!(foreign.cursor(), i64::MAX);
    }
}

/// Transactions that commit in another order than they began.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_misses_nothing_that_commits_late() {
    let ephemeral = testing::postgres().await;
    let db = &ephemeral.db;
    let world = World::new(db).await;
    let mut reader = follower(db).await;
    let mut early = db.begin_write().await.unwrap();
    early.create_item(&world.new_item(1)).await.unwrap();
    let mut late = db.begin_write().await.unwrap();
    for n in 2..=6 {
        late.create_item(&world.new_item(n)).await.unwrap();
    }
    late.commit().await.unwrap();
    // Those that began later are seen at once; where the earlier one will stand stays open.
    assert_eq!(news(db, &mut reader).await, changed(&[2, 3, 4, 5, 6]));
    let cursor = reader.cursor();
    assert!(news(db, &mut reader).await.is_empty());
    early.commit().await.unwrap();
    let all = db.search_changes(0, None, 100).await.unwrap();
    let first = all.iter().find(|change| change.id == item_id(1).0).unwrap();
    assert!(cursor <= first.key);
    assert!(all.iter().all(|change| change.key >= first.key));
    assert_eq!(news(db, &mut reader).await, changed(&[1]));
    assert!(news(db, &mut reader).await.is_empty());
}
