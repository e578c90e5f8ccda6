//! Whom and what items name in their descriptions. Written with an item's projection.

use std::collections::HashMap;

use model::{ItemId, OrgId, UserId};

use crate::dialect::{self, Ids, ids_sql};
use crate::sql::{all, exec, one_shot_reads, records};
use crate::{Result, Tx};

records! {
    /// An item that another one names.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Link {
        /// The one that is named: any id, also one of nothing or of another organization. Of a
        /// [backlink](Tx::backlinks): the one that names.
        pub target: ItemId,
        /// The text around it.
        pub excerpt: String,
    }
}

impl Tx {
    /// The items that an item names, in order of id.
    pub async fn item_links(&mut self, item: ItemId) -> Result<Vec<Link>> {
        all!(
            self,
            "SELECT target_id AS target, excerpt FROM item_links \
             WHERE item_id = $1 ORDER BY target_id",
            item.0
        )
    }

    /// The people that an item names, in order of id.
    pub async fn item_mentions(&mut self, item: ItemId) -> Result<Vec<UserId>> {
        let users: Vec<(UserId,)> = all!(
            self,
            "SELECT user_id FROM item_mentions WHERE item_id = $1 ORDER BY user_id",
            item.0
        )?;
        Ok(users.into_iter().map(|(user,)| user).collect())
    }

    /// The items of an organization that name `target`, none of them deleted, at most `limit`, from
    /// after `after` in order of id.
    pub async fn backlinks(
        &mut self,
        target: ItemId,
        org: OrgId,
        after: Option<ItemId>,
        limit: i64,
    ) -> Result<Vec<Link>> {
        all!(
            self,
            "SELECT l.item_id AS target, l.excerpt AS excerpt FROM item_links l \
             JOIN items i ON i.id = l.item_id JOIN projects p ON p.id = i.project_id \
             WHERE l.target_id = $1 AND i.org_id = $2 AND l.item_id > $3 \
             AND i.deleted_at IS NULL AND p.deleted_at IS NULL ORDER BY l.item_id LIMIT $4",
            target.0,
            org.0,
            after.map(|id| id.0).unwrap_or_default(),
            limit
        )
    }
}

one_shot_reads! {
    item_links(item: ItemId) -> Vec<Link>;
    item_mentions(item: ItemId) -> Vec<UserId>;
    backlinks(target: ItemId, org: OrgId, after: Option<ItemId>, limit: i64) -> Vec<Link>;
}

/// Makes an item's links these. Gives the items of its organization that are new among them or gone.
pub(crate) async fn put_links(
    tx: &mut Tx,
    item: ItemId,
    org: OrgId,
    links: &[Link],
) -> Result<Vec<ItemId>> {
    let mut old: HashMap<ItemId, String> = tx
        .item_links(item)
        .await?
        .into_iter()
        .map(|link| (link.target, link.excerpt))
        .collect();
    let mut relinked = Vec::new();
    let mut written = Vec::new();
    for link in links {
        match old.remove(&link.target) {
            Some(excerpt) if excerpt == link.excerpt => {}
            Some(_) => written.push(link),
            None => {
                relinked.push(link.target);
                written.push(link);
            }
        }
    }
    if !written.is_empty() {
        dialect::put_links(tx, item, &written).await?;
    }
    if !old.is_empty() {
        exec!(
            tx,
            ids_sql!("DELETE FROM item_links WHERE item_id = $2 AND", "target_id" in "$1", ""),
            Ids(old.keys().map(|id| id.0).collect()),
            item.0
        )?;
        relinked.extend(old.into_keys());
    }
    if relinked.is_empty() {
        return Ok(relinked);
    }
    let near: Vec<(ItemId,)> = all!(
        tx,
        ids_sql!("SELECT id FROM items WHERE org_id = $2 AND", "id" in "$1", "ORDER BY id"),
        Ids(relinked.iter().map(|id| id.0).collect()),
        org.0
    )?;
    Ok(near.into_iter().map(|(id,)| id).collect())
}

/// Makes these the people that an item names.
pub(crate) async fn put_mentions(tx: &mut Tx, item: ItemId, users: &[UserId]) -> Result<()> {
    let old = tx.item_mentions(item).await?;
    let gone: Vec<_> = old.iter().filter(|user| !users.contains(user)).collect();
    if !gone.is_empty() {
        exec!(
            tx,
            ids_sql!("DELETE FROM item_mentions WHERE item_id = $2 AND", "user_id" in "$1", ""),
            Ids(gone.into_iter().map(|user| user.0).collect()),
            item.0
        )?;
    }
    let new = users.iter().filter(|user| !old.contains(user));
    let new: Vec<_> = new.map(|user| user.0).collect();
    if !new.is_empty() {
        dialect::put_mentions(tx, item, new).await?;
    }
    Ok(())
}
