"""What there is to take the pictures of the README of, and who takes them: off screen, in a QGIS without a window."""

from pathlib import Path

from qgis._3d import QgsPolygon3DSymbol, QgsRuleBased3DRenderer
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVector3D,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QRect, Qt
from qgis.PyQt.QtGui import QColor, QFont, QImage, QPainter

from dtwin_plugin.layers import cut3d, ground3d, scene3d, styles3d
from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.layers.legend3d import rows_of
from dtwin_plugin.layers.styles import STYLES

WIDTH, HEIGHT = 1600, 900  # px: larger than it is shown, so that edges are smooth
RD = QgsCoordinateReferenceSystem("EPSG:28992")
_ROW, _SWATCH, _EDGE = 38, 24, 28  # px of a legend
_application = []  # of QGIS, and the provider of the plugin


class Studio:
    """What is there to take pictures of, and who takes them.

    Parameters
    ----------
    folder : Path
        To write to.
    demo, sample : Path
        What `make demo` made, and the sample municipality.
    """

    def __init__(self, folder, demo, sample):
        self.folder, self.demo, self.sample = folder, demo, sample
        if not _application:
            _application.append(QgsApplication([], True))
            _application[0].initQgis()
            styles3d.initialise()

    def vector(self, path, table):
        return QgsVectorLayer(f"{self.demo / path}|layername={table}", table, "ogr")

    def raster(self, path):
        layer = QgsRasterLayer(str(self.demo / path), Path(path).stem)
        load_sidecars(layer)
        return layer

    def base_map(self):
        return self.vector("area.gpkg", "bgt_bgt")

    def trees(self):
        layer = QgsVectorLayer(f"{self.sample / 'trees.gpkg'}|layername=bomen", "trees", "ogr")
        STYLES["trees"](layer)
        return layer

    def soil(self):
        """The soil of GeoTOP below the street, as the loader makes it."""
        wanted = {"file": str(self.sample / "subsurface" / "geotop.nc")}
        wanted |= {"extent": "112600,112900,460300,460500 [EPSG:28992]", "highest": -3.0, "lowest": -13.0}
        return self.made("loadgeotop", "voxels", wanted)

    def sun(self, place, around):
        """Sun on the facades around a place [m], of the light norm of TNO."""
        near = f"distance($geometry, make_point({place[0]}, {place[1]})) < {around}"
        source = f"{self.demo / 'area.gpkg'}|layername=buildings3d_footprints"
        houses = QgsProcessingFeatureSourceDefinition(source, filterExpression=near)
        wanted = {"terrain": "terrain_05m_filled.tif", "surface": "dsm_05m.tif"}
        wanted = {name: str(self.sample / file) for name, file in wanted.items()} | {"points": "TEMPORARY_OUTPUT"}
        wanted |= {"tested": "TEMPORARY_OUTPUT", "summary": "TEMPORARY_OUTPUT"}
        return self.made("facadesun", "panels", {"footprints": houses, **wanted})

    def made(self, algorithm, output, wanted):
        """Return the layer that an algorithm makes."""
        from processing_algorithms.provider import DtwinProvider

        if len(_application) == 1:
            _application.append(DtwinProvider())  # kept: what of it is Python would go
            QgsApplication.processingRegistry().addProvider(_application[1])
        found = self.folder / f"{algorithm}.gpkg"
        run = _application[1].algorithm(algorithm).run
        made, done = run({**wanted, output: str(found)}, QgsProcessingContext(), QgsProcessingFeedback())
        assert done, made
        return QgsVectorLayer(f"{found}|layername={output}", output, "ogr")

    def cut(self, layer, extent):
        """What of a layer is in an extent [m]: bodies are drawn whole otherwise, also where they go on beyond it."""
        x, y = (extent.xMinimum(), extent.xMaximum()), (extent.yMinimum(), extent.yMaximum())
        planes = [(1.0, 0.0, -x[0]), (-1.0, 0.0, x[1]), (0.0, 1.0, -y[0]), (0.0, -1.0, y[1])]
        return cut3d.cut_layer(layer, planes, extent)

    def take(self, name, layers, place, distance, pitch, heading, span=None, below=False, legend=None, around=None):
        """Save a picture of layers, the first on top, that looks at a place [m] from a distance [m].

        A legend has for each part a title and the layer that it is of.
        """
        project = QgsProject()
        project.setCrs(RD)
        for layer in layers:
            assert layer.isValid(), layer.source()
            project.addMapLayer(layer, False)
            project.layerTreeRoot().addLayer(layer)
        x, y, _ = place
        extent = QgsRectangle(x - distance, y - distance, x + distance, y + 2 * distance)  # what is behind is far away
        ground = ground3d.without_holes(self.raster("ground.tif"), extent, self.folder)
        project.addMapLayer(ground, False)
        settings = scene3d.settings_of(project, extent, ground)
        if below:
            scene3d.below_ground(settings)
        pose = scene3d.camera(extent, pitch, heading, middle=settings.mapToWorldCoordinates(QgsVector3D(*place)))
        pose.setDistanceFromCenterPoint(distance)
        image = scene3d.rendered(project, settings, pose, WIDTH, HEIGHT, span)
        if legend:
            draw_legend(image, [(title, classes_in(layer, around or extent)) for title, layer in legend])
        scene3d.write_png(image, self.folder / f"{name}.png")
        project.clear()


