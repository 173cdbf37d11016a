//! The calendar: what stands against a plan, what repeats, what is shown and read from outside.

use axum::http::StatusCode;
use lantoa::args;
use lantoa::foundation::ids::UnitId;

use crate::world::{Browser, Page, World};

/// An evening in a hamlet, with other fields before the usual ones.
async fn plan(by: &Browser, unit: UnitId, more: &[(&str, &str)]) -> Page {
    let unit = unit.to_string();
    let usual = [
        ("kind", "hall_evening"),
        ("title", "Tối nhà văn hóa"),
        ("unit", unit.as_str()),
        ("day", "2023-09-17"),
        ("from", "19:30"),
        ("to", "21:00"),
    ];
    let kept = usual.iter().filter(|(name, _)| !more.iter().any(|(own, _)| own == name));
    let fields: Vec<(&str, &str)> = more.iter().chain(kept).copied().collect();
    by.post("/activities/new", &fields).await
}

/// The id of what was just made.
fn made(page: &Page) -> String {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    page.location.rsplit('/').next().unwrap().to_owned()
}

async fn team(world: &World, unit: UnitId) -> String {
    let officer = world.browser("canbo").await;
    let unit = unit.to_string();
    let fields =
        [("unit", unit.as_str()), ("unit_id", &unit), ("kind", "community"), ("name", "Tổ thử")];
    made(&officer.post("/teams/new", &fields).await)
}

/// The starts of a series' occurrences in local time, with their states.
async fn occurrences(world: &World) -> Vec<(String, String)> {
    let rows = world
        .app
        .db
        .rows(
            "SELECT starts_at, state FROM activity WHERE series_id IS NOT NULL AND deleted_at IS NULL
             ORDER BY series_at",
            vec![],
        )
        .await
        .unwrap();
    let start = |row: &lantoa::foundation::Row| {
        vietnamese::date_time(lantoa::foundation::clock::local(row.get("starts_at").unwrap()))
    };
    rows.iter().map(|row| (start(row), row.get("state").unwrap())).collect()
}

