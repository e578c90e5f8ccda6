//! Markdown as a tree of items: headings, or nested lists where there are none.

use model::ItemType;
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};
use serde_json::{Value, json};

use crate::outline::{
    Criterion, Entry, Field, Loose, MAX_ITEMS, Outline, assemble, bound, one_line, short,
};
use crate::read::Error;
use crate::report::{Level, Report};
use crate::rich::{from_markdown, options, plain_text};
use crate::words;

struct Heading {
    level: usize,
    /// Where it begins and ends in the text.
    begin: usize,
    end: usize,
}

/// Reads an outline. A file with our front matter is one item.
pub(crate) fn read(text: &str, name: &str, report: &mut Report) -> Result<Outline, Error> {
    let text = text.replace("\r\n", "\n");
    let (front, body, skipped) = front_matter(&text);
    let mut fields: Vec<Field> = Vec::new();
    let headings = headings(body);
    if front.iter().any(|(key, _)| key == "canopy") {
        let mut entry = one_item(body, &headings, name);
        for (key, value) in &front {
            meta(&mut entry, &mut fields, key, value, report);
        }
        entry.line = 1;
        bound(&mut entry, report)?;
        return Ok(assemble(
            vec![Loose {
                entry,
                aliases: Vec::new(),
                parents: Vec::new(),
            }],
            fields,
            report,
        ));
    }
    let loose = if headings
        .iter()
        .any(|heading| !is_criteria(&title(body, heading)))
    {
        by_headings(body, skipped, &headings, &mut fields, report)?
    } else {
        by_lists(body, name, report)?
    };
    Ok(assemble(loose, fields, report))
}

