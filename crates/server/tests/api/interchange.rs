//! Imports and exports.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use model::{OrgId, Role};
use serde_json::{Value, json};

use crate::app::{Person, Reply, TestApp, text};

async fn bring(app: &TestApp, project: &str, person: &Person, query: &str, file: &str) -> Reply {
    let request = Request::post(format!("/api/v1/projects/{project}/imports?{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .body(Body::from(file.to_owned()));
    app.send(request.unwrap()).await
}

/// Waits until an import is in this state.
async fn until(app: &TestApp, import: &str, person: &Person, state: &str) -> Value {
    let mut seen = Value::Null;
    for _ in 0..1_200 {
        seen = app
            .get(&format!("/imports/{import}"), person)
            .await
            .expect(200);
        if seen["state"] == state {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never {state}: {seen}");
}

pub(crate) async fn import(
    app: &TestApp,
    project: &str,
    person: &Person,
    query: &str,
    file: &str,
) -> Value {
    let id = text(&bring(app, project, person, query, file).await.expect(201)["id"]);
    app.post(&format!("/imports/{id}/run"), person, Value::Null)
        .await
        .expect(202);
    until(app, &id, person, "done").await
}

pub(crate) async fn export(
    app: &TestApp,
    project: &str,
    person: &Person,
    query: &str,
) -> (String, Vec<u8>) {
    let path = format!("/projects/{project}/export?{query}");
    let request = crate::app::request("GET", &path, &person.token, Value::Null, &[]);
    let response = tower::ServiceExt::oneshot(app.app.router.clone(), request)
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let name = response.headers()[header::CONTENT_DISPOSITION]
        .to_str()
        .unwrap()
        .to_owned();
    (
        name,
        response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
}

pub(crate) async fn items(app: &TestApp, project: &str, person: &Person) -> Vec<Value> {
    let listed = app
        .get(&format!("/projects/{project}/items"), person)
        .await
        .expect(200);
    listed["items"].as_array().unwrap().clone()
}

/// An organization's owner, and a project of it.
async fn start(app: &TestApp, email: &str) -> (OrgId, Person, String) {
    let org = app.owner(email).await;
    let owner = app.login(email).await;
    let project = app.project(org, &owner).await;
    (org, owner, project)
}

const CSV: &str = "id,parent,title,status,assignee,Team,Notes2\n1,,Shop,doing,o@x.io,Red,a\n2,1,Basket,done,nobody,Blue,\n3,2,Sum,,,,b\n";

/// A project with everything in it.
fn everything() -> String {
    let doc = json!({ "type": "doc", "content": [
        { "type": "paragraph", "content": [
            { "type": "text", "text": "See " },
            { "type": "itemLink", "attrs": { "id": "item:2", "label": "Basket" } },
            { "type": "text", "text": ", ask ", "marks": [{ "type": "bold" }] },
            { "type": "mention", "attrs": { "id": "user:o@x.io", "label": "Olive" } },
        ] },
        { "type": "codeBlock", "attrs": { "language": "rust" }, "content": [{ "type": "text", "text": "a\n\nb" }] },
        { "type": "table", "content": [{ "type": "tableRow", "content": [
            { "type": "tableCell", "attrs": { "colspan": 2, "rowspan": 1, "colwidth": [90, 80] }, "content": [{ "type": "paragraph" }] },
        ] }] },
        { "type": "file", "attrs": { "file": "file:1", "name": "a.txt", "size": 4, "media_type": "text/plain" } },
        { "type": "unheardOf", "attrs": { "deep": { "list": [1, "two", null, true] } } },
    ] });
    json!({
        "format": "canopy/1",
        "fields": [
            { "name": "Team", "kind": "select", "options": [{ "name": "Red", "colour": "#ff0000" }, { "name": "Blue", "colour": "#0000ff" }] },
            { "name": "Tags", "kind": "multi_select", "options": [{ "name": "a", "colour": "#000000" }, { "name": "b", "colour": "#111111" }] },
            { "name": "Reviewer", "kind": "person" },
            { "name": "Size", "kind": "number" },
            { "name": "Ready", "kind": "checkbox" },
        ],
        "items": [
            { "id": "1", "parent": null, "title": "Shop", "type": "epic", "status": "in_progress", "priority": "high", "assignees": ["o@x.io"],
              "labels": ["b", "a"], "estimate": 2.5, "start_date": "2026-01-02", "due_date": "2026-03-04",
              "custom": { "Team": "Red", "Tags": ["b", "a"], "Reviewer": "o@x.io", "Size": 3, "Ready": true },
              "other": { "plugin": { "x": [1, 2] } },
              "criteria": [{ "text": "It works", "done": true }, { "text": "It is fast", "done": false }], "description": doc },
            { "id": "2", "parent": "1", "title": "=Basket", "type": "story", "status": "done", "priority": "none" },
            { "id": "3", "parent": null, "title": "", "type": "task", "status": "cancelled", "priority": "urgent" },
        ],
        "files": [{ "id": "1", "name": "a.txt", "data": "dGV4dA==" }],
    })
    .to_string()
}

store::db_test! {
    async fn a_table_is_previewed_mapped_run_and_undone(db: store::Db) {
        let app = TestApp::new(db).await;
        let (org, owner, project) = start(&app, "o@x.io").await;
        let made = bring(&app, &project, &owner, "name=a.csv", CSV).await.expect(201);
        assert_eq!((&made["format"], &made["state"], &made["total"]), (&json!("csv"), &json!("preview"), &json!(3)));
        assert_eq!(made["sample"][0]["children"][0]["children"][0]["title"], "Sum");
        assert_eq!((&made["counts"]["items"], &made["mapping"]["Team"]), (&json!(3), &json!("custom")));
        let codes: Vec<&str> = made["report"].as_array().unwrap().iter().map(|line| line["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"unknown_person") && codes.contains(&"custom_field"), "{codes:?}");
        assert!(items(&app, &project, &owner).await.is_empty(), "a preview makes nothing");

        let one = format!("/imports/{}", text(&made["id"]));
        let mut mapping = made["mapping"].clone();
        mapping.as_object_mut().unwrap().remove("Notes2");
        let changed = app.patch(&one, &owner, json!({ "mapping": mapping, "settings": { "statuses": { "doing": "in_review" } } })).await.expect(200);
        assert_eq!((&changed["mapping"]["Notes2"], &changed["sample"][0]["status"]), (&Value::Null, &json!("in_review")));
        app.patch(&one, &owner, json!({ "mapping": { "Nope": "title" } })).await.problem(422, "invalid");

        app.account("e@x.io", Some((org, Role::Editor))).await;
        let editor = app.login("e@x.io").await;
        app.post(&format!("{one}/run"), &editor, Value::Null).await.problem(403, "forbidden");
        app.post(&format!("{one}/run"), &owner, Value::Null).await.expect(202);
        let done = until(&app, &text(&made["id"]), &owner, "done").await;
        assert_eq!(done["done"], 3);
        let listed = items(&app, &project, &owner).await;
        let titles: Vec<&str> = listed.iter().map(|item| item["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Shop", "Basket", "Sum"]);
        assert_eq!((&listed[0]["status"], &listed[0]["assignees"]), (&json!("in_review"), &json!([owner.id])));
        assert_eq!((&listed[1]["parent"], &listed[2]["parent"]), (&listed[0]["id"], &listed[1]["id"]));
        let fields = app.get(&format!("/projects/{project}/fields"), &owner).await.expect(200);
        assert_eq!(fields["fields"].as_array().unwrap().len(), 1, "{fields}");
        assert_eq!(listed[0]["custom"][text(&fields["fields"][0]["id"])], "Red");

        app.patch(&one, &owner, json!({})).await.problem(409, "already-run");
        app.delete(&one, &owner).await.problem(409, "already-run");
        let kept = app.item(&project, &owner, "Mine").await;
        let basket = format!("/items/{}", text(&listed[1]["id"]));
        app.patch(&basket, &owner, json!({ "title": "Cart" })).await.expect(200);
        app.post(&format!("{one}/undo"), &editor, Value::Null).await.problem(403, "forbidden");
        let undone = app.post(&format!("{one}/undo"), &owner, Value::Null).await.expect(200);
        assert_eq!((&undone["state"], &undone["deleted"], &undone["changed"]), (&json!("undone"), &json!(3), &json!([listed[1]["id"]])));
        let left = items(&app, &project, &owner).await;
        assert_eq!(left.iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>(), [kept]);
        app.post(&format!("{one}/undo"), &owner, Value::Null).await.problem(409, "nothing-to-undo");
        // All of it can be brought back from the bin.
        app.post(&format!("/items/{}/restore", text(&listed[0]["id"])), &owner, Value::Null).await.expect(200);
        assert_eq!(items(&app, &project, &owner).await.len(), 4);
        assert_eq!(app.get(&format!("/projects/{project}/imports"), &owner).await.expect(200)["imports"][0]["state"], "undone");
        app.stop().await;
    }

    async fn what_cannot_be_read_is_refused_and_previews_go(db: store::Db) {
        let app = TestApp::new(db).await;
        let (_, owner, project) = start(&app, "o@x.io").await;
        for (query, file) in [("format=json", "{}"), ("format=csv", ""), ("format=jira_xml", "<!DOCTYPE a><rss/>"), ("parent=01890a5d-ac96-774b-bcce-b302099a8057", "# a")] {
            bring(&app, &project, &owner, query, file).await.problem(422, "invalid");
        }
        bring(&app, &project, &owner, "format=pdf", "x").await.problem(400, "malformed");
        let parent = app.item(&project, &owner, "Above").await;
        let made = bring(&app, &project, &owner, &format!("name=a.md&parent={parent}"), "# One\n\n## Two\n").await.expect(201);
        let one = format!("/imports/{}", text(&made["id"]));
        app.delete(&one, &owner).await.expect(204);
        app.get(&one, &owner).await.problem(404, "not-found");
        import(&app, &project, &owner, &format!("name=a.md&parent={parent}"), "# One\n\n## Two\n").await;
        let listed = items(&app, &project, &owner).await;
        let top = listed.iter().find(|item| item["title"] == "One").unwrap();
        assert_eq!(top["parent"], parent);
        app.stop().await;
    }

    async fn json_goes_round(db: store::Db) {
        let app = TestApp::new(db).await;
        let (_, owner, first) = start(&app, "o@x.io").await;
        let made = import(&app, &first, &owner, "name=a.json", &everything()).await;
        let lost = made["report"].as_array().unwrap().iter();
        assert_eq!(lost.filter(|line| line["level"] != "info").count(), 0, "{made}");
        let (name, exported) = export(&app, &first, &owner, "format=json").await;
        assert_eq!(name, "attachment; filename=\"trees.json\"; filename*=UTF-8''trees.json");
        let exported = String::from_utf8(exported).unwrap();
        let value: Value = serde_json::from_str(&exported).unwrap();
        let source: Value = serde_json::from_str(&everything()).unwrap();
        let item = &value["items"][0];
        for key in ["title", "assignees", "labels", "estimate", "custom", "other", "criteria", "start_date", "due_date"] {
            assert_eq!(item[key], source["items"][0][key], "{key}");
        }
        assert_eq!(item["description"]["content"][0], source["items"][0]["description"]["content"][0]);
        assert_eq!(value["files"], source["files"]);
        assert_eq!(value["members"], json!([{ "email": "o@x.io", "name": "Olive Owner" }]));

        // Elsewhere: another organization, with the same person in it.
        let elsewhere = app.owner("p@x.io").await;
        let other = app.login("p@x.io").await;
        let invitation = app.post(&format!("/organizations/{elsewhere}/invitations"), &other, json!({ "role": "admin" })).await.expect(201);
        let token = text(&invitation["link"]).rsplit('/').next().unwrap().to_owned();
        app.post(&format!("/invitations/{token}/accept"), &owner, json!({})).await.expect(200);
        let second = app.project(elsewhere, &other).await;
        import(&app, &second, &other, "name=a.json", &exported).await;
        let (_, again) = export(&app, &second, &other, "format=json").await;
        assert_eq!(String::from_utf8(again).unwrap(), exported);
        // A part of it stands alone.
        let listed = items(&app, &second, &other).await;
        let (_, part) = export(&app, &second, &other, &format!("format=json&item={}", text(&listed[1]["id"]))).await;
        let part: Value = serde_json::from_slice(&part).unwrap();
        assert_eq!((part["items"].as_array().unwrap().len(), &part["items"][0]["parent"]), (1, &Value::Null));
        app.stop().await;
    }

    async fn csv_and_markdown_come_out(db: store::Db) {
        let app = TestApp::new(db).await;
        let (org, owner, project) = start(&app, "o@x.io").await;
        import(&app, &project, &owner, "name=a.json", &everything()).await;
        let (_, csv) = export(&app, &project, &owner, "format=csv").await;
        let csv = String::from_utf8(csv).unwrap();
        assert!(csv.contains("\"'=Basket\"") && csv.contains("Description,Team,Tags,Reviewer,Size,Ready"), "{csv}");
        let second = app.project(org, &owner).await;
        import(&app, &second, &owner, "name=a.csv", &csv).await;
        let back = items(&app, &second, &owner).await;
        assert_eq!(back.iter().map(|item| item["title"].as_str().unwrap()).collect::<Vec<_>>(), ["Shop", "=Basket", ""]);
        assert_eq!((&back[0]["labels"], &back[0]["criteria_done"], &back[1]["parent"]), (&json!(["b", "a"]), &json!(1), &back[0]["id"]));

        let (name, zip) = export(&app, &project, &owner, "format=markdown").await;
        assert!(name.contains("trees.zip"));
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        for wanted in ["README.md", "shop/README.md", "shop/basket.md", "item.md", "files/a.txt"] {
            assert!(names.iter().any(|name| name == wanted), "{names:?}");
        }
        let shop = std::io::read_to_string(archive.by_name("shop/README.md").unwrap()).unwrap();
        assert!(shop.contains("type: epic\n") && shop.contains("[#Basket](basket.md)") && shop.contains("[a.txt](../files/a.txt)") && shop.contains("- [x] It works"), "{shop}");
        app.stop().await;
    }

    async fn a_run_goes_on_after_a_stop(db: store::Db) {
        let app = TestApp::new(db.clone()).await;
        let (_, owner, project) = start(&app, "o@x.io").await;
        let file: String = std::iter::once("# Top\n".to_owned()).chain((0..400).map(|n| format!("\n## Item {n}\n\ntext\n"))).collect();
        let made = bring(&app, &project, &owner, "name=a.md", &file).await.expect(201);
        let id = text(&made["id"]);
        app.post(&format!("/imports/{id}/run"), &owner, Value::Null).await.expect(202);
        for _ in 0..400 {
            if app.get(&format!("/imports/{id}"), &owner).await.expect(200)["done"] != 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        app.stop().await;
        let app = TestApp::after(db, 1_000).await;
        let owner = app.login("o@x.io").await;
        until(&app, &id, &owner, "done").await;
        let listed = items(&app, &project, &owner).await;
        assert_eq!(listed.len(), 401);
        let mut ranks: Vec<&str> = listed[1..].iter().map(|item| item["rank"].as_str().unwrap()).collect();
        assert!(ranks.is_sorted(), "in the order of the file");
        ranks.dedup();
        assert_eq!(ranks.len(), 400);
        app.stop().await;
    }
}

/// `cargo test --release -p server --test api ten_thousand -- --ignored --nocapture`
mod figures {
    use std::time::Instant;

    use super::*;

    fn table(rows: usize) -> String {
        let mut csv =
            String::from("id,parent,title,type,status,labels,description,acceptance criteria\n");
        for n in 0..rows {
            let parent = if n % 10 == 0 {
                String::new()
            } else {
                (n / 10 * 10).to_string()
            };
            csv.push_str(&format!(
                "i{n},{}{parent},Item {n},story,todo,web,\"## What\n\nItem **{n}** does what it says, at length.\n\n- one\n- two\",[ ] It works\n",
                if parent.is_empty() { "" } else { "i" }
            ));
        }
        csv
    }

    #[test]
    #[ignore = "figures of a release build"]
    fn ten_thousand_on_sqlite() {
        store::testing::run_sqlite(measure);
    }

    #[test]
    #[ignore = "figures of a release build"]
    fn ten_thousand_on_postgres() {
        store::testing::run_postgres(measure);
    }

    async fn measure(db: store::Db) {
        let app = TestApp::new(db).await;
        let (_, owner, project) = start(&app, "o@x.io").await;
        let mine = app.item(&project, &owner, "Mine").await;
        let begun = Instant::now();
        let made = bring(&app, &project, &owner, "name=a.csv", &table(10_000))
            .await
            .expect(201);
        println!("preview of 10,000 rows: {:?}", begun.elapsed());
        let id = text(&made["id"]);
        let begun = Instant::now();
        app.post(&format!("/imports/{id}/run"), &owner, Value::Null)
            .await
            .expect(202);
        // Somebody goes on editing meanwhile.
        let mut edits: Vec<Duration> = Vec::new();
        loop {
            let edit = Instant::now();
            app.patch(
                &format!("/items/{mine}"),
                &owner,
                json!({ "title": format!("Mine {}", edits.len()) }),
            )
            .await
            .expect(200);
            edits.push(edit.elapsed());
            if app.get(&format!("/imports/{id}"), &owner).await.expect(200)["state"] == "done" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        edits.sort();
        println!(
            "import of 10,000 rows: {:?}; {} edits meanwhile, median {:?}, slowest {:?}",
            begun.elapsed(),
            edits.len(),
            edits[edits.len() / 2],
            edits[edits.len() - 1]
        );
        for format in ["json", "csv", "markdown"] {
            let begun = Instant::now();
            let (_, bytes) = export(&app, &project, &owner, &format!("format={format}")).await;
            println!(
                "export of 10,001 items as {format}: {:?}, {} KiB",
                begun.elapsed(),
                bytes.len() >> 10
            );
        }
        let begun = Instant::now();
        app.post(&format!("/imports/{id}/undo"), &owner, Value::Null)
            .await
            .expect(200);
        println!("undo: {:?}", begun.elapsed());
        app.stop().await;
    }
}
