//! A PostgreSQL server for tests: made, run and removed by this process.

use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use tokio::sync::OnceCell;

/// How a server is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresOptions {
    /// Whether commits reach the disk. Off is faster; on for tests of durability.
    pub fsync: bool,
}

/// A PostgreSQL server on 127.0.0.1, with its data in a temporary folder.
///
/// It ends and its folder goes when this is dropped, or when this process ends in whatever way.
#[derive(Debug)]
pub struct Postgres {
    admin_url: String,
    owned: Option<Owned>,
}

#[derive(Debug)]
struct Owned {
    bin: PathBuf,
    folder: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    fsync: bool,
    server: Option<Child>,
    watchdog: Child,
    /// The watchdog acts when this closes.
    lifeline: Option<ChildStdin>,
}

/// Waits for the end of its input, which is the end of the test process; then ends the server and
/// removes the folder.
const WATCHDOG: &str = r#"
trap '' INT TERM HUP
cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)
if [ -n "$pid" ]; then
    kill -QUIT "$pid" 2> /dev/null
    n=0
    while kill -0 "$pid" 2> /dev/null && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
    kill -KILL "$pid" 2> /dev/null
fi
rm -rf "$1"
"#;

/// The server that this process's tests share.
pub(super) async fn shared() -> &'static Postgres {
    static SHARED: OnceCell<Postgres> = OnceCell::const_new();
    SHARED
        .get_or_init(|| async {
            match std::env::var("CANOPY_TEST_POSTGRES") {
                Ok(url) if !url.is_empty() => Postgres {
                    admin_url: url,
                    owned: None,
                },
                _ => Postgres::start(PostgresOptions::default()).await,
            }
        })
        .await
}

impl Postgres {
    /// Makes and starts a server.
    ///
    /// # Panics
    /// When PostgreSQL isn't installed or doesn't start: the test can't go on.
    pub async fn start(options: PostgresOptions) -> Self {
        let started = tokio::task::spawn_blocking(move || Owned::make(options))
            .await
            .expect("join");
        let mut owned = started.unwrap_or_else(|e| panic!("can't make a PostgreSQL server: {e}"));
        owned.run().await;
        Self {
            admin_url: owned.url("postgres"),
            owned: Some(owned),
        }
    }

    /// The administrator's URL. Its database holds nothing.
    pub fn url(&self) -> &str {
        &self.admin_url
    }

    /// Makes a database, empty or a copy of `template`; gives its URL.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> String {
        let options: sqlx::postgres::PgConnectOptions =
            self.admin_url.parse().expect("the administrator's URL");
        let mut admin = PgConnection::connect_with(&options)
            .await
            .expect("connect as administrator");
        let mut sql = format!("CREATE DATABASE \"{name}\"");
        if let Some(template) = template {
            sql.push_str(&format!(" TEMPLATE \"{template}\""));
        }
        admin
            .execute(AssertSqlSafe(sql))
            .await
            .expect("create a database");
        admin.close().await.expect("close");
        options.database(name).to_url_lossy().to_string()
    }

    /// Stops the server in order: clients are cut off, everything is written.
    pub async fn stop(&mut self) {
        self.owned().signal("INT");
        self.owned().wait().await;
    }

    /// Kills the server (`SIGKILL`).
    pub async fn kill(&mut self) {
        self.owned().signal("KILL");
        self.owned().wait().await;
    }

    /// Starts the server again after [`stop`](Self::stop) or [`kill`](Self::kill), at the same URL.
    pub async fn restart(&mut self) {
        self.owned().run().await;
    }

    fn owned(&mut self) -> &mut Owned {
        self.owned
            .as_mut()
            .expect("a server that this process has started")
    }
}

