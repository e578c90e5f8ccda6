//! What is found, in which order, and what the index does about trouble.

use std::path::{Path, PathBuf};

use model::{ItemId, ItemType, OrgId, ProjectId, Status, Timestamp, UserId};
use proptest::prelude::*;
use search::*;
use uuid::Uuid;

fn org(n: u128) -> OrgId {
    OrgId(Uuid::from_u128(n))
}

fn project(n: u128) -> ProjectId {
    ProjectId(Uuid::from_u128(100 + n))
}

fn person(n: u128) -> UserId {
    UserId(Uuid::from_u128(200 + n))
}

fn document(n: u128, title: &str) -> Document {
    Document {
        id: ItemId(Uuid::from_u128(n << 64 | n)),
        org: org(1),
        project: project(1),
        title: title.into(),
        item_type: ItemType::Story,
        status: Status::Todo,
        assignees: Vec::new(),
        labels: Vec::new(),
        criteria: String::new(),
        body: String::new(),
        updated_at: Timestamp::from_micros(n as i64),
    }
}

fn state() -> State {
    State {
        database: "d".into(),
        cursor: 7,
        pass: 0,
        rebuild: None,
    }
}

fn index(documents: &[Document]) -> Index {
    let mut writer = Writer::in_memory().unwrap();
    writer.put(documents, 0).unwrap();
    writer.commit(&state()).unwrap();
    writer.index()
}

fn titles(all: &[&str]) -> Index {
    let documents: Vec<Document> = (1..)
        .zip(all)
        .map(|(n, title)| document(n, title))
        .collect();
    index(&documents)
}

fn ask(query: &str) -> Search {
    Search {
        asked: Asked::read(query),
        orgs: vec![org(1)],
        projects: None,
        assignees: None,
    }
}

/// The numbers of what is found, best first.
fn numbers(index: &Index, search: &Search) -> Vec<u128> {
    let found = index.search(search, 0, 50).unwrap();
    assert!(!found.more);
    found.items.iter().map(|id| id.0.as_u128() >> 64).collect()
}

fn find(index: &Index, query: &str) -> Vec<u128> {
    numbers(index, &ask(query))
}

fn sorted(mut numbers: Vec<u128>) -> Vec<u128> {
    numbers.sort_unstable();
    numbers
}

#[test]
fn as_typed_before_the_beginning_of_a_word_before_mistyped() {
    let index = titles(&["Schedules", "Shedule", "A schedule", "Planner"]);
    assert_eq!(find(&index, "schedule"), [3, 1, 2]);
    assert_eq!(find(&index, "sched"), [3, 1, 2]);
    assert_eq!(
        find(&index, "sch"),
        [3, 1],
        "too short for a typo; latest first"
    );
    // One edit from four letters on, two from eight; a swap of neighbours is one.
    let index = titles(&["form", "notification"]);
    for (query, found) in [
        ("frm", vec![]),
        ("from", vec![1]),
        ("forn", vec![1]),
        ("fomr", vec![1]),
        ("frmo", vec![]),
        ("notifcatoin", vec![2]),
        ("ntfication", vec![2]),
        ("ntfcation", vec![]),
        ("notfi", vec![2]),
    ] {
        assert_eq!(find(&index, query), found, "{query}");
    }
}

#[test]
fn a_title_counts_more_than_labels_criteria_and_text() {
    let mut all: Vec<Document> = (1..=5).map(|n| document(n, "Something")).collect();
    all[0].body = "the parser parser parser parser".into();
    all[1].criteria = "A parser".into();
    all[2].labels = vec!["Parser team".into()];
    all[3].title = "A long title that has a parser somewhere in it".into();
    all[4].title = "Parsers".into();
    assert_eq!(find(&index(&all), "parser"), [4, 3, 5, 2, 1]);
}

#[test]
fn all_words_and_side_by_side_first() {
    let index = titles(&["page of the login", "login page", "login", "the page"]);
    assert_eq!(find(&index, "login page"), [2, 1]);
    assert_eq!(find(&index, "log pag"), [2, 1]);
    assert_eq!(find(&index, "\"login page\""), [2]);
    assert_eq!(find(&index, "\"page login\""), []);
    assert_eq!(find(&index, "\"page\" log"), [2, 1]);
}

#[test]
fn what_is_equal_is_latest_first() {
    let mut all: Vec<Document> = (1..=4).map(|n| document(n, "Same title")).collect();
    all[1].updated_at = Timestamp::from_micros(99);
    let index = index(&all);
    assert_eq!(find(&index, "same"), [2, 4, 3, 1]);
    assert_eq!(find(&index, ""), [2, 4, 3, 1]);
    let search = ask("title");
    let first = index.search(&search, 0, 3).unwrap();
    let second = index.search(&search, 3, 3).unwrap();
    assert!(first.more && !second.more);
    assert_eq!((first.items.len(), second.items.len()), (3, 1));
    assert!(!index.search(&search, 90, 3).unwrap().more);
}

#[test]
fn every_script_is_found() {
    let index = titles(&[
        "全文検索の機能",
        "用户登录页面",
        "검색 기능을 추가",
        "การค้นหาข้อความ",
        "Größe ändern",
        "Поиск по ёлкам",
        "البحث في النص",
    ]);
    for (query, found) in [
        ("検索", 1),
        ("検", 1),
        ("能", 1),
        ("検索の機能", 1),
        ("登录", 2),
        ("页", 2),
        ("검색", 3),
        ("기능", 3),
        ("ค้นหา", 4),
        ("grosse", 5),
        ("GRÖSSE", 5),
        ("andern", 5),
        ("елкам", 6),
        ("البحث", 7),
    ] {
        assert_eq!(find(&index, query), [found], "{query}");
    }
    assert_eq!(find(&index, "登面"), []);
}

