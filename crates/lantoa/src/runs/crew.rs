//! Who drives in a run, with what, and whom to ask for at its stops.

use std::collections::HashMap;

use crate::foundation::ids::{MemberId, UnitId};
use crate::foundation::{Fault, Shared};
use crate::people::{Act, Actor};
use crate::registers::{self, store as rows};
use crate::runs::model::{Run, Stop, StopKind};
use crate::schedule::Activity;

/// Who drives and with what, by name.
pub struct Crew {
    /// The people assigned; where there are none, the team in charge stands for them.
    pub people: Vec<Person>,
    pub team: String,
    pub vehicles: Vec<String>,
}

/// Someone of the crew, or of the team in charge.
pub struct Person {
    pub id: MemberId,
    pub name: String,
    /// Whether they lead their team.
    pub leads: bool,
    /// Whether they are assigned to this run.
    pub assigned: bool,
}

impl Crew {
    /// The names of those assigned.
    pub fn names(&self) -> Vec<&str> {
        self.people.iter().filter(|p| p.assigned).map(|p| p.name.as_str()).collect()
    }

    /// Who leads the run: who was chosen, else the team lead among those assigned.
    pub fn lead(&self, run: &Run) -> Option<&Person> {
        let chosen = self.people.iter().find(|person| Some(person.id) == run.lead);
        chosen.or_else(|| self.people.iter().find(|person| person.assigned && person.leads))
    }
}

/// The crew of an activity, as far as it lies within the reader's reach.
pub async fn of(app: &Shared, actor: &Actor, activity: &Activity) -> Result<Crew, Fault> {
    let look = actor.scope(Act::Look)?;
    let mut crew = Crew { people: vec![], team: String::new(), vehicles: vec![] };
    let found = async |register, id| match rows::find(&app.db, register, &look, id).await {
        Ok(row) => Ok(Some(row)),
        Err(Fault::NotFound) => Ok(None),
        Err(fault) => Err(fault),
    };
    let person = |row: &rows::Record, assigned| Person {
        id: MemberId(row.id),
        name: row.text("name").to_owned(),
        leads: row.text("position") == "lead",
        assigned,
    };
    for member in &activity.members {
        if let Some(row) = found(&registers::MEMBERS, member.0).await? {
            crew.people.push(person(&row, true));
        }
    }
    if let Some(team) = activity.team_id {
        if let Some(row) = found(&registers::TEAMS, team.0).await? {
            row.text("name").clone_into(&mut crew.team);
        }
        if crew.people.is_empty() {
            let wanted = rows::Wanted { home: Some(team.0), ..rows::Wanted::default() };
            let all = rows::list(&app.db, &registers::MEMBERS, &look, &wanted).await?;
            crew.people.extend(all.iter().map(|row| person(row, false)));
        }
    }
    for asset in &activity.assets {
        if let Some(row) = found(&registers::ASSETS, asset.0).await? {
            let (name, code) = (row.text("name"), row.text("code"));
            let named = if code.is_empty() { name.to_owned() } else { format!("{name} ({code})") };
            crew.vehicles.push(named);
        }
    }
    Ok(crew)
}

/// The team leads of the units where a run stops: name, and on the next line the phone number for
/// those who may read contacts there.
pub async fn contacts(
    app: &Shared,
    actor: &Actor,
    stops: &[Stop],
) -> Result<HashMap<UnitId, String>, Fault> {
    let look = actor.scope(Act::Look)?;
    let readable = actor.scope(Act::ReadContacts).ok();
    let mut found = HashMap::new();
    for stop in stops.iter().filter(|stop| stop.plan.kind == StopKind::Stop) {
        let unit = stop.plan.unit;
        if found.contains_key(&unit) {
            continue;
        }
        let wanted = rows::Wanted { unit: Some(unit), ..rows::Wanted::default() };
        let mut people = rows::list(&app.db, &registers::MEMBERS, &look, &wanted).await?;
        people.retain(|row| row.unit_id == unit && row.text("position") == "lead");
        people.truncate(1);
        rows::hide_contacts(&app.db, &registers::MEMBERS, readable.as_ref(), &mut people).await?;
        let said = people.first().map_or_else(String::new, |row| match row.text("phone") {
            "" => row.text("name").to_owned(),
            phone => format!("{}\n{phone}", row.text("name")),
        });
        found.insert(unit, said);
    }
    Ok(found)
}
