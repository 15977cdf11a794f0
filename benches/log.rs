//! What durability costs: an append to the log, alone and in a batch, beside writing the same bytes to
//! a file and syncing it.

use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use swerve_eventlog::{EncodedRecord, EventLog as _, SqliteLog};
use swerve_model::{
    Actor, Answer, Event, ManifestId, Moment, Record, RequestId, RequestKey, Revision, Role,
    StopId, TenantId, TerritoryId, ToldEta,
};

/// A commit of ordinary size: thirty arrivals told anew.
fn record(number: u64) -> Record {
    let manifest = ManifestId::new("manifest-17").expect("a name");
    let told = |index: i64| {
        let stop = StopId::new(&format!("stop-{index}")).expect("a name");
        let at = |minutes: i64| Moment::from_unix_seconds(1_773_728_100 + 60 * (index + minutes));
        (stop, ToldEta { expected: at(5), earliest: at(0), latest: at(12) })
    };
    Record {
        actor: Actor {
            tenant: TenantId::new("acme").expect("a name"),
            role: Role::Tms,
            subject: "tms".to_owned(),
        },
        request: Some(RequestKey {
            id: RequestId::new(&format!("request-{number}")).expect("a name"),
            digest: [7; 32],
        }),
        at: Moment::from_unix_seconds(1_773_728_100),
        events: vec![Event::EtasTold { manifest, etas: (0..30).map(told).collect() }],
        answer: Answer::Done,
        revision: Revision(number),
        plan_hash: [9; 32],
        policy_version: "0123456789abcdef".to_owned(),
        iterations: vec![60, 60],
    }
}

fn bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = criterion.benchmark_group("log");
    group.sample_size(20);
    for batch in [1, 64] {
        let log = SqliteLog::open(&folder.path().join(format!("{batch}.db"))).expect("it opens");
        let territory = TerritoryId::new("bench").expect("a name");
        let mut head = log.claim(&territory).expect("nobody else has it").sequence;
        group.throughput(Throughput::Elements(batch));
        group.bench_function(format!("append_{batch}_durably"), |bencher| {
            bencher.iter(|| {
                let records =
                    (1..=batch).map(|index| EncodedRecord::new(&record(head + index))).collect();
                head = log.append(&territory, head, records).expect("it is written").sequence;
                black_box(head)
            });
        });
        log.close().expect("it closes");

        let mut file = File::create(folder.path().join(format!("{batch}.bytes"))).expect("a file");
        let bytes: usize =
            (1..=batch).map(|index| EncodedRecord::new(&record(index)).payload().len()).sum();
        let bytes = vec![1_u8; bytes];
        group.bench_function(format!("bare_fdatasync_of_{batch}"), |bencher| {
            bencher.iter(|| {
                file.write_all(&bytes).expect("it is written");
                file.sync_data().expect("it is synced");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
