//! The cases. Each is a sentence about every log.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use swerve_eventlog::{EncodedRecord, EventLogError, Head, RECORD_LEN_MAX, RawRecord, RecordFault};

use crate::model::{Operation, check_run};
use crate::subject::{Subject, encoded, numbers, read_from, submit, territory};

/// A log with `count` records of porto, closed.
fn closed_with<S: Subject>(count: u64) -> S {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    log.claim(&territory("porto")).expect("claimed");
    log.append(&territory("porto"), 0, encoded(1..=count)).expect("appended");
    log.close().expect("closes");
    subject
}

/// What reading porto from the start says of the first record that is not believed.
fn fault_of<S: Subject>(subject: &S) -> (u64, RecordFault) {
    let log = subject.open().expect("opens: the newest record is untouched");
    match read_from(&*log, &territory("porto"), 1) {
        Err(EventLogError::Corrupt { territory: name, sequence, source, .. }) => {
            assert_eq!(name, territory("porto"));
            (sequence, source)
        }
        other => panic!("a damaged log reads as {other:?}"),
    }
}

pub(crate) fn records_read_back_as_they_were_appended<S: Subject>() {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    let porto = territory("porto");
    let mut head = log.claim(&porto).expect("claimed");
    assert_eq!(head, Head::empty(&porto));
    for batch in 0..100 {
        let records = encoded(batch * 7 + 1..=batch * 7 + 7);
        head = records.iter().fold(head, |head, record| head.next(record.payload()));
        assert_eq!(log.append(&porto, batch * 7, records).expect("appended"), head);
    }
    assert_eq!(numbers(&*log, &porto), (1..=700).collect::<Vec<_>>());
    let records = read_from(&*log, &porto, 1).expect("verifies");
    assert_eq!(records[699].head, head);
    assert_eq!(log.heads().expect("read"), [(porto, head)]);
}

pub(crate) fn reading_from_the_middle_gives_the_rest<S: Subject>() {
    let subject = closed_with::<S>(20);
    let log = subject.open().expect("opens");
    let porto = territory("porto");
    let all = read_from(&*log, &porto, 1).expect("verifies");
    for from in 0..=20 {
        let rest = read_from(&*log, &porto, from).expect("verifies");
        assert_eq!(rest, all[from.saturating_sub(1) as usize..]);
    }
    for beyond in [21, 22, u64::MAX] {
        assert_eq!(read_from(&*log, &porto, beyond).expect("nothing to verify"), []);
    }
    assert_eq!(read_from(&*log, &territory("nowhere"), 1).expect("nothing to verify"), []);
    assert_eq!(read_from(&*log, &territory("nowhere"), 5).expect("nothing to verify"), []);
}

pub(crate) fn an_append_on_another_head_is_refused_and_writes_nothing<S: Subject>() {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    let porto = territory("porto");
    log.claim(&porto).expect("claimed");
    log.append(&porto, 0, encoded([1, 2])).expect("appended");
    for wrong in [0, 1, 3, u64::MAX] {
        match log.append(&porto, wrong, encoded([9])) {
            Err(EventLogError::HeadConflict { territory, expected, actual }) => {
                assert_eq!((territory, expected, actual), (porto.clone(), wrong, 2));
            }
            other => panic!("appended after {wrong}: {other:?}"),
        }
    }
    log.append(&porto, 2, encoded([3])).expect("a refusal is not the end");
    assert_eq!(numbers(&*log, &porto), [1, 2, 3]);
}

pub(crate) fn territories_do_not_disturb_each_other<S: Subject>() {
    let mut subject = S::create(1);
    let log = subject.open().expect("opens");
    let (porto, lisbon) = (territory("porto"), territory("lisbon"));
    log.claim(&porto).expect("claimed");
    log.claim(&lisbon).expect("claimed");
    for number in 0..10 {
        log.append(&porto, number, encoded([number + 1])).expect("appended");
        log.append(&lisbon, 2 * number, encoded([7, 7])).expect("appended");
    }
    assert!(log.append(&porto, 20, encoded([9])).is_err(), "lisbon's head is not porto's");
    subject.crash(log);
    let log = subject.open().expect("opens");
    assert_eq!(numbers(&*log, &porto), (1..=10).collect::<Vec<_>>());
    assert_eq!(numbers(&*log, &lisbon), [7; 20]);
    let names: Vec<_> = log.heads().expect("read").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, [lisbon, porto], "by name");
}

