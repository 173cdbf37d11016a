//! schedule

pub mod model;
pub use model::{Activity, ActivityKind, State};

use crate::foundation::Shared;

/// The pages of this room.
pub fn routes() -> axum::Router<Shared> {
    axum::Router::new()
}
