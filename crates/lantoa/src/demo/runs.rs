//! The demo's loudspeaker runs: which roads and hamlets each vehicle comes to. As in the
//! district's own account, a run goes along the main roads and the centre of a commune first and
//! then to its residential areas. Routes are generated, and say so.

use uuid::Uuid;

use super::{Hamlet, Maker};
use crate::args;
use crate::foundation::ids::{ActivityId, UnitId, VenueId};
use crate::foundation::{DbError, Tx};
use crate::runs::model::{MINUTE, PACE};
use crate::runs::{RunStop, StopKind, store};
use crate::units::{Unit, travel};

/// What the demo's vehicles read out. The dates are those of the district's campaign.
const SCRIPT: &str =
    "Kính thưa bà con nhân dân! Từ ngày 08/8 đến ngày 10/10/2023, huyện Vụ Bản mở \
đợt cao điểm tuyên truyền về chuyển đổi số.
Nhiều thủ tục như khai sinh, cư trú, bảo hiểm, thuế nay nộp được ngay trên điện thoại, tại Cổng \
Dịch vụ công quốc gia. Bà con không phải đi lại nhiều lần và biết hồ sơ của mình đến đâu.
Sau đây xe dừng tại nhà văn hóa các xóm. Tổ công nghệ số cộng đồng giúp bà con cài VNeID, nộp hồ \
sơ, thanh toán trực tuyến. Bà con nhớ mang theo điện thoại và thẻ căn cước công dân.
Không đọc mật khẩu hay mã OTP cho bất cứ ai. Gặp cuộc gọi lạ, bà con báo công an xã.";

/// A run of the calendar.
pub(super) struct Trip {
    pub id: Uuid,
    pub commune: usize,
    pub starts_at: i64,
}

/// Minutes along the main roads, and at each hamlet.
const ON_THE_ROAD: i64 = 20;
const AT_A_HAMLET: i64 = 16;

impl Maker {
    /// Gives every run its stops and its script; the first of its crew, where it has one, leads it.
    pub(super) async fn write_runs(
        &mut self,
        tx: &mut Tx,
        communes: &[Unit],
        hamlets: &[Hamlet],
    ) -> Result<(), DbError> {
        let first = "SELECT member_id FROM activity_member WHERE activity_id = $1
                     ORDER BY member_id LIMIT 1";
        for (number, trip) in std::mem::take(&mut self.runs).into_iter().enumerate() {
            let own: Vec<&Hamlet> = hamlets.iter().filter(|h| h.commune == trip.commune).collect();
            let stops = stops(&trip, number, &communes[trip.commune], &own);
            let id = ActivityId(trip.id);
            store::write_stops(tx, id, &stops).await?;
            let lead =
                tx.row(first, args![id]).await?.map(|row| row.get("member_id")).transpose()?;
            store::write_script(tx, id, SCRIPT, PACE, lead).await?;
        }
        Ok(())
    }
}

fn stops(trip: &Trip, number: usize, commune: &Unit, hamlets: &[&Hamlet]) -> Vec<RunStop> {
    let mut stops = vec![RunStop {
        kind: StopKind::Pass,
        unit: commune.id,
        venue: None,
        road: "Trục đường chính và khu trung tâm".to_owned(),
        arrives_at: trip.starts_at,
        minutes: ON_THE_ROAD,
        note: "Lộ trình do máy tạo ra để minh họa".to_owned(),
        session: None,
        topics: vec![],
    }];
    let mut free_at = trip.starts_at + ON_THE_ROAD * MINUTE;
    let mut at = commune.point;
    // The next run in the same commune comes to the next three hamlets.
    for step in 0..3.min(hamlets.len()) {
        let hamlet = hamlets[(number / 4 * 3 + step) % hamlets.len()];
        let way = at.map_or(0.0, |at| travel::km(at, hamlet.point));
        let arrives_at = free_at + i64::from(travel::minutes(way)) * MINUTE;
        stops.push(RunStop {
            kind: StopKind::Stop,
            unit: UnitId(hamlet.id),
            venue: Some(VenueId(hamlet.hall)),
            road: String::new(),
            arrives_at,
            minutes: AT_A_HAMLET,
            note: "Cài VNeID, nộp hồ sơ trực tuyến".to_owned(),
            session: None,
            topics: vec![],
        });
        free_at = arrives_at + AT_A_HAMLET * MINUTE;
        at = Some(hamlet.point);
    }
    stops
}
