//! The calendar's pages: month, week, day and agenda, and all conflicts to come.

use std::collections::{BTreeMap, HashMap};

use axum::Router;
use axum::extract::State as AppState;
use axum::routing::get;
use jiff::ToSpan as _;
use jiff::civil::Date;
use vietnamese::Lunar;

use super::closed::{self, Closed};
use super::conflicts;
use super::model::{Activity, ActivityKind, State};
use super::pages::when;
use super::store::{self, Filter, Listed};
use crate::campaigns;
use crate::foundation::calendar::{Calendar, Day, Hour, Item, Legend, Tab};
use crate::foundation::form::{Form, Query, read_date};
use crate::foundation::ids::UnitId;
use crate::foundation::view::{
    Action, Cell, Fields, Link, Page, Piece, Pieces, Table, Tone, vocabulary,
};
use crate::foundation::{Fault, Outcome, Shared, T, clock};
use crate::people::{Act, Actor, Scope};
use crate::registers::{self, Register, store as rows};

type App = AppState<Shared>;

/// The pages of the calendar.
pub fn routes() -> Router<Shared> {
    Router::new().route("/calendar", get(show)).route("/calendar/conflicts", get(coming))
}

/// How much of the calendar is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Month,
    Week,
    Day,
    Agenda,
}

impl View {
    const ALL: [View; 4] = [View::Month, View::Week, View::Day, View::Agenda];

    const fn code(self) -> &'static str {
        match self {
            View::Month => "month",
            View::Week => "week",
            View::Day => "day",
            View::Agenda => "agenda",
        }
    }

    /// The key that opens it.
    const fn key(self) -> &'static str {
        match self {
            View::Month => "m",
            View::Week => "w",
            View::Day => "d",
            View::Agenda => "a",
        }
    }

    fn of(word: &str) -> Self {
        View::ALL.into_iter().find(|view| view.code() == word).unwrap_or(View::Month)
    }

    /// First and last day shown.
    fn span(self, day: Date) -> (Date, Date) {
        let plus = |day: Date, days: i64| day.checked_add(days.days()).unwrap_or(day);
        match self {
            View::Month => {
                let last = clock::monday(day.last_of_month());
                (clock::monday(day.first_of_month()), plus(last, 6))
            }
            View::Week => (clock::monday(day), plus(clock::monday(day), 6)),
            View::Day => (day, day),
            View::Agenda => (day, plus(day, 29)),
        }
    }

    /// The day from which the view before or after this one is drawn.
    fn step(self, day: Date, forward: bool) -> Date {
        let sign = if forward { 1 } else { -1 };
        let step = match self {
            View::Month => return day.first_of_month().checked_add(sign.months()).unwrap_or(day),
            View::Week => sign * 7,
            View::Day => sign,
            View::Agenda => sign * 30,
        };
        day.checked_add(i64::from(step).days()).unwrap_or(day)
    }

    /// How many activities of a day are written out.
    const fn most(self) -> usize {
        match self {
            View::Month => 3,
            View::Week => 14,
            View::Day => 500,
            View::Agenda => 25,
        }
    }
}

/// What the calendar is drawn from.
struct Drawing<'a> {
    t: T,
    view: View,
    day: Date,
    today: Date,
    form: &'a Form,
    may_add: bool,
    closed: Vec<Closed>,
    counts: BTreeMap<Date, i64>,
    listed: HashMap<Date, Vec<Listed>>,
}

