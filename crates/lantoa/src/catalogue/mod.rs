//! The catalogue of topics: versioned lists of public services with their legal basis, and the
//! digital skills that outreach teaches beside them.

pub mod model;
mod pages;
pub mod store;

pub use model::{ServiceList, Topic, TopicKind};
pub use pages::routes;

use crate::foundation::{Db, DbError, T};

/// The topics in force as choices of a form: id and name.
pub async fn choices(db: &Db, t: T) -> Result<Vec<(String, String)>, DbError> {
    let topics = store::topics(db).await?;
    Ok(topics.iter().map(|topic| (topic.id.to_string(), topic.label(t))).collect())
}
