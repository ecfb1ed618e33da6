"""A level of noise has one colour: on a map of cells, between contours, at points and on buildings, in 2D and in 3D."""

import math

import numpy as np
import pytest
from qgis._3d import QgsRuleBased3DRenderer
from qgis.core import QgsFeature, QgsRasterLayer, QgsRenderContext, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.layers import styles3d, styles_noise
from dtwin_plugin.layers.styles import RANKS, STYLES
from dtwin_plugin.models.change import CHANGES
from dtwin_plugin.models.noise.exposure import LDEN_EDGES, LNIGHT_EDGES, class_names, classes_of

NOISE = styles_noise.NOISE
LEVELS = [20.0, 34.99, 35.0, 49.99, 50.0, 54.99, 55.0, 59.99, 60.0, 65.0, 74.99, 75.0, 80.0, 99.0]


def colour_of(level):
    return next(colour for low, colour in reversed(NOISE) if level >= low)


def layer(kind, field, values):
    found = QgsVectorLayer(f"{kind}?crs=EPSG:28992&field={field}", "a", "memory")
    for value in values:
        feature = QgsFeature(found.fields())
        feature.setAttributes([value])
        found.dataProvider().addFeature(feature)
    return found


def colours(vector):
    """Colours of the features as the map draws them; each by one rule alone."""
    renderer, context = vector.renderer().clone(), QgsRenderContext()
    context.expressionContext().appendScopes([])
    renderer.startRender(context, vector.fields())
    found = []
    for feature in vector.getFeatures():
        context.expressionContext().setFeature(feature)
        symbols = renderer.symbolsForFeature(feature, context)
        assert len(symbols) <= 1
        found.append(symbols[0].color().name() if symbols else None)
    renderer.stopRender(context)
    return found


def in_3d(vector):
    """Colour by expression of the 3D renderer."""
    root = sip.cast(vector.renderer3D(), QgsRuleBased3DRenderer).rootRule()
    return {rule.filterExpression(): rule.symbol().materialSettings().diffuse().name() for rule in root.children()}


@pytest.mark.parametrize("style, kind, field", [
    ("noise_points", "MultiPointZ", "lden:double"),
    ("noise_panels", "MultiPolygonZ", "lden:double"),
    ("noise_buildings", "MultiPolygon", "lden:double"),
    ("noise_contours", "MultiPolygon", "low:double"),
])  # fmt: skip
def test_a_level_has_its_colour_and_one_on_an_edge_that_above_it(qgis_app, style, kind, field):
    styles3d.initialise()
    vector = layer(kind, field, [*LEVELS, None])
    STYLES[style](vector)
    *found, unknown = colours(vector)
    wanted = [colour_of(level) for level in LEVELS]
    if style == "noise_contours":  # what is below the first contour is not drawn
        assert found[2:] == wanted[2:] and found[:2] == [None, None] and unknown is None
    else:
        assert found == wanted and unknown == "#bdbdbd"


@pytest.mark.parametrize("style, kind", [("noise_points", "MultiPointZ"), ("noise_panels", "MultiPolygonZ")])
def test_space_has_the_classes_of_the_map(qgis_app, style, kind):
    styles3d.initialise()
    vector = layer(kind, "lden:double", LEVELS)
    STYLES[style](vector)
    flat = {rule.filterExpression(): rule.symbol().color().name() for rule in vector.renderer().rootRule().children()}
    assert in_3d(vector) == flat and len(flat) == len(NOISE) + 1


def test_cells_have_the_colours_of_points(qgis_app, tmp_path):
    path = raster(tmp_path, np.array([LEVELS]))
    found = QgsRasterLayer(str(path), "a")
    STYLES["noise_levels"](found)
    function = found.renderer().shader().rasterShaderFunction()
    for level in LEVELS:
        red, green, blue, alpha = shaded(function, level)
        if level < 35:
            assert alpha == 0
        else:
            assert QColor(red, green, blue).name() == colour_of(level) and alpha == 255


def test_a_change_of_a_decibel_is_not_drawn_and_less_is_green(qgis_app, tmp_path):
    path = raster(tmp_path, np.array([[-9.0, 9.0]]))
    found = QgsRasterLayer(str(path), "a")
    STYLES["noise_difference"](found)
    function = found.renderer().shader().rasterShaderFunction()
    assert shaded(function, 0.0)[3] == shaded(function, -0.99)[3] == shaded(function, 0.99)[3] == 0
    less, more = shaded(function, -6.0), shaded(function, 6.0)
    assert less[1] > less[0] and more[0] > more[1]
    limits = [step[0] for step in styles_noise.DIFFERENCE[:-1]]
    assert limits == [-limit for limit in limits[::-1]]


def test_every_change_has_a_colour(qgis_app):
    styles3d.initialise()
    assert set(styles_noise.CHANGE) == set(CHANGES)
    vector = layer("MultiPointZ", "change:string", list(CHANGES))
    STYLES["noise_change"](vector)
    assert colours(vector) == [styles_noise.CHANGE[name][0] for name in CHANGES]


def test_classes_of_a_table_are_those_of_the_legend():
    lows = [low for low, _ in NOISE]
    assert set(LDEN_EDGES) | set(LNIGHT_EDGES) <= set(lows)
    legend = {styles_noise.label(low, high).replace(" - ", "-").removesuffix(" dB") for low, high in
              zip(lows, [*lows[1:], math.inf])}  # fmt: skip
    assert set(class_names(LDEN_EDGES)[1:-1]) <= legend and set(class_names(LNIGHT_EDGES)[1:-1]) <= legend
    assert classes_of([59.99], LDEN_EDGES)[0] == "55-59" and colour_of(59.99) == colour_of(55.0)


def test_points_lie_on_buildings_and_both_on_maps():
    order = [RANKS.index(name) for name in ("noise_points", "noise_buildings", "noise_contours", "noise_levels")]
    assert order == sorted(order)


def raster(folder, values):
    from osgeo import gdal

    path = folder / "levels.tif"
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), values.shape[1], values.shape[0], 1, gdal.GDT_Float32)
    dataset.SetGeoTransform((0, 1, 0, 0, 0, -1))
    dataset.GetRasterBand(1).WriteArray(values)
    dataset = None
    return path


def shaded(function, value):
    done, *found = function.shade(value)
    assert done
    return found
