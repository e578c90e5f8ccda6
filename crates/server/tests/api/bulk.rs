//! Many items at once, copies, links between items, and a project's own fields.

use std::sync::Arc;

use content::item::{Criterion, NewItem};
use content::prosemirror as pm;
use model::{DocumentKind, ItemId, ItemType, OrgId, Role, SessionId, UserId};
use serde_json::{Value, json};

use crate::app::{Person, TestApp, text};

/// Asks until the answer is this.
async fn eventually<T: PartialEq + std::fmt::Debug>(ask: impl AsyncFn() -> T, expected: T) {
    for _ in 0..400 {
        if ask().await == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(ask().await, expected);
}

/// An organization with a project and somebody who owns both.
struct World {
    app: TestApp,
    org: OrgId,
    owner: Person,
    project: String,
}

impl World {
    async fn new(db: store::Db) -> Self {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        Self {
            app,
            org,
            owner,
            project,
        }
    }

    fn id(&self) -> ItemId {
        ItemId::new(&*self.app.clock, &*self.app.rng)
    }

    async fn post(&self, path: &str, body: Value) -> crate::app::Reply {
        self.app.post(path, &self.owner, body).await
    }

    /// To `/projects/{project}{path}`.
    async fn within(&self, path: &str, body: Value) -> crate::app::Reply {
        let path = format!("/projects/{}{path}", self.project);
        self.post(&path, body).await
    }

    async fn get(&self, path: &str) -> Value {
        self.app.get(path, &self.owner).await.expect(200)
    }

    async fn item(&self, title: &str, parent: Option<&str>) -> String {
        let body = json!({ "title": title, "type": "task", "parent": parent });
        text(&self.within("/items", body).await.expect(201)["id"])
    }

    /// An item with this content.
    async fn filled(&self, id: ItemId, new: NewItem) {
        let body = json!({ "id": id, "title": "", "type": "task" });
        let project = self.project.parse().unwrap();
        let mut tx = self.app.db.begin_write().await.unwrap();
        let row = store::NewItem {
            id,
            org: self.org,
            project,
            title: String::new(),
            item_type: ItemType::Task,
            status: model::Status::Backlog,
            priority: model::Priority::None,
            parent: None,
            rank: String::new(),
            created_by: self.user(),
            created_at: self.app.now(),
        };
        assert!(tx.create_item(&row).await.unwrap());
        tx.create_document(&store::NewDocument {
            id: id.into(),
            org: self.org,
            project,
            kind: DocumentKind::Item,
            branch: None,
            created_at: self.app.now(),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        self.write(id, move |_, client| content::item::initial(client, &new))
            .await;
        // And its place.
        self.within("/items", body).await.expect(201);
    }

    fn user(&self) -> UserId {
        self.owner.id.parse().unwrap()
    }

    /// An edit of a document, as somebody types it.
    async fn write(
        &self,
        id: ItemId,
        make: impl Fn(&[u8], u64) -> Result<Vec<u8>, content::Error> + Clone + Send + 'static,
    ) {
        let pass = collab::Pass {
            user: self.user(),
            session: SessionId(self.owner.session.parse().unwrap()),
            org: self.org,
            project: self.project.parse().unwrap(),
            name: "Olive".into(),
            color: "#000000".into(),
            agent: Arc::from("test"),
            avatar: None,
            write: true,
        };
        let collab = &self.app.app.collab;
        collab.edit(id.into(), &pass, make).await.unwrap();
    }

    async fn document(&self, id: &str) -> content::item::ItemDoc {
        let id: ItemId = id.parse().unwrap();
        let (_, head) = self.app.app.collab.head(id.into()).await.unwrap();
        content::item::project(&head).unwrap()
    }

    /// The tree as the outline has it, titles indented by depth.
    async fn tree(&self) -> Vec<String> {
        let listed = self.get(&format!("/projects/{}/items", self.project)).await;
        let items = listed["items"].as_array().unwrap();
        let ids: Vec<ItemId> = items
            .iter()
            .map(|i| text(&i["id"]).parse().unwrap())
            .collect();
        let project: model::ProjectId = self.project.parse().unwrap();
        let (_, head) = self.app.app.collab.head(project.into()).await.unwrap();
        let nodes = content::outline::project(&head).unwrap().nodes;
        let tree = content::outline::resolve(&nodes, &ids);
        let title = |id: ItemId| {
            let item = items
                .iter()
                .find(|item| item["id"] == id.to_string())
                .unwrap();
            text(&item["title"])
        };
        tree.rows
            .iter()
            .map(|row| format!("{}{}", "  ".repeat(row.depth), title(row.id)))
            .collect()
    }

    /// The rows' places, which must be the outline's in the end.
    async fn settled(&self) {
        let rows = async || {
            let listed = self.get(&format!("/projects/{}/items", self.project)).await;
            let place = |item: &Value| {
                (
                    text(&item["id"]),
                    item["parent"].clone(),
                    text(&item["rank"]),
                )
            };
            listed["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(place)
                .collect::<Vec<_>>()
        };
        let ids: Vec<ItemId> = rows()
            .await
            .iter()
            .map(|row| row.0.parse().unwrap())
            .collect();
        let project: model::ProjectId = self.project.parse().unwrap();
        let (_, head) = self.app.app.collab.head(project.into()).await.unwrap();
        let tree =
            content::outline::resolve(&content::outline::project(&head).unwrap().nodes, &ids);
        let mut expected: Vec<_> = tree
            .rows
            .iter()
            .map(|row| (row.id.to_string(), json!(row.parent), row.rank.clone()))
            .collect();
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        eventually(rows, expected).await;
    }
}

store::db_test! {
    async fn fields_of_many_items_change_in_their_documents(db: store::Db) {
        let w = World::new(db).await;
        let ada = w.app.account("ada@x.io", Some((w.org, Role::Editor))).await.to_string();
        let (a, b, gone) = (w.item("a", None).await, w.item("b", None).await, w.item("gone", None).await);
        w.app.patch(&format!("/items/{a}"), &w.owner, json!({ "labels": ["x", "y"], "assignees": [w.owner.id] })).await.expect(200);
        w.app.delete(&format!("/items/{gone}"), &w.owner).await.expect(204);
        let set = json!({
            "status": "in_progress", "type": "story", "priority": "high", "assignees_add": [ada], "assignees_remove": [w.owner.id],
            "labels_add": ["z", " x "], "labels_remove": ["y"],
        });
        let outcome = w.within("/items/bulk", json!({ "ids": [b, gone, a, b], "set": set })).await.expect(200);
        assert_eq!(outcome["changed"], json!([b, a]), "in the order asked for, each once");
        assert_eq!(outcome["failed"][0]["id"], gone.as_str());
        assert_eq!((outcome["failed"].as_array().unwrap().len(), &outcome["failed"][0]["code"]), (1, &json!("deleted")));
        let fields = w.document(&a).await.fields;
        assert_eq!((fields.status.as_str(), fields.item_type.as_str(), fields.priority.as_str()), ("in_progress", "story", "high"));
        assert_eq!((json!(fields.assignees), json!(fields.labels)), (json!([ada]), json!(["x", "z"])));
        assert_eq!(w.document(&b).await.fields.labels, ["z", "x"]);
        eventually(async || w.get(&format!("/items/{b}")).await["status"].clone(), json!("in_progress")).await;

        // What can't be done for one is done for none.
        let other = w.app.project(w.org, &w.owner).await;
        let theirs = w.app.item(&other, &w.owner, "other").await;
        let stranger = w.app.owner("s@x.io").await;
        let stranger_id = w.app.login("s@x.io").await.id;
        assert_ne!(stranger, w.org);
        let status = json!({ "status": "done" });
        for (body, field) in [
            (json!({ "ids": [a, theirs], "set": status }), "ids"),
            (json!({ "ids": [a, w.id()], "set": status }), "ids"),
            (json!({ "ids": [], "set": status }), "ids"),
            (json!({ "ids": vec![&a; 1_001], "set": status }), "ids"),
            (json!({ "ids": [a], "set": { "status": "done", "assignees_add": [stranger_id] } }), "set.assignees_add"),
            (json!({ "ids": [a], "set": { "status": "done", "labels_add": [""] } }), "set.labels_add"),
        ] {
            assert_eq!(w.within("/items/bulk", body).await.problem(422, "invalid")["errors"][0]["field"], field);
        }
        w.within("/items/bulk", json!({ "ids": [a], "set": { "title": "x" } })).await.problem(400, "malformed");
        assert_eq!(w.document(&a).await.fields.status.as_str(), "in_progress");
        // A list that is full fails for its item alone.
        let many: Vec<String> = (0..99).map(|n| format!("l{n}")).collect();
        let set = json!({ "labels_add": many, "labels_remove": ["z"] });
        let outcome = w.within("/items/bulk", json!({ "ids": [a, b], "set": set })).await.expect(200);
        assert_eq!(outcome, json!({ "changed": [a, b], "failed": [] }));
        let outcome = w.within("/items/bulk", json!({ "ids": [a], "set": { "labels_add": ["one", "more"] } })).await.expect(200);
        assert_eq!((&outcome["changed"], &outcome["failed"][0]["code"]), (&json!([]), &json!("too-many")));
        // Nothing to change is no edit.
        let outcome = w.within("/items/bulk", json!({ "ids": [a], "set": {} })).await.expect(200);
        assert_eq!(outcome["changed"], json!([a]));
        w.app.stop().await;
    }

    async fn many_items_move_side_by_side(db: store::Db) {
        let w = World::new(db).await;
        let a = w.item("a", None).await;
        let a1 = w.item("a1", Some(&a)).await;
        let (b, c, d) = (w.item("b", None).await, w.item("c", None).await, w.item("d", None).await);
        let put = async |body: Value| w.within("/items/bulk/move", body).await;
        let moved = put(json!({ "ids": [d, a, a1], "parent": null, "after": b })).await.expect(200);
        assert_eq!((&moved["changed"], &moved["failed"]), (&json!([d, a, a1]), &json!([])));
        assert_eq!(w.tree().await, ["b", "a", "  a1", "d", "c"], "in the order of the tree; a1 goes along");
        put(json!({ "ids": [b, c], "parent": a, "before": a1 })).await.expect(200);
        assert_eq!(w.tree().await, ["a", "  b", "  c", "  a1", "d"]);
        w.settled().await;
        let field = |problem: Value| text(&problem["errors"][0]["field"]);
        assert_eq!(field(put(json!({ "ids": [d, a], "parent": a1 })).await.problem(422, "invalid")), "parent");
        assert_eq!(field(put(json!({ "ids": [d], "parent": null, "after": b })).await.problem(422, "invalid")), "after");
        let other = w.app.project(w.org, &w.owner).await;
        let theirs = w.app.item(&other, &w.owner, "other").await;
        assert_eq!(field(put(json!({ "ids": [d], "parent": theirs })).await.problem(422, "invalid")), "parent");
        assert_eq!(field(put(json!({ "ids": [theirs], "parent": null })).await.problem(422, "invalid")), "ids");
        assert_eq!(w.tree().await, ["a", "  b", "  c", "  a1", "d"]);
        w.app.stop().await;
    }

    async fn many_items_are_deleted_and_restored(db: store::Db) {
        let w = World::new(db).await;
        let a = w.item("a", None).await;
        let a1 = w.item("a1", Some(&a)).await;
        let a2 = w.item("a2", Some(&a1)).await;
        let (b, _c) = (w.item("b", None).await, w.item("c", None).await);
        let deleted = w.within("/items/bulk/delete", json!({ "ids": [a1, b, a] })).await.expect(200);
        let mut changed: Vec<&str> = deleted["changed"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        changed.sort_unstable();
        let mut expected = [a.as_str(), &a1, &a2, &b];
        expected.sort_unstable();
        assert_eq!(changed, expected, "with all that stands under them");
        assert_eq!(w.tree().await, ["c"]);
        // a1 went along with a, so a brings it back.
        let again = w.within("/items/bulk/delete", json!({ "ids": [a1, b] })).await.expect(200);
        assert_eq!(again["changed"], json!([]));
        let back = w.within("/items/bulk/restore", json!({ "ids": [a2, b, _c] })).await.expect(200);
        assert_eq!(back["changed"].as_array().unwrap().len(), 4);
        assert_eq!(w.tree().await, ["a", "  a1", "    a2", "b", "c"]);
        w.settled().await;
        w.app.patch(&format!("/items/{a2}"), &w.owner, json!({ "title": "a2!" })).await.expect(200);
        let other = w.app.project(w.org, &w.owner).await;
        let theirs = w.app.item(&other, &w.owner, "other").await;
        for path in ["/items/bulk/delete", "/items/bulk/restore"] {
            w.within(path, json!({ "ids": [a, theirs] })).await.problem(422, "invalid");
        }
        assert_eq!(w.tree().await.len(), 5);
        w.app.stop().await;
    }

    async fn a_large_tree_goes_and_comes_back_in_parts(db: store::Db) {
        let w = World::new(db).await;
        let project: model::ProjectId = w.project.parse().unwrap();
        let root = w.item("root", None).await;
        // Rows alone: what the outline doesn't have stands at the root, so they are chosen one by one.
        let mut ids = vec![root.clone()];
        let mut tx = w.app.db.begin_write().await.unwrap();
        for _ in 0..600 {
            let id = w.id();
            let row = store::NewItem {
                id, org: w.org, project, title: "x".into(), item_type: ItemType::Task, status: model::Status::Todo,
                priority: model::Priority::None, parent: None, rank: String::new(), created_by: w.user(), created_at: w.app.now(),
            };
            tx.create_item(&row).await.unwrap();
            ids.push(id.to_string());
        }
        tx.commit().await.unwrap();
        let after = w.app.db.event_seq(w.org).await.unwrap();
        let deleted = w.within("/items/bulk/delete", json!({ "ids": ids })).await.expect(200);
        assert_eq!(deleted["changed"].as_array().unwrap().len(), 601);
        let told = w.app.db.events(w.org, after, 100).await.unwrap();
        let parts: Vec<usize> = told.iter().filter(|e| e.kind == "item.deleted").map(|e| e.payload["ids"].as_array().unwrap().len()).collect();
        assert_eq!(parts, [250, 250, 101]);
        let noted = w.app.db.audit_entries(w.org, None, 100).await.unwrap();
        let noted = noted.iter().find(|entry| entry.action == "items.deleted").unwrap();
        assert_eq!(noted.detail["count"], json!(601));
        let restored = w.within("/items/bulk/restore", json!({ "ids": ids })).await.expect(200);
        assert_eq!(restored["changed"].as_array().unwrap().len(), 601);
        assert_eq!(w.tree().await.len(), 601);
        w.app.stop().await;
    }

    async fn a_copy_has_the_content_and_links_of_its_own(db: store::Db) {
        let w = World::new(db).await;
        let (epic, story, beside) = (w.id(), w.id(), w.id());
        let ada = w.app.account("ada@x.io", Some((w.org, Role::Editor))).await;
        let description = pm::doc([
            pm::rich([pm::text("see "), pm::item_link(story, "Story"), pm::text(" and "), pm::item_link(beside, "Beside")]),
            pm::callout("note", [pm::rich([pm::mention(ada, "Ada")])]),
        ]);
        let field = model::FieldId(w.id().0);
        w.filled(epic, NewItem {
            description: Some(description),
            criteria: vec![Criterion { id: "c1".into(), text: "holds".into(), done: true }],
            assignees: vec![ada],
            labels: vec!["ui".into()],
            estimate: Some(2.5),
            custom: [(field, json!(["x"]))].into(),
            other: json!({ "team": 4 }).as_object().unwrap().clone(),
            ..NewItem::new("Epic", ItemType::Epic)
        }).await;
        w.filled(story, NewItem { description: Some(pm::doc([pm::rich([pm::item_link(epic, "Epic")])])), ..NewItem::new("Story", ItemType::Story) }).await;
        w.filled(beside, NewItem::new("Beside", ItemType::Task)).await;
        w.post(&format!("/items/{story}/move"), json!({ "parent": epic })).await.expect(200);
        let last = w.item("last", Some(&epic.to_string())).await;

        let (epic2, story2) = (w.id(), w.id());
        let path = format!("/items/{epic}/duplicate");
        let body = json!({ "ids": { (epic.to_string()): epic2, (story.to_string()): story2 } });
        let made = w.post(&path, body.clone()).await.expect(201);
        assert_eq!((&made["root"], made["ids"].as_object().unwrap().len()), (&json!(epic2), 3));
        assert_eq!((&made["ids"][story.to_string()], &made["ids"][epic.to_string()]), (&json!(story2), &json!(epic2)));
        eventually(async || w.tree().await, ["Epic", "  Story", "  last", "Epic", "  Story", "  last", "Beside"].map(str::to_owned).to_vec()).await;
        w.settled().await;

        let (old, new) = (w.document(&epic.to_string()).await, w.document(&epic2.to_string()).await);
        assert_eq!((&new.title, &new.fields, &new.text), (&old.title, &old.fields, &old.text));
        assert_eq!(new.references.links.iter().map(|l| l.item).collect::<Vec<_>>(), [story2, beside]);
        assert_eq!(new.references.mentions, [ada]);
        assert_eq!((new.criteria[0].text.as_str(), new.criteria[0].done), ("holds", true));
        assert_ne!(new.criteria[0].id, old.criteria[0].id);
        assert_eq!(w.document(&story2.to_string()).await.references.links[0].item, epic2);
        // Its row says so at once, and its document goes on like any other.
        let row = w.get(&format!("/items/{epic2}")).await;
        assert_eq!((&row["labels"], &row["criteria_done"], &row["custom"]), (&json!(["ui"]), &json!(1), &json!({ (field.to_string()): ["x"] })));
        assert_eq!((&row["position"], &row["excerpt"]), (&json!(1), &json!("see #Story and #Beside @Ada holds")));
        w.app.patch(&format!("/items/{epic2}"), &w.owner, json!({ "title": "Epic, again" })).await.expect(200);
        assert_eq!(w.document(&epic.to_string()).await.title, "Epic");

        // The same request again finds what it has made, also what was changed and moved since.
        w.post(&format!("/items/{epic2}/move"), json!({ "parent": null, "after": beside })).await.expect(200);
        let again = w.post(&path, json!({ "ids": made["ids"] })).await.expect(201);
        assert_eq!(again, made);
        eventually(async || w.tree().await, ["Epic", "  Story", "  last", "Beside", "Epic, again", "  Story", "  last"].map(str::to_owned).to_vec()).await;
        // One undo.
        w.app.delete(&format!("/items/{epic2}"), &w.owner).await.expect(204);
        assert_eq!(w.tree().await, ["Epic", "  Story", "  last", "Beside"]);

        // With a key: once; behind another one, under its parent.
        let put = async || {
            let body = json!({ "after": last });
            w.app.call_with("POST", &format!("/items/{beside}/duplicate"), &w.owner.token, body, &[("idempotency-key", "k")]).await.expect(201)
        };
        assert_eq!(put().await, put().await);
        assert_eq!(w.tree().await, ["Epic", "  Story", "  last", "  Beside", "Beside"]);
        w.app.stop().await;
    }

    async fn a_copy_that_cant_be_made_is_refused(db: store::Db) {
        let w = World::new(db).await;
        let (a, b) = (w.item("a", None).await, w.item("b", None).await);
        let other = w.app.project(w.org, &w.owner).await;
        let theirs = w.app.item(&other, &w.owner, "other").await;
        let copy = async |body: Value| w.post(&format!("/items/{a}/duplicate"), body).await;
        let v4 = "6f1e5e0e-3f0a-4d4c-9d8e-3a6f1c2b7d90";
        copy(json!({ "ids": { (a.clone()): v4 } })).await.problem(422, "invalid");
        let twice = w.id();
        copy(json!({ "ids": { (a.clone()): twice, (b.clone()): twice } })).await.problem(422, "invalid");
        copy(json!({ "ids": { (a.clone()): theirs } })).await.problem(409, "id-taken");
        copy(json!({ "ids": { (a.clone()): w.project } })).await.problem(409, "id-taken");
        assert_eq!(copy(json!({ "after": theirs })).await.problem(422, "invalid")["errors"][0]["field"], "after");
        w.app.delete(&format!("/items/{a}"), &w.owner).await.expect(204);
        copy(json!({})).await.problem(409, "deleted");
        assert_eq!(w.tree().await, ["b"]);
        assert_eq!(w.get(&format!("/projects/{other}/items")).await["items"].as_array().unwrap().len(), 1);
        w.app.stop().await;
    }

    async fn who_links_to_an_item_is_listed(db: store::Db) {
        let w = World::new(db).await;
        let (target, from) = (w.id(), w.id());
        w.filled(target, NewItem::new("Target", ItemType::Epic)).await;
        let naming = |link: ItemId| NewItem {
            description: Some(pm::doc([pm::rich([pm::text("needs "), pm::item_link(link, "Target")])])),
            ..NewItem::new("From", ItemType::Story)
        };
        w.filled(from, naming(target)).await;
        let path = format!("/items/{target}/backlinks");
        let titles = async || {
            let listed = w.get(&path).await;
            let list = listed["items"].as_array().unwrap();
            list.iter().map(|b| format!("{}: {}", text(&b["item"]["title"]), text(&b["excerpt"]))).collect::<Vec<_>>()
        };
        eventually(&titles, vec!["From: needs #Target".to_owned()]).await;
        // Lists hear that the target is worth another look.
        let told = w.app.db.events(w.org, 0, 100).await.unwrap();
        assert!(told.iter().any(|event| event.kind == "items.changed" && event.payload["ids"] == json!([target])));

        // Somebody else's item that names it is not listed, and learns nothing.
        let theirs = w.app.owner("s@x.io").await;
        let stranger = w.app.login("s@x.io").await;
        let away = World { org: theirs, project: w.app.project(theirs, &stranger).await, owner: stranger, app: w.app };
        let spy = away.id();
        away.filled(spy, naming(target)).await;
        let seen = async || away.app.db.item_links(spy).await.unwrap().len();
        eventually(seen, 1).await;
        let told = away.app.db.events(theirs, 0, 100).await.unwrap();
        assert!(told.iter().all(|event| !event.payload.to_string().contains(&target.to_string())));
        away.app.get(&path, &away.owner).await.problem(404, "not-found");
        let w = World { org: w.org, owner: w.owner, project: w.project, app: away.app };
        let listed = w.get(&path).await;
        assert_eq!((listed["items"].as_array().unwrap().len(), &listed["next_cursor"]), (1, &Value::Null));
        w.app.delete(&format!("/items/{from}"), &w.owner).await.expect(204);
        assert_eq!(w.get(&path).await["items"], json!([]));
        w.app.stop().await;
    }

    async fn a_project_has_fields_of_its_own(db: store::Db) {
        let w = World::new(db).await;
        let make = async |body: Value| w.within("/fields", body).await;
        let size = make(json!({ "name": "Size", "kind": "select", "options": [{ "name": "S" }, { "id": "l", "name": "L", "colour": "#1D4ED8" }] })).await.expect(201);
        assert_eq!((&size["name"], &size["options"][1]), (&json!("Size"), &json!({ "id": "l", "name": "L", "colour": "#1d4ed8" })));
        let small = text(&size["options"][0]["id"]);
        let owner = make(json!({ "name": "Reviewer", "kind": "person" })).await.expect(201);
        let first = make(json!({ "name": "First", "kind": "number", "rank": "Zz" })).await.expect(201);
        let names = async || {
            let listed = w.get(&format!("/projects/{}/fields", w.project)).await;
            listed["fields"].as_array().unwrap().iter().map(|field| text(&field["name"])).collect::<Vec<_>>()
        };
        assert_eq!(names().await, ["First", "Size", "Reviewer"]);
        for (body, field) in [
            (json!({ "name": "", "kind": "text" }), "name"),
            (json!({ "name": "x", "kind": "text", "options": [{ "name": "a" }] }), "options"),
            (json!({ "name": "x", "kind": "select", "options": [{ "id": "a", "name": "a" }, { "id": "a", "name": "b" }] }), "options"),
            (json!({ "name": "x", "kind": "select", "options": [{ "name": "a", "colour": "red" }] }), "options"),
            (json!({ "name": "x", "kind": "select", "options": vec![json!({ "name": "a" }); 101] }), "options"),
            (json!({ "name": "x", "kind": "text", "rank": "!" }), "rank"),
        ] {
            assert_eq!(make(body).await.problem(422, "invalid")["errors"][0]["field"], field);
        }
        let again = async || {
            let path = format!("/projects/{}/fields", w.project);
            w.app.call_with("POST", &path, &w.owner.token, json!({ "name": "Once", "kind": "text" }), &[("idempotency-key", "k")]).await.expect(201)
        };
        assert_eq!(again().await["id"], again().await["id"]);

        let id = |field: &Value| text(&field["id"]);
        let item = w.item("Story", None).await;
        let path = format!("/items/{item}");
        let set = async |field: &Value, value: Value| w.app.patch(&path, &w.owner, json!({ "custom": { (id(field)): value } })).await;
        assert_eq!(set(&size, json!(small)).await.expect(200)["custom"], json!({ (id(&size)): small }));
        set(&first, json!(2.5)).await.expect(200);
        set(&owner, json!(w.owner.id)).await.expect(200);
        assert_eq!(w.document(&item).await.fields.custom.len(), 3);
        eventually(async || w.get(&path).await["custom"][id(&first)].clone(), json!(2.5)).await;
        for (field, value) in [(&size, json!("xl")), (&first, json!("2")), (&owner, json!(w.project)), (&size, json!(["l"]))] {
            let problem = set(field, value).await.problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], format!("custom.{}", id(field)));
        }
        let other = w.app.project(w.org, &w.owner).await;
        let foreign = w.post(&format!("/projects/{other}/fields"), json!({ "name": "Theirs", "kind": "text" })).await.expect(201);
        set(&foreign, json!("x")).await.problem(422, "invalid");
        assert_eq!(w.document(&item).await.fields.custom.len(), 3);

        // A renamed option keeps its id; a field that is gone leaves its values, which can be taken away.
        let field = format!("/fields/{}", id(&size));
        let changed = w.app.patch(&field, &w.owner, json!({ "name": "T-shirt", "options": [{ "id": small, "name": "Small" }] })).await.expect(200);
        assert_eq!((&changed["name"], &changed["options"][0]["name"], changed["options"].as_array().unwrap().len()), (&json!("T-shirt"), &json!("Small"), 1));
        set(&size, json!("l")).await.problem(422, "invalid");
        w.app.delete(&field, &w.owner).await.expect(204);
        w.app.delete(&field, &w.owner).await.problem(404, "not-found");
        assert_eq!(names().await, ["First", "Reviewer", "Once"]);
        assert!(w.document(&item).await.fields.custom.contains_key(&id(&size).parse().unwrap()));
        set(&size, Value::Null).await.expect(200);
        assert!(!w.document(&item).await.fields.custom.contains_key(&id(&size).parse().unwrap()));
        let told = w.app.db.events(w.org, 0, 100).await.unwrap();
        assert!(told.iter().filter(|event| event.kind == "fields.changed").count() >= 6);

        for n in 3..50 {
            make(json!({ "name": format!("f{n}"), "kind": "text" })).await.expect(201);
        }
        make(json!({ "name": "one more", "kind": "text" })).await.problem(409, "too-many");
        w.app.stop().await;
    }

    async fn heads_are_read_many_at_once(db: store::Db) {
        let w = World::new(db).await;
        let (a, b, gone) = (w.item("a", None).await, w.item("b", None).await, w.item("gone", None).await);
        w.app.delete(&format!("/items/{gone}"), &w.owner).await.expect(204);
        // Some from rooms, some from the store.
        w.app.app.collab.evict_idle().await;
        w.app.patch(&format!("/items/{b}"), &w.owner, json!({ "title": "b!" })).await.expect(200);
        let path = format!("/projects/{}/heads", w.project);
        let bytes = async |ids: Value| {
            let request = crate::app::request("POST", &path, &w.owner.token, json!({ "ids": ids }), &[]);
            let response = tower::ServiceExt::oneshot(w.app.app.router.clone(), request).await.unwrap();
            assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"application/octet-stream".parse().unwrap()));
            http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes()
        };
        let all = bytes(json!([b, gone, w.project, a])).await;
        let mut rest = &all[..];
        let mut read = Vec::new();
        while !rest.is_empty() {
            let (id, after) = rest.split_at(16);
            rest = after;
            let mut number = || {
                let mut n = 0u64;
                for shift in (0..).step_by(7) {
                    let byte = rest[0];
                    rest = &rest[1..];
                    n |= u64::from(byte & 0x7f) << shift;
                    if byte < 0x80 {
                        return n;
                    }
                }
                unreachable!()
            };
            let (epoch, position, length) = (number(), number(), number());
            let (head, after) = rest.split_at(usize::try_from(length).unwrap());
            rest = after;
            assert_eq!(epoch, 1);
            read.push((uuid::Uuid::from_slice(id).unwrap().to_string(), position, head.to_vec()));
        }
        let ids: Vec<&str> = read.iter().map(|(id, ..)| id.as_str()).collect();
        assert_eq!(ids, [b.as_str(), &w.project, &a]);
        assert_eq!((read[0].1, read[2].1), (2, 1));
        assert_eq!(content::item::project(&read[0].2).unwrap().title, "b!");
        assert_eq!(content::outline::project(&read[1].2).unwrap().nodes.len(), 3);
        assert_eq!(content::item::project(&read[2].2).unwrap().title, "a");
        // An outline that nobody has written yet.
        let other = w.app.project(w.org, &w.owner).await;
        let fresh = format!("/projects/{other}/heads");
        let request = crate::app::request("POST", &fresh, &w.owner.token, json!({ "ids": [other] }), &[]);
        let response = tower::ServiceExt::oneshot(w.app.app.router.clone(), request).await.unwrap();
        let empty = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        assert_eq!(&empty[16..], [1, 0, 2, 0, 0], "epoch, position, and an update with nothing in it");
        for ids in [json!([]), json!([a, w.id()]), json!([other]), json!(vec![&a; 501])] {
            w.post(&path, json!({ "ids": ids })).await.problem(422, "invalid");
        }
        w.app.stop().await;
    }
}
