//! What is done with a project's own fields.

use std::collections::HashSet;

use model::{FieldId, FieldKind, ItemId, UserId};
use serde_json::{Value, json};
use store::{CustomField, Project, Tx};

use crate::access::Authorized;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::fields::http::{
    CreateField, FieldOption, FieldView, Fields, NewFieldOption, UpdateField,
};
use crate::idempotency::{Answer, Key, Once};
use crate::words;

/// The most fields of a project: an item's document is read up to twice as many.
const MAX_FIELDS: usize = 50;
/// The most options of a field.
const MAX_OPTIONS: usize = 100;
/// The longest id of an option, in bytes.
const MAX_OPTION_ID: usize = 64;
/// The longest text, and the longest address, in characters.
const MAX_TEXT: usize = 1_000;

pub(crate) fn view(field: &CustomField) -> FieldView {
    FieldView {
        id: field.id,
        project_id: field.project,
        name: field.name.clone(),
        kind: field.kind,
        options: options_of(field),
        rank: field.rank.clone(),
    }
}

/// What was written is read again.
fn options_of(field: &CustomField) -> Vec<FieldOption> {
    serde_json::from_value(field.options.clone()).unwrap_or_default()
}

/// The fields of a project.
pub(crate) async fn list(ctx: &Ctx, project: &Authorized<Project>) -> Result<Fields> {
    let fields = ctx.db.fields(project.id).await?;
    Ok(Fields {
        fields: fields.iter().map(view).collect(),
    })
}

/// Makes a field.
pub(crate) async fn create(
    ctx: &Ctx,
    project: &Authorized<Project>,
    body: CreateField,
    key: Option<Key>,
) -> Result<Answer> {
    let actor = &project.actor;
    let once = key
        .map(|key| Once::new(actor.user, key, &format!("field in {}", project.id), &body))
        .transpose()?;
    let name = words::name("name", &body.name)?;
    let rank = body.rank.map(rank).transpose()?;
    let options = options(ctx, body.kind, body.options)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    if let Some(once) = &once {
        once.lock(&mut tx).await?;
        if let Some(kept) = once.kept(&mut tx).await? {
            return Ok(kept);
        }
    }
    tx.lock(&format!("fields:{}", project.id)).await?;
    let there = tx.fields(project.id).await?;
    if there.len() >= MAX_FIELDS {
        return Err(Error::Conflict {
            code: "too-many",
            detail: format!("A project has at most {MAX_FIELDS} fields of its own."),
        });
    }
    let last = there.last().map(|field| field.rank.as_str());
    let field = CustomField {
        id: FieldId::new(&*ctx.clock, &*ctx.rng),
        org: project.org,
        project: project.id,
        name,
        kind: body.kind,
        options: json!(options),
        rank: rank.unwrap_or_else(|| content::outline::rank_between(last, None)),
        created_by: actor.user,
        created_at: now,
        updated_at: now,
    };
    tx.create_field(&field).await?;
    let answer = Answer::created(&view(&field))?;
    if let Some(once) = &once {
        once.keep(&mut tx, &answer, now).await?;
    }
    told(ctx, tx, &field, actor, "field.created").await?;
    Ok(answer)
}

/// Writes down and tells that the fields of a project have changed.
async fn told(
    ctx: &Ctx,
    mut tx: Tx,
    field: &CustomField,
    actor: &crate::auth::actor::Actor,
    action: &str,
) -> Result<()> {
    actor
        .audit()
        .within(field.org)
        .write(
            ctx,
            &mut tx,
            action,
            ("field", field.id.0),
            &json!({ "project": field.project, "name": field.name }),
        )
        .await?;
    let payload = json!({});
    let now = ctx.clock.now();
    let project = Some(field.project);
    tx.emit(field.org, project, "fields.changed", &payload, now)
        .await?;
    tx.commit().await?;
    ctx.feeds.wake(field.org);
    Ok(())
}

/// Changes a field.
pub(crate) async fn update(
    ctx: &Ctx,
    field: &Authorized<CustomField>,
    body: UpdateField,
) -> Result<FieldView> {
    let name = body.name.map(|t| words::name("name", &t)).transpose()?;
    let rank = body.rank.map(rank).transpose()?;
    let options = body
        .options
        .map(|list| options(ctx, field.kind, list))
        .transpose()?;
    if name.is_none() && rank.is_none() && options.is_none() {
        return Ok(view(field));
    }
    let mut tx = ctx.db.begin_write().await?;
    let options = options.map(|options| json!(options));
    tx.update_field(
        field.id,
        name.as_deref(),
        options.as_ref(),
        rank.as_deref(),
        ctx.clock.now(),
    )
    .await?;
    let changed = tx.field(field.id).await?.ok_or(Error::NotFound)?;
    told(ctx, tx, &changed, &field.actor, "field.changed").await?;
    Ok(view(&changed))
}

/// Removes a field. Its values stay in the documents.
pub(crate) async fn delete(ctx: &Ctx, field: &Authorized<CustomField>) -> Result<()> {
    let mut tx = ctx.db.begin_write().await?;
    if !tx.delete_field(field.id).await? {
        return Err(Error::NotFound);
    }
    told(ctx, tx, field, &field.actor, "field.deleted").await
}

fn rank(rank: String) -> Result<String> {
    if content::rank::is_valid(&rank) {
        Ok(rank)
    } else {
        Err(Error::field("rank", "Use a fractional rank, like a0."))
    }
}

