//! Bringing a spreadsheet in: rows become forms, forms become what the rooms already know how to
//! check and store. A trial runs the whole import in a transaction and takes it back.

use std::collections::HashMap;

use uuid::Uuid;

use super::book::{Book, Column, one_of, vocabulary};
use super::sheet::{self, BROKEN, Read};
use crate::campaigns;
use crate::catalogue::store::{self as catalogue, NewEntry, NewList};
use crate::encounters::store::{self as encounters, Recorded};
use crate::encounters::tally::Reach;
use crate::foundation::audit::{Doer, Entry};
use crate::foundation::form::Form;
use crate::foundation::ids::{EncounterId, TopicId, UnitId};
use crate::foundation::{App, DbError, Fault, T};
use crate::people::Scope;
use crate::registers::store::{self as rows, Record, Wanted};
use crate::registers::{Register, SpecKind, TEAMS};
use crate::units::{self, Level};

/// What is wrong in a spreadsheet, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub sheet: String,
    /// As the spreadsheet program numbers it.
    pub row: usize,
    /// Title of the column; empty for the whole row.
    pub column: String,
    pub reason: String,
}

/// What an import does or did, in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    pub added: usize,
    pub changed: usize,
    /// Already there just so.
    pub same: usize,
}

/// An import under way.
struct Import<'a> {
    app: &'a App,
    scope: &'a Scope,
    by: &'a Doer,
    t: T,
    read: Read,
    columns: Vec<Column>,
    /// Column of the sheet to column of the book.
    order: Vec<Option<usize>>,
    flaws: Vec<Flaw>,
}

/// Brings a file into a book within a scope; only tries it where `for_real` is false. The inner
/// error lists everything that is wrong; then nothing was written.
pub async fn bring_in(
    app: &App,
    scope: &Scope,
    by: &Doer,
    t: T,
    book: Book,
    (file_name, bytes): (&str, &[u8]),
    for_real: bool,
) -> Result<Result<Done, Vec<Flaw>>, Fault> {
    let read = match sheet::read(file_name, bytes) {
        Ok(read) => read,
        Err(key) => {
            let (sheet, reason) = (file_name.to_owned(), t.get(key));
            return Ok(Err(vec![Flaw { sheet, row: 1, column: String::new(), reason }]));
        }
    };
    let columns = book.columns(t);
    let mut import = Import { app, scope, by, t, read, columns, order: vec![], flaws: vec![] };
    import.find_columns();
    let done = match book {
        Book::Register(register) => import.register(register, for_real).await?,
        Book::Encounters => import.encounters(for_real).await?,
        Book::Services => import.services(for_real).await?,
        Book::Activities => return Err(Fault::NotFound),
    };
    if import.flaws.is_empty() {
        return Ok(Ok(done));
    }
    import.flaws.sort_by_key(|flaw| flaw.row);
    Ok(Err(import.flaws))
}

/// Texts that name the same thing are the same key.
fn key(text: &str) -> String {
    vietnamese::fold(text.trim().trim_end_matches('*').trim())
}

