//! The registers an office keeps: hamlets, venues, vehicles and other assets, teams and their
//! members. Each register is described once - its table, its fields and who may change it - and
//! from that description come its list, its pages, its spreadsheet template, import and export,
//! and its JSON.

mod api;
mod pages;
pub mod store;

pub use api::api;
pub use pages::{routes, unit_choices};

use crate::people::{Act, Position, TeamKind};
use crate::units::{AssetKind, VenueKind};

/// A register: which table, which fields, who may change it.
pub struct Register {
    /// The word in the audit log, the API and the command line.
    pub subject: &'static str,
    pub table: &'static str,
    /// Where its pages are.
    pub path: &'static str,
    /// Its place in the navigation; also the title of its list.
    pub nav: &'static str,
    /// Title of the page that adds one.
    pub new_key: &'static str,
    pub edit: Act,
    /// The fields, in the order of forms and spreadsheets.
    pub fields: &'static [Spec],
    /// The unit that decides who reads and changes a row.
    pub unit: &'static str,
    /// Fields that together tell one row from another, so that importing twice changes nothing.
    pub natural_key: &'static [&'static str],
}

/// A field of a register.
pub struct Spec {
    /// Column of the table, field of the form, property of the JSON.
    pub name: &'static str,
    /// Key of its label, also the title of its column in a spreadsheet.
    pub label: &'static str,
    pub kind: SpecKind,
    pub needed: bool,
    /// Shown in the list.
    pub listed: bool,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpecKind {
    /// Text of at most so many characters.
    Text(usize),
    /// A whole number from zero to this.
    Number(i64),
    /// Degrees between these.
    Degrees(f64, f64),
    /// A word of a vocabulary: family of translation keys, and the words.
    Word(&'static str, &'static [&'static str]),
    /// A unit: a commune above a hamlet where true, else any unit in reach.
    Unit { commune_only: bool },
    /// A team.
    Team,
    /// A phone number, shown only to those who may read contacts.
    Phone,
}

macro_rules! codes {
    ($name:ident, $of:ty, $count:literal) => {
        const $name: [&str; $count] = {
            let mut codes = [""; $count];
            let mut index = 0;
            while index < $count {
                codes[index] = <$of>::ALL[index].code();
                index += 1;
            }
            codes
        };
    };
}
codes!(VENUE_KINDS, VenueKind, 7);
codes!(ASSET_KINDS, AssetKind, 4);
codes!(TEAM_KINDS, TeamKind, 9);
codes!(POSITIONS, Position, 2);
/// What the smallest units are called.
const HAMLET_KINDS: [&str; 6] = ["thon", "xom", "to_dan_pho", "ban", "ap", "khu_pho"];

const fn field(name: &'static str, label: &'static str, kind: SpecKind) -> Spec {
    Spec { name, label, kind, needed: false, listed: false }
}

const fn needed(name: &'static str, label: &'static str, kind: SpecKind) -> Spec {
    Spec { name, label, kind, needed: true, listed: true }
}

const fn listed(name: &'static str, label: &'static str, kind: SpecKind) -> Spec {
    Spec { name, label, kind, needed: false, listed: true }
}

const ANY_UNIT: SpecKind = SpecKind::Unit { commune_only: false };

/// Thôn, xóm, tổ dân phố.
pub static HAMLETS: Register = Register {
    subject: "hamlet",
    table: "unit",
    path: "/hamlets",
    nav: "nav-hamlets",
    new_key: "hamlet-new",
    edit: Act::EditUnits,
    unit: "r.id",
    natural_key: &["parent_id", "code"],
    fields: &[
        needed("parent_id", "field-commune", SpecKind::Unit { commune_only: true }),
        needed("code", "field-hamlet-code", SpecKind::Text(20)),
        needed("kind", "field-kind", SpecKind::Word("hamlet-kind", &HAMLET_KINDS)),
        needed("name", "field-name", SpecKind::Text(120)),
        listed("households", "field-households", SpecKind::Number(100_000)),
        listed("population", "field-population", SpecKind::Number(1_000_000)),
        listed("adults", "field-adults", SpecKind::Number(1_000_000)),
        field("lat", "field-lat", SpecKind::Degrees(7.0, 24.0)),
        field("lon", "field-lon", SpecKind::Degrees(101.0, 118.0)),
    ],
};

/// Nhà văn hóa, bộ phận một cửa, …
pub static VENUES: Register = Register {
    subject: "venue",
    table: "venue",
    path: "/venues",
    nav: "nav-venues",
    new_key: "venue-new",
    edit: Act::EditUnits,
    unit: "r.unit_id",
    natural_key: &["unit_id", "name"],
    fields: &[
        needed("unit_id", "field-unit", ANY_UNIT),
        needed("kind", "field-kind", SpecKind::Word("venue-kind", &VENUE_KINDS)),
        needed("name", "field-name", SpecKind::Text(120)),
        listed("address", "field-address", SpecKind::Text(200)),
        listed("capacity", "field-capacity", SpecKind::Number(100_000)),
        field("lat", "field-lat", SpecKind::Degrees(7.0, 24.0)),
        field("lon", "field-lon", SpecKind::Degrees(101.0, 118.0)),
    ],
};

/// Xe loa, máy chiếu, …
pub static ASSETS: Register = Register {
    subject: "asset",
    table: "asset",
    path: "/assets",
    nav: "nav-assets",
    new_key: "asset-new",
    edit: Act::EditUnits,
    unit: "r.unit_id",
    natural_key: &["unit_id", "name", "code"],
    fields: &[
        needed("unit_id", "field-unit", ANY_UNIT),
        needed("kind", "field-kind", SpecKind::Word("asset-kind", &ASSET_KINDS)),
        needed("name", "field-name", SpecKind::Text(120)),
        listed("code", "field-asset-code", SpecKind::Text(40)),
        field("note", "field-note", SpecKind::Text(500)),
    ],
};

/// Tổ công nghệ số cộng đồng và các lực lượng khác.
pub static TEAMS: Register = Register {
    subject: "team",
    table: "team",
    path: "/teams",
    nav: "nav-teams",
    new_key: "team-new",
    edit: Act::EditTeams,
    unit: "r.unit_id",
    natural_key: &["unit_id", "name"],
    fields: &[
        needed("unit_id", "field-unit", ANY_UNIT),
        needed("kind", "field-kind", SpecKind::Word("team-kind", &TEAM_KINDS)),
        needed("name", "field-name", SpecKind::Text(120)),
        listed("decision", "field-decision", SpecKind::Text(120)),
    ],
};

/// Thành viên của các tổ.
pub static MEMBERS: Register = Register {
    subject: "member",
    table: "member",
    path: "/members",
    nav: "nav-members",
    new_key: "member-new",
    edit: Act::EditTeams,
    unit: "(SELECT t.unit_id FROM team t WHERE t.id = r.team_id)",
    natural_key: &["team_id", "name", "phone"],
    fields: &[
        needed("team_id", "field-team", SpecKind::Team),
        needed("name", "field-person-name", SpecKind::Text(120)),
        listed("phone", "field-phone", SpecKind::Phone),
        needed("position", "field-position", SpecKind::Word("position", &POSITIONS)),
        listed("organisation", "field-organisation", SpecKind::Text(120)),
    ],
};

/// Every register.
pub static ALL: [&Register; 5] = [&HAMLETS, &VENUES, &ASSETS, &TEAMS, &MEMBERS];

impl Register {
    /// The register of a subject.
    pub fn of(subject: &str) -> Option<&'static Register> {
        ALL.into_iter().find(|register| register.subject == subject)
    }

    /// Its name in addresses: `hamlets`, `venues`, `assets`, `teams`, `members`.
    pub fn name(&self) -> &'static str {
        self.path.trim_start_matches('/')
    }

    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&'static Spec> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that says where a row belongs.
    pub fn home_field(&self) -> &'static Spec {
        &self.fields[0]
    }
}
