"""What is asked of a service of OGC API Features, and which objects and places come."""

import math

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import CrsError
from dtwin_plugin.progress import Silent
from tests.sources.ogcapi.street import AREA, BGT, asked, rows, source

# --- what is asked, and what comes ----------------------------------------------------------------


def test_every_object_comes_once_in_rd_with_its_attributes(service):
    chunks = list(source(service).read(AREA))
    assert [len(chunk) for chunk in chunks] == [100, 100, 50]
    assert len(set(rows(chunks))) == 250 and set(rows(chunks, "functie")) == {"fietspad"}
    assert {chunk.crs for chunk in chunks} == {"EPSG:28992"} and {c.name for c in chunks} == {"Wegdeel"}
    assert chunks[0].geometries.bounds()[0].tolist() == [84_005, 447_005, 84_013, 447_013]


def test_rd_is_asked_in_the_spelling_of_the_service(service, pdok_server):
    list(source(service).read(AREA))
    first = asked(service)[0]
    assert first["crs"] == first["bbox-crs"] == pdok_server.RD and first["limit"] == "100" and first["f"] == "json"
    assert first["bbox"] == "84000.000,447000.000,85000.000,448000.000"
    service.crs = [uri.replace("http:", "https:") for uri in service.crs] + [pdok_server.CRS84]
    service.asked.clear()
    list(source(service).read(AREA))
    assert asked(service)[0]["crs"] == pdok_server.RD.replace("http:", "https:")


def test_pages_are_followed_by_their_links_alone(service):
    service.links = "relative"
    assert len(rows(source(service).read(AREA))) == 250
    assert [sorted(set(q) - {"f"}) for q in asked(service)] == [
        ["bbox", "bbox-crs", "crs", "limit"],
        *[["bbox", "bbox-crs", "crs", "cursor", "limit"]] * 2,
    ]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 201])
def test_no_object_is_lost_at_the_end_of_a_page(service, pdok_server, count):
    service.services[BGT]["wegdeel"] = pdok_server.street(count)
    assert len(set(rows(source(service).read(AREA)))) == count
    assert len(asked(service)) == max(1, math.ceil(count / 100))


def test_only_what_touches_the_area_comes(service, pdok_server):
    found = list(source(service).read(Extent(84_100, 447_000, 84_200, 447_100)))
    assert 0 < sum(map(len, found)) < 250
    service.change = lambda page: {**page, "features": pdok_server.street(250)[:100]}  # a server that knows no bbox
    boxes = np.vstack([c.geometries.bounds() for c in source(service).read(Extent(84_100, 447_000, 84_200, 447_100))])
    assert boxes[:, 0].max() <= 84_200 and boxes[:, 2].min() >= 84_100


def test_an_object_on_a_border_of_two_tiles_comes_once(service, pdok_server):
    service.services[BGT]["wegdeel"] = pdok_server.street(5, x=93_996.0, y=447_010.0, step=1.0)
    found = list(source(service).read(Extent(84_000, 447_000, 104_000, 448_000)))
    assert len(asked(service)) == 2 and len(rows(found)) == 5


def test_a_point_as_area_is_grown_as_services_refuse_it(service):
    assert len(rows(source(service).read(Extent(84_006, 447_006, 84_006, 447_006)))) == 1


def test_attributes_are_filtered_by_the_service_and_the_ended_left_out(service, pdok_server):
    items = pdok_server.street(4)
    for number, (item, ended) in enumerate(zip(items, [None, "2020-01-01", None, ""])):
        item["properties"] |= {"eind_registratie": ended, "gemeente_code": str(number % 2)}
    service.services[BGT]["wegdeel"] = items
    assert len(rows(source(service, current=True).read(AREA))) == 3
    assert len(rows(source(service, properties={"gemeente_code": "1"}).read(AREA))) == 2
    list(source(service, datetime="2024-01-01T00:00:00Z").read(AREA))
    assert asked(service)[-1]["datetime"] == "2024-01-01T00:00:00Z"


def test_geometries_of_every_kind_come_apart(service, pdok_server):
    feature, point = pdok_server.feature, pdok_server.point
    line = {"type": "LineString", "coordinates": [[84_010, 447_010], [84_020, 447_010, 1.5]]}
    several = {
        "type": "MultiPolygon",
        "coordinates": [pdok_server.square(84_000 + 50 * n, 447_000)["coordinates"] for n in (1, 2)],
    }
    points = {"type": "MultiPoint", "coordinates": [[84_010, 447_010], [84_011, 447_011]]}
    both = {"type": "GeometryCollection", "geometries": [point(84_030, 447_030), line]}
    service.services[BGT]["wegdeel"] = [
        feature(1, point(84_010, 447_010), lokaal_id="a"),
        feature(2, line, lokaal_id="b"),
        feature(3, several, lokaal_id="c"),
        feature(4, points, lokaal_id="d"),
        feature(5, both, lokaal_id="e"),
    ]
    progress = Silent()
    found = {chunk.geometries.kind: chunk for chunk in source(service).read(AREA, progress)}
    assert {kind: chunk.columns["lokaal_id"].tolist() for kind, chunk in found.items()} == {
        "point": ["a", "d", "e"],
        "line": ["b", "e"],
        "polygon": ["c"],
    }
    assert np.diff(found["polygon"].geometries.features).tolist() == [2]
    assert found["line"].geometries.has_z and found["line"].crs == "EPSG:7415"
    assert np.isnan(found["line"].geometries.coordinates[0, 2])
    assert any("1 collections of geometries are split" in text for text in progress.warnings)


