//! The same day, played twice and replayed.
//!
//! One caller after the other asks the same of two servers, one of which searches on one thread and
//! one on two. Their logs must be the same, byte for byte: every decision, revision and hash. And what
//! each told of its plan while it ran must be what replaying its log gives.

use std::sync::{Arc, Mutex};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use swerve_eventlog::{RecordSource as _, SqliteReader};
use swerve_model::TerritoryId;
use tokio::sync::watch;

use crate::asks::Callers;
use crate::fixture::run;
use crate::journal::{Journal, Kept};
use crate::lanes::{Fuse, Life, steps, stock, stretch_in_order};
use crate::town::{Served, Town};

/// Into how many steps a day is cut.
const STEPS: usize = 40;

struct Played {
    town: Arc<Town>,
    /// Stored records as they lie on disk.
    payloads: Vec<Vec<u8>>,
    hashes_told: usize,
}

async fn play(seed: u64, threads: usize) -> Played {
    let town = Arc::new(Town::new(seed, 3, 45, threads));
    let mut served = Served::start(&town);
    let (lit, _is_lit) = watch::channel(false);
    let journal = Arc::new(Mutex::new(Journal::default()));
    let life = Life {
        town: Arc::clone(&town),
        callers: Callers::connect(&served.address).await,
        journal: Arc::clone(&journal),
        fuse: Arc::new(Fuse { left: Mutex::new(u32::MAX), lit }),
        ids: Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed))),
    };
    let early = town.day.shipments.len() * 3 / 4;
    stock(&life, early).await;
    for step in steps(&town, early, STEPS) {
        stretch_in_order(&life, step).await.expect("nobody kills it");
    }
    served.child.kill().expect("it runs");
    served.child.wait().expect("it ends");
    let path = town.path().join("data").join("swerve.db");
    let journal = journal.lock().expect("nobody panics while holding it");
    journal.check(&Kept::read(&path));
    let reader = SqliteReader::open(&path).expect("nobody serves it");
    let territory = TerritoryId::new("hamlet").expect("a name");
    let mut payloads: Vec<Vec<u8>> = Vec::new();
    loop {
        let page = reader.page(&territory, payloads.len() as u64 + 1).expect("it can be read");
        if page.is_empty() {
            break;
        }
        payloads.extend(page.into_iter().map(|raw| raw.payload));
    }
    Played { town, payloads, hashes_told: journal.sights.len() }
}

#[tokio::test]
async fn one_thread_and_two_write_the_same_log_and_its_replay_is_what_was_told() {
    for seed in [3, 4] {
        let (one, two) = (play(seed, 1).await, play(seed, 2).await);
        for (index, (a, b)) in one.payloads.iter().zip(&two.payloads).enumerate() {
            assert!(a == b, "seed {seed}: record {} differs", index + 1);
        }
        assert_eq!(one.payloads.len(), two.payloads.len(), "seed {seed}");
        assert!(one.payloads.len() > 150, "little happened: {} records", one.payloads.len());
        assert!(one.hashes_told > 150, "{} hashes were told", one.hashes_told);
        // Replays every record from nothing and compares the hash after each.
        let checked = run(one.town.path(), &["check"]).ended(0).json();
        assert_eq!(checked[0]["sound"], true, "seed {seed}: {checked}");
        assert_eq!(checked[0]["records"], one.payloads.len(), "seed {seed}");
    }
}
