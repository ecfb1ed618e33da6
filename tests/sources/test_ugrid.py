"""Meshes made here: faces of three and four nodes, values on faces and on nodes, and meshes that lie."""

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import CrsError, FormatError, InputError
from dtwin_plugin.sources.raster import RasterSource
from dtwin_plugin.sources.ugrid import mesh_of

gdal = pytest.importorskip("osgeo.gdal")

X = np.array([0, 100, 200, 0, 100, 200, 0.0]) + 84_000
Y = np.array([0, 0, 0, 100, 100, 100, 200.0]) + 447_000
QUAD_AND_TRIANGLES = np.array([[0, 1, 4, 3], [1, 2, 4, -1], [2, 5, 4, -1], [3, 4, 6, -1]], np.int32)


def written(path, faces=QUAD_AND_TRIANGLES, start=0, values=(-1.5, 2, 3, np.nan), nodes=None, x=X, y=Y, topology=None):
    """A mesh as netCDF; `start` is the number of the first node."""
    group = gdal.GetDriverByName("netCDF").CreateMultiDimensional(str(path)).GetRootGroup()
    node = group.CreateDimension("mesh_nNodes", "", "", len(x))
    face = group.CreateDimension("mesh_nFaces", "", "", len(faces))
    corner = group.CreateDimension("mesh_nMax", "", "", faces.shape[1])
    double, integer, text = (
        gdal.ExtendedDataType.Create(gdal.GDT_Float64),
        gdal.ExtendedDataType.Create(gdal.GDT_Int32),
        gdal.ExtendedDataType.CreateString(),
    )

    def put(name, dimensions, kind, array, **attributes):
        target = group.CreateMDArray(name, dimensions, kind)
        for key, value in attributes.items():
            if isinstance(value, int):
                target.CreateAttribute(key, [], integer).Write(value)
            else:
                target.CreateAttribute(key, [], text).Write(value)
        if array is not None:
            target.Write(np.ascontiguousarray(array))

    facts = {
        "cf_role": "mesh_topology", "topology_dimension": 2, "node_coordinates": "mesh_node_x mesh_node_y",
        "face_node_connectivity": "mesh_face_nodes",
    }  # fmt: skip
    put("mesh", [], integer, None, **{**facts, **(topology or {})})
    put("mesh_node_x", [node], double, np.asarray(x, float))
    put("mesh_node_y", [node], double, np.asarray(y, float))
    table = np.where(faces >= 0, faces + start, -1).astype(np.int32)
    put("mesh_face_nodes", [face, corner], integer, table, cf_role="face_node_connectivity", start_index=start)
    if values is not None:
        put("bed", [face], double, np.asarray(values, float), units="m")
    if nodes is not None:
        put("level", [node], double, np.asarray(nodes, float), units="m")
    group = None  # writes it
    return path


@pytest.mark.parametrize("start", [0, 1])
def test_cells_have_the_value_of_the_face_that_they_lie_in(tmp_path, start):
    path = written(tmp_path / "a.nc", start=start)
    info = RasterSource(path).describe()
    assert (info.count, info.facts["nodes"], info.facts["nodes_per_face"]) == (4, 7, 4)
    assert (info.facts["minimum"], info.facts["maximum"], info.facts["valid_cells"]) == (-1.5, 3, 3)
    (grid,) = RasterSource(path, cell_size=10.0).read()
    assert grid.extent.bounds == (84_000, 447_000, 84_200, 447_200) and grid.unit == "m"
    assert (grid.values[10:, :10] == -1.5).all() and np.isnan(grid.values[:10]).all()
    assert grid.values[19, 11] == 2 and grid.values[11, 18] == 3
    (part,) = RasterSource(path, cell_size=10.0).read(Extent(84_050, 447_050, 84_150, 447_090))
    np.testing.assert_array_equal(part.values, grid.values[11:15, 5:15])


def test_values_on_nodes_are_the_mean_of_a_face(tmp_path):
    path = written(tmp_path / "a.nc", values=None, nodes=np.arange(7.0))
    (grid,) = RasterSource(path, cell_size=10.0).read()
    assert grid.values[15, 5] == 2.0 and grid.values[19, 11] == pytest.approx(7 / 3)


def test_a_mesh_without_values_or_a_place(tmp_path):
    with pytest.raises(InputError, match="without values"):
        next(RasterSource(written(tmp_path / "a.nc", values=None)).read())
    far = written(tmp_path / "b.nc", x=X + 1e6)
    assert RasterSource(far).describe().crs is None
    with pytest.raises(CrsError, match="Say which"):
        next(RasterSource(far).read())
    with pytest.raises(InputError, match="outside"):
        next(RasterSource(written(tmp_path / "c.nc")).read(Extent(90_000, 447_000, 90_001, 447_001)))
    with pytest.raises(InputError, match="more than"):
        next(RasterSource(tmp_path / "c.nc", cell_size=0.001).read())


def test_the_user_can_stop_it(tmp_path, cancelling):
    from dtwin_plugin.errors import Cancelled

    with pytest.raises(Cancelled):
        next(RasterSource(written(tmp_path / "a.nc")).read(None, cancelling()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"faces": QUAD_AND_TRIANGLES + 5}, {"faces": np.zeros((3, 2), np.int32)},
        {"topology": {"node_coordinates": "none"}}, {"x": np.full(7, np.nan)},
        {"topology": {"node_coordinates": "mesh_node_x mesh_face_nodes"}},
    ],
)  # fmt: skip
def test_a_mesh_that_lies_is_refused(tmp_path, wrong):
    with pytest.raises(FormatError):
        mesh_of(written(tmp_path / "a.nc", values=None, **wrong))


def test_other_files_are_no_mesh(tmp_path, write_raster):
    assert mesh_of(write_raster(np.zeros((2, 2), np.float32))) is None and mesh_of(tmp_path / "none.nc") is None
    assert mesh_of(written(tmp_path / "a.nc", topology={"cf_role": "other"})) is None


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_mesh_is_a_sentence_or_has_facts(tmp_path, seed):
    rng = np.random.default_rng(seed)
    body = bytearray(written(tmp_path / "a.nc").read_bytes())
    for place in rng.integers(0, len(body), 20):
        body[place] = rng.integers(0, 256)
    if seed % 3 == 0:
        body = body[: len(body) // 2]
    path = tmp_path / "b.nc"
    path.write_bytes(body)
    try:
        RasterSource(path).describe()
    except (FormatError, InputError):
        pass
