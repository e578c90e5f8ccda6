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
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
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

        // By hand: the derive doesn't see words that come through a macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($set))
                    .enum_values(Some(Self::ALL.iter().map(|word| word.as_str())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
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
    /// What an item is: a sort of work, or a drawing.
    ItemType("item type") {
        Epic = "epic",
        Feature = "feature",
        Story = "story",
        Task = "task",
        Diagram = "diagram",
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

    /// What the values of a project's own field are.
    FieldKind("field kind") {
        Text = "text",
        Number = "number",
        Date = "date",
        Select = "select",
        MultiSelect = "multi_select",
        Person = "person",
        Checkbox = "checkbox",
        Url = "url",
    }

    /// What a document describes.
    DocumentKind("document kind") {
        Item = "item",
        Outline = "outline",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_in_rust_json_and_the_api() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        let schema = serde_json::to_value(<Status as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["enum"][2], "in_progress");
        assert!(
            "Done"
                .parse::<Status>()
                .unwrap_err()
                .to_string()
                .contains("in_progress")
        );
    }
}
