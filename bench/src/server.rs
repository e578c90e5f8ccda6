//! Starts, stops and kills the servers that are measured.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::http;
use crate::measure;
use crate::session::Target;
use crate::wire::Protocol;

const PASSWORD: &str = "correct horse battery staple 7";
const EMAIL: &str = "owner@bench.example";
/// Access tokens last ten minutes.
const TOKEN_AGE: Duration = Duration::from_secs(8 * 60);

/// What is measured.
#[derive(Clone, PartialEq)]
pub(crate) enum Contender {
    Bare {
        coalesce: bool,
    },
    Canopy {
        protocol: Protocol,
        bin: PathBuf,
        database: Option<String>,
    },
    /// A server that runs already.
    Url {
        protocol: Protocol,
        authority: String,
        path: String,
        pid: Option<u32>,
        token: Option<String>,
    },
}

impl Contender {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Bare { coalesce: false } => "bare broadcast".into(),
            Self::Bare { coalesce: true } => "bare, coalescing".into(),
            Self::Canopy {
                protocol, database, ..
            } => {
                let database = if database.is_some() {
                    ", PostgreSQL"
                } else {
                    ""
                };
                format!("canopy, {}{database}", protocol.name())
            }
            Self::Url {
                authority,
                protocol,
                ..
            } => format!("{authority}, {}", protocol.name()),
        }
    }

    pub(crate) fn is_canopy(&self) -> bool {
        matches!(self, Self::Canopy { .. })
    }

    pub(crate) async fn start(&self) -> Result<Server> {
        match self {
            Self::Bare { coalesce } => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["bare", "--listen", "127.0.0.1:0"]);
                if *coalesce {
                    command.arg("--coalesce");
                }
                let (child, authority) = launch(&mut command, None).await?;
                Ok(Server {
                    pid: child.id(),
                    running: Running::Bare { _child: child },
                    protocol: Protocol::YWebsocket,
                    authority,
                    path: "/".into(),
                    token: None,
                })
            }
            Self::Canopy {
                protocol,
                bin,
                database,
            } => {
                let canopy = Canopy::install(bin, database.as_deref()).await?;
                let mut server = Server {
                    pid: None,
                    running: Running::Canopy(Box::new(canopy)),
                    protocol: *protocol,
                    authority: String::new(),
                    path: "/collab".into(),
                    token: None,
                };
                server.restart().await?;
                Ok(server)
            }
            Self::Url {
                protocol,
                authority,
                path,
                pid,
                token,
            } => {
                let port = authority
                    .rsplit_once(':')
                    .and_then(|(_, port)| port.parse().ok());
                let pid = pid.or_else(|| port.and_then(measure::listener));
                if pid.is_none() {
                    eprintln!(
                        "the process behind {authority} is not known (--pid): no CPU and memory figures"
                    );
                }
                Ok(Server {
                    pid,
                    running: Running::Elsewhere,
                    protocol: *protocol,
                    authority: authority.clone(),
                    path: path.clone(),
                    token: token.clone(),
                })
            }
        }
    }
}

enum Running {
    Bare { _child: Child },
    Canopy(Box<Canopy>),
    Elsewhere,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) pid: Option<u32>,
    pub(crate) protocol: Protocol,
    pub(crate) authority: String,
    path: String,
    token: Option<String>,
    running: Running,
}

impl Server {
    pub(crate) async fn target(&mut self) -> Result<Target> {
        self.target_of(self.protocol).await
    }

    pub(crate) async fn target_of(&mut self, protocol: Protocol) -> Result<Target> {
        if let Running::Canopy(canopy) = &mut self.running {
            self.token = Some(canopy.token(&self.authority).await?);
        }
        Ok(Target {
            protocol,
            authority: self.authority.clone(),
            path: self.path.clone(),
            token: self.token.clone(),
        })
    }

