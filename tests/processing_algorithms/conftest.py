"""A QGIS with the provider registered, and small inputs."""

import numpy as np
import pytest


@pytest.fixture(scope="module")  # so that other tests find no provider registered
def provider(qgis_app, qgis_processing):
    from qgis.core import QgsApplication

    from processing_algorithms.provider import DtwinProvider

    instance = DtwinProvider()
    QgsApplication.processingRegistry().addProvider(instance)
    yield instance
    QgsApplication.processingRegistry().removeProvider(instance)


@pytest.fixture
def context(qgis_app):
    from qgis.core import QgsProcessingContext

    context = QgsProcessingContext()
    yield context
    # pytest keeps the fixture of the last test until after QGIS has ended; a layer alive then ends the process
    context.temporaryLayerStore().removeAllMapLayers()


@pytest.fixture
def terrain_file(tmp_path):
    """A valley of 60 x 80 m below NAP, 1 m cells, with a hole, at Delft."""
    from dtwin_plugin.data import Grid
    from dtwin_plugin.sources.raster_write import write_cog

    rows, columns = np.mgrid[0:60, 0:80]
    values = -2.0 + 0.02 * np.abs(columns - 40) + 0.005 * rows
    values[5:8, 5:8] = np.nan
    path = tmp_path / "terrain.tif"
    write_cog(Grid(values, 84_900, 447_560, 1.0, unit="m"), path)
    return path


@pytest.fixture
def buildings_file(tmp_path):
    """Two square houses in the valley, with a name."""
    from dtwin_plugin.data import Features, Geometries
    from dtwin_plugin.data.columns import column
    from dtwin_plugin.layers.write import write_features
    from dtwin_plugin.progress import Silent

    def square(x, y, size):
        return [[[(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]]]

    shapes = Geometries.build("polygon", [square(84_935, 447_520, 8), square(84_910, 447_530, 6)])
    path = tmp_path / "buildings.gpkg"
    write_features(Features(shapes, {"name": column(["low", "high"])}), path, "buildings", Silent())
    return path


@pytest.fixture(scope="module")
def running(sample):
    """The national services with the sample."""
    from scripts.national import national

    with national(sample) as services:
        yield services


@pytest.fixture
def services(running, tmp_path, monkeypatch):
    """The services without faults; the catalogue names them."""
    running.write_catalogue(tmp_path / "own.json")
    monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))
    yield running
    for state in running.states.values():
        state.faults.clear()
        state.asked.clear()


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A cache that begins empty."""
    from dtwin_plugin.layers import network

    monkeypatch.setattr(network, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(network, "PAUSE", 0.01)