/// The headings that stand at the top level, not in lists or quotations.
fn headings(body: &str) -> Vec<Heading> {
    let mut depth = 0usize;
    let mut out = Vec::new();
    for (event, range) in Parser::new_ext(body, options()).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if let (Tag::Heading { level, .. }, 0) = (&tag, depth) {
                    let level = match level {
                        HeadingLevel::H1 => 1,
                        HeadingLevel::H2 => 2,
                        HeadingLevel::H3 => 3,
                        HeadingLevel::H4 => 4,
                        HeadingLevel::H5 => 5,
                        HeadingLevel::H6 => 6,
                    };
                    out.push(Heading {
                        level,
                        begin: range.start,
                        end: range.end,
                    });
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    out
}

fn title(body: &str, heading: &Heading) -> String {
    one_line(&plain_text(&from_markdown(
        &body[heading.begin..heading.end],
    )))
}

fn is_criteria(title: &str) -> bool {
    let title = title.trim_end_matches(':').to_lowercase();
    matches!(
        title.as_str(),
        "acceptance criteria" | "acceptance criterion" | "criteria" | "definition of done"
    )
}

/// One of our files: its first heading is the title, its last one may be of the criteria, and all
/// between is the description.
fn one_item(body: &str, headings: &[Heading], name: &str) -> Entry {
    let mut entry = Entry::default();
    let first = headings.first().filter(|heading| heading.level == 1);
    entry.title = first.map_or_else(|| stem(name), |heading| title(body, heading));
    let begin = first.map_or(0, |heading| heading.end);
    let last = headings.iter().rev().find(|heading| {
        heading.level == 2 && heading.begin >= begin && is_criteria(&title(body, heading))
    });
    let mut end = body.len();
    if let Some(last) = last {
        let doc = from_markdown(&body[last.end..]);
        let blocks = doc["content"].as_array().map_or(&[][..], Vec::as_slice);
        if blocks.iter().all(is_list) {
            end = last.begin;
            criteria(blocks, &mut entry.criteria);
        }
    }
    entry.description = Some(from_markdown(&body[begin..end]));
    entry
}

fn stem(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    one_line(name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}

fn is_list(node: &Value) -> bool {
    matches!(
        node["type"].as_str(),
        Some("bulletList" | "orderedList" | "taskList")
    )
}

fn children(node: &Value) -> &[Value] {
    node["content"].as_array().map_or(&[], Vec::as_slice)
}

fn criteria(blocks: &[Value], out: &mut Vec<Criterion>) {
    for item in blocks
        .iter()
        .filter(|block| is_list(block))
        .flat_map(children)
    {
        out.push(Criterion {
            text: plain_text(item),
            done: item["attrs"]["checked"] == true,
        });
    }
}

fn by_headings(
    body: &str,
    skipped: usize,
    headings: &[Heading],
    fields: &mut Vec<Field>,
    report: &mut Report,
) -> Result<Vec<Loose>, Error> {
    if headings.len() > MAX_ITEMS {
        return Err(Error::TooManyRows);
    }
    let mut out: Vec<Loose> = Vec::new();
    let mut above: Vec<(usize, String)> = Vec::new();
    let before = &body[..headings.first().map_or(0, |heading| heading.begin)];
    if !before.trim().is_empty() {
        report.add(
            Level::Warning,
            "text_before",
            "Text before the first heading isn't taken.".into(),
            1,
        );
    }
    let (mut line, mut counted) = (1 + u64::try_from(skipped).unwrap_or(0), 0);
    for (i, heading) in headings.iter().enumerate() {
        line += body[counted..heading.begin]
            .bytes()
            .filter(|b| *b == b'\n')
            .count() as u64;
        counted = heading.begin;
        let text = &body[heading.end..headings.get(i + 1).map_or(body.len(), |next| next.begin)];
        let title = title(body, heading);
        if let (true, Some(owner)) = (is_criteria(&title), out.last_mut()) {
            let doc = from_markdown(text);
            criteria(children(&doc), &mut owner.entry.criteria);
            append(
                &mut owner.entry,
                children(&doc).iter().filter(|block| !is_list(block)),
            );
            bound(&mut owner.entry, report)?;
            continue;
        }
        while above
            .last()
            .is_some_and(|(level, _)| *level >= heading.level)
        {
            above.pop();
        }
        let mut entry = Entry {
            line,
            ..Entry::default()
        };
        let (named, rest) = typed(&title);
        entry.item_type = Some(named.unwrap_or(by_depth(above.len())));
        entry.title = rest;
        let text = match inline_meta(text) {
            Some((pairs, rest)) => {
                for (key, value) in pairs {
                    meta(&mut entry, fields, &key, &Value::String(value), report);
                }
                rest
            }
            None => text,
        };
        let doc = from_markdown(text);
        append(&mut entry, children(&doc).iter());
        bound(&mut entry, report)?;
        let name = format!("\u{0}{i}");
        out.push(Loose {
            entry,
            aliases: vec![name.clone()],
            parents: above
                .last()
                .map(|(_, name)| name.clone())
                .into_iter()
                .collect(),
        });
        above.push((heading.level, name));
    }
    Ok(out)
}

fn append<'a>(entry: &mut Entry, blocks: impl Iterator<Item = &'a Value>) {
    let doc = entry
        .description
        .get_or_insert_with(|| json!({ "type": "doc", "content": [] }));
    if let Some(content) = doc["content"].as_array_mut() {
        content.extend(blocks.cloned());
    }
}

fn by_depth(depth: usize) -> ItemType {
    match depth {
        0 => ItemType::Epic,
        1 => ItemType::Feature,
        2 => ItemType::Story,
        _ => ItemType::Task,
    }
}

/// `Story: Sign in`, `[Story] Sign in`
fn typed(title: &str) -> (Option<ItemType>, String) {
    let split = title
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .or_else(|| title.split_once(": "));
    if let Some((word, rest)) = split
        && let Some((found, true)) = words::item_type(word)
        && !rest.trim().is_empty()
    {
        return (Some(found), rest.trim().to_owned());
    }
    (None, title.to_owned())
}

/// `Status: done · Assignee: ana@example.com`: a first paragraph of nothing but known words and
/// values; and the text behind it.
fn inline_meta(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let text = text.trim_start_matches('\n');
    let (head, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    if head.len() > 4_000 {
        return None;
    }
    let mut out = Vec::new();
    for part in head
        .split(['\n', '·', '|'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let part = part.trim_end_matches('\\');
        let (key, value) = part.split_once(':')?;
        let key = key
            .trim()
            .trim_matches('*')
            .to_lowercase()
            .replace(' ', "_");
        if !KEYS.contains(&key.as_str()) {
            return None;
        }
        out.push((key, value.trim().trim_start_matches("**").trim().to_owned()));
    }
    (!out.is_empty()).then_some((out, rest))
}

const KEYS: [&str; 13] = [
    "type",
    "status",
    "priority",
    "assignee",
    "assignees",
    "label",
    "labels",
    "tags",
    "estimate",
    "points",
    "start_date",
    "due",
    "due_date",
];

/// Takes one value of front matter or of a line under a heading.
fn meta(entry: &mut Entry, fields: &mut Vec<Field>, key: &str, value: &Value, report: &mut Report) {
    let list = || -> Vec<String> {
        match value {
            Value::Array(values) => values.iter().map(crate::csv_write::cell).collect(),
            value => crate::csv_write::cell(value)
                .split(',')
                .map(one_line)
                .filter(|word| !word.is_empty())
                .collect(),
        }
    };
    let text = one_line(&crate::csv_write::cell(value));
    let line = entry.line;
    let mut unknown = |what: &str| {
        report.add(
            Level::Warning,
            "unknown_word",
            format!("The {what} {} isn't known.", short(&text)),
            line,
        )
    };
    match key {
        "type" => match words::item_type(&text) {
            Some((found, _)) => entry.item_type = Some(found),
            None => unknown("type"),
        },
        "status" => match words::status(&text) {
            Some(found) => entry.status = Some(found),
            None => unknown("status"),
        },
        "priority" => match words::priority(&text) {
            Some(found) => entry.priority = Some(found),
            None => unknown("priority"),
        },
        "assignee" | "assignees" => entry.assignees = list(),
        "label" | "labels" | "tags" => entry.labels = list(),
        "estimate" | "points" => match words::number(&text) {
            Some(found) => entry.estimate = Some(found),
            None => unknown("estimate"),
        },
        "start_date" => entry.start = words::date(&text, words::DayOrder::Unknown),
        "due" | "due_date" => entry.due = words::date(&text, words::DayOrder::Unknown),
        "custom" => {
            for (name, value) in value
                .as_object()
                .into_iter()
                .flatten()
                .take(crate::outline::MAX_FIELDS)
            {
                let at = fields
                    .iter()
                    .position(|field| field.name == *name)
                    .unwrap_or_else(|| {
                        let kind = match value {
                            Value::Number(_) => "number",
                            Value::Bool(_) => "checkbox",
                            _ => "text",
                        };
                        fields.push(Field {
                            name: name.clone(),
                            kind: kind.into(),
                            options: Vec::new(),
                        });
                        fields.len() - 1
                    });
                let value = match value {
                    Value::Array(_) => Value::String(crate::csv_write::cell(value)),
                    value => value.clone(),
                };
                entry.custom.push((at, value));
            }
        }
        _ => {}
    }
}

/// The pairs of a front matter, the text behind it, and how many lines it took. Values are JSON,
/// which is YAML, or plain text.
pub(crate) fn front_matter(text: &str) -> (Vec<(String, Value)>, &str, usize) {
    let Some((head, body)) = text.strip_prefix("---\n").and_then(|rest| {
        rest.split_once("\n---\n")
            .or_else(|| rest.strip_suffix("\n---").map(|head| (head, "")))
    }) else {
        return (Vec::new(), text, 0);
    };
    let mut out = Vec::new();
    for line in head.lines().take(200) {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        let value = serde_json::from_str(value)
            .unwrap_or_else(|_| Value::String(value.trim_matches(['"', '\'']).to_owned()));
        out.push((key.trim().to_lowercase(), value));
    }
    if out.is_empty() {
        return (out, text, 0);
    }
    (out, body, head.lines().count() + 2)
}

fn by_lists(body: &str, name: &str, report: &mut Report) -> Result<Vec<Loose>, Error> {
    let doc = from_markdown(body);
    let blocks = children(&doc);
    if blocks.is_empty() {
        return Err(Error::Empty);
    }
    let mut out = Vec::new();
    if !blocks.iter().any(is_list) {
        // Just text: one item.
        let mut entry = Entry {
            title: one_line(&plain_text(&blocks[0])),
            item_type: Some(ItemType::Story),
            line: 1,
            ..Entry::default()
        };
        if entry.title.is_empty() {
            entry.title = stem(name);
        }
        append(&mut entry, blocks[1..].iter());
        bound(&mut entry, report)?;
        out.push(Loose {
            entry,
            aliases: Vec::new(),
            parents: Vec::new(),
        });
        return Ok(out);
    }
    for block in blocks {
        if is_list(block) {
            entries(block, None, 0, &mut out, report)?;
        } else {
            report.add(
                Level::Warning,
                "text_between",
                "Text beside the lists isn't taken.".into(),
                0,
            );
        }
    }
    Ok(out)
}

fn entries(
    list: &Value,
    parent: Option<&str>,
    depth: usize,
    out: &mut Vec<Loose>,
    report: &mut Report,
) -> Result<(), Error> {
    for item in children(list) {
        if out.len() >= MAX_ITEMS {
            return Err(Error::TooManyRows);
        }
        let blocks = children(item);
        let (named, title) = typed(&one_line(
            &blocks.first().map(plain_text).unwrap_or_default(),
        ));
        let mut entry = Entry {
            title,
            item_type: Some(named.unwrap_or(by_depth(depth))),
            ..Entry::default()
        };
        if item["type"] == "taskItem" {
            let done = item["attrs"]["checked"] == true;
            entry.status = Some(if done {
                model::Status::Done
            } else {
                model::Status::Todo
            });
        }
        let rest = blocks.get(1..).unwrap_or_default();
        append(&mut entry, rest.iter().filter(|block| !is_list(block)));
        bound(&mut entry, report)?;
        let name = format!("\u{0}{}", out.len());
        out.push(Loose {
            entry,
            aliases: vec![name.clone()],
            parents: parent.map(str::to_owned).into_iter().collect(),
        });
        for list in rest.iter().filter(|block| is_list(block)) {
            entries(list, Some(&name), depth + 1, out, report)?;
        }
    }
    Ok(())
}
