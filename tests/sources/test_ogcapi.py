"""The OGC API client against a service with the ways and the faults of PDOK's."""

import json
import math

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.features_service import OgcFeaturesSource
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.transport import Response

AREA = Extent(84_000, 447_000, 85_000, 448_000)
BGT = "lv/bgt/ogc/v1"


@pytest.fixture
def service(pdok_server):
    data = {"wegdeel": pdok_server.street(250, functie="fietspad"), "leeg": []}
    with pdok_server.serve(pdok_server.Pdok({BGT: data})) as state:
        yield state


def source(service, name="wegdeel", **options):
    waits = options.pop("waits", [])
    options.setdefault("limit", 100)
    return OgcFeaturesSource(
        service.address(BGT), name, transport=Retrying(RequestsTransport(), sleep=waits.append), **options
    )


def rows(chunks, column="lokaal_id"):
    return [value for chunk in chunks for value in chunk.columns[column].tolist()]


def asked(service):
    return [query for path, query in service.asked if path.endswith("/items")]


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


# --- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["closed", "half", "half unannounced", "html", (500, {}), (503, {"Retry-After": "2"})]
)
def test_a_fault_that_passes_is_not_seen(service, fault):
    service.faults = [None, None, fault]
    assert len(set(rows(source(service).read(AREA)))) == 250


def test_the_wait_that_the_service_asks_for_is_kept(service):
    service.faults = [(429, {"Retry-After": "3"})]
    waits = []
    list(source(service, waits=waits).read(AREA))
    assert waits == [3.0]


def test_a_service_that_stays_broken_is_one_sentence(service):
    service.faults = [None] + [(500, {})] * 5
    with pytest.raises(UnavailableError, match="HTTP 500, after 5 attempts") as caught:
        list(source(service).read(AREA))
    assert "\n" not in str(caught.value)


def test_a_page_that_is_no_json_is_told(service):
    service.faults = [None, "html", "html"]
    with pytest.raises(FormatError, match="is text/html; expected JSON"):
        list(source(service).read(AREA))


def test_an_expired_cursor_begins_again_without_repeating(service):
    service.expire_after = {4}  # the collection, two pages, and then
    progress = Silent()
    found = rows(source(service).read(AREA, progress))
    assert len(found) == len(set(found)) == 250
    assert any("lost its place" in text for text in progress.warnings)
    first, again = (query for query in asked(service) if "cursor" not in query)
    assert first != again  # a cache would give the old links again


def test_objects_without_id_are_not_repeated_after_a_restart(service):
    for item in service.services[BGT]["wegdeel"]:
        del item["id"]
    service.expire_after = {4}
    assert len(rows(source(service).read(AREA))) == 250


def test_cursors_that_always_expire_are_told(service):
    service.links = "expired"
    with pytest.raises(UnavailableError, match="lost its place among the pages 4 times"):
        list(source(service).read(AREA))
    assert len(asked(service)) == 8


@pytest.mark.parametrize("links", ["loop", "same page"])
def test_pages_without_an_end_are_told(service, links):
    service.links = links
    with pytest.raises(FormatError, match="without an end"):
        list(source(service).read(AREA))
    assert len(asked(service)) < 6


def test_more_pages_than_allowed_are_told(service):
    with pytest.raises(FormatError, match="after 2 pages"):
        list(source(service, max_pages=2).read(AREA))


def test_a_link_to_another_server_is_not_followed(service):
    service.links = "other host"
    with pytest.raises(FormatError, match="elsewhere.example.nl.*is not followed"):
        list(source(service).read(AREA))


@pytest.mark.parametrize(
    "base, href, good",
    [
        ("https://a.nl/items", "https://a.nl/items?cursor=1", True),
        ("https://a.nl/items", "?cursor=1", True),
        ("https://a.nl/items", "https://a.nl:443/items", True),
        ("http://a.nl/items", "https://a.nl/items", True),
        ("https://a.nl/items", "http://a.nl/items", False),
        ("https://a.nl/items", "https://a.nl.evil.nl/items", False),
        ("https://a.nl/items", "https://a.nl:8443/items", False),
        ("https://a.nl/items", "//b.nl/items", False),
        ("https://a.nl/items", "file:///etc/passwd", False),
        ("https://a.nl/items", "https://a.nl:port/items", False),
    ],
)
def test_links_stay_with_their_server(base, href, good):
    from dtwin_plugin.sources.features_service.answers import within_server

    if good:
        assert within_server(base, href).startswith("https://a.nl")
    else:
        with pytest.raises(FormatError, match="is not followed"):
            within_server(base, href)


