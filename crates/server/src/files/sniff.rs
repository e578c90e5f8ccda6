//! What bytes are, by the look of them. What a client says of them is never believed.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use infer::MatcherType;

use crate::error::Result;

/// What anything is that isn't known to be something else.
pub(crate) const BYTES: &str = "application/octet-stream";
/// Text of any language: pages and drawings with scripts in them too. It is only ever a download.
pub(crate) const TEXT: &str = "text/plain";
/// The types that a browser may show. None of them can hold a script.
pub(crate) const SHOWN: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
];

/// An image of more pixels is a download: a file of a few bytes can claim as many as it likes, and whoever shows it makes room for
/// them. What browsers paint ends here, too.
const MAX_PIXELS: u64 = 1 << 28;

/// What was seen in some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Their media type.
    pub(crate) media_type: &'static str,
    /// Width and height of an image, in pixels.
    pub(crate) pixels: Option<(u32, u32)>,
}

/// Looks into a file, off the request threads.
pub(crate) async fn look(path: &Path) -> Result<Seen> {
    let path = path.to_owned();
    let looked = tokio::task::spawn_blocking(move || see(&path));
    Ok(looked.await?.map_err(super::objects::Failure::Disk)?)
}

fn see(path: &Path) -> std::io::Result<Seen> {
    let mut file = BufReader::with_capacity(64 << 10, File::open(path)?);
    let mut head = Vec::with_capacity(8 << 10);
    file.by_ref().take(8 << 10).read_to_end(&mut head)?;
    file.rewind()?;
    let kind = infer::get(&head);
    let named = kind.map(|kind| kind.mime_type());
    if let Some(image) = SHOWN.into_iter().find(|shown| named == Some(*shown)) {
        // One that begins like an image and can't be measured is none.
        let pixels = imagesize::reader_size(&mut file).ok();
        let pixels = pixels
            .and_then(|size| Some((size.width.try_into().ok()?, size.height.try_into().ok()?)))
            .filter(|(width, height): &(u32, u32)| {
                u64::from(*width) * u64::from(*height) <= MAX_PIXELS
            });
        let media_type = if pixels.is_some() { image } else { BYTES };
        return Ok(Seen { media_type, pixels });
    }
    let media_type = match kind.map(|kind| (kind.matcher_type(), kind.mime_type())) {
        // Pages and scripts.
        None | Some((MatcherType::Text, _)) if is_text(&mut file)? => TEXT,
        // Programs: nothing that anybody should be offered to run.
        None | Some((MatcherType::Text | MatcherType::App | MatcherType::Custom, _)) => BYTES,
        Some((_, media_type)) => media_type,
    };
    Ok(Seen {
        media_type,
        pixels: None,
    })
}

/// Whether all of it is UTF-8 without NUL.
fn is_text(mut file: impl Read) -> std::io::Result<bool> {
    let mut buffer = vec![0; 64 << 10];
    // A character may be cut by the end of the buffer: its first bytes are carried over.
    let mut carried = 0;
    loop {
        let read = file.read(&mut buffer[carried..])?;
        if read == 0 {
            return Ok(carried == 0);
        }
        let filled = carried + read;
        let cut = match std::str::from_utf8(&buffer[..filled]) {
            Ok(_) => filled,
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        if buffer[..cut].contains(&0) {
            return Ok(false);
        }
        buffer.copy_within(cut..filled, 0);
        carried = filled - cut;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(bytes: &[u8]) -> Seen {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        see(file.path()).unwrap()
    }

    /// A PNG of 3 by 2 pixels, as far as its header goes.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0";

    #[test]
    fn images_are_measured() {
        let png = seen(PNG);
        assert_eq!((png.media_type, png.pixels), ("image/png", Some((3, 2))));
        let gif = seen(b"GIF89a\x05\0\x04\0\0\0\0;");
        assert_eq!((gif.media_type, gif.pixels), ("image/gif", Some((5, 4))));
        let jpeg = seen(b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\0\x07\0\x09\x03\x01\"\0\x02\x11\x01\x03\x11\x01");
        assert_eq!((jpeg.media_type, jpeg.pixels), ("image/jpeg", Some((9, 7))));
    }

    #[test]
    fn what_only_begins_like_an_image_is_none() {
        assert_eq!(seen(&PNG[..12]).media_type, BYTES);
        assert_eq!(seen(b"GIF8").media_type, BYTES);
    }

    #[test]
    fn an_image_that_claims_more_than_can_be_painted_is_a_download() {
        let claims = |width: u32, height: u32| {
            let mut png = PNG.to_vec();
            png[16..20].copy_from_slice(&width.to_be_bytes());
            png[20..24].copy_from_slice(&height.to_be_bytes());
            seen(&png)
        };
        assert_eq!(claims(16_384, 16_384).media_type, "image/png");
        for (width, height) in [(60_000, 60_000), (u32::MAX, u32::MAX), (16_385, 16_384)] {
            let bomb = claims(width, height);
            assert_eq!((bomb.media_type, bomb.pixels), (BYTES, None));
        }
    }

    #[test]
    fn pages_and_drawings_with_scripts_are_text() {
        for text in [
            "<!doctype html><script>alert(1)</script>",
            "<html><body onload=alert(1)>",
            "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>",
            "<svg onload=alert(1)>",
            "#!/bin/sh\nrm",
            "",
            "Grüße",
        ] {
            assert_eq!(seen(text.as_bytes()).media_type, TEXT, "{text}");
        }
    }

    #[test]
    fn documents_are_named_and_the_rest_is_bytes() {
        assert_eq!(seen(b"%PDF-1.7\n%\xe2\xe3").media_type, "application/pdf");
        assert_eq!(
            seen(b"PK\x03\x04\x14\0\0\0\x08\0").media_type,
            "application/zip"
        );
        for bytes in [
            &b"\0asm\x01\0\0\0"[..],
            b"MZ\x90\0",
            b"\x7fELF\x02\0",
            b"a\0b",
            b"\xff\xfe<\0h\0",
            b"gr\xfc\xdfe",
        ] {
            assert_eq!(seen(bytes).media_type, BYTES, "{bytes:?}");
        }
    }

    #[test]
    fn a_character_across_two_reads_is_whole() {
        let mut text = vec![b'a'; (64 << 10) - 1];
        text.extend("é".as_bytes());
        assert_eq!(seen(&text).media_type, TEXT);
        text.pop();
        assert_eq!(seen(&text).media_type, BYTES);
    }
}
