//! The plain twin: a log is a list of numbers per territory, and a crash takes what was not answered.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use swerve_eventlog::{EventLog, EventLogError};
use swerve_model::TerritoryId;

use crate::subject::{Subject, encoded, numbers, submit, territory};

/// What can be done with a log. Territories are `a`, `b` and `c`.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Append this many records where the log is, or `off` by so much, and wait.
    Append {
        to: u8,
        count: u64,
        off: u64,
    },
    /// Append without waiting for the answer.
    Send {
        to: u8,
        count: u64,
    },
    Read {
        from: u8,
    },
    Reopen,
    Crash,
}

impl Arbitrary for Operation {
    type Parameters = ();
    type Strategy = BoxedStrategy<Operation>;

    fn arbitrary_with((): ()) -> BoxedStrategy<Operation> {
        let off = prop_oneof![5 => Just(0_u64), 1 => 1_u64..3];
        prop_oneof![
            6 => (0_u8..3, 0_u64..4, off).prop_map(|(to, count, off)| Operation::Append {
                to, count, off
            }),
            4 => (0_u8..3, 1_u64..4).prop_map(|(to, count)| Operation::Send { to, count }),
            2 => (0_u8..3).prop_map(|from| Operation::Read { from }),
            1 => Just(Operation::Reopen),
            2 => Just(Operation::Crash),
        ]
        .boxed()
    }
}

fn name(index: u8) -> TerritoryId {
    territory(&char::from(b'a' + index).to_string())
}

/// What must be there, and what may be there after a crash: ends of batches nobody was told of.
#[derive(Default)]
struct Plain {
    numbers: Vec<u64>,
    acknowledged: usize,
    ends: Vec<usize>,
}

pub(crate) fn check_run<S: Subject>(
    mut subject: S,
    operations: &[Operation],
) -> Result<(), TestCaseError> {
    let mut plain: BTreeMap<u8, Plain> = (0..3).map(|index| (index, Plain::default())).collect();
    let mut next = 0;
    let mut log = open(&subject, &mut plain)?;
    for operation in operations {
        match *operation {
            Operation::Append { to, count, off } => {
                let twin = plain.get_mut(&to).expect("one of the three");
                let fresh: Vec<u64> = (next + 1..=next + count).collect();
                let expected = twin.numbers.len() as u64 + off;
                let answer = log.append(&name(to), expected, encoded(fresh.clone()));
                if off > 0 {
                    let refused = matches!(answer, Err(EventLogError::HeadConflict { .. }));
                    prop_assert!(refused, "appended off the end: {answer:?}");
                    continue;
                }
                next += count;
                twin.numbers.extend(fresh);
                let head = answer.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
                prop_assert_eq!(head.sequence, twin.numbers.len() as u64);
                twin.acknowledged = twin.numbers.len();
            }
            Operation::Send { to, count } => {
                let twin = plain.get_mut(&to).expect("one of the three");
                let fresh: Vec<u64> = (next + 1..=next + count).collect();
                next += count;
                let expected = twin.numbers.len() as u64;
                drop(submit(&*log, &name(to), expected, encoded(fresh.clone())));
                twin.numbers.extend(fresh);
                twin.ends.push(twin.numbers.len());
            }
            Operation::Read { from } => {
                // What is read is durable, so all of it counts as told.
                let twin = plain.get_mut(&from).expect("one of the three");
                let found = numbers(&*log, &name(from));
                prop_assert!(twin.numbers.starts_with(&found) && found.len() >= twin.acknowledged);
                twin.acknowledged = found.len();
            }
            Operation::Reopen => {
                log.close().map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
                for twin in plain.values_mut() {
                    twin.acknowledged = twin.numbers.len();
                }
                log = open(&subject, &mut plain)?;
            }
            Operation::Crash => {
                subject.crash(log);
                log = open(&subject, &mut plain)?;
            }
        }
    }
    Ok(())
}

/// Opens what is there, compares it with what must be, and goes on from what was found.
fn open<S: Subject>(
    subject: &S,
    plain: &mut BTreeMap<u8, Plain>,
) -> Result<Box<dyn EventLog>, TestCaseError> {
    let log = subject.open().map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
    for (index, twin) in plain {
        let head = log.claim(&name(*index)).expect("claimed once a session");
        let found = numbers(&*log, &name(*index));
        prop_assert_eq!(head.sequence, found.len() as u64);
        prop_assert!(twin.numbers.starts_with(&found), "found {:?} of {:?}", found, twin.numbers);
        prop_assert!(found.len() >= twin.acknowledged, "lost acknowledged records");
        let whole = found.len() == twin.acknowledged
            || found.len() == twin.numbers.len()
            || twin.ends.contains(&found.len());
        prop_assert!(whole, "a batch was torn at {}", found.len());
        *twin = Plain { acknowledged: found.len(), numbers: found, ends: Vec::new() };
    }
    Ok(log)
}
