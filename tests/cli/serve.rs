//! A served territory, called by its own commands.

use serde_json::{Value, json};

use super::fixture::{DESK, OPERATOR, Server, TMS, run, site};

/// Eight in the morning in Vienna, on the day these tests play on.
pub(crate) const EIGHT: &str = "2026-03-17T07:00:00Z";
const TERRITORY: &str = "territories/town";

/// Two vans, six doors, a parcel for each.
pub(crate) fn stock(server: &Server) {
    let time = json!({"name": TERRITORY, "time": "2026-03-17T05:00:00Z"});
    server.call(OPERATOR, "AdvanceClock", &time);
    for van in 1..=2 {
        let vehicle = json!({"territory": TERRITORY, "vehicle": {
            "name": format!("vehicles/v-{van}"),
            "capacity": {"weightGrams": "900000", "volumeMilliliters": "9000000", "count": "200"},
            "costPerKm": {"currencyCode": "EUR", "nanos": 300_000_000},
        }});
        server.call(TMS, "CreateVehicle", &vehicle);
        let manifest = json!({"territory": TERRITORY, "manifest": {
            "name": format!("manifests/m-{van}"),
            "driver": format!("drivers/d-{van}"),
            "vehicle": format!("vehicles/v-{van}"),
            "depot": "depots/hub",
            "shift": {"start": EIGHT, "end": "2026-03-17T15:00:00Z", "hardEnd": "2026-03-17T17:00:00Z"},
        }});
        server.call(TMS, "CreateManifest", &manifest);
    }
    let mut shipments = Vec::new();
    for door in 1..=6_u32 {
        let point = json!({"territory": TERRITORY, "deliveryPoint": {
            "name": format!("deliveryPoints/d-{door}"),
            "kind": "KIND_DOOR",
            "location": {
                "latitude": 48.2002 + 0.0006 * f64::from(door),
                "longitude": 16.3701 + 0.0009 * f64::from(door % 3),
            },
            "park": "60s",
            "perStop": "45s",
        }});
        server.call(TMS, "CreateDeliveryPoint", &point);
        shipments.push(json!({
            "name": format!("shipments/s-{door}"),
            "recipient": format!("r-{door}"),
            "parcels": [{
                "name": format!("shipments/s-{door}/parcels/p"),
                "load": {"weightGrams": "1000", "volumeMilliliters": "4000", "count": "1"},
                "custody": {"state": "STATE_AT_DEPOT", "depot": "depots/hub"},
            }],
            "promise": {
                "deliveryPoint": format!("deliveryPoints/d-{door}"),
                "windows": [{"open": EIGHT, "close": "2026-03-17T14:00:00Z"}],
            },
            "servicePerParcel": "20s",
        }));
    }
    let batch = json!({"territory": TERRITORY, "shipments": shipments});
    let created = server.call(TMS, "BatchCreateShipments", &batch);
    assert_eq!(created["createdCount"], 6);
}

