//! Timetables planned by the machine.

pub mod brief;
pub mod ground;
pub mod spans;
pub mod travel;
pub mod world;
