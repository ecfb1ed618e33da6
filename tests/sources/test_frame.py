"""In which system a model works that takes any."""

import math

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import CrsError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.frame import frame_of, named, true_metres
from dtwin_plugin.sources.raster import RasterSource
from dtwin_plugin.sources.raster_series import read_series
from dtwin_plugin.sources.raster_write import write_cog

LORIENT = (222_400.0, 6_756_400.0, 225_100.0, 6_759_100.0)


@pytest.mark.parametrize(
    "crs, bounds, expected",
    [
        ("EPSG:2154", LORIENT, True),
        ("EPSG:25831", (600_000, 5_800_000, 601_000, 5_801_000), True),
        ("EPSG:3035", (3_950_000, 3_200_000, 3_951_000, 3_201_000), True),
        ("EPSG:3857", (540_000, 6_860_000, 541_000, 6_861_000), False),  # 0.6 m to a metre
        ("EPSG:2263", (980_000, 200_000, 981_000, 201_000), False),  # feet
        ("EPSG:4326", (4.0, 52.0, 5.0, 53.0), False),
        ("EPSG:4978", (3.9e6, 3e5, 3.9e6, 3e5), False),
        ("EPSG:25831", (9e7, 9e7, 9e7, 9e7), False),  # nowhere
        ("EPSG:999999", LORIENT, False),
    ],
)
def test_a_metre_on_the_map_is_a_metre_on_the_ground(crs, bounds, expected):
    assert true_metres(crs, bounds) is expected


def test_layers_keep_their_system_where_all_are_in_one():
    assert frame_of([("EPSG:2154", LORIENT), ("urn:ogc:def:crs:EPSG::2154", LORIENT)]) == "EPSG:2154"
    assert frame_of([("EPSG:4326", (4, 52, 5, 53)), ("EPSG:28992", (84_000, 447_000, 84_001, 447_001))]) == "EPSG:28992"
    empty = (math.inf, math.inf, -math.inf, -math.inf)
    assert frame_of([("EPSG:2154", LORIENT), ("EPSG:2154", empty)]) == "EPSG:2154"
    assert frame_of([("EPSG:2154", empty)]) == "EPSG:28992"


@pytest.mark.parametrize(
    "others", [[("EPSG:7415", (0, 0, 1, 1))], [(None, LORIENT)], [("EPSG:4326", (-3.4, 47.7, -3.3, 47.8))]]
)
def test_another_country_needs_one_system_for_all_layers(others):
    with pytest.raises(CrsError, match="EPSG:2154.* outside the Netherlands.* projected system in metres"):
        frame_of([("EPSG:2154", LORIENT), *others])


@pytest.mark.parametrize(
    "crs, box",
    [
        ("EPSG:4326", (-3.4, 47.7, -3.3, 47.8)),
        ("EPSG:2263", (980_000, 200_000, 981_000, 201_000)),
        ("EPSG:3857", (-380_000, 6_050_000, -370_000, 6_060_000)),
    ],
)
def test_degrees_feet_and_web_metres_of_another_country_are_refused(crs, box):
    with pytest.raises(CrsError, match="outside the Netherlands"):
        frame_of([(crs, box), (crs, box)])


def test_a_definition_without_a_number_is_looked_up(shared):
    assert named((shared / "traffic" / "noise_lorient" / "roads_traff.prj").read_text()) == "EPSG:2154"
    assert named("no definition") is None


def test_a_raster_is_read_in_its_own_system_or_refused(tmp_path):
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    path = write_cog(Grid(values, 222_400.0, 6_756_430.0, 10.0, "EPSG:2154"), tmp_path / "there.tif")
    found = next(RasterSource(path, frame="EPSG:2154").read())
    assert (found.crs, found.extent.crs, found.cell_size) == ("EPSG:2154", "EPSG:2154", 10.0)
    assert found.extent.bounds == (222_400.0, 6_756_400.0, 222_440.0, 6_756_430.0) and (found.values == values).all()
    coarse = next(RasterSource(path, frame="EPSG:2154", cell_size=20.0).read())
    assert coarse.crs == "EPSG:2154" and coarse.cell_size == 20.0
    assert coarse.values[1, 0] == pytest.approx(values[1:3, :2].mean())  # cells on multiples of their size
    series = read_series(path, None, None, Silent(), "EPSG:2154")
    assert series.crs == "EPSG:2154" and series.values.shape == (1, 3, 4)
    with pytest.raises(CrsError, match="there.tif is in EPSG:2154; expected EPSG:25831"):
        next(RasterSource(path, frame="EPSG:25831").read())
    with pytest.raises(CrsError, match="RD New"):
        next(RasterSource(path).read())
