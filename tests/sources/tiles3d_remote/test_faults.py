"""3D Tiles of a host that is at fault: gaps that are named, what is asked again, and what has no end."""

import json
import threading
import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, DtwinError, FormatError, SourceError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.quantized_mesh import QuantizedMeshSource
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from tests.sources.tiles3d_remote.field import ALL, ROOT, read, source


@pytest.mark.parametrize("says", [True, False])
def test_packed_files_are_unpacked_whether_or_not_that_is_said(host, says):
    host.packed = dict.fromkeys(host.files, says)
    assert read(host) == ALL


def test_a_packed_tile_that_ends_too_soon_is_refused(host):
    import gzip

    host.files["/t/tiles/1/1.glb"] = gzip.compress(host.files["/t/tiles/1/1.glb"])[:-9]
    with pytest.raises(FormatError, match="1.glb is a damaged gzip file"):
        read(host)


def test_a_packed_tile_that_grows_without_an_end_is_refused(host, monkeypatch):
    import gzip

    from dtwin_plugin.sources.tiles3d import fetch

    monkeypatch.setattr(fetch, "_LARGEST", 1_000_000)
    host.files["/t/tiles/1/1.glb"] = gzip.compress(bytes(50_000_000))
    with pytest.raises(FormatError, match="1.glb is larger than one tile can be"):
        read(host)


@pytest.mark.parametrize("kind", ["text/html", "application/json", "image/png", ""])
def test_what_an_answer_says_it_is_does_not_matter(host, kind):
    host.kinds = dict.fromkeys(host.files, kind)
    assert read(host) == ALL


def test_tiles_that_are_not_there_are_gaps_that_are_named(host, tiles_server):
    for name in ("1/1", "2/0"):
        del host.files[f"/t/tiles/{name}.glb"]
    host.files["/t/tiles/0/0.glb"] = b"<!DOCTYPE html><html>Sorry</html>"  # with status 200
    progress = Silent()
    assert read(host, progress=progress) == [place for place in ALL if place not in ((0, 0), (1, 1), (2, 0))]
    assert (
        "3 of 9 tiles of tileset.json are missing: tiles/0/0.glb, tiles/2/0.glb, tiles/1/1.glb. "
        in progress.warnings[0]
    )
    assert "is a web page" in progress.warnings[0] and len(progress.warnings) == 1


def test_a_missing_tileset_below_is_a_gap(host, tiles_server):
    host.files[ROOT] = tiles_server.tileset(
        tiles_server.tile(0, 0, "sub.json"), tiles_server.tile(1, 1, "tiles/1/1.glb")
    )
    progress = Silent()
    assert read(host, progress=progress) == [(1, 1)]
    assert "1 of 2 tiles of tileset.json are missing: sub.json. " in progress.warnings[0]


def test_when_no_tile_is_there_that_is_the_error(host):
    host.files = {ROOT: host.files[ROOT]}
    with pytest.raises(SourceError, match="0.glb answered with status 404. Check the address"):
        read(host)


@pytest.mark.parametrize(
    "faults", [[(429, {"Retry-After": "0"})] * 2, [(500, {})], ["closed"], ["half"], [(503, {}), "closed", "half"]]
)
def test_a_tile_of_a_busy_server_is_asked_again(host, faults):
    host.faults["/t/tiles/1/1.glb"] = list(faults)
    progress = Silent()
    assert read(host, progress=progress) == ALL and not progress.warnings
    assert host.paths().count("/t/tiles/1/1.glb") == len(faults) + 1


def test_the_wait_that_a_server_asks_for_is_given(host):
    host.faults["/t/tiles/1/1.glb"] = [(429, {"Retry-After": "7"})]
    waits = []
    transport = Retrying(RequestsTransport(), sleep=waits.append)
    assert read(host, transport=transport, progress=Silent()) == ALL
    assert sum(waits) == pytest.approx(7, abs=0.21)  # s; a look at the user takes 0.2 s of it


def test_a_tile_that_stays_cut_off_is_a_gap(host):
    host.faults["/t/tiles/1/1.glb"] = ["half"] * 10
    progress = Silent()
    assert read(host, progress=progress) == [place for place in ALL if place != (1, 1)]
    assert "missing: tiles/1/1.glb. " in progress.warnings[0]


def test_half_a_tile_without_a_length_is_refused(host):
    """The connection says nothing of it; the tile does."""
    host.faults["/t/tiles/1/1.glb"] = ["half unannounced"]
    with pytest.raises(FormatError, match="1.glb is shorter than it states"):
        read(host)


def test_a_server_that_is_gone_is_not_asked_for_all_its_tiles(host):
    for path in host.files:
        if path != ROOT:
            host.faults[path] = ["closed"] * 10
    with pytest.raises(UnavailableError, match="No whole answer"):
        read(host)
    assert len(set(host.paths())) == 1 + 5  # the tileset, and the patience of the walk


@pytest.mark.parametrize("announced", [None, 700 << 20])
def test_a_tile_without_an_end_is_refused_before_it_fills_the_memory(host, announced):
    host.endless["/t/tiles/1/1.glb"] = announced
    transport = Retrying(RequestsTransport(max_bytes=1 << 20), base=0.01)
    with pytest.raises(FormatError, match="larger than 1 MB"):
        read(host, transport=transport)
    assert host.paths().count("/t/tiles/1/1.glb") == 1
    assert host.sent < 64 << 20  # what the system takes into its buffers before the connection is closed


