//! The books that are exchanged, and their columns.

use crate::foundation::T;
use crate::people::Act;
use crate::registers::{self, Register, SpecKind};

/// What a spreadsheet holds.
#[derive(Clone, Copy)]
pub enum Book {
    /// Rows of a register.
    Register(&'static Register),
    /// People and households reached.
    Encounters,
    /// What was planned and held; it goes out only.
    Activities,
    /// A list of services as an authority decided it.
    Services,
}

/// A column of a book.
pub struct Column {
    /// Field of the form that a row becomes.
    pub name: &'static str,
    /// Key of its title.
    pub label: &'static str,
    pub needed: bool,
    pub numeric: bool,
    /// What may stand in it, as people read it.
    pub accepts: String,
}

impl Book {
    /// Every book, in the order in which a new office needs them.
    pub fn all() -> Vec<Book> {
        let mut books: Vec<Book> = registers::ALL.into_iter().map(Book::Register).collect();
        books.extend([Book::Encounters, Book::Activities, Book::Services]);
        books
    }

    /// The book of this name.
    pub fn of(name: &str) -> Option<Book> {
        Self::all().into_iter().find(|book| book.name() == name)
    }

    /// Its name in addresses and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Book::Register(register) => register.name(),
            Book::Encounters => "encounters",
            Book::Activities => "activities",
            Book::Services => "services",
        }
    }

    /// Key of its title.
    pub fn title(self) -> &'static str {
        match self {
            Book::Register(register) => register.nav,
            Book::Encounters => "nav-encounters",
            Book::Activities => "nav-activities",
            Book::Services => "book-services",
        }
    }

    /// What one must be allowed to do to bring it in.
    pub fn act(self) -> Act {
        match self {
            Book::Register(register) => register.edit,
            Book::Encounters => Act::RecordEncounters,
            Book::Activities => Act::EditActivities,
            Book::Services => Act::EditCatalogue,
        }
    }

    /// Whether it can be brought in; else it only goes out.
    pub fn comes_in(self) -> bool {
        !matches!(self, Book::Activities)
    }

    /// Its columns, in the order of the template.
    pub fn columns(self, t: T) -> Vec<Column> {
        let column = |name, label, needed: bool, accepts: &str| Column {
            name,
            label,
            needed,
            numeric: accepts == "accepts-number",
            accepts: if accepts.is_empty() { String::new() } else { t.get(accepts) },
        };
        match self {
            Book::Register(register) => register
                .fields
                .iter()
                .map(|field| {
                    let accepts = match field.kind {
                        SpecKind::Number(_) => "accepts-number",
                        SpecKind::Degrees(..) => "accepts-degrees",
                        SpecKind::Unit { commune_only: true } => "accepts-commune",
                        SpecKind::Unit { .. } => "accepts-unit",
                        SpecKind::Team => "accepts-team",
                        SpecKind::Phone => "accepts-phone",
                        SpecKind::Text(_) | SpecKind::Word(..) => "accepts-text",
                    };
                    let mut column = column(field.name, field.label, field.needed, accepts);
                    if let SpecKind::Word(family, words) = field.kind {
                        column.accepts = one_of(t, family, words);
                    }
                    column
                })
                .collect(),
            Book::Encounters => {
                let mut columns = vec![
                    column("reference", "encounter-reference", false, "accepts-reference"),
                    column("day", "encounter-day", true, "accepts-date"),
                    column("time", "encounter-time", false, "accepts-time"),
                    column("unit", "encounter-unit", true, "accepts-unit"),
                    column("channel", "encounter-channel", true, ""),
                    column("person", "encounter-person", false, "accepts-person"),
                    column("household", "encounter-household", false, "accepts-text"),
                    column("age", "encounter-age", false, ""),
                    column("topic", "encounter-topics", true, "accepts-topics"),
                    column("outcome", "encounter-outcome", true, ""),
                    column("reason", "encounter-reason", false, "accepts-reason"),
                    column("note", "encounter-note", false, "accepts-text"),
                    column("campaign", "encounter-campaign", false, "accepts-campaign"),
                ];
                for column in &mut columns {
                    if let Some((family, words)) = vocabulary(column.name) {
                        column.accepts = one_of(t, family, &words);
                    }
                }
                columns
            }
            Book::Activities => vec![
                column("day", "activity-day", true, "accepts-date"),
                column("from", "activity-from", true, "accepts-time"),
                column("to", "activity-to", true, "accepts-time"),
                column("kind", "activity-kind", true, "accepts-text"),
                column("title", "activity-title", true, "accepts-text"),
                column("unit", "unit", true, "accepts-unit"),
                column("place", "activity-venue", false, "accepts-text"),
                column("team", "activity-team", false, "accepts-team"),
                column("state", "activity-state", false, "accepts-text"),
                column("headcount", "activity-headcount", false, "accepts-number"),
                column("minutes", "activity-minutes", false, "accepts-text"),
                column("campaign", "activity-campaign", false, "accepts-campaign"),
            ],
            Book::Services => vec![
                column("code", "list-code", true, "accepts-list-code"),
                column("title", "list-title", true, "accepts-same"),
                column("basis", "list-basis", true, "accepts-same"),
                column("source", "list-source", true, "accepts-same"),
                column("position", "topic-position", true, "accepts-number"),
                column("name", "topic-name", true, "accepts-service"),
                column("agency", "topic-agency", false, "accepts-text"),
                column("group", "topic-group", false, "accepts-group"),
            ],
        }
    }
}

/// The vocabulary of a column of encounters: family of translation keys, and its words.
pub(super) fn vocabulary(name: &str) -> Option<(&'static str, Vec<&'static str>)> {
    use crate::encounters::{AgeGroup, Outcome};
    use crate::schedule::ActivityKind;
    match name {
        "channel" => Some(("kind", ActivityKind::ALL.map(ActivityKind::code).to_vec())),
        "age" => Some(("age", AgeGroup::ALL.map(AgeGroup::code).to_vec())),
        "outcome" => Some(("outcome", Outcome::ALL.map(Outcome::code).to_vec())),
        _ => None,
    }
}

/// "Một trong: Thôn; Xóm; …".
pub(super) fn one_of(t: T, family: &str, words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| t.word(family, word)).collect();
    t.with("accepts-one-of", "words", words.join("; "))
}
