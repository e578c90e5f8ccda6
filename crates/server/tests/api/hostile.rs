//! What somebody might try with imports, exports and what they name.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{Request, header};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use model::{OrgId, Role};
use serde_json::{Value, json};

use crate::app::{Person, Reply, TestApp, request, text};
use crate::files::bytes_of;

struct World {
    app: TestApp,
    org: OrgId,
    owner: Person,
    project: String,
}

impl World {
    async fn new(db: store::Db) -> Self {
        let app = TestApp::new(db).await;
        let (org, owner, project) = Self::tenant(&app, "o@x.io").await;
        Self {
            app,
            org,
            owner,
            project,
        }
    }

    /// An organization's owner, and a project of it.
    async fn tenant(app: &TestApp, email: &str) -> (OrgId, Person, String) {
        let org = app.owner(email).await;
        let owner = app.login(email).await;
        let project = app.project(org, &owner).await;
        (org, owner, project)
    }

    async fn bring(&self, query: &str, body: Body) -> Reply {
        bring(&self.app, &self.project, &self.owner, query, body).await
    }

    /// Imports a file of ours; the items that it makes, in its order.
    async fn import(&self, package: &Value) -> Vec<Value> {
        let made = self.bring("name=a.json", package.to_string().into()).await;
        let one = format!("/imports/{}", text(&made.expect(201)["id"]));
        let run = format!("{one}/run");
        let run = self.app.post(&run, &self.owner, Value::Null).await;
        run.expect(202);
        self.until(&one, "done").await;
        let listed = format!("/projects/{}/items", self.project);
        let listed = self.app.get(&listed, &self.owner).await.expect(200);
        listed["items"].as_array().unwrap().clone()
    }

