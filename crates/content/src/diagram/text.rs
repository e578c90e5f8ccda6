//! How wide text is, and where it breaks: by a table, so that a server without fonts and every browser agree.

use super::rules::RULES;

/// The width of a line, in diagram units.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    scaled(text.chars().map(units).sum(), size, bold)
}

fn scaled(units: f64, size: f64, bold: bool) -> f64 {
    let wider = if bold { RULES.font.bold } else { 1.0 };
    units * size * wider / 1000.0
}

fn units(c: char) -> f64 {
    let font = &RULES.font;
    let code = u32::from(c);
    match code {
        0x20..=0x7e => font.ascii[(code - 0x20) as usize],
        // Han, Kana, Hangul, full width, and pictures.
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => font.wide,
        // What joins the character before.
        0x300..=0x36f | 0x200b..=0x200d | 0xfe00..=0xfe0f => 0.0,
        _ => font.other,
    }
}

/// The lines that `text` takes in `room`: broken at `\n`, between words, and inside a word that is too long by itself. Each
/// character is looked at a few times, however long the lines are.
pub(super) fn lines(text: &str, room: f64, size: f64, bold: bool) -> Vec<String> {
    let mut out = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut taken = 0.0;
        for word in paragraph.split(' ') {
            let mut longer = taken;
            if !line.is_empty() {
                longer += units(' ');
            }
            longer = word.chars().map(units).fold(longer, |sum, c| sum + c);
            if scaled(longer, size, bold) <= room {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
                taken = longer;
                continue;
            }
            if !line.is_empty() {
                out.push(std::mem::take(&mut line));
                taken = 0.0;
            }
            for c in word.chars() {
                let longer = taken + units(c);
                if !line.is_empty() && scaled(longer, size, bold) > room {
                    out.push(std::mem::replace(&mut line, c.to_string()));
                    taken = units(c);
                } else {
                    line.push(c);
                    taken = longer;
                }
            }
        }
        out.push(line);
    }
    out
}

/// As much of a line as fits in `room`, with an ellipsis if that isn't all.
pub(super) fn clipped(text: &str, room: f64, size: f64, bold: bool) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut taken = 0.0;
    for c in text.chars() {
        taken += units(c);
        if scaled(taken + units('…'), size, bold) > room {
            break;
        }
        out.push(c);
    }
    format!("{}…", out.trim_end())
}
