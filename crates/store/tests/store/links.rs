//! Whom and what items name.

use model::*;
use store::*;
use uuid::Uuid;

use crate::common::*;
use crate::content::{projection, with_items};

fn link(n: u128, excerpt: &str) -> Link {
    Link {
        target: item_id(n),
        excerpt: excerpt.into(),
    }
}

/// A projection of item `n` at `position` that names these.
fn naming(n: u128, position: i64, links: &[Link], mentions: &[UserId]) -> ItemProjection {
    ItemProjection {
        links: links.to_vec(),
        mentions: mentions.to_vec(),
        ..projection(n, position)
    }
}

store::db_test! {
    async fn links_and_mentions_are_those_of_the_latest_projection(db: Db) {
        with_items(&db, 4).await;
        let project = async |p: ItemProjection| db.upsert_item_projection(&p).await.unwrap().unwrap().relinked;
        let first = naming(1, 1, &[link(3, "see 3"), link(2, "see \"2\"\0"), link(99, "gone")], &[user(2), user(1)]);
        assert_eq!(project(first).await, [item_id(2), item_id(3)], "99 is nothing");
        assert_eq!(
            db.item_links(item_id(1)).await.unwrap(),
            [link(2, "see \"2\""), link(3, "see 3"), link(99, "gone")]
        );
        assert_eq!(db.item_mentions(item_id(1)).await.unwrap(), [user(1), user(2)]);

        let second = naming(1, 2, &[link(3, "see 3 now"), link(4, "and 4")], &[user(3), user(2)]);
        assert_eq!(project(second.clone()).await, [item_id(2), item_id(4)], "2 isn't named any more");
        assert_eq!(db.item_links(item_id(1)).await.unwrap(), [link(3, "see 3 now"), link(4, "and 4")]);
        assert_eq!(db.item_mentions(item_id(1)).await.unwrap(), [user(2), user(3)]);
        assert_eq!(project(second).await, []);
        assert_eq!(db.upsert_item_projection(&naming(1, 1, &[], &[])).await.unwrap(), None, "late");
        assert_eq!(db.item_links(item_id(1)).await.unwrap().len(), 2);
        assert_eq!(project(naming(1, 3, &[], &[])).await, [item_id(3), item_id(4)]);
        assert_eq!(db.item_links(item_id(1)).await.unwrap(), []);
        assert_eq!(db.item_mentions(item_id(1)).await.unwrap(), []);
    }

    async fn backlinks_are_of_items_that_are_there(db: Db) {
        let world = with_items(&db, 5).await;
        for n in [1, 2, 3, 4] {
            let links = [link(5, &format!("from {n}"))];
            db.upsert_item_projection(&naming(n, 1, &links, &[])).await.unwrap();
        }
        let elsewhere = OrgId(Uuid::from_u128(0x11));
        let to = async |org, after, limit| db.backlinks(item_id(5), org, after, limit).await.unwrap();
        assert_eq!(to(world.org, None, 2).await, [link(1, "from 1"), link(2, "from 2")]);
        assert_eq!(to(world.org, Some(item_id(2)), 9).await, [link(3, "from 3"), link(4, "from 4")]);
        assert_eq!(to(elsewhere, None, 9).await, []);
        let mut tx = db.begin_write().await.unwrap();
        let doomed = [Doomed { id: item_id(2), root: item_id(2) }];
        tx.delete_items(world.project, &doomed, user(1), at(9)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(to(world.org, None, 9).await.len(), 3);
        let mut tx = db.begin_write().await.unwrap();
        tx.delete_project(world.project, user(1), at(10)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(to(world.org, None, 9).await, []);
    }
}