impl Owned {
    fn make(options: PostgresOptions) -> io::Result<Self> {
        let bin = find_binaries()?;
        let folder = tempfile::Builder::new()
            .prefix("canopy-postgres-")
            .tempdir()?
            .keep();
        let user = unprivileged_user()?;
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid))?;
        }
        // First, so that nothing stays behind whatever happens next.
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Not of the terminal's group: an interrupt is for the tests.
            .process_group(0)
            .spawn()?;
        let lifeline = watchdog.stdin.take();
        let owned = Self {
            bin,
            folder,
            user,
            port: 0,
            fsync: options.fsync,
            server: None,
            watchdog,
            lifeline,
        };
        let made = owned
            .command("initdb")
            .args([
                "-U",
                "canopy",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
                "-D",
            ])
            .arg(owned.data())
            .stdout(Stdio::null())
            .output()?;
        if !made.status.success() {
            return Err(io::Error::other(format!(
                "initdb: {}",
                String::from_utf8_lossy(&made.stderr)
            )));
        }
        Ok(owned)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://canopy@127.0.0.1:{}/{database}", self.port)
    }

    /// A PostgreSQL program, as the unprivileged user: it refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(&self.folder).stdin(Stdio::null());
        if let Some((uid, gid)) = self.user {
            command.gid(gid).uid(uid);
        }
        command.process_group(0);
        command
    }

    /// Starts the server and waits until it answers. The first start picks a free port; another
    /// process can take it in between, so several are tried.
    async fn run(&mut self) {
        let fixed = self.port != 0;
        for _ in 0..10 {
            if !fixed {
                self.port = free_port().expect("a free port");
            }
            self.spawn().expect("start PostgreSQL");
            if self.answers().await {
                return;
            }
            // It ended by itself: the port is taken, or a killed predecessor is still going.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL doesn't start:\n{log}");
    }

    fn spawn(&mut self) -> io::Result<()> {
        let log = std::fs::File::create(self.folder.join("log"))?;
        let durable = if self.fsync { "on" } else { "off" };
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-k", ""])
            .args(["-c", &format!("fsync={durable}")])
            .args(["-c", &format!("full_page_writes={durable}")])
            .args(["-c", "max_connections=200", "-c", "shared_buffers=64MB"])
            .stdout(Stdio::null())
            .stderr(log);
        self.server = Some(command.spawn()?);
        Ok(())
    }

    /// Waits until the server answers, or ends.
    async fn answers(&mut self) -> bool {
        let url = self.url("postgres");
        loop {
            let ended = match self.server.as_mut() {
                Some(server) => server.try_wait().expect("wait for PostgreSQL").is_some(),
                None => true,
            };
            if ended {
                self.server = None;
                return false;
            }
            if let Ok(connection) = PgConnection::connect(&url).await {
                let _ = connection.close().await;
                return true;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    fn signal(&self, signal: &str) {
        if let Some(server) = &self.server {
            let _ = Command::new("kill")
                .args([&format!("-{signal}"), &server.id().to_string()])
                .status();
        }
    }

    async fn wait(&mut self) {
        if let Some(mut server) = self.server.take() {
            tokio::task::spawn_blocking(move || server.wait())
                .await
                .expect("join")
                .expect("wait for PostgreSQL");
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.signal("QUIT");
        if let Some(mut server) = self.server.take() {
            let _ = server.wait();
        }
        self.lifeline = None;
        let _ = self.watchdog.wait();
    }
}

/// The folder with `initdb` and `postgres`: Debian's newest, or where the path leads.
fn find_binaries() -> io::Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("initdb").exists().then_some((version, bin))
        })
        .collect();
    found.sort();
    if let Some((_, bin)) = found.pop() {
        return Ok(bin);
    }
    std::env::var_os("PATH")
        .iter()
        .flat_map(std::env::split_paths)
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .ok_or_else(|| {
            io::Error::other(
                "no initdb found: install PostgreSQL, or set CANOPY_TEST_POSTGRES to an administrator's URL",
            )
        })
}

/// Whom to run the server as, when this process is root: it refuses to be.
fn unprivileged_user() -> io::Result<Option<(u32, u32)>> {
    use std::os::unix::fs::MetadataExt;
    // The owner of a process's own folder is whom it runs as.
    let running_as = if Path::new("/proc/self").exists() {
        std::fs::metadata("/proc/self")?.uid()
    } else {
        tempfile::tempfile()?.metadata()?.uid()
    };
    if running_as != 0 {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| {
            let line = passwd
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .map(Some)
        .ok_or_else(|| io::Error::other("running as root, and there is no user to run as"))
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
