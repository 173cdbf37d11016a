//! One door to both databases. SQL is written once, with `$1` placeholders and a small set of
//! value types; this file is the only one that knows which engine answers.
//!
//! `SQLite`: one writing connection taken with `BEGIN IMMEDIATE`, a pool of readers beside it, WAL,
//! `synchronous = FULL`. `PostgreSQL`: one pool. What is acknowledged is durable on both.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgArguments, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments, AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use uuid::Uuid;

/// The migrations, in order; never edited after a release.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "house", include_str!("../../../../migrations/0001_house.sql")),
    (2, "calendar", include_str!("../../../../migrations/0002_calendar.sql")),
    (3, "rosters", include_str!("../../../../migrations/0003_rosters.sql")),
    (4, "planning", include_str!("../../../../migrations/0004_planning.sql")),
    (5, "runs", include_str!("../../../../migrations/0005_runs.sql")),
];

/// What can go wrong between us and the database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The engine refused or failed a statement.
    #[error("database: {0}")]
    Engine(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("database migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A column was not of the type that the code expects.
    #[error("database: column {column} cannot be read: {reason}")]
    Column { column: String, reason: String },
}

impl DbError {
    /// Whether a uniqueness rule was broken, as when two people add the same thing at once.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, DbError::Engine(sqlx::Error::Database(e)) if e.is_unique_violation())
    }
}

/// A value bound to a placeholder.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    Uuid(Uuid),
}

macro_rules! value_from {
    ($($from:ty => |$v:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($v: $from) -> Self { $to }
        }
    )*};
}
value_from! {
    i64 => |v| Value::Int(v);
    i32 => |v| Value::Int(v.into());
    u32 => |v| Value::Int(v.into());
    usize => |v| Value::Int(v as i64);
    bool => |v| Value::Int(v.into());
    f64 => |v| Value::Real(v);
    &str => |v| Value::Text(v.to_owned());
    String => |v| Value::Text(v);
    &String => |v| Value::Text(v.clone());
    Vec<u8> => |v| Value::Bytes(v);
    &[u8] => |v| Value::Bytes(v.to_vec());
    Uuid => |v| Value::Uuid(v);
    jiff::civil::Date => |v| Value::Text(v.to_string());
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}

/// `args![a, b]`: the values of `$1, $2, …`.
#[macro_export]
macro_rules! args {
    ($($v:expr),* $(,)?) => { vec![$($crate::foundation::db::Value::from($v)),*] };
}

/// A NULL whose type `PostgreSQL` infers from its place.
struct UntypedNull;

impl sqlx::Type<sqlx::Postgres> for UntypedNull {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        sqlx::postgres::PgTypeInfo::with_oid(sqlx::postgres::types::Oid(0))
    }
}

impl sqlx::Encode<'_, sqlx::Postgres> for UntypedNull {
    fn encode_by_ref(
        &self,
        _: &mut sqlx::postgres::PgArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        Ok(sqlx::encode::IsNull::Yes)
    }
}

fn sqlite_arguments(values: Vec<Value>) -> Result<SqliteArguments, DbError> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Null => arguments.add(None::<i64>),
            Value::Int(v) => arguments.add(v),
            Value::Real(v) => arguments.add(v),
            Value::Text(v) => arguments.add(v),
            Value::Bytes(v) => arguments.add(v),
            Value::Uuid(v) => arguments.add(v),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres_arguments(values: Vec<Value>) -> Result<PgArguments, DbError> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Null => arguments.add(UntypedNull),
            Value::Int(v) => arguments.add(v),
            Value::Real(v) => arguments.add(v),
            Value::Text(v) => arguments.add(v),
            Value::Bytes(v) => arguments.add(v),
            Value::Uuid(v) => arguments.add(v),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// A row of an answer; columns are read by name.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A type that a column can be read as.
pub trait FromColumn: Sized {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error>;
}

macro_rules! from_column {
    ($($t:ty),*) => {$(
        impl FromColumn for $t {
            fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
                match row {
                    Row::Sqlite(row) => row.try_get(column),
                    Row::Postgres(row) => row.try_get(column),
                }
            }
        }
        impl FromColumn for Option<$t> {
            fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
                match row {
                    Row::Sqlite(row) => row.try_get(column),
                    Row::Postgres(row) => row.try_get(column),
                }
            }
        }
    )*};
}
from_column!(f64, String, Vec<u8>, Uuid);