impl Drawing<'_> {
    fn href(&self, view: View, day: Date) -> String {
        let kept = self.form.query_without(&["view", "day"]);
        let and = if kept.is_empty() { String::new() } else { format!("&{kept}") };
        format!("/calendar?view={}&day={day}{and}#day-{day}", view.code())
    }

    /// Where something is added on a day, with what the filter says filled in.
    fn add(&self, day: Date, hour: Option<i8>) -> Option<String> {
        let mut asked = self.form.clone();
        let asset = asked.text("asset").to_owned();
        asked.set("assets", asset);
        let kept = asked.query_without(&["view", "day", "asset", "member", "from", "to"]);
        let from = hour.map_or_else(String::new, |hour| format!("&from={hour:02}:00"));
        let and = if kept.is_empty() { String::new() } else { format!("&{kept}") };
        self.may_add.then(|| format!("/activities/new?day={day}{from}{and}"))
    }

    fn item(&self, listed: &Listed) -> Item {
        let (t, activity) = (self.t, &listed.activity);
        let cancelled = activity.state == State::Cancelled;
        Item {
            code: activity.kind.code().replace('_', "-"),
            mark: t.name("kind-mark", activity.kind),
            kind: t.name("kind", activity.kind),
            time: vietnamese::time(clock::local(activity.starts_at).time()),
            title: activity.title.clone(),
            place: listed.whereabouts(),
            unit: match listed.commune_name.as_str() {
                "" => listed.unit_name.clone(),
                commune => format!("{}, {commune}", listed.unit_name),
            },
            href: format!("/activities/{}", activity.id),
            cancelled: if cancelled { t.name("state", activity.state) } else { String::new() },
        }
    }

    fn title(&self, day: Date) -> String {
        let weekday = self.t.name("weekday", day.weekday().to_monday_zero_offset() + 1);
        format!("{weekday} {}", vietnamese::date(day))
    }

    fn draw_day(&self, day: Date) -> Day {
        let t = self.t;
        let lunar = Lunar::of(day);
        let count = self.counts.get(&day).copied().unwrap_or(0);
        let shown = self.listed.get(&day).map_or(&[][..], Vec::as_slice);
        let left = count - shown.len() as i64;
        let closed = self.closed.iter().filter(|closed| closed.holds(day));
        Day {
            iso: day.to_string(),
            number: day.day().to_string(),
            weekday: t.name("weekday", day.weekday().to_monday_zero_offset() + 1),
            short: format!("{:02}/{:02}", day.day(), day.month()),
            title: self.title(day),
            href: self.href(View::Day, day),
            lunar: lunar.short(),
            lunar_title: lunar_words(t, lunar),
            closed: closed.map(|closed| closed.shown(t)).collect(),
            today: day == self.today,
            outside: self.view == View::Month && day.month() != self.day.month(),
            count,
            count_text: t.with("activities-count", "count", count),
            items: shown.iter().map(|listed| self.item(listed)).collect(),
            more: (left > 0 && self.view != View::Day).then(|| {
                Link::to(t.with("calendar-more", "count", left), self.href(View::Day, day))
            }),
            add: self.add(day, None),
            add_text: t.with("calendar-add", "day", vietnamese::date(day)),
        }
    }

    /// The hours of one day: from six to nine in the evening, and any other in which something is.
    fn hours(&self) -> Vec<Hour> {
        let shown = self.listed.get(&self.day).map_or(&[][..], Vec::as_slice);
        let hour_of = |listed: &Listed| clock::local(listed.activity.starts_at).hour();
        (0..24)
            .filter_map(|hour| {
                let items: Vec<Item> = shown
                    .iter()
                    .filter(|listed| hour_of(listed) == hour)
                    .map(|listed| self.item(listed))
                    .collect();
                ((6..=21).contains(&hour) || !items.is_empty()).then(|| Hour {
                    text: format!("{hour:02}:00"),
                    items,
                    add: self.add(self.day, Some(hour)),
                    add_text: self.t.with("calendar-add-hour", "hour", format!("{hour:02}:00")),
                })
            })
            .collect()
    }

    fn calendar(&self, legend: Vec<Legend>) -> Calendar {
        let t = self.t;
        let (from, to) = self.view.span(self.day);
        let mut days = vec![];
        let mut day = from;
        while day <= to {
            let wanted = self.view != View::Agenda
                || self.counts.contains_key(&day)
                || self.closed.iter().any(|closed| closed.holds(day));
            if wanted {
                days.push(self.draw_day(day));
            }
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        let tab = |view: View| Tab {
            text: t.name("calendar-view", view.code()),
            href: self.href(view, self.day),
            key: view.key(),
            here: view == self.view,
        };
        let step = |key: &str, day: Date| Link::to(t.get(key), self.href(self.view, day));
        Calendar {
            view: self.view.code(),
            tabs: View::ALL.into_iter().map(tab).collect(),
            before: step("calendar-before", self.view.step(self.day, false)),
            today: step("today", self.today),
            after: step("calendar-after", self.view.step(self.day, true)),
            weekdays: (1..=7).map(|day| t.name("weekday-short", day)).collect(),
            days,
            hours: if self.view == View::Day { self.hours() } else { vec![] },
            legend,
            keys: ["arrows", "enter", "n", "t", "views", "help"]
                .map(|key| (t.name("calendar-key", key), t.name("calendar-does", key)))
                .to_vec(),
            t,
        }
    }

    /// What the view covers, in words, and the same in the lunar calendar.
    fn period(&self) -> (String, String) {
        let (t, (from, to)) = (self.t, self.view.span(self.day));
        let words = match self.view {
            View::Month => {
                t.with2("calendar-month", "month", self.day.month(), "year", self.day.year())
            }
            View::Day => self.title(self.day),
            _ => format!("{} – {}", vietnamese::date(from), vietnamese::date(to)),
        };
        let (from, to) = match self.view {
            View::Month => (self.day.first_of_month(), self.day.last_of_month()),
            _ => (from, to),
        };
        let (first, last) = (Lunar::of(from), Lunar::of(to));
        let until = lunar_words(t, last);
        (
            words,
            if from == to {
                until
            } else if first.year == last.year {
                format!("{}/{} – {until}", first.day, first.month)
            } else {
                format!("{} – {until}", lunar_words(t, first))
            },
        )
    }
}

