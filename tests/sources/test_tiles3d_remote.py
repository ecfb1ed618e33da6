"""3D Tiles of a host: what is asked of it, what is followed, and what its quirks and faults come to."""

import json
import threading
import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import Cancelled, DtwinError, FormatError, SourceError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.quantized_mesh import QuantizedMeshSource
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.tiles3d import Tiles3dSource

ROOT = "/t/tileset.json"
ZERO = Placement(84_000, 447_000, 0)  # where the first tile of a field stands


@pytest.fixture
def host(tiles_server):
    with tiles_server.serve(tiles_server.Tiles(tiles_server.field(3))) as state:
        yield state


def source(host, address=ROOT, transport=None, **more):
    transport = transport or Retrying(RequestsTransport(), base=0.01)
    return Tiles3dSource(host.url + address, transport=transport, placement=ZERO, **more)


def middles(chunks):
    """The middles of the squares that were read, in steps of the field."""
    return sorted(
        tuple(
            np.rint((chunk.geometries.coordinates[:, :2].mean(axis=0) - (84_000, 447_000)) / 100).astype(int).tolist()
        )
        for chunk in chunks
    )


def read(host, address=ROOT, extent=None, progress=None, **more):
    return middles(source(host, address, **more).read(extent, progress))


ALL = sorted((column, row) for column in range(3) for row in range(3))


def test_all_tiles_are_read_and_each_file_is_asked_once(host):
    assert read(host) == ALL
    assert len(host.paths()) == len(set(host.paths())) == 10


def test_only_tiles_that_touch_the_area_are_asked(host):
    assert read(host, extent=Extent(84_090, 446_990, 84_110, 447_120)) == [(1, 0), (1, 1)]
    assert host.paths() == [ROOT, "/t/tiles/1/0.glb", "/t/tiles/1/1.glb"]


def test_an_area_without_tiles_asks_for_the_tileset_only(host):
    assert read(host, extent=Extent(90_000, 450_000, 90_100, 450_100)) == []
    assert host.paths() == [ROOT]


def test_tilesets_and_contents_outside_the_area_are_not_opened(host, tiles_server):
    far = tiles_server.tile(2, 0, "far.json")
    # The tile is around all, its content says that it is not.
    tight = {**tiles_server.tile(0, 0), "boundingVolume": tiles_server.box(-10, -10, 900, 900)}
    tight["contents"] = [
        {"uri": "tiles/0/0.glb", "boundingVolume": tiles_server.box(-5, -5, 5, 5)},
        {"uri": "tiles/1/1.glb", "boundingVolume": tiles_server.box(95, 95, 105, 105)},
    ]
    host.files[ROOT] = tiles_server.tileset(far, tight)
    assert read(host, extent=Extent(83_990, 446_990, 84_010, 447_010)) == [(0, 0)]
    assert host.paths() == [ROOT, "/t/tiles/0/0.glb"]


def test_the_tiles_at_most_are_those_of_the_area(host):
    area = Extent(83_990, 446_990, 84_010, 447_010)
    assert read(host, extent=area, max_tiles=2) == [(0, 0)]
    with pytest.raises(FormatError, match="more than 2 tiles"):
        read(host, max_tiles=2)


def implicit(tiles_server, levels=3, subtree_levels=2, available=1):
    """A quadtree with contents at its finest level only; its tiles are 100 m from each other."""
    volume = tiles_server.box(-50, -50, 350, 350)
    root = {"boundingVolume": volume, "geometricError": 100, "refine": "REPLACE",
            "content": {"uri": "q/{level}/{x}/{y}.glb"}, "implicitTiling": {
                "subdivisionScheme": "QUADTREE", "availableLevels": levels, "subtreeLevels": subtree_levels,
                "subtrees": {"uri": "s/{level}/{x}/{y}.json"}}}  # fmt: skip
    subtree = {"tileAvailability": {"constant": 1}, "contentAvailability": [{"constant": 1}],
               "childSubtreeAvailability": {"constant": available}}  # fmt: skip
    files = {ROOT: json.dumps({"asset": {"version": "1.1"}, "geometricError": 500, "root": root}).encode()}
    files["/t/s/0/0/0.json"] = json.dumps(subtree).encode()
    last = json.dumps({**subtree, "childSubtreeAvailability": {"constant": 0}}).encode()
    for x in range(4):
        for y in range(4):
            files[f"/t/s/2/{x}/{y}.json"] = last
            files[f"/t/q/2/{x}/{y}.glb"] = tiles_server.glb(x * 100.0, y * 100.0)
    return files


