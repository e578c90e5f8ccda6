use anyhow::Result; use crate::Options; pub(crate) async fn run(_o: &Options) -> Result<()> { Ok(()) }
