//! Which member of a team an account is: only then has the person work and notices of their own.

use axum::extract::{Path, State};

use crate::foundation::form::Form;
use crate::foundation::ids::{AccountId, MemberId};
use crate::foundation::page::redirect;
use crate::foundation::view::{Fields, Page, Piece};
use crate::foundation::{Fault, Outcome, Shared};
use crate::people::accounts::{self, Listed};
use crate::people::{Act, Actor, to_manage};
use crate::registers::{self, store as rows};

type App = State<Shared>;

async fn page(app: &Shared, actor: &Actor, account: &Listed, form: &Form) -> Result<Page, Fault> {
    let t = actor.t;
    let scope = actor.scope(Act::ManageAccounts)?;
    let mut members = vec![];
    for (_, unit, _) in &account.grants {
        let wanted = rows::Wanted { unit: Some(*unit), ..rows::Wanted::default() };
        members.extend(rows::list(&app.db, &registers::MEMBERS, &scope, &wanted).await?);
    }
    let members = members
        .into_iter()
        .map(|one| (one.id.to_string(), format!("{} – {}", one.text("name"), one.home_name)));
    let fields = Fields::over(form, t)
        .select("member", "account-member", "account-member-none", members.collect())
        .hint("account-member-hint");
    let own = format!("/accounts/{}", account.id);
    Ok(Page::new(actor.shell(app, "nav-accounts", t.get("account-member")))
        .crumb(t.get("nav-accounts"), "/accounts")
        .crumb(account.display_name.clone(), own.clone())
        .with(Piece::Form(fields.post(format!("{own}/member"), "action-save", &own))))
}

pub(super) async fn show(State(app): App, actor: Actor, Path(id): Path<AccountId>) -> Outcome {
    let account = to_manage(&app, &actor, id, Act::ManageAccounts).await?;
    let member = accounts::member_of(&app.db, id).await?;
    let member = member.map_or_else(String::new, |id| id.to_string());
    page(&app, &actor, &account, &Form::filled([("member", member)])).await?.show()
}

pub(super) async fn set(
    State(app): App,
    actor: Actor,
    Path(id): Path<AccountId>,
    mut form: Form,
) -> Outcome {
    let account = to_manage(&app, &actor, id, Act::ManageAccounts).await?;
    let member = form.parsed::<MemberId>("member");
    if form.is_sound() {
        if let Some(member) = member {
            let scope = actor.scope(Act::ManageAccounts)?;
            rows::find(&app.db, &registers::MEMBERS, &scope, member.0).await?;
        }
        let mut tx = app.db.begin().await?;
        match accounts::set_member(&mut tx, &account, member, &actor.doer()).await {
            Ok(()) => {
                tx.commit().await?;
                return Ok(redirect(&format!("/accounts/{id}")));
            }
            Err(e) if e.is_unique_violation() => form.refuse("member", "error-member-taken"),
            Err(e) => return Err(e.into()),
        }
    }
    page(&app, &actor, &account, &form).await?.refuse()
}
