//! Bytes as text.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::report::{Level, Report};

/// Bytes as text: by their byte order mark, as UTF-16 without one, as UTF-8, by what an XML
/// declaration names, or as the legacy encoding that they look like.
pub(crate) fn decode(bytes: &[u8], report: &mut Report) -> String {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => wide(bytes)
            .or_else(|| std::str::from_utf8(bytes).is_ok().then_some(UTF_8))
            .or_else(|| declared(bytes))
            .unwrap_or_else(|| guess(bytes)),
    };
    let (text, _, broken) = encoding.decode(bytes);
    if encoding != UTF_8 {
        let message = format!(
            "The file isn't in UTF-8; it was read as {}.",
            encoding.name()
        );
        report.add(Level::Info, "encoding", message, 0);
    }
    if broken {
        report.add(
            Level::Warning,
            "encoding_broken",
            "Some characters could not be read and show as �.".into(),
            0,
        );
    }
    text.into_owned()
}

/// UTF-16 without a mark: western text has a zero in every other byte.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |odd: usize| {
        head.iter()
            .skip(odd)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let pairs = head.len() / 2;
    if pairs < 2 {
        return None;
    }
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 10 > pairs * 4 && even * 20 < pairs {
        Some(UTF_16LE)
    } else if even * 10 > pairs * 4 && odd * 20 < pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// `<?xml version="1.0" encoding="…"?>`
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let head = String::from_utf8_lossy(head);
    let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration
        .split("encoding")
        .nth(1)?
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|c| "\"'".contains(*c))?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    // What comes later is not likely to say more.
    detector.feed(&bytes[..bytes.len().min(1 << 20)], true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    if guess == UTF_8 { WINDOWS_1252 } else { guess }
}
