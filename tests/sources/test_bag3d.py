"""The 3DBAG client against a service with the quirks and faults of the real one."""

import json
import math

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, FormatError, InputError, UnavailableError
from dtwin_plugin.sources.bag3d import Bag3dSource
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying

AREA = Extent(84_000, 447_000, 85_000, 448_000)
NOWHERE = Extent(86_000, 447_000, 86_100, 447_100)


@pytest.fixture
def service(bag3d_server):
    with bag3d_server.serve(bag3d_server.Bag3d(bag3d_server.street(250))) as state:
        yield state


def source(service, **options):
    waits = options.pop("waits", [])
    return Bag3dSource(service.url, transport=Retrying(RequestsTransport(), sleep=waits.append), **options)


def ids(pages):
    return [feature["id"] for page in pages for feature in page.features]


def test_every_building_comes_once(service):
    found = ids(source(service).pages(AREA))
    assert sorted(found) == sorted(item["name"] for item in service.buildings)


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 201])
def test_no_building_is_lost_at_the_end_of_a_page(service, bag3d_server, count):
    service.buildings = bag3d_server.street(count)
    assert len(set(ids(source(service).pages(AREA)))) == count
    assert len(service.asked) == max(1, math.ceil(count / 100))


def test_a_building_on_a_border_of_two_tiles_comes_once(service, bag3d_server):
    service.buildings = [bag3d_server.building(n, 84_996.0, 447_010.0 + 20 * n) for n in range(40)]
    assert len(ids(source(service).pages(Extent(84_000, 447_000, 86_000, 448_000)))) == 40


def test_buildings_become_surfaces(service):
    chunks = list(source(service).read(AREA))
    assert len(chunks) == 3
    assert sum(len(chunk) for chunk in chunks) == 250 * 6
    first = chunks[0]
    assert set(first.semantics) == {"GroundSurface", "RoofSurface", "WallSurface"}
    assert set(first.columns["lod"]) == {"2.2"} and first.crs == "EPSG:7415"
    x, y, z = first.geometries.coordinates.T
    assert (x.min(), y.min(), z.min(), z.max()) == pytest.approx((84_005, 447_005, 0, 6), abs=1e-3)  # m, its own grid


def test_an_answer_in_another_crs_is_refused(service):
    service.crs = "https://www.opengis.net/def/crs/EPSG/0/28991"
    with pytest.raises(FormatError, match="EPSG:28991; expected EPSG:7415"):
        list(source(service).read(AREA))


def test_another_level_of_detail_can_be_asked(service):
    (chunk, *_) = source(service, lod="0").read(AREA)
    assert set(chunk.columns["lod"]) == {"0"} and np.ptp(chunk.geometries.coordinates[:, 2]) == 0


def test_only_parameters_that_the_service_takes_are_sent(service, bag3d_server):
    next(source(service).pages(AREA))
    assert set(service.asked[0]) <= bag3d_server.KNOWN
    assert service.asked[0]["crs"].startswith("http://") and service.asked[0]["offset"] == "1"


def test_an_area_without_buildings_gives_nothing(service):
    assert list(source(service).read(NOWHERE)) == []


@pytest.mark.parametrize("fault", ["closed", "half", "half unannounced", (500, {}), (503, {"Retry-After": "2"})])
def test_a_fault_that_passes_is_not_seen(service, fault):
    service.faults = [None, fault]
    assert len(set(ids(source(service).pages(AREA)))) == 250


def test_the_wait_that_the_service_asks_for_is_kept(service):
    service.faults = [(429, {"Retry-After": "3"})]
    waits = []
    list(source(service, waits=waits).pages(AREA))
    assert waits == [3.0]


def test_a_service_that_stays_broken_is_one_sentence(service):
    service.faults = [(500, {})] * 5
    with pytest.raises(UnavailableError, match=r"HTTP 500, after 5 attempts") as caught:
        list(source(service).pages(AREA))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", ["half unannounced"])
def test_a_page_that_stays_half_is_told(service, fault):
    service.faults = [fault] * 5
    with pytest.raises((FormatError, UnavailableError), match="ends half-way|No whole answer"):
        list(source(service).pages(AREA))


def test_a_number_that_changes_starts_again_without_losing_or_repeating(service, bag3d_server):
    def grow(number):
        if number == 2:  # two new buildings before all others
            service.buildings = [
                bag3d_server.building(9000 + n, 84_900.0, 447_900.0) for n in (1, 2)
            ] + service.buildings

    service.on_request = grow
    found = ids(source(service).pages(AREA))
    assert len(found) == len(set(found)) == 252


def test_a_number_that_keeps_changing_is_told(service, bag3d_server):
    def grow(number):
        service.buildings.append(bag3d_server.building(9000 + number, 84_900.0, 447_900.0))

    service.on_request = grow
    with pytest.raises(UnavailableError, match="changed the number of buildings"):
        list(source(service).pages(AREA))


def test_a_second_run_goes_on_where_the_first_stopped(service, tmp_path):
    first = source(service, resume_folder=tmp_path)
    pages = first.pages(AREA)
    next(pages), next(pages)
    pages.close()
    service.asked.clear()
    found = ids(source(service, resume_folder=tmp_path).pages(AREA))
    assert len(set(found)) == 250 and [query["offset"] for query in service.asked] == ["201"]


