//! Teams and their members.

use crate::foundation::ids::{MemberId, TeamId, UnitId};

/// What a force is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TeamKind {
    /// Tổ công nghệ số cộng đồng.
    Community,
    /// Công chức bộ phận một cửa.
    OneStop,
    /// Công an.
    Police,
    /// Bưu điện.
    Post,
    /// Doanh nghiệp viễn thông.
    Telecom,
    /// Đoàn Thanh niên.
    Youth,
    /// Hội Phụ nữ.
    Women,
    /// Hội Nông dân.
    Farmers,
    /// Lực lượng khác.
    Other,
}

impl TeamKind {
    /// Every value, in the order of screens.
    pub const ALL: [TeamKind; 9] = [
        TeamKind::Community,
        TeamKind::OneStop,
        TeamKind::Police,
        TeamKind::Post,
        TeamKind::Telecom,
        TeamKind::Youth,
        TeamKind::Women,
        TeamKind::Farmers,
        TeamKind::Other,
    ];

    /// The name in the database, the API and the translation keys (`team-kind-…`).
    pub fn code(self) -> &'static str {
        match self {
            TeamKind::Community => "community",
            TeamKind::OneStop => "one_stop",
            TeamKind::Police => "police",
            TeamKind::Post => "post",
            TeamKind::Telecom => "telecom",
            TeamKind::Youth => "youth",
            TeamKind::Women => "women",
            TeamKind::Farmers => "farmers",
            TeamKind::Other => "other",
        }
    }
}

impl std::str::FromStr for TeamKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        TeamKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for TeamKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A digital community team or another force that goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub id: TeamId,
    /// The hamlet, commune or district it works in.
    pub unit_id: UnitId,
    pub kind: TeamKind,
    pub name: String,
    /// Number and date of the establishing decision; may be empty.
    pub decision: String,
}

/// What a member does in the team.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Tổ trưởng.
    Lead,
    /// Thành viên.
    Member,
}

impl Position {
    /// Every value, in the order of screens.
    pub const ALL: [Position; 2] = [Position::Lead, Position::Member];

    /// The name in the database, the API and the translation keys (`position-…`).
    pub fn code(self) -> &'static str {
        match self {
            Position::Lead => "lead",
            Position::Member => "member",
        }
    }
}

impl std::str::FromStr for Position {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Position::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A person of a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub team_id: TeamId,
    pub name: String,
    /// Normalised phone number; may be empty.
    pub phone: String,
    pub position: Position,
    /// Đoàn Thanh niên, Hội Phụ nữ, …; may be empty.
    pub organisation: String,
}
