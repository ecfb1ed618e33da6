"""What reading CityJSON gives, on small models that can be checked by hand."""

import json

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, CrsError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.cityjson import CityJsonSource, surfaces_of, surfaces_of_features

X, Y = 85000.0, 447000.0
CORNERS = [[0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0], [0, 0, 5], [4, 0, 5], [4, 3, 5], [0, 3, 5]]
BOX = [[[0, 3, 2, 1]], [[4, 5, 6, 7]], [[0, 1, 5, 4]], [[1, 2, 6, 5]], [[2, 3, 7, 6]], [[3, 0, 4, 7]]]
IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def shifted(boundaries, by):
    return [shifted(item, by) if isinstance(item, list) else item + by for item in boundaries]


def solid(by=0, lod="2.2", **more):
    return {"type": "Solid", "lod": lod, "boundaries": [shifted(BOX, by)], **more}


def model(objects, vertices=CORNERS, **more):
    head = {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [1.0, 1.0, 1.0], "translate": [X, Y, 0.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
    }
    return {**head, **more, "CityObjects": objects, "vertices": vertices}


@pytest.fixture
def write(tmp_path):
    def write(content, name="a.city.json"):
        path = tmp_path / name
        if isinstance(content, list):
            path.write_text("\n".join(json.dumps(line) for line in content) + "\n", encoding="utf-8")
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def read(path, extent=None, progress=None, **options):
    return list(CityJsonSource(path, **options).read(extent, progress))


def only(path, extent=None, progress=None, **options):
    (chunk,) = read(path, extent, progress, **options)
    return chunk


def house(**more):
    return {"a": {"type": "Building", "geometry": [solid()], **more}}


def test_rings_are_closed(write):
    chunk = only(write(model(house())))
    rings = chunk.geometries.rings
    assert np.diff(rings).tolist() == [5] * 6
    assert np.array_equal(chunk.geometries.coordinates[rings[:-1]], chunk.geometries.coordinates[rings[1:] - 1])


def test_coordinates_are_scaled_and_moved(write):
    chunk = only(write(model(house(), transform={"scale": [0.5, 0.5, 0.1], "translate": [X, Y, -2.0]})))
    low, high = chunk.geometries.coordinates.min(axis=0), chunk.geometries.coordinates.max(axis=0)
    assert np.allclose([*low, *high], [X, Y, -2, X + 2, Y + 1.5, -1.5])
    assert chunk.crs == "EPSG:7415"


def test_a_hole_stays_a_hole(write):
    square = [[0, 0, 0], [9, 0, 0], [9, 9, 0], [0, 9, 0], [2, 2, 0], [2, 4, 0], [4, 4, 0]]
    item = {"type": "MultiSurface", "lod": "1", "boundaries": [[[0, 1, 2, 3], [4, 5, 6]]]}
    chunk = only(write(model({"a": {"type": "LandUse", "geometry": [item]}}, square)))
    assert len(chunk) == 1
    assert np.diff(chunk.geometries.parts).tolist() == [2]
    assert np.diff(chunk.geometries.rings).tolist() == [5, 4]


@pytest.mark.parametrize(
    ("kind", "boundaries", "count"),
    [
        ("MultiSurface", BOX, 6),
        ("CompositeSurface", BOX, 6),
        ("Solid", [BOX], 6),
        ("Solid", [BOX, BOX[:4]], 10),
        ("MultiSolid", [[BOX], [BOX]], 12),
        ("CompositeSolid", [[BOX, BOX[:4]], []], 10),
    ],
)
def test_every_kind_of_geometry_gives_its_surfaces(write, kind, boundaries, count):
    item = {"type": kind, "lod": "1", "boundaries": boundaries}
    assert len(only(write(model({"a": {"type": "Building", "geometry": [item]}})))) == count


def test_points_and_lines_are_counted_and_left_out_with_a_warning(write):
    geometries = [
        {"type": "MultiPoint", "lod": "1", "boundaries": [0, 1]},
        {"type": "MultiLineString", "lod": "1", "boundaries": [[0, 1]]},
    ]
    path, progress = write(model({"a": {"type": "Building", "geometry": geometries}})), Silent()
    assert read(path, None, progress) == []
    assert len([text for text in progress.warnings if "left out" in text]) == 2
    assert CityJsonSource(path).describe().facts["geometries"] == {"MultiLineString": 1, "MultiPoint": 1}


def test_an_instance_is_its_template_moved_and_turned(write):
    template = {"type": "MultiSurface", "lod": "3", "boundaries": [[[0, 1, 2]]]}
    templates = {"templates": [template], "vertices-templates": [[1, 0, 0], [2, 0, 0], [1, 1, 0]]}
    turned = [0, -1, 0, 10, 1, 0, 0, 20, 0, 0, 2, 30, 0, 0, 0, 1]  # a quarter turn, then a move
    item = {"type": "GeometryInstance", "template": 0, "boundaries": [1], "transformationMatrix": turned}
    tree = {"tree": {"type": "SolitaryVegetationObject", "geometry": [item]}}
    chunk = only(write(model(tree, **{"geometry-templates": templates})))
    expected = [[14, 21, 30], [14, 22, 30], [13, 21, 30], [14, 21, 30]]
    assert np.allclose(chunk.geometries.coordinates - [X, Y, 0], expected)
    assert chunk.columns["lod"].tolist() == ["3"]


def test_instances_stand_beside_other_geometries(write):
    template = {
        "type": "MultiSurface",
        "lod": "2.2",
        "boundaries": [[[0, 1, 2]]],
        "semantics": {"surfaces": [{"type": "RoofSurface"}], "values": [0]},
    }
    templates = {"templates": [template], "vertices-templates": [[1, 0, 0], [2, 0, 0], [1, 1, 0]]}
    instance = {"type": "GeometryInstance", "template": 0, "boundaries": [0], "transformationMatrix": IDENTITY}
    walls = {"surfaces": [{"type": "WallSurface"}], "values": [[0] * 6]}
    item = {"type": "Building", "geometry": [solid(semantics=walls), instance, instance]}
    chunk = only(write(model({"a": item}, **{"geometry-templates": templates})))
    assert chunk.semantics.tolist() == ["WallSurface"] * 6 + ["RoofSurface"] * 2
    assert chunk.object_count == 1


@pytest.mark.parametrize("values", [[[0, None, 1, 1, None, 1]], [None], None])
def test_semantics_may_be_null(write, values):
    surfaces = [{"type": "GroundSurface"}, {"type": "WallSurface"}]
    chunk = only(write(model(house(geometry=[solid(semantics={"surfaces": surfaces, "values": values})]))))
    names = {0: "GroundSurface", 1: "WallSurface", None: "Unknown"}
    flat = values[0] if values and values[0] else [None] * 6
    assert chunk.semantics.tolist() == [names[value] for value in flat]


def test_attributes_of_surfaces_become_surface_columns(write):
    surfaces = [{"type": "RoofSurface", "b3_azimut": 180.5, "b3_hellingshoek": 30}, {"type": "WallSurface"}]
    chunk = only(
        write(model(house(geometry=[solid(semantics={"surfaces": surfaces, "values": [[1, 0, 1, 1, 1, 1]]})])))
    )
    assert chunk.surface_columns["b3_azimut"][1] == 180.5
    assert np.isnan(chunk.surface_columns["b3_azimut"][[0, 2, 3, 4, 5]]).all()


def test_attributes_are_flat_and_never_hide_the_columns_that_are_always_there(write):
    attributes = {"type": "shed", "use": {"main": "shop"}, "floors": 2, "tags": ["a"]}
    columns = only(write(model(house(attributes=attributes)))).columns
    assert columns["type"].tolist() == ["Building"]
    assert columns["attributes.type"].tolist() == ["shed"]
    assert columns["use.main"].tolist() == ["shop"]
    assert columns["floors"].tolist() == [2]
    assert columns["tags"].tolist() == ['["a"]']


@pytest.mark.parametrize("name", ["h_dak_50p", "b3_h_dak_50p", "b3_h_50p"])
def test_heights_of_every_3dbag_release_have_one_name(write, name):
    columns = only(write(model(house(attributes={name: 9.5})))).columns
    assert columns["b3_h_50p"].tolist() == [9.5]
    assert name == "b3_h_50p" or name not in columns


def family(part_first):
    part = {"type": "BuildingPart", "parents": ["a"], "attributes": {"own": 1}, "geometry": [solid()]}
    whole = {"type": "Building", "children": ["b"], "attributes": {"own": 0, "year": 1970}}
    return {"b": part, "a": whole} if part_first else {"a": whole, "b": part}


@pytest.mark.parametrize("part_first", [True, False])
def test_a_part_inherits_what_it_lacks(write, part_first):
    columns = only(write(model(family(part_first)))).columns
    assert columns["id"].tolist() == ["b"]
    assert columns["parent"].tolist() == ["a"]
    assert (columns["year"].tolist(), columns["own"].tolist()) == ([1970], [1])


def test_an_object_without_a_parent_has_none(write):
    assert only(write(model(house()))).columns["parent"].tolist() == [None]


def test_a_member_of_a_group_inherits_nothing_from_it(write):
    group = {"type": "CityObjectGroup", "children": ["a"], "attributes": {"name": "street"}}
    chunk = only(write(model({**house(parents=["g"]), "g": group})))
    assert "name" not in chunk.columns


@pytest.mark.parametrize(("lod", "text"), [(2, "2"), (2.2, "2.2"), ("1.3", "1.3"), (None, "")])
def test_the_level_of_detail_is_text(write, lod, text):
    assert only(write(model(house(geometry=[solid(lod=lod)])))).columns["lod"].tolist() == [text]


LODS = [{"type": "MultiSurface", "lod": "0", "boundaries": BOX[:1]}, solid(lod="1.2"), solid(lod="2.2")]


@pytest.mark.parametrize(
    ("lod", "found"), [(None, ["0", "1.2", "2.2"]), ("1.2", ["1.2"]), ("highest", ["2.2"]), ("3", [])]
)
def test_levels_of_detail_are_chosen(write, lod, found):
    chunks = read(write(model(house(geometry=LODS))), lod=lod)
    assert [text for chunk in chunks for text in chunk.columns["lod"]] == found


def test_the_highest_leaves_out_the_outline_of_a_building_with_parts(write):
    objects = family(False)
    objects["a"]["geometry"] = LODS[:1]
    assert only(write(model(objects)), lod="highest").columns["id"].tolist() == ["b"]


@pytest.mark.parametrize(
    ("types", "found"), [(["Building"], ["b"]), (["BuildingPart"], ["b"]), (["Road"], ["r"]), (["Tree"], [])]
)
def test_types_are_chosen_and_parts_go_with_their_whole(write, types, found):
    objects = {**family(True), "r": {"type": "Road", "geometry": [solid()]}}
    chunks = read(write(model(objects)), types=types)
    assert [name for chunk in chunks for name in chunk.columns["id"]] == found


def two_parts():
    vertices = CORNERS + [[x + 100, y, z] for x, y, z in CORNERS] + [[x + 500, y, z] for x, y, z in CORNERS]
    objects = {
        "a": {"type": "Building", "children": ["a-0", "a-1"]},
        "far": {"type": "Building", "geometry": [solid(16)]},
        "a-0": {"type": "BuildingPart", "parents": ["a"], "geometry": [solid(0)]},
        "a-1": {"type": "BuildingPart", "parents": ["a"], "geometry": [solid(8)]},
    }
    return objects, vertices


@pytest.mark.parametrize(
    ("low", "high", "found"), [(-5, 1, {"a-0", "a-1"}), (50, 60, {"a-0", "a-1"}), (450, 600, {"far"})]
)
def test_an_area_never_splits_a_building(write, low, high, found):
    chunk = only(write(model(*two_parts())), Extent(X + low, Y - 5, X + high, Y + 5))
    assert set(chunk.columns["id"]) == found
    assert len(chunk) == 6 * len(found)


def test_an_area_without_objects_gives_nothing(write):
    assert read(write(model(*two_parts())), Extent(X, Y + 100, X + 600, Y + 200)) == []


def test_rings_without_area_are_left_out_with_a_warning(write):
    item = {"type": "MultiSurface", "lod": "1", "boundaries": [[[0, 1, 0, 1]], [[0, 1]], [[0, 1, 2, 3], [0, 1, 1]]]}
    progress = Silent()
    chunk = only(write(model({"a": {"type": "LandUse", "geometry": [item]}})), None, progress)
    assert len(chunk) == 1
    assert np.diff(chunk.geometries.parts).tolist() == [1]
    assert progress.warnings == ["3 rings of fewer than three distinct points were left out."]


def features():
    objects, vertices = two_parts()
    head = {**model({}), "vertices": []}
    whole = {name: item for name, item in objects.items() if name != "far"}
    far = {"far": {"type": "Building", "geometry": [solid()]}}
    return [
        head,
        {"type": "CityJSONFeature", "id": "a", "CityObjects": whole, "vertices": vertices[:16]},
        {"type": "CityJSONFeature", "id": "far", "CityObjects": far, "vertices": vertices[16:]},
    ]


def test_a_sequence_gives_the_same_as_a_document(write):
    document, sequence = only(write(model(*two_parts()))), only(write(features(), "a.city.jsonl"))
    order = np.argsort(sequence.columns["id"][sequence.objects].astype(str), kind="stable")
    other = np.argsort(document.columns["id"][document.objects].astype(str), kind="stable")
    found, expected = sequence.geometries.take(order), document.geometries.take(other)
    assert np.array_equal(found.coordinates, expected.coordinates)


def test_features_of_a_sequence_keep_their_own_vertices(write):
    info = CityJsonSource(write(features(), "a.jsonl")).describe()
    assert (info.format, info.count, info.facts["features"]) == ("CityJSONSeq 2.0", 4, 2)
    assert info.extent == (X, Y, 0.0, X + 504.0, Y + 3.0, 5.0)


def test_the_older_place_of_the_crs_is_known(write):
    document = model(house(), version="1.0", metadata={"crs": {"epsg": 7415}})
    assert CityJsonSource(write(document)).describe().crs == "EPSG:7415"


def test_an_unknown_crs_is_refused_and_named(write):
    with pytest.raises(CrsError, match="my-own"):
        read(write(model(house(), metadata={"referenceSystem": "my-own"})))


def test_assumed_crs_serves_a_file_without_one(write):
    path = write(model(house(), metadata={}, transform={"scale": [1, 1, 1], "translate": [0, 0, 0]}))
    with pytest.raises(CrsError, match="assume_crs"):
        read(path)
    assert len(only(path, assume_crs="EPSG:7415")) == 6
    with pytest.raises(CrsError, match="local"):
        read(path, assume_crs="local")


def test_another_crs_is_transformed(write, grids):
    # Amsterdam, Dam: RD (121000, 487000), NAP 0 m
    transform = {"scale": [1e-9, 1e-9, 1e-9], "translate": [4.8879700431, 52.3698263053, 42.98851]}
    metadata = {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/4979"}
    corners = [[0, 0, 0], [900, 0, 0], [900, 900, 0], [0, 900, 0]]
    item = {"type": "MultiSurface", "lod": "1", "boundaries": [[[0, 1, 2, 3]]]}
    objects = {"a": {"type": "LandUse", "geometry": [item]}}
    chunk = only(write(model(objects, corners, transform=transform, metadata=metadata)))
    # accuracy of RDNAPTRANS2018: 1 mm
    assert np.allclose(chunk.geometries.coordinates[0], [121000, 487000, 0], rtol=0, atol=0.001)


def test_work_stops_when_asked(write, cancelling):
    with pytest.raises(Cancelled):
        read(write(model(house())), None, cancelling())


def test_progress_ends_at_one(write, cancelling):
    progress = cancelling(after=1000)
    read(write(features(), "a.jsonl"), None, progress)
    assert progress.reports[-1] == pytest.approx(1.0)


def test_nothing_is_opened_before_it_is_asked(tmp_path):
    source = CityJsonSource(tmp_path / "absent.json")
    with pytest.raises(SourceError, match="does not exist"):
        source.describe()


def test_surfaces_of_parsed_objects(write):
    transform = {"scale": [1, 1, 1], "translate": [X, Y, 0]}
    assert len(surfaces_of(house(), CORNERS, transform, lod="2.2")) == 6
    assert len(surfaces_of(house(), CORNERS, transform, lod="1.2")) == 0


def test_surfaces_of_parsed_features_are_those_of_the_sequence(write):
    head, *rest = features()
    found = surfaces_of_features(rest, head["transform"])
    expected = only(write(features(), "a.jsonl"))
    assert np.array_equal(found.geometries.coordinates, expected.geometries.coordinates)
    assert found.columns["id"].tolist() == expected.columns["id"].tolist()
