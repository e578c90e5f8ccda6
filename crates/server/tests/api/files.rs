//! Files: in, out, and what somebody might try with them.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use model::{OrgId, Role};
use serde_json::{Value, json};

use crate::app::{PNG, Person, Reply, TestApp, config, request, text};

struct World {
    app: TestApp,
    org: OrgId,
    owner: Person,
    project: String,
}

impl World {
    async fn new(db: store::Db) -> Self {
        Self::with(db, config()).await
    }

    async fn with(db: store::Db, config: server::AppConfig) -> Self {
        let app = TestApp::with(db, config).await;
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

    fn path(&self, file: &str) -> String {
        format!("/projects/{}/files/{file}", self.project)
    }

    async fn put(&self, file: &str, bytes: &[u8]) -> Reply {
        self.app.upload(&self.path(file), &self.owner, bytes).await
    }

    async fn get(
        &self,
        file: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, axum::http::HeaderMap, Bytes) {
        self.request("GET", file, headers).await
    }

    async fn request(
        &self,
        method: &str,
        file: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, axum::http::HeaderMap, Bytes) {
        let path = format!("/files/{file}");
        let request = request(method, &path, &self.owner.token, Value::Null, headers);
        bytes_of(&self.app, request).await
    }

    /// The kept objects, and the temporary files.
    fn on_disk(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let mut all = Vec::new();
        walk(self.app.folder.path(), &mut all);
        all.into_iter()
            .partition(|path| !path.components().any(|part| part.as_os_str() == "incoming"))
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

pub(crate) async fn bytes_of(
    app: &TestApp,
    request: axum::http::Request<Body>,
) -> (StatusCode, axum::http::HeaderMap, Bytes) {
    use http_body_util::BodyExt;
    let response = tower::ServiceExt::oneshot(app.app.router.clone(), request)
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, bytes)
}

store::db_test! {
    async fn an_image_goes_in_and_comes_out(db: store::Db) {
        let world = World::new(db).await;
        let id = world.app.new_id();
        let path = format!("{}?name=pixel.png", world.path(&id));
        let made = world.app.upload(&path, &world.owner, PNG).await.expect(201);
        assert_eq!(made, json!({
            "id": id, "project_id": world.project, "name": "pixel.png", "media_type": "image/png",
            "size": PNG.len(), "width": 1, "height": 1, "created_at": made["created_at"],
        }));
        assert_eq!(world.app.get(&format!("/files/{id}/meta"), &world.owner).await.expect(200), made);

        let (status, headers, bytes) = world.get(&id, &[]).await;
        assert_eq!((status.as_u16(), &bytes[..]), (200, PNG));
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/png");
        assert_eq!(header("content-length"), PNG.len().to_string());
        assert_eq!(header("content-disposition"), "inline; filename=\"pixel.png\"; filename*=UTF-8''pixel.png");
        assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "private, max-age=31536000, immutable");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(header("accept-ranges"), "bytes");
        let tag = header("etag");
        assert!(tag.len() == 66 && tag.starts_with('"'), "{tag}");

        let (status, headers, bytes) = world.get(&id, &[("if-none-match", &tag)]).await;
        assert_eq!((status.as_u16(), bytes.len()), (304, 0));
        assert_eq!(headers["etag"], tag);
        let (status, headers, bytes) = world.request("HEAD", &id, &[]).await;
        assert_eq!((status.as_u16(), bytes.len()), (200, 0));
        assert_eq!(headers["content-length"], PNG.len().to_string());
        let (status, headers, bytes) = world.get(&id, &[("range", "bytes=1-3")]).await;
        assert_eq!((status.as_u16(), &bytes[..]), (206, &b"PNG"[..]));
        assert_eq!(headers["content-range"], format!("bytes 1-3/{}", PNG.len()));
        assert_eq!(headers["content-length"], "3");
        let (status, headers, _) = world.get(&id, &[("range", "bytes=9999-")]).await;
        assert_eq!(status.as_u16(), 416);
        assert_eq!(headers["content-range"], format!("bytes */{}", PNG.len()));
        let (status, _, bytes) = world.get(&id, &[("range", "bytes=1-3"), ("if-range", "\"other\"")]).await;
        assert_eq!((status.as_u16(), &bytes[..]), (200, PNG));

        // An empty file is one, too.
        let id = world.app.new_id();
        assert_eq!(world.put(&id, b"").await.expect(201)["size"], 0);
        let (status, _, bytes) = world.get(&id, &[]).await;
        assert_eq!((status.as_u16(), bytes.len()), (200, 0));
        world.app.stop().await;
    }

    async fn what_a_client_says_of_the_type_is_not_believed(db: store::Db) {
        let world = World::new(db).await;
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let html = b"<!doctype html><script>alert(1)</script>";
        let polyglot = [PNG, html].concat();
        for (bytes, name, claimed, media_type, sent, how) in [
            (&svg[..], "a.png", "image/png", "text/plain", "text/plain; charset=utf-8", "attachment"),
            (&html[..], "a.html", "text/html", "text/plain", "text/plain; charset=utf-8", "attachment"),
            (&polyglot, "a.html", "text/html", "image/png", "image/png", "inline"),
            (&b"%PDF-1.4 \xff"[..], "a.svg", "image/svg+xml", "application/pdf", "application/pdf", "attachment"),
            (&b"MZ\0\0"[..], "a.jpg", "image/jpeg", "application/octet-stream", "application/octet-stream", "attachment"),
        ] {
            let id = world.app.new_id();
            let path = format!("{}?name={name}", world.path(&id));
            let mut request = request("PUT", &path, &world.owner.token, Value::Null, &[("content-type", claimed)]);
            *request.body_mut() = Body::from(bytes.to_vec());
            assert_eq!(world.app.send(request).await.expect(201)["media_type"], media_type, "{name}");
            let (_, headers, _) = world.get(&id, &[("accept", "text/html")]).await;
            assert_eq!(headers["content-type"], sent);
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert!(headers["content-disposition"].to_str().unwrap().starts_with(how), "{name}");
        }
        world.app.stop().await;
    }

    async fn names_stay_names(db: store::Db) {
        let world = World::new(db).await;
        for (given, name) in [
            ("..%2F..%2F..%2Fetc%2Fpasswd", "passwd"),
            ("a%0D%0ASet-Cookie:%20x=1.txt", "aSet-Cookie: x=1.txt"),
            ("%22%3B%20filename=%22evil.html", "\"; filename=\"evil.html"),
            ("..", "file"),
            ("%E2%80%AEgpj.exe", "gpj.exe"),
        ] {
            let id = world.app.new_id();
            let path = format!("{}?name={given}", world.path(&id));
            assert_eq!(world.app.upload(&path, &world.owner, b"x").await.expect(201)["name"], name);
            let (status, headers, _) = world.get(&id, &[]).await;
            assert_eq!(status.as_u16(), 200);
            assert!(!headers.contains_key("set-cookie"));
            let disposition = headers["content-disposition"].to_str().unwrap();
            assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
        }
        // All of them are one object, where objects are.
        let (kept, incoming) = world.on_disk();
        assert_eq!((kept.len(), incoming.len()), (1, 0));
        let digits: PathBuf = kept[0].strip_prefix(world.app.folder.path()).unwrap().into();
        assert!(digits.starts_with(world.org.to_string()), "{digits:?}");
        world.app.stop().await;
    }

    async fn the_same_again_makes_nothing(db: store::Db) {
        let world = World::new(db).await;
        let id = world.app.new_id();
        let made = world.put(&id, b"one").await.expect(201);
        world.app.clock.advance_millis(5);
        assert_eq!(world.put(&id, b"one").await.expect(201), made);
        world.put(&id, b"two").await.problem(409, "id-taken");
        // The refused bytes were not kept.
        assert_eq!(world.on_disk().0.len(), 1);
        let other = world.app.project(world.org, &world.owner).await;
        let path = format!("/projects/{other}/files/{id}");
        world.app.upload(&path, &world.owner, b"one").await.problem(409, "id-taken");
        let path = world.path("0b4b9d4c-8a4e-4c4e-9b8f-2f9d0b7f6a10");
        world.app.upload(&path, &world.owner, b"one").await.problem(422, "invalid");
        world.app.stop().await;
    }

    async fn twins_at_once_agree(db: store::Db) {
        let world = World::new(db).await;
        let id = world.app.new_id();
        let (a, b) = tokio::join!(world.put(&id, b"same"), world.put(&id, b"same"));
        assert_eq!((a.status.as_u16(), b.status.as_u16()), (201, 201));
        let id = world.app.new_id();
        let (a, b) = tokio::join!(world.put(&id, b"left"), world.put(&id, b"right"));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        let expected: &[u8] = if a.status == 201 { b"left" } else { b"right" };
        assert_eq!(&world.get(&id, &[]).await.2[..], expected);
        world.app.stop().await;
    }

    async fn organizations_share_nothing(db: store::Db) {
        let world = World::new(db).await;
        let app = &world.app;
        let secret = app.new_id();
        world.put(&secret, b"the plan").await.expect(201);
        world.put(&app.new_id(), b"the plan").await.expect(201);
        assert_eq!(world.on_disk().0.len(), 1, "once in an organization");

        let elsewhere = app.owner("e@x.io").await;
        let eve = app.login("e@x.io").await;
        let hers = app.project(elsewhere, &eve).await;
        for path in [format!("/files/{secret}"), format!("/files/{secret}/meta")] {
            app.get(&path, &eve).await.problem(404, "not-found");
        }
        app.upload(&world.path(&app.new_id()), &eve, b"x").await.problem(404, "not-found");
        // That an id is taken is all that she learns.
        app.upload(&format!("/projects/{hers}/files/{secret}"), &eve, b"the plan").await.problem(409, "id-taken");
        app.upload(&format!("/projects/{hers}/files/{}", app.new_id()), &eve, b"the plan").await.expect(201);
        assert_eq!(world.on_disk().0.len(), 2, "again in another");

        // What a project has goes with it.
        app.delete(&format!("/projects/{}", world.project), &world.owner).await.expect(204);
        app.get(&format!("/files/{secret}"), &world.owner).await.problem(404, "not-found");
        world.put(&app.new_id(), b"x").await.problem(404, "not-found");
        world.app.stop().await;
    }

    async fn what_is_too_large_is_refused_while_it_comes(db: store::Db) {
        let mut config = config();
        config.files.max_bytes = 100_000;
        let world = World::with(db, config).await;
        let refused = world.put(&world.app.new_id(), &[7; 100_001]).await.problem(413, "too-large");
        assert!(refused["detail"].as_str().unwrap().contains("97 KiB"), "{refused}");
        world.put(&world.app.new_id(), &[7; 100_000]).await.expect(201);

        // Without a length, and without an end: it is left after a while.
        let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[1; 10_000])));
        let path = world.path(&world.app.new_id());
        let mut request = request("PUT", &path, &world.owner.token, Value::Null, &[]);
        *request.body_mut() = Body::from_stream(endless);
        world.app.send(request).await.problem(413, "too-large");
        let (kept, incoming) = world.on_disk();
        assert_eq!((kept.len(), incoming.len()), (1, 0));
        world.app.stop().await;
    }

    async fn a_body_that_breaks_off_leaves_nothing(db: store::Db) {
        let world = World::new(db).await;
        let id = world.app.new_id();
        let broken = stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("gone"))]);
        let mut request = request("PUT", &world.path(&id), &world.owner.token, Value::Null, &[]);
        *request.body_mut() = Body::from_stream(broken);
        world.app.send(request).await.problem(400, "malformed");

        // Somebody who stops sending and goes away.
        let stalled = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"half"))]).chain(stream::pending());
        let mut request = crate::app::request("PUT", &world.path(&id), &world.owner.token, Value::Null, &[]);
        *request.body_mut() = Body::from_stream(stalled);
        let sending = tokio::spawn(tower::ServiceExt::oneshot(world.app.app.router.clone(), request));
        while world.on_disk().1.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        sending.abort();
        assert!(sending.await.is_err());
        while !world.on_disk().1.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_eq!(world.on_disk().0, Vec::<PathBuf>::new());
        world.app.get(&format!("/files/{id}"), &world.owner).await.problem(404, "not-found");
        world.app.stop().await;
    }

    async fn an_organization_has_so_much_room(db: store::Db) {
        let mut config = config();
        config.files.organization_bytes = Some(10);
        let world = World::with(db, config).await;
        world.put(&world.app.new_id(), b"1234567").await.expect(201);
        // The same bytes take no more room.
        world.put(&world.app.new_id(), b"1234567").await.expect(201);
        world.put(&world.app.new_id(), b"abcd").await.problem(409, "file-quota");
        assert_eq!(world.on_disk().0.len(), 1);
        world.put(&world.app.new_id(), b"abc").await.expect(201);
        world.app.stop().await;
    }

    async fn a_viewer_looks_only(db: store::Db) {
        let world = World::new(db).await;
        let app = &world.app;
        app.account("v@x.io", Some((world.org, Role::Viewer))).await;
        let viewer = app.login("v@x.io").await;
        let id = app.new_id();
        app.upload(&world.path(&id), &viewer, b"x").await.problem(403, "forbidden");
        world.put(&id, b"x").await.expect(201);
        app.get(&format!("/files/{id}/meta"), &viewer).await.expect(200);
        assert_eq!(text(&app.get(&format!("/files/{id}/meta"), &viewer).await.expect(200)["name"]), "file");
        world.app.stop().await;
    }
}

/// Clients on a real connection that send all before they listen are told, too.
#[tokio::test]
async fn a_sender_who_does_not_listen_is_told_in_the_end() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let ephemeral = store::testing::sqlite().await;
    let mut config = config();
    config.files.max_bytes = 1 << 20;
    let world = World::with(ephemeral.db.clone(), config).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = world.app.app.router.clone().into_make_service();
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let body = vec![1; 3 << 19];
    let head = format!(
        "PUT /api/v1{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
        world.path(&world.app.new_id()),
        world.owner.token,
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&body).await.unwrap();
    let mut answer = vec![0; 16];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413 Pay");
    serving.abort();
    world.app.stop().await;
}
