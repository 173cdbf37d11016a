//! The smallest HTTP client: one request on one connection, whole answer.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Password of the demo's accounts.
const DEMO_PASSWORD: &str = "lantoa-demo";

use anyhow::{Context as _, bail};

/// What came back.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// From the request's first byte to the answer's last.
    pub took: Duration,
}

/// Asks for a page with a cookie, accepting gzip.
pub fn get(port: u16, path: &str, cookie: &str) -> anyhow::Result<Answer> {
    send(
        port,
        &format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept-Encoding: gzip\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ),
    )
}

/// Asks for a page as it is, without compression.
pub fn plain(port: u16, path: &str, cookie: &str) -> anyhow::Result<Answer> {
    send(
        port,
        &format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ),
    )
}

/// Sends a form as a browser on our own pages would.
pub fn post(port: u16, path: &str, form: &str) -> anyhow::Result<Answer> {
    send(
        port,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            form.len()
        ),
    )
}

fn send(port: u16, request: &str) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let began = Instant::now();
    stream.write_all(request.as_bytes())?;
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes)?;
    let took = began.elapsed();
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").context("no head")?;
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    if status == 0 {
        bail!("no status: {head}");
    }
    Ok(Answer { status, head, body: bytes[split + 4..].to_vec(), took })
}

/// The session cookie of a demo account.
pub fn sign_in(port: u16, name: &str) -> anyhow::Result<String> {
    let form = format!("name={name}&password={DEMO_PASSWORD}");
    let answer = post(port, "/sign-in", &form)?;
    let cookie = answer
        .head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .with_context(|| format!("sign-in answered {}", answer.status))?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}
