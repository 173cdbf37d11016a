//! Who may do what, and on which units: decided here and nowhere else (promise 4).

use std::collections::HashSet;

use crate::args;
use crate::foundation::db::{Db, DbError, Value};
use crate::foundation::ids::UnitId;
use crate::foundation::{Conditions, Fault};

/// What an account is for. A role is always bound to a unit and holds for its whole subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Quản trị: accounts, roles, everything in the subtree.
    Administrator,
    /// Công chức văn hóa - xã hội: plans, records, reports.
    Officer,
    /// Tổ trưởng: runs the activities of the own hamlet or commune.
    TeamLead,
    /// Thành viên: records the people guided.
    Member,
    /// Cán bộ một cửa, công an, bưu điện: records visitors.
    Counter,
    /// Đài truyền thanh: runs broadcasts and loudspeaker vehicles.
    Loudspeaker,
    /// Lãnh đạo: reads.
    Viewer,
}

impl Role {
    /// All roles, from the widest to the narrowest.
    pub const ALL: [Role; 7] = [
        Role::Administrator,
        Role::Officer,
        Role::TeamLead,
        Role::Member,
        Role::Counter,
        Role::Loudspeaker,
        Role::Viewer,
    ];

    /// The name in the database, the API and the translation keys (`role-…`).
    pub fn code(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Officer => "officer",
            Role::TeamLead => "team_lead",
            Role::Member => "member",
            Role::Counter => "counter",
            Role::Loudspeaker => "loudspeaker",
            Role::Viewer => "viewer",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Role::ALL.into_iter().find(|role| role.code() == code).ok_or(())
    }
}

/// Something a person may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Look at units, venues, teams (without phone numbers), assets, catalogue, campaigns,
    /// activities and figures.
    Look,
    /// Read members' phone numbers.
    ReadContacts,
    /// Change units, venues, assets.
    EditUnits,
    /// Change teams and members.
    EditTeams,
    /// Change the lists of services.
    EditCatalogue,
    /// Create and change campaigns and targets.
    EditCampaigns,
    /// Create and change activities, and say who goes to them.
    EditActivities,
    /// Answer for oneself: when one is free, whether one comes.
    TakePart,
    /// Read encounters.
    ReadEncounters,
    /// Record encounters.
    RecordEncounters,
    /// Correct or withdraw encounters, also those of others.
    CorrectEncounters,
    /// Import and export spreadsheets.
    Exchange,
    /// Make official reports.
    MakeReports,
    /// Create accounts and give roles.
    ManageAccounts,
    /// Read the audit log.
    ReadAudit,
    /// Look at the product through another person's eyes.
    ViewAs,
}

impl Act {
    /// Whether it only reads.
    pub fn only_reads(self) -> bool {
        matches!(
            self,
            Act::Look | Act::ReadContacts | Act::ReadEncounters | Act::ReadAudit | Act::MakeReports
        )
    }
}

/// The table of rights.
fn allows(role: Role, act: Act) -> bool {
    use Act as A;
    match role {
        Role::Administrator => true,
        Role::Officer => !matches!(act, A::ManageAccounts),
        Role::TeamLead => matches!(
            act,
            A::Look
                | A::ReadContacts
                | A::EditTeams
                | A::EditActivities
                | A::TakePart
                | A::ReadEncounters
                | A::RecordEncounters
                | A::CorrectEncounters
        ),
        Role::Member | Role::Counter => matches!(
            act,
            A::Look | A::TakePart | A::ReadEncounters | A::RecordEncounters | A::CorrectEncounters
        ),
        Role::Loudspeaker => matches!(act, A::Look | A::EditActivities | A::TakePart),
        Role::Viewer => matches!(act, A::Look | A::ReadEncounters | A::MakeReports),
    }
}

/// A role on a unit's subtree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub role: Role,
    pub unit_id: UnitId,
    /// Name of the unit, for people.
    pub unit_name: String,
}

/// The units an act covers: the subtrees of some roots. Only this module can make one, and every
/// query over records of units asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    roots: Vec<UnitId>,
}

impl Scope {
    /// The scope of an act under these grants, or a refusal where no grant allows it.
    pub(super) fn of(grants: &[Grant], act: Act) -> Result<Self, Fault> {
        let mut roots: Vec<UnitId> = grants
            .iter()
            .filter(|grant| allows(grant.role, act))
            .map(|grant| grant.unit_id)
            .collect();
        roots.sort_unstable();
        roots.dedup();
        if roots.is_empty() { Err(Fault::NotAllowed) } else { Ok(Self { roots }) }
    }

    /// The scope of the program itself: demo generation, command line, background work.
    pub fn of_the_program(home: UnitId) -> Self {
        Self { roots: vec![home] }
    }

    /// The scope of what is public everywhere, as the national gazetteer is.
    pub fn of_everything() -> Self {
        Self { roots: vec![] }
    }