    /// Names of `count` documents that exist and are empty.
    pub(crate) async fn documents(&mut self, count: usize) -> Result<Vec<String>> {
        let Running::Canopy(canopy) = &mut self.running else {
            let run: u32 = rand::random();
            return Ok((0..count)
                .map(|index| format!("bench-{run:08x}-{index}"))
                .collect());
        };
        let token = canopy.token(&self.authority).await?;
        let path = format!("/api/v1/projects/{}/items", canopy.project);
        let (authority, token, path) = (&self.authority, &token, &path);
        stream::iter(0..count)
            .map(|index| async move {
                let body = json!({ "title": format!("Bench {index}"), "type": "task" });
                text(&patient("POST", authority, path, token, &body).await?, "id")
            })
            .buffer_unordered(16)
            .try_collect()
            .await
    }

    /// A token of a second account, which may edit the same documents.
    pub(crate) async fn second_account(&mut self) -> Result<Option<String>> {
        let Running::Canopy(canopy) = &mut self.running else {
            return Ok(None);
        };
        let token = canopy.token(&self.authority).await?;
        if !canopy.second {
            let path = format!("/api/v1/organizations/{}/invitations", canopy.organization);
            let invitation = http::json(
                "POST",
                &self.authority,
                &path,
                Some(&token),
                Some(&json!({ "role": "editor" })),
            )
            .await?;
            let link = text(&invitation, "link")?;
            let secret = link
                .rsplit(['/', '=', '#'])
                .next()
                .unwrap_or_default()
                .to_owned();
            let body =
                json!({ "name": "Second", "email": "second@bench.example", "password": PASSWORD });
            let path = format!("/api/v1/invitations/{secret}/accept");
            http::json("POST", &self.authority, &path, None, Some(&body)).await?;
            canopy.second = true;
        }
        login(&self.authority, "second@bench.example")
            .await
            .map(Some)
    }

