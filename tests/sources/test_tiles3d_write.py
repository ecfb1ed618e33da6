"""Tiles that are written: read back they are what they were made of, and boxes and levels are as viewers expect."""

import json
import zlib
from dataclasses import replace

import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Surfaces
from dtwin_plugin.errors import Cancelled, CrsError, InputError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.gltf.container import open_container
from dtwin_plugin.sources.tiles3d import Tiles3dSource
from dtwin_plugin.sources.tiles3d import write as writing
from dtwin_plugin.sources.tiles3d.earth import corners
from dtwin_plugin.sources.tiles3d.write import write_tileset
from dtwin_plugin.sources.tiles3d.write_blocks import blocks_of, volumes_of
from dtwin_plugin.sources.tiles3d.write_mesh import town_of
from dtwin_plugin.sources.tiles3d.write_paint import Class, by_classes, by_kind, classes_for
from scripts.town import town

COLOURS = {"GroundSurface": "#646464", "WallSurface": "#c8c8a0", "RoofSurface": "#c80000", "Unknown": "#0000c8"}
HOUSES = 60
MM = 1e-3


@pytest.fixture
def written(stand_in_grids, tmp_path, monkeypatch):
    """A tileset of sixty houses, in tiles of ten at most."""
    monkeypatch.setattr(writing, "_FINE", 160)
    houses = town(HOUSES)
    made = write_tileset(houses, by_kind(houses.semantics, COLOURS), tmp_path / "out", "Houses", Silent())
    return houses, tmp_path / "out", made


def read(folder, **options):
    (found,) = Tiles3dSource(folder / "tileset.json", **options).read()
    return found


def outlines(surfaces):
    """Of each object, by its id, the lowest and highest x, y, z and the area of all its surfaces."""
    spans, xyz = surfaces.geometries.coordinate_spans(), surfaces.geometries.coordinates
    found = {}
    for row, name in enumerate(surfaces.columns["id"]):
        faces = [xyz[spans[k] : spans[k + 1]] for k in np.flatnonzero(surfaces.objects == row)]
        flat = [face - face[0] for face in faces]
        area = sum(np.linalg.norm(sum(np.cross(a, b) for a, b in zip(f, f[1:]))) / 2 for f in flat)
        points = np.concatenate(faces)
        found[name] = [*points.min(axis=0), *points.max(axis=0), area]
    return found


def test_every_building_comes_back_once_where_it_was(written):
    houses, folder, made = written
    found = read(folder)
    expected, back = outlines(houses), outlines(found)
    assert sorted(back) == sorted(expected) and len(found.columns["id"]) == HOUSES == made["objects"]
    rows = sorted(back)
    assert np.abs(np.array([back[k][:6] for k in rows]) - [expected[k][:6] for k in rows]).max() < MM
    assert [back[k][6] for k in rows] == pytest.approx([expected[k][6] for k in rows], rel=1e-4)
    assert len(found) == made["triangles"] == 16 * HOUSES and not made["lost"]


def test_attributes_come_back_as_they_were(written):
    houses, folder, _ = written
    found = read(folder)
    was = {name: row for row, name in enumerate(houses.columns["id"])}
    rows = [was[name] for name in found.columns["id"]]
    for name in ("bouwjaar", "lden"):
        assert found.columns[name].tolist() == houses.columns[name][rows].tolist()
    assert set(found.columns["type"]) == {"Building"}  # the BAG knows them


def test_surfaces_are_what_they_were(written):
    """The reader tells roofs, walls and ground by where they face: triangles turn as their surface does."""
    _, folder, _ = written
    kinds, counts = np.unique(read(folder).semantics.astype(str), return_counts=True)
    per_house = dict(zip(kinds, counts / HOUSES))
    assert per_house == {"GroundSurface": 2, "RoofSurface": 4, "WallSurface": 10}


def test_from_afar_blocks_stand_for_buildings(written):
    houses, folder, _ = written
    (found,) = Tiles3dSource(folder / "tileset.json", geometric_error=1000).read()
    assert len(found) == 10 * HOUSES  # a roof of two triangles, four walls of two
    back, was = outlines(found), outlines(houses)
    for name, edges in back.items():
        assert edges[:3] == pytest.approx(was[name][:3], abs=MM) and edges[3:5] == pytest.approx(was[name][3:5], abs=MM)
        roof = houses.geometries.coordinates[37 * list(was).index(name) :][:37, 2]
        eaves, ridge = sorted(set(roof.round(6)))[1:]
        assert edges[5] == pytest.approx((eaves + ridge) / 2, abs=0.01)  # of a gabled roof


def test_boxes_hold_what_is_in_them_and_errors_go_down(written):
    _, folder, made = written
    document = json.loads((folder / "tileset.json").read_text())
    assert document["asset"]["version"] == "1.1" and document["geometricError"] > document["root"]["geometricError"]
    tiles = []

    def walk(entry, place, above):
        matrix = place @ np.array(entry["transform"]).reshape(4, 4).T
        around = corners(entry["boundingVolume"], matrix)
        content = Tiles3dSource(folder / entry["content"]["uri"]).first_content()
        ((part, _),) = content.parts
        xyz = part.xyz @ matrix[:3, :3].T + matrix[:3, 3]
        edges = around[[4, 2, 1]] - around[0]  # the three that leave one corner
        local = (xyz - around[0]) @ edges.T / (edges**2).sum(axis=1)
        assert local.min() >= 0 and local.max() <= 1
        assert entry["refine"] == "REPLACE" and entry["geometricError"] < above
        tiles.append(entry["content"]["uri"])
        for child in entry.get("children", []):
            walk(child, matrix, entry["geometricError"])
        if "children" not in entry:
            assert entry["geometricError"] == 0

    walk(document["root"], np.eye(4), np.inf)
    assert len(tiles) == made["tiles"] == len(list((folder / "tiles").iterdir())) > 6
    assert document["asset"]["extras"]["legend"] == {k: v for k, v in COLOURS.items() if k != "Unknown"}


