"""Heights from tiles by byte range: aligned, without seams, and with a word about gaps."""

import json
import threading
import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, FormatError, InputError, SourceError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.atom import feed_links, index_tiles
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.terrain_tiles import TerrainTilesSource

DOWNLOADS, SIDE = "/rws/ahn/atom/downloads", 400.0  # m; the real tiles are 5 by 6.25 km
AREA = Extent(84_350.3, 447_390.0, 84_460.0, 447_420.2)  # over a border between four tiles


def height(x, y):
    """Below NAP in the west, and a pond without data."""
    value = (x - 84_400) / 50 + np.sin(y / 7) / 10 - 1
    return np.where((x - 84_370) ** 2 + (y - 447_400) ** 2 < 100, np.nan, value).astype(np.float32)


def cells(extent, size):
    x = np.arange(extent.x_min + size / 2, extent.x_max, size)
    y = np.arange(extent.y_max - size / 2, extent.y_min, -size)
    return np.meshgrid(x, y)


def ring(box):
    x0, y0, x1, y1 = box
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]


def index(tiles, names=("kaartbladNr", "url")):
    """A tile index as the service has it, from names, boxes and addresses."""
    features = [
        {"type": "Feature", "properties": {names[0]: name, names[1]: url, "length": "12"},
         "geometry": {"type": "Polygon", "coordinates": [ring(box)]}}
        for name, box, url in tiles
    ]  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}).encode()


@pytest.fixture(scope="module")
def bodies(files_server):
    """Four tiles of terrain, and of a surface 5 m above it."""
    found = {}
    for model, letter, above in (("dtm_05m", "M", 0), ("dsm_05m", "R", 5)):
        for column in range(2):
            for row in range(2):
                x, y = 84_000 + column * SIDE, 447_000 + row * SIDE
                box = Extent(x, y, x + SIDE, y + SIDE)
                body = files_server.cog(height(*cells(box, 0.5)) + above, x, y + SIDE, 0.5)
                found[f"{DOWNLOADS}/{model}/{letter}_{column}{row}.tif"] = box, body
    return found


