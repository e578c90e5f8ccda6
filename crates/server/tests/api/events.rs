//! The stream of changes, and resuming it.

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use model::Role;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::{Person, TestApp, config, request};

/// A stream that is read message by message.
struct Stream {
    body: BodyDataStream,
    rest: String,
}

#[derive(Debug)]
struct Message {
    id: Option<i64>,
    event: String,
    data: Value,
}

impl Stream {
    async fn open(app: &TestApp, org: &str, person: &Person, last: Option<i64>) -> Self {
        let path = format!("/events?organization={org}");
        let last = last.map(|id| id.to_string());
        let headers: Vec<(&str, &str)> = last
            .iter()
            .map(|id| ("last-event-id", id.as_str()))
            .collect();
        let request = request("GET", &path, &person.token, Value::Null, &headers);
        let response = app.app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let mut stream = Self {
            body: response.into_body().into_data_stream(),
            rest: String::new(),
        };
        assert_eq!(stream.block().await.as_deref(), Some(": open"));
        stream
    }

    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.rest.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.rest = rest;
                return Some(block);
            }
            let bytes = self.body.next().await?.ok()?;
            self.rest.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next message; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Message> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                block
                    .lines()
                    .find_map(|line| line.strip_prefix(name))
                    .map(str::trim)
            };
            if let Some(data) = field("data:") {
                return Some(Message {
                    id: field("id:").map(|id| id.parse().unwrap()),
                    event: field("event:").unwrap().to_owned(),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
        }
    }

    /// Reads up to a message of this kind for which `matches` holds.
    async fn until(&mut self, kind: &str, matches: impl Fn(&Value) -> bool) -> Message {
        loop {
            let message = self.next().await.expect("the stream ended");
            if message.event == kind && matches(&message.data) {
                return message;
            }
        }
    }
}

store::db_test! {
    async fn changes_arrive_live(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let viewer = app.account("v@x.io", Some((org, Role::Viewer))).await;
        let (owner, vera) = (app.login("o@x.io").await, app.login("v@x.io").await);
        let mut stream = Stream::open(&app, &org.to_string(), &vera, None).await;

        let project = app.project(org, &owner).await;
        let message = stream.next().await.unwrap();
        assert_eq!(message.event, "project.changed");
        assert_eq!((&message.data["type"], &message.data["organization_id"]), (&json!("project.changed"), &json!(org)));
        assert_eq!(message.data["project"]["id"], project.as_str());
        // The reader's abilities, not the writer's.
        assert_eq!(message.data["project"]["abilities"]["edit"], false);

        let item = app.item(&project, &owner, "Story").await;
        let message = stream.until("item.changed", |data| data["item"]["rank"] != "").await;
        assert_eq!((&message.data["item"]["title"], &message.data["project_id"]), (&json!("Story"), &json!(project)));
        let path = format!("/items/{item}");
        app.patch(&path, &owner, json!({ "status": "done" })).await.expect(200);
        stream.until("item.changed", |data| data["item"]["status"] == "done").await;
        app.delete(&path, &owner).await.expect(204);
        assert_eq!(stream.until("item.deleted", |_| true).await.data["ids"], json!([item]));
        app.post(&format!("{path}/restore"), &owner, Value::Null).await.expect(200);
        assert_eq!(stream.until("item.restored", |_| true).await.data["ids"], json!([item]));
        app.delete(&format!("/projects/{project}"), &owner).await.expect(204);
        assert_eq!(stream.until("project.deleted", |_| true).await.data["id"], project.as_str());

        // The last that somebody hears of an organization is that they have left it.
        app.delete(&format!("/organizations/{org}/members/{viewer}"), &owner).await.expect(204);
        let message = stream.until("member.changed", |_| true).await;
        assert_eq!((&message.data["user_id"], &message.data["role"]), (&json!(viewer), &Value::Null));
        assert!(stream.next().await.is_none());
        app.stop().await;
    }

    async fn a_stream_resumes_without_a_gap(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let mut names = Vec::new();
        let org_id = org.to_string();
        let mut stream = Stream::open(&app, &org_id, &owner, None).await;
        let make = async |name: &str| {
            app.post(&format!("/organizations/{org}/projects"), &owner, json!({ "name": name })).await.expect(201);
        };
        make("One").await;
        let first = stream.next().await.unwrap();
        names.push(first.data["project"]["name"].clone());
        drop(stream);
        make("Two").await;
        make("Three").await;
        let mut stream = Stream::open(&app, &org_id, &owner, first.id).await;
        make("Four").await;
        let mut last = first.id.unwrap();
        for _ in 0..3 {
            let message = stream.next().await.unwrap();
            assert_eq!(message.id, Some(last + 1));
            last += 1;
            names.push(message.data["project"]["name"].clone());
        }
        assert_eq!(names, ["One", "Two", "Three", "Four"]);
        // By the query as well.
        let path = format!("/events?organization={org}&last_event_id={}", last - 1);
        let response = app.app.router.clone().oneshot(request("GET", &path, &owner.token, Value::Null, &[])).await.unwrap();
        let mut stream = Stream { body: response.into_body().into_data_stream(), rest: String::new() };
        assert_eq!(stream.next().await.unwrap().id, Some(last));
        app.call_with("GET", &format!("/events?organization={org}"), &owner.token, Value::Null, &[("last-event-id", "x")])
            .await
            .problem(400, "malformed");
        app.stop().await;
    }

    async fn what_can_not_be_resumed_is_reset(db: store::Db) {
        let app = TestApp::new(db.clone()).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        app.project(org, &owner).await;
        app.project(org, &owner).await;
        let tip = db.event_seq(org).await.unwrap();
        db.prune_events(app.now().plus_seconds(1), 1_000).await.unwrap();
        // Pruned; from a number that was never given.
        for last in [0, tip + 10] {
            let mut stream = Stream::open(&app, &org.to_string(), &owner, Some(last)).await;
            let message = stream.next().await.unwrap();
            assert_eq!((message.event.as_str(), message.id), ("reset", Some(tip)));
        }
        // From the latest there is nothing to catch up with: the next event is the next message.
        let mut stream = Stream::open(&app, &org.to_string(), &owner, Some(tip)).await;
        app.project(org, &owner).await;
        assert_eq!(stream.next().await.unwrap().id, Some(tip + 1));
        app.stop().await;
    }

    async fn streams_end_with_their_session_and_are_counted(db: store::Db) {
        let mut settings = config();
        settings.limits.streams_per_session = 2;
        let app = TestApp::with(db, settings).await;
        let org = app.owner("o@x.io").await;
        let (tab, other) = (app.login("o@x.io").await, app.login("o@x.io").await);
        let org = org.to_string();
        let mut first = Stream::open(&app, &org, &tab, None).await;
        let mut second = Stream::open(&app, &org, &tab, None).await;
        app.get(&format!("/events?organization={org}"), &tab).await.problem(429, "too-many-requests");
        let third = Stream::open(&app, &org, &other, None).await;
        app.delete(&format!("/me/sessions/{}", tab.session), &other).await.expect(204);
        assert!(first.next().await.is_none());
        assert!(second.next().await.is_none());
        drop(third);
        let mut third = Stream::open(&app, &org, &other, None).await;
        app.app.shutdown(std::time::Duration::from_secs(5)).await;
        assert!(third.next().await.is_none());
    }
}
