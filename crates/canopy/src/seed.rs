//! Puts the demo organization into an empty database.

use std::path::Path;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use identity::password::Cost;
use model::{
    Clock as _, DocumentId, DocumentKind, ItemId, OrgId, ProjectId, Rng as _, Role, SessionId, SystemClock,
    SystemRng, Timestamp, UserId,
};
use server::setup::{Account, Owner};
use store::{Append, Db, LogRow, NewDocument, NewItem, NewProject};

use crate::demo;

/// The accounts' file in the demo's data folder, so that a later start can print them again.
const ACCOUNTS: &str = "accounts.txt";

/// Makes the demo organization if there is none yet; gives the lines that tell how to sign in.
pub(crate) async fn demo(db: &Db, data_dir: &Path) -> Result<String> {
    let file = data_dir.join(ACCOUNTS);
    if db.user_count().await? > 0 {
        return std::fs::read_to_string(&file).with_context(|| {
            format!("{} holds another organization than the demo; use another --data-dir", data_dir.display())
        });
    }
    let (clock, rng) = (SystemClock, SystemRng);
    let passwords = [password(), password()];
    let [(owner_name, owner_email), (name, email)] = demo::PEOPLE;
    let owner = Owner {
        email: owner_email.into(),
        name: owner_name.into(),
        password: passwords[0].clone(),
        organization: demo::ORGANIZATION.into(),
    };
    // Written first: without it the passwords would be lost.
    let lines = format!(
        "{owner_email}  {}  (owner)\n{email}  {}  (manager)\n",
        passwords[0], passwords[1]
    );
    write_private(&file, &lines)?;
    let (owner, org) = server::setup::create_owner(db, &clock, &rng, Cost::default(), &owner).await?;
    let account = Account { email: email.into(), name: name.into(), password: passwords[1].clone() };
    let membership = Some((org, Role::Manager));
    let other =
        server::setup::create_account(db, &clock, &rng, Cost::default(), &account, membership).await?;
    project(db, org, [owner, other]).await?;
    Ok(lines)
}

async fn project(db: &Db, org: OrgId, people: [UserId; 2]) -> Result<()> {
    let (clock, rng) = (SystemClock, SystemRng);
    let at = clock.now();
    let author = people[0];
    let items = demo::items();
    let ids: Vec<ItemId> = items.iter().map(|_| ItemId::new(&clock, &rng)).collect();
    let mut clients = Vec::new();
    let seed = demo::seed_updates(&items, &ids, &people, || {
        // Yjs draws client ids of 32 bits.
        let client = (rng.next_u64() >> 32).max(1);
        clients.push(client);
        client
    })?;
    let project = ProjectId::new(&clock, &rng);
    let session = SessionId::new(&clock, &rng);
    let mut tx = db.begin_write().await?;
    tx.create_project(&NewProject {
        id: project,
        org,
        name: demo::PROJECT.into(),
        key: demo::PROJECT.to_uppercase(),
        description: demo::PROJECT_DESCRIPTION.into(),
        created_by: author,
        created_at: at,
    })
    .await?;
    let document = |id: DocumentId, kind| NewDocument { id, org, project, kind, branch: None, created_at: at };
    tx.create_document(&document(project.into(), DocumentKind::Outline)).await?;
    for (item, &id) in items.iter().zip(&ids) {
        tx.create_item(&NewItem {
            id,
            org,
            project,
            title: item.title.clone(),
            item_type: item.item_type,
            status: item.status,
            priority: item.priority,
            parent: item.parent.map(|parent| ids[parent]),
            rank: String::new(),
            created_by: author,
            created_at: at,
        })
        .await?;
        tx.create_document(&document(id.into(), DocumentKind::Item)).await?;
    }
    let documents = seed.items.into_iter().map(|(id, update)| (DocumentId::from(id), update));
    let updates = documents.chain([(project.into(), seed.outline)]);
    let appends: Vec<Append> = updates
        .zip(clients)
        .map(|((document, update), client)| append(document, update, client, author, session, at))
        .collect();
    let outcomes = tx.append(&appends).await?;
    anyhow::ensure!(outcomes.iter().all(|outcome| outcome.is_committed()), "the demo can't be written");
    tx.commit().await?;
    Ok(())
}

fn append(
    document: DocumentId,
    update: Vec<u8>,
    client: u64,
    author: UserId,
    session: SessionId,
    at: Timestamp,
) -> Append {
    let row = LogRow { author, session, agent: "demo".into(), at, bytes: Bytes::from(update) };
    Append { document, expected: 0, rows: vec![row], bindings: vec![(client, author)] }
}

/// Twelve letters and digits that can be read aloud.
fn password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut bytes = [0; 12];
    SystemRng.fill(&mut bytes);
    let mut password = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            password.push('-');
        }
        password.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    password
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path).with_context(|| format!("can't write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
