//! Where bytes are kept: a folder, or a bucket of an S3 service.
//!
//! An object is written whole and never changes. What comes in is first a temporary file, so that its size and hash are known before anything is kept,
//! and so that a body that breaks off leaves nothing. Keys are made of ids and hashes, never of what people typed.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use model::{OrgId, Timestamp, UserId};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt, RetryConfig};
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::error::Error;

/// The folder of temporary files, and what their names begin with.
const INCOMING: &str = "incoming";
const PREFIX: &str = "upload-";
/// A temporary file as old as this is of an upload that nobody waits for: of a process that was killed.
const ABANDONED_SECONDS: i64 = 86_400;
/// How much of an object is in memory at once while it goes to a bucket; S3 takes parts from 5 MiB.
const PART: u64 = 8 << 20;
/// How long a request to the bucket is tried again: people wait for it.
const RETRY: Duration = Duration::from_secs(10);
/// How long one request to the bucket may take: a whole file, to somebody on a slow line.
const TRANSFER: Duration = Duration::from_secs(600);
/// Written to the disk at once.
const WRITE: usize = 256 << 10;

/// Why there is nowhere to keep bytes.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// A folder can't be used.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The object store can't be used.
    #[error("the object store can't be used: {0}")]
    Store(#[from] object_store::Error),
}

/// A bucket of an S3 service. What is absent comes from the environment's `AWS_…` variables or from the machine's role.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What stands before every key.
    pub prefix: String,
    /// The address of a service other than Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The id of the key to sign with.
    pub access_key_id: Option<String>,
    /// The key to sign with.
    pub secret_access_key: Option<String>,
}

/// Keeps bytes.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    incoming: PathBuf,
    /// Temporary files are in the store's own folder: keeping one is renaming it.
    adopts: bool,
}

/// The name of an object.
#[derive(Debug, Clone)]
pub(crate) struct Key(Path);

impl Key {
    /// Some content of an organization. Organizations share nothing: that one has a content tells nothing to another.
    pub(crate) fn content(org: OrgId, hash: &[u8]) -> Self {
        let hash = hex(hash);
        let folder = hash.get(..2).unwrap_or("00");
        Self(Path::from(format!("{org}/{folder}/{hash}")))
    }

    /// A version of somebody's picture.
    pub(crate) fn avatar(user: UserId, version: &str) -> Self {
        Self(Path::from_iter(["avatars", &user.to_string(), version]))
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes that came in whole and are not kept yet. Dropped, they are gone.
#[derive(Debug)]
pub(crate) struct Draft {
    path: TempPath,
    /// SHA-256.
    pub(crate) hash: [u8; 32],
    /// In bytes.
    pub(crate) size: u64,
}

impl Draft {
    /// Where the bytes are for now.
    pub(crate) fn path(&self) -> &FilePath {
        &self.path
    }
}

/// Why bytes can't be taken, kept or given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("more than {0} bytes")]
    TooLarge(u64),
    #[error("the body broke off")]
    Broken,
    #[error("reading or writing failed: {0}")]
    Disk(#[from] std::io::Error),
    #[error("the object store failed: {0}")]
    Store(#[from] object_store::Error),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TooLarge(most) => Self::TooLarge(format!(
                "The file is too large: at most {} are allowed.",
                size_in_words(most)
            )),
            Failure::Broken => Self::Malformed("The request body ended too early.".into()),
            Failure::Store(object_store::Error::NotFound { .. }) => Self::internal(failure),
            Failure::Disk(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Self::internal(error)
            }
            Failure::Disk(_) | Failure::Store(_) => {
                metrics::counter!("canopy_object_store_failures_total").increment(1);
                tracing::error!(error = %failure, "bytes could not be kept or read");
                Self::Unavailable
            }
        }
    }
}

