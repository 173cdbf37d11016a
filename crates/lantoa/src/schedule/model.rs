//! Activities: what stands on the calendar.

use crate::foundation::ids::{
    ActivityId, AssetId, CampaignId, MemberId, TeamId, TopicId, UnitId, VenueId,
};

/// What an activity is; an encounter keeps it as the channel it came through.
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
pub enum ActivityKind {
    /// Xe loa lưu động.
    MobileRun,
    /// Buổi tại khu dân cư.
    HamletSession,
    /// Tối nhà văn hóa.
    HallEvening,
    /// Đến từng nhà.
    HomeRound,
    /// Trực tại quầy.
    CounterShift,
    /// Cuộc họp.
    Meeting,
    /// Tập huấn.
    Training,
    /// Phát thanh.
    Broadcast,
}

impl ActivityKind {
    /// Every value, in the order of screens.
    pub const ALL: [ActivityKind; 8] = [
        ActivityKind::MobileRun,
        ActivityKind::HamletSession,
        ActivityKind::HallEvening,
        ActivityKind::HomeRound,
        ActivityKind::CounterShift,
        ActivityKind::Meeting,
        ActivityKind::Training,
        ActivityKind::Broadcast,
    ];

    /// The name in the database, the API and the translation keys (`kind-…`).
    pub const fn code(self) -> &'static str {
        match self {
            ActivityKind::MobileRun => "mobile_run",
            ActivityKind::HamletSession => "hamlet_session",
            ActivityKind::HallEvening => "hall_evening",
            ActivityKind::HomeRound => "home_round",
            ActivityKind::CounterShift => "counter_shift",
            ActivityKind::Meeting => "meeting",
            ActivityKind::Training => "training",
            ActivityKind::Broadcast => "broadcast",
        }
    }
}

impl std::str::FromStr for ActivityKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        ActivityKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for ActivityKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
/// How far an activity is.
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
pub enum State {
    /// Dự kiến.
    Planned,
    /// Đã chốt.
    Confirmed,
    /// Đã tổ chức.
    Held,
    /// Đã hủy, with a reason.
    Cancelled,
}

impl State {
    /// Every value, in the order of screens.
    pub const ALL: [State; 4] = [State::Planned, State::Confirmed, State::Held, State::Cancelled];

    /// The name in the database, the API and the translation keys (`state-…`).
    pub const fn code(self) -> &'static str {
        match self {
            State::Planned => "planned",
            State::Confirmed => "confirmed",
            State::Held => "held",
            State::Cancelled => "cancelled",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        State::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// One thing on the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub id: ActivityId,
    pub campaign_id: Option<CampaignId>,
    /// Activities repeated together share it.
    pub series_id: Option<uuid::Uuid>,
    /// Where the rule of the series puts it, in epoch milliseconds; differs from `starts_at` where
    /// a person moved it.
    pub series_at: Option<i64>,
    pub kind: ActivityKind,
    pub title: String,
    /// The hamlet, commune or district it is held for.
    pub unit_id: UnitId,
    pub venue_id: Option<VenueId>,
    /// Where, in words, when it is not at a venue; may be empty.
    pub place: String,
    pub team_id: Option<TeamId>,
    /// Epoch milliseconds.
    pub starts_at: i64,
    /// Epoch milliseconds, after `starts_at`.
    pub ends_at: i64,
    pub state: State,
    /// Filled in exactly when cancelled.
    pub cancel_reason: String,
    /// Why a person let a clash stand; else empty.
    pub clash_reason: String,
    pub headcount: Option<i64>,
    /// Biên bản.
    pub minutes: String,
    pub assets: Vec<AssetId>,
    pub members: Vec<MemberId>,
    pub topics: Vec<TopicId>,
}

impl Activity {
    /// Whether it is one of a series and stands elsewhere than the rule puts it.
    pub fn is_moved(&self) -> bool {
        self.series_at.is_some_and(|at| at != self.starts_at)
    }
}
