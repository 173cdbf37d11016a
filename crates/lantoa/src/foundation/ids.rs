//! Identifiers: a newtype for each kind of thing, so that a team is never taken for a venue.
//! New ones are `UUIDv7`, so that keys grow with time and insert at the end of an index.

use uuid::Uuid;

/// Defines identifier newtypes over [`Uuid`].
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize,
                 serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new, time-ordered identifier.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self { Self(Uuid::now_v7()) }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
        impl From<$name> for super::db::Value {
            fn from(id: $name) -> Self { Self::Uuid(id.0) }
        }
        impl From<&$name> for super::db::Value {
            fn from(id: &$name) -> Self { Self::Uuid(id.0) }
        }
        impl super::db::FromColumn for $name {
            fn from_column(row: &super::db::Row, column: &str) -> Result<Self, sqlx::Error> {
                Uuid::from_column(row, column).map(Self)
            }
        }
        impl super::db::FromColumn for Option<$name> {
            fn from_column(row: &super::db::Row, column: &str) -> Result<Self, sqlx::Error> {
                Ok(Option::<Uuid>::from_column(row, column)?.map($name))
            }
        }
    )*};
}

ids! {
    /// An administrative unit at its dates of validity.
    UnitId;
    /// A place where outreach happens.
    VenueId;
    /// A community team or another force.
    TeamId;
    /// A person of a team.
    MemberId;
    /// A vehicle, projector, speaker or tablet set.
    AssetId;
    /// Someone who signs in.
    AccountId;
    /// A timetable planned by the machine.
    PlanId;
    /// A list of services, at one version.
    ServiceListId;
    /// What outreach teaches.
    TopicId;
    /// A drive with a goal, a period and targets.
    CampaignId;
    /// A target of a campaign.
    TargetId;
    /// One thing on the calendar.
    ActivityId;
    /// Days on which nothing is held.
    ClosedId;
    /// A rule by which an activity is repeated.
    SeriesId;
    /// A secret address under which a calendar is read.
    FeedId;
    /// A stop of a mobile loudspeaker run.
    RunStopId;
    /// A picture of an activity.
    PhotoId;
    /// A person or household reached.
    EncounterId;
    /// A line of the audit log.
    AuditId;
    /// A spreadsheet held between dry run and import.
    UploadId;
}
