import base64
import json
from datetime import datetime

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Features, Geometries, Grid, Surfaces, Voxels
from dtwin_plugin.data.mesh_series import MeshSeries
from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.base import KINDS, Field
from dtwin_plugin.processes.json_text import dumped, parsed
from dtwin_plugin.processes.media import WRITTEN, Link, Value, chosen, decode, encode, value_of

SQUARE = [
    [
        (84000.123456789, 447000.0, 1.5),
        (84001.1, 447000.0, 1.5),
        (84001.1, 447002.2, 1.5),
        (84000.123456789, 447000.0, 1.5),
    ]
]
OPTIONS = {"choice": {"choices": {"a": "A"}}, "table": {"columns": {"a": "1"}}}


def field(kind, **more):
    return Field("it", "It", kind, **OPTIONS.get(kind, {}), **more)


def trip(item, carrier, folder, media_type="", **more):
    """A carrier through a request in JSON and back."""
    value = encode(item, carrier, media_type)
    text = dumped({"inputs": {item.name: value.as_json()}})
    return decode(item, value_of(parsed(text, "it")["inputs"][item.name], "it"), folder, **more)


def features(**more):
    columns = {
        "whole": np.array([1, 2]), "part": np.array([0.1, np.nan]), "yes": np.array([True, False]),
        "text": np.array(["é", None], object), "small": np.array([1.5, 2.5], np.float32),
        "moment": np.array(["2026-01-01T12:00:00", "NaT"], "datetime64[s]"), "none": np.array([np.nan, np.nan]),
    }  # fmt: skip
    return Features(
        Geometries.build("polygon", [[SQUARE, SQUARE], []]), columns, {"part": "m"}, "EPSG:7415", "plots", **more
    )


def same_features(one, other):
    assert (one.crs, one.units, one.name, list(one.columns)) == (
        other.crs,
        other.units,
        other.name,
        list(other.columns),
    )
    for level in ("coordinates", "rings", "parts", "features"):
        np.testing.assert_array_equal(getattr(one.geometries, level), getattr(other.geometries, level))
    for name, values in one.columns.items():
        assert values.dtype == other.columns[name].dtype, name
        np.testing.assert_array_equal(values, other.columns[name])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", 0.1), ("integer", -3), ("boolean", False), ("choice", "a"), ("text", "{not json"),
        ("datetime", datetime(2026, 1, 31, 12, 0, 5)), ("extent", Extent(84000.5, 447000, 85000, 448000)),
        ("table", {"a": [1.0, None, 0.1]}),
    ],
)  # fmt: skip
def test_plain_values_come_back(kind, value, tmp_path):
    assert trip(field(kind), value, tmp_path) == value


@pytest.mark.parametrize("times", [None, np.array(["2026-01-01T00:00:00", "2026-01-01T00:05:00"], "datetime64[s]")])
def test_a_grid_comes_back_to_the_last_bit(times, tmp_path):
    values = np.array([[[0.1, np.nan], [1e-7, -5.25]], [[2, 3], [4, np.nan]]], np.float32)
    grid = Grid(
        values if times is not None else values[0], 84000.25, 447000.75, 0.5, unit="m", times=times, name="depth"
    )
    found = trip(field("grid"), grid, tmp_path)
    np.testing.assert_array_equal(found.values, grid.values)
    assert (found.x_min, found.y_max, found.cell_size, found.crs, found.unit, found.name) == (
        grid.x_min, grid.y_max, grid.cell_size, grid.crs, grid.unit, grid.name)  # fmt: skip
    assert times is None or (found.times == times).all()


def test_features_come_back_to_the_last_bit_as_json_fg(tmp_path):
    given = features()
    same_features(trip(field("features"), given, tmp_path), given)


def test_no_features_come_back_as_none_of_the_same_kind_and_columns(tmp_path):
    given = features().take(np.array([], np.int64))
    same_features(trip(field("features"), given, tmp_path), given)


def test_a_reference_system_without_a_code_stays(tmp_path):
    given = Features(Geometries.points(np.array([[1.0, -2.0]])), crs='WKT:LOCAL_CS["Section"]')
    assert trip(field("features"), given, tmp_path).crs == given.crs