/// Checks options and completes them.
fn options(ctx: &Ctx, kind: FieldKind, list: Vec<NewFieldOption>) -> Result<Vec<FieldOption>> {
    let refuse = |message: &str| Err(Error::field("options", message));
    if !list.is_empty() && !matches!(kind, FieldKind::Select | FieldKind::MultiSelect) {
        return refuse("Only selects have options.");
    }
    if list.len() > MAX_OPTIONS {
        return refuse("Use at most 100 options.");
    }
    let mut ids = HashSet::new();
    let mut out = Vec::with_capacity(list.len());
    for option in list {
        let id = match option.id {
            Some(id) => id,
            // Any UUIDv7 will do.
            None => ItemId::new(&*ctx.clock, &*ctx.rng).to_string(),
        };
        let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
        if id.is_empty() || id.len() > MAX_OPTION_ID || !id.bytes().all(plain) {
            return refuse("Use ids of 1 to 64 letters, digits, - and _.");
        }
        if !ids.insert(id.clone()) {
            return refuse("Two options have the same id.");
        }
        let colour = match option.colour {
            None => words::colour(&*ctx.rng),
            Some(colour) if is_colour(&colour) => colour.to_ascii_lowercase(),
            Some(_) => return refuse("Use colours like #1d4ed8."),
        };
        out.push(FieldOption {
            id,
            name: words::name("options", &option.name)?,
            colour,
        });
    }
    Ok(out)
}

/// `#rrggbb`.
pub(crate) fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|c| c.is_ascii_hexdigit()))
}

/// Whether `value` may stand in a field of this kind; else what is wrong with it.
pub(crate) fn check(
    field: &CustomField,
    value: &Value,
    is_member: impl Fn(UserId) -> bool,
) -> Result<(), &'static str> {
    let is_option = |value: &Value| {
        let options = options_of(field);
        options.iter().any(|option| value == option.id.as_str())
    };
    let short = |text: &str| text.chars().count() <= MAX_TEXT && !text.contains('\0');
    let (fits, message) = match field.kind {
        FieldKind::Text => (
            value.as_str().is_some_and(short),
            "Use a text of at most 1,000 characters.",
        ),
        FieldKind::Number => (value.as_f64().is_some_and(f64::is_finite), "Use a number."),
        FieldKind::Date => (
            value.as_str().is_some_and(content::item::is_date),
            "Use a date like 2026-01-31.",
        ),
        FieldKind::Select => (is_option(value), "Choose one of the options."),
        FieldKind::MultiSelect => (
            value.as_array().is_some_and(|list| {
                let mut seen = HashSet::new();
                list.iter()
                    .all(|value| is_option(value) && seen.insert(value))
            }),
            "Choose among the options, each once.",
        ),
        FieldKind::Person => (
            value
                .as_str()
                .and_then(|id| id.parse().ok())
                .is_some_and(is_member),
            "Choose a member of the organization.",
        ),
        FieldKind::Checkbox => (value.is_boolean(), "Use true or false."),
        FieldKind::Url => (
            value.as_str().is_some_and(|url| short(url) && is_url(url)),
            "Use an address that begins with http:// or https://.",
        ),
    };
    // Beyond that the document's value would not be read.
    if fits && value.to_string().len() <= content::item::MAX_OTHER_VALUE {
        Ok(())
    } else {
        Err(message)
    }
}

/// Nothing that runs when it is opened.
fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{OrgId, ProjectId, Timestamp};
    use uuid::Uuid;

    #[test]
    fn values_are_of_their_kind() {
        let member = UserId(Uuid::from_u128(7));
        let field = |kind| CustomField {
            id: FieldId(Uuid::nil()),
            org: OrgId(Uuid::nil()),
            project: ProjectId(Uuid::nil()),
            name: String::new(),
            kind,
            options: json!([{ "id": "x", "name": "X", "colour": "#000000" }, { "id": "y", "name": "Y", "colour": "#000000" }]),
            rank: "a0".into(),
            created_by: member,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        };
        let fits = |kind, value: Value| check(&field(kind), &value, |user| user == member).is_ok();
        for (kind, good, bad) in [
            (
                FieldKind::Text,
                vec![json!("a"), json!("")],
                vec![
                    json!(1),
                    json!("é".repeat(1_001)),
                    json!("\u{1}".repeat(900)),
                ],
            ),
            (
                FieldKind::Number,
                vec![json!(-1.5), json!(0)],
                vec![json!("1"), json!([])],
            ),
            (
                FieldKind::Date,
                vec![json!("2026-02-28")],
                vec![json!("2026-02-30"), json!(2026)],
            ),
            (
                FieldKind::Select,
                vec![json!("x")],
                vec![json!("z"), json!(["x"])],
            ),
            (
                FieldKind::MultiSelect,
                vec![json!([]), json!(["y", "x"])],
                vec![json!("x"), json!(["z"]), json!(["x", "x"])],
            ),
            (
                FieldKind::Person,
                vec![json!(member)],
                vec![json!(UserId(Uuid::from_u128(8))), json!("x")],
            ),
            (
                FieldKind::Checkbox,
                vec![json!(true), json!(false)],
                vec![json!("true"), json!(1)],
            ),
            (
                FieldKind::Url,
                vec![json!("https://x.io/a?b=c")],
                vec![
                    json!("javascript:alert(1)"),
                    json!("https://"),
                    json!("http://a b"),
                ],
            ),
        ] {
            for value in good {
                assert!(fits(kind, value.clone()), "{kind} {value}");
            }
            for value in bad {
                assert!(!fits(kind, value.clone()), "{kind} {value}");
            }
            assert!(!fits(kind, json!({})), "{kind}");
        }
    }
}
