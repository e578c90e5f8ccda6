//! Fractional ranks: strings between any two of which there is another.
//!
//! The scheme of npm's `fractional-indexing` 4.0.0 with its default alphabets, which the web client
//! uses: a head letter that gives the length of the integer part (`a` two characters, `b` three, …;
//! `Z` two, `Y` three, … below zero), base-62 digits, and a fraction without trailing zeros.
//! Ranks compare bytewise.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The longest rank that counts as valid, in bytes. A longer one is replaced when a neighbour moves.
pub const MAX_RANK: usize = 256;

fn digit(c: u8) -> Option<usize> {
    DIGITS.binary_search(&c).ok()
}

/// The length of the integer part that starts with `head`.
fn integer_len(head: u8) -> Option<usize> {
    match head {
        b'A'..=b'Z' => Some(usize::from(b'Z' - head) + 2),
        b'a'..=b'z' => Some(usize::from(head - b'a') + 2),
        _ => None,
    }
}

fn integer(rank: &str) -> &str {
    let len = rank.bytes().next().and_then(integer_len).unwrap_or(0);
    &rank[..len.min(rank.len())]
}

/// `A` and 26 zeros: below it there is nothing.
fn is_smallest(integer: &str) -> bool {
    integer.len() == 27 && integer.starts_with('A') && integer[1..].bytes().all(|c| c == b'0')
}

/// Whether new ranks can be made beside `rank`.
pub fn is_valid(rank: &str) -> bool {
    let Some(len) = rank.bytes().next().and_then(integer_len) else {
        return false;
    };
    rank.len() >= len
        && rank.len() <= MAX_RANK
        && rank.bytes().all(|c| digit(c).is_some())
        && !is_smallest(rank)
        && (rank.len() == len || !rank.ends_with('0'))
}

/// A rank after `a` and before `b`; `None` is the end of the list. `None` comes back when a bound
/// is not [valid](is_valid), or when they are not in order.
pub fn try_between(a: Option<&str>, b: Option<&str>) -> Option<String> {
    if !a.into_iter().chain(b).all(is_valid) {
        return None;
    }
    match (a, b) {
        (None, None) => Some("a0".into()),
        (None, Some(b)) => {
            let whole = integer(b);
            if is_smallest(whole) {
                Some(format!("{whole}{}", midpoint("", Some(&b[whole.len()..]))?))
            } else if whole < b {
                Some(whole.into())
            } else {
                decrement(whole)
            }
        }
        (Some(a), None) => {
            let whole = integer(a);
            match increment(whole) {
                Some(next) => Some(next),
                None => Some(format!("{whole}{}", midpoint(&a[whole.len()..], None)?)),
            }
        }
        (Some(a), Some(b)) if a < b => {
            let (whole_a, whole_b) = (integer(a), integer(b));
            let fraction_a = &a[whole_a.len()..];
            if whole_a == whole_b {
                let fraction = midpoint(fraction_a, Some(&b[whole_b.len()..]))?;
                return Some(format!("{whole_a}{fraction}"));
            }
            let next = increment(whole_a)?;
            if next.as_str() < b {
                Some(next)
            } else {
                Some(format!("{whole_a}{}", midpoint(fraction_a, None)?))
            }
        }
        _ => None,
    }
}

/// `n` ranks after `a` and before `b`, ascending; on the conditions of [`try_between`].
pub fn try_n_between(a: Option<&str>, b: Option<&str>, n: usize) -> Option<Vec<String>> {
    let mut out = Vec::with_capacity(n);
    if n == 0 {
        return Some(out);
    }
    if b.is_none() {
        out.push(try_between(a, None)?);
        while out.len() < n {
            out.push(try_between(out.last().map(String::as_str), None)?);
        }
        return Some(out);
    }
    if a.is_none() {
        out.push(try_between(None, b)?);
        while out.len() < n {
            out.push(try_between(None, out.last().map(String::as_str))?);
        }
        out.reverse();
        return Some(out);
    }
    // Halving: the depth of the recursion is log2 n.
    let middle = try_between(a, b)?;
    out.extend(try_n_between(a, Some(&middle), n / 2)?);
    let above = try_n_between(Some(&middle), b, n - n / 2 - 1)?;
    out.push(middle);
    out.extend(above);
    Some(out)
}

