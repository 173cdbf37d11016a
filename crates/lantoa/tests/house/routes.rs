//! Travel times from a routing server that speaks OSRM's interface, over real HTTP.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use lantoa::planning::travel::{NoRoute, Point, served};

/// A server that answers each request with what `answer` makes of its path; gives its address and
/// the paths that were asked.
fn server(
    answer: impl Fn(&str) -> (u16, String) + Send + 'static,
) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, paths) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let mut header = String::new();
            while reader.read_line(&mut header).unwrap() > 2 {
                header.clear();
            }
            let (status, body) = answer(&path);
            let _ = asked.send(path);
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (address, paths)
}

/// Places whose number can be read off their longitude.
fn places(count: usize) -> Vec<Point> {
    (0..count).map(|number| (20.0, number as f64)).collect()
}

/// Answers as OSRM does, where going from place a to place b takes 60·(1000 a + b) seconds.
fn osrm(path: &str) -> (u16, String) {
    let (points, query) = path.strip_prefix("/table/v1/driving/").unwrap().split_once('?').unwrap();
    let numbers: Vec<f64> =
        points.split(';').map(|point| point.split(',').next().unwrap().parse().unwrap()).collect();
    assert!(numbers.len() <= 100, "more places than a server takes");
    let listed = |name: &str| -> Vec<usize> {
        let values = query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap();
        values.split(';').map(|value| value.parse().unwrap()).collect()
    };
    assert!(query.contains("annotations=duration"));
    let rows: Vec<String> = listed("sources=")
        .iter()
        .map(|a| {
            let row = listed("destinations=");
            let row = row
                .iter()
                .map(|b| format!("{:.1}", 60.0 * (1000.0 * numbers[*a] + numbers[*b]) - 0.5));
            format!("[{}]", row.collect::<Vec<_>>().join(","))
        })
        .collect();
    (200, format!(r#"{{"code":"Ok","durations":[{}]}}"#, rows.join(",")))
}

const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn a_large_table_is_asked_in_parts_and_put_together() {
    let (address, paths) = server(osrm);
    let table = served(&address, &places(120), PATIENCE).unwrap();
    assert_eq!(table.size(), 120);
    assert_eq!(table.of(3, 7), 3007, "seconds are rounded up to minutes");
    assert_eq!(table.of(119, 51), 119_051);
    let asked: Vec<String> = paths.try_iter().collect();
    assert_eq!(asked.len(), 9, "three groups against three");
    assert!(asked[0].starts_with("/table/v1/driving/0.000000,20.000000;1.000000,20.000000;"));
}

#[test]
fn no_road_between_two_places_is_said_with_the_places() {
    let (address, _paths) =
        server(|_| (200, r#"{"code":"Ok","durations":[[0,null],[5,0]]}"#.to_owned()));
    assert_eq!(served(&address, &places(2), PATIENCE), Err(NoRoute::Unreachable(0, 1)));
}

#[test]
fn a_refusal_is_told_from_silence() {
    let (address, _paths) =
        server(|_| (400, r#"{"code":"NoTable","message":"no table"}"#.to_owned()));
    let refused = served(&address, &places(2), PATIENCE).unwrap_err();
    assert_eq!(refused, NoRoute::Refused("NoTable no table".to_owned()));
    let (address, _paths) = server(|_| (502, "<html>bad gateway</html>".to_owned()));
    let refused = served(&address, &places(2), PATIENCE).unwrap_err();
    assert_eq!(refused, NoRoute::Refused("HTTP 502".to_owned()));
    let (address, _paths) = server(|_| {
        std::thread::sleep(Duration::from_secs(3));
        (200, String::new())
    });
    let silent = served(&address, &places(2), Duration::from_millis(300)).unwrap_err();
    assert!(matches!(silent, NoRoute::Silent(_)), "{silent:?}");
    let nobody = served("http://127.0.0.1:1", &places(2), PATIENCE).unwrap_err();
    assert!(matches!(nobody, NoRoute::Silent(_)), "{nobody:?}");
}