/// A size for people: "25 MiB".
fn size_in_words(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

impl Objects {
    /// In a folder, which is made if missing. A kept object is on the disk, not just in its cache.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub fn folder(root: &FilePath) -> Result<Self, ObjectsError> {
        let incoming = make(root.join(INCOMING))?;
        let store = LocalFileSystem::new_with_prefix(root)?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            incoming,
            adopts: true,
        })
    }

    /// In a bucket. Temporary files are in `folder`, which is made if missing. Needs the process' TLS provider to be installed.
    ///
    /// # Errors
    /// When the folder can't be made or the settings can't be used. The bucket is not asked.
    pub fn s3(bucket: &Bucket, folder: &FilePath) -> Result<Self, ObjectsError> {
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: RETRY,
            ..RetryConfig::default()
        };
        let client = ClientOptions::default().with_timeout(TRANSFER);
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&bucket.name)
            .with_retry(retry)
            .with_client_options(client)
            // One object at a time; not every service knows the other way.
            .with_disable_bulk_delete(true);
        if let Some(endpoint) = &bucket.endpoint {
            let plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(plain);
        }
        if let Some(region) = &bucket.region {
            builder = builder.with_region(region);
        }
        if let Some(id) = &bucket.access_key_id {
            builder = builder.with_access_key_id(id);
        }
        if let Some(key) = &bucket.secret_access_key {
            builder = builder.with_secret_access_key(key);
        }
        let store = PrefixStore::new(builder.build()?, bucket.prefix.as_str());
        Ok(Self {
            store: Arc::new(store),
            incoming: make(folder.join(INCOMING))?,
            adopts: false,
        })
    }

    /// Writes and removes a small object: whether the settings work.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn check(&self) -> Result<(), ObjectsError> {
        let path = Path::from("check");
        self.store
            .put(&path, Bytes::from_static(b"ok").into())
            .await?;
        Ok(self.store.delete(&path).await?)
    }

    /// Takes a body in, up to `most` bytes. Stops reading at the first byte over it.
    pub(crate) async fn receive<E>(
        &self,
        body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
        most: u64,
    ) -> Result<Draft, Failure> {
        let folder = self.incoming.clone();
        let named = tokio::task::spawn_blocking(move || {
            tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder)
        });
        let (file, path) = named.await.map_err(std::io::Error::other)??.into_parts();
        let file = tokio::fs::File::from_std(file);
        let mut file = tokio::io::BufWriter::with_capacity(WRITE, file);
        let mut hasher = Sha256::new();
        let mut size = 0_u64;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|_| Failure::Broken)?;
            size += chunk.len() as u64;
            if size > most {
                return Err(Failure::TooLarge(most));
            }
            hasher.update(&chunk);
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        file.get_ref().sync_all().await?;
        Ok(Draft {
            path,
            hash: hasher.finalize().into(),
            size,
        })
    }

    /// Keeps a draft, durably. An object that is there already stays.
    pub(crate) async fn keep(&self, draft: Draft, key: &Key) -> Result<(), Failure> {
        let Key(to) = key;
        match self.store.head(to).await {
            Ok(there) if there.size == draft.size => return Ok(()),
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        if self.adopts {
            let name = draft.path.file_name().unwrap_or_default();
            let from = Path::from_iter([INCOMING, &name.to_string_lossy()]);
            return Ok(self.store.rename(&from, to).await?);
        }
        self.send(&draft, to).await
    }

    /// Sends a draft to the bucket: at once when it is small, else part by part.
    async fn send(&self, draft: &Draft, to: &Path) -> Result<(), Failure> {
        let mut file = tokio::fs::File::open(&draft.path).await?;
        if draft.size <= PART {
            let mut whole = Vec::new();
            file.read_to_end(&mut whole).await?;
            self.store.put(to, whole.into()).await?;
            return Ok(());
        }
        let mut upload = self.store.put_multipart(to).await?;
        let sent = async {
            loop {
                let mut part = Vec::new();
                (&mut file).take(PART).read_to_end(&mut part).await?;
                if part.is_empty() {
                    break;
                }
                upload.put_part(part.into()).await?;
            }
            upload.complete().await?;
            Ok::<_, Failure>(())
        };
        let sent = sent.await;
        if sent.is_err()
            && let Err(error) = upload.abort().await
        {
            // The parts stay, unseen, until the bucket's own rules remove them.
            tracing::warn!(%error, "an upload to the bucket could not be taken back");
        }
        sent
    }

    /// The bytes of an object, or some of them.
    pub(crate) async fn open(
        &self,
        key: &Key,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<BoxStream<'static, Result<Bytes, Failure>>, Failure> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&key.0, options).await?;
        Ok(found.into_stream().map_err(Failure::from).boxed())
    }

    /// Forgets an object. One that isn't there is no error.
    pub(crate) async fn remove(&self, key: &Key) -> Result<(), Failure> {
        match self.store.delete(&key.0).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the temporary files of uploads that nobody waits for any more.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<(), Failure> {
        let micros = now.plus_seconds(-ABANDONED_SECONDS).micros();
        let micros = u64::try_from(micros).unwrap_or(0);
        let before = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        let folder = self.incoming.clone();
        let swept = tokio::task::spawn_blocking(move || sweep(&folder, before));
        Ok(swept.await.map_err(std::io::Error::other)??)
    }
}

fn make(folder: PathBuf) -> Result<PathBuf, ObjectsError> {
    match std::fs::create_dir_all(&folder) {
        Ok(()) => Ok(folder),
        Err(source) => Err(ObjectsError::Folder {
            path: folder,
            source,
        }),
    }
}

fn sweep(folder: &FilePath, before: SystemTime) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // One that goes away by itself meanwhile was in use.
        let Ok(meta) = entry.metadata() else { continue };
        if ours && meta.is_file() && meta.modified()? < before {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
