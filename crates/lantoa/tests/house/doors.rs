//! Signing in and out, the browser's protections, and what a machine asks.

use axum::body::Body;
use axum::http::{StatusCode, header};

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn only_the_right_password_opens() {
    let world = World::new().await;
    let stranger = world.stranger();
    let away = stranger.get("/encounters?unit=1").await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert!(away.location.starts_with("/sign-in?back="), "{}", away.location);
    for (name, password) in [("canbo", "sai"), ("khongco", PASSWORD)] {
        let page = stranger.post("/sign-in", &[("name", name), ("password", password)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains(name), "the name stays typed");
        assert!(page.headers.get(header::SET_COOKIE).is_none());
    }
    let page = stranger.post("/sign-in", &[("name", "canbo"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let cookie = page.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");

    let officer = world.browser("canbo").await;
    assert_eq!(officer.post("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.get("/").await.status, StatusCode::SEE_OTHER, "the session is over");
}

#[tokio::test]
async fn pages_of_other_sites_cannot_write() {
    let world = World::new().await;
    let officer = world.browser("canbo").await;
    let token = officer.token.clone().unwrap();
    let request = axum::http::Request::builder()
        .method("POST")
        .uri("/sign-out")
        .header(header::HOST, "lantoa.test")
        .header("sec-fetch-site", "cross-site")
        .header(header::COOKIE, format!("lantoa_session={token}"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(officer.send(request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(officer.get("/").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn no_page_allows_code_written_into_it() {
    let world = World::new().await;
    let page = world.browser("canbo").await.get("/").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = page.text();
    assert!(!text.contains(" style=") && !text.contains("<style"), "no inline style");
    assert!(!text.contains(" onclick"), "no inline handlers");
}

#[tokio::test]
async fn machines_get_their_answers() {
    let world = World::new().await;
    let stranger = world.stranger();
    assert_eq!(stranger.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(stranger.get("/readyz").await.status, StatusCode::OK);
    let metrics = stranger.get("/metrics").await;
    assert_eq!(metrics.status, StatusCode::OK);
    assert!(metrics.text().contains("# TYPE"), "{}", metrics.text());
    let lost = world.browser("canbo").await.get("/khong-co-trang-nay").await;
    assert_eq!(lost.status, StatusCode::NOT_FOUND);
    assert!(lost.headers.contains_key("x-request-id"));
}