def unshaded(layer):
    """Give a layer in 3D the very colours of its legend: walls in the shade would look like another class."""
    renderer = layer.renderer3D().clone()  # kept: what it is cast to does not own it
    for rule in sip.cast(renderer, QgsRuleBased3DRenderer).rootRule().descendants():
        if rule.symbol() is None:
            continue
        symbol = sip.cast(rule.symbol(), QgsPolygon3DSymbol)
        symbol.setMaterialSettings(styles3d.phong(symbol.materialSettings().diffuse().name(), shaded=False))
    layer.setRenderer3D(renderer)
    return layer


def classes_in(layer, extent):
    """Return colour and text of the classes that are drawn of a layer in an extent, as a view tells them."""
    request, found = QgsFeatureRequest(extent), []
    renderer = layer.renderer3D().clone()  # kept: its rules go with it
    rules = list(sip.cast(renderer, QgsRuleBased3DRenderer).rootRule().descendants())
    for row in rows_of(layer):
        if all_of(rules[row.rule]) is not None:
            request.setFilterExpression(all_of(rules[row.rule]))
        if next(layer.getFeatures(request), None) is not None:
            found.append((QColor(row.colour), row.label))
    return found


def all_of(rule):
    """Return what a rule and those above it select; None where that is all."""
    found = []
    while rule is not None:
        found += [f"({rule.filterExpression()})"] if rule.filterExpression() else []
        rule = rule.parent()
    return " AND ".join(found) or None


def draw_legend(image: QImage, parts):
    """Draw a legend in the lower left corner of a picture: for each part a title and rows of a colour and a text."""
    font = QFont("DejaVu Sans")
    font.setPixelSize(_SWATCH)
    painter = QPainter(image)
    painter.setFont(font)
    lines = [line for title, rows in parts for line in [(None, title), *rows]]
    texts = [text for _, text in lines]
    wide = max(painter.fontMetrics().horizontalAdvance(text) for text in texts) + _ROW + 2 * _EDGE
    high = _ROW * len(texts) + _EDGE
    left, top = _EDGE, image.height() - high - _EDGE
    painter.fillRect(left, top, wide, high, QColor(255, 255, 255, 230))
    painter.setPen(QColor("#222222"))
    for number, (colour, text) in enumerate(lines):
        line = QRect(left + _EDGE // 2, top + _EDGE // 2 + number * _ROW, wide, _ROW)
        if colour is not None:
            painter.fillRect(line.left(), line.top() + (_ROW - _SWATCH) // 2, _SWATCH, _SWATCH, colour)
            line.translate(_ROW, 0)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
    painter.end()
