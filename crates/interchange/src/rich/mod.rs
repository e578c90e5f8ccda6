//! Rich text: ProseMirror JSON of the editor's schema, and its forms in other languages.
//!
//! | node | attributes |
//! |---|---|
//! | `paragraph`, `blockquote`, `bulletList`, `listItem`, `taskList`, `horizontalRule`, `hardBreak`, `table`, `tableRow` | |
//! | `heading` | `level` 1 to 3 |
//! | `orderedList` | `start` |
//! | `taskItem` | `checked` |
//! | `codeBlock` | `language` |
//! | `tableHeader`, `tableCell` | `colspan`, `rowspan`, `colwidth` |
//! | `callout` | `kind`: note, tip, important, warning, caution |
//! | `image` | `file` or `src`, `alt`, `width` |
//! | `file` | `file`, `name`, `size`, `media_type` |
//! | `mention`, `itemLink` | `id`, `label` |
//!
//! Marks: `bold`, `italic`, `strike`, `code`, `underline`, `highlight`, `link` with `href`. In the
//! normal form an attribute is never null, what is empty is left out, marks are in the order of
//! their names, and texts with the same marks are one. Readers give the normal form, and nothing
//! that the schema forbids, whatever they read.

mod assemble;
mod html_read;
mod html_write;
mod markdown_read;
mod markdown_write;
mod normal;
mod wiki;

use assemble::Assembler;
use html_read::html;
pub use markdown_read::from_markdown;
pub(crate) use markdown_read::options;
pub use markdown_write::to_markdown;
pub use normal::{bare_text, normalize, plain_text};
pub(crate) use normal::{defuse, nodes};
pub use wiki::from_wiki;

/// How deep nodes may stand in each other; what is deeper is lifted.
pub const MAX_DEPTH: usize = 60;
/// How many nodes a document may have; what comes after is left out.
pub const MAX_NODES: usize = 100_000;
/// The longest text of an attribute, in bytes.
pub const MAX_ATTRIBUTE: usize = 4_000;

/// HTML as a document. Unknown tags are left out, what is in them is kept; scripts and styles are
/// left out whole. White space counts as in a browser.
pub fn from_html(source: &str) -> serde_json::Value {
    let mut out = Assembler::new();
    html(source, &mut out, false);
    out.finish()
}
