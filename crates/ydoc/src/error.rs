//! Why bytes were refused.

/// Bytes that this crate does not accept. Nothing was changed by the call that returned it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The input ends in the middle of a value, or claims more than it holds.
    #[error("the input ends before the value does")]
    Truncated,
    /// A size or a count is over its limit.
    #[error("{what} is {size}, over the limit of {limit}")]
    TooLarge {
        /// What was measured.
        what: &'static str,
        /// The measured or claimed size.
        size: u64,
        /// The limit it exceeds.
        limit: u64,
    },
    /// Values or shared types are nested too deeply.
    #[error("{what} is nested more than {limit} levels deep")]
    TooDeep {
        /// What is nested.
        what: &'static str,
        /// The deepest level that is accepted.
        limit: u64,
    },
    /// A string is not UTF-8.
    #[error("a string is not UTF-8")]
    BadUtf8,
    /// A string that has to be JSON is not.
    #[error("a value is not JSON")]
    BadJson,
    /// A number is over 2^53 - 1, or is spelled with more bytes than such a number can need.
    #[error("a number is out of range")]
    BadNumber,
    /// The bytes have a form that no implementation writes.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Well-formed, but not accepted here.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
}

impl Error {
    /// A short name of the variant, for a metric's label.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::TooLarge { .. } => "too_large",
            Self::TooDeep { .. } => "too_deep",
            Self::BadUtf8 => "bad_utf8",
            Self::BadJson => "bad_json",
            Self::BadNumber => "bad_number",
            Self::Malformed(_) => "malformed",
            Self::Unsupported(_) => "unsupported",
        }
    }
}