def test_kept_pages_of_another_number_of_buildings_are_thrown_away(service, bag3d_server, tmp_path):
    pages = source(service, resume_folder=tmp_path).pages(AREA)
    next(pages)
    pages.close()
    service.buildings = bag3d_server.street(120)[20:]
    service.buildings += [bag3d_server.building(5000 + n, 84_800.0, 447_800.0) for n in range(30)]
    found = set(ids(source(service, resume_folder=tmp_path).pages(AREA)))
    assert {item["name"] for item in service.buildings} <= found


def test_a_kept_page_that_is_damaged_is_asked_again(service, tmp_path):
    list(source(service, resume_folder=tmp_path).pages(AREA))
    (kept,) = tmp_path.glob("*/101.json")
    kept.write_bytes(b'{"features": [')
    service.asked.clear()
    assert len(ids(source(service, resume_folder=tmp_path).pages(AREA))) == 250
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "body, match",
    [
        (b"<html>", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "no list of features"),
        (b'{"features": []}', "numberMatched"),
        (b'{"features": [], "numberMatched": true}', "numberMatched"),
        (b'{"features": [{}], "numberMatched": 1}', "without id"),
        (b'{"features": [{"id": "a", "CityObjects": {}}], "numberMatched": 1}', "without vertices"),
        (b'{"features": [{"id": "a", "CityObjects": {}, "vertices": []}], "numberMatched": 1}', "no transform"),
    ],
)
def test_an_answer_that_is_wrong_is_one_sentence(body, match):
    class Wrong:
        def get(self, url, params=None, *, timeout=60.0):
            from dtwin_plugin.sources.transport import Response

            return Response(200, body)

    with pytest.raises(FormatError, match=match):
        list(Bag3dSource("https://example.nl/items", transport=Wrong()).pages(AREA))


def test_pages_that_stay_empty_are_told():
    class Empty:
        def get(self, url, params=None, *, timeout=60.0):
            from dtwin_plugin.sources.transport import Response

            return Response(200, b'{"features": [], "numberMatched": 7}')

    with pytest.raises(UnavailableError, match="stopped after 0 of 7 buildings"):
        list(Bag3dSource("https://example.nl/items", transport=Empty()).pages(AREA))


def test_a_refusal_is_told_with_its_reason(service):
    service.url += "?colour=red"
    with pytest.raises(UnavailableError, match="HTTP 400.*unknown parameter colour"):
        list(source(service).pages(AREA))


@pytest.mark.parametrize("area", [None, Extent(0, 0, 1, 1)])
def test_an_area_that_cannot_be_asked_is_refused_without_asking(service, area):
    with pytest.raises(InputError):
        list(source(service).read(area))
    assert service.asked == []


def test_a_level_of_detail_that_does_not_exist_is_refused(service):
    with pytest.raises(InputError, match="'3.0'; it has 0, 1.2, 1.3, 2.2"):
        source(service, lod="3.0")


def test_the_user_can_stop_it(service, cancelling):
    with pytest.raises(Cancelled):
        list(source(service).pages(AREA, cancelling(after=2)))


def test_progress_rises_to_one(service, cancelling):
    progress = cancelling(after=10_000)
    list(source(service).pages(Extent(84_000, 447_000, 86_000, 448_000), progress))
    assert progress.reports == sorted(progress.reports) and progress.reports[-1] == 1.0


def test_a_description_asks_one_building(service):
    info = source(service).describe()
    assert info.count == 250 and info.crs == "EPSG:7415" and info.facts["types"] == ["Building", "BuildingPart"]
    assert [query["limit"] for query in service.asked] == ["1"]


def test_buildings_are_saved_as_a_sequence_with_one_transform(service, tmp_path):
    moved = {"done": False}

    def move(number):  # the service gives each page the transform that it likes
        service.translate = [84_000.0 + 100 * (number - 1), 447_000.0, 0.0]
        moved["done"] = moved["done"] or number > 1

    service.on_request = move
    path = tmp_path / "a.city.jsonl"
    assert source(service).save(AREA, path) == 250 and moved["done"]
    head, *features = [json.loads(line) for line in path.read_text().splitlines()]
    assert head["type"] == "CityJSON" and head["CityObjects"] == {} and len(features) == 250
    scale, translate = head["transform"]["scale"], head["transform"]["translate"]
    lowest = {feature["id"]: feature["vertices"][0] for feature in features}
    for item in service.buildings:
        x = lowest[item["name"]][0] * scale[0] + translate[0]
        assert x == pytest.approx(item["corners"][0][0], abs=1e-3)  # m, the size of an integer step


def test_a_save_that_stops_leaves_nothing(service, tmp_path):
    service.faults = [None] + [(500, {})] * 5
    with pytest.raises(UnavailableError):
        source(service).save(AREA, tmp_path / "a.city.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_save_is_told(service, tmp_path):
    with pytest.raises(InputError, match="no building in the area"):
        source(service).save(NOWHERE, tmp_path / "a.city.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_the_address_comes_from_the_catalogue():
    from dtwin_plugin import catalogue

    assert Bag3dSource(transport=RequestsTransport()).url == catalogue.entry("3dbag-api").url
