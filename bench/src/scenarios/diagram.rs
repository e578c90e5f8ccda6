//! A large diagram that many draw on at once: how soon an edit is at everybody else's, how long a picture takes, how soon
//! what is written and shown there is found.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::Options;
use crate::canvas::{CONNECTORS, Doc, Edit, SHAPES};
use crate::http;
use crate::measure::{Histogram, Stamps};
use crate::report::Report;
use crate::server::{Contender, Server};
use crate::session::{self, Handler, Session, Target};
use crate::update::{Chain, Content, Visit, scan};
use crate::wire::{Protocol, put_bytes, put_var};

/// One in so many has something in hand all the time, and tells it so often a second.
const DRAGGING: usize = 5;
const PRESENCE: u64 = 20;
/// Clocks of one person that are stamped.
const CLOCKS: usize = 1 << 16;
/// Pictures before those that are measured.
const WARM: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);

struct Size {
    people: usize,
    shapes: usize,
    connectors: usize,
    seconds: u64,
    pictures: usize,
    changes: usize,
}

const FULL: Size = Size {
    people: 50,
    shapes: 2_000,
    connectors: 1_500,
    seconds: 30,
    pictures: 100,
    changes: 30,
};
const QUICK: Size = Size {
    people: 8,
    shapes: 100,
    connectors: 75,
    seconds: 4,
    pictures: 5,
    changes: 2,
};

pub(crate) async fn run(options: &Options) -> Result<()> {
    let size = if options.quick { QUICK } else { FULL };
    let seed = options.seed.unwrap_or_else(rand::random);
    let mut report = Report::new("diagram", &["p50 ms", "p99 ms", "per s"]);
    println!(
        "diagram: {} shapes, {} connectors, {} people for {} s, seed {seed}",
        size.shapes, size.connectors, size.people, size.seconds
    );
    let contender = Contender::Canopy {
        protocol: options.protocol.unwrap_or(Protocol::Hocuspocus),
        bin: options.bin()?,
        database: None,
    };
    let mut server = contender.start().await?;
    server.lift_limits().await?;
    measure(&mut server, &size, seed, &mut report)
        .await
        .with_context(|| format!("seed {seed}"))?;
    report.note(format!(
        "memory of the server: {:.0} MiB",
        server.rss_kib() / 1024.0
    ));
    server.stop().await?;
    report.finish()
}

async fn measure(server: &mut Server, size: &Size, seed: u64, report: &mut Report) -> Result<()> {
    let diagram = server.diagram(&package(size)).await?;
    let target = server.target().await?;
    let desk = Desk {
        project: server.project()?,
        diagram: diagram.clone(),
        authority: target.authority.clone(),
        token: target.token.clone().unwrap_or_default(),
    };

    let before = server.cpu();
    let picture = desk.pictures(size.pictures).await?;
    row(report, "SVG over HTTP", &picture, None);
    bar(report, "SVG over HTTP", &picture, 200.0);
    let drawn = (size.pictures + WARM) as f64;
    report.note(format!(
        "the server's CPU for a picture: {:.0} ms",
        (server.cpu() - before) / drawn * 1000.0
    ));

    let mut random = StdRng::seed_from_u64(seed);
    let (text, card) = freshness(&desk, &target, size.changes, &mut random).await?;
    // One transaction writes a row's text and its links; the search index follows that, within a second of the edit.
    for (name, times, most) in [
        ("text found", &text, 1_000.0),
        ("card among backlinks", &card, 500.0),
    ] {
        row(report, name, times, None);
        bar(report, name, times, most);
    }

    let crowd = Crowd::join(&target, &diagram, size.people).await?;
    let before = server.cpu();
    crowd.draw(size, seed);
    // Everybody has begun.
    tokio::time::sleep(Duration::from_secs(2)).await;
    crowd.stage.reset();
    let start = Instant::now();
    tokio::time::sleep(Duration::from_secs(size.seconds)).await;
    let (edits, latency) = crowd.stage.figures();
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), server.cpu() - before);
    row(
        report,
        "edit at everybody else's",
        &latency,
        Some(edits as f64 / seconds),
    );
    bar(report, "edit at everybody else's", &latency, 200.0);
    let (text, card) = freshness(&desk, &target, size.changes, &mut random).await?;
    for (name, times, most) in [
        ("text found, while they draw", &text, 1_000.0),
        ("card among backlinks, while they draw", &card, 500.0),
    ] {
        row(report, name, times, None);
        bar(report, name, times, most);
    }
    let picture = desk.pictures(size.pictures / 4 + 1).await?;
    row(report, "SVG over HTTP, while they draw", &picture, None);
    report.note(format!(
        "the server's CPU while they draw: {:.0} % of a core",
        cpu / (seconds + 2.0) * 100.0
    ));
    let plain = crowd.end().await?;
    agree(&desk, &target, &plain).await?;
    report.bar(
        format!(
            "{} people, a newcomer and the server's projection agree on {} shapes and connectors",
            size.people,
            plain.len()
        ),
        true,
    );
    Ok(())
}

