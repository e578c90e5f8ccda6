//! Many documents with few clients (`many`), and many clients that do nothing (`idle`): memory, and how fast they come.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Options;
use crate::load::{Board, Room};
use crate::measure::Histogram;
use crate::report::Report;
use crate::server::{Contender, Server};

const CLIENTS: usize = 3;
const EDITS_PER_SECOND: u64 = 500;

pub(crate) async fn run(options: &Options) -> Result<()> {
    let (documents, seconds) = if options.quick { (100, 4) } else { (1000, 10) };
    let mut report = Report::new(
        "many",
        &[
            "KiB/connection",
            "after load",
            "p50 ms",
            "p99 ms",
            "connections/s",
            "CPU-s/100k",
        ],
    );
    println!(
        "many: {documents} documents x {CLIENTS} clients, {EDITS_PER_SECOND} edits/s in all, {seconds} s"
    );
    let bare = Contender::Bare { coalesce: false };
    for contender in std::iter::once(bare).chain(options.contenders()?) {
        let row = measure(&contender, documents, seconds).await?;
        report.row(&contender.name(), &row.map(Some));
        if contender.is_canopy() {
            let name = contender.name();
            report.bar(
                format!("{name}: {:.1} KiB a connection (<= 12)", row[0]),
                row[0] <= 12.0,
            );
            report.bar(
                format!("{name}: p99 {:.2} ms (<= 5)", row[3]),
                row[3] <= 5.0,
            );
            report.bar(
                format!("{name}: {:.0} connections/s (>= 4,000)", row[4]),
                row[4] >= 4000.0,
            );
        }
    }
    for (who, kib, p50, p99, connections) in [
        ("y-sweet 0.9", 16.6, 0.27, 0.6, 4005.0),
        ("yrs + axum, no storage", 159.0, 0.19, 0.5, 4591.0),
        ("y-websocket + LevelDB", 23.5, 0.40, 1.7, 1241.0),
        ("hocuspocus 4.7 + SQLite", 41.0, 0.64, 7.2, 803.0),
        ("pycrdt", 108.0, 1167.0, 4129.0, 318.0),
    ] {
        report.reference(
            who,
            &[
                Some(kib),
                None,
                Some(p50),
                Some(p99),
                Some(connections),
                None,
            ],
        );
    }
    report.note("KiB/connection: resident memory gained from before the first connection, after a fresh start, by their number");
    report.finish()
}

async fn measure(contender: &Contender, documents: usize, seconds: u64) -> Result<[f64; 6]> {
    let mut server = contender.start().await?;
    let names = server.documents(documents).await?;
    let before = fresh(&mut server).await?;
    let target = server.target().await?;
    let edits = EDITS_PER_SECOND * seconds;
    let stamped = edits as usize / documents + 10;
    let start = Instant::now();
    let rooms: Vec<Room> = stream::iter(&names)
        .map(|name| Room::join(&target, name, Board::new(CLIENTS, 1, stamped), CLIENTS))
        .buffer_unordered(32)
        .try_collect()
        .await?;
    let connections = (documents * CLIENTS) as f64;
    let rate = connections / start.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = (server.rss_kib() - before) / connections;
    for room in &rooms {
        room.sessions[0].begin().await?;
    }
    settle(&rooms).await?;
    let cpu = server.cpu();
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / EDITS_PER_SECOND));
    for edit in 0..edits as usize {
        tick.tick().await;
        let room = &rooms[edit % documents];
        room.board.edit(&room.sessions[0]).await?;
    }
    settle(&rooms).await?;
    let cpu = server.cpu() - cpu;
    let loaded = (server.rss_kib() - before) / connections;
    let mut latency = Histogram::default();
    for room in &rooms {
        latency.merge(&room.board.latency());
    }
    for room in rooms {
        room.close().await;
    }
    server.stop().await?;
    let deliveries = (edits * (CLIENTS as u64 - 1)) as f64;
    Ok([
        idle,
        loaded,
        latency.quantile_ms(0.5),
        latency.quantile_ms(0.99),
        rate,
        cpu / deliveries * 100_000.0,
    ])
}

async fn settle(rooms: &[Room]) -> Result<()> {
    for room in rooms {
        room.board
            .settle(&room.sessions, Duration::from_secs(30))
            .await?;
    }
    Ok(())
}

/// Restarts the server, so that what it did before does not hide what the connections cost; gives its memory.
async fn fresh(server: &mut Server) -> Result<f64> {
    server.restart().await?;
    // The first request brings up what every server needs once.
    let first = server.documents(1).await?.remove(0);
    let target = server.target().await?;
    Room::join(&target, &first, Board::new(1, 0, 0), 1)
        .await?
        .close()
        .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(server.rss_kib())
}

pub(crate) async fn idle(options: &Options) -> Result<()> {
    let (documents, each) = if options.quick { (20, 50) } else { (100, 100) };
    let sockets = documents * each;
    check_files(sockets)?;
    let mut report = Report::new("idle", &["KiB/socket", "MiB in all", "connections/s"]);
    println!("idle: {sockets} sockets over {documents} documents");
    let bare = Contender::Bare { coalesce: false };
    for contender in std::iter::once(bare).chain(options.contenders()?) {
        let mut server = contender.start().await?;
        let names = server.documents(documents).await?;
        let before = fresh(&mut server).await?;
        let target = server.target().await?;
        let start = Instant::now();
        let rooms: Vec<Room> = stream::iter(&names)
            .map(|name| Room::join(&target, name, Board::new(each, 0, 0), 8))
            .buffer_unordered(8)
            .try_collect()
            .await?;
        let rate = sockets as f64 / start.elapsed().as_secs_f64();
        tokio::time::sleep(Duration::from_secs(3)).await;
        server.check_alive()?;
        let gained = server.rss_kib() - before;
        report.row(
            &contender.name(),
            &[
                Some(gained / sockets as f64),
                Some(server.rss_kib() / 1024.0),
                Some(rate),
            ],
        );
        for room in rooms {
            room.close().await;
        }
        server.stop().await?;
    }
    report.finish()
}

/// Says what to do before ten thousand sockets fail one by one.
fn check_files(needed: usize) -> Result<()> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let soft: usize = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .context("no limit of open files")?;
    if soft < needed + 100 {
        anyhow::bail!(
            "{needed} sockets need more than the {soft} open files allowed here: ulimit -n {}",
            needed + 1000
        );
    }
    Ok(())
}
