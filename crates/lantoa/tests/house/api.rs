//! The JSON doors: the same scopes, problem documents, keys that make a write safe to repeat.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::json;

use crate::world::{Browser, Page, World};

async fn write(browser: &Browser, key: &str, body: &serde_json::Value) -> Page {
    let request = browser
        .request("POST", "/api/v1/encounters")
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key)
        .body(Body::from(body.to_string()))
        .unwrap();
    browser.send(request).await
}

#[tokio::test]
async fn a_write_sent_again_answers_as_the_first_time() {
    let world = World::new().await;
    let member = world.browser("thanhvien.quangtrung").await;
    let topic = world.topic("9.").await;
    let body = json!({"unit": world.quang_trung_1, "channel": "home_round", "topic": [topic],
                      "outcome": "told", "day": "14/09/2023", "person": "0912345678"});
    let first = write(&member, "k1", &body).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert_eq!(first.json()["person_known"], true);
    assert!(!first.text().contains("912345678"), "the number is nowhere");
    let again = write(&member, "k1", &body).await;
    assert_eq!((again.status, again.json()), (StatusCode::CREATED, first.json()));
    let other = json!({"unit": world.quang_trung_2});
    let reused = write(&member, "k1", &other).await;
    assert_eq!(reused.status, StatusCode::CONFLICT);
    let list = member.get("/api/v1/encounters").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn errors_are_problem_documents_that_say_what_to_do() {
    let world = World::new().await;
    let member = world.browser("thanhvien.quangtrung").await;
    let page = write(&member, "", &json!({"unit": world.quang_trung_1, "person": "12"})).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.headers[header::CONTENT_TYPE], "application/problem+json");
    let problem = page.json();
    let fields: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    for field in ["person", "topic", "channel"] {
        assert!(fields.contains(&field), "{field}: {problem}");
    }
    for (path, status) in [("/api/v1/encounters/1", 400), ("/api/v1/nothing", 404)] {
        let page = member.get(path).await;
        assert_eq!(page.status.as_u16(), status, "{path}");
        assert_eq!(page.headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
    }
    let stranger = world.stranger().get("/api/v1/encounters").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn quang_trung_does_not_reach_hien_khanh_by_the_api() {
    let world = World::new().await;
    let campaign = world.campaign().await;
    let theirs = world.browser("canbo.hienkhanh").await;
    let more = [("campaign", campaign.as_str())];
    let id = world.encounter(&theirs, world.hien_khanh_1, &more).await;
    let topic = world.topic("9.").await;
    let ours = world.browser("thanhvien.quangtrung").await;
    let one = format!("/api/v1/encounters/{id}");
    assert_eq!(theirs.get(&one).await.status, StatusCode::OK);
    assert_eq!(ours.get(&one).await.status, StatusCode::NOT_FOUND);
    let all = ours.get(&format!("/api/v1/encounters?unit={}", world.hien_khanh)).await.json();
    assert!(all["items"].as_array().unwrap().is_empty());
    let gone = ours.send_json("DELETE", &one, &json!({"why": "thử"})).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let into = json!({"unit": world.hien_khanh_1, "channel": "home_round", "topic": [topic],
                      "outcome": "told"});
    assert_eq!(write(&ours, "", &into).await.status, StatusCode::NOT_FOUND);
    let figures = format!("/api/v1/campaigns/{campaign}/coverage?unit={}", world.hien_khanh);
    assert_eq!(ours.get(&figures).await.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.get(&figures).await.json()["whole"]["encounters"], 1);
}

#[tokio::test]
async fn lists_are_paged_without_gaps_or_repeats() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let mut made = vec![];
    for index in 0..7 {
        let time = format!("19:3{}", index / 2);
        made.push(world.encounter(&officer, world.quang_trung_1, &[("time", &time)]).await);
    }
    let (mut seen, mut after) = (vec![], String::new());
    loop {
        let page = officer.get(&format!("/api/v1/encounters?limit=3&after={after}")).await.json();
        for item in page["items"].as_array().unwrap() {
            seen.push(item["id"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    seen.sort();
    made.sort();
    assert_eq!(seen, made);
    assert_eq!(officer.get("/api/v1/encounters?limit=0").await.status.as_u16(), 422);
    let hamlets = officer.get("/api/v1/registers/hamlets?limit=3").await.json();
    assert_eq!(hamlets["items"].as_array().unwrap().len(), 3);
    assert!(hamlets["next"].is_string());
}

#[tokio::test]
async fn the_description_names_every_door() {
    let world = World::new().await;
    let described = world.stranger().get("/api/v1/openapi.json").await.json();
    assert!(described["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/encounters",
        "/encounters/{id}",
        "/campaigns",
        "/campaigns/{id}/coverage",
        "/activities",
        "/registers/{register}",
    ] {
        assert!(described["paths"][format!("/api/v1{path}")].is_object(), "{path}");
    }
}
