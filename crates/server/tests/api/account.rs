//! One's own account: picture, address, tokens, preferences.

use model::Role;
use serde_json::{Value, json};

use crate::app::{PASSWORD, PNG, TestApp, person, request, text};
use crate::files::bytes_of;

/// The head of a PNG of this size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

store::db_test! {
    async fn a_picture_is_shown_to_those_one_works_with(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("v@x.io", Some((org, Role::Viewer))).await;
        app.owner("stranger@x.io").await;
        let (owner, viewer, stranger) = (app.login("o@x.io").await, app.login("v@x.io").await, app.login("stranger@x.io").await);
        let path = format!("/users/{}/avatar", owner.id);
        app.get(&path, &viewer).await.problem(404, "not-found");
        assert_eq!(app.get("/me", &owner).await.expect(200)["user"]["avatar"], Value::Null);

        let before = app.db.event_seq(org).await.unwrap();
        let version = text(&app.upload("/me/avatar", &owner, PNG).await.expect(200)["avatar"]);
        assert!(app.db.event_seq(org).await.unwrap() > before, "lists hear of it");
        let members = app.get(&format!("/organizations/{org}/members"), &viewer).await.expect(200);
        let shown = members["members"].as_array().unwrap().iter().find(|m| m["user"]["id"] == owner.id.as_str()).unwrap();
        assert_eq!(shown["user"]["avatar"], version.as_str());

        let get = async |path: &str, token: &str, headers: &[(&str, &str)]| {
            bytes_of(&app, request("GET", path, token, Value::Null, headers)).await
        };
        let (status, headers, bytes) = get(&format!("{path}?v={version}"), &viewer.token, &[]).await;
        assert_eq!((status.as_u16(), &bytes[..]), (200, PNG));
        assert_eq!(headers["content-type"], "image/png");
        assert_eq!(headers["cache-control"], "private, max-age=31536000, immutable");
        assert_eq!(headers["content-security-policy"], "sandbox; default-src 'none'");
        let (_, headers, _) = get(&format!("{path}?v=old"), &owner.token, &[]).await;
        assert_eq!(headers["cache-control"], "private, no-cache");
        let tag = headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(get(&path, &viewer.token, &[("if-none-match", &tag)]).await.0.as_u16(), 304);
        app.get(&path, &stranger).await.problem(404, "not-found");

        // Another one: the old one is gone.
        let next = text(&app.upload("/me/avatar", &owner, &png(1_024, 1_024)).await.expect(200)["avatar"]);
        assert_ne!(next, version);
        let folder = app.folder.path().join("avatars").join(&owner.id);
        let kept: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(kept, [next]);
        app.delete("/me/avatar", &owner).await.expect(204);
        app.delete("/me/avatar", &owner).await.expect(204);
        app.get(&path, &viewer).await.problem(404, "not-found");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        app.stop().await;
    }

    async fn not_everything_is_a_picture(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
        app.upload("/me/avatar", &owner, svg).await.problem(415, "unsupported-media-type");
        app.upload("/me/avatar", &owner, b"GIF89a\x05\0\x04\0\0\0\0;").await.problem(415, "unsupported-media-type");
        app.upload("/me/avatar", &owner, b"").await.problem(415, "unsupported-media-type");
        let wide = app.upload("/me/avatar", &owner, &png(1_025, 1)).await.problem(413, "too-large");
        assert!(text(&wide["detail"]).contains("1024"));
        let mut heavy = PNG.to_vec();
        heavy.resize((2 << 20) + 1, 0);
        let heavy = app.upload("/me/avatar", &owner, &heavy).await.problem(413, "too-large");
        assert!(text(&heavy["detail"]).contains("2 MiB"));
        for _ in 0..5 {
            app.upload("/me/avatar", &owner, PNG).await.expect(200);
        }
        app.upload("/me/avatar", &owner, PNG).await.problem(429, "too-many-requests");
        app.clock.advance_millis(60_000);
        app.upload("/me/avatar", &owner, PNG).await.expect(200);
        app.stop().await;
    }

    async fn an_address_changes_when_the_new_one_says_so(db: store::Db) {
        let mut app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let (here, there) = (app.login("o@x.io").await, app.login("o@x.io").await);
        let ask = |email: &str, password: &str| json!({ "email": email, "password": password });
        let token = here.token.clone();
        let put = async |app: &TestApp, body: Value| app.call("PUT", "/me/email", &token, body).await;
        for (body, field) in [(ask("n@x.io", "wrong"), "password"), (ask("no address", PASSWORD), "email"), (ask(" O@X.io", PASSWORD), "email")] {
            assert_eq!(put(&app, body).await.problem(422, "invalid")["errors"][0]["field"], field);
        }
        assert!(app.mails.try_recv().is_err());

        // A link to the old address is on its way meanwhile.
        app.call("POST", "/auth/password/forgot", "", json!({ "email": "o@x.io" })).await.expect(202);
        let reset = app.mailed_token().await;
        put(&app, ask("N@x.io", PASSWORD)).await.expect(202);
        let mail = app.mail().await;
        assert_eq!(mail.to, "n@x.io");
        let (_, link) = mail.text.split_once("https://canopy.test/verify-email?token=").unwrap();
        let first = link.split_whitespace().next().unwrap().to_owned();
        let notice = app.mail().await;
        assert_eq!(notice.to, "o@x.io");
        assert!(notice.text.contains("n@x.io") && !notice.text.contains("token="));
        let user = app.get("/me", &there).await.expect(200)["user"].clone();
        assert_eq!((&user["email"], &user["pending_email"]), (&json!("o@x.io"), &json!("n@x.io")));

        let open = async |app: &TestApp, token: &str| app.call("POST", "/auth/email/change", "", json!({ "token": token })).await;
        // As another sort of token it is none.
        app.call("POST", "/auth/email/verify", "", json!({ "token": first })).await.problem(410, "link-used");
        put(&app, ask("m@x.io", PASSWORD)).await.expect(202);
        let second = app.mailed_token().await;
        app.mail().await;
        open(&app, &first).await.problem(410, "link-used");
        open(&app, &second).await.expect(204);
        open(&app, &second).await.problem(410, "link-used");
        assert_eq!(app.mail().await.to, "o@x.io");
        // Sessions go on; the old address opens nothing any more.
        for session in [&here, &there] {
            let user = app.get("/me", session).await.expect(200)["user"].clone();
            assert_eq!((&user["email"], &user["email_verified"], &user["pending_email"]), (&json!("m@x.io"), &json!(true), &Value::Null));
        }
        let body = json!({ "token": reset, "password": "another password" });
        app.call("POST", "/auth/password/reset", "", body).await.problem(410, "link-used");
        app.call("POST", "/auth/login", "", json!({ "email": "o@x.io", "password": PASSWORD })).await.problem(401, "invalid-credentials");
        app.login("m@x.io").await;
        app.stop().await;
    }

    async fn an_address_that_is_taken_meanwhile_stays_its_owners(db: store::Db) {
        let mut app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("b@x.io", Some((org, Role::Viewer))).await;
        let (owner, bob) = (app.login("o@x.io").await, app.login("b@x.io").await);
        let ask = |email: &str| json!({ "email": email, "password": PASSWORD });
        let mut links = Vec::new();
        for who in [&owner, &bob] {
            // Whether it is taken isn't told here.
            app.call("PUT", "/me/email", &who.token, ask("new@x.io")).await.expect(202);
            links.push(app.mailed_token().await);
            app.mail().await;
        }
        let open = |token: &str| request("POST", "/auth/email/change", "", json!({ "token": token }), &[]);
        let (a, b) = tokio::join!(app.send(open(&links[0])), app.send(open(&links[1])));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        let loser = if a.status == 409 { a } else { b };
        loser.problem(409, "address-taken");
        app.stop().await;
    }

    async fn a_change_of_address_is_stopped(db: store::Db) {
        let mut app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let open = |token: &str| request("POST", "/auth/email/change", "", json!({ "token": token }), &[]);
        let ask = json!({ "email": "n@x.io", "password": PASSWORD });
        app.call("PUT", "/me/email", &owner.token, ask.clone()).await.expect(202);
        let link = app.mailed_token().await;
        app.mail().await;
        app.delete("/me/email", &owner).await.expect(204);
        app.send(open(&link)).await.problem(410, "link-used");

        app.call("PUT", "/me/email", &owner.token, ask.clone()).await.expect(202);
        let link = app.mailed_token().await;
        app.mail().await;
        let body = json!({ "current": PASSWORD, "new": "another password" });
        app.call("PUT", "/me/password", &owner.token, body).await.expect(204);
        app.send(open(&link)).await.problem(410, "link-used");

        // Three mails at once to an address, then one in a while.
        let ask = json!({ "email": "n@x.io", "password": "another password" });
        app.call("PUT", "/me/email", &owner.token, ask.clone()).await.expect(202);
        app.call("PUT", "/me/email", &owner.token, ask.clone()).await.problem(429, "too-many-requests");
        app.clock.advance_millis(86_400_000);
        let link = {
            app.mail().await; // the password's
            let token = app.mailed_token().await;
            app.mail().await;
            token
        };
        app.send(open(&link)).await.problem(410, "link-used");
        app.stop().await;
    }

    async fn a_token_acts_as_far_as_its_scopes_reach(db: store::Db) {
        let mut app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let item = app.item(&project, &owner, "Story").await;
        let make = |scopes: Value| json!({ "name": "CI", "scopes": scopes });
        for (body, field) in [
            (make(json!([])), "scopes"),
            (json!({ "name": "", "scopes": ["read"] }), "name"),
            (json!({ "name": "CI", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
        ] {
            assert_eq!(app.post("/me/tokens", &owner, body).await.problem(422, "invalid")["errors"][0]["field"], field);
        }
        app.post("/me/tokens", &owner, make(json!(["admin"]))).await.problem(400, "malformed");
        let read = app.post("/me/tokens", &owner, make(json!(["read"]))).await.expect(201);
        assert_eq!(app.mail().await.subject, "A personal access token was made for your Canopy account");
        app.clock.advance_millis(1);
        let write = app.post("/me/tokens", &owner, make(json!(["write", "read", "write"]))).await.expect(201);
        assert_eq!(write["scopes"], json!(["read", "write"]));
        let (reader, writer) = (text(&read["token"]), text(&write["token"]));
        assert!(reader.starts_with("canopy_pat_") && reader.len() == 54);

        let path = format!("/items/{item}");
        let seen = app.call("GET", &path, &reader, Value::Null).await.expect(200);
        assert_eq!(seen["abilities"], json!({ "view": true, "edit": false, "delete": false, "admin": false, "billing": false }));
        app.call("PATCH", &path, &reader, json!({ "title": "No" })).await.problem(403, "token-scope");
        let seen = app.call("PATCH", &path, &writer, json!({ "title": "Yes" })).await.expect(200);
        assert_eq!(seen["abilities"], json!({ "view": true, "edit": true, "delete": true, "admin": false, "billing": false }));
        let me = app.call("GET", "/me", &writer, Value::Null).await.expect(200);
        assert_eq!(me["organizations"][0]["abilities"]["admin"], false);
        // Not even who makes one may.
        app.call("POST", "/me/tokens", &writer, make(json!(["read"]))).await.problem(403, "token-scope");
        // Signing out is nothing to a token.
        app.call("POST", "/auth/logout", &writer, Value::Null).await.expect(204);
        app.call("GET", "/me", &writer, Value::Null).await.expect(200);
        // What isn't shared with its person is not there for a token.
        app.owner("e@x.io").await;
        let eve = app.login("e@x.io").await;
        let hers = app.personal_token(&eve, &["write"]).await;
        app.call("PATCH", &path, &hers, json!({ "title": "Mine" })).await.problem(404, "not-found");
        app.delete(&format!("/me/tokens/{}", text(&read["id"])), &eve).await.problem(404, "not-found");

        let listed = app.get("/me/tokens", &owner).await.expect(200);
        assert_eq!(listed["tokens"].as_array().unwrap().len(), 2);
        assert!(!listed.to_string().contains("canopy_pat_"));
        assert_eq!(listed["tokens"][0]["last_used_at"], listed["tokens"][0]["created_at"]);
        app.clock.advance_millis(120_000);
        app.call("GET", "/me", &reader, Value::Null).await.expect(200);
        let listed = app.get("/me/tokens", &owner).await.expect(200);
        assert_eq!(listed["tokens"][1]["last_used_at"], json!(app.now()));

        app.delete(&format!("/me/tokens/{}", text(&read["id"])), &owner).await.expect(204);
        app.call("GET", &path, &reader, Value::Null).await.problem(401, "token-ended");
        app.delete(&format!("/me/tokens/{}", text(&read["id"])), &owner).await.problem(404, "not-found");
        for noise in ["canopy_pat_", "canopy_pat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &reader[..53]] {
            app.call("GET", "/me", noise, Value::Null).await.problem(401, "token-ended");
        }
        app.stop().await;
    }

    async fn tokens_end_with_their_time_and_with_a_password_that_is_set_anew(db: store::Db) {
        let mut app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let soon = app.now().plus_seconds(60);
        let body = json!({ "name": "CI", "scopes": ["read"], "expires_at": soon });
        let short = text(&app.post("/me/tokens", &owner, body).await.expect(201)["token"]);
        let long = app.personal_token(&owner, &["write"]).await;
        let status = async |app: &TestApp, token: &str| app.call("GET", "/me", token, Value::Null).await.status.as_u16();
        assert_eq!((status(&app, &short).await, status(&app, &long).await), (200, 200));
        app.clock.advance_millis(60_000);
        assert_eq!((status(&app, &short).await, status(&app, &long).await), (401, 200));
        assert_eq!(app.get("/me/tokens", &owner).await.expect(200)["tokens"].as_array().unwrap().len(), 1);

        // A change by somebody who knows the password leaves tokens alone; a reset does not.
        let body = json!({ "current": PASSWORD, "new": "another password" });
        app.call("PUT", "/me/password", &owner.token, body).await.expect(204);
        assert_eq!(status(&app, &long).await, 200);
        for _ in 0..3 {
            app.mail().await;
        }
        app.call("POST", "/auth/password/forgot", "", json!({ "email": "o@x.io" })).await.expect(202);
        let reset = app.mailed_token().await;
        app.call("POST", "/auth/password/reset", "", json!({ "token": reset, "password": PASSWORD })).await.expect(204);
        assert_eq!(status(&app, &long).await, 401);
        app.stop().await;
    }

    async fn an_account_has_so_many_tokens(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        for _ in 0..50 {
            app.personal_token(&owner, &["read"]).await;
        }
        let body = json!({ "name": "CI", "scopes": ["read"] });
        app.post("/me/tokens", &owner, body).await.problem(409, "too-many-tokens");
        app.stop().await;
    }

    async fn preferences_are_merged_key_by_key(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        app.owner("e@x.io").await;
        let (owner, other) = (app.login("o@x.io").await, app.login("e@x.io").await);
        let get = async || app.get("/me/preferences", &owner).await.expect(200);
        assert_eq!(get().await, json!({}));
        let set = async |body: Value| app.patch("/me/preferences", &owner, body).await;
        set(json!({ "theme": "dark", "view:1": { "open": [1, 2] } })).await.expect(200);
        let kept = set(json!({ "theme": "light", "view:1": { "closed": true }, "width": 3 })).await.expect(200);
        assert_eq!(kept, json!({ "theme": "light", "view:1": { "closed": true }, "width": 3 }));
        set(json!({ "width": null, "unknown": null })).await.expect(200);
        assert_eq!(get().await, json!({ "theme": "light", "view:1": { "closed": true } }));
        assert_eq!(app.get("/me/preferences", &other).await.expect(200), json!({}));

        for key in ["", "a\nb", &"k".repeat(65), "nul\0"] {
            set(json!({ key: 1, "theme": "gone" })).await.problem(422, "invalid");
        }
        set(json!({ "a": "x".repeat(40_000) })).await.expect(200);
        set(json!({ "b": "x".repeat(30_000), "theme": "gone" })).await.problem(413, "too-large");
        assert_eq!(get().await["theme"], "light");
        set(json!({ "a": null, "b": "x".repeat(30_000) })).await.expect(200);
        set(json!([1])).await.problem(400, "malformed");
        app.stop().await;
    }

    async fn an_invitation_is_not_for_a_token(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("n@x.io", None).await;
        let (owner, ned) = (app.login("o@x.io").await, app.login("n@x.io").await);
        let made = app.post(&format!("/organizations/{org}/invitations"), &owner, json!({ "role": "owner" })).await.expect(201);
        let token = app.personal_token(&ned, &["write"]).await;
        let link = text(&made["link"]);
        let accept = format!("/invitations/{}/accept", link.rsplit('/').next().unwrap());
        app.call("POST", &accept, &token, json!({})).await.problem(403, "token-scope");
        person(app.call("POST", "/auth/login", "", json!({ "email": "n@x.io", "password": PASSWORD })).await);
        app.post(&accept, &ned, json!({})).await.expect(200);
        app.stop().await;
    }
}
