//! Answering with kept bytes: cached, in part, and never as anything that a browser would run.

use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use headers::{ETag, HeaderMapExt, IfNoneMatch, IfRange};

use crate::error::Result;
use crate::files::sniff::{SHOWN, TEXT};

/// A page of these bytes may do nothing at all (CSP level 3, 7.4).
const POLICY: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
/// Bytes at an address that names them never change.
pub(crate) const IMMUTABLE: HeaderValue =
    HeaderValue::from_static("private, max-age=31536000, immutable");
/// The address stays and the bytes may change: ask each time.
pub(crate) const ASK: HeaderValue = HeaderValue::from_static("private, no-cache");

/// What is to be sent.
pub(crate) struct Content<'a> {
    pub(crate) size: u64,
    /// What tells these bytes from others: letters and digits.
    pub(crate) tag: &'a str,
    pub(crate) media_type: &'a str,
    /// What a download is called.
    pub(crate) name: &'a str,
    pub(crate) cache: HeaderValue,
}

/// The answer: all of it, the part that is asked for, or that the caller has it (RFC 9110, 13 and 14). Of several parts, all of it.
/// `open` gives them.
pub(crate) async fn respond(
    request: &HeaderMap,
    content: Content<'_>,
    open: impl AsyncFnOnce(Option<Range<u64>>) -> Result<Body>,
) -> Result<Response> {
    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, content.cache.clone());
    let tag: Option<ETag> = format!("\"{}\"", content.tag).parse().ok();
    if let Some(tag) = &tag {
        out.typed_insert(tag.clone());
        if let Some(known) = request.typed_get::<IfNoneMatch>()
            && !known.precondition_passes(tag)
        {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
    }
    let media_type = match content.media_type {
        TEXT => "text/plain; charset=utf-8",
        other => other,
    };
    out.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static(super::sniff::BYTES)),
    );
    out.insert(
        header::CONTENT_DISPOSITION,
        disposition(content.media_type, content.name),
    );
    out.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    out.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    out.typed_insert(headers::AcceptRanges::bytes());
    let part = match part(request, tag.as_ref(), content.size) {
        Part::Whole => None,
        Part::Some(range) => {
            if let Ok(sent) = headers::ContentRange::bytes(range.clone(), content.size) {
                out.typed_insert(sent);
            }
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            Some(range)
        }
        Part::Nothing => {
            let all = headers::ContentRange::unsatisfied_bytes(content.size);
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            response.headers_mut().typed_insert(all);
            return Ok(response);
        }
    };
    let length = part.as_ref().map_or(content.size, |r| r.end - r.start);
    response
        .headers_mut()
        .typed_insert(headers::ContentLength(length));
    *response.body_mut() = open(part).await?;
    Ok(response)
}

#[derive(Debug, PartialEq)]
enum Part {
    Whole,
    Some(Range<u64>),
    /// The part that is asked for isn't there.
    Nothing,
}

fn part(request: &HeaderMap, tag: Option<&ETag>, size: u64) -> Part {
    let asked = request.get(header::RANGE);
    let Some(range) = asked.and_then(|value| value.to_str().ok()) else {
        return Part::Whole;
    };
    // Of bytes that have changed since, a part is of no use.
    if let Some(since) = request.typed_get::<IfRange>()
        && since.is_modified(tag, None)
    {
        return Part::Whole;
    }
    one_range(range, size).unwrap_or(Part::Whole)
}

/// The only part that a `Range` names (RFC 9110, 14.1.2). `None` when it names several, or can't be read.
fn one_range(range: &str, size: u64) -> Option<Part> {
    let (first, last) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |digits: &str| -> Option<u64> {
        let sound = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| sound)
    };
    let (start, end) = if first.is_empty() {
        (size.saturating_sub(number(last)?), size)
    } else {
        let start = number(first)?;
        let last = if last.is_empty() {
            u64::MAX
        } else {
            number(last)?
        };
        if last < start {
            return None;
        }
        (start, last.saturating_add(1).min(size))
    };
    Some(if start < end {
        Part::Some(start..end)
    } else {
        Part::Nothing
    })
}

/// Shown, or saved under its name (RFC 6266; the name as RFC 8187 has it, and an ASCII one for who doesn't read that).
fn disposition(media_type: &str, name: &str) -> HeaderValue {
    let how = if SHOWN.contains(&media_type) {
        "inline"
    } else {
        "attachment"
    };
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        // attr-char of RFC 8187, 3.2.1.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&format!("{byte:02X}"));
        }
    }
    let value = format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> Part {
        let headers = pairs
            .iter()
            .map(|(name, value)| {
                let name = axum::http::HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect();
        let tag: ETag = "\"abc\"".parse().unwrap();
        part(&headers, Some(&tag), 10)
    }

    #[test]
    fn parts_are_as_rfc_9110_has_them() {
        for (range, expected) in [
            ("bytes=0-3", Part::Some(0..4)),
            ("bytes=4-", Part::Some(4..10)),
            ("bytes=-3", Part::Some(7..10)),
            ("bytes=-99", Part::Some(0..10)),
            ("bytes=8-99", Part::Some(8..10)),
            ("bytes=9-9", Part::Some(9..10)),
            ("bytes=10-", Part::Nothing),
            ("bytes=-0", Part::Nothing),
            ("bytes=0-1,3-4", Part::Whole),
            ("lines=1-2", Part::Whole),
        ] {
            assert_eq!(asked(&[("range", range)]), expected, "{range}");
        }
        for junk in [
            "bytes=5-2",
            "bytes=x-y",
            "bytes=",
            "bytes=-",
            "bytes=--1",
            "bytes=+1-2",
            "bytes=1",
            "0-1",
        ] {
            assert_eq!(asked(&[("range", junk)]), Part::Whole, "{junk}");
        }
        assert_eq!(
            asked(&[("range", "bytes=18446744073709551615-")]),
            Part::Nothing
        );
        assert_eq!(one_range("bytes=0-", 0), Some(Part::Nothing));
        assert_eq!(asked(&[]), Part::Whole);
        assert_eq!(
            asked(&[("range", "bytes=0-3"), ("if-range", "\"abc\"")]),
            Part::Some(0..4)
        );
        assert_eq!(
            asked(&[("range", "bytes=0-3"), ("if-range", "\"old\"")]),
            Part::Whole
        );
    }

    #[test]
    fn a_name_stays_inside_its_header() {
        let of = |media_type, name| disposition(media_type, name).to_str().unwrap().to_owned();
        assert_eq!(
            of("image/png", "a b.png"),
            "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png"
        );
        assert_eq!(
            of(
                "text/plain",
                "x\"; filename=\"evil.html\r\nSet-Cookie: a=b\\é"
            ),
            "attachment; filename=\"x_; filename=_evil.html__Set-Cookie: a=b__\"; \
             filename*=UTF-8''x%22%3B%20filename%3D%22evil.html%0D%0ASet-Cookie%3A%20a%3Db%5C%C3%A9"
        );
        assert!(of("image/svg+xml", "a.svg").starts_with("attachment;"));
    }
}