@pytest.fixture
def service(files_server, monkeypatch, tmp_path, bodies):
    with files_server.serve(files_server.Files({path: body for path, (_, body) in bodies.items()})) as state:
        for model in ("dtm_05m", "dsm_05m"):
            listed = [(path.rpartition("/")[2][:-4], box.bounds, state.url + path)
                      for path, (box, _) in bodies.items() if model in path]  # fmt: skip
            state.files[f"{DOWNLOADS}/{model}/kaartbladindex.json"] = index(listed)
        row = {
            "id": "ahn-tileindex-dtm", "title": "T", "owner": "O", "kind": "geojson", "licence": "CC0",
            "attribution": "A", "access_level": "open", "url": f"{state.url}{DOWNLOADS}/dtm_05m/kaartbladindex.json",
        }  # fmt: skip
        path = tmp_path / "own.json"
        path.write_text(json.dumps([row]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(path))
        yield state


@pytest.fixture
def transport():
    return Retrying(RequestsTransport(), attempts=2, sleep=lambda _: None)


@pytest.mark.parametrize("ranges", [True, False])
def test_the_area_over_four_tiles_is_one_grid_without_a_seam(service, transport, ranges):
    service.ranges = ranges
    progress = Silent()
    (grid,) = TerrainTilesSource(transport).read(AREA, progress)
    assert (grid.x_min, grid.y_max, grid.cell_size, grid.shape) == (84_350, 447_420.5, 0.5, (61, 220))
    expected = height(*cells(Extent(84_350, 447_390, 84_460, 447_420.5), 0.5))
    np.testing.assert_array_equal(grid.values, expected)
    assert np.isnan(grid.values).any() and np.nanmin(grid.values) < -1.5
    assert len([warning for warning in progress.warnings if "as a whole" in warning]) == (0 if ranges else 4)


def test_only_the_bytes_of_the_area_are_asked(service, transport, bodies):
    next(TerrainTilesSource(transport).read(Extent(84_010, 447_010, 84_030, 447_030)))
    asked = [(path, wanted) for path, wanted in service.asked if path.endswith(".tif") and wanted]
    assert {path for path, _ in asked} == {f"{DOWNLOADS}/dtm_05m/M_00.tif"}
    total = sum(int(last) - int(first) + 1 for first, last in (w[6:].split("-") for _, w in asked))
    assert total < len(bodies[f"{DOWNLOADS}/dtm_05m/M_00.tif"][1]) / 2


def test_terrain_and_surface_lie_on_the_same_cells(service, transport):
    for size in (0.5, 2.0, 3.0):
        terrain, surface = (
            next(TerrainTilesSource(transport, model, cell_size=size).read(AREA)) for model in ("dtm_05m", "dsm_05m")
        )
        assert (terrain.x_min, terrain.y_max, terrain.shape) == (surface.x_min, surface.y_max, surface.shape)
        assert terrain.x_min % size == pytest.approx(0, abs=1e-6)
        np.testing.assert_allclose(surface.values, terrain.values + 5, atol=1e-3)
        assert "surface" in surface.name and "terrain" in terrain.name


def test_larger_cells_are_the_mean(service, transport):
    area = Extent(84_380, 447_380, 84_420, 447_420)
    (grid,) = TerrainTilesSource(transport, cell_size=2.0).read(area)
    fine = height(*cells(area, 0.5)).reshape(20, 4, 20, 4)
    known = np.isfinite(fine).all(axis=(1, 3))
    np.testing.assert_allclose(grid.values[known], np.nanmean(fine, axis=(1, 3))[known], atol=2e-3)


def test_a_missing_tile_is_a_gap_with_a_name(service, transport):
    del service.files[f"{DOWNLOADS}/dtm_05m/M_10.tif"]
    service.files[f"{DOWNLOADS}/dtm_05m/M_11.tif"] = b"II*\0 no tiff"
    progress = Silent()
    (grid,) = TerrainTilesSource(transport).read(AREA, progress)
    assert np.isnan(grid.values[:, 100:]).all() and np.isfinite(grid.values[:, 60:100]).all()
    assert "2 of 4 tiles" in progress.warnings[0] and "M_10" in progress.warnings[0] and "M_11" in progress.warnings[0]


def test_no_tile_at_all_is_an_error(service, transport):
    service.files = {path: body for path, body in service.files.items() if not path.endswith(".tif")}
    with pytest.raises(SourceError, match="M_00"):
        next(TerrainTilesSource(transport).read(Extent(84_010, 447_010, 84_030, 447_030)))
    with pytest.raises(InputError, match="No tile covers"):
        next(TerrainTilesSource(transport).read(Extent(90_010, 447_010, 90_030, 447_030)))


def test_an_area_beyond_the_tiles_is_told(service, transport):
    progress = Silent()
    (grid,) = TerrainTilesSource(transport).read(Extent(83_990, 447_010, 84_010, 447_030), progress)
    assert np.isnan(grid.values[:, :20]).all() and np.isfinite(grid.values[:, 20:]).all()
    assert progress.warnings == ["The tiles cover 50 % of the area; the rest has no heights."]


def test_what_cannot_be_asked(service, transport):
    for extent in (None, Extent(0, 0, 1, 1), Extent(80_000, 440_000, 90_000, 450_000)):
        with pytest.raises(InputError):
            next(TerrainTilesSource(transport).read(extent))
    with pytest.raises(InputError, match="dtm_05m, dsm_05m"):
        TerrainTilesSource(transport, "dem")
    with pytest.raises(InputError, match="above 0"):
        TerrainTilesSource(transport, cell_size=0)


def test_the_facts_of_the_index(service, transport):
    info = TerrainTilesSource(transport).describe()
    assert (info.count, info.extent, info.crs) == (4, (84_000, 447_000, 84_800, 447_800), "EPSG:28992")


def test_the_user_stops_a_silent_server(service, transport, files_server):
    def slow(query):
        time.sleep(2)

    service.files[f"{DOWNLOADS}/dtm_05m/M_00.tif"] = slow

    class Stop(Silent):
        def is_cancelled(self):
            return any(path.endswith(".tif") for path, _ in service.asked)

    before, start = threading.active_count(), time.perf_counter()
    with pytest.raises(Cancelled):
        next(TerrainTilesSource(transport).read(Extent(84_010, 447_010, 84_030, 447_030), Stop()))
    assert time.perf_counter() - start < 1.5
    while threading.active_count() > before and time.perf_counter() - start < 30:  # GDAL must not outlive the test
        time.sleep(0.05)


def test_a_server_that_sends_other_bytes_than_asked_is_a_sentence(service, transport):
    service.liar = True
    with pytest.raises(SourceError):
        next(TerrainTilesSource(transport).read(Extent(84_010, 447_010, 84_030, 447_030)))


@pytest.mark.parametrize("names", [("kaartbladNr", "url"), ("name", "downloadLink"), ("bladnr", "href")])
def test_an_index_calls_its_properties_as_it_likes(names):
    url = "https://a.nl/downloads/dtm_05m/kaartbladindex.json"
    body = index([("M_01GN2", (0, 4e5, 5000, 406_250), "https://a.nl/downloads/M_01GN2.tif")], names)
    (tile,) = index_tiles(body, url)
    assert (tile.name, tile.url, tile.extent.height) == ("M_01GN2", "https://a.nl/downloads/M_01GN2.tif", 6250)
    (tile,) = index_tiles(index([("", (0, 4e5, 5000, 406_250), "/downloads/M_01GN2.tif")], names), url)
    assert (tile.name, tile.url) == ("M_01GN2", "https://a.nl/downloads/M_01GN2.tif")


def tile(url, coordinates):
    return json.dumps(
        {"features": [{"properties": {"url": url}, "geometry": {"type": "Polygon", "coordinates": coordinates}}]}
    ).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"[" * 100_000, b'{"features": {}}', b'{"features": [1, null, {}, {"properties": 1}]}',
        tile("https://b.nl/a.tif", [[[1, 2], [3, 4]]]), tile("file:///etc/passwd", [[[1, 2], [3, 4]]]),
        tile("https://a.nl/a.tif", [[["x", 2], [float("nan")]]]), tile("https://a.nl/a.tif", []),
        tile("https://a.nl:x/a.tif", [[[1, 2]]]), tile("https://a.nl/a.tif", [[[1e300, 2]]]),
    ],
)  # fmt: skip
def test_what_is_no_index_is_a_sentence(body):
    with pytest.raises(FormatError):
        index_tiles(body, "https://a.nl/kaartbladindex.json")


