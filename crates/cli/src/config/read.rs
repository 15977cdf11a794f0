//! From the sections of the file to settings, with the rules each field must keep.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use swerve_engine::{Background, ClockKind, SearchBudget};
use swerve_model::{Cost, Depot, DepotId, IdError, LatLng, Risk, Role, TerritoryId, Ticks};

use super::reader::Section;
use super::{ClientSettings, Config, LogSettings, SecretSource, TerritoryEntry, TokenEntry};

/// A tick every hundredth of a second keeps a core busy; one in ten minutes makes cut-offs a guess.
const TICK_MILLIS: std::ops::RangeInclusive<i64> = 100..=60_000;
/// Beyond it a search would not end in a working day.
const ITERATIONS_MAX: i64 = 100_000_000;
const SKILLS_MAX: usize = 64;
/// A hundredth of a currency unit, in its micro-units.
const CENT: i64 = 10_000;

/// Whatever is wrong is a fault; what is left out has its default.
pub(super) fn config(root: &mut Section<'_>, folder: &Path) -> Config {
    let default = Config::default();
    Config {
        path: None,
        listen: root.parsed("listen", listen).unwrap_or(default.listen),
        data_dir: path(root, "data_dir", folder).unwrap_or_else(|| folder.join(default.data_dir)),
        allow_plaintext_off_loopback: root
            .boolean("allow_plaintext_off_loopback")
            .unwrap_or(default.allow_plaintext_off_loopback),
        tick: root
            .integer("tick_millis", TICK_MILLIS)
            .map_or(default.tick, |millis| Duration::from_millis(millis.unsigned_abs())),
        search_threads: root.integer("search_threads", 1..=1024).map(|count| count as usize),
        background_threads: root
            .integer("background_threads", 1..=1024)
            .map_or(default.background_threads, |count| count as usize),
        log: root.section("log", |log| Some(log_settings(log))).unwrap_or(default.log),
        client: root
            .section("client", |client| Some(client_settings(client, folder)))
            .unwrap_or_default(),
        tokens: root.sections("token", |section| token(section, folder)),
        territories: territories(root, folder),
    }
}

fn listen(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an address and port such as \"127.0.0.1:7071\" is required")
}

/// Relative to the configuration's folder.
fn path(section: &mut Section<'_>, key: &'static str, folder: &Path) -> Option<PathBuf> {
    section.parsed(key, |text| match text {
        "" => Err("the path of a file is required"),
        text => Ok(folder.join(text)),
    })
}

fn log_settings(section: &mut Section<'_>) -> LogSettings {
    let json = section.one_of("format", &[("text", false), ("json", true)]).unwrap_or(false);
    let filter = section.parsed("filter", |text| match crate::logs::parse_filter(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(fault) => Err(format!("it is no log filter: {fault}")),
    });
    LogSettings { json, filter: filter.unwrap_or_else(|| "info".to_owned()) }
}

fn client_settings(section: &mut Section<'_>, folder: &Path) -> ClientSettings {
    ClientSettings {
        address: section.text("address"),
        token: secret(section, folder),
        territory: section.parsed("territory", TerritoryId::new),
    }
}

/// At most one of `token`, `token_env` and `token_file`.
fn secret(section: &mut Section<'_>, folder: &Path) -> Option<SecretSource> {
    let given: Vec<&str> =
        ["token", "token_env", "token_file"].into_iter().filter(|key| section.has(key)).collect();
    if let [_, second, ..] = given[..] {
        let rule = format!("is one too many beside {}; a token is kept in one place", given[0]);
        section.fault_of_secret(second, &rule);
    }
    let plain = section.secret("token").map(SecretSource::Plain);
    let env = section.text("token_env").map(SecretSource::Env);
    let file = path(section, "token_file", folder).map(SecretSource::File);
    plain.or(env).or(file)
}

fn token(section: &mut Section<'_>, folder: &Path) -> Option<TokenEntry> {
    const ROLES: [(&str, Role); 5] = [
        ("tms", Role::Tms),
        ("dispatcher", Role::Dispatcher),
        ("driver", Role::Driver),
        ("recipient", Role::Recipient),
        ("operator", Role::Operator),
    ];
    section.require("name", "what the audit calls its bearer");
    section.require("role", "tms, dispatcher, driver, recipient or operator");
    section.require("tenant", "whose parcels its bearer may see");
    let name = section.text("name");
    let role = section.one_of("role", &ROLES);
    let tenant = id(section, "tenant", swerve_model::TenantId::new);
    let driver = id(section, "driver", swerve_model::DriverId::new);
    let shipment = id(section, "shipment", swerve_model::ShipmentId::new);
    let source = secret(section, folder);
    if source.is_none() && !["token", "token_env", "token_file"].iter().any(|key| section.has(key))
    {
        section.fault_of_secret("token", "is missing: give token, token_env or token_file");
    }
    Some(TokenEntry {
        name: name?,
        source: source?,
        tenant: tenant?,
        role: role?,
        driver,
        shipment,
    })
}

fn id<T>(
    section: &mut Section<'_>,
    key: &'static str,
    make: impl FnOnce(&str) -> Result<T, IdError>,
) -> Option<T> {
    section.parsed(key, |text| make(text).map_err(|rule| format!("it {rule}")))
}

fn territories(root: &mut Section<'_>, folder: &Path) -> Vec<TerritoryEntry> {
    let mut seen: Vec<TerritoryId> = Vec::new();
    root.sections("territory", |section| territory(section, &mut seen, folder))
}

