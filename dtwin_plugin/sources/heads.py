"""What the first bytes of XML and JSON tell of a file, for the choice of who reads it."""

from __future__ import annotations

import re
from pathlib import Path

from dtwin_plugin.errors import FormatError

_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_COMMENTS = re.compile(rb"<!--.*?-->", re.DOTALL)
_SPACE = b"\xef\xbb\xbf \t\r\n"
# Roots of registers, and of what goes with them or is easily taken for one and is refused by its name.
_REGISTERS = {
    b"bagStand", b"BAG-Extract-Deelbestand-LVC", b"BAG-GWR-Deelbestand-LVC", b"BAG-Extract-Levering", b"DKK",
    b"KadastraleKaartCollection", b"brkkadastralekaartCollection", b"FeatureCollectionT10NL",
    b"FeatureCollectionTop50", b"FeatureCollectionTop100", b"FeatureCollectionT250NL", b"FeatureCollectionT500NL",
    b"FeatureCollectionT1000NL", b"FeatureCollectionGBKN", b"FeatureCollection", b"IndoorFeatures", b"bagMutaties",
    b"mutatieBericht",
}  # fmt: skip
# Roots of plans, and of parts of them that are refused by their name.
_PLANS = {
    b"FeatureCollectionIMRO", b"GeoInformatieObjectVaststelling", b"GeoInformatieObjectVersie",
    b"GeoInformatieObjectMutatie", b"FeatureCollectionGeometrie", b"owBestand",
}  # fmt: skip
_GEOJSON = re.compile(
    rb'"type"\s*:\s*"(FeatureCollection|Feature|(Multi)?(Point|LineString|Polygon)|GeometryCollection)"'
)


def root_in(head: bytes) -> bytes:
    """Return the local name of the root element of XML, b"" if it is no XML.

    >>> root_in(b'<?xml version="1.0"?><!-- <a> --><kk:DKK xmlns:kk="b">'), root_in(b'{"a": "<b>"}')
    (b'DKK', b'')
    """
    if not head.lstrip(_SPACE).startswith(b"<"):
        return b""
    found = _ROOT.search(_COMMENTS.sub(b"", head))
    return found.group(1) if found else b""


def is_register(head: bytes) -> bool:
    """Tell whether a file is a base register, or XML that their reader refuses by its name."""
    root = root_in(head)
    return root in _REGISTERS or (root == b"CityModel" and b"geostandaarden.nl/imgeo" in head)


def is_klic(head: bytes) -> bool:
    """Tell whether a file has objects of IMKL, whatever its root; their schema and style are none.

    >>> is_klic(b'<a:B xmlns:i="http://www.geostandaarden.nl/imkl/wibon">'), is_klic(b"geostandaarden.nl/imkl")
    (True, False)
    """
    return b"geostandaarden.nl/imkl" in head and root_in(head) not in (b"", b"schema", b"StyledLayerDescriptor")


def is_bro(head: bytes) -> bool:
    """Tell whether a file is XML of the basic register of the subsurface, by its namespaces.

    >>> is_bro(b'<dispatchDataResponse xmlns:b="http://www.broservices.nl/xsd/brocommon/3.0">'), is_bro(b"<a/>")
    (True, False)
    """
    return b"broservices.nl/xsd/" in head and root_in(head) != b""


def is_plan(head: bytes) -> bool:
    """Tell whether a file is a zoning plan (IMRO) or a part of an environment plan (STOP), by its root and its names.

    >>> is_plan(b"<imro:FeatureCollectionIMRO>"), is_plan(b"<geo:GeoInformatieObjectVersie>"), is_plan(b"<CityModel>")
    (True, True, False)
    """
    root = root_in(head)
    return root in _PLANS or (root == b"FeatureCollection" and b"ravi.nl/imro2006" in head)


def refuse_values(head: bytes, file: str) -> None:
    """Refuse a list of values as governments publish them: linked data without a geometry.

    Raises
    ------
    FormatError
        If it is one.
    """
    if head.lstrip(_SPACE).startswith(b"[") and b'"@id"' in head and b'"CityObjects"' not in head:
        raise FormatError(
            "{file} is a list of values (JSON-LD) without geometries, and therefore no layer for the map.",
            hint="Open it as a table, or join it by its codes to a layer with geometries.",
            file=file,
        )


def refuse_part(path: Path) -> None:
    """Refuse a file that goes with another and is no delivery itself: the lists of point tiles, the bytes of a glTF.

    Raises
    ------
    FormatError
        If it is one.
    """
    whole = None
    if path.name == "ept-build.json" or path.parent.name in ("ept-hierarchy", "ept-sources"):
        whole = "ept.json"
    elif path.suffix.lower() == ".bin":
        whole = next((file.name for file in sorted(path.parent.glob("*.gltf"))), None)
    if whole is not None:
        raise FormatError("{file} goes with {whole}, which is what to open.", file=path.name, whole=whole)


def is_geojson(head: bytes) -> bool:
    """Tell whether a file is GeoJSON: features, one feature or one geometry.

    >>> is_geojson(b'{"type": "Feature", "geometry": null}'), is_geojson(b'{"type": "CityJSON"}')
    (True, False)
    """
    if b'"CityObjects"' in head or b'"CityJSON' in head or not head.lstrip(_SPACE + b"\x1e").startswith(b"{"):
        return False
    return b'"FeatureCollection"' in head or _GEOJSON.search(head) is not None


def is_tiles(head: bytes) -> bool:
    """Tell whether a file is 3D Tiles or glTF: by its magic, or by what only their JSON has.

    >>> is_tiles(b"b3dm"), is_tiles(b'{"asset": {"version": "1.1"}, "geometricError": 9}'), is_tiles(b'{"asset": 1}')
    (True, True, False)
    """
    if head[:4] in (b"b3dm", b"i3dm", b"pnts", b"cmpt", b"glTF", b"subt"):
        return True
    if not head.lstrip(_SPACE).startswith(b"{") or b'"CityObjects"' in head or b'"FeatureCollection"' in head:
        return False
    tileset = b'"geometricError"' in head or b'"schemaUri"' in head
    gltf = any(b'"' + name + b'"' in head for name in (b"meshes", b"scenes", b"accessors", b"bufferViews"))
    metadata = b'"classes"' in head and b'"properties"' in head and b'"$schema"' not in head
    return (b'"asset"' in head and (tileset or gltf)) or gltf or metadata or (tileset and b'"root"' in head)
