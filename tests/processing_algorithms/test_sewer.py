"""Sewers as a person uses them: a GWSW-Hyd set as layers, and under a street in the flood model."""

import json

import numpy as np
import pytest
from qgis.core import QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.data import Grid
from dtwin_plugin.sources.raster_write import write_cog


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        feedback = QgsProcessingFeedback()
        result, _ = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
        return result, feedback.textLog()

    return run_algorithm


@pytest.fixture
def hydx(shared):
    return str(shared / "flood" / "gwsw_hydx" / "Knooppunt.csv")


def rows(path):
    lines = [line.split(",") for line in open(path, encoding="utf-8").read().replace('"', "").splitlines()]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def test_a_set_becomes_layers_with_a_style_and_a_table_of_faults(run, hydx, tmp_path):
    paths = {name: str(tmp_path / f"{name}.gpkg") for name in ("links", "nodes")}
    result, log = run(
        "loadsewer", file=hydx, faults=str(tmp_path / "faults.csv"), network=str(tmp_path / "net.inp"), **paths
    )
    assert (result["count"], result["pipes"]) == (84, 95)
    assert "21 faults" in log and len(rows(tmp_path / "faults.csv")) == 21
    for name, kind in (("links", "type"), ("nodes", "type")):
        layer = QgsVectorLayer(result[name], name, "ogr")
        layer.loadDefaultStyle()
        assert layer.renderer().classAttribute() == kind
    assert "[CONDUITS]" in (tmp_path / "net.inp").read_text()


def test_a_street_over_a_set_and_a_culvert_out_of_it(run, hydx, tmp_path):
    pytest.importorskip("swmm.toolkit")
    ground = Grid(np.full((55, 45), 3.0, np.float32), -20.0, 520.0, 10.0, unit="m")
    write_cog(ground, tmp_path / "ground.tif")
    pump = {"type": "LineString", "coordinates": [[50, 450], [-500, 450]]}
    features = [{"type": "Feature", "geometry": pump, "properties": {"type": "gemaal", "naam": "P1", "capaciteit": 36}}]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    (tmp_path / "works.geojson").write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    names = ("balance", "sewer_balance", "structure_flow")
    result, log = run(
        "flood",
        terrain=str(tmp_path / "ground.tif"),
        rain=30,
        rain_duration=0.25,
        after=0.1,
        infiltration=0,
        boundary=1,
        structures=str(tmp_path / "works.geojson"),
        sewer_network=hydx,
        depth_max=str(tmp_path / "max.tif"),
        sewer_exchange=str(tmp_path / "nodes.gpkg"),
        **{name: str(tmp_path / f"{name}.csv") for name in names},
    )
    assert "21 faults" in log
    balance = {row["term"]: float(row["volume"]) for row in rows(result["balance"])}
    left = sum(balance[name] for name in ("infiltration", "outflow", "stored", "structures", "sewer_network"))
    assert left == pytest.approx(balance["rain"], rel=1e-6)  # the design's limit
    nodes = QgsVectorLayer(result["sewer_exchange"], "nodes", "ogr")
    nodes.loadDefaultStyle()
    assert nodes.renderer().type() == "RuleRenderer"
    net = sum(feature["taken"] - feature["brought"] for feature in nodes.getFeatures())
    assert net == pytest.approx(balance["sewer_network"], rel=1e-9) and net > 100
    assert {row["name"] for row in rows(result["structure_flow"])} == {"P1"}
