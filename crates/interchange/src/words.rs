//! Other tools' words for types, statuses and priorities, and their dates and numbers.

use model::{ItemType, Priority, Status};

fn plain(word: &str) -> String {
    let mut out = String::new();
    for c in word.trim().chars().flat_map(char::to_lowercase) {
        let c = if c.is_alphanumeric() { c } else { ' ' };
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out.trim().to_owned()
}

/// What a word for a type means, and whether it means just that: a bug is a task and more.
pub fn item_type(word: &str) -> Option<(ItemType, bool)> {
    Some(match plain(word).as_str() {
        "epic" => (ItemType::Epic, true),
        "initiative" | "theme" | "legend" | "saga" => (ItemType::Epic, false),
        "feature" | "new feature" => (ItemType::Feature, true),
        "capability" | "module" => (ItemType::Feature, false),
        "story" | "user story" => (ItemType::Story, true),
        "requirement" | "use case" | "product backlog item" | "pbi" => (ItemType::Story, false),
        "task" | "sub task" | "subtask" | "technical task" | "issue" | "todo" | "to do" => {
            (ItemType::Task, true)
        }
        "bug" | "defect" | "fault" | "spike" | "improvement" | "chore" | "test" | "incident"
        | "change" | "enhancement" | "research" | "problem" => (ItemType::Task, false),
        "diagram" => (ItemType::Diagram, true),
        _ => return None,
    })
}

/// What a word for a status means.
pub fn status(word: &str) -> Option<Status> {
    Some(match plain(word).as_str() {
        "backlog" | "open" | "new" | "idea" | "icebox" | "proposed" | "triage" | "draft"
        | "unstarted" => Status::Backlog,
        "to do"
        | "todo"
        | "selected for development"
        | "ready"
        | "ready for development"
        | "ready for dev"
        | "reopened"
        | "planned"
        | "next"
        | "approved"
        | "accepted"
        | "committed"
        | "not started" => Status::Todo,
        "in progress" | "doing" | "started" | "in development" | "active" | "wip" | "working"
        | "ongoing" | "implementing" | "blocked" | "on hold" | "in_progress" => Status::InProgress,
        "in review" | "review" | "code review" | "in qa" | "qa" | "testing" | "in testing"
        | "test" | "verification" | "ready for review" | "ready for qa" | "ready for test"
        | "uat" | "pending review" | "under review" => Status::InReview,
        "done" | "closed" | "resolved" | "complete" | "completed" | "finished" | "released"
        | "fixed" | "shipped" | "deployed" | "delivered" => Status::Done,
        "cancelled" | "canceled" | "won t do" | "wont do" | "won t fix" | "wontfix"
        | "rejected" | "duplicate" | "abandoned" | "declined" | "obsolete" | "removed"
        | "invalid" => Status::Cancelled,
        _ => return None,
    })
}

/// What a word for a priority means.
pub fn priority(word: &str) -> Option<Priority> {
    Some(match plain(word).as_str() {
        "highest" | "blocker" | "critical" | "urgent" | "p0" | "immediate" | "showstopper" => {
            Priority::Urgent
        }
        "high" | "major" | "p1" | "important" => Priority::High,
        "medium" | "normal" | "p2" | "moderate" | "default" => Priority::Medium,
        "low" | "lowest" | "minor" | "trivial" | "p3" | "p4" | "p5" => Priority::Low,
        "none" | "no priority" | "not set" | "unset" | "unprioritized" => Priority::None,
        _ => return None,
    })
}

/// A number, with a decimal point or comma.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim().replace(['\u{a0}', ' ', '\''], "");
    let text = match (text.rfind(','), text.rfind('.')) {
        (Some(comma), Some(point)) if comma > point => text.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => text.replace(',', ""),
        (Some(_), None) => text.replace(',', "."),
        _ => text,
    };
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    text.parse().ok().filter(|n: &f64| plain && n.is_finite())
}

/// In which order the numbers of `01/02/2026` stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOrder {
    /// Nothing says so; taken as month first with slashes, day first with points.
    #[default]
    Unknown,
    /// Day first.
    DayFirst,
    /// Month first.
    MonthFirst,
}

/// The three numbers of a date with slashes or hyphens and no year first, and what is between.
fn parts(text: &str) -> Option<([u32; 3], char)> {
    let date = text.trim().split([' ', 'T']).next()?;
    let sign = date.chars().find(|c| !c.is_ascii_digit())?;
    let mut numbers = date.split(sign).map(|part| part.parse::<u32>().ok());
    let out = [numbers.next()??, numbers.next()??, numbers.next()??];
    (numbers.next().is_none() && "/-.".contains(sign)).then_some((out, sign))
}

