//! What somebody might try with diagrams: in their documents, in files, and in what they show.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::header;
use content::testing::Client;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::app::{PNG, Person, Reply, TestApp, text};
use crate::files::bytes_of;
use crate::interchange::{export, import, items};
use crate::sockets::{self, closed, connect, serve};

const SHAPES: &str = "shapes";
const CONNECTORS: &str = "connectors";

/// One who draws by a socket of their own.
struct Drawer {
    socket: sockets::Client,
    client: Client,
}

impl Drawer {
    async fn join(address: SocketAddr, diagram: &str, token: &str, id: u64) -> Self {
        let path = format!("/collab/{diagram}?token={token}");
        let socket = connect(address, &path, &[]).await.unwrap();
        let mut drawer = Self {
            socket,
            client: Client::new(id),
        };
        drawer.say(&[0, 0, 1, 0]).await;
        while let Some((kind, update)) = drawer.hear().await {
            drawer.client.apply(&update).unwrap();
            if kind == 1 {
                return drawer;
            }
        }
        panic!("never let in");
    }

    async fn say(&mut self, frame: &[u8]) {
        self.socket
            .send(Message::Binary(frame.to_vec().into()))
            .await
            .unwrap();
    }

    /// The next sync step 2 or update.
    async fn hear(&mut self) -> Option<(u8, Vec<u8>)> {
        while let Some(Ok(message)) = self.socket.next().await {
            let Message::Binary(bytes) = message else {
                continue;
            };
            if let [0, kind @ (1 | 2), rest @ ..] = &*bytes {
                let length = rest.iter().position(|byte| *byte < 0x80).unwrap() + 1;
                return Some((*kind, rest[length..].to_vec()));
            }
        }
        None
    }

    /// Sends an update.
    async fn send(&mut self, update: &[u8]) {
        let mut frame = vec![0, 2];
        let mut length = update.len();
        while length >= 0x80 {
            frame.push(length as u8 | 0x80);
            length >>= 7;
        }
        frame.push(length as u8);
        frame.extend(update);
        self.say(&frame).await;
    }
}

fn shape(keys: Value) -> Value {
    let mut shape = json!({ "kind": "rectangle", "at": [0, 0], "size": [100, 50], "rank": "a" });
    for (key, value) in keys.as_object().unwrap() {
        shape[key] = value.clone();
    }
    shape
}

/// An empty diagram.
async fn diagram(app: &TestApp, project: &str, person: &Person, title: &str) -> String {
    let body = json!({ "title": title, "type": "diagram" });
    let path = format!("/projects/{project}/items");
    text(&app.post(&path, person, body).await.expect(201)["id"])
}

async fn drawn(app: &TestApp, diagram: &str, person: &Person, query: &str) -> Reply {
    app.get(&format!("/diagrams/{diagram}/export?{query}"), person)
        .await
}

