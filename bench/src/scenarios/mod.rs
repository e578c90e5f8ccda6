pub(crate) mod durability;
pub(crate) mod fanout;
pub(crate) mod flood;
pub(crate) mod hostile;
pub(crate) mod many;
pub(crate) mod open;
pub(crate) mod presence;
pub(crate) mod search;