    /// Restricts a query to this scope by the column that holds a row's unit. The units in reach
    /// are gathered first, which is quick where most rows are asked for.
    pub fn restrict(&self, conditions: &mut Conditions, column: &str) {
        if self.roots.is_empty() {
            return;
        }
        let marks = vec!["?"; self.roots.len()].join(", ");
        conditions.push(
            &format!(
                "{column} IN (SELECT scope.unit_id FROM unit_ancestor scope
                              WHERE scope.ancestor_id IN ({marks}))"
            ),
            self.roots.iter().map(Value::from).collect(),
        );
    }

    /// As [`Self::restrict`], asked of each row in turn: quick where rows come in the order of an
    /// index and the first few are enough.
    pub fn restrict_each(&self, conditions: &mut Conditions, column: &str) {
        if self.roots.is_empty() {
            return;
        }
        let marks = vec!["?"; self.roots.len()].join(", ");
        conditions.push(
            &format!(
                "EXISTS (SELECT 1 FROM unit_ancestor scope
                         WHERE scope.unit_id = {column} AND scope.ancestor_id IN ({marks}))"
            ),
            self.roots.iter().map(Value::from).collect(),
        );
    }

    /// A condition, with its values, on rows whose unit lies in this scope or above it: what a
    /// person takes part in, like a campaign of the district in their commune.
    pub fn touching(&self, column: &str) -> (String, Vec<Value>) {
        let marks = vec!["?"; self.roots.len()].join(", ");
        let text = format!(
            "EXISTS (SELECT 1 FROM unit_ancestor scope
                     WHERE (scope.unit_id = {column} AND scope.ancestor_id IN ({marks}))
                        OR (scope.ancestor_id = {column} AND scope.unit_id IN ({marks})))"
        );
        let values = self.roots.iter().chain(&self.roots).map(Value::from).collect();
        (text, values)
    }

    /// Whether a unit lies in this scope.
    pub async fn covers(&self, db: &Db, unit: UnitId) -> Result<bool, DbError> {
        let mut conditions = Conditions::new().and("a.unit_id = ?", args![unit]);
        conditions.one_of("a.ancestor_id", self.roots.iter().map(Value::from).collect());
        let statement = format!("SELECT COUNT(*) AS n FROM unit_ancestor a{}", conditions.text());
        Ok(db.count(&statement, conditions.values()).await? > 0)
    }

    /// Which of some units lie in this scope.
    pub async fn covering(&self, db: &Db, units: &[UnitId]) -> Result<HashSet<UnitId>, DbError> {
        let mut covered = HashSet::new();
        for some in units.chunks(400) {
            let mut conditions = Conditions::new();
            conditions.one_of("a.unit_id", some.iter().map(Value::from).collect());
            conditions.one_of("a.ancestor_id", self.roots.iter().map(Value::from).collect());
            let statement =
                format!("SELECT DISTINCT a.unit_id FROM unit_ancestor a{}", conditions.text());
            for row in db.rows(&statement, conditions.values()).await? {
                covered.insert(row.get("unit_id")?);
            }
        }
        Ok(covered)
    }

    /// Refuses a unit outside this scope. It answers "not found", so that nobody learns by
    /// guessing ids what exists elsewhere.
    pub async fn require(&self, db: &Db, unit: UnitId) -> Result<(), Fault> {
        if self.covers(db, unit).await? { Ok(()) } else { Err(Fault::NotFound) }
    }

    /// The units at the top of this scope.
    pub fn roots(&self) -> &[UnitId] {
        &self.roots
    }

    /// A scope over one unit, for tests of queries.
    #[cfg(test)]
    pub fn for_test(unit: uuid::Uuid) -> Self {
        Self { roots: vec![UnitId(unit)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role, unit: u128) -> Grant {
        Grant { role, unit_id: UnitId(uuid::Uuid::from_u128(unit)), unit_name: String::new() }
    }

    #[test]
    fn a_member_records_but_plans_nothing() {
        let grants = [grant(Role::Member, 1)];
        assert!(Scope::of(&grants, Act::RecordEncounters).is_ok());
        for act in [Act::EditCampaigns, Act::Exchange, Act::ManageAccounts, Act::ReadAudit] {
            assert!(Scope::of(&grants, act).is_err(), "{act:?}");
        }
    }

    #[test]
    fn each_act_reaches_only_the_units_of_the_roles_that_allow_it() {
        let grants = [grant(Role::Officer, 1), grant(Role::Viewer, 2)];
        let read = Scope::of(&grants, Act::ReadEncounters).unwrap();
        let record = Scope::of(&grants, Act::RecordEncounters).unwrap();
        assert_eq!(read.roots().len(), 2);
        assert_eq!(record, Scope::for_test(uuid::Uuid::from_u128(1)));
    }
}
