//! The command line: serving, the demo, the own start, accounts, backups, checks.

mod keep;
mod plan;
mod sheets;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

use crate::foundation::audit::Doer;
use crate::foundation::config::{Config, Given, LogFormat, LogLevel};
use crate::foundation::db::Db;
use crate::foundation::secret::Secret;
use crate::foundation::{App, Clock, Shared, settings, telemetry};
use crate::people::accounts;
use crate::units::Level;
use crate::{demo, planning, rosters, site, start};

/// Lan Tỏa: lập kế hoạch, tổ chức và chứng minh kết quả tuyên truyền chuyển đổi số.
/// Plan, run and prove digital-transformation outreach.
#[derive(Debug, Parser)]
#[command(name = "lantoa", version)]
struct Line {
    /// Tệp cấu hình TOML / TOML configuration file
    #[arg(long, global = true, env = "LANTOA_CONFIG")]
    config: Option<PathBuf>,
    /// Thư mục dữ liệu / data folder
    #[arg(long, global = true, env = "LANTOA_DATA")]
    data: Option<PathBuf>,
    /// Địa chỉ phục vụ / address to listen on [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "LANTOA_LISTEN")]
    listen: Option<SocketAddr>,
    /// postgres://… thay cho SQLite / instead of the embedded database
    #[arg(long, global = true, env = "LANTOA_DATABASE")]
    database: Option<String>,
    /// Mức nhật ký / log level
    #[arg(long, global = true, env = "LANTOA_LOG")]
    log: Option<LogLevel>,
    /// Dạng nhật ký / log format
    #[arg(long, global = true, env = "LANTOA_LOG_FORMAT")]
    log_format: Option<LogFormat>,
    /// Máy chủ chỉ đường kiểu OSRM / OSRM-compatible routing server: http://…
    #[arg(long, global = true, env = "LANTOA_ROUTING_SERVER")]
    routing_server: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Phục vụ (mặc định) / serve (the default)
    Serve,
    /// Bản dùng thử: Vụ Bản giữa đợt cao điểm 2023 / the demo
    Demo,
    /// Bắt đầu cho một đơn vị / own start for a unit
    Init {
        /// province, district, commune
        #[arg(long)]
        level: String,
        /// Mã đơn vị / code of the unit
        #[arg(long)]
        code: String,
        /// Ngày mà mã ấy có hiệu lực / day on which the code is valid [default: today]
        #[arg(long)]
        on: Option<String>,
        /// Tên đăng nhập quản trị / administrator's sign-in name
        #[arg(long)]
        admin: String,
    },
    /// Nhập từ tệp XLSX, CSV; chỉ xem thử nếu không có --apply / import, only tried without --apply
    Import {
        /// hamlets, venues, assets, teams, members, encounters, services
        book: String,
        file: PathBuf,
        /// Ghi thật / write it
        #[arg(long)]
        apply: bool,
    },
    /// Xuất ra tệp XLSX hoặc CSV / export
    Export {
        /// hamlets, venues, assets, teams, members, encounters, activities, services
        book: String,
        file: PathBuf,
        /// Tệp mẫu trống / an empty template
        #[arg(long)]
        template: bool,
    },
    /// Báo cáo của một đợt ra PDF, DOCX, XLSX / a campaign's report
    Report {
        /// Mã hoặc tên đợt / id or name of the campaign
        campaign: String,
        file: PathBuf,
    },
    /// Lập lịch một đề bài / plan an instance file: lantoa-plan-1, outreach-plan-1, Solomon, VRPLIB
    Plan {
        instance: PathBuf,
        /// Thời gian bộ xử lý, giây / processor seconds of one thread
        #[arg(long, default_value_t = 10.0)]
        cpu_seconds: f64,
        /// Số lần thử, thay cho thời gian: cùng số cho cùng lịch / attempts instead of time
        #[arg(long)]
        attempts: Option<u64>,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Bỏ qua việc một tổ không ở hai nơi / let teams be in two places
        #[arg(long)]
        ignore_teams: bool,
        /// Tệp ghi lời giải / file for the solution
        #[arg(long)]
        solution: Option<PathBuf>,
    },
    /// Kiểm tra một lời giải / check every rule of a solution file
    Verify {
        instance: PathBuf,
        solution: PathBuf,
        /// Bỏ qua việc một tổ không ở hai nơi / let teams be in two places
        #[arg(long)]
        ignore_teams: bool,
    },
    /// Tài khoản / accounts
    User {
        #[command(subcommand)]
        what: User,
    },
    /// Sao lưu vào một thư mục mới / back up into a new folder
    Backup { folder: PathBuf },
    /// Khôi phục từ bản sao lưu / restore from a backup
    Restore { folder: PathBuf },
    /// Đối chiếu số liệu với bản ghi gốc / compare figures with the raw records
    Check {
        /// Tính lại nếu lệch / count anew where they differ
        #[arg(long)]
        mend: bool,
    },
    /// Cập nhật cấu trúc cơ sở dữ liệu / bring the database schema up to date
    Migrate,
}

