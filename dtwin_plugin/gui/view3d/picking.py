"""A click in the 3D view, and the object that it meets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from qgis._3d import Qgs3DMapCanvas
from qgis.core import Qgis, QgsMapLayer, QgsPointCloudLayer, QgsProject, QgsTiledSceneLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal

from dtwin_plugin.data.measure import snapped
from dtwin_plugin.data.picking import Hit
from dtwin_plugin.data.relief import Relief
from dtwin_plugin.layers.at_place import features_at
from dtwin_plugin.layers.cloud_points import point_near
from dtwin_plugin.layers.shapes3d import is_drawn
from dtwin_plugin.layers.tiles_shapes import file_of

from .shapebook import Pointable, Shapebook
from .view import View3D

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Place = tuple[float, float, float]  # x, y and z [m]
_STILL = 4  # px that the pointer may move within a click: more is a turn of the camera
_NEAR = 4  # px around a cable or a point that count as it
_SUNK = 0.3  # m that an object may lie behind the ground: that is drawn coarser than it is
_DRAPED = 3  # features on the ground of a layer that are told
_POINTABLE = QgsMapLayer.LayerFlag.Identifiable  # which marks and other help in the view are not


class Met(NamedTuple):
    """What a line of sight meets: a layer, where and which of its objects, and what is known of a point of a cloud."""

    layer: QgsMapLayer
    hit: Hit
    point: dict[str, Any] | None = None

    @property
    def is_feature(self) -> bool:
        """Whether it is a feature of a vector layer."""
        return isinstance(self.layer, QgsVectorLayer)


class Clicks(QObject):
    """Tells of clicks with the left button; whatever QGIS does with the mouse goes on."""

    clicked = pyqtSignal(float, float)

    def __init__(self, canvas: Qgs3DMapCanvas) -> None:
        super().__init__()
        self._pressed: QPoint | None = None
        canvas.installEventFilter(self)

    def eventFilter(self, canvas: QObject, event: QEvent) -> bool:
        """Look at what happens, and let it pass."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = event.pos() if event.button() == Qt.MouseButton.LeftButton else None
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            if (event.pos() - self._pressed).manhattanLength() < _STILL:
                self.clicked.emit(float(event.pos().x()), float(event.pos().y()))
            self._pressed = None
        return False


def drawn_layers(view: View3D) -> list[Pointable]:
    """Return the layers that a view draws by themselves, and that may be pointed at."""
    return [layer for layer in view.shown() if layer.flags() & _POINTABLE and _has_shapes(layer)]


def _has_shapes(layer: QgsMapLayer) -> bool:
    if isinstance(layer, QgsVectorLayer):
        return is_drawn(layer)
    return isinstance(layer, QgsTiledSceneLayer) and bool(file_of(layer))


def objects_met(view: View3D, book: Shapebook, relief: Relief, x: float, y: float) -> list[Met]:
    """Return the layers and objects on the line of sight through a pixel, the nearest first.

    What lies behind solid ground is not seen.
    """
    camera = view.camera()
    origin, direction = view.ray(x, y)
    pixel = _NEAR * 2 * np.tan(np.radians(camera.field_of_view) / 2) / camera.height
    found: list[Met] = []
    for layer in drawn_layers(view):
        shapes = book.of(layer)
        found += [Met(layer, hit) for hit in (shapes.faces.met(origin, direction) if shapes.faces else ())]
        found += [Met(layer, hit) for hit in (shapes.tubes.met(origin, direction, pixel) if shapes.tubes else ())]
    found = [met for met in found if not view.is_cut_away(*met.hit.place[:2])]
    ground = None if view.underground else ground_met(view, relief, x, y)
    if ground is not None:
        found = [met for met in found if met.hit.distance <= ground + _SUNK]
    reach = min([met.hit.distance for met in found], default=ground)
    if reach is not None:
        for layer in view.shown():
            if isinstance(layer, QgsPointCloudLayer) and layer.renderer3D() is not None and layer.flags() & _POINTABLE:
                found += _point_met(layer, origin, direction, reach, pixel)
    return sorted(found, key=lambda met: met.hit.distance)


def _point_met(layer: QgsPointCloudLayer, origin: Floats, direction: Floats, reach: float, pixel: float) -> list[Met]:
    """Return the point of a cloud in front of what else is seen, if there is one."""
    near = point_near(layer, origin, direction, reach, pixel)
    if near is None:
        return []
    place = near["X"], near["Y"], near["Z"]
    distance = float((np.array(place) - origin) @ direction)
    return [Met(layer, Hit(-1, distance, place), near)]


def ground_met(view: View3D, relief: Relief, x: float, y: float) -> float | None:
    """Return how far away the ground is that lies at a pixel [m], None where there is a hole in it."""
    offset = [0.0, 0.0, view.canvas.mapSettings().terrainElevationOffset()]
    origin, direction = view.ray(x, y)
    distance = relief.met(origin - offset, direction)
    if distance is None or view.is_open(*(origin + distance * direction)[:2]):
        return None
    return distance


def place_met(view: View3D, book: Shapebook, relief: Relief, bare: bool, x: float, y: float) -> Place | None:
    """Return the place that is seen at a pixel: of the nearest object, or of the ground.

    Parameters
    ----------
    bare : bool
        Whether there is no ground to be pointed at, not even one that is see-through.
    """
    found = objects_met(view, book, relief, x, y)
    objects = found[0].hit.distance if found else np.inf
    ground = None if bare or (found and view.underground) else ground_met(view, relief, x, y)
    distance = min(objects, np.inf if ground is None else ground)
    if not np.isfinite(distance):
        return None
    origin, direction = view.ray(x, y)
    east, north, height = (origin + distance * direction).tolist()
    return east, north, height


def draped_met(view: View3D, place: Place) -> list[Met]:
    """Return the features of layers on the ground at a place there, the upper layers first."""
    camera = view.camera()
    reach = max(_NEAR * camera.distance / camera.height, 0.2)
    found = []
    for layer in view.shown():
        if isinstance(layer, QgsVectorLayer) and not is_drawn(layer) and layer.flags() & _POINTABLE:
            near = 1e-3 if layer.geometryType() == Qgis.GeometryType.Polygon else reach
            here = sorted(features_at(layer, *place[:2], near, QgsProject.instance().crs()), key=lambda item: item[0])
            found += [Met(layer, Hit(feature.id(), 0.0, place)) for _, feature in here[:_DRAPED]]
    return found


def near_edges(view: View3D, book: Shapebook, place: Place, reach: float) -> Place:
    """Return the corner or the edge of an object that is within reach of a place [m], else the place itself."""
    near = []
    for layer in drawn_layers(view):
        shapes = book.of(layer)
        for edges in (shapes.faces.edges if shapes.faces else None, shapes.tubes.ends if shapes.tubes else None):
            if edges is not None:
                low, high = edges.min(axis=1) - reach, edges.max(axis=1) + reach
                near.append(edges[((low <= place) & (high >= place)).all(axis=1)])
    return snapped(place, np.concatenate(near), reach) if near else place
