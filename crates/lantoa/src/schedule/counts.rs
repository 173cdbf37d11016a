//! The roster of an activity in figures. Rosters are kept by a room above this one, which leaves
//! the figures in the view `roster_count` for the pages of activities to show.

use std::collections::HashMap;

use crate::foundation::ids::ActivityId;
use crate::foundation::{Conditions, Db, DbError, Value};

/// A roster in figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Everyone on it.
    pub listed: i64,
    /// Of these, who signed up by themselves.
    pub signed_up: i64,
    /// Everyone who did not decline.
    pub coming: i64,
    pub confirmed: i64,
    pub declined: i64,
    pub reminded: i64,
    pub attended: i64,
    pub no_show: i64,
}

/// The rosters of some activities; who has nobody on it is left out.
pub async fn roster_counts(
    db: &Db,
    activities: &[ActivityId],
) -> Result<HashMap<ActivityId, Counts>, DbError> {
    let mut found = HashMap::new();
    for some in activities.chunks(400) {
        let mut conditions = Conditions::new();
        conditions.one_of("activity_id", some.iter().map(Value::from).collect());
        let statement = format!(
            "SELECT activity_id, listed, signed_up, coming, confirmed, declined, reminded, attended,
                    no_show FROM roster_count{}",
            conditions.text()
        );
        for row in db.rows(&statement, conditions.values()).await? {
            let counts = Counts {
                listed: row.get("listed")?,
                signed_up: row.get("signed_up")?,
                coming: row.get("coming")?,
                confirmed: row.get("confirmed")?,
                declined: row.get("declined")?,
                reminded: row.get("reminded")?,
                attended: row.get("attended")?,
                no_show: row.get("no_show")?,
            };
            found.insert(row.get("activity_id")?, counts);
        }
    }
    Ok(found)
}
