//! What can go wrong in a request: one enum, and one mapping of it to HTTP.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request is refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request can't be read: no JSON, a wrong type, a bad id in the path.
    #[error("{0}")]
    Malformed(String),
    /// The request can be read, but values in it can't be taken.
    #[error("{} value(s) in the request can't be taken", .0.len())]
    Invalid(Vec<FieldError>),
    /// The caller has not said who they are, or not in a way that holds.
    #[error("{detail}")]
    Unauthenticated {
        /// The stable word for the case.
        code: &'static str,
        /// What to do about it.
        detail: &'static str,
    },
    /// The caller may see the thing but not do this with it.
    #[error("Your role doesn't allow this. Ask an administrator of the organization.")]
    Forbidden,
    /// The request came from a page of another site.
    #[error("The request comes from another site. Open Canopy at its own address and try again.")]
    ForeignOrigin,
    /// What was shown doesn't open this.
    #[error("{detail}")]
    Refused {
        /// The stable word for the case.
        code: &'static str,
        /// What to do about it.
        detail: &'static str,
    },
    /// There is no such thing, or the caller may not know that there is.
    #[error("There is nothing here, or it isn't shared with you.")]
    NotFound,
    /// The path is right and the method isn't.
    #[error("This address doesn't support that method.")]
    MethodNotAllowed,
    /// The thing is in a state that doesn't allow it.
    #[error("{detail}")]
    Conflict {
        /// The stable word for the case.
        code: &'static str,
        /// What to do about it.
        detail: String,
    },
    /// It was there once; a used or expired link.
    #[error("{detail}")]
    Gone {
        /// The stable word for the case.
        code: &'static str,
        /// What to do about it.
        detail: &'static str,
    },
    /// Somebody else changed it since the caller read it.
    #[error("Somebody else changed this in the meantime. Load it again and repeat your change.")]
    PreconditionFailed,
    /// The body or the document is over a limit.
    #[error("{0}")]
    TooLarge(String),
    /// The body is of a kind that isn't taken here.
    #[error("{0}")]
    UnsupportedMediaType(&'static str),
    /// Too many requests.
    #[error("Too many requests. Try again in {seconds} s.")]
    TooManyRequests {
        /// Seconds until another is allowed.
        seconds: u32,
    },
    /// The server can't at the moment: starting, stopping, overloaded.
    #[error("Canopy can't answer at the moment. Try again.")]
    Unavailable,
    /// It took too long.
    #[error("The request took too long. Try again.")]
    Timeout,
    /// A fault of ours or of the machine. The cause is logged, never sent.
    #[error(
        "Something went wrong on the server. The request id helps an administrator to find out what."
    )]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What every operation answers with.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One value that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The name of the value in the request.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// An error as it is sent: `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI for the kind of problem: `urn:canopy:problem:{code}`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong and what to do, for a person.
    pub detail: String,
    /// The stable word for the problem, for a program.
    pub code: String,
    /// For `invalid`: which values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Error {
    /// One value that can't be taken.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The caller has to sign in.
    pub const SIGN_IN: Self = Self::Unauthenticated {
        code: "unauthenticated",
        detail: "Sign in first.",
    };

    /// The session has ended or was revoked.
    pub const SESSION_ENDED: Self = Self::Unauthenticated {
        code: "session-ended",
        detail: "Your session has ended. Sign in again.",
    };

    fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ForeignOrigin | Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::Gone { .. } => StatusCode::GONE,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable word for the problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Invalid(_) => "invalid",
            Self::Unauthenticated { code, .. }
            | Self::Conflict { code, .. }
            | Self::Refused { code, .. }
            | Self::Gone { code, .. } => code,
            Self::Forbidden => "forbidden",
            Self::ForeignOrigin => "foreign-origin",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::PreconditionFailed => "precondition-failed",
            Self::TooLarge(_) => "too-large",
            Self::UnsupportedMediaType(_) => "unsupported-media-type",
            Self::TooManyRequests { .. } => "too-many-requests",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Internal(_) => "internal",
        }
    }

    fn problem(&self) -> Problem {
        let status = self.status();
        Problem {
            kind: format!("urn:canopy:problem:{}", self.code()),
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            detail: self.to_string(),
            code: self.code().into(),
            errors: match self {
                Self::Invalid(errors) => errors.clone(),
                _ => Vec::new(),
            },
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Internal(cause) = &self {
            metrics::counter!("canopy_internal_errors_total").increment(1);
            tracing::error!(cause = %chain(cause.as_ref()), "a request failed");
        }
        let body = serde_json::to_vec(&self.problem()).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Self::Unauthenticated { .. } = self {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::TooManyRequests { seconds } = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An error and what caused it, on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl From<identity::throttle::Throttled> for Error {
    fn from(throttled: identity::throttle::Throttled) -> Self {
        Self::TooManyRequests {
            seconds: throttled.seconds,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::NotFound,
            error if error.is_retryable() => {
                metrics::counter!("canopy_database_unavailable_total").increment(1);
                tracing::warn!(%error, "the database is not available");
                Self::Unavailable
            }
            error => Self::internal(error),
        }
    }
}

impl From<identity::password::Error> for Error {
    fn from(error: identity::password::Error) -> Self {
        Self::internal(error)
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn sent(error: Error) -> (StatusCode, axum::http::HeaderMap, serde_json::Value) {
        let response = error.into_response();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&bytes).unwrap();
        (parts.status, parts.headers, json)
    }

    #[tokio::test]
    async fn a_problem_has_the_shape_of_rfc_9457() {
        let (status, headers, json) = sent(Error::field("email", "Enter an address.")).await;
        assert_eq!(status, 422);
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(
            json,
            serde_json::json!({
                "type": "urn:canopy:problem:invalid",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "1 value(s) in the request can't be taken",
                "code": "invalid",
                "errors": [{"field": "email", "message": "Enter an address."}],
            })
        );
    }

    #[tokio::test]
    async fn the_cause_of_an_internal_error_is_not_sent() {
        let (status, _, json) = sent(Error::internal("password=hunter2")).await;
        assert_eq!(status, 500);
        assert!(!json.to_string().contains("hunter2"));
    }

    #[tokio::test]
    async fn refusals_say_when_to_come_back_and_how_to_authenticate() {
        let (status, headers, _) = sent(Error::TooManyRequests { seconds: 7 }).await;
        assert_eq!(
            (status.as_u16(), &headers[header::RETRY_AFTER]),
            (429, &HeaderValue::from(7))
        );
        let (status, headers, json) = sent(Error::SESSION_ENDED).await;
        assert_eq!(status, 401);
        assert_eq!(headers[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(json["code"], "session-ended");
    }
}
