//! Search: what is found, by whom, how soon, and whatever happens to the index.

use std::path::Path;
use std::time::Duration;

use model::Role;
use serde_json::{Value, json};
use server::AppConfig;

use crate::app::{Person, TestApp, config, text};

/// What a search answers, as soon as `good` says so.
async fn until(
    app: &TestApp,
    person: &Person,
    query: &str,
    good: impl Fn(&Value) -> bool,
) -> Value {
    let mut seen = Value::Null;
    for _ in 0..400 {
        seen = app
            .get(&format!("/search?{query}"), person)
            .await
            .expect(200);
        if good(&seen) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{query}: {seen}");
}

fn titles(results: &Value) -> Vec<String> {
    let hits = results["hits"].as_array().unwrap();
    hits.iter().map(|hit| text(&hit["item"]["title"])).collect()
}

/// Waits until exactly these are found, in any order.
async fn finds(app: &TestApp, person: &Person, query: &str, expected: &[&str]) -> Value {
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    until(app, person, query, |results| {
        let mut found = titles(results);
        found.sort_unstable();
        found == expected
    })
    .await
}

fn in_folder(folder: &Path) -> AppConfig {
    AppConfig {
        search_folder: Some(folder.to_owned()),
        ..config()
    }
}

async fn with_items(app: &TestApp, titles: &[&str]) -> (Person, String, Vec<String>) {
    let org = app.owner("o@x.io").await;
    let owner = app.login("o@x.io").await;
    let project = app.project(org, &owner).await;
    let mut ids = Vec::new();
    for title in titles {
        ids.push(app.item(&project, &owner, title).await);
    }
    (owner, project, ids)
}

store::db_test! {
    async fn items_are_found_as_they_change(db: store::Db) {
        let app = TestApp::new(db).await;
        let (owner, project, ids) = with_items(&app, &["Login page", "Logout button", "Überweisung"]).await;
        finds(&app, &owner, "q=log", &["Login page", "Logout button"]).await;
        finds(&app, &owner, "q=uberw", &["Überweisung"]).await;
        finds(&app, &owner, "q=nothing", &[]).await;
        finds(&app, &owner, "q=", &["Login page", "Logout button", "Überweisung"]).await;

        let hit = finds(&app, &owner, "q=login", &["Login page"]).await["hits"][0].clone();
        assert_eq!((&hit["item"]["id"], &hit["project"]["id"]), (&json!(ids[0]), &json!(project)));
        assert_eq!((&hit["project"]["key"], &hit["path"], &hit["snippet"]), (&json!("TREE"), &json!([]), &Value::Null));
        assert_eq!(hit["title"], json!({ "text": "Login page", "marks": [[0, 5]] }));

        // Renamed, moved, deleted, restored.
        app.patch(&format!("/items/{}", ids[0]), &owner, json!({ "title": "Sign-in page" })).await.expect(200);
        finds(&app, &owner, "q=sign", &["Sign-in page"]).await;
        finds(&app, &owner, "q=login", &[]).await;
        app.post(&format!("/items/{}/move", ids[1]), &owner, json!({ "parent": ids[0] })).await.expect(200);
        until(&app, &owner, "q=logout", |found| found["hits"][0]["path"] == json!(["Sign-in page"])).await;
        app.delete(&format!("/items/{}", ids[0]), &owner).await.expect(204);
        finds(&app, &owner, "q=", &["Überweisung"]).await;
        app.post(&format!("/items/{}/restore", ids[0]), &owner, Value::Null).await.expect(200);
        finds(&app, &owner, "q=page", &["Sign-in page"]).await;
        finds(&app, &owner, "q=logout", &["Logout button"]).await;
        app.stop().await;
    }

    async fn text_alone_is_found_with_a_snippet(db: store::Db) {
        let app = TestApp::new(db.clone()).await;
        let (owner, _, ids) = with_items(&app, &["A", "B"]).await;
        finds(&app, &owner, "q=", &["A", "B"]).await;
        // As the projection of a document writes it.
        let id = ids[0].parse().unwrap();
        let item = db.item(id).await.unwrap().unwrap();
        let written = db.upsert_item_projection(&store::ItemProjection {
            id,
            position: item.position + 100,
            title: item.title,
            item_type: item.item_type,
            status: item.status,
            priority: item.priority,
            assignees: item.assignees,
            labels: item.labels,
            estimate: None,
            start_date: None,
            due_date: None,
            criteria_total: item.criteria_total,
            criteria_done: 0,
            custom: item.custom,
            links: Vec::new(),
            mentions: Vec::new(),
            search_text: "The night shift 👩‍🚀 sees\nthe handover sheet; 全文検索".into(),
            updated_at: app.now(),
        }).await.unwrap().unwrap();
        assert!(!written.changed);
        let found = finds(&app, &owner, "q=handover", &["A"]).await;
        let snippet = &found["hits"][0]["snippet"];
        let units: Vec<u16> = text(&snippet["text"]).encode_utf16().collect();
        let (from, to) = (snippet["marks"][0][0].as_u64().unwrap(), snippet["marks"][0][1].as_u64().unwrap());
        assert_eq!(String::from_utf16(&units[from as usize..to as usize]).unwrap(), "handover");
        finds(&app, &owner, "q=%E6%A4%9C%E7%B4%A2", &["A"]).await;
        finds(&app, &owner, "q=%22night%20shift%22", &["A"]).await;
        finds(&app, &owner, "q=%22shift%20night%22", &[]).await;
        app.stop().await;
    }

    async fn filters_narrow_and_pages_follow(db: store::Db) {
        let app = TestApp::new(db).await;
        let names: Vec<String> = (0..7).map(|n| format!("Task {n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (owner, project, ids) = with_items(&app, &names).await;
        app.clock.advance_millis(1000);
        app.patch(&format!("/items/{}", ids[0]), &owner, json!({ "status": "done", "type": "epic", "labels": ["Needs Review", "b"] })).await.expect(200);
        app.patch(&format!("/items/{}", ids[1]), &owner, json!({ "status": "todo", "assignees": [owner.id] })).await.expect(200);
        for (query, expected) in [
            ("q=status:done", vec!["Task 0"]),
            ("status=done,todo", vec!["Task 0", "Task 1"]),
            ("status=done&status=todo&q=type:epic", vec!["Task 0"]),
            ("status=done&q=status:todo", vec![]),
            ("type=epic", vec!["Task 0"]),
            ("label=needs%20review", vec!["Task 0"]),
            ("q=label:%22NEEDS%20review%22%20label:b%20task", vec!["Task 0"]),
            ("label=b&label=c", vec![]),
            ("q=review", vec!["Task 0"]),
            ("q=assignee:me", vec!["Task 1"]),
            ("assignee=me&q=1", vec!["Task 1"]),
            ("q=assignee:oliv", vec!["Task 1"]),
            ("q=assignee:nobodyhere", vec![]),
            ("q=assignee:none%20status:done", vec!["Task 0"]),
            ("q=project:tree%20status:done", vec!["Task 0"]),
            ("q=project:OTHER", vec![]),
        ] {
            finds(&app, &owner, query, &expected).await;
        }
        finds(&app, &owner, &format!("project={project}&assignee={}", owner.id), &["Task 1"]).await;

        // Without text the latest change comes first. The rows' first projections are long over.
        app.clock.advance_millis(1000);
        app.patch(&format!("/items/{}", ids[1]), &owner, json!({ "status": "in_review" })).await.expect(200);
        until(&app, &owner, "", |results| titles(results).len() == names.len() && titles(results)[0] == "Task 1").await;
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = app.get(&format!("/search?q=task&limit=3{cursor}"), &owner).await.expect(200);
            seen.extend(titles(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, names);

        for bad in ["limit=0", "limit=51", "cursor=x", "cursor=99999", "status=lost", "type=saga", "organization=x", "project=x"] {
            app.get(&format!("/search?{bad}"), &owner).await.problem(400, "malformed");
        }
        app.get(&format!("/search?q={}", "x".repeat(501)), &owner).await.problem(422, "invalid");
        // Whatever is typed is no error.
        for odd in ["%22", "%00%01", "***", "status:", "a:b:c", "%F0%9F%9A%80", "(((", "%E2%80%8B", "+-%26%26%7C%7C!()%7B%7D%5B%5D%5E%7E*%3F%5C"] {
            finds(&app, &owner, &format!("q={odd}"), match odd { "a:b:c" | "status:" => &[], _ => &names }).await;
        }
        app.stop().await;
    }

    async fn nobody_finds_what_is_not_theirs(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let elsewhere = app.owner("e@x.io").await;
        let member = app.account("m@x.io", Some((org, Role::Viewer))).await;
        let (owner, stranger, mia) = (app.login("o@x.io").await, app.login("e@x.io").await, app.login("m@x.io").await);
        let (ours, also, theirs) = (app.project(org, &owner).await, app.project(org, &owner).await, app.project(elsewhere, &stranger).await);
        app.item(&ours, &owner, "Secret apple").await;
        app.item(&also, &owner, "Secret pear").await;
        app.item(&theirs, &stranger, "Secret plum").await;
        finds(&app, &owner, "q=secret", &["Secret apple", "Secret pear"]).await;
        finds(&app, &mia, "q=secret", &["Secret apple", "Secret pear"]).await;
        finds(&app, &stranger, "q=secret", &["Secret plum"]).await;
        finds(&app, &stranger, "", &["Secret plum"]).await;
        finds(&app, &stranger, "q=apple", &[]).await;
        finds(&app, &stranger, "q=project:tree", &["Secret plum"]).await;
        finds(&app, &stranger, &format!("q=project:{ours}"), &[]).await;
        finds(&app, &stranger, &format!("q=assignee:{}", owner.id), &[]).await;
        // Word for word what a thing that doesn't exist answers.
        let nothing = model::ItemId::new(&*app.clock, &*app.rng).to_string();
        for (param, id) in [("organization", &org.to_string()), ("project", &ours)] {
            let there = app.get(&format!("/search?{param}={id}"), &stranger).await;
            let unknown = app.get(&format!("/search?{param}={nothing}"), &stranger).await;
            assert_eq!((there.status.as_u16(), &there.text), (404, &unknown.text));
        }
        finds(&app, &owner, &format!("organization={org}&project={also}"), &["Secret pear"]).await;

        // Who belongs to both finds both; who is removed finds nothing, at once.
        let path = format!("/organizations/{org}/members/{member}");
        app.delete(&path, &owner).await.expect(204);
        let results = app.get("/search?q=secret", &mia).await.expect(200);
        assert_eq!(titles(&results), Vec::<String>::new());
        app.get(&format!("/search?organization={org}"), &mia).await.problem(404, "not-found");

        // A deleted project's items are gone at once, too, before the index knows.
        app.delete(&format!("/projects/{ours}"), &owner).await.expect(204);
        let results = app.get("/search?q=secret", &owner).await.expect(200);
        assert_eq!(titles(&results), ["Secret pear"]);
        app.get(&format!("/search?project={ours}"), &owner).await.problem(404, "not-found");
        app.get("/search?q=x", &Person { token: String::new(), ..owner }).await.problem(401, "unauthenticated");
        app.stop().await;
    }

    async fn hits_that_are_gone_are_made_up_for(db: store::Db) {
        let app = TestApp::new(db.clone()).await;
        let (owner, project, _) = with_items(&app, &["Keep one", "Keep two"]).await;
        let mut gone = Vec::new();
        for n in 0..6 {
            gone.push(app.item(&project, &owner, &format!("Keep not {n}")).await);
        }
        until(&app, &owner, "q=keep", |found| titles(found).len() == 8).await;
        for id in &gone {
            app.delete(&format!("/items/{id}"), &owner).await.expect(204);
        }
        // The latest ones would have come first.
        let results = app.get("/search?q=keep&limit=2", &owner).await.expect(200);
        let mut found = titles(&results);
        found.sort_unstable();
        assert_eq!(found, ["Keep one", "Keep two"]);
        app.stop().await;
    }

    async fn the_index_survives_whatever_happens_to_its_folder(db: store::Db) {
        // Each start draws numbers of its own.
        let starts = std::cell::Cell::new(0);
        let next = || {
            starts.set(starts.get() + 1);
            starts.get()
        };
        let folder = tempfile::tempdir().unwrap();
        let index = folder.path().join("index");
        let app = TestApp::start(db.clone(), in_folder(folder.path()), next()).await;
        let (owner, project, ids) = with_items(&app, &["First", "Second"]).await;
        let all = until(&app, &owner, "", |found| titles(found).len() == 2 && found["indexing"] == false).await;
        assert!(index.join("meta.json").is_file());
        assert_eq!(all["next_cursor"], Value::Null);
        app.stop().await;

        // What changed while no index was kept.
        let quiet = TestApp::start(db.clone(), config(), next()).await;
        let (dina, found) = (quiet.login("o@x.io").await, &["First", "Second", "Third"]);
        quiet.item(&project, &dina, "Third").await;
        quiet.delete(&format!("/items/{}", ids[0]), &dina).await.expect(204);
        quiet.post(&format!("/items/{}/restore", ids[0]), &dina, Value::Null).await.expect(200);
        finds(&quiet, &dina, "q=", found).await;
        quiet.stop().await;
        let again = async |name: &str, expected: &[&str]| {
            let app = TestApp::start(db.clone(), in_folder(folder.path()), next()).await;
            let person = app.login("o@x.io").await;
            until(&app, &person, "", |found| found["indexing"] == false).await;
            let mut seen = titles(&app.get("/search", &person).await.expect(200));
            seen.sort_unstable();
            assert_eq!(seen, expected, "{name}");
            app.stop().await;
        };
        again("it catches up", found).await;

        // What merged segments leave behind may still be written or removed.
        while std::fs::remove_dir_all(&index).is_err() {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        again("missing", found).await;
        let files = || std::fs::read_dir(&index).unwrap().map(|entry| entry.unwrap().path());
        for path in files().filter(|path| path.extension().is_some_and(|e| e == "term" || e == "idx")) {
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            std::fs::write(&path, bytes).unwrap();
        }
        again("a flipped bit", found).await;
        for path in files().filter(|path| path.extension().is_some_and(|e| e == "fast")) {
            std::fs::write(&path, "").unwrap();
        }
        again("emptied", found).await;
        std::fs::write(index.join("meta.json"), "{}").unwrap();
        again("no meta", found).await;
        let meta = std::fs::read_to_string(index.join("meta.json")).unwrap();
        std::fs::write(index.join("meta.json"), meta.replace("\\\"schema\\\":", "\\\"schema\\\":9")).unwrap();
        again("another release", found).await;
        let meta = std::fs::read_to_string(index.join("meta.json")).unwrap();
        assert!(meta.contains("\\\"schema\\\":1,"), "{meta}");
        std::fs::write(index.join("meta.json"), meta.replace("\\\"database\\\":\\\"", "\\\"database\\\":\\\"x")).unwrap();
        again("another database", found).await;

        // Further behind than the outbox goes. An item whose row is gone altogether goes too.
        let quiet = TestApp::start(db.clone(), config(), next()).await;
        let dina = quiet.login("o@x.io").await;
        quiet.patch(&format!("/items/{}", ids[1]), &dina, json!({ "title": "2nd" })).await.expect(200);
        finds(&quiet, &dina, "q=2nd", &["2nd"]).await;
        quiet.delete(&format!("/items/{}", ids[0]), &dina).await.expect(204);
        quiet.stop().await;
        while db.prune_search_outbox(model::Timestamp::from_micros(i64::MAX), 0, 1000).await.unwrap() > 0 {}
        again("behind the horizon", &["2nd", "Third"]).await;
    }

    async fn an_index_is_built_anew_on_demand(db: store::Db) {
        let folder = tempfile::tempdir().unwrap();
        let app = TestApp::with(db.clone(), in_folder(folder.path())).await;
        let (owner, ..) = with_items(&app, &["First", "Second"]).await;
        until(&app, &owner, "", |found| titles(found).len() == 2 && found["indexing"] == false).await;
        assert!(server::search::is_in_use(folder.path()));
        let elsewhere = server::search::rebuild(&db, folder.path()).await;
        assert!(elsewhere.is_err(), "not under the feet of the server");
        // While it runs; what there is is found all the time.
        server::search::ask_for_rebuild(folder.path()).unwrap();
        for _ in 0..400 {
            assert_eq!(titles(&app.get("/search", &owner).await.expect(200)).len(), 2);
            if !folder.path().join("rebuild").exists() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert!(!folder.path().join("rebuild").exists());
        until(&app, &owner, "", |found| titles(found).len() == 2 && found["indexing"] == false).await;
        app.stop().await;
        // While it is stopped.
        assert!(!server::search::is_in_use(folder.path()));
        assert_eq!(server::search::rebuild(&db, folder.path()).await.unwrap(), 2);
        let app = TestApp::start(db.clone(), in_folder(folder.path()), 9).await;
        let owner = app.login("o@x.io").await;
        finds(&app, &owner, "q=first", &["First"]).await;
        app.stop().await;
    }
}
