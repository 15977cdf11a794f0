//! A watcher that believes only its stream: what it was told, and where it has to go on.
//!
//! After a restart it resumes from its token. What it holds then must be all there is (no gap). What
//! it is told must be what it had not handled: each resource once, nothing at all once it has caught
//! up, and from the token before the last, the last event more (no double).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use swerve_client::{Watch, WatchEvent, WatchMessage, v1};

/// What a watcher can be told of.
pub(crate) trait Resource: Clone + Debug + PartialEq + Send + 'static {
    fn name(&self) -> &str;

    /// Without its arrivals, which move with the clock between two messages.
    fn settled(&self) -> Self;
}

impl Resource for v1::Shipment {
    fn name(&self) -> &str {
        &self.name
    }

    fn settled(&self) -> v1::Shipment {
        v1::Shipment { eta: None, ..self.clone() }
    }
}

impl Resource for v1::Manifest {
    fn name(&self) -> &str {
        &self.name
    }

    fn settled(&self) -> v1::Manifest {
        let mut settled = self.clone();
        settled.stops.iter_mut().for_each(|stop| stop.eta = None);
        settled
    }
}

impl Resource for v1::Change {
    fn name(&self) -> &str {
        &self.name
    }

    fn settled(&self) -> v1::Change {
        self.clone()
    }
}

#[derive(Debug)]
struct Held<T> {
    token: String,
    /// Where it would go on if the last event had not been handled, and what that event told of.
    before: Option<(String, Option<String>)>,
    resources: BTreeMap<String, T>,
    /// The newest plan that any message was made from.
    revision: u64,
    /// Messages about resources, over all connections.
    told: usize,
}

/// What one watcher holds. Outlives connections and servers.
#[derive(Debug)]
pub(crate) struct Mirror<T>(Arc<Mutex<Held<T>>>);

impl<T> Clone for Mirror<T> {
    fn clone(&self) -> Mirror<T> {
        Mirror(Arc::clone(&self.0))
    }
}

impl<T: Resource> Mirror<T> {
    pub(crate) fn new() -> Mirror<T> {
        Mirror(Arc::new(Mutex::new(Held {
            token: String::new(),
            before: None,
            resources: BTreeMap::new(),
            revision: 0,
            told: 0,
        })))
    }

    fn with<A>(&self, look: impl FnOnce(&mut Held<T>) -> A) -> A {
        look(&mut self.0.lock().expect("no watcher panics while holding it"))
    }

    pub(crate) fn revision(&self) -> u64 {
        self.with(|held| held.revision)
    }

    pub(crate) fn told(&self) -> usize {
        self.with(|held| held.told)
    }

    /// Takes all that was missed, on watches that `open` opens at a token.
    pub(crate) async fn catch_up<M>(&self, open: impl Fn(String) -> Watch<M>)
    where
        M: WatchMessage<Resource = T>,
    {
        let (token, before) = self.with(|held| (held.token.clone(), held.before.clone()));
        let missed = self.missed(&mut open(token), true).await;
        if let Some((token, last)) = before.filter(|(token, _)| !token.is_empty()) {
            let mut expected = missed.clone();
            expected.extend(last);
            let earlier = self.missed(&mut open(token), false).await;
            assert_eq!(earlier, expected, "from the token before the last");
        }
        let (token, told) = self.with(|held| (held.token.clone(), held.told));
        self.missed(&mut open(token), true).await;
        assert_eq!(self.told(), told, "who has caught up is told nothing");
    }

    /// What is told until the first bookmark, by name; held from now on if it is to be `kept`.
    async fn missed<M>(&self, watch: &mut Watch<M>, kept: bool) -> BTreeSet<String>
    where
        M: WatchMessage<Resource = T>,
    {
        let mut seen = BTreeSet::new();
        loop {
            let event = watch.next().await.expect("the watch goes on");
            let is_bookmark = matches!(event, WatchEvent::Bookmark { .. });
            if let WatchEvent::Is { resource, .. } = &event {
                let name = resource.name().to_owned();
                assert!(seen.insert(name.clone()), "{name} was told twice in one resumption");
            }
            if kept {
                self.handle(event, watch);
            }
            if is_bookmark {
                return seen;
            }
        }
    }

    /// Goes on for as long as the connection does.
    pub(crate) async fn follow<M>(&self, open: impl Fn(String) -> Watch<M>)
    where
        M: WatchMessage<Resource = T>,
    {
        let mut watch = open(self.with(|held| held.token.clone()));
        loop {
            let event = watch.next().await.expect("the watch goes on");
            self.handle(event, &mut watch);
        }
    }

    fn handle<M>(&self, event: WatchEvent<T>, watch: &mut Watch<M>)
    where
        M: WatchMessage<Resource = T>,
    {
        let name = match event {
            WatchEvent::Is { resource, plan_revision } => {
                let name = resource.name().to_owned();
                self.take(*resource, plan_revision);
                Some(name)
            }
            WatchEvent::Bookmark { .. } => None,
            WatchEvent::Restarted => panic!("a token of this very log was not accepted"),
        };
        watch.handled();
        let token = watch.token().to_owned();
        self.with(|held| held.before = Some((std::mem::replace(&mut held.token, token), name)));
    }

    fn take(&self, resource: T, revision: Option<v1::PlanRevision>) {
        let revision = revision.expect("every message names its plan").number;
        self.with(|held| {
            assert!(revision >= held.revision, "a message was made from an older plan");
            held.revision = revision;
            held.told += 1;
            held.resources.insert(resource.name().to_owned(), resource);
        });
    }

    /// No gap: what was told is what is there.
    pub(crate) fn check(&self, there: &[T]) {
        let settled = |all: Vec<&T>| -> BTreeMap<String, T> {
            all.into_iter().map(|one| (one.name().to_owned(), one.settled())).collect()
        };
        let told = self.with(|held| settled(held.resources.values().collect()));
        let there = settled(there.iter().collect());
        for (name, is) in &there {
            let was = told.get(name);
            assert_eq!(was, Some(is), "{name} was told otherwise, or not at all");
        }
        assert_eq!(told.len(), there.len(), "something was told that is not there");
    }
}
