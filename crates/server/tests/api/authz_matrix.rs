//! Who may call what: every route, as every sort of caller. The table is committed in `authz_matrix.txt`; `UPDATE_GOLDEN=1` writes it anew, for a person
//! to read.

use std::collections::BTreeSet;
use std::fmt::Write;

use model::{OrgId, Role};
use serde_json::{Value, json};

use crate::app::{Person, TestApp, text};

/// The callers, in the order of the columns.
const CALLERS: [&str; 10] = [
    "anonymous",
    "stranger",
    "viewer",
    "editor",
    "manager",
    "admin",
    "owner",
    "revoked",
    // The owner's personal access tokens, of the scopes `read` and `write`.
    "reader",
    "writer",
];

/// The things that a row is tried on, fresh for each caller.
struct Things {
    org: OrgId,
    project: String,
    item: String,
    diagram: String,
    deleted: String,
    member: String,
    import: String,
    invitation: String,
    invitation_token: String,
    session: String,
    field: String,
    token: String,
    file: String,
    new_file: String,
    /// Somebody with a picture.
    pictured: String,
}

/// Makes the request of a row: its address, relative to the API, and its body.
type Row = fn(&Things) -> (String, Value);

/// The rows: the operation, and the request that stands for it.
fn rows() -> Vec<(&'static str, Row)> {
    vec![
        ("GET /api/v1/setup", |_| ("/setup".into(), Value::Null)),
        ("POST /api/v1/setup", |_| {
            (
                "/setup".into(),
                json!({"token":"cnp_set_x","email":"a@x.io","name":"A","password":"a long password","organization":"X"}),
            )
        }),
        ("POST /api/v1/auth/login", |t| {
            (
                "/auth/login".into(),
                json!({"email":format!("nobody{}@x.io", t.member),"password":"wrong password"}),
            )
        }),
        ("POST /api/v1/auth/refresh", |_| {
            ("/auth/refresh".into(), Value::Null)
        }),
        ("POST /api/v1/auth/logout", |_| {
            ("/auth/logout".into(), Value::Null)
        }),
        ("POST /api/v1/auth/password/forgot", |t| {
            (
                "/auth/password/forgot".into(),
                json!({"email": format!("{}@x.io", t.member)}),
            )
        }),
        ("POST /api/v1/auth/password/reset", |_| {
            (
                "/auth/password/reset".into(),
                json!({"token":"cnp_rst_x","password":"a long password"}),
            )
        }),
        ("POST /api/v1/auth/email/verify", |_| {
            ("/auth/email/verify".into(), json!({"token":"cnp_ver_x"}))
        }),
        ("POST /api/v1/auth/email/change", |_| {
            ("/auth/email/change".into(), json!({"token":"cnp_chg_x"}))
        }),
        ("POST /api/v1/auth/email/verify/resend", |_| {
            ("/auth/email/verify/resend".into(), Value::Null)
        }),
        ("GET /api/v1/me", |_| ("/me".into(), Value::Null)),
        ("PATCH /api/v1/me", |_| ("/me".into(), json!({}))),
        ("PUT /api/v1/me/password", |_| {
            (
                "/me/password".into(),
                json!({"current":"wrong","new":"a long password"}),
            )
        }),
        ("PUT /api/v1/me/email", |_| {
            (
                "/me/email".into(),
                json!({"email":"new@x.io","password":"wrong"}),
            )
        }),
        ("DELETE /api/v1/me/email", |_| {
            ("/me/email".into(), Value::Null)
        }),
        // Before the row that takes the picture away.
        ("GET /api/v1/users/{user}/avatar", |t| {
            (format!("/users/{}/avatar", t.pictured), Value::Null)
        }),
        ("PUT /api/v1/me/avatar", |_| {
            ("/me/avatar".into(), json!("no picture"))
        }),
        ("DELETE /api/v1/me/avatar", |_| {
            ("/me/avatar".into(), Value::Null)
        }),
        ("GET /api/v1/me/preferences", |_| {
            ("/me/preferences".into(), Value::Null)
        }),
        ("PATCH /api/v1/me/preferences", |_| {
            ("/me/preferences".into(), json!({"theme":"dark"}))
        }),
        ("GET /api/v1/me/tokens", |_| {
            ("/me/tokens".into(), Value::Null)
        }),
        ("POST /api/v1/me/tokens", |_| {
            ("/me/tokens".into(), json!({"name":"CI","scopes":["read"]}))
        }),
        // The owner's: to others it isn't there.
        ("DELETE /api/v1/me/tokens/{id}", |t| {
            (format!("/me/tokens/{}", t.token), Value::Null)
        }),
        ("PUT /api/v1/projects/{project}/files/{file}", |t| {
            (
                format!("/projects/{}/files/{}?name=a.txt", t.project, t.new_file),
                json!("text"),
            )
        }),
        ("GET /api/v1/files/{file}", |t| {
            (format!("/files/{}", t.file), Value::Null)
        }),
        ("GET /api/v1/files/{file}/meta", |t| {
            (format!("/files/{}/meta", t.file), Value::Null)
        }),
        ("GET /api/v1/me/sessions", |_| {
            ("/me/sessions".into(), Value::Null)
        }),
        ("DELETE /api/v1/me/sessions/{id}", |t| {
            (format!("/me/sessions/{}", t.session), Value::Null)
        }),
        ("GET /api/v1/organizations/{org}", |t| {
            (format!("/organizations/{}", t.org), Value::Null)
        }),
        ("PATCH /api/v1/organizations/{org}", |t| {
            (format!("/organizations/{}", t.org), json!({"name":"Grove"}))
        }),
        ("GET /api/v1/organizations/{org}/members", |t| {
            (format!("/organizations/{}/members", t.org), Value::Null)
        }),
        ("PATCH /api/v1/organizations/{org}/members/{user}", |t| {
            (
                format!("/organizations/{}/members/{}", t.org, t.member),
                json!({"role":"editor"}),
            )
        }),
        ("DELETE /api/v1/organizations/{org}/members/{user}", |t| {
            (
                format!("/organizations/{}/members/{}", t.org, t.member),
                Value::Null,
            )
        }),
        ("GET /api/v1/organizations/{org}/invitations", |t| {
            (format!("/organizations/{}/invitations", t.org), Value::Null)
        }),
        ("POST /api/v1/organizations/{org}/invitations", |t| {
            (
                format!("/organizations/{}/invitations", t.org),
                json!({"role":"viewer"}),
            )
        }),
        ("DELETE /api/v1/organizations/{org}/invitations/{id}", |t| {
            (
                format!("/organizations/{}/invitations/{}", t.org, t.invitation),
                Value::Null,
            )
        }),
        ("GET /api/v1/invitations/{token}", |t| {
            (format!("/invitations/{}", t.invitation_token), Value::Null)
        }),
        ("POST /api/v1/invitations/{token}/accept", |t| {
            (
                format!("/invitations/{}/accept", t.invitation_token),
                json!({}),
            )
        }),
        ("GET /api/v1/organizations/{org}/projects", |t| {
            (format!("/organizations/{}/projects", t.org), Value::Null)
        }),
        ("POST /api/v1/organizations/{org}/projects", |t| {
            (
                format!("/organizations/{}/projects", t.org),
                json!({"name":"Another"}),
            )
        }),
        ("GET /api/v1/projects/{project}", |t| {
            (format!("/projects/{}", t.project), Value::Null)
        }),
        ("PATCH /api/v1/projects/{project}", |t| {
            (
                format!("/projects/{}", t.project),
                json!({"name":"Renamed"}),
            )
        }),
        ("DELETE /api/v1/projects/{project}", |t| {
            (format!("/projects/{}", t.project), Value::Null)
        }),
        ("GET /api/v1/projects/{project}/items", |t| {
            (format!("/projects/{}/items", t.project), Value::Null)
        }),
        ("POST /api/v1/projects/{project}/items", |t| {
            (
                format!("/projects/{}/items", t.project),
                json!({"title":"x","type":"task"}),
            )
        }),
        ("GET /api/v1/items/{item}", |t| {
            (format!("/items/{}", t.item), Value::Null)
        }),
        ("PATCH /api/v1/items/{item}", |t| {
            (format!("/items/{}", t.item), json!({"status":"done"}))
        }),
        ("DELETE /api/v1/items/{item}", |t| {
            (format!("/items/{}", t.item), Value::Null)
        }),
        ("POST /api/v1/items/{item}/move", |t| {
            (format!("/items/{}/move", t.item), json!({"parent":null}))
        }),
        ("POST /api/v1/items/{item}/restore", |t| {
            (format!("/items/{}/restore", t.deleted), Value::Null)
        }),
        ("GET /api/v1/search", |t| {
            (format!("/search?organization={}", t.org), Value::Null)
        }),
        ("POST /api/v1/items/{item}/duplicate", |t| {
            (format!("/items/{}/duplicate", t.item), json!({}))
        }),
        ("GET /api/v1/items/{item}/backlinks", |t| {
            (format!("/items/{}/backlinks", t.item), Value::Null)
        }),
        ("POST /api/v1/projects/{project}/items/bulk", |t| {
            (
                format!("/projects/{}/items/bulk", t.project),
                json!({"ids":[t.item],"set":{"status":"done"}}),
            )
        }),
        ("POST /api/v1/projects/{project}/items/bulk/delete", |t| {
            (
                format!("/projects/{}/items/bulk/delete", t.project),
                json!({"ids":[t.item]}),
            )
        }),
        ("POST /api/v1/projects/{project}/items/bulk/restore", |t| {
            (
                format!("/projects/{}/items/bulk/restore", t.project),
                json!({"ids":[t.deleted]}),
            )
        }),
        ("POST /api/v1/projects/{project}/items/bulk/move", |t| {
            (
                format!("/projects/{}/items/bulk/move", t.project),
                json!({"ids":[t.item],"parent":null}),
            )
        }),
        ("POST /api/v1/projects/{project}/heads", |t| {
            (
                format!("/projects/{}/heads", t.project),
                json!({"ids":[t.item]}),
            )
        }),
        ("GET /api/v1/projects/{project}/fields", |t| {
            (format!("/projects/{}/fields", t.project), Value::Null)
        }),
        ("POST /api/v1/projects/{project}/fields", |t| {
            (
                format!("/projects/{}/fields", t.project),
                json!({"name":"Size","kind":"text"}),
            )
        }),
        ("PATCH /api/v1/fields/{field}", |t| {
            (format!("/fields/{}", t.field), json!({"name":"Weight"}))
        }),
        ("DELETE /api/v1/fields/{field}", |t| {
            (format!("/fields/{}", t.field), Value::Null)
        }),
        ("GET /api/v1/projects/{project}/imports", |t| {
            (format!("/projects/{}/imports", t.project), Value::Null)
        }),
        ("POST /api/v1/projects/{project}/imports", |t| {
            (
                format!("/projects/{}/imports?name=a.json", t.project),
                json!({"format":"canopy/1","items":[{"id":"1","title":"a"}]}),
            )
        }),
        ("GET /api/v1/imports/{import}", |t| {
            (format!("/imports/{}", t.import), Value::Null)
        }),
        ("PATCH /api/v1/imports/{import}", |t| {
            (format!("/imports/{}", t.import), json!({}))
        }),
        ("DELETE /api/v1/imports/{import}", |t| {
            (format!("/imports/{}", t.import), Value::Null)
        }),
        ("POST /api/v1/imports/{import}/run", |t| {
            (format!("/imports/{}/run", t.import), Value::Null)
        }),
        ("POST /api/v1/imports/{import}/undo", |t| {
            (format!("/imports/{}/undo", t.import), Value::Null)
        }),
        ("GET /api/v1/projects/{project}/export", |t| {
            (
                format!("/projects/{}/export?format=json", t.project),
                Value::Null,
            )
        }),
        ("GET /api/v1/diagrams/{diagram}/export", |t| {
            (
                format!("/diagrams/{}/export?format=svg", t.diagram),
                Value::Null,
            )
        }),
        ("GET /api/v1/events", |t| {
            (format!("/events?organization={}", t.org), Value::Null)
        }),
        ("GET /api/v1/openapi.json", |_| {
            ("/openapi.json".into(), Value::Null)
        }),
        ("GET /healthz", |_| ("!/healthz".into(), Value::Null)),
        ("GET /readyz", |_| ("!/readyz".into(), Value::Null)),
        ("GET /metrics", |_| ("!/metrics".into(), Value::Null)),
        // Who may join is decided after the upgrade, document by document: tests/api/sockets.rs.
        ("GET /collab", |_| ("!/collab".into(), Value::Null)),
        ("GET /collab/{document}", |t| {
            (format!("!/collab/{}", t.item), Value::Null)
        }),
    ]
}