pub(crate) fn batches_under_way_are_placed_in_order_and_refused_one_by_one<S: Subject>() {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    let porto = territory("porto");
    log.claim(&porto).expect("claimed");
    let first = submit(&*log, &porto, 0, encoded([1, 2]));
    let empty = submit(&*log, &porto, 2, Vec::new());
    let stale = submit(&*log, &porto, 1, encoded([9]));
    let third = submit(&*log, &porto, 2, encoded([3]));
    let unclaimed = submit(&*log, &territory("lisbon"), 0, encoded([9]));
    let fourth = submit(&*log, &porto, 3, encoded([4]));
    subject.settle();
    let answer = |answered: std::sync::mpsc::Receiver<_>| answered.recv().expect("answered");
    assert_eq!(answer(first).expect("appended").sequence, 2);
    assert_eq!(answer(empty).expect("appended").sequence, 2);
    assert!(matches!(
        answer(stale),
        Err(EventLogError::HeadConflict { expected: 1, actual: 2, .. })
    ));
    assert_eq!(answer(third).expect("appended").sequence, 3);
    assert!(matches!(answer(unclaimed), Err(EventLogError::NotClaimed { .. })));
    assert_eq!(answer(fourth).expect("appended").sequence, 4);
    assert_eq!(numbers(&*log, &porto), [1, 2, 3, 4]);
}

pub(crate) fn batches_without_records_leave_no_trace<S: Subject>() {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    let (porto, lisbon) = (territory("porto"), territory("lisbon"));
    log.claim(&porto).expect("claimed");
    log.claim(&lisbon).expect("claimed");
    // So many at once that some share a commit with the other territory's records.
    let send = |number| {
        let empty = submit(&*log, &lisbon, 0, Vec::new());
        [submit(&*log, &porto, number, encoded([number + 1])), empty]
    };
    let answers: Vec<_> = (0..50).flat_map(send).collect();
    subject.settle();
    for answered in answers {
        answered.recv().expect("answered").expect("appended");
    }
    log.close().expect("closes");
    let log = subject.open().expect("opens again");
    assert_eq!(numbers(&*log, &porto), (1..=50).collect::<Vec<_>>());
    assert_eq!(log.claim(&lisbon).expect("claimed"), Head::empty(&lisbon));
}

pub(crate) fn a_territory_has_one_writer<S: Subject>() {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    let porto = territory("porto");
    let unclaimed = log.append(&porto, 0, encoded([1]));
    assert!(
        matches!(unclaimed, Err(EventLogError::NotClaimed { territory }) if territory == porto)
    );
    log.claim(&porto).expect("claimed");
    let again = log.claim(&porto);
    assert!(
        matches!(again, Err(EventLogError::AlreadyClaimed { territory }) if territory == porto)
    );
    log.append(&porto, 0, encoded([1])).expect("the first claim holds");
    log.close().expect("closes");
    let log = subject.open().expect("opens");
    assert!(matches!(log.append(&porto, 1, encoded([2])), Err(EventLogError::NotClaimed { .. })));
    assert_eq!(log.claim(&porto).expect("claimed anew").sequence, 1);
}

pub(crate) fn an_open_log_is_not_opened_twice<S: Subject>() {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    let path = log.path().to_owned();
    match subject.open() {
        Err(error @ EventLogError::Locked { .. }) => {
            assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
        }
        Err(error) => panic!("refused, but as {error:?}"),
        Ok(_) => panic!("two processes would write one log"),
    }
    log.close().expect("closes");
    subject.open().expect("opens once the other has closed");
}

