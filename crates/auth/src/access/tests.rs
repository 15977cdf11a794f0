use std::collections::BTreeSet;
use std::fmt::Write;

use swerve_model::Actor;

use super::*;
use crate::principal::Scope;

const ROLES: [Role; 6] =
    [Role::Tms, Role::Dispatcher, Role::Driver, Role::Recipient, Role::Operator, Role::Engine];

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).expect("a valid name")
}

fn driver(name: &str) -> DriverId {
    DriverId::new(name).expect("a valid name")
}

fn shipment(name: &str) -> ShipmentId {
    ShipmentId::new(name).expect("a valid name")
}

fn caller(role: Role, scope: Scope) -> Principal {
    Principal {
        actor: Actor { tenant: tenant("acme"), role, subject: "someone".to_owned() },
        scope,
    }
}

/// Every right there is, as a matrix.
fn matrix() -> String {
    let mut text = format!("{:<20}", "");
    for role in ROLES {
        write!(text, " {:<12}", role.name()).expect("writing to a string");
    }
    let mut service = "";
    for rule in RULES {
        let (path, method) = rule.method.rsplit_once('/').expect("a full path");
        if path != service {
            service = path;
            write!(text, "\n{}", path.trim_start_matches("/swerve.v1.")).expect("to a string");
        }
        write!(text, "\n  {method:<20}").expect("writing to a string");
        for role in ROLES {
            let right = match authorize(rule.method, &caller(role, Scope::Tenant)) {
                Ok(Grant { relation: Relation::Tenant, .. }) => "all",
                Ok(Grant { relation: Relation::OwnManifest, .. }) => "own manifest",
                Ok(Grant { relation: Relation::OwnShipment, .. }) => "own shipment",
                Err(_) => "-",
            };
            write!(text, " {right:<12}").expect("writing to a string");
        }
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn who_may_do_what() {
    insta::assert_snapshot!(matrix());
}

#[test]
fn every_action_has_exactly_one_row_in_its_place() {
    for (position, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.action as usize, position, "{:?}", rule.action);
    }
    assert_eq!(RULES.len(), Action::AdvanceClock as usize + 1);
    let methods: BTreeSet<&str> = RULES.iter().map(|rule| rule.method).collect();
    assert_eq!(methods.len(), RULES.len(), "a method has two rows");
}

#[test]
fn a_row_is_named_as_its_method() {
    for rule in RULES {
        assert!(rule.method.ends_with(&format!("Service/{:?}", rule.action)), "{}", rule.method);
        assert!(!is_public(rule.method));
    }
}

#[test]
fn no_row_speaks_of_a_role_twice_or_of_the_engine() {
    for rule in RULES {
        let roles: BTreeSet<Role> = rule.allowed.iter().map(|allow| allow.role).collect();
        assert_eq!(roles.len(), rule.allowed.len(), "{}", rule.method);
        assert!(!roles.contains(&Role::Engine), "{}", rule.method);
    }
}

#[test]
fn a_method_without_a_row_is_denied_to_everyone() {
    for method in [
        "",
        "/swerve.v1.PlanService/DropEverything",
        "swerve.v1.PlanService/GetPlan",
        "/swerve.v1.PlanService/GetPlan/",
        "/swerve.v1.planservice/getplan",
        "/grpc.health.v1.Health/Check",
    ] {
        for role in ROLES {
            let denied = authorize(method, &caller(role, Scope::Tenant));
            assert_eq!(denied, Err(Denied::UnknownMethod { method: method.to_owned() }));
        }
    }
}

#[test]
fn health_and_the_schema_need_no_caller_and_nothing_else_is_public() {
    assert!(is_public("/grpc.health.v1.Health/Check"));
    assert!(is_public("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"));
    assert!(!is_public("/swerve.v1.OperatorService/ListTerritories"));
}

#[test]
fn a_driver_reaches_only_manifests_they_drive() {
    let acme = tenant("acme");
    let (ada, ben) = (driver("ada"), driver("ben"));
    let by_ada = caller(Role::Driver, Scope::Driver(ada.clone()));
    let denied = Err(Denied::NotOwnManifest { action: Action::ArriveStop });
    let tried = |resource: Resource<'_>| permits(&by_ada, Action::ArriveStop, &resource);

    assert_eq!(tried(Resource::of(&acme).driven_by(&ada)), Ok(()));
    assert_eq!(tried(Resource::of(&acme).driven_by(&ben)), denied);
    // What belongs to no driver is not hers either.
    assert_eq!(tried(Resource::of(&acme)), denied);
}

#[test]
fn a_recipient_reaches_only_the_shipment_of_the_link() {
    let acme = tenant("acme");
    let (mine, other) = (shipment("mine"), shipment("other"));
    let link = caller(Role::Recipient, Scope::Shipment(mine.clone()));
    let denied = Err(Denied::NotOwnShipment { action: Action::CommitChange });
    let tried = |resource: Resource<'_>| permits(&link, Action::CommitChange, &resource);

    assert_eq!(tried(Resource::of(&acme).about(&mine)), Ok(()));
    assert_eq!(tried(Resource::of(&acme).about(&other)), denied);
    assert_eq!(tried(Resource::of(&acme)), denied);
}

#[test]
fn an_owned_relation_without_a_scope_reaches_nothing() {
    let (acme, ada, mine) = (tenant("acme"), driver("ada"), shipment("mine"));
    let everything = Resource::of(&acme).driven_by(&ada).about(&mine);
    assert!(
        permits(&caller(Role::Driver, Scope::Tenant), Action::ArriveStop, &everything).is_err()
    );
    assert!(
        permits(&caller(Role::Recipient, Scope::Tenant), Action::GetShipment, &everything).is_err()
    );
}

#[test]
fn what_belongs_to_nobody_is_not_owned_by_a_token_for_nobody() {
    let acme = tenant("acme");
    let nobodys = Resource::of(&acme);
    assert!(permits(&caller(Role::Driver, Scope::Tenant), Action::ArriveStop, &nobodys).is_err());
    let link = caller(Role::Recipient, Scope::Tenant);
    assert!(permits(&link, Action::GetShipment, &nobodys).is_err());
}

#[test]
fn a_narrowed_token_stays_narrow_whatever_its_role_may() {
    let (acme, ada, ben) = (tenant("acme"), driver("ada"), driver("ben"));
    let narrowed = caller(Role::Dispatcher, Scope::Driver(ada.clone()));
    let tried = |driver| {
        permits(&narrowed, Action::ArriveStop, &Resource::of(&acme).driven_by(driver)).is_ok()
    };
    assert!(tried(&ada));
    assert!(!tried(&ben));

    let (mine, other) = (shipment("mine"), shipment("other"));
    let narrowed = caller(Role::Tms, Scope::Shipment(mine.clone()));
    let tried = |resource: Resource<'_>| permits(&narrowed, Action::GetShipment, &resource).is_ok();
    assert!(tried(Resource::of(&acme).about(&mine)));
    assert!(!tried(Resource::of(&acme).about(&other)));
    assert!(!tried(Resource::of(&acme)));
}

#[test]
fn another_tenants_things_are_out_of_reach_of_every_role() {
    let globex = tenant("globex");
    let (ada, mine) = (driver("ada"), shipment("mine"));
    let theirs = Resource::of(&globex).driven_by(&ada).about(&mine);
    for rule in RULES {
        for role in ROLES {
            for scope in [Scope::Tenant, Scope::Driver(ada.clone()), Scope::Shipment(mine.clone())]
            {
                let verdict = permits(&caller(role, scope), rule.action, &theirs);
                assert!(
                    matches!(verdict, Err(Denied::OtherTenant | Denied::Role { .. })),
                    "{role:?} {:?}: {verdict:?}",
                    rule.action
                );
            }
        }
    }
}

#[test]
fn edge_and_territory_agree_on_every_row() {
    let (acme, ada, mine) = (tenant("acme"), driver("ada"), shipment("mine"));
    let own = Resource::of(&acme).driven_by(&ada).about(&mine);
    for rule in RULES {
        for role in ROLES {
            let scope = match role {
                Role::Driver => Scope::Driver(ada.clone()),
                Role::Recipient => Scope::Shipment(mine.clone()),
                _ => Scope::Tenant,
            };
            let principal = caller(role, scope);
            let edge = authorize(rule.method, &principal).is_ok();
            let territory = permits(&principal, rule.action, &own).is_ok();
            assert_eq!(edge, territory, "{role:?} {:?}", rule.action);
        }
    }
}