struct World {
    app: TestApp,
    org: OrgId,
    elsewhere: OrgId,
    owner: Person,
    tokens: [String; 2],
    made_token: Option<String>,
    number: u32,
}

impl World {
    async fn new(db: store::Db) -> Self {
        let app = TestApp::new(db).await;
        let org = app.owner("owner@x.io").await;
        let elsewhere = app.owner("elsewhere@x.io").await;
        for role in [Role::Viewer, Role::Editor, Role::Manager, Role::Admin] {
            app.account(&format!("{role}@x.io"), Some((org, role)))
                .await;
        }
        let owner = app.login("owner@x.io").await;
        app.upload("/me/avatar", &owner, crate::app::PNG)
            .await
            .expect(200);
        let tokens = [
            app.personal_token(&owner, &["read"]).await,
            app.personal_token(&owner, &["write"]).await,
        ];
        Self {
            app,
            org,
            elsewhere,
            owner,
            tokens,
            made_token: None,
            number: 0,
        }
    }

    async fn caller(&mut self, name: &str) -> Option<Person> {
        self.number += 1;
        match name {
            "anonymous" => None,
            // A fresh one each time: one that has accepted an invitation is a stranger no more.
            "stranger" => {
                let email = format!("stranger{}@x.io", self.number);
                let membership = Some((self.elsewhere, Role::Owner));
                self.app.account(&email, membership).await;
                Some(self.app.login(&email).await)
            }
            "revoked" => {
                let person = self.app.login("owner@x.io").await;
                self.app
                    .delete(&format!("/me/sessions/{}", person.session), &self.owner)
                    .await
                    .expect(204);
                Some(person)
            }
            "reader" | "writer" => {
                let [reader, writer] = &self.tokens;
                let token = if name == "reader" { reader } else { writer };
                let token = token.clone();
                Some(Person {
                    token,
                    ..self.owner.clone()
                })
            }
            name => Some(self.app.login(&format!("{name}@x.io")).await),
        }
    }