impl Import<'_> {
    fn flaw(&mut self, row: usize, column: &str, reason: String) {
        let sheet = self.read.name.clone();
        self.flaws.push(Flaw { sheet, row, column: column.to_owned(), reason });
    }

    fn title_of(&self, name: &str) -> String {
        let column = self.columns.iter().find(|column| column.name == name);
        column.map_or_else(|| name.to_owned(), |column| self.t.get(column.label))
    }

    /// Finds the columns by their titles, in either language, in any order.
    fn find_columns(&mut self) {
        let languages = [crate::foundation::Lang::Vi, crate::foundation::Lang::En];
        let known: Vec<Vec<String>> = self
            .columns
            .iter()
            .map(|column| {
                let titles = languages.map(|lang| key(&T(lang).get(column.label)));
                titles.into_iter().chain([key(column.name)]).collect()
            })
            .collect();
        let titles = self.read.titles.clone();
        for title in &titles {
            let found = known.iter().position(|names| names.contains(&key(title)));
            if title.is_empty() {
                self.order.push(None);
            } else if let Some(found) = found {
                if self.order.contains(&Some(found)) {
                    self.flaw(1, title, self.t.get("import-column-twice"));
                }
                self.order.push(Some(found));
            } else {
                self.flaw(1, title, self.t.get("import-column-unknown"));
                self.order.push(None);
            }
        }
        let missing: Vec<String> = self
            .columns
            .iter()
            .enumerate()
            .filter(|(index, column)| column.needed && !self.order.contains(&Some(*index)))
            .map(|(_, column)| self.t.get(column.label))
            .collect();
        for title in missing {
            self.flaw(1, &title, self.t.get("import-column-missing"));
        }
    }

    /// Whether the sheet has this column.
    fn has(&self, name: &str) -> bool {
        let index = self.columns.iter().position(|column| column.name == name);
        self.order.contains(&index) && index.is_some()
    }

    /// The rows as forms, with cells of failed formulas named.
    fn forms(&mut self) -> Vec<(usize, Form)> {
        let lines = std::mem::take(&mut self.read.rows);
        let mut forms = Vec::with_capacity(lines.len());
        for (line, row) in lines {
            let mut fields = vec![];
            for (index, text) in self.order.clone().into_iter().zip(row) {
                let Some(index) = index else { continue };
                let name = self.columns[index].name;
                if text == BROKEN {
                    self.flaw(line, &self.title_of(name), self.t.get("import-formula"));
                    continue;
                }
                fields.push((name, text));
            }
            forms.push((line, Form::filled(fields)));
        }
        forms
    }

    /// Notes everything that a form refused.
    fn note(&mut self, line: usize, form: &Form) {
        if let Fault::Invalid(faults) = form.faults() {
            for fault in faults {
                let reason = self.t.get(fault.key);
                self.flaw(line, &self.title_of(&fault.field), reason);
            }
        }
    }

    /// A word of a vocabulary, typed as its text in either language or as its code. What is not
    /// one is noted and left out of the form.
    fn word(
        &mut self,
        line: usize,
        form: &mut Form,
        name: &str,
        family: &str,
        words: &[&str],
    ) -> bool {
        let typed = form.text(name).to_owned();
        if typed.is_empty() {
            return true;
        }
        let languages = [crate::foundation::Lang::Vi, crate::foundation::Lang::En];
        let meant = words.iter().find(|word| {
            **word == typed
                || languages.iter().any(|l| key(&T(*l).word(family, word)) == key(&typed))
        });
        match meant {
            Some(word) => {
                form.set(name, *word);
                true
            }
            None => {
                let reason = format!(
                    "{} {}",
                    self.t.with("import-word", "typed", &typed),
                    one_of(self.t, family, words)
                );
                self.flaw(line, &self.title_of(name), reason);
                false
            }
        }
    }

    /// A thing named by text; what is not found, or is found twice, is noted.
    fn named(
        &mut self,
        line: usize,
        form: &mut Form,
        name: &str,
        known: &HashMap<String, Vec<Uuid>>,
    ) -> bool {
        let typed = form.text(name).to_owned();
        if typed.is_empty() {
            return true;
        }
        match known.get(&key(&typed)).map(Vec::as_slice) {
            Some([one]) => {
                form.set(name, one.to_string());
                true
            }
            Some([_, ..]) => {
                let reason = self.t.with("import-ambiguous", "typed", &typed);
                self.flaw(line, &self.title_of(name), reason);
                false
            }
            _ => {
                let reason = self.t.with("import-not-found", "typed", &typed);
                self.flaw(line, &self.title_of(name), reason);
                false
            }
        }
    }

    /// The units in reach by their names and codes.
    async fn units(&self, communes_only: bool) -> Result<HashMap<String, Vec<Uuid>>, DbError> {
        let today = self.app.clock.today();
        let all = units::store::choices(&self.app.db, self.scope, today).await?;
        let mut names: HashMap<UnitId, String> =
            all.iter().map(|unit| (unit.id, unit.name.clone())).collect();
        let mut known: HashMap<String, Vec<Uuid>> = HashMap::new();
        for unit in all {
            if communes_only && unit.level != Level::Commune {
                continue;
            }
            let mut keys = vec![key(&unit.name)];
            if unit.level == Level::Hamlet {
                if let Some(parent) = unit.parent_id {
                    if !names.contains_key(&parent)
                        && let Some(parent) = units::find(&self.app.db, parent).await?
                    {
                        names.insert(parent.id, parent.name);
                    }
                    if let Some(parent) = names.get(&parent) {
                        keys.push(key(&format!("{}, {parent}", unit.name)));
                    }
                }
            } else {
                keys.push(key(&unit.code));
            }
            keys.dedup();
            for key in keys {
                known.entry(key).or_default().push(unit.id.0);
            }
        }
        Ok(known)
    }

    async fn register(
        &mut self,
        register: &'static Register,
        for_real: bool,
    ) -> Result<Done, Fault> {
        let db = &self.app.db;
        let before = rows::list(db, register, self.scope, &Wanted::default()).await?;
        let natural = |texts: &dyn Fn(&'static str) -> String| -> String {
            register.natural_key.iter().map(|name| key(&texts(name))).collect::<Vec<_>>().join("\n")
        };
        let known: HashMap<String, Record> = before
            .into_iter()
            .map(|record| (natural(&|name| record.text(name).to_owned()), record))
            .collect();
        let home = match register.home_field().kind {
            SpecKind::Team => self.teams().await?,
            SpecKind::Unit { commune_only } => self.units(commune_only).await?,
            _ => HashMap::new(),
        };
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut drafts = vec![];
        for (line, mut form) in self.forms() {
            let mut whole = true;
            for field in register.fields {
                whole &= match field.kind {
                    SpecKind::Word(family, words) => {
                        self.word(line, &mut form, field.name, family, words)
                    }
                    SpecKind::Unit { .. } | SpecKind::Team => {
                        self.named(line, &mut form, field.name, &home)
                    }
                    SpecKind::Number(_) => {
                        let digits = form.text(field.name).replace(['.', ' '], "");
                        if digits.parse::<i64>().is_ok() {
                            form.set(field.name, digits);
                        }
                        true
                    }
                    _ => true,
                };
            }
            if !whole {
                // What could not be understood is already named; the rest is still looked at.
                let mut rest = form.clone();
                let _ = rows::read(register, &mut rest);
                self.note_except_choices(line, &rest);
                continue;
            }
            let found = known.get(&natural(&|name| match register.field(name).map(|f| f.kind) {
                Some(SpecKind::Phone) => vietnamese::phone(form.text(name)).unwrap_or_default(),
                _ => form.text(name).to_owned(),
            }));
            // A column that the file leaves out keeps what is stored.
            if let Some(record) = found {
                for field in register.fields.iter().filter(|field| !self.has(field.name)) {
                    form.set(field.name, record.text(field.name));
                }
            }
            let Some(draft) = rows::read(register, &mut form) else {
                self.note(line, &form);
                continue;
            };
            let own = natural(&|name| draft.texts.get(name).cloned().unwrap_or_default());
            if let Some(first) = seen.insert(own, line) {
                let reason = self.t.with("import-row-twice", "row", first);
                self.flaw(line, &self.title_of("name"), reason);
                continue;
            }
            let same = found.is_some_and(|record| {
                register.fields.iter().all(|field| {
                    let text = draft.texts.get(field.name).map_or("", String::as_str);
                    let kept = record.text(field.name);
                    text == kept
                        || matches!(field.kind, SpecKind::Degrees(..))
                            && text.replace(',', ".").parse::<f64>().ok() == kept.parse().ok()
                        || matches!(field.kind, SpecKind::Word(family, _)
                            if key(&T::default().word(family, kept)) == key(text))
                })
            });
            drafts.push((line, draft, found, same));
        }
        let mut done = Done::default();
        if !self.flaws.is_empty() {
            return Ok(done);
        }
        let mut tx = db.begin().await?;
        for (line, draft, found, same) in &drafts {
            if *same {
                done.same += 1;
                continue;
            }
            let unit = match found {
                Some(record) if register.home_field().kind == SpecKind::Team => record.unit_id,
                _ => rows::unit_of(db, register, draft).await?,
            };
            let id = found.map(|record| record.id);
            match rows::save(&mut tx, register, id, *found, draft, unit, self.by).await {
                Ok(_) if found.is_some() => done.changed += 1,
                Ok(_) => done.added += 1,
                Err(e) if e.is_unique_violation() => {
                    self.flaw(*line, &self.title_of("code"), self.t.get("import-in-trash"));
                    return Ok(Done::default());
                }
                Err(e) => return Err(e.into()),
            }
        }
        if for_real {
            tx.commit().await?;
        }
        Ok(done)
    }

    /// Notes what a form refused, save for what [`Self::word`] and [`Self::named`] said better.
    fn note_except_choices(&mut self, line: usize, form: &Form) {
        if let Fault::Invalid(faults) = form.faults() {
            for fault in faults.into_iter().filter(|fault| fault.key != "error-choice") {
                let reason = self.t.get(fault.key);
                self.flaw(line, &self.title_of(&fault.field), reason);
            }
        }
    }

    /// The teams in reach by their names, with and without their unit.
    async fn teams(&self) -> Result<HashMap<String, Vec<Uuid>>, DbError> {
        let teams = rows::list(&self.app.db, &TEAMS, self.scope, &Wanted::default()).await?;
        let mut known: HashMap<String, Vec<Uuid>> = HashMap::new();
        for team in teams {
            let name = team.text("name");
            known.entry(key(name)).or_default().push(team.id);
            known.entry(key(&format!("{name}, {}", team.unit_name))).or_default().push(team.id);
        }
        Ok(known)
    }

    /// The topics in force by code, by number in their list, by name and by label.
    async fn topics(&self) -> Result<HashMap<String, Vec<Uuid>>, DbError> {
        let mut known: HashMap<String, Vec<Uuid>> = HashMap::new();
        for topic in catalogue::topics(&self.app.db).await? {
            let mut keys = vec![key(&topic.code), key(&topic.name_vi), key(&topic.label(self.t))];
            if topic.list_id.is_some() {
                keys.push(topic.position.to_string());
            }
            keys.sort();
            keys.dedup();
            for key in keys {
                known.entry(key).or_default().push(topic.id.0);
            }
        }
        Ok(known)
    }

    async fn encounters(&mut self, for_real: bool) -> Result<Done, Fault> {
        let db = &self.app.db;
        let (units, topics) = (self.units(false).await?, self.topics().await?);
        let mut campaigns: HashMap<String, Vec<Uuid>> = HashMap::new();
        for campaign in campaigns::store::list(db, self.scope).await? {
            campaigns.entry(key(&campaign.name)).or_default().push(campaign.id.0);
        }
        let valid: std::collections::HashSet<TopicId> =
            topics.values().flatten().map(|id| TopicId(*id)).collect();
        let mut repeated: HashMap<String, u32> = HashMap::new();
        let mut slips: HashMap<String, usize> = HashMap::new();
        let mut encounters = vec![];
        for (line, mut form) in self.forms() {
            let own = own_id(self.app, &form, &mut repeated);
            let mut whole = self.named(line, &mut form, "unit", &units)
                & self.named(line, &mut form, "campaign", &campaigns);
            for name in ["channel", "age", "outcome"] {
                if let Some((family, words)) = vocabulary(name) {
                    whole &= self.word(line, &mut form, name, family, &words);
                }
            }
            whole &= self.topics_of(line, &mut form, &topics);
            // A date cell may hold the hour as well.
            if let Some((day, time)) = form.text("day").to_owned().split_once(' ')
                && form.text("time").is_empty()
            {
                form.set("day", day);
                form.set("time", time);
            }
            if form.text("time").is_empty() {
                form.set("time", "00:00");
            }
            for name in ["day", "outcome"] {
                if form.text(name).is_empty() && whole {
                    form.refuse(name, "error-required");
                }
            }
            let slip = form.text("reference").to_owned();
            if !slip.is_empty() {
                let slip = format!("{}\n{}", form.text("unit"), key(&slip));
                if let Some(first) = slips.insert(slip, line) {
                    let reason = self.t.with("import-row-twice", "row", first);
                    self.flaw(line, &self.title_of("reference"), reason);
                    whole = false;
                }
            }
            form.set("id", own.to_string());
            let draft = encounters::read(&mut form, self.by.at, &|topic| valid.contains(&topic));
            let Some(draft) = draft.filter(|_| whole) else {
                if whole {
                    self.note(line, &form);
                } else {
                    self.note_except_choices(line, &form);
                }
                continue;
            };
            match encounters::place(self.app, self.scope, &draft, self.by).await {
                Ok(encounter) => encounters.push(encounter),
                Err(Fault::Invalid(faults)) => {
                    for fault in faults {
                        let reason = self.t.get(fault.key);
                        self.flaw(line, &self.title_of(&fault.field), reason);
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
        let mut done = Done::default();
        if !self.flaws.is_empty() {
            return Ok(done);
        }
        let mut tx = db.begin().await?;
        let mut reach = Reach::default();
        for encounter in &encounters {
            match encounters::record(&mut tx, &mut reach, encounter).await? {
                Recorded::New => done.added += 1,
                Recorded::Before(_) => done.same += 1,
            }
        }
        if for_real {
            Entry::new("imported", "encounters", Uuid::now_v7(), &self.read.name)
                .in_unit(self.scope.roots()[0])
                .write(&mut tx, self.by)
                .await?;
            tx.commit().await?;
        }
        Ok(done)
    }

    /// The topics of a cell, parted by semicolons.
    fn topics_of(
        &mut self,
        line: usize,
        form: &mut Form,
        known: &HashMap<String, Vec<Uuid>>,
    ) -> bool {
        let cell = form.text("topic").to_owned();
        let mut chosen = vec![];
        let mut whole = true;
        for typed in cell.split(';').map(str::trim).filter(|typed| !typed.is_empty()) {
            let mut one = Form::filled([("topic", typed)]);
            whole &= self.named(line, &mut one, "topic", known);
            chosen.push(("topic".to_owned(), one.text("topic").to_owned()));
        }
        let others = form.fields().iter().filter(|(name, _)| name != "topic").cloned();
        *form = Form::filled(others.chain(chosen).collect::<Vec<_>>());
        whole
    }

    async fn services(&mut self, for_real: bool) -> Result<Done, Fault> {
        let mut list = NewList::default();
        let mut positions: HashMap<i64, usize> = HashMap::new();
        let mut names: HashMap<String, usize> = HashMap::new();
        let forms = self.forms();
        for (line, mut form) in forms {
            let shared = [
                ("code", 20, &mut list.code),
                ("title", 300, &mut list.title),
                ("basis", 300, &mut list.legal_basis),
                ("source", 500, &mut list.source),
            ];
            let mut others = vec![];
            for (name, most, kept) in shared {
                let text = form.required(name, most);
                if kept.is_empty() {
                    *kept = text;
                } else if *kept != text {
                    others.push(name);
                }
            }
            for name in others {
                self.flaw(line, &self.title_of(name), self.t.get("import-not-same"));
            }
            let name_vi = form.required("name", 500);
            let position = form.number("position", 1..=999);
            if form.text("position").is_empty() {
                form.refuse("position", "error-required");
            }
            let entry = NewEntry {
                position: position.unwrap_or_default(),
                agency: form.optional("agency", 300),
                interlinked_group: form.optional("group", 20),
                source: list.source.clone(),
                name_vi,
            };
            if !["", "LT1", "LT2"].contains(&entry.interlinked_group.as_str()) {
                form.refuse("group", "error-choice");
            }
            self.note(line, &form);
            let twice = [
                ("position", position.and_then(|position| positions.insert(position, line))),
                (
                    "name",
                    names.insert(key(&entry.name_vi), line).filter(|_| !entry.name_vi.is_empty()),
                ),
            ];
            for (name, first) in twice {
                if let Some(first) = first {
                    let reason = self.t.with("import-row-twice", "row", first);
                    self.flaw(line, &self.title_of(name), reason);
                }
            }
            list.entries.push(entry);
        }
        let mut done = Done::default();
        if !self.flaws.is_empty() {
            return Ok(done);
        }
        list.entries.sort_by_key(|entry| entry.position);
        let mut tx = self.app.db.begin().await?;
        match catalogue::import(&mut tx, &list, self.by).await? {
            Some(_) => done.added = list.entries.len(),
            None => done.same = list.entries.len(),
        }
        if for_real {
            tx.commit().await?;
        }
        Ok(done)
    }
}

/// The id of an imported encounter. A slip number that is an id came from an export; else the
/// same row always gives the same id, and equal rows of one file differ by their count.
fn own_id(app: &App, form: &Form, repeated: &mut HashMap<String, u32>) -> EncounterId {
    if let Ok(id) = form.text("reference").parse() {
        return id;
    }
    // Keyed, as a row may hold a person's number.
    let fields = form.fields().iter();
    let row: Vec<String> =
        fields.map(|(name, text)| format!("{name}\u{1}{}\u{2}", key(text))).collect();
    let row = row.concat();
    let count = repeated.entry(row.clone()).or_default();
    *count += 1;
    let hash = app.secret.keyed_hash("row", &format!("{count}\u{2}{row}"));
    let mut bytes = [0; 16];
    for (byte, of) in bytes.iter_mut().zip(&hash) {
        *byte = *of;
    }
    EncounterId(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
