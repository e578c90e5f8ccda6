//! Mutated frames from several connections against a running server, while honest people work in the same document: they
//! must go on undisturbed, agree in the end, and the server must stay up within bounded memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::Options;
use crate::http;
use crate::load::{Board, Receiver};
use crate::mutate::{Attacker, Strike};
use crate::report::Report;
use crate::server::Contender;
use crate::session::{self, Handler, Session, Target};
use crate::update::{Chain, Held, scan};
use crate::wire::{Framer, Incoming, Protocol};
use crate::ws::{self, BINARY, Closed, Inbox, PING, PONG, Socket};

const HONEST: usize = 4;
const ATTACKERS: usize = 24;
/// How long a server may take to answer a ping behind any frame.
const PATIENCE: Duration = Duration::from_secs(10);
const RAW_PATIENCE: Duration = Duration::from_millis(200);
/// Memory that the attack may cost.
const MEMORY_MIB: f64 = 768.0;

pub(crate) async fn run(options: &Options) -> Result<()> {
    let frames = options
        .frames
        .unwrap_or(if options.quick { 40_000 } else { 1_000_000 });
    let limit = Duration::from_secs(if options.quick { 35 } else { 3600 });
    let seed = options.seed.unwrap_or_else(rand::random);
    let mut report = Report::new(
        "hostile",
        &[
            "frames",
            "frames/s",
            "connections ended",
            "honest p50 ms",
            "honest p99 ms",
            "MiB before",
            "MiB most",
            "MiB after",
        ],
    );
    println!(
        "hostile: {frames} mutated frames, {ATTACKERS} connections on both protocols, seed {seed}"
    );
    let contenders = if options.url.is_some() {
        options.contenders()?
    } else {
        vec![Contender::Canopy {
            protocol: Protocol::YWebsocket,
            bin: options.bin()?,
            database: None,
        }]
    };
    for contender in contenders {
        let row = measure(&contender, frames, limit, seed)
            .await
            .with_context(|| format!("seed {seed}"))?;
        report.row(&contender.name(), &row.map(Some));
        let gained = row[6] - row[5];
        report.bar(
            format!(
                "honest clients converged beside {} mutated frames; none was closed",
                row[0]
            ),
            true,
        );
        report.bar(
            format!("memory grew by {gained:.0} MiB at most (<= {MEMORY_MIB})"),
            gained <= MEMORY_MIB,
        );
        if gained > MEMORY_MIB {
            report.finish()?;
            bail!("memory grew by {gained:.0} MiB");
        }
    }
    report.finish()
}

/// An honest client: the board measures, and what it holds is kept for the comparison at the end.
struct Honest {
    receiver: Receiver,
    held: Arc<Mutex<Held>>,
}

impl Handler for Honest {
    fn update(&mut self, update: &[u8]) {
        self.receiver.update(update);
        // The board counts what is malformed.
        let _ = scan(update, &mut *self.held.lock());
    }

    fn acknowledged(&mut self, upto: u64, applied: bool) {
        self.receiver.acknowledged(upto, applied);
    }
}

struct State {
    /// Frames that the server has read, and answered by a pong or by closing.
    frames: AtomicU64,
    closed: AtomicU64,
    stop: AtomicBool,
    problem: Mutex<Option<String>>,
}

impl State {
    fn problem(&self, what: String) {
        self.problem.lock().get_or_insert(what);
        self.stop.store(true, Ordering::Relaxed);
    }
}