def test_features_that_are_odd_are_read_or_counted(service, pdok_server):
    feature, point = pdok_server.feature, pdok_server.point
    odd = [
        feature(None, point(84_010, 447_010), naam="without id"),
        feature(7, point(84_011, 447_010), naam="number as id"),
        {**feature("n", point(84_012, 447_010)), "properties": None},
        feature("null", None, naam="no geometry"),
        feature("empty", {"type": "Polygon", "coordinates": []}, naam="empty"),
        feature("text", {"type": "Point", "coordinates": ["a", "b"]}),
        feature("short", {"type": "Point", "coordinates": [84_000]}),
        feature("kind", {"type": "Sphere", "coordinates": [84_000, 447_000]}),
        feature("large", {"type": "Point", "coordinates": [84_000, 10**400]}),
        "no feature",
        None,
        {"type": "Feature"},
    ]
    service.change = lambda page: {**page, "features": odd, "links": None}
    progress = Silent()
    (chunk,) = source(service).read(AREA, progress)
    assert chunk.columns["naam"].tolist() == ["without id", "number as id", None]
    assert chunk.columns["id"].tolist() == [None, "7", "n"]
    assert any("2 objects have no geometry" in text for text in progress.warnings)
    assert any("7 objects have a geometry that cannot be read" in text for text in progress.warnings)


def test_open_rings_are_closed(service, pdok_server):
    shape = pdok_server.square(84_000, 447_000)
    shape["coordinates"][0].pop()
    service.services[BGT]["wegdeel"] = [pdok_server.feature(1, shape)]
    (chunk,) = source(service).read(AREA)
    ring = chunk.geometries.coordinates
    assert len(ring) == 5 and ring[0].tolist() == ring[-1].tolist()


def test_jsonfg_places_are_read(service, pdok_server):
    item = {**pdok_server.feature(1, None), "place": pdok_server.point(84_010, 447_010)}
    service.services[BGT]["wegdeel"] = pdok_server.street(1)
    service.change = lambda page: {**page, "features": [item]}
    (chunk,) = source(service).read(AREA)
    assert chunk.geometries.coordinates.tolist() == [[84_010, 447_010]]


# --- coordinates ----------------------------------------------------------------------------------


def test_an_answer_in_longitude_and_latitude_becomes_rd(service, pdok_server, grids):
    dam = {"type": "Point", "coordinates": [4.8879700431, 52.3698263053]}
    item = pdok_server.feature(1, pdok_server.point(0, 0), lonlat=dam)
    service.services[BGT]["wegdeel"], service.crs = [item], [pdok_server.CRS84]
    (chunk,) = source(service).read(Extent(120_900, 486_900, 121_100, 487_100))
    assert chunk.geometries.coordinates[0] == pytest.approx([121_000, 487_000], abs=0.002)
    assert "crs" not in asked(service)[0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_latitude_may_come_first(grids, order):
    from dtwin_plugin.sources.features_service.frame import to_rd

    dam = np.array([[4.8879700431, 52.3698263053]])[:, order]
    for crs in ("EPSG:4258", "EPSG:4326", "OGC:CRS84", "EPSG:28992"):
        assert to_rd(dam, crs)[0] == pytest.approx([121_000, 487_000], abs=0.002)


def test_without_the_grids_another_crs_is_refused_with_a_sentence(service, pdok_server, no_grids):
    service.crs = [pdok_server.CRS84]
    with pytest.raises(CrsError, match="nl_nsgi_rdcorr2018"):
        no_grids(lambda: list(source(service).read(AREA)))


def test_the_crs_of_the_storage_is_asked_before_longitude_and_latitude():
    from dtwin_plugin.sources.features_service.frame import CRS84, chosen

    base = "http://www.opengis.net/def/crs/EPSG/0/"
    assert chosen([base + "4258", base + "25831"], base + "25831", "s")[1] == "EPSG:25831"
    assert chosen([base + "3857", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"], None, "s")[1] == CRS84
    assert chosen([base + "4258", base + "7415"], None, "s") == (base + "7415", "EPSG:7415")
    with pytest.raises(CrsError, match="offers no coordinate reference system"):
        chosen(["local"], None, "s")
