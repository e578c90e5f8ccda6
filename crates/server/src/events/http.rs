//! `/events`: a stream of what changes in an organization.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use model::{Abilities, Action, OrgId, can};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Error, Problem, Result};
use crate::events::feed::{Message, Next, Subscription};
use crate::events::merge::merged;
use crate::extract::Query;

/// A quiet stream says that it lives after this long. At the same time its session and role are asked again.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a stream that is to end waits for the event that says why.
const FAREWELL: Duration = Duration::from_secs(1);

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Which organization, and from where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Listen {
    /// The organization.
    organization: OrgId,
    /// The number of the last event that was received; the header `Last-Event-ID` comes first.
    last_event_id: Option<i64>,
}

/// Listen to changes
///
/// Server-sent events: `item.changed` with an item, or `items.changed` with several that changed together, `item.deleted` and `item.restored` with the
/// `ids` of all that went along, `fields.changed`, `project.changed`, `project.deleted`, `member.changed`, and `reset` when the
/// events since the given one are gone: then fetch everything anew. The stream ends when the session does or the caller leaves the organization.
#[utoipa::path(get, path = "/events", tag = "events",
    params(Listen, ("Last-Event-ID" = Option<i64>, Header, description = "The number of the last event that was received")),
    security(("bearer" = [])), responses(
    (status = 200, body = String, content_type = "text/event-stream"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "Too many streams of this session"),
))]
async fn events(
    State(ctx): State<Ctx>,
    actor: Actor,
    headers: HeaderMap,
    Query(listen): Query<Listen>,
) -> Result<Response> {
    let org = ctx
        .access()
        .organization(&actor, listen.organization, Action::View)
        .await?;
    let after = match headers.get("last-event-id") {
        Some(value) => Some(
            value
                .to_str()
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| Error::Malformed("Last-Event-ID is no number of ours.".into()))?,
        ),
        None => listen.last_event_id,
    };
    let most = ctx.config.limits.streams_per_session;
    let subscription = ctx
        .feeds
        .subscribe(org.id, actor.session, after, most)
        .await?;
    let mut response = Sse::new(stream(ctx.clone(), actor, org.id, subscription)).into_response();
    // A proxy that buffers would hold events back.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

struct Reader {
    ctx: Ctx,
    actor: Actor,
    org: OrgId,
    subscription: Subscription,
    /// Messages that wait to be sent.
    queue: std::collections::VecDeque<Event>,
    begun: bool,
    ending: bool,
}

fn stream(
    ctx: Ctx,
    actor: Actor,
    org: OrgId,
    subscription: Subscription,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let reader = Reader {
        ctx,
        actor,
        org,
        subscription,
        queue: std::collections::VecDeque::new(),
        begun: false,
        ending: false,
    };
    stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    })
}

impl Reader {
    async fn next(&mut self) -> Option<Event> {
        // Something at once, so that the client knows that the stream is open.
        if !std::mem::replace(&mut self.begun, true) {
            return Some(Event::default().comment("open"));
        }
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            let Some(role) = self.standing().await else {
                return self.farewell().await;
            };
            match tokio::time::timeout(KEEP_ALIVE, self.subscription.next()).await {
                Err(_quiet) => {
                    self.subscription.refresh();
                    self.queue.push_back(Event::default().comment("alive"));
                }
                Ok(Ok(Some(Next::Frames(frames)))) => {
                    // What happened meanwhile may be that the caller was taken out.
                    let role = self.standing().await.unwrap_or(role);
                    for (seq, message) in merged(&frames) {
                        self.queue_message(seq, message, role);
                    }
                }
                Ok(Ok(Some(Next::Reset(at)))) => {
                    let data = json!({ "type": "reset", "organization_id": self.org });
                    let event = Event::default().event("reset").id(at.to_string());
                    self.queue.push_back(event.data(data.to_string()));
                }
                Ok(Ok(None)) => return None,
                Ok(Err(error)) => {
                    tracing::error!(%error, "a stream of events ended");
                    return None;
                }
            }
        }
    }

    /// What the caller may do. `None` when the session has ended or they are no member any more: the stream ends.
    async fn standing(&self) -> Option<Abilities> {
        let live = &self.ctx.live;
        let session = live.session(&self.ctx, self.actor.session).await.ok()?;
        let role = live.role(&self.ctx, self.actor.user, self.org).await.ok()?;
        can(role, Action::View).then(|| Abilities::of(role).within(session.reach))
    }

    /// The one thing that somebody who has been taken out still hears: that they have. Nothing else of what happened since.
    async fn farewell(&mut self) -> Option<Event> {
        if std::mem::replace(&mut self.ending, true) {
            return None;
        }
        let next = tokio::time::timeout(FAREWELL, self.subscription.next()).await;
        let Ok(Ok(Some(Next::Frames(frames)))) = next else {
            return None;
        };
        let me = json!(self.actor.user);
        let own = |message: &&Message| {
            message.kind == "member.changed" && message.data.get("user_id") == Some(&me)
        };
        let (seq, message) = frames
            .iter()
            .rev()
            .find_map(|frame| Some((frame.seq, frame.messages.iter().find(own)?)))?;
        let data = serde_json::Value::Object(message.data.clone()).to_string();
        let event = Event::default().event(&message.kind).id(seq.to_string());
        Some(event.data(data))
    }

    fn queue_message(&mut self, seq: Option<i64>, mut message: Message, abilities: Abilities) {
        let project = message.data.get_mut("project");
        if let Some(project) = project.and_then(|project| project.as_object_mut()) {
            project.insert("abilities".into(), json!(abilities));
        }
        let mut event = Event::default().event(&message.kind);
        if let Some(seq) = seq {
            event = event.id(seq.to_string());
        }
        let data = serde_json::Value::Object(message.data).to_string();
        self.queue.push_back(event.data(data));
    }
}
