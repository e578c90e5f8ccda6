//! A project's own fields.

use model::*;
use serde_json::json;
use store::*;
use uuid::Uuid;

use crate::common::*;

fn field(world: &World, n: u128, rank: &str) -> CustomField {
    CustomField {
        id: FieldId(Uuid::from_u128(n)),
        org: world.org,
        project: world.project,
        name: format!("Field {n}"),
        kind: FieldKind::Select,
        options: json!([{ "id": "x", "name": "ü \"" }]),
        rank: rank.into(),
        created_by: user(1),
        created_at: at(4),
        updated_at: at(4),
    }
}

store::db_test! {
    async fn fields_are_made_changed_and_removed(db: Db) {
        let world = World::new(&db).await;
        let (first, second) = (field(&world, 1, "a1"), field(&world, 2, "Zz"));
        let mut tx = db.begin_write().await.unwrap();
        tx.create_field(&first).await.unwrap();
        tx.create_field(&second).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        let taken = tx.create_field(&first).await.unwrap_err();
        assert!(taken.is_taken(UniqueKey::Id), "{taken}");
        tx.rollback().await.unwrap();
        assert_eq!(db.field(first.id).await.unwrap(), Some(first.clone()));
        assert_eq!(db.fields(world.project).await.unwrap(), [second.clone(), first.clone()], "by bytes");
        assert_eq!(db.fields(ProjectId(Uuid::from_u128(77))).await.unwrap(), []);

        let mut tx = db.begin_write().await.unwrap();
        tx.update_field(first.id, Some("Size"), None, Some("Z0"), at(5)).await.unwrap();
        tx.update_field(second.id, None, Some(&json!([])), None, at(6)).await.unwrap();
        let unknown = tx.update_field(FieldId(Uuid::from_u128(9)), Some("x"), None, None, at(7)).await;
        assert!(matches!(unknown, Err(Error::NotFound)));
        tx.commit().await.unwrap();
        let expected = [
            CustomField { name: "Size".into(), rank: "Z0".into(), updated_at: at(5), ..first.clone() },
            CustomField { options: json!([]), updated_at: at(6), ..second },
        ];
        assert_eq!(db.fields(world.project).await.unwrap(), expected);

        let mut tx = db.begin_write().await.unwrap();
        assert!(tx.delete_field(first.id).await.unwrap());
        assert!(!tx.delete_field(first.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(db.field(first.id).await.unwrap(), None);
    }
}
