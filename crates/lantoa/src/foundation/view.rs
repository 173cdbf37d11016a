//! What pages are made of. A page is a list of pieces - facts, tables, tiles, forms, maps - and
//! one template draws them all, so that every screen looks, reads and behaves alike, with and
//! without JavaScript, on paper and to a screen reader.

use askama::Template;

use super::audit::Line;
use super::error::Outcome;
use super::form::Form;
use super::page::{Shell, render};
use super::text::T;

/// A page: its frame, where it stands, and its pieces.
#[derive(Template)]
#[template(path = "page.html")]
pub struct Page {
    pub shell: Shell,
    /// The way from the top to here.
    pub crumbs: Vec<Link>,
    /// Period, unit and the like, always visible under the title: label and value.
    pub context: Vec<(String, String)>,
    pub body: Pieces,
}

/// Pieces one under the other.
#[derive(Template, Default)]
#[template(path = "pieces.html")]
pub struct Pieces {
    pub list: Vec<Piece>,
    pub t: T,
}

/// Words that lead somewhere.
#[derive(Debug, Clone)]
pub struct Link {
    pub text: String,
    pub href: String,
}

impl Link {
    /// The words and where they lead.
    pub fn to(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into() }
    }
}

/// How a remark sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Warn,
    Bad,
}

impl Tone {
    /// Class of a tag.
    pub fn tag(self) -> &'static str {
        match self {
            Tone::Plain => "tag",
            Tone::Good => "tag good",
            Tone::Warn => "tag warn",
            Tone::Bad => "tag bad",
        }
    }

    /// Class of a paragraph.
    pub fn paragraph(self) -> &'static str {
        match self {
            Tone::Plain => "plain-text",
            Tone::Good => "notice",
            Tone::Warn => "warning",
            Tone::Bad => "refused",
        }
    }
}

/// One piece of a page.
pub enum Piece {
    Heading(String),
    Text(String),
    Remark(Tone, String),
    Links(Vec<Link>),
    Actions(Vec<Action>),
    Facts(Vec<(String, Cell)>),
    Tiles(Vec<Tile>),
    Table(Table),
    Form(FormView),
    Filters(FormView),
    /// An SVG drawing made by the server, with all text in it already escaped.
    Drawing(String),
    /// A drawing wider than the screen, with its name; it scrolls by itself.
    Wide(String, String),
    Pictures(Vec<Picture>),
    /// Things or people one under the other, each with what can be done about it.
    Cards(Vec<Card>),
    /// Words to be copied into another program, such as a chat.
    Copy(String),
    Calendar(Box<super::calendar::Calendar>),
    /// What follows one after the other, each with what can be done with it.
    Steps(Vec<Step>),
    Columns(Vec<Pieces>),
    /// Folded away until wanted.
    Fold(String, Pieces),
}

/// One of several things that follow each other.
pub struct Step {
    /// What comes between the one before and this; empty for nothing.
    pub between: String,
    /// Names it; the buttons are read out with it.
    pub title: String,
    pub lines: Vec<Cell>,
    /// What is wrong with it; empty where nothing is.
    pub warning: String,
    pub actions: Vec<Action>,
}

/// A photo with what can be done with it.
pub struct Picture {
    pub src: String,
    pub text: String,
    pub remove: Option<(String, String)>,
}

/// A thing or person with what can be done about it, in large targets for a thumb.
#[derive(Default)]
pub struct Card {
    pub title: Cell,
    pub lines: Vec<Cell>,
    pub actions: Vec<Action>,
    /// Folded away until wanted: its name and what it holds.
    pub more: Option<(String, Pieces)>,
}

/// Something to do next: a link, or a form of one button.
pub struct Action {
    pub text: String,
    pub href: String,
    pub posts: bool,
    pub style: &'static str,
}

impl Action {
    /// The main thing to do here.
    pub fn main(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), posts: false, style: "" }
    }

    /// Another thing one can do.
    pub fn quiet(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), posts: false, style: "quiet" }
    }

    /// A button that changes something.
    pub fn post(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), posts: true, style: "quiet" }
    }

    /// A button for the main thing to do here.
    pub fn press(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self::main(text, href).by_post()
    }

    /// The same, as a button that changes something.
    #[must_use]
    pub fn by_post(self) -> Self {
        Self { posts: true, ..self }
    }

    /// A button that takes something away.
    pub fn danger(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), posts: true, style: "danger" }
    }
}

