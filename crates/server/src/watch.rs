//! Watches: what changed, newest first known, resumable, with no buffer to fill.
//!
//! The state itself knows when each resource last changed, so a watch keeps only a place in that
//! order. While its reader is slow it waits for room and then reads on from the newest snapshot: a
//! resource that changed a hundred times meanwhile is sent once, as it is now. A snapshot is never
//! held while waiting. Delivery is at least once, and in the order of newest change.
//!
//! Every message carries a token of its place; a token of another watch, territory or epoch, or of a
//! place the log has not reached, is refused and the caller begins again.

use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use swerve_engine::{Resource, Snapshot};
use swerve_model::{ChangeId, ManifestId, ShipmentId, TenantId, TerritoryId};
use swerve_proto::v1::bookmark::Kind as BookmarkKind;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tonic::Status;

use crate::convert::quantity::EPOCH;
use crate::error::EdgeError;
use crate::fault::{Faults, Path, shown};
use crate::opaque;

/// Messages on their way to one reader. The transport buffers some more; the rest stays in the state.
const ROOM: usize = 16;
/// Resources looked up at once: a reader that keeps up is woken as rarely as this allows.
const DUE_MAX: usize = 64;

/// The kinds of thing that can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Manifest,
    Shipment,
    Change,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Manifest, Kind::Shipment, Kind::Change];

    const fn tag(self) -> u8 {
        match self {
            Kind::Manifest => b'm',
            Kind::Shipment => b's',
            Kind::Change => b'c',
        }
    }

    const fn of(resource: &Resource) -> Kind {
        match resource {
            Resource::Manifest(_) => Kind::Manifest,
            Resource::Shipment(_) => Kind::Shipment,
            Resource::Change(_) => Kind::Change,
        }
    }

    fn resource(self, name: &str) -> Option<Resource> {
        match self {
            Kind::Manifest => ManifestId::new(name).ok().map(Resource::Manifest),
            Kind::Shipment => ShipmentId::new(name).ok().map(Resource::Shipment),
            Kind::Change => ChangeId::new(name).ok().map(Resource::Change),
        }
    }
}

fn name_in(resource: &Resource) -> &str {
    match resource {
        Resource::Manifest(id) => id.as_str(),
        Resource::Shipment(id) => id.as_str(),
        Resource::Change(id) => id.as_str(),
    }
}

/// What a watch is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) kind: Kind,
    /// Only these; `None` for all of the kind.
    pub(crate) only: Option<Vec<Resource>>,
}

/// How far a watch has come: everything up to `sequence` has been sent; of `sequence` itself, where
/// `within` is set, everything up to that resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) sequence: u64,
    pub(crate) within: Option<Resource>,
}

impl Cursor {
    const fn at(sequence: u64) -> Cursor {
        Cursor { sequence, within: None }
    }

    fn is_before(&self, sequence: u64, resource: &Resource) -> bool {
        match &self.within {
            Some(within) if sequence == self.sequence => resource > within,
            _ => sequence > self.sequence,
        }
    }
}

/// What can be watched: a territory's snapshot, or something smaller in a test.
pub(crate) trait Feed: Send + Sync + 'static {
    /// The newest change there is.
    fn sequence(&self) -> u64;

    /// At most `limit` selected resources that changed after `cursor`, oldest change first.
    fn due(&self, cursor: &Cursor, selection: &Selection, limit: usize) -> Vec<(u64, Resource)>;
}

impl Feed for Snapshot {
    fn sequence(&self) -> u64 {
        self.state.sequence
    }

    /// O(log n + what changed since), or O(k log n) for k selected resources.
    fn due(&self, cursor: &Cursor, selection: &Selection, limit: usize) -> Vec<(u64, Resource)> {
        if let Some(only) = &selection.only {
            let changed = |resource: &Resource| {
                let at = *self.state.changed_at.get(resource)?;
                cursor.is_before(at, resource).then(|| (at, resource.clone()))
            };
            let mut due: Vec<_> = only.iter().filter_map(changed).collect();
            due.sort_unstable();
            due.truncate(limit);
            return due;
        }
        let wanted = |resource: &&Resource| Kind::of(resource) == selection.kind;
        if let Some(within) = &cursor.within {
            let last = (cursor.sequence, within.clone());
            let rest = self.state.changed.range((Bound::Excluded(last), Bound::Unbounded));
            let rest = rest.map(|((at, resource), ())| (*at, resource));
            return collect(rest.filter(|(_, resource)| wanted(resource)), limit);
        }
        let rest = self.state.changed_after(cursor.sequence);
        collect(rest.filter(|(_, resource)| wanted(resource)), limit)
    }
}

