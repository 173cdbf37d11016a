//! The few facts an installation knows about itself: its home unit, whether it is a demo.

use super::db::{Db, DbError, Tx};
use crate::args;

/// The unit this installation works for.
pub const HOME_UNIT: &str = "home_unit";
/// Present on a demo: the instant at which its clock stands, in epoch milliseconds.
pub const DEMO_CLOCK: &str = "demo_clock";

/// The value of a setting, if it was ever set.
pub async fn get(db: &Db, key: &str) -> Result<Option<String>, DbError> {
    let row = db.row("SELECT value FROM setting WHERE key = $1", args![key]).await?;
    row.map(|row| row.get("value")).transpose()
}

/// Sets a setting.
pub async fn set(tx: &mut Tx, key: &str, value: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO setting (key, value) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        args![key, value],
    )
    .await?;
    Ok(())
}