fn row(report: &mut Report, name: &str, times: &Histogram, rate: Option<f64>) {
    let (p50, p99) = (times.quantile_ms(0.5), times.quantile_ms(0.99));
    report.row(name, &[Some(p50), Some(p99), rate]);
}

fn bar(report: &mut Report, name: &str, times: &Histogram, most: f64) {
    let p99 = times.quantile_ms(0.99);
    report.bar(format!("{name}: p99 {p99:.0} ms (<= {most})"), p99 <= most);
}

/// A project's file with a diagram: rooms of shapes, most of them connected with a neighbour.
fn package(size: &Size) -> Value {
    const KINDS: [&str; 8] = [
        "rectangle",
        "rounded",
        "ellipse",
        "diamond",
        "cylinder",
        "sticky",
        "class",
        "component",
    ];
    let shapes: Vec<Value> = (0..size.shapes)
        .map(|n| {
            let (column, row) = (n % 50, n / 50);
            json!({
                "id": format!("shape{n}"), "kind": KINDS[n % KINDS.len()], "at": [column * 220, row * 140], "size": [160, 80],
                "rank": format!("a{n:05}"), "fill": (["blue", "green", "none"][n % 3]), "text": format!("Part {n} of the system"),
            })
        })
        .collect();
    let connectors: Vec<Value> = (0..size.connectors)
        .map(|n| {
            let to = (n + if n % 3 == 0 { 50 } else { 1 }) % size.shapes;
            json!({
                "id": format!("line{n}"), "from": { "shape": format!("shape{n}"), "side": "auto" }, "to": { "shape": format!("shape{to}"), "side": "auto" },
                "rank": format!("a{n:05}"), "route": (["orthogonal", "straight", "curved"][n % 3]), "text": (if n % 4 == 0 { "asks" } else { "" }),
            })
        })
        .collect();
    json!({
        "format": "canopy/1",
        "items": [{ "id": "1", "title": "A large diagram", "type": "diagram", "diagram": {
            "canopy": "diagram", "version": 1, "title": "", "shapes": shapes, "connectors": connectors,
        } }],
    })
}

/// Where the API is asked.
struct Desk {
    project: String,
    diagram: String,
    authority: String,
    token: String,
}