#[tokio::test]
async fn a_team_twice_at_once_is_refused_until_a_reason_is_given_and_stays_visible() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let team = team(&world, world.quang_trung).await;
    let first = made(&plan(&officer, world.quang_trung_1, &[("team", &team)]).await);
    let again = plan(&officer, world.quang_trung_2, &[("team", &team), ("from", "20:00")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = again.text();
    assert!(text.contains(&format!("/activities/{first}")), "the other side is linked: {text}");
    assert!(text.contains("Tổ thử"), "{text}");

    let reason = "Tổ chia làm hai nhóm";
    let more = [("team", team.as_str()), ("from", "20:00"), ("clash_reason", reason)];
    let second = made(&plan(&officer, world.quang_trung_2, &more).await);
    let page = officer.get(&format!("/activities/{second}")).await.text();
    assert!(page.contains(reason) && page.contains(&first), "{page}");
    let told = "SELECT COUNT(*) AS n FROM audit WHERE subject = 'activity' AND detail LIKE $1";
    let told = world.app.db.count(told, args![format!("%{reason}%")]).await.unwrap();
    assert_eq!(told, 1, "the reason is in the audit log");
    // The first one did nothing, and is in conflict all the same.
    let page = officer.get(&format!("/activities/{first}")).await.text();
    assert!(page.contains(&second), "{page}");
    let list = officer.get("/calendar/conflicts").await.text();
    assert!(list.contains(&first) && list.contains(&second) && list.contains(reason), "{list}");
}

#[tokio::test]
async fn hours_hold_for_all_units_below_and_may_forbid() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let early = [("from", "05:00"), ("to", "05:30"), ("kind", "broadcast")];
    let page = plan(&officer, world.quang_trung_1, &early).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("Mặc định của phần mềm"), "{}", page.text());

    let commune = format!("/units/{}/hours/loudspeaker", world.quang_trung);
    let wrong = officer.post(&commune, &[("day1", "11:00-06:00")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("11:00-06:00"), "what was typed stays");
    let rules = [("day1", "05:00-07:00"), ("day7", "5h - 6h30"), ("blocks", "yes")];
    assert_eq!(officer.post(&commune, &rules).await.status, StatusCode::SEE_OTHER);
    made(&plan(&officer, world.quang_trung_1, &early).await);
    let late = [("from", "07:00"), ("to", "07:30"), ("kind", "broadcast"), ("clash_reason", "Cần")];
    let page = plan(&officer, world.quang_trung_1, &late).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "no reason lets it stand");
    // The other commune still follows the default.
    made(&plan(&officer, world.hien_khanh_1, &late).await);

    // A rule from above is read where the reader may look.
    let hamlet = format!("/units/{}/opening", world.quang_trung_1);
    let commune_officer = world.browser("canbo.quangtrung").await;
    let district = format!("/units/{}/hours/session", world.district);
    let mornings: Vec<(String, &str)> = (1..=7).map(|d| (format!("day{d}"), "8-11")).collect();
    let mornings: Vec<(&str, &str)> = mornings.iter().map(|(d, h)| (d.as_str(), *h)).collect();
    assert_eq!(officer.post(&district, &mornings).await.status, StatusCode::SEE_OTHER);
    let page = plan(&commune_officer, world.quang_trung_1, &[]).await;
    assert!(page.text().contains(&hamlet), "{}", page.text());
    assert_eq!(commune_officer.get(&hamlet).await.status, StatusCode::OK);

    let shown = officer.get(&format!("/units/{}/opening", world.quang_trung_1)).await.text();
    assert!(shown.contains("05:00–06:30") && shown.contains("Xã Quang Trung"), "{shown}");
    let member = world.browser("thanhvien.quangtrung").await;
    assert_eq!(member.get(&commune).await.status, StatusCode::FORBIDDEN);
    let other = world.browser("canbo.hienkhanh").await;
    assert_eq!(other.get(&commune).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn holidays_and_exam_seasons_are_noticed() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let page = plan(&officer, world.quang_trung_1, &[("day", "2023-09-02")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("Quốc khánh"), "{}", page.text());
    let exam = [
        ("kind", "exam"),
        ("name", "Thi thử giữa kỳ"),
        ("first_on", "16/09/2023"),
        ("last_on", "18/09/2023"),
        ("blocks", "no"),
    ];
    let new = format!("/units/{}/closed/new", world.district);
    assert_eq!(officer.post(&new, &exam).await.status, StatusCode::SEE_OTHER);
    let page = plan(&officer, world.quang_trung_1, &[]).await;
    assert!(page.text().contains("Thi thử giữa kỳ"), "{}", page.text());
    let month = officer.get("/calendar?day=2023-09-01").await.text();
    assert!(month.contains("Thi thử giữa kỳ") && month.contains("Quốc khánh"), "{month}");
}

#[tokio::test]
async fn sunday_evenings_repeat_and_say_so() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let weekly = [("repeat", "weekly"), ("until", "2023-10-10")];
    let first = made(&plan(&officer, world.quang_trung_1, &weekly).await);
    let page = officer.get(&format!("/activities/{first}")).await.text();
    assert!(page.contains("Tối Chủ nhật hằng tuần, đến 10/10/2023"), "{page}");
    let starts: Vec<String> = occurrences(&world).await.into_iter().map(|(at, _)| at).collect();
    assert_eq!(
        starts,
        ["19:30 17/09/2023", "19:30 24/09/2023", "19:30 01/10/2023", "19:30 08/10/2023"]
    );
    let endless = plan(&officer, world.quang_trung_2, &[("repeat", "weekly")]).await;
    assert_eq!(endless.status, StatusCode::UNPROCESSABLE_ENTITY, "a series has an end");
}

