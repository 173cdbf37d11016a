//! Timetables planned by the machine.

pub mod brief;
pub mod travel;
