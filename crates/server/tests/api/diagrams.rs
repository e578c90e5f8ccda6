//! Diagrams: items like others, and pictures of what stands on them.

use std::time::Duration;

use model::Role;
use serde_json::{Value, json};

use crate::app::{PNG, Person, TestApp, text};
use crate::interchange::{export, import, items};

/// A project with an item and a diagram that shows it, both by an import. Their ids.
async fn drawn(app: &TestApp, project: &str, person: &Person) -> (String, String) {
    let file = json!({
        "format": "canopy/1",
        "items": [
            { "id": "1", "title": "Pay by <card>", "type": "story", "status": "in_progress", "criteria": [{ "text": "It works", "done": true }] },
            { "id": "2", "title": "How paying works", "type": "diagram", "diagram": {
                "canopy": "diagram", "version": 1, "title": "",
                "shapes": [
                    { "id": "a", "kind": "frame", "at": [0, 0], "size": [600, 400], "rank": "a0", "text": "Checkout" },
                    { "id": "b", "kind": "card", "at": [40, 40], "size": [280, 88], "rank": "a1", "item": "item:1", "frame": "a", "text": "" },
                    { "id": "c", "kind": "image", "at": [40, 200], "size": [20, 20], "rank": "a2", "file": "file:1", "frame": "a", "text": "" },
                    { "id": "d", "kind": "ellipse", "at": [800, 40], "size": [120, 80], "rank": "a3", "text": "Acquirer" },
                ],
                "connectors": [{ "id": "e", "from": { "shape": "b" }, "to": { "shape": "d" }, "rank": "a0", "text": "authorizes" }],
            } },
        ],
        "files": [{ "id": "1", "name": "a.png", "data": ::interchange::package::base64(PNG) }],
    });
    let made = import(app, project, person, "name=a.json", &file.to_string()).await;
    assert_eq!(made["report"], json!([]), "{made}");
    let mut id = [String::new(), String::new()];
    for item in items(app, project, person).await {
        id[usize::from(item["type"] == "diagram")] = text(&item["id"]);
    }
    id.into()
}

/// A picture, as text.
async fn picture(app: &TestApp, diagram: &str, person: &Person, query: &str) -> String {
    let path = format!("/diagrams/{diagram}/export?{query}");
    let reply = app.get(&path, person).await;
    assert_eq!(reply.status, 200, "{path}");
    reply.text
}

