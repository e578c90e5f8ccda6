//! One document, 200 clients, 100 edits/s from 20 of them: what a delivery costs the server, and how long it takes.

use std::time::Duration;

use anyhow::Result;

use crate::Options;
use crate::load::{Board, Room};
use crate::report::Report;
use crate::server::Contender;

const WRITERS: usize = 20;
const EDITS_PER_SECOND: u64 = 100;

pub(crate) async fn run(options: &Options) -> Result<()> {
    let (clients, seconds) = if options.quick { (50, 5) } else { (200, 20) };
    let mut report = Report::new(
        "fanout",
        &["CPU-s/100k", "x bare", "p50 ms", "p99 ms", "deliveries/s"],
    );
    println!("fanout: 1 document, {clients} clients, {EDITS_PER_SECOND} edits/s, {seconds} s");
    let bare = Contender::Bare { coalesce: false };
    let mut base = f64::NAN;
    for contender in std::iter::once(bare).chain(options.contenders()?) {
        let figures = measure(&contender, clients, seconds).await?;
        if base.is_nan() {
            base = figures.cpu;
        }
        let ratio = figures.cpu / base;
        let row = [figures.cpu, ratio, figures.p50, figures.p99, figures.rate];
        report.row(&contender.name(), &row.map(Some));
        if contender.is_canopy() {
            let name = contender.name();
            report.bar(
                format!("{name}: CPU per delivery {ratio:.2} x bare (<= 1.3)"),
                ratio <= 1.3,
            );
            report.bar(
                format!("{name}: p99 {:.1} ms (<= 10)", figures.p99),
                figures.p99 <= 10.0,
            );
        }
    }
    for (who, cpu, ratio, p50, p99) in [
        ("bare broadcast", 0.70, 1.0, 1.9, 5.3),
        ("y-sweet 0.9", 1.10, 1.6, 2.0, 21.0),
        ("yrs + axum, no storage", 0.97, 1.4, 2.1, 22.0),
        ("y-websocket + LevelDB", 1.76, 2.5, 2.9, 5.9),
        ("hocuspocus 4.7 + SQLite", 1.75, 2.5, 3.6, 7.9),
        ("pycrdt", 7.1, 10.1, 1716.0, 2458.0),
    ] {
        report.reference(who, &[Some(cpu), Some(ratio), Some(p50), Some(p99), None]);
    }
    report.finish()
}

struct Figures {
    cpu: f64,
    p50: f64,
    p99: f64,
    rate: f64,
}

async fn measure(contender: &Contender, clients: usize, seconds: u64) -> Result<Figures> {
    let mut server = contender.start().await?;
    let document = server.documents(1).await?.remove(0);
    let edits = EDITS_PER_SECOND * seconds;
    let board = Board::new(clients, WRITERS, (edits as usize / WRITERS + 100) * 2);
    let room = Room::open(&server.target().await?, &document, board.clone()).await?;
    write(&room, EDITS_PER_SECOND).await?;
    board.reset_latency();
    let (cpu, before, start) = (server.cpu(), board.delivered(), std::time::Instant::now());
    write(&room, edits).await?;
    let delivered = (board.delivered() - before) as f64;
    let elapsed = start.elapsed().as_secs_f64();
    // Work that comes after the deliveries (storage, projection) counts too.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let cpu = server.cpu() - cpu;
    let latency = board.latency();
    room.close().await;
    server.stop().await?;
    Ok(Figures {
        cpu: cpu / delivered * 100_000.0,
        p50: latency.quantile_ms(0.5),
        p99: latency.quantile_ms(0.99),
        rate: delivered / elapsed,
    })
}

/// Open loop; then waits until all of it has arrived.
async fn write(room: &Room, edits: u64) -> Result<()> {
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / EDITS_PER_SECOND));
    for edit in 0..edits as usize {
        tick.tick().await;
        room.board.edit(&room.sessions[edit % WRITERS]).await?;
    }
    room.board
        .settle(&room.sessions, Duration::from_secs(60))
        .await
}
