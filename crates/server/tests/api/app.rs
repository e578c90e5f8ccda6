//! An application per test: its own database, a clock that stands still, a mailbox.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use model::{ManualClock, OrgId, Role, SeededRng, Timestamp, UserId};
use serde_json::{Value, json};
use server::config::{Lifetimes, Limits};
use server::files::Objects;
use server::setup::ops::{Account, Owner, create_account, create_owner};
use server::{App, AppConfig, Asset, Assets, Mail, Mailer, MetricsAccess, Parts, PublicUrl};
use store::Db;
use tokio::sync::mpsc;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "a password for tests";
pub(crate) const ORIGIN: &str = "https://canopy.test";
/// A PNG of one pixel.
pub(crate) const PNG: &[u8] = include_bytes!("pixel.png");
const COST: identity::password::Cost = identity::password::Cost::CHEAP;

pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) rng: Arc<SeededRng>,
    pub(crate) mails: mpsc::UnboundedReceiver<Mail>,
    /// Where files are kept.
    pub(crate) folder: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() {
            return Value::Null;
        }
        self.json()
    }

    /// The problem, which must have this status and code.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
        let json = self.expect(status);
        assert_eq!(json["code"], code, "{json}");
        json
    }

    /// The value of a cookie that is set.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next()?.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) refresh: String,
    pub(crate) id: String,
    pub(crate) session: String,
}

pub(crate) fn config() -> AppConfig {
    AppConfig {
        public_url: PublicUrl::parse(ORIGIN).unwrap(),
        password_cost: COST,
        lifetimes: Lifetimes::default(),
        limits: Limits {
            auth_per_minute: 10_000,
            api_per_second: 10_000,
            ..Limits::default()
        },
        metrics: MetricsAccess::Token("figures".into()),
        ..AppConfig::default()
    }
}

impl TestApp {
    pub(crate) async fn new(db: Db) -> Self {
        Self::with(db, config()).await
    }

    pub(crate) async fn with(db: Db, config: AppConfig) -> Self {
        Self::start(db, config, 0).await
    }

    /// One that starts so many milliseconds later than others.
    pub(crate) async fn after(db: Db, millis: i64) -> Self {
        Self::start(db, config(), millis).await
    }

