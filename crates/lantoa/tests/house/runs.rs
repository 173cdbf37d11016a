//! Loudspeaker runs: stops in order, driven in time, and a sheet that fits one page.

use axum::http::{StatusCode, header};
use lantoa::args;
use lantoa::foundation::ids::UnitId;

use crate::world::{Browser, Page, World};

/// A world whose units have their places: the hamlets of a commune a kilometre apart, the
/// communes ten.
async fn placed() -> World {
    let world = World::new().await;
    let mut tx = world.app.db.begin().await.unwrap();
    for (unit, lat, lon) in [
        (world.quang_trung, 20.40, 106.05),
        (world.quang_trung_1, 20.41, 106.05),
        (world.quang_trung_2, 20.42, 106.05),
        (world.hien_khanh, 20.30, 106.05),
        (world.hien_khanh_1, 20.31, 106.05),
        (world.hien_khanh_2, 20.32, 106.05),
    ] {
        tx.execute("UPDATE unit SET lat = $1, lon = $2 WHERE id = $3", args![lat, lon, unit])
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    world
}

/// A loudspeaker run in a unit on 20/09/2023 from 16:30 to 18:00; its address.
async fn run(by: &Browser, unit: UnitId, more: &[(&str, &str)]) -> String {
    let unit = unit.to_string();
    let mut fields = vec![
        ("kind", "mobile_run"),
        ("title", "Xe loa lưu động"),
        ("unit", unit.as_str()),
        ("day", "2023-09-20"),
        ("from", "16:30"),
        ("to", "18:00"),
    ];
    fields.extend(more);
    let made = by.post("/activities/new", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    made.location
}

/// Adds a stop at the form.
async fn stop(by: &Browser, run: &str, unit: UnitId, more: &[(&str, &str)]) -> Page {
    let unit = unit.to_string();
    let mut fields = vec![("kind", "stop"), ("unit", unit.as_str()), ("minutes", "20")];
    if more.iter().any(|(name, _)| *name == "road") {
        fields[0] = ("kind", "pass");
    }
    fields.extend(more);
    by.post(&format!("{run}/run/stops"), &fields).await
}

async fn added(by: &Browser, run: &str, unit: UnitId, more: &[(&str, &str)]) {
    let page = stop(by, run, unit, more).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
}

/// The addresses of the stops' edit pages, in the order of the page.
async fn stops(by: &Browser, run: &str) -> Vec<String> {
    let text = by.get(&format!("{run}/run")).await.text();
    let of = text.split("href=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0));
    of.filter_map(|href| href.strip_suffix("/edit"))
        .filter(|href| href.contains("/run/stops/"))
        .map(ToOwned::to_owned)
        .collect()
}

fn in_order(text: &str, words: &[&str]) {
    let mut from = 0;
    for word in words {
        let at = text[from..].find(word);
        assert!(at.is_some(), "{word} does not follow in {text}");
        from += at.unwrap() + word.len();
    }
}

#[tokio::test]
async fn stops_follow_each_other_in_the_time_it_takes_to_drive() {
    let world = placed().await;
    let officer = world.browser("canbo").await;
    let run = run(&officer, world.quang_trung, &[]).await;
    assert!(officer.get(&run).await.text().contains("Lập lộ trình"));
    added(&officer, &run, world.quang_trung, &[("road", "Từ UBND xã đến ngã tư chợ")]).await;
    added(&officer, &run, world.quang_trung_1, &[]).await;
    added(&officer, &run, world.quang_trung_2, &[]).await;
    // 1.1 km between neighbours: 2 + 1.35 × 1.112 / 28 × 60 = 5.2, so 6 minutes of way.
    let page = officer.get(&run).await.text();
    in_order(&page, &["1. Từ UBND xã đến ngã tư chợ", "16:30–16:50", "2. Xóm 1", "16:56–17:16"]);
    in_order(&page, &["cách 1,5 km, khoảng 6 phút", "3. Xóm 2", "17:22–17:42"]);
    assert!(page.contains("20 phút chạy qua, 40 phút dừng, 12 phút di chuyển. Xong lúc 17:42"));
    assert!(page.contains("<svg class=\"map track\""), "the map stands beside its table");

    let json = officer.get(&format!("/api/v1{run}/run")).await.json();
    assert_eq!(json["stops"][2]["way_minutes"], 6);
    assert_eq!(json["stops"][2]["arrives_at"], "2023-09-20T17:22:00+07:00");

    let all = stops(&officer, &run).await;
    let moved = officer.post(&format!("{}/later", all[1]), &[]).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    let page = officer.get(&run).await.text();
    in_order(&page, &["2. Xóm 2", "16:59–17:19", "3. Xóm 1", "17:25–17:45"]);
    let gone = officer.post(&format!("{}/remove", all[0]), &[]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    let page = officer.get(&run).await.text();
    in_order(&page, &["1. Xóm 2", "2. Xóm 1"]);
    assert!(
        page.contains("Từ UBND xã đến ngã tư chợ") && page.contains("stops:"),
        "the log keeps it"
    );
}

#[tokio::test]
async fn a_stop_that_cannot_be_reached_in_time_is_refused_with_its_place() {
    let world = placed().await;
    let officer = world.browser("canbo").await;
    let run = run(&officer, world.district, &[]).await;
    added(&officer, &run, world.quang_trung_1, &[]).await;
    // 10 km as the crow flies: 2 + 1.35 × 11.1 / 28 × 60 = 34.2.
    let typed = [("arrives", "17:10"), ("note", "Mang theo máy in")];
    let page = stop(&officer, &run, world.hien_khanh_1, &typed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = page.text();
    let why = "Xóm 1, Xã Hiển Khánh: xe đến không kịp. Từ Xóm 1, Xã Quang Trung cần 35 phút, chỉ có 20 phút.";
    assert!(text.contains(why), "{text}");
    assert!(text.contains("Mang theo máy in") && text.contains("17:10"), "what was typed stays");
    assert_eq!(stops(&officer, &run).await.len(), 1, "nothing was stored");

    let late = stop(&officer, &run, world.hien_khanh_1, &[("arrives", "17:45")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.text().contains("Xóm 1, Xã Hiển Khánh: xong muộn hơn"), "{}", late.text());
    let early = stop(&officer, &run, world.hien_khanh_1, &[("arrives", "16:00")]).await;
    assert!(early.text().contains("Xóm 1, Xã Hiển Khánh: đến trước giờ bắt đầu"));
    added(&officer, &run, world.hien_khanh_1, &[("arrives", "17:25")]).await;
}

#[tokio::test]
async fn a_run_that_is_moved_keeps_its_plan() {
    let world = placed().await;
    let officer = world.browser("canbo").await;
    let run = run(&officer, world.quang_trung, &[]).await;
    added(&officer, &run, world.quang_trung_1, &[("arrives", "16:40")]).await;
    let unit = world.quang_trung.to_string();
    let moved = officer
        .post(
            &format!("{run}/edit"),
            &[
                ("kind", "mobile_run"),
                ("title", "Xe loa lưu động"),
                ("unit", &unit),
                ("day", "2023-09-21"),
                ("from", "08:00"),
                ("to", "08:20"),
            ],
        )
        .await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text());
    let page = officer.get(&run).await.text();
    assert!(page.contains("08:10–08:30"), "{page}");
    assert!(
        page.contains("muộn hơn giờ kết thúc của hoạt động 10 phút"),
        "what no longer fits is said"
    );
}

#[tokio::test]
async fn a_stop_serves_the_session_that_is_held_there() {
    let world = placed().await;
    let officer = world.browser("canbo").await;
    let run = run(&officer, world.quang_trung, &[]).await;
    let hamlet = world.quang_trung_1.to_string();
    let made = officer
        .post(
            "/activities/new",
            &[
                ("kind", "hamlet_session"),
                ("title", "Buổi ở xóm"),
                ("unit", &hamlet),
                ("day", "2023-09-20"),
                ("from", "17:00"),
                ("to", "17:40"),
            ],
        )
        .await;
    let session = made.location.rsplit('/').next().unwrap().to_owned();
    assert!(officer.get(&format!("{run}/run")).await.text().contains("17:00 Buổi ở xóm"));
    let elsewhere = stop(&officer, &run, world.quang_trung_2, &[("session", &session)]).await;
    assert!(elsewhere.text().contains("Buổi này không ở đơn vị đã chọn."));
    let at_ten_past = [("session", session.as_str()), ("arrives", "17:10")];
    let late = stop(&officer, &run, world.quang_trung_1, &at_ten_past).await;
    assert!(late.text().contains("xe đến sau khi buổi ở đó đã bắt đầu"));
    added(&officer, &run, world.quang_trung_1, &[("session", &session)]).await;
    let page = officer.get(&run).await.text();
    assert!(page.contains("17:00–17:20") && page.contains("Buổi ở xóm (17:00)"), "{page}");
}

#[tokio::test]
async fn nobody_plans_stops_beyond_their_units() {
    let world = placed().await;
    let own = world.browser("canbo.quangtrung").await;
    let run = run(&own, world.quang_trung, &[]).await;
    let beyond = stop(&own, &run, world.hien_khanh_1, &[]).await;
    assert_eq!(beyond.status, StatusCode::NOT_FOUND);
    let other = world.browser("canbo.hienkhanh").await;
    for path in ["", "/run", "/run-sheet", "/run-sheet.pdf"] {
        let page = other.get(&format!("{run}{path}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
    let other_stop = stop(&other, &run, world.hien_khanh_1, &[]).await;
    assert_eq!(other_stop.status, StatusCode::NOT_FOUND);
    added(&own, &run, world.quang_trung_1, &[]).await;
    let viewer = world.browser("lanhdao").await;
    assert_eq!(viewer.get(&format!("{run}/run-sheet")).await.status, StatusCode::OK);
    assert_eq!(viewer.get(&format!("{run}/run")).await.status, StatusCode::FORBIDDEN);
    let member = world.browser("thanhvien.quangtrung").await;
    let refused = stop(&member, &run, world.quang_trung_1, &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let at = &stops(&own, &run).await[0];
    let removed = other.post(&format!("{at}/remove"), &[]).await;
    assert_eq!(removed.status, StatusCode::NOT_FOUND);
}

/// A team in a hamlet, with a lead who has a phone.
async fn team(by: &Browser, unit: UnitId, lead: &str, phone: &str) -> String {
    let unit = unit.to_string();
    let fields = [("unit_id", unit.as_str()), ("kind", "community"), ("name", "Tổ của xóm")];
    let made = by.post("/teams/new", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let team = made.location.rsplit('/').next().unwrap().to_owned();
    let fields =
        [("team_id", team.as_str()), ("name", lead), ("phone", phone), ("position", "lead")];
    let made = by.post("/members/new", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    team
}

#[tokio::test]
async fn phones_on_the_sheet_are_for_those_who_may_read_contacts() {
    let world = placed().await;
    let officer = world.browser("canbo").await;
    team(&officer, world.quang_trung_1, "Trần Thị Thử", "0912345678").await;
    let run = run(&officer, world.quang_trung, &[]).await;
    added(&officer, &run, world.quang_trung_1, &[]).await;
    let sheet = format!("{run}/run-sheet");
    for (name, reads) in [
        ("canbo", true),
        ("totruong.quangtrung", true),
        ("thanhvien.quangtrung", false),
        ("dai.quangtrung", false),
        ("lanhdao", false),
    ] {
        let text = world.browser(name).await.get(&sheet).await.text();
        assert!(text.contains("Trần Thị Thử"), "{name}");
        assert_eq!(text.contains("0912345678"), reads, "{name}");
    }
}

#[tokio::test]
async fn the_sheet_of_twelve_stops_is_one_archivable_page() {
    let world = placed().await;
    let officer = world.browser("canbo").await;
    let team = team(&officer, world.quang_trung, "Nguyễn Văn Trưởng", "0912345678").await;
    let more = [("to", "22:00"), ("team", team.as_str())];
    let unit = world.quang_trung.to_string();
    let mut fields = vec![
        ("kind", "mobile_run"),
        ("title", "Xe loa cả buổi"),
        ("unit", unit.as_str()),
        ("day", "2023-09-20"),
        ("from", "16:30"),
    ];
    fields.extend(more);
    let run = officer.post("/activities/new", &fields).await.location;
    let road = [("road", "Trục đường chính, từ trụ sở UBND xã đến ngã tư chợ")];
    added(&officer, &run, world.quang_trung, &road).await;
    let note = [("note", "Cài VNeID, nộp hồ sơ trực tuyến, thanh toán học phí, tiền điện")];
    for number in 0..11 {
        let hamlet = if number % 2 == 0 { world.quang_trung_1 } else { world.quang_trung_2 };
        added(&officer, &run, hamlet, &note).await;
    }
    let script = "Kính thưa bà con, xe loa của xã đến từng xóm. ".repeat(25);
    let saved =
        officer.post(&format!("{run}/run/script"), &[("script", &script), ("pace", "150")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    // 25 × 11 syllables at 150 a minute are 110 seconds.
    let page = officer.get(&format!("{run}/run-sheet")).await.text();
    assert!(page.contains("1 phút 50 giây một lượt (275 tiếng, 150 tiếng mỗi phút)"), "{page}");
    let pdf = officer.get(&format!("{run}/run-sheet.pdf")).await;
    assert_eq!(pdf.status, StatusCode::OK);
    assert_eq!(pdf.headers[header::CONTENT_TYPE], "application/pdf");
    let text = String::from_utf8_lossy(&pdf.bytes);
    assert!(text.contains("pdfaid:part"), "PDF/A is declared");
    assert_eq!(text.matches("/MediaBox").count(), 1, "one page");
    assert!(officer.get(&run).await.text().contains("Xuất dữ liệu"), "the log has it");
}

#[tokio::test]
async fn a_route_is_copied_to_another_day() {
    let world = placed().await;
    let officer = world.browser("canbo").await;
    let first = run(&officer, world.quang_trung, &[]).await;
    added(&officer, &first, world.quang_trung_1, &[("arrives", "16:45")]).await;
    let second = run(&officer, world.quang_trung, &[("clash_reason", "hai xe")]).await;
    let from = first.rsplit('/').next().unwrap();
    assert!(officer.get(&format!("{second}/run")).await.text().contains("Chép từ chuyến khác"));
    let copied = officer.post(&format!("{second}/run/copy"), &[("from", from)]).await;
    assert_eq!(copied.status, StatusCode::SEE_OTHER);
    assert!(officer.get(&second).await.text().contains("16:45–17:05"));
    assert_ne!(stops(&officer, &first).await, stops(&officer, &second).await);
}

#[tokio::test]
async fn only_loudspeaker_runs_have_a_route() {
    let world = placed().await;
    let officer = world.browser("canbo").await;
    let unit = world.quang_trung.to_string();
    let made = officer
        .post(
            "/activities/new",
            &[
                ("kind", "meeting"),
                ("title", "Họp"),
                ("unit", &unit),
                ("day", "2023-09-20"),
                ("from", "08:00"),
                ("to", "09:00"),
            ],
        )
        .await
        .location;
    assert!(!officer.get(&made).await.text().contains("Lộ trình"));
    for path in ["/run", "/run-sheet", "/run-sheet.pdf"] {
        let page = officer.get(&format!("{made}{path}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
}