store::db_test! {
    async fn a_diagram_is_drawn_with_what_one_may_see(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let (item, diagram) = drawn(&app, &project, &owner).await;

        let svg = picture(&app, &diagram, &owner, "format=svg").await;
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        for part in ["Pay by &lt;card&gt;", "Story · In progress", ">1/1<", "Acquirer", "authorizes", "Checkout", "data:image/png;base64,"] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        let frame = picture(&app, &diagram, &owner, "format=svg&frame=a&theme=dark").await;
        assert!(frame.contains("Pay by") && !frame.contains("Acquirer") && !frame.contains("authorizes"), "{frame}");
        let path = format!("/diagrams/{diagram}/export");
        app.get(&format!("{path}?format=svg&frame=none"), &owner).await.problem(422, "invalid");
        app.get(&format!("{path}?format=png"), &owner).await.problem(400, "malformed");

        // Only diagrams are drawn, by who may see them.
        app.get(&format!("/diagrams/{item}/export?format=svg"), &owner).await.problem(404, "not-found");
        app.account("v@x.io", Some((org, Role::Viewer))).await;
        let viewer = app.login("v@x.io").await;
        assert_eq!(picture(&app, &diagram, &viewer, "format=svg").await, svg);
        app.owner("p@x.io").await;
        let stranger = app.login("p@x.io").await;
        app.get(&format!("{path}?format=svg"), &stranger).await.problem(404, "not-found");

        // A card of what has gone, or of what is another's, is empty.
        let elsewhere = app.owner("q@x.io").await;
        let other = app.login("q@x.io").await;
        let foreign = app.project(elsewhere, &other).await;
        let secret = app.item(&foreign, &other, "a secret").await;
        let file = json!({ "format": "canopy/1", "items": [{ "id": "1", "title": "D", "type": "diagram", "diagram": {
            "canopy": "diagram", "version": 1, "title": "",
            "shapes": [{ "id": "a", "kind": "card", "at": [0, 0], "size": [280, 88], "item": secret }], "connectors": [] } }] });
        import(&app, &project, &owner, "name=b.json", &file.to_string()).await;
        let listed = items(&app, &project, &owner).await;
        let made = listed.iter().find(|item| item["title"] == "D").unwrap();
        let svg = picture(&app, &text(&made["id"]), &owner, "format=svg").await;
        assert!(!svg.contains("secret"), "{svg}");
        let links = app.get(&format!("/items/{secret}/backlinks"), &other).await.expect(200);
        assert_eq!(links["items"], json!([]), "nobody is told of cards elsewhere");
        app.delete(&format!("/items/{item}"), &owner).await.expect(204);
        assert!(!picture(&app, &diagram, &owner, "format=svg").await.contains("Pay by"));
        app.delete(&format!("/items/{diagram}"), &owner).await.expect(204);
        app.get(&format!("{path}?format=svg"), &owner).await.problem(404, "not-found");
        app.stop().await;
    }

    async fn an_item_lists_the_diagrams_it_stands_in_and_search_finds_their_text(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let (item, diagram) = drawn(&app, &project, &owner).await;
        let path = format!("/items/{item}/backlinks");
        let links = app.get(&path, &owner).await.expect(200);
        assert_eq!((&links["items"][0]["item"]["id"], &links["items"][0]["excerpt"]), (&json!(diagram), &json!("Checkout")));
        let mut found = Value::Null;
        for _ in 0..400 {
            found = app.get(&format!("/search?organization={org}&q=acquirer"), &owner).await.expect(200);
            if found["hits"][0]["item"]["id"] == json!(diagram) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert_eq!(found["hits"][0]["item"]["type"], "diagram", "{found}");
        app.stop().await;
    }

    async fn diagrams_go_round_are_copied_and_stay_diagrams(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let (item, diagram) = drawn(&app, &project, &owner).await;
        let (_, exported) = export(&app, &project, &owner, "format=json").await;
        let second = app.project(org, &owner).await;
        import(&app, &second, &owner, "name=a.json", &String::from_utf8(exported.clone()).unwrap()).await;
        let (_, again) = export(&app, &second, &owner, "format=json").await;
        let canvas = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap()["items"][1]["diagram"].clone();
        assert_eq!(canvas(&exported)["shapes"][1]["item"], "item:1");
        assert_eq!(canvas(&again), canvas(&exported));

        // The zip has a picture beside the page.
        let (_, zip) = export(&app, &project, &owner, "format=markdown").await;
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        let svg = std::io::read_to_string(archive.by_name("how-paying-works.svg").unwrap()).unwrap();
        let page = std::io::read_to_string(archive.by_name("how-paying-works.md").unwrap()).unwrap();
        assert!(svg.contains("Acquirer") && page.contains("![How paying works](how-paying-works.svg)"), "{page}");

        let copy = app.post(&format!("/items/{diagram}/duplicate"), &owner, json!({})).await.expect(201);
        let copied = picture(&app, &text(&copy["root"]), &owner, "format=svg").await;
        assert_eq!(copied, picture(&app, &diagram, &owner, "format=svg").await);

        for (id, word) in [(&diagram, "story"), (&item, "diagram")] {
            app.patch(&format!("/items/{id}"), &owner, json!({ "type": word })).await.problem(422, "invalid");
            let bulk = json!({ "ids": [id], "set": { "type": word } });
            let bulk = app.post(&format!("/projects/{project}/items/bulk"), &owner, bulk).await.expect(200);
            assert_eq!((&bulk["changed"], &bulk["failed"][0]["id"]), (&json!([]), &json!(id)), "{bulk}");
        }
        app.stop().await;
    }
}
