//! Mobile loudspeaker runs: the stops of a vehicle in their order - roads driven through while
//! the script is read, then residential stops where people are guided - with the crew, the
//! vehicle, a check that every leg can be driven in time, and the run sheet on one page.

pub mod model;
pub mod store;

pub use model::{RunStop, StopKind};
