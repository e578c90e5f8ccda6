//! Whether a text is JSON (RFC 8259), without building anything from it.

use crate::Error;

/// Checks that `text` is one JSON value, nested at most `limit` deep (and never more than 128).
pub(crate) fn check(text: &str, limit: usize) -> Result<(), Error> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        pos: 0,
    };
    // One bit for each open container: 1 for an object.
    let mut open = 0u128;
    let mut depth = 0;
    loop {
        scan.space();
        match scan.peek() {
            Some(bracket @ (b'{' | b'[')) => {
                scan.pos += 1;
                if depth >= limit.min(128) {
                    return Err(Error::TooDeep {
                        what: "a JSON value",
                        limit: limit as u64,
                    });
                }
                depth += 1;
                open = (open << 1) | u128::from(bracket == b'{');
                scan.space();
                if scan.eat(if bracket == b'{' { b'}' } else { b']' }) {
                    depth -= 1;
                    open >>= 1;
                } else {
                    if bracket == b'{' {
                        scan.key()?;
                    }
                    continue;
                }
            }
            Some(b'"') => scan.string()?,
            Some(b't') => scan.word(b"true")?,
            Some(b'f') => scan.word(b"false")?,
            Some(b'n') => scan.word(b"null")?,
            _ => scan.number()?,
        }
        // A value has ended: close what ends with it.
        loop {
            scan.space();
            if depth == 0 {
                return if scan.pos == scan.bytes.len() {
                    Ok(())
                } else {
                    Err(Error::BadJson)
                };
            }
            let object = open & 1 == 1;
            if scan.eat(b',') {
                if object {
                    scan.space();
                    scan.key()?;
                }
                break;
            }
            if !scan.eat(if object { b'}' } else { b']' }) {
                return Err(Error::BadJson);
            }
            depth -= 1;
            open >>= 1;
        }
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.pos += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.pos += 1;
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Error> {
        if !self.bytes[self.pos..].starts_with(word) {
            return Err(Error::BadJson);
        }
        self.pos += word.len();
        Ok(())
    }

    fn key(&mut self) -> Result<(), Error> {
        self.string()?;
        self.space();
        if self.eat(b':') {
            Ok(())
        } else {
            Err(Error::BadJson)
        }
    }

    fn string(&mut self) -> Result<(), Error> {
        if !self.eat(b'"') {
            return Err(Error::BadJson);
        }
        loop {
            let byte = self.peek().ok_or(Error::BadJson)?;
            self.pos += 1;
            match byte {
                b'"' => return Ok(()),
                0..0x20 => return Err(Error::BadJson),
                b'\\' => {
                    let escape = self.peek().ok_or(Error::BadJson)?;
                    self.pos += 1;
                    match escape {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let digits = self
                                .bytes
                                .get(self.pos..self.pos + 4)
                                .ok_or(Error::BadJson)?;
                            if !digits.iter().all(u8::is_ascii_hexdigit) {
                                return Err(Error::BadJson);
                            }
                            self.pos += 4;
                        }
                        _ => return Err(Error::BadJson),
                    }
                }
                _ => {}
            }
        }
    }

    fn number(&mut self) -> Result<(), Error> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.pos;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.pos += 1;
        }
        if self.pos == start {
            Err(Error::BadJson)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_what_json_is() {
        for text in [
            "null",
            " true ",
            "-0.5e+10",
            "\"a\\u00e9\\n\"",
            "[]",
            "{}",
            "[1,[2,{\"a\":[]}],\"\"]",
            "{\"a\":1, \"b\":{}}",
        ] {
            assert_eq!(check(text, 8), Ok(()), "{text}");
        }
        for text in [
            "",
            "nul",
            "01",
            "1.",
            "-",
            "[1,]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "[",
            "]",
            "\"\t\"",
            "\"\\x\"",
            "1 2",
            "undefined",
            "{1:2}",
        ] {
            assert_eq!(check(text, 8), Err(Error::BadJson), "{text}");
        }
        assert_eq!(
            check(&"[".repeat(100_000), 64),
            Err(Error::TooDeep {
                what: "a JSON value",
                limit: 64
            })
        );
        assert_eq!(
            check(&format!("{}{}", "[".repeat(64), "]".repeat(64)), 64),
            Ok(())
        );
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{}\",:0-9eE.+\\-ntruefals \\\\u]{0,12}") {
            // serde_json also refuses numbers that overflow a double and lone surrogates, which JavaScript takes.
            prop_assume!(!text.contains(['e', 'E', '\\']));
            prop_assert_eq!(check(&text, 128).is_ok(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
