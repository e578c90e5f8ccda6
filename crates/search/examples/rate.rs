//! What the index alone does at 200,000 items: `cargo run --release -p search --example rate`. Without database and HTTP, so
//! that its share of a search is known; `bench search` measures the whole.

use std::time::Instant;

use model::{ItemId, ItemType, OrgId, ProjectId, Rng, SeededRng, Status, Timestamp};
use search::{Asked, Document, Index, Marker, Search, State, Writer};
use uuid::Uuid;

const ITEMS: u64 = 200_000;
const WORDS: usize = 20_000;

struct Text(SeededRng, Vec<String>);

impl Text {
    fn new() -> Self {
        let rng = SeededRng::new(1);
        let syllables = [
            "ba", "ce", "di", "fo", "gu", "sta", "tri", "plo", "ne", "var", "lon", "mis",
        ];
        let word = |_| {
            (0..2 + rng.next_u64() % 4)
                .map(|_| syllables[rng.next_u64() as usize % 12])
                .collect()
        };
        let words = (0..WORDS).map(word).collect();
        Self(rng, words)
    }

    /// By Zipf's law.
    fn line(&self, count: u64) -> String {
        let word = |_| {
            let share = (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
            self.1[((share * (WORDS as f64).ln()).exp() as usize).min(WORDS - 1)].as_str()
        };
        (0..count).map(word).collect::<Vec<_>>().join(" ")
    }
}

fn measure(index: &Index, name: &str, queries: &[String]) {
    let mut times: Vec<f64> = queries
        .iter()
        .map(|query| {
            let search = Search {
                asked: Asked::read(query),
                orgs: vec![OrgId(Uuid::from_u128(1))],
                ..Search::default()
            };
            let start = Instant::now();
            let found = index.search(&search, 0, 20).expect("a sound index");
            std::hint::black_box((found, Marker::new(&search.asked)));
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{name:16} p50 {:7.2} ms   p99 {:7.2} ms", at(0.5), at(0.99));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let text = Text::new();
    let mut writer = Writer::create(&folder.path().join("index"))?;
    let mut state = State {
        database: String::new(),
        cursor: 0,
        pass: 0,
        rebuild: None,
    };
    let start = Instant::now();
    let mut titles = Vec::new();
    for chunk in 0..ITEMS / 500 {
        let documents: Vec<Document> = (0..500)
            .map(|n| Document {
                id: ItemId(Uuid::from_u128(u128::from(chunk * 500 + n) << 64)),
                org: OrgId(Uuid::from_u128(1)),
                project: ProjectId(Uuid::from_u128(u128::from(chunk / 20))),
                title: text.line(5),
                item_type: ItemType::Task,
                status: Status::ALL[n as usize % Status::ALL.len()],
                assignees: Vec::new(),
                labels: Vec::new(),
                criteria: text.line(15),
                body: text.line(60),
                updated_at: Timestamp::from_micros((chunk * 500 + n) as i64),
            })
            .collect();
        titles.extend(
            documents
                .iter()
                .take(5)
                .map(|document| document.title.clone()),
        );
        writer.put(&documents, 0)?;
        if chunk % 10 == 9 {
            state.cursor += 1;
            writer.commit(&state)?;
        }
    }
    println!(
        "{:.0} items/s, a commit every 5,000",
        ITEMS as f64 / start.elapsed().as_secs_f64()
    );
    let index = writer.index();
    let words = |from: usize, count: usize| text.1[from..from + count].to_vec();
    let each = |words: Vec<String>, make: &dyn Fn(&str) -> String| {
        words.iter().map(|word| make(word)).collect::<Vec<_>>()
    };
    let swapped = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.swap(1, 2);
        letters.into_iter().collect::<String>()
    };
    measure(&index, "common word", &each(words(1, 200), &str::to_owned));
    measure(
        &index,
        "rare word",
        &each(words(15_000, 200), &str::to_owned),
    );
    measure(
        &index,
        "prefix of 1",
        &each(words(1, 200), &|word| word[..1].to_owned()),
    );
    measure(
        &index,
        "prefix of 3",
        &each(words(1, 200), &|word| word[..3].to_owned()),
    );
    measure(&index, "typo, rare", &each(words(15_000, 200), &swapped));
    measure(
        &index,
        "two words",
        &titles
            .iter()
            .take(200)
            .map(|t| t.split(' ').take(2).collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>(),
    );
    measure(
        &index,
        "two common",
        &each(words(1, 200), &|word| format!("{word} {}", text.1[3])),
    );
    measure(
        &index,
        "filtered",
        &each(words(1, 200), &|word| format!("{word} status:done")),
    );
    measure(
        &index,
        "filters alone",
        &vec!["status:done".to_owned(); 200],
    );
    for n in 0..20 {
        let start = Instant::now();
        writer.remove(&[ItemId(Uuid::from_u128(n << 64))]);
        writer.commit(&state)?;
        if n == 19 {
            println!(
                "a commit of one change: {:.1} ms",
                start.elapsed().as_secs_f64() * 1000.0
            );
        }
    }
    Ok(())
}