def test_roofs_are_red_and_brighter_to_the_sun(written):
    _, folder, _ = written
    data = (folder / "tiles" / "0-0-0.glb").read_bytes()
    document, binary = open_container(data, "a.glb")
    accessors, views = document["accessors"], document["bufferViews"]
    assert "NORMAL" not in document["meshes"][0]["primitives"][0]["attributes"]  # QGIS would not turn them

    def column(number, dtype, width):
        view = views[accessors[number]["bufferView"]]
        return np.frombuffer(binary, dtype, accessors[number]["count"] * width, view["byteOffset"]).reshape(-1, width)

    places, faces = column(1, "<f4", 2), column(3, "<u4", 1).reshape(-1, 3)
    view = views[document["images"][0]["bufferView"]]
    image = binary[view["byteOffset"] :][: view["byteLength"]]
    width, height = (int.from_bytes(image[at : at + 4], "big") for at in (16, 20))
    start = image.index(b"IDAT") + 4
    pixels = np.frombuffer(zlib.decompress(image[start:-16]), np.uint8).reshape(height, 1 + 3 * width)[:, 1:]
    pixels = pixels.reshape(height, width, 3)
    texel = (places[faces[:, 0]] * [width, height]).astype(int)
    colour = pixels[texel[:, 1], texel[:, 0]].astype(int)
    red = (colour[:, 0] > 80) & (colour[:, 1] == 0) & (colour[:, 2] == 0)
    assert red.sum() == 2 * HOUSES  # the roofs of blocks
    assert len(np.unique(colour[red][:, 0])) == 1 and len(np.unique(colour[~red][:, 0])) > 2


def test_ids_of_parts_are_one_building_and_outlines_are_left_out(stand_in_grids, tmp_path):
    houses = town(4)
    ids = np.array(["a", "a-0", "a-1", "b"], object)
    parents = np.array([None, "a", "a", None], object)
    lods = np.array(["0", "2.2", "2.2", "2.2"], object)
    columns = {"id": ids, "parent": parents, "lod": lods, "type": houses.columns["type"]}
    made = write_tileset(
        replace(houses, columns=columns), by_kind(houses.semantics, COLOURS), tmp_path / "out", "", Silent()
    )
    found = read(tmp_path / "out")
    assert made["objects"] == 2 and sorted(found.columns["id"]) == ["a-0", "a-1", "b"]


def test_the_largest_buildings_are_seen_from_afar(stand_in_grids):
    houses = town(50)
    blocks = blocks_of(town_of(houses, by_kind(houses.semantics, COLOURS), Silent()), Silent())
    volumes = volumes_of(blocks)
    spans = outlines(houses)
    rough = np.array([(e[3] - e[0]) * (e[4] - e[1]) * (e[5] - e[2]) for e in spans.values()])
    assert np.corrcoef(volumes, rough)[0, 1] > 0.8 and (volumes > 0).all()


def test_classes_and_what_has_no_value():
    values = np.array([40.0, 55.0, np.nan, 70.0])
    classes = [Class("#00ff00", "quiet", low=0, high=55), Class("#ff0000", "loud", low=55, high=90)]
    paint = by_classes(values, classes, "no value")
    assert paint.of_surface.tolist() == [0, 0, 2, 1] and paint.labels[2] == "no value"
    made = classes_for(np.arange(70.0))
    counts = np.bincount(by_classes(np.arange(70.0), made, "-").of_surface)
    assert len(made) == 7 and counts.max() - counts.min() <= 1
    assert by_classes(np.array(["1", 2, 2.0, None], object), [Class("#000000", "two", 2)], "-").of_surface.tolist() == [
        1, 0, 0, 1,
    ]  # fmt: skip


def test_what_cannot_be_written_is_told(stand_in_grids, tmp_path):
    houses = town(2)
    empty = Surfaces(Geometries.build("polygon", []), np.empty(0, object), np.empty(0, np.int64), houses.columns)
    with pytest.raises(InputError, match="no surfaces with a shape"):
        write_tileset(empty, by_kind(empty.semantics, COLOURS), tmp_path / "a", "", Silent())
    geometries = houses.geometries
    far = replace(geometries, coordinates=geometries.coordinates + [1e6, 0, 0])
    with pytest.raises(CrsError):
        write_tileset(replace(houses, geometries=far), by_kind(houses.semantics, COLOURS), tmp_path / "b", "", Silent())
    z = geometries.coordinates.copy()
    z[:5, 2] = np.nan  # the ground of the first house
    made = write_tileset(
        replace(houses, geometries=replace(geometries, coordinates=z)),
        by_kind(houses.semantics, COLOURS), tmp_path / "c", "", Silent(),
    )  # fmt: skip
    assert made["lost"] == 1 and len(read(tmp_path / "c")) == made["triangles"] == 30


def test_a_user_stops_it(stand_in_grids, tmp_path, cancelling):
    houses = town(4)
    with pytest.raises(Cancelled):
        write_tileset(houses, by_kind(houses.semantics, COLOURS), tmp_path / "out", "", cancelling(1))


def test_without_the_grids_nothing_is_written(no_grids, tmp_path):
    houses = town(2)
    with pytest.raises(CrsError, match="nl_nsgi"):
        no_grids(write_tileset, houses, by_kind(houses.semantics, COLOURS), tmp_path / "out", "", Silent())
    assert not (tmp_path / "out").exists()