pub(crate) fn a_closed_log_refuses_and_opens_again_where_it_was<S: Subject>() {
    let subject = closed_with::<S>(3);
    let porto = territory("porto");
    let log = subject.open().expect("opens");
    assert_eq!(log.claim(&porto).expect("claimed").sequence, 3);
    log.append(&porto, 3, encoded([4])).expect("appended");
    log.close().expect("closes");
    assert!(matches!(log.append(&porto, 4, encoded([5])), Err(EventLogError::Closed)));
    assert!(matches!(log.claim(&porto), Err(EventLogError::Closed)));
    assert!(matches!(log.heads(), Err(EventLogError::Closed)));
    assert!(matches!(log.page(&porto, 1), Err(EventLogError::Closed)));
    assert!(matches!(log.close(), Err(EventLogError::Closed)));
    assert_eq!(numbers(&*subject.open().expect("opens"), &porto), [1, 2, 3, 4]);
}

pub(crate) fn an_oversized_record_is_refused_and_writes_nothing<S: Subject>() {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    let porto = territory("porto");
    log.claim(&porto).expect("claimed");
    let mut records = encoded([1]);
    records.push(EncodedRecord::from_payload(vec![0; RECORD_LEN_MAX + 1]));
    let refused = log.append(&porto, 0, records);
    assert!(matches!(
        refused,
        Err(EventLogError::RecordTooLarge { len, max }) if len == max + 1
    ));
    log.append(&porto, 0, encoded([1])).expect("a refusal is not the end");
    assert_eq!(numbers(&*log, &porto), [1]);
}

pub(crate) fn a_crash_keeps_what_was_acknowledged_and_batches_whole<S: Subject>() {
    for seed in 0..20 {
        let mut subject = S::create(seed);
        let log = subject.open().expect("opens");
        let names = [territory("porto"), territory("lisbon")];
        for name in &names {
            log.claim(name).expect("claimed");
        }
        let send = |batch: u64| {
            let records = || encoded(batch * 3 + 1..=batch * 3 + 3);
            names.each_ref().map(|name| submit(&*log, name, batch * 3, records()))
        };
        // Some are answered before the crash; the others are anybody's guess.
        let waited = seed % 7;
        let answers: Vec<_> = (0..waited).flat_map(send).collect();
        subject.settle();
        for answered in answers {
            answered.recv().expect("answered").expect("appended");
        }
        let unknown: Vec<_> = (waited..6).flat_map(send).collect();
        subject.crash(log);
        drop(unknown);
        let log = subject.open().expect("opens");
        for name in &names {
            let found = numbers(&*log, name);
            assert_eq!(found, (1..=found.len() as u64).collect::<Vec<_>>());
            assert_eq!(found.len() % 3, 0, "a batch was torn");
            assert!(found.len() as u64 >= 3 * waited, "an acknowledged batch is gone");
        }
    }
}

pub(crate) fn a_changed_record_is_refused_at_its_sequence<S: Subject>() {
    for sequence in 1..=5 {
        let subject = closed_with::<S>(6);
        subject.tamper(&territory("porto"), sequence, &mut |mut record| {
            record.payload[sequence as usize] ^= 1;
            Some(record)
        });
        let (found, fault) = fault_of(&subject);
        assert_eq!(found, sequence);
        assert!(matches!(fault, RecordFault::Checksum { .. }), "{fault:?}");
    }
}

pub(crate) fn a_changed_record_with_a_mended_checksum_is_refused_by_the_chain<S: Subject>() {
    let subject = closed_with::<S>(6);
    subject.tamper(&territory("porto"), 3, &mut |record| {
        let forged = &encoded([33])[0];
        let (checksum, payload) = (forged.checksum(), forged.payload().to_vec());
        Some(RawRecord { checksum, payload, ..record })
    });
    let (sequence, fault) = fault_of(&subject);
    assert_eq!(sequence, 3);
    assert!(matches!(fault, RecordFault::Chain { .. }), "{fault:?}");

    // And whoever mends the hash as well is found out one record later.
    let subject = closed_with::<S>(6);
    let log = subject.open().expect("opens");
    let before = read_from(&*log, &territory("porto"), 2).expect("verifies")[0].head;
    log.close().expect("closes");
    subject.tamper(&territory("porto"), 3, &mut |record| {
        let forged = &encoded([33])[0];
        let (checksum, payload) = (forged.checksum(), forged.payload().to_vec());
        Some(RawRecord { checksum, hash: before.next(&payload).hash, payload, ..record })
    });
    let (sequence, fault) = fault_of(&subject);
    assert_eq!(sequence, 4);
    assert!(matches!(fault, RecordFault::Chain { .. }), "{fault:?}");
}