/// One figure with what it stands on.
pub struct Tile {
    pub title: String,
    pub figure: String,
    pub href: String,
    /// Numerator and denominator, in words.
    pub detail: String,
    /// Part of the whole, and of the target, to draw; 0 to 1.
    pub bar: Option<Bar>,
}

/// A bar from 0 to 1 with the mark of a target.
#[derive(Debug, Clone, Copy)]
pub struct Bar {
    pub part: f64,
    pub goal: Option<f64>,
}

impl Bar {
    /// Width of the filled part, in percent of the bar.
    pub fn width(&self) -> String {
        format!("{:.1}", self.part.clamp(0.0, 1.0) * 100.0)
    }

    /// Place of the target's mark, in percent of the bar; empty where there is none.
    pub fn mark(&self) -> String {
        self.goal.map_or_else(String::new, |goal| format!("{:.1}", goal.clamp(0.0, 0.99) * 100.0))
    }
}

/// A cell of a table or a fact.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    pub text: String,
    pub href: String,
    pub tag: Option<Tone>,
    pub bar: Option<Bar>,
    /// Said in small letters after the text.
    pub small: String,
}

impl Cell {
    /// Plain words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Words that lead to what they speak of.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }

    /// A word on a coloured ground.
    pub fn tag(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tag: Some(tone), ..Self::default() }
    }

    /// With small words after it.
    #[must_use]
    pub fn and_small(mut self, small: impl Into<String>) -> Self {
        self.small = small.into();
        self
    }

    /// With a bar under it.
    #[must_use]
    pub fn and_bar(mut self, part: f64, goal: Option<f64>) -> Self {
        self.bar = Some(Bar { part, goal });
        self
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

/// A column of a table.
pub struct Column {
    pub title: String,
    pub numeric: bool,
}

/// Rows under a caption; the first column names the row.
pub struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    pub total: Vec<Cell>,
    /// What is said where there are no rows.
    pub empty: String,
    /// Name by which addresses point at it; empty for none.
    pub id: &'static str,
    /// Where the next rows are.
    pub more: Option<Link>,
}

