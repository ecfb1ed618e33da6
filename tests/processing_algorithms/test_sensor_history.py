"""Series of the history of live data as an algorithm: hours, shares, points and table."""

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.data import Features, Geometries, Series
from dtwin_plugin.data.series import Quantity
from dtwin_plugin.twin.live.history import History

START = np.datetime64("2026-01-01T08:00", "ms")


@pytest.fixture
def history(tmp_path):
    """Twelve values of five minutes in the first hour, of which two lack; three in the second; a gap after that."""
    place = Features(Geometries.points(np.array([[85_000.0, 447_000.0]])), {"station": np.array(["a"], object)})
    begins = START + np.arange(15) * np.timedelta64(300_000, "ms")
    values = np.full(15, 600.0)
    values[[3, 4]] = np.nan
    zero = np.zeros(15, int)
    ends, never = begins + np.timedelta64(300_000, "ms"), np.full(15, "NaT", "datetime64[ms]")
    series = Series("ndw", place, (Quantity("flow", "h-1"),), zero, zero, begins, ends, never, values)
    with History(tmp_path / "h.gpkg") as kept:
        kept.add(series, START, gap=(START, START + np.timedelta64(60_000, "ms"), "not reached"))
    return tmp_path / "h.gpkg"


def run(provider, parameters):
    feedback = QgsProcessingFeedback()
    result, ok = (
        provider.algorithm("sensorhistory").create().run(parameters, QgsProcessingContext(), feedback, {}, False)
    )
    return result, ok, feedback.textLog()


def test_hours_have_means_and_the_share_that_was_measured(qgis_app, qgis_processing, history, tmp_path):
    from processing_algorithms.provider import DtwinProvider

    provider = DtwinProvider()
    provider.loadAlgorithms()
    outputs = {name: str(tmp_path / f"{name}.gpkg") for name in ("stations", "series")}
    result, ok, log = run(provider, {"file": str(history), "least": 50, **outputs})
    assert ok and result["count"] == 1, log
    assert "gaps" in log
    table = QgsVectorLayer(result["series"], "series", "ogr")
    rows = [(row["begins"], row["value"], round(row["share"], 3)) for row in table.getFeatures()]
    # ten of twelve, and three of twelve, which is less than half
    assert [(value or None, share) for _, value, share in rows] == [(600.0, 0.833), (None, 0.25)]
    (station,) = QgsVectorLayer(result["stations"], "stations", "ogr").getFeatures()
    assert (station["mean"], station["steps"], station["quantity"]) == (600.0, 1, "flow")
    assert station.geometry().asMultiPoint()[0].x() == 85_000
    with pytest.raises(QgsProcessingException, match="no observations"):
        run(provider, {"file": str(history), "quantity": "speed", **outputs})
