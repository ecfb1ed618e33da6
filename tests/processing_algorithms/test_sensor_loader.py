"""Sensors as a person loads them: stations with their last values, and observations on the time slider."""

import gzip

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.layers.finish import load_sidecars
from tests.sources.live import traffic_files as files
from tests.sources.live.traffic_files import ERROR, SITE, flow, measured, site, speed

OUTPUTS = ("stations", "stretches", "observations")


@pytest.fixture
def made_in(tmp_path):
    (tmp_path / "measurement_current.xml.gz").write_bytes(gzip.compress(files.SITES_V2))
    values = flow(1, 600), flow(2, -1, ERROR), speed(3, 80)
    (tmp_path / "trafficspeed.xml.gz").write_bytes(gzip.compress(measured(site(SITE, *values))))
    (tmp_path / "traveltime.xml.gz").write_bytes(gzip.compress(measured(files.TRAVEL_TIME)))
    return tmp_path


def run(provider, context, made_in, **parameters):
    feedback = QgsProcessingFeedback()
    outputs = {output: str(made_in / f"{output}.gpkg") for output in OUTPUTS}
    found, ok = provider.algorithm("loadsensors").create().run({**outputs, **parameters}, context, feedback, {}, False)
    assert ok, feedback.textLog()
    return found, feedback.textLog()


def layer_of(found, name):
    layer = QgsVectorLayer(found[name], name, "ogr")
    assert layer.isValid()
    load_sidecars(layer)
    return layer


def test_traffic_of_the_ndw_becomes_stations_and_observations(provider, context, made_in):
    found, _ = run(provider, context, made_in, file=str(made_in / "trafficspeed.xml.gz"))
    assert (found["stations_count"], found["observations_count"]) == (1, 5)
    stations = layer_of(found, "stations")
    (station,) = stations.getFeatures()
    assert station["name"] == "N450 km 2.735"
    # one lane failed or lacks: the whole has no value, and is no 600 and no 80
    assert not isinstance(station["flow"], float) and not isinstance(station["speed"], float)
    assert stations.renderer().type() == "RuleRenderer"
    observations = layer_of(found, "observations")
    rows = {(row["quantity"], row["part"] or ""): row for row in observations.getFeatures()}
    lane = rows["flow", "lane1 anyVehicle"]
    assert (lane["value"], lane["unit"], lane["quality"]) == (600.0, "1/h", "not judged")
    assert rows["flow", "lane2 anyVehicle"]["quality"] == "invalid"
    assert lane["begin"].toMSecsSinceEpoch() == 1_777_874_400_000  # 2026-05-04T06:00Z
    times = observations.temporalProperties()
    assert times.isActive() and (times.startField(), times.endField()) == ("begin", "end")


def test_travel_times_become_lines_with_their_observations_as_points(provider, context, made_in):
    found, _ = run(provider, context, made_in, file=str(made_in / "traveltime.xml.gz"))
    assert layer_of(found, "stretches").geometryType().name == "Line"
    assert layer_of(found, "observations").geometryType().name == "Point"
    assert "stations" not in found


def test_a_station_abroad_stays_at_its_own_place(provider, context, made_in, shared):
    path = shared / "sensors/ngsi_ld/NoiseLevelObserved.normalized.jsonld"
    found, log = run(provider, context, made_in, file=str(path))
    stations = layer_of(found, "stations")
    (station,) = stations.getFeatures()
    place = station.geometry().asMultiPoint()[0] if station.geometry().isMultipart() else station.geometry().asPoint()
    assert (place.x(), place.y()) == (-2.698, 42.8491) and stations.crs().isGeographic()
    assert "outside the Netherlands" in log


def test_a_file_or_a_source_is_needed_and_not_both(provider, context, made_in):
    for given in ({}, {"file": str(made_in / "trafficspeed.xml.gz"), "source": "ndw-speed"}):
        with pytest.raises(QgsProcessingException, match="One of the two is needed"):
            run(provider, context, made_in, **given)


def test_places_that_lack_are_counted_by_station_and_once(provider, context, made_in, shared):
    path = shared / "sensors/geonovum_sta/observations1.json"  # 3745 observations of one station, without its place
    _, log = run(provider, context, made_in, file=str(path))
    assert [line for line in log.splitlines() if "no place" in line] == ["1 stations have no place in the source."]