/// "1/8 năm Quý Mão".
fn lunar_words(t: T, lunar: Lunar) -> String {
    let leap = if lunar.leap { t.get("lunar-leap") } else { String::new() };
    t.with_all(
        "lunar-day",
        &[
            ("day", &lunar.day),
            ("month", &lunar.month),
            ("leap", &leap),
            ("year", &lunar.year_name()),
        ],
    )
}

/// The rows of a register that the filter can name; none where there are too many to choose from.
async fn named(
    app: &Shared,
    scope: &Scope,
    register: &Register,
    unit: Option<UnitId>,
) -> Result<Vec<(String, String)>, Fault> {
    const MOST: usize = 400;
    let wanted = rows::Wanted { unit, most: MOST + 1, ..rows::Wanted::default() };
    let list = rows::list(&app.db, register, scope, &wanted).await?;
    if list.len() > MOST {
        return Ok(vec![]);
    }
    let name = |row: rows::Record| {
        let text = row.text("name").to_owned();
        (
            row.id.to_string(),
            if row.home_name.is_empty() { text } else { format!("{} – {text}", row.home_name) },
        )
    };
    let mut named: Vec<(String, String)> = list.into_iter().map(name).collect();
    named.sort_by_cached_key(|(_, name)| vietnamese::sort_key(name));
    Ok(named)
}

async fn filters(
    app: &Shared,
    actor: &Actor,
    form: &Form,
    filter: &Filter,
) -> Result<Piece, Fault> {
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let units = registers::unit_choices(app, actor, Act::Look).await?;
    let campaigns = campaigns::store::list(&app.db, &scope).await?;
    let campaigns = campaigns.into_iter().map(|c| (c.id.to_string(), c.name)).collect();
    let mut fields = Fields::over(form, t)
        .hidden("view")
        .hidden("day")
        .select("unit", "unit", "all", units)
        .select("kind", "activity-kind", "all", vocabulary(t, "kind", &ActivityKind::ALL))
        .select("campaign", "activity-campaign", "all", campaigns);
    for (name, key, register) in [
        ("team", "activity-team", &registers::TEAMS),
        ("asset", "activity-assets", &registers::ASSETS),
        ("venue", "activity-venue", &registers::VENUES),
    ] {
        let list = named(app, &scope, register, filter.unit).await?;
        // What cannot be offered is still kept when it came with the address.
        fields = if list.is_empty() {
            fields.hidden(name)
        } else {
            fields.select(name, key, "all", list)
        };
    }
    fields = match filter.team {
        Some(team) => {
            let wanted = rows::Wanted { home: Some(team.0), ..rows::Wanted::default() };
            let list = rows::list(&app.db, &registers::MEMBERS, &scope, &wanted).await?;
            let list =
                list.into_iter().map(|row| (row.id.to_string(), row.text("name").to_owned()));
            fields.select("member", "calendar-member", "all", list.collect())
        }
        None => fields.hidden("member"),
    };
    Ok(fields.filter("/calendar"))
}

fn legend(t: T, counts: &[(Date, ActivityKind, i64)]) -> Vec<Legend> {
    let mut by_kind: BTreeMap<ActivityKind, i64> = BTreeMap::new();
    for (_, kind, count) in counts {
        *by_kind.entry(*kind).or_default() += count;
    }
    let line = |(kind, count): (ActivityKind, i64)| Legend {
        code: kind.code().replace('_', "-"),
        mark: t.name("kind-mark", kind),
        name: t.name("kind", kind),
        count: vietnamese::number(count),
    };
    by_kind.into_iter().map(line).collect()
}

