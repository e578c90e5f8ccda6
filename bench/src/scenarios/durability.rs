//! Writers stream numbered edits while the server is killed at random moments, and restarted on the same data. Whatever
//! another client had received, or had been acknowledged, must be there afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::future::join_all;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::Options;
use crate::report::Report;
use crate::server::{Contender, Server};
use crate::session::{self, Handler, Session, Target};
use crate::update::{Chain, Content, FIRST_EDIT, Ranges, Visit, character, scan};
use crate::wire::Protocol;

const DOCUMENTS: usize = 3;
/// Per document; half of them on each protocol.
const WRITERS: usize = 4;
/// Edits beyond what another client has received, for writers that go as fast as they can.
const WINDOW: u64 = 32;

pub(crate) async fn run(options: &Options) -> Result<()> {
    let kills = options.kills.unwrap_or(if options.quick { 6 } else { 50 });
    let mut report = Report::new(
        "durability",
        &[
            "kills",
            "edits",
            "seen by others",
            "acknowledged",
            "missing",
            "restart ms",
        ],
    );
    let mut databases = vec![None];
    if let Some(admin) = &options.postgres {
        databases.push(Some(Scratch::create(admin).await?));
    }
    let mut missing = 0.0;
    for scratch in databases {
        let database = scratch.as_ref().map(|scratch| scratch.url.clone());
        let engine = if database.is_some() {
            "PostgreSQL"
        } else {
            "SQLite"
        };
        let seed = options.seed.unwrap_or_else(rand::random);
        println!("durability: {engine}, {kills} kills, seed {seed}");
        let contender = Contender::Canopy {
            protocol: Protocol::YWebsocket,
            bin: options.bin()?,
            database,
        };
        let row = measure(&contender, kills, seed)
            .await
            .with_context(|| format!("{engine}, seed {seed}"))?;
        report.row(&format!("canopy, {engine}"), &row.map(Some));
        report.bar(
            format!("{engine}: {} edits missing after {kills} kills (0)", row[4]),
            row[4] == 0.0,
        );
        missing += row[4];
        if let Some(scratch) = scratch {
            scratch.remove().await?;
        }
    }
    if options.postgres.is_none() {
        report.note("PostgreSQL was left out: neither --postgres nor CANOPY_TEST_POSTGRES");
    }
    report.finish()?;
    if missing > 0.0 {
        bail!("{missing} edits are missing that somebody had seen or that had been acknowledged");
    }
    Ok(())
}

/// What is known of one writer's chain.
struct Writer {
    chain: Arc<Chain>,
    document: usize,
    protocol: Protocol,
    /// How far any other client has received it.
    seen: AtomicU64,
    /// How far the server has acknowledged it.
    acknowledged: AtomicU64,
}

struct Ledger {
    base: u64,
    writers: Vec<Writer>,
    wrong: Mutex<Option<String>>,
}

impl Ledger {
    fn new() -> Arc<Self> {
        let base = u64::from(rand::random::<u32>() >> 1) + 1;
        let writers = (0..DOCUMENTS * WRITERS)
            .map(|index| Writer {
                chain: Arc::new(Chain::new(base + index as u64)),
                document: index / WRITERS,
                protocol: if index % 2 == 0 {
                    Protocol::YWebsocket
                } else {
                    Protocol::Hocuspocus
                },
                seen: AtomicU64::new(0),
                acknowledged: AtomicU64::new(0),
            })
            .collect();
        Arc::new(Self {
            base,
            writers,
            wrong: Mutex::new(None),
        })
    }

    fn wrong(&self, what: String) {
        self.wrong.lock().get_or_insert(what);
    }

    fn check(&self) -> Result<()> {
        match self.wrong.lock().take() {
            Some(wrong) => bail!(wrong),
            None => Ok(()),
        }
    }

    fn sum(&self, of: impl Fn(&Writer) -> u64) -> f64 {
        self.writers
            .iter()
            .map(|writer| of(writer).saturating_sub(FIRST_EDIT))
            .sum::<u64>() as f64
    }
}

/// A client's eyes: what it receives counts as seen, and must be unaltered and, once the document's state is here,
/// without gaps.
struct Eyes {
    ledger: Arc<Ledger>,
    /// Own number among the writers; a probe has none.
    me: Option<usize>,
    held: Ranges,
    synced: bool,
    /// A probe looks without making anything count as seen.
    probe: bool,
}

impl Eyes {
    fn new(ledger: &Arc<Ledger>, me: Option<usize>, probe: bool) -> Self {
        Self {
            ledger: ledger.clone(),
            me,
            held: Ranges::default(),
            synced: false,
            probe,
        }
    }
}

