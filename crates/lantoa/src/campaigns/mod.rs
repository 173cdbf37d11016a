//! Campaigns: a goal, a period, the units and topics, the forces that take part, and targets.

pub mod model;
pub mod pages;
pub mod store;

pub use model::{Campaign, Force, Measure, Target, Template};
pub use pages::routes;
