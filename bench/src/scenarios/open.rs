//! A document of 260,000 operations: how long until a client that comes has it. From connecting to the whole state
//! received, with the WebSocket handshake and authentication.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::future::try_join_all;
use tokio::task::JoinHandle;

use crate::Options;
use crate::report::Report;
use crate::server::Server;
use crate::session::{self, Handler, Target};
use crate::trace::Trace;
use crate::update::{Chain, FIRST_EDIT, Held, Summary, scan};
use crate::ws::Closed;

const TOGETHER: usize = 20;
/// Operations under way while they arrive one at a time.
const WINDOW: u64 = 2000;

pub(crate) async fn run(options: &Options) -> Result<()> {
    let (inserts, deletes, times) = if options.quick {
        (18_231, 7_746, 3)
    } else {
        (182_315, 77_463, 7)
    };
    let mut report = Report::new(
        "open",
        &[
            "arrival s",
            "warm ms",
            "cold ms",
            "after kill ms",
            "20 cold: median",
            "20 cold: last",
            "KiB",
        ],
    );
    println!("open: a document of {} operations", inserts + deletes);
    for contender in options.contenders()? {
        for at_once in [true, false] {
            let mut server = contender.start().await?;
            let document = server.documents(1).await?.remove(0);
            let trace = Trace::new(u64::from(rand::random::<u32>() >> 1) + 1, inserts, deletes);
            let start = Instant::now();
            let stays = bring(&server.target().await?, &document, &trace, at_once).await?;
            if contender.is_canopy() {
                stays.abort();
            }
            let arrival = start.elapsed().as_secs_f64();
            let how = if at_once {
                "one update"
            } else {
                "one operation at a time"
            };
            let who = format!("{}, {how}", contender.name());
            let row = measure(&mut server, &document, &trace, times, contender.is_canopy())
                .await
                .context(who.clone())?;
            let mut values = vec![Some(arrival)];
            values.extend(row);
            report.row(&who, &values);
            stays.abort();
            if contender.is_canopy() {
                for (column, bar, what) in [
                    (1, 3.0, "warm"),
                    (2, 10.0, "cold"),
                    (5, 10.0, "cold, last of 20"),
                ] {
                    let value = report.value(&who, column).unwrap_or(f64::NAN);
                    report.bar(
                        format!("{who}: {what} {value:.1} ms (<= {bar})"),
                        value <= bar,
                    );
                }
            }
            server.stop().await?;
        }
    }
    for (who, warm, cold) in [
        ("y-sweet 0.9", 2.9, Some(12.0)),
        ("yrs + axum, no storage", 3.2, None),
        ("y-websocket + LevelDB", 4.3, Some(207.0)),
        ("hocuspocus 4.7 + SQLite", 5.4, Some(105.0)),
        ("pycrdt", 4.6, Some(19.0)),
    ] {
        report.reference(who, &[None, Some(warm), cold, None, None, None, None]);
    }
    report.note("cold: after a restart that another document has warmed; after kill: the same after kill -9 right upon arrival");
    report.finish()
}

/// Counts what of the trace has reached another client.
struct Progress {
    client: u64,
    operations: Arc<AtomicU64>,
}

impl Handler for Progress {
    fn update(&mut self, update: &[u8]) {
        let mut held = Summary {
            only: Some(self.client),
            ..Summary::default()
        };
        if scan(update, &mut held).is_some() {
            self.operations
                .fetch_add(held.clocks + held.deleted, Ordering::Release);
        }
    }
}

