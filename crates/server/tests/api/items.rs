//! Projects and items.

use model::Role;
use serde_json::{Value, json};

use crate::app::{Person, TestApp, text};

/// The tree as the API's rows say, titles indented by depth, once the projection has caught up.
async fn tree(app: &TestApp, project: &str, person: &Person) -> Vec<String> {
    let listed = app
        .get(&format!("/projects/{project}/items"), person)
        .await
        .expect(200);
    let items = listed["items"].as_array().unwrap();
    let there = |id: &Value| items.iter().any(|item| item["id"] == *id);
    fn walk(
        items: &[&Value],
        parent: Option<&str>,
        depth: usize,
        out: &mut Vec<String>,
        all: &[Value],
    ) {
        for item in items.iter().filter(|item| {
            item["parent"]
                .as_str()
                .filter(|p| all.iter().any(|i| i["id"] == *p))
                == parent
        }) {
            out.push(format!(
                "{}{}",
                "  ".repeat(depth),
                item["title"].as_str().unwrap()
            ));
            walk(items, item["id"].as_str(), depth + 1, out, all);
        }
    }
    let mut sorted: Vec<&Value> = items.iter().collect();
    sorted.sort_by_key(|item| {
        (
            item["rank"].as_str().unwrap().to_owned(),
            item["id"].to_string(),
        )
    });
    let mut out = Vec::new();
    walk(&sorted, None, 0, &mut out, items);
    assert!(items.iter().all(|item| there(&item["id"])));
    out
}

