use super::*;
use crate::args::Global;
use prost_reflect::DescriptorPool;

fn pool() -> DescriptorPool {
    DescriptorPool::decode(swerve_proto::FILE_DESCRIPTOR_SET).expect("the API describes itself")
}

fn quiet() -> Output {
    Output::new(&Global { output: None, config: None, quiet: true, verbose: 0 })
}

fn input(method: &str) -> MessageDescriptor {
    method::find(&pool(), method).expect("it is there").input()
}

#[test]
fn a_method_is_found_by_as_much_of_its_name_as_is_unique() {
    let pool = pool();
    for name in [
        "QuoteChange",
        "ChangeService/QuoteChange",
        "ChangeService.QuoteChange",
        "swerve.v1.ChangeService/QuoteChange",
        "/swerve.v1.ChangeService/QuoteChange",
    ] {
        let found = method::find(&pool, name).expect(name);
        assert_eq!(found.full_name(), "swerve.v1.ChangeService.QuoteChange");
    }
}

#[test]
fn a_method_that_is_not_there_is_answered_with_those_that_may_be_meant() {
    let told = |name| method::find(&pool(), name).expect_err("it is not there").to_string();
    assert!(told("quotechange").contains("did you mean swerve.v1.ChangeService.QuoteChange?"));
    assert!(
        told("eChange").contains("did you mean"),
        "a name's end is no name: {}",
        told("eChange")
    );
    assert!(told("Nonsense").contains("`swerve call --list`"));
}

#[test]
fn a_request_without_an_id_gets_one_and_a_given_one_is_kept() {
    let given = r#"{"requestId": "mine", "shipment": "shipments/s"}"#;
    let id = |json: &str| {
        let message = request(json, input("QuoteChange"), &quiet()).expect("it is a request");
        let id = message.get_field_by_name("request_id").expect("it has one").into_owned();
        id.as_str().expect("a text").to_owned()
    };
    assert_eq!(id(given), "mine");
    assert_eq!(id("{}").len(), 36);
    assert_ne!(id("{}"), id("{}"));
    let read = request("{}", input("GetPlan"), &quiet()).expect("it is a request");
    assert!(read.get_field_by_name("request_id").is_none());
}

#[test]
fn what_is_wrong_with_the_json_is_told_with_its_place() {
    let told = |json| {
        format!("{:#}", request(json, input("QuoteChange"), &quiet()).expect_err("it is wrong"))
    };
    let unknown = told(r#"{"shipmnt": "s"}"#);
    assert!(unknown.contains("shipmnt") && unknown.contains("line 1"), "{unknown}");
    assert!(told("{").contains("line 1 column 1"), "{}", told("{"));
    assert!(told("{} {}").contains("trailing"), "{}", told("{} {}"));
    assert!(told(r#"{"maxOffers": "many"}"#).contains("line 1"));
}

#[test]
fn well_known_types_are_written_as_json_has_them() {
    let json = r#"{"name":"territories/t","time":"2026-03-17T08:00:00Z"}"#;
    let message = request(json, input("AdvanceClock"), &quiet()).expect("it is a request");
    let shown = serde_json::to_string(&Shown { message: &message, all_fields: false });
    assert_eq!(shown.expect("it has a JSON form"), json);
}

#[test]
fn every_method_of_the_api_is_listed_with_what_it_does() {
    let listed = describe::list(&pool());
    let json = serde_json::to_value(&listed).expect("it has a JSON form");
    let of_api =
        json.as_array().expect("a list").iter().filter(|one| {
            one["method"].as_str().is_some_and(|name| name.starts_with("swerve.v1."))
        });
    let (mut count, mut silent) = (0, Vec::new());
    for one in of_api {
        count += 1;
        if one["summary"].as_str().is_none_or(str::is_empty) {
            silent.push(one["method"].to_string());
        }
    }
    assert!(count >= 40, "{count} methods");
    // Reads of one resource are clear from their names.
    assert!(silent.len() * 2 < count, "{silent:?}");
}

#[test]
fn a_description_holds_every_message_and_enum_of_request_and_answer() {
    let method = method::find(&pool(), "QuoteChange").expect("it is there");
    let text = describe::describe(&method).to_string();
    for part in [
        "swerve.v1.ChangeService.QuoteChange",
        "QuoteChangeRequest -> QuoteChangeResponse",
        "\nWish\n",
        "list of TimeWindow",
        "suggestWindows",
        "CustodyStep.Kind",
        "KIND_SAME_VAN",
        "map of text to text",
        "Required UUID chosen by the caller",
        "(one of kind)",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert!(!text.contains("\nTimestamp\n"), "protobuf's own types are known");
}
