//! What a lead does to a roster: one tap each, saved at once.

use axum::extract::{Path, State};

use super::changes::{self, Put};
use super::model::{Answer, Attendance, Origin, Outing};
use super::pages::{on_it, to_keep};
use super::store::{self, Named};
use super::suggest;
use crate::foundation::form::{Form, Query};
use crate::foundation::ids::{ActivityId, MemberId};
use crate::foundation::page::redirect;
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::{Actor, Scope};
use crate::registers::{self, store as rows};

type App = State<Shared>;

/// A member whom the actor may put on a roster.
async fn in_reach(app: &Shared, scope: &Scope, member: MemberId) -> Result<Named, Fault> {
    let record = rows::find(&app.db, &registers::MEMBERS, scope, member.0).await?;
    Ok(Named { id: member, name: record.text("name").to_owned() })
}

/// To the roster of an activity.
pub(super) fn back(id: ActivityId) -> axum::response::Response {
    redirect(&format!("/activities/{id}/roster"))
}

/// Refuses to plan for what has begun or does not take place.
fn ahead(outing: &Outing, now: i64) -> Result<(), Fault> {
    if outing.is_ahead(now) { Ok(()) } else { Err(Fault::Conflict("error-not-ahead")) }
}

/// Refuses attendance of what has not begun or did not take place.
fn begun(outing: &Outing, now: i64) -> Result<(), Fault> {
    if outing.stands() && outing.starts_at <= now {
        Ok(())
    } else {
        Err(Fault::Conflict("error-not-yet-held"))
    }
}

async fn put(
    app: &Shared,
    actor: &Actor,
    outing: &Outing,
    member: &Named,
    clash_reason: &str,
) -> Result<Put, Fault> {
    let mut tx = app.db.begin().await?;
    let by = actor.doer();
    let put = changes::put(&mut tx, outing, member, Origin::Invited, clash_reason, &by).await?;
    tx.commit().await?;
    Ok(put)
}

pub(super) async fn invite(
    State(app): App,
    actor: Actor,
    Path((id, member)): Path<(ActivityId, MemberId)>,
    Query(form): Query,
) -> Outcome {
    let (outing, scope) = to_keep(&app, &actor, id).await?;
    ahead(&outing, actor.at)?;
    let member = match on_it(&app, &outing, member).await {
        // Who is in the trash by now cannot be asked again.
        Ok(member) => store::named(&app.db, member.id).await?,
        Err(_) => in_reach(&app, &scope, member).await?,
    };
    match put(&app, &actor, &outing, &member, "").await? {
        Put::Elsewhere => Err(Fault::Conflict("error-elsewhere")),
        _ if form.text("from") == "desk" => Ok(redirect("/rosters")),
        _ => Ok(back(id)),
    }
}

