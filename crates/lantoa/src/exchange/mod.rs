//! Spreadsheets in and out. Every book - hamlets, venues, assets, teams, members, encounters,
//! lists of services - has one set of columns for its template, its import and its export.
//! An import is tried first and changes nothing; every error is named by sheet, row, column and
//! reason; then all of it is written or nothing. Bringing the same file in again changes nothing.

mod book;
mod export;
mod import;
mod pages;
mod sheet;

pub use book::Book;
pub use export::{Asked, Format, export, template};
pub use import::{Done, Flaw, bring_in};
pub use pages::routes;
