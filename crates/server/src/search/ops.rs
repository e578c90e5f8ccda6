//! What a search does: who may see what goes into the query, and every hit is looked up again before it is shown.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use model::{Action, ItemId, OrgId, ProjectId, Role, UserId, can};
use search::{Asked, Filter, Marked, Marker, NOBODY, Search, fold};
use store::{Item, Project, SearchRow};

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::items::ops::row_view;
use crate::paging;
use crate::search::http::{Asking, MarkedText, SearchHit, SearchProject, SearchResults};

/// How deep one can page.
const DEEPEST: usize = 1_000;
/// How often hits that are gone are made up for.
const ROUNDS: usize = 5;
/// How long a search waits for its turn.
const TURN: Duration = Duration::from_secs(5);
/// Projects of an organization among which a short name is looked up.
const PROJECTS: i64 = 10_000;

/// An item that may be shown.
struct Hit {
    item: Item,
    row: SearchRow,
    project: Project,
    path: Vec<String>,
}

/// Searches.
pub(crate) async fn search(ctx: &Ctx, actor: &Actor, asking: Asking) -> Result<SearchResults> {
    let started = Instant::now();
    let limit = paging::limit(asking.limit, 20, 50)?;
    let limit = usize::try_from(limit).unwrap_or(1);
    let skip = match &asking.cursor {
        None => 0,
        Some(cursor) => cursor
            .parse()
            .ok()
            .filter(|skip| *skip <= DEEPEST)
            .ok_or_else(|| Error::Malformed("This is no cursor of ours.".into()))?,
    };
    if asking.q.chars().count() > search::MAX_QUERY {
        return Err(Error::field("q", "Search for at most 500 characters."));
    }
    let orgs = organizations(ctx, actor, asking.organization).await?;
    let results = match plan(ctx, actor, &orgs, asking).await? {
        Some(plan) => find(ctx, actor, plan, skip, limit).await?,
        // Filters that exclude each other.
        None => SearchResults {
            hits: Vec::new(),
            next_cursor: None,
            indexing: ctx.search.indexing(),
        },
    };
    metrics::histogram!("canopy_search_seconds").record(started.elapsed().as_secs_f64());
    Ok(results)
}

/// Where the actor may look.
async fn organizations(ctx: &Ctx, actor: &Actor, asked: Option<OrgId>) -> Result<Vec<OrgId>> {
    if let Some(org) = asked {
        let org = ctx.access().organization(actor, org, Action::View).await?;
        return Ok(vec![org.id]);
    }
    let memberships = ctx.db.memberships(actor.user).await?;
    Ok(memberships
        .into_iter()
        .filter(|membership| can(Some(membership.role), Action::View))
        .map(|membership| membership.id)
        .collect())
}

/// The query with its filters; `None` when nothing can match.
async fn plan(ctx: &Ctx, actor: &Actor, orgs: &[OrgId], asking: Asking) -> Result<Option<Search>> {
    let mut asked = Asked::read(&asking.q);
    if !both(&mut asked.statuses, asking.statuses) || !both(&mut asked.types, asking.types) {
        return Ok(None);
    }
    asked.labels.extend(asking.labels);

    let mut projects: Option<BTreeSet<ProjectId>> = None;
    for id in asking.projects {
        let project = ctx.access().project(actor, id, Action::View).await?;
        projects.get_or_insert_default().insert(project.id);
    }
    let (mut project_words, mut people_words) = (Vec::new(), Vec::new());
    for filter in &asked.filters {
        match filter {
            Filter::Project(word) => project_words.push(word.as_str()),
            Filter::Assignee(word) => people_words.push(word.as_str()),
        }
    }
    let asking_people: Vec<&str> = asking.assignees.iter().map(String::as_str).collect();
    let people = persons(ctx, actor, orgs, &asking_people).await?;
    let typed_people = persons(ctx, actor, orgs, &people_words).await?;
    let typed_projects = projects_of(ctx, orgs, &project_words).await?;
    let projects = narrowed(projects, typed_projects);
    let people = narrowed(people, typed_people);
    if projects.as_ref().is_some_and(BTreeSet::is_empty)
        || people.as_ref().is_some_and(BTreeSet::is_empty)
        || orgs.is_empty()
    {
        return Ok(None);
    }
    Ok(Some(Search {
        asked,
        orgs: orgs.to_vec(),
        projects: projects.map(|set| set.into_iter().collect()),
        assignees: people.map(|set| set.into_iter().collect()),
    }))
}