fn collect<'a>(
    due: impl Iterator<Item = (u64, &'a Resource)>,
    limit: usize,
) -> Vec<(u64, Resource)> {
    due.take(limit).map(|(at, resource)| (at, resource.clone())).collect()
}

/// Makes and reads the tokens of one watch.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    kind: Kind,
    /// Of tenant and territory: enough to tell them apart, not to name them.
    place: [u8; 8],
}

impl Tokens {
    pub(crate) fn new(kind: Kind, tenant: &TenantId, territory: &TerritoryId) -> Tokens {
        let digest = Sha256::digest(format!("{tenant}/{territory}"));
        let mut place = [0; 8];
        place.copy_from_slice(&digest[..8]);
        Tokens { kind, place }
    }

    pub(crate) fn write(&self, cursor: &Cursor) -> String {
        let mut bytes = vec![self.kind.tag()];
        bytes.extend_from_slice(&self.place);
        bytes.extend_from_slice(&EPOCH.to_be_bytes());
        bytes.extend_from_slice(&cursor.sequence.to_be_bytes());
        if let Some(within) = &cursor.within {
            bytes.push(Kind::of(within).tag());
            bytes.extend_from_slice(name_in(within).as_bytes());
        }
        opaque::encode(&bytes)
    }

    /// Where a token says a watch had come; `None` for an empty one.
    ///
    /// # Errors
    /// A fault for what no watch ever sent; [`EdgeError::ResumeTokenExpired`] for what another did,
    /// or what lies beyond `newest`.
    pub(crate) fn read(&self, token: &str, newest: u64) -> Result<Option<Cursor>, EdgeError> {
        if token.is_empty() {
            return Ok(None);
        }
        let Some((kind, place, epoch, cursor)) = parts(token) else {
            let mut faults = Faults::new();
            let rule = format!("{} is not a resume token", shown(token));
            faults.add(Path::Root.field("resume_token"), rule);
            return Err(EdgeError::Invalid(faults));
        };
        let ours = (kind, place, epoch) == (self.kind, self.place, EPOCH);
        if ours && cursor.sequence <= newest {
            Ok(Some(cursor))
        } else {
            Err(EdgeError::ResumeTokenExpired)
        }
    }
}

fn parts(token: &str) -> Option<(Kind, [u8; 8], u64, Cursor)> {
    let bytes = opaque::decode(token)?;
    let kind_of = |tag: u8| Kind::ALL.into_iter().find(|kind| kind.tag() == tag);
    let (tag, rest) = bytes.split_first()?;
    let (place, rest) = rest.split_first_chunk::<8>()?;
    let (epoch, rest) = rest.split_first_chunk::<8>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let within = match rest.split_first() {
        None => None,
        Some((tag, name)) => Some(kind_of(*tag)?.resource(std::str::from_utf8(name).ok()?)?),
    };
    let cursor = Cursor { sequence: u64::from_be_bytes(*sequence), within };
    Some((kind_of(*tag)?, *place, u64::from_be_bytes(*epoch), cursor))
}

/// What a message of a watch says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told<'a> {
    Resource(&'a Resource),
    Bookmark(BookmarkKind),
}

/// One caller's watch, ready to run.
pub(crate) struct Watch<F, R> {
    pub(crate) feed: watch::Receiver<Arc<F>>,
    pub(crate) selection: Selection,
    pub(crate) tokens: Tokens,
    /// Where to go on from; `None` for a snapshot first.
    pub(crate) cursor: Option<Cursor>,
    pub(crate) heartbeat: Duration,
    pub(crate) draining: watch::Receiver<bool>,
    /// Writes a message, given the state, the token to carry and what to say; `None` for what this
    /// caller may not see.
    pub(crate) render: R,
}

/// Why a watch does not go on.
struct Over;

/// The sending side of a running watch.
struct Run<F, R, M> {
    watch: Watch<F, R>,
    cursor: Cursor,
    reader: mpsc::Sender<Result<M, Status>>,
    last_sent: Instant,
}