/// The shortest fraction in the middle of two. `b` of `None` is one.
fn midpoint(a: &str, b: Option<&str>) -> Option<String> {
    let (mut a, mut b) = (a.as_bytes(), b.map(str::as_bytes));
    let mut out = String::new();
    loop {
        if let Some(upper) = b {
            // Only the upper bound may end before a difference is found, when they are equal.
            let at = |i: usize| a.get(i).copied().unwrap_or(b'0');
            let same = (0..upper.len()).take_while(|&i| at(i) == upper[i]).count();
            if same == upper.len() {
                return None;
            }
            out.push_str(std::str::from_utf8(&upper[..same]).ok()?);
            a = a.get(same..).unwrap_or(&[]);
            b = Some(&upper[same..]);
        }
        let low = a.first().map_or(Some(0), |&c| digit(c))?;
        let high = b
            .and_then(|b| b.first())
            .map_or(Some(DIGITS.len()), |&c| digit(c))?;
        if high <= low {
            return None;
        }
        if high - low > 1 {
            // JavaScript's Math.round: halves go up.
            out.push(DIGITS[(low + high).div_ceil(2)].into());
            return Some(out);
        }
        if let Some(upper) = b.filter(|b| b.len() > 1) {
            out.push(upper[0].into());
            return Some(out);
        }
        out.push(DIGITS[low].into());
        a = a.get(1..).unwrap_or(&[]);
        b = None;
    }
}

/// The next integer; `None` after the largest.
fn increment(integer: &str) -> Option<String> {
    step(
        integer,
        b'z',
        b'0',
        |d| (d < 61).then(|| d + 1),
        |head| head + 1,
    )
}

/// The integer before; `None` before the smallest.
fn decrement(integer: &str) -> Option<String> {
    step(integer, b'A', b'z', |d| d.checked_sub(1), |head| head - 1)
}

/// Counts one step: digits that run over become `wrapped`; a carry out moves the head.
fn step(
    integer: &str,
    last_head: u8,
    wrapped: u8,
    next_digit: impl Fn(usize) -> Option<usize>,
    next_head: impl Fn(u8) -> u8,
) -> Option<String> {
    let mut bytes = integer.as_bytes().to_vec();
    for i in (1..bytes.len()).rev() {
        if let Some(next) = next_digit(digit(bytes[i])?) {
            bytes[i] = DIGITS[next];
            return String::from_utf8(bytes).ok();
        }
        bytes[i] = wrapped;
    }
    if bytes[0] == last_head {
        return None;
    }
    // The letters of both cases are one row: Z is followed by a.
    bytes[0] = match next_head(bytes[0]) {
        b'[' => b'a',
        b'`' => b'Z',
        head => head,
    };
    bytes.resize(integer_len(bytes[0])?, wrapped);
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_out_of_order_or_invalid_give_nothing() {
        assert_eq!(try_between(Some("a1"), Some("a1")), None);
        assert_eq!(try_between(Some("a2"), Some("a1")), None);
        for invalid in [
            "",
            "0",
            "a",
            "a00",
            "a1\u{e9}",
            "A00000000000000000000000000",
            "b1",
        ] {
            assert!(!is_valid(invalid), "{invalid}");
            assert_eq!(try_between(Some(invalid), None), None, "{invalid}");
        }
    }

    #[test]
    fn many_between_are_ascending_and_within() {
        for (a, b) in [
            (None, None),
            (Some("a0"), None),
            (None, Some("a0")),
            (Some("a0"), Some("a1")),
        ] {
            let ranks = try_n_between(a, b, 500).unwrap();
            let all: Vec<&str> = a
                .into_iter()
                .chain(ranks.iter().map(String::as_str))
                .chain(b)
                .collect();
            assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(ranks.iter().all(|rank| is_valid(rank)));
        }
    }
}