FEED = """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:georss="http://www.georss.org/georss"><title>AHN DTM</title><link rel="self" href="https://a.nl/atom/dtm_05m.xml"/>
 <entry><id>1</id><title>DTM 0,5 m</title><category term="http://www.opengis.net/def/crs/EPSG/0/7415" label="RD"/>
 <georss:polygon>50.6 3.1 50.6 7.4 53.7 7.4 53.7 3.1 50.6 3.1</georss:polygon>
 <link rel="section" href="downloads/M_01GN2.tif" type="image/tiff" length="1234" title="M_01GN2"
  bbox="53.2 6.1 53.3 6.2"/>
 <link rel="section" href="https://evil.nl/M_01GN3.tif"/><link rel="section" href="downloads/M_01GZ1.tif" length="-4"/>
 </entry></feed>"""


def test_the_links_of_a_feed():
    first, second = feed_links(FEED.encode(), "https://a.nl/atom/dtm_05m.xml")
    assert (first.href, first.title, first.size) == ("https://a.nl/atom/downloads/M_01GN2.tif", "M_01GN2", 1234)
    assert (first.box, first.crs, first.rel) == ((53.2, 6.1, 53.3, 6.2), "EPSG:7415", "section")
    assert (second.title, second.size, second.box) == ("DTM 0,5 m", 0, (50.6, 3.1, 53.7, 7.4))


@pytest.mark.parametrize(
    "body",
    [b"", b"<feed", b"<html/>", b'<!DOCTYPE f [<!ENTITY a "b">]><feed>&a;</feed>', b"<feed><entry>" + b"<a>" * 100_000],
)
def test_what_is_no_feed_is_a_sentence(body):
    with pytest.raises(FormatError):
        feed_links(body, "https://a.nl/index.xml")


def test_a_feed_is_read_as_an_index(grids, service, transport):
    service.files["/dtm_05m.xml"] = FEED.encode()
    tiles = TerrainTilesSource(transport, url=service.url + "/dtm_05m.xml").tiles()
    assert [tile.name for tile in tiles] == ["M_01GN2", "M_01GZ1"]


def test_an_index_that_is_gone(service, transport):
    with pytest.raises(UnavailableError, match="404"):
        TerrainTilesSource(transport, url=service.url + "/none.json").describe()