/// The diagram as JSON, once a shape is in it.
async fn with_shape(app: &TestApp, diagram: &str, person: &Person, id: &str) -> Value {
    let mut json = Value::Null;
    for _ in 0..400 {
        json = drawn(app, diagram, person, "format=json").await.expect(200);
        let mut shapes = json["shapes"].as_array().unwrap().iter();
        if shapes.any(|shape| shape["id"] == id) {
            return json;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{id} never came: {json}");
}

/// An item's row, once its search text or that of another says so.
async fn found(app: &TestApp, person: &Person, word: &str, id: &str) {
    let mut seen = Value::Null;
    for _ in 0..400 {
        seen = app
            .get(&format!("/search?q={word}"), person)
            .await
            .expect(200);
        if seen["hits"][0]["item"]["id"] == id {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{word} was never found: {seen}");
}

/// A file of ours with one diagram.
fn package(shapes: &Value) -> String {
    let diagram = json!({ "canopy": "diagram", "version": 1, "title": "", "shapes": shapes, "connectors": [] });
    json!({ "format": "canopy/1", "items": [{ "id": "1", "title": "Spy", "type": "diagram", "diagram": diagram }] }).to_string()
}

/// Imports a diagram of these shapes; its id.
async fn imported(app: &TestApp, project: &str, person: &Person, shapes: &Value) -> String {
    let before = items(app, project, person).await;
    import(app, project, person, "name=a.json", &package(shapes)).await;
    let after = items(app, project, person).await;
    let new = after
        .iter()
        .find(|item| before.iter().all(|old| old["id"] != item["id"]));
    text(&new.unwrap()["id"])
}

store::db_test! {
    async fn a_hostile_document_is_drawn_found_copied_and_exported(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let diagram = diagram(&app, &project, &owner, "Traps").await;
        let address = serve(&app).await;
        let mut drawer = Drawer::join(address, &diagram, &owner.token, 77).await;
        let update = drawer.client.wrong_canvas();
        drawer.send(&update).await;
        let keys = shape(json!({ "size": [2000, 50], "link": "javascript:alert(1)", "fill": "\"/><script>", "stroke": "url(#x)", "frame": "good", "\u{0}key\u{0}": "\u{0}" }));
        let update = drawer.client.put_element(SHAPES, "good", &keys, "\u{0}acquirer\u{1b}\u{ffff}</text><script>");
        drawer.send(&update).await;

        let json = with_shape(&app, &diagram, &owner, "good").await;
        found(&app, &owner, "acquirer", &diagram).await;
        let svg = drawn(&app, &diagram, &owner, "format=svg").await;
        assert_eq!(svg.status, 200);
        let svg = svg.text;
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && svg.contains("acquirer&lt;/text&gt;"), "{svg}");
        for trap in ["<script", "javascript:", "url(", "foreignObject", "NaN", "inf", "\u{0}", "\u{1b}", "\u{ffff}"] {
            assert!(!svg.contains(trap), "{trap:?}: {svg}");
        }

        let copy = app.post(&format!("/items/{diagram}/duplicate"), &owner, json!({})).await.expect(201);
        let copied = drawn(&app, &text(&copy["root"]), &owner, "format=json").await.expect(200);
        assert_eq!((&copied["shapes"], &copied["connectors"]), (&json["shapes"], &json["connectors"]));
        for format in ["csv", "markdown", "json"] {
            let (_, bytes) = export(&app, &project, &owner, &format!("format={format}")).await;
            assert!(bytes.len() > 100, "{format}");
            if format == "json" {
                let second = app.project(org, &owner).await;
                import(&app, &second, &owner, "name=a.json", &String::from_utf8(bytes.clone()).unwrap()).await;
                let (_, again) = export(&app, &second, &owner, "format=json").await;
                let canvas = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap()["items"][0]["diagram"].clone();
                assert_eq!(canvas(&again), canvas(&bytes));
            }
        }
        app.stop().await;
    }

    async fn what_is_anothers_shows_nothing_in_ones_own_diagram(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let theirs = app.owner("s@y.io").await;
        let stranger = app.login("s@y.io").await;
        let foreign = app.project(theirs, &stranger).await;
        let secret = app.item(&foreign, &stranger, "Hush").await;
        let file = app.new_id();
        let path = format!("/projects/{foreign}/files/{file}?name=hush.png");
        app.upload(&path, &stranger, PNG).await.expect(201);
        let shapes = json!([
            { "id": "a", "kind": "frame", "at": [0, 0], "size": [900, 900], "text": "Mine" },
            { "id": "b", "kind": "card", "at": [0, 0], "size": [280, 88], "item": secret, "frame": "a" },
            { "id": "c", "kind": "image", "at": [0, 200], "size": [20, 20], "file": file, "alt": "Alt", "frame": "a" },
            { "id": "d", "kind": "rectangle", "at": [0, 200], "size": [20, 20], "file": file, "item": secret },
        ]);
        let spy = imported(&app, &project, &owner, &shapes).await;
        let copy = app.post(&format!("/items/{spy}/duplicate"), &owner, json!({})).await.expect(201);
        let mut seen = Vec::new();
        for one in [spy.clone(), text(&copy["root"])] {
            for query in ["format=svg", "format=svg&theme=dark", "format=svg&frame=a", "format=json"] {
                seen.push(drawn(&app, &one, &owner, query).await.text);
            }
            for path in [format!("/items/{one}"), format!("/items/{one}/backlinks")] {
                seen.push(app.get(&path, &owner).await.text);
            }
        }
        for format in ["json", "csv", "markdown"] {
            let (_, bytes) = export(&app, &project, &owner, &format!("format={format}")).await;
            seen.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        seen.push(app.get("/search?q=hush", &owner).await.text);
        let bytes = ::interchange::package::base64(PNG);
        for seen in seen {
            assert!(!seen.to_lowercase().contains("hush") && !seen.contains("data:image") && !seen.contains(&bytes), "{seen}");
        }
        let links = app.get(&format!("/items/{secret}/backlinks"), &stranger).await.expect(200);
        assert_eq!(links["items"], json!([]), "nobody is told of cards elsewhere");
        drawn(&app, &spy, &stranger, "format=json").await.problem(404, "not-found");

        // Of one's own, they show.
        let file = app.new_id();
        app.upload(&format!("/projects/{project}/files/{file}?name=a.png"), &owner, PNG).await.expect(201);
        let own = app.item(&project, &owner, "Known").await;
        let shapes = json!([
            { "id": "b", "kind": "card", "at": [0, 0], "size": [280, 88], "item": own },
            { "id": "c", "kind": "image", "at": [0, 200], "size": [20, 20], "file": file },
        ]);
        let open = imported(&app, &project, &owner, &shapes).await;
        let svg = drawn(&app, &open, &owner, "format=svg").await.text;
        assert!(svg.contains("Known") && svg.contains("data:image/png"), "{svg}");

        // A token that may only read reads, and draws nothing.
        let address = serve(&app).await;
        let reader = app.personal_token(&owner, &["read"]).await;
        let path = format!("/diagrams/{open}/export?format=svg");
        assert_eq!(app.call("GET", &path, &reader, Value::Null).await.text, svg);
        let mut drawer = Drawer::join(address, &open, &reader, 7).await;
        let update = drawer.client.put_element(SHAPES, "no", &shape(json!({})), "no");
        drawer.send(&update).await;
        assert_eq!(u16::from(closed(&mut drawer.socket).await.code), 4403);
        let path = format!("/collab/{open}?token={}", stranger.token);
        let mut outside = connect(address, &path, &[]).await.unwrap();
        let _ = outside.send(Message::Binary(vec![0, 0, 1, 0].into())).await;
        assert_eq!(u16::from(closed(&mut outside).await.code), 4404);
        assert_eq!(drawn(&app, &open, &owner, "format=svg").await.text, svg);
        app.stop().await;
    }

    async fn an_exported_picture_is_a_download_that_can_do_nothing(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let diagram = diagram(&app, &project, &owner, "../a\"; b=\r\n<\u{202e}é>/x").await;
        for (format, kind) in [("svg", "image/svg+xml"), ("json", "application/json")] {
            let reply = drawn(&app, &diagram, &owner, &format!("format={format}")).await;
            assert_eq!(reply.status, 200);
            let of = |name: header::HeaderName| reply.headers[name].to_str().unwrap().to_owned();
            assert_eq!(of(header::CONTENT_TYPE), kind);
            assert!(of(header::CONTENT_SECURITY_POLICY).starts_with("sandbox; default-src 'none';"));
            assert_eq!(of(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(of(header::CACHE_CONTROL), "private, no-cache");
            let disposition = of(header::CONTENT_DISPOSITION);
            let (plain, encoded) = disposition.strip_prefix("attachment; filename=\"").unwrap().split_once("\"; filename*=UTF-8''").unwrap();
            let tame = |c: u8| c.is_ascii_alphanumeric() || b"-_.%".contains(&c);
            assert!(plain.bytes().chain(encoded.bytes()).all(tame), "{disposition}");
            assert!(plain.ends_with(&format!(".{format}")) && !plain.starts_with('.'), "{disposition}");
        }
        let path = format!("/diagrams/{diagram}/export?format=svg");
        let whole = app.get(&path, &owner).await.text;
        let head = crate::app::request("HEAD", &path, &owner.token, Value::Null, &[]);
        let (status, headers, body) = bytes_of(&app, head).await;
        assert_eq!((u16::from(status), body.len()), (200, 0));
        assert_eq!(headers[header::CONTENT_TYPE], "image/svg+xml");
        let part = app.call_with("GET", &path, &owner.token, Value::Null, &[("range", "bytes=0-3,5-")]).await;
        assert_eq!((u16::from(part.status), &part.text), (200, &whole));
        for frame in ["x".repeat(10_000), "%22%3E%3Cscript%3E".into(), "%00".into(), String::new(), "..%2F".into()] {
            let refused = app.get(&format!("{path}&frame={frame}"), &owner).await;
            assert!(!refused.text.contains("script") && refused.text.len() < 1_000, "{}", refused.text);
            refused.problem(422, "invalid");
        }
        app.call("GET", &path, "", Value::Null).await.problem(401, "unauthenticated");
        app.stop().await;
    }

    async fn a_file_makes_no_diagram_that_can_not_be_opened_or_drawn(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let address = serve(&app).await;
        let mut deep = json!(1);
        for _ in 0..110 {
            deep = json!([deep]);
        }
        // Deeper than a document may be: the diagram comes without it, and opens.
        let before = items(&app, &project, &owner).await.len();
        let nested = json!([{ "id": "a", "kind": "rectangle", "at": [0, 0], "size": [9, 9], "x": deep }]);
        let made = import(&app, &project, &owner, "name=a.json", &package(&nested)).await;
        assert_eq!(made["report"][0]["code"], "diagram", "{made}");
        let listed = items(&app, &project, &owner).await;
        assert_eq!(listed.len(), before + 1);
        let empty = text(&listed[0]["id"]);
        let mut drawer = Drawer::join(address, &empty, &owner.token, 7).await;
        let update = drawer.client.put_element(SHAPES, "new", &shape(json!({})), "x");
        drawer.send(&update).await;
        with_shape(&app, &empty, &owner, "new").await;

        // An image that stands there many times is in the picture as often as there is room for.
        let file = app.new_id();
        let large = [PNG, &vec![0; 200_000]].concat();
        app.upload(&format!("/projects/{project}/files/{file}?name=a.png"), &owner, &large).await.expect(201);
        let images = |count: usize| -> Value {
            (0..count).map(|n| json!({ "id": format!("i{n}"), "kind": "image", "at": [n, 0], "size": [9, 9], "file": file, "alt": "Alt" })).collect()
        };
        for (count, shown) in [(3, 3), (400, 0)] {
            let diagram = imported(&app, &project, &owner, &images(count)).await;
            let svg = drawn(&app, &diagram, &owner, "format=svg").await.text;
            assert_eq!(svg.matches("data:image/png").count(), shown);
        }

        // A picture too large to be one is told, and doesn't break an export of the project off.
        let narrow: Value = (0..900).map(|n| json!({ "id": format!("n{n}"), "kind": "rectangle", "at": [n, 0], "size": [1, 1], "text": "x".repeat(10_000) })).collect();
        let diagram = imported(&app, &project, &owner, &narrow).await;
        drawn(&app, &diagram, &owner, "format=svg").await.problem(413, "too-large");
        assert_eq!(drawn(&app, &diagram, &owner, "format=json").await.status, 200);
        let (_, zip) = export(&app, &project, &owner, "format=markdown").await;
        let archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        let pictures = archive.file_names().filter(|name| name.as_ref().is_ok_and(|name| name.ends_with(".svg")));
        assert_eq!(pictures.count(), 3);
        app.stop().await;
    }

    async fn deleting_and_connecting_at_once_leaves_nothing_dangling(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let diagram = imported(&app, &project, &owner, &json!([
            { "id": "f", "kind": "frame", "at": [0, 0], "size": [900, 900], "text": "Frame" },
            { "id": "a", "kind": "rectangle", "at": [0, 0], "size": [90, 90], "frame": "f" },
            { "id": "b", "kind": "rectangle", "at": [200, 0], "size": [90, 90], "frame": "f" },
            { "id": "c", "kind": "rectangle", "at": [400, 0], "size": [90, 90], "frame": "f" },
        ])).await;
        let address = serve(&app).await;
        let mut one = Drawer::join(address, &diagram, &owner.token, 101).await;
        let mut two = Drawer::join(address, &diagram, &owner.token, 102).await;
        // Neither has seen what the other does.
        let line = |from: &str, to: &str| json!({ "from": { "shape": from, "at": [1, 1] }, "to": { "shape": to, "at": [2, 2] } });
        let deleted = [one.client.unset(SHAPES, "a"), one.client.unset(SHAPES, "f")];
        let connected = [
            two.client.put_element(CONNECTORS, "l", &line("a", "b"), "dangling"),
            two.client.put_element(CONNECTORS, "k", &line("f", "b"), "dangling"),
            two.client.put_element(CONNECTORS, "ok", &line("b", "c"), "lasting"),
            two.client.set_element(SHAPES, "a", "at", &json!([500, 500])),
            two.client.put_element(SHAPES, "late", &shape(json!({ "frame": "f" })), "orphan"),
        ];
        for update in deleted {
            one.send(&update).await;
        }
        for update in connected {
            two.send(&update).await;
        }
        let json = with_shape(&app, &diagram, &owner, "late").await;
        let ids = |key: &str| -> Vec<String> { json[key].as_array().unwrap().iter().map(|one| text(&one["id"])).collect() };
        let mut shapes = ids("shapes");
        shapes.sort();
        assert_eq!((shapes, ids("connectors")), (["b", "c", "late"].map(str::to_owned).to_vec(), vec!["ok".to_owned()]));
        let svg = drawn(&app, &diagram, &owner, "format=svg").await.text;
        assert!(svg.contains("lasting") && svg.contains("orphan") && !svg.contains("dangling"), "{svg}");
        found(&app, &owner, "lasting", &diagram).await;
        let hits = app.get("/search?q=dangling", &owner).await.expect(200);
        assert_eq!(hits["hits"], json!([]));
        // Both hold the same in the end, which is what a newcomer is given.
        let newcomer = Drawer::join(address, &diagram, &owner.token, 103).await.client.snapshot();
        for drawer in [&mut one, &mut two] {
            for _ in 0..20 {
                if drawer.client.snapshot() == newcomer {
                    break;
                }
                let (_, update) = drawer.hear().await.unwrap();
                drawer.client.apply(&update).unwrap();
            }
            assert_eq!(drawer.client.snapshot(), newcomer);
        }
        app.stop().await;
    }
}
