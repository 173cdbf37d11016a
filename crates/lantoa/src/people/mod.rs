//! People: who signs in, what each may do and where, the teams that go out and their members.
//! [`access`] is the one place that decides who reads and writes what; no query over people's
//! records runs without a [`access::Scope`], and only that file can make one.

pub mod access;
pub mod actor;
pub mod model;
pub mod passwords;
pub mod sessions;

pub use access::{Act, Grant, Role, Scope};
pub use actor::Actor;
pub use model::{Member, Position, Team, TeamKind};

use crate::foundation::Shared;

/// The pages of this room.
pub fn routes() -> axum::Router<Shared> {
    axum::Router::new()
}
