//! Why a document could not be read or edited.

use model::ItemId;

/// A document that could not be read, or an edit that could not be made. The document itself is
/// never harmed: every function returns bytes or a value, none changes its input.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The Yjs engine panicked on this document. Its text is for the log, not for people.
    #[error("the document could not be processed: {0}")]
    Panicked(String),
    /// The bytes are not an update, or not one that stands alone.
    #[error("malformed document: {0}")]
    Malformed(String),
    /// No thread could be started to work on the document. Worth a retry.
    #[error("no thread to process the document on")]
    Thread(#[source] std::io::Error),
    /// A client id above 2^53-1, which Yjs clients can't represent.
    #[error("client id {0} is above 2^53-1")]
    ClientId(u64),
    /// The ProseMirror JSON of a description is not one.
    #[error("invalid description: {0}")]
    Description(&'static str),
    /// The JSON of a diagram is not one.
    #[error("invalid diagram: {0}")]
    Diagram(String),
    /// A picture of a diagram would be larger than [`MAX_PICTURE`](crate::diagram::svg::MAX_PICTURE).
    #[error("the picture would be too large")]
    Picture,
    /// There is no acceptance criterion with this id.
    #[error("no acceptance criterion {0:?}")]
    UnknownCriterion(String),
    /// A list would have more entries than are read.
    #[error("too many entries in a list")]
    TooMany,
    /// An acceptance criterion with this id exists, or the id is empty or too long.
    #[error("acceptance criterion id {0:?} is taken or invalid")]
    CriterionId(String),
    /// A diagram would become another sort of item, or another item a diagram.
    #[error("a diagram stays a diagram, and no other item becomes one")]
    FixedType,
    /// A rank that `rank::is_valid` refuses.
    #[error("invalid rank {rank:?} for {id}")]
    Rank {
        /// The node it was meant for.
        id: ItemId,
        /// What was given.
        rank: String,
    },
}

impl Error {
    /// A short constant word for a metric's label.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Panicked(_) => "panicked",
            Self::Malformed(_) => "malformed",
            Self::Thread(_) => "thread",
            Self::ClientId(_) => "client_id",
            Self::Description(_) => "description",
            Self::Diagram(_) => "diagram",
            Self::Picture => "picture",
            Self::UnknownCriterion(_) => "unknown_criterion",
            Self::TooMany => "too_many",
            Self::CriterionId(_) => "criterion_id",
            Self::FixedType => "fixed_type",
            Self::Rank { .. } => "rank",
        }
    }
}

/// Something in a document that is not as the schema says. It was skipped; the rest was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Where: root name and path, such as `acceptanceCriteria[3].text`.
    pub at: String,
    /// What is wrong there.
    pub what: &'static str,
}

/// A bounded list of problems: a hostile document has any number of them.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

/// How many problems of one document are reported. The rest are skipped silently.
pub const MAX_PROBLEMS: usize = 100;

impl Problems {
    pub(crate) fn add(&mut self, what: &'static str, at: impl FnOnce() -> String) {
        if self.0.len() < MAX_PROBLEMS {
            self.0.push(Problem { at: at(), what });
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}