#[tokio::test]
async fn a_moved_occurrence_stays_moved_when_the_series_is_edited() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let weekly = [("repeat", "weekly"), ("count", "4")];
    let first = made(&plan(&officer, world.quang_trung_1, &weekly).await);
    let ids = officer.get(&format!("/activities/{first}")).await.text();
    let second = ids
        .split("/activities/")
        .filter_map(|rest| rest.get(..36))
        .find(|id| *id != first && id.len() == 36 && id.matches('-').count() == 4)
        .unwrap()
        .to_owned();
    let unit = world.quang_trung_1.to_string();
    let edit = |which: &'static str, day: &'static str, from: &'static str| {
        vec![
            ("which", which),
            ("kind", "hall_evening"),
            ("title", "Tối nhà văn hóa"),
            ("unit", unit.as_str()),
            ("day", day),
            ("from", from),
            ("to", "21:00"),
            ("repeat", "weekly"),
            ("days", "SU"),
            ("count", "4"),
        ]
    };
    // Only the second moves to Monday.
    let moved = officer
        .post(&format!("/activities/{second}/edit"), &edit("this", "2023-09-25", "19:30"))
        .await;
    made(&moved);
    let page = officer.get(&format!("/activities/{second}")).await.text();
    assert!(page.contains("dời từ 19:30 24/09/2023"), "{page}");
    // Then the whole series begins at eight.
    let all = officer
        .post(&format!("/activities/{first}/edit"), &edit("all", "2023-09-17", "20:00"))
        .await;
    made(&all);
    let starts: Vec<String> = occurrences(&world).await.into_iter().map(|(at, _)| at).collect();
    assert_eq!(
        starts,
        ["20:00 17/09/2023", "19:30 25/09/2023", "20:00 01/10/2023", "20:00 08/10/2023"]
    );
    // From the third on, Saturdays: a series of its own.
    let third = world
        .app
        .db
        .row("SELECT id FROM activity ORDER BY series_at LIMIT 1 OFFSET 2", vec![])
        .await
        .unwrap()
        .unwrap();
    let third: uuid::Uuid = third.get("id").unwrap();
    let after = officer
        .post(&format!("/activities/{third}/edit"), &edit("following", "2023-09-30", "20:00"))
        .await;
    made(&after);
    let starts: Vec<String> = occurrences(&world).await.into_iter().map(|(at, _)| at).collect();
    assert_eq!(
        starts,
        ["20:00 17/09/2023", "19:30 25/09/2023", "20:00 30/09/2023", "20:00 07/10/2023"]
    );
    let series = "SELECT COUNT(*) AS n FROM series";
    assert_eq!(world.app.db.count(series, vec![]).await.unwrap(), 2);
    // One is cancelled, and is still there to be seen.
    let cancel = [("state", "cancelled"), ("cancel_reason", "Mưa to")];
    made(&officer.post(&format!("/activities/{third}/state"), &cancel).await);
    let page = officer.get(&format!("/activities/{third}")).await.text();
    assert!(page.contains("Mưa to"), "{page}");
    let states: Vec<String> = occurrences(&world).await.into_iter().map(|(_, s)| s).collect();
    assert_eq!(states, ["planned", "planned", "cancelled", "planned"]);
}

#[tokio::test]
async fn days_in_conflict_are_left_out_of_a_series_in_one_step() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    // 30 April and 1 May fall into the series of Sundays and Mondays.
    let weekly = [
        ("repeat", "weekly"),
        ("days", "SU"),
        ("days", "MO"),
        ("day", "2024-04-21"),
        ("until", "2024-05-05"),
    ];
    made(&plan(&officer, world.quang_trung_1, &weekly).await);
    let monthly = [
        ("repeat", "monthly"),
        ("nth", "1"),
        ("day", "2024-01-01"),
        ("until", "2024-04-30"),
        ("from", "08:00"),
        ("to", "09:00"),
    ];
    let refused = plan(&officer, world.quang_trung_2, &monthly).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("Tết Dương lịch"), "{}", refused.text());
    let mut skipping = monthly.to_vec();
    skipping.push(("skip", "yes"));
    let kept = made(&plan(&officer, world.quang_trung_2, &skipping).await);
    let page = officer.get(&format!("/activities/{kept}")).await.text();
    assert!(page.contains("Bỏ qua vì vướng lịch") && page.contains("01/01/2024"), "{page}");
    let starts: Vec<String> = occurrences(&world).await.into_iter().map(|(at, _)| at).collect();
    assert!(starts.contains(&"08:00 05/02/2024".to_owned()), "{starts:?}");
    assert!(!starts.contains(&"08:00 01/01/2024".to_owned()), "{starts:?}");
}