impl Table {
    /// A table of these columns; a title that ends in `#` marks a column of numbers.
    pub fn new(caption: impl Into<String>, titles: &[String], empty: impl Into<String>) -> Self {
        let columns = titles.iter().map(|title| match title.strip_suffix('#') {
            Some(title) => Column { title: title.to_owned(), numeric: true },
            None => Column { title: title.clone(), numeric: false },
        });
        Self {
            caption: caption.into(),
            columns: columns.collect(),
            rows: vec![],
            total: vec![],
            empty: empty.into(),
            id: "",
            more: None,
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // templates pass by reference
    fn title_of(&self, index: &usize) -> &str {
        self.columns.get(*index).map_or("", |column| &column.title)
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // templates pass by reference
    fn is_numeric(&self, index: &usize) -> bool {
        self.columns.get(*index).is_some_and(|column| column.numeric)
    }
}

/// A form as it is drawn.
pub struct FormView {
    pub action: String,
    pub method: &'static str,
    pub multipart: bool,
    pub submit: String,
    /// Where "never mind" leads; empty for none.
    pub cancel: String,
    pub fields: Vec<Field>,
    /// Whether something typed was refused.
    pub refused: bool,
    /// Further names for the script: `data-quick` and the like.
    pub id: &'static str,
    pub t: T,
}

/// A field of a form.
pub struct Field {
    pub name: String,
    pub label: String,
    pub hint: String,
    pub error: String,
    pub value: String,
    pub required: bool,
    pub kind: Kind,
}

impl Field {
    /// How many of many choices stand open; the others are folded away.
    const OPEN: usize = 8;

    fn split(&self) -> (&[Choice], &[Choice]) {
        match &self.kind {
            Kind::Many(choices) if choices.len() > Self::OPEN + 2 => choices.split_at(Self::OPEN),
            Kind::Many(choices) => (choices, &[]),
            _ => (&[], &[]),
        }
    }

    fn first_choices(&self) -> &[Choice] {
        self.split().0
    }

    fn more_choices(&self) -> &[Choice] {
        self.split().1
    }

    fn more_chosen(&self) -> bool {
        self.more_choices().iter().any(|choice| choice.chosen)
    }
}

/// How a field is filled in.
pub enum Kind {
    /// `type` of the input.
    Input(&'static str),
    Long,
    Hidden,
    /// Accepted media types.
    File(&'static str),
    Select(Vec<Choice>),
    /// Boxes, any number of which can be ticked.
    Many(Vec<Choice>),
    /// One of a few, all visible.
    One(Vec<Choice>),
    Tick,
    /// The hours of a week: each day with ticks for its parts, and a line for other hours.
    Week(Vec<WeekDay>),
    /// Rows of topics, each with what came of it.
    Outcomes {
        rows: Vec<(String, String, String)>,
        outcomes: Vec<(String, String)>,
    },
    /// A headline between fields.
    Legend,
    /// Fields in rows and columns, folded away until wanted.
    Grid(Grid),
    /// The button that sends the form, also here, before what is seldom changed.
    Send,
}

/// Fields of many things of one kind: a row for each thing, the same columns for all.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// Titles of the columns after the first, which names the thing.
    pub columns: Vec<String>,
    pub rows: Vec<GridRow>,
    /// Whether it stands open.
    pub open: bool,
    /// What the first column names.
    pub of: String,
}

/// A thing with its fields.
#[derive(Debug, Clone, Default)]
pub struct GridRow {
    pub name: String,
    /// Said in small letters after the name.
    pub small: String,
    pub cells: Vec<GridCell>,
}

/// A field in a grid.
#[derive(Debug, Clone)]
pub struct GridCell {
    pub name: String,
    /// What it is, for those who do not see its row and column.
    pub label: String,
    /// Title of its column.
    pub column: String,
    pub value: String,
    pub placeholder: String,
    pub error: String,
    pub kind: GridKind,
}

/// How a field in a grid is filled in.
#[derive(Debug, Clone)]
pub enum GridKind {
    /// `type` of the input.
    Input(&'static str),
    Select(Vec<Choice>),
    Tick,
}

/// A day of a week to fill in.
pub struct WeekDay {
    /// Name of its ticks; the line of other hours is called the same with `_other` after it.
    pub name: String,
    pub label: String,
    pub parts: Vec<Choice>,
    pub other: String,
    pub error: String,
}

/// A value to choose.
#[derive(Debug, Clone)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub chosen: bool,
}

/// Gathers the fields of a form from what was typed into it so far.
pub struct Fields<'a> {
    form: &'a Form,
    t: T,
    list: Vec<Field>,
}

impl<'a> Fields<'a> {
    /// Fields over a form as filled in (or empty).
    pub fn over(form: &'a Form, t: T) -> Self {
        Self { form, t, list: vec![] }
    }

    fn push(mut self, name: &str, key: &str, kind: Kind) -> Self {
        let error = self.form.error(name);
        self.list.push(Field {
            name: name.to_owned(),
            label: if key.is_empty() { String::new() } else { self.t.get(key) },
            hint: String::new(),
            error: if error.is_empty() { String::new() } else { self.t.get(error) },
            value: self.form.text(name).to_owned(),
            required: false,
            kind,
        });
        self
    }

    /// A line of text.
    #[must_use]
    pub fn text(self, name: &str, key: &str) -> Self {
        self.push(name, key, Kind::Input("text"))
    }

    /// An input of another type: date, time, tel, password, search.
    #[must_use]
    pub fn input(self, name: &str, key: &str, kind: &'static str) -> Self {
        self.push(name, key, Kind::Input(kind))
    }

    /// A whole number.
    #[must_use]
    pub fn number(self, name: &str, key: &str) -> Self {
        self.push(name, key, Kind::Input("number"))
    }

    /// A whole number whose label is a name of the data, not a text of the catalogue.
    #[must_use]
    pub fn number_named(self, name: &str, label: &str) -> Self {
        let mut fields = self.push(name, "", Kind::Input("number"));
        if let Some(field) = fields.list.last_mut() {
            label.clone_into(&mut field.label);
        }
        fields
    }

    /// Several lines.
    #[must_use]
    pub fn long(self, name: &str, key: &str) -> Self {
        self.push(name, key, Kind::Long)
    }

    /// A value carried along.
    #[must_use]
    pub fn hidden(self, name: &str) -> Self {
        self.push(name, "", Kind::Hidden)
    }

    /// A file to choose.
    #[must_use]
    pub fn file(self, name: &str, key: &str, accept: &'static str) -> Self {
        self.push(name, key, Kind::File(accept))
    }

    /// A box to tick.
    #[must_use]
    pub fn tick(self, name: &str, key: &str) -> Self {
        self.push(name, key, Kind::Tick)
    }

    /// The button that sends the form, before what is seldom changed.
    #[must_use]
    pub fn send(self, key: &str) -> Self {
        self.push("", key, Kind::Send)
    }

    /// A headline between fields.
    #[must_use]
    pub fn legend(self, key: &str) -> Self {
        self.push("", key, Kind::Legend)
    }

    /// A row of a grid over this form: field name, how it is filled in, what stands for nothing.
    pub fn grid_row(
        &self,
        grid: &Grid,
        name: &str,
        small: &str,
        cells: Vec<(String, GridKind, String)>,
    ) -> GridRow {
        let columns = grid.columns.iter().chain(std::iter::repeat(&grid.of));
        let cells = cells.into_iter().zip(columns).map(|((field, kind, placeholder), column)| {
            let error = self.form.error(&field);
            let kind = match kind {
                GridKind::Select(mut choices) => {
                    let value = self.form.text(&field);
                    for choice in &mut choices {
                        choice.chosen = choice.value == value;
                    }
                    GridKind::Select(choices)
                }
                kind => kind,
            };
            GridCell {
                label: format!("{name}: {column}"),
                column: column.clone(),
                value: self.form.text(&field).to_owned(),
                error: if error.is_empty() { String::new() } else { self.t.get(error) },
                name: field,
                placeholder,
                kind,
            }
        });
        GridRow { name: name.to_owned(), small: small.to_owned(), cells: cells.collect() }
    }

    /// Fields in rows and columns under a summary; open where something in them was refused.
    #[must_use]
    pub fn grid(self, summary: &str, mut grid: Grid) -> Self {
        grid.open |= grid.rows.iter().flat_map(|row| &row.cells).any(|cell| !cell.error.is_empty());
        let mut fields = self.push("", "", Kind::Grid(grid));
        if let Some(field) = fields.list.last_mut() {
            summary.clone_into(&mut field.label);
        }
        fields
    }

    fn choices(&self, name: &str, options: Vec<(String, String)>) -> Vec<Choice> {
        let options = options.into_iter().map(|(value, text)| Choice {
            chosen: self.form.has(name, &value),
            value,
            text,
        });
        options.collect()
    }

    /// One of many, folded; an empty value first means "not chosen".
    #[must_use]
    pub fn select(
        self,
        name: &str,
        key: &str,
        nothing: &str,
        options: Vec<(String, String)>,
    ) -> Self {
        let mut choices = self.choices(name, options);
        if !nothing.is_empty() {
            let chosen = self.form.text(name).is_empty();
            let text = self.t.get(nothing);
            choices.insert(0, Choice { value: String::new(), text, chosen });
        }
        self.push(name, key, Kind::Select(choices))
    }

    /// Any number of a few.
    #[must_use]
    pub fn many(self, name: &str, key: &str, options: Vec<(String, String)>) -> Self {
        let choices = self.choices(name, options);
        self.push(name, key, Kind::Many(choices))
    }

    /// One of a few, all visible.
    #[must_use]
    pub fn one(self, name: &str, key: &str, options: Vec<(String, String)>) -> Self {
        let choices = self.choices(name, options);
        self.push(name, key, Kind::One(choices))
    }

    /// The hours of a week: fields `<day>` (many of the parts) and `<day>_other` for each of the
    /// days, given as name and key of the label.
    #[must_use]
    pub fn week(self, key: &str, days: &[(&str, &str)], parts: &[(String, String)]) -> Self {
        let days = days
            .iter()
            .map(|(name, label)| {
                let other = format!("{name}_other");
                let error = self.form.error(&other);
                WeekDay {
                    name: (*name).to_owned(),
                    label: self.t.get(label),
                    parts: self.choices(name, parts.to_vec()),
                    other: self.form.text(&other).to_owned(),
                    error: if error.is_empty() { String::new() } else { self.t.get(error) },
                }
            })
            .collect();
        self.push("week", key, Kind::Week(days))
    }

    /// Topics, each with what came of it: fields `outcome:<topic id>`.
    #[must_use]
    pub fn outcomes(
        self,
        key: &str,
        topics: Vec<(String, String)>,
        outcomes: Vec<(String, String)>,
    ) -> Self {
        let rows = topics
            .into_iter()
            .map(|(id, name)| {
                let chosen = self.form.text(&format!("outcome:{id}")).to_owned();
                (id, name, chosen)
            })
            .collect();
        self.push("topics", key, Kind::Outcomes { rows, outcomes })
    }

    /// Says more about the last field.
    #[must_use]
    pub fn hint(mut self, key: &str) -> Self {
        if let Some(field) = self.list.last_mut() {
            field.hint = self.t.get(key);
        }
        self
    }

    /// The last field must be filled in.
    #[must_use]
    pub fn needed(mut self) -> Self {
        if let Some(field) = self.list.last_mut() {
            field.required = true;
            // Where only one thing can be chosen, it is.
            if let Kind::Select(choices) = &mut field.kind
                && let [nothing, only] = choices.as_mut_slice()
                && nothing.value.is_empty()
            {
                nothing.chosen = false;
                only.chosen = true;
            }
        }
        self
    }

    /// The form that sends these fields by POST.
    pub fn post(self, action: impl Into<String>, submit: &str, cancel: &str) -> FormView {
        FormView {
            action: action.into(),
            method: "post",
            multipart: self.list.iter().any(|field| matches!(field.kind, Kind::File(_))),
            submit: self.t.get(submit),
            cancel: cancel.to_owned(),
            refused: !self.form.is_sound(),
            fields: self.list,
            id: "",
            t: self.t,
        }
    }

    /// The form that asks for a page anew with these fields in its address.
    pub fn filter(self, action: impl Into<String>) -> Piece {
        let mut view = self.post(action, "action-filter", "");
        view.method = "get";
        Piece::Filters(view)
    }
}

/// Names of a vocabulary as choices: value and text.
pub fn vocabulary<V: std::fmt::Display + Copy>(
    t: T,
    family: &str,
    values: &[V],
) -> Vec<(String, String)> {
    values.iter().map(|value| (value.to_string(), t.word(family, value))).collect()
}

/// The lines of an audit log as a table.
pub fn history(t: T, lines: &[Line]) -> Piece {
    let titles = [t.get("history-when"), t.get("history-who"), t.get("history-what")];
    let mut table = Table::new(t.get("history"), &titles, t.get("history-empty"));
    for line in lines {
        let changes = line
            .changes()
            .into_iter()
            .map(|(field, before, after)| format!("{field}: {before} → {after}"))
            .collect::<Vec<_>>()
            .join("; ");
        table.rows.push(vec![
            Cell::text(vietnamese::date_time(super::clock::local(line.at))),
            Cell::text(&line.account_name),
            Cell::text(t.word("audit", &line.action)).and_small(changes),
        ]);
    }
    Piece::Fold(t.get("history"), Pieces { list: vec![Piece::Table(table)], t })
}

impl Page {
    /// A page without pieces yet.
    pub fn new(shell: Shell) -> Self {
        let t = shell.t;
        Self { shell, crumbs: vec![], context: vec![], body: Pieces { list: vec![], t } }
    }

    /// Adds a step of the way here.
    #[must_use]
    pub fn crumb(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Link::to(text, href));
        self
    }

    /// Adds a line of context.
    #[must_use]
    pub fn about(mut self, key: &str, value: impl Into<String>) -> Self {
        self.context.push((self.shell.t.get(key), value.into()));
        self
    }

    /// Adds a piece.
    #[must_use]
    pub fn with(mut self, piece: Piece) -> Self {
        self.body.list.push(piece);
        self
    }

    /// Adds a piece where there is one.
    #[must_use]
    pub fn with_if(mut self, condition: bool, piece: impl FnOnce() -> Piece) -> Self {
        if condition {
            self.body.list.push(piece());
        }
        self
    }

    /// The page as an answer.
    pub fn show(self) -> Outcome {
        render(&self)
    }

    /// The page as an answer that refuses what was sent: 422.
    pub fn refuse(self) -> Outcome {
        let mut response = render(&self)?;
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    }
}