impl Eyes {
    fn check_gaps(&self) {
        for writer in &self.ledger.writers {
            let client = writer.chain.client;
            // A writer doesn't get its own.
            let own = self
                .me
                .is_some_and(|me| self.ledger.base + me as u64 == client);
            if !own && !self.held.is_whole(client) {
                self.ledger.wrong(format!("{client} arrived with a gap"));
            }
        }
    }
}

impl Visit for Eyes {
    fn insert(&mut self, client: u64, clock: u64, len: u64, content: Content<'_>) {
        let number = client.wrapping_sub(self.ledger.base) as usize;
        let Some(writer) = self.ledger.writers.get(number) else {
            return;
        };
        let end = clock + len;
        if end > writer.chain.next() {
            self.ledger
                .wrong(format!("clock {end} of {client} was never written"));
        }
        self.held.add(client, clock, len);
        match content {
            Content::Text(text)
                if text
                    .bytes()
                    .zip(clock..)
                    .all(|(byte, clock)| byte == character(clock)) => {}
            Content::Other if end <= FIRST_EDIT => {}
            _ => self
                .ledger
                .wrong(format!("{client} at {clock} is not what was written")),
        }
        if !self.probe && self.me != Some(number) {
            writer.seen.fetch_max(end, Ordering::AcqRel);
        }
    }

    fn delete(&mut self, client: u64, clock: u64, _len: u64) {
        if client.wrapping_sub(self.ledger.base) < self.ledger.writers.len() as u64 {
            self.ledger
                .wrong(format!("{client} at {clock} was deleted by nobody"));
        }
    }
}

impl Handler for Eyes {
    fn update(&mut self, update: &[u8]) {
        if scan(update, self).is_none() {
            self.ledger.wrong("a malformed update".into());
        }
        if self.synced {
            self.check_gaps();
        }
    }

    fn synced(&mut self) {
        self.synced = true;
        self.check_gaps();
    }

    fn acknowledged(&mut self, upto: u64, applied: bool) {
        let Some(me) = self.me else { return };
        if applied {
            self.ledger.writers[me]
                .acknowledged
                .fetch_max(upto, Ordering::AcqRel);
        } else {
            self.ledger
                .wrong(format!("an edit of writer {me} was refused"));
        }
    }
}

async fn measure(contender: &Contender, kills: u32, seed: u64) -> Result<[f64; 6]> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut server = contender.start().await?;
    let documents = server.documents(DOCUMENTS).await?;
    let ledger = Ledger::new();
    let (mut missing, mut restarts) = (0, Duration::ZERO);
    for kill in 0..kills {
        // Edits at the pace of people, and as fast as they go.
        let fast = kill % 2 == 1;
        let life = Duration::from_millis(random.random_range(5..1200));
        missing += live(&mut server, &documents, &ledger, fast, life).await?;
        let start = Instant::now();
        server.restart().await?;
        restarts += start.elapsed();
    }
    missing += verify(&mut server, &documents, &ledger).await?;
    converge(&mut server, &documents, &ledger).await?;
    server.stop().await?;
    Ok([
        f64::from(kills),
        ledger.sum(|writer| writer.chain.next()),
        ledger.sum(|writer| writer.seen.load(Ordering::Acquire)),
        ledger.sum(|writer| writer.acknowledged.load(Ordering::Acquire)),
        missing as f64,
        restarts.as_secs_f64() * 1000.0 / f64::from(kills.max(1)),
    ])
}

/// Looks at the documents, writes for a while, kills the server. Gives the number of edits found missing.
async fn live(
    server: &mut Server,
    documents: &[String],
    ledger: &Arc<Ledger>,
    fast: bool,
    life: Duration,
) -> Result<u64> {
    let missing = verify(server, documents, ledger).await?;
    let mut tasks = Vec::new();
    for number in 0..ledger.writers.len() {
        let writer = &ledger.writers[number];
        let target = server.target_of(writer.protocol).await?;
        let document = documents[writer.document].clone();
        tasks.push(tokio::spawn(work(
            ledger.clone(),
            number,
            target,
            document,
            fast,
        )));
    }
    tokio::time::sleep(life).await;
    server.check_alive()?;
    server.kill().await?;
    // What the kernel still holds for a client counts as received: everybody reads to the end.
    for task in tasks {
        tokio::time::timeout(Duration::from_secs(20), task)
            .await
            .context("a client did not notice the kill")??;
    }
    ledger.check()?;
    Ok(missing)
}

/// One client's life, until the server is gone. How it ends is the kill's business.
async fn work(ledger: Arc<Ledger>, number: usize, target: Target, document: String, fast: bool) {
    let chain = ledger.writers[number].chain.clone();
    let mut eyes = Eyes::new(&ledger, Some(number), false);
    let Ok((session, mut inbox)) = session::join(&target, &document, chain, &mut eyes).await else {
        return;
    };
    let writing = tokio::spawn(write(ledger.clone(), number, session.clone(), fast));
    let closed = session::receive(&session, &mut inbox, &mut eyes).await;
    writing.abort();
    if closed.code != 0
        || closed.reason.starts_with("document closed")
        || closed.reason.starts_with("denied")
    {
        ledger.wrong(format!(
            "writer {number} was closed: {} {}",
            closed.code, closed.reason
        ));
    }
}

