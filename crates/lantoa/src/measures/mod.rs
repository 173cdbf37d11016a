//! What outreach achieved: coverage by unit, topic, channel, age, week and outcome, progress
//! against targets, hamlets not reached, and the board that shows it all every morning. Every
//! figure has its numerator and denominator and opens to the records that it counts.

mod api;
mod board;
pub mod figures;
mod pages;

pub use api::api;
pub use pages::routes;
