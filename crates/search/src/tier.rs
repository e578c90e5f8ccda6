//! A score in tiers: where something matches counts more than how often.
//!
//! All words of a query must match, so how rare a word is says little about which hit is better; in which field it stands,
//! and whether as typed, says a lot. A [`Tier`] gives each way to match a base of its own, and lets BM25 decide within it.

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, Term};

/// Matches what `query` matches, with the score `base + factor × its own`.
#[derive(Debug)]
pub(crate) struct Tier {
    pub(crate) query: Box<dyn Query>,
    pub(crate) base: Score,
    pub(crate) factor: Score,
}

impl Clone for Tier {
    fn clone(&self) -> Self {
        Self {
            query: self.query.box_clone(),
            ..*self
        }
    }
}

impl Query for Tier {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(TierWeight {
            weight: self.query.weight(scoring)?,
            base: self.base,
            factor: self.factor,
        }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.query.query_terms(visitor);
    }
}

struct TierWeight {
    weight: Box<dyn Weight>,
    base: Score,
    factor: Score,
}

impl Weight for TierWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(TierScorer {
            scorer: self.weight.scorer(reader, 1.0)?,
            base: self.base * boost,
            factor: self.factor * boost,
        }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let inner = self.weight.explain(reader, doc)?;
        let mut tier = Explanation::new("Tier", self.base + self.factor * inner.value());
        tier.add_detail(inner);
        Ok(tier)
    }
}

struct TierScorer {
    scorer: Box<dyn Scorer>,
    base: Score,
    factor: Score,
}

impl DocSet for TierScorer {
    fn advance(&mut self) -> DocId {
        self.scorer.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.scorer.seek(target)
    }

    fn doc(&self) -> DocId {
        self.scorer.doc()
    }

    fn size_hint(&self) -> u32 {
        self.scorer.size_hint()
    }

    fn cost(&self) -> u64 {
        self.scorer.cost()
    }
}

impl Scorer for TierScorer {
    fn score(&mut self) -> Score {
        self.base + self.factor * self.scorer.score()
    }
}
