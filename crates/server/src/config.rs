//! What the server is told: addresses, limits, lifetimes. Read from files and the environment by the binary.

use std::path::PathBuf;

use axum::http::{HeaderMap, Uri, header};

/// Settings of the HTTP server. `Default` has the production values for a server at `http://localhost`.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// The address that people open, without a trailing slash, e.g. `https://canopy.example.com`.
    pub public_url: PublicUrl,
    /// What hashing a password costs.
    pub password_cost: identity::password::Cost,
    /// How many password hashes run at once; each takes [`identity::password::Cost::memory_kib`].
    pub password_parallel: usize,
    /// The throttle on sign-in attempts.
    pub login: identity::throttle::Limits,
    /// Lifetimes of sessions and links.
    pub lifetimes: Lifetimes,
    /// Bounds on what callers send.
    pub limits: Limits,
    /// Bounds on files.
    pub files: Files,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// The folder of the search index of this node. Without it, the index is in memory and built at each start.
    pub search_folder: Option<PathBuf>,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            public_url: PublicUrl::parse("http://localhost").unwrap_or_else(|_| PublicUrl {
                url: String::new(),
                host: String::new(),
                https: false,
            }),
            password_cost: identity::password::Cost::default(),
            password_parallel: 4,
            login: identity::throttle::Limits::default(),
            lifetimes: Lifetimes::default(),
            limits: Limits::default(),
            files: Files::default(),
            metrics: MetricsAccess::default(),
            search_folder: None,
        }
    }
}

/// How long things live, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// A session that nobody uses.
    pub session_idle: i64,
    /// A session at all.
    pub session: i64,
    /// How long a just-rotated refresh token is forgiven: two tabs, a lost answer.
    pub refresh_leeway: i64,
    /// An invitation.
    pub invitation: i64,
    /// A link to set a new password.
    pub password_reset: i64,
    /// A link to verify an e-mail address.
    pub email_verification: i64,
    /// A link to make an address the account's own.
    pub email_change: i64,
    /// A set-up link.
    pub setup: i64,
    /// How long a signing key signs before a new one takes over.
    pub signing_key: i64,
    /// How long the answer to an `Idempotency-Key` is kept.
    pub idempotency: i64,
    /// How long an event can be resumed from.
    pub events: i64,
    /// How long a search index can be away and catch up; after that it is built anew.
    pub search_outbox: i64,
    /// How long what was read about sessions and roles is believed without asking the database again. Changes made on this node count at once.
    pub live_cache: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const DAY: i64 = 86_400;
        Self {
            session_idle: 30 * DAY,
            session: 180 * DAY,
            refresh_leeway: 10,
            invitation: 7 * DAY,
            password_reset: 3_600,
            email_verification: 7 * DAY,
            email_change: DAY,
            setup: DAY,
            signing_key: 30 * DAY,
            idempotency: DAY,
            events: 3 * DAY,
            search_outbox: DAY,
            live_cache: 10,
        }
    }
}

/// Bounds on what callers send.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest request body, bytes.
    pub body_bytes: usize,
    /// The longest a request may take until its answer begins, seconds.
    pub request_seconds: u64,
    /// Requests a minute to the routes under `/auth`, `/setup` and `/invitations`, per address.
    pub auth_per_minute: u32,
    /// Requests a second to the rest of the API, per session. The burst is ten times this.
    pub api_per_second: u32,
    /// Event streams open at once, per session.
    pub streams_per_session: usize,
    /// The largest WebSocket message and frame, bytes.
    pub socket_message_bytes: usize,
    /// How many proxies of ours stand in front and append to `X-Forwarded-For`. 0: the header is not believed.
    pub trusted_proxies: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            request_seconds: 30,
            auth_per_minute: 300,
            api_per_second: 50,
            streams_per_session: 8,
            socket_message_bytes: 16 * 1024 * 1024,
            trusted_proxies: 0,
        }
    }
}

