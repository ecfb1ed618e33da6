"""Single objects of PDOK's feature services by a field's value, with their geometry in RD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dtwin_plugin import catalogue
from dtwin_plugin.sources.features_service.answers import asked_twice, refused, wrong_answer
from dtwin_plugin.translate import mark

if TYPE_CHECKING:
    from dtwin_plugin.sources.transport import Transport

_RD_URI = "http://www.opengis.net/def/crs/EPSG/0/28992"
_ENOUGH = "10"  # an id may have a few objects: earlier versions, or parts


def items(transport: Transport, source: str, collection: str, field: str, value: str) -> list[dict[str, Any]]:
    """Return the GeoJSON features of a collection whose field has a value.

    Parameters
    ----------
    source : str
        Id in the catalogue, of an OGC API Features service.

    Raises
    ------
    UnavailableError, FormatError
        If the service does not answer, or not as it should.
    Cancelled
        If the user stops it.
    """
    url = f"{catalogue.url_of(source).rstrip('/')}/collections/{collection}/items"
    response, answer = asked_twice(transport, url, {"f": "json", "crs": _RD_URI, "limit": _ENOUGH, field: value})
    if response.status != 200:
        raise refused(response, url)
    features = answer.get("features")
    if not isinstance(features, list):
        raise wrong_answer(url, mark("has no list of features"))
    return [item for item in features if isinstance(item, dict) and _value(item, field) == value]


def _value(item: dict[str, Any], field: str) -> str:
    properties = item.get("properties")
    found = properties.get(field) if isinstance(properties, dict) else None
    return found if isinstance(found, str) else ""
