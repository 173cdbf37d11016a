//! catalogue

pub mod model;
pub use model::{ServiceList, Topic, TopicKind};

use crate::foundation::Shared;

/// The pages of this room.
pub fn routes() -> axum::Router<Shared> {
    axum::Router::new()
}
