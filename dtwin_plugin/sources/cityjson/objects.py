"""City objects: their checks and relations."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.errors import FormatError

from .header import short

# Nesting of "boundaries" above the surfaces, CityJSON 2.0 section 3: a MultiSurface lists surfaces, a Solid shells of
# surfaces, a MultiSolid solids of shells of surfaces.
DEPTHS = {"MultiSurface": 1, "CompositeSurface": 1, "Solid": 2, "MultiSolid": 3, "CompositeSolid": 3}
NO_SURFACES = ("MultiPoint", "MultiLineString")
KINDS = (*DEPTHS, *NO_SURFACES, "GeometryInstance")


def checked(identifier: str, item: Any, file: str) -> dict[str, Any]:
    """Return a city object whose members are of the right kinds.

    Raises
    ------
    FormatError
        If one is not; it names the object.
    """
    if not isinstance(item, dict):
        raise wrong(file, identifier, "the object", "an object", item)
    if not isinstance(item.get("type"), str):
        raise wrong(file, identifier, '"type"', "text", item.get("type"))
    attributes = item.get("attributes")
    if attributes is not None and not isinstance(attributes, dict):
        raise wrong(file, identifier, '"attributes"', "an object", attributes)
    for name in ("parents", "children"):
        others = item.get(name)
        if others is not None and not (isinstance(others, list) and all(type(other) is str for other in others)):
            raise wrong(file, identifier, f'"{name}"', "a list of ids", others)
    geometries = item.get("geometry")
    if geometries is not None:
        _check_geometries(identifier, geometries, file)
    return item


def _check_geometries(identifier: str, geometries: Any, file: str) -> None:
    if not isinstance(geometries, list):
        raise wrong(file, identifier, '"geometry"', "a list", geometries)
    for geometry in geometries:
        if not isinstance(geometry, dict):
            raise wrong(file, identifier, "a geometry", "an object", geometry)
        kind = geometry.get("type")
        if kind not in KINDS:
            raise wrong(file, identifier, "the type of a geometry", "one of " + ", ".join(KINDS), kind)
        if not isinstance(geometry.get("boundaries"), list):
            raise wrong(file, identifier, f'"boundaries" of a {kind}', "a list", geometry.get("boundaries"))
        lod_of(geometry, identifier, file)


def lod_of(geometry: dict[str, Any], identifier: str, file: str) -> str:
    """Return the level of detail as text, "" if there is none; CityJSON 1.0 has it as a number.

    >>> lod_of({"lod": 2}, "a", "b"), lod_of({"lod": 2.2}, "a", "b"), lod_of({"lod": "1.3"}, "a", "b")
    ('2', '2.2', '1.3')
    """
    lod = geometry.get("lod")
    if isinstance(lod, str):
        return lod
    if lod is None:
        return ""
    if type(lod) in (int, float) and 0 <= lod < 100:
        return f"{lod:g}"
    raise wrong(file, identifier, '"lod" of a geometry', "text such as 2.2", lod)


def relations(item: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the ids of the parents and of the children."""
    return item.get("parents") or [], item.get("children") or []


def wrong(file: str, identifier: str, what: str, expected: str, found: Any) -> FormatError:
    """Return the error for a city object of which something is not what it should be."""
    return FormatError(
        "{file}: city object {id}: {what} is {found}; expected {expected}.",
        hint="Check the file with cjval or val3dity.",
        file=file,
        id=identifier,
        what=what,
        expected=expected,
        found=short(found),
    )
