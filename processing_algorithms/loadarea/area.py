"""The area of a load: a rectangle, polygons of a layer, a municipality, an address with a radius, or BAG ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingAlgorithm, QgsProcessingContext

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import tr

if TYPE_CHECKING:
    from dtwin_plugin.data.area import Area

    from ..feedback import FeedbackProgress

AREA_FIELDS = (
    Field("extent", "Area", "extent", optional=True, doc="A rectangle on the map; or choose one of the next."),
    Field("polygon", "Polygon", "features", geometry="polygon", optional=True, doc="What touches its features."),
    Field("municipality", "Municipality", "text", optional=True, doc="A name, or a code such as GM0503."),
    Field("address", "Address", "text", optional=True, doc="An address, a place, or coordinates in RD."),
    Field("radius", "Radius", "number", "m", 250.0, 10, 10_000, doc="Around the address."),
    Field("bag_ids", "BAG ids", "text", optional=True, doc="Of buildings or addresses, with commas between them."),
)


_NAMED = {item.name: item for item in AREA_FIELDS if item.name != "radius"}
_TEXTS = ("municipality", "address", "bag_ids")
_MUNICIPALITY = "Give a name, or a code such as GM0503."
_ADDRESS = "Write street, number and place, such as Dam 1, Amsterdam, or coordinates in RD."
_IDS = "Give ids of 16 digits with commas between them."


def expect_area(algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
    """Raise InputError where no area is given, naming the field that was left empty if it is one, or more than one."""
    texts = {name: algorithm.parameterAsString(parameters, name, context) for name in _TEXTS}
    given = [name for name in ("extent", "polygon") if parameters.get(name) not in (None, "")]
    given += [name for name, text in texts.items() if text.strip(" ,;\n\t")]
    if len(given) > 1:
        raise InputError(
            "The area is given in more than one way ({names}).",
            hint="Give one of them.",
            names=", ".join(tr(_NAMED[name].title) for name in given),
        )
    if given:
        return
    # a window hands over every field; a field that alone is there, or has only blanks or commas, was meant
    empty = [name for name in texts if parameters.get(name) is not None]
    meant = [name for name in empty if texts[name]] or (empty if len(empty) == 1 else [])
    if meant:
        name = meant[0]
        raise InputError(
            "The field {field} is empty.",
            hint=_MUNICIPALITY if name == "municipality" else _ADDRESS if name == "address" else _IDS,
            field=_NAMED[name].title,
        )
    raise InputError("No area is given.", hint="Give a rectangle, a polygon, a municipality, an address or BAG ids.")


def chosen_area(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    progress: FeedbackProgress,
) -> Area:
    """Return the area of a run; raises InputError where none or more than one is given."""
    from dtwin_plugin.data.crs import RD  # this and the next at first use: QGIS starts without them
    from dtwin_plugin.layers import read
    from dtwin_plugin.sources.places import resolve_area

    from ..loaders.common import transport

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
