"""The buildings of the sample: CityJSON 2.0 as the 3DBAG gives it, with sound solids."""

import json
import re
from collections import Counter

import numpy as np
import pytest

from resources.sample import EXTENT, solids

SHAPES = {
    "flat": solids.prism([(0, 0), (4, 0), (4, 3), (0, 3)], 3.0),
    "gable": solids.profile([(0, 5), (4, 9), (8, 5)], 5.0),
    "gable to the street": solids.profile([(0, 5), (4, 9), (8, 5)], 5.0, across=True),
    "two dormers": solids.profile([(0, 5), (4, 9), (8, 5), (8, 3), (10, 3)], 5.0, dormers=[(0, 1, 4), (1, 1, 4)]),
    "hip": solids.hip(10, 8, 3, 7, (3, 3)),
    "half of a hipped pair": solids.hip(6, 8, 3, 7, (0, 3)),
    "spire": solids.spire(6, 6, 12, 30),
    "corner": solids.corner(((0, 0), (10, 0), (10, 4), (4, 4), (4, 9), (0, 9)), 4, 3, 5),
    "set-back top": solids.stepped([(0, 0), (9, 0), (9, 9), (0, 9)], 10, [(2, 2), (4, 2), (4, 4), (2, 4)], 13),
    "mill": solids.mill(4.8, 2.9, 13.5, 16.8),
}


def edges(rings):
    return Counter((tuple(a), tuple(b)) for ring in rings for a, b in zip(ring, ring[1:] + ring[:1]))


def is_closed(count):
    return all(n == 1 and count[b, a] == 1 for (a, b), n in count.items())


@pytest.mark.parametrize("name", SHAPES)
def test_every_roof_shape_is_closed_and_looks_outward(name):
    faces = SHAPES[name]
    assert is_closed(edges([ring for _, rings in faces for ring in rings]))
    assert solids.volume(faces) > 0


@pytest.mark.parametrize(
    "name, expected",
    [("flat", 36.0), ("gable", 8 * 5 * 5 + 8 * 4 / 2 * 5), ("spire", 36 * 12 + 36 * 18 / 3), ("set-back top", 822.0)],
)
def test_volume_of_simple_shapes(name, expected):
    assert solids.volume(SHAPES[name]) == pytest.approx(expected, rel=1e-12)  # exact but for rounding


def test_azimuth_of_a_roof_is_a_compass_direction():
    south = [(0, 0, 3), (10, 0, 3), (10, 4, 7), (0, 4, 7)]
    assert solids.slope_and_azimuth(south) == pytest.approx((45.0, 180.0))


def solids_of(city):
    for name, item in city["CityObjects"].items():
        for geometry in item["geometry"]:
            if geometry["type"] == "Solid":
                yield name, geometry


def test_the_head_names_version_crs_and_transform(city):
    assert city["type"] == "CityJSON" and city["version"] == "2.0"
    assert city["metadata"]["referenceSystem"] == "https://www.opengis.net/def/crs/EPSG/0/7415"
    assert city["transform"]["scale"] == [0.001, 0.001, 0.001]
    assert all(isinstance(c, int) for vertex in city["vertices"][:100] for c in vertex)


def test_all_vertices_lie_in_the_area(city):
    real = np.array(city["vertices"]) * city["transform"]["scale"] + city["transform"]["translate"]
    assert np.all(real[:, :2] >= EXTENT[:2]) and np.all(real[:, :2] <= EXTENT[2:])


def test_buildings_follow_the_conventions_of_the_3dbag(city):
    objects = city["CityObjects"]
    buildings = {k: v for k, v in objects.items() if v["type"] == "Building"}
    assert 900 <= len(buildings) <= 1600
    for name, building in buildings.items():
        assert re.fullmatch(r"NL\.IMBAG\.Pand\.\d{16}", name)
        assert building["attributes"]["identificatie"] == name
        assert [g["lod"] for g in building["geometry"]] == ["0"]
        for i, child in enumerate(building["children"]):
            assert child == f"{name}-{i}" and objects[child]["parents"] == [name]
            assert [g["lod"] for g in objects[child]["geometry"]] == ["1.2", "1.3", "2.2"]


def test_every_solid_is_closed(city):
    open_ones = [
        (name, g["lod"]) for name, g in solids_of(city) if not is_closed(Counter(
            (a, b) for face in g["boundaries"][0] for ring in face for a, b in zip(ring, ring[1:] + ring[:1])
        ))
    ]  # fmt: skip
    assert open_ones == []


def test_every_solid_looks_outward_and_every_face_is_flat(city):
    vertices = np.array(city["vertices"]) * 0.001
    for name, geometry in solids_of(city):
        faces = [("", [vertices[ring].tolist() for ring in face]) for face in geometry["boundaries"][0]]
        assert solids.volume(faces) > 1.0, name
        for _, rings in faces:
            normal = np.array(solids.normal([[np.subtract(p, rings[0][0]) for p in ring] for ring in rings]))
            assert np.linalg.norm(normal) > 1e-3, name
            normal /= np.linalg.norm(normal)
            away = max(abs(float(np.dot(np.subtract(p, rings[0][0]), normal))) for ring in rings for p in ring)
            assert away < 0.003, name  # vertices are rounded to 1 mm


def test_semantics_name_every_face(city):
    for name, geometry in solids_of(city):
        kinds = [geometry["semantics"]["surfaces"][i]["type"] for i in geometry["semantics"]["values"][0]]
        assert len(kinds) == len(geometry["boundaries"][0]), name
        assert set(kinds) == {"GroundSurface", "RoofSurface", "WallSurface"}, name


def test_heights_areas_and_volumes_agree(city):
    for building in (o["attributes"] for o in city["CityObjects"].values() if o["type"] == "Building"):
        heights = [building[f"b3_h_{key}"] for key in ("min", "50p", "70p", "max")]
        assert building["b3_h_maaiveld"] < heights[0] and heights == sorted(heights)
        assert building["b3_opp_grond"] > 3.0
        block = building["b3_opp_grond"] * (building["b3_h_70p"] - building["b3_h_maaiveld"])
        assert building["b3_volume_lod22"] > 0
        if building["gebruik"] not in ("kerk",):  # whose tower and nave have a height each
            assert building["b3_volume_lod12"] == pytest.approx(block, rel=0.01)  # both are rounded


def test_a_row_is_made_of_houses_that_share_a_wall(city):
    shared = [
        o
        for o in city["CityObjects"].values()
        if o["type"] == "Building" and o["attributes"]["b3_opp_scheidingsmuur"] > 0
    ]
    assert len(shared) > 600


def test_the_sequence_holds_the_same_buildings(sample, city):
    head, *features = (json.loads(line) for line in (sample / "buildings.city.jsonl").open(encoding="utf-8"))
    assert head["type"] == "CityJSON" and head["transform"] == city["transform"]
    assert {f["id"] for f in features} == {k for k, o in city["CityObjects"].items() if o["type"] == "Building"}
    for feature in features:
        building = feature["CityObjects"][feature["id"]]
        assert building["attributes"] == city["CityObjects"][feature["id"]]["attributes"]
        mine = [feature["vertices"][i] for i in building["geometry"][0]["boundaries"][0][0]]
        theirs = city["CityObjects"][feature["id"]]["geometry"][0]["boundaries"][0][0]
        assert mine == [city["vertices"][i] for i in theirs]
