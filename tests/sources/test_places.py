"""Places, and the area that a user means."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Geometries
from dtwin_plugin.data.area import circle
from dtwin_plugin.errors import Cancelled, CrsError, DtwinError, FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.places import Locatieserver, Place, resolve_area
from dtwin_plugin.sources.places.shapes import geometry_of_items, geometry_of_text
from dtwin_plugin.sources.places.typed import typed_point
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying


@pytest.fixture
def server(locatie_server, monkeypatch, tmp_path):
    with locatie_server.serve(locatie_server.Places()) as state:
        path = tmp_path / "own.json"
        path.write_text(json.dumps(locatie_server.own_catalogue(state.url)))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(path))
        yield state


@pytest.fixture
def transport():
    return Retrying(RequestsTransport(), attempts=2, sleep=lambda _: None)


def test_places_by_name_have_a_point_in_rd(server, transport):
    found = Locatieserver(transport).free("markt delft", types=("adres", "weg"))
    assert [(place.id, place.name, place.point) for place in found] == [
        ("adr-1", "Markt 87, 2611GS Delft", (84_452.5, 447_630.25)),
        ("adr-2", "Markt 85, 2611GS Delft", (84_460.0, 447_632.0)),
    ]
    assert server.asked[-1][1]["fq"] == "type:(adres OR weg)"


def test_what_is_typed_is_no_query_language(server, transport):
    assert Locatieserver(transport).free('delft") OR (type:"gemeente') == []
    assert not set('":()*') & set(server.asked[-1][1]["q"])


def test_suggestions_and_what_one_of_them_is(server, transport):
    places = Locatieserver(transport)
    found = places.suggest("oude del")
    assert [(place.id, place.point) for place in found] == [("weg-1", None)] and places.suggest(" ") == []
    street = places.lookup("weg-1")
    assert (street.geometry.kind, len(street.geometry.parts) - 1, street.point) == ("line", 2, (84_300.0, 447_600.0))
    with pytest.raises(InputError, match="weg-9"):
        places.lookup("weg-9")


def test_what_lies_nearest_to_a_point(server, transport):
    found = Locatieserver(transport).reverse(84_455, 447_631, rows=2)
    assert [(place.id, place.properties["afstand"]) for place in found] == [("adr-1", "2.6"), ("adr-2", "5.1")]


def test_a_municipality_by_name_and_by_code_has_its_official_outline(server, transport):
    for text in ("Delft", "gemeente delft", "GM0503", "0503", "gm0503"):
        area = resolve_area(municipality=text, transport=transport)
        assert (area.title, area.source) == ("Delft", "municipality")
        assert area.extent.bounds == (83_000, 445_000, 89_600, 448_000)
        assert len(area.polygon.parts) == 3


@pytest.mark.parametrize("text", ["Den Haag", "'s-Gravenhage", "s gravenhage", "GM0518"])
def test_a_municipality_that_the_boundaries_lack_gets_the_outline_of_the_place_search(server, transport, text):
    area = resolve_area(municipality=text, transport=transport)
    assert (area.title, area.extent.bounds) == ("'s-Gravenhage", (80_000, 454_000, 82_000, 456_000))


def test_boundaries_that_fail_are_replaced_by_the_place_search(server, transport):
    server.collections = {}
    assert resolve_area(municipality="Delft", transport=transport).extent.bounds == (83_500, 445_500, 85_500, 447_500)
    assert resolve_area(municipality="0503", transport=transport).title == "Delft"


def test_a_name_of_several_municipalities_lists_them(server, transport):
    with pytest.raises(InputError) as error:
        resolve_area(municipality="Bergen", transport=transport)
    assert "Bergen (NH.) (GM0373)" in str(error.value) and "Bergen (L.) (GM0893)" in str(error.value)
    assert resolve_area(municipality="Bergen (L.)", transport=transport).title == "Bergen (L.)"
    for text in ("Atlantis", "GM9999"):
        with pytest.raises(InputError, match=text):
            resolve_area(municipality=text, transport=transport)


def test_an_address_is_a_circle(server, transport):
    area = resolve_area(address="Markt 87 Delft", radius=100, transport=transport)
    assert (area.title, area.source) == ("Markt 87, 2611GS Delft", "address")
    assert area.extent.bounds == (84_352.5, 447_530.25, 84_552.5, 447_730.25)
    assert area.covers(np.array([84_452.5, 84_353.0]), np.array([447_630.25, 447_531.0])).tolist() == [True, False]


def test_an_address_in_two_places_lists_them(server, transport):
    with pytest.raises(InputError, match="Dorpsstraat 1, 1111AA Oost; Dorpsstraat 1, 2222BB West"):
        resolve_area(address="Dorpsstraat 1", transport=transport)
    assert resolve_area(address="dorpsstraat 1, 1111aa oost", transport=transport).extent.bounds[0] == 119_500
    with pytest.raises(InputError, match="Nergens 1"):
        resolve_area(address="Nergens 1", transport=transport)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kerkstraat 5", "Kerkstraat 5, 3333CC Zuid"),
        ("kerkstraat 5 zuid", "Kerkstraat 5, 3333CC Zuid"),
        ("Kerkstraat 15", "Kerkstraat 15, 4444DD Noord"),
        ("3333 cc 5", "Kerkstraat 5, 3333CC Zuid"),
        ("Zuid, Kerkstraat 5-A", "Kerkstraat 5A, 5555EE Zuid"),
        ("Kerkstraat 5 a 2", "Kerkstraat 5A-2, 6666FF Ver"),
    ],
)
def test_an_exact_address_wins_from_those_that_look_like_it(server, transport, text, name):
    """The real search gives whatever resembles the question, the better known first."""
    names = [
        "Kerkstraat 15, 4444DD Noord", "Kerkstraat 5, 3333CC Zuid", "Kerkstraat 5A, 5555EE Zuid",
        "Kerkstraat 5A-2, 6666FF Ver", "Kerkstraat 50, 3333CC Zuid",
    ]  # fmt: skip
    found = [
        {"id": f"adr-{number}", "type": "adres", "weergavenaam": name, "score": 9.0,
         "centroide_rd": f"POINT({100_000 + 5000 * number} 450000)"}
        for number, name in enumerate(names)
    ]  # fmt: skip
    server.faults = [(200, json.dumps({"response": {"docs": found}}).encode())]
    assert resolve_area(address=text, radius=50, transport=transport).title == name


def test_an_exact_address_in_two_places_names_only_those(server, transport):
    names = ["Kerkstraat 15, 4444DD Noord", "Kerkstraat 5, 3333CC Zuid", "Kerkstraat 5, 4444DD Noord"]
    found = [
        {"id": f"adr-{number}", "type": "adres", "weergavenaam": name, "score": 9.0 - number,
         "centroide_rd": f"POINT({100_000 + 5000 * number} 450000)"}
        for number, name in enumerate(names)
    ]  # fmt: skip
    server.faults = [(200, json.dumps({"response": {"docs": found}}).encode())]
    with pytest.raises(InputError, match=": Kerkstraat 5, 3333CC Zuid; Kerkstraat 5, 4444DD Noord."):
        resolve_area(address="Kerkstraat 5", radius=50, transport=transport)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("121000 487000", (121_000, 487_000)),
        ("RD 121000,487000", (121_000, 487_000)),
        ("rd new: 121000.5, 487000.25", (121_000.5, 487_000.25)),
        ("x=121000 y=487000", (121_000, 487_000)),
        ("121000,5 487000,25", (121_000.5, 487_000.25)),
        ("121000,5; 487000", (121_000.5, 487_000)),
        ("487000 121000", (121_000, 487_000)),
        ("Dam 1", None),
        ("1012 12", None),
        ("2611GS 87", None),
        ("52.37", None),
        ("9" * 500, None),
    ],
)
def test_coordinates_typed_as_text(text, expected):
    assert typed_point(text) == expected


def test_typed_rd_asks_no_service(server, transport):
    area = resolve_area(address="121000, 487000", radius=50, transport=transport)
    assert area.extent.bounds == (120_950, 486_950, 121_050, 487_050) and not server.asked


@pytest.mark.parametrize(
    "text", ["52.3698263053, 4.8879700431", "4,8879700431 52,3698263053", "52.3698263053° N 4.8879700431° E"]
)
def test_degrees_typed_as_text(grids, text):
    assert typed_point(text) == pytest.approx((121_000, 487_000), abs=0.01)


def test_degrees_without_the_grids_say_so(no_grids):
    with pytest.raises(CrsError):
        no_grids(typed_point, "52.37, 4.89")


def test_bag_ids_are_a_box_with_a_margin(server, transport):
    area = resolve_area(
        bag_ids=["NL.IMBAG.Pand.0503100000019720", "0503100000019721", "0503100000019720"], transport=transport
    )
    assert area.extent.bounds == (84_570, 447_570, 84_730, 447_680) and area.polygon is None
    assert area.title == "BAG 0503100000019720, 0503100000019721"
    assert len(server.asked) == 2


def test_ids_of_addresses_and_addressable_objects(server, transport):
    assert resolve_area(bag_ids=["0503200000000001"], transport=transport).extent.bounds == (
        84_427.5, 447_605.25, 84_477.5, 447_655.25
    )  # fmt: skip
    assert resolve_area(bag_ids=["0503010000000001"], transport=transport).extent.bounds[0] == 84_576


def test_ids_that_are_unknown_are_named(server, transport):
    with pytest.raises(InputError, match="0503100000099999"):
        resolve_area(bag_ids=["0503100000019720", "0503100000099999"], transport=transport)
    for wrong in ("123", "0503500000000001", "x" * 1000, "NL.IMBAG.Pand.05031000000197201"):
        with pytest.raises(InputError, match="is not the id"):
            resolve_area(bag_ids=[wrong], transport=transport)
    with pytest.raises(InputError, match="501"):
        resolve_area(bag_ids=[f"0503100000{n:06d}" for n in range(501)], transport=transport)


def test_exactly_one_way_is_given(transport):
    for more in ({}, {"address": " ", "bag_ids": []}):
        with pytest.raises(InputError, match="No area is given"):
            resolve_area(transport=transport, **more)
    with pytest.raises(InputError, match="extent, municipality"):
        resolve_area(extent=Extent(0, 0, 1, 1), municipality="Delft", transport=transport)


def test_rectangles_polygons_and_places(transport):
    assert resolve_area(extent=Extent(0, 4e5, 1, 4.1e5), transport=transport).source == "extent"
    assert resolve_area(polygon=circle(1e5, 4e5, 10), transport=transport).extent.width == pytest.approx(20)
    empty = Geometries.build("polygon", [[]])
    with pytest.raises(InputError, match="empty"):
        resolve_area(polygon=empty, transport=transport)
    with pytest.raises(InputError, match="line"):
        resolve_area(polygon=Geometries.build("line", [[[[(0, 0), (1, 1)]]]]), transport=transport)
    shaped = Place("a", "wijk", "Wijk", (1e5, 4e5), circle(1e5, 4e5, 10))
    assert resolve_area(place=shaped, transport=transport).polygon is shaped.geometry
    assert resolve_area(place=Place("a", "adres", "A", (1e5, 4e5)), radius=5, transport=transport).extent.width == 10
    with pytest.raises(InputError, match="where A is"):
        resolve_area(place=Place("a", "adres", "A"), transport=transport)
    with pytest.raises(InputError, match="radius"):
        resolve_area(place=Place("a", "adres", "A", (1e5, 4e5)), radius=float("nan"), transport=transport)


@pytest.mark.parametrize(
    "text",
    [
        "", "POINT", "POINT()", "POINT(1 2)", "POINT(1e999 2)", "POINT(nan nan)", "CIRCLE(84000 447000)",
        "POLYGON((84000 447000,84010 447000", "(" * 100_000 + ")" * 100_000, "POLYGON(" + "(" * 5000 + ")" * 5000 + ")",
        "POINT(84000)", "LINESTRING(84000 447000 , , )", "POINT(" + "8" * 400 + " 447000)", "POINT(--8 447000)",
        "MULTIPOINT(5, 6)", "POLYGON(84000 447000, 84001 447001)", None, 7, ["POINT(84000 447000)"],
    ],
)  # fmt: skip
def test_broken_texts_are_no_geometry(text):
    assert geometry_of_text(text) is None


def test_texts_of_all_kinds():
    parts = "((84000 447000,84010 447000,84010 447010,84000 447000)),((85000 447000,85010 447000,85010 447010))"
    multi = f"MULTIPOLYGON({parts})"
    assert geometry_of_text(multi).bounds().tolist() == [[84_000, 447_000, 85_010, 447_010]]
    assert geometry_of_text("LINESTRING Z (84000 447000 1, 84010 447000 2)").kind == "line"
    for points in ("MULTIPOINT((84000 447000),(84001 447001))", "multipoint(84000 447000, 84001 447001)"):
        assert geometry_of_text(points).coordinates.tolist() == [[84_000, 447_000], [84_001, 447_001]]


def test_items_in_degrees_need_the_grids(no_grids):
    items = [{"properties": {}, "geometry": {"type": "Point", "coordinates": [4.36, 52.01]}}]
    with pytest.raises(CrsError):
        no_grids(geometry_of_items, items)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", FormatError), (b"[" * 100_000, FormatError), (b"<html>busy</html>", FormatError), (b"[]", FormatError),
        (b'{"response": {"docs": {}}}', FormatError), (b'{"response": 7}', FormatError), (b"{}", FormatError),
        (b'{"response": {"docs": [1, null, {}, {"id": "a"}, {"id": {}, "weergavenaam": []}]}}', InputError),
        (b'{"response": {"docs": [{"id": "a", "weergavenaam": "A", "centroide_rd": "POINT(0 0)"}]}}', InputError),
        (b'{"response": {"docs": [{"id": "a", "weergavenaam": "A", "score": NaN, "centroide_rd": 5}]}}', InputError),
    ],
)  # fmt: skip
def test_hostile_answers_are_sentences(server, transport, body, what):
    server.faults = [(200, body)] * 3
    with pytest.raises(what):
        resolve_area(address="Markt 87 Delft", transport=transport)


def test_names_of_the_service_are_cut_to_one_line(server, transport):
    server.documents = [{"id": "a", "type": "adres", "weergavenaam": "A\n\x1b[31m" + "b" * 9999, "score": 10**400}]
    (place,) = Locatieserver(transport).free("")
    assert len(place.name) <= 200 and place.name.isprintable() and place.score == 0


def test_a_service_that_fails_is_a_sentence(server, transport):
    server.faults = [(500, b"")] * 4
    with pytest.raises(UnavailableError, match="500"):
        Locatieserver(transport).free("delft")
    server.faults = [(400, b'{"message": "bad query"}')]
    with pytest.raises(UnavailableError, match="bad query"):
        Locatieserver(transport).free("delft")
    server.faults = ["closed"]
    assert Locatieserver(transport).free("delft")


def test_the_user_stops_a_slow_search(server, transport):
    class Stop(Silent):
        def is_cancelled(self):
            return bool(server.asked)

    server.faults = ["slow"]
    start = time.perf_counter()
    with pytest.raises(Cancelled):
        resolve_area(address="delft", transport=transport, progress=Stop())
    assert time.perf_counter() - start < 1.5
    with pytest.raises(DtwinError):
        resolve_area(bag_ids=["0503100000019720"], transport=transport, progress=Stop())


def test_boundaries_in_degrees_without_the_grids_are_replaced_too(server, transport, no_grids):
    ring = [[4.3, 52.0], [4.4, 52.0], [4.4, 52.1], [4.3, 52.0]]
    for item in next(items for path, items in server.collections.items() if "gemeentegebied" in path):
        item["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    area = no_grids(lambda: resolve_area(municipality="Delft", transport=transport))
    assert area.extent.bounds == (83_500, 445_500, 85_500, 447_500)
