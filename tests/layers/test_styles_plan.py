"""Outcomes of a plan test are told apart by everybody, and violations stand out of what is around them."""

from itertools import combinations

import numpy as np
import pytest
from qgis.core import Qgis, QgsFeature, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.styles import RANKS, STYLES
from dtwin_plugin.layers.styles_plan import COLOURS
from dtwin_plugin.models.plan.quantity import OUTCOMES

# What who lacks red, green or blue cones sees of linear red, green and blue (Machado et al. 2009, severity 1).
SIGHT = {
    "all": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
APART = 25.0  # CIELAB 1976; 2.3 is just seen side by side, ten times that is told in a small patch


def lab(rgb):
    """Return linear sRGB as CIELAB (IEC 61966-2-1, D65)."""
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = matrix @ rgb / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour, sight):
    parts = np.array(QColor(colour).getRgbF()[:3])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return lab(np.clip(np.array(SIGHT[sight]) @ linear, 0, 1))


@pytest.mark.parametrize("sight", SIGHT)
def test_five_outcomes_are_five_colours_for_everybody(sight):
    distances = {
        (one, two): float(np.linalg.norm(seen(COLOURS[one], sight) - seen(COLOURS[two], sight)))
        for one, two in combinations(COLOURS, 2)
    }
    near = {pair: distance for pair, distance in distances.items() if distance < APART}
    assert not near and set(COLOURS) == set(OUTCOMES)


def layer(kind, *fields):
    return QgsVectorLayer("&".join([f"{kind}?crs=EPSG:28992", *(f"field={f}" for f in fields)]), "a", "memory")


def objects(drawn):
    styles3d.initialise()
    found = layer("MultiPolygon", "object:string", "outcome:string", "bottom:double", "top:double", "drawn:integer")
    feature = QgsFeature(found.fields())
    feature.setAttributes(["a", "compliant", 0.0, 9.0, drawn])
    found.dataProvider().addFeature(feature)
    STYLES["plan_objects"](found)
    return found


@pytest.fixture
def violations(qgis_app):
    styles3d.initialise()
    found = layer("MultiPolygonZ", "outcome:string", "sentence:string")
    STYLES["plan_violations"](found)
    return found


def test_buildings_have_the_colour_and_the_words_of_their_outcome(qgis_app):
    found = objects(0)
    categories = {c.value(): (c.symbol().color().name(), c.label()) for c in found.renderer().categories()}
    assert categories["non_compliant"] == (COLOURS["non_compliant"], "Does not comply")
    assert list(categories) == ["non_compliant", "review_required", "insufficient_data", "compliant", "not_applicable"]
    assert found.labelsEnabled()


def test_only_what_was_drawn_on_the_map_stands_as_a_block(qgis_app):
    # of a design the surfaces stand in 3D already: a block of the same size would flicker through them
    assert objects(0).renderer3D() is None and objects(1).renderer3D().type() == "rulebased"


def test_a_wall_that_is_a_line_from_above_is_drawn(violations):
    categories = violations.renderer().categories()  # QGIS drops what of it nobody holds
    symbol = categories[0].symbol()
    assert symbol.symbolLayerCount() == 2 and symbol.symbolLayer(1).layerType() == "SimpleLine"
    assert violations.elevationProperties().clamping() == Qgis.AltitudeClamping.Absolute


def test_violations_lie_on_buildings_and_both_on_the_map():
    assert RANKS.index("plan_violations") < RANKS.index("plan_objects") < RANKS.index("surfaces")
