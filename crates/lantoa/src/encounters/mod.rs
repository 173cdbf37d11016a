//! encounters

pub mod model;
pub use model::{AgeGroup, Encounter, Outcome, TopicOutcome};

use crate::foundation::Shared;

/// The pages of this room.
pub fn routes() -> axum::Router<Shared> {
    axum::Router::new()
}
