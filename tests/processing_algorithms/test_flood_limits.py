"""What the flood algorithm refuses, all at once, and what a run that is stopped or killed leaves behind."""

import json
import signal
import subprocess
import time

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import column
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog


def refusal(provider, **parameters):
    """Return the one message with which a run is refused, and what the log said."""
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    with pytest.raises(QgsProcessingException) as caught:
        provider.algorithm("flood").create().run(parameters, context, feedback, {}, False)
    context.temporaryLayerStore().removeAllMapLayers()
    return str(caught.value), feedback.textLog()


@pytest.fixture
def make(tmp_path):
    """Write small inputs in a valley at Delft."""

    class Make:
        def terrain(self, factor=1.0, name="terrain"):
            y, x = np.mgrid[0:40, 0:50]
            values = (1.0 + 0.02 * np.abs(x - 25) + 0.01 * y) * factor
            write_cog(Grid(values, 84_900, 447_560, 1.0, unit="m"), tmp_path / f"{name}.tif")
            return str(tmp_path / f"{name}.tif")

        def layer(self, kind, name, shapes, **columns):
            table = {key: column(values) for key, values in columns.items()}
            path = tmp_path / f"{name}.gpkg"
            write_features(Features(Geometries.build(kind, shapes), table), path, name, Silent())
            return str(path)

        def square(self, x, y, size=5):
            x, y = 84_900 + x, 447_520 + y
            return [[[(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]]]

        def text(self, name, content):
            (tmp_path / name).write_text(content)
            return str(tmp_path / name)

    return Make()


def test_everything_that_is_wrong_is_told_at_once_with_its_code_and_place(provider, make, tmp_path):
    """Rain that falls upwards, land cover without a row, a pump beside the terrain: one list, and no output."""
    series = make.text("rain.csv", "minutes,rain\n0,0\n10,5\n20,-3\n")
    cover = make.layer("polygon", "cover", [make.square(5, 5), make.square(20, 5)], klasse=["wegdeel", "maanlandschap"])
    far = [[(84_905.0, 447_490.0), (84_905.0, 447_530.0)]]
    near = [[(84_910.0, 447_530.0), (84_920.0, 447_530.0)]]
    pump = make.layer("line", "pump", [[far], [near]], type=["pump", "sluis"], capacity=[100.0, 100.0])
    message, log = refusal(
        provider, terrain=make.terrain(), rain_series=series, landcover=cover, structures=pump,
        depth_max=str(tmp_path / "max.tif"),
    )  # fmt: skip
    assert "DT104" in message  # the rain, as before
    assert "maanlandschap" in message + log
    assert "DT140" in message and "sluis" in message and "DT141" in message
    assert not (tmp_path / "max.tif").exists()


@pytest.mark.parametrize("factor", [1000.0, 100.0])
def test_heights_in_another_unit_are_noticed(provider, make, tmp_path, factor):
    """1 m to 2 m given in mm or cm: no height in the country."""
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    parameters = {"terrain": make.terrain(factor), "rain": 1, "rain_duration": 0.02, "after": 0}
    outputs = {"depth_max": str(tmp_path / "max.tif")}
    try:
        provider.algorithm("flood").create().run({**parameters, **outputs}, context, feedback, {}, False)
        text = feedback.textLog()
    except QgsProcessingException as error:
        text = f"{error} {feedback.textLog()}"
    context.temporaryLayerStore().removeAllMapLayers()
    assert "DT103" in text or "DT132" in text


def test_a_terrain_without_data_in_the_area_is_named(provider, make, tmp_path):
    values = np.full((40, 50), np.nan)
    values[:, :10] = 1.0
    write_cog(Grid(values, 84_900, 447_560, 1.0, unit="m"), tmp_path / "half.tif")
    message, _ = refusal(
        provider, terrain=str(tmp_path / "half.tif"), extent="84920,84940,447530,447550 [EPSG:28992]",
        depth_max=str(tmp_path / "max.tif"),
    )  # fmt: skip
    assert "no data" in message or "without data" in message


def test_gaps_in_the_rain_are_named_with_their_time(provider, make, tmp_path):
    series = make.text("rain.csv", "minutes,rain\n0,0\n10,5\n20,\n30,5\n")
    message, log = refusal(provider, terrain=make.terrain(), rain_series=series, depth_max=str(tmp_path / "max.tif"))
    assert "Row 3" in message + log


@pytest.mark.slow
def test_a_killed_run_leaves_no_half_written_file(batch, tmp_path):
    """SIGKILL in the middle of a run of `qgis_process`: nothing stands where the results were to be."""
    y, x = np.mgrid[0:700, 0:700]
    write_cog(Grid(np.sin(x / 9.0) + np.cos(y / 7.0), 84_000, 448_000, 1.0, unit="m"), tmp_path / "large.tif")
    results = tmp_path / "results"
    results.mkdir()
    inputs = {
        "terrain": str(tmp_path / "large.tif"), "rain": 70, "after": 24, "interval": 1,
        **{name: str(results / f"{name}.tif") for name in ("depth_max", "depth", "level_max", "velocity_max")},
        "balance": str(results / "balance.csv"), "mesh": str(results / "mesh.nc"),
    }  # fmt: skip
    run = batch(tmp_path).start(
        "run", "dtwin:flood", "-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    run.stdin.write(json.dumps({"inputs": inputs}))
    run.stdin.close()
    time.sleep(15)
    assert run.poll() is None  # a day on half a million cells takes hours
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert [path.name for path in results.iterdir() if not path.name.startswith(".")] == []
