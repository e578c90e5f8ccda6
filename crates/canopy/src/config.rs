//! Configuration: a TOML file, over it the environment, over it the command line. One schema, this file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use serde::{Deserialize, Serialize};
use server::files::Bucket;

/// Prefix of every variable. Nesting is two underscores: `CANOPY_DATABASE__URL`. With `_FILE` behind it, the value
/// is the path of a file that holds the value.
const PREFIX: &str = "CANOPY_";

/// All that can be configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address under which people reach Canopy, for links in mails and invitations. Without it, the listen address.
    pub public_url: Option<String>,
    /// Folder for the database, when it is SQLite, and all else that is kept.
    pub data_dir: PathBuf,
    pub database: Database,
    pub files: Files,
    pub mail: Mail,
    pub log: Log,
    pub auth: Auth,
    pub limits: Limits,
    pub metrics: Metrics,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// `postgres://user:password@host/database`, or `sqlite:///path/to/file`. Without it, SQLite in the data folder.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Files {
    /// `s3://bucket` or `s3://bucket/prefix`. Without it, the folder `files` in the data folder.
    pub url: Option<String>,
    /// Address of an S3 service other than Amazon's.
    pub endpoint: Option<String>,
    /// Region of the bucket. What is absent of this and the two keys comes from `AWS_…` variables or the machine's role.
    pub region: Option<String>,
    /// Id of the access key.
    pub access_key_id: Option<String>,
    /// The access key.
    pub secret_access_key: Option<String>,
    /// Largest file, in bytes.
    pub max_bytes: u64,
    /// Most that the files of one organization may take together, in bytes. Without it, there is no bound.
    pub organization_bytes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// `smtp://` or `smtps://user:password@host:port`. Without it, links are written to the log for the administrator.
    pub smtp_url: Option<String>,
    /// Sender of every mail.
    pub from: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,collab=debug`.
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Auth {
    /// Life of a session that isn't used, in days.
    pub session_days: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// Largest message on a socket, in bytes.
    pub message_bytes: usize,
    /// Largest document, in bytes of its current state.
    pub document_bytes: usize,
    /// Messages per second of one socket; reading pauses over it.
    pub messages_per_second: u32,
    /// Largest request body, in bytes.
    pub request_bytes: usize,
    /// Proxies of yours in front that append to `X-Forwarded-For`. 0: the header is not believed.
    pub trusted_proxies: usize,
    /// Requests a second to the API, per session; ten times that in a burst.
    pub requests_per_second: u32,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metrics {
    /// Bearer token that `/metrics` asks for. Without it, only loopback addresses may read it.
    pub token: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8460)),
            public_url: None,
            data_dir: PathBuf::from("data"),
            database: Database::default(),
            files: Files {
                url: None,
                endpoint: None,
                region: None,
                access_key_id: None,
                secret_access_key: None,
                max_bytes: 25 << 20,
                organization_bytes: None,
            },
            mail: Mail {
                smtp_url: None,
                from: "Canopy <canopy@localhost>".into(),
            },
            log: Log {
                format: LogFormat::Text,
                level: "info".into(),
            },
            auth: Auth { session_days: 30 },
            limits: Limits {
                message_bytes: 16 << 20,
                document_bytes: 64 << 20,
                messages_per_second: 50_000,
                request_bytes: 1 << 20,
                trusted_proxies: 0,
                requests_per_second: 50,
            },
            metrics: Metrics::default(),
        }
    }
}

/// What the command line may set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flags {
    pub config: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
}

impl Config {
    /// Reads file, environment and flags, in that order.
    ///
    /// # Errors
    /// Names the key and the place of what is wrong.
    pub(crate) fn load(
        flags: &Flags,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(path) = &flags.config {
            if !path.is_file() {
                bail!("--config {}: there is no such file", path.display());
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        for (variable, key, value) in variables(environment)? {
            figment = figment.merge(Variable {
                variable,
                key,
                value,
            });
        }
        if let Some(data_dir) = &flags.data_dir {
            figment = figment.merge(("data_dir", data_dir));
        }
        if let Some(listen) = flags.listen {
            figment = figment.merge(("listen", listen));
        }
        let config: Self = figment.extract().map_err(|errors| explain(&errors))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if let Some(url) = &self.public_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            bail!("public_url: {url:?} is not an address; expected https://… or http://…");
        }
        if let Some(url) = &self.database.url
            && !["postgres://", "postgresql://", "sqlite://"]
                .iter()
                .any(|scheme| url.starts_with(scheme))
        {
            bail!("database.url: expected postgres://… or sqlite://…");
        }
        if self.bucket().is_err() {
            bail!("files.url: expected s3://bucket or s3://bucket/prefix");
        }
        if let Some(endpoint) = &self.files.endpoint
            && !(endpoint.starts_with("http://") || endpoint.starts_with("https://"))
        {
            bail!("files.endpoint: {endpoint:?} is not an address; expected https://… or http://…");
        }
        if self.files.access_key_id.is_some() != self.files.secret_access_key.is_some() {
            bail!("files: give access_key_id and secret_access_key together");
        }
        if self.files.max_bytes == 0 {
            bail!("files.max_bytes: must be at least 1");
        }
        if self.auth.session_days == 0 {
            bail!("auth.session_days: must be at least 1");
        }
        if self.limits.messages_per_second == 0 {
            bail!("limits.messages_per_second: must be at least 1");
        }
        Ok(())
    }

    /// Address of the database.
    pub(crate) fn database_url(&self) -> String {
        match &self.database.url {
            Some(url) => url.clone(),
            None => format!("sqlite://{}", self.data_dir.join("canopy.db").display()),
        }
    }

    /// Folder of this node's search index. It can be removed while Canopy is stopped: it is built again.
    pub(crate) fn search_folder(&self) -> PathBuf {
        self.data_dir.join("search")
    }

    /// The bucket that keeps the files, if one does.
    ///
    /// # Errors
    /// When `files.url` names none.
    pub(crate) fn bucket(&self) -> anyhow::Result<Option<Bucket>> {
        let Some(url) = &self.files.url else {
            return Ok(None);
        };
        let rest = url.strip_prefix("s3://").unwrap_or_default();
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let sound = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if name.is_empty() || !name.chars().all(sound) {
            bail!("no bucket");
        }
        Ok(Some(Bucket {
            name: name.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: self.files.endpoint.clone(),
            region: self.files.region.clone(),
            access_key_id: self.files.access_key_id.clone(),
            secret_access_key: self.files.secret_access_key.clone(),
        }))
    }

    /// The configuration as TOML, without secrets.
    ///
    /// # Errors
    /// When a path is not UTF-8.
    pub(crate) fn show(&self) -> anyhow::Result<String> {
        let mut shown = self.clone();
        shown.database.url = shown.database.url.as_deref().map(hide_password);
        shown.mail.smtp_url = shown.mail.smtp_url.as_deref().map(hide_password);
        let key = shown.files.secret_access_key.take();
        shown.files.secret_access_key = key.map(|_| "…".into());
        shown.metrics.token = shown.metrics.token.map(|_| "…".into());
        toml::to_string_pretty(&shown).context("the configuration can't be shown")
    }
}

fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "…".into();
    };
    match rest.rsplit_once('@') {
        Some((credentials, host)) => {
            let user = credentials.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:…@{host}")
        }
        None => url.into(),
    }
}

/// The variables that are ours, as (variable, key, value).
fn variables(
    environment: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<Vec<(String, String, String)>> {
    let mut found = BTreeMap::new();
    for (variable, value) in environment {
        let Some(rest) = variable.strip_prefix(PREFIX) else {
            continue;
        };
        // Of tests and tools, not configuration.
        if rest.starts_with("TEST_") || rest == "BIN" {
            continue;
        }
        let (name, value) = match rest.strip_suffix("_FILE") {
            Some(name) => {
                let text = std::fs::read_to_string(Path::new(&value))
                    .with_context(|| format!("{variable}: can't read {value}"))?;
                (name, text.trim_end_matches(['\r', '\n']).to_owned())
            }
            None => (rest, value),
        };
        let key = name.to_lowercase().replace("__", ".");
        if let Some((other, _)) = found.insert(key.clone(), (variable.clone(), value)) {
            bail!("{other} and {variable} both set {key}; keep one");
        }
    }
    Ok(found
        .into_iter()
        .map(|(key, (variable, value))| (variable, key, value))
        .collect())
}

/// One environment variable as a source of its own, so that errors can name it.
struct Variable {
    variable: String,
    key: String,
    value: String,
}

impl figment::Provider for Variable {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named(format!("environment variable {}", self.variable))
    }

    fn data(&self) -> figment::error::Result<Map<figment::Profile, Dict>> {
        // Numbers and booleans are told apart as figment's own environment provider does; the rest is text.
        let value: Value = match self.value.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(self.value.clone()),
        };
        let mut nested = value;
        for part in self.key.rsplit('.') {
            nested = Value::from(Dict::from([(part.to_owned(), nested)]));
        }
        let dict = nested.into_dict().unwrap_or_default();
        Ok(Map::from([(figment::Profile::Default, dict)]))
    }
}

fn explain(errors: &figment::Error) -> anyhow::Error {
    let lines: Vec<String> = errors
        .clone()
        .into_iter()
        .map(|error| {
            let place =
                error
                    .metadata
                    .as_ref()
                    .map_or_else(String::new, |metadata| match &metadata.source {
                        Some(source) => format!(" in {source}"),
                        None => format!(" in {}", metadata.name),
                    });
            format!("{}{place}: {}", error.path.join("."), error.kind)
        })
        .collect();
    anyhow::anyhow!("the configuration is wrong:\n  {}", lines.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: Option<&str>, environment: &[(&str, &str)]) -> anyhow::Result<Config> {
        let folder = tempfile::tempdir()?;
        let config = file
            .map(|text| {
                let path = folder.path().join("canopy.toml");
                std::fs::write(&path, text).map(|()| path)
            })
            .transpose()?;
        let environment = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::load(
            &Flags {
                config,
                ..Flags::default()
            },
            environment,
        )
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let config = load(
            Some("listen = \"127.0.0.1:1\"\n[mail]\nfrom = \"a@b.example\"\n"),
            &[
                ("CANOPY_LISTEN", "127.0.0.1:2"),
                ("CANOPY_DATABASE__URL", "postgres://h/d"),
                ("HOME", "/"),
            ],
        )
        .unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.mail.from, "a@b.example");
        assert_eq!(config.database_url(), "postgres://h/d");
    }

    #[test]
    fn secrets_come_from_files_and_are_not_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "postgres://u:hunter2@h/d\n").unwrap();
        let path = file.path().to_str().unwrap();
        let config = load(None, &[("CANOPY_DATABASE__URL_FILE", path)]).unwrap();
        assert_eq!(config.database_url(), "postgres://u:hunter2@h/d");
        let shown = config.show().unwrap();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("postgres://u:…@h/d"), "{shown}");
    }

    #[test]
    fn files_are_in_a_folder_or_a_bucket() {
        let config = load(None, &[]).unwrap();
        assert!(config.bucket().unwrap().is_none());
        let config = load(
            Some("[files]\nurl = \"s3://specs/canopy/\"\nendpoint = \"http://minio:9000\"\n"),
            &[
                ("CANOPY_FILES__ACCESS_KEY_ID", "id"),
                ("CANOPY_FILES__SECRET_ACCESS_KEY", "hunter2"),
                ("CANOPY_FILES__ORGANIZATION_BYTES", "1000"),
            ],
        )
        .unwrap();
        let bucket = config.bucket().unwrap().unwrap();
        assert_eq!((&*bucket.name, &*bucket.prefix), ("specs", "canopy"));
        assert_eq!(config.files.organization_bytes, Some(1000));
        assert!(!config.show().unwrap().contains("hunter2"));
        for (key, value) in [
            ("CANOPY_FILES__URL", "s3://"),
            ("CANOPY_FILES__URL", "gs://specs"),
            ("CANOPY_FILES__ENDPOINT", "minio:9000"),
            ("CANOPY_FILES__ACCESS_KEY_ID", "id"),
            ("CANOPY_FILES__MAX_BYTES", "0"),
        ] {
            let error = load(None, &[(key, value)]).unwrap_err().to_string();
            assert!(error.contains("files"), "{key}: {error}");
        }
    }

    #[test]
    fn errors_name_the_key_and_the_place() {
        let error = load(Some("[log]\nformat = \"xml\"\n"), &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("log.format") && error.contains("canopy.toml"),
            "{error}"
        );
        let error = load(Some("lissten = 1\n"), &[]).unwrap_err().to_string();
        assert!(
            error.contains("lissten") && error.contains("canopy.toml"),
            "{error}"
        );
        let error = load(None, &[("CANOPY_LIMITS__DOCUMENT_BYTES", "big")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("limits.document_bytes")
                && error.contains("CANOPY_LIMITS__DOCUMENT_BYTES"),
            "{error}"
        );
        let error = load(None, &[("CANOPY_MAIL__SMTP_URL_FILE", "/nowhere")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("CANOPY_MAIL__SMTP_URL_FILE"), "{error}");
    }
}
