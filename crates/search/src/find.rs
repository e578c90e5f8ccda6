//! Finding and ranking.

use model::{ItemId, ItemType, OrgId, ProjectId, Status, UserId};
use tantivy::collector::TopDocs;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, FuzzyTermQuery,
    Occur, PhraseQuery, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Score, Searcher, SegmentReader, Term};
use uuid::Uuid;

use crate::index::{Error, Fields, HIGH, Index, LOW, UPDATED};
use crate::parse::Asked;
use crate::text::fold;
use crate::tier::Tier;

/// Other words than the open one stand for longer words too, from so many characters on.
const PREFIX: usize = 3;
/// How much of a score counts before the later change wins.
const STEPS: f32 = 4.0;

/// What to look for, and who may see it.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// The text, with its status, type and label filters.
    pub asked: Asked,
    /// In these organizations. None: nothing is found.
    pub orgs: Vec<OrgId>,
    /// In these projects; `None` is all.
    pub projects: Option<Vec<ProjectId>>,
    /// Of these people; `None` is anybody or nobody.
    pub assignees: Option<Vec<UserId>>,
}

/// Items, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// From `skip` on.
    pub items: Vec<ItemId>,
    /// Whether there are more behind them.
    pub more: bool,
}

/// How many edits away from a word still count.
pub(crate) fn edits(word: &str) -> Option<u8> {
    match word.chars().count() {
        0..=3 => None,
        4..=7 => Some(1),
        _ => Some(2),
    }
}

/// Whether longer words that begin with this one count.
pub(crate) fn is_prefix(word: &str, open: bool) -> bool {
    open || word.chars().count() >= PREFIX
}

/// The fields with text, and what it is worth to match there: as typed, as the beginning of a word, mistyped. What
/// isn't typed so never outdoes what is in the same field.
fn ways(fields: Fields) -> [(Field, [Score; 3]); 4] {
    [
        (fields.title, [40.0, 28.0, 20.0]),
        (fields.labels, [32.0, 20.0, 12.0]),
        (fields.criteria, [24.0, 12.0, 6.0]),
        (fields.body, [16.0, 8.0, 4.0]),
    ]
}

/// BM25 within a tier: it stays under the distance to the next one.
const WITHIN: Score = 0.12;

fn text_term(field: Field, text: &str) -> Term {
    Term::from_field_text(field, text)
}

fn flat(query: impl Query, base: Score) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(Box::new(query), base))
}

/// A word, as typed or as the beginning of a longer one; with `near`, mistyped too.
fn word(fields: Fields, word: &str, open: bool, near: bool) -> Box<dyn Query> {
    let mut ways_to: Vec<Box<dyn Query>> = Vec::new();
    for (field, [exact, prefix, mistyped]) in ways(fields) {
        let term = || text_term(field, word);
        ways_to.push(Box::new(Tier {
            query: Box::new(TermQuery::new(term(), IndexRecordOption::WithFreqs)),
            base: exact,
            factor: WITHIN,
        }));
        if is_prefix(word, open) {
            ways_to.push(flat(FuzzyTermQuery::new_prefix(term(), 0, true), prefix));
        }
        if near && let Some(edits) = edits(word) {
            for edits in 1..=edits {
                let query = if open {
                    FuzzyTermQuery::new_prefix(term(), edits, true)
                } else {
                    FuzzyTermQuery::new(term(), edits, true)
                };
                ways_to.push(flat(query, mistyped / f32::from(edits)));
            }
        }
    }
    Box::new(DisjunctionMaxQuery::new(ways_to))
}

fn phrase(fields: Fields, words: &[String]) -> Box<dyn Query> {
    let mut ways_to: Vec<Box<dyn Query>> = Vec::new();
    for (field, [exact, ..]) in ways(fields) {
        let query: Box<dyn Query> = match words {
            [] => Box::new(EmptyQuery),
            [word] => Box::new(TermQuery::new(
                text_term(field, word),
                IndexRecordOption::WithFreqs,
            )),
            words => Box::new(PhraseQuery::new(
                words.iter().map(|word| text_term(field, word)).collect(),
            )),
        };
        ways_to.push(Box::new(Tier {
            query,
            base: exact,
            factor: WITHIN,
        }));
    }
    Box::new(DisjunctionMaxQuery::new(ways_to))
}

fn must(query: impl Query) -> (Occur, Box<dyn Query>) {
    (Occur::Must, flat(query, 0.0))
}

/// Any of these terms.
fn any(mut terms: Vec<Term>) -> Box<dyn Query> {
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::Basic)),
        _ => Box::new(TermSetQuery::new(terms)),
    }
}

fn ids<'a>(field: Field, ids: impl IntoIterator<Item = &'a Uuid>) -> Box<dyn Query> {
    let term = |id: &Uuid| Term::from_field_bytes(field, id.as_bytes());
    any(ids.into_iter().map(term).collect())
}

