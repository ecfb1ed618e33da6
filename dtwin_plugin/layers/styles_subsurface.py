"""How the ground looks: voxels by class in the colours of TNO, and by how sure that class is; on the map and in 3D."""

from __future__ import annotations

import colorsys
from pathlib import Path

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeatureRenderer,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsMapLayer,
    QgsNullSymbolRenderer,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.data.soils import COLOURS, LITHOCLASSES
from dtwin_plugin.paths import version
from dtwin_plugin.translate import mark, tr

from . import styles3d

# Upper limit and colour of the probability of the class that a voxel has; a guess is pale, what is sure is dark.
PROBABILITY = ((0.3, "#ffffcc"), (0.4, "#a1dab4"), (0.5, "#41b6c4"), (0.7, "#2c7fb8"), (1.0, "#253494"))
_NO_PROBABILITY = ("#C8C8C8", mark("No probability"))
_BOTTOM, _HEIGHT = '"z_min"', '"z_max" - "z_min"'
# Kind of a layer of REGIS II, by the letter before its number ("BXz2", "WAk1"), to hue, lightness and saturation.
_KINDS = {
    "k": (0.33, 0.40, 0.55), "z": (0.14, 0.62, 0.80), "c": (0.08, 0.62, 0.25), "v": (0.05, 0.42, 0.45),
    "b": (0.06, 0.25, 0.35), "q": (0.60, 0.55, 0.35), "s": (0.10, 0.50, 0.55),
}  # fmt: skip
_STYLE = "probability"  # name of the second style of a table


def voxels(layer: QgsVectorLayer) -> None:
    """Cells by class, the highest on top; in the profile and in 3D from their bottom to their top."""
    names = class_names(layer)
    colours = class_colours(names)
    categories = [QgsRendererCategory(number, _square(colours[number]), name) for number, name in names.items()]
    _apply(layer, QgsCategorizedSymbolRenderer("class", categories))
    rules = {f'"class" = {number}': colour for number, colour in colours.items() if number in names}
    styles3d.extruded_by_rules(layer, rules, _BOTTOM, _HEIGHT)


def voxel_probability(layer: QgsMapLayer) -> None:
    """Cells, or a raster, by the probability of the class: what is most likely may still be a guess."""
    if isinstance(layer, QgsRasterLayer):
        _probability_raster(layer)
        return
    colour, label = _NO_PROBABILITY  # drawn too: what lies below it would be taken for the top
    categories = [QgsRendererCategory(0, _square(colour), tr(label))]
    rules = {'"probability" IS NULL': colour}
    cases = ['WHEN "probability" IS NULL THEN 0']
    low = 0.0
    for number, (upper, colour) in enumerate(PROBABILITY, 1):
        categories.append(QgsRendererCategory(number, _square(colour), f"{low:.1f} - {upper:.1f}"))
        cases.append(f'WHEN "probability" <= {upper} THEN {number}')
        above = f'"probability" > {low}' if low else '"probability" IS NOT NULL'
        rules[f'{above} AND "probability" <= {upper}'] = colour
        low = upper
    # rules would do as well, but the profile tool of QGIS 3.40 draws nothing for them
    _apply(layer, QgsCategorizedSymbolRenderer(f"CASE {' '.join(cases)} END", categories))
    styles3d.extruded_by_rules(layer, rules, _BOTTOM, _HEIGHT)


def voxel_bodies(layer: QgsVectorLayer) -> None:
    """Bodies of voxels in 3D by class; on the map and in profiles their cells are."""
    _bodies(layer, "class")


def voxel_bodies_probability(layer: QgsVectorLayer) -> None:
    """Bodies of voxels in 3D by the probability of the class."""
    _bodies(layer, "probability")


def _bodies(layer: QgsVectorLayer, by: str) -> None:
    layer.setRenderer(QgsNullSymbolRenderer())
    rows = [(row["number"], row["name"]) for row in layer.getFeatures(f"\"by\" = '{by}'")]
    found = {int(number): str(name) for number, name in sorted(rows)}
    if by == "class":
        colours = class_colours(found)
    else:
        steps = [_NO_PROBABILITY[0], *(colour for _, colour in PROBABILITY)]
        lows = ["0.0", *(f"{upper:.1f}" for upper, _ in PROBABILITY)]
        colours = {number: steps[number] for number in found}
        found = {n: f"{lows[n - 1]} - {lows[n]}" if n else tr(_NO_PROBABILITY[1]) for n in found}
    rules = {f"{name}": (f'"number" = {number}', colours[number]) for number, name in found.items()}
    chosen = f'"by" = \'{by}\' AND "side" = '
    styles3d.bodies_by_rules(
        layer,
        {
            tr("Outside"): (f"{chosen}'outside'", True, rules),
            tr("Inside, to switch on where a class is off"): (f"{chosen}'inside'", False, rules),
        },
    )


