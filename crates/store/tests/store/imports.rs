//! Imports.

use model::*;
use serde_json::{Value, json};
use store::*;
use uuid::Uuid;

use crate::common::*;

fn import(world: &World, n: u128) -> Import {
    Import {
        id: ImportId(Uuid::from_u128(n)),
        org: world.org,
        project: world.project,
        parent: Some(item_id(1)),
        name: "ü.csv".into(),
        format: "csv".into(),
        state: "preview".into(),
        mapping: json!({ "columns": ["title"] }),
        preview: json!({ "sample": [] }),
        report: json!([]),
        total: 7,
        done: 0,
        created_by: user(1),
        session: session(1),
        created_at: at(4),
        updated_at: at(4),
    }
}

store::db_test! {
    async fn an_import_runs_once_and_stops_when_it_is_told(db: Db) {
        let world = World::new(&db).await;
        let (first, second) = (import(&world, 1), import(&world, 2));
        db.create_import(&first).await.unwrap();
        db.create_import(&second).await.unwrap();
        assert_eq!(db.import(first.id).await.unwrap(), Some(first.clone()));
        let listed = db.imports(world.project, 9).await.unwrap();
        let bare = |import: &Import| Import { preview: Value::Null, ..import.clone() };
        assert_eq!(listed, [bare(&second), bare(&first)], "the latest first");
        assert_eq!(db.imports(world.project, 1).await.unwrap().len(), 1);

        let changed = Import { total: 9, format: "jira_csv".into(), report: json!([1]), updated_at: at(5), ..first.clone() };
        assert!(db.change_preview(&changed).await.unwrap());
        assert_eq!(db.import(first.id).await.unwrap(), Some(changed.clone()));
        assert_eq!(db.unfinished_imports().await.unwrap(), []);
        assert!(db.change_import_state(first.id, "preview", "running", at(6)).await.unwrap());
        assert!(!db.change_import_state(first.id, "preview", "running", at(6)).await.unwrap());
        assert!(!db.change_preview(&changed).await.unwrap(), "it runs");
        assert!(!db.delete_preview(first.id).await.unwrap(), "it runs");
        assert_eq!(db.unfinished_imports().await.unwrap(), [first.id]);

        let mut tx = db.begin_write().await.unwrap();
        assert!(tx.advance_import(first.id, 4, at(7)).await.unwrap());
        tx.commit().await.unwrap();
        db.report_import(first.id, &json!(["x"])).await.unwrap();
        let now = db.import(first.id).await.unwrap().unwrap();
        assert_eq!((now.done, now.report, now.updated_at), (4, json!(["x"]), at(7)));
        db.change_import_state(first.id, "running", "undoing", at(8)).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        assert!(!tx.advance_import(first.id, 5, at(9)).await.unwrap(), "told to stop");
        tx.rollback().await.unwrap();

        assert_eq!(db.old_previews(at(4), 9).await.unwrap(), []);
        assert_eq!(db.old_previews(at(9), 9).await.unwrap(), [second.id]);
        assert_eq!(db.previews_of(user(1)).await.unwrap(), [second.id], "the first runs");
        assert_eq!(db.previews_of(user(2)).await.unwrap(), []);
        let third = import(&world, 3);
        db.create_import(&third).await.unwrap();
        assert_eq!(db.previews_of(user(1)).await.unwrap(), [third.id, second.id]);
        assert!(db.delete_preview(second.id).await.unwrap());
        assert_eq!(db.import(second.id).await.unwrap(), None);
    }

    async fn a_file_is_kept_in_pieces_until_it_is_forgotten(db: Db) {
        let world = World::new(&db).await;
        let one = import(&world, 1);
        db.create_import(&one).await.unwrap();
        let bytes: Vec<u8> = (0..2_500_000u32).flat_map(|n| (n * 7).to_le_bytes()).take(2_500_000).collect();
        db.keep_import_file(one.id, &bytes).await.unwrap();
        assert!(db.import_file(one.id).await.unwrap() == bytes);
        db.forget_import_file(one.id).await.unwrap();
        assert_eq!(db.import_file(one.id).await.unwrap(), b"");
        db.keep_import_file(one.id, b"x").await.unwrap();
        assert!(db.delete_preview(one.id).await.unwrap());
        assert_eq!(db.import_file(one.id).await.unwrap(), b"");
    }

    async fn edited_items_are_those_beyond_their_first_content(db: Db) {
        let world = World::new(&db).await;
        for n in 1..=3 {
            let id = world.document(&db, n).await;
            db.append(&[append(id, 0, &[b"a"])]).await.unwrap();
        }
        db.append(&[append(item_id(2).into(), 1, &[b"b"])]).await.unwrap();
        let all = [item_id(1), item_id(2), item_id(3), item_id(9)];
        assert_eq!(db.edited_items(&all).await.unwrap(), [item_id(2)]);
        assert_eq!(db.edited_items(&[]).await.unwrap(), []);
    }
}
