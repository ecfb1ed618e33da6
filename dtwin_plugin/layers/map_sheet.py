"""A map picture with title, legend, scale bar, north arrow and sources."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    Qgis,
    QgsLayerTreeLayer,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendRenderer,
    QgsLegendStyle,
    QgsMapLayer,
    QgsMapLayerLegendUtils,
    QgsPrintLayout,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsTextFormat,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QFont

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import ModelError
from dtwin_plugin.paths import plugin_file
from dtwin_plugin.translate import mark, tr

PAGE = (297.0, 210.0)  # A4 landscape [mm]
MAP = (8.0, 20.0, 215.0, 178.0)  # x, y, width, height [mm]
_SIDE = 228.0  # where the column beside the map starts [mm]
_LEGEND = (67.0, 188.0)  # room for the legend [mm]
_SCALES = (0.9, 0.8, 0.7, 0.6, 0.5)  # of its letters, until it fits; half of 6.5 points is the least that is read
NAME = mark("Map sheet")


def make_layout(project: QgsProject, extent: QgsRectangle, title: str, credit: str) -> QgsPrintLayout:
    """Add an A4 sheet of the visible layers to a project and return it."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.setName(tr(NAME))
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(*PAGE))
    sheet = QgsLayoutItemMap(layout)
    place_item(layout, sheet, *MAP)
    sheet.setExtent(_fitted(extent, MAP[2] / MAP[3]))
    sheet.setFrameEnabled(True)
    sheet.setBackgroundColor(QColor("#f4f1ea"))
    add_label(layout, title, 18, (8, 6, 280, 12))
    add_label(layout, credit, 7, (8, 200, 280, 8))
    shown = {layer.id() for layer in project.layerTreeRoot().checkedLayers()}
    add_legend(layout, sheet, shown)
    _scale_bar(layout, sheet)
    arrow = QgsLayoutItemPicture(layout)
    arrow.setPicturePath(str(plugin_file("resources", "icons", "north.svg")))
    place_item(layout, arrow, MAP[0] + MAP[2] - 15, MAP[1] + 3, 12, 16)
    project.layoutManager().addLayout(layout)
    return layout


def place_item(layout: QgsPrintLayout, item: object, x: float, y: float, width: float, height: float) -> None:
    """Add an item to a sheet, at a place on the page [mm]."""
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(x, y))
    item.attemptResize(QgsLayoutSize(width, height))


def _fitted(extent: QgsRectangle, ratio: float) -> QgsRectangle:
    """Return the extent grown to the ratio of the map frame."""
    centre, width, height = extent.center(), extent.width() * 1.02, extent.height() * 1.02
    if width / height < ratio:
        width = height * ratio
    else:
        height = width / ratio
    return QgsRectangle(
        centre.x() - width / 2, centre.y() - height / 2, centre.x() + width / 2, centre.y() + height / 2
    )


def _text(size: float, bold: bool = False) -> QgsTextFormat:
    style = QgsTextFormat()
    font = QFont("DejaVu Sans")
    font.setBold(bold)
    style.setFont(font)
    style.setSize(size)
    return style


def add_label(layout: QgsPrintLayout, text: str, size: float, place: tuple[float, float, float, float]) -> None:
    """Add a text, at a place on the page: x, y, width, height [mm]."""
    label = QgsLayoutItemLabel(layout)
    label.setText(text)
    label.setTextFormat(_text(size, size > 10))
    place_item(layout, label, *place)


def add_legend(layout: QgsPrintLayout, sheet: QgsLayoutItemMap | None, shown: set[str]) -> None:
    """Add a legend of layers by their ids, so small that it fits beside the map; a map in 3D is not linked."""
    legend = QgsLayoutItemLegend(layout)
    if sheet is not None:
        legend.setLinkedMap(sheet)
    legend.setAutoUpdateModel(False)
    root = legend.model().rootGroup()
    for node in root.findLayers():
        if node.layerId() not in shown or not legend.model().layerLegendNodes(node):
            node.parent().removeChildNode(node)  # nor a layer that only 3D shows
        elif isinstance(node.layer(), QgsRasterLayer):
            _without_band_name(legend, node)
    place_item(layout, legend, _SIDE, 18, _LEGEND[0], 120)
    _sized(legend, 1.0)
    if sheet is not None and not _fits(legend):
        legend.setLegendFilterByMapEnabled(True)  # what is nowhere on the map is left out
        legend.refresh()
    for scale in _SCALES:
        if _fits(legend):
            return
        _sized(legend, scale)
    if not _fits(legend):
        legend.setColumnCount(2)  # long lists of layers in the smallest letters
        legend.setSplitLayer(True)


