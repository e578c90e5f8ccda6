//! 50 clients move their cursors and, as stock y-websocket clients do, send on every new state that they receive.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use parking_lot::Mutex;

use crate::Options;
use crate::measure::Histogram;
use crate::report::Report;
use crate::server::Contender;
use crate::session::{self, Handler, Session, Target};
use crate::update::Chain;
use crate::wire::{Cursor, put_bytes, put_var};

const CLIENTS: usize = 50;
/// Moves of one cursor per second.
const RATE: u64 = 5;

pub(crate) async fn run(options: &Options) -> Result<()> {
    let seconds = if options.quick { 4 } else { 15 };
    let mut report = Report::new(
        "presence",
        &[
            "CPU-s/100k",
            "CPU-s/100k moves x others",
            "delivered %",
            "p50 ms",
            "p99 ms",
        ],
    );
    println!(
        "presence: {CLIENTS} clients, {RATE} moves/s each, every new state is echoed, {seconds} s"
    );
    for contender in options.contenders()? {
        let figures = measure(&contender, seconds).await?;
        report.row(&contender.name(), &figures.map(Some));
        if contender.is_canopy() {
            let third = 2.2 / 3.0;
            report.bar(
                format!(
                    "{}: {:.2} CPU-s per 100k (<= {third:.2}, a third of the best peer)",
                    contender.name(),
                    figures[0]
                ),
                figures[0] <= third,
            );
        }
    }
    for (who, cpu) in [
        ("y-sweet 0.9", 2.2),
        ("yrs + axum, no storage", 2.5),
        ("y-websocket + LevelDB", 3.5),
        ("hocuspocus 4.7 + SQLite", 17.6),
    ] {
        report.reference(who, &[Some(cpu), None, None, None, None]);
    }
    report.note(
        "delivered: states that arrived, of those that a server which merges nothing would deliver",
    );
    report.finish()
}

struct Shared {
    start: Instant,
    delivered: AtomicU64,
}

struct Client {
    shared: Arc<Shared>,
    clocks: HashMap<u64, u64>,
    latency: Arc<Mutex<Histogram>>,
}

impl Handler for Client {
    fn update(&mut self, _update: &[u8]) {}

    fn awareness(&mut self, states: &[u8], session: &Session) {
        if let Some(echo) = self.take_new(states, session.chain.client) {
            session.push(&session.framer.awareness(&echo));
        }
    }
}

impl Client {
    /// The states that are new, as a stock client sends them on.
    fn take_new(&mut self, states: &[u8], me: u64) -> Option<Vec<u8>> {
        let mut at = Cursor::new(states);
        let (mut echo, mut count) = (Vec::new(), 0);
        for _ in 0..at.var()? {
            let (client, clock, state) = (at.var()?, at.var()?, at.bytes()?);
            let fresh = client != me && self.clocks.get(&client).is_none_or(|known| *known < clock);
            if !fresh {
                continue;
            }
            self.clocks.insert(client, clock);
            count += 1;
            put_var(&mut echo, client);
            put_var(&mut echo, clock);
            put_bytes(&mut echo, state);
            if let Some(sent) = stamp(state) {
                self.shared.delivered.fetch_add(1, Ordering::Relaxed);
                let now = self.shared.start.elapsed().as_micros() as u64;
                self.latency.lock().add(now.saturating_sub(sent));
            }
        }
        let mut out = Vec::with_capacity(echo.len() + 2);
        put_var(&mut out, count);
        out.append(&mut echo);
        (count > 0).then_some(out)
    }
}

/// The time that a state carries.
fn stamp(state: &[u8]) -> Option<u64> {
    let key = b"\"at\":";
    let at = state.windows(key.len()).position(|window| window == key)? + key.len();
    let digits = state[at..].iter().take_while(|byte| byte.is_ascii_digit());
    digits
        .map(|digit| u64::from(digit - b'0'))
        .reduce(|value, digit| value * 10 + digit)
}