async fn write(
    ledger: Arc<Ledger>,
    number: usize,
    session: Arc<Session>,
    fast: bool,
) -> Result<()> {
    let writer = &ledger.writers[number];
    if writer.chain.next() < FIRST_EDIT {
        session.begin().await?;
    }
    loop {
        let under_way =
            writer.chain.next() - writer.seen.load(Ordering::Acquire).min(writer.chain.next());
        // At the pace of people there is no window: they type on.
        let edits = if fast {
            WINDOW.saturating_sub(under_way)
        } else {
            1
        };
        for _ in 0..edits {
            session.push_edit();
        }
        session.socket.flush().await?;
        tokio::time::sleep(Duration::from_millis(if fast { 1 } else { 10 })).await;
    }
}

/// Opens every document anew; gives how many edits are missing that were seen or acknowledged.
async fn verify(server: &mut Server, documents: &[String], ledger: &Arc<Ledger>) -> Result<u64> {
    let target = server.target().await?;
    let mut missing = 0;
    for (index, document) in documents.iter().enumerate() {
        let mut eyes = Eyes::new(ledger, None, true);
        let (session, _inbox) = session::join(
            &target,
            document,
            Arc::new(Chain::new(ledger.base - 1)),
            &mut eyes,
        )
        .await?;
        session.socket.close().await;
        for writer in ledger
            .writers
            .iter()
            .filter(|writer| writer.document == index)
        {
            let reach = eyes.held.reach(writer.chain.client);
            let promised = writer
                .seen
                .load(Ordering::Acquire)
                .max(writer.acknowledged.load(Ordering::Acquire));
            if promised > reach {
                eprintln!(
                    "{document}: client {} is stored up to {reach}; seen up to {}, acknowledged up to {}",
                    writer.chain.client,
                    writer.seen.load(Ordering::Acquire),
                    writer.acknowledged.load(Ordering::Acquire)
                );
                missing += promised - reach;
            }
        }
    }
    ledger.check()?;
    Ok(missing)
}

/// Everybody comes back, sends what the server lacks, and in the end everybody has everything.
async fn converge(server: &mut Server, documents: &[String], ledger: &Arc<Ledger>) -> Result<()> {
    let mut sessions = Vec::new();
    for (number, writer) in ledger.writers.iter().enumerate() {
        let target = server.target_of(writer.protocol).await?;
        let mut eyes = Eyes::new(ledger, Some(number), false);
        let document = &documents[writer.document];
        let (session, mut inbox) =
            session::join(&target, document, writer.chain.clone(), &mut eyes).await?;
        sessions.push(tokio::spawn(async move {
            session::receive(&session, &mut inbox, &mut eyes).await
        }));
    }
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let behind = ledger
            .writers
            .iter()
            .filter(|writer| writer.seen.load(Ordering::Acquire) < writer.chain.next())
            .count();
        ledger.check()?;
        if behind == 0 {
            break;
        }
        if Instant::now() > end {
            bail!("after the last restart, edits of {behind} writers did not reach anybody else");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for session in &sessions {
        session.abort();
    }
    join_all(sessions).await;
    Ok(())
}

/// A database of our own on a given PostgreSQL server.
struct Scratch {
    admin: String,
    name: String,
    url: String,
}

impl Scratch {
    async fn create(admin: &str) -> Result<Self> {
        let name = format!("canopy_bench_{:08x}", rand::random::<u32>());
        let (server, query) = admin
            .split_once('?')
            .map_or((admin, None), |(server, query)| (server, Some(query)));
        let (server, _) = server
            .rsplit_once('/')
            .context("the PostgreSQL URL names no database")?;
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        let scratch = Self {
            admin: admin.to_owned(),
            url: format!("{server}/{name}{query}"),
            name,
        };
        scratch
            .psql(&format!("CREATE DATABASE {}", scratch.name))
            .await?;
        Ok(scratch)
    }

    async fn psql(&self, statement: &str) -> Result<()> {
        let mut command = tokio::process::Command::new("psql");
        command.args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
            &self.admin,
        ]);
        let output = command
            .output()
            .await
            .context("psql, which comes with PostgreSQL")?;
        if !output.status.success() {
            bail!("{statement}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    async fn remove(&self) -> Result<()> {
        self.psql(&format!("DROP DATABASE {} WITH (FORCE)", self.name))
            .await
    }
}
