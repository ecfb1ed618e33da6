"""PDOK's Locatieserver (v3.1): places, addresses and administrative areas by name, and what lies at a point."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dtwin_plugin import catalogue
from dtwin_plugin.data import Geometries
from dtwin_plugin.data.crs import in_rd_bounds
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.features_service.answers import asked_twice, refused, wrong_answer
from dtwin_plugin.sources.retry import retrying
from dtwin_plugin.sources.transport import Transport
from dtwin_plugin.translate import mark

from .shapes import geometry_of_text

MOST_ROWS = 100
TYPES = (
    "gemeente", "woonplaats", "weg", "adres", "postcode", "perceel", "buurt", "wijk", "provincie", "waterschap",
    "hectometerpaal",
)  # fmt: skip
_FIELDS = "id,type,weergavenaam,score,centroide_rd,gemeentecode,gemeentenaam,provincienaam,afstand"
_ENDPOINTS = re.compile(r"/(?:free|suggest|lookup|reverse)?/*$")
_SPECIAL = re.compile(r'[+\-&|!(){}\[\]^"~*?:\\/]')  # of the query language of Solr
_LONGEST = 200  # characters of a question, and of a name


@dataclass(frozen=True)
class Place:
    """A place that the service knows.

    Attributes
    ----------
    id, type, name : str
        "adr-…", "adres", "Dam 1, 1012JS Amsterdam".
    point : tuple of float or None
        x and y in RD; `suggest` gives none.
    geometry : Geometries or None
        Its outline or line in RD; only `lookup` gives one.
    score : float
        How well it fits the question.
    properties : mapping of str to str
        What else the service says ("gemeentecode", "nummeraanduiding_id").
    """

    id: str
    type: str
    name: str
    point: tuple[float, float] | None = None
    geometry: Geometries | None = None
    score: float = 0.0
    properties: Mapping[str, str] = field(default_factory=dict)


class Locatieserver:
    """The place search of PDOK.

    Parameters
    ----------
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one.
    url : str, optional
        Of the service, with or without "/free"; that of the catalogue ("locatieserver") if absent.
    progress : Progress, optional
        Asked whether the user wants to stop.
    """

    def __init__(self, transport: Transport, *, url: str | None = None, progress: Progress | None = None) -> None:
        self.url = _ENDPOINTS.sub("", url or catalogue.url_of("locatieserver"))
        self._transport = retrying(transport, progress)

    def free(
        self, text: str, *, types: Sequence[str] = (), where: Mapping[str, str] | None = None, rows: int = 10
    ) -> list[Place]:
        """Return the places that fit a text best, with their points.

        Parameters
        ----------
        types : sequence of str
            Only of these `TYPES`; empty for those that the service chooses.
        where : mapping, optional
            Fields that must have a value ("nummeraanduiding_id").

        Raises
        ------
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        Cancelled
            If the user stops it.
        """
        terms = [f"type:({' OR '.join(types)})"] if types else []
        terms += [f"{name}:{_plain(value)}" for name, value in (where or {}).items()]
        query = {"q": _plain(text) or "*:*", "rows": _rows(rows), "fl": _FIELDS, "wt": "json"}
        return self._asked("free", {**query, **({"fq": " AND ".join(terms)} if terms else {})})

    def suggest(self, text: str, *, rows: int = 8) -> list[Place]:
        """Return what a text that is still being typed may become; only `lookup` gives where. Raises as `free`."""
        query = _plain(text)
        return self._asked("suggest", {"q": query, "rows": _rows(rows), "wt": "json"}) if query else []

    def lookup(self, identity: str) -> Place:
        """Return one place with its geometry.

        Raises
        ------
        InputError
            If the service does not know it.
        UnavailableError, FormatError, Cancelled
            As `free`.
        """
        found = self._asked("lookup", {"id": identity[:_LONGEST], "fl": "*", "wt": "json"})
        if not found:
            raise InputError("The place search does not know {id}.", hint="Search for it again.", id=identity[:80])
        return found[0]

    def reverse(self, x: float, y: float, *, type: str = "adres", rows: int = 5) -> list[Place]:
        """Return what lies nearest to a point [RD], with the distance in `properties["afstand"]`. Raises as `free`."""
        query = {"X": f"{x:.2f}", "Y": f"{y:.2f}", "type": type, "fl": _FIELDS, "rows": _rows(rows)}
        return self._asked("reverse", {**query, "wt": "json"})

    def _asked(self, endpoint: str, query: Mapping[str, str]) -> list[Place]:
        url = f"{self.url}/{endpoint}"
        response, answer = asked_twice(self._transport, url, query)
        if response.status != 200:
            raise refused(response, url)
        listed = answer.get("response")
        documents = listed.get("docs") if isinstance(listed, dict) else None
        if not isinstance(documents, list):
            raise wrong_answer(url, mark("has no list of places"))
        return [place for place in map(_place, documents[:MOST_ROWS]) if place is not None]


def _place(document: Any) -> Place | None:
    """Return a place, None where it has no id or name."""
    if not isinstance(document, dict):
        return None
    identity, kind, name = (_text(document.get(key)) for key in ("id", "type", "weergavenaam"))
    if not identity or not name:
        return None
    score = document.get("score")
    number = float(score) if isinstance(score, (int, float)) and abs(score) < 1e12 and math.isfinite(score) else 0.0
    more = {key: _text(value) for key, value in list(document.items())[:100] if isinstance(value, (str, int, float))}
    return Place(identity, kind, name, _point(document), geometry_of_text(document.get("geometrie_rd")), number, more)


def _point(document: dict[str, Any]) -> tuple[float, float] | None:
    found = geometry_of_text(document.get("centroide_rd"))
    if found is None:
        return None
    x, y = found.coordinates[0, :2].tolist()
    return (x, y) if in_rd_bounds(x, y, x, y) else None


def _text(value: object) -> str:
    """Return a text of the service as one line that is not too long."""
    if not isinstance(value, (str, int, float)) or isinstance(value, int) and abs(value) > 1 << 62:
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in str(value)[:_LONGEST]).split())


def _plain(text: str) -> str:
    """Return a question without what the query language gives a meaning."""
    return " ".join(_SPECIAL.sub(" ", text[:_LONGEST]).split())


def _rows(rows: int) -> str:
    return str(max(1, min(rows, MOST_ROWS)))
