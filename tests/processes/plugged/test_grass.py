"""An engine of the field, plugged in by the example that is shipped: GRASS r.sim.water, end to end."""

import shutil

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.paths import plugin_file
from dtwin_plugin.processes.plugged.engines import models
from dtwin_plugin.processes.plugged.store import add
from dtwin_plugin.processes.plugged.trust import digest, trust
from dtwin_plugin.progress import Silent

FOLDER = plugin_file("resources", "examples", "models", "grasswater")


def slope(cells=60, fall=0.05):
    """A plane that falls to the east."""
    x = np.arange(cells, dtype=np.float32)
    return Grid(np.tile(10 - fall * x, (cells, 1)), 155000, 463000 + cells, 1.0, unit="m")


@pytest.fixture
def grasswater(tmp_path):
    plugged, problems = add(FOLDER, tmp_path)
    assert not problems
    trust(tmp_path, plugged, digest(plugged.folder))
    return next(models(tmp_path))


def test_the_example_is_a_model_with_owner_and_method(grasswater):
    assert "GRASS" in grasswater.owner and grasswater.licence and "(2004)" in grasswater.references[0]


@pytest.mark.skipif(shutil.which("grass") is None, reason="GRASS is not installed")
def test_water_on_a_slope_deepens_downhill_as_sheet_flow_does(grasswater):
    terrain, rain, roughness = slope(), 70.0, 0.05
    values = {"terrain": terrain, "rain": rain, "roughness": roughness, "minutes": 10}
    depth = grasswater.run(values, Silent())["depth"]
    assert depth.extent == terrain.extent and depth.unit == "m"
    # steady sheet flow: q = rain x, h = (n q / sqrt(S)) ** (3/5)
    at = np.array([20, 40])
    expected = (roughness * rain / 3.6e6 * (at + 0.5) / np.sqrt(0.05)) ** 0.6
    found = np.nanmean(depth.values[10:50][:, at], axis=0)
    assert found == pytest.approx(expected, rel=0.1)  # random walkers; 2.5 % was found with this seed
    assert np.nanmean(depth.values[10:50, 40]) > np.nanmean(depth.values[10:50, 5])


@pytest.mark.skipif(shutil.which("grass") is None, reason="GRASS is not installed")
def test_the_same_rain_gives_the_same_depth(grasswater):
    values = {"terrain": slope(30), "rain": 70.0, "roughness": 0.05, "minutes": 2}
    first, second = (grasswater.run(values, Silent())["depth"].values for _ in range(2))
    assert np.array_equal(first, second, equal_nan=True)