    async fn things(&mut self) -> Things {
        self.number += 1;
        let (app, owner, org) = (&self.app, &self.owner, self.org);
        let project = app.project(org, owner).await;
        let item = app.item(&project, owner, "there").await;
        let path = format!("/projects/{project}/items");
        let drawing = json!({ "title": "drawn", "type": "diagram" });
        let drawing = app.post(&path, owner, drawing).await.expect(201);
        let deleted = app.item(&project, owner, "deleted").await;
        app.delete(&format!("/items/{deleted}"), owner)
            .await
            .expect(204);
        let member = app
            .account(
                &format!("member{}@x.io", self.number),
                Some((org, Role::Viewer)),
            )
            .await;
        let path = format!("/organizations/{org}/invitations");
        let invitation = app
            .post(&path, owner, json!({ "role": "viewer" }))
            .await
            .expect(201);
        let link = text(&invitation["link"]);
        let path = format!("/projects/{project}/fields");
        let field = app
            .post(&path, owner, json!({ "name": "Cost", "kind": "number" }))
            .await
            .expect(201);
        // Of these there are so many only, and they are made so often only.
        let there = app.get("/me/tokens", owner).await.text;
        let last = self.made_token.take().filter(|last| there.contains(last));
        let token = match last {
            Some(last) => last,
            None => {
                let made = json!({ "name": "CI", "scopes": ["write"] });
                text(&app.post("/me/tokens", owner, made).await.expect(201)["id"])
            }
        };
        self.made_token = Some(token.clone());
        let file = app.new_id();
        let path = format!("/projects/{project}/files/{file}");
        app.upload(&path, owner, b"text").await.expect(201);
        let path = format!("/projects/{project}/imports?name=a.json");
        let file_of_items = json!({ "format": "canopy/1", "items": [{ "id": "1", "title": "a" }] });
        let import = app.post(&path, owner, file_of_items).await.expect(201);
        Things {
            org,
            project,
            item,
            diagram: text(&drawing["id"]),
            deleted,
            member: member.to_string(),
            invitation: text(&invitation["id"]),
            invitation_token: link.rsplit('/').next().unwrap().to_owned(),
            session: owner.session.clone(),
            field: text(&field["id"]),
            token,
            file,
            import: text(&import["id"]),
            new_file: app.new_id(),
            pictured: owner.id.clone(),
        }
    }
}

