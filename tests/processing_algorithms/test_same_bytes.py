"""The same model gives the same bytes in the toolbox, in `qgis_process`, on our server by our client, and in Python.

Files of the toolbox also hold a style, the run and its moment, which a value that travels does not. So what is compared
is the SHA-256 of each result as it travels: a file is read back and written as such a value, to the last bit.
"""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import WANTED
from dtwin_plugin.processes.media import encode
from dtwin_plugin.progress import Silent

# model -> which inputs, values, and outputs with the suffix of their file: a grid, features, and a mesh
CASES = {
    "flood": (("terrain", "buildings"), {"rain": 30.0, "after": 0.0, "threads": 1}, {"depth_max": "tif", "mesh": "nc"}),
    "floodscan": (("terrain", "buildings"), {"rain": 60.0}, {"depth": "tif", "depressions": "gpkg"}),
    "depthbodies": (("areas", "terrain"), {"top": 0.5, "bottom": 2.5}, {"outlines": "gpkg", "bodies": "gpkg"}),
}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def netcdf(path):
    """The variables of a mesh, without what the file says of the run."""
    from scipy.io import netcdf_file

    with netcdf_file(path, mmap=False) as file:
        rows = [(name, v.dimensions, v.typecode(), v.shape, v.data.tobytes()) for name, v in file.variables.items()]
    return sha(repr(sorted(rows)).encode())


def from_file(item, path):
    """The fingerprint of a result that the toolbox wrote."""
    if item.kind == "mesh":
        return netcdf(path)
    if item.kind == "grid":
        from dtwin_plugin.sources.raster_whole import read_whole

        return from_carrier(item, read_whole(path))
    from dtwin_plugin.data import Features
    from dtwin_plugin.sources.vector import VectorSource

    return of_features(Features.concatenate(list(VectorSource(path).read(None, Silent()))))


def from_carrier(item, carrier, folder=None):
    """The fingerprint of a result as a model gives it."""
    if item.kind == "mesh":
        path = folder / "mesh.nc"
        path.write_bytes(encode(item, carrier).data)
        return netcdf(path)
    if item.kind == "surfaces":
        from dtwin_plugin.layers.write import write_surfaces

        path = folder / "surfaces.gpkg"
        write_surfaces(carrier, path, "surfaces", Silent())
        return from_file(item, path)
    if item.kind == "features":
        return of_features(carrier)
    return sha(encode(item, replace(carrier, name="")).as_bytes())