impl FromColumn for Option<i64> {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
        match row {
            Row::Sqlite(row) => row.try_get(column),
            // What a statement computes from small literals, PostgreSQL gives as 32 bits.
            Row::Postgres(row) => row
                .try_get::<Option<i32>, _>(column)
                .map(|value| value.map(i64::from))
                .or_else(|_| row.try_get(column)),
        }
    }
}

impl FromColumn for i64 {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
        Option::<i64>::from_column(row, column)?
            .ok_or_else(|| sqlx::Error::Decode("unexpected null".into()))
    }
}

impl FromColumn for bool {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
        Ok(i64::from_column(row, column)? != 0)
    }
}

impl FromColumn for jiff::civil::Date {
    fn from_column(row: &Row, column: &str) -> Result<Self, sqlx::Error> {
        let text = String::from_column(row, column)?;
        text.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))
    }
}

impl Row {
    /// The column of that name.
    pub fn get<T: FromColumn>(&self, column: &str) -> Result<T, DbError> {
        T::from_column(self, column)
            .map_err(|e| DbError::Column { column: column.to_owned(), reason: e.to_string() })
    }

    /// The column of that name, made into a type of the model by its own parser.
    pub fn parse<T: std::str::FromStr>(&self, column: &str) -> Result<T, DbError> {
        let text: String = self.get(column)?;
        text.parse().map_err(|_| DbError::Column {
            column: column.to_owned(),
            reason: format!("«{text}» is not a known value"),
        })
    }
}

/// The database of this installation.
#[derive(Clone)]
pub enum Db {
    Sqlite { reader: SqlitePool, writer: SqlitePool },
    Postgres(PgPool),
}

/// A writing transaction; dropped without [`Tx::commit`] it leaves no trace.
pub enum Tx {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

fn sql(text: &str) -> SqlStr {
    // Statements are constants of our own; values only ever travel as arguments.
    AssertSqlSafe(text.to_owned()).into_sql_str()
}

impl Db {
    /// Opens (and creates) the embedded database at `path` and brings its schema up to date.
    pub async fn open_sqlite(path: &Path) -> Result<Self, DbError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            // Rows come over from SQLite's own thread: many at a time.
            .row_buffer_size(2000)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("cache_size", "-8192")
            .statement_cache_capacity(200);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await?;
        migrator().run(&writer).await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(4)
            .min_connections(1)
            .idle_timeout(Duration::from_mins(1))
            .connect_with(options.read_only(true))
            .await?;
        Ok(Db::Sqlite { reader, writer })
    }

    /// Connects to the `PostgreSQL` database at `url` and brings its schema up to date.
    pub async fn open_postgres(url: &str) -> Result<Self, DbError> {
        let pool = PgPoolOptions::new().max_connections(8).connect(url).await?;
        migrator().run(&pool).await?;
        Ok(Db::Postgres(pool))
    }

