"""Choosing an area: of the map, drawn, a municipality, an address, selected features, or BAG ids."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsMapLayer,
    QgsReferencedRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapToolExtent
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark, tr

from ..drawing import DrawTool
from ..numbers import Metres, shown

_COLOUR = "#2171b5"  # of what is drawn
MAP, RECTANGLE, POLYGON, MUNICIPALITY, ADDRESS, SELECTION, BAG = range(7)
_KINDS = (
    mark("What the map shows"),
    mark("Drawn rectangle"),
    mark("Drawn polygon"),
    mark("Municipality"),
    mark("Address with a radius"),
    mark("Selected features"),
    mark("BAG ids"),
)


class AreaWidget(QWidget):
    """The choice of an area; `parameters` gives it as the algorithm takes it."""

    changed = pyqtSignal()

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._iface = iface
        self._rectangle: QgsReferencedRectangle | None = None
        self._polygon: tuple[QgsGeometry, QgsCoordinateReferenceSystem] | None = None
        self.kind = QComboBox()
        self.kind.addItems([tr(kind) for kind in _KINDS])
        self.kind.setAccessibleName(tr("Area"))
        self.municipality = _line(tr("Name or code, such as GM0503"))
        self.address = _line(tr("Street and number, place"))
        self.radius = Metres(10, 10_000, 250)
        self.ids = _line("0503100000019720, …")
        self.state = QLabel()
        self.state.setWordWrap(True)
        self._pages = QStackedWidget()
        for page in self._make_pages():
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.kind, self._pages, self.state):
            layout.addWidget(widget)
        self.kind.currentIndexChanged.connect(self._choose)
        self._choose(MAP)

    def _make_pages(self) -> list[QWidget]:
        self.draw_rectangle, self.draw_polygon = QPushButton(tr("Draw rectangle")), QPushButton(tr("Draw polygon"))
        self.draw_rectangle.clicked.connect(self._draw_rectangle)
        self.draw_polygon.clicked.connect(self._draw_polygon)
        address = QWidget()
        form = QFormLayout(address)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(tr("Address"), self.address)
        form.addRow(tr("Radius"), self.radius)
        return [
            QWidget(), self.draw_rectangle, self.draw_polygon, self.municipality, address, QWidget(), self.ids
        ]  # fmt: skip

    def _choose(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self._pages.setVisible(index not in (MAP, SELECTION))
        page = self._pages.currentWidget()
        self._pages.setMaximumHeight(max(0, page.sizeHint().height()))
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        """Show how large a drawn area is, which map units tell in RD only, or what to do."""
        text = ""
        if (
            self.kind.currentIndex() == RECTANGLE
            and self._rectangle is not None
            and is_rd(self._rectangle.crs().authid())
        ):
            text = tr("{width} x {height} m").format(
                width=shown(self._rectangle.width()), height=shown(self._rectangle.height())
            )
        elif self.kind.currentIndex() == POLYGON and self._polygon is not None and is_rd(self._polygon[1].authid()):
            text = tr("{size} ha").format(size=shown(self._polygon[0].area() / 1e4, 1))
        elif self.kind.currentIndex() == POLYGON and self._polygon is None:
            text = tr("Click the corners on the map; a right click ends it.")
        self.state.setText(text)
        self.state.setVisible(bool(text))

    def _draw_rectangle(self) -> None:
        canvas = self._iface.mapCanvas()
        tool = QgsMapToolExtent(canvas)
        earlier = canvas.mapTool()

        def done(rectangle: Any) -> None:
            self._rectangle = QgsReferencedRectangle(rectangle, canvas.mapSettings().destinationCrs())
            canvas.setMapTool(earlier) if earlier is not None else canvas.unsetMapTool(tool)
            self._tell()
            self.changed.emit()

        tool.extentChanged.connect(done)
        self._tool = tool  # the canvas keeps no reference
        canvas.setMapTool(tool)

    def _draw_polygon(self) -> None:
        canvas = self._iface.mapCanvas()
        tool = DrawTool(canvas, True, _COLOUR)
        earlier = canvas.mapTool()

        def done(geometry: QgsGeometry) -> None:
            self._polygon = (geometry, canvas.mapSettings().destinationCrs())
            canvas.setMapTool(earlier) if earlier is not None else canvas.unsetMapTool(tool)
            self._tell()
            self.changed.emit()

        tool.finished.connect(done)
        self._tool = tool
        canvas.setMapTool(tool)

    def parameters(self) -> dict[str, Any]:
        """Return the area as parameters of the algorithm; raises InputError where it is not complete."""
        index = self.kind.currentIndex()
        if index == MAP:
            canvas = self._iface.mapCanvas()
            return {"extent": QgsReferencedRectangle(canvas.extent(), canvas.mapSettings().destinationCrs())}
        if index == RECTANGLE and self._rectangle is not None:
            return {"extent": self._rectangle}
        if index == POLYGON and self._polygon is not None:
            return {"polygon": _layer_of(*self._polygon)}
        if index == SELECTION:
            return {"polygon": self._selection()}
        texts = {MUNICIPALITY: ("municipality", self.municipality), ADDRESS: ("address", self.address),
                 BAG: ("bag_ids", self.ids)}  # fmt: skip
        if index in texts and texts[index][1].text().strip():
            name, line = texts[index]
            return {name: line.text().strip(), "radius": self.radius.value()}
        if index in texts:
            raise InputError(
                "The field {field} is empty.",
                hint="Fill it in at the top of the panel.",
                field=mark("Address") if index == ADDRESS else _KINDS[index],
            )
        raise InputError(
            "No area is drawn yet.",
            hint="Click {button} at the top of the panel, and then on the map.",
            button=mark("Draw rectangle") if index == RECTANGLE else mark("Draw polygon"),
        )

    def _selection(self) -> QgsVectorLayer:
        layer = self._iface.activeLayer()
        polygons = (
            isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
        )
        if not polygons or not layer.selectedFeatureCount():
            raise InputError(
                "No polygons are selected in the active layer.", hint="Select one or more features on the map first."
            )
        return layer.materialize(_selected(layer))


def told(parameters: dict[str, Any]) -> str:
    """Return an area as a text that is the same for the same area."""
    return "; ".join(f"{name}: {_told(value)}" for name, value in parameters.items())


def _told(value: Any) -> str:
    if isinstance(value, QgsVectorLayer):
        return ", ".join(feature.geometry().asWkt(2) for feature in value.getFeatures())
    return str(value.toString(2)) if isinstance(value, QgsReferencedRectangle) else str(value)


def _selected(layer: QgsVectorLayer) -> Any:
    from qgis.core import QgsFeatureRequest

    return QgsFeatureRequest().setFilterFids(layer.selectedFeatureIds())


def _layer_of(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsMapLayer:
    """Return a layer in memory with one polygon."""
    from qgis.core import QgsFeature

    layer = QgsVectorLayer("Polygon", "area", "memory")
    layer.setCrs(crs)
    feature = QgsFeature()
    feature.setGeometry(geometry)
    layer.dataProvider().addFeature(feature)
    return layer


def _line(hint: str) -> QLineEdit:
    line = QLineEdit()
    line.setPlaceholderText(hint)
    line.setClearButtonEnabled(True)
    return line
