//! Plan, reach, record, measure, report, correct.

use axum::http::StatusCode;

use crate::world::World;

/// The pages on which the same figure stands, of a campaign in a unit.
fn pages(campaign: &str, unit: &str) -> [String; 4] {
    [
        "/".to_owned(),
        format!("/coverage?campaign={campaign}&unit={unit}"),
        format!("/campaigns/{campaign}"),
        format!("/reports/{campaign}?unit={unit}"),
    ]
}

/// Whether a page says that 2 of the 1.200 people expected were reached.
fn reached(text: &str) -> bool {
    text.contains("2 / 1.200") || text.contains("2/1.200") || text.contains("2 người trên 1.200")
}

#[tokio::test]
async fn a_campaign_goes_from_plan_to_report_and_a_correction_reaches_every_page() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let campaign = world.campaign().await;
    let activity = [
        ("campaign", campaign.as_str()),
        ("kind", "home_round"),
        ("title", "Đến từng nhà xóm 1"),
        ("unit", &world.quang_trung_1.to_string()),
        ("day", "2023-09-14"),
        ("from", "19:00"),
        ("to", "21:00"),
    ];
    let made = officer.post("/activities/new", &activity).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let activity = made.location.rsplit('/').next().unwrap().to_owned();
    let held = officer
        .post(
            &format!("/activities/{activity}/state"),
            &[("state", "held"), ("headcount", "12"), ("minutes", "Đã đến đủ các nhà.")],
        )
        .await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text());

    let member = world.browser("thanhvien.quangtrung").await;
    let of = [("campaign", campaign.as_str()), ("activity", activity.as_str())];
    let with = |person: &'static str| [of[0], of[1], ("person", person)];
    let first = world.encounter(&member, world.quang_trung_1, &with("0912345678")).await;
    world.encounter(&member, world.quang_trung_1, &with("+84 912 345 678")).await;
    world.encounter(&member, world.quang_trung_2, &with("036099123456")).await;

    let district = world.district.to_string();
    for path in pages(&campaign, &district) {
        let page = officer.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(reached(&page.text()), "{path}: {}", page.text());
    }

    // The second person turns out to live in Hiển Khánh's hamlet: the officer corrects it.
    let topic = world.topic("9.").await;
    let corrected = officer
        .post(
            &format!("/encounters/{first}/edit"),
            &[
                ("campaign", campaign.as_str()),
                ("unit", &world.hien_khanh_1.to_string()),
                ("channel", "home_round"),
                ("topic", &topic),
                ("outcome", "done_alone"),
                ("age", "60_plus"),
                ("day", "2023-09-14"),
                ("time", "19:30"),
                ("forget_person", "yes"),
                ("why", "Ghi nhầm xóm"),
            ],
        )
        .await;
    assert_eq!(corrected.status, StatusCode::SEE_OTHER, "{}", corrected.text());
    // The number was typed twice and is gone from one record: still two people, on every page.
    let commune = world.hien_khanh.to_string();
    let records = format!("/encounters?campaign={campaign}&unit={commune}");
    let opened = officer.get(&records).await.text();
    assert!(opened.contains(&first), "the figure opens to the record it counts");
    for path in pages(&campaign, &district) {
        assert!(reached(&officer.get(&path).await.text()), "{path}");
    }
    let history = officer.get(&format!("/encounters/{first}")).await.text();
    assert!(history.contains("Ghi nhầm xóm") && history.contains("Xóm 1"), "{history}");

    // Taken back with a reason, it leaves every page, and stays to be read.
    let why = [("why", "Ghi trùng")];
    let away = officer.post(&format!("/encounters/{first}/withdraw"), &why).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert!(!officer.get(&records).await.text().contains(&first));
    assert_eq!(officer.get(&format!("/encounters/{first}")).await.status, StatusCode::OK);
    assert_eq!(lantoa::encounters::tally::check(&world.app.db).await.unwrap(), 0);

    for (form, magic) in [("pdf", &b"%PDF"[..]), ("docx", b"PK"), ("xlsx", b"PK")] {
        let file = officer.get(&format!("/reports/{campaign}/{form}?unit={district}")).await;
        assert_eq!(file.status, StatusCode::OK, "{form}");
        assert!(file.bytes.starts_with(magic), "{form}");
    }
}

#[tokio::test]
async fn a_form_sent_twice_counts_once() {
    let world = World::new().await;
    let member = world.browser("thanhvien.quangtrung").await;
    let campaign = world.campaign().await;
    let id = uuid::Uuid::now_v7().to_string();
    let more = [("campaign", campaign.as_str()), ("id", id.as_str())];
    let first = world.encounter(&member, world.quang_trung_1, &more).await;
    let second = world.encounter(&member, world.quang_trung_1, &more).await;
    assert_eq!(first, second);
    let count = "SELECT COUNT(*) AS n FROM encounter";
    assert_eq!(world.app.db.count(count, vec![]).await.unwrap(), 1);
}

#[tokio::test]
async fn what_was_typed_stays_when_it_is_refused() {
    let world = World::new().await;
    let member = world.browser("thanhvien.quangtrung").await;
    let page = member
        .post(
            "/encounters/new",
            &[
                ("unit", &world.quang_trung_1.to_string()),
                ("channel", "home_round"),
                ("person", "12345"),
                ("note", "bà cụ cuối xóm"),
                ("outcome", "not_done"),
                ("topic", &world.topic("9.").await),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = page.text();
    assert!(text.contains("bà cụ cuối xóm") && text.contains("12345"), "{text}");
    assert!(text.contains("e-person") && text.contains("e-reason"), "each fault at its field");
}

#[tokio::test]
async fn what_is_put_away_can_be_taken_out_again_by_those_whose_it_is() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let campaign = world.campaign().await;
    let away = officer.post(&format!("/campaigns/{campaign}/trash"), &[]).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.get(&format!("/campaigns/{campaign}")).await.status, StatusCode::NOT_FOUND);
    let back = format!("/trash/campaign/{campaign}");
    assert!(officer.get("/trash").await.text().contains(&back));
    let commune = world.browser("canbo.quangtrung").await;
    assert!(!commune.get("/trash").await.text().contains(&back));
    assert_eq!(commune.post(&back, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(officer.post(&back, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.get(&format!("/campaigns/{campaign}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_clerk_types_numbers_of_topics() {
    let world = World::new().await;
    let clerk = world.browser("quay.quangtrung").await;
    let unit = world.quang_trung.to_string();
    let fields = |codes: &'static str| {
        [("unit", unit.clone()), ("channel", "counter_shift".into()), ("codes", codes.into())]
    };
    for (codes, status) in
        [("9 10", StatusCode::SEE_OTHER), ("9 999", StatusCode::UNPROCESSABLE_ENTITY)]
    {
        let fields = fields(codes);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let page = clerk.post("/encounters/new", &fields).await;
        assert_eq!(page.status, status, "{codes}: {}", page.text());
    }
    let topics = "SELECT COUNT(*) AS n FROM encounter_topic";
    assert_eq!(world.app.db.count(topics, vec![]).await.unwrap(), 2);
    let form = clerk.get("/encounters/new").await.text();
    assert!(form.contains("value=\"counter_shift\" selected"), "a counter's channel is known");
}