/// Sends the trace, and waits until another client has received it all. Gives that client's task: some servers forget a
/// document that nobody has open.
async fn bring(
    target: &Target,
    document: &str,
    trace: &Trace,
    at_once: bool,
) -> Result<JoinHandle<Closed>> {
    let arrived = Arc::new(AtomicU64::new(0));
    let mut watcher = Progress {
        client: trace.client,
        operations: arrived.clone(),
    };
    let (watching, mut watched) =
        session::join(target, document, Arc::new(Chain::new(1)), &mut watcher).await?;
    let watch =
        tokio::spawn(async move { session::receive(&watching, &mut watched, &mut watcher).await });
    let mut own = Progress {
        client: 0,
        operations: Arc::default(),
    };
    let (sender, mut inbox) =
        session::join(target, document, Arc::new(Chain::new(2)), &mut own).await?;
    let sending = sender.clone();
    let drain = tokio::spawn(async move { session::receive(&sending, &mut inbox, &mut own).await });
    let wait = async |upto: u64| {
        let mut still = (0, Instant::now());
        loop {
            let now = arrived.load(Ordering::Acquire);
            if now >= upto {
                return Ok(());
            }
            if now > still.0 {
                still = (now, Instant::now());
            }
            if still.1.elapsed() > Duration::from_secs(30) || watch.is_finished() {
                bail!("only {now} operations of {upto} arrived");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let total = trace.operations() as u64;
    if at_once {
        sender.push_update(&trace.whole());
        sender.socket.flush().await?;
    } else {
        sender.push_update(&trace.begin());
        for index in 0..trace.operations() {
            sender.push_update(&trace.operation(index));
            if index % 100 == 99 {
                sender.socket.flush().await?;
                wait((index as u64 + FIRST_EDIT).saturating_sub(WINDOW)).await?;
            }
        }
        sender.socket.flush().await?;
    }
    wait(total + FIRST_EDIT).await?;
    drain.abort();
    sender.socket.close().await;
    Ok(watch)
}

/// Keeps the state that a server sends.
#[derive(Default)]
struct Keep(Vec<u8>);

impl Handler for Keep {
    fn update(&mut self, update: &[u8]) {
        self.0 = update.to_vec();
    }
}

/// Opens the document; gives milliseconds and the state.
async fn open(target: &Target, document: &str) -> Result<(f64, Vec<u8>)> {
    let start = Instant::now();
    let mut keep = Keep::default();
    let (session, _inbox) =
        session::join(target, document, Arc::new(Chain::new(3)), &mut keep).await?;
    let elapsed = start.elapsed().as_secs_f64() * 1000.0;
    session.socket.close().await;
    Ok((elapsed, keep.0))
}

/// The state must hold the whole trace. Not on anybody's clock.
fn check(state: &[u8], trace: &Trace) -> Result<()> {
    let mut held = Held::default();
    scan(state, &mut held).context("the state is malformed")?;
    let (inserts, deletes) = trace.counts();
    let reach = held.inserts.reach(trace.client);
    if reach != inserts + FIRST_EDIT || held.deletes.total() < deletes {
        bail!(
            "the state holds {reach} clocks and {} deletes",
            held.deletes.total()
        );
    }
    Ok(())
}

/// Opens the document once, alone.
async fn open_alone(target: &Target, document: &str, trace: &Trace) -> Result<(f64, usize)> {
    let (elapsed, state) = open(target, document).await?;
    check(&state, trace)?;
    Ok((elapsed, state.len()))
}

async fn measure(
    server: &mut Server,
    document: &str,
    trace: &Trace,
    times: usize,
    restarts: bool,
) -> Result<Vec<Option<f64>>> {
    let mut killed = None;
    if restarts {
        server.kill().await?;
        warm_up(server).await?;
        killed = Some(
            open_alone(&server.target().await?, document, trace)
                .await?
                .0,
        );
    }
    let target = server.target().await?;
    let (_, bytes) = open_alone(&target, document, trace).await?;
    // Somebody stays, so that the document stays open.
    let stays = session::join(
        &target,
        document,
        Arc::new(Chain::new(4)),
        &mut Keep::default(),
    )
    .await?;
    let mut warm = Vec::new();
    for _ in 0..times * 3 {
        warm.push(open_alone(&target, document, trace).await?.0);
    }
    drop(stays);
    let (mut cold, mut middle, mut last) = (Vec::new(), Vec::new(), Vec::new());
    if restarts {
        for _ in 0..times {
            warm_up(server).await?;
            cold.push(
                open_alone(&server.target().await?, document, trace)
                    .await?
                    .0,
            );
            warm_up(server).await?;
            let target = server.target().await?;
            let all = try_join_all((0..TOGETHER).map(|_| open(&target, document))).await?;
            let mut elapsed = Vec::new();
            for (one, state) in all {
                check(&state, trace)?;
                elapsed.push(one);
            }
            let mut all = elapsed;
            last.push(all.iter().copied().fold(0.0, f64::max));
            middle.push(median(&mut all).unwrap_or(f64::NAN));
        }
    }
    Ok(vec![
        median(&mut warm),
        median(&mut cold),
        killed,
        median(&mut middle),
        median(&mut last),
        Some(bytes as f64 / 1024.0),
    ])
}

/// Restarts the server and opens another document there, which is what the first visitor pays for.
async fn warm_up(server: &mut Server) -> Result<()> {
    server.restart().await?;
    let other = server.documents(1).await?.remove(0);
    let target = server.target().await?;
    session::join(
        &target,
        &other,
        Arc::new(Chain::new(5)),
        &mut Keep::default(),
    )
    .await?;
    Ok(())
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
