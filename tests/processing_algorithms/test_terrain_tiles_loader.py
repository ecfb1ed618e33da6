"""Terrain from tiles as an algorithm."""

import json

import numpy as np
import pytest
from qgis.core import QgsProcessingFeedback

from dtwin_plugin.data import Extent
from dtwin_plugin.sources.raster import RasterSource


@pytest.fixture
def tile(files_server, monkeypatch, tmp_path):
    state = files_server.Files()
    with files_server.serve(state):
        values = np.tile(np.arange(400, dtype=np.float32) / 100 - 2, (400, 1))
        state.files["/dsm_05m/R_1.tif"] = files_server.cog(values, 84_000, 447_200, 0.5)
        ring = [[84_000, 447_000], [84_200, 447_000], [84_200, 447_200], [84_000, 447_000]]
        feature = {"properties": {"kaartbladNr": "1", "url": state.url + "/dsm_05m/R_1.tif"},
                   "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
        state.files["/dsm_05m/index.json"] = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
        row = {"id": "ahn-tileindex-dtm", "title": "T", "owner": "O", "kind": "geojson", "licence": "CC0",
               "attribution": "A", "access_level": "open", "url": state.url + "/dtm_05m/index.json"}  # fmt: skip
        path = tmp_path / "own.json"
        path.write_text(json.dumps([row]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(path))
        yield state


def test_the_surface_of_an_area_is_written(provider, context, tile, tmp_path):
    path = str(tmp_path / "surface.tif")
    parameters = {"extent": "84010,84050,447010,447040 [EPSG:28992]", "coverage": 1, "cell_size": 1.0, "terrain": path}
    algorithm = provider.algorithm("loadterraintiles").create()
    result, done = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
    assert done and result["terrain"] == path
    (grid,) = RasterSource(path).read()
    assert grid.extent == Extent(84_010, 447_010, 84_050, 447_040) and grid.cell_size == 1
    np.testing.assert_allclose(grid.values[0], np.arange(20, 100, 2) / 100 - 2 + 0.005, atol=1e-3)
