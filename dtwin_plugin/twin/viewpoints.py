"""Named viewpoints of the 3D view, as the project keeps them: in map coordinates, so that they outlive the scene."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from .kept import list_of_texts, named_rows, texts_of

_LARGEST_PICTURE = 100_000  # characters
_LONGEST = 3600.0  # seconds


@dataclass(frozen=True)
class Viewpoint:
    """What one looks at, from where, and what is shown.

    Attributes
    ----------
    name : str
    x, y, z : float
        The place looked at [m].
    distance : float
        From there to the camera [m].
    pitch, heading : float
        Degrees from straight down; of the direction of view, clockwise from north.
    layers : tuple of str
        Ids of the layers that are shown; none = those of the project.
    begin, end : str
        ISO 8601 times that are shown; empty = none.
    states : dict
        What is set on the instruments of the 3D view, plain JSON values by the key of the instrument.
    extent : tuple of float
        The part of the map that is in the scene: west, south, east, north [m]; none = not known.
    themes : tuple of str
        The map theme of each view, empty = what the map shows; more than one where views are side by side.
    flight, stay : float
        Seconds that a walk-through takes to come here, and that it stays.
    picture : str
        A small picture, PNG in base64; empty = none.
    """

    name: str
    x: float
    y: float
    z: float
    distance: float
    pitch: float
    heading: float
    layers: tuple[str, ...] = ()
    begin: str = ""
    end: str = ""
    states: dict[str, Any] = field(default_factory=dict)
    extent: tuple[float, ...] = ()
    themes: tuple[str, ...] = ()
    flight: float = 2.0
    stay: float = 2.0
    picture: str = ""


def to_text(viewpoints: Iterable[Viewpoint]) -> str:
    """Return viewpoints as JSON.

    >>> from_text(to_text([Viewpoint("Square", 1.0, 2.0, 0.0, 300.0, 50.0, 20.0)]))[0].name
    'Square'
    """
    return json.dumps([asdict(viewpoint) for viewpoint in viewpoints])


def from_text(text: str) -> list[Viewpoint]:
    """Return the viewpoints in JSON; what is none is left out.

    >>> from_text('[{"name": "A", "x": "east"}, 3]'), from_text("{"), from_text("")
    ([], [], [])
    """
    return [viewpoint for viewpoint in map(_viewpoint, named_rows(text)) if viewpoint is not None]


def _viewpoint(found: dict[str, Any]) -> Viewpoint | None:
    numbers: dict[str, Any] = {name: found.get(name) for name in ("x", "y", "z", "distance", "pitch", "heading")}
    if not all(isinstance(v, (int, float)) and math.isfinite(v) for v in numbers.values()) or numbers["distance"] <= 0:
        return None
    values: dict[str, Any] = {name: float(value) for name, value in numbers.items()}
    values.update({name: list_of_texts(found.get(name)) for name in ("layers", "themes")})
    values.update(texts_of(found, ("begin", "end")))
    values["extent"] = _extent(found.get("extent"))
    for name in ("flight", "stay"):
        if isinstance(found.get(name), (int, float)) and 0 <= found[name] <= _LONGEST:
            values[name] = float(found[name])
    picture, states = found.get("picture"), found.get("states")
    values["picture"] = picture if isinstance(picture, str) and len(picture) <= _LARGEST_PICTURE else ""
    values["states"] = states if isinstance(states, dict) else {}
    return Viewpoint(name=found["name"], **values)


def _extent(found: Any) -> tuple[float, ...]:
    """Return four finite numbers of a rectangle that is not empty, or none."""
    if not isinstance(found, (list, tuple)) or len(found) != 4:
        return ()
    if not all(isinstance(v, (int, float)) and math.isfinite(v) for v in found):
        return ()
    return tuple(map(float, found)) if found[0] < found[2] and found[1] < found[3] else ()
