//! What outreach teaches: public services, in versioned lists with their legal basis, and skills.

use crate::foundation::ids::{ServiceListId, TopicId};
use crate::foundation::{Lang, T};

/// What a topic is.
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
pub enum TopicKind {
    /// Dịch vụ công.
    Service,
    /// Kỹ năng số.
    Skill,
}

impl TopicKind {
    /// Every value, in the order of screens.
    pub const ALL: [TopicKind; 2] = [TopicKind::Service, TopicKind::Skill];

    /// The name in the database, the API and the translation keys (`topic-kind-…`).
    pub const fn code(self) -> &'static str {
        match self {
            TopicKind::Service => "service",
            TopicKind::Skill => "skill",
        }
    }
}

impl std::str::FromStr for TopicKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        TopicKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for TopicKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// What outreach teaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    pub id: TopicId,
    /// Stable over versions of its list: `QD06-09`, `vneid-2`, ….
    pub code: String,
    pub kind: TopicKind,
    pub list_id: Option<ServiceListId>,
    pub position: i64,
    pub name_vi: String,
    /// May be empty for services whose English name no source gives.
    pub name_en: String,
    pub agency: String,
    /// LT1 (birth - residence - health insurance card), LT2 (death - residence - funeral
    /// allowance, Decree 63/2024/NĐ-CP), or empty.
    pub interlinked_group: String,
    /// Where the name was read.
    pub source: String,
}

impl Topic {
    /// The name in the reader's language, Vietnamese where there is no English one.
    pub fn name(&self, t: &T) -> &str {
        if t.lang() == Lang::En && !self.name_en.is_empty() { &self.name_en } else { &self.name_vi }
    }

    /// The name with its number in the list, as lists and forms show it.
    pub fn label(&self, t: T) -> String {
        match self.kind {
            TopicKind::Service => format!("{}. {}", self.position, self.name(&t)),
            TopicKind::Skill => self.name(&t).to_owned(),
        }
    }
}

/// A list of services as decided by an authority, at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceList {
    pub id: ServiceListId,
    /// `QD06`, `QD422`, …: the same code comes back with a higher version.
    pub code: String,
    pub version: i64,
    pub title: String,
    pub legal_basis: String,
    pub source: String,
    /// Epoch milliseconds.
    pub imported_at: i64,
    pub superseded_at: Option<i64>,
}
