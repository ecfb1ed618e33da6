"""The scheme of the sample: it stands on free land, within its plot, and its plan and rules are read."""

import json

import numpy as np
import pytest
from osgeo import ogr

from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.registry import find


@pytest.fixture(scope="module")
def scheme(sample):
    return sample / "scheme"


def polygons(path, layer):
    source = ogr.Open(str(path))
    return [feature.GetGeometryRef().Clone() for feature in source.GetLayerByName(layer)]


def test_nothing_stands_or_runs_on_its_plot(sample, scheme):
    (plot,) = polygons(scheme / "plots.gpkg", "plot")
    assert plot.Area() == pytest.approx(44 * 30, rel=1e-4)
    for layer in ("pand", "wegdeel", "waterdeel"):
        taken = sum(plot.Intersection(other).Area() for other in polygons(sample / "bgt.gpkg", layer))
        assert taken < 6, layer  # m2: the street bends a little, the front of the plot does not
    around = polygons(scheme / "plots.gpkg", "plots")
    assert len(around) == 3 and all(plot.Intersection(other).Area() < 0.1 for other in around)


def test_the_design_is_closed_and_on_its_plot_but_for_the_balconies(scheme):
    model = json.loads((scheme / "design.city.json").read_text(encoding="utf-8"))
    kinds = [item["type"] for item in model["CityObjects"].values()]
    assert kinds.count("Building") == 2 and kinds.count("BuildingPart") == 5
    for part in model["CityObjects"].values():
        for solid in part.get("geometry", ()):
            edges = [
                edge for face in solid["boundaries"][0] for ring in face for edge in zip(ring, ring[1:] + ring[:1])
            ]
            assert sorted(edges) == sorted((b, a) for a, b in edges)  # each edge has its opposite: a closed solid
    (plot,) = polygons(scheme / "plots.gpkg", "plot")
    places = np.array(model["vertices"]) * model["transform"]["scale"] + model["transform"]["translate"]
    far = [plot.Distance(ogr.CreateGeometryFromWkt(f"POINT ({x} {y})")) for x, y, _ in places]
    assert 0.2 < max(far) < 0.5  # the balconies hang 0.3 m over the front of the plot
    assert np.ptp(places[:, 2]) == pytest.approx(13.2, abs=0.01)


def test_its_plan_has_the_norms_that_the_design_meets_and_breaks(scheme):
    pieces = list(find(scheme / "zoning.gml").load()(scheme / "zoning.gml").read(None, Silent()))
    found = {}
    for piece in pieces:
        for quantity, norm in zip(piece.columns["quantity"], piece.columns["norm"]):
            found.setdefault(str(quantity), []).append(float(norm))
    assert sorted(found["building_height"]) == [11, 12] and sorted(found["eaves_height"]) == [6, 9]
    assert found["built_percentage"] == [40]
    kinds = [str(kind) for piece in pieces for kind in piece.columns["area_kind"]]
    assert "bouwvlak" in kinds


def test_its_rules_are_read_without_a_mistake(scheme):
    pytest.importorskip("shapely")
    from dtwin_plugin.models.plan.rule_file import examined

    rules, problems = examined(scheme / "rules.json")
    assert not problems and len(rules.rules) == 7
    quantities = {rule.quantity for rule in rules.rules}
    assert {"sun_hours", "noise_level", "fire_distance", "overhang_road"} <= quantities
    assert -2 < rules.peil < 0
