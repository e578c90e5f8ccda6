//! The closed sets of words that stand in rows, documents and the API.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is not in the set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {set} {word:?}; one of: {allowed}")]
pub struct ParseKindError {
    set: &'static str,
    word: String,
    allowed: String,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident ($set:literal) { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
        )]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every word, in display order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as it stands in rows, documents and the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ParseKindError;
            fn from_str(word: &str) -> Result<Self, ParseKindError> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(ParseKindError {
                        set: $set,
                        word: word.chars().take(40).collect(),
                        allowed: [$($word),*].join(", "),
                    }),
                }
            }
        }
    )*};
}

words! {
    /// What sort of work an item is.
    ItemType("item type") {
        Epic = "epic",
        Feature = "feature",
        Story = "story",
        Task = "task",
    }

    /// How far an item is.
    Status("status") {
        Backlog = "backlog",
        Todo = "todo",
        InProgress = "in_progress",
        InReview = "in_review",
        Done = "done",
        Cancelled = "cancelled",
    }

    /// How urgent an item is.
    Priority("priority") {
        None = "none",
        Low = "low",
        Medium = "medium",
        High = "high",
        Urgent = "urgent",
    }

    /// What a document describes.
    DocumentKind("document kind") {
        Item = "item",
        Outline = "outline",
        Diagram = "diagram",
    }
}
