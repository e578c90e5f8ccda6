//! Search at 200,000 items: how long a query takes, how fast the index follows, how soon a change is found.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::Options;
use crate::http;
use crate::measure::Histogram;
use crate::report::Report;
use crate::server::{Contender, Server};
use crate::wire::Protocol;

/// Writers of the load under which freshness is measured.
const WRITERS: usize = 16;

pub(crate) async fn run(options: &Options) -> Result<()> {
    let (items, queries, changes, seconds) = if options.quick {
        (2_000, 20, 5, 2)
    } else {
        (200_000, 300, 60, 15)
    };
    let mut report = Report::new("search", &["p50 ms", "p99 ms", "hits", "per s"]);
    println!("search: {items} items, {queries} queries of each sort");
    let contender = Contender::Canopy {
        protocol: Protocol::YWebsocket,
        bin: options.bin()?,
        database: None,
    };
    let mut server = contender.start().await?;
    let start = Instant::now();
    server.seed(items).await?;
    println!("  seeded in {:.0} s", start.elapsed().as_secs_f64());

    // The server was started after seeding: it follows everything that happened.
    let start = Instant::now();
    server.follow_search(items).await?;
    let followed = items as f64 / start.elapsed().as_secs_f64();
    report.row("following, items", &[None, None, None, Some(followed)]);
    server.rebuild_search()?;
    let start = Instant::now();
    // It is asked for once a second.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    server.follow_search(items).await?;
    let rebuilt = items as f64 / (start.elapsed().as_secs_f64() - 0.5).max(0.1);
    report.row("building anew, items", &[None, None, None, Some(rebuilt)]);
    report.bar(
        format!("indexing {:.0} items/s (>= 1,000)", followed.min(rebuilt)),
        followed.min(rebuilt) >= 1000.0,
    );

    let sample = Sample::take(&mut server).await?;
    for (sort, queries) in sample.queries(queries) {
        let figures = ask(&mut server, &queries).await?;
        report.row(sort, &figures.map(Some));
        report.bar(
            format!("{sort}: p99 {:.1} ms (<= 50)", figures[1]),
            figures[1] <= 50.0,
        );
    }

    let quiet = freshness(&mut server, &sample, changes).await?;
    fresh_row(&mut report, "found after a change", &quiet, None);
    let (loaded, rate) = under_load(&mut server, &sample, changes, seconds).await?;
    fresh_row(
        &mut report,
        "found after a change, under load",
        &loaded,
        Some(rate),
    );
    let all: Vec<String> = sample
        .queries(queries)
        .into_iter()
        .flat_map(|(_, q)| q)
        .collect();
    let figures = loaded_queries(&mut server, &sample, &all, seconds).await?;
    report.row("all sorts, under load", &figures.map(Some));
    report.note(
        "under load: as many edits/s as 16 callers of the API can make; \"per s\" is how many",
    );
    report.note(format!(
        "memory of the server: {:.0} MiB",
        server.rss_kib() / 1024.0
    ));
    server.stop().await?;
    report.finish()
}

fn fresh_row(report: &mut Report, name: &str, times: &Histogram, rate: Option<f64>) {
    let (p50, p99) = (times.quantile_ms(0.5), times.quantile_ms(0.99));
    report.row(name, &[Some(p50), Some(p99), None, rate]);
    report.bar(format!("{name}: p99 {p99:.0} ms (<= 1,000)"), p99 <= 1000.0);
}

/// What the items are about, as a client sees it.
struct Sample {
    project: String,
    items: Vec<String>,
    /// Words of titles, the commonest first, and how often they stand there.
    words: Vec<(String, usize)>,
    /// Words beside each other in one title.
    pairs: Vec<(String, String)>,
}

