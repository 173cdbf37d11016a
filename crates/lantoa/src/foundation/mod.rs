//! What every room stands on: the database, the clock, identifiers, the translation catalogue,
//! the page shell, errors and their one way to a reader, the audit log, and configuration.
//! It knows nothing of campaigns or encounters; rooms know it, never the other way round.

pub mod api;
pub mod app;
pub mod audit;
pub mod calendar;
pub mod clock;
pub mod conditions;
pub mod config;
pub mod db;
pub mod error;
pub mod form;
pub mod ids;
pub mod page;
pub mod secret;
pub mod settings;
pub mod telemetry;
pub mod text;
pub mod view;
pub mod web;
pub mod work;

pub use app::{App, Shared};
pub use clock::Clock;
pub use conditions::Conditions;
pub use db::{Db, DbError, Row, Tx, Value};
pub use error::{Fault, Outcome};
pub use page::{Shell, render};
pub use text::{Lang, T};
