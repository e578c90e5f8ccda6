//! How a client names a document.

use std::str::FromStr;

use model::DocumentId;

use crate::gate::Refusal;

/// `{document id}`, or `{document id}~{epoch}` for a client that holds state of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DocumentName {
    pub(crate) id: DocumentId,
    pub(crate) epoch: Option<i64>,
}

impl FromStr for DocumentName {
    type Err = Refusal;

    fn from_str(name: &str) -> Result<Self, Refusal> {
        let (id, epoch) = match name.split_once('~') {
            Some((id, epoch)) => (id, Some(epoch.parse().map_err(|_| Refusal::NotFound)?)),
            None => (name, None),
        };
        Ok(Self {
            id: id.parse().map_err(|_| Refusal::NotFound)?,
            epoch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_an_epoch() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(
            id.parse(),
            Ok(DocumentName {
                id: id.parse().unwrap(),
                epoch: None
            })
        );
        assert_eq!(
            format!("{id}~3").parse(),
            Ok(DocumentName {
                id: id.parse().unwrap(),
                epoch: Some(3)
            })
        );
        for bad in ["", "x", "~1", &format!("{id}~"), &format!("{id}~1~2")] {
            assert_eq!(bad.parse::<DocumentName>(), Err(Refusal::NotFound), "{bad}");
        }
    }
}