fn state(client: u64, clock: u64, now: u64) -> Vec<u8> {
    let relative = format!(
        r#"{{"type":null,"tname":"description","item":{{"client":{client},"clock":{clock}}},"assoc":0}}"#
    );
    let state = format!(
        r##"{{"user":{{"name":"Bench","color":"#30bced"}},"cursor":{{"anchor":{relative},"head":{relative}}},"at":{now}}}"##
    );
    let mut out = vec![1];
    put_var(&mut out, client);
    put_var(&mut out, clock);
    put_bytes(&mut out, state.as_bytes());
    out
}

async fn measure(contender: &Contender, seconds: u64) -> Result<[f64; 5]> {
    let mut server = contender.start().await?;
    let document = server.documents(1).await?.remove(0);
    let target = server.target().await?;
    let shared = Arc::new(Shared {
        start: Instant::now(),
        delivered: AtomicU64::new(0),
    });
    let base = u64::from(rand::random::<u32>() >> 1) + 1;
    let latency: Vec<Arc<Mutex<Histogram>>> = (0..CLIENTS).map(|_| Arc::default()).collect();
    let mut sessions = Vec::new();
    let mut tasks = Vec::new();
    for (index, latency) in latency.iter().enumerate() {
        let client = Client {
            shared: shared.clone(),
            clocks: HashMap::new(),
            latency: latency.clone(),
        };
        let (session, task) = enter(&target, &document, base + index as u64, client).await?;
        sessions.push(session);
        tasks.push(task);
    }
    let mut clock = 1;
    walk(&sessions, &shared, &mut clock, 1).await?;
    for one in &latency {
        *one.lock() = Histogram::default();
    }
    let (cpu, before) = (server.cpu(), shared.delivered.load(Ordering::Relaxed));
    let moves = walk(&sessions, &shared, &mut clock, seconds).await?;
    let cpu = server.cpu() - cpu;
    let delivered = (shared.delivered.load(Ordering::Relaxed) - before) as f64;
    let offered = (moves * (CLIENTS as u64 - 1)) as f64;
    let mut all = Histogram::default();
    for one in &latency {
        all.merge(&one.lock());
    }
    for (session, task) in sessions.iter().zip(&tasks) {
        task.abort();
        session.socket.close().await;
    }
    server.stop().await?;
    let per = |count: f64| cpu / count * 100_000.0;
    Ok([
        per(delivered),
        per(offered),
        delivered / offered * 100.0,
        all.quantile_ms(0.5),
        all.quantile_ms(0.99),
    ])
}

async fn enter(
    target: &Target,
    document: &str,
    id: u64,
    mut client: Client,
) -> Result<(Arc<Session>, tokio::task::JoinHandle<()>)> {
    let (session, mut inbox) =
        session::join(target, document, Arc::new(Chain::new(id)), &mut client).await?;
    let receiving = session.clone();
    let task = tokio::spawn(async move {
        let closed = session::receive(&receiving, &mut inbox, &mut client).await;
        eprintln!("a client was closed: {} {}", closed.code, closed.reason);
    });
    Ok((session, task))
}

/// All cursors move, evenly spread over time; gives the number of moves.
async fn walk(
    sessions: &[Arc<Session>],
    shared: &Shared,
    clock: &mut u64,
    seconds: u64,
) -> Result<u64> {
    let mut tick =
        tokio::time::interval(Duration::from_micros(1_000_000 / (RATE * CLIENTS as u64)));
    let rounds = RATE * seconds;
    for _ in 0..rounds {
        for session in sessions {
            tick.tick().await;
            let now = shared.start.elapsed().as_micros() as u64;
            session
                .socket
                .send(
                    &session
                        .framer
                        .awareness(&state(session.chain.client, *clock, now)),
                )
                .await?;
        }
        *clock += 1;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(rounds * CLIENTS as u64)
}
