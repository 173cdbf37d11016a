//! What stands in a unit: venues where outreach happens and assets that serve it.

/// What a venue is.
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
pub enum VenueKind {
    /// Nhà văn hóa.
    VillageHall,
    /// Bộ phận một cửa.
    OneStop,
    /// Trụ sở công an.
    Police,
    /// Điểm bưu điện - văn hóa xã.
    PostOffice,
    /// Trường học.
    School,
    /// Chợ.
    Market,
    /// Nơi khác.
    Other,
}

impl VenueKind {
    /// Every value, in the order of screens.
    pub const ALL: [VenueKind; 7] = [
        VenueKind::VillageHall,
        VenueKind::OneStop,
        VenueKind::Police,
        VenueKind::PostOffice,
        VenueKind::School,
        VenueKind::Market,
        VenueKind::Other,
    ];

    /// The name in the database, the API and the translation keys (`venue-kind-…`).
    pub const fn code(self) -> &'static str {
        match self {
            VenueKind::VillageHall => "village_hall",
            VenueKind::OneStop => "one_stop",
            VenueKind::Police => "police",
            VenueKind::PostOffice => "post_office",
            VenueKind::School => "school",
            VenueKind::Market => "market",
            VenueKind::Other => "other",
        }
    }
}

impl std::str::FromStr for VenueKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        VenueKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for VenueKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// What an asset is.
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
pub enum AssetKind {
    /// Xe loa.
    LoudspeakerVehicle,
    /// Máy chiếu.
    Projector,
    /// Loa kéo.
    PortableSpeaker,
    /// Bộ máy tính bảng.
    TabletSet,
}

impl AssetKind {
    /// Every value, in the order of screens.
    pub const ALL: [AssetKind; 4] = [
        AssetKind::LoudspeakerVehicle,
        AssetKind::Projector,
        AssetKind::PortableSpeaker,
        AssetKind::TabletSet,
    ];

    /// The name in the database, the API and the translation keys (`asset-kind-…`).
    pub const fn code(self) -> &'static str {
        match self {
            AssetKind::LoudspeakerVehicle => "loudspeaker_vehicle",
            AssetKind::Projector => "projector",
            AssetKind::PortableSpeaker => "portable_speaker",
            AssetKind::TabletSet => "tablet_set",
        }
    }
}

impl std::str::FromStr for AssetKind {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        AssetKind::ALL.into_iter().find(|value| value.code() == code).ok_or(())
    }
}

impl std::fmt::Display for AssetKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