def test_of_implicit_tiles_only_the_subtrees_of_the_area_are_asked(host, tiles_server):
    host.files = implicit(tiles_server)
    assert read(host, extent=Extent(84_195, 447_095, 84_205, 447_105)) == [(2, 1)]
    assert host.paths() == [ROOT, "/t/s/0/0/0.json", "/t/s/2/2/1.json", "/t/q/2/2/1.glb"]
    assert len(read(host)) == 16


def test_implicit_tiles_without_an_end_end(host, tiles_server):
    host.files = {**implicit(tiles_server, levels=60)}
    endless = host.files["/t/s/0/0/0.json"]
    host.files |= {name: endless for name in list(host.files) if name.startswith("/t/s/")}
    with pytest.raises(FormatError, match="more than 50 tiles"):
        read(host, max_tiles=50)
    assert len(host.paths()) < 60


def test_a_missing_subtree_is_a_gap(host, tiles_server):
    host.files = implicit(tiles_server)
    del host.files["/t/s/2/2/1.json"]
    progress = Silent()
    assert len(read(host, progress=progress)) == 15
    assert "are missing: s/2/2/1.json. " in progress.warnings[0]


@pytest.mark.parametrize("form", ["/t/tiles/{}", "{}", "./x/../tiles/{}", "absolute", "//here"])
def test_addresses_may_be_relative_or_whole_on_one_server(host, tiles_server, form):
    address = form.format("1/2.glb")
    if form == "absolute":
        address = f"{host.url}/t/tiles/1/2.glb"
    if form == "//here":
        address = host.url.removeprefix("http:") + "/t/tiles/1/2.glb"
    host.files["/t/1/2.glb"] = host.files["/t/tiles/1/2.glb"]
    host.files[ROOT] = tiles_server.tileset(tiles_server.tile(1, 2, address))
    assert read(host) == [(1, 2)]


@pytest.mark.parametrize(
    "address", ["https://example.nl/a.glb", "//example.nl/a.glb", "file:///etc/passwd", "http://[", "ftp://127.0.0.1/a",
                "data:application/octet-stream;base64,AAAA", "http://127.0.0.1:port/a.glb", "http://127.0.0.1:9/a.glb"]
)  # fmt: skip
def test_addresses_elsewhere_are_not_followed(host, tiles_server, address):
    host.files[ROOT] = tiles_server.tileset(tiles_server.tile(1, 2, address))
    with pytest.raises(FormatError, match="outside its own folder or server"):
        read(host)
    assert host.paths() == [ROOT]


def test_a_key_and_a_session_go_along_to_all_below(host, tiles_server):
    """As Google has it: the key is in the first address, a tileset adds the session, tiles say neither."""
    host.required = {"key": "k+1", "session": "s"}
    host.files["/t/in/sub.json"] = tiles_server.tileset(tiles_server.tile(1, 2, "../tiles/1/2.glb"))
    host.files["/t/start.json"] = tiles_server.tileset(tiles_server.tile(1, 2, "in/sub.json?session=s"))
    with pytest.raises(SourceError, match="status 401.*key may be missing"):
        read(host, "/t/start.json")
    host.required = {"key": "k+1"}
    with tiles_server.serve(tiles_server.Tiles(host.files)) as other:
        other.required = {"key": "k+1"}
        assert read(other, "/t/start.json?key=k%2B1") == [(1, 2)]
        assert [query for _, query, _ in other.asked] == [
            {"key": "k+1"}, {"key": "k+1", "session": "s"}, {"key": "k+1", "session": "s"},
        ]  # fmt: skip


def test_a_key_is_in_no_message(host):
    progress = Silent()
    del host.files["/t/tiles/1/1.glb"]
    read(host, ROOT + "?key=secret", progress=progress)
    assert "tiles/1/1.glb" in progress.warnings[0] and "secret" not in progress.warnings[0]
    host.faults["/t/tileset.json"] = [(403, {})]
    with pytest.raises(SourceError, match="403") as caught:
        read(host, ROOT + "?key=secret")
    assert "secret" not in str(caught.value)


def test_a_redirect_within_the_server_is_where_addresses_start(host):
    host.moved["/latest"] = "/t/tileset.json?v=2"
    assert read(host, "/latest") == ALL
    assert all(query == {"v": "2"} for path, query, _ in host.asked[1:])


def test_a_redirect_to_another_server_takes_no_key_along(host, tiles_server):
    with tiles_server.serve(tiles_server.Tiles(host.files)) as other:
        host.moved["/latest"] = f"{other.url}{ROOT}"
        transport = Retrying(RequestsTransport(headers={"Authorization": "Bearer secret"}), base=0.01)
        assert read(host, "/latest?key=secret", transport=transport) == ALL
        assert len(other.asked) == 10 and len(host.asked) == 1
        # The tiles are asked of the other server itself: what it is owed is what it said.
        assert all("key" not in query for _, query, _ in other.asked)
        assert "Authorization" not in other.asked[0][2]


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
