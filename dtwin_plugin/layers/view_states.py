"""What is set on the instruments of the 3D panel, read from the JSON of a viewpoint: a file of whoever wrote it.

The panel and pictures without it read it here, so that both show the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from dtwin_plugin.data.cutting import Hole, Section
from dtwin_plugin.errors import InputError

from .below3d import BelowStyle
from .results3d import HIGHEST, LOWEST, MEAN, PARTS, Colouring

SOLID, PIT, CLEAR, NONE = "solid", "pit", "clear", "none"  # kinds of ground
OPACITY = {PIT: 0, CLEAR: 45}  # %, when nothing is set
State = dict[str, Any]
_MOST = 500  # layers and rules that a file may ask to hide


@dataclass(frozen=True)
class Hidden:
    """Layers that are hidden, by id, and of others some of the rules, by number."""

    layers: set[str] = field(default_factory=set)
    rules: dict[str, set[int]] = field(default_factory=dict)


def hidden(state: State) -> Hidden:
    """Return what "legend" hides.

    >>> hidden({"layers": ["a", 7], "rules": {"b": [1, "x"], "c": None}})
    Hidden(layers={'a'}, rules={'b': {1}})
    """
    layers, rules = state.get("layers"), state.get("rules")
    found = Hidden({key for key in (layers if isinstance(layers, list) else ())[:_MOST] if isinstance(key, str)})
    for key, numbers in list(rules.items())[:_MOST] if isinstance(rules, dict) else ():
        if isinstance(numbers, list):
            found.rules[key] = {number for number in numbers[:_MOST] if isinstance(number, int)}
    return found


def colourings(state: State) -> list[Colouring]:
    """Return which results "results" shows on what."""
    names, kept = {item.name for item in fields(Colouring)}, state.get("shown")
    found = []
    for values in kept if isinstance(kept, list) else ():
        is_whole = isinstance(values, dict) and set(values) == names
        if is_whole and all(isinstance(value, str) for value in values.values()) and values["part"] in PARTS:
            if values["several"] in (HIGHEST, LOWEST, MEAN):
                found.append(Colouring(**values))
    return found


def comparison(state: State) -> tuple[str, bool]:
    """Return which layer of differences "compare" shows, "" for none, and whether it shows plan designs.

    >>> comparison({"difference": "d1", "design": False}), comparison({"difference": 3})
    (('d1', False), ('', True))
    """
    found = state.get("difference")
    return found if isinstance(found, str) else "", state.get("design") is not False


def below_style(state: State) -> BelowStyle:
    """Return how "below" draws what lies below the ground.

    >>> below_style({"least": 40, "logs": False, "depth": 1})
    BelowStyle(depth=False, probability=False, least=0.4, logs=False)
    """
    least = state.get("least")
    share = least if isinstance(least, int) and 0 <= least <= 100 else 0
    return BelowStyle(
        state.get("depth") is True, state.get("probability") is True, share / 100, state.get("logs") is not False
    )


def ground(state: State) -> str:
    """Return the kind of ground that "below" shows."""
    kind = state.get("ground")
    return kind if kind in (PIT, CLEAR, NONE) else SOLID


def opacity(state: State) -> int:
    """Return how much of what is under it the ground of "below" hides [%]."""
    share = state.get("opacity")
    return share if isinstance(share, int) and 0 <= share <= 100 else OPACITY.get(ground(state), 0)


def hole(state: State) -> tuple[Hole, float] | None:
    """Return the hole in the ground of "below" and its depth [m]; None where there is none.

    >>> hole({"hole": [1, 2, 20, "circle", 5]})
    (Hole(x=1.0, y=2.0, size=20.0, shape='circle'), 5.0)
    """
    values = state.get("hole")
    try:
        x, y, size, shape, depth = values if isinstance(values, list) else [None] * 5
        return Hole(float(x), float(y), float(size), str(shape)), float(depth)
    except (TypeError, ValueError, InputError):
        return None


def section(state: State) -> Section | None:
    """Return how "section" cuts the scene; None where it does not.

    >>> section({"line": [0, 0, 9, 0], "kind": "plane"}).planes()
    [(0.0, 1.0, 0.0)]
    """
    try:
        x1, y1, x2, y2 = (float(value) for value in state.get("line") or ())
        width, shift = float(state.get("width", 20.0)), float(state.get("shift", 0.0))
        return Section(x1, y1, x2, y2, str(state.get("kind")), width, shift, state.get("flipped") is True)
    except (TypeError, ValueError, InputError):
        return None
