"""How the tests of demand run a model, and the zones and matrices they give it."""

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.problem import ERROR
from dtwin_plugin.models.traffic.matrix_files import MatrixFile
from dtwin_plugin.progress import Silent


def values(model, **given):
    return {**{item.name: item.default for item in MODELS[model].inputs}, **given}


def problems(model, **given):
    return [(one.code, one.level) for one in check(MODELS[model], values(model, **given))]


def run(model, progress=None, **given):
    found = values(model, **given)
    wrong = [one.text() for one in check(MODELS[model], found) if one.level == ERROR]
    assert not wrong
    return MODELS[model].run(found, progress or Silent())


def rows(made):
    return dict(zip(made["statistics"]["term"], made["statistics"]["value"]))


def squares(count, crs="EPSG:28992", **columns):
    """Zones of 1 km in a row."""
    shapes = [[[[(k * 1e3, 0), (k * 1e3 + 1e3, 0), (k * 1e3 + 1e3, 1e3), (k * 1e3, 1e3), (k * 1e3, 0)]]]
              for k in range(count)]  # fmt: skip
    names = {"zone": np.array([chr(97 + k) for k in range(count)], object)}
    return Features(Geometries.build("polygon", shapes), {**names, **{k: np.array(v) for k, v in columns.items()}},
                    crs=crs)  # fmt: skip


def written(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def matrix(tmp_path, cells, name="trips", zones=None):
    path = tmp_path / f"{name}.csv"
    MatrixFile(Matrices(zones or tuple("abcdefgh"[: len(cells)]), {name: np.array(cells, float)})).write(path)
    return path


COST = np.array([[1.0, 4.0, 9.0], [4.0, 1.5, 5.0], [9.0, 5.0, 2.0]])
ORIGINS, DESTINATIONS = np.array([400.0, 300.0, 100.0]), np.array([300.0, 200.0, 300.0])


def network(count=3, minutes=4.0):
    """A road through the middles of the zones, open both ways, with a node that is a zone in each."""
    lines = [[[[(k * 1e3 + 500.0, 500.0), (k * 1e3 + 1500.0, 500.0)]]] for k in range(count - 1)]
    steps = np.arange(count - 1)
    columns = {"link": steps, "from_node": steps, "to_node": steps + 1, "free_time": np.full(count - 1, minutes),
               "capacity": np.full(count - 1, 1e4), "length": np.full(count - 1, 1000.0)}  # fmt: skip
    names = np.array([chr(97 + k) for k in range(count)], object)
    nodes = {"node": np.arange(count), "zone": names, "through": np.ones(count, bool)}
    places = Geometries.points(np.array([(k * 1e3 + 500.0, 500.0) for k in range(count)]))
    return Features(Geometries.build("line", lines), columns), Features(places, nodes)