@pytest.mark.parametrize(
    "media_type", ["application/geo+json", "application/geopackage+sqlite3", "application/gml+xml; version=3.2"]
)
def test_features_come_back_in_place_by_each_format(media_type, tmp_path, stand_in_grids):
    shape = [[(121000.0, 487000.0), (121010.0, 487000.0), (121010.0, 487010.0), (121000.0, 487000.0)]]
    given = Features(
        Geometries.build("polygon", [[shape]]), {"height": np.array([3.5]), "name": np.array(["a<b"], object)}
    )
    found = trip(field("features"), given, tmp_path, media_type, to_rd=True)
    # degrees keep 1 mm; the two others all
    np.testing.assert_allclose(found.geometries.coordinates, given.geometries.coordinates, atol=1e-3)
    assert found.columns["height"].tolist() == [3.5] and found.columns["name"].tolist() == ["a<b"]


def test_geojson_of_anybody_has_longitude_first(tmp_path, stand_in_grids):
    point = {"type": "Point", "coordinates": [4.8879700431, 52.3698263053]}
    found = decode(field("features"), Value(point), tmp_path, to_rd=True)
    assert np.abs(found.geometries.coordinates - [[121000, 487000]]).max() < 0.01


def test_the_polyhedron_of_an_official_example_is_read_by_its_faces(shared, tmp_path):
    data = (shared / "ogcapi" / "jsonfg" / "building.fg.json").read_bytes()
    found = decode(field("features"), Value(data, "application/geo+json"), tmp_path)
    assert (found.crs, found.geometries.kind, found.geometries.has_z) == ("EPSG:5555", "polygon", True)
    assert found.geometries.coordinates[0].tolist() == [479816.67, 5705861.672, 100]


def test_surfaces_come_back_in_place(tmp_path):
    shapes = Geometries.build(
        "polygon",
        [
            [SQUARE],
            [[[(84000.1, 447000.7, 3.3), (84005, 447000.7, 3.3), (84005, 447009, 4.1), (84000.1, 447000.7, 3.3)]]],
        ],
    )
    columns = {"id": np.array(["a"], object), "type": np.array(["Building"], object), "lod": np.array(["2.2"], object),
               "parent": np.array([None], object), "height": np.array([3.25])}  # fmt: skip
    given = Surfaces(shapes, np.array(["GroundSurface", "RoofSurface"], object), np.array([0, 0]), columns)
    found = trip(field("surfaces"), given, tmp_path)
    # vertices are integers of 53 bits: steps of 2**-34 m where y is below 2**19 m
    assert np.abs(found.geometries.coordinates - given.geometries.coordinates).max() <= 2.0**-34
    assert found.semantics.tolist() == given.semantics.tolist() and found.columns["height"].tolist() == [3.25]


def test_voxels_come_back_whole(tmp_path):
    classes = np.array([[[0, -1, 1], [1, 1, 0]]], np.int16)
    chances = np.where(classes[..., None] < 0, np.nan, [0.25, 0.75]).astype(np.float32)
    given = Voxels(
        classes,
        chances,
        84000,
        447000,
        -2,
        (100, 100, 0.5),
        ("clay", "sand"),
        layers={"stratigraphy": np.abs(classes) + 1},
    )
    found = trip(field("voxels"), given, tmp_path)
    np.testing.assert_array_equal(found.classes, given.classes)
    np.testing.assert_array_equal(found.probability, given.probability)
    np.testing.assert_array_equal(found.layers["stratigraphy"], given.layers["stratigraphy"])
    assert (found.x_min, found.cell_size, found.names) == (given.x_min, given.cell_size, given.names)


def test_a_mesh_and_a_file_stay_files(tmp_path):
    mesh = MeshSeries(np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1.0]]), np.array([[0, 1, 2, 3]], np.int32),
                      np.array(["2026-01-01"], "datetime64[s]"), {"depth": np.array([[0.5]], np.float32)})  # fmt: skip
    assert trip(field("mesh"), mesh, tmp_path).read_bytes()[:3] == b"CDF"
    (tmp_path / "a.bin").write_bytes(b"\0\1\xff")
    assert trip(field("file"), tmp_path / "a.bin", tmp_path).read_bytes() == b"\0\1\xff"
    assert trip(field("file"), "text é", tmp_path).read_text("utf-8") == "text é"


