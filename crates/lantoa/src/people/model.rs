//! Teams and their members.

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
    pub const fn code(self) -> &'static str {
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
    pub const fn code(self) -> &'static str {
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
