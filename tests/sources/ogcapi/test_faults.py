"""A service of OGC API Features at fault: each fault passes, or is one sentence."""

import json

import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.features_service import OgcFeaturesSource
from dtwin_plugin.sources.transport import Response
from tests.sources.ogcapi.street import AREA, BGT, asked, rows, source


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
