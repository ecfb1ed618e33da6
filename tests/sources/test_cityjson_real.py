"""What reading real files gives."""

import json

import numpy as np
import pytest

from dtwin_plugin.errors import CrsError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.cityjson import CityJsonSource


def test_a_file_without_crs_outside_the_netherlands_is_refused_on_reading(shared):
    with pytest.raises(CrsError, match="assume_crs"):
        list(CityJsonSource(shared / "cityjson/cjio/cube.json").read())


def test_a_file_without_crs_in_the_netherlands_is_taken_for_rd_with_a_warning(shared):
    progress = Silent()
    list(CityJsonSource(shared / "cityjson/cjio/DH_01_subs.city.json").read(None, progress))
    assert any("taken for RD" in warning for warning in progress.warnings)


def _boxes(path):
    boxes = {}
    for chunk in CityJsonSource(path).read():
        box = np.column_stack([chunk.geometries.bounds(), chunk.objects])
        for row, (identity, kind) in enumerate(zip(chunk.columns["id"], chunk.columns["type"])):
            own = box[box[:, 4] == row]
            boxes[identity] = kind, (*own[:, :2].min(axis=0), *own[:, 2:4].max(axis=0))
    return boxes


def test_two_versions_of_delft_give_the_same_objects(shared):
    old = _boxes(shared / "cityjson/delft_3dfier/testarea.city.json")
    new = _boxes(shared / "cityjson/cjio/delft.json")
    assert len(old) == 570
    assert {name: kind for name, (kind, _) in old.items()} == {name: kind for name, (kind, _) in new.items()}
    for name, (_, box) in old.items():
        assert np.allclose(box, new[name][1], rtol=0, atol=0.001)  # both files have millimetres


def test_the_two_cubes_give_the_same_geometry(shared):
    cubes = [
        next(iter(CityJsonSource(shared / f"cityjson/cjio/{name}", assume_crs="EPSG:7415").read()))
        for name in ("cube.json", "cube.c.json")
    ]
    assert np.allclose(cubes[0].geometries.coordinates, cubes[1].geometries.coordinates, rtol=0, atol=1e-9)
    assert np.array_equal(cubes[0].geometries.rings, cubes[1].geometries.rings)


def test_heights_of_both_releases_of_3dbag_have_one_name(shared):
    for name in ("delft_3dbag/extension.city.jsonl", "flatcitybuf/small.city.jsonl"):
        for chunk in CityJsonSource(shared / "cityjson" / name, lod="2.2").read():
            assert {"b3_h_50p", "b3_h_70p", "b3_h_min", "b3_h_max", "b3_h_maaiveld"} <= set(chunk.columns)
            assert np.isfinite(chunk.columns["b3_h_maaiveld"]).all()  # parts have it from their building


def _rings(nested):
    """Yield the innermost lists."""
    if nested and not isinstance(nested[0], list):
        yield nested
        return
    for item in nested:
        yield from _rings(item)


def test_as_many_rings_are_left_out_as_a_plain_count_finds(shared):
    path = shared / "cityjson/cjio/rotterdam/rotterdam_subset.json"
    document, progress = json.loads(path.read_text()), Silent()
    vertices = [tuple(vertex) for vertex in document["vertices"]]
    boundaries = [g["boundaries"] for item in document["CityObjects"].values() for g in item["geometry"]]
    few = sum(len({vertices[i] for i in ring}) < 3 for ring in _rings(boundaries))
    list(CityJsonSource(path).read(None, progress))
    assert few > 0
    assert f"{few} rings of fewer than three distinct points were left out." in progress.warnings