    pub(crate) async fn start(db: Db, config: AppConfig, millis: i64) -> Self {
        let start = Timestamp::from_micros(1_790_000_000_000_000 + millis * 1_000);
        let clock = Arc::new(ManualClock::new(start));
        let rng = Arc::new(SeededRng::new(7 + millis.unsigned_abs()));
        let (mailer, mails) = Mailer::memory();
        let folder = tempfile::tempdir().unwrap();
        let app = App::start(Parts {
            config,
            collab: collab::Config::default(),
            db: db.clone(),
            clock: clock.clone(),
            rng: rng.clone(),
            mailer,
            objects: Objects::folder(folder.path()).unwrap(),
            assets: Assets::new(Arc::new(|path| {
                (path == "index.html").then(|| Asset {
                    bytes: "<!doctype html>".into(),
                    content_type: "text/html; charset=utf-8".into(),
                })
            })),
            metrics: Arc::new(|| "canopy_figures 1\n".into()),
        })
        .await
        .unwrap();
        Self {
            app,
            db,
            clock,
            rng,
            mails,
            folder,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        model::Clock::now(&*self.clock)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.app.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Reply {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// A request to the API. `path` is relative to `/api/v1`.
    pub(crate) async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> Reply {
        self.call_with(method, path, token, body, &[]).await
    }

    pub(crate) async fn call_with(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        self.send(request(method, path, token, body, headers)).await
    }

    pub(crate) async fn get(&self, path: &str, person: &Person) -> Reply {
        self.call("GET", path, &person.token, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, person: &Person, body: Value) -> Reply {
        self.call("POST", path, &person.token, body).await
    }

    pub(crate) async fn patch(&self, path: &str, person: &Person, body: Value) -> Reply {
        self.call("PATCH", path, &person.token, body).await
    }

    pub(crate) async fn delete(&self, path: &str, person: &Person) -> Reply {
        self.call("DELETE", path, &person.token, Value::Null).await
    }

    /// A request by the refresh cookie, from a page of ours.
    pub(crate) async fn by_cookie(&self, path: &str, refresh: &str) -> Reply {
        let cookie = format!("canopy_refresh={refresh}");
        let headers = [("cookie", cookie.as_str()), ("origin", ORIGIN)];
        self.call_with("POST", path, "", Value::Null, &headers)
            .await
    }

    /// An organization with its owner.
    pub(crate) async fn owner(&self, email: &str) -> OrgId {
        let owner = Owner {
            email: email.into(),
            name: "Olive Owner".into(),
            password: PASSWORD.into(),
            organization: "Orchard".into(),
        };
        let (_, org) = create_owner(&self.db, &*self.clock, &*self.rng, COST, &owner)
            .await
            .unwrap();
        org
    }

    /// An account with a role.
    pub(crate) async fn account(&self, email: &str, membership: Option<(OrgId, Role)>) -> UserId {
        let account = Account {
            email: email.into(),
            name: email.split('@').next().unwrap().into(),
            password: PASSWORD.into(),
        };
        create_account(
            &self.db,
            &*self.clock,
            &*self.rng,
            COST,
            &account,
            membership,
        )
        .await
        .unwrap()
    }

    pub(crate) async fn login(&self, email: &str) -> Person {
        let body = json!({ "email": email, "password": PASSWORD });
        let reply = self.call("POST", "/auth/login", "", body).await;
        person(reply)
    }

    /// A project of the organization.
    pub(crate) async fn project(&self, org: OrgId, person: &Person) -> String {
        let path = format!("/organizations/{org}/projects");
        let made = self.post(&path, person, json!({ "name": "Trees" })).await;
        text(&made.expect(201)["id"])
    }

    /// An item of the project, at the root.
    pub(crate) async fn item(&self, project: &str, person: &Person, title: &str) -> String {
        let body = json!({ "title": title, "type": "task" });
        let path = format!("/projects/{project}/items");
        text(&self.post(&path, person, body).await.expect(201)["id"])
    }

    /// A fresh id of anything.
    pub(crate) fn new_id(&self) -> String {
        model::FileId::new(&*self.clock, &*self.rng).to_string()
    }

    /// A PUT of bytes.
    pub(crate) async fn upload(&self, path: &str, person: &Person, bytes: &[u8]) -> Reply {
        let body = Body::from(bytes.to_vec());
        let mut request = request("PUT", path, &person.token, Value::Null, &[]);
        *request.body_mut() = body;
        self.send(request).await
    }

    /// A personal access token.
    pub(crate) async fn personal_token(&self, person: &Person, scopes: &[&str]) -> String {
        let body = json!({ "name": "script", "scopes": scopes });
        let made = self.post("/me/tokens", person, body).await.expect(201);
        // The next one is younger.
        self.clock.advance_millis(1);
        text(&made["token"])
    }

    /// The next mail.
    pub(crate) async fn mail(&mut self) -> Mail {
        self.mails.recv().await.expect("a mail")
    }

    /// The token in the link of the next mail.
    pub(crate) async fn mailed_token(&mut self) -> String {
        let mail = self.mail().await;
        let (_, rest) = mail.text.split_once("token=").expect("a link");
        rest.split_whitespace().next().unwrap().to_owned()
    }

    pub(crate) async fn stop(self) {
        self.app.shutdown(std::time::Duration::from_secs(5)).await;
    }
}

pub(crate) fn request(
    method: &str,
    path: &str,
    token: &str,
    body: Value,
    headers: &[(&str, &str)],
) -> Request<Body> {
    let path = match path.strip_prefix('!') {
        Some(whole) => whole.to_owned(),
        None => format!("/api/v1{path}"),
    };
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if body.is_null() {
        return request.body(Body::empty()).unwrap();
    }
    request
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

#[track_caller]
pub(crate) fn person(reply: Reply) -> Person {
    let refresh = reply.cookie("canopy_refresh").expect("a refresh cookie");
    let auth = reply.expect(200);
    Person {
        refresh,
        token: text(&auth["access_token"]),
        id: text(&auth["user"]["id"]),
        session: text(&auth["session_id"]),
    }
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}