async fn measure(
    contender: &Contender,
    frames: u64,
    limit: Duration,
    seed: u64,
) -> Result<[f64; 8]> {
    let mut server = contender.start().await?;
    let document = server.documents(1).await?.remove(0);
    let protocols = match contender {
        Contender::Url { protocol, .. } => [*protocol; 2],
        _ => [Protocol::YWebsocket, Protocol::Hocuspocus],
    };
    let state = Arc::new(State {
        frames: AtomicU64::new(0),
        closed: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        problem: Mutex::new(None),
    });
    let board = Board::new(HONEST, HONEST, 100_000);
    let mut honest = Vec::new();
    for index in 0..HONEST {
        let target = server.target_of(protocols[index % 2]).await?;
        honest.push(enter(&target, &document, &board, index, &state).await?);
    }
    let sessions: Vec<Arc<Session>> = honest.iter().map(|(session, _)| session.clone()).collect();
    for session in &sessions {
        session.begin().await?;
    }
    board.settle(&sessions, PATIENCE).await?;
    let before = server.rss_kib() / 1024.0;
    let writing = tokio::spawn(write(board.clone(), sessions.clone(), state.clone()));
    let ids: Vec<u64> = (0..HONEST).map(|index| board.client_id(index)).collect();
    let second = Arc::new(Mutex::new(
        server.second_account().await?.unwrap_or_default(),
    ));
    let mut tasks = Vec::new();
    for number in 0..ATTACKERS {
        let mut target = server.target_of(protocols[number % 2]).await?;
        target.token = None;
        let attacker = Attacker {
            framer: Framer::new(target.protocol, &document),
            client: board.client_id(1000 + number),
            next: 0,
            honest: ids.clone(),
            token: String::new(),
            state: vec![0],
            sent: Vec::new(),
        };
        let random = StdRng::seed_from_u64(seed.wrapping_add(number as u64));
        tasks.push(tokio::spawn(attack(
            target,
            document.clone(),
            attacker,
            random,
            second.clone(),
            state.clone(),
        )));
    }
    let (start, mut most, mut renewed) = (Instant::now(), before, Instant::now());
    let mut told = Instant::now();
    while state.frames.load(Ordering::Relaxed) < frames
        && start.elapsed() < limit
        && !state.stop.load(Ordering::Relaxed)
    {
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.check_alive()?;
        most = most.max(server.rss_kib() / 1024.0);
        if told.elapsed() > Duration::from_secs(15) {
            told = Instant::now();
            let done = state.frames.load(Ordering::Relaxed);
            println!(
                "  {done} frames, {:.0}/s, {:.0} MiB",
                done as f64 / start.elapsed().as_secs_f64(),
                server.rss_kib() / 1024.0
            );
        }
        if renewed.elapsed() > Duration::from_secs(300) {
            renewed = Instant::now();
            *second.lock() = server.second_account().await?.unwrap_or_default();
        }
    }
    let elapsed = start.elapsed().as_secs_f64();
    state.stop.store(true, Ordering::Relaxed);
    for task in tasks {
        tokio::time::timeout(PATIENCE * 2, task)
            .await
            .context("an attacker hangs")??;
    }
    writing.await??;
    if let Some(problem) = state.problem.lock().take() {
        bail!(problem);
    }
    board.settle(&sessions, Duration::from_secs(30)).await?;
    compare(
        &server.target_of(protocols[0]).await?,
        &document,
        &board,
        &honest,
    )
    .await?;
    if contender.is_canopy() {
        http::json("GET", &server.authority, "/healthz", None, None)
            .await
            .map(drop)
            .or_else(|error| {
                // The body of a health check is nobody's business here.
                if error.to_string().contains("did not answer with JSON") {
                    Ok(())
                } else {
                    Err(error)
                }
            })?;
    }
    let after = server.rss_kib() / 1024.0;
    let latency = board.latency();
    server.stop().await?;
    let frames = state.frames.load(Ordering::Relaxed) as f64;
    Ok([
        frames,
        frames / elapsed,
        state.closed.load(Ordering::Relaxed) as f64,
        latency.quantile_ms(0.5),
        latency.quantile_ms(0.99),
        before,
        most,
        after,
    ])
}

type Entered = (Arc<Session>, Arc<Mutex<Held>>);

async fn enter(
    target: &Target,
    document: &str,
    board: &Arc<Board>,
    index: usize,
    state: &Arc<State>,
) -> Result<Entered> {
    let held = Arc::new(Mutex::new(Held::default()));
    let mut client = Honest {
        receiver: Receiver {
            board: board.clone(),
            index,
        },
        held: held.clone(),
    };
    let chain = Arc::new(Chain::new(board.client_id(index)));
    let (session, mut inbox) = session::join(target, document, chain, &mut client).await?;
    let (receiving, state) = (session.clone(), state.clone());
    tokio::spawn(async move {
        let closed = session::receive(&receiving, &mut inbox, &mut client).await;
        if !state.stop.load(Ordering::Relaxed) {
            state.problem(format!(
                "honest client {index} was closed: {} {}",
                closed.code, closed.reason
            ));
        }
    });
    Ok((session, held))
}

/// Honest people type, five characters a second each.
async fn write(board: Arc<Board>, sessions: Vec<Arc<Session>>, state: Arc<State>) -> Result<()> {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    while !state.stop.load(Ordering::Relaxed) {
        for session in &sessions {
            tick.tick().await;
            board.edit(session).await?;
        }
    }
    Ok(())
}

