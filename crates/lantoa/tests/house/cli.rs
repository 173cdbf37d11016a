//! The command line, as the person who keeps the machine uses it: the built program on a folder.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A folder that goes away with the test.
struct Desk(PathBuf);

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Desk {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("lantoa-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Runs the program on the data folder of this name, with something typed.
    fn run(&self, data: &str, words: &[&str], typed: &str) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_lantoa"))
            .args(words)
            .args(["--data", data, "--log", "error"])
            .current_dir(&self.0)
            .env_remove("LANTOA_DATABASE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        program.wait_with_output().unwrap()
    }

    fn done(&self, data: &str, words: &[&str], typed: &str) -> String {
        let output = self.run(data, words, typed);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{words:?}: {text}{}", said(&output));
        text
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const INIT: [&str; 5] = ["init", "--level", "commune", "--code", "13753"];

#[test]
fn what_was_backed_up_comes_back_with_the_same_figures() {
    let desk = Desk::new();
    let words = [&INIT[..], &["--admin", "quantri"]].concat();
    let unit = desk.done("a", &words, "một mật khẩu dài\n");
    assert!(unit.contains("Xã Hiển Khánh"), "{unit}");
    let again = desk.run("a", &words, "một mật khẩu dài\n");
    assert!(!again.status.success(), "a unit is chosen once");
    let words = ["export", "hamlets", "mau.csv", "--template"];
    desk.done("a", &words, "");
    let template = std::fs::read_to_string(desk.0.join("mau.csv")).unwrap();
    let rows = format!("{template}Xã Hiển Khánh,01,Xóm,Xóm 1,100,400,300,,\n");
    std::fs::write(desk.0.join("thon.csv"), rows).unwrap();
    let tried = desk.done("a", &["import", "hamlets", "thon.csv"], "");
    assert!(tried.contains("+1 ~0 =0"), "{tried}");
    desk.done("a", &["import", "hamlets", "thon.csv", "--apply"], "");
    desk.done("a", &["backup", "kept"], "");
    desk.done("b", &["restore", "kept"], "");
    let same = desk.done("b", &["import", "hamlets", "thon.csv"], "");
    assert!(same.contains("+0 ~0 =1"), "{same}");
    assert!(desk.done("b", &["user", "list"], "").contains("quantri"));
    assert!(desk.done("b", &["check"], "").starts_with('0'));
    let over = desk.run("b", &["restore", "kept"], "");
    assert!(!over.status.success(), "a restore never writes over what is there");
}

#[test]
fn a_wrong_file_is_refused_line_by_line_and_a_wrong_setting_stops_the_start() {
    let desk = Desk::new();
    let words = [&INIT[..], &["--admin", "quantri"]].concat();
    desk.done("a", &words, "một mật khẩu dài\n");
    std::fs::write(desk.0.join("sai.csv"), "Tên,Lạ\nXóm 1,x\n").unwrap();
    let output = desk.run("a", &["import", "hamlets", "sai.csv", "--apply"], "");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success());
    assert!(text.contains("sai.csv:1: Lạ") && text.contains("sai.csv:1: Loại"), "{text}");
    std::fs::write(desk.0.join("c.toml"), "log = \"info\"\nlissten = \"x\"\n").unwrap();
    let output = desk.run("a", &["check", "--config", "c.toml"], "");
    let text = said(&output);
    assert!(!output.status.success() && text.contains("c.toml") && text.contains('2'), "{text}");
    assert!(text.contains("lissten") && text.contains("listen"), "{text}");
}

#[test]
fn an_instance_is_planned_the_same_for_a_seed_and_the_solution_is_judged() {
    let desk = Desk::new();
    let bench = format!("{}/../../bench/instances", env!("CARGO_MANIFEST_DIR"));
    let small = format!("{bench}/outreach/small-8x8-s1.json");
    let plan = |name: &str| {
        let words = ["plan", &small, "--attempts", "500", "--seed", "7", "--solution", name];
        desk.done("a", &words, "")
    };
    assert!(plan("mot.json").contains("unserved 0"));
    assert_eq!(plan("mot.json"), plan("hai.json"));
    let file = |name: &str| std::fs::read_to_string(desk.0.join(name)).unwrap();
    assert_eq!(file("mot.json"), file("hai.json"));
    assert!(desk.done("a", &["verify", &small, "mot.json"], "").contains("held 58"));
    std::fs::write(desk.0.join("sai.json"), file("mot.json").replace("\"cost\":", "\"cost\":9"))
        .unwrap();
    let output = desk.run("a", &["verify", &small, "sai.json"], "");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && text.contains("BROKEN the cost is"), "{text}");
    assert!(!desk.0.join("a").exists(), "planning a file makes no data folder");
}
