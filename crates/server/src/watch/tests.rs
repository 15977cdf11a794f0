use super::*;
use std::collections::BTreeMap;

use proptest::prelude::*;

/// A state of numbered things, each with the sequence of its newest change.
#[derive(Clone, Debug, Default)]
struct Fake {
    sequence: u64,
    things: BTreeMap<Resource, (u64, u32)>,
}

impl Fake {
    /// One record: sets all of these at once.
    fn set(&mut self, values: &[(u32, u32)]) {
        self.sequence += 1;
        for (thing, value) in values {
            self.things.insert(resource(*thing), (self.sequence, *value));
        }
    }

    fn values(&self) -> BTreeMap<Resource, u32> {
        self.things.iter().map(|(resource, (_, value))| (resource.clone(), *value)).collect()
    }
}

impl Feed for Fake {
    fn sequence(&self) -> u64 {
        self.sequence
    }

    fn due(&self, cursor: &Cursor, selection: &Selection, limit: usize) -> Vec<(u64, Resource)> {
        let chosen = |resource: &Resource| {
            selection.only.as_ref().is_none_or(|only| only.contains(resource))
        };
        let mut due: Vec<(u64, Resource)> = (self.things.iter())
            .filter(|(resource, (at, _))| chosen(resource) && cursor.is_before(*at, resource))
            .map(|(resource, (at, _))| (*at, resource.clone()))
            .collect();
        due.sort_unstable();
        due.truncate(limit);
        due
    }
}

fn resource(number: u32) -> Resource {
    Resource::Shipment(ShipmentId::new(&format!("s{number}")).expect("a name"))
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Is(Resource, u32),
    Mark(BookmarkKind),
}

type Message = (String, Said);

fn tokens() -> Tokens {
    let tenant = TenantId::new("acme").expect("a name");
    Tokens::new(Kind::Shipment, &tenant, &TerritoryId::new("porto").expect("a name"))
}

struct Rig {
    publish: watch::Sender<Arc<Fake>>,
    drain: watch::Sender<bool>,
}

impl Rig {
    fn new(state: &Fake) -> Rig {
        Rig { publish: watch::channel(Arc::new(state.clone())).0, drain: watch::channel(false).0 }
    }

    fn watch(
        &self,
        only: Option<Vec<Resource>>,
        token: &str,
        heartbeat: Duration,
    ) -> mpsc::Receiver<Result<Message, Status>> {
        let newest = self.publish.borrow().sequence;
        let watch = Watch {
            feed: self.publish.subscribe(),
            selection: Selection { kind: Kind::Shipment, only },
            tokens: tokens(),
            cursor: tokens().read(token, newest).expect("our own token"),
            heartbeat,
            draining: self.drain.subscribe(),
            render: |state: &Fake, token: String, told: Told<'_>| {
                let said = match told {
                    Told::Resource(resource) => {
                        Said::Is(resource.clone(), state.things[resource].1)
                    }
                    Told::Bookmark(kind) => Said::Mark(kind),
                };
                Some((token, said))
            },
        };
        watch.start(())
    }
}

const NEVER: Duration = Duration::from_hours(1);

async fn next(messages: &mut mpsc::Receiver<Result<Message, Status>>) -> Message {
    messages.recv().await.expect("the watch goes on").expect("no error")
}

/// Reads up to and with the bookmark.
async fn until(
    messages: &mut mpsc::Receiver<Result<Message, Status>>,
    kind: BookmarkKind,
) -> Vec<Message> {
    let mut read = Vec::new();
    loop {
        read.push(next(messages).await);
        if read.last().is_some_and(|(_, said)| *said == Said::Mark(kind)) {
            return read;
        }
    }
}

#[tokio::test]
async fn a_watch_begins_with_all_there_is_then_tells_changes() {
    let mut state = Fake::default();
    state.set(&[(1, 10), (2, 20)]);
    let rig = Rig::new(&state);
    let mut messages = rig.watch(None, "", NEVER);
    let read = until(&mut messages, BookmarkKind::SnapshotComplete).await;
    let said: Vec<Said> = read.into_iter().map(|(_, said)| said).collect();
    let complete = Said::Mark(BookmarkKind::SnapshotComplete);
    assert_eq!(said, [Said::Is(resource(1), 10), Said::Is(resource(2), 20), complete]);
    state.set(&[(2, 21)]);
    rig.publish.send_replace(Arc::new(state.clone()));
    assert_eq!(next(&mut messages).await.1, Said::Is(resource(2), 21));
}

#[tokio::test]
async fn a_reader_that_sleeps_gets_the_newest_of_each_and_no_backlog() {
    let mut state = Fake::default();
    state.set(&[(1, 0), (2, 0), (3, 0)]);
    let rig = Rig::new(&state);
    let mut messages = rig.watch(None, "", NEVER);
    until(&mut messages, BookmarkKind::SnapshotComplete).await;
    for round in 1..=10_000u32 {
        state.set(&[(round % 3 + 1, round)]);
        rig.publish.send_replace(Arc::new(state.clone()));
        if round % 100 == 0 {
            // Lets the watch run into its full channel again and again.
            tokio::task::yield_now().await;
        }
    }
    let (mut told, mut count) = (BTreeMap::new(), 0);
    while told != state.values() {
        let Said::Is(resource, value) = next(&mut messages).await.1 else { continue };
        told.insert(resource, value);
        count += 1;
        assert!(count <= ROOM + 3, "{count} messages for three things");
    }
}