def test_a_tileset_that_holds_itself_is_refused_at_once(host, tiles_server):
    host.files[ROOT] = tiles_server.tileset(tiles_server.tile(0, 0, "sub.json"))
    host.files["/t/sub.json"] = tiles_server.tileset(tiles_server.tile(0, 0, "tileset.json"))
    with pytest.raises(FormatError, match="tilesets that hold each other"):
        read(host)
    assert len(host.paths()) == 3


def test_tilesets_that_hold_others_without_an_end_are_refused(host, tiles_server):
    for number in range(100):
        host.files[f"/t/{number}.json"] = tiles_server.tileset(tiles_server.tile(0, 0, f"{number + 1}.json"))
    with pytest.raises(FormatError, match="tilesets that hold each other"):
        read(host, "/t/0.json")
    assert len(host.paths()) == 32


def test_a_tile_with_very_many_contents_ends(host, tiles_server):
    many = {**tiles_server.tile(0, 0), "contents": [{"uri": f"{n}.glb"} for n in range(10_000)]}
    host.files[ROOT] = tiles_server.tileset(many)
    with pytest.raises(FormatError, match="more than 20 tiles"):
        read(host, max_tiles=20)
    assert len(host.paths()) == 21


@pytest.mark.parametrize("depth", [600, 100_000])
def test_tiles_in_tiles_without_an_end_are_refused(host, tiles_server, depth):
    volume = json.dumps(tiles_server.box(-10, -10, 10, 10)).encode()
    one = b'{"boundingVolume":' + volume + b',"geometricError":9,"children":['
    host.files[ROOT] = b'{"asset":{"version":"1.1"},"root":' + one * depth + b"]}" * depth + b"}"
    with pytest.raises(FormatError, match="tiles in tiles without an end|not valid JSON"):
        read(host)


def test_a_tileset_of_very_many_values_is_refused(host):
    host.files[ROOT] = b'{"asset":{"version":"1.1"},"root":{"children":[' + b"{}," * 20_000_000 + b"{}]}}"
    with pytest.raises(FormatError, match="tileset.json has .* more than is read"):
        read(host)


def test_a_tileset_needs_no_name_that_says_so(host, tiles_server):
    """As PDOK has it: `3dtiles?f=json`; and an address without a name within it."""
    host.files["/t/3dtiles"] = tiles_server.tileset(tiles_server.tile(1, 2, "below"))
    host.files["/t/below"] = tiles_server.tileset(tiles_server.tile(1, 2, "tiles/1/2.glb"))
    assert read(host, "/t/3dtiles?f=json") == [(1, 2)]


def test_the_first_content_is_found_below_a_root_without_any(host):
    del host.files["/t/tiles/0/0.glb"]
    assert source(host).first_content().kinds == ["glb"]
    assert host.paths()[-1] == "/t/tiles/1/0.glb"


@pytest.fixture
def pressed():
    """Progress of a user who wants to stop after half a second; at the end it is a second later at most."""
    moments = []

    class Pressed(Silent):
        def is_cancelled(self):
            return bool(moments)

    timer = threading.Timer(0.5, lambda: moments.append(time.monotonic()))
    timer.start()
    yield Pressed()
    assert time.monotonic() - moments[0] < 1.0  # s, the design's limit
    timer.join()


@pytest.mark.parametrize("wait", ["slow", (429, {"Retry-After": "60"})])
@pytest.mark.parametrize("path", [ROOT, "/t/tiles/1/1.glb"])
def test_the_user_can_stop_a_wait_for_a_tile(host, pressed, path, wait):
    host.faults[path] = [wait]
    with pytest.raises(Cancelled):
        read(host, progress=pressed)


@pytest.mark.parametrize("path", [ROOT, "/t/tiles/0/0.glb"])
def test_the_user_can_stop_a_first_look(host, pressed, path):
    host.faults[path] = ["slow"]
    with pytest.raises(Cancelled):
        source(host).first_content(pressed)


@pytest.mark.parametrize("path", ["/t/layer.json", "/t/0/0/0.terrain"])
def test_the_user_can_stop_a_wait_for_a_terrain_of_tiles(host, pressed, path):
    host.faults[path] = ["slow"]
    transport = Retrying(RequestsTransport(), base=0.01)
    with pytest.raises(Cancelled):
        QuantizedMeshSource(host.url + path, transport=transport).describe(pressed)


def test_random_answers_are_a_sentence_or_a_gap(host):
    """Whatever bytes come for a tile or a tileset, it is read, a gap, or refused by name."""
    rng = np.random.default_rng(3)
    whole = dict(host.files)
    for path in (ROOT, "/t/tiles/1/1.glb"):
        for _ in range(40):
            data = np.frombuffer(whole[path], np.uint8).copy()
            data[rng.integers(0, len(data), 3)] = rng.integers(0, 256, 3)
            host.files = {**whole, path: data.tobytes()}
            try:
                read(host, extent=Extent(83_990, 446_990, 84_110, 447_110))
            except DtwinError as error:
                assert str(error).endswith(".")
