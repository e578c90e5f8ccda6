//! `Idempotency-Key`: the same create again gives the same answer and makes nothing.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{Timestamp, UserId};
use serde::Serialize;
use store::{KeptAnswer, Tx};

use crate::error::{Error, Result};

/// The longest key, in bytes.
const MAX_KEY: usize = 100;

/// A key that a client chose for one intent.
#[derive(Debug, Clone)]
pub(crate) struct Key(String);

/// The key of a request, if it has one.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<Key>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Error::Malformed(
            "Idempotency-Key must be 1 to 100 visible ASCII characters.".into(),
        ));
    }
    Ok(Some(Key(key.to_owned())))
}

/// An answer to a create.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: String,
}

impl Answer {
    /// 201 with what was made.
    pub(crate) fn created(body: &impl Serialize) -> Result<Self> {
        Ok(Self {
            status: StatusCode::CREATED,
            body: serde_json::to_string(body).map_err(Error::internal)?,
        })
    }

    /// The body, as JSON.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        let body = Body::from(self.body);
        (self.status, [(header::CONTENT_TYPE, json)], body).into_response()
    }
}

/// One request under a key.
#[derive(Debug)]
pub(crate) struct Once {
    user: UserId,
    key: String,
    request: [u8; 32],
}

impl Once {
    /// `what` and `body` tell this request from others that use the same key by mistake.
    pub(crate) fn new(user: UserId, key: Key, what: &str, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(Error::internal)?;
        let text = [what.as_bytes(), b"\0", &body].concat();
        Ok(Self {
            user,
            key: key.0,
            request: identity::token::digest(&text),
        })
    }

    /// The answer that it got before.
    ///
    /// # Errors
    /// When the key was used for another request.
    pub(crate) async fn kept(&self, tx: &mut Tx) -> Result<Option<Answer>> {
        let Some(kept) = tx.kept_answer(self.user, &self.key).await? else {
            return Ok(None);
        };
        if kept.request_hash != self.request {
            return Err(Error::Invalid(vec![crate::error::FieldError {
                field: "Idempotency-Key".into(),
                message: "This key was used for another request. Use a fresh one.".into(),
            }]));
        }
        let status = u16::try_from(kept.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::CREATED);
        Ok(Some(Answer {
            status,
            body: kept.body,
        }))
    }

    /// Keeps the answer, in the transaction that does the work.
    pub(crate) async fn keep(&self, tx: &mut Tx, answer: &Answer, at: Timestamp) -> Result<()> {
        let kept = KeptAnswer {
            request_hash: self.request.to_vec(),
            status: i64::from(answer.status.as_u16()),
            body: answer.body.clone(),
            at,
        };
        tx.keep_answer(self.user, &self.key, &kept).await?;
        Ok(())
    }

    /// Waits for a twin of this request that runs at this moment, so that it finds the twin's answer.
    pub(crate) async fn lock(&self, tx: &mut Tx) -> Result<()> {
        tx.lock(&format!("idempotency:{}:{}", self.user, self.key))
            .await?;
        Ok(())
    }
}
