"""The area of a load: a rectangle, polygons of a layer, a municipality, an address with a radius, or BAG ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingAlgorithm, QgsProcessingContext

from dtwin_plugin.data.area import Area
from dtwin_plugin.data.crs import RD
from dtwin_plugin.layers import read
from dtwin_plugin.models.base import Field

from ..loaders.common import transport

if TYPE_CHECKING:
    from ..feedback import FeedbackProgress

AREA_FIELDS = (
    Field("extent", "Area", "extent", optional=True, doc="A rectangle on the map; or choose one of the next."),
    Field("polygon", "Polygon", "features", geometry="polygon", optional=True, doc="What touches its features."),
    Field("municipality", "Municipality", "text", optional=True, doc="A name, or a code such as GM0503."),
    Field("address", "Address", "text", optional=True, doc="An address, a place, or coordinates in RD."),
    Field("radius", "Radius", "number", "m", 250.0, 10, 10_000, doc="Around the address."),
    Field("bag_ids", "BAG ids", "text", optional=True, doc="Of buildings or addresses, with commas between them."),
)


def chosen_area(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    progress: FeedbackProgress,
) -> Area:
    """Return the area of a run; raises InputError where none or more than one is given."""
    from dtwin_plugin.sources.places import resolve_area  # at first use: QGIS starts without it

    def text(name: str) -> str | None:
        return algorithm.parameterAsString(parameters, name, context).strip() or None

    extent = polygon = None
    if parameters.get("extent") not in (None, ""):
        crs = algorithm.parameterAsExtentCrs(parameters, "extent", context)
        rectangle = algorithm.parameterAsExtent(parameters, "extent", context)
        extent = read.extent_of(rectangle, crs if crs.isValid() else QgsCoordinateReferenceSystem(RD))
    if parameters.get("polygon") not in (None, ""):
        source = algorithm.parameterAsSource(parameters, "polygon", context)
        polygon = read.features_of(source, "polygon", None, progress, "Polygon").geometries
    ids = text("bag_ids")
    return resolve_area(
        extent=extent,
        polygon=polygon,
        municipality=text("municipality"),
        address=text("address"),
        radius=algorithm.parameterAsDouble(parameters, "radius", context),
        bag_ids=[name.strip() for name in ids.split(",") if name.strip()] if ids else None,
        transport=transport(),
        progress=progress,
    )