#[derive(Debug, Subcommand)]
enum User {
    /// Danh sách / list
    List,
    /// Đặt lại mật khẩu, đọc từ dòng nhập / set a password read from standard input
    Password { name: String },
}

/// Runs the command line; gives the exit code.
pub fn run() -> i32 {
    let line = Line::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("lantoa: {e}");
            return 1;
        }
    };
    match runtime.block_on(act(line)) {
        Ok(()) => 0,
        Err(e) => {
            eprintln!("lantoa: {e:#}");
            1
        }
    }
}

async fn act(line: Line) -> anyhow::Result<()> {
    // Instance files need neither configuration nor data.
    match &line.command {
        Some(Command::Plan { instance, cpu_seconds, attempts, seed, ignore_teams, solution }) => {
            let budget = plan::Budget { cpu_seconds: *cpu_seconds, attempts: *attempts };
            return plan::plan(instance, budget, *seed, *ignore_teams, solution.as_deref());
        }
        Some(Command::Verify { instance, solution, ignore_teams }) => {
            return plan::judge(instance, solution, *ignore_teams);
        }
        _ => {}
    }
    let given = Given {
        config: line.config,
        data: line.data,
        listen: line.listen,
        database: line.database,
        log: line.log,
        log_format: line.log_format,
        routing_server: line.routing_server,
    };
    let is_demo = matches!(line.command, Some(Command::Demo));
    let config = Config::of(given, if is_demo { "lantoa-demo" } else { "lantoa-data" })?;
    telemetry::start_logging(config.log, config.log_format);
    match line.command {
        None | Some(Command::Serve) => serve(&config, false).await,
        Some(Command::Demo) => serve(&config, true).await,
        Some(Command::Init { level, code, on, admin }) => {
            init(&config, &level, &code, on, &admin).await
        }
        Some(Command::Import { book, file, apply }) => {
            sheets::import(&assemble(&config).await?, &book, &file, apply).await
        }
        Some(Command::Export { book, file, template }) => {
            sheets::export(&assemble(&config).await?, &book, &file, template).await
        }
        Some(Command::Report { campaign, file }) => {
            sheets::report(&assemble(&config).await?, &campaign, &file).await
        }
        Some(Command::User { what }) => user(&config, what).await,
        Some(Command::Plan { .. } | Command::Verify { .. }) => Ok(()),
        Some(Command::Backup { folder }) => keep::backup(&config, &folder).await,
        Some(Command::Restore { folder }) => keep::restore(&config, &folder),
        Some(Command::Check { mend }) => keep::check(&config, mend).await,
        Some(Command::Migrate) => {
            let db = open(&config).await?;
            println!("{}: cấu trúc mới nhất / schema up to date", db.engine());
            db.close().await;
            Ok(())
        }
    }
}

/// Opens the database of a configuration, making its folder where needed.
async fn open(config: &Config) -> anyhow::Result<Db> {
    make_folder(&config.data)?;
    let opened = match &config.database {
        Some(url) => Db::open_postgres(url).await,
        None => Db::open_sqlite(&config.data.join("lantoa.db")).await,
    };
    opened.context("không mở được cơ sở dữ liệu / cannot open the database")
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| {
        format!("không tạo được thư mục / cannot make folder {}", folder.display())
    })
}

async fn assemble(config: &Config) -> anyhow::Result<Shared> {
    let db = open(config).await?;
    let secret = Secret::of_folder(&config.data).context("secret.key")?;
    let stands_at = settings::get(&db, settings::DEMO_CLOCK).await?.and_then(|at| at.parse().ok());
    let clock = match stands_at.map(jiff::Timestamp::from_millisecond) {
        Some(Ok(at)) => Clock::Standing(at),
        _ => Clock::System,
    };
    let home = start::home_of(&db).await?;
    let mut app = App::new(db, clock, secret, stands_at.is_some(), home);
    app.secure_cookies = config.https;
    app.routing_server.clone_from(&config.routing_server);
    Ok(Arc::new(app))
}

/// Serves until asked to stop. Where the first page of an empty installation asks for the demo,
/// serving goes on at the same address on a demo in a folder of its own.
async fn serve(config: &Config, is_demo: bool) -> anyhow::Result<()> {
    let listener = std::net::TcpListener::bind(config.listen)
        .with_context(|| format!("không nghe được ở / cannot listen on {}", config.listen))?;
    listener.set_nonblocking(true)?;
    if serve_at(config, is_demo, listener.try_clone()?).await? {
        let demo = Config { data: config.data.join("demo"), database: None, ..config.clone() };
        serve_at(&demo, true, listener).await?;
    }
    Ok(())
}