#[tokio::test]
async fn the_calendar_shows_lunar_days_and_counts_what_does_not_fit() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    for minute in 0..6 {
        let from = format!("19:0{minute}");
        let to = format!("20:0{minute}");
        let more = [("from", from.as_str()), ("to", &to)];
        made(&plan(&officer, world.quang_trung_1, &more).await);
    }
    let month = officer.get("/calendar?view=month&day=2023-09-15").await.text();
    assert!(month.contains("1/8 năm Quý Mão"), "15/09/2023 begins the eighth month: {month}");
    assert!(month.contains("Thêm 3"), "three are written out: {month}");
    let free = "/activities/new?day=2023-09-20";
    assert!(month.contains(free), "an empty day offers to add something");
    for (view, own) in [("week", "19:05"), ("day", "19:05"), ("agenda", "19:05")] {
        let path = format!("/calendar?view={view}&day=2023-09-17");
        let page = officer.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{view}");
        assert!(page.text().contains(own), "{view}: {}", page.text());
    }
    // Filters reach the rows, and a member does not see the other commune.
    let path = format!("/calendar?day=2023-09-15&unit={}", world.hien_khanh);
    assert!(!officer.get(&path).await.text().contains("Tối nhà văn hóa</a>"));
    made(&plan(&officer, world.hien_khanh_1, &[("title", "Ở Hiển Khánh")]).await);
    let member = world.browser("thanhvien.quangtrung").await;
    let page = member.get("/calendar?view=day&day=2023-09-17").await.text();
    assert!(!page.contains("Ở Hiển Khánh"), "{page}");
    assert!(!page.contains("/activities/new"), "a member plans nothing");
}