/// Waits until the rows say this.
async fn eventually(app: &TestApp, project: &str, person: &Person, expected: &[&str]) {
    let mut seen = Vec::new();
    for _ in 0..400 {
        seen = tree(app, project, person).await;
        if seen == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(seen, expected);
}

store::db_test! {
    async fn a_project_is_made_changed_and_deleted(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let path = format!("/organizations/{org}/projects");
        let made = app.post(&path, &owner, json!({ "name": "Checkout redesign" })).await.expect(201);
        assert_eq!((&made["key"], &made["description"], &made["abilities"]["delete"]), (&json!("CR"), &json!(""), &json!(true)));
        let second = app.post(&path, &owner, json!({ "name": "Cold room" })).await.expect(201);
        assert_eq!(second["key"], "CR2");
        app.post(&path, &owner, json!({ "name": "X", "key": "cr" })).await.problem(409, "key-taken");
        app.post(&path, &owner, json!({ "name": "X", "key": "1" })).await.problem(422, "invalid");
        app.post(&path, &owner, json!({ "name": "" })).await.problem(422, "invalid");
        app.post(&path, &owner, json!({ "nam": "" })).await.problem(400, "malformed");

        let page = app.get(&format!("{path}?limit=1"), &owner).await.expect(200);
        assert_eq!(page["projects"][0]["id"], made["id"]);
        let cursor = text(&page["next_cursor"]);
        let page = app.get(&format!("{path}?limit=1&cursor={cursor}"), &owner).await.expect(200);
        assert_eq!((&page["projects"][0]["id"], &page["next_cursor"]), (&second["id"], &Value::Null));
        app.get(&format!("{path}?cursor=x"), &owner).await.problem(400, "malformed");

        let one = format!("/projects/{}", text(&made["id"]));
        let tag = app.get(&one, &owner).await.headers["etag"].to_str().unwrap().to_owned();
        app.clock.advance_millis(5);
        let change = async |tag: &str| {
            app.call_with("PATCH", &one, &owner.token, json!({ "description": "Faster" }), &[("if-match", tag)]).await
        };
        assert_eq!(change(&tag).await.expect(200)["description"], "Faster");
        change(&tag).await.problem(412, "precondition-failed");
        app.patch(&one, &owner, json!({ "key": "CR2" })).await.problem(409, "key-taken");

        let item = app.item(&text(&made["id"]), &owner, "Story").await;
        app.delete(&one, &owner).await.expect(204);
        for gone in [one.clone(), format!("{one}/items"), format!("/items/{item}")] {
            app.get(&gone, &owner).await.problem(404, "not-found");
        }
        assert_eq!(app.get(&path, &owner).await.expect(200)["projects"].as_array().unwrap().len(), 1);
        app.stop().await;
    }

    async fn a_create_with_a_key_happens_once(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("e@x.io", Some((org, Role::Editor))).await;
        let (owner, eve) = (app.login("o@x.io").await, app.login("e@x.io").await);
        let path = format!("/organizations/{org}/projects");
        let make = async |person: &Person, name: &str, key: &str| {
            app.call_with("POST", &path, &person.token, json!({ "name": name }), &[("idempotency-key", key)]).await
        };
        let (a, b) = tokio::join!(make(&owner, "Trees", "k1"), make(&owner, "Trees", "k1"));
        let (a, b) = (a.expect(201), b.expect(201));
        assert_eq!(a, b);
        assert_eq!(make(&owner, "Trees", "k1").await.expect(201), a);
        make(&owner, "Other", "k1").await.problem(422, "invalid");
        make(&owner, "Other", "").await.problem(400, "malformed");
        // Another person's key is another key.
        assert_ne!(make(&eve, "Trees", "k1").await.expect(201)["id"], a["id"]);
        assert_eq!(app.get(&path, &owner).await.expect(200)["projects"].as_array().unwrap().len(), 2);

        let items = format!("/projects/{}/items", text(&a["id"]));
        let item = async || {
            let body = json!({ "title": "Story", "type": "story" });
            app.call_with("POST", &items, &owner.token, body, &[("idempotency-key", "k2")]).await.expect(201)
        };
        let (x, y) = tokio::join!(item(), item());
        assert_eq!(x["id"], y["id"]);
        assert_eq!(item().await["id"], x["id"]);
        assert_eq!(app.get(&items, &owner).await.expect(200)["items"].as_array().unwrap().len(), 1);
        // Whoever shows all of them asks for large pages.
        assert_eq!(app.get(&format!("{items}?limit=5000"), &owner).await.expect(200)["items"].as_array().unwrap().len(), 1);
        app.get(&format!("{items}?limit=5001"), &owner).await.problem(400, "malformed");
        app.stop().await;
    }

    async fn items_of_client_made_ids_are_made_once(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let (project, other) = (app.project(org, &owner).await, app.project(org, &owner).await);
        let path = format!("/projects/{project}/items");
        let id = model::ItemId::new(&*app.clock, &*app.rng).to_string();
        let body = json!({ "id": id, "title": "Story\none", "type": "story", "status": "todo" });
        let made = app.post(&path, &owner, body.clone()).await.expect(201);
        assert_eq!((&made["id"], &made["title"], &made["status"], &made["priority"]), (&json!(id), &json!("Story one"), &json!("todo"), &json!("none")));
        assert_eq!((&made["parent"], &made["rank"]), (&Value::Null, &json!("a0")));
        assert_eq!(made["abilities"]["edit"], true);
        let again = app.post(&path, &owner, body.clone()).await.expect(201);
        assert_eq!(again["id"], made["id"]);
        eventually(&app, &project, &owner, &["Story one"]).await;
        app.post(&format!("/projects/{other}/items"), &owner, body).await.problem(409, "id-taken");
        let body = |id: &str| json!({ "id": id, "title": "x", "type": "task" });
        // A project's id is its outline's document.
        app.post(&path, &owner, body(&project)).await.problem(409, "id-taken");
        app.post(&path, &owner, body("6f1e5e0e-3f0a-4d4c-9d8e-3a6f1c2b7d90")).await.problem(422, "invalid");
        app.post(&path, &owner, json!({ "title": "x", "type": "saga" })).await.problem(400, "malformed");
        // The content was initialized once.
        let (_, head) = app.app.collab.head(id.parse().unwrap()).await.unwrap();
        assert_eq!(content::item::project(&head).unwrap().title, "Story one");
        app.stop().await;
    }

    async fn items_stand_and_move_where_they_are_put(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let path = format!("/projects/{project}/items");
        let make = async |title: &str, place: Value| {
            let mut body = json!({ "title": title, "type": "task" });
            body.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
            text(&app.post(&path, &owner, body).await.expect(201)["id"])
        };
        let a = make("a", json!({})).await;
        let c = make("c", json!({})).await;
        let b = make("b", json!({ "after": a })).await;
        let z = make("z", json!({ "before": a })).await;
        let a2 = make("a2", json!({ "parent": a })).await;
        let a1 = make("a1", json!({ "parent": a, "before": a2 })).await;
        eventually(&app, &project, &owner, &["z", "a", "  a1", "  a2", "b", "c"]).await;

        let put = async |id: &str, body: Value| app.post(&format!("/items/{id}/move"), &owner, body).await;
        let moved = put(&a, json!({ "parent": c })).await.expect(200);
        assert_eq!(moved["parent"], c.as_str());
        put(&z, json!({ "parent": null, "after": c })).await.expect(200);
        put(&a1, json!({ "parent": null, "before": b })).await.expect(200);
        eventually(&app, &project, &owner, &["a1", "b", "c", "  a", "    a2", "z"]).await;

        let field = |problem: Value| text(&problem["errors"][0]["field"]);
        assert_eq!(field(put(&c, json!({ "parent": a2 })).await.problem(422, "invalid")), "parent");
        assert_eq!(field(put(&c, json!({ "parent": project })).await.problem(422, "invalid")), "parent");
        assert_eq!(field(put(&c, json!({ "parent": null, "after": a2 })).await.problem(422, "invalid")), "after");
        assert_eq!(field(put(&c, json!({ "parent": null, "after": b, "before": b })).await.problem(422, "invalid")), "before");
        let nowhere = json!({ "title": "x", "type": "task", "parent": project });
        assert_eq!(field(app.post(&path, &owner, nowhere).await.problem(422, "invalid")), "parent");
        app.stop().await;
    }

    async fn changes_of_an_item_go_through_its_document(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let item = app.item(&project, &owner, "Story").await;
        let path = format!("/items/{item}");
        let change = json!({
            "title": "Saga", "type": "epic", "status": "in_review", "priority": "high", "assignees": [owner.id],
            "labels": ["ui", " ui ", "api"], "estimate": 3.5, "start_date": "2026-01-31", "due_date": null,
        });
        let changed = app.patch(&path, &owner, change).await.expect(200);
        assert_eq!(changed["labels"], json!(["ui", "api"]));
        for (field, value) in [("title", json!("Saga")), ("type", json!("epic")), ("status", json!("in_review")), ("estimate", json!(3.5)), ("due_date", Value::Null)] {
            assert_eq!(changed[field], value, "{field}");
        }
        let (_, head) = app.app.collab.head(item.parse().unwrap()).await.unwrap();
        let doc = content::item::project(&head).unwrap();
        assert_eq!((doc.title.as_str(), doc.fields.labels.len(), doc.fields.start.as_deref()), ("Saga", 2, Some("2026-01-31")));

        app.patch(&path, &owner, json!({ "estimate": null })).await.expect(200);
        assert_eq!(app.patch(&path, &owner, json!({})).await.expect(200)["id"], item.as_str());
        for (body, field) in [
            (json!({ "title": "x".repeat(501) }), "title"),
            (json!({ "assignees": [project] }), "assignees"),
            (json!({ "labels": [""] }), "labels"),
            (json!({ "estimate": -1 }), "estimate"),
            (json!({ "due_date": "2026-02-30" }), "due_date"),
        ] {
            assert_eq!(app.patch(&path, &owner, body).await.problem(422, "invalid")["errors"][0]["field"], field);
        }
        app.patch(&path, &owner, json!({ "status": "lost" })).await.problem(400, "malformed");
        app.stop().await;
    }

    async fn deleting_takes_the_subtree_and_restoring_brings_it_back(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let path = format!("/projects/{project}/items");
        let make = async |title: &str, parent: Option<&str>| {
            let body = json!({ "title": title, "type": "task", "parent": parent });
            text(&app.post(&path, &owner, body).await.expect(201)["id"])
        };
        let a = make("a", None).await;
        let b = make("b", Some(&a)).await;
        let c = make("c", Some(&b)).await;
        make("d", None).await;
        // The outline counts, not the rows that follow it.
        app.delete(&format!("/items/{b}"), &owner).await.expect(204);
        app.delete(&format!("/items/{b}"), &owner).await.expect(204);
        eventually(&app, &project, &owner, &["a", "d"]).await;
        let deleted = app.get(&format!("{path}?deleted=true"), &owner).await.expect(200);
        assert_eq!(deleted["items"].as_array().unwrap().len(), 2);
        let gone = app.get(&format!("/items/{c}"), &owner).await.expect(200);
        assert!(gone["deleted_at"].is_string());
        let me = app.get("/me", &owner).await.expect(200);
        for item in deleted["items"].as_array().unwrap().iter().chain([&gone]) {
            assert_eq!(item["deleted_by"], me["user"]["id"]);
        }
        app.patch(&format!("/items/{c}"), &owner, json!({ "title": "x" })).await.problem(409, "deleted");
        app.post(&format!("/items/{c}/move"), &owner, json!({ "parent": null })).await.problem(409, "deleted");

        // From any of them, all that went together come back, where they stood.
        let back = app.post(&format!("/items/{c}/restore"), &owner, Value::Null).await.expect(200);
        assert_eq!(back["deleted_at"], Value::Null);
        assert_eq!(back["deleted_by"], Value::Null);
        eventually(&app, &project, &owner, &["a", "  b", "    c", "d"]).await;
        app.post(&format!("/items/{c}/restore"), &owner, Value::Null).await.expect(200);
        app.patch(&format!("/items/{c}"), &owner, json!({ "title": "c!" })).await.expect(200);

        // At the root, when the parent has gone.
        app.delete(&format!("/items/{c}"), &owner).await.expect(204);
        app.delete(&format!("/items/{a}"), &owner).await.expect(204);
        app.post(&format!("/items/{c}/restore"), &owner, Value::Null).await.expect(200);
        eventually(&app, &project, &owner, &["c!", "d"]).await;
        app.stop().await;
    }

    async fn other_tenants_see_nothing(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let elsewhere = app.owner("stranger@x.io").await;
        let stranger = app.login("stranger@x.io").await;
        let project = app.project(org, &owner).await;
        let item = app.item(&project, &owner, "Secret").await;
        let theirs = app.project(elsewhere, &stranger).await;
        // Word for word what a thing that doesn't exist answers.
        let nothing = model::ItemId::new(&*app.clock, &*app.rng).to_string();
        let org = org.to_string();
        for (path, id) in [
            ("/organizations/{}", &org), ("/organizations/{}/members", &org), ("/organizations/{}/projects", &org),
            ("/events?organization={}", &org), ("/projects/{}", &project), ("/projects/{}/items", &project), ("/items/{}", &item),
        ] {
            let there = app.get(&path.replace("{}", id), &stranger).await;
            let unknown = app.get(&path.replace("{}", &nothing), &stranger).await;
            assert_eq!((there.status.as_u16(), &there.text), (404, &unknown.text), "{path}");
        }
        // Nor can one's own things be put among theirs.
        let body = json!({ "title": "x", "type": "task", "parent": item });
        app.post(&format!("/projects/{theirs}/items"), &stranger, body).await.problem(422, "invalid");
        app.stop().await;
    }
}