/// `seen` are the names of those before it.
fn territory(
    section: &mut Section<'_>,
    seen: &mut Vec<TerritoryId>,
    folder: &Path,
) -> Option<TerritoryEntry> {
    section.require("id", "the territory's name");
    section.require("tenant", "whose parcels are delivered there");
    section.require("currency", "an ISO 4217 code such as \"EUR\"");
    section.require("zone", "an IANA time zone such as \"Europe/Lisbon\"");
    section.require("roads", "a file made by `swerve roads build`");
    section.require("depots", "at least one [[territory.depots]]");
    let id = id(section, "id", TerritoryId::new);
    // One log holds all territories of a node, by name alone.
    if id.as_ref().is_some_and(|id| seen.contains(id)) {
        section.fault("id", "a territory of that name comes before it");
    }
    seen.extend(id.clone());
    let tenant = self::id(section, "tenant", swerve_model::TenantId::new);
    let currency = section.parsed("currency", currency);
    let zone = section.parsed("zone", zone);
    let roads = path(section, "roads", folder);
    let policy = path(section, "policy", folder);
    let clock = section
        .one_of("clock", &[("real", ClockKind::Real), ("simulated", ClockKind::Simulated)])
        .unwrap_or(ClockKind::Real);
    let seed = section.integer("seed", 0..=i64::MAX).map_or(1, i64::unsigned_abs);
    let skills = skills(section);
    let depots = depots(section);
    let mut budget = section.section("search", |search| Some(budget(search))).unwrap_or_default();
    let background = section.section("background", |background| Some(self::background(background)));
    budget.background = background.unwrap_or_default();
    let risk = section.section("risk", |risk| Some(self::risk(risk))).unwrap_or_default();
    Some(TerritoryEntry {
        id: id?,
        tenant: tenant?,
        currency: currency?,
        zone: zone?,
        roads: roads?,
        policy,
        clock,
        seed,
        skills,
        depots,
        budget,
        risk,
    })
}

fn currency(text: &str) -> Result<String, &'static str> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(text.to_owned()) } else { Err("three capital letters are required (ISO 4217)") }
}

fn zone(text: &str) -> Result<String, &'static str> {
    let known = TimeZone::get(text).map_err(|_| "it is no time zone that the IANA database knows");
    known.map(|_| text.to_owned())
}

fn skills(section: &mut Section<'_>) -> Vec<String> {
    let skills = section.texts("skills").unwrap_or_default();
    let doubled = (1..skills.len()).any(|index| skills[..index].contains(&skills[index]));
    if skills.len() > SKILLS_MAX || doubled || skills.iter().any(String::is_empty) {
        let rule = format!("at most {SKILLS_MAX} different names are allowed, none of them empty");
        section.fault("skills", &rule);
    }
    skills
}

fn depots(section: &mut Section<'_>) -> Vec<Depot> {
    let mut seen: Vec<DepotId> = Vec::new();
    let depots = section.sections("depots", |section| {
        section.require("id", "the depot's name");
        section.require("lat", "degrees north");
        section.require("lng", "degrees east");
        let id = id(section, "id", DepotId::new);
        let (lat, lng) =
            (section.number("lat", -90.0..=90.0), section.number("lng", -180.0..=180.0));
        let id = id?;
        if seen.contains(&id) {
            section.fault("id", "a depot of that name comes before it");
        }
        seen.push(id.clone());
        let location = LatLng::new(lat?, lng?).expect("both are in range");
        Some(Depot { id, location })
    });
    if depots.is_empty() && section.has("depots") && seen.is_empty() {
        section.fault("depots", "at least one [[territory.depots]] is required");
    }
    depots
}

fn budget(section: &mut Section<'_>) -> SearchBudget {
    let mut budget = SearchBudget::default();
    let counts = [
        ("workers", 1..=64, &mut budget.workers),
        ("before_answer", 0..=ITERATIONS_MAX, &mut budget.before_answer),
        ("after_answer", 0..=ITERATIONS_MAX, &mut budget.after_answer),
        ("repair", 0..=ITERATIONS_MAX, &mut budget.repair),
        ("replan", 0..=ITERATIONS_MAX, &mut budget.replan),
        ("day_per_stop", 0..=1_000_000, &mut budget.day_per_stop),
    ];
    for (key, range, count) in counts {
        if let Some(given) = section.integer(key, range) {
            *count = given as u32;
        }
    }
    budget
}

fn background(section: &mut Section<'_>) -> Background {
    let mut background = Background::default();
    let counts = [
        ("per_stop", 0..=1_000, &mut background.per_stop),
        ("group_stops", 10..=10_000, &mut background.group_stops),
        ("groups", 1..=64, &mut background.groups),
    ];
    for (key, range, count) in counts {
        if let Some(given) = section.integer(key, range) {
            *count = given as u32;
        }
    }
    if let Some(seconds) = section.integer("rest_seconds", 0..=86_400) {
        background.rest = Ticks::from_seconds(seconds);
    }
    let prices = [
        ("gain_min_cents", &mut background.gain_min),
        ("message_gain_cents", &mut background.message_gain),
    ];
    for (key, price) in prices {
        if let Some(cents) = section.integer(key, 0..=100_000) {
            *price = Cost(cents * CENT);
        }
    }
    background
}

fn risk(section: &mut Section<'_>) -> Risk {
    let default = Risk::default();
    Risk {
        pace: section.number("pace", 0.0..=1.0).unwrap_or(default.pace),
        noise: section.number("noise", 0.0..=10_000.0).unwrap_or(default.noise),
    }
}
