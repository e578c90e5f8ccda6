//! One PostgreSQL server for a test run: made in a temporary folder, on a port of its own, gone when the run ends, however
//! it ends.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::needs;

/// Makes and starts the server, says `ready`, and waits for the end of its input, which is the end of this process.
const SERVER: &str = r#"
set -eu
trap '' INT TERM HUP
bin=$1 port=$2
folder=$(mktemp -d)
as=
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as='runuser -u postgres --'
fi
cd "$folder"
ended() {
    $as "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop > /dev/null 2>&1 || true
    rm -rf "$folder"
}
trap ended EXIT
$as "$bin/initdb" -D "$folder/data" -U postgres --auth=trust -E UTF8 --locale=C --no-sync > "$folder/initdb.log" 2>&1 \
    || { cat "$folder/initdb.log" >&2; exit 1; }
$as "$bin/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/data/server.log" \
    -o "-h 127.0.0.1 -p $port -k '$folder' -c max_connections=300" start > /dev/null \
    || { cat "$folder/data/server.log" >&2; exit 1; }
echo ready
cat > /dev/null
"#;

pub(crate) struct Postgres {
    /// An administrator's URL.
    pub(crate) url: String,
    supervisor: Child,
    lifeline: Option<ChildStdin>,
}

impl Postgres {
    pub(crate) fn start() -> Result<Self> {
        let bin = needs::postgres().context("PostgreSQL is not installed")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut supervisor = Command::new("sh")
            .args(["-c", SERVER, "sh"])
            .arg(bin)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let lifeline = supervisor.stdin.take();
        let mut line = String::new();
        BufReader::new(supervisor.stdout.take().context("no output")?).read_line(&mut line)?;
        if line.trim() != "ready" {
            supervisor.wait()?;
            bail!("PostgreSQL did not start");
        }
        Ok(Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            supervisor,
            lifeline,
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // Nothing to be done about it here; the folder is temporary.
        let _ = self.supervisor.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_and_is_gone_afterwards() {
        let postgres = Postgres::start().unwrap();
        let url = postgres.url.clone();
        let ask = || {
            let mut psql = Command::new("psql");
            psql.args(["-X", "-A", "-t", "-c", "SELECT 6 * 7", &url]);
            psql.output().unwrap()
        };
        assert_eq!(ask().stdout, b"42\n");
        drop(postgres);
        assert!(!ask().status.success());
    }
}
