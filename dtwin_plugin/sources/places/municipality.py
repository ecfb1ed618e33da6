"""The official outline of a municipality, by its name or code."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dtwin_plugin.data.area import Area
from dtwin_plugin.errors import CrsError, FormatError, InputError, UnavailableError
from dtwin_plugin.sources.retry import retrying

from .items import items
from .locatieserver import Locatieserver, Place
from .shapes import geometry_of_items

if TYPE_CHECKING:
    from dtwin_plugin.data import Geometries
    from dtwin_plugin.progress import Progress
    from dtwin_plugin.sources.transport import Transport

_CODE = re.compile(r"(?:GM)?(\d{4})", re.IGNORECASE)
_CALLED = {
    "den haag": "s gravenhage",
    "den bosch": "s hertogenbosch",
}  # as people say it, and as it is in the registers
_SHOWN = 6


def municipality_area(text: str, transport: Transport, progress: Progress | None = None) -> Area:
    """Return the area of a municipality.

    Raises
    ------
    InputError
        If it is unknown, or the name is that of several.
    UnavailableError, FormatError, Cancelled
        As `Locatieserver.free`.
    """
    server = Locatieserver(transport, progress=progress)
    code = _CODE.fullmatch(text)
    found = None if code else _named(text, server)
    number = code.group(1) if code else _code_of(found)
    title, outline = _outline(number, retrying(transport, progress)) if number else ("", None)
    if outline is None:
        if found is None:
            found = _coded(text, number, server)
        title, outline = found.properties.get("gemeentenaam") or found.name, server.lookup(found.id).geometry
    area = Area.of_polygon(outline, title, "municipality") if outline and outline.kind == "polygon" else None
    if area is None:
        raise UnavailableError(
            "No service gives the outline of the municipality {name} now.", hint="Try again later.", name=title or text
        )
    return area


def _outline(number: str, transport: Transport) -> tuple[str, Geometries | None]:
    """Return the name and outline that the register of boundaries has; None where it does not help now."""
    try:
        found = items(transport, "bestuurlijke-gebieden", "gemeentegebied", "identificatie", f"GM{number}")
    except (UnavailableError, FormatError):
        return "", None  # the place search has outlines too
    name = found[0]["properties"].get("naam") if found else ""
    try:
        return name if isinstance(name, str) else "", geometry_of_items(found[:1])
    except CrsError:  # in degrees, without the grids; the place search has them in RD
        return "", None


def _named(text: str, server: Locatieserver) -> Place:
    """Return the municipality of a name."""
    wanted = re.sub(r"^gemeente ", "", _folded(text))
    wanted = _CALLED.get(wanted, wanted)
    found = server.free(wanted, types=("gemeente",), rows=20)
    exact = [place for place in found if wanted in (_name(place), _folded(place.name))]
    if len(exact) == 1:
        return exact[0]
    candidates = exact or [place for place in found if wanted in _name(place)] or found
    if not candidates:
        raise _unknown(text)
    if len(candidates) > 1:
        raise InputError(
            "The municipality {text} has more than one meaning: {names}.",
            hint="Give the whole name or the code.",
            text=text[:100],
            names="; ".join(f"{_title(place)} (GM{_code_of(place)})" for place in candidates[:_SHOWN]),
        )
    return candidates[0]


def _coded(text: str, number: str, server: Locatieserver) -> Place:
    """Return the municipality of a code, from the place search."""
    found = [place for place in server.free("", types=("gemeente",), where={"gemeentecode": number}, rows=5)]
    exact = [place for place in found if _code_of(place) == number]
    if not exact:
        raise _unknown(text)
    return exact[0]


def _unknown(text: str) -> InputError:
    return InputError(
        "There is no municipality {text}.",
        hint="Give its name, or its code such as GM0503.",
        text=text[:100],
    )


def _title(place: Place) -> str:
    return place.properties.get("gemeentenaam") or place.name


def _name(place: Place) -> str:
    return _folded(_title(place))


def _code_of(place: Place | None) -> str:
    match = _CODE.fullmatch(place.properties.get("gemeentecode", "")) if place else None
    return match.group(1) if match else ""


def _folded(text: str) -> str:
    """Return a name as it is compared: small letters without accents, and only letters and digits."""
    bare = (c for c in unicodedata.normalize("NFKD", text[:200].casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", "".join(bare)))
