//! `canopy seed`: many items at once, for measuring. Their words are made up, and as unequally common as words are.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use content::item::{Criterion, NewItem};
use content::outline::{KIND_ITEM, Placement, rank_between};
use model::{
    Clock as _, DocumentId, DocumentKind, ItemId, ItemType, OrgId, Priority, ProjectId, Rng,
    SeededRng, SessionId, Status, SystemClock, SystemRng, Timestamp, UserId,
};
use serde_json::{Value, json};
use store::{Append, Db, ItemProjection, LogRow, NewDocument, NewProject, Placed};

use crate::admin;
use crate::config::Config;

/// Items of one project.
const PROJECT: usize = 10_000;
/// Items written in one transaction.
const CHUNK: usize = 500;
/// Different words.
const WORDS: usize = 20_000;

/// Makes `count` items in new projects of the first organization, with documents, rows and places in the tree.
pub(crate) async fn run(config: &Config, count: usize) -> Result<()> {
    let db = admin::open(config).await?;
    let organizations = db.organizations(1).await?;
    let org = organizations
        .first()
        .context("Canopy is not set up yet. Use `canopy setup`.")?
        .id;
    let author = db
        .members(org)
        .await?
        .first()
        .context("the organization has no members")?
        .user;
    let mut text = Text::new();
    let mut left = count;
    let mut number = 0;
    while left > 0 {
        let size = left.min(PROJECT);
        project(&db, org, author, &mut text, number, size).await?;
        number += 1;
        left -= size;
    }
    println!("made {count} items in {number} projects");
    db.close().await;
    Ok(())
}

/// Makes up text, the same each time.
struct Text {
    rng: SeededRng,
    words: Vec<String>,
}