def soil_class(layer: QgsRasterLayer) -> None:
    """A raster of classes: lithoclasses, known by the name of the band, in the colours of TNO; others by number."""
    kind, provider = QgsPalettedRasterRenderer.Class, layer.dataProvider()
    if "lithoclass" in layer.bandName(1):
        classes = [kind(number, QColor(COLOURS[number]), tr(name)) for number, name in LITHOCLASSES.items()]
    else:
        found = QgsPalettedRasterRenderer.classDataFromRaster(provider, 1)
        names = {int(item.value): str(int(item.value)) for item in found}
        classes = [kind(number, QColor(colour), names[number]) for number, colour in class_colours(names).items()]
    layer.setRenderer(QgsPalettedRasterRenderer(provider, 1, classes))


def add_probability(path: Path, table: str, bodies: bool = False) -> None:
    """Store the style by probability beside the one that a table of voxels, or of their bodies, opens with."""
    layer = QgsVectorLayer(f"{path}|layername={table}", table, "ogr")
    if layer.isValid():
        (voxel_bodies_probability if bodies else voxel_probability)(layer)
        layer.saveStyleToDatabase(f"{table} {_STYLE}"[:30], version(), False, "")


def class_names(layer: QgsVectorLayer) -> dict[int, str]:
    """Return the classes that the cells of a layer have, by number."""
    fields = layer.fields()
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    number, name = fields.lookupField("class"), fields.lookupField("class_name")
    request.setSubsetOfAttributes([index for index in (number, name) if index >= 0])
    found: dict[int, str] = {}
    for value in sorted(v for v in layer.uniqueValues(number) if isinstance(v, int) and v >= 0):
        request.setFilterExpression(f'"class" = {value}').setLimit(1)
        feature = next(layer.getFeatures(request), None)
        text = feature[name] if feature is not None and name >= 0 else None
        found[value] = str(text) if isinstance(text, str) else str(value)
    return found


def class_colours(names: dict[int, str]) -> dict[int, str]:
    """Return a colour for each class: those of TNO for lithoclasses; else by the kind that the name of a layer tells.

    >>> class_colours({1: "Organic material (peat)"}), class_colours({0: "BXz2", 1: "WAk1"})
    ({1: '#9D4E40'}, {0: '#e9cc35', 1: '#2d922a'})
    """
    if all(name in (LITHOCLASSES.get(number), tr(LITHOCLASSES.get(number, ""))) for number, name in names.items()):
        return {number: COLOURS[number] for number in names}
    colours = {}
    for place, (number, name) in enumerate(names.items()):
        letters = name.rstrip("0123456789")
        kind = _KINDS.get(letters[-1:]) if len(letters) > 2 else None
        hue, light, full = kind or ((place * 0.381966) % 1.0, 0.6, 0.45)  # the golden ratio keeps neighbours apart
        light += 0.06 * ((place % 5) - 2) / 2  # layers of one kind differ a little
        red, green, blue = colorsys.hls_to_rgb(hue, light, full)
        colours[number] = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
    return colours


def _apply(layer: QgsVectorLayer, renderer: QgsFeatureRenderer) -> None:
    """Draw the highest cell last."""
    renderer.setOrderBy(QgsFeatureRequest.OrderBy([QgsFeatureRequest.OrderByClause('"z_max"', True)]))
    renderer.setOrderByEnabled(True)
    layer.setRenderer(renderer)


def _square(colour: str) -> QgsFillSymbol:
    return QgsFillSymbol.createSimple({"color": colour, "outline_color": "#80606060", "outline_width": "0.05"})


def _probability_raster(layer: QgsRasterLayer) -> None:
    from qgis.core import QgsColorRampShader, QgsRasterShader, QgsSingleBandPseudoColorRenderer

    function = QgsColorRampShader(0.0, 1.0)
    function.setColorRampType(QgsColorRampShader.Type.Discrete)
    function.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(upper, QColor(colour), f"<= {upper:.1f}") for upper, colour in PROBABILITY]
    )
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(function)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(0.0)
    renderer.setClassificationMax(1.0)
    layer.setRenderer(renderer)