/// Narrows what was typed by the parameter; `false` when nothing is left.
fn both<T: Ord + Copy>(typed: &mut BTreeSet<T>, parameter: Vec<T>) -> bool {
    let parameter: BTreeSet<T> = parameter.into_iter().collect();
    if parameter.is_empty() {
        return true;
    }
    if typed.is_empty() {
        *typed = parameter;
    } else {
        typed.retain(|value| parameter.contains(value));
    }
    !typed.is_empty()
}

fn narrowed<T: Ord + Copy>(a: Option<BTreeSet<T>>, b: Option<BTreeSet<T>>) -> Option<BTreeSet<T>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
        (a, b) => a.or(b),
    }
}

/// Whom words mean: `me`, `none`, ids, beginnings of names. `None` without words. Members are read once, for all of the names.
async fn persons(
    ctx: &Ctx,
    actor: &Actor,
    orgs: &[OrgId],
    words: &[&str],
) -> Result<Option<BTreeSet<UserId>>> {
    let mut found = BTreeSet::new();
    let mut names: Vec<String> = Vec::new();
    for word in words {
        match (*word, word.parse::<UserId>()) {
            ("me", _) => found.extend([actor.user]),
            ("none", _) => found.extend([NOBODY]),
            (_, Ok(id)) => found.extend([id]),
            (name, Err(_)) => names.push(fold(name)),
        }
    }
    if !names.is_empty() {
        for org in orgs {
            for member in ctx.db.members(*org).await? {
                let name = fold(&member.name);
                let meant = |wanted: &String| {
                    let wanted = wanted.as_str();
                    name.starts_with(wanted) || name.split(' ').any(|part| part.starts_with(wanted))
                };
                if names.iter().any(meant) {
                    found.insert(member.user);
                }
            }
        }
    }
    Ok((!words.is_empty()).then_some(found))
}

/// Which projects keys and ids mean. `None` without any.
async fn projects_of(
    ctx: &Ctx,
    orgs: &[OrgId],
    words: &[&str],
) -> Result<Option<BTreeSet<ProjectId>>> {
    if words.is_empty() {
        return Ok(None);
    }
    let mut found = BTreeSet::new();
    for org in orgs {
        for project in ctx.db.projects(*org, None, PROJECTS).await? {
            let (id, key) = (project.id.to_string(), project.key.as_str());
            let meant =
                |word: &&str| word.eq_ignore_ascii_case(key) || word.eq_ignore_ascii_case(&id);
            if words.iter().any(meant) {
                found.insert(project.id);
            }
        }
    }
    Ok(Some(found))
}

async fn find(
    ctx: &Ctx,
    actor: &Actor,
    search: Search,
    mut skip: usize,
    limit: usize,
) -> Result<SearchResults> {
    let Some(index) = ctx.search.index() else {
        return Ok(SearchResults {
            hits: Vec::new(),
            next_cursor: None,
            indexing: true,
        });
    };
    let slots = ctx.search.slots.clone();
    let turn = tokio::time::timeout(TURN, slots.acquire_owned())
        .await
        .map_err(|_| Error::Unavailable)?
        .map_err(Error::internal)?;
    // What is indexed between two rounds moves nothing across the border between them.
    let index = index.snapshot();
    let mut hits: Vec<Hit> = Vec::new();
    let mut next = None;
    for _ in 0..ROUNDS {
        let (index, query, wanted) = (index.clone(), search.clone(), limit - hits.len());
        let found = tokio::task::spawn_blocking(move || index.search(&query, skip, wanted)).await;
        let found = match found {
            Ok(Ok(found)) => found,
            // What a sound index doesn't do.
            Ok(Err(error)) => {
                ctx.search.suspect();
                return Err(Error::internal(error));
            }
            Err(panicked) => {
                ctx.search.suspect();
                return Err(Error::internal(panicked));
            }
        };
        skip += found.items.len();
        next = (found.more && skip <= DEEPEST).then(|| skip.to_string());
        hits.extend(look_up(ctx, actor, &search, &found.items).await?);
        if next.is_none() || hits.len() >= limit {
            break;
        }
    }
    let asked = search.asked;
    let hits = tokio::task::spawn_blocking(move || {
        let marker = Marker::new(&asked);
        hits.into_iter().map(|hit| show(&marker, hit)).collect()
    })
    .await?;
    drop(turn);
    Ok(SearchResults {
        hits,
        next_cursor: next,
        indexing: ctx.search.indexing(),
    })
}