    /// Stops Canopy, puts made-up items into it, and starts it again, without a limit on requests.
    pub(crate) async fn seed(&mut self, items: usize) -> Result<()> {
        self.stop().await?;
        let Running::Canopy(canopy) = &mut self.running else {
            bail!("only Canopy can be seeded");
        };
        let mut seed = canopy.command("seed");
        let output = seed.args(["--items", &items.to_string()]).output().await?;
        if !output.status.success() {
            bail!(
                "canopy seed failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        canopy.unlimited = true;
        self.restart().await
    }

    /// Starts Canopy anew, without a limit on requests.
    pub(crate) async fn lift_limits(&mut self) -> Result<()> {
        let Running::Canopy(canopy) = &mut self.running else {
            bail!("only Canopy has limits to lift");
        };
        canopy.unlimited = true;
        self.restart().await
    }

    /// The project in which documents are made.
    pub(crate) fn project(&self) -> Result<String> {
        match &self.running {
            Running::Canopy(canopy) => Ok(canopy.project.clone()),
            _ => bail!("only Canopy has projects"),
        }
    }

    /// Imports a file of one diagram into the project; gives its id.
    pub(crate) async fn diagram(&mut self, package: &Value) -> Result<String> {
        let (authority, token, _) = self.account().await?;
        let project = format!("/api/v1/projects/{}", self.project()?);
        let call = async |method: &str, path: String, body: Option<&Value>| {
            http::json(method, &authority, &path, Some(&token), body).await
        };
        let path = format!("{project}/imports?name=diagram.json");
        let import = text(&call("POST", path, Some(package)).await?, "id")?;
        let import = format!("/api/v1/imports/{import}");
        call("POST", format!("{import}/run"), None).await?;
        for _ in 0..1_200 {
            let seen = call("GET", import.clone(), None).await?;
            if seen["state"] == "done" {
                let listed = call("GET", format!("{project}/items?type=diagram"), None).await?;
                let items = listed["items"].as_array().into_iter().flatten();
                let diagram = items.rev().find(|item| item["type"] == "diagram");
                return text(diagram.context("no diagram was made")?, "id");
            }
            if seen["state"] == "failed" {
                bail!("the import failed: {seen}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the import was not done within a minute")
    }

    /// Address, access token and organization of the owner.
    pub(crate) async fn account(&mut self) -> Result<(String, String, String)> {
        let Running::Canopy(canopy) = &mut self.running else {
            bail!("only Canopy has accounts");
        };
        let token = canopy.token(&self.authority).await?;
        Ok((self.authority.clone(), token, canopy.organization.clone()))
    }

    /// Asks the running server to build its search index anew, from the command line.
    pub(crate) fn rebuild_search(&self) -> Result<()> {
        let Running::Canopy(canopy) = &self.running else {
            bail!("only Canopy has a search index");
        };
        let mut rebuild = canopy.command_of(&["search", "rebuild"]).into_std();
        let output = rebuild.output()?;
        if !output.status.success() {
            bail!(
                "canopy search rebuild failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }

    /// Waits until the search index is complete, with at least so many items.
    pub(crate) async fn follow_search(&mut self, items: usize) -> Result<()> {
        for _ in 0..60_000 {
            let (authority, token, _) = self.account().await?;
            let path = "/api/v1/search?limit=1";
            let results = http::json("GET", &authority, path, Some(&token), None).await?;
            if results["indexing"] == false {
                let figures = http::request("GET", &authority, "/metrics", None, None).await?;
                let figures = String::from_utf8_lossy(&figures.body).into_owned();
                let count = figures
                    .lines()
                    .find_map(|line| line.strip_prefix("canopy_search_items "))
                    .and_then(|value| value.trim().parse::<f64>().ok())
                    .context("no figure canopy_search_items")?;
                if count >= items as f64 {
                    return Ok(());
                }
                bail!("the index is complete with {count} of {items} items");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the search index was not complete within 20 minutes")
    }

    /// Ends Canopy as an operator does, if it runs, and starts it on the same data.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        let Running::Canopy(canopy) = &mut self.running else {
            return Ok(());
        };
        let (child, authority) = launch(&mut canopy.serve(), Some(&canopy.log()))
            .await
            .with_context(|| canopy.tail())?;
        self.pid = child.id();
        self.authority = authority;
        canopy.child = Some(child);
        if canopy.project.is_empty() {
            canopy.make_project(&self.authority).await?;
        }
        Ok(())
    }

    /// SIGTERM, and waits.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let Running::Canopy(canopy) = &mut self.running else {
            return Ok(());
        };
        if let Some(mut child) = canopy.child.take() {
            if let Some(pid) = child.id() {
                Command::new("kill")
                    .args(["-TERM", &pid.to_string()])
                    .status()
                    .await?;
            }
            match tokio::time::timeout(Duration::from_secs(60), child.wait()).await {
                Ok(status) => drop(status?),
                Err(_) => bail!("canopy did not end within a minute of SIGTERM"),
            }
        }
        self.pid = None;
        Ok(())
    }

    /// SIGKILL.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        let Running::Canopy(canopy) = &mut self.running else {
            return Ok(());
        };
        if let Some(mut child) = canopy.child.take() {
            child.kill().await?;
        }
        self.pid = None;
        Ok(())
    }

    /// Whether the process still runs; with the end of its log when it does not.
    pub(crate) fn check_alive(&mut self) -> Result<()> {
        let Running::Canopy(canopy) = &mut self.running else {
            return Ok(());
        };
        if let Some(child) = &mut canopy.child
            && let Some(status) = child.try_wait()?
        {
            bail!("canopy ended by itself: {status}\n{}", canopy.tail());
        }
        Ok(())
    }

    pub(crate) fn cpu(&self) -> f64 {
        self.pid
            .and_then(|pid| measure::cpu_seconds(pid).ok())
            .unwrap_or(f64::NAN)
    }

    pub(crate) fn rss_kib(&self) -> f64 {
        self.pid
            .and_then(|pid| measure::rss_kib(pid).ok())
            .map_or(f64::NAN, |rss| rss as f64)
    }
}

struct Canopy {
    bin: PathBuf,
    folder: tempfile::TempDir,
    database: Option<String>,
    child: Option<Child>,
    organization: String,
    project: String,
    token: Option<(String, Instant)>,
    second: bool,
    /// Callers aren't limited to what one person does.
    unlimited: bool,
}

impl Canopy {
    async fn install(bin: &Path, database: Option<&str>) -> Result<Self> {
        if !bin.exists() {
            bail!(
                "{} does not exist; `cargo xtask bench` builds it",
                bin.display()
            );
        }
        let canopy = Self {
            bin: bin.to_owned(),
            folder: tempfile::Builder::new().prefix("canopy-bench-").tempdir()?,
            database: database.map(str::to_owned),
            child: None,
            organization: String::new(),
            project: String::new(),
            token: None,
            second: false,
            unlimited: false,
        };
        let mut setup = canopy
            .command("setup")
            .args([
                "--email",
                EMAIL,
                "--name",
                "Owner",
                "--organization",
                "Bench",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = setup.stdin.take() {
            stdin.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
        }
        let output = setup.wait_with_output().await?;
        if !output.status.success() {
            bail!(
                "canopy setup failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(canopy)
    }

    fn command(&self, name: &str) -> Command {
        self.command_of(&[name])
    }

    fn command_of(&self, names: &[&str]) -> Command {
        let mut command = Command::new(&self.bin);
        command
            .args(names)
            .arg("--data-dir")
            .arg(self.folder.path().join("data"));
        command
            .current_dir(self.folder.path())
            .env("CANOPY_LOG__LEVEL", "warn");
        if self.unlimited {
            command.env("CANOPY_LIMITS__REQUESTS_PER_SECOND", "1000000");
        }
        if let Some(database) = &self.database {
            command.env("CANOPY_DATABASE__URL", database);
        }
        command
    }

    fn serve(&self) -> Command {
        let mut command = self.command("serve");
        command.args(["--listen", "127.0.0.1:0"]);
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("serve.log")
    }

    fn tail(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let from = log.lines().count().saturating_sub(20);
        log.lines().skip(from).collect::<Vec<_>>().join("\n")
    }

    async fn make_project(&mut self, authority: &str) -> Result<()> {
        let token = self.token(authority).await?;
        let me = http::json("GET", authority, "/api/v1/me", Some(&token), None).await?;
        self.organization = text(
            me.pointer("/organizations/0").context("no organization")?,
            "id",
        )?;
        let path = format!("/api/v1/organizations/{}/projects", self.organization);
        let project = http::json(
            "POST",
            authority,
            &path,
            Some(&token),
            Some(&json!({ "name": "Bench" })),
        )
        .await?;
        self.project = text(&project, "id")?;
        Ok(())
    }

    async fn token(&mut self, authority: &str) -> Result<String> {
        if let Some((token, made)) = &self.token
            && made.elapsed() < TOKEN_AGE
        {
            return Ok(token.clone());
        }
        let token = login(authority, EMAIL).await?;
        self.token = Some((token.clone(), Instant::now()));
        Ok(token)
    }
}

/// A request that waits while the server says that there were too many.
async fn patient(
    method: &str,
    authority: &str,
    path: &str,
    token: &str,
    body: &Value,
) -> Result<Value> {
    for _ in 0..120 {
        let response = http::request(method, authority, path, Some(token), Some(body)).await?;
        match response.status {
            200..300 => return Ok(serde_json::from_slice(&response.body)?),
            429 => tokio::time::sleep(Duration::from_secs(1)).await,
            status => bail!(
                "{method} {path}: {status} {}",
                String::from_utf8_lossy(&response.body)
            ),
        }
    }
    bail!("{method} {path}: too many requests, for two minutes")
}

async fn login(authority: &str, email: &str) -> Result<String> {
    let body = json!({ "email": email, "password": PASSWORD });
    text(
        &http::json("POST", authority, "/api/v1/auth/login", None, Some(&body)).await?,
        "access_token",
    )
}

fn text(value: &Value, key: &str) -> Result<String> {
    value
        .get(key)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("no {key} in {value}"))
}

/// Starts a server and waits for its line `listening on http://…`; gives its address.
async fn launch(command: &mut Command, log: Option<&Path>) -> Result<(Child, String)> {
    let errors = match log {
        Some(path) => std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?
            .into(),
        None => Stdio::inherit(),
    };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors)
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let authority = tokio::time::timeout(Duration::from_secs(60), async {
        while let Some(line) = lines.next_line().await? {
            if let Some((_, address)) = line.split_once("listening on http://") {
                return Ok(address.trim().trim_end_matches('/').to_owned());
            }
        }
        bail!("the server ended before it listened")
    })
    .await
    .context("the server did not listen within a minute")??;
    // The server must never block on a full pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, authority))
}