impl<F: Feed, R, M> Watch<F, R>
where
    R: Fn(&F, String, Told<'_>) -> Option<M> + Send + Sync + 'static,
    M: Send + 'static,
{
    /// Starts the watch on a task of its own, which ends when the reader goes or the server drains.
    /// `alive` is dropped with it.
    pub(crate) fn start<G: Send + 'static>(self, alive: G) -> mpsc::Receiver<Result<M, Status>> {
        let (reader, messages) = mpsc::channel(ROOM);
        tokio::spawn(async move {
            let _alive = alive;
            let from_nothing = self.cursor.is_none();
            let cursor = self.cursor.clone().unwrap_or_default();
            let mut run = Run { watch: self, cursor, reader, last_sent: Instant::now() };
            // Ends only because there is nobody to tell or nothing more to come.
            let Over = run.go(from_nothing).await;
        });
        messages
    }
}

impl<F: Feed, R, M> Run<F, R, M>
where
    R: Fn(&F, String, Told<'_>) -> Option<M> + Send + Sync + 'static,
    M: Send + 'static,
{
    async fn go(&mut self, from_nothing: bool) -> Over {
        let first =
            if from_nothing { BookmarkKind::SnapshotComplete } else { BookmarkKind::Heartbeat };
        let mut bookmark = Some(first);
        loop {
            if let Err(over) = self.catch_up().await {
                return over;
            }
            if let Some(kind) = bookmark.take()
                && let Err(over) = self.tell_bookmark(kind).await
            {
                return over;
            }
            match self.wait().await {
                Ok(kind) => bookmark = kind,
                Err(over) => return over,
            }
        }
    }

    /// Sends everything that is due, always as it is in the newest snapshot.
    async fn catch_up(&mut self) -> Result<(), Over> {
        loop {
            let feed = Arc::clone(&self.watch.feed.borrow_and_update());
            let due = feed.due(&self.cursor, &self.watch.selection, DUE_MAX);
            if due.is_empty() {
                self.cursor = Cursor::at(feed.sequence());
                return Ok(());
            }
            let has_room = self.send_while_there_is_room(&feed, due);
            drop(feed);
            if !has_room {
                self.wait_for_room().await?;
            }
        }
    }

    /// `false` when the reader has no room left for the next.
    fn send_while_there_is_room(&mut self, feed: &F, due: Vec<(u64, Resource)>) -> bool {
        for (sequence, resource) in due {
            let Ok(place) = self.reader.try_reserve() else { return false };
            self.cursor = Cursor { sequence, within: Some(resource.clone()) };
            let token = self.watch.tokens.write(&self.cursor);
            if let Some(message) = (self.watch.render)(feed, token, Told::Resource(&resource)) {
                place.send(Ok(message));
                self.last_sent = Instant::now();
            }
        }
        true
    }

    async fn wait_for_room(&mut self) -> Result<(), Over> {
        tokio::select! {
            place = self.reader.reserve() => return place.map(drop).map_err(|_| Over),
            () = drained(&mut self.watch.draining) => {}
        }
        self.tell_last().await
    }

    async fn tell_bookmark(&mut self, kind: BookmarkKind) -> Result<(), Over> {
        let place = self.reader.reserve().await.map_err(|_| Over)?;
        let feed = Arc::clone(&self.watch.feed.borrow());
        let token = self.watch.tokens.write(&self.cursor);
        if let Some(message) = (self.watch.render)(&feed, token, Told::Bookmark(kind)) {
            place.send(Ok(message));
            self.last_sent = Instant::now();
        }
        Ok(())
    }

    async fn tell_last(&mut self) -> Result<(), Over> {
        self.tell_bookmark(BookmarkKind::Draining).await?;
        Err(Over)
    }

    /// Waits until there may be something to send; answers the bookmark that is due meanwhile.
    async fn wait(&mut self) -> Result<Option<BookmarkKind>, Over> {
        let quiet_until = self.last_sent + self.watch.heartbeat;
        tokio::select! {
            () = drained(&mut self.watch.draining) => {}
            changed = self.watch.feed.changed() => {
                if changed.is_ok() {
                    return Ok(None);
                }
                // The territory is gone: nothing will change any more.
            }
            () = tokio::time::sleep_until(quiet_until) => {
                return Ok(Some(BookmarkKind::Heartbeat));
            }
            () = self.reader.closed() => return Err(Over),
        }
        self.tell_last().await.map(|()| None)
    }
}

/// Ends once the server drains; if nobody could ever say so, never.
async fn drained(draining: &mut watch::Receiver<bool>) {
    if draining.wait_for(|draining| *draining).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests;
