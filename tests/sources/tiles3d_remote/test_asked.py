"""3D Tiles of a host: which tiles and tilesets are asked, by area and by address."""

import json

import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from tests.sources.tiles3d_remote.field import ALL, ROOT, read


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
