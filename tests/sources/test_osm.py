"""OpenStreetMap as PBF and XML: the same roads and bans of both, and files that lie."""

import struct
import zlib

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import DtwinError, FormatError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.osm import OsmRoadsSource
from dtwin_plugin.sources.osm.pbf import PbfReader, packed_varints, zigzag

NODES = {1: (4.9000, 52.30), 2: (4.9010, 52.30), 3: (4.9010, 52.301), 4: (4.9020, 52.30), 5: (4.95, 52.33)}
WAYS = {
    10: ([1, 2, 4], {"highway": "residential", "maxspeed": "NL:urban", "name": "Voorstraat"}),
    11: ([2, 3], {"highway": "tertiary", "oneway": "-1", "lanes:forward": "2"}),
    12: ([4, 5], {"highway": "footway"}),
    13: ([1, 3], {"building": "yes"}),
    14: ([3, 99, 4, 5], {"route": "ferry"}),  # a node that the file lacks
    15: ([1, 2, 3, 1], {"highway": "pedestrian", "area": "yes"}),
}
RELATIONS = {
    20: ([(1, 10, "from"), (0, 2, "via"), (1, 11, "to")], {"type": "restriction", "restriction": "no_left_turn"}),
    21: ([(1, 10, "from"), (1, 12, "via"), (1, 11, "to")], {"type": "restriction", "restriction": "no_u_turn"}),
    22: ([(1, 11, "from"), (0, 2, "via"), (1, 10, "to")],
         {"type": "restriction", "restriction": "only_right_turn", "except": "bus"}),
    23: ([(1, 11, "from"), (0, 2, "via"), (1, 10, "to")],
         {"type": "restriction", "restriction": "no_entry", "except": "motorcar"}),
    24: ([(1, 10, "outer")], {"type": "multipolygon"}),
}  # fmt: skip


def varint(value):
    value &= (1 << 64) - 1
    made = b""
    while value > 127:
        made, value = made + bytes([value & 127 | 128]), value >> 7
    return made + bytes([value])


def signed(value):
    return varint(value << 1 ^ value >> 63)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def deltas(values):
    return b"".join(signed(int(step)) for step in np.diff([0, *values]))


def block(kind, content, packed=None):
    blob = packed or field(2, len(content)) + field(3, zlib.compress(content))
    head = field(1, kind) + field(3, len(blob))
    return struct.pack(">I", len(head)) + head + blob


def pbf(dense=True, features=(b"OsmSchema-V0.6", b"DenseNodes"), more=b""):
    strings = [""]

    def index(text):
        if text not in strings:
            strings.append(text)
        return strings.index(text)

    def tags(of):
        keys, values = (b"".join(varint(index(text)) for text in side) for side in (of.keys(), of.values()))
        return field(2, keys) + field(3, values)

    lat, lon = ([round(NODES[n][axis] * 1e7) for n in NODES] for axis in (1, 0))
    if dense:
        nodes = field(2, field(1, deltas(NODES)) + field(8, deltas(lat)) + field(9, deltas(lon)))
    else:
        zig = [[value << 1 ^ value >> 63 for value in row] for row in zip(NODES, lat, lon)]
        nodes = b"".join(field(1, field(1, one) + field(8, y) + field(9, x)) for one, y, x in zig)
    ways = b"".join(field(3, field(1, n) + tags(of) + field(8, deltas(refs))) for n, (refs, of) in WAYS.items())
    relations = b"".join(
        field(4, field(1, n) + tags(of) + field(8, b"".join(varint(index(role)) for _, _, role in members))
              + field(9, deltas([one for _, one, _ in members])) + field(10, bytes(kind for kind, _, _ in members)))
        for n, (members, of) in RELATIONS.items()
    )  # fmt: skip
    table = field(1, b"".join(field(1, text.encode()) for text in strings))
    header = b"".join(field(4, name) for name in features)
    groups = [nodes, ways, relations]
    return block(b"OSMHeader", header) + b"".join(block(b"OSMData", table + field(2, one)) for one in groups) + more


def xml():
    kinds = ("node", "way", "relation")
    text = ['<?xml version="1.0"?><osm version="0.6"><node id="77" action="delete" lon="4" lat="52"/>']
    text += [f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in NODES.items()]
    for n, (refs, of) in WAYS.items():
        inner = "".join(f'<nd ref="{one}"/>' for one in refs) + _xml_tags(of)
        text.append(f'<way id="{n}">{inner}</way>')
    for n, (members, of) in RELATIONS.items():
        inner = "".join(f'<member type="{kinds[k]}" ref="{one}" role="{role}"/>' for k, one, role in members)
        text.append(f'<relation id="{n}">{inner}{_xml_tags(of)}</relation>')
    return "".join([*text, "</osm>"]).encode()


def _xml_tags(of):
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in of.items())


@pytest.fixture(params=["dense.osm.pbf", "single.osm.pbf", "plain.osm", "packed.osm.gz"])
def path(request, tmp_path):
    import gzip

    file = tmp_path / request.param
    content = {"dense": pbf(), "single": pbf(dense=False), "plain": xml(), "packed": gzip.compress(xml())}
    file.write_bytes(content[request.param.split(".")[0]])
    return file


