//! Commits that are queued together: each answered for itself, taken by regret, improved at once.

mod small;

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use small::gate::{Gate, others_go_on, queue, queue_first};
use small::{Small, at, futures_block, lenient, shipment_id, spot};
use swerve_auth::{Principal, Scope};
use swerve_engine::{Mutation, Outcome, Request, Settings, flags};
use swerve_eventlog::sim::SimDisk;
use swerve_eventlog::{EventLog, Records};
use swerve_model::{
    Actor, Answer, Assurance, Cost, QuoteId, RequestKey, Role, TenantId, TerritoryId, Wish,
    WishedPlace,
};

/// Nothing is searched but what commits are followed by.
fn settings() -> Settings {
    let mut settings = lenient();
    settings.budget.after_answer = 0;
    settings.budget.background.per_stop = 0;
    settings
}

/// A planned day of 160 doors on six vans, and 64 wishes to go somewhere else.
fn day(gate: &Gate, seed: u64) -> (Small, Vec<QuoteId>) {
    let log = Arc::clone(&gate.log) as Arc<dyn EventLog>;
    let small = Small::over(log, &gate.log.disk, settings(), small::host());
    small.tick(7, 0);
    small.open_vans(6);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut anywhere =
        || (rng.random_range(-9_000.0..9_000.0), rng.random_range(-9_000.0..9_000.0));
    let shipments = (1..=160).map(|number| {
        let (x, y) = anywhere();
        small.shipment(number, &small.door(&format!("door{number}"), x, y), &[])
    });
    let shipments = shipments.collect();
    small.create(shipments);
    small.ask(Role::Dispatcher, Request::PlanDay { iterations: Some(5) });
    let quotes = (1..=64).map(|number| {
        let (x, y) = anywhere();
        let place = Some(WishedPlace::Location(spot(x, y)));
        small.quote(number, Wish { place, ..Wish::default() }).id
    });
    let quotes = quotes.collect();
    (small, quotes)
}

fn commit(small: &Small, key: RequestKey, quote: &QuoteId) -> Mutation {
    let tenant = small.territory.tenant().clone();
    let actor = Actor { tenant, role: Role::Tms, subject: "tms".into() };
    let request =
        Request::CommitOffer { quote: quote.clone(), offer: 0, assurance: Assurance::OneTimeCode };
    let principal = Principal { actor, scope: Scope::Tenant };
    Mutation { principal, key: Some(key), budget: None, validate_only: false, request }
}

fn cost(small: &Small) -> Cost {
    let snapshot = small.territory.snapshot();
    snapshot.fleet().routes().iter().map(|route| route.cost()).sum()
}

/// Commits that wait together behind a tick's append; their answers in the order they were sent.
fn commit_together(small: &Small, gate: &Gate, mutations: Vec<Mutation>) -> Vec<Outcome> {
    gate.shut();
    let answers = futures_block(async {
        let tick = Mutation {
            request: Request::Tick(at(7, 1)),
            key: None,
            ..commit_as_operator(&mutations[0])
        };
        let first = queue_first(small, gate, tick).await;
        let waiting = queue(small, mutations).await;
        gate.pass();
        first.await.expect("no task panics").expect("time moves on");
        while !gate.is_written() {
            others_go_on().await;
        }
        gate.pass();
        let mut answers = Vec::new();
        for one in waiting {
            answers.push(one.await.expect("no task panics").expect("it is decided"));
        }
        answers
    });
    gate.open();
    answers
}

fn commit_as_operator(mutation: &Mutation) -> Mutation {
    let mut mutation = mutation.clone();
    mutation.principal.actor.role = Role::Operator;
    mutation
}

