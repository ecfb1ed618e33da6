"""The services of the BRO by area, against a server with their limits, refusals and faults."""

import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.bro import BroService
from dtwin_plugin.sources.bro.area import bounding_box, degrees
from dtwin_plugin.sources.polite import PoliteTransport
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying

AREA = Extent(84_000, 447_000, 85_000, 448_000)


def name(number, kind="CPT"):
    return f"{kind}{number:012d}"


def lattice(server, count, step=20.0, **more):
    """CPTs on a lattice from the lower left corner of the area."""
    found = {}
    for number in range(count):
        x, y = 84_010 + step * (number % 49), 447_010 + step * (number // 49)
        found[name(number)] = x, y, server.cpt(name(number), x, y, **more)
    return found


@pytest.fixture
def service(bro_server):
    with bro_server.serve(bro_server.Bro(lattice(bro_server, 30), degrees)) as state:
        yield state


def source(state, kind="cpt", **options):
    waits = options.pop("waits", [])
    transport = Retrying(PoliteTransport(RequestsTransport()), sleep=waits.append)
    path = "/sr/cpt/v1" if kind == "cpt" else f"/gm/{kind}/v1"
    wells = state.url + "/gm/gmw/v1"
    return BroService(kind, url=state.url + path, wells_url=wells, transport=transport, **options)


def ids(chunks):
    return sorted(value for chunk in chunks for value in chunk.sites.columns["id"])


def test_all_objects_of_an_area_come_as_logs(service):
    (logs,) = source(service).read(AREA)
    assert logs.kind == "cpt" and ids([logs]) == sorted(service.objects)
    first = logs.take(np.array([list(logs.sites.columns["id"]).index(name(0))]))
    assert first.sites.geometries.coordinates.tolist() == [[84_010, 447_010]]
    assert first.rows["cone_resistance"].tolist() == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1])  # sorted by depth
    assert first.heights("depth").tolist() == pytest.approx([0.48, 0.46, 0.44, 0.42, 0.4])  # 0.50 m NAP is the surface


@pytest.mark.parametrize("status", [200, 400])
def test_an_area_with_too_many_is_cut_until_it_has_not(service, status):
    service.limit, service.rejection_status = 7, status
    found = list(source(service, limit=7).read(AREA))
    assert ids(found) == sorted(service.objects)
    assert len(service.searches) > 5 and len(service.asked) == 30  # each object once


def test_a_list_that_ends_at_the_limit_without_a_word_is_taken_for_cut_off(service):
    service.limit, service.caps = 7, False
    assert source(service, limit=7).ids(AREA) and len(source(service, limit=7).ids(AREA)) == 30


def test_what_is_around_the_area_is_left_out(service):
    area = Extent(84_000, 447_000, 84_051, 447_011)  # tests stand at 84,010, 84,030, 84,050, ...
    assert ids(source(service).read(area)) == [name(0), name(1), name(2)]


def test_many_objects_in_one_place_are_told(service, bro_server):
    service.limit = 2
    service.places = dict.fromkeys(service.places, degrees(84_500.0, 447_500.0))
    with pytest.raises(UnavailableError, match="more than 2 objects within 1 m"):
        source(service, limit=2).ids(AREA)


@pytest.mark.parametrize("status", [200, 400])
def test_another_refusal_is_told_in_its_own_words(service, bro_server, status):
    service.search = lambda question: (status, bro_server.rejection("De periode is onjuist."))
    with pytest.raises(UnavailableError, match=rf"HTTP {status}\): De periode is onjuist\."):
        source(service).ids(AREA)
    assert len(service.searches) == 1  # not cut: it would be refused again


@pytest.mark.parametrize("fault", [429, 500, 503, "half"])
def test_a_fault_that_passes_is_not_seen(service, fault):
    service.faults = [fault, None, None, fault]
    assert ids(source(service).read(AREA)) == sorted(service.objects)


@pytest.mark.parametrize("broken", [(200, b"<dispatchDataResponse"), (404, b"<a/>"), (403, b"no"), (200, b"{}")])
def test_an_object_that_cannot_be_read_does_not_stop_the_others(service, broken):
    service.broken = {name(4): broken}
    progress = Silent()
    found = ids(source(service).read(AREA, progress))
    assert found == sorted(set(service.objects) - {name(4)})
    (warning,) = progress.warnings
    assert warning.startswith(f"1 of 30 objects could not be read: {name(4)}. ")