@pytest.mark.parametrize("kind", ["grid", "features", "surfaces", "voxels"])
@pytest.mark.parametrize("media_type", [""])
def test_the_same_carrier_gives_the_same_bytes(kind, media_type):
    voxels = Voxels(np.zeros((2, 2, 2), np.int16), None, 0, 0, 0, (1, 1, 1), ("clay",))
    rows = {"id": np.array(["a"]), "type": np.array(["Building"]), "lod": np.array([""]), "parent": np.array([None])}
    carriers = {
        "grid": Grid(np.arange(40_000.0).reshape(200, 200), 0, 200, 1), "features": features(), "voxels": voxels,
        "surfaces": Surfaces(Geometries.build("polygon", [[SQUARE]]), np.array(["Unknown"]), np.array([0]), rows),
    }  # fmt: skip
    one, other = (encode(field(kind), carriers[kind], media_type).as_bytes() for _ in range(2))
    assert one == other


def test_every_kind_that_travels_as_a_document_says_as_what():
    plain = {"number", "integer", "boolean", "choice", "datetime", "extent"}
    assert set(KINDS) - plain == set(WRITTEN)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("number", "many"),
        ("number", True),
        ("number", [1]),
        ("integer", 1.5),
        ("boolean", "maybe"),
        ("datetime", "soon"),
        ("extent", {"bbox": [1, 2, 3]}),
        ("extent", {"bbox": [3, 0, 1, 1]}),
        ("extent", {"bbox": [0, 0, 1, 1], "crs": "own"}),
        ("table", {"a": [1], "b": []}),
        ("table", {"a": [{}]}),
        ("features", {"a": 1}),
        ("features", [1]),
        ("features", 3),
        ("features", {"type": "Point", "coordinates": "12"}),
        ("features", {"type": "Point", "coordinates": [1, None]}),
        ("features", {"type": "MultiPolygon", "coordinates": [[1]]}),
        ("grid", "<html>"),
        ("grid", b"\x89PNG\r\n"),
        ("grid", {"a": 1}),
        ("voxels", b"II*\0"),
        ("surfaces", {"type": "FeatureCollection"}),
    ],
)
def test_a_value_of_another_type_is_refused_in_one_sentence(kind, data, tmp_path):
    with pytest.raises(FormatError) as caught:
        decode(field(kind), Value(data, "application/json"), tmp_path)
    assert str(caught.value).strip()


def test_a_damaged_geotiff_is_refused(tmp_path):
    whole = encode(field("grid"), Grid(np.ones((64, 64)), 0, 64, 1)).data
    with pytest.raises(Exception) as caught:
        decode(field("grid"), Value(whole[: len(whole) // 2]), tmp_path)
    assert type(caught.value).__module__ == "dtwin_plugin.errors"


def test_hostile_types_of_columns_are_not_believed(tmp_path):
    row = {"type": "Feature", "geometry": None, "properties": {"a": 1}}
    document = {"type": "FeatureCollection", "features": [row],
                "x-dtwin": {"columns": {"a": {"type": "U1000000000"}}}}  # fmt: skip
    assert decode(field("features"), Value(document), tmp_path).columns["a"].tolist() == [1]


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 70 + b"1" + b"}" * 70, b"NaN", b"\xff{}", b"{", b""])
def test_json_that_is_none_or_too_deep_is_refused(text):
    with pytest.raises(FormatError):
        parsed(text, "the answer")


def test_the_official_execute_example_gives_its_values(shared):
    inputs = json.loads((shared / "ogcapi" / "ogcapi_processes" / "Execute.json").read_text())["inputs"]
    assert value_of(inputs["measureInput"], "a").data["uom"] == "m"
    assert isinstance(value_of(inputs["imagesInput"][0], "a"), Link)
    assert value_of(inputs["boundingBoxInput"], "a").data["bbox"] == [51.9, 7, 52, 7.1]
    with pytest.raises(FormatError, match="not base64"):  # the example breaks off with "…"
        value_of(inputs["imagesInput"][1], "a")


def test_the_best_format_that_the_other_side_takes_is_chosen():
    assert chosen("features", ("text/html", "application/vnd.geo+json")) == "application/geo+json"
    assert chosen("grid", ("image/png",)) == ""


def test_bytes_travel_as_base64():
    assert base64.b64decode(Value(b"\0\1", "image/tiff").as_json()["value"]) == b"\0\1"
