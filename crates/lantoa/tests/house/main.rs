//! What the product promises, told through its own doors: pages, API and command line, on a real
//! database. `LANTOA_TEST_DATABASE=postgres://…` runs the same tests on `PostgreSQL`.
#![allow(clippy::unwrap_used)]

mod access;
mod api;
mod calendar;
mod cli;
mod doors;
mod exchange;
mod figures;
mod journey;
mod planning;
mod rosters;
mod routes;
mod runs;
mod texts;
mod upgrade;
mod world;