/// What every honest client holds must be what the server gives to a newcomer.
async fn compare(target: &Target, document: &str, board: &Board, honest: &[Entered]) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let mut newcomer = Newcomer::default();
        let chain = Arc::new(Chain::new(board.client_id(999)));
        let (session, _inbox) = session::join(target, document, chain, &mut newcomer).await?;
        session.socket.close().await;
        if newcomer.malformed {
            bail!("the server gives out a malformed state");
        }
        let different: Vec<usize> = honest
            .iter()
            .enumerate()
            .filter(|(_, (session, held))| {
                let mut held = held.lock().clone();
                held.inserts
                    .add(session.chain.client, 0, session.chain.next());
                held != newcomer.held
            })
            .map(|(index, _)| index)
            .collect();
        if different.is_empty() {
            return Ok(());
        }
        if Instant::now() > end {
            let sizes = |held: &Held| {
                format!(
                    "{} inserts, {} deletes",
                    held.inserts.total(),
                    held.deletes.total()
                )
            };
            let first = sizes(&honest[different[0]].1.lock());
            bail!(
                "clients {different:?} differ from the server: {first}; the server {}",
                sizes(&newcomer.held)
            );
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[derive(Default)]
struct Newcomer {
    held: Held,
    malformed: bool,
}

impl Handler for Newcomer {
    fn update(&mut self, update: &[u8]) {
        self.malformed |= scan(update, &mut self.held).is_none();
    }
}

async fn attack(
    mut target: Target,
    document: String,
    mut attacker: Attacker,
    mut random: StdRng,
    token: Arc<Mutex<String>>,
    state: Arc<State>,
) {
    let mut refused = 0;
    while !state.stop.load(Ordering::Relaxed) {
        attacker.token = token.lock().clone();
        target.token = Some(attacker.token.clone()).filter(|token| !token.is_empty());
        let (socket, mut inbox) = match admit(&target, &document, &attacker).await {
            Ok(admitted) => {
                refused = 0;
                admitted
            }
            Err(error) => {
                refused += 1;
                if refused > 50 {
                    state.problem(format!(
                        "an attacker's connections are refused, so nothing is tested: {error:#}"
                    ));
                }
                tokio::time::sleep(Duration::from_millis(20 * refused)).await;
                continue;
            }
        };
        loop {
            // Bytes that break WebSocket's rules may be the start of a frame whose end the server waits for.
            let mut patience = PATIENCE;
            let strike = attacker.strike(&mut random);
            match &strike {
                Strike::Message(opcode, frame) => socket.push(*opcode, frame),
                Strike::Raw(bytes) => {
                    patience = RAW_PATIENCE;
                    socket.push_raw(bytes);
                }
            }
            socket.push(PING, b"?");
            match tokio::time::timeout(patience, answer(&socket, &mut inbox, &mut attacker)).await {
                Err(_) if patience == PATIENCE => state.problem(format!(
                    "no answer within {PATIENCE:?} to a ping behind {}",
                    strike.describe()
                )),
                Err(_) => {}
                Ok(true) => {
                    state.frames.fetch_add(1, Ordering::Relaxed);
                    if random.random_bool(0.999) && !state.stop.load(Ordering::Relaxed) {
                        continue;
                    }
                }
                Ok(false) => {
                    state.frames.fetch_add(1, Ordering::Relaxed);
                    state.closed.fetch_add(1, Ordering::Relaxed);
                }
            }
            break;
        }
    }
}

/// Connects without asking for the document's state, which is nothing that an attack needs.
async fn admit(
    target: &Target,
    document: &str,
    attacker: &Attacker,
) -> Result<(Arc<Socket>, Inbox)> {
    let (socket, mut inbox) = ws::connect(&target.authority, &target.path_of(document)).await?;
    if target.protocol == Protocol::Hocuspocus {
        let token = if attacker.token.is_empty() {
            "none"
        } else {
            &attacker.token
        };
        socket.send(&attacker.framer.token(token)).await?;
        let mut admitted = false;
        while !admitted {
            if !tokio::time::timeout(PATIENCE, inbox.fill())
                .await
                .context("no answer to authentication")??
            {
                bail!("hung up during authentication");
            }
            loop {
                match inbox.next() {
                    Ok(Some(frame)) => match attacker.framer.parse(frame.payload) {
                        Some(Incoming::Authenticated) => admitted = true,
                        Some(Incoming::Denied(reason)) => bail!("denied: {reason}"),
                        _ => {}
                    },
                    Ok(None) => break,
                    Err(Closed { code, reason }) => bail!("closed: {code} {reason}"),
                }
            }
        }
    }
    Ok((socket, inbox))
}

/// Reads up to the pong (`true`), or to the end of the connection or of the document's session.
async fn answer(socket: &Socket, inbox: &mut Inbox, attacker: &mut Attacker) -> bool {
    // What does not leave at once, the inbox sends while it reads.
    if socket.try_flush().is_err() {
        return false;
    }
    let mut over = false;
    loop {
        loop {
            match inbox.next() {
                Ok(Some(frame)) if frame.opcode == PONG => return !over,
                Ok(Some(frame)) if frame.opcode == BINARY => {
                    match attacker.framer.parse(frame.payload) {
                        Some(Incoming::Closed(_) | Incoming::Denied(_)) => over = true,
                        // The server's own word on how far our chain is stored.
                        Some(Incoming::Step1(state)) => {
                            attacker.state = state.to_vec();
                            attacker.next = crate::wire::clock_in(state, attacker.client)
                                .unwrap_or(attacker.next);
                        }
                        _ => {}
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return false,
            }
        }
        if !matches!(inbox.fill().await, Ok(true)) {
            return false;
        }
    }
}
