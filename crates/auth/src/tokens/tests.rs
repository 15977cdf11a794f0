use super::*;

const ADMIN: &str = "admin-token-000000000000";
const DRIVER: &str = "driver-token-00000000000";

fn setting(name: &str, token: &str, role: Role) -> TokenSetting {
    TokenSetting {
        name: name.to_owned(),
        token: Secret::new(token),
        tenant: TenantId::new("acme").expect("a valid name"),
        role,
        driver: None,
        shipment: None,
    }
}

fn with_driver(mut setting: TokenSetting) -> TokenSetting {
    setting.driver = Some(DriverId::new("ada").expect("a valid name"));
    setting
}

fn with_shipment(mut setting: TokenSetting) -> TokenSetting {
    setting.shipment = Some(ShipmentId::new("s1").expect("a valid name"));
    setting
}

fn tokens() -> Tokens {
    Tokens::new(vec![
        setting("desk", ADMIN, Role::Dispatcher),
        with_driver(setting("van-7", DRIVER, Role::Driver)),
        with_shipment(setting("link", "recipient-token-00000000", Role::Recipient)),
    ])
    .expect("settings without faults")
}

fn fault(setting: TokenSetting) -> TokenFault {
    let mut faults = Tokens::new(vec![setting]).expect_err("a fault").0;
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

#[test]
fn a_token_is_its_bearer_wherever_it_stands_in_the_list() {
    let tokens = tokens();
    let who = |token: &str| {
        tokens.authenticate(Some(&format!("Bearer {token}"))).map(|p| p.actor.subject.clone())
    };
    assert_eq!(who(ADMIN).as_deref(), Ok("desk"));
    assert_eq!(who(DRIVER).as_deref(), Ok("ada"));
    assert_eq!(who("recipient-token-00000000").as_deref(), Ok("link"));
    assert_eq!(who("admin-token-000000000001"), Err(Unauthenticated::Unknown));
    assert_eq!(who(&ADMIN[..ADMIN.len() - 1]), Err(Unauthenticated::Unknown));
}

#[test]
fn the_scope_comes_with_the_token() {
    let tokens = tokens();
    let driver = tokens.authenticate(Some(&format!("bearer   {DRIVER} "))).expect("a known token");
    assert_eq!(driver.driver().map(DriverId::as_str), Some("ada"));
    assert_eq!(driver.shipment(), None);
    assert_eq!(driver.role(), Role::Driver);
}

#[test]
fn a_header_that_is_no_bearer_token_is_told_apart_from_an_unknown_one() {
    let tokens = tokens();
    let why = |header| tokens.authenticate(header).expect_err("nobody");
    assert_eq!(why(None), Unauthenticated::Missing);
    for header in ["", "Bearer", "Bearer ", ADMIN, "Basic YWRtaW46YWRtaW4=", "\u{fffd}"] {
        assert_eq!(why(Some(header)), Unauthenticated::Malformed, "{header:?}");
    }
    let endless = format!("Bearer {}", "x".repeat(10_000_000));
    assert_eq!(why(Some(&endless)), Unauthenticated::Malformed);
    assert_eq!(why(Some("Bearer Bearer x")), Unauthenticated::Unknown);
}

#[test]
fn no_tokens_means_nobody_gets_in() {
    let tokens = Tokens::new(Vec::new()).expect("an empty list has no faults");
    let verdict = tokens.authenticate(Some("Bearer anything-at-all-000"));
    assert_eq!(verdict.expect_err("nobody"), Unauthenticated::Unknown);
}

#[test]
fn nothing_printed_holds_a_token() {
    let setting = setting("desk", ADMIN, Role::Dispatcher);
    assert!(!format!("{setting:?}").contains(ADMIN));
    let tokens = tokens();
    let principal = tokens.authenticate(Some(&format!("Bearer {ADMIN}"))).expect("a known token");
    assert!(!format!("{tokens:?} {principal:?}").contains("token-0"));

    let short = "sekrit";
    let bad = TokenSetting { token: Secret::new(short), ..setting };
    let faults = Tokens::new(vec![bad.clone(), bad]).expect_err("faults");
    assert!(!format!("{faults} {faults:?}").contains(short));
    let unknown = tokens.authenticate(Some("Bearer sekrit-sekrit-sekrit")).expect_err("nobody");
    assert!(!format!("{unknown} {unknown:?}").contains("sekrit"));
}

#[test]
fn a_short_or_unsendable_token_is_refused_by_its_entrys_name() {
    let length = |name: &str, len| TokenFault::Length { name: name.to_owned(), len };
    assert_eq!(fault(setting("desk", "123456789012345", Role::Tms)), length("desk", 15));
    assert_eq!(fault(setting("desk", &"x".repeat(513), Role::Tms)), length("desk", 513));
    let characters = TokenFault::Characters { name: "desk".to_owned() };
    assert_eq!(fault(setting("desk", "with a space inside it", Role::Tms)), characters);
    assert_eq!(fault(setting("desk", "schlüssel-schlüssel", Role::Tms)), characters);
}

#[test]
fn a_role_and_what_it_is_narrowed_to_must_fit() {
    let token = "token-token-token-token";
    let missing = |role, needed| TokenFault::ScopeMissing { name: "t".to_owned(), role, needed };
    let unfit = |role, given| TokenFault::ScopeUnfit { name: "t".to_owned(), role, given };
    let of = |role| setting("t", token, role);

    assert_eq!(fault(of(Role::Driver)), missing(Role::Driver, "a driver"));
    assert_eq!(fault(of(Role::Recipient)), missing(Role::Recipient, "a shipment"));
    assert_eq!(fault(with_driver(of(Role::Recipient))), unfit(Role::Recipient, "a driver"));
    assert_eq!(
        fault(with_driver(with_shipment(of(Role::Driver)))),
        unfit(Role::Driver, "a shipment")
    );
    for role in [Role::Tms, Role::Dispatcher, Role::Operator] {
        assert_eq!(fault(with_driver(of(role))), unfit(role, "a driver"));
        assert_eq!(fault(with_shipment(of(role))), unfit(role, "a shipment"));
    }
    let nobody = TokenFault::RoleOfNobody { name: "t".to_owned(), role: Role::Engine };
    assert_eq!(fault(of(Role::Engine)), nobody);
}

#[test]
fn all_faults_are_told_at_once() {
    let faults = Tokens::new(vec![
        setting("desk", ADMIN, Role::Dispatcher),
        setting("desk", "short", Role::Driver),
        setting(" ", ADMIN, Role::Tms),
    ])
    .expect_err("faults");
    assert_eq!(
        faults.to_string(),
        "token \"desk\" is named twice; \
         token \"desk\" has 5 characters; 16 to 512 are required; \
         token \"desk\" has role driver and so needs a driver; \
         tokens[2] has no name; the audit needs one; \
         token \" \" is the same as token \"desk\"; a caller must be one of them"
    );
}