impl Sample {
    async fn take(server: &mut Server) -> Result<Self> {
        let (authority, token, organization) = server.account().await?;
        let get =
            async |path: String| http::json("GET", &authority, &path, Some(&token), None).await;
        let projects = get(format!("/api/v1/organizations/{organization}/projects")).await?;
        let project = projects["projects"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|project| {
                project["key"]
                    .as_str()
                    .is_some_and(|key| key.starts_with("SEED"))
            })
            .and_then(|project| project["id"].as_str())
            .context("no seeded project")?
            .to_owned();
        let mut items = Vec::new();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut pairs = Vec::new();
        let page = get(format!("/api/v1/projects/{project}/items?limit=1000")).await?;
        for item in page["items"].as_array().into_iter().flatten() {
            let title = item["title"].as_str().unwrap_or_default().to_lowercase();
            let words: Vec<&str> = title.split(' ').collect();
            for word in &words {
                *counts.entry((*word).to_owned()).or_default() += 1;
            }
            if let [first, second, ..] = words.as_slice() {
                pairs.push(((*first).to_owned(), (*second).to_owned()));
            }
            items.push(item["id"].as_str().unwrap_or_default().to_owned());
        }
        let mut words: Vec<(String, usize)> = counts.into_iter().collect();
        words.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        if words.len() < 50 {
            bail!("too few different words to search for");
        }
        Ok(Self {
            project,
            items,
            words,
            pairs,
        })
    }

    /// The sorts of queries, so many of each.
    fn queries(&self, count: usize) -> Vec<(&'static str, Vec<String>)> {
        let common: Vec<&str> = self
            .words
            .iter()
            .take(20)
            .map(|(word, _)| word.as_str())
            .collect();
        let rare: Vec<&str> = self
            .words
            .iter()
            .rev()
            .take_while(|(_, times)| *times == 1)
            .map(|(word, _)| word.as_str())
            .filter(|word| word.len() >= 5)
            .collect();
        let turn = |words: &[&str], make: &dyn Fn(&str, usize) -> String| -> Vec<String> {
            let words = words.iter().cycle().take(count).enumerate();
            words.map(|(n, word)| make(word, n)).collect()
        };
        let pairs: Vec<String> = self
            .pairs
            .iter()
            .cycle()
            .take(count)
            .map(|(a, b)| format!("q={a}%20{b}"))
            .collect();
        let typing: Vec<String> = rare
            .iter()
            .flat_map(|word| (1..=word.len()).map(move |end| format!("q={}", &word[..end])))
            .take(count)
            .collect();
        vec![
            ("common word", turn(&common, &|word, _| format!("q={word}"))),
            ("rare word", turn(&rare, &|word, _| format!("q={word}"))),
            (
                "prefix of 1",
                turn(&rare, &|word, _| format!("q={}", &word[..1])),
            ),
            (
                "prefix of 3",
                turn(&rare, &|word, _| format!("q={}", &word[..3])),
            ),
            ("as one types", typing),
            (
                "typo, common",
                turn(&common, &|word, n| format!("q={}", mistype(word, n))),
            ),
            (
                "typo, rare",
                turn(&rare, &|word, n| format!("q={}", mistype(word, n))),
            ),
            ("two words", pairs),
            (
                "two common words",
                turn(&common, &|word, n| {
                    format!("q={word}%20{}", common[(n + 1) % common.len()])
                }),
            ),
            (
                "phrase",
                self.pairs
                    .iter()
                    .cycle()
                    .take(count)
                    .map(|(a, b)| format!("q=%22{a}%20{b}%22"))
                    .collect(),
            ),
            (
                "filtered",
                turn(&common, &|word, _| {
                    format!(
                        "q={word}%20status:done%20assignee:me&project={}&type=epic,task",
                        self.project
                    )
                }),
            ),
            (
                "filters alone",
                turn(&common, &|_, _| "status=todo&type=story".into()),
            ),
            ("nothing", turn(&rare, &|word, n| format!("q={word}xqz{n}"))),
        ]
    }
}

