//! `startup`: making the demo, starting on it, and what an idle server holds.

use std::time::{Duration, Instant};

use crate::server::{Folder, Server, program};
use crate::{Figure, client};

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let program = program()?;
    let folder = Folder::new()?;
    let first = Server::start(&program, &folder.0)?;
    let made = first.until_first_page;
    drop(first);
    // The yardstick: what starting any process of this size costs here.
    let mut bare = vec![];
    let mut starts = vec![];
    for _ in 0..5 {
        let began = Instant::now();
        std::process::Command::new(&program)
            .arg("--version")
            .stdout(std::process::Stdio::null())
            .status()?;
        bare.push(began.elapsed());
        starts.push(Server::start(&program, &folder.0)?.until_first_page);
    }
    let server = Server::start(&program, &folder.0)?;
    std::thread::sleep(Duration::from_secs(2));
    let idle = server.memory()?;
    let cookie = client::sign_in(server.port, "canbo.vuban")?;
    for path in ["/", "/coverage", "/encounters", "/members", "/reports"] {
        client::get(server.port, path, &cookie)?;
    }
    std::thread::sleep(Duration::from_secs(2));
    let used = server.memory()?;
    bare.sort();
    starts.sort();
    let figure = |name: &str, value: f64, unit, at_most| Figure {
        name: name.to_owned(),
        value,
        unit,
        at_most,
    };
    Ok(vec![
        figure("making the demo, until its first page", made.as_secs_f64(), "s", Some(20.0)),
        figure(
            "start until first page, demo made, median",
            starts[2].as_secs_f64(),
            "s",
            Some(1.0),
        ),
        figure("start until first page, demo made, worst", starts[4].as_secs_f64(), "s", Some(1.0)),
        figure("yardstick: the program's --version, median", bare[2].as_secs_f64(), "s", None),
        figure("memory of the idle server (resident)", idle, "MB", Some(80.0)),
        figure("memory after the office pages (resident)", used, "MB", None),
    ])
}
