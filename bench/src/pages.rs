//! `pages`: the office pages with the demo loaded, one reader, each page asked for many times.

use std::time::Duration;

use anyhow::bail;

use crate::server::{Folder, Server, program};
use crate::{Figure, client};

/// Times each page is asked for.
const ROUNDS: usize = 60;

fn percentile(sorted: &[Duration], of: f64) -> f64 {
    let index = ((sorted.len() - 1) as f64 * of).round() as usize;
    sorted[index].as_secs_f64() * 1000.0
}

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let program = program()?;
    let folder = Folder::new()?;
    let server = Server::start(&program, &folder.0)?;
    let cookie = client::sign_in(server.port, "canbo.vuban")?;
    let campaigns = client::plain(server.port, "/api/v1/campaigns", &cookie)?;
    let text = String::from_utf8_lossy(&campaigns.body).into_owned();
    let Some(id) = text.split("\"id\":\"").nth(1).and_then(|rest| rest.get(..36)) else {
        bail!("no campaign: {text}");
    };
    let paths = [
        "/".to_owned(),
        "/coverage".to_owned(),
        "/coverage?by=topic".to_owned(),
        "/campaigns".to_owned(),
        format!("/campaigns/{id}"),
        format!("/reports/{id}"),
        "/activities".to_owned(),
        "/activities/new".to_owned(),
        "/encounters".to_owned(),
        format!("/encounters?campaign={id}&people=yes"),
        "/encounters/new".to_owned(),
        "/units".to_owned(),
        "/hamlets".to_owned(),
        "/venues".to_owned(),
        "/teams".to_owned(),
        "/members".to_owned(),
        "/assets".to_owned(),
        "/catalogue".to_owned(),
    ];
    let (mut figures, mut all, mut yardstick) = (vec![], vec![], vec![]);
    let mut largest = 0;
    for path in &paths {
        let mut times = vec![];
        let mut size = 0;
        for _ in 0..ROUNDS {
            // The yardstick: an answer that does no work, over the same path.
            yardstick.push(client::get(server.port, "/healthz", &cookie)?.took);
            let answer = client::get(server.port, path, &cookie)?;
            if answer.status != 200 {
                bail!("{path}: {}", answer.status);
            }
            times.push(answer.took);
            size = answer.body.len();
        }
        times.sort();
        all.extend(times.iter().copied());
        largest = largest.max(size);
        let name = path.replace(id, "…");
        let at = |name: String, value, unit, at_most| Figure { name, value, unit, at_most };
        figures.push(at(format!("{name} p50"), percentile(&times, 0.5), "ms", None));
        figures.push(at(format!("{name} p95"), percentile(&times, 0.95), "ms", Some(30.0)));
        figures.push(at(format!("{name} sent"), size as f64 / 1000.0, "kB", Some(100.0)));
    }
    all.sort();
    yardstick.sort();
    let p95 = percentile(&all, 0.95);
    for (name, value, unit, at_most) in [
        ("all pages p95", p95, "ms", Some(30.0)),
        ("largest page sent", largest as f64 / 1000.0, "kB", Some(100.0)),
        ("yardstick: /healthz p95", percentile(&yardstick, 0.95), "ms", None),
        ("all pages p95 over the yardstick", p95 / percentile(&yardstick, 0.95), "times", None),
    ] {
        figures.push(Figure { name: name.to_owned(), value, unit, at_most });
    }
    Ok(figures)
}
