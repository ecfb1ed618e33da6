"""Which media types stand for which kind of field: those that are written, best first, and other spellings of them."""

from __future__ import annotations

from .value import BINARY, JSON, TEXT, essence

GEOTIFF = "image/tiff; application=geotiff"
GEOJSON = "application/geo+json"
JSON_FG = "application/vnd.ogc.fg+json"
GEOPACKAGE = "application/geopackage+sqlite3"
GML = "application/gml+xml; version=3.2"
CITYJSON = "application/city+json"
COPC = "application/vnd.laszip+copc"
NETCDF = "application/netcdf"
LAYER = "application/x-qgis-layer-definition"

# kind -> what it is written as; the first where the other side takes any. JSON-FG keeps RD New, heights, types and
# units of columns, where GeoJSON has longitudes and latitudes only (RFC 7946, 4).
WRITTEN: dict[str, tuple[str, ...]] = {
    "grid": (GEOTIFF,),
    "features": (JSON_FG, GEOJSON, GEOPACKAGE, GML),
    "surfaces": (CITYJSON,),
    "points": (COPC,),
    "voxels": (GEOPACKAGE,),
    "mesh": (NETCDF,),
    "layer": (LAYER,),
    "table": (JSON,),
    "file": (BINARY,),
    "text": (TEXT,),
}
_SPELLINGS = {
    GEOTIFF: ("image/geotiff", "image/x-geotiff", "application/geotiff", "application/x-geotiff", "application/tiff",
              "image/vnd.stac.geotiff"),
    GEOJSON: ("application/vnd.geo+json", "application/geojson", "text/json"),
    JSON_FG: ("application/fg+json", "application/vnd.ogc.fg+json"),
    GEOPACKAGE: ("application/geopackage+vnd.sqlite3", "application/x-gpkg", "application/x-sqlite3",
                 "application/vnd.sqlite3", "application/geopackage"),
    GML: ("text/xml", "application/xml", "application/vnd.ogc.gml", "application/vnd.ogc.gml+xml",
          "application/wfs-collection-1.1", "application/wfs-collection-1.0"),
    CITYJSON: ("application/cityjson", "application/city+json-seq", "application/vnd.cityjson"),
    COPC: ("application/vnd.las", "application/vnd.laszip", "application/las", "application/laz"),
    NETCDF: ("application/x-netcdf", "application/netcdf4", "application/x-netcdf4"),
}  # fmt: skip
_BY_ESSENCE = {essence(name): known for known, names in _SPELLINGS.items() for name in (known, *names)}
SUFFIXES = {
    GEOTIFF: ".tif", GEOJSON: ".geojson", JSON_FG: ".geojson", GEOPACKAGE: ".gpkg", GML: ".gml", CITYJSON: ".city.json",
    COPC: ".laz", NETCDF: ".nc", LAYER: ".qlr", JSON: ".json", TEXT: ".txt", "text/csv": ".csv", "image/png": ".png",
    "image/jpeg": ".jpg", "application/zip": ".zip", "application/pdf": ".pdf", "text/html": ".html",
}  # fmt: skip


def known(media_type: str) -> str:
    """Return a media type in the spelling of this module; one that is not known here as its essence.

    >>> known("image/tiff"), known("application/vnd.geo+json; charset=utf-8"), known("Text/CSV")
    ('image/tiff; application=geotiff', 'application/geo+json', 'text/csv')
    """
    return _BY_ESSENCE.get(essence(media_type), essence(media_type))


def chosen(kind: str, offered: tuple[str, ...]) -> str:
    """Return what a kind of field is written as, of what the other side takes; "" where it takes nothing of ours.

    >>> chosen("features", ("text/html", "application/geo+json", "application/x-gpkg")), chosen("grid", ())
    ('application/geo+json', 'image/tiff; application=geotiff')
    """
    ours = WRITTEN.get(kind, (JSON,))
    if not offered:
        return ours[0]
    theirs = {known(name) for name in offered}
    return next((name for name in ours if name in theirs), "")


def suffix_of(media_type: str) -> str:
    """Return the suffix of a file of a media type.

    >>> suffix_of("image/tiff"), suffix_of("application/x-own")
    ('.tif', '.bin')
    """
    return SUFFIXES.get(known(media_type), ".bin")
