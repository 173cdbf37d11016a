//! Accounts and the roles they hold.

use super::access::{Act, Grant, Role, Scope};
use super::passwords;
use crate::args;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::ids::{AccountId, MemberId, UnitId};
use crate::foundation::{Conditions, Db, DbError, Tx};

/// An account as administrators see it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: AccountId,
    pub sign_in_name: String,
    pub display_name: String,
    pub disabled: bool,
    /// Role, unit, name of the unit.
    pub grants: Vec<(Role, UnitId, String)>,
}

/// Accounts that hold a role on a unit of the scope, in the order of their sign-in names; with no
/// scope, all of them.
pub async fn list(db: &Db, scope: Option<&Scope>) -> Result<Vec<Listed>, DbError> {
    let mut conditions = Conditions::new();
    if let Some(scope) = scope {
        scope.restrict(&mut conditions, "g.unit_id");
    }
    let statement = format!(
        "SELECT a.id, a.sign_in_name, a.display_name, a.disabled_at, g.role, g.unit_id,
                u.name AS unit_name
         FROM account a JOIN role_grant g ON g.account_id = a.id JOIN unit u ON u.id = g.unit_id{}
         ORDER BY a.sign_in_name, g.role",
        conditions.text()
    );
    let mut found: Vec<Listed> = vec![];
    for row in db.rows(&statement, conditions.values()).await? {
        let id: AccountId = row.get("id")?;
        if found.last().is_none_or(|last| last.id != id) {
            found.push(Listed {
                id,
                sign_in_name: row.get("sign_in_name")?,
                display_name: row.get("display_name")?,
                disabled: row.get::<Option<i64>>("disabled_at")?.is_some(),
                grants: vec![],
            });
        }
        if let Some(last) = found.last_mut() {
            last.grants.push((row.parse("role")?, row.get("unit_id")?, row.get("unit_name")?));
        }
    }
    Ok(found)
}

/// An account to make.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub sign_in_name: String,
    pub display_name: String,
    pub password_hash: String,
    pub grants: Vec<(Role, UnitId)>,
}

/// Makes an account.
pub async fn add(tx: &mut Tx, new: &NewAccount, by: &Doer) -> Result<AccountId, DbError> {
    let id = AccountId::new();
    tx.execute(
        "INSERT INTO account (id, sign_in_name, display_name, password_hash, language, created_at)
         VALUES ($1, $2, $3, $4, 'vi', $5)",
        args![id, new.sign_in_name.to_lowercase(), &new.display_name, &new.password_hash, by.at],
    )
    .await?;
    let grants = new.grants.iter().map(|(role, unit)| args![id, role.code(), unit]);
    tx.insert_many(
        "INSERT INTO role_grant (account_id, role, unit_id)",
        grants,
        "ON CONFLICT DO NOTHING",
    )
    .await?;
    Entry::new("created", "account", id.0, &new.display_name)
        .in_unit(new.grants.first().map(|grant| grant.1))
        .write(tx, by)
        .await?;
    Ok(id)
}

/// Sets a password and ends all sessions of the account.
pub async fn set_password(
    tx: &mut Tx,
    id: AccountId,
    hash: &str,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute("UPDATE account SET password_hash = $1 WHERE id = $2", args![hash, id]).await?;
    tx.execute("DELETE FROM session WHERE account_id = $1", args![id]).await?;
    Entry::new("changed", "account", id.0, "password").write(tx, by).await
}

/// Disables an account, or enables it again.
pub async fn set_disabled(
    tx: &mut Tx,
    account: &Listed,
    away: bool,
    by: &Doer,
) -> Result<(), DbError> {
    let at = away.then_some(by.at);
    tx.execute("UPDATE account SET disabled_at = $1 WHERE id = $2", args![at, account.id]).await?;
    tx.execute("DELETE FROM session WHERE account_id = $1", args![account.id]).await?;
    Entry::new(
        if away { "deleted" } else { "restored" },
        "account",
        account.id.0,
        &account.display_name,
    )
    .in_unit(account.grants.first().map(|grant| grant.1))
    .write(tx, by)
    .await
}

/// The member that an account is, if it is one's.
pub async fn member_of(db: &Db, id: AccountId) -> Result<Option<MemberId>, DbError> {
    let row = db.row("SELECT member_id FROM account WHERE id = $1", args![id]).await?;
    row.map_or(Ok(None), |row| row.get("member_id"))
}

/// Says which member an account is, or that it is nobody's.
pub async fn set_member(
    tx: &mut Tx,
    account: &Listed,
    member: Option<MemberId>,
    by: &Doer,
) -> Result<(), DbError> {
    tx.execute("UPDATE account SET member_id = $1 WHERE id = $2", args![member, account.id])
        .await?;
    Entry::new("changed", "account", account.id.0, &account.display_name)
        .in_unit(account.grants.first().map(|grant| grant.1))
        .detail(serde_json::json!({ "member": member }))
        .write(tx, by)
        .await
}

/// Whether a text can be a sign-in name: 3 to 40 of a–z, 0–9, dot, hyphen, underscore.
pub fn is_sign_in_name(text: &str) -> bool {
    (3..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
}

/// The hash of a password, made off the async threads.
pub async fn hash(password: &str) -> Result<String, crate::foundation::Fault> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || passwords::hash(&password))
        .await
        .map_err(crate::foundation::Fault::internal)
}

/// The units on which an account may do something, where nobody is signed in, as when a calendar
/// program reads; none where it may not, or is disabled.
pub async fn scope_of(db: &Db, id: AccountId, act: Act) -> Result<Option<Scope>, DbError> {
    let rows = db
        .rows(
            "SELECT g.role, g.unit_id, u.name AS unit_name FROM role_grant g
             JOIN account a ON a.id = g.account_id AND a.disabled_at IS NULL
             JOIN unit u ON u.id = g.unit_id WHERE g.account_id = $1",
            args![id],
        )
        .await?;
    let grants = rows
        .iter()
        .map(|row| {
            Ok(Grant {
                role: row.parse("role")?,
                unit_id: row.get("unit_id")?,
                unit_name: row.get("unit_name")?,
            })
        })
        .collect::<Result<Vec<_>, DbError>>()?;
    Ok(Scope::of(&grants, act).ok())
}
