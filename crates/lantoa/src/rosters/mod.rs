//! Rosters: when members are free, who takes part in which activity and what they answered, who
//! was there, what they are told and when, and where people are missing.

pub mod availability;
mod hours;

pub use hours::Span;
