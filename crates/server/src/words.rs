//! Words that people choose: names and the like, checked and made neat in one place.

use crate::error::{Error, Result};

/// The longest name of a person, an organization or a project, in characters.
const NAME: usize = 100;
/// The longest description of a project, in characters.
const DESCRIPTION: usize = 2_000;

/// A name: one line, trimmed, 1 to 100 characters.
pub(crate) fn name(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::field(field, "Enter a name."));
    }
    if text.chars().count() > NAME {
        return Err(Error::field(field, "Use at most 100 characters."));
    }
    if text.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(Error::field(field, "Use one line of visible characters."));
    }
    Ok(text.to_owned())
}

/// Characters that change how others are read: overrides of direction, which can make one name look like another.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A description: plain text, at most 2,000 characters.
pub(crate) fn description(field: &str, text: &str) -> Result<String> {
    if text.chars().count() > DESCRIPTION {
        return Err(Error::field(field, "Use at most 2,000 characters."));
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(Error::field(field, "Use plain text."));
    }
    Ok(text.trim().to_owned())
}

/// An item's title: at most 500 characters, one line; may be empty.
pub(crate) fn title(field: &str, text: &str) -> Result<String> {
    let text = content::item::one_line(text);
    if text.chars().count() > content::item::MAX_TITLE {
        return Err(Error::field(field, "Use at most 500 characters."));
    }
    if text.contains('\0') {
        return Err(Error::field(field, "Use plain text."));
    }
    Ok(text)
}

/// A file's name: the last part of a path, one line of visible characters, at most 200 of them with the ending kept. Anything can be made one.
pub(crate) fn file_name(text: &str) -> String {
    const MOST: usize = 200;
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let name = name.trim();
    if name.chars().all(|c| c == '.') {
        return "file".into();
    }
    let length = name.chars().count();
    if length <= MOST {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= 20 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let room = MOST - ending.chars().count();
    stem.chars().take(room).chain(ending.chars()).collect()
}

/// A name in addresses: lower case, digits and hyphens, 1 to 40 characters.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if slug.len() >= 40 {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "organization".into()
    } else {
        slug.into()
    }
}

/// A project's short name: 2 to 10 capitals and digits, a capital first.
pub(crate) fn project_key(field: &str, text: &str) -> Result<String> {
    let key = text.trim().to_uppercase();
    let sound = (2..=10).contains(&key.len())
        && key.starts_with(|c: char| c.is_ascii_uppercase())
        && key
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if sound {
        Ok(key)
    } else {
        Err(Error::field(
            field,
            "Use 2 to 10 letters and digits, a letter first.",
        ))
    }
}

/// A short name made from a name: the initials of several words, or the start of one.
pub(crate) fn suggest_key(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| word.to_ascii_uppercase())
        .filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        .collect();
    let key: String = if words.len() > 1 {
        words
            .iter()
            .filter_map(|word| word.chars().next())
            .take(4)
            .collect()
    } else {
        words
            .first()
            .map(|word| word.chars().take(4).collect())
            .unwrap_or_default()
    };
    if key.len() >= 2 { key } else { "PRJ".into() }
}

/// The colours of carets and avatars: apart from each other, and readable under white text.
const COLOURS: [&str; 12] = [
    "#b4232c", "#b45309", "#8a6d00", "#4d7c0f", "#15803d", "#0f766e", "#0e7490", "#1d4ed8",
    "#4f46e5", "#7e22ce", "#a21caf", "#be185d",
];

/// A colour for a new account.
pub(crate) fn colour(rng: &dyn model::Rng) -> String {
    let at = usize::try_from(rng.next_u64() % COLOURS.len() as u64).unwrap_or(0);
    COLOURS[at].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_neat_or_refused() {
        assert_eq!(name("name", "  Ada  ").unwrap(), "Ada");
        for bad in ["", "  ", "a\nb", "a\u{202e}b", &"x".repeat(101)] {
            assert!(name("name", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn files_have_harmless_names() {
        for (given, name) in [
            ("plan.png", "plan.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a b.txt", "a b.txt"),
            ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
            ("invoice\u{202e}gpj.exe", "invoicegpj.exe"),
            ("", "file"),
            ("..", "file"),
            ("/", "file"),
            ("Grüße\0.md", "Grüße.md"),
        ] {
            assert_eq!(file_name(given), name, "{given:?}");
        }
        let long = file_name(&format!("{}.tar.gz", "é".repeat(300)));
        assert_eq!(long.chars().count(), 200);
        assert!(long.ends_with(".gz"));
        assert_eq!(file_name(&".".repeat(300)), "file");
    }

    #[test]
    fn slugs_and_keys_come_from_names() {
        assert_eq!(slug("Analytical Engines, Ltd."), "analytical-engines-ltd");
        assert_eq!(slug("日本"), "organization");
        assert_eq!(suggest_key("Checkout redesign"), "CR");
        assert_eq!(suggest_key("Canopy"), "CANO");
        assert_eq!(suggest_key("3d"), "PRJ");
        assert_eq!(project_key("key", "ab1").unwrap(), "AB1");
        for bad in ["", "A", "1A", "A-B", "ABCDEFGHIJK"] {
            assert!(project_key("key", bad).is_err(), "{bad:?}");
        }
    }
}