impl Desk {
    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let path = format!("/api/v1{path}");
        http::json(method, &self.authority, &path, Some(&self.token), body).await
    }

    async fn export(&self, format: &str) -> Result<Vec<u8>> {
        let path = format!("/api/v1/diagrams/{}/export?format={format}", self.diagram);
        let answer = http::request("GET", &self.authority, &path, Some(&self.token), None).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        Ok(answer.body)
    }

    /// So many pictures, one after the other.
    async fn pictures(&self, count: usize) -> Result<Histogram> {
        for _ in 0..WARM {
            let svg = self.export("svg").await?;
            ensure!(
                svg.starts_with(b"<svg ") && svg.ends_with(b"</svg>"),
                "no picture"
            );
        }
        let mut times = Histogram::default();
        for _ in 0..count {
            let asked = Instant::now();
            self.export("svg").await?;
            times.add(asked.elapsed().as_micros() as u64);
        }
        Ok(times)
    }

    /// Waits until an answer names the diagram.
    async fn until(&self, path: &str, since: Instant) -> Result<u64> {
        loop {
            let found = self.call("GET", path, None).await?.to_string();
            if found.contains(&self.diagram) {
                return Ok(since.elapsed().as_micros() as u64);
            }
            ensure!(
                since.elapsed() < PATIENCE,
                "{path} doesn't name the diagram within {PATIENCE:?}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// From an edit until its text is found, and until the item that a new card shows lists the diagram.
async fn freshness(
    desk: &Desk,
    target: &Target,
    changes: usize,
    random: &mut StdRng,
) -> Result<(Histogram, Histogram)> {
    let crowd = Crowd::join(target, &desk.diagram, 1).await?;
    let person = &crowd.people[0];
    let (mut text, mut card) = (Histogram::default(), Histogram::default());
    for _ in 0..changes {
        let word = format!("fresh{:012x}", random.random::<u64>() >> 16);
        let made = json!({ "title": "Shown", "type": "task" });
        let path = format!("/projects/{}/items", desk.project);
        let made = desk.call("POST", &path, Some(&made)).await?;
        let item = made["id"].as_str().context("no id")?.to_owned();
        let at = |keys: Value| {
            let mut keys = keys;
            keys["at"] = json!([-400, -400]);
            keys["size"] = json!([280, 88]);
            keys["rank"] = json!("z");
            keys
        };
        let since = person
            .change(|edit, _| edit.add(SHAPES, &word, &at(json!({ "kind": "sticky" })), &word))
            .await?;
        text.add(desk.until(&format!("/search?q={word}"), since).await?);
        let since = person
            .change(|edit, _| {
                let keys = at(json!({ "kind": "card", "item": item }));
                edit.add(SHAPES, &format!("{word}-card"), &keys, "");
            })
            .await?;
        card.add(
            desk.until(&format!("/items/{item}/backlinks"), since)
                .await?,
        );
    }
    crowd.end().await?;
    Ok((text, card))
}

/// What the people of a diagram have in common.
struct Stage {
    stamps: Stamps,
    base: u64,
    edits: AtomicU64,
    over: AtomicBool,
    latency: Vec<Mutex<Histogram>>,
    /// For each client, why something that it was sent still waits.
    early: Vec<Mutex<Option<String>>>,
    problem: Mutex<Option<String>>,
}

impl Stage {
    fn reset(&self) {
        self.edits.store(0, Ordering::Relaxed);
        for one in &self.latency {
            *one.lock() = Histogram::default();
        }
    }

    fn figures(&self) -> (u64, Histogram) {
        let mut all = Histogram::default();
        for one in &self.latency {
            all.merge(&one.lock());
        }
        (self.edits.load(Ordering::Relaxed), all)
    }

    fn problem(&self, what: String) {
        self.problem.lock().get_or_insert(what);
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || self.problem.lock().is_some()
    }
}

/// One who draws.
struct Person {
    stage: Arc<Stage>,
    session: Arc<Session>,
    doc: Arc<Mutex<Doc>>,
}

/// What one receives.
struct Receiver {
    stage: Arc<Stage>,
    index: usize,
    doc: Arc<Mutex<Doc>>,
    /// What builds on something that has not come yet, as live updates do that overtake the document's state.
    early: Vec<Vec<u8>>,
}

impl Receiver {
    fn take(&mut self, update: &[u8]) {
        let mut doc = self.doc.lock();
        if let Err(error) = doc.apply(update) {
            self.early.push(update.to_vec());
            *self.stage.early[self.index].lock() = Some(error.to_string());
            return;
        }
        if !self.early.is_empty() {
            self.early.retain(|update| doc.apply(update).is_err());
            if self.early.is_empty() {
                *self.stage.early[self.index].lock() = None;
            }
        }
    }
}

/// Notes when the first item of an edit arrives.
struct Arrival<'a> {
    receiver: &'a Receiver,
    now: u64,
}

impl Visit for Arrival<'_> {
    fn insert(&mut self, client: u64, clock: u64, len: u64, _content: Content<'_>) {
        let Receiver { stage, index, .. } = self.receiver;
        if client == stage.base + *index as u64 {
            return;
        }
        let ages =
            (clock..clock + len).filter_map(|clock| stage.stamps.age(client, clock, self.now));
        ages.for_each(|age| stage.latency[*index].lock().add(age));
    }
}

impl Handler for Receiver {
    fn update(&mut self, update: &[u8]) {
        let now = self.stage.stamps.now();
        let read = scan(
            update,
            &mut Arrival {
                receiver: self,
                now,
            },
        );
        if read.is_none() {
            self.stage.problem("a malformed update".into());
        }
        self.take(update);
    }

    fn acknowledged(&mut self, _upto: u64, applied: bool) {
        if !applied {
            self.stage.problem("an edit was refused".into());
        }
    }
}

impl Person {
    /// Changes the diagram and sends that; gives when.
    async fn change(&self, make: impl FnOnce(&mut Edit<'_>, &Doc)) -> Result<Instant> {
        let client = self.session.chain.client;
        let since = {
            // Locked until it is queued: what is later leaves later.
            let mut doc = self.doc.lock();
            let mut edit = doc.edit(client);
            make(&mut edit, &doc);
            let Some((update, first)) = edit.finish() else {
                return Ok(Instant::now());
            };
            doc.apply(&update)?;
            if let Some(clock) = first {
                self.stage.stamps.sent(client, clock);
            }
            self.session.push_update(&update);
            Instant::now()
        };
        self.stage.edits.fetch_add(1, Ordering::Relaxed);
        self.session
            .socket
            .flush()
            .await
            .context("sending an edit")?;
        Ok(since)
    }

    /// Does what people do, one thing after the other, with pauses.
    async fn work(&self, index: usize, mut random: StdRng) -> Result<()> {
        let mut made = 0;
        while !self.stage.is_over() {
            pause(random.random_range(200..1_500)).await;
            let Some(shape) = self.any(SHAPES, &mut random) else {
                continue;
            };
            match random.random_range(0..100) {
                0..45 => {
                    // The end of a drag: the shape, and sometimes some others with it.
                    let count = if random.random_bool(0.3) { 5 } else { 1 };
                    let mut taken = vec![shape];
                    taken.extend((1..count).filter_map(|_| self.any(SHAPES, &mut random)));
                    let by = [
                        random.random_range(-300..300),
                        random.random_range(-300..300),
                    ];
                    self.change(|edit, doc| {
                        for id in BTreeMap::from_iter(taken.iter().map(|id| (id, ()))).into_keys() {
                            let at = doc.value(SHAPES, id, "at").cloned().unwrap_or_default();
                            let moved = [0, 1].map(|n| {
                                at[n].as_f64().unwrap_or_default() + f64::from(by[n]) / 2.0
                            });
                            edit.set(SHAPES, id, "at", &json!(moved));
                        }
                    })
                    .await?;
                }
                45..75 => {
                    for _ in 0..random.random_range(4..16) {
                        let letter = char::from(b'a' + random.random_range(0..26));
                        self.change(|edit, _| edit.type_text(SHAPES, &shape, &letter.to_string()))
                            .await?;
                        pause(random.random_range(80..200)).await;
                    }
                }
                75..90 => {
                    made += 1;
                    let id = format!("p{index}-{made}");
                    let at = [random.random_range(0..9_000), random.random_range(0..5_000)];
                    let rank = format!("b{index:02}{made:05}");
                    self.change(|edit, _| {
                        let keys = json!({ "kind": "rounded", "at": at, "size": [160, 80], "rank": rank });
                        edit.add(SHAPES, &id, &keys, "New");
                        let ends = json!({ "from": { "shape": shape }, "to": { "shape": id }, "rank": rank });
                        edit.add(CONNECTORS, &format!("{id}-line"), &ends, "");
                    })
                    .await?;
                }
                _ => {
                    self.change(|edit, doc| {
                        edit.delete(SHAPES, &shape);
                        for line in doc.ids(CONNECTORS) {
                            let ends = ["from", "to"].map(|end| doc.value(CONNECTORS, &line, end));
                            if ends.into_iter().flatten().any(|end| end["shape"] == *shape) {
                                edit.delete(CONNECTORS, &line);
                            }
                        }
                    })
                    .await?;
                }
            }
        }
        Ok(())
    }

    fn any(&self, root: &str, random: &mut StdRng) -> Option<String> {
        let mut ids = self.doc.lock().ids(root);
        (!ids.is_empty()).then(|| ids.swap_remove(random.random_range(0..ids.len())))
    }

    /// Tells where the pointer is, and what is in hand.
    async fn wave(&self, index: usize) -> Result<()> {
        let client = self.session.chain.client;
        let mut tick = tokio::time::interval(Duration::from_millis(1_000 / PRESENCE));
        let mut clock = 0;
        while !self.stage.is_over() {
            tick.tick().await;
            clock += 1;
            let state = json!({
                "user": { "name": format!("Person {index}"), "color": "#30bced" },
                "pointer": { "x": clock * 3 % 9_000, "y": clock * 2 % 5_000 }, "selection": [format!("shape{index}")],
                "dragging": { "ids": [format!("shape{index}")], "dx": clock % 300, "dy": clock % 200 },
            });
            let mut out = vec![1];
            put_var(&mut out, client);
            put_var(&mut out, clock);
            put_bytes(&mut out, state.to_string().as_bytes());
            self.session
                .socket
                .send(&self.session.framer.awareness(&out))
                .await?;
        }
        Ok(())
    }
}

async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// The people of one diagram.
struct Crowd {
    stage: Arc<Stage>,
    people: Vec<Arc<Person>>,
    receiving: Vec<JoinHandle<()>>,
    working: Mutex<Vec<JoinHandle<Result<()>>>>,
}

impl Crowd {
    async fn join(target: &Target, diagram: &str, people: usize) -> Result<Self> {
        let base = u64::from(rand::random::<u32>() >> 1) + 1;
        let stage = Arc::new(Stage {
            stamps: Stamps::new(base, people, CLOCKS),
            base,
            edits: AtomicU64::new(0),
            over: AtomicBool::new(false),
            latency: (0..people).map(|_| Mutex::default()).collect(),
            early: (0..people).map(|_| Mutex::default()).collect(),
            problem: Mutex::default(),
        });
        let mut crowd = Self {
            stage: stage.clone(),
            people: Vec::new(),
            receiving: Vec::new(),
            working: Mutex::default(),
        };
        for index in 0..people {
            let doc = Arc::<Mutex<Doc>>::default();
            let mut receiver = Receiver {
                stage: stage.clone(),
                index,
                doc: doc.clone(),
                early: Vec::new(),
            };
            let chain = Arc::new(Chain::new(base + index as u64));
            let (session, mut inbox) = session::join(target, diagram, chain, &mut receiver).await?;
            crowd.people.push(Arc::new(Person {
                stage: stage.clone(),
                session: session.clone(),
                doc,
            }));
            let stage = stage.clone();
            crowd.receiving.push(tokio::spawn(async move {
                let closed = session::receive(&session, &mut inbox, &mut receiver).await;
                stage.problem(format!(
                    "a client was closed: {} {}",
                    closed.code, closed.reason
                ));
            }));
        }
        Ok(crowd)
    }

    /// Everybody begins.
    fn draw(&self, size: &Size, seed: u64) {
        let mut working = self.working.lock();
        for (index, person) in self.people.iter().enumerate() {
            let random = StdRng::seed_from_u64(seed.wrapping_add(index as u64));
            let one = person.clone();
            working.push(tokio::spawn(async move { one.work(index, random).await }));
            if index % DRAGGING == 0 {
                let one = person.clone();
                working.push(tokio::spawn(async move { one.wave(index).await }));
            }
        }
        debug_assert_eq!(self.people.len(), size.people);
    }

    /// Everybody stops; when all hold the same, that is it.
    async fn end(self) -> Result<BTreeMap<String, Value>> {
        self.stage.over.store(true, Ordering::Relaxed);
        let working = std::mem::take(&mut *self.working.lock());
        for task in working {
            task.await??;
        }
        let end = Instant::now() + PATIENCE;
        let plain = loop {
            if let Some(problem) = self.stage.problem.lock().take() {
                bail!(problem);
            }
            let plain = self.people[0].doc.lock().plain();
            let early = self
                .stage
                .early
                .iter()
                .find_map(|early| early.lock().clone());
            let mut others = self.people[1..].iter();
            if early.is_none() && others.all(|person| person.doc.lock().plain() == plain) {
                break plain;
            }
            ensure!(
                Instant::now() < end,
                "the clients differ after {PATIENCE:?}: {early:?}"
            );
            pause(100).await;
        };
        for task in &self.receiving {
            task.abort();
        }
        for person in &self.people {
            person.session.socket.close().await;
        }
        Ok(plain)
    }
}

/// What a newcomer is given, and what the server reads out of the document, is what everybody holds.
async fn agree(desk: &Desk, target: &Target, plain: &BTreeMap<String, Value>) -> Result<()> {
    let newcomer = Crowd::join(target, &desk.diagram, 1).await?.end().await?;
    same("a newcomer", plain, &newcomer)?;
    let exported: Value = serde_json::from_slice(&desk.export("json").await?)?;
    let mut projected = BTreeMap::new();
    for root in [SHAPES, CONNECTORS] {
        for element in exported[root].as_array().context("no list")? {
            let mut element = element.as_object().context("no object")?.clone();
            let id = element.remove("id").unwrap_or_default();
            let id = id.as_str().context("no id")?;
            projected.insert(format!("{root}/{id}"), Value::Object(element));
        }
    }
    same("the server's projection", plain, &projected)
}

fn same(who: &str, want: &BTreeMap<String, Value>, got: &BTreeMap<String, Value>) -> Result<()> {
    let keys = want.keys().chain(got.keys());
    let different: Vec<&String> = keys.filter(|key| want.get(*key) != got.get(*key)).collect();
    if let Some(first) = different.first() {
        bail!(
            "{who} differs from the clients in {} shapes or connectors; {first}: {:?} here, {:?} there",
            different.len(),
            want.get(*first),
            got.get(*first)
        );
    }
    Ok(())
}
