//! Who may see and do what: decided by the unit a role is bound to, at every door alike.

use axum::http::StatusCode;

use crate::world::World;

#[tokio::test]
async fn nobody_of_quang_trung_reaches_hien_khanhs_encounters() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let theirs = world.browser("canbo.hienkhanh").await;
    let more = [("campaign", campaign.as_str()), ("note", "chuyện của Hiển Khánh")];
    let id = world.encounter(&theirs, world.hien_khanh_1, &more).await;
    let topic = world.topic("9.").await;
    for name in ["thanhvien.quangtrung", "quay.quangtrung", "canbo.quangtrung", "dai.quangtrung"] {
        let ours = world.browser(name).await;
        // By a page, also when it is asked for the other commune.
        for path in [
            "/encounters".to_owned(),
            format!("/encounters?unit={}", world.hien_khanh),
            format!("/encounters?unit={}", world.hien_khanh_1),
            format!("/encounters?campaign={campaign}"),
        ] {
            let page = ours.get(&path).await;
            assert!(!page.text().contains(&id), "{name} {path}");
        }
        // By a guessed id, for reading and for writing.
        let one = format!("/encounters/{id}");
        for path in [one.clone(), format!("{one}/edit")] {
            let status = ours.get(&path).await.status;
            assert!(
                [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status),
                "{name} {path}: {status}"
            );
        }
        let edit = [
            ("unit", world.quang_trung_1.to_string()),
            ("channel", "home_round".to_owned()),
            ("topic", topic.clone()),
            ("why", "thử".to_owned()),
        ];
        let edit: Vec<(&str, &str)> = edit.iter().map(|(k, v)| (*k, v.as_str())).collect();
        for path in [format!("{one}/edit"), format!("{one}/withdraw")] {
            let status = ours.post(&path, &edit).await.status;
            assert!(
                [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status),
                "{name} {path}: {status}"
            );
        }
        // By recording into the other commune.
        let into = [
            ("unit", world.hien_khanh_1.to_string()),
            ("channel", "home_round".to_owned()),
            ("topic", topic.clone()),
        ];
        let into: Vec<(&str, &str)> = into.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let status = ours.post("/encounters/new", &into).await.status;
        assert!(status.is_client_error(), "{name}: {status}");
        // By figures of the other commune.
        for path in [
            format!("/coverage?campaign={campaign}&unit={}", world.hien_khanh),
            format!("/reports/{campaign}?unit={}", world.hien_khanh),
            format!("/reports/{campaign}/xlsx?unit={}", world.district),
        ] {
            let status = ours.get(&path).await.status;
            assert!(status.is_client_error(), "{name} {path}: {status}");
        }
    }
    let count = "SELECT COUNT(*) AS n FROM encounter WHERE revision = 1 AND withdrawn_at IS NULL";
    assert_eq!(world.app.db.count(count, vec![]).await.unwrap(), 1);
    // Those above see it.
    assert!(world.browser("canbo").await.get("/encounters").await.text().contains(&id));
}

#[tokio::test]
async fn viewing_as_someone_shows_their_world_and_changes_nothing() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let theirs = world.browser("canbo.hienkhanh").await;
    let more = [("campaign", campaign.as_str())];
    let id = world.encounter(&theirs, world.hien_khanh_1, &more).await;
    let member = world.account("xem.quangtrung", "member", world.quang_trung).await;
    let admin = world.browser("quantri").await;
    let began = admin.post(&format!("/view-as/{member}"), &[]).await;
    assert_eq!(began.status, StatusCode::SEE_OTHER, "{}", began.text());
    let page = admin.get("/encounters").await;
    assert!(!page.text().contains(&id) && page.text().contains("Đang xem như"));
    let topic = world.topic("9.").await;
    let fields = [
        ("unit", world.quang_trung_1.to_string()),
        ("channel", "home_round".to_owned()),
        ("topic", topic),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(admin.post("/encounters/new", &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(admin.post("/view-as/stop", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!admin.get("/encounters").await.text().contains("Đang xem như"));
}

#[tokio::test]
async fn roles_open_the_doors_they_should() {
    let world = World::new().await;
    for (name, path, opens) in [
        ("lanhdao", "/", true),
        ("lanhdao", "/coverage", true),
        ("lanhdao", "/campaigns/new", false),
        ("lanhdao", "/encounters/new", false),
        ("thanhvien.quangtrung", "/encounters/new", true),
        ("thanhvien.quangtrung", "/campaigns/new", false),
        ("thanhvien.quangtrung", "/accounts", false),
        ("quay.quangtrung", "/encounters/new", true),
        ("dai.quangtrung", "/activities", true),
        ("dai.quangtrung", "/encounters/new", false),
        ("canbo.quangtrung", "/campaigns/new", true),
        ("canbo.quangtrung", "/accounts", false),
        ("quantri", "/accounts", true),
    ] {
        let status = world.browser(name).await.get(path).await.status;
        let expected = if opens { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(status, expected, "{name} {path}");
    }
}