/// Two neighbours swapped, somewhere behind the first letter.
fn mistype(word: &str, n: usize) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() > 3 {
        let at = 1 + n % (letters.len() - 2);
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

async fn search(authority: &str, token: &str, query: &str) -> Result<Value> {
    let path = format!("/api/v1/search?{query}");
    http::json("GET", authority, &path, Some(token), None).await
}

/// p50, p99, hits a query, queries/s: one after the other, a connection each.
async fn ask(server: &mut Server, queries: &[String]) -> Result<[f64; 4]> {
    let (authority, token, _) = server.account().await?;
    for query in queries.iter().take(10) {
        search(&authority, &token, query).await?;
    }
    let mut times = Histogram::default();
    let mut hits = 0;
    let start = Instant::now();
    for query in queries {
        let asked = Instant::now();
        let results = search(&authority, &token, query).await?;
        times.add(asked.elapsed().as_micros() as u64);
        hits += results["hits"].as_array().map_or(0, Vec::len);
    }
    let count = queries.len() as f64;
    Ok([
        times.quantile_ms(0.5),
        times.quantile_ms(0.99),
        hits as f64 / count,
        count / start.elapsed().as_secs_f64(),
    ])
}

async fn retitle(authority: &str, token: &str, item: &str, title: &str) -> Result<()> {
    let path = format!("/api/v1/items/{item}");
    let body = json!({ "title": title });
    http::json("PATCH", authority, &path, Some(token), Some(&body)).await?;
    Ok(())
}

/// From sending a change to finding it.
async fn freshness(server: &mut Server, sample: &Sample, changes: usize) -> Result<Histogram> {
    let (authority, token, _) = server.account().await?;
    let mut times = Histogram::default();
    let run: u32 = rand::random();
    for (n, item) in sample.items.iter().cycle().take(changes).enumerate() {
        let word = format!("fresh{run:08x}n{n}");
        let sent = Instant::now();
        retitle(&authority, &token, item, &format!("Now {word}")).await?;
        loop {
            let found = search(&authority, &token, &format!("q={word}")).await?;
            if found["hits"][0]["item"]["id"] == item.as_str() {
                break;
            }
            if sent.elapsed() > Duration::from_secs(30) {
                bail!("a change was not found within 30 s");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        times.add(sent.elapsed().as_micros() as u64);
    }
    Ok(times)
}

/// Callers that change titles as fast as they can.
struct Load {
    stop: Arc<AtomicBool>,
    made: Arc<AtomicUsize>,
    since: Instant,
    writers: Vec<tokio::task::JoinHandle<Result<()>>>,
}

impl Load {
    async fn start(server: &mut Server, sample: &Sample) -> Result<Self> {
        let (authority, token, _) = server.account().await?;
        let stop = Arc::new(AtomicBool::new(false));
        let made = Arc::new(AtomicUsize::new(0));
        let writers = (0..WRITERS)
            .map(|writer| {
                let (authority, token) = (authority.clone(), token.clone());
                let (stop, made) = (stop.clone(), made.clone());
                // Not those that freshness is measured with.
                let items: Vec<String> = sample
                    .items
                    .iter()
                    .rev()
                    .skip(writer)
                    .step_by(WRITERS)
                    .take(50)
                    .cloned()
                    .collect();
                tokio::spawn(async move {
                    for (n, item) in items.iter().cycle().enumerate() {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        retitle(&authority, &token, item, &format!("Busy title {n}")).await?;
                        made.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        Ok(Self {
            stop,
            made,
            since: Instant::now(),
            writers,
        })
    }

    /// How many edits a second there were.
    async fn end(self) -> Result<f64> {
        self.stop.store(true, Ordering::Relaxed);
        let rate = self.made.load(Ordering::Relaxed) as f64 / self.since.elapsed().as_secs_f64();
        for writer in self.writers {
            writer.await??;
        }
        Ok(rate)
    }
}

async fn under_load(
    server: &mut Server,
    sample: &Sample,
    changes: usize,
    seconds: u64,
) -> Result<(Histogram, f64)> {
    let load = Load::start(server, sample).await?;
    tokio::time::sleep(Duration::from_secs(seconds / 5)).await;
    let times = freshness(server, sample, changes / 2).await?;
    Ok((times, load.end().await?))
}

async fn loaded_queries(
    server: &mut Server,
    sample: &Sample,
    queries: &[String],
    seconds: u64,
) -> Result<[f64; 4]> {
    let load = Load::start(server, sample).await?;
    tokio::time::sleep(Duration::from_secs(seconds / 5)).await;
    let some: Vec<String> = queries.iter().step_by(7).cloned().collect();
    let [p50, p99, hits, _] = ask(server, &some).await?;
    Ok([p50, p99, hits, load.end().await?])
}
