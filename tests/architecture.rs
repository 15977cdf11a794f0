//! Who may use whom, held by a test: an edge that is not in the table is a decision, and is made here.
//!
//! Reads the manifests and sources themselves, so that it needs neither cargo nor a network.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each crate, and the crates it may use. `cli` may use anything.
const EDGES: [(&str, &[&str]); 14] = [
    ("auth", &["model"]),
    ("checker", &["model"]),
    ("cli", &[]),
    ("client", &["proto", "model"]),
    (
        "engine",
        &["eventlog", "auth", "policy", "checker", "optimizer", "roads", "spatial", "model"],
    ),
    ("eventlog", &["proto", "model"]),
    ("model", &[]),
    ("optimizer", &["model"]),
    ("policy", &["model"]),
    ("proto", &[]),
    ("roads", &["model"]),
    ("scenario", &["eventlog", "roads", "model"]),
    ("server", &["engine", "roads", "auth", "proto", "model"]),
    ("spatial", &["model"]),
];

/// No I/O, no clock, no runtime, no wire.
const PURE: [&str; 5] = ["checker", "model", "optimizer", "policy", "spatial"];

/// What a pure crate would need for any of that, by the beginnings of crates' names.
const NOT_FOR_PURE: [&str; 12] = [
    "axum",
    "hyper",
    "indicatif",
    "jiff",
    "prost",
    "rusqlite",
    "socket2",
    "tempfile",
    "tokio",
    "tonic",
    "tracing",
    "uuid",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Manifest {
    dependencies: Vec<String>,
    uses_workspace_lints: bool,
}

/// Every crate of the workspace, by its folder's name.
fn manifests() -> BTreeMap<String, Manifest> {
    let folders = fs::read_dir(root().join("crates")).expect("the workspace has crates");
    let mut manifests = BTreeMap::new();
    for folder in folders {
        let path = folder.expect("a folder").path();
        let Ok(text) = fs::read_to_string(path.join("Cargo.toml")) else { continue };
        let table: toml::Table = text.parse().expect("a manifest is TOML");
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        let package = table["package"]["name"].as_str().expect("a name").to_owned();
        assert_eq!(package, format!("swerve-{name}"), "folder and package have one name");
        let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
        let dependencies = dependencies.into_iter().flat_map(toml::Table::keys).cloned().collect();
        let lints = table.get("lints").and_then(|lints| lints.get("workspace"));
        let uses_workspace_lints = lints.and_then(toml::Value::as_bool).unwrap_or(false);
        manifests.insert(name, Manifest { dependencies, uses_workspace_lints });
    }
    manifests
}

/// The sources of a crate: path and text, without what follows the first test module.
fn sources(name: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    collect(&root().join("crates").join(name).join("src"), &mut found);
    assert!(!found.is_empty(), "{name} has sources");
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Test modules of their own, and what only they use.
        if ["tests", "test_city", "fixtures"].contains(&stem.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source is text");
            let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
            found.push((path, text[..end].to_owned()));
        }
    }
}

/// Lines of code that name `what`, as `path:line`.
fn naming(name: &str, what: impl Fn(&str) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    for (path, text) in sources(name) {
        for (index, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if what(code) {
                places.push(format!("{}:{}: {}", path.display(), index + 1, line.trim()));
            }
        }
    }
    places
}

#[test]
fn a_crate_uses_only_the_crates_below_it() {
    let manifests = manifests();
    let known: Vec<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        manifests.keys().map(String::as_str).collect::<Vec<_>>(),
        known,
        "a row for each crate"
    );
    let mut wrong = Vec::new();
    for (name, may_use) in EDGES.iter().filter(|(name, _)| *name != "cli") {
        for dependency in &manifests[*name].dependencies {
            if let Some(used) = dependency.strip_prefix("swerve-")
                && !may_use.contains(&used)
            {
                wrong.push(format!("{name} -> {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "edges that are not in the table: {wrong:?}");
}

#[test]
fn the_table_itself_has_no_circle() {
    // Each step removes the crates that use only removed ones; a circle is never removed.
    let mut left: Vec<(&str, &[&str])> = EDGES.to_vec();
    while !left.is_empty() {
        let names: Vec<&str> = left.iter().map(|(name, _)| *name).collect();
        let before = left.len();
        left.retain(|(_, may_use)| may_use.iter().any(|used| names.contains(used)));
        assert!(left.len() < before, "a circle among {names:?}");
    }
}

#[test]
fn pure_crates_have_no_means_to_do_io_or_to_know_the_time() {
    let manifests = manifests();
    for name in PURE {
        let means: Vec<&String> = manifests[name]
            .dependencies
            .iter()
            .filter(|dependency| NOT_FOR_PURE.iter().any(|means| dependency.starts_with(means)))
            .collect();
        assert!(means.is_empty(), "{name} uses {means:?}");
        let named = naming(name, |code| {
            let modules = ["fs", "net", "process", "env", "time", "io", "os"];
            modules.iter().any(|module| code.contains(&format!("std::{module}")))
        });
        assert!(named.is_empty(), "{name} reaches out: {named:#?}");
    }
}

#[test]
fn roads_read_streams_and_open_nothing() {
    let named = naming("roads", |code| {
        ["std::fs", "std::net", "std::env", "std::time", "File::"]
            .iter()
            .any(|one| code.contains(one))
    });
    assert!(named.is_empty(), "{named:#?}");
}

#[test]
fn one_file_of_the_server_names_status_codes() {
    let named = naming("server", |code| {
        // Not HTTP's, of which probes and scrapes speak.
        code.replace("StatusCode::", "").contains("Code::") || code.contains("tonic::Code")
    });
    let elsewhere: Vec<&String> =
        // The matrix of rights is a test.
        named.iter().filter(|place| !place.contains("/status.rs:") && !place.contains("/matrix.rs:")).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    assert!(!named.is_empty(), "nothing was looked at");
    for (name, manifest) in manifests() {
        let speaks = manifest.dependencies.iter().any(|dependency| dependency.starts_with("tonic"));
        let may = ["cli", "client", "proto", "server"].contains(&name.as_str());
        assert!(may || !speaks, "{name} knows the transport");
    }
}

#[test]
fn one_file_reads_the_real_clock() {
    for (name, _) in EDGES {
        let named = naming(name, |code| code.contains("SystemTime::now"));
        let elsewhere: Vec<&String> =
            named.iter().filter(|place| !place.contains("cli/src/clock.rs:")).collect();
        assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    }
}

#[test]
fn errors_without_a_type_stay_in_the_binary() {
    for (name, manifest) in manifests() {
        let untyped = manifest.dependencies.iter().any(|dependency| dependency == "anyhow");
        assert!(name == "cli" || !untyped, "{name} uses anyhow");
    }
}

#[test]
fn every_crate_forbids_unsafe_code_and_takes_the_workspace_s_lints() {
    for (name, manifest) in manifests() {
        assert!(manifest.uses_workspace_lints, "{name} has lints of its own");
        let head = if name == "cli" { "main.rs" } else { "lib.rs" };
        let path = root().join("crates").join(&name).join("src").join(head);
        let text = fs::read_to_string(&path).expect("it has a head");
        // Roads may one day hold one small module for wider vector instructions.
        let told = text.contains("#![forbid(unsafe_code)]")
            || (name == "roads" && text.contains("#![deny(unsafe_code)]"));
        assert!(told, "{} does not say so", path.display());
    }
}