#[test]
fn a_day_can_be_planned_changed_and_watched_from_the_command_line() {
    let site = site();
    let server = Server::start(site.path());
    assert_eq!(server.announced["territories"], json!(["town"]));
    stock(&server);

    let planned = server.call(DESK, "PlanDay", &json!({"territory": TERRITORY}));
    assert_eq!(planned["counts"]["parcelsAssigned"], 6);

    let wish = json!({"shipment": "shipments/s-1", "wish": {"suggestWindows": true},
        "assurance": "ASSURANCE_ONE_TIME_CODE"});
    let quote = server.call(TMS, "QuoteChange", &wish);
    let offer = quote["offers"][0]["name"].as_str().unwrap_or_else(|| panic!("no offer: {quote}"));
    let commit = json!({"offer": offer, "assurance": "ASSURANCE_ONE_TIME_CODE"});
    let committed = server.call(TMS, "CommitChange", &commit);
    assert_eq!(committed["change"]["state"], "STATE_COMMITTED");

    let manifests = server.run(DESK, &["watch", "--once"]).ended(0).json();
    assert_eq!(manifests.as_array().map(Vec::len), Some(2));
    let stops = |manifest: &Value| manifest["stops"].as_array().map_or(0, Vec::len);
    assert_eq!(manifests.as_array().expect("two").iter().map(stops).sum::<usize>(), 6);
    let table = server.run(DESK, &["watch", "changes", "--once", "-o", "table"]).ended(0).stdout;
    assert!(table.starts_with("change ") && table.contains("window"), "{table}");
    let only = server.run(DESK, &["watch", "shipments", "s-2", "--once"]).ended(0).json();
    assert_eq!(only[0]["name"], "shipments/s-2");
    assert_eq!(only.as_array().map(Vec::len), Some(1));

    let replanned = server.run(DESK, &["replan", "--iterations", "50", "--apply"]).ended(0).json();
    assert!(
        replanned["proposal"]["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("replanProposals/"))
    );

    let streamed = server.run(
        DESK,
        &["call", "WatchManifests", r#"{"territory": "territories/town"}"#, "--messages", "3"],
    );
    assert_eq!(streamed.ended(0).stdout.lines().count(), 3);

    let (code, told) = server.stop("-TERM");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("draining") && told.contains("stopped"), "{told}");
    assert!(!told.contains(TMS), "a token was told");
}

#[test]
fn every_refusal_has_its_exit_code_and_says_all_that_is_wrong() {
    let site = site();
    let server = Server::start(site.path());
    let call = |token: &str, method: &str, request: &str, code: i32| {
        server.run(token, &["call", method, request]).ended(code).stderr
    };
    let told = call(TMS, "GetShipment", r#"{"name": "shipments/none"}"#, 3);
    assert!(told.starts_with("error: GetShipment: NOT_FOUND (RESOURCE_NOT_FOUND): "), "{told}");

    let wrong = r#"{"territory": "territories/town", "deliveryPoint": {"name": "d/1",
        "kind": "KIND_DOOR", "location": {"latitude": "NaN", "longitude": 200}}}"#;
    let told = call(TMS, "CreateDeliveryPoint", wrong, 3);
    assert!(told.contains("INVALID_ARGUMENT (INVALID_FIELDS)"), "{told}");
    for fault in ["\n  delivery_point.name: \"d/1\"", "\n  delivery_point.location: "] {
        assert!(told.contains(fault), "{fault:?} is missing in {told}");
    }

    let told = call("not-a-token-of-anyone", "GetPlan", "{}", 3);
    assert!(told.contains("UNAUTHENTICATED (TOKEN_UNKNOWN)"), "{told}");
    let told = call(TMS, "PlanDay", r#"{"territory": "territories/town"}"#, 3);
    assert!(told.contains("PERMISSION_DENIED (ROLE_NOT_ALLOWED)"), "{told}");
    let told = call(TMS, "GetPlan", r#"{"teritory": "x"}"#, 3);
    let rule = "the JSON given is not the request's JSON";
    assert!(told.contains(rule) && told.contains("teritory"), "{told}");
    let told = call(TMS, "GetPlans", "{}", 2);
    assert!(told.contains("did you mean swerve.v1.PlanService.GetPlan?"), "{told}");
    let unknown = r#"{"proposal": "replanProposals/none",
        "expectedRevision": {"territory": "territories/town", "epoch": "1", "number": "1"}}"#;
    let told = call(DESK, "ApplyReplan", unknown, 3);
    assert!(told.contains("NOT_FOUND (RESOURCE_NOT_FOUND): "), "{told}");
    let told = server.run(DESK, &["watch", "--territory", "elsewhere", "--once"]).ended(3).stderr;
    assert!(told.contains("cannot use territory elsewhere: NOT_FOUND"), "{told}");
}

#[test]
fn a_rule_a_conflict_and_an_absent_server_have_exit_codes_of_their_own() {
    let site = site();
    let server = Server::start(site.path());
    stock(&server);
    let call = |token: &str, method: &str, request: &Value, code: i32| {
        server.run(token, &["call", method, &request.to_string()]).ended(code).stderr
    };
    let vehicle = json!({"territory": TERRITORY, "vehicle": {
        "name": "vehicles/v-1",
        "capacity": {"weightGrams": "900000", "volumeMilliliters": "9000000", "count": "200"},
    }});
    let told = call(TMS, "CreateVehicle", &vehicle, 6);
    assert!(told.contains("ALREADY_EXISTS"), "{told}");
    let reopened = json!({"territory": TERRITORY, "manifest": "manifests/m-1"});
    server.call(DESK, "CloseManifest", &reopened);
    let told = call(DESK, "DepartManifest", &reopened, 4);
    assert!(told.contains("FAILED_PRECONDITION"), "{told}");
    let address = format!("http://{}", server.address);
    assert_eq!(server.stop("-TERM").0, Some(0));
    let line = ["call", "GetPlan", "--address", &address, "--token", TMS];
    let told = run(site.path(), &line).ended(5).stderr;
    assert!(told.contains(address.trim_start_matches("http://")), "{told}");
}

#[test]
fn what_a_server_offers_is_listed_and_described_without_a_token() {
    let site = site();
    let server = Server::start(site.path());
    let address = format!("http://{}", server.address);
    let listed = run(site.path(), &["call", "--list", "--address", &address]).ended(0).json();
    let methods: Vec<&str> = listed
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["method"].as_str())
        .collect();
    assert!(methods.contains(&"swerve.v1.ChangeService.CommitChange"), "{methods:?}");
    assert!(methods.contains(&"grpc.health.v1.Health.Check"), "{methods:?}");
    let line = ["call", "--describe", "CommitChange", "-o", "table", "--address", &address];
    let described = run(site.path(), &line).ended(0).stdout;
    assert!(described.contains("CommitChangeRequest -> CommitChangeResponse"), "{described}");
    assert!(described.contains("Makes an offer true"), "{described}");
    let line = ["call", "grpc.health.v1.Health/Check", "--address", &address];
    assert_eq!(run(site.path(), &line).ended(0).json(), json!({"status": "SERVING"}));
}

