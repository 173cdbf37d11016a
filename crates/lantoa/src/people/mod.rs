//! People: who signs in, what each may do and where, the teams that go out and their members.
//! [`access`] is the one place that decides who reads and writes what; no query over people's
//! records runs without a [`access::Scope`], and only that file can make one.

pub mod access;
pub mod accounts;
pub mod actor;
pub mod model;
pub mod notices;
pub mod pages;
pub mod passwords;
pub mod sessions;

pub use access::{Act, Grant, Role, Scope};
pub use accounts::scope_of;
pub use actor::Actor;
pub use model::{Position, TeamKind};
pub use notices::NoticeKind;
pub use pages::{routes, to_manage};
