//! Timetables of vehicles, crews, teams and venues. A [`Problem`] goes in: shifts (a vehicle with
//! its crew on one day), visits (a session in a hamlet with its allowed start times), resources
//! that visits share across vehicles (the host team, the village hall), travel times. A
//! [`Timetable`] comes out, with its bill and, for every visit left out, a reason that holds.
//!
//! This crate knows nothing of files, clocks, databases or the screen: whoever calls it says how
//! much of the budget is spent. The same problem, seed and number of iterations give the same
//! timetable.
//!
//! * [`plan`] searches (ruin and recreate by string removals: Christiaens and Vanden Berghe, "Slack
//!   Induction by String Removals for Vehicle Routing Problems", Transportation Science 54(2), 2020);
//! * [`repair`] changes a plan as little as it can;
//! * [`explain`] says why: why here, why not at all;
//! * [`verify`] checks every rule on its own, sharing no code with the search;
//! * [`formats`] reads and writes instances that other programs know.

pub mod formats;
pub mod generate;
mod problem;
mod search;
pub mod verify;

pub use problem::{
    Bill, Costs, Matrix, Problem, Route, Shift, Slot, Stop, Time, Timetable, Unsound, Visit,
};
pub use search::{Attempts, Progress, Search, Watch, explain, plan, repair};