def test_counts_that_do_not_agree_are_a_warning(service):
    service.change = lambda page: {**page, "numberReturned": 7, "numberMatched": 300}
    progress = Silent()
    assert len(rows(source(service).read(AREA, progress))) == 250
    assert sum("says that a page has 7 objects" in text for text in progress.warnings) == 1
    assert any("300 objects match; 250 came" in text for text in progress.warnings)


@pytest.mark.parametrize(
    "body, match",
    [
        (b"[" * 100_000, "nests deeper"),
        (b'{"features": ' + b'{"a":' * 100_000, "nests deeper"),
        (b"[]", "is not a JSON object"),
        (b'{"features": {}}', "no list of features"),
        (b"\xff\xfe", "is not JSON"),
    ],
)
def test_an_answer_that_is_wrong_is_one_sentence(body, match):
    class Wrong:
        def get(self, url, params=None, *, timeout=60.0):
            about = b'{"id": "x", "crs": ["http://www.opengis.net/def/crs/EPSG/0/28992"]}'
            return Response(200, body if "/items" in url else about, url=url)

    with pytest.raises(FormatError, match=match):
        list(OgcFeaturesSource("https://example.nl/ogc", "x", transport=Wrong()).read(AREA))


@pytest.mark.parametrize("identity", [1, None])
def test_an_attribute_that_nests_too_deep_is_one_sentence(service, pdok_server, identity):
    item = pdok_server.feature(identity, pdok_server.point(84_010, 447_010))
    deep = '"properties": {"a": ' + "[" * 900 + "]" * 900 + "}"
    text = json.dumps({"features": [item]}).replace('"properties": {}', deep)
    service.items = lambda *args: (200, "application/geo+json", text.encode(), {})
    try:
        chunks = list(source(service).read(AREA))
        assert chunks[0].columns["a"][0].startswith("[[[")
    except FormatError as error:
        assert "nests deeper" in str(error)


def test_what_would_fill_the_memory_is_refused(service, pdok_server, monkeypatch):
    from dtwin_plugin.sources.features_service import answers

    item = pdok_server.feature(1, pdok_server.point(84_010, 447_010), **{f"a{n}": n for n in range(3000)})
    service.services[BGT]["wegdeel"].append(item)
    with pytest.raises(FormatError, match="Wegdeel has more than 2000 attributes"):
        list(source(service).read(AREA))
    monkeypatch.setattr(answers, "_LARGEST", 0)
    with pytest.raises(FormatError, match="a page has at most 0 MB"):
        list(source(service).read(AREA))


def test_a_refusal_is_told_with_its_reason(service):
    with pytest.raises(UnavailableError, match=r"HTTP 400.*unknown query parameter\(s\) found: colour"):
        list(source(service, properties={"colour": "red"}).read(AREA))


def test_cancel_stops_between_pages(service, cancelling):
    progress = cancelling(after=3)
    with pytest.raises(Cancelled):
        list(source(service, limit=10).read(AREA, progress))
    assert len(asked(service)) < 20


def test_progress_goes_up_to_the_end(service, cancelling):
    progress = cancelling(after=10**6)
    service.matched = True
    list(source(service).read(AREA, progress))
    assert progress.reports == sorted(progress.reports) and progress.reports[-1] == 1.0


def test_an_area_outside_the_netherlands_is_refused(service):
    with pytest.raises(InputError, match="outside the Netherlands"):
        list(source(service).read(Extent(0, 0, 1, 1)))


# --- collections ----------------------------------------------------------------------------------


