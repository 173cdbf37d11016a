//! Instances and solutions as files: what is written is judged by the verifier's own reading.

use routing::formats::{self, Unreadable};
use routing::verify::{self, Broken};
use routing::{Attempts, Search};
use serde_json::{Value, json};

fn instances() -> Vec<(String, String)> {
    let mut found = vec![];
    for folder in ["solomon", "outreach"] {
        let path = format!("{}/../../bench/instances/{folder}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "txt" || kind == "json") {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn solved(text: &str) -> String {
    let instance = formats::read(text).unwrap();
    let search = Search { seed: 1, from: None };
    let timetable = routing::plan(&instance.problem, &search, &mut Attempts::of(64)).unwrap();
    instance.solution(&timetable)
}

#[test]
fn every_published_instance_is_planned_and_its_solution_file_holds() {
    let instances = instances();
    assert_eq!(instances.len(), 59);
    for (name, text) in instances {
        let report = verify::files(&text, &solved(&text), false).unwrap();
        assert_eq!(report.broken, vec![], "{name}");
    }
}

fn small() -> (String, Value) {
    let (_, text) = instances().into_iter().find(|(name, _)| name == "small-8x8-s1").unwrap();
    let solution = serde_json::from_str(&solved(&text)).unwrap();
    (text, solution)
}

fn broken(text: &str, solution: &Value) -> Vec<Broken> {
    verify::files(text, &solution.to_string(), false).unwrap().broken
}

#[test]
fn the_verifier_finds_what_is_broken() {
    let (text, sound) = small();
    assert_eq!(broken(&text, &sound), vec![]);

    let mut dropped = sound.clone();
    let gone = dropped["routes"][0]["stops"].as_array_mut().unwrap().pop().unwrap();
    let gone = gone["session"].as_u64().unwrap() as usize;
    assert!(broken(&text, &dropped).contains(&Broken::Missing { visit: gone }));

    let mut twice = sound.clone();
    let again = twice["routes"][0]["stops"][0].clone();
    twice["routes"][1]["stops"].as_array_mut().unwrap().push(again.clone());
    let again = again["session"].as_u64().unwrap() as usize;
    assert!(broken(&text, &twice).contains(&Broken::Twice { visit: again }));

    let mut early = sound.clone();
    let start = early["routes"][0]["stops"][0]["start"].as_i64().unwrap();
    early["routes"][0]["stops"][0]["start"] = json!(start - 600);
    let kinds = broken(&text, &early);
    assert!(kinds.iter().any(|b| matches!(b, Broken::Window { .. })), "{kinds:?}");

    let mut cheaper = sound.clone();
    cheaper["cost"] = json!(1);
    assert!(matches!(broken(&text, &cheaper)[..], [Broken::Cost { .. }]));

    let mut elsewhere = sound.clone();
    let day = elsewhere["routes"][0]["day"].as_i64().unwrap();
    elsewhere["routes"][0]["day"] = json!((day + 1) % 64);
    assert!(!broken(&text, &elsewhere).is_empty());
}

#[test]
fn a_team_at_two_sessions_at_once_is_found_and_may_be_left_out_of_account() {
    let session = |id: i64, x: f64| {
        json!({"id": id, "commune": 0, "hamlet": id, "x": x, "y": 1.0, "minutes": 60,
               "people": 1, "start_windows": [[600, 600]]})
    };
    let vehicle = |id: i64| json!({"id": id, "base": 0, "day_start": 390, "day_end": 1320});
    let plan = json!({
        "format": "outreach-plan-1", "seed": 0, "days": 1, "communes": [{"x": 0.0, "y": 0.0}],
        "bases": [{"x": 0.0, "y": 0.0}], "vehicles": [vehicle(0), vehicle(1)],
        "sessions": [session(0, 1.0), session(1, 2.0)],
    });
    let route = |vehicle: i64, session: i64| json!({"vehicle": vehicle, "day": 0, "stops": [{"session": session, "start": 600}]});
    // ceil(2 + 1.35 × √2 / 28 × 60) = 7 minutes each way; ceil(2 + 1.35 × √5 / 28 × 60) = 9.
    let solution = json!({"format": "outreach-solution-1", "cost": 14 + 18 + 180,
                          "routes": [route(0, 0), route(1, 1)]});
    let (plan, solution) = (plan.to_string(), solution.to_string());
    let strict = verify::files(&plan, &solution, false).unwrap();
    assert_eq!(strict.broken, vec![Broken::ResourceTwice { resource: 0, visits: (0, 1) }]);
    assert_eq!(verify::files(&plan, &solution, true).unwrap().broken, vec![]);
}

const CVRP: &str = "NAME : four\nTYPE : CVRP\nDIMENSION : 5\nEDGE_WEIGHT_TYPE : EUC_2D\n\
    CAPACITY : 2\nNODE_COORD_SECTION\n1 0 0\n2 0 10\n3 3 10\n4 10 0\n5 10 3\nDEMAND_SECTION\n\
    1 0\n2 1\n3 1\n4 1\n5 1\nDEPOT_SECTION\n1\n-1\nEOF\n";

#[test]
fn vrplib_is_read_rounded_as_tsplib_asks() {
    // There, 3 across, back: 10 + 3 + 10 (√109 rounds to 10), twice.
    let solution = solved(CVRP);
    assert!(solution.ends_with("Cost 46\n"), "{solution}");
    assert_eq!(verify::files(CVRP, &solution, false).unwrap().broken, vec![]);
    assert!(
        verify::files(CVRP, "Route #1: 1 2 3 4\nCost 46\n", false)
            .unwrap()
            .broken
            .contains(&Broken::Overload { shift: 0, load: 4, capacity: 2 })
    );
}

#[test]
fn vrplib_with_explicit_weights_and_with_time_windows_is_read() {
    let explicit = "NAME : e\nTYPE : CVRP\nDIMENSION : 3\nEDGE_WEIGHT_TYPE : EXPLICIT\n\
        EDGE_WEIGHT_FORMAT : LOWER_ROW\nCAPACITY : 5\nEDGE_WEIGHT_SECTION\n4\n7 2\n\
        DEMAND_SECTION\n1 0\n2 1\n3 1\nDEPOT_SECTION\n1\n-1\nEOF\n";
    assert!(solved(explicit).ends_with("Cost 13\n"));
    assert_eq!(verify::files(explicit, &solved(explicit), false).unwrap().broken, vec![]);
    let timed = format!(
        "{}TIME_WINDOW_SECTION\n1 0 100\n2 0 100\n3 0 100\n4 0 30\n5 50 60\n\
         SERVICE_TIME_SECTION\n1 0\n2 1\n3 1\n4 1\n5 1\nEOF\n",
        CVRP.replace("CVRP", "VRPTW").replace("EOF\n", "")
    );
    let solution = solved(&timed);
    assert!(solution.ends_with("Cost 46.8\n"), "{solution}");
    assert_eq!(verify::files(&timed, &solution, false).unwrap().broken, vec![]);
}

#[test]
fn what_is_no_instance_is_said_to_be_none() {
    assert_eq!(formats::read("xin chào").unwrap_err(), Unreadable::Unknown);
    assert!(matches!(formats::read("{\"format\": 3}").unwrap_err(), Unreadable::Json(_)));
    let torn = CVRP.replace("2 0 10", "2 0");
    assert!(formats::read(&torn).unwrap_err().to_string().contains("NODE_COORD_SECTION"));
    let words = CVRP.replace("2 0 10", "2 không 10");
    assert!(formats::read(&words).unwrap_err().to_string().contains("line 8"));
}
