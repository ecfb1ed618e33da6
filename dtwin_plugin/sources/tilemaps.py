"""Maps that come as tiles (WMTS 1.0.0): what a service offers in RD, and the address by which QGIS draws it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dtwin_plugin import catalogue
from dtwin_plugin.data import LayerReference
from dtwin_plugin.data.crs import RD, is_rd
from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.features_service.answers import refused, server_of

from . import safe_xml
from .retry import retrying
from .transport import Transport, full_url

_CAPABILITIES = {"service": "WMTS", "request": "GetCapabilities", "version": "1.0.0"}
_FORMATS = ("image/png", "image/jpeg", "image/png8", "image/webp")  # in the order in which they are chosen
_LARGEST = 32 << 20  # bytes of capabilities; those of PDOK take 0.1 MB
_SHOWN = 12


@dataclass(frozen=True)
class TileMap:
    """A layer of a WMTS.

    Attributes
    ----------
    id, title : str
    formats, styles, matrix_sets : tuple of str
        As the service names them; the default style first.
    """

    id: str
    title: str
    formats: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    matrix_sets: tuple[str, ...] = ()


class TileMaps:
    """A WMTS.

    Parameters
    ----------
    source : str
        Id in the catalogue.
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one.
    """

    def __init__(self, source: str, transport: Transport, progress: Progress | None = None) -> None:
        self._entry = catalogue.entry(source)
        self.url = catalogue.url_of(source)
        self._transport = retrying(transport, progress)

    def reference(self, names: Sequence[str], title: str) -> LayerReference:
        """Return the layer of the first of these names that the service has, as QGIS opens it in RD.

        Raises
        ------
        FormatError
            If the service has none of them, or not in RD, or its capabilities are none.
        UnavailableError
            If it does not answer.
        Cancelled
            If the user stops it.
        """
        maps, matrix_sets = self.capabilities()
        by_name = {one.id.casefold(): one for one in maps}
        found = next((by_name[name.casefold()] for name in names if name.casefold() in by_name), None)
        if found is None:
            raise FormatError(
                "{server} has no map {name}; it has {known}.",
                hint="Check its address in the catalogue.",
                server=server_of(self.url),
                name=" / ".join(names),
                known=", ".join(one.id for one in maps[:_SHOWN]) or "-",
            )
        matrix_set = next((name for name in found.matrix_sets if is_rd(matrix_sets.get(name))), None)
        if matrix_set is None:
            raise FormatError(
                "{server} has the map {name} not in RD New (EPSG:28992).", server=server_of(self.url), name=found.id
            )
        return LayerReference(
            "raster",
            "wms",
            self._uri(found, matrix_set),
            title,
            licence=self._entry.licence,
            attribution=self._entry.attribution,
        )

    def capabilities(self) -> tuple[list[TileMap], dict[str, str]]:
        """Return the maps of the service, and the CRS of each of its tile matrix sets. Raises as `reference`."""
        response = self._transport.get(self.url, _CAPABILITIES)
        if response.status != 200:
            raise refused(response, self.url)
        name = server_of(self.url)
        if len(response.body) > _LARGEST:
            raise FormatError("{server} sent more than {limit} bytes.", server=name, limit=_LARGEST)
        root = safe_xml.parsed(response.body, name)
        contents = safe_xml.child(root, "Contents")
        if safe_xml.local(root.tag) != "Capabilities" or contents is None:
            raise UnavailableError(
                "{server} does not answer as a tile service (WMTS).",
                hint="Check its address in the catalogue.",
                server=name,
            )
        sets = {
            safe_xml.text(item, "Identifier") or "": safe_xml.text(item, "SupportedCRS") or ""
            for item in _children(contents, "TileMatrixSet")
        }
        return [one for one in map(_tile_map, _children(contents, "Layer")) if one.id], sets

    def _uri(self, found: TileMap, matrix_set: str) -> str:
        """Return the address as QGIS's provider reads it: the service's own is one escaped part of it."""
        image = next((one for one in _FORMATS if one in found.formats), (found.formats or _FORMATS)[0])
        parts = {
            "contextualWMSLegend": "0",
            "crs": RD,
            "dpiMode": "7",
            "format": image,
            "layers": found.id,
            "styles": found.styles[0] if found.styles else "",
            "tileMatrixSet": matrix_set,
            "url": full_url(self.url, _CAPABILITIES),
        }
        return "&".join(f"{name}={quote(value, safe=':/')}" for name, value in parts.items())


def _children(element: Any, name: str) -> Iterator[Any]:
    return (item for item in element if safe_xml.local(item.tag) == name)


def _texts(element: Any, *path: str) -> Iterator[str]:
    """Yield the texts of a child, or a child's child, where it may come often."""
    for item in _children(element, path[0]):
        value = safe_xml.text(item, *path[1:])
        if value:
            yield value


def _tile_map(layer: Any) -> TileMap:
    styles = sorted(_children(layer, "Style"), key=lambda style: style.get("isDefault") != "true")
    return TileMap(
        safe_xml.text(layer, "Identifier") or "",
        safe_xml.text(layer, "Title") or "",
        tuple(_texts(layer, "Format")),
        tuple(name for name in (safe_xml.text(style, "Identifier") for style in styles) if name),
        tuple(_texts(layer, "TileMatrixSetLink", "TileMatrixSet")),
    )