/// Someone who is elsewhere at that time, with the reason why both stand.
pub(super) async fn beside(
    State(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
    mut form: Form,
) -> Outcome {
    let (outing, scope) = to_keep(&app, &actor, id).await?;
    ahead(&outing, actor.at)?;
    let member = form.chosen::<MemberId>("member");
    let reason = form.required("clash_reason", 300);
    let (Some(member), true) = (member, form.is_sound()) else { return Err(form.faults()) };
    let member = in_reach(&app, &scope, member).await?;
    put(&app, &actor, &outing, &member, &reason).await?;
    Ok(back(id))
}

/// Everyone of the activity's team who is not elsewhere.
pub(super) async fn whole_team(
    State(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
) -> Outcome {
    let (outing, scope) = to_keep(&app, &actor, id).await?;
    ahead(&outing, actor.at)?;
    let found = suggest::candidates(&app.db, &scope, &outing).await?;
    let mut tx = app.db.begin().await?;
    for one in found.into_iter().filter(|one| one.distance == 0 && one.elsewhere.is_none()) {
        let member = Named { id: one.id, name: one.name };
        changes::put(&mut tx, &outing, &member, Origin::Invited, "", &actor.doer()).await?;
    }
    tx.commit().await?;
    Ok(back(id))
}

pub(super) async fn confirm(
    State(app): App,
    actor: Actor,
    Path((id, member)): Path<(ActivityId, MemberId)>,
) -> Outcome {
    let (outing, _) = to_keep(&app, &actor, id).await?;
    ahead(&outing, actor.at)?;
    let member = on_it(&app, &outing, member).await?;
    let mut tx = app.db.begin().await?;
    changes::answer(&mut tx, &outing, &member, Answer::Confirmed, "", &actor.doer()).await?;
    tx.commit().await?;
    Ok(back(id))
}

pub(super) async fn decline(
    State(app): App,
    actor: Actor,
    Path((id, member)): Path<(ActivityId, MemberId)>,
    Query(mut form): Query,
) -> Outcome {
    let (outing, _) = to_keep(&app, &actor, id).await?;
    ahead(&outing, actor.at)?;
    let member = on_it(&app, &outing, member).await?;
    let reason = form.required("reason", 300);
    if !form.is_sound() {
        return Err(form.faults());
    }
    let mut tx = app.db.begin().await?;
    changes::answer(&mut tx, &outing, &member, Answer::Declined, &reason, &actor.doer()).await?;
    tx.commit().await?;
    Ok(back(id))
}

pub(super) async fn release(
    State(app): App,
    actor: Actor,
    Path((id, member)): Path<(ActivityId, MemberId)>,
) -> Outcome {
    let (outing, _) = to_keep(&app, &actor, id).await?;
    let member = on_it(&app, &outing, member).await?;
    let mut tx = app.db.begin().await?;
    changes::release(&mut tx, &outing, &member, &actor.doer()).await?;
    tx.commit().await?;
    Ok(back(id))
}

async fn attend(
    app: &Shared,
    actor: &Actor,
    id: ActivityId,
    member: MemberId,
    attendance: Attendance,
) -> Outcome {
    let (outing, scope) = to_keep(app, actor, id).await?;
    begun(&outing, actor.at)?;
    let member = match on_it(app, &outing, member).await {
        Ok(member) => member,
        Err(_) => in_reach(app, &scope, member).await?,
    };
    let mut tx = app.db.begin().await?;
    changes::attend(&mut tx, &outing, &member, attendance, &actor.doer()).await?;
    tx.commit().await?;
    Ok(back(id))
}

pub(super) async fn attended(
    State(app): App,
    actor: Actor,
    Path((id, member)): Path<(ActivityId, MemberId)>,
) -> Outcome {
    attend(&app, &actor, id, member, Attendance::Attended).await
}

pub(super) async fn no_show(
    State(app): App,
    actor: Actor,
    Path((id, member)): Path<(ActivityId, MemberId)>,
) -> Outcome {
    attend(&app, &actor, id, member, Attendance::NoShow).await
}

/// Everyone who was expected and of whom nobody has said otherwise was there.
pub(super) async fn all_attended(
    State(app): App,
    actor: Actor,
    Path(id): Path<ActivityId>,
) -> Outcome {
    let (outing, _) = to_keep(&app, &actor, id).await?;
    begun(&outing, actor.at)?;
    let roster = store::roster(&app.db, id).await?;
    let mut tx = app.db.begin().await?;
    for one in roster {
        if one.is_coming() && one.attendance == Attendance::Unknown {
            let member = Named { id: one.member_id, name: one.name };
            let by = actor.doer();
            changes::attend(&mut tx, &outing, &member, Attendance::Attended, &by).await?;
        }
    }
    tx.commit().await?;
    Ok(back(id))
}

pub(super) async fn told(
    State(app): App,
    actor: Actor,
    Path((id, member)): Path<(ActivityId, MemberId)>,
) -> Outcome {
    let (outing, _) = to_keep(&app, &actor, id).await?;
    let member = store::named(&app.db, member).await?;
    let mut tx = app.db.begin().await?;
    changes::told_by_phone(&mut tx, &outing, &member, &actor.doer()).await?;
    tx.commit().await?;
    Ok(redirect("/rosters?show=phone"))
}