def test_nothing_but_errors_is_an_error(service):
    service.broken = {key: (403, b"no") for key in service.objects}
    with pytest.raises(UnavailableError, match="HTTP 403"):
        list(source(service).read(AREA))


def test_objects_that_left_the_register_are_not_asked_for(service):
    service.gone = {name(3)}
    assert name(3) not in ids(source(service).read(AREA)) and name(3) not in service.asked


def test_versions_of_the_schema_give_the_same(service, bro_server):
    x, y, _ = service.objects[name(1)]
    service.objects[name(1)] = x, y, bro_server.cpt(name(1), x, y, version="9.7", old=True)
    (logs,) = source(service).read(AREA)
    assert np.diff(logs.starts).tolist() == [5] * 30 and np.isfinite(logs.sites.columns["surface"]).all()


def test_requests_go_together_but_not_all_at_once(service):
    service.faults = [None, *["slow"] * 8]
    service.delay = 0.2  # s
    begin = time.perf_counter()
    list(source(service).read(AREA))
    assert service.most_at_once <= 4  # the manners of the house
    assert time.perf_counter() - begin < 1.2  # one after another, 8 slow answers take 1.6 s


def test_the_user_can_stop_while_a_server_is_silent(service, cancelling):
    service.faults, service.delay = [None, *["slow"] * 30], 5.0
    begin = time.perf_counter()
    with pytest.raises(Cancelled):
        list(source(service).read(AREA, cancelling(after=8)))
    assert time.perf_counter() - begin < 3.0


def test_progress_moves_to_the_end(service, cancelling):
    progress = cancelling(after=10**6)
    list(source(service).read(AREA, progress))
    assert progress.reports == sorted(progress.reports) and progress.reports[-1] == 1.0


def test_levels_are_placed_by_their_wells(service, bro_server):
    well = name(7, "GMW")
    points = [("2020-09-14T02:00:00+02:00", "0.79"), ("2020-09-13T00:00:00Z", "0.50")]
    document = bro_server.levels(name(1, "GLD"), well, points)
    service.objects = {name(1, "GLD"): (84_500, 447_500, document)}
    service.places = {name(1, "GLD"): degrees(84_500, 447_500)}
    service.wells = {well: bro_server.well(well, 84_500, 447_500)}
    (logs,) = source(service, "gld").read(AREA)
    assert logs.kind == "levels" and logs.sites.geometries.coordinates.tolist() == [[84_500, 447_500]]
    assert logs.sites.columns["surface"].tolist() == [1.25]  # that of its well [m NAP]
    moments = ["2020-09-13T00:00:00", "2020-09-14T00:00:00"]  # UTC
    assert [str(moment) for moment in logs.rows["time"]] == moments and logs.rows["level"].tolist() == [0.5, 0.79]


@pytest.mark.parametrize(("area", "message"), [(None, "read by area"), (Extent(0, 0, 1, 1), "outside the Netherlands")])
def test_an_area_is_needed(service, area, message):
    with pytest.raises(InputError, match=message):
        source(service).ids(area)


def test_an_unknown_kind_is_refused():
    with pytest.raises(InputError, match="no objects 'tree'"):
        BroService("tree", transport=RequestsTransport())


def test_the_box_of_a_search_holds_the_whole_area(grids):
    from dtwin_plugin.sources.crs import from_rd

    for area in (AREA, Extent(10_000, 350_000, 60_000, 400_000), Extent(220_000, 560_000, 270_000, 610_000)):
        box = bounding_box(area)
        edge = np.linspace(0, 1, 50)
        x, y = area.x_min + edge * area.width, area.y_min + edge * area.height
        sides = [(x, np.full(50, side)) for side in (area.y_min, area.y_max)]
        sides += [(np.full(50, side), y) for side in (area.x_min, area.x_max)]
        places = from_rd(np.concatenate([np.column_stack(side) for side in sides]), "EPSG:4258")
        assert box["lowerCorner"]["lon"] <= places[:, 0].min() and places[:, 0].max() <= box["upperCorner"]["lon"]
        assert box["lowerCorner"]["lat"] <= places[:, 1].min() and places[:, 1].max() <= box["upperCorner"]["lat"]
