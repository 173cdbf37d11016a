//! Timetables planned by the machine: what is asked of one, the problem made from a campaign's
//! hamlets, teams, halls and vehicles, the search beside the requests, what it found and why, and
//! how it goes onto the calendar - again and again, as things change.

mod assemble;
pub mod brief;
pub mod calendar;
pub mod compare;
mod form;
pub mod ground;
pub mod job;
mod pages;
mod spans;
pub mod store;
pub mod travel;
pub mod world;
mod writing;

pub use pages::routes;
pub use store::recover;
