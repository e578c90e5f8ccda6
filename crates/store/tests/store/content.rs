//! Projects and items.

use model::*;
use store::*;
use uuid::Uuid;

use crate::common::*;

pub(crate) fn projection(n: u128, position: i64) -> ItemProjection {
    ItemProjection {
        id: item_id(n),
        position,
        title: format!("Title at {position}"),
        item_type: ItemType::Epic,
        status: Status::Done,
        priority: Priority::High,
        assignees: vec![user(1), user(2)],
        labels: vec!["a \"b\"".into(), "ü".into()],
        estimate: Some(2.5),
        start_date: Some("2026-01-02".into()),
        due_date: None,
        criteria_total: 3,
        criteria_done: 1,
        custom: serde_json::json!({ "f": [1, "ü"] })
            .as_object()
            .unwrap()
            .clone(),
        links: vec![],
        mentions: vec![],
        search_text: "all\0 of it".into(),
        updated_at: at(50),
    }
}

fn placed(n: u128, parent: Option<u128>, rank: &str) -> Placed {
    Placed {
        id: item_id(n),
        parent: parent.map(item_id),
        rank: rank.into(),
    }
}

fn doomed(root: u128, ids: &[u128]) -> Vec<Doomed> {
    let root = item_id(root);
    ids.iter()
        .map(|&n| Doomed {
            id: item_id(n),
            root,
        })
        .collect()
}

pub(crate) async fn with_items(db: &Db, n: u128) -> World {
    let world = World::new(db).await;
    let mut tx = db.begin_write().await.unwrap();
    for n in 1..=n {
        assert!(tx.create_item(&world.new_item(n)).await.unwrap());
        tx.create_document(&world.new_document(n)).await.unwrap();
    }
    tx.commit().await.unwrap();
    world
}

