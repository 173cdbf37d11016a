//! Backups, their restoring, and the check of figures against raw records.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use sha2::{Digest, Sha256};

use super::open;
use crate::encounters::tally;
use crate::foundation::config::Config;
use crate::foundation::db::Db;
use crate::foundation::secret::Secret;

const FILES: [&str; 2] = ["lantoa.db", "secret.key"];

fn sum(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(hex::encode(Sha256::digest(bytes)))
}

/// Copies database and key into a new folder, with their SHA-256; the server may be running.
pub async fn backup(config: &Config, folder: &Path) -> anyhow::Result<()> {
    if config.database.is_some() {
        bail!(
            "PostgreSQL: dùng pg_dump, và giữ kèm secret.key / use pg_dump, and keep secret.key with it"
        );
    }
    if folder.exists() {
        bail!("{} đã có / already exists", folder.display());
    }
    std::fs::create_dir_all(folder)?;
    let db = open(config).await?;
    db.copy_to(&folder.join(FILES[0])).await?;
    db.close().await;
    // A folder that was never served has no key yet.
    Secret::of_folder(&config.data).context(FILES[1])?;
    std::fs::copy(config.data.join(FILES[1]), folder.join(FILES[1]))?;
    let mut manifest = String::new();
    for file in FILES {
        writeln!(manifest, "{}  {file}", sum(&folder.join(file))?)?;
    }
    std::fs::write(folder.join("SHA256SUMS"), manifest)?;
    println!("{}", folder.display());
    Ok(())
}

/// Restores a backup into an empty data folder, after its checksums were found right.
pub fn restore(config: &Config, folder: &Path) -> anyhow::Result<()> {
    let manifest = std::fs::read_to_string(folder.join("SHA256SUMS"))
        .context("không phải bản sao lưu / not a backup")?;
    for file in FILES {
        let expected = format!("{}  {file}", sum(&folder.join(file))?);
        if !manifest.lines().any(|line| line == expected) {
            bail!("{file}: bản sao lưu đã hỏng / the backup is damaged");
        }
    }
    std::fs::create_dir_all(&config.data)?;
    if config.data.join(FILES[0]).exists() {
        bail!("{} đã có dữ liệu / already holds data", config.data.display());
    }
    for file in FILES {
        std::fs::copy(folder.join(file), config.data.join(file))?;
    }
    println!("{}", config.data.display());
    Ok(())
}

/// Compares the kept figures with a recount; with `mend`, replaces them where they differ.
pub async fn check(config: &Config, mend: bool) -> anyhow::Result<()> {
    let db = open(config).await?;
    if let Db::Sqlite { .. } = &db {
        let row = db.row("PRAGMA integrity_check", vec![]).await?;
        let answer: String = row.context("integrity_check")?.get("integrity_check")?;
        if answer != "ok" {
            bail!("tệp dữ liệu hỏng / the database file is damaged: {answer}");
        }
    }
    let differ = tally::check(&db).await?;
    println!("{differ} ô số liệu lệch với bản ghi gốc / figures differ from the raw records");
    if differ > 0 && mend {
        let mut tx = db.begin().await?;
        tally::rebuild(&mut tx).await?;
        tx.commit().await?;
        println!("đã tính lại / counted anew");
    } else if differ > 0 {
        bail!("chạy lại với --mend / run again with --mend");
    }
    db.close().await;
    Ok(())
}
