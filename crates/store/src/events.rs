//! What happened: events for live clients, the audit trail, answers kept for repeated requests, and
//! the instance's settings.

use model::{OrgId, ProjectId, SessionId, Timestamp, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::sql::{all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::{Error, Result, Tx, dialect};

records! {
    /// Something that happened in an organization, for live clients.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Event {
        /// The organization.
        pub org: OrgId,
        /// Its number in the organization: dense, in commit order, from 1.
        pub seq: i64,
        /// The project, if it happened in one.
        pub project: Option<ProjectId>,
        /// Its name, such as `item.changed`.
        pub kind: String,
        /// What the client gets.
        pub payload: Value,
        /// When.
        pub at: Timestamp,
    }

    /// Who did what, kept.
    #[derive(Debug, Clone, PartialEq)]
    pub struct AuditEntry {
        /// Its id, a UUIDv7: entries sort by time.
        pub id: Uuid,
        /// The organization; `None` for the instance.
        pub org: Option<OrgId>,
        /// Who; `None` for the system or a stranger.
        pub actor: Option<UserId>,
        /// In which session.
        pub session: Option<SessionId>,
        /// What, such as `member.role_changed`.
        pub action: String,
        /// What sort of thing it was done to.
        pub target_kind: String,
        /// Which one.
        pub target_id: Option<Uuid>,
        /// More about it.
        pub detail: Value,
        /// From where.
        pub ip: String,
        /// When.
        pub at: Timestamp,
    }

    /// The answer a request with an idempotency key got.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct KeptAnswer {
        /// The hash of the request: another request must not use the key.
        pub request_hash: Vec<u8>,
        /// The HTTP status.
        pub status: i64,
        /// The body.
        pub body: String,
        /// When.
        pub at: Timestamp,
    }
}

impl Tx {
    /// Records an event in the transaction that causes it; gives its number. Transactions that record
    /// events of one organization follow each other from here to their commit: do it last.
    pub async fn emit(
        &mut self,
        org: OrgId,
        project: Option<ProjectId>,
        kind: &str,
        payload: &Value,
        at: Timestamp,
    ) -> Result<i64> {
        let seq: Option<(i64,)> = one!(
            self,
            "UPDATE organizations SET event_seq = event_seq + 1 WHERE id = $1 RETURNING event_seq",
            org.0
        )?;
        let (seq,) = seq.ok_or(Error::NotFound)?;
        exec!(
            self,
            "INSERT INTO events (org_id, seq, project_id, kind, payload, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            org.0,
            seq,
            project.map(|id| id.0),
            kind,
            payload.to_string(),
            at.micros()
        )?;
        Ok(seq)
    }

    /// An organization's events after number `after`, in order, at most `limit`. When the first isn't
    /// `after + 1`, older ones have been pruned.
    pub async fn events(&mut self, org: OrgId, after: i64, limit: i64) -> Result<Vec<Event>> {
        all!(
            self,
            "SELECT org_id AS org, seq, project_id AS project, kind, payload, at FROM events \
             WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            org.0,
            after,
            limit
        )
    }

    /// The number of an organization's latest event; 0 before the first.
    pub async fn event_seq(&mut self, org: OrgId) -> Result<i64> {
        let seq: Option<(i64,)> = one!(
            self,
            "SELECT event_seq FROM organizations WHERE id = $1",
            org.0
        )?;
        seq.map(|(seq,)| seq).ok_or(Error::NotFound)
    }

    /// Removes events from before `before`, at most `limit`. How many.
    pub async fn prune_events(&mut self, before: Timestamp, limit: i64) -> Result<u64> {
        exec!(
            self,
            "DELETE FROM events WHERE (org_id, seq) IN \
             (SELECT org_id, seq FROM events WHERE at < $1 ORDER BY at LIMIT $2)",
            before.micros(),
            limit
        )
    }