/// Bounds on files.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// The largest file, bytes.
    pub max_bytes: u64,
    /// The most that an organization's files may take together, bytes. `None` is no bound.
    pub organization_bytes: Option<u64>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            max_bytes: 25 << 20,
            organization_bytes: None,
        }
    }
}

/// Who may read `/metrics`.
#[derive(Debug, Clone, Default)]
pub enum MetricsAccess {
    /// Nobody.
    Off,
    /// Callers on this machine.
    #[default]
    Loopback,
    /// Whoever sends this as a bearer token.
    Token(String),
}

/// The address that people open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    host: String,
    https: bool,
}

/// Not an address that people can open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "public_url must be http:// or https:// with a host and no path, like https://canopy.example.com"
)]
pub struct InvalidPublicUrl;

impl PublicUrl {
    /// Reads an address; a trailing slash is forgiven.
    ///
    /// # Errors
    /// When it has another scheme, no host, a path, a query or credentials.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        let text = text.trim().trim_end_matches('/');
        let uri: Uri = text.parse().map_err(|_| InvalidPublicUrl)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidPublicUrl),
        };
        let authority = uri.authority().ok_or(InvalidPublicUrl)?.as_str();
        if uri.path().len() > 1 || uri.query().is_some() || authority.contains('@') {
            return Err(InvalidPublicUrl);
        }
        let host = authority.to_ascii_lowercase();
        let host = host
            .strip_suffix(if https { ":443" } else { ":80" })
            .unwrap_or(&host);
        Ok(Self {
            url: format!("{}://{host}", if https { "https" } else { "http" }),
            host: host.to_owned(),
            https,
        })
    }

    /// The address without a trailing slash. It is also the origin (RFC 6454).
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether people come over TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Host and port, the port left out where it is the scheme's own.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A link into the client. `path` begins with a slash.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Whether a browser says that the request comes from a page of ours. A request that says nothing doesn't: every current browser names the
    /// origin of a POST and of a WebSocket.
    pub fn is_own_page(&self, headers: &HeaderMap) -> bool {
        if let Some(site) = headers.get("sec-fetch-site")
            && site != "same-origin"
        {
            return false;
        }
        let Some(origin) = headers.get(header::ORIGIN).and_then(|o| o.to_str().ok()) else {
            return false;
        };
        if origin == self.url {
            return true;
        }
        // Reached at another of its addresses, such as 127.0.0.1: a page can't choose the Host of its own requests.
        let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
        let origin_host = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        matches!((host, origin_host), (Some(host), Some(origin)) if host.eq_ignore_ascii_case(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn public_addresses_have_one_form() {
        for (text, url) in [
            ("https://Canopy.Example.com/", "https://canopy.example.com"),
            ("https://c.example:443", "https://c.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().as_str(), url);
        }
        for bad in [
            "",
            "c.example",
            "ftp://c",
            "https://c/x",
            "https://c?x",
            "https://a:b@c",
        ] {
            assert_eq!(PublicUrl::parse(bad), Err(InvalidPublicUrl), "{bad}");
        }
    }

    #[test]
    fn only_pages_of_ours_are_ours() {
        let url = PublicUrl::parse("https://c.example").unwrap();
        let own = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
                .collect();
            url.is_own_page(&headers)
        };
        assert!(own(&[("origin", "https://c.example")]));
        assert!(own(&[
            ("origin", "http://127.0.0.1:9"),
            ("host", "127.0.0.1:9")
        ]));
        assert!(own(&[
            ("origin", "https://c.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(!own(&[]));
        assert!(!own(&[("origin", "null"), ("host", "null")]));
        assert!(!own(&[
            ("origin", "https://evil.example"),
            ("host", "c.example")
        ]));
        assert!(!own(&[
            ("origin", "https://c.example"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(!own(&[("origin", "https://c.example.evil.example")]));
    }
}
