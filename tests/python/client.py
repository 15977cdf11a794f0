#!/usr/bin/env python3
"""A stranger's client: generated from `proto/` by grpcio-tools, told only the address.

It does what a TMS does (fleet, points, shipments, an imported plan, a quote, a commit, watches), then
sends what should never be sent, and holds every answer to the same rules: a status with a
`google.rpc.ErrorInfo` of domain "swerve", a message that names the value and the rule, no hang (every
call has a deadline), and nothing half-applied (the territory's log, plan and lists are the same before
and after).

Once:   python3 -m venv /tmp/swerve-venv && /tmp/swerve-venv/bin/pip install grpcio grpcio-tools grpcio-status
Then:   /tmp/swerve-venv/bin/python tests/python/client.py 127.0.0.1:7071

The server is any `swerve serve` with a territory on the simulated clock that holds nothing yet, and a
token for each of the roles tms, dispatcher and operator: the environment's SWERVE_TMS_TOKEN,
SWERVE_DISPATCHER_TOKEN and SWERVE_OPERATOR_TOKEN, or those of tests/python/swerve.toml, which serves
the sample city:

        swerve serve --config tests/python/swerve.toml

Names are new in every run, so it may run again on the same server. Ends with 0 if all is as it should
be; else it says what was not and ends with 1.
"""

import datetime
import os
import pathlib
import sys
import tempfile
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
# No call of this script takes a hundredth of it: whoever waits that long hangs.
DEADLINE_SECONDS = 10.0
# Every detail a status may carry travels in a header; common clients refuse more than 8 KiB.
MESSAGE_CHARS_MAX = 400


def generate(into):
    """Compiles the API's protos into Python modules."""
    from grpc_tools import protoc

    protos = sorted((ROOT / "proto/swerve/v1").glob("*.proto"))
    include = pathlib.Path(protoc.__file__).parent / "_proto"
    command = ["protoc", f"-I{ROOT / 'proto'}", f"-I{include}", f"--python_out={into}", f"--grpc_python_out={into}"]
    if protoc.main(command + [str(proto) for proto in protos]) != 0:
        sys.exit("the protos do not compile")
    sys.path.insert(0, str(into))


OUT = tempfile.TemporaryDirectory(prefix="swerve-python-")
try:
    generate(OUT.name)
    import grpc
    from google.rpc import error_details_pb2
    from grpc_status import rpc_status
except ImportError as missing:
    sys.exit(f"{missing}; see the head of {__file__}")

from google.protobuf import duration_pb2, timestamp_pb2  # noqa: E402
from swerve.v1 import (  # noqa: E402
    change_pb2,
    change_pb2_grpc,
    execution_pb2,
    execution_pb2_grpc,
    fleet_pb2,
    fleet_pb2_grpc,
    manifest_pb2,
    manifest_pb2_grpc,
    operator_pb2,
    operator_pb2_grpc,
    plan_pb2,
    plan_pb2_grpc,
    quantities_pb2,
    shipment_pb2,
    shipment_pb2_grpc,
)

LONG = "x" * 10_000
NAN = float("nan")


class Wrong(Exception):
    """The server did not do what it should."""


def require(condition, what):
    if not condition:
        raise Wrong(what)


class Caller:
    """The services as one role may call them, each call with a token and a deadline."""

    STUBS = {
        "change": change_pb2_grpc.ChangeServiceStub,
        "execution": execution_pb2_grpc.ExecutionServiceStub,
        "fleet": fleet_pb2_grpc.FleetServiceStub,
        "manifest": manifest_pb2_grpc.ManifestServiceStub,
        "operator": operator_pb2_grpc.OperatorServiceStub,
        "plan": plan_pb2_grpc.PlanServiceStub,
        "shipment": shipment_pb2_grpc.ShipmentServiceStub,
    }

    def __init__(self, channel, token):
        self.stubs = {name: stub(channel) for name, stub in self.STUBS.items()}
        self.metadata = (("authorization", f"Bearer {token}"),)

    def __call__(self, method, message, deadline=DEADLINE_SECONDS):
        service, name = method.split(".")
        fields = message.DESCRIPTOR.fields_by_name
        if "request_id" in fields and not message.request_id:
            message.request_id = str(uuid.uuid4())
        return getattr(self.stubs[service], name)(message, timeout=deadline, metadata=self.metadata)


