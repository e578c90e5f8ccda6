//! What an administrator does without a browser. Each command opens the database itself; SQLite has room for one
//! process, so the server must not be running on it.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, Result, bail};
use identity::password::Cost;
use model::{Role, SystemClock, SystemRng};
use server::files::Objects;
use server::setup::ops::{Account, Owner};
use store::Db;

use crate::cli::Person;
use crate::config::Config;

/// Opens the database, at this release's schema.
pub(crate) async fn open(config: &Config) -> Result<Db> {
    let db = connect(config).await?;
    db.migrate()
        .await
        .context("the database can't be migrated")?;
    Ok(db)
}

async fn connect(config: &Config) -> Result<Db> {
    if config.database.url.is_none() {
        std::fs::create_dir_all(&config.data_dir)
            .with_context(|| format!("data_dir: can't make {}", config.data_dir.display()))?;
    }
    Db::connect(&config.database_url(), &store::Options::default())
        .await
        .context("the database can't be opened")
}

/// Where files are kept.
pub(crate) fn objects(config: &Config) -> Result<Objects> {
    let folder = config.data_dir.join("files");
    let objects = match config.bucket()? {
        Some(bucket) => Objects::s3(&bucket, &folder),
        None => Objects::folder(&folder),
    };
    objects.context("files")
}

pub(crate) async fn setup(config: &Config, person: Person, organization: String) -> Result<()> {
    let db = open(config).await?;
    if db.user_count().await? > 0 {
        bail!("Canopy is set up already. `canopy user create` adds accounts.");
    }
    let owner = Owner {
        email: person.email,
        name: person.name,
        password: password()?,
        organization,
    };
    server::setup::ops::create_owner(&db, &SystemClock, &SystemRng, Cost::default(), &owner)
        .await
        .map_err(explain)?;
    println!(
        "made the organization {:?}, owned by {}",
        owner.organization, owner.email
    );
    db.close().await;
    Ok(())
}

pub(crate) async fn create_user(
    config: &Config,
    person: Person,
    organization: Option<&str>,
    role: Role,
) -> Result<()> {
    let db = open(config).await?;
    let organizations = db.organizations(100).await?;
    let chosen = match (organization, organizations.as_slice()) {
        (Some(slug), all) => all
            .iter()
            .find(|org| org.slug == slug)
            .with_context(|| format!("--organization {slug}: there is none of this short name"))?,
        (None, [only]) => only,
        (None, []) => bail!("Canopy is not set up yet. Use `canopy setup`."),
        (None, all) => {
            let slugs: Vec<&str> = all.iter().map(|org| org.slug.as_str()).collect();
            bail!("--organization: choose one of {}", slugs.join(", "))
        }
    };
    let account = Account {
        email: person.email,
        name: person.name,
        password: password()?,
    };
    let membership = Some((chosen.id, role));
    server::setup::ops::create_account(
        &db,
        &SystemClock,
        &SystemRng,
        Cost::default(),
        &account,
        membership,
    )
    .await
    .map_err(explain)?;
    println!(
        "made the account {}, {role} of {:?}",
        account.email, chosen.name
    );
    db.close().await;
    Ok(())
}

pub(crate) async fn check(config: &Config) -> Result<()> {
    let db = connect(config).await?;
    db.ping().await.context("the database doesn't answer")?;
    let files = objects(config)?.check().await;
    files.context("files can't be kept")?;
    let pending = db.pending_migrations().await?;
    println!(
        "the configuration is sound, the database answers and files can be kept; {} migrations pending",
        pending.len()
    );
    db.close().await;
    Ok(())
}

pub(crate) async fn migrate(config: &Config, check: bool) -> Result<()> {
    let db = connect(config).await?;
    let pending = db.pending_migrations().await?;
    for name in &pending {
        println!("{name}");
    }
    if check {
        println!("{} pending", pending.len());
    } else {
        db.migrate()
            .await
            .context("the database can't be migrated")?;
        println!("{} applied", pending.len());
    }
    db.close().await;
    Ok(())
}

/// Builds the search index anew, or has the running server do it.
pub(crate) async fn rebuild_search(config: &Config) -> Result<()> {
    let folder = config.search_folder();
    let opened = match server::search::is_in_use(&folder) {
        true => None,
        false => match connect(config).await {
            Ok(db) => Some(db),
            Err(error) if is_locked(&error) => None,
            Err(error) => return Err(error),
        },
    };
    let Some(db) = opened else {
        server::search::ask_for_rebuild(&folder)
            .with_context(|| format!("can't write in {}", folder.display()))?;
        println!("the running server builds the index anew; search goes on meanwhile");
        return Ok(());
    };
    db.migrate()
        .await
        .context("the database can't be migrated")?;
    let items = server::search::rebuild(&db, &folder).await?;
    println!("built the index anew: {items} items");
    db.close().await;
    Ok(())
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref::<store::Error>(),
        Some(store::Error::Locked(_))
    )
}

/// Which of the values it was, as a form would say it.
fn explain(error: server::Error) -> anyhow::Error {
    match error {
        server::Error::Invalid(fields) => {
            let lines: Vec<String> = fields
                .iter()
                .map(|field| format!("{}: {}", field.field, field.message))
                .collect();
            anyhow::anyhow!("{}", lines.join("\n"))
        }
        error => error.into(),
    }
}

/// One line of standard input.
fn password() -> Result<String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("password: ");
    }
    let mut line = String::new();
    stdin
        .lock()
        .read_line(&mut line)
        .context("can't read the password from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        bail!("no password on standard input");
    }
    Ok(password)
}