/// What one date says about the order of all of a column.
pub fn day_order(text: &str) -> DayOrder {
    match parts(text) {
        Some(([a, b, _], _)) if a > 12 && a <= 31 && b <= 12 => DayOrder::DayFirst,
        Some(([a, b, _], _)) if b > 12 && b <= 31 && a <= 12 => DayOrder::MonthFirst,
        _ => DayOrder::Unknown,
    }
}

/// A date, as `YYYY-MM-DD`. A time behind it is dropped.
pub fn date(text: &str, order: DayOrder) -> Option<String> {
    let text = text.trim();
    if let Some(([a, b, c], sign)) = parts(text) {
        let (year, month, day) = match (a, order, sign) {
            (1000.., ..) => (a, b, c),
            (_, DayOrder::DayFirst, _) | (_, DayOrder::Unknown, '.') => (c, b, a),
            _ => (c, a, b),
        };
        return calendar(if year < 100 { year + 2000 } else { year }, month, day);
    }
    // 12/Jan/24 3:04 PM; 12 January 2024; Jan 12, 2024; Mon, 12 Jan 2024 10:00:00 +0000
    let (mut day, mut month, mut year) = (None, None, None);
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(8)
    {
        if let Ok(number) = word.parse::<u32>() {
            match (day, year) {
                (None, _) if (1..=31).contains(&number) && word.len() <= 2 => day = Some(number),
                (_, None) if word.len() == 4 => year = Some(number),
                (Some(_), None) if word.len() == 2 && month.is_some() => year = Some(number + 2000),
                _ => {}
            }
        } else if month.is_none() {
            const MONTHS: [&str; 12] = [
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ];
            let word = word.to_lowercase();
            month = MONTHS
                .iter()
                .position(|m| word.starts_with(m))
                .and_then(|m| u32::try_from(m + 1).ok());
        }
    }
    calendar(year?, month?, day?)
}

fn calendar(year: u32, month: u32, day: u32) -> Option<String> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    ((1..=9999).contains(&year) && (1..=days).contains(&day))
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_tools() {
        assert_eq!(item_type(" Sub-task "), Some((ItemType::Task, true)));
        assert_eq!(item_type("Bug"), Some((ItemType::Task, false)));
        assert_eq!(item_type("Pony"), None);
        assert_eq!(status("In_Progress"), Some(Status::InProgress));
        assert_eq!(status("Won't Do"), Some(Status::Cancelled));
        assert_eq!(priority("Highest"), Some(Priority::Urgent));
        for word in Status::ALL {
            assert_eq!(status(word.as_str()), Some(*word), "our own words");
        }
        for word in Priority::ALL {
            assert_eq!(priority(word.as_str()), Some(*word), "our own words");
        }
        for word in ItemType::ALL {
            assert_eq!(
                item_type(word.as_str()),
                Some((*word, true)),
                "our own words"
            );
        }
    }

    #[test]
    fn numbers_and_dates() {
        for (text, expected) in [
            ("3", 3.0),
            ("1,5", 1.5),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("-2e1", -20.0),
        ] {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        for bad in ["", "x", "inf", "nan", "1-2"] {
            assert_eq!(number(bad), None, "{bad}");
        }
        let cases = [
            ("2026-02-28", "2026-02-28"),
            ("2026-02-28T10:00:00.000+0000", "2026-02-28"),
            ("2026/2/8", "2026-02-08"),
            ("12/Jan/24 3:04 PM", "2024-01-12"),
            ("Jan 12, 2024", "2024-01-12"),
            ("12 January 2024", "2024-01-12"),
            ("Mon, 12 Jan 2024 10:00:00 +0000", "2024-01-12"),
            ("28.02.2026", "2026-02-28"),
            ("01/02/2026", "2026-01-02"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                date(text, DayOrder::Unknown).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        assert_eq!(
            date("01/02/2026", DayOrder::DayFirst).as_deref(),
            Some("2026-02-01")
        );
        assert_eq!(day_order("13/02/2026"), DayOrder::DayFirst);
        assert_eq!(day_order("02/13/26"), DayOrder::MonthFirst);
        for bad in ["", "soon", "2026-02-30", "99/99/9999", "0000-01-01"] {
            assert_eq!(date(bad, DayOrder::Unknown), None, "{bad}");
        }
    }
}
