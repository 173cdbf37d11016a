//! The program under measurement, as its own process on a folder of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::client;

/// A folder that goes away with its holder.
pub struct Folder(pub PathBuf);

impl Folder {
    /// A new, empty folder.
    pub fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("lantoa-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running server.
pub struct Server {
    child: Child,
    pub port: u16,
    /// From the start of the process to its first page.
    pub until_first_page: Duration,
}

/// The release program beside this one, built now so that it is of this source.
pub fn program() -> anyhow::Result<PathBuf> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "-q", "-p", "lantoa"])
        .status()?;
    if !built.success() {
        bail!("the program could not be built");
    }
    let own = std::env::current_exe()?;
    let program = own.parent().context("no folder")?.join("lantoa");
    if !program.exists() {
        bail!("{} is not there: run with --release", program.display());
    }
    Ok(program)
}

impl Server {
    /// Starts the demo in `folder` and waits for its sign-in page.
    pub fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let began = Instant::now();
        let child = Command::new(program)
            .args(["demo", "--log", "error", "--data"])
            .arg(folder)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self { child, port, until_first_page: Duration::ZERO };
        while client::get(port, "/sign-in", "").is_err() {
            if began.elapsed() > Duration::from_mins(2) || server.child.try_wait()?.is_some() {
                bail!("the server did not start");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        server.until_first_page = began.elapsed();
        Ok(server)
    }

    /// Resident memory of the process, in MB (Linux: Rss of smaps_rollup).
    pub fn memory(&self) -> anyhow::Result<f64> {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let text = std::fs::read_to_string(path)?;
        let of = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok())
        };
        let rss = of("Rss:").context("Rss")?;
        Ok(rss / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
