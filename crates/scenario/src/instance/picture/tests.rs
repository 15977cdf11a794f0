use serde_json::Value;

use super::super::{Assumed, Halt};
use super::*;
use crate::instance::InstanceFile;

const SOLOMON: &str = "\
A<B

VEHICLE
NUMBER     CAPACITY
  25         200

CUSTOMER
0 0 0 0 0 230 0
1 1 1 10 161 171 10
2 3 4 7 50 60 10
";

fn on_a_plane() -> InstanceFile {
    InstanceFile::read(SOLOMON, "", Assumed::default()).expect("an instance")
}

fn on_earth() -> InstanceFile {
    let text = r#"{
        "vehicles": [{"id": 4, "start": [16.37, 48.2]}],
        "jobs": [{"id": 1, "location": [16.38, 48.21], "description": "door"},
                 {"id": 2, "location": [16.39, 48.22]}]
    }"#;
    InstanceFile::read(text, "", Assumed::default()).expect("a problem")
}

fn route(file: &InstanceFile, tasks: &[u32]) -> DrivenRoute {
    let halt = |(index, task): (usize, &u32)| {
        let arrival = (index as i64 + 1) * 60 * file.instance.scale;
        Halt { task: *task, arrival, begin: arrival, depart: arrival, ..Halt::default() }
    };
    DrivenRoute { halts: tasks.iter().enumerate().map(halt).collect(), ..DrivenRoute::default() }
}

#[test]
fn a_map_has_a_line_for_the_route_and_a_point_for_each_halt() {
    let file = on_earth();
    let routes = [route(&file, &[0, 1])];
    let text = geojson(&file, &routes).expect("it is on Earth");
    let map: Value = serde_json::from_str(&text).expect("JSON");
    let features = map["features"].as_array().expect("features");
    assert_eq!((map["type"].as_str(), features.len()), (Some("FeatureCollection"), 3));
    let line = serde_json::json!([[16.37, 48.2], [16.38, 48.21], [16.39, 48.22]]);
    assert_eq!(features[0]["geometry"]["coordinates"], line);
    assert_eq!(features[0]["properties"]["vehicle"], "4");
    assert_eq!(features[1]["properties"]["task"], "job 1 (door)");
    assert_eq!(features[2]["properties"]["arrival"], 120.0);
    assert_eq!(features[2]["geometry"]["coordinates"], serde_json::json!([16.39, 48.22]));
}

#[test]
fn a_plane_is_no_map_and_nowhere_no_picture() {
    let mut file = on_a_plane();
    assert_eq!(geojson(&file, &[]), Err(PictureError::Plane));
    assert_eq!(can_be_drawn(&file.instance), Ok(()));
    file.instance.positions = Positions::Unknown;
    assert_eq!(geojson(&file, &[]), Err(PictureError::Unknown));
    assert_eq!(svg(&file, &[], &Caption::default()), Err(PictureError::Unknown));
}

#[test]
fn a_drawing_has_its_routes_and_its_words_made_safe() {
    let file = on_a_plane();
    let caption =
        Caption { title: "A<B".to_owned(), lines: vec![("cost".to_owned(), "64.4".to_owned())] };
    let drawing = svg(&file, &[route(&file, &[0]), route(&file, &[1])], &caption);
    let drawing = drawing.expect("it has positions");
    for part in [
        "<title>A&lt;B</title>",
        "prefers-color-scheme: dark",
        ">64.4</text>",
        "route 2",
        "class=\"depot\"",
    ] {
        assert!(drawing.contains(part), "{part} is missing in {drawing}");
    }
    assert_eq!(drawing.matches("<circle").count(), 2);
    assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{drawing}");
}

#[test]
fn places_that_are_all_one_are_drawn_too() {
    let text = SOLOMON.replace("1 1 1 ", "1 0 0 ").replace("2 3 4 ", "2 0 0 ");
    let file = InstanceFile::read(&text, "", Assumed::default()).expect("an instance");
    let drawing = svg(&file, &[route(&file, &[0, 1])], &Caption::default()).expect("drawn");
    assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{drawing}");
}