def moment(day, hour, minute=0):
    return timestamp_pb2.Timestamp(seconds=day + hour * 3600 + minute * 60)


def window(opens, closes):
    return quantities_pb2.TimeWindow(open=opens, close=closes)


class World:
    """One territory, and names that nobody has used."""

    def __init__(self, address):
        channel = grpc.insecure_channel(address)
        grpc.channel_ready_future(channel).result(timeout=DEADLINE_SECONDS)
        role = lambda name: Caller(channel, os.environ.get(f"SWERVE_{name.upper()}_TOKEN", f"{name}-token-0123456789"))
        self.tms, self.desk, self.operator = role("tms"), role("dispatcher"), role("operator")
        served = self.operator("operator.ListTerritories", operator_pb2.ListTerritoriesRequest()).territories
        simulated = [one for one in served if one.clock == operator_pb2.CLOCK_KIND_SIMULATED]
        require(simulated, f"no territory on the simulated clock among {[one.name for one in served]}")
        self.territory = simulated[0].name
        self.currency = simulated[0].currency_code
        self.depot = simulated[0].depots[0]
        self.run = uuid.uuid4().hex[:8]
        now = simulated[0].engine_time.seconds
        # The day after the territory's, or after today's on a new one; five in the morning.
        self.day = max(now, int(datetime.datetime(2026, 3, 16, tzinfo=datetime.timezone.utc).timestamp()))
        self.day = (self.day // 86_400 + 1) * 86_400
        self.operator(
            "operator.AdvanceClock",
            operator_pb2.AdvanceClockRequest(name=self.territory, time=self.at(5)),
        )

    def at(self, hour, minute=0):
        return moment(self.day, hour, minute)

    def id(self, name):
        return f"{name}-{self.run}"

    def near_depot(self, north, east):
        """A place so many thousandths of a degree from the depot."""
        at = self.depot.location
        return quantities_pb2.LatLng(latitude=at.latitude + north / 1000, longitude=at.longitude + east / 1000)

    def vehicle(self, number, **changed):
        vehicle = fleet_pb2.Vehicle(
            name=f"vehicles/{self.id(f'van{number}')}",
            capacity=quantities_pb2.Load(weight_grams=900_000, volume_milliliters=9_000_000, count=200),
            cost_per_km=quantities_pb2.Money(currency_code=self.currency, nanos=300_000_000),
        )
        return merged(vehicle, changed)

    def point(self, number, **changed):
        point = fleet_pb2.DeliveryPoint(
            name=f"deliveryPoints/{self.id(f'door{number}')}",
            kind=fleet_pb2.DeliveryPoint.KIND_DOOR,
            location=self.near_depot(0.4 * number, 0.5 * (number % 3)),
            park=duration_pb2.Duration(seconds=60),
            per_stop=duration_pb2.Duration(seconds=45),
        )
        return merged(point, changed)

    def shipment(self, number, **changed):
        name = f"shipments/{self.id(f's{number}')}"
        shipment = shipment_pb2.Shipment(
            name=name,
            recipient=self.id(f"r{number}"),
            parcels=[self.parcel(name)],
            promise=shipment_pb2.Promise(
                delivery_point=f"deliveryPoints/{self.id(f'door{number}')}",
                windows=[window(self.at(8), self.at(18))],
            ),
            consents=shipment_pb2.Consents(consolidation=True),
            service_per_parcel=duration_pb2.Duration(seconds=20),
        )
        return merged(shipment, changed)

    def parcel(self, shipment, **changed):
        parcel = shipment_pb2.Parcel(
            name=f"{shipment}/parcels/p",
            load=quantities_pb2.Load(weight_grams=1_000, volume_milliliters=4_000, count=1),
            custody=shipment_pb2.Custody(state=shipment_pb2.Custody.STATE_AT_DEPOT, depot=self.depot.name),
        )
        return merged(parcel, changed)

    def manifest(self, number, **changed):
        manifest = manifest_pb2.Manifest(
            name=f"manifests/{self.id(f'm{number}')}",
            driver=f"drivers/{self.id(f'd{number}')}",
            vehicle=f"vehicles/{self.id(f'van{number}')}",
            depot=self.depot.name,
            shift=manifest_pb2.Shift(start=self.at(8), end=self.at(16), hard_end=self.at(18)),
        )
        return merged(manifest, changed)

    def state(self):
        """All that a half-applied request could have left a trace in."""
        read = lambda caller, method, message: caller(method, message).SerializeToString(deterministic=True)
        territory = self.operator(
            "operator.GetTerritory", operator_pb2.GetTerritoryRequest(name=self.territory)
        ).territory
        of = dict(territory=self.territory, page_size=1000)
        return {
            "log_sequence": territory.log_sequence,
            "plan_hash": territory.plan_hash,
            "revision": territory.plan_revision.number,
            "engine_time": territory.engine_time.seconds,
            "vehicles": read(self.tms, "fleet.ListVehicles", fleet_pb2.ListVehiclesRequest(**of)),
            "points": read(self.tms, "fleet.ListDeliveryPoints", fleet_pb2.ListDeliveryPointsRequest(**of)),
            "shipments": read(self.tms, "shipment.ListShipments", shipment_pb2.ListShipmentsRequest(**of)),
            "manifests": read(self.desk, "manifest.ListManifests", manifest_pb2.ListManifestsRequest(**of)),
            "changes": read(self.tms, "change.ListChanges", change_pb2.ListChangesRequest(**of)),
        }


def merged(message, changed):
    """`message` with some fields replaced; None takes one away."""
    for field, value in changed.items():
        message.ClearField(field)
        if value is None:
            continue
        if isinstance(value, list):
            getattr(message, field).extend(value)
        elif hasattr(value, "DESCRIPTOR"):
            getattr(message, field).CopyFrom(value)
        else:
            setattr(message, field, value)
    return message


def until_bookmark(stream):
    """Resources of a watch up to its first bookmark, and the token to resume from."""
    told, token = [], ""
    for message in stream:
        token = message.resume_token
        event = message.WhichOneof("event")
        if event == "bookmark":
            stream.cancel()
            return told, token
        told.append(getattr(message, event))
    raise Wrong("the watch ended by itself")


def a_day(world):
    """What a TMS does."""
    tms, territory = world.tms, world.territory
    for number in (1, 2):
        request = fleet_pb2.CreateVehicleRequest(territory=territory, vehicle=world.vehicle(number))
        tms("fleet.CreateVehicle", request)
        request = manifest_pb2.CreateManifestRequest(territory=territory, manifest=world.manifest(number))
        tms("manifest.CreateManifest", request)
    for number in range(1, 7):
        request = fleet_pb2.CreateDeliveryPointRequest(territory=territory, delivery_point=world.point(number))
        tms("fleet.CreateDeliveryPoint", request)
    first = shipment_pb2.CreateShipmentRequest(territory=territory, shipment=world.shipment(1))
    created = tms("shipment.CreateShipment", first)
    again = tms("shipment.CreateShipment", first)
    require(created.plan_revision == again.plan_revision, "the same request has the same answer")
    rest = [world.shipment(number) for number in range(2, 7)]
    batch = shipment_pb2.BatchCreateShipmentsRequest(territory=territory, shipments=rest)
    require(tms("shipment.BatchCreateShipments", batch).created_count == 5, "five shipments are created")

    order = {1: [3, 1, 2], 2: [6, 5, 4]}
    stop = lambda number: manifest_pb2.ImportedStop(
        tasks=[manifest_pb2.Task(shipment=world.shipment(number).name)]
    )
    plan = [
        manifest_pb2.ImportedManifest(manifest=world.manifest(number).name, stops=[stop(one) for one in stops])
        for number, stops in order.items()
    ]
    imported = tms("manifest.ImportPlan", manifest_pb2.ImportPlanRequest(territory=territory, manifests=plan))
    require(imported.plan_revision.number > 0, "an import is a revision of the plan")
    for number, stops in order.items():
        request = manifest_pb2.GetManifestRequest(territory=territory, name=world.manifest(number).name)
        manifest = tms("manifest.GetManifest", request).manifest
        as_kept = [task.shipment for stop in manifest.stops for task in stop.tasks]
        require(as_kept == [world.shipment(one).name for one in stops], "an import stands as it was made")

    own = [world.shipment(number).name for number in range(1, 7)]
    watch = lambda token: tms(
        "shipment.WatchShipments",
        shipment_pb2.WatchShipmentsRequest(territory=territory, shipments=own, resume_token=token),
    )
    told, token = until_bookmark(watch(""))
    require(sorted(one.name for one in told) == sorted(own), "a watch begins with all there are")
    told, token = until_bookmark(watch(token))
    require(not told, "who resumes when nothing has happened is told nothing")

    wish = change_pb2.Wish(suggest_windows=True)
    ask = change_pb2.QuoteChangeRequest(
        shipment=own[0], wish=wish, assurance=change_pb2.ASSURANCE_ONE_TIME_CODE
    )
    quote = tms("change.QuoteChange", ask)
    require(quote.offers and not quote.refusals, f"there is a window to be had: {quote}")
    require(tms("change.QuoteChange", ask) == quote, "the same request has the same answer")
    commit = change_pb2.CommitChangeRequest(
        offer=quote.offers[0].name, assurance=change_pb2.ASSURANCE_ONE_TIME_CODE
    )
    committed = tms("change.CommitChange", commit)
    require(committed.change.state == change_pb2.Change.STATE_COMMITTED, f"it is committed: {committed}")
    told, _ = until_bookmark(watch(token))
    changed = [one for one in told if one.name == own[0]]
    require(len(changed) == 1 and changed[0].promise.version == 2, f"the watch tells of the commit: {told}")
    changes, _ = until_bookmark(
        tms("change.WatchChanges", change_pb2.WatchChangesRequest(territory=territory))
    )
    require(committed.change.name in [one.name for one in changes], "and so does that of the changes")


def hostile(world):
    """What should never be sent: (what it is, who sends it, the call, the message, code, what must be said)."""
    tms, desk, territory = world.tms, world.desk, world.territory
    argument, missing = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
    latlng = quantities_pb2.LatLng
    first = world.shipment(1).name

    def vehicle(**changed):
        return fleet_pb2.CreateVehicleRequest(territory=territory, vehicle=world.vehicle(77, **changed))

    def point(**changed):
        return fleet_pb2.CreateDeliveryPointRequest(territory=territory, delivery_point=world.point(77, **changed))

    def shipment(**changed):
        message = world.shipment(1, **{"name": f"shipments/{world.id('s77')}", **changed})
        if "parcels" not in changed:
            message.parcels[0].name = f"{message.name}/parcels/p"
        return shipment_pb2.CreateShipmentRequest(territory=territory, shipment=message)

    def parcel(**changed):
        name = f"shipments/{world.id('s77')}"
        return shipment(parcels=[world.parcel(name, **changed)])

    def promised(*windows):
        to = f"deliveryPoints/{world.id('door1')}"
        return shipment(promise=shipment_pb2.Promise(delivery_point=to, windows=list(windows)))

    def wish(shipment=first, **parts):
        return change_pb2.QuoteChangeRequest(shipment=shipment, wish=change_pb2.Wish(**parts))

    def to(latitude, longitude):
        return wish(place=change_pb2.Place(location=latlng(latitude=latitude, longitude=longitude)))

    def load(**dimensions):
        return quantities_pb2.Load(**dimensions)

    def imported(*tasks, manifest=None):
        stops = [manifest_pb2.ImportedStop(tasks=[task]) for task in tasks]
        manifest = manifest or world.manifest(1).name
        one = manifest_pb2.ImportedManifest(manifest=manifest, stops=stops)
        return manifest_pb2.ImportPlanRequest(territory=territory, manifests=[one])

    task = lambda name: manifest_pb2.Task(shipment=name)
    good = shipment().shipment
    bad = shipment(name=f"shipments/{world.id('s78')}", recipient="r 78").shipment
    half = shipment_pb2.BatchCreateShipmentsRequest(territory=territory, shipments=[good, bad])
    scan = lambda parcel, **custody: shipment_pb2.Scan(parcel=parcel, custody=shipment_pb2.Custody(**custody))
    at_depot = dict(state=shipment_pb2.Custody.STATE_AT_DEPOT, depot=world.depot.name)
    scans = shipment_pb2.RecordScansRequest(
        territory=territory,
        scans=[scan(f"{first}/parcels/p", **at_depot), scan("shipments/nobody/parcels/p", **at_depot)],
    )
    position = execution_pb2.PositionReport(manifest=world.manifest(1).name, location=latlng(latitude=NAN))
    far_future = timestamp_pb2.Timestamp(seconds=253_402_300_799)
    reused = vehicle(name=f"vehicles/{world.id('van1')}")
    reused.request_id = "no uuid"

    yield "unknown territory", tms, "plan.GetPlan", plan_pb2.GetPlanRequest(territory="territories/nowhere"), missing, "nowhere"
    yield "unknown shipment", tms, "shipment.GetShipment", shipment_pb2.GetShipmentRequest(name="shipments/nobody"), missing, "nobody"
    yield "unknown shipment's quote", tms, "change.QuoteChange", wish("shipments/nobody", suggest_windows=True), missing, "nobody"
    yield "unknown offer", tms, "change.CommitChange", change_pb2.CommitChangeRequest(offer=f"quotes/{territory.split('/')[1]}~q-999999/offers/0"), missing, "q-999999"
    yield "a name that is none", tms, "change.CommitChange", change_pb2.CommitChangeRequest(offer="quotes/q-1"), argument, "quotes/q-1"
    yield "unknown change", tms, "change.CancelChange", change_pb2.CancelChangeRequest(name=f"changes/{territory.split('/')[1]}~c-999999"), missing, "c-999999"
    yield "unknown manifest", desk, "execution.DepartManifest", execution_pb2.DepartManifestRequest(territory=territory, manifest="manifests/none"), missing, "none"
    yield "unknown stop", desk, "execution.ArriveStop", execution_pb2.ArriveStopRequest(territory=territory, stop=f"{world.manifest(1).name}/stops/none"), missing, "none"
    yield "unknown point", tms, "shipment.CreateShipment", shipment(promise=shipment_pb2.Promise(delivery_point="deliveryPoints/none", windows=[window(world.at(9), world.at(10))])), argument, "none"
    yield "unknown vehicle", tms, "manifest.CreateManifest", manifest_pb2.CreateManifestRequest(territory=territory, manifest=world.manifest(77)), argument, "van77"
    yield "unknown skill", tms, "fleet.CreateVehicle", vehicle(skills=["flying"]), argument, "flying"
    yield "unknown shipment in a plan", tms, "manifest.ImportPlan", imported(task(first), task("shipments/nobody")), argument, "nobody"
    yield "a parcel twice in a plan", tms, "manifest.ImportPlan", imported(task(first), task(first)), argument, world.id("s1")
    yield "unknown manifest in a plan", tms, "manifest.ImportPlan", imported(task(first), manifest="manifests/none"), argument, "none"

    for latitude, longitude, said in [(NAN, 0.0, "NaN"), (0.0, NAN, "NaN"), (float("inf"), 0.0, "inf"), (91.0, 0.0, "91"), (0.0, -180.5, "-180.5"), (0.0, 0.0, " m")]:
        where = f"({latitude}, {longitude})"
        yield f"a point at {where}", tms, "fleet.CreateDeliveryPoint", point(location=latlng(latitude=latitude, longitude=longitude)), argument, said
        yield f"a wish for {where}", tms, "change.QuoteChange", to(latitude, longitude), argument, said
    yield "a position that is none", desk, "execution.ReportPositions", execution_pb2.ReportPositionsRequest(territory=territory, positions=[position]), argument, "NaN"

    yield "a reversed window", tms, "shipment.CreateShipment", promised(window(world.at(12), world.at(10))), argument, "before it opens"
    yield "a wish for a reversed window", tms, "change.QuoteChange", wish(windows=[window(world.at(12), world.at(10))]), argument, "before it opens"
    yield "a past window", tms, "shipment.CreateShipment", promised(window(world.at(1), world.at(2))), argument, "past"
    yield "a wish for a past window", tms, "change.QuoteChange", wish(windows=[window(world.at(1), world.at(2))]), argument, "past"
    yield "a window without an end", tms, "change.QuoteChange", wish(windows=[quantities_pb2.TimeWindow(open=world.at(9))]), argument, "required"
    yield "a window of the year 9999", tms, "change.QuoteChange", wish(windows=[window(world.at(9), far_future)]), argument, "2200"
    yield "nanoseconds below zero", tms, "change.QuoteChange", wish(windows=[window(world.at(9), timestamp_pb2.Timestamp(seconds=world.day, nanos=-1))]), argument, "-1"
    yield "no window at all", tms, "shipment.CreateShipment", promised(), argument, "windows"
    yield "seventeen windows", tms, "change.QuoteChange", wish(windows=[window(world.at(9), world.at(10))] * 17), argument, "17"
    yield "a reversed shift", tms, "manifest.CreateManifest", manifest_pb2.CreateManifestRequest(territory=territory, manifest=world.manifest(78, vehicle=world.vehicle(1).name, shift=manifest_pb2.Shift(start=world.at(16), end=world.at(8), hard_end=world.at(18)))), argument, "shift"
    yield "time that runs back", world.operator, "operator.AdvanceClock", operator_pb2.AdvanceClockRequest(name=territory, time=world.at(4)), argument, ""

    yield "a negative load", tms, "shipment.CreateShipment", parcel(load=load(weight_grams=-5, count=1)), argument, "-5"
    yield "a load of nothing", tms, "shipment.CreateShipment", parcel(load=load()), argument, "load"
    yield "a load beyond all vans", tms, "shipment.CreateShipment", parcel(load=load(weight_grams=2**62, count=1)), argument, str(2**62)
    yield "a negative capacity", tms, "fleet.CreateVehicle", vehicle(capacity=load(weight_grams=-1)), argument, "-1"
    yield "a negative price", tms, "fleet.CreateVehicle", vehicle(cost_per_km=quantities_pb2.Money(currency_code=world.currency, units=-3)), argument, "-3"
    yield "another currency", tms, "fleet.CreateVehicle", vehicle(cost_per_km=quantities_pb2.Money(currency_code="XTS", units=3)), argument, "XTS"
    yield "negative compartments", tms, "fleet.CreateDeliveryPoint", point(kind=fleet_pb2.DeliveryPoint.KIND_LOCKER, compartments=-2), argument, "-2"
    yield "a negative duration", tms, "fleet.CreateDeliveryPoint", point(park=duration_pb2.Duration(seconds=-9)), argument, "-9"
    yield "a day of parking", tms, "fleet.CreateDeliveryPoint", point(park=duration_pb2.Duration(seconds=86_400)), argument, "4"
    yield "a kind that is none", tms, "fleet.CreateDeliveryPoint", point(kind=99), argument, "99"

    yield "a vehicle of 10,000 characters", tms, "fleet.CreateVehicle", vehicle(name=f"vehicles/{LONG}"), argument, "10000"
    yield "a point of 10,000 characters", tms, "fleet.CreateDeliveryPoint", point(name=f"deliveryPoints/{LONG}"), argument, "10000"
    yield "a shipment of 10,000 characters", tms, "shipment.CreateShipment", shipment(name=f"shipments/{LONG}"), argument, "10000"
    yield "a recipient of 10,000 characters", tms, "shipment.CreateShipment", shipment(recipient=LONG), argument, "10000"
    yield "a name of 10,000 characters read", tms, "shipment.GetShipment", shipment_pb2.GetShipmentRequest(name=f"shipments/{LONG}"), argument, "10000"
    yield "a territory of 10,000 characters", tms, "plan.GetPlan", plan_pb2.GetPlanRequest(territory=f"territories/{LONG}"), argument, "10000"
    yield "a request id of 10,000 characters", tms, "fleet.CreateVehicle", merged(vehicle(), {"request_id": LONG}), argument, "UUID"
    yield "a page token of 10,000 characters", tms, "shipment.ListShipments", shipment_pb2.ListShipmentsRequest(territory=territory, page_token=LONG), argument, "page_token"
    yield "an etag of 10,000 characters", tms, "shipment.CancelShipment", shipment_pb2.CancelShipmentRequest(name=first, etag=LONG), argument, "etag"
    yield "a name with a blank", tms, "shipment.CreateShipment", shipment(recipient="r 1"), argument, "r 1"
    yield "a name with a line break", tms, "shipment.CreateShipment", shipment(recipient="r\n1"), argument, "recipient"
    yield "a request id that is none", tms, "fleet.CreateVehicle", reused, argument, "no uuid"

    yield "a wish for nothing", tms, "change.QuoteChange", wish(), argument, "nothing"
    yield "no wish at all", tms, "change.QuoteChange", change_pb2.QuoteChangeRequest(shipment=first), argument, "wish"
    yield "a hundred offers", tms, "change.QuoteChange", merged(wish(suggest_windows=True), {"max_offers": 100}), argument, "100"
    yield "a negative page", tms, "shipment.ListShipments", shipment_pb2.ListShipmentsRequest(territory=territory, page_size=-1), argument, "-1"
    yield "one good shipment and one bad", tms, "shipment.BatchCreateShipments", half, argument, "shipments[1]"
    yield "one good scan and one bad", tms, "shipment.RecordScans", scans, argument, "nobody"
    yield "a shipment twice", tms, "shipment.CreateShipment", shipment_pb2.CreateShipmentRequest(territory=territory, shipment=world.shipment(1)), grpc.StatusCode.ALREADY_EXISTS, world.id("s1")
    yield "the wrong role", tms, "plan.PlanDay", plan_pb2.PlanDayRequest(territory=territory), grpc.StatusCode.PERMISSION_DENIED, "tms"
    yield "no token of ours", None, "", None, grpc.StatusCode.UNAUTHENTICATED, ""


def verify_error(error, code, said):
    """A clear, rich error: the code, a reason of ours, and the value and rule in words."""
    require(error.code() == code, f"{error.code()} instead of {code}: {error.details()}")
    status = rpc_status.from_call(error)
    require(status is not None, f"no details beside {error.details()!r}")
    infos, words = [], [error.details()]
    for detail in status.details:
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            infos.append(info)
        if detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            faults = error_details_pb2.BadRequest()
            detail.Unpack(faults)
            words += [f"{fault.field} {fault.description}" for fault in faults.field_violations]
            require(all(fault.description for fault in faults.field_violations), "a fault without a rule")
    require(len(infos) == 1 and infos[0].domain == "swerve" and infos[0].reason, f"no reason: {status}")
    require(len(error.details()) <= MESSAGE_CHARS_MAX, f"a message of {len(error.details())} characters")
    require("panic" not in " ".join(words).lower(), f"a panic: {words}")
    require(infos[0].reason != "INTERNAL", f"our own fault: {words}")
    require(said in " ".join(words), f"{said!r} is not said: {words}")
    return infos[0].reason


def main(address):
    world = World(address)
    a_day(world)
    print(f"a day on {world.territory}: created, imported, quoted, committed, watched")
    before, faults, count = world.state(), [], 0
    for what, caller, method, message, code, said in hostile(world):
        count += 1
        try:
            if message is None:
                stranger = Caller(grpc.insecure_channel(address), "not-a-token-of-anybody")
                stranger("plan.GetPlan", plan_pb2.GetPlanRequest(territory=world.territory))
            else:
                caller(method, message)
            faults.append(f"{what}: accepted")
        except grpc.RpcError as error:
            try:
                reason = verify_error(error, code, said)
                print(f"  {what}: {code.name} {reason}: {error.details()[:110]}")
            except Wrong as wrong:
                faults.append(f"{what}: {wrong}")
        after = world.state()
        for part in before:
            if before[part] != after[part]:
                faults.append(f"{what}: {part} is not as it was")
        before = after
    for fault in faults:
        print(f"WRONG {fault}", file=sys.stderr)
    print(f"{count} hostile requests, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1]))
    except Wrong as wrong:
        sys.exit(f"WRONG {wrong}")
