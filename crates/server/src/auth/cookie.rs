//! The cookies. Both are HttpOnly and SameSite=Strict; scripts never see them and other sites never send them.

use axum::http::{HeaderMap, HeaderValue, header};
use identity::token::{Purpose, Token};

use crate::ctx::Ctx;

/// Renews the session; sent to `/api/v1/auth` only.
const REFRESH: &str = "canopy_refresh";
const REFRESH_PATH: &str = "/api/v1/auth";
/// The access token once more, for sockets of stock clients on our own pages; sent to `/collab` only.
const ACCESS: &str = "canopy_access";
const ACCESS_PATH: &str = "/collab";

pub(crate) fn set_refresh(headers: &mut HeaderMap, ctx: &Ctx, token: &Token) {
    let age = ctx.config.lifetimes.session_idle;
    set(headers, ctx, REFRESH, token.as_str(), REFRESH_PATH, age);
}

pub(crate) fn set_access(headers: &mut HeaderMap, ctx: &Ctx, token: &str) {
    let age = identity::access::LIFETIME_SECONDS;
    set(headers, ctx, ACCESS, token, ACCESS_PATH, age);
}

pub(crate) fn clear(headers: &mut HeaderMap, ctx: &Ctx) {
    set(headers, ctx, REFRESH, "", REFRESH_PATH, 0);
    set(headers, ctx, ACCESS, "", ACCESS_PATH, 0);
}

/// The refresh token that came, if one did that can be one.
pub(crate) fn refresh(headers: &HeaderMap) -> Option<Token> {
    Token::parse(Purpose::Refresh, &get(headers, REFRESH)?)
}

/// The access token that came with a socket.
pub(crate) fn access(headers: &HeaderMap) -> Option<String> {
    get(headers, ACCESS).filter(|token| !token.is_empty())
}

fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

fn set(headers: &mut HeaderMap, ctx: &Ctx, name: &str, value: &str, path: &str, age: i64) {
    let secure = if ctx.config.public_url.is_https() {
        "; Secure"
    } else {
        ""
    };
    let cookie =
        format!("{name}={value}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(mut value) = HeaderValue::from_str(&cookie) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; canopy_access=tok"),
        );
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("xcanopy_refresh=no"),
        );
        assert_eq!(access(&headers).as_deref(), Some("tok"));
        assert!(refresh(&headers).is_none());
    }
}