def test_roads_and_bans_of_each_format(path, stand_in_grids):
    progress = Silent()
    roads, turns = OsmRoadsSource(path).network(progress=progress)
    assert roads.columns["osm_id"].tolist() == ["10", "11", "12", "14"]
    assert roads.columns["highway"].tolist() == ["residential", "tertiary", "footway", None]
    assert roads.columns["maxspeed"].tolist() == ["NL:urban", None, None, None]
    assert roads.columns["lanes_forward"].tolist() == [None, "2", None, None]
    assert np.diff(roads.geometries.coordinate_spans()).tolist() == [3, 2, 2, 2]
    shared = roads.geometries.coordinates[[1, 3]]
    assert (shared[0] == shared[1]).all()  # a node of two ways is one place, to the last digit
    assert turns.columns["from_link"].tolist() == ["10", "11"]
    assert turns.columns["to_link"].tolist() == ["11", "10"]
    assert turns.columns["kind"].tolist() == ["no_left_turn", "only_right_turn"]
    assert turns.geometries.coordinates[0] == pytest.approx(shared[0], abs=1e-6)  # m: the grids' own noise
    assert any("1 bans on turning" in text for text in progress.warnings)  # the one by a way


def test_facts_and_area(path, stand_in_grids):
    source = OsmRoadsSource(path)
    assert source.describe().facts["types"] == {"residential": 1, "tertiary": 1, "footway": 1, "ferry": 1}
    roads, _ = source.network()
    x, y = roads.geometries.coordinates[4]  # node 3
    near = Extent(x - 5, y - 5, x + 5, y + 5)
    some = list(source.read(near))[0]
    assert some.columns["osm_id"].tolist() == ["11", "14"]  # those with a node there, whole
    assert list(source.read(Extent(10_000, 400_000, 10_010, 400_010))) == []


def test_abroad_is_in_utm(tmp_path):
    file = tmp_path / "berlin.osm"
    file.write_text(
        '<osm><node id="1" lon="13.40" lat="52.5"/><node id="2" lon="13.41" lat="52.5"/>'
        '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>'
    )
    roads, turns = OsmRoadsSource(file).network()
    assert roads.crs == "EPSG:32633" and turns is None
    # 0.01 degree of longitude at 52.5 north is 678.9 m on GRS80; UTM shrinks it by up to 0.0004
    assert np.hypot(*np.diff(roads.geometries.coordinates, axis=0)[0]) == pytest.approx(678.9, abs=0.4)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x00",
        struct.pack(">I", 1 << 30) + b"x",
        block(b"OSMData", b"", field(3, zlib.compress(bytes(40 << 20)))),  # grows beyond what a block may hold
        block(b"OSMData", b"", field(3, b"no zlib")),
        block(b"OSMData", b"", field(7, b"zstd")),
        block(b"OSMData", field(2, field(2, field(1, deltas([1, 2])) + field(8, b"\x80")))),
        block(b"OSMData", field(2, field(2, field(1, deltas([1, 2])) + field(8, deltas([1]))))),
        pbf()[:-7],
        pbf(features=[b"HistoricalInformation"]),
        struct.pack(">I", 11) + b"\x0a" + b"\xff" * 10,
    ],
)  # fmt: skip
def test_damaged_pbf_is_refused(content, tmp_path):
    file = tmp_path / "bad.osm.pbf"
    file.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        for what in ("ways", "nodes", "relations"):
            list(PbfReader(file).read(what))
    assert "bad.osm.pbf" in str(caught.value)


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_byte_is_an_error_of_ours_or_nothing(seed, tmp_path, stand_in_grids):
    rng = np.random.default_rng(seed)
    content = bytearray(pbf(dense=bool(seed % 2)))
    for at in rng.integers(0, len(content), 3):
        content[at] ^= int(rng.integers(1, 256))
    file = tmp_path / "bad.osm.pbf"
    file.write_bytes(bytes(content))
    try:
        OsmRoadsSource(file).network()
    except DtwinError:
        pass


@pytest.mark.parametrize(
    "text",
    [
        "<osm><node id='1' lat='52'/><way id='1'><nd ref='1'/><tag k='highway' v='x'/></way></osm>",
        "<osm><way id='x'><nd ref='1'/><tag k='highway' v='x'/></way></osm>",
        "<!DOCTYPE o [<!ENTITY a 'b'>]><osm><way id='1'><tag k='&a;' v='x'/></way></osm>",
        "<osm><way",
        "no xml",
    ],
)
def test_damaged_xml_is_refused(text, tmp_path):
    file = tmp_path / "bad.osm"
    file.write_text(text)
    with pytest.raises(FormatError):
        OsmRoadsSource(file).network()


def test_absent_file():
    with pytest.raises(SourceError, match="does not exist"):
        OsmRoadsSource("/vsicurl/https://example.org/a.osm.pbf").network()


def test_numbers_of_the_format():
    values = np.array([0, 1, 127, 128, 300, 2**63 - 1], np.uint64)
    assert packed_varints(b"".join(varint(int(value)) for value in values)).tolist() == values.tolist()
    some = [0, -1, 5, -300, 2**40]
    assert zigzag(packed_varints(b"".join(map(signed, some)))).tolist() == some
    with pytest.raises(ValueError):
        packed_varints(bytes([0x80]))
