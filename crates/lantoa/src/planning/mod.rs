//! Timetables planned by the machine.

pub mod brief;
pub mod ground;
pub mod job;
pub mod spans;
pub mod store;
pub mod travel;
pub mod world;