pub(crate) fn a_missing_record_is_refused_as_a_gap<S: Subject>() {
    for missing in 1..=5 {
        let subject = closed_with::<S>(6);
        subject.tamper(&territory("porto"), missing, &mut |_| None);
        let (sequence, fault) = fault_of(&subject);
        assert_eq!(sequence, missing);
        assert_eq!(fault, RecordFault::Gap { expected: missing, found: missing + 1 });
    }
}

pub(crate) fn a_record_of_another_territory_is_refused<S: Subject>() {
    let subject = S::create(1);
    let log = subject.open().expect("opens");
    for name in ["porto", "lisbon"] {
        log.claim(&territory(name)).expect("claimed");
        log.append(&territory(name), 0, encoded([1, 2])).expect("appended");
    }
    log.close().expect("closes");
    let mut taken = None;
    subject.tamper(&territory("lisbon"), 1, &mut |record| {
        taken = Some(record.clone());
        Some(record)
    });
    subject.tamper(&territory("porto"), 1, &mut |_| taken.clone());
    let (sequence, fault) = fault_of(&subject);
    assert_eq!(sequence, 1);
    assert!(matches!(fault, RecordFault::Chain { .. }), "same bytes, another place: {fault:?}");
}

pub(crate) fn a_log_behind_its_anchor_is_refused<S: Subject>() {
    let subject = closed_with::<S>(6);
    subject.tamper(&territory("porto"), 6, &mut |_| None);
    subject.tamper(&territory("porto"), 5, &mut |_| None);
    match subject.open().map(|_| ()) {
        Err(error @ EventLogError::AnchorAhead { .. }) => {
            let message = error.to_string();
            assert!(message.contains("ends at record 4 of porto"), "{message}");
            assert!(message.contains("record 6 was acknowledged"), "{message}");
        }
        other => panic!("a log that lost acknowledged records opens as {other:?}"),
    }
}

pub(crate) fn a_log_with_another_history_is_refused<S: Subject>() {
    let subject = closed_with::<S>(6);
    let log = subject.open().expect("opens");
    let before = read_from(&*log, &territory("porto"), 5).expect("verifies")[0].head;
    log.close().expect("closes");
    // Every checksum and the whole chain hold, but it is not the record that was acknowledged.
    subject.tamper(&territory("porto"), 6, &mut |record| {
        let forged = &encoded([66])[0];
        let (checksum, payload) = (forged.checksum(), forged.payload().to_vec());
        Some(RawRecord { checksum, hash: before.next(&payload).hash, payload, ..record })
    });
    let refused = subject.open().map(|_| ());
    assert!(
        matches!(refused, Err(EventLogError::AnchorMismatch { sequence: 6, .. })),
        "{refused:?}"
    );
}

pub(crate) fn a_log_of_a_future_version_is_refused_by_its_number<S: Subject>() {
    let subject = closed_with::<S>(1);
    subject.set_layout_version(7);
    match subject.open().map(|_| ()) {
        Err(error @ EventLogError::UnsupportedVersion { found: 7, supported: 1, .. }) => {
            let message = error.to_string();
            assert!(message.contains("layout version 7"), "{message}");
            assert!(message.contains("reads version 1"), "{message}");
        }
        other => panic!("a log of version 7 opens as {other:?}"),
    }
    subject.set_layout_version(1);
    subject.open().expect("nothing was changed in it");
}

pub(crate) fn any_run_of_operations_matches_the_plain_model<S: Subject>() {
    let mut runner = TestRunner::new(Config::with_cases(24));
    let runs = (any::<u64>(), proptest::collection::vec(any::<Operation>(), 1..40));
    let checked = runner.run(&runs, |(seed, operations)| check_run(S::create(seed), &operations));
    checked.unwrap_or_else(|error| panic!("{error}"));
}