    async fn until(&self, one: &str, state: &str) -> Value {
        let mut seen = Value::Null;
        for _ in 0..2_400 {
            seen = self.app.get(one, &self.owner).await.expect(200);
            if seen["state"] == state {
                return seen;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("never {state}: {seen}");
    }

    async fn export(&self, person: &Person, format: &str) -> Bytes {
        let path = format!("/projects/{}/export?format={format}", self.project);
        let request = request("GET", &path, &person.token, Value::Null, &[]);
        let (status, _, bytes) = bytes_of(&self.app, request).await;
        assert_eq!(status, 200);
        bytes
    }
}

async fn bring(app: &TestApp, project: &str, person: &Person, query: &str, body: Body) -> Reply {
    let request = Request::post(format!("/api/v1/projects/{project}/imports?{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .body(body);
    app.send(request.unwrap()).await
}

fn package(description: Value) -> Value {
    json!({ "format": "canopy/1", "items": [{ "id": "1", "title": "Spy", "description": description }] })
}

store::db_test! {
    async fn naming_what_is_somebody_elses_shows_nothing_of_it(db: store::Db) {
        let world = World::new(db).await;
        let app = &world.app;
        let (_, stranger, theirs) = World::tenant(app, "s@y.io").await;
        let file = app.new_id();
        let path = format!("/projects/{theirs}/files/{file}?name=hush.txt");
        app.upload(&path, &stranger, b"hush hush").await.expect(201);
        let item = app.item(&theirs, &stranger, "Hush").await;
        let spied = world.import(&package(json!({ "type": "doc", "content": [
            { "type": "paragraph", "content": [
                { "type": "itemLink", "attrs": { "id": item, "label": "x" } },
                { "type": "mention", "attrs": { "id": stranger.id, "label": "y" } },
                { "type": "mention", "attrs": { "id": "user:s@y.io", "label": "z" } },
            ] },
            { "type": "image", "attrs": { "file": file } },
            { "type": "file", "attrs": { "file": file } },
        ] }))).await;
        let spy = text(&spied[0]["id"]);
        let copied = app.post(&format!("/items/{spy}/duplicate"), &world.owner, json!({})).await.expect(201);
        let mut seen = Vec::new();
        for format in ["json", "csv", "markdown"] {
            seen.push(String::from_utf8_lossy(&world.export(&world.owner, format).await).to_lowercase());
        }
        for one in [spy.clone(), text(&copied["root"])] {
            seen.push(app.get(&format!("/items/{one}"), &world.owner).await.text.to_lowercase());
            seen.push(app.get(&format!("/items/{one}/backlinks"), &world.owner).await.text.to_lowercase());
        }
        seen.push(app.get("/search?q=hush", &world.owner).await.text.to_lowercase());
        for seen in seen {
            assert!(!seen.contains("hush") && !seen.contains("s@y.io") && !seen.contains(&stranger.id), "{seen}");
        }
        // And they don't hear that somebody has named it.
        let links = app.get(&format!("/items/{item}/backlinks"), &stranger).await.expect(200);
        assert_eq!(links["items"], json!([]));
        for path in [format!("/files/{file}"), format!("/files/{file}/meta"), format!("/items/{item}"), format!("/items/{item}/backlinks"), format!("/users/{}/avatar", stranger.id)] {
            app.get(&path, &world.owner).await.problem(404, "not-found");
        }
        let heads = format!("/projects/{}/heads", world.project);
        app.post(&heads, &world.owner, json!({ "ids": [item] })).await.problem(422, "invalid");
        app.post(&heads, &world.owner, json!({ "ids": [theirs] })).await.problem(422, "invalid");
        let bulk = format!("/projects/{}/items/bulk", world.project);
        for (what, more) in [("", json!({ "set": { "status": "done" } })), ("/delete", json!({})), ("/restore", json!({})), ("/move", json!({ "parent": null }))] {
            let mut body = more;
            body["ids"] = json!([spy, item]);
            app.post(&format!("{bulk}{what}"), &world.owner, body).await.problem(422, "invalid");
        }
        for place in [json!({ "parent": item }), json!({ "after": item }), json!({ "before": item })] {
            let mut body = place;
            body["ids"] = json!([spy]);
            let refused = app.post(&format!("{bulk}/move"), &world.owner, body).await;
            assert!([404, 422].contains(&refused.status.as_u16()), "{}", refused.text);
        }
        let after = app.post(&format!("/items/{spy}/duplicate"), &world.owner, json!({ "after": item })).await;
        after.problem(422, "invalid");
        let taken = app.post(&format!("/items/{spy}/duplicate"), &world.owner, json!({ "ids": { (spy.clone()): item } })).await;
        taken.problem(409, "id-taken");
        let below = world.bring(&format!("name=a.md&parent={item}"), "# a".into()).await;
        below.problem(422, "invalid");
        let kept = app.get(&format!("/items/{item}"), &stranger).await.expect(200);
        assert_eq!((&kept["title"], &kept["status"], &kept["deleted_at"]), (&json!("Hush"), &json!("backlog"), &Value::Null));
        world.app.stop().await;
    }

    async fn previews_take_so_much_room(db: store::Db) {
        let world = World::new(db).await;
        let mut brought = Vec::new();
        for n in 0..12 {
            let made = world.bring("name=a.md", format!("# {n}").into()).await.expect(201);
            brought.push(text(&made["id"]));
            world.app.clock.advance_millis(1);
        }
        let run = world.app.post(&format!("/imports/{}/run", brought[11]), &world.owner, Value::Null).await;
        run.expect(202);
        for gone in &brought[..2] {
            world.app.get(&format!("/imports/{gone}"), &world.owner).await.problem(404, "not-found");
        }
        let path = format!("/projects/{}/imports", world.project);
        let listed = world.app.get(&path, &world.owner).await.expect(200);
        assert_eq!(listed["imports"].as_array().unwrap().len(), 10);

        // Bodies that don't end are few, too.
        let slow = || Body::from_stream(stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"# a")) }).chain(stream::pending()));
        let waiting: Vec<_> = (0..2).map(|_| world.bring("name=a.md", slow())).collect();
        let mut waiting: Vec<_> = waiting.into_iter().map(Box::pin).collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one.as_mut()).is_pending());
        }
        // They get as far as their bodies.
        let third = loop {
            for one in &mut waiting {
                assert!(futures_util::poll!(one.as_mut()).is_pending());
            }
            let third = world.bring("name=a.md", "# b".into()).await;
            if third.status == 429 {
                break third;
            }
            tokio::task::yield_now().await;
        };
        third.problem(429, "too-many-requests");
        drop(waiting);
        world.bring("name=a.md", "# b".into()).await.expect(201);
        world.app.stop().await;
    }

    async fn a_file_that_came_in_in_part_is_not_imported(db: store::Db) {
        let world = World::new(db).await;
        let made = world.bring("name=a.md", "# One\n\n# Two".into()).await.expect(201);
        let one = format!("/imports/{}", text(&made["id"]));
        // As if the process had ended before all of it was written.
        world.app.db.forget_import_file(text(&made["id"]).parse().unwrap()).await.unwrap();
        world.app.patch(&one, &world.owner, json!({})).await.problem(409, "file-broken");
        world.app.post(&format!("{one}/run"), &world.owner, Value::Null).await.expect(202);
        let failed = world.until(&one, "failed").await;
        assert!(failed["report"].to_string().contains("didn't come in whole"), "{failed}");
        world.app.stop().await;
    }

    async fn words_of_a_mapping_have_a_bound(db: store::Db) {
        let world = World::new(db).await;
        let made = world.bring("name=a.csv", "title,status\na,b\n".into()).await.expect(201);
        let one = format!("/imports/{}", text(&made["id"]));
        let words: serde_json::Map<String, Value> = (0..1_001).map(|n| (n.to_string(), json!("done"))).collect();
        let body = json!({ "settings": { "statuses": words } });
        world.app.patch(&one, &world.owner, body).await.problem(422, "invalid");
        world.app.stop().await;
    }

    async fn heads_come_once_each(db: store::Db) {
        let world = World::new(db).await;
        let item = world.app.item(&world.project, &world.owner, "One").await;
        let path = format!("/projects/{}/heads", world.project);
        let once = json!({ "ids": [item, world.project] });
        let many: Vec<&String> = std::iter::repeat_n(&world.project, 2_000).chain([&item]).collect();
        let mut sizes = Vec::new();
        for body in [once, json!({ "ids": many })] {
            let request = request("POST", &path, &world.owner.token, body, &[]);
            let (status, _, bytes) = bytes_of(&world.app, request).await;
            assert_eq!(status, 200);
            sizes.push(bytes.len());
        }
        assert_eq!(sizes[0], sizes[1]);
        world.app.stop().await;
    }

    async fn an_export_ends_for_who_is_taken_out(db: store::Db) {
        let world = World::new(db).await;
        let app = &world.app;
        let editor = app.account("e@x.io", Some((world.org, Role::Editor))).await;
        let person = app.login("e@x.io").await;
        let text = "words ".repeat(7_000);
        let doc = json!({ "type": "doc", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] });
        let items: Vec<Value> = (0..150).map(|n| json!({ "id": n.to_string(), "title": "x", "description": doc })).collect();
        world.import(&json!({ "format": "canopy/1", "items": items })).await;
        let whole = world.export(&person, "json").await.len();

        let path = format!("/projects/{}/export?format=json", world.project);
        let asked = || request("GET", &path, &person.token, Value::Null, &[]);
        let open = || async { tower::ServiceExt::oneshot(app.app.router.clone(), asked()).await.unwrap() };
        let response = open().await;
        assert_eq!(response.status(), 200);
        let mut body = response.into_body();
        let mut read = body.frame().await.unwrap().unwrap().into_data().unwrap().len();
        // So many may be read at once.
        let mut others = Vec::new();
        for _ in 0..3 {
            others.push(open().await);
        }
        assert_eq!(open().await.status(), 429);
        app.delete(&format!("/organizations/{}/members/{editor}", world.org), &world.owner).await.expect(204);
        let broken = loop {
            match body.frame().await {
                Some(Ok(frame)) => read += frame.into_data().unwrap().len(),
                other => break other,
            }
        };
        assert!(matches!(broken, Some(Err(_))), "it breaks off");
        assert!(read < whole, "{read} of {whole}");
        app.get(&path, &person).await.problem(404, "not-found");
        drop(others);
        world.app.stop().await;
    }

    async fn tokens_are_made_so_often(db: store::Db) {
        let world = World::new(db).await;
        let app = &world.app;
        let body = json!({ "name": "script", "scopes": ["read"] });
        for _ in 0..60 {
            let made = app.post("/me/tokens", &world.owner, body.clone()).await.expect(201);
            app.delete(&format!("/me/tokens/{}", text(&made["id"])), &world.owner).await.expect(204);
        }
        app.post("/me/tokens", &world.owner, body.clone()).await.problem(429, "too-many-requests");
        app.clock.advance_millis(61_000);
        let again = app.login("o@x.io").await;
        app.post("/me/tokens", &again, body).await.expect(201);
        world.app.stop().await;
    }

    async fn lists_in_a_body_are_short(db: store::Db) {
        let world = World::new(db).await;
        let app = &world.app;
        let item = app.item(&world.project, &world.owner, "One").await;
        // Comparing all of them with each other would hold a thread that serves everybody.
        let labels: Vec<String> = (0..100_000).map(|n| format!("{n:x}")).collect();
        app.patch(&format!("/items/{item}"), &world.owner, json!({ "labels": labels })).await.problem(422, "invalid");
        let bulk = format!("/projects/{}/items/bulk", world.project);
        let people: Vec<String> = (0..101).map(|_| app.new_id()).collect();
        for set in [json!({ "labels_add": labels }), json!({ "labels_remove": labels }), json!({ "assignees_remove": people }), json!({ "assignees_add": people })] {
            app.post(&bulk, &world.owner, json!({ "ids": [item], "set": set })).await.problem(422, "invalid");
        }
        let ids = vec![item.clone(); 1_001];
        app.post(&bulk, &world.owner, json!({ "ids": ids, "set": { "status": "done" } })).await.problem(422, "invalid");
        let twice = app.post(&bulk, &world.owner, json!({ "ids": [item, item], "set": { "status": "done" } })).await.expect(200);
        assert_eq!(twice["changed"], json!([item]));
        let keys = |count: usize| (0..count).map(|n| (n.to_string(), Value::Null)).collect::<serde_json::Map<_, _>>();
        app.patch("/me/preferences", &world.owner, keys(201).into()).await.problem(413, "too-large");
        app.patch("/me/preferences", &world.owner, keys(200).into()).await.expect(200);
        world.app.stop().await;
    }

    async fn a_large_body_is_refused_early(db: store::Db) {
        let world = World::new(db).await;
        let item = world.app.item(&world.project, &world.owner, "One").await;
        let project = &world.project;
        for (method, path) in [
            ("POST", format!("/projects/{project}/items")),
            ("POST", format!("/projects/{project}/items/bulk")),
            ("POST", format!("/projects/{project}/items/bulk/move")),
            ("POST", format!("/projects/{project}/heads")),
            ("POST", format!("/projects/{project}/fields")),
            ("POST", format!("/items/{item}/duplicate")),
            ("PATCH", format!("/items/{item}")),
            ("PATCH", "/me/preferences".into()),
            ("PUT", "/me/email".into()),
            ("POST", "/me/tokens".into()),
            ("POST", "/auth/login".into()),
        ] {
            // A hundred megabytes, of which nobody says so beforehand.
            let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
            let count = sent.clone();
            let body = stream::iter(0..1_600).map(move |_| {
                count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Ok::<_, Infallible>(Bytes::from(vec![b' '; 64 << 10]))
            });
            let mut request = request(method, &path, &world.owner.token, json!({}), &[]);
            *request.body_mut() = Body::from_stream(body);
            world.app.send(request).await.problem(413, "too-large");
            assert!(sent.load(std::sync::atomic::Ordering::SeqCst) < 20, "{path}");
        }
        world.app.stop().await;
    }
}