    /// Which engine this is, as operators call it.
    pub fn engine(&self) -> &'static str {
        match self {
            Db::Sqlite { .. } => "sqlite",
            Db::Postgres(_) => "postgresql",
        }
    }

    /// All rows of a reading statement.
    pub async fn rows(&self, statement: &str, values: Vec<Value>) -> Result<Vec<Row>, DbError> {
        Ok(match self {
            Db::Sqlite { reader, .. } => {
                let query = sqlx::query_with(sql(statement), sqlite_arguments(values)?);
                query.fetch_all(reader).await?.into_iter().map(Row::Sqlite).collect()
            }
            Db::Postgres(pool) => {
                let query = sqlx::query_with(sql(statement), postgres_arguments(values)?);
                query.fetch_all(pool).await?.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row of a reading statement, if there is one.
    pub async fn row(&self, statement: &str, values: Vec<Value>) -> Result<Option<Row>, DbError> {
        Ok(match self {
            Db::Sqlite { reader, .. } => {
                let query = sqlx::query_with(sql(statement), sqlite_arguments(values)?);
                query.fetch_optional(reader).await?.map(Row::Sqlite)
            }
            Db::Postgres(pool) => {
                let query = sqlx::query_with(sql(statement), postgres_arguments(values)?);
                query.fetch_optional(pool).await?.map(Row::Postgres)
            }
        })
    }

    /// The one number a counting statement answers with, in its column `n`.
    pub async fn count(&self, statement: &str, values: Vec<Value>) -> Result<i64, DbError> {
        let row = self.row(statement, values).await?;
        row.map_or(Ok(0), |row| row.get("n"))
    }

    /// Begins a writing transaction. On `SQLite` writers queue here, one at a time.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        Ok(match self {
            Db::Sqlite { writer, .. } => {
                Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE".into_sql_str()).await?)
            }
            Db::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Copies the embedded database, consistent as of now, into a new file; the server may run.
    pub async fn copy_to(&self, path: &Path) -> Result<(), DbError> {
        if let Db::Sqlite { writer, .. } = self {
            let query = sqlx::query("VACUUM INTO $1").bind(path.display().to_string());
            query.execute(writer).await?;
        }
        Ok(())
    }

    /// Closes all connections; on `SQLite` the write-ahead log is folded into the file.
    pub async fn close(&self) {
        match self {
            Db::Sqlite { reader, writer } => {
                reader.close().await;
                writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Runs a statement and tells how many rows it touched.
    pub async fn execute(&mut self, statement: &str, values: Vec<Value>) -> Result<u64, DbError> {
        Ok(match self {
            Tx::Sqlite(tx) => {
                let query = sqlx::query_with(sql(statement), sqlite_arguments(values)?);
                query.execute(&mut **tx).await?.rows_affected()
            }
            Tx::Postgres(tx) => {
                let query = sqlx::query_with(sql(statement), postgres_arguments(values)?);
                query.execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// All rows of a statement, seen from inside the transaction.
    pub async fn rows(&mut self, statement: &str, values: Vec<Value>) -> Result<Vec<Row>, DbError> {
        Ok(match self {
            Tx::Sqlite(tx) => {
                let query = sqlx::query_with(sql(statement), sqlite_arguments(values)?);
                query.fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect()
            }
            Tx::Postgres(tx) => {
                let query = sqlx::query_with(sql(statement), postgres_arguments(values)?);
                query.fetch_all(&mut **tx).await?.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row of a statement, seen from inside the transaction.
    pub async fn row(
        &mut self,
        statement: &str,
        values: Vec<Value>,
    ) -> Result<Option<Row>, DbError> {
        Ok(self.rows(statement, values).await?.into_iter().next())
    }

    /// Inserts many rows, as many to a statement as both engines take well.
    /// `head` is `INSERT INTO t (a, b)`; `tail` may carry `ON CONFLICT …`.
    pub fn insert_many<'a>(
        &'a mut self,
        head: &'a str,
        rows: impl IntoIterator<Item = Vec<Value>>,
        tail: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>> {
        let rows: Vec<Vec<Value>> = rows.into_iter().collect();
        Box::pin(async move {
            let mut statement = String::new();
            let mut shaped_for = 0;
            let Some(width) = rows.first().map(Vec::len) else { return Ok(()) };
            let mut rows = rows.into_iter().peekable();
            let per_statement = (900 / width).max(1);
            while rows.peek().is_some() {
                let some: Vec<Vec<Value>> = rows.by_ref().take(per_statement).collect();
                if some.len() != shaped_for {
                    statement = format!("{head} VALUES {} {tail}", placeholders(some.len(), width));
                    shaped_for = some.len();
                }
                self.execute(&statement, some.into_iter().flatten().collect()).await?;
            }
            Ok(())
        })
    }

    /// Holds other transactions that name the same subject back until this one ends. `SQLite` has
    /// a single writer, so there is nothing to hold; `PostgreSQL` takes an advisory lock.
    pub async fn hold(&mut self, subject: &[u8]) -> Result<(), DbError> {
        if let Tx::Postgres(tx) = self {
            let mut eight = [0u8; 8];
            for (index, byte) in subject.iter().enumerate() {
                eight[index % 8] ^= byte;
            }
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(i64::from_be_bytes(eight))
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// Makes everything done in the transaction durable.
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// `($1, $2), ($3, $4)` for two rows of two.
fn placeholders(rows: usize, width: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(rows * width * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            let separator = if column == 0 { "" } else { ", " };
            let _ = write!(text, "{separator}${}", row * width + column + 1);
        }
        text.push(')');
    }
    text
}

fn migrator() -> Migrator {
    Migrator::with_migrations(
        MIGRATIONS
            .iter()
            .map(|&(version, name, text)| {
                Migration::new(
                    version,
                    name.into(),
                    MigrationType::Simple,
                    text.into_sql_str(),
                    false,
                )
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_over_rows() {
        assert_eq!(placeholders(2, 2), "($1, $2), ($3, $4)");
    }
}
