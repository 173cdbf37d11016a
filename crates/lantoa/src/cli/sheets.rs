//! `lantoa import`, `export` and `report`: what the pages do, for whoever keeps the machine.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::campaigns;
use crate::exchange::{self, Asked, Book, Format};
use crate::foundation::audit::Doer;
use crate::foundation::{Shared, T};
use crate::people::Scope;
use crate::{reports, units};

fn book_of(name: &str) -> anyhow::Result<Book> {
    let names: Vec<&str> = Book::all().into_iter().map(Book::name).collect();
    Book::of(name).with_context(|| format!("{name}? {}", names.join(", ")))
}

fn ending(file: &Path) -> &str {
    file.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

/// Everything below the home unit.
fn scope(app: &Shared) -> anyhow::Result<Scope> {
    let home = app.home().context("chưa chọn đơn vị / no unit yet: lantoa init")?;
    Ok(Scope::of_the_program(home.unit_id))
}

pub async fn import(app: &Shared, book: &str, file: &Path, apply: bool) -> anyhow::Result<()> {
    let book = book_of(book)?;
    if !book.comes_in() {
        bail!("{}: chỉ xuất / export only", book.name());
    }
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let by = Doer { account_id: None, name: "lantoa import".to_owned(), at: app.clock.now() };
    let scope = scope(app)?;
    let t = T::default();
    match exchange::bring_in(app, &scope, &by, t, book, (&name, &bytes), apply).await? {
        Ok(done) => {
            println!("+{} ~{} ={}", done.added, done.changed, done.same);
            if !apply {
                println!("Chưa ghi gì; thêm --apply để ghi / nothing written; --apply writes");
            }
            Ok(())
        }
        Err(flaws) => {
            for flaw in &flaws {
                println!("{}:{}: {}: {}", flaw.sheet, flaw.row, flaw.column, flaw.reason);
            }
            bail!("{} lỗi, chưa ghi dòng nào / errors, nothing written", flaws.len())
        }
    }
}

pub async fn export(app: &Shared, book: &str, file: &Path, blank: bool) -> anyhow::Result<()> {
    let book = book_of(book)?;
    let format = Format::of(ending(file)).context(".xlsx, .csv")?;
    let t = T::default();
    let bytes = if blank {
        exchange::template(t, book, format).await?
    } else {
        let scope = scope(app)?;
        let all = Asked::default();
        exchange::export(app, t, book, &scope, Some(&scope), &all, format).await?
    };
    std::fs::write(file, bytes).with_context(|| file.display().to_string())
}

pub async fn report(app: &Shared, campaign: &str, file: &Path) -> anyhow::Result<()> {
    let format = ending(file).to_owned();
    if !["pdf", "docx", "xlsx"].contains(&format.as_str()) {
        bail!(".pdf, .docx, .xlsx");
    }
    let scope = scope(app)?;
    let wanted = vietnamese::fold(campaign);
    let all = campaigns::store::list(&app.db, &scope).await?;
    let found = all
        .iter()
        .find(|one| one.id.to_string() == campaign || vietnamese::fold(&one.name) == wanted);
    let Some(found) = found else {
        let names: Vec<String> =
            all.iter().map(|one| format!("{}  {}", one.id, one.name)).collect();
        bail!("không có đợt này / no such campaign. {}", names.join("\n"));
    };
    let campaign = campaigns::store::find(&app.db, &scope, found.id).await?;
    let unit = units::find(&app.db, campaign.unit_id).await?.context("unit")?;
    let report = reports::compose(app, &campaign, &unit).await?;
    let bytes = reports::write(report.document, format).await?;
    std::fs::write(file, bytes).with_context(|| file.display().to_string())
}
