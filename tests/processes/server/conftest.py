"""Small inputs, and a server that most tests ask."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import Field
from dtwin_plugin.processes.media import encode

X, Y = 84_900.0, 447_560.0


def valley(rows=60, columns=80):
    """Terrain with a ditch from north to south and a pit, at Delft."""
    row, column = np.mgrid[0:rows, 0:columns]
    values = -2.0 + 0.02 * np.abs(column - columns // 2) + 0.005 * row
    values[20:30, 10:20] -= 0.5
    return Grid(values, X, Y, 1.0, unit="m")


def houses():
    """Two square houses, with a name."""

    def square(x, y, size):
        return [[[(x, y), (x + size, y), (x + size, y - size), (x, y - size), (x, y)]]]

    shapes = Geometries.build("polygon", [square(X + 30, Y - 20, 8), square(X + 60, Y - 40, 6)])
    return Features(shapes, {"name": np.array(["low", "high"], object)})


def document(model, name, carrier):
    """An input as it stands in a request."""
    return encode(MODELS[model].input(name), carrier).as_json()


def terrain_of(carrier=None):
    return encode(Field("terrain", "Terrain", "grid"), valley() if carrier is None else carrier)


@pytest.fixture(scope="session")
def made():
    """The makers of inputs above, for tests that cannot import this file."""

    class Made:
        pass

    found = Made()
    found.valley, found.houses, found.document, found.terrain_of = valley, houses, document, terrain_of
    return found


@pytest.fixture(scope="package")
def server(root, tmp_path_factory, models_server, pygeoapi_server):
    """A server with a data folder, which may fetch inputs from this machine by one port only."""
    if pygeoapi_server.python(root) is None:
        pytest.skip("needs the environment of the server: sh scripts/setup.sh server")
    data = tmp_path_factory.mktemp("data")
    (data / "terrain.tif").write_bytes(terrain_of().data)
    (data.parent / "secret.tif").write_bytes(terrain_of().data)
    (data / "link.tif").symlink_to(data.parent / "secret.tif")
    with models_server.serve(root, tmp_path_factory.mktemp("serve"), "--data", data, "--workers", 2) as running:
        # the kernels may have to be compiled first, which takes longer than a request is waited for
        running.wait(
            running.start("floodscan", {"inputs": {"terrain": {"href": "terrain.tif"}}}), "successful", seconds=280
        )
        yield running