/// Serves at a listener; gives whether the demo is wanted instead.
async fn serve_at(
    config: &Config,
    is_demo: bool,
    listener: std::net::TcpListener,
) -> anyhow::Result<bool> {
    if is_demo {
        let db = open(config).await?;
        if settings::get(&db, settings::HOME_UNIT).await?.is_none() {
            eprintln!("Đang tạo dữ liệu dùng thử… / making the demo data…");
            let secret = Secret::of_folder(&config.data)?;
            demo::build(&db, &secret).await?;
        } else if settings::get(&db, settings::DEMO_CLOCK).await?.is_none() {
            bail!(
                "{} đã có dữ liệu thật, không dùng thử ở đó / holds real data, not a demo",
                config.data.display()
            );
        }
        db.close().await;
    }
    let app = assemble(config).await?;
    planning::recover(&app.db).await?;
    let listener = TcpListener::from_std(listener)?;
    println!("Lan Tỏa: http://{}/", listener.local_addr()?);
    if app.demo {
        println!("Tài khoản dùng thử / demo accounts (mật khẩu / password: {}):", demo::PASSWORD);
        for account in accounts::list(&app.db, None).await? {
            let roles: Vec<String> = account
                .grants
                .iter()
                .map(|(role, _, unit)| format!("{} · {unit}", role.code()))
                .collect();
            println!("  {:<22} {}", account.sign_in_name, roles.join("; "));
        }
    }
    let router = site::site(app.clone());
    let wanted = Arc::new(AtomicBool::new(false));
    let until = {
        let (app, wanted) = (app.clone(), wanted.clone());
        async move {
            tokio::select! {
                () = asked_to_stop() => {}
                () = app.demo_wanted.notified() => wanted.store(true, Ordering::Relaxed),
            }
        }
    };
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let reminders = tokio::spawn(rosters::reminders::keep(app.clone(), stopping));
    let served = axum::serve(listener, router).with_graceful_shutdown(until).await;
    app.work.finish().await;
    // A round under way is finished first.
    let _ = stop.send(true);
    let _ = tokio::time::timeout(Duration::from_secs(10), reminders).await;
    served?;
    let _ = tokio::time::timeout(Duration::from_secs(10), app.db.close()).await;
    Ok(wanted.load(Ordering::Relaxed))
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let mut terminate =
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(terminate) => terminate,
                Err(e) => {
                    tracing::warn!(error = %e, "cannot listen for SIGTERM");
                    let _ = interrupt.await;
                    return;
                }
            };
        tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
    tracing::info!("stopping: requests under way are finished first");
}

fn read_password() -> anyhow::Result<String> {
    eprint!("Mật khẩu / password: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.chars().count() < crate::people::passwords::SHORTEST {
        bail!("mật khẩu cần ít nhất 8 ký tự / the password needs at least 8 characters");
    }
    Ok(password)
}

async fn init(
    config: &Config,
    level: &str,
    code: &str,
    on: Option<String>,
    admin: &str,
) -> anyhow::Result<()> {
    let Ok(level) = level.parse::<Level>() else {
        bail!("--level: province, district, commune");
    };
    let on = match on {
        Some(text) => crate::foundation::form::read_date(&text)
            .context("--on: ngày theo mẫu 2023-08-01 / a day as 2023-08-01")?,
        None => Clock::System.today(),
    };
    if !accounts::is_sign_in_name(admin) {
        bail!("--admin: 3–40 ký tự a–z, 0–9, . _ -");
    }
    let db = open(config).await?;
    if start::home_of(&db).await?.is_some() {
        bail!("thư mục này đã có đơn vị / this folder already has its unit");
    }
    let at = Clock::System.now();
    let unit = start::find_home(&db, level, code, on, at).await?.with_context(|| {
        format!("không có đơn vị mã {code} vào ngày {on} / no unit {code} on {on}")
    })?;
    let hash = accounts::hash(&read_password()?).await?;
    start::settle(&db, unit.id, admin, admin, hash, at).await?;
    println!("{} ({})", unit.name, unit.code);
    db.close().await;
    Ok(())
}

async fn user(config: &Config, what: User) -> anyhow::Result<()> {
    let db = open(config).await?;
    let all = accounts::list(&db, None).await?;
    match what {
        User::List => {
            for account in all {
                let roles: Vec<String> = account
                    .grants
                    .iter()
                    .map(|(role, _, unit)| format!("{} · {unit}", role.code()))
                    .collect();
                println!(
                    "{:<22} {:<30} {}",
                    account.sign_in_name,
                    account.display_name,
                    roles.join("; ")
                );
            }
        }
        User::Password { name } => {
            let account = all
                .into_iter()
                .find(|account| account.sign_in_name == name)
                .with_context(|| format!("không có tài khoản / no account {name}"))?;
            let hash = accounts::hash(&read_password()?).await?;
            let by =
                Doer { account_id: None, name: "lantoa user".to_owned(), at: Clock::System.now() };
            let mut tx = db.begin().await?;
            accounts::set_password(&mut tx, account.id, &hash, &by).await?;
            tx.commit().await?;
        }
    }
    db.close().await;
    Ok(())
}