impl Search {
    /// Who may see what, and the filters.
    fn filters(&self, fields: Fields) -> Vec<(Occur, Box<dyn Query>)> {
        let mut filters = vec![must(ids(fields.org, self.orgs.iter().map(|id| &id.0)))];
        if let Some(projects) = &self.projects {
            filters.push(must(ids(fields.project, projects.iter().map(|id| &id.0))));
        }
        if let Some(people) = &self.assignees {
            filters.push(must(ids(fields.assignee, people.iter().map(|id| &id.0))));
        }
        let words = |field, words: Vec<&str>| {
            must(any(words
                .into_iter()
                .map(|word| text_term(field, word))
                .collect()))
        };
        if !self.asked.statuses.is_empty() {
            let statuses = self.asked.statuses.iter().map(|s: &Status| s.as_str());
            filters.push(words(fields.status, statuses.collect()));
        }
        if !self.asked.types.is_empty() {
            let types = self.asked.types.iter().map(|t: &ItemType| t.as_str());
            filters.push(words(fields.item_type, types.collect()));
        }
        for label in &self.asked.labels {
            filters.push(words(fields.label, vec![&fold(label)]));
        }
        filters
    }

    fn query(&self, fields: Fields, near: bool) -> BooleanQuery {
        let asked = &self.asked;
        let mut clauses = self.filters(fields);
        for text in &asked.words {
            let open = asked.open.as_ref() == Some(text);
            clauses.push((Occur::Must, word(fields, text, open, near)));
        }
        for words in &asked.phrases {
            clauses.push((Occur::Must, phrase(fields, words)));
        }
        if asked.words.len() > 1 && !near {
            // Side by side in the title.
            let terms = asked.words.iter();
            let together = PhraseQuery::new(terms.map(|w| text_term(fields.title, w)).collect());
            clauses.push((Occur::Should, flat(together, 20.0)));
        }
        if !asked.has_text() {
            clauses.push(must(AllQuery));
        }
        BooleanQuery::new(clauses)
    }

    /// Whether a mistyped word could find more.
    fn may_be_mistyped(&self) -> bool {
        self.asked.words.iter().any(|word| edits(word).is_some())
    }
}

impl Index {
    /// The items `skip..skip + limit`, best first; without text the latest first. What matches as typed comes before what
    /// is perhaps mistyped.
    ///
    /// # Errors
    /// When the index can't be read: it is damaged.
    pub fn search(&self, search: &Search, skip: usize, limit: usize) -> Result<Found, Error> {
        self.snapshot().search(search, skip, limit)
    }

    /// The index as it is now, for several searches of which none sees another state.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            searcher: self.reader.searcher(),
            fields: self.fields,
        }
    }
}

/// An index as it was at one moment.
#[derive(Clone)]
pub struct Snapshot {
    searcher: Searcher,
    fields: Fields,
}

impl Snapshot {
    /// As [`Index::search`].
    ///
    /// # Errors
    /// See there.
    pub fn search(&self, search: &Search, skip: usize, limit: usize) -> Result<Found, Error> {
        let searcher = &self.searcher;
        let wanted = skip + limit + 1;
        let strict = search.query(self.fields, false);
        let mut items = top(searcher, &strict, wanted)?;
        if items.len() < wanted && search.asked.has_text() && search.may_be_mistyped() {
            let near = BooleanQuery::new(vec![
                (Occur::Must, Box::new(search.query(self.fields, true))),
                (Occur::MustNot, Box::new(strict)),
            ]);
            let rest = top(searcher, &near, wanted - items.len())?;
            items.extend(rest);
        }
        let more = items.len() == wanted;
        items.truncate(skip + limit);
        items.drain(..skip.min(items.len()));
        Ok(Found { items, more })
    }
}

/// The first `limit`: by score in steps, then the latest change.
fn top(searcher: &Searcher, query: &dyn Query, limit: usize) -> Result<Vec<ItemId>, Error> {
    let ranked = TopDocs::with_limit(limit.max(1)).tweak_score(move |segment: &SegmentReader| {
        let updated = segment
            .fast_fields()
            .i64(UPDATED)
            .ok()
            .map(|column| column.first_or_default_col(0));
        move |doc: DocId, score: Score| {
            let updated = updated.as_ref().map_or(0, |column| column.get_val(doc));
            ((score * STEPS) as u32, updated)
        }
    });
    let hits = searcher.search(query, &ranked)?;
    hits.into_iter()
        .map(|(_, address)| {
            let fast = searcher.segment_reader(address.segment_ord).fast_fields();
            let half = |name: &str| -> Result<u64, Error> {
                Ok(fast.u64(name)?.first(address.doc_id).unwrap_or_default())
            };
            Ok(ItemId(Uuid::from_u64_pair(half(HIGH)?, half(LOW)?)))
        })
        .collect()
}