impl Text {
    fn new() -> Self {
        const ONSETS: [&str; 16] = [
            "b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pl",
        ];
        const VOWELS: [&str; 6] = ["a", "e", "i", "o", "u", "io"];
        const ENDS: [&str; 6] = ["", "n", "r", "s", "t", "l"];
        let rng = SeededRng::new(1);
        let pick = |from: &[&'static str]| from[rng.next_u64() as usize % from.len()];
        let words = (0..WORDS)
            .map(|_| {
                let mut word = String::new();
                for _ in 0..2 + rng.next_u64() % 3 {
                    word.push_str(pick(&ONSETS));
                    word.push_str(pick(&VOWELS));
                }
                word + pick(&ENDS)
            })
            .collect();
        Self { rng, words }
    }

    fn below(&self, limit: usize) -> usize {
        self.rng.next_u64() as usize % limit.max(1)
    }

    /// By Zipf's law: the n-th word is n times as rare as the first.
    fn word(&self) -> &str {
        let share = (self.rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let place = (share * (WORDS as f64).ln()).exp() as usize;
        &self.words[place.min(WORDS - 1)]
    }

    fn line(&self, from: usize, more: usize) -> String {
        let count = from + self.below(more);
        let words: Vec<&str> = (0..count).map(|_| self.word()).collect();
        let mut line = words.join(" ");
        if let Some(first) = line.get(..1).map(str::to_uppercase) {
            line.replace_range(..1, &first);
        }
        line
    }
}

struct Made {
    item: NewItem,
    search_text: String,
}

fn make(text: &Text, author: UserId) -> Made {
    let paragraphs: Vec<String> = (0..1 + text.below(3)).map(|_| text.line(10, 40)).collect();
    let criteria: Vec<String> = (0..text.below(5)).map(|_| text.line(4, 10)).collect();
    let search_text = [paragraphs.as_slice(), &criteria].concat().join("\n");
    let blocks: Vec<Value> = paragraphs
        .into_iter()
        .map(|text| json!({ "type": "paragraph", "content": [{ "type": "text", "text": text }] }))
        .collect();
    let item = NewItem {
        status: Status::ALL[text.below(Status::ALL.len())],
        priority: Priority::ALL[text.below(Priority::ALL.len())],
        description: Some(json!({ "type": "doc", "content": blocks })),
        criteria: (1..)
            .zip(criteria)
            .map(|(n, text)| Criterion {
                id: format!("c{n}"),
                text,
                done: n % 2 == 0,
            })
            .collect(),
        assignees: (text.below(10) == 0)
            .then_some(author)
            .into_iter()
            .collect(),
        labels: (0..text.below(3))
            .map(|_| text.words[text.below(50)].clone())
            .collect(),
        ..NewItem::new(
            text.line(3, 5),
            ItemType::ALL[text.below(ItemType::ALL.len())],
        )
    };
    Made { item, search_text }
}

async fn project(
    db: &Db,
    org: OrgId,
    author: UserId,
    text: &mut Text,
    number: usize,
    size: usize,
) -> Result<()> {
    let (clock, rng) = (SystemClock, SystemRng);
    let at = clock.now();
    let project = ProjectId::new(&clock, &rng);
    let document = |id: DocumentId, kind| NewDocument {
        id,
        org,
        project,
        kind,
        branch: None,
        created_at: at,
    };
    let mut tx = db.begin_write().await?;
    let taken = tx.project_keys(org).await?.len();
    tx.create_project(&NewProject {
        id: project,
        org,
        name: format!("Seeded {}", number + 1),
        key: format!("SEED{taken}"),
        description: String::new(),
        created_by: author,
        created_at: at,
    })
    .await?;
    tx.create_document(&document(project.into(), DocumentKind::Outline))
        .await?;
    tx.commit().await?;

    let mut placements: Vec<Placement> = Vec::with_capacity(size);
    let (mut root, mut branch, mut rank): (Option<ItemId>, Option<ItemId>, String);
    (root, branch, rank) = (None, None, rank_between(None, None));
    while placements.len() < size {
        let mut tx = db.begin_write().await?;
        let (mut updates, mut rows) = (Vec::new(), Vec::new());
        for _ in 0..CHUNK.min(size - placements.len()) {
            let id = ItemId::new(&clock, &rng);
            let made = make(text, author);
            let n = placements.len();
            // Three levels.
            let parent = match n {
                n if n % 20 == 0 => None,
                n if n % 5 == 0 => root,
                _ => branch.or(root),
            };
            rank = rank_between(Some(&rank), None);
            placements.push(Placement {
                id,
                kind: KIND_ITEM.to_owned(),
                parent,
                rank: rank.clone(),
            });
            match n {
                n if n % 20 == 0 => (root, branch) = (Some(id), None),
                n if n % 5 == 0 => branch = Some(id),
                _ => {}
            }
            tx.create_item(&store::NewItem {
                id,
                org,
                project,
                title: made.item.title.clone(),
                item_type: made.item.item_type,
                status: made.item.status,
                priority: made.item.priority,
                parent,
                rank: rank.clone(),
                created_by: author,
                created_at: at,
            })
            .await?;
            tx.create_document(&document(id.into(), DocumentKind::Item))
                .await?;
            let client = (rng.next_u64() >> 32).max(1);
            let update = content::item::initial(client, &made.item)?;
            updates.push(append(id.into(), update, client, author, at));
            rows.push((id, made));
        }
        write(&mut tx, &updates).await?;
        for (id, made) in rows {
            tx.upsert_item_projection(&projection(id, made, clock.now()))
                .await?;
            tx.set_projected(id.into(), 1).await?;
        }
        tx.commit().await?;
    }
    let client = (rng.next_u64() >> 32).max(1);
    let outline = content::outline::place(&[], client, &placements)?;
    let mut tx = db.begin_write().await?;
    write(
        &mut tx,
        &[append(project.into(), outline, client, author, at)],
    )
    .await?;
    let placed: Vec<Placed> = placements
        .into_iter()
        .map(|p| Placed {
            id: p.id,
            parent: p.parent,
            rank: p.rank,
        })
        .collect();
    tx.set_placements(project, &placed, at).await?;
    tx.set_projected(project.into(), 1).await?;
    tx.commit().await?;
    Ok(())
}

/// What the document says, as its projection would.
fn projection(id: ItemId, made: Made, at: Timestamp) -> ItemProjection {
    let done = made.item.criteria.iter().filter(|c| c.done).count();
    ItemProjection {
        id,
        position: 1,
        title: made.item.title,
        item_type: made.item.item_type,
        status: made.item.status,
        priority: made.item.priority,
        assignees: made.item.assignees,
        labels: made.item.labels,
        estimate: made.item.estimate,
        start_date: made.item.start,
        due_date: made.item.due,
        criteria_total: made.item.criteria.len() as i64,
        criteria_done: done as i64,
        custom: serde_json::Map::new(),
        links: Vec::new(),
        mentions: Vec::new(),
        search_text: made.search_text,
        updated_at: at,
    }
}

/// A document's first update.
fn append(
    document: DocumentId,
    update: Vec<u8>,
    client: u64,
    author: UserId,
    at: Timestamp,
) -> Append {
    let row = LogRow {
        author,
        session: SessionId(document.0),
        agent: "seed".into(),
        at,
        bytes: Bytes::from(update),
    };
    Append {
        document,
        expected: 0,
        rows: vec![row],
        bindings: vec![(client, author)],
    }
}

async fn write(tx: &mut store::Tx, appends: &[Append]) -> Result<()> {
    let outcomes = tx.append(appends).await?;
    ensure!(
        outcomes.iter().all(|outcome| outcome.is_committed()),
        "the documents can't be written"
    );
    Ok(())
}
