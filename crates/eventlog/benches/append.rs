//! What a durable step costs: its encoding, and its append with one writer and with sixteen, beside
//! the least anything durable can cost here: the same bytes at the end of a file, and a sync.

use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::mpsc;

use criterion::{Criterion, criterion_group, criterion_main};
use swerve_eventlog::{Batch, EncodedRecord, EventLog, SqliteLog, decode, encode};
use swerve_model::{
    Actor, Answer, ChangeId, Event, ManifestDelta, ManifestId, Moment, PlanCause, PlanDelta,
    PointId, Record, RequestId, RequestKey, Revision, Role, ShipmentId, Stop, StopId, StopState,
    Task, TenantId, TerritoryId, ToldEta,
};

/// A commit that changed one manifest from its 90th stop of 150 on: about 4 kB.
fn commit(number: u64) -> Record {
    let stop = |index: u64| Stop {
        id: StopId::new(&format!("stop-{index}")).expect("a name"),
        point: PointId::new(&format!("point-{index}")).expect("a name"),
        tasks: vec![Task {
            shipment: ShipmentId::new(&format!("shipment-{index}")).expect("a name"),
            parcels: vec![],
        }],
        state: StopState::Planned,
        pinned: false,
        told: Some(ToldEta {
            expected: Moment(17_600_000_000 + index as i64),
            earliest: Moment(17_600_000_000),
            latest: Moment(17_600_003_000),
        }),
    };
    let manifest = ManifestDelta {
        manifest: ManifestId::new("van-17").expect("a name"),
        base: Revision(number),
        keep: 90,
        suffix: (90..150).map(stop).collect(),
    };
    let delta = PlanDelta { manifests: vec![manifest], ..PlanDelta::default() };
    Record {
        actor: Actor {
            tenant: TenantId::new("acme").expect("a name"),
            role: Role::Recipient,
            subject: "link-1234".to_owned(),
        },
        request: Some(RequestKey {
            id: RequestId::new("0b8a7c9e-3f52-4d1c-9a55-0d8c1f2e3a4b").expect("a name"),
            digest: [3; 32],
        }),
        at: Moment(17_600_000_000),
        events: vec![Event::PlanChanged { cause: PlanCause::RecipientChange, delta }],
        answer: Answer::Committed(ChangeId::new("change-1").expect("a name")),
        revision: Revision(number + 1),
        plan_hash: [9; 32],
        policy_version: "2026-11-01".to_owned(),
        iterations: vec![1200, 1180],
    }
}

fn encoding(c: &mut Criterion) {
    let record = commit(7);
    let bytes = encode(&record);
    c.bench_function("eventlog/encode_4kB_commit", |b| b.iter(|| encode(black_box(&record))));
    c.bench_function("eventlog/decode_4kB_commit", |b| b.iter(|| decode(black_box(&bytes))));
}

fn appending(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let record = EncodedRecord::new(&commit(7));
    let mut file = File::create(folder.path().join("baseline")).expect("a file");
    c.bench_function("eventlog/append_to_a_file_and_sync", |b| {
        b.iter(|| {
            file.write_all(record.payload()).expect("written");
            file.sync_data().expect("synced");
        });
    });

    let log = SqliteLog::open(&folder.path().join("node.log")).expect("opens");
    let territories: Vec<TerritoryId> = (0..16)
        .map(|number| TerritoryId::new(&format!("territory-{number}")).expect("a name"))
        .collect();
    let mut heads: Vec<u64> =
        territories.iter().map(|name| log.claim(name).expect("claimed").sequence).collect();
    c.bench_function("eventlog/append_1_writer", |b| {
        b.iter(|| {
            let appended = log.append(&territories[0], heads[0], vec![record.clone()]);
            heads[0] = appended.expect("appended").sequence;
        });
    });
    c.bench_function("eventlog/append_16_writers", |b| {
        b.iter(|| {
            let (answer, answers) = mpsc::channel();
            for (name, head) in territories.iter().zip(&mut heads) {
                let answer = answer.clone();
                let batch = Batch {
                    territory: name.clone(),
                    expected: *head,
                    records: vec![record.clone()],
                };
                *head += 1;
                log.submit(batch, Box::new(move |result| drop(answer.send(result))));
            }
            drop(answer);
            for answered in answers {
                answered.expect("appended");
            }
        });
    });
}

criterion_group!(benches, encoding, appending);
criterion_main!(benches);