async fn show(AppState(app): App, actor: Actor, Query(mut form): Query) -> Outcome {
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let today = app.clock.today();
    let (view, day) = (View::of(form.text("view")), read_date(form.text("day")).unwrap_or(today));
    form.set("view", view.code());
    form.set("day", day.to_string());
    let (from, to) = view.span(day);
    let filter = Filter { from: Some(from), to: Some(to), ..Filter::of(&form) };
    let per_day = store::per_day(&app.db, &scope, &filter).await?;
    let mut counts = BTreeMap::new();
    for (day, _, count) in &per_day {
        *counts.entry(*day).or_default() += count;
    }
    let mut listed: HashMap<Date, Vec<Listed>> = HashMap::new();
    for one in store::first_of_days(&app.db, &scope, &filter, view.most()).await? {
        listed.entry(clock::local(one.activity.starts_at).date()).or_default().push(one);
    }
    let unit = filter.unit.or_else(|| scope.roots().first().copied());
    let closed = match unit {
        Some(unit) => closed::closed(&app.db, unit, from, to).await?,
        None => closed::holidays(from, to),
    };
    let may_add = actor.may(Act::EditActivities);
    let drawing = Drawing { t, view, day, today, form: &form, may_add, closed, counts, listed };
    let (period, lunar) = drawing.period();
    let mut adds = vec![];
    if let Some(add) = drawing.add(day.max(today), None) {
        adds.push(Action::main(t.get("activity-new"), add));
    }
    let more = vec![
        Action::quiet(t.get("conflicts-coming"), "/calendar/conflicts"),
        Action::quiet(t.get("feeds"), "/me/feeds"),
    ];
    let calendar = drawing.calendar(legend(t, &per_day));
    let mut filters = filters(&app, &actor, &form, &filter).await?;
    // A filter in use stands open; else the calendar itself comes first.
    if form.query_without(&["view", "day"]).is_empty() {
        filters = Piece::Fold(t.get("calendar-filter"), Pieces { list: vec![filters], t });
    }
    Page::new(actor.shell(&app, "nav-calendar", t.get("nav-calendar")))
        .about("period", period)
        .about("lunar", lunar)
        .with(Piece::Actions(adds))
        .with(filters)
        .with(Piece::Calendar(Box::new(calendar)))
        .with(Piece::Actions(more))
        .show()
}

/// Everything that stands against activities of the next three months.
async fn coming(AppState(app): App, actor: Actor) -> Outcome {
    const MOST: usize = 4000;
    const AHEAD_DAYS: i64 = 92;
    let t = actor.t;
    let scope = actor.scope(Act::Look)?;
    let today = app.clock.today();
    let last = today.checked_add(AHEAD_DAYS.days()).unwrap_or(today);
    let filter = Filter { from: Some(today), to: Some(last), ..Filter::default() };
    let listed = store::list(&app.db, &scope, &filter, false, 0, MOST).await?;
    let open: Vec<(Activity, String)> = listed
        .into_iter()
        .filter(|one| matches!(one.activity.state, State::Planned | State::Confirmed))
        .map(|one| (one.activity, one.unit_name))
        .collect();
    let activities: Vec<Activity> = open.iter().map(|(activity, _)| activity.clone()).collect();
    let span = (clock::millis(today.at(0, 0, 0, 0)), clock::millis(last.at(23, 59, 59, 0)));
    let found = conflicts::coming(&app.db, &scope, &activities, span).await?;
    let titles = [
        t.get("activity-title"),
        t.get("activity-when"),
        t.get("conflict"),
        t.get("activity-clash-reason"),
    ];
    let count = found.iter().map(Vec::len).sum::<usize>();
    let caption = t.with("conflicts-count", "count", count);
    let mut table = Table::new(caption, &titles, t.get("conflicts-none"));
    for ((activity, unit), conflicts) in open.iter().zip(&found) {
        for conflict in conflicts {
            let (words, href) = conflict.words(t);
            let words = match href {
                Some(href) => Cell::link(words, href),
                None => Cell::text(words),
            };
            let own = Some(activity.clash_reason.as_str()).filter(|why| !why.is_empty());
            let reason = match own.or(conflict.other_reason()) {
                Some(reason) => Cell::text(reason),
                None => Cell::tag(Tone::Warn, t.get("conflicts-no-reason")),
            };
            table.rows.push(vec![
                Cell::link(&activity.title, format!("/activities/{}", activity.id)).and_small(unit),
                Cell::text(when(activity)),
                words,
                reason,
            ]);
        }
    }
    Page::new(actor.shell(&app, "nav-calendar", t.get("conflicts-coming")))
        .crumb(t.get("nav-calendar"), "/calendar")
        .about("period", format!("{} – {}", vietnamese::date(today), vietnamese::date(last)))
        .with(Piece::Table(table))
        .show()
}
