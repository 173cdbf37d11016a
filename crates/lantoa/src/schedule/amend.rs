//! Changing activities: one, it and those after it, or a whole series.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{Path, State as AppState};
use axum::routing::get;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::conflicts;
use super::form::{
    Against, campaign_ends, day_of, form_page, leave_out, series_of, to_edit, weigh, within_reach,
};
use super::model::{Activity, State};
use super::repeat::{Bound, Repeat};
use super::series::{self, Edited, Reach, Series};
use super::store;
use crate::foundation::form::Form;
use crate::foundation::ids::{ActivityId, SeriesId, UnitId};
use crate::foundation::page::redirect;
use crate::foundation::{Fault, Outcome, Shared, clock};
use crate::people::{Act, Actor};

type App = AppState<Shared>;

/// The pages on which activities are changed.
pub fn routes() -> Router<Shared> {
    Router::new().route("/activities/{id}/edit", get(edit).post(change))
}

async fn edit(AppState(app): App, actor: Actor, Path(id): Path<ActivityId>) -> Outcome {
    let activity = to_edit(&app, &actor, id).await?;
    let (from, to) = (clock::local(activity.starts_at), clock::local(activity.ends_at));
    let text = |id: Option<String>| id.unwrap_or_default();
    let mut fields = vec![
        ("kind", activity.kind.to_string()),
        ("title", activity.title.clone()),
        ("unit", activity.unit_id.to_string()),
        ("day", from.date().to_string()),
        ("from", vietnamese::time(from.time())),
        ("to", vietnamese::time(to.time())),
        ("venue", text(activity.venue_id.map(|id| id.to_string()))),
        ("team", text(activity.team_id.map(|id| id.to_string()))),
        ("campaign", text(activity.campaign_id.map(|id| id.to_string()))),
        ("place", activity.place.clone()),
        ("clash_reason", activity.clash_reason.clone()),
        ("which", Reach::This.code().to_owned()),
    ];
    fields.extend(activity.assets.iter().map(|id| ("assets", id.to_string())));
    fields.extend(activity.topics.iter().map(|id| ("topics", id.to_string())));
    if let Some(series) = series_of(&app, &activity).await? {
        fields.extend(series.repeat.fields());
    }
    let look = actor.scope(Act::Look)?;
    let found = conflicts::of(&app.db, &look, std::slice::from_ref(&activity)).await?;
    let against: Vec<Against> = found
        .into_iter()
        .map(|conflicts| Against { activity: activity.clone(), conflicts })
        .collect();
    form_page(&app, &actor, &Form::filled(fields), Some(&activity), &against).await?.show()
}

/// What an edit is about to do.
struct Change {
    /// The series after the edit, and as it was.
    series: Option<(Series, Option<Series>)>,
    /// The old series, cut off before the first occurrence that goes its own way.
    cut: Option<(Series, Series)>,
    edited: Edited,
    /// Days left out, as they fall after the edit, that the series after it is to know of.
    left_out: BTreeSet<Date>,
}