def of_features(features):
    """The fingerprint of features: shapes and columns, whatever their order."""
    shapes = [features.geometries.wkb(index) for index in range(len(features))]
    columns = {name: list(map(str, values.tolist())) for name, values in sorted(features.columns.items())}
    return sha(repr((shapes, columns)).encode())


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Files of the inputs, and what they hold."""
    from dtwin_plugin.data import Features, Geometries, Grid
    from dtwin_plugin.sources.package_write import write_package
    from dtwin_plugin.sources.raster_write import write_cog

    folder = tmp_path_factory.mktemp("inputs")
    row, column = np.mgrid[0:40, 0:50]
    heights = -2.0 + 0.02 * np.abs(column - 25) + 0.005 * row
    heights[20:30, 10:20] -= 0.5  # where water stays
    terrain = Grid(heights, 84_900.0, 447_560.0, 1.0, unit="m")

    def square(x, y, size):
        return [[[(x, y), (x + size, y), (x + size, y - size), (x, y - size), (x, y)]]]

    shapes = Geometries.build("polygon", [square(84_935, 447_545, 5), square(84_910, 447_540, 4)])
    houses = Features(shapes, {"name": np.array(["low", "high"], object)})
    write_cog(terrain, folder / "terrain.tif")
    write_package(folder / "houses.gpkg", "houses", shapes, houses.columns, houses.crs)
    files = {"terrain": "terrain.tif", "buildings": "houses.gpkg", "areas": "houses.gpkg"}
    carriers = {"terrain": terrain, "buildings": houses, "areas": houses}
    return {name: (str(folder / file), carriers[name]) for name, file in files.items()}


def in_python(name, inputs, folder):
    model, (layers, values, outputs) = MODELS[name], CASES[name]
    given = {**values, **{layer: inputs[layer][1] for layer in layers}}
    filled = {item.name: given.get(item.name, item.default) for item in model.inputs}
    made = model.run({**filled, WANTED: set(outputs)}, Silent())
    return {i.name: from_carrier(i, made[i.name], folder) for i in model.outputs if i.name in outputs}


def parameters(name, inputs, folder):
    layers, values, outputs = CASES[name]
    files = {output: str(folder / f"{output}.{suffix}") for output, suffix in outputs.items()}
    return {**values, **{layer: inputs[layer][0] for layer in layers}, **files}


def of_files(name, folder):
    outputs = CASES[name][2]
    found = [item for item in MODELS[name].outputs if item.name in outputs]
    return {item.name: from_file(item, folder / f"{item.name}.{outputs[item.name]}") for item in found}


@pytest.mark.parametrize("name", CASES)
def test_the_toolbox_gives_what_python_gives(name, inputs, provider, context, tmp_path):
    from qgis.core import QgsProcessingFeedback

    feedback = QgsProcessingFeedback()
    _, ok = provider.algorithm(name).create().run(parameters(name, inputs, tmp_path), context, feedback)
    assert ok, feedback.textLog()
    (tmp_path / "python").mkdir()
    assert of_files(name, tmp_path) == in_python(name, inputs, tmp_path / "python")


@pytest.mark.slow
@pytest.mark.timeout(900)  # kernels may have to be compiled first
@pytest.mark.parametrize("name", CASES)
def test_qgis_process_gives_what_python_gives(name, inputs, batch, tmp_path):
    done = batch(tmp_path)(
        "--json", "run", f"dtwin:{name}", "-", inputs=parameters(name, inputs, tmp_path), timeout=800
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "python").mkdir()
    assert of_files(name, tmp_path) == in_python(name, inputs, tmp_path / "python")


@pytest.fixture(scope="module")
def ours(root, tmp_path_factory, models_server, pygeoapi_server):
    """Our models on our own server, by our own client."""
    from dtwin_plugin.processes.client import Client
    from dtwin_plugin.processes.client.talk import Rules, Talk
    from dtwin_plugin.processes.remote import models_of, read_server
    from dtwin_plugin.sources.requests_transport import RequestsTransport

    if pygeoapi_server.python(root) is None:
        pytest.skip("needs the environment of the server: sh scripts/setup.sh server")

    def client_of(server, _):
        rules = Rules(server.url)
        return Client(Talk(rules, RequestsTransport(may_lead=rules.allows), interval=0.1))

    with models_server.serve(root, tmp_path_factory.mktemp("serve")) as server:
        yield models_of(read_server(client_of(server, None), "ours", server.url), client_of)[0]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CASES)
def test_our_server_by_our_client_gives_what_python_gives(name, inputs, ours, tmp_path):
    layers, values, outputs = CASES[name]
    there, here = ours[f"ours_{name}"], MODELS[name]
    given = {**values, **{layer: inputs[layer][1] for layer in layers}}
    filled = {item.name: given.get(item.name, item.default) for item in there.inputs}
    made = there.run({**filled, WANTED: set(outputs)}, Silent())
    (tmp_path / "python").mkdir()
    expected = in_python(name, inputs, tmp_path / "python")
    for item in here.outputs:
        if item.name in outputs and item.kind == "mesh":
            made[item.name].write(tmp_path / "mesh.nc")
            assert netcdf(tmp_path / "mesh.nc") == expected[item.name]
        elif item.name in outputs:
            assert from_carrier(item, made[item.name], tmp_path) == expected[item.name]