#[test]
fn every_route_has_a_row() {
    let known: BTreeSet<String> = server::openapi::operations().into_iter().collect();
    let rows: BTreeSet<String> = rows()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(rows, known);
}

store::db_test! {
    async fn the_matrix(db: store::Db) {
        let mut world = World::new(db).await;
        let mut table = format!("{:52}", "");
        for caller in CALLERS {
            write!(table, " {caller:>9}").unwrap();
        }
        for (name, row) in rows() {
            write!(table, "\n{name:52}").unwrap();
            // What only looks leaves the things as they are.
            let looks = name.starts_with("GET");
            let mut shared = None;
            for caller in CALLERS {
                let person = world.caller(caller).await;
                let mut things = match shared.take().filter(|_| looks) {
                    Some(things) => things,
                    None => world.things().await,
                };
                if let Some(person) = &person {
                    things.session.clone_from(&person.session);
                }
                let (path, body) = row(&things);
                let token = person.map(|person| person.token).unwrap_or_default();
                let method = name.split(' ').next().unwrap();
                let request = crate::app::request(method, &path, &token, body, &[]);
                // Only the head: a stream of events doesn't end.
                let response = tower::ServiceExt::oneshot(world.app.app.router.clone(), request).await.unwrap();
                write!(table, " {:>9}", response.status().as_u16()).unwrap();
                shared = Some(things);
            }
        }
        table.push('\n');
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/authz_matrix.txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, &table).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(table == committed, "the matrix has changed:\n{table}");
        world.app.stop().await;
    }
}