    /// Records who did what, in the transaction that does it.
    pub async fn audit(&mut self, entry: &AuditEntry) -> Result<()> {
        exec!(
            self,
            "INSERT INTO audit (id, org_id, actor_id, session_id, action, target_kind, target_id, \
             detail, ip, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            entry.id,
            entry.org.map(|id| id.0),
            entry.actor.map(|id| id.0),
            entry.session.map(|id| id.0),
            entry.action.as_str(),
            entry.target_kind.as_str(),
            entry.target_id,
            entry.detail.to_string(),
            entry.ip.as_str(),
            entry.at.micros()
        )?;
        Ok(())
    }

    /// An organization's audit trail, latest first, at most `limit`, from before entry `before`.
    pub async fn audit_entries(
        &mut self,
        org: OrgId,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        all!(
            self,
            "SELECT id, org_id AS org, actor_id AS actor, session_id AS session, action, \
             target_kind, target_id, detail, ip, at FROM audit \
             WHERE org_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            org.0,
            before.unwrap_or(Uuid::max()),
            limit
        )
    }

    /// The answer that a user's request with this key got, if it was made before.
    pub async fn kept_answer(&mut self, user: UserId, key: &str) -> Result<Option<KeptAnswer>> {
        one!(
            self,
            "SELECT request_hash, status, body, at FROM idempotency_keys \
             WHERE user_id = $1 AND key = $2",
            user.0,
            key
        )
    }

    /// Keeps the answer to a request, in the transaction that fulfils it.
    /// [`UniqueKey::IdempotencyKey`](crate::UniqueKey::IdempotencyKey) when the same request was
    /// fulfilled at the same moment: roll back, and give the kept answer.
    pub async fn keep_answer(
        &mut self,
        user: UserId,
        key: &str,
        answer: &KeptAnswer,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO idempotency_keys (user_id, key, request_hash, status, body, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            user.0,
            key,
            answer.request_hash.as_slice(),
            answer.status,
            answer.body.as_str(),
            answer.at.micros()
        )?;
        Ok(())
    }

    /// Removes answers kept from before `before`. How many.
    pub async fn prune_answers(&mut self, before: Timestamp) -> Result<u64> {
        exec!(
            self,
            "DELETE FROM idempotency_keys WHERE at < $1",
            before.micros()
        )
    }

    /// A setting of the instance.
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>> {
        let value: Option<(String,)> =
            one!(self, "SELECT value FROM settings WHERE name = $1", name)?;
        Ok(value.map(|(value,)| value))
    }

    /// Sets a setting of the instance, or removes it with `None`.
    pub async fn set_setting(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        match value {
            Some(value) => exec!(
                self,
                "INSERT INTO settings (name, value) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name,
                value
            )?,
            None => exec!(self, "DELETE FROM settings WHERE name = $1", name)?,
        };
        Ok(())
    }

    /// Removes a setting if it has this value: whoever gets `true` is the only one.
    pub async fn take_setting(&mut self, name: &str, value: &str) -> Result<bool> {
        let taken = exec!(
            self,
            "DELETE FROM settings WHERE name = $1 AND value = $2",
            name,
            value
        )?;
        Ok(taken > 0)
    }

    /// Holds the named lock until the transaction ends, for what no row can lock, such as "there is no
    /// account yet".
    pub async fn lock(&mut self, name: &str) -> Result<()> {
        dialect::lock(self, name).await
    }
}

one_shot_reads! {
    events(org: OrgId, after: i64, limit: i64) -> Vec<Event>;
    event_seq(org: OrgId) -> i64;
    audit_entries(org: OrgId, before: Option<Uuid>, limit: i64) -> Vec<AuditEntry>;
    kept_answer(user: UserId, key: &str) -> Option<KeptAnswer>;
    setting(name: &str) -> Option<String>;
}

one_shot_writes! {
    audit(entry: &AuditEntry) -> ();
    prune_events(before: Timestamp, limit: i64) -> u64;
    prune_answers(before: Timestamp) -> u64;
    set_setting(name: &str, value: Option<&str>) -> ();
}
