//! Signing in and staying so. A session is a random token; the database keeps only its SHA-256,
//! so that a stolen backup opens nothing. Security runs on the machine's clock, also in a demo.

use sha2::{Digest, Sha256};

use super::access::{Grant, Role};
use super::passwords;
use crate::args;
use crate::foundation::db::{Db, DbError};
use crate::foundation::ids::{AccountId, MemberId, UnitId};
use crate::foundation::{Clock, Fault, Lang, secret};

/// How long a browser stays signed in without being used: 30 days for old phones on weak lines.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// Wrong passwords in a row before a name has to wait.
const MOST_FAILURES: i64 = 5;
/// How long it then waits.
const WAIT_MS: i64 = 5 * 60_000;
/// The cookie's name.
pub const COOKIE: &str = "lantoa_session";

/// An account with what it may do.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    pub display_name: String,
    pub lang: Lang,
    /// The member of a team that the person is.
    pub member_id: Option<MemberId>,
    /// Notices not yet read.
    pub unread: i64,
    pub grants: Vec<Grant>,
}

/// A session found by its token.
#[derive(Debug, Clone)]
pub struct Session {
    pub account: Account,
    /// Whose eyes the account looks through.
    pub view_as: Option<Account>,
}

/// Checks name and password and opens a session; gives the token.
pub async fn sign_in(db: &Db, name: &str, password: &str) -> Result<String, Fault> {
    let now = Clock::System.now();
    let name = name.trim().to_lowercase();
    let failures = db
        .row("SELECT failures, last_at FROM sign_in_failure WHERE sign_in_name = $1", args![&name])
        .await?;
    if let Some(row) = failures {
        let last: i64 = row.get("last_at")?;
        if row.get::<i64>("failures")? >= MOST_FAILURES && now - last < WAIT_MS {
            return Err(Fault::TooMany);
        }
    }
    let found = db
        .row(
            "SELECT id, password_hash FROM account
             WHERE sign_in_name = $1 AND disabled_at IS NULL",
            args![&name],
        )
        .await?;
    let (id, stored) = match found {
        Some(row) => (Some(row.get::<AccountId>("id")?), row.get::<String>("password_hash")?),
        // An unknown name costs the same time as a wrong password.
        None => (None, passwords::hash("nobody")),
    };
    let password = password.to_owned();
    let matches = tokio::task::spawn_blocking(move || passwords::verify(&password, &stored))
        .await
        .map_err(Fault::internal)?;
    let mut tx = db.begin().await?;
    let Some(id) = id.filter(|_| matches) else {
        tx.execute(
            "INSERT INTO sign_in_failure (sign_in_name, failures, last_at) VALUES ($1, 1, $2)
             ON CONFLICT (sign_in_name) DO UPDATE
             SET failures = CASE WHEN excluded.last_at - sign_in_failure.last_at > 300000 THEN 1
                                 ELSE sign_in_failure.failures + 1 END,
                 last_at = excluded.last_at",
            args![&name, now],
        )
        .await?;
        tx.commit().await?;
        return Err(Fault::NotAllowed);
    };
    let token = hex::encode(secret::random());
    tx.execute("DELETE FROM sign_in_failure WHERE sign_in_name = $1", args![&name]).await?;
    tx.execute("DELETE FROM session WHERE expires_at < $1", args![now]).await?;
    tx.execute(
        "INSERT INTO session (token_hash, account_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4)",
        args![hash_of(&token), id, now, now + KEPT_MS],
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// Ends a session.
pub async fn sign_out(db: &Db, token: &str) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute("DELETE FROM session WHERE token_hash = $1", args![hash_of(token)]).await?;
    tx.commit().await
}

/// Looks through another's eyes, or through one's own again.
pub async fn view_as(db: &Db, token: &str, whom: Option<AccountId>) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute(
        "UPDATE session SET view_as_id = $1 WHERE token_hash = $2",
        args![whom, hash_of(token)],
    )
    .await?;
    tx.commit().await
}

/// The session of a token, if it is still good.
pub async fn of_token(db: &Db, token: &str) -> Result<Option<Session>, DbError> {
    let rows = db
        .rows(
            "SELECT a.id, a.display_name, a.language, a.member_id,
                    (SELECT COUNT(*) FROM notice n
                     WHERE n.member_id = a.member_id AND n.read_at IS NULL) AS unread, g.role, g.unit_id, u.name AS unit_name,
                    CASE WHEN a.id = s.account_id THEN 1 ELSE 0 END AS own
             FROM session s
             JOIN account me ON me.id = s.account_id AND me.disabled_at IS NULL
             JOIN account a ON a.id = s.account_id OR a.id = s.view_as_id
             LEFT JOIN role_grant g ON g.account_id = a.id
             LEFT JOIN unit u ON u.id = g.unit_id
             WHERE s.token_hash = $1 AND s.expires_at > $2",
            args![hash_of(token), Clock::System.now()],
        )
        .await?;
    let (mut own, mut other): (Option<Account>, Option<Account>) = (None, None);
    for row in &rows {
        let slot = if row.get("own")? { &mut own } else { &mut other };
        let account = match slot {
            Some(account) => account,
            None => slot.insert(Account {
                id: row.get("id")?,
                display_name: row.get("display_name")?,
                lang: Lang::of(&row.get::<String>("language")?),
                member_id: row.get("member_id")?,
                unread: row.get("unread")?,
                grants: vec![],
            }),
        };
        if let Some(unit_id) = row.get::<Option<UnitId>>("unit_id")? {
            account.grants.push(Grant {
                role: row.parse::<Role>("role")?,
                unit_id,
                unit_name: row.get("unit_name")?,
            });
        }
    }
    Ok(own.map(|account| Session { account, view_as: other }))
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