/// Of the items that the index found, those that are as it says and that the actor may see, as they are now.
async fn look_up(ctx: &Ctx, actor: &Actor, search: &Search, found: &[ItemId]) -> Result<Vec<Hit>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = ctx.db.begin_read().await?;
    // Without the deleted, and those of deleted projects.
    let rows = tx.search_rows(found).await?;
    let ids: Vec<ItemId> = rows.iter().map(|row| row.id).collect();
    let items = tx.items_by_id(&ids).await?;
    let projects: HashSet<ProjectId> = rows.iter().map(|row| row.project).collect();
    let projects: Vec<ProjectId> = projects.into_iter().collect();
    let projects = tx.projects_by_id(&projects).await?;
    let ancestors = tx.ancestors(&ids).await?;
    tx.commit().await?;

    let mut rows: HashMap<ItemId, SearchRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut items: HashMap<ItemId, Item> = items.into_iter().map(|item| (item.id, item)).collect();
    let projects: HashMap<ProjectId, Project> = projects.into_iter().map(|p| (p.id, p)).collect();
    let mut paths: HashMap<ItemId, Vec<String>> = HashMap::new();
    // Nearest first; shown from the root.
    for ancestor in ancestors.into_iter().rev() {
        paths.entry(ancestor.item).or_default().push(ancestor.title);
    }
    let mut roles: HashMap<OrgId, Option<Role>> = HashMap::new();
    let mut hits = Vec::new();
    for id in found {
        let (Some(row), Some(item)) = (rows.remove(id), items.remove(id)) else {
            continue;
        };
        let Some(project) = projects.get(&row.project).cloned() else {
            continue;
        };
        let role = match roles.get(&row.org) {
            Some(role) => *role,
            None => {
                let role = ctx.live.role(ctx, actor.user, row.org).await?;
                roles.insert(row.org, role);
                role
            }
        };
        if can(role, Action::View) && is_as_asked(search, &row) {
            let path = paths.remove(id).unwrap_or_default();
            hits.push(Hit {
                item,
                row,
                project,
                path,
            });
        }
    }
    Ok(hits)
}

/// Whether the row is still what the filters ask for. Its text is the index's business.
fn is_as_asked(search: &Search, row: &SearchRow) -> bool {
    let asked = &search.asked;
    let of = |people: &Vec<UserId>| {
        people.iter().any(|person| match *person {
            NOBODY => row.assignees.is_empty(),
            person => row.assignees.contains(&person),
        })
    };
    let labels: Vec<String> = row.labels.iter().map(|label| fold(label)).collect();
    search.orgs.contains(&row.org)
        && search
            .projects
            .as_ref()
            .is_none_or(|projects| projects.contains(&row.project))
        && search.assignees.as_ref().is_none_or(of)
        && (asked.statuses.is_empty() || asked.statuses.contains(&row.status))
        && (asked.types.is_empty() || asked.types.contains(&row.item_type))
        && asked
            .labels
            .iter()
            .all(|label| labels.contains(&fold(label)))
}

fn show(marker: &Marker, hit: Hit) -> SearchHit {
    let (title, snippet) = marker.mark(&hit.row.title, &hit.row.text);
    let marked = |marked: Marked| MarkedText {
        text: marked.text,
        marks: marked.marks,
    };
    SearchHit {
        item: row_view(&hit.item),
        project: SearchProject {
            id: hit.project.id,
            org_id: hit.project.org,
            name: hit.project.name,
            key: hit.project.key,
        },
        path: hit.path,
        title: marked(title),
        snippet: snippet.map(marked),
    }
}
