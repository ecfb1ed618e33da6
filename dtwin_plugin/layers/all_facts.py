"""All that is told of what was pointed at: the object, what lies at that place, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsDateTimeRange, QgsMapLayer, QgsVectorLayer

from dtwin_plugin.translate import tr

from .at_place import features_at
from .finish import style_of
from .object_facts import Facts, Spot, facts_of, facts_of_row, value_text
from .place_facts import facts_at

_INSIDE = 0.05  # m behind a face: of two cells that of the one that is seen
_CELLS = ("voxels", "claims")  # styles of layers of cells, each with its bottom and top


def told_of(
    layer: QgsMapLayer | None,
    owner: int,
    row: dict[str, Any] | None,
    place: tuple[float, float, float],
    crs: QgsCoordinateReferenceSystem,
    layers: Sequence[QgsMapLayer],
    moment: QgsDateTimeRange | None = None,
) -> list[Facts]:
    """Return what is known of an object, or of a place where there is none.

    Parameters
    ----------
    layer : QgsMapLayer or None
        Of the object.
    owner : int
        Id of the feature, where the layer has features.
    row : dict or None
        What is known of the object, where it has none.
    place : tuple of float
        x, y, z in `crs` [m].
    layers : sequence of QgsMapLayer
        All that may tell something, seen or not.
    moment : QgsDateTimeRange, optional
        Of layers through time.
    """
    x, y, z = place
    if layer is None:
        groups = []
    elif row is not None:
        groups = facts_of_row(layer, row, layers, Spot(place, crs))
    else:
        assert isinstance(layer, QgsVectorLayer)
        groups = facts_of(layer, owner, layers, Spot(place, crs))
    here = [*_cells(x, y, z, crs, layers, layer), *facts_at(x, y, crs, layers, moment)]
    where = Facts(tr("Place"), (("x", f"{value_text(round(x, 2))} m"), ("y", f"{value_text(round(y, 2))} m"),
                                (tr("Height"), f"{value_text(round(z, 2))} m NAP")))  # fmt: skip
    return [*groups[:-1], *here, *groups[-1:], where] if len(groups) > 1 else [*groups, *here, where]


def _cells(
    x: float, y: float, z: float, crs: QgsCoordinateReferenceSystem, layers: Sequence[QgsMapLayer],
    own: QgsMapLayer | None,
) -> list[Facts]:  # fmt: skip
    """Return what cells say that hold a place: those of voxels are drawn as bodies, which know no cells."""
    found = []
    for layer in layers:
        if layer is own or not isinstance(layer, QgsVectorLayer) or style_of(layer) not in _CELLS:
            continue
        for _, feature in features_at(layer, x, y, 1e-3, crs):
            if feature["z_min"] - _INSIDE <= z <= feature["z_max"] + _INSIDE:
                found += facts_of(layer, feature.id(), ())[:1]
                break
    return found