#[test]
fn filters_and_places() {
    let mut all: Vec<Document> = (1..=4).map(|n| document(n, "Thing")).collect();
    all[0].status = Status::Done;
    all[1].labels = vec!["Größe XL".into()];
    all[1].assignees = vec![person(1), person(2)];
    all[2].project = project(2);
    all[3].org = org(2);
    let index = index(&all);
    assert_eq!(sorted(find(&index, "thing")), [1, 2, 3]);
    assert_eq!(find(&index, "status:done"), [1]);
    assert_eq!(find(&index, "label:\"grosse xl\""), [2]);
    assert_eq!(find(&index, "label:grosse"), []);
    let with = |change: fn(&mut Search)| {
        let mut search = ask("thing");
        change(&mut search);
        sorted(numbers(&index, &search))
    };
    assert_eq!(with(|s| s.orgs = vec![]), []);
    assert_eq!(with(|s| s.orgs = vec![org(2)]), [4]);
    assert_eq!(with(|s| s.orgs = vec![org(1), org(2)]), [1, 2, 3, 4]);
    assert_eq!(with(|s| s.projects = Some(vec![project(2)])), [3]);
    assert_eq!(with(|s| s.projects = Some(vec![])), []);
    assert_eq!(with(|s| s.assignees = Some(vec![person(2)])), [2]);
    assert_eq!(with(|s| s.assignees = Some(vec![NOBODY])), [1, 3]);
    assert_eq!(
        with(|s| s.assignees = Some(vec![NOBODY, person(1)])),
        [1, 2, 3]
    );
}

#[test]
fn items_change_and_go() {
    let mut writer = Writer::in_memory().unwrap();
    let index = writer.index();
    writer
        .put(
            &[document(1, "old"), document(2, "two"), document(3, "three")],
            0,
        )
        .unwrap();
    assert!(index.is_empty(), "not before the commit");
    writer.commit(&state()).unwrap();
    assert_eq!(index.len(), 3);
    writer.put(&[document(1, "new")], 1).unwrap();
    writer.remove(&[document(2, "").id]);
    writer.commit(&state()).unwrap();
    assert_eq!(
        (
            find(&index, "old"),
            find(&index, "new"),
            find(&index, "two")
        ),
        (vec![], vec![1], vec![])
    );
    writer.sweep(1);
    writer.commit(&state()).unwrap();
    assert_eq!(find(&index, ""), [1]);
    writer
        .put(
            &[Document {
                project: project(9),
                ..document(4, "four")
            }],
            1,
        )
        .unwrap();
    writer.remove_project(project(1));
    writer.commit(&state()).unwrap();
    assert_eq!(find(&index, ""), [4]);
}

fn reason(folder: &Path) -> String {
    match Writer::open(folder) {
        Ok(_) => "fine".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_folder_keeps_it_and_says_what_is_wrong() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("index");
    assert!(reason(&folder).contains("there is none"));
    let mut writer = Writer::create(&folder).unwrap();
    writer.put(&[document(1, "kept")], 0).unwrap();
    writer.commit(&state()).unwrap();
    writer.put(&[document(2, "lost")], 0).unwrap();
    assert!(matches!(Writer::open(&folder), Err(Error::InUse)));
    assert!(matches!(Writer::create(&folder), Err(Error::InUse)));
    drop(writer);
    let (writer, found) = Writer::open(&folder).unwrap();
    assert_eq!(found, state());
    assert_eq!(find(&writer.index(), ""), [1]);
    drop(writer);

    let terms: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "term"))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        // Of what wasn't committed.
        .filter(|(_, bytes)| !bytes.is_empty())
        .collect();
    assert!(!terms.is_empty());
    for (path, bytes) in &terms {
        let mut broken = bytes.clone();
        broken[3] ^= 1;
        std::fs::write(path, &broken).unwrap();
    }
    assert!(
        reason(&folder).contains("is damaged"),
        "{}",
        reason(&folder)
    );
    for (path, bytes) in &terms {
        std::fs::write(path, &bytes[..5]).unwrap();
    }
    assert!(matches!(Writer::open(&folder), Err(Error::Unusable(_))));
    for (path, _) in &terms {
        std::fs::remove_file(path).unwrap();
    }
    assert!(matches!(Writer::open(&folder), Err(Error::Unusable(_))));
    std::fs::write(folder.join("meta.json"), "\0").unwrap();
    assert!(matches!(Writer::open(&folder), Err(Error::Unusable(_))));
    let writer = Writer::create(&folder).unwrap();
    assert!(writer.index().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_can_be_searched_for(query in "(\\PC{0,8} ?){0,6}", more in "(status:|label:|\"|,|a|検| |“|”|gro){0,20}") {
        let index = titles(&["Größe", "全文検索", "a b c"]);
        for query in [query, more] {
            index.search(&ask(&query), 0, 10).unwrap();
        }
    }

    #[test]
    fn a_word_of_a_title_finds_it(title in "\\PC{1,40}", pick in 0usize..9) {
        let index = titles(&[&title]);
        let parts: Vec<&str> = title.split_whitespace().collect();
        prop_assume!(!parts.is_empty());
        let part = parts[pick % parts.len()];
        let search = ask(part);
        prop_assume!(search.asked.has_text());
        prop_assert_eq!(find(&index, part), vec![1]);
    }
}