#[test]
fn a_log_is_one_server_s_and_survives_it() {
    let site = site();
    let server = Server::start(site.path());
    stock(&server);
    let before = server.call(OPERATOR, "GetTerritory", &json!({"name": TERRITORY}));
    let second = run(site.path(), &["serve"]).ended(3).stderr;
    assert!(second.contains("is open in another process"), "{second}");
    let looking = run(site.path(), &["log", "verify"]).ended(3).stderr;
    assert!(looking.contains("is open in another process"), "{looking}");
    server.stop("-INT");

    let server = Server::start(site.path());
    let after = server.call(OPERATOR, "GetTerritory", &json!({"name": TERRITORY}));
    assert_eq!(before["territory"]["planHash"], after["territory"]["planHash"]);
    assert_eq!(before["territory"]["logSequence"], after["territory"]["logSequence"]);
    let info = run(site.path(), &["roads", "info", "town.roads"]).ended(0).json();
    let fingerprint = after["territory"]["roadFingerprint"].as_str().expect("a digest");
    assert_eq!(fingerprint.len(), 44, "32 bytes in base64");
    assert_eq!(info["fingerprint"].as_str().map(str::len), Some(64));
}

#[test]
fn a_territory_on_the_real_clock_knows_what_time_it_is() {
    let site = site();
    let path = site.path().join("swerve.toml");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let text = text.replace("clock = \"simulated\"", "clock = \"real\"");
    std::fs::write(&path, text).expect("it is writable");
    let server = Server::start(site.path());
    let served = server.call(OPERATOR, "GetTerritory", &json!({"name": TERRITORY}));
    let time = served["territory"]["engineTime"].as_str().expect("a time");
    assert!(time > "2026-01-01", "{time}");
    let advance = json!({"name": TERRITORY, "time": "2199-01-01T00:00:00Z"}).to_string();
    let told = server.run(OPERATOR, &["call", "AdvanceClock", &advance]).ended(4).stderr;
    assert!(told.contains("FAILED_PRECONDITION (CLOCK_IS_REAL)"), "{told}");
}