store::db_test! {
    async fn projects_are_made_changed_deleted_and_restored(db: Db) {
        let world = World::new(&db).await;
        let second = NewProject {
            id: ProjectId(Uuid::from_u128(0x21)),
            org: world.org,
            name: "Second".into(),
            key: "SEC".into(),
            description: "d".into(),
            created_by: user(1),
            created_at: at(3),
        };
        let mut tx = db.begin_write().await.unwrap();
        tx.create_project(&second).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        let taken = tx
            .create_project(&NewProject { id: ProjectId(Uuid::from_u128(0x22)), ..second.clone() })
            .await
            .unwrap_err();
        assert!(taken.is_taken(UniqueKey::ProjectKey), "{taken}");
        tx.rollback().await.unwrap();

        let ids = |list: Vec<Project>| list.into_iter().map(|p| p.id).collect::<Vec<_>>();
        assert_eq!(ids(db.projects(world.org, None, 10).await.unwrap()), [world.project, second.id]);
        assert_eq!(ids(db.projects(world.org, None, 1).await.unwrap()), [world.project]);
        assert_eq!(ids(db.projects(world.org, Some(world.project), 9).await.unwrap()), [second.id]);
        assert_eq!(db.project_keys(world.org).await.unwrap(), ["ROC", "SEC"]);

        let doc = world.document(&db, 1).await;
        let mut tx = db.begin_write().await.unwrap();
        tx.update_project(world.project, Some("Rocket 2"), None, Some("fast"), at(8)).await.unwrap();
        assert!(tx.delete_project(world.project, user(1), at(9)).await.unwrap());
        assert!(!tx.delete_project(world.project, user(1), at(10)).await.unwrap());
        assert!(matches!(
            tx.update_project(world.project, Some("x"), None, None, at(11)).await,
            Err(Error::NotFound)
        ));
        tx.commit().await.unwrap();
        let found = db.project(world.project).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.key.as_str()), ("Rocket 2", "ROC"));
        assert_eq!((found.description.as_str(), found.deleted_at), ("fast", Some(at(9))));
        assert_eq!(ids(db.projects(world.org, None, 10).await.unwrap()), [second.id]);
        assert!(db.document(doc).await.unwrap().unwrap().deleted(), "with its project");

        let mut tx = db.begin_write().await.unwrap();
        assert!(tx.restore_project(world.project, at(12)).await.unwrap());
        assert!(!tx.restore_project(world.project, at(13)).await.unwrap());
        tx.commit().await.unwrap();
        assert!(!db.document(doc).await.unwrap().unwrap().deleted());
    }

    async fn an_item_is_created_once_and_projected_forwards_only(db: Db) {
        let world = with_items(&db, 1).await;
        let mut tx = db.begin_write().await.unwrap();
        assert!(!tx.create_item(&world.new_item(1)).await.unwrap());
        tx.commit().await.unwrap();
        let fresh = db.item(item_id(1)).await.unwrap().unwrap();
        assert_eq!((fresh.title.as_str(), fresh.item_type), ("Item 1", ItemType::Story));
        assert_eq!((fresh.assignees.len(), fresh.estimate, fresh.position), (0, None, 0));

        let written = db.upsert_item_projection(&projection(1, 5)).await.unwrap().unwrap();
        assert!(written.changed);
        let p = projection(1, 5);
        let expected = Item {
            title: p.title,
            item_type: p.item_type,
            status: p.status,
            priority: p.priority,
            assignees: p.assignees,
            labels: p.labels,
            estimate: p.estimate,
            start_date: p.start_date,
            criteria_total: 3,
            criteria_done: 1,
            custom: p.custom,
            position: 5,
            updated_at: at(50),
            ..fresh
        };
        assert_eq!(written.item, expected);
        assert_eq!(db.item(item_id(1)).await.unwrap(), Some(expected));
        assert_eq!(db.item_text(item_id(1)).await.unwrap().as_deref(), Some("all of it"));
        assert_eq!(db.item_text(item_id(2)).await.unwrap(), None);
        assert_eq!(db.item_excerpt(item_id(1), 5).await.unwrap().as_deref(), Some("all o"));
        assert_eq!(db.upsert_item_projection(&projection(1, 4)).await.unwrap(), None, "late");
        assert_eq!(db.upsert_item_projection(&projection(2, 9)).await.unwrap(), None, "unknown");

        // More text is no news for lists.
        let more = ItemProjection {
            search_text: "more".into(),
            updated_at: at(60),
            position: 6,
            ..projection(1, 5)
        };
        let written = db.upsert_item_projection(&more).await.unwrap().unwrap();
        assert!(!written.changed);
        assert_eq!(written.item.updated_at, at(60));
        assert_eq!(db.item_text(item_id(1)).await.unwrap().as_deref(), Some("more"));
    }

    async fn items_come_in_pages(db: Db) {
        let world = with_items(&db, 5).await;
        let ids = |list: Vec<Item>| list.into_iter().map(|i| i.id).collect::<Vec<_>>();
        let page = async |deleted, after, limit| {
            ids(db.items(world.project, deleted, after, limit).await.unwrap())
        };
        assert_eq!(page(false, None, 2).await, [item_id(1), item_id(2)]);
        assert_eq!(page(false, Some(item_id(2)), 9).await, [item_id(3), item_id(4), item_id(5)]);
        assert_eq!(page(true, None, 9).await, []);
        let some = db.items_by_id(&[item_id(4), item_id(9), item_id(2)]).await.unwrap();
        assert_eq!(ids(some), [item_id(2), item_id(4)]);
    }

    async fn a_subtree_is_deleted_and_comes_back_with_its_documents(db: Db) {
        let world = with_items(&db, 5).await;
        let project = world.project;
        let mut tx = db.begin_write().await.unwrap();
        let first = tx.delete_items(project, &doomed(3, &[3]), user(1), at(20)).await.unwrap();
        assert_eq!(first, [item_id(3)]);
        let mut second = tx
            .delete_items(project, &doomed(2, &[2, 3, 4]), user(2), at(30))
            .await
            .unwrap();
        second.sort();
        assert_eq!(second, [item_id(2), item_id(4)], "3 was deleted by itself before");
        let elsewhere = ProjectId(Uuid::from_u128(77));
        let none = tx.delete_items(elsewhere, &doomed(5, &[5]), user(1), at(31)).await;
        assert_eq!(none.unwrap(), []);
        tx.commit().await.unwrap();

        let gone = db.item(item_id(4)).await.unwrap().unwrap();
        assert_eq!(
            (gone.deleted_at, gone.deleted_by, gone.deleted_root),
            (Some(at(30)), Some(user(2)), Some(item_id(2)))
        );
        assert_eq!(db.items(project, true, None, 9).await.unwrap().len(), 3);
        let doc = DocumentId::from(item_id(4));
        assert_eq!(db.document(doc).await.unwrap().unwrap().deleted_at, Some(at(30)));
        let outcome = db.append(&[append(doc, 0, &[b"late"])]).await.unwrap();
        assert_eq!(outcome, [AppendOutcome::Missing]);

        let with = async |project, roots: &[ItemId]| {
            let found = db.deleted_with(project, roots).await.unwrap();
            found.into_iter().map(|placed| placed.id).collect::<Vec<_>>()
        };
        assert_eq!(with(project, &[item_id(2)]).await, [item_id(2), item_id(4)]);
        assert_eq!(with(project, &[item_id(2), item_id(3), item_id(4)]).await.len(), 3);
        assert_eq!(with(elsewhere, &[item_id(2)]).await, []);
        let mut tx = db.begin_write().await.unwrap();
        let ids = [item_id(2), item_id(4)];
        assert_eq!(tx.restore_items(elsewhere, &ids, at(40)).await.unwrap(), []);
        let mut back = tx.restore_items(project, &[item_id(1), ids[0], ids[1]], at(40)).await.unwrap();
        back.sort();
        assert_eq!(back, [item_id(2), item_id(4)]);
        tx.commit().await.unwrap();
        assert_eq!(db.items(project, true, None, 9).await.unwrap().len(), 1);
        assert!(db.append(&[append(doc, 0, &[b"x"])]).await.unwrap()[0].is_committed());
    }

    async fn placements_are_written_where_they_differ(db: Db) {
        let world = with_items(&db, 4).await;
        let project = world.project;
        let tree = [placed(1, None, "a0"), placed(2, Some(1), "a0V\"'"), placed(3, Some(2), "Zz")];
        let mut moved = db.set_placements(project, &tree, at(30)).await.unwrap();
        moved.sort();
        assert_eq!(moved, [item_id(2), item_id(3)], "1 stood there already");
        assert_eq!(db.set_placements(project, &tree, at(31)).await.unwrap(), []);
        assert_eq!(
            db.placements(project).await.unwrap(),
            [tree[0].clone(), tree[1].clone(), tree[2].clone(), placed(4, None, "a0")]
        );
        let up = [placed(3, None, "Zz")];
        assert_eq!(db.set_placements(project, &up, at(32)).await.unwrap(), [item_id(3)]);
        let found = db.item(item_id(3)).await.unwrap().unwrap();
        assert_eq!((found.parent, found.updated_at), (None, at(32)));
        let elsewhere = ProjectId(Uuid::from_u128(77));
        assert_eq!(db.set_placements(elsewhere, &tree, at(33)).await.unwrap(), []);
    }

    async fn a_large_tree_is_placed_in_chunks(db: Db) {
        let world = World::new(&db).await;
        let mut tx = db.begin_write().await.unwrap();
        for n in 1..=1100 {
            tx.create_item(&world.new_item(n)).await.unwrap();
        }
        let tree: Vec<Placed> = (1..=1100)
            .map(|n| placed(n, (n > 1).then_some(1), &format!("b{n:04}")))
            .collect();
        assert_eq!(tx.set_placements(world.project, &tree, at(9)).await.unwrap().len(), 1100);
        tx.commit().await.unwrap();
        assert_eq!(db.placements(world.project).await.unwrap(), tree);
    }
}
