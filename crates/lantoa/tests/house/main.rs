//! What the product promises, told through its own doors: pages, API and command line, on a real
//! database. `LANTOA_TEST_DATABASE=postgres://…` runs the same tests on `PostgreSQL`.
#![allow(clippy::unwrap_used)]

mod access;
mod api;
mod cli;
mod doors;
mod exchange;
mod figures;
mod journey;
mod planning;
mod routes;
mod texts;
mod world;
