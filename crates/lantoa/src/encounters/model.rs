//! Encounters: one person or household reached at a time and place about some topics.

use jiff::civil::Date;

use crate::foundation::clock;
use crate::foundation::ids::{
    AccountId, ActivityId, CampaignId, EncounterId, TeamId, TopicId, UnitId, VenueId,
};
use crate::schedule::ActivityKind;

/// What came of a topic in an encounter.
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
pub enum Outcome {
    /// Đã nghe giới thiệu.
    Told,
    /// Đã xem hướng dẫn.
    Shown,
    /// Làm được khi có hỗ trợ.
    DoneWithHelp,
    /// Tự làm được.
    DoneAlone,
    /// Chưa làm được, with a reason.
    NotDone,
}

impl Outcome {
    /// Every value, in the order of screens.
    pub const ALL: [Outcome; 5] = [
        Outcome::Told,
        Outcome::Shown,
        Outcome::DoneWithHelp,
        Outcome::DoneAlone,
        Outcome::NotDone,
    ];

    /// The name in the database, the API and the translation keys (`outcome-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Outcome::Told => "told",
            Outcome::Shown => "shown",
            Outcome::DoneWithHelp => "done_with_help",
            Outcome::DoneAlone => "done_alone",
            Outcome::NotDone => "not_done",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Outcome::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
/// Roughly how old the person is.
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
pub enum AgeGroup {
    /// Dưới 18.
    #[serde(rename = "under_18")]
    Under18,
    /// 18–34.
    #[serde(rename = "18_34")]
    From18,
    /// 35–59.
    #[serde(rename = "35_59")]
    From35,
    /// Từ 60.
    #[serde(rename = "60_plus")]
    From60,
    /// Chưa rõ.
    #[serde(rename = "unknown")]
    Unknown,
}

impl AgeGroup {
    /// Every value, in the order of screens.
    pub const ALL: [AgeGroup; 5] = [
        AgeGroup::Under18,
        AgeGroup::From18,
        AgeGroup::From35,
        AgeGroup::From60,
        AgeGroup::Unknown,
    ];

    /// The name in the database, the API and the translation keys (`age-…`).
    pub const fn code(self) -> &'static str {
        match self {
            AgeGroup::Under18 => "under_18",
            AgeGroup::From18 => "18_34",
            AgeGroup::From35 => "35_59",
            AgeGroup::From60 => "60_plus",
            AgeGroup::Unknown => "unknown",
        }
    }
}

impl std::str::FromStr for AgeGroup {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        AgeGroup::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for AgeGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A topic of an encounter and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct TopicOutcome {
    pub topic_id: TopicId,
    pub outcome: Outcome,
    /// Why not done; else empty.
    #[serde(default)]
    pub reason: String,
}

/// One person or household reached.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Encounter {
    /// Made where the encounter is recorded, so that sending twice counts once.
    pub id: EncounterId,
    pub campaign_id: Option<CampaignId>,
    pub activity_id: Option<ActivityId>,
    pub venue_id: Option<VenueId>,
    pub team_id: Option<TeamId>,
    /// The unit of its day: the hamlet the person is from where known, else the commune.
    pub unit_id: UnitId,
    pub channel: ActivityKind,
    /// Epoch milliseconds.
    pub met_at: i64,
    /// Keyed hash of what identifies the person; the number itself is never stored.
    pub person_key: Option<Vec<u8>>,
    /// Keyed hash of what identifies the household within its unit.
    pub household_key: Option<Vec<u8>>,
    pub age_group: AgeGroup,
    pub note: String,
    /// Own number of an imported slip.
    pub reference: Option<String>,
    pub recorded_by: Option<AccountId>,
    /// Epoch milliseconds.
    pub recorded_at: i64,
    /// 1 as first recorded.
    pub revision: i64,
    pub withdrawn_at: Option<i64>,
    pub topics: Vec<TopicOutcome>,
}

impl Encounter {
    /// The local day on which it happened.
    pub fn met_on(&self) -> Date {
        clock::local(self.met_at).date()
    }

    /// Whether it counts.
    pub fn is_live(&self) -> bool {
        self.withdrawn_at.is_none()
    }
}
