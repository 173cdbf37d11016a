//! Campaigns, their forces and targets.

use jiff::civil::Date;

use crate::foundation::ids::{CampaignId, TargetId, TopicId, UnitId};

/// What a campaign was made from.
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
pub enum Template {
    /// Đợt cao điểm hai tháng.
    Peak,
    /// Mô hình tối Chủ nhật.
    SundayEvening,
    /// Đến từng nhà.
    DoorToDoor,
    /// Một cửa 100%.
    OneStop,
    /// Tự đặt.
    Own,
}

impl Template {
    /// Every value, in the order of screens.
    pub const ALL: [Template; 5] = [
        Template::Peak,
        Template::SundayEvening,
        Template::DoorToDoor,
        Template::OneStop,
        Template::Own,
    ];

    /// The name in the database, the API and the translation keys (`template-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Template::Peak => "peak",
            Template::SundayEvening => "sunday_evening",
            Template::DoorToDoor => "door_to_door",
            Template::OneStop => "one_stop",
            Template::Own => "own",
        }
    }
}

impl std::str::FromStr for Template {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Template::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A drive with a goal, a period, units, topics, forces and targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    /// The unit that runs it.
    pub unit_id: UnitId,
    pub template: Template,
    pub name: String,
    pub goal: String,
    pub starts_on: Date,
    /// Last day, inclusive.
    pub ends_on: Date,
    /// The communes or hamlets it works in.
    pub units: Vec<UnitId>,
    pub topics: Vec<TopicId>,
    pub forces: Vec<Force>,
}

/// A body that takes part, with how many people where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Force {
    pub name: String,
    pub people: Option<i64>,
}

/// What a target counts.
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
pub enum Measure {
    /// Distinct people reached over those expected, in percent.
    PeoplePercent,
    /// Distinct households reached over all, in percent.
    HouseholdsPercent,
    /// Encounters.
    Encounters,
    /// Activities held.
    Activities,
}

impl Measure {
    /// Every value, in the order of screens.
    pub const ALL: [Measure; 4] = [
        Measure::PeoplePercent,
        Measure::HouseholdsPercent,
        Measure::Encounters,
        Measure::Activities,
    ];

    /// The name in the database, the API and the translation keys (`measure-…`).
    pub const fn code(self) -> &'static str {
        match self {
            Measure::PeoplePercent => "people_percent",
            Measure::HouseholdsPercent => "households_percent",
            Measure::Encounters => "encounters",
            Measure::Activities => "activities",
        }
    }
}

impl std::str::FromStr for Measure {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Measure::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// What a unit should reach in a campaign, overall or on one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub id: TargetId,
    pub campaign_id: CampaignId,
    pub unit_id: UnitId,
    pub measure: Measure,
    pub topic_id: Option<TopicId>,
    pub value: i64,
}
