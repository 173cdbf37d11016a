//! Configuration: flags over environment over one TOML file. A wrong key or value stops the
//! start with the file, the line and what is accepted.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What the TOML file may say. Every key may be left out.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Folder of the database, the key and the backups.
    pub data: Option<PathBuf>,
    /// Address to listen on, as `127.0.0.1:8080`.
    pub listen: Option<SocketAddr>,
    /// `postgres://…` to use a `PostgreSQL` database instead of the embedded one.
    pub database: Option<String>,
    /// Set to true where people reach the site over HTTPS.
    pub https: Option<bool>,
    /// How much is logged: error, warn, info, debug.
    pub log: Option<LogLevel>,
    /// How log lines look: text or json.
    pub log_format: Option<LogFormat>,
    /// `http://…` of a routing server that speaks OSRM's interface, for travel times by road.
    pub routing_server: Option<String>,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// What the command line or the environment said.
#[derive(Debug, Default, Clone)]
pub struct Given {
    pub config: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
    pub database: Option<String>,
    pub log: Option<LogLevel>,
    pub log_format: Option<LogFormat>,
    pub routing_server: Option<String>,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub database: Option<String>,
    pub https: bool,
    pub log: LogLevel,
    pub log_format: LogFormat,
    pub routing_server: Option<String>,
}

/// A configuration file that cannot be used; the text says where and what is accepted.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("không đọc được {path} / cannot read {path}: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("{path}, dòng/line {line}: {reason}")]
    Wrong { path: String, line: usize, reason: String },
}

impl Config {
    /// Joins flags and environment (`given`) with the file they name, or `lantoa.toml` in the
    /// data folder where there is one.
    pub fn of(given: Given, default_data: &str) -> Result<Self, ConfigError> {
        let folder = given.data.clone().unwrap_or_else(|| PathBuf::from(default_data));
        let in_folder = folder.join("lantoa.toml");
        let file = match &given.config {
            Some(path) => read(path)?,
            None if in_folder.exists() => read(&in_folder)?,
            None => File::default(),
        };
        Ok(Self {
            data: given.data.or(file.data).unwrap_or(folder),
            listen: given
                .listen
                .or(file.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            database: given.database.or(file.database),
            https: file.https.unwrap_or(false),
            log: given.log.or(file.log).unwrap_or_default(),
            log_format: given.log_format.or(file.log_format).unwrap_or_default(),
            routing_server: given.routing_server.or(file.routing_server),
        })
    }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|e| ConfigError::Unreadable { path: shown.clone(), reason: e.to_string() })?;
    toml::from_str(&text).map_err(|e| ConfigError::Wrong {
        path: shown,
        line: e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1),
        reason: e.message().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config_of(text: &str) -> Result<Config, ConfigError> {
        let folder = std::env::temp_dir().join(format!("lantoa-config-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("lantoa.toml");
        std::fs::write(&path, text).unwrap();
        let given = Given { config: Some(path), ..Given::default() };
        let config = Config::of(given, "lantoa-data");
        std::fs::remove_dir_all(folder).unwrap();
        config
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_what_is_accepted() {
        let error =
            config_of("https = true\nlissten = \"127.0.0.1:80\"\n").unwrap_err().to_string();
        assert!(error.contains("lantoa.toml, dòng/line 2"), "{error}");
        assert!(error.contains("lissten") && error.contains("listen"), "{error}");
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line_and_what_is_accepted() {
        let error = config_of("\n\nlog = \"loud\"").unwrap_err().to_string();
        assert!(error.contains("dòng/line 3") && error.contains("warn"), "{error}");
    }

    #[test]
    fn flags_win_over_the_file() {
        let folder = std::env::temp_dir().join(format!("lantoa-config-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("lantoa.toml"), "listen = \"127.0.0.1:9000\"").unwrap();
        let given = Given { data: Some(folder.clone()), ..Given::default() };
        assert_eq!(Config::of(given.clone(), "x").unwrap().listen.port(), 9000);
        let listen = Some(SocketAddr::from(([127, 0, 0, 1], 9001)));
        assert_eq!(Config::of(Given { listen, ..given }, "x").unwrap().listen.port(), 9001);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
