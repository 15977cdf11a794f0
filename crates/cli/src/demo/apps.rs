//! The apps in the vans: they show their drivers what is new, say yes or no for them, and report
//! where they are.

use swerve_client::{convert, names, v1};
use swerve_model::{LatLng, Moment, Ticks};
use swerve_roads::RoadTimes;

use super::agenda::Happening;
use super::run::Simulation;
use super::stage::territory;
use super::vans::Leg;

/// A driver at a door or at the wheel looks at a message after this many seconds.
const LOOKS_AFTER: (u32, u32) = (15, 90);
/// Of the revisions that bring a recipient's change, those a driver will not do.
const REFUSES_PERMILLE: u32 = 12;
/// A van that has only just left is where it left from, as far as planning goes.
const MOVING_SINCE: Ticks = Ticks::from_minutes(1);

impl Simulation<'_> {
    /// A driver on the road is shown a revision that is new, and will say yes or no to it.
    pub(super) fn show_driver(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        let view = self.feed.manifest(van)?;
        let revision = view.revision.number;
        if !view.on_the_road || revision <= view.acknowledged || revision <= self.vans[van].shown {
            return Ok(());
        }
        self.vans[van].shown = revision;
        self.tally.driven[van].messages += 1;
        self.chronicle.messages.push((at, van));
        let about = format!("{}@{revision}", self.vans[van].name);
        let looks = self.scene.whims.span("look", &about, LOOKS_AFTER.0, LOOKS_AFTER.1);
        self.agenda.expect(at + looks, Happening::Acknowledge(van));
        Ok(())
    }

    /// The driver looks at the newest revision; an older one has been replaced on the screen.
    pub(super) async fn acknowledge(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        let view = self.feed.manifest(van)?;
        if !view.on_the_road || view.revision.number <= view.acknowledged {
            return Ok(());
        }
        self.keep_up(at).await?;
        let revision = self.feed.manifest(van)?.revision.clone();
        let about = format!("{}@{}", self.vans[van].name, revision.number);
        let brings_change = self.commits.values().any(|commit| commit.waits_for(van));
        if brings_change && self.scene.whims.happens("refuse", &about, REFUSES_PERMILLE) {
            return self.refuse_revision(van, revision, at).await;
        }
        let request = v1::AcknowledgeRevisionRequest {
            manifest: names::manifest(&self.vans[van].name),
            revision: Some(revision),
            ..Default::default()
        };
        let answer = self.callers.drivers[van].acknowledge_revision(request).await?;
        self.heed(answer.plan_revision.as_ref(), at).await
    }

    /// Drivers are people. What they will not do goes back, and the plan that is left is judged like
    /// any other.
    async fn refuse_revision(
        &mut self,
        van: usize,
        revision: v1::PlanRevision,
        at: Moment,
    ) -> anyhow::Result<()> {
        let before = self.plan_now().await?;
        let promised = self.promises_now();
        let request = v1::RefuseRevisionRequest {
            manifest: names::manifest(&self.vans[van].name),
            revision: Some(revision),
            reason: "no room to turn there with this van".to_owned(),
            ..Default::default()
        };
        self.callers.drivers[van].refuse_revision(request).await?;
        self.tally.refused_revisions += 1;
        self.story.tell(at, || format!("the driver of {} refuses a change", self.vans[van].name));
        self.judge(&before, &promised, at).await
    }

    /// Every van that is driving says where it is.
    pub(super) async fn report_positions(&mut self, at: Moment) -> anyhow::Result<()> {
        self.keep_up(at).await?;
        let mut positions = Vec::new();
        for van in &self.vans {
            let Some(leg) = van.driving().filter(|leg| at - leg.left >= MOVING_SINCE) else {
                continue;
            };
            let Some(location) = position(&self.scene.roads, leg, at) else { continue };
            positions.push(v1::PositionReport {
                manifest: names::manifest(&van.name),
                location: Some(convert::lat_lng(location)),
                time: Some(convert::timestamp(at)),
            });
        }
        if !positions.is_empty() {
            let request = v1::ReportPositionsRequest { territory: territory(), positions };
            self.callers.dispatcher.report_positions(request).await?;
        }
        Ok(())
    }
}

/// Where on its way a van is, the leg driven at one pace.
fn position(roads: &RoadTimes, leg: &Leg, at: Moment) -> Option<LatLng> {
    let way = leg.way.get_or_init(|| {
        let path = roads.path(leg.from.place, leg.to.place);
        path.map_or_else(Vec::new, |path| path.points)
    });
    let share = (at - leg.left).0 as f64 / (leg.arrives - leg.left).0.max(1) as f64;
    (!way.is_empty()).then(|| along(way, share.clamp(0.0, 1.0)))
}

/// The point at this share of a line's length. Lengths are compared, not used, so degrees do, with
/// those of longitude shortened as they are there.
fn along(line: &[LatLng], share: f64) -> LatLng {
    let length = |pair: &[LatLng]| {
        let narrow = pair[0].latitude().to_radians().cos();
        let east = (pair[1].longitude() - pair[0].longitude()) * narrow;
        east.hypot(pair[1].latitude() - pair[0].latitude())
    };
    let total: f64 = line.windows(2).map(length).sum();
    let mut left = total * share;
    for pair in line.windows(2) {
        let this = length(pair);
        if left <= this && this > 0.0 {
            return between(pair[0], pair[1], left / this);
        }
        left -= this;
    }
    *line.last().expect("a way has at least one point")
}

fn between(a: LatLng, b: LatLng, share: f64) -> LatLng {
    let mix = |a: f64, b: f64| a + (b - a) * share;
    LatLng::new(mix(a.latitude(), b.latitude()), mix(a.longitude(), b.longitude()))
        .expect("between two points on Earth is one")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(latitude: f64, longitude: f64) -> LatLng {
        LatLng::new(latitude, longitude).expect("on Earth")
    }

    #[test]
    fn a_van_is_found_by_the_share_of_its_way() {
        let line = [point(0.0, 0.0), point(0.0, 0.001), point(0.003, 0.001)];
        let half = along(&line, 0.5);
        assert!((half.latitude() - 0.001).abs() < 1e-9 && half.longitude() == 0.001, "{half:?}");
        assert_eq!(along(&line, 0.0), line[0]);
        assert_eq!(along(&line, 1.0), line[2]);
        assert_eq!(along(&line[..1], 0.3), line[0]);
    }

    #[test]
    fn at_a_high_latitude_a_degree_east_is_shorter_than_one_north() {
        let line = [point(60.0, 0.0), point(60.0, 0.002), point(60.001, 0.002)];
        let half = along(&line, 0.5);
        assert!((half.longitude() - 0.002).abs() < 1e-6, "{half:?}");
    }
}