/// Makes a feed at the form; its path.
async fn feed(by: &Browser, more: &[(&str, &str)]) -> String {
    let fields = [&[("label", "Điện thoại của tôi")], more].concat();
    let page = by.post("/me/feeds", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.text();
    let (_, rest) = text.split_once("http://lantoa.test/calendar/feed/").unwrap();
    format!("/calendar/feed/{}", &rest[..68])
}

fn events(page: &Page) -> Vec<icalendar::Event> {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.text();
    assert!(text.lines().all(|line| line.len() <= 75), "lines are folded");
    assert!(text.contains("\r\n") && !text.replace("\r\n", "").contains('\n'), "lines end in CRLF");
    let calendar: icalendar::Calendar = text.parse().unwrap();
    calendar.events().cloned().collect()
}

#[tokio::test]
async fn a_calendar_program_reads_what_its_owner_may_see_until_the_link_is_revoked() {
    use icalendar::{Component as _, EventLike as _};
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let weekly =
        [("repeat", "weekly"), ("count", "3"), ("title", "Tối Chủ nhật; xóm 1, đợt \\ hai")];
    let first = made(&plan(&officer, world.quang_trung_1, &weekly).await);
    made(&plan(&officer, world.hien_khanh_1, &[("title", "Ở Hiển Khánh")]).await);
    let member = world.browser("thanhvien.quangtrung").await;
    let (all, own) =
        (feed(&officer, &[("shows", "all")]).await, feed(&member, &[("shows", "all")]).await);

    let stranger = world.stranger();
    let count = "SELECT COUNT(*) AS n FROM activity";
    let page = stranger.get(&all).await;
    let read = events(&page);
    assert_eq!(read.len() as i64, world.app.db.count(count, vec![]).await.unwrap());
    let titles: Vec<&str> = read.iter().filter_map(|event| event.get_summary()).collect();
    assert!(titles.contains(&"Tối Chủ nhật; xóm 1, đợt \\ hai"), "{titles:?}");
    let start = read.iter().find_map(|event| event.property_value("DTSTART"));
    assert_eq!(start, Some("20230917T123000Z"), "19:30 in Viet Nam");
    assert!(read[0].get_location().unwrap().contains("Xóm 1"));
    // The member's own: only the commune's.
    let theirs = events(&stranger.get(&own).await);
    assert_eq!(theirs.len(), 3);
    assert!(theirs.iter().all(|event| event.get_summary() != Some("Ở Hiển Khánh")));

    // Read again unchanged: nothing is sent. A cancelled evening is said to be cancelled.
    let tag = page.headers["etag"].to_str().unwrap().to_owned();
    let again = |tag: &str| {
        let request = stranger.request("GET", &all).header("if-none-match", tag);
        request.body(axum::body::Body::empty()).unwrap()
    };
    assert_eq!(stranger.send(again(&tag)).await.status, StatusCode::NOT_MODIFIED);
    let cancel = [("state", "cancelled"), ("cancel_reason", "Mưa to")];
    made(&officer.post(&format!("/activities/{first}/state"), &cancel).await);
    let page = stranger.send(again(&tag)).await;
    let uid = format!("{first}@lantoa");
    let read = events(&page);
    let cancelled = read.iter().find(|event| event.get_uid() == Some(uid.as_str())).unwrap();
    assert_eq!(cancelled.property_value("STATUS"), Some("CANCELLED"));
    assert_eq!(cancelled.get_sequence(), Some(1));

    // Revoked, guessed, or of a disabled account: not found.
    let list = officer.get("/me/feeds").await.text();
    let (_, rest) = list.split_once("/me/feeds/").unwrap();
    let id = &rest[..36];
    let others = member.post(&format!("/me/feeds/{id}/revoke"), &[]).await;
    assert_eq!(others.status, StatusCode::NOT_FOUND, "another's link");
    let away = officer.post(&format!("/me/feeds/{id}/revoke"), &[]).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert_eq!(stranger.get(&all).await.status, StatusCode::NOT_FOUND);
    let guess = format!("/calendar/feed/{}.ics", "0".repeat(64));
    assert_eq!(stranger.get(&guess).await.status, StatusCode::NOT_FOUND);
    let mut tx = world.app.db.begin().await.unwrap();
    let disable = "UPDATE account SET disabled_at = 1 WHERE sign_in_name = $1";
    tx.execute(disable, args!["thanhvien.quangtrung"]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stranger.get(&own).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn my_own_activities_are_a_calendar_for_who_is_linked_to_a_member() {
    use icalendar::Component as _;
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let team = team(&world, world.quang_trung).await;
    let mine = made(&plan(&officer, world.quang_trung_1, &[("title", "Việc của tôi")]).await);
    made(&plan(&officer, world.quang_trung_1, &[("title", "Việc của người khác")]).await);
    let browser = world.browser("thanhvien.quangtrung").await;
    let form = browser.get("/me/feeds").await.text();
    assert!(!form.contains("Hoạt động của tôi"), "not linked yet: {form}");
    let wrong = [("label", "Điện thoại"), ("shows", "mine")];
    let page = browser.post("/me/feeds", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);

    let member = uuid::Uuid::now_v7();
    let mut tx = world.app.db.begin().await.unwrap();
    tx.execute(
        "INSERT INTO member (id, team_id, name, folded, phone, position, organisation)
         VALUES ($1, $2, 'Lê Văn Viên', 'le van vien', '', 'member', '')",
        args![member, team.parse::<uuid::Uuid>().unwrap()],
    )
    .await
    .unwrap();
    let link = "UPDATE account SET member_id = $1 WHERE sign_in_name = 'thanhvien.quangtrung'";
    tx.execute(link, args![member]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(browser.get("/me/feeds").await.text().contains("Hoạt động của tôi"));
    let path = feed(&browser, &[("shows", "mine")]).await;
    let titles = async || -> Vec<String> {
        let read = events(&world.stranger().get(&path).await);
        read.iter().filter_map(|event| event.get_summary().map(str::to_owned)).collect()
    };
    assert_eq!(titles().await, Vec::<String>::new());
    made(&officer.post(&format!("/activities/{mine}/roster/{member}/invite"), &[]).await);
    assert_eq!(titles().await, ["Việc của tôi"]);
    let decline = format!("/my-work/{mine}/decline?reason=ill");
    made(&browser.post(&decline, &[]).await);
    assert_eq!(titles().await, Vec::<String>::new(), "what I declined is not mine");
}

#[tokio::test]
async fn a_new_address_says_how_to_add_it() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let new = [("label", "Máy tính"), ("shows", "all")];
    let page = officer.post("/me/feeds", &new).await.text();
    let told = page.split("<p").find(|text| text.contains("“Từ URL”")).unwrap();
    assert!(told.contains("Google Calendar") && told.contains("Thunderbird"), "{told}");
}

/// The fields of an edit of a weekly series in the evening.
fn weekly_edit<'a>(
    which: &'a str,
    unit: &'a str,
    day: &'a str,
    count: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("which", which),
        ("kind", "hall_evening"),
        ("title", "Tên mới"),
        ("unit", unit),
        ("day", day),
        ("from", "19:30"),
        ("to", "21:00"),
        ("repeat", "weekly"),
        ("days", "SU"),
        ("count", count),
    ]
}

/// The ids of a series' occurrences in their order.
async fn ids_of_series(world: &World) -> Vec<String> {
    let statement = "SELECT id FROM activity WHERE series_id IS NOT NULL AND deleted_at IS NULL
                     ORDER BY series_at";
    let rows = world.app.db.rows(statement, vec![]).await.unwrap();
    rows.iter().map(|row| row.get::<uuid::Uuid>("id").unwrap().to_string()).collect()
}

#[tokio::test]
async fn a_series_that_reaches_into_other_units_is_theirs_to_change_there() {
    let world = World::new().await;
    let district = world.browser("canbo").await;
    made(&plan(&district, world.quang_trung_1, &[("repeat", "weekly"), ("count", "3")]).await);
    let ids = ids_of_series(&world).await;
    let (here, there) = (world.quang_trung_1.to_string(), world.hien_khanh_1.to_string());
    // The third evening is held in the other commune.
    let mut away = weekly_edit("this", &there, "2023-10-01", "3");
    away[2].1 = "Ở Hiển Khánh";
    made(&district.post(&format!("/activities/{}/edit", ids[2]), &away).await);

    let commune = world.browser("canbo.quangtrung").await;
    let path = format!("/activities/{}/edit", ids[0]);
    for which in ["all", "following"] {
        let page = commune.post(&path, &weekly_edit(which, &here, "2023-09-17", "3")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{which}");
        assert!(page.text().contains("ngoài phạm vi của bạn"), "{}", page.text());
    }
    let fewer = commune.post(&path, &weekly_edit("all", &here, "2023-09-17", "2")).await;
    assert_eq!(fewer.status, StatusCode::UNPROCESSABLE_ENTITY, "nor into the trash");
    let title = "SELECT COUNT(*) AS n FROM activity WHERE title = $1 AND deleted_at IS NULL";
    assert_eq!(world.app.db.count(title, args!["Ở Hiển Khánh"]).await.unwrap(), 1);
    assert_eq!(world.app.db.count(title, args!["Tên mới"]).await.unwrap(), 0);
    // Its own evening is the commune's to change, and it sees only what touches it.
    made(&commune.post(&path, &weekly_edit("this", &here, "2023-09-17", "3")).await);
    let page = commune.get(&format!("/activities/{}", ids[0])).await.text();
    assert!(page.contains(&ids[1]) && !page.contains(&ids[2]), "{page}");
    made(&district.post(&path, &weekly_edit("all", &here, "2023-09-17", "3")).await);
}

#[tokio::test]
async fn an_evening_put_into_the_trash_does_not_come_back_with_an_edit_of_its_series() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    made(&plan(&officer, world.quang_trung_1, &[("repeat", "weekly"), ("count", "4")]).await);
    let ids = ids_of_series(&world).await;
    let unit = world.quang_trung_1.to_string();
    let path = format!("/activities/{}/edit", ids[0]);
    let edit = async |count| {
        made(&officer.post(&path, &weekly_edit("all", &unit, "2023-09-17", count)).await);
        occurrences(&world).await.into_iter().map(|(at, _)| at).collect::<Vec<_>>()
    };
    let away = officer.post(&format!("/activities/{}/trash", ids[1]), &[]).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    let (first, second) = ("19:30 17/09/2023", "19:30 24/09/2023");
    let (third, fourth) = ("19:30 01/10/2023", "19:30 08/10/2023");
    assert_eq!(edit("4").await, [first, third, fourth]);
    // A shorter series lets its last evening go; longer again, it has it again.
    assert_eq!(edit("3").await, [first, third]);
    assert_eq!(edit("4").await, [first, third, fourth]);
    // Taken out of the trash, the evening is part of its series as before.
    let back = officer.post(&format!("/trash/activity/{}", ids[1]), &[]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert_eq!(edit("4").await, [first, second, third, fourth]);
}

#[tokio::test]
async fn a_list_asked_for_from_beyond_its_end_is_empty() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    for skip in ["18446744073709551615", "4294967295", "-1", "99999999999999999999"] {
        let page = officer.get(&format!("/activities?skip={skip}")).await;
        assert_eq!(page.status, StatusCode::OK, "{skip}");
    }
    // Nor does any day of the calendar trouble it.
    for day in ["-009999-01-01", "0001-01-01", "9999-12-31"] {
        for view in ["month", "week", "day", "agenda"] {
            let page = officer.get(&format!("/calendar?view={view}&day={day}")).await;
            assert_eq!(page.status, StatusCode::OK, "{view} {day}");
        }
    }
}
