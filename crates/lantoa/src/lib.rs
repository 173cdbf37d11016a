//! Lan Tỏa: the desk from which a commune, district or province plans, runs and proves its
//! digital-transformation outreach. One room (module) per part of the product; arrows between
//! rooms point one way, as ARCHITECTURE.md draws them.

pub mod campaigns;
pub mod catalogue;
pub mod cli;
pub mod demo;
pub mod encounters;
pub mod exchange;
pub mod foundation;
pub mod measures;
pub mod people;
pub mod planning;
pub mod registers;
pub mod reports;
pub mod rosters;
pub mod runs;
pub mod schedule;
pub mod site;
pub mod start;
pub mod trash;
pub mod units;