def _sized(legend: QgsLayoutItemLegend, scale: float) -> None:
    styles = QgsLegendStyle.Style
    for style, size in ((styles.Group, 8), (styles.Subgroup, 7.5), (styles.SymbolLabel, 6.5)):
        legend.rstyle(style).setTextFormat(_text(size * scale))
        above = 1.2 if style == styles.SymbolLabel else 2.2
        legend.rstyle(style).setMargin(QgsLegendStyle.Side.Top, above * scale)
    legend.rstyle(styles.Symbol).setMargin(QgsLegendStyle.Side.Top, 1.2 * scale)
    legend.setSymbolHeight(2.6 * scale)
    legend.setSymbolWidth(7 * scale)


def _fits(legend: QgsLayoutItemLegend) -> bool:
    # Not adjustBoxSize, which waits for the first time that the legend is drawn.
    size = QgsLegendRenderer(legend.model(), legend.legendSettings()).minimumSize()
    return size.width() <= _LEGEND[0] and size.height() <= _LEGEND[1]


def _without_band_name(legend: QgsLayoutItemLegend, node: QgsLayerTreeLayer) -> None:
    """Leave out the first line of a raster's legend: "Band 1 (Gray)" tells a reader nothing."""
    count = len(legend.model().layerOriginalLegendNodes(node))
    QgsMapLayerLegendUtils.setLegendNodeOrder(node, list(range(1, count)))
    legend.model().refreshLayerLegend(node)


def _scale_bar(layout: QgsPrintLayout, sheet: QgsLayoutItemMap) -> None:
    bar = QgsLayoutItemScaleBar(layout)
    bar.setLinkedMap(sheet)
    bar.setStyle("Single Box")
    bar.setUnits(Qgis.DistanceUnit.Meters)
    bar.setUnitLabel("m")
    bar.setUnitsPerSegment(_round_length(sheet.extent().width() / 12))
    bar.setNumberOfSegments(2)
    bar.setNumberOfSegmentsLeft(0)
    bar.setTextFormat(_text(7))
    bar.update()
    bar.setBackgroundEnabled(True)
    place_item(layout, bar, MAP[0] + 3, MAP[1] + MAP[3] - 13, 40, 10)


def _round_length(length: float) -> float:
    """Return a round length [m] near the one given.

    >>> _round_length(83.0)
    100.0
    """
    steps = [m * 10.0**power for power in range(0, 6) for m in (1, 2, 5)]
    return min(steps, key=lambda step: abs(step - length))


def save_picture(layout: QgsPrintLayout, path: Path, dpi: float = 150.0) -> None:
    """Export a sheet to PNG or PDF, by its suffix; raises ModelError if it cannot be written."""
    exporter = QgsLayoutExporter(layout)
    with written_beside(path) as temporary:
        if path.suffix.lower() == ".pdf":
            settings = QgsLayoutExporter.PdfExportSettings()
            written = exporter.exportToPdf(str(temporary), settings) == QgsLayoutExporter.ExportResult.Success
        else:
            # not exportToImage: its georeferencing writes a .aux.xml and GDAL complains about it
            written = exporter.renderPageToImage(0, QSize(), dpi).save(str(temporary), "PNG")
        if not written:
            raise ModelError("The map {file} could not be written.", hint="Check the folder.", file=path.name)


def extent_of_layers(layers: list[QgsMapLayer]) -> QgsRectangle:
    """Return the rectangle around layers of one CRS."""
    extent = QgsRectangle()
    for layer in layers:
        extent.combineExtentWith(layer.extent()) if not extent.isEmpty() else extent.set(
            layer.extent().xMinimum(), layer.extent().yMinimum(), layer.extent().xMaximum(), layer.extent().yMaximum()
        )
    return extent