#[tokio::test]
async fn a_quiet_watch_shows_that_it_lives() {
    let rig = Rig::new(&Fake::default());
    let mut messages = rig.watch(None, "", Duration::from_millis(1));
    until(&mut messages, BookmarkKind::SnapshotComplete).await;
    for _ in 0..3 {
        assert_eq!(next(&mut messages).await.1, Said::Mark(BookmarkKind::Heartbeat));
    }
}

#[tokio::test]
async fn changes_elsewhere_do_not_put_the_heartbeat_off() {
    let mut state = Fake::default();
    let rig = Rig::new(&state);
    let mut messages = rig.watch(Some(vec![resource(7)]), "", Duration::from_millis(5));
    until(&mut messages, BookmarkKind::SnapshotComplete).await;
    let publish = rig.publish.clone();
    let busy = tokio::spawn(async move {
        loop {
            state.set(&[(1, 1)]);
            publish.send_replace(Arc::new(state.clone()));
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(next(&mut messages).await.1, Said::Mark(BookmarkKind::Heartbeat));
    busy.abort();
}

#[tokio::test]
async fn draining_ends_every_watch_with_a_place_to_resume_from() {
    let mut state = Fake::default();
    state.set(&[(1, 10)]);
    let rig = Rig::new(&state);
    let mut messages = rig.watch(None, "", NEVER);
    until(&mut messages, BookmarkKind::SnapshotComplete).await;
    rig.drain.send_replace(true);
    let (token, said) = next(&mut messages).await;
    assert_eq!(said, Said::Mark(BookmarkKind::Draining));
    assert!(messages.recv().await.is_none());
    rig.drain.send_replace(false);
    state.set(&[(2, 20)]);
    rig.publish.send_replace(Arc::new(state.clone()));
    let mut resumed = rig.watch(None, &token, NEVER);
    assert_eq!(next(&mut resumed).await.1, Said::Is(resource(2), 20));
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_its_watch() {
    struct Alive(Option<tokio::sync::oneshot::Sender<()>>);
    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.take().map(|gone| gone.send(()));
        }
    }
    let rig = Rig::new(&Fake::default());
    let (gone, was_dropped) = tokio::sync::oneshot::channel();
    let watch = Watch {
        feed: rig.publish.subscribe(),
        selection: Selection { kind: Kind::Shipment, only: None },
        tokens: tokens(),
        cursor: None,
        heartbeat: NEVER,
        draining: rig.drain.subscribe(),
        render: |_: &Fake, token: String, _: Told<'_>| Some(token),
    };
    drop(watch.start(Alive(Some(gone))));
    assert_eq!(was_dropped.await, Ok(()));
}

#[test]
fn a_token_of_another_watch_territory_or_future_is_expired_and_garbage_a_fault() {
    let cursor = Cursor { sequence: 9, within: Some(resource(3)) };
    let token = tokens().write(&cursor);
    assert_eq!(tokens().read(&token, 9).ok(), Some(Some(cursor)));
    assert_eq!(tokens().read("", 9).ok(), Some(None));
    let expired = |tokens: &Tokens, newest| {
        matches!(tokens.read(&token, newest), Err(EdgeError::ResumeTokenExpired))
    };
    let tenant = TenantId::new("acme").expect("a name");
    let elsewhere = TerritoryId::new("malta").expect("a name");
    assert!(expired(&Tokens::new(Kind::Shipment, &tenant, &elsewhere), 9));
    assert!(expired(&Tokens { kind: Kind::Change, ..tokens() }, 9));
    assert!(expired(&tokens(), 8), "the log has not got there");
    for garbage in ["x", "00", &token[..20], &format!("{token}ff")] {
        assert!(matches!(tokens().read(garbage, 9), Err(EdgeError::Invalid(_))), "{garbage}");
    }
}

/// What may happen between two reads of a client that sometimes loses its connection.
#[derive(Clone, Debug)]
enum Step {
    Set(Vec<(u32, u32)>),
    Read,
    Reconnect,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec((0u32..40, any::<u32>()), 1..40).prop_map(Step::Set),
        4 => Just(Step::Read),
        1 => Just(Step::Reconnect),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_client_that_keeps_reconnecting_ends_up_with_the_whole_state(
        steps in prop::collection::vec(any_step(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(async {
            let mut state = Fake::default();
            let rig = Rig::new(&state);
            let (mut told, mut token) = (BTreeMap::new(), String::new());
            let mut messages = rig.watch(None, "", Duration::from_millis(1));
            for step in steps {
                match step {
                    Step::Set(values) => {
                        state.set(&values);
                        rig.publish.send_replace(Arc::new(state.clone()));
                    }
                    Step::Read => token = hear(next(&mut messages).await, &mut told),
                    Step::Reconnect => messages = rig.watch(None, &token, Duration::from_millis(1)),
                }
            }
            while told != state.values() {
                token = hear(next(&mut messages).await, &mut told);
            }
            prop_assert!(tokens().read(&token, state.sequence).is_ok());
            Ok(())
        })?;
    }
}

fn hear((token, said): Message, told: &mut BTreeMap<Resource, u32>) -> String {
    if let Said::Is(resource, value) = said {
        told.insert(resource, value);
    }
    token
}