async fn change(
    AppState(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut form: Form,
) -> Outcome {
    let before = to_edit(&app, &actor, id).await?;
    let Some(typed) = store::read(&mut form) else {
        return form_page(&app, &actor, &form, Some(&before), &[]).await?.refuse();
    };
    within_reach(&app, &actor, &typed).await?;
    let mut change = plan_change(&app, &actor, &mut form, &before, typed).await?;
    let mut against = vec![];
    if form.is_sound() {
        let open = |one: &Activity| {
            one.id == id
                || (one.starts_at >= actor.at
                    && matches!(one.state, State::Planned | State::Confirmed))
        };
        let (mut weighed, settled): (Vec<Activity>, Vec<Activity>) =
            std::mem::take(&mut change.edited.changed).into_iter().partition(open);
        let stored: BTreeSet<ActivityId> = weighed.iter().map(|one| one.id).collect();
        weighed.append(&mut change.edited.added);
        let skipped;
        (against, skipped) = weigh(&app, &actor, &mut form, &mut weighed).await?;
        if form.is_sound() {
            let (changed, added) = weighed.into_iter().partition(|one| stored.contains(&one.id));
            change.edited.changed = changed;
            change.edited.changed.extend(settled);
            change.edited.added = added;
            let away = skipped.iter().filter(|one| stored.contains(&one.id)).cloned();
            change.edited.dropped.extend(away);
            carry_out(&app, &actor, &change, &skipped).await?;
            let here = change.edited.dropped.iter().all(|one| one.id != id);
            let to = if here { format!("/activities/{id}") } else { "/activities".to_owned() };
            return Ok(redirect(&to));
        }
    }
    form_page(&app, &actor, &form, Some(&before), &against).await?.refuse()
}

/// What the form asks to change: this one, it and those after it, or the whole series.
async fn plan_change(
    app: &Shared,
    actor: &Actor,
    form: &mut Form,
    before: &Activity,
    typed: Activity,
) -> Result<Change, Fault> {
    let ends = campaign_ends(app, actor, &typed).await?;
    let shift = i64::from((day_of(&typed) - day_of(before)).get_days());
    let series = series_of(app, before).await?;
    let reach = Reach::of(form.text("which"));
    let Some(old) = series.filter(|_| reach != Reach::This) else {
        if before.series_id.is_none()
            && let Some(repeat) = Repeat::read(form, day_of(&typed), ends)
        {
            return Ok(becomes_series(before, &typed, repeat, shift, actor.at));
        }
        let after = Activity {
            id: before.id,
            series_id: before.series_id,
            series_at: before.series_at,
            state: before.state,
            cancel_reason: before.cancel_reason.clone(),
            headcount: before.headcount,
            minutes: before.minutes.clone(),
            members: before.members.clone(),
            ..typed
        };
        let edited = Edited { changed: vec![after], ..Edited::default() };
        return Ok(Change { series: None, cut: None, edited, left_out: BTreeSet::new() });
    };
    let from = match reach {
        Reach::All => i64::MIN,
        _ => before.series_at.unwrap_or(before.starts_at),
    };
    let (stay, affected): (Vec<Activity>, Vec<Activity>) = store::of_series(&app.db, old.id)
        .await?
        .into_iter()
        .partition(|one| one.series_at.unwrap_or(one.starts_at) < from);
    let units: Vec<UnitId> = affected.iter().map(|one| one.unit_id).collect();
    let covered = actor.scope(Act::EditActivities)?.covering(&app.db, &units).await?;
    if units.iter().any(|unit| !covered.contains(unit)) {
        form.refuse("which", "error-reach-beyond");
    }
    let splits = !stay.is_empty();
    let anchor = if splits { clock::local(from) } else { old.first };
    let day = anchor.date().checked_add(shift.days()).unwrap_or(anchor.date());
    let first = day.to_datetime(clock::local(typed.starts_at).time());
    let passed =
        old.repeat.starts(old.first).iter().filter(|start| splits && **start < from).count();
    let said = Repeat::read(form, day, ends).unwrap_or_else(|| old.repeat.clone());
    let after = Series {
        id: if splits { SeriesId::new() } else { old.id },
        unit_id: typed.unit_id,
        title: typed.title.clone(),
        repeat: old.repeat.edited(said, day, shift, passed),
        first,
    };
    let shifted = |day: Date| day.checked_add(shift.days()).unwrap_or(day);
    let mut left_out: BTreeSet<Date> =
        series::left_out(&app.db, old.id).await?.into_keys().map(shifted).collect();
    // A day whose occurrence was put into the trash stays out as long as it lies there.
    let trashed = store::trashed_of_series(&app.db, old.id).await?;
    let out = left_out.iter().copied().chain(trashed.into_iter().map(shifted)).collect();
    let edited = series::edit(&after, &affected, (before, &typed), shift, &out, actor.at);
    if splits {
        left_out = out;
    }
    let cut = splits.then(|| {
        let last = anchor.date().checked_sub(1.day()).unwrap_or(anchor.date());
        let repeat = Repeat { bound: Bound::Until(last), ..old.repeat.clone() };
        (Series { repeat, ..old.clone() }, old.clone())
    });
    let earlier = (!splits).then_some(old);
    Ok(Change { series: Some((after, earlier)), cut, edited, left_out })
}

/// A single activity becomes the first of a series.
fn becomes_series(
    before: &Activity,
    typed: &Activity,
    repeat: Repeat,
    shift: i64,
    now: i64,
) -> Change {
    let first = clock::local(typed.starts_at);
    let series = Series {
        id: SeriesId::new(),
        unit_id: typed.unit_id,
        title: typed.title.clone(),
        repeat,
        first,
    };
    let own = Activity { series_at: Some(before.starts_at), ..before.clone() };
    let edited = series::edit(&series, &[own], (before, typed), shift, &BTreeSet::new(), now);
    Change { series: Some((series, None)), cut: None, edited, left_out: BTreeSet::new() }
}

async fn carry_out(
    app: &Shared,
    actor: &Actor,
    change: &Change,
    skipped: &[Activity],
) -> Result<(), Fault> {
    let doer = actor.doer();
    let mut tx = app.db.begin().await?;
    if let Some((after, before)) = &change.cut {
        series::save(&mut tx, after, Some(before), &doer).await?;
    }
    if let Some((after, before)) = &change.series {
        series::save(&mut tx, after, before.as_ref(), &doer).await?;
        let carried = actor.t.get("left-out-before");
        let from = after.first.date();
        let carried = change.left_out.range(from..).map(|day| (*day, carried.clone()));
        series::leave_out(&mut tx, after.id, carried).await?;
        leave_out(&mut tx, after.id, skipped, actor.t).await?;
    }
    for one in &change.edited.changed {
        store::save(&mut tx, one, false, &doer).await?;
    }
    for one in &change.edited.added {
        store::save(&mut tx, one, true, &doer).await?;
    }
    for one in &change.edited.dropped {
        store::trash(&mut tx, one, &doer).await?;
        store::leave_series(&mut tx, one.id).await?;
    }
    tx.commit().await?;
    Ok(())
}
