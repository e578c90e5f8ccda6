//! Cursor pagination: a page ends with the id that the next one begins after.

use uuid::Uuid;

use crate::error::{Error, Result};

/// How many rows a page has.
pub(crate) fn limit(asked: Option<i64>, default: i64, most: i64) -> Result<i64> {
    match asked {
        None => Ok(default),
        Some(n) if (1..=most).contains(&n) => Ok(n),
        Some(_) => Err(Error::Malformed(format!("limit must be 1 to {most}."))),
    }
}

/// The id that a page begins after.
pub(crate) fn after(cursor: Option<&str>) -> Result<Option<Uuid>> {
    cursor
        .map(|cursor| {
            Uuid::parse_str(cursor)
                .map_err(|_| Error::Malformed("This is no cursor of ours.".into()))
        })
        .transpose()
}

/// Cuts the row too many that was read, and gives the cursor of the next page if there was one.
pub(crate) fn next<T>(rows: &mut Vec<T>, limit: i64, id: impl Fn(&T) -> Uuid) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(|row| id(row).simple().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_names_the_next_and_the_last_none() {
        let id = |n: &u128| Uuid::from_u128(*n);
        let mut rows = vec![1, 2, 3];
        let cursor = next(&mut rows, 2, id).unwrap();
        assert_eq!(rows, [1, 2]);
        assert_eq!(after(Some(&cursor)).unwrap(), Some(Uuid::from_u128(2)));
        assert_eq!(next(&mut vec![1, 2], 2, id), None);
        assert!(after(Some("x")).is_err());
        assert!(limit(Some(0), 1, 2).is_err() && limit(Some(3), 1, 2).is_err());
        assert_eq!(limit(None, 1, 2).unwrap(), 1);
    }
}
