"""What point clouds of a load cover: holes are findings, water that was loaded too is none."""

import numpy as np
import pytest
from qgis.core import QgsVectorLayer

from dtwin_plugin.data import Extent, Features, Geometries, PointCloud
from dtwin_plugin.layers import write
from dtwin_plugin.models.quality import Cover
from dtwin_plugin.progress import Silent
from dtwin_plugin.twin.jobs import Journal, Outcome
from processing_algorithms.loadarea.covers import COVER, findings_of, judge_covers, read_cover, write_cover

X, Y = 112_400.0, 460_400.0


def classes(*names):
    result = np.empty(len(names), object)
    result[:] = names
    return result


def box(x_min, x_max):
    low, high = X + x_min, X + x_max
    return [[[(low, Y), (high, Y), (high, Y + 100), (low, Y + 100), (low, Y)]]]


@pytest.fixture
def journal(tmp_path):
    """A load whose points leave out 40 to 60 m (water, says the BGT) and 80 to 100 m (a road)."""
    journal = Journal(tmp_path / "loading")
    for name in ("points", "bgt", "own"):
        (journal.folder / name).mkdir(parents=True)
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(0.5, 100), np.arange(0.5, 100)))
    kept = (x < 40) | ((x > 60) & (x < 80))
    cover = Cover.of(Extent(X, Y, X + 100, Y + 100))
    cover.add(PointCloud(X + x[kept], Y + y[kept], np.zeros(kept.sum()), np.zeros(kept.sum(), np.uint8)))
    write_cover(cover, journal.folder / "points" / f"points{COVER}")
    shapes = Geometries.build("polygon", [box(40, 60), box(80, 100)])
    features = Features(shapes, {"klasse": classes("waterdeel", "wegdeel")})
    write.write_features(features, journal.folder / "bgt" / "bgt.gpkg", "bgt", Silent())
    return journal


def outcomes(*names, status="done"):
    rows = {"points": {"name": "points", "file": "points.copc.laz", "count": 6000}, "bgt": {"name": "bgt"}}
    rows["bgt"]["file"] = "bgt.gpkg"
    return [Outcome(name, name, status, facts={"outputs": [rows[name]], "quality": []}) for name in names]


def places(path):
    layer = QgsVectorLayer(f"{path}|layername=quality", "quality", "ogr")
    return sorted(feature.geometry().asPoint().x() - X for feature in layer.getFeatures())


def test_holes_are_findings(journal):
    (points,) = found = outcomes("points")
    judge_covers(found, journal, journal.folder / "own")
    (row,) = points.facts["quality"]
    assert (row["layer"], row["objects"], row["covered"], row["codes"]) == ("points/points", 6000, 60.0, "Q06 (2)")
    (file,) = findings_of(found, journal)
    low, high = places(file)
    assert 40 < low < 60 and 80 < high < 100


def test_water_that_was_loaded_lacks_no_points(journal):
    found = outcomes("points", "bgt")
    judge_covers(found, journal, journal.folder / "own")
    assert found[0].facts["quality"][0]["covered"] == 75.0
    (file,) = findings_of(found, journal)
    (place,) = places(file)
    assert 80 < place < 100
    assert found[1].facts["quality"] == []


def test_what_failed_is_not_judged(journal):
    found = outcomes("points", status="failed")
    judge_covers(found, journal, journal.folder / "own")
    assert found[0].facts["quality"] == [] and findings_of(found, journal) == []


def test_a_cover_is_kept_whole(tmp_path):
    cover = Cover.of(Extent(X, Y, X + 33, Y + 21))
    cover.has[1, 2] = True
    write_cover(cover, tmp_path / f"a{COVER}")
    again = read_cover(tmp_path / f"a{COVER}")
    assert (again.x_min, again.y_max, again.cell_size) == (cover.x_min, cover.y_max, cover.cell_size)
    assert np.array_equal(again.has, cover.has) and np.array_equal(again.asked, cover.asked)