def test_describe_tells_the_collection(service):
    service.matched = True
    info = source(service).describe()
    assert (info.count, info.crs, info.extent) == (250, "OGC:CRS84", (3.0, 50.5, 7.5, 53.7))
    assert info.facts["title"] == "Wegdeel" and info.facts["attributes"] == ["functie", "lokaal_id"]
    assert "EPSG:28992" in info.facts["crs"] and info.facts["geometries"] == ["Polygon"]


def test_describe_without_a_collection_lists_them(service):
    info = source(service, None).describe()
    assert info.count == 2 and info.facts["collections"] == {"wegdeel": "Wegdeel", "leeg": "Leeg"}


@pytest.mark.parametrize("suffix", ["", "/", "/collections", "?f=html"])
def test_any_address_of_the_service_will_do(service, suffix):
    found = OgcFeaturesSource(service.address(BGT) + suffix, "wegdeel", transport=RequestsTransport())
    assert len(rows(found.read(AREA))) == 250


@pytest.mark.parametrize("suffix", ["/collections/wegdeel", "/collections/wegdeel/items?limit=5&f=json"])
def test_an_address_may_name_the_collection(service, suffix):
    found = OgcFeaturesSource(service.address(BGT) + suffix, transport=RequestsTransport())
    assert len(rows(found.read(AREA))) == 250


def test_a_collection_may_be_named_by_its_title_and_have_spaces(service, pdok_server):
    service.services[BGT]["weg deel 1"] = pdok_server.street(3)
    service.titles["weg deel 1"] = "Delen van wegen (WGD)"
    assert len(rows(source(service, "weg deel 1").read(AREA))) == 3
    assert len(rows(source(service, "delen van wegen (wgd)").read(AREA))) == 3


def test_an_unknown_collection_is_told_with_those_that_are_there(service):
    with pytest.raises(InputError, match="has no collection 'water'; it has wegdeel, leeg"):
        list(source(service, "water").read(AREA))
    with pytest.raises(InputError, match="has 2 collections.*wegdeel, leeg"):
        list(source(service, None).read(AREA))


def test_an_empty_collection_gives_nothing(service):
    assert list(source(service, "leeg").read(AREA)) == []


@pytest.mark.parametrize(
    "more, what",
    [
        ({"collectionType": "3d-container"}, "3D Tiles"),
        ({"links": [{"rel": "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "href": "tiles"}]}, "tiles"),
        ({"links": [{"rel": "http://www.opengis.net/def/rel/ogc/1.0/coverage", "href": "c"}]}, "a coverage"),
        ({"itemType": "record"}, "metadata records"),
        ({"links": [{"rel": "self", "href": "x"}]}, "something else"),
    ],
)
def test_a_collection_without_features_is_told_as_what_it_is(service, more, what):
    service.collections_more["leeg"] = more
    with pytest.raises(InputError, match=f"has no features: it is .*{what}"):
        list(source(service, "leeg").read(AREA))
    assert what in source(service, "leeg").describe().warnings[0]


def test_a_collection_without_links_has_its_items_where_all_have(service):
    service.collections_more["wegdeel"] = {"links": None, "extent": {"spatial": {"bbox": [["a"]]}}, "title": None}
    assert len(rows(source(service).read(AREA))) == 250


def test_a_collection_may_refer_to_the_crs_of_the_service(service, pdok_server):
    service.collections_more["wegdeel"] = {"crs": ["#/crs"]}
    whole = service.ogc

    def ogc(name, parts, query):
        status, kind, body, headers = whole(name, parts, query)
        if parts == ["collections"]:
            body = body[:-1] + b', "crs": ["' + pdok_server.RD.encode() + b'"]}'
        return status, kind, body, headers

    service.ogc = ogc
    assert len(rows(source(service).read(AREA))) == 250
    assert asked(service)[0]["crs"] == pdok_server.RD


def test_a_key_in_the_address_goes_with_every_request(service):
    service.filters.add("key")
    for item in service.services[BGT]["wegdeel"]:
        item["properties"]["key"] = "1"
    found = OgcFeaturesSource(service.address(BGT) + "?key=1", "wegdeel", transport=RequestsTransport(), limit=100)
    assert len(rows(found.read(AREA))) == 250
    assert all(query["key"] == "1" for _, query in service.asked)
