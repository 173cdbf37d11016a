//! Figures kept while recording equal a recount of the raw records (promise: coverage counts
//! distinct people and households, and every figure can be recomputed).

use lantoa::encounters::model::{AgeGroup, Encounter, Outcome, TopicOutcome};
use lantoa::encounters::store;
use lantoa::encounters::tally::{self, Reach};
use lantoa::foundation::audit::Doer;
use lantoa::foundation::clock;
use lantoa::foundation::ids::{CampaignId, EncounterId, TopicId};
use lantoa::schedule::ActivityKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::world::World;

/// One thing that happens: record, or change or withdraw an earlier one.
#[derive(Debug, Clone)]
struct Step {
    /// Below 6: record; 6 to 8: correct; 9: withdraw.
    act: u8,
    which: usize,
    unit: usize,
    campaign: usize,
    person: Option<u8>,
    household: Option<u8>,
    topics: Vec<usize>,
    day: i8,
}

fn step() -> impl Strategy<Value = Step> {
    (
        0..10u8,
        0..50usize,
        0..5usize,
        0..3usize,
        proptest::option::of(0..4u8),
        proptest::option::of(0..3u8),
        proptest::collection::vec(0..3usize, 1..3),
        1..15i8,
    )
        .prop_map(|(act, which, unit, campaign, person, household, topics, day)| Step {
            act,
            which,
            unit,
            campaign,
            person,
            household,
            topics,
            day,
        })
}

async fn play(world: &World, steps: &[Step], topics: &[TopicId], campaigns: &[CampaignId]) {
    let db = &world.app.db;
    let by = Doer { account_id: None, name: "thử".to_owned(), at: world.app.clock.now() };
    let units = [
        world.quang_trung_1,
        world.quang_trung_2,
        world.hien_khanh_1,
        world.hien_khanh_2,
        world.quang_trung,
    ];
    let make = |step: &Step| {
        let mut chosen: Vec<TopicId> = step.topics.iter().map(|index| topics[*index]).collect();
        chosen.sort();
        chosen.dedup();
        Encounter {
            id: EncounterId::new(),
            campaign_id: campaigns.get(step.campaign).copied(),
            activity_id: None,
            venue_id: None,
            team_id: None,
            unit_id: units[step.unit],
            channel: ActivityKind::ALL[step.unit],
            met_at: clock::millis(jiff::civil::date(2023, 9, step.day).at(9, 0, 0, 0)),
            person_key: step.person.map(|n| vec![n; 16]),
            household_key: step.household.map(|n| vec![100 + n; 16]),
            age_group: AgeGroup::ALL[step.which % 5],
            note: String::new(),
            reference: None,
            recorded_by: None,
            recorded_at: by.at,
            revision: 1,
            withdrawn_at: None,
            topics: chosen
                .into_iter()
                .map(|topic_id| TopicOutcome {
                    topic_id,
                    outcome: Outcome::ALL[step.which % 3],
                    reason: String::new(),
                })
                .collect(),
        }
    };
    let mut live: Vec<Encounter> = vec![];
    for step in steps {
        let mut tx = db.begin().await.unwrap();
        if step.act < 6 || live.is_empty() {
            let encounter = make(step);
            store::record(&mut tx, &mut Reach::default(), &encounter).await.unwrap();
            live.push(encounter);
        } else {
            let index = step.which % live.len();
            let before = live[index].clone();
            let mut after = Encounter { id: before.id, revision: before.revision, ..make(step) };
            if step.act == 9 {
                after = Encounter { withdrawn_at: Some(by.at), ..before.clone() };
            }
            store::correct(&mut tx, &before, &after, "thử", &by).await.unwrap();
            if step.act == 9 {
                live.remove(index);
            } else {
                after.revision = before.revision + 1;
                live[index] = after;
            }
        }
        tx.commit().await.unwrap();
    }
    assert_eq!(tally::check(db).await.unwrap(), 0, "after {steps:?}");
}

#[test]
fn figures_equal_a_recount_whatever_happens() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (world, topics, campaigns) = runtime.block_on(async {
        let world = World::new().await;
        let topics: Vec<TopicId> = lantoa::catalogue::store::topics(&world.app.db)
            .await
            .unwrap()
            .iter()
            .take(3)
            .map(|topic| topic.id)
            .collect();
        let one = world.campaign().await.parse().unwrap();
        let two = world.campaign().await.parse().unwrap();
        (world, topics, vec![one, two])
    });
    // One world for all cases: each begins where the last ended, which tries more states.
    let mut runner =
        TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    runner
        .run(&proptest::collection::vec(step(), 1..16), |steps| {
            runtime.block_on(play(&world, &steps, &topics, &campaigns));
            Ok(())
        })
        .unwrap();
}
