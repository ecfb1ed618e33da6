"""3D renderers that are saved with a layer, so that it looks right in any QGIS 3D view."""

from __future__ import annotations

from collections.abc import Mapping

from qgis.core import (
    Qgis,
    QgsAbstract3DSymbol,
    QgsMapLayerElevationProperties,
    QgsMarkerSymbol,
    QgsProperty,
    QgsPropertyCollection,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor, QMatrix4x4

from . import qgis3d
from .styles_shared import absolute
from .tiling3d import levels_for, tiling

# Colours of CityJSON semantics.
SURFACES = {
    "RoofSurface": "#b5563c",
    "WallSurface": "#dccdb4",
    "GroundSurface": "#6e6a64",
    "OuterCeilingSurface": "#c9bda6",
    "OuterFloorSurface": "#a89a86",
    "Window": "#9ecae1",
    "Door": "#8c5a3c",
    "WaterSurface": "#7fb8d8",
    "Unknown": "#cfc8bb",
}
_GROUND, _BLOCK = 'coalesce("b3_h_maaiveld", 0)', 'coalesce("b3_h_70p" - "b3_h_maaiveld", 3)'  # of the 3DBAG [m]


def initialise() -> None:
    """Register the 3D renderers; before this, a project is read without them."""
    qgis3d.Qgs3D.initialize()


def phong(colour: str, opacity: float = 1.0, shaded: bool = True) -> qgis3d.QgsPhongMaterialSettings:
    """Return a matt material; one that is not shaded has its own colour on all sides."""
    material = qgis3d.QgsPhongMaterialSettings()
    material.setDiffuse(QColor(colour))
    material.setAmbient(QColor(colour))
    material.setAmbientCoefficient(0.45 if shaded else 1.0)  # the defaults wash colours out
    material.setDiffuseCoefficient(0.6 if shaded else 0.0)
    material.setSpecular(QColor(0, 0, 0))
    material.setShininess(0)
    material.setOpacity(opacity)
    return material


def simple_line(colour: str) -> qgis3d.QgsSimpleLineMaterialSettings:
    """Return the material of lines that keep their width on the screen."""
    material = qgis3d.QgsSimpleLineMaterialSettings()
    material.setAmbient(QColor(colour))
    return material


def _symbol(colour: str) -> qgis3d.QgsPolygon3DSymbol:
    symbol = qgis3d.QgsPolygon3DSymbol()
    symbol.setAltitudeClamping(Qgis.AltitudeClamping.Absolute)
    symbol.setAltitudeBinding(Qgis.AltitudeBinding.Vertex)
    symbol.setMaterialSettings(phong(colour))
    symbol.setAddBackFaces(False)
    return symbol


def surfaces(layer: QgsVectorLayer) -> None:
    """Colour surfaces by their semantics; roof and wall of a known object class, the rest plain."""
    rules = {f"\"surface\" = '{name}'": _symbol(colour) for name, colour in SURFACES.items()}
    _set_rules(layer, rules)


def by_rules(
    layer: QgsVectorLayer,
    rules: dict[str, tuple[str, float]],
    levels: int = 0,
    one_sided: bool = False,
    shaded: bool = True,
    names: Mapping[str, str] | None = None,
) -> None:
    """Give what each expression selects its colour and opacity; `levels` and `names` as of `_set_rules`.

    Faces that are one-sided are seen from where their corners go counter-clockwise only; those that are not shaded have
    their own colour from all sides.
    """
    symbols = {}
    for expression, (colour, opacity) in rules.items():
        symbols[expression] = _symbol(colour)
        symbols[expression].setMaterialSettings(phong(colour, opacity, shaded))
        if one_sided:
            symbols[expression].setCullingMode(qgis3d.Qgs3DTypes.CullingMode.Back)
    _set_rules(layer, symbols, levels, names)


def blocks(layer: QgsVectorLayer, colours: dict[str, str]) -> None:
    """Extrude footprints from the ground to the roof where 3DBAG heights are there; a colour by expression."""
    if has_heights(layer):
        extruded_by_rules(layer, colours, _GROUND, _BLOCK)


def has_heights(layer: QgsVectorLayer) -> bool:
    """Whether footprints have the heights that the 3DBAG gives them."""
    return {"b3_h_maaiveld", "b3_h_70p"} <= {name.lower() for name in layer.fields().names()}


def extruded_by_class(layer: QgsVectorLayer, field: str, colours: dict[str, str]) -> None:
    """Extrude footprints where 3DBAG heights are there, coloured by the values of a field."""
    blocks(layer, {f"\"{field}\" = '{value}'": colour for value, colour in colours.items()})


def extruded_by_rules(layer: QgsVectorLayer, colours: dict[str, str], bottom: str, height: str) -> None:
    """Extrude what each expression selects, in its colour, from a bottom [m NAP] by a height [m]: expressions too.

    Profiles show it so too.
    """
    rules = {}
    for expression, colour in colours.items():
        symbol = _symbol(colour)
        symbol.setAltitudeBinding(Qgis.AltitudeBinding.Centroid)
        properties = QgsPropertyCollection()
        properties.setProperty(QgsAbstract3DSymbol.Property.ExtrusionHeight, QgsProperty.fromExpression(height))
        properties.setProperty(QgsAbstract3DSymbol.Property.Height, QgsProperty.fromExpression(bottom))
        symbol.setDataDefinedProperties(properties)
        rules[expression] = symbol
    _set_rules(layer, rules)
    _extrude_in_profiles(layer, bottom, height)


def _extrude_in_profiles(layer: QgsVectorLayer, bottom: str, height: str) -> None:
    """Let profiles show a layer as it stands in 3D, in the colours of the map where QGIS 3.40 can: not of rules."""
    profile, keys = absolute(layer, Qgis.AltitudeBinding.Centroid), QgsMapLayerElevationProperties.Property
    profile.setExtrusionEnabled(True)
    profile.setRespectLayerSymbology(layer.renderer().type() != "RuleRenderer")
    defined = QgsPropertyCollection()
    defined.setProperty(keys.ZOffset, QgsProperty.fromExpression(bottom))
    defined.setProperty(keys.ExtrusionHeight, QgsProperty.fromExpression(height))
    profile.setDataDefinedProperties(defined)


def bodies_by_rules(layer: QgsVectorLayer, groups: dict[str, tuple[str, bool, dict[str, tuple[str, str]]]]) -> None:
    """Draw closed bodies of a few features, in groups of rules.

    Parameters
    ----------
    groups : dict
        By the name of each group what it selects, whether it is drawn, and by the name of each rule in it what that
        selects and its colour.
    """
    root = qgis3d.QgsRuleBased3DRenderer.Rule(None)
    for title, (chosen, shown, rules) in groups.items():
        group = qgis3d.QgsRuleBased3DRenderer.Rule(None, chosen, title)
        group.setActive(shown)
        for name, (expression, colour) in rules.items():
            symbol = _symbol(colour)
            symbol.setCullingMode(
                qgis3d.Qgs3DTypes.CullingMode.Back
            )  # of two faces at one place that of the one in front
            group.appendChild(qgis3d.QgsRuleBased3DRenderer.Rule(symbol, expression, name))
        root.appendChild(group)
    renderer = qgis3d.QgsRuleBased3DRenderer(root)
    renderer.setTilingSettings(tiling(1))  # a feature is drawn by each tile that it touches
    layer.setRenderer3D(renderer)


def solid(
    shape: Qgis.Point3DShape,
    properties: dict[str, float],
    colour: str,
    height: float,
    clamping: Qgis.AltitudeClamping = Qgis.AltitudeClamping.Terrain,
) -> qgis3d.QgsPoint3DSymbol:
    """Return a solid at each point, its middle at a height [m] above the terrain, or above the point itself."""
    symbol = qgis3d.QgsPoint3DSymbol()
    picture = QgsMarkerSymbol.createSimple({})  # is not drawn; that of QGIS itself has a colour by lot
    sip.transferto(picture, None)  # the 3D symbol takes it without telling Python
    symbol.setBillboardSymbol(picture)
    symbol.setShape(shape)
    symbol.setShapeProperties(properties)
    symbol.setAltitudeClamping(clamping)
    matrix = QMatrix4x4()
    if Qgis.QGIS_VERSION_INT < 34200:  # height was the second axis until 3.42
        matrix.translate(0, height, 0)
    else:
        matrix.translate(0, 0, height)
    symbol.setTransform(matrix)
    symbol.setMaterialSettings(phong(colour))
    return symbol


def solids_by_rules(layer: QgsVectorLayer, solids: list[tuple[str, qgis3d.QgsPoint3DSymbol]]) -> None:
    """Draw solids at the points that each expression selects; one of all points is empty."""
    root = qgis3d.QgsRuleBased3DRenderer.Rule(None)
    for expression, symbol in solids:
        root.appendChild(qgis3d.QgsRuleBased3DRenderer.Rule(symbol, expression, ""))
    layer.setRenderer3D(qgis3d.QgsRuleBased3DRenderer(root))


def _set_rules(
    layer: QgsVectorLayer,
    rules: dict[str, qgis3d.QgsPolygon3DSymbol],
    levels: int = 0,
    names: Mapping[str, str] | None = None,
) -> None:
    """Draw by rules; with 1 level of tiles a feature is drawn once, else by each tile that it touches. 0 chooses.

    Names are what legends call a rule where its expression does not tell.
    """
    root = qgis3d.QgsRuleBased3DRenderer.Rule(None)
    for expression, symbol in rules.items():
        name = (names or {}).get(expression, "")
        root.appendChild(qgis3d.QgsRuleBased3DRenderer.Rule(symbol, expression, name))
    renderer = qgis3d.QgsRuleBased3DRenderer(root)
    renderer.setTilingSettings(tiling(levels or levels_for(layer.featureCount())))
    layer.setRenderer3D(renderer)
