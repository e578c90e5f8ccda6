//! Closed loops: every writer keeps a window of edits under way, each counted until everybody else has it.
//! `flood`: 50 clients, 10 of them write. `pair`: two clients, one writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::Options;
use crate::load::{Board, Room};
use crate::report::Report;
use crate::server::Contender;

pub(crate) async fn run(options: &Options, pair: bool) -> Result<()> {
    let (name, clients, writers) = if pair {
        ("pair", 2, 1)
    } else {
        ("flood", 50, 10)
    };
    let window = options.window.unwrap_or(if pair { 2048 } else { 256 });
    let seconds = if options.quick { 3 } else { 10 };
    let rate = if pair { "updates/s" } else { "deliveries/s" };
    let mut report = Report::new(name, &[rate, "x bare", "CPU-s/100k"]);
    println!(
        "{name}: {clients} clients, {writers} write with {window} edits under way each, {seconds} s"
    );
    let mut base = f64::NAN;
    let bare = [false, true].map(|coalesce| Contender::Bare { coalesce });
    let (bar, best) = if pair {
        (40_000.0, 14_400.0)
    } else {
        (1_000_000.0, 525_000.0)
    };
    for contender in bare.into_iter().chain(options.contenders()?) {
        let (rate, cpu) = measure(&contender, clients, writers, seconds, window).await?;
        if base.is_nan() {
            base = rate;
        }
        report.row(
            &contender.name(),
            &[Some(rate), Some(rate / base), Some(cpu)],
        );
        if contender.is_canopy() {
            let name = contender.name();
            report.bar(
                format!("{name}: {rate:.0}/s (>= {bar:.0}; best peer {best:.0})"),
                rate >= bar,
            );
        }
    }
    let reference: [(&str, f64, f64); 7] = [
        ("bare broadcast", 157_000.0, 133_000.0),
        ("bare, coalescing", 2_700_000.0, 335_000.0),
        ("y-sweet 0.9", 61_000.0, 900.0),
        ("yrs + axum, no storage", 107_000.0, 1_000.0),
        ("y-websocket + LevelDB", 92_000.0, 14_400.0),
        ("hocuspocus 4.7 + SQLite", 525_000.0, 13_100.0),
        ("pycrdt", 15_000.0, 2_700.0),
    ];
    for (who, flood, two) in reference {
        let (rate, base) = if pair {
            (two, 133_000.0)
        } else {
            (flood, 157_000.0)
        };
        report.reference(who, &[Some(rate), Some(rate / base), None]);
    }
    report.finish()
}

async fn measure(
    contender: &Contender,
    clients: usize,
    writers: usize,
    seconds: u64,
    window: u64,
) -> Result<(f64, f64)> {
    let mut server = contender.start().await?;
    let document = server.documents(1).await?.remove(0);
    let board = Board::new(clients, writers, 0);
    let room = Room::open(&server.target().await?, &document, board.clone()).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (board, session, stop) =
                (board.clone(), room.sessions[writer].clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let room =
                        (board.reached(writer) + window).saturating_sub(session.chain.next());
                    if room == 0 {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                        continue;
                    }
                    // One edit per frame; the frames leave together, as they do when a client is faster than its socket.
                    for _ in 0..room {
                        session.push_edit();
                    }
                    session.socket.flush().await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (cpu, before, start) = (server.cpu(), board.delivered(), Instant::now());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (delivered, elapsed) = (
        (board.delivered() - before) as f64,
        start.elapsed().as_secs_f64(),
    );
    let cpu = (server.cpu() - cpu) / delivered * 100_000.0;
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await??;
    }
    board
        .settle(&room.sessions, Duration::from_secs(30))
        .await?;
    room.close().await;
    server.stop().await?;
    Ok((delivered / elapsed, cpu))
}
