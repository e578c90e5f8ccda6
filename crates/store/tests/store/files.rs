//! Files.

use model::*;
use store::*;
use uuid::Uuid;

use crate::common::*;

fn id(n: u128) -> FileId {
    FileId(Uuid::from_u128(0x4000 + n))
}

fn new_file(world: &World, n: u128, hash: u8) -> NewFile {
    File {
        id: id(n),
        org: world.org,
        project: world.project,
        name: "plan\0.png".into(),
        media_type: "image/png".into(),
        size: 100 + i64::from(hash),
        hash: vec![hash; 32],
        width: Some(3),
        height: None,
        created_by: user(1),
        created_at: at(9),
    }
}

store::db_test! {
    async fn a_file_is_made_once_and_listed(db: Db) {
        let world = World::new(&db).await;
        let mut tx = db.begin_write().await.unwrap();
        for (n, hash) in [(1, 1), (2, 2), (3, 1)] {
            assert!(tx.create_file(&new_file(&world, n, hash)).await.unwrap());
        }
        assert!(!tx.create_file(&new_file(&world, 1, 9)).await.unwrap(), "there already");
        tx.commit().await.unwrap();
        let found = db.file(id(1)).await.unwrap().unwrap();
        assert_eq!(found, File { name: "plan.png".into(), ..new_file(&world, 1, 1) });
        assert_eq!(db.file(id(4)).await.unwrap(), None);
        let ids = |files: Vec<File>| files.iter().map(|f| f.id).collect::<Vec<_>>();
        assert_eq!(ids(db.files(world.project, None, 2).await.unwrap()), [id(1), id(2)]);
        assert_eq!(ids(db.files(world.project, Some(id(2)), 2).await.unwrap()), [id(3)]);
        assert_eq!(ids(db.files(ProjectId(Uuid::nil()), None, 2).await.unwrap()), []);
    }

    async fn the_same_bytes_count_once(db: Db) {
        let world = World::new(&db).await;
        assert_eq!(db.file_bytes(world.org, &[1; 32]).await.unwrap(), (0, false));
        let mut tx = db.begin_write().await.unwrap();
        for (n, hash) in [(1, 1), (2, 2), (3, 1)] {
            tx.create_file(&new_file(&world, n, hash)).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(db.file_bytes(world.org, &[1; 32]).await.unwrap(), (203, true));
        assert_eq!(db.file_bytes(world.org, &[3; 32]).await.unwrap(), (203, false));
        assert_eq!(db.file_bytes(OrgId(Uuid::nil()), &[1; 32]).await.unwrap(), (0, false));
    }
}