#[test]
fn a_full_batch_is_answered_one_by_one_and_costs_no_more_than_one_by_one() {
    let (mut together, mut apart) = (Cost::ZERO, Cost::ZERO);
    for seed in 0..3 {
        let gate = Gate::new(&SimDisk::new(seed));
        let (small, quotes) = day(&gate, seed);
        let before = small.territory.snapshot().state.sequence;
        let syncs = small.disk.counts().syncs;
        let mutations: Vec<Mutation> =
            quotes.iter().map(|quote| commit(&small, small.key(), quote)).collect();
        let answers = commit_together(&small, &gate, mutations.clone());
        assert_eq!(small.disk.counts().syncs, syncs + 2, "the tick, and all others at once");
        check_answers((&small, &gate), &answers, &quotes, before);
        // Sent again, each is answered as it was.
        for (mutation, answer) in mutations.into_iter().zip(&answers) {
            let again = futures_block(small.territory.submit(mutation)).expect("answered");
            assert_eq!((&again.answer, again.revision), (&answer.answer, answer.revision));
        }
        assert_eq!(flags(&small.territory.snapshot()), [], "a plan without fault");
        together += cost(&small);
        let gate = Gate::new(&SimDisk::new(seed));
        let (small, quotes) = day(&gate, seed);
        small.tick(7, 1);
        for quote in &quotes {
            let outcome = futures_block(small.territory.submit(commit(&small, small.key(), quote)));
            assert!(matches!(outcome.expect("decided").answer, Answer::Committed(_)));
        }
        apart += cost(&small);
    }
    eprintln!("64 commits together {:.1}, one by one {:.1}", units(together), units(apart));
    assert!(together.0 <= apart.0 * 101 / 100, "{together:?} together, {apart:?} one by one");
}

fn units(cost: Cost) -> f64 {
    cost.0 as f64 / 1e6
}

/// Each has a change of its own, in a record of its own under its own request.
fn check_answers(
    (small, gate): (&Small, &Gate),
    answers: &[Outcome],
    quotes: &[QuoteId],
    before: u64,
) {
    let snapshot = small.territory.snapshot();
    for (answer, quote) in answers.iter().zip(quotes) {
        let Answer::Committed(change) = &answer.answer else { panic!("{:?}", answer.answer) };
        assert_eq!(snapshot.state.changes[change].quote, *quote);
    }
    let territory = TerritoryId::new("plain").expect("a name");
    let records = Records::from(&*gate.log, &territory, before + 1).expect("they can be read");
    let records: Vec<_> = records.map(|stored| stored.expect("whole").record).collect();
    let asked: Vec<_> = records.iter().filter_map(|record| record.request.as_ref()).collect();
    assert_eq!(asked.len(), quotes.len(), "one record each");
    let tenant = TenantId::new("acme").expect("a name");
    let engines = records.iter().filter(|record| record.actor.role == Role::Engine).count();
    assert!(records.iter().all(|record| record.actor.tenant == tenant));
    assert!(engines <= 2, "the look that all share, and what the tick brought: {engines}");
}

#[test]
fn the_same_batch_gives_the_same_plan() {
    let run = || {
        let gate = Gate::new(&SimDisk::new(1));
        let (small, quotes) = day(&gate, 5);
        let mutations: Vec<Mutation> =
            quotes[..20].iter().map(|quote| commit(&small, small.key(), quote)).collect();
        commit_together(&small, &gate, mutations);
        small.territory.snapshot().plan_hash()
    };
    assert_eq!(run(), run());
}

#[test]
fn commits_that_can_see_each_other_keep_their_order() {
    let gate = Gate::new(&SimDisk::new(1));
    let (small, quotes) = day(&gate, 6);
    let again = small.quote(
        1,
        Wish { place: Some(WishedPlace::Location(spot(500.0, 500.0))), ..Wish::default() },
    );
    let key = small.key();
    // One shipment twice, one request twice, and another quote of the first shipment.
    let mutations = vec![
        commit(&small, small.key(), &quotes[0]),
        commit(&small, key.clone(), &quotes[1]),
        commit(&small, key, &quotes[1]),
        commit(&small, small.key(), &again.id),
        commit(&small, small.key(), &quotes[2]),
    ];
    let answers = commit_together(&small, &gate, mutations);
    assert!(matches!(answers[0].answer, Answer::Committed(_)));
    assert_eq!(answers[1].answer, answers[2].answer, "one effect");
    // Its terms are gone: the promise they were made against has changed.
    assert!(matches!(answers[3].answer, Answer::MovedOn(_)), "{:?}", answers[3].answer);
    assert!(matches!(answers[4].answer, Answer::Committed(_)));
    assert!(small.territory.snapshot().state.shipments.contains_key(&shipment_id(1)));
}
