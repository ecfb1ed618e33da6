"""A vertical section along a line: all that it cuts, and what lies beside it, at its distance and height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import InputError

from .section_ground import Profile, groundwater_lines, profile, soil, terrain_lines
from .section_line import SectionLine
from .section_pipes import pipes
from .section_shapes import Shape, cut_polygon, within_heights
from .section_things import bodies, buildings, sticks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid, Voxels
    from dtwin_plugin.progress import Progress

_AIR = 0.05  # of the height of a section, free above and below
_LEAST = 1.0  # m of height that a section has at least
_STICK = 0.006  # of the length: the width of a borehole where none is asked
# From the back to the front.
_ORDER = ("soil", "building", "body", "borehole", "cpt", "groundwater", "terrain", "uncertainty", "cable")


@dataclass(frozen=True)
class Wanted:
    """What the section shows, and how far beside the line it looks.

    Attributes
    ----------
    voxels, sticks, lines, areas, buildings, terrain, groundwater
        As the functions of their kind take them; None where there is none.
    groundwater_depth : float or None
        Below the ground [m], where there is no grid of levels.
    distance, alongside : float
        Of boreholes, and of what runs along the line [m].
    stick_width : float or None
        Of boreholes in the section [m]; None for a share of its length.
    xy : float
        Uncertainty on the map of lines that state none [m].
    bottom, top : float or None
        Heights between which is shown [m NAP]; None for what there is.
    """

    voxels: Voxels | None = None
    sticks: Features | None = None
    lines: Features | None = None
    areas: Features | None = None
    buildings: Features | None = None
    terrain: Grid | None = None
    groundwater: Grid | None = None
    groundwater_depth: float | None = None
    distance: float = 25.0
    alongside: float = 2.0
    stick_width: float | None = None
    xy: float = 1.0
    bottom: float | None = None
    top: float | None = None


class Found(NamedTuple):
    """The shapes from the back to the front, the heights between which they lie, and how many of what had none."""

    shapes: list[Shape]
    bottom: float
    top: float
    unknown: dict[str, int]


def section(line: SectionLine, wanted: Wanted, progress: Progress) -> Found:
    """Return the section along a line.

    Raises
    ------
    InputError
        If nothing lies on it, or its top is not above its bottom.
    """
    surface = profile(line, wanted.terrain)
    progress.report(0.1)
    found: list[Shape] = [*terrain_lines(surface)]
    found += groundwater_lines(line, wanted.groundwater, wanted.groundwater_depth, surface)
    found += soil(line, wanted.voxels)
    progress.report(0.4)
    width = wanted.stick_width if wanted.stick_width is not None else line.length * _STICK
    unknown: dict[str, int] = {}
    for name, (shapes, lost) in {
        "buildings": buildings(line, wanted.buildings, surface.at),
        "bodies": bodies(line, wanted.areas),
        "sticks": sticks(line, wanted.sticks, wanted.distance, width),
        "pipes": pipes(line, wanted.lines, wanted.xy, wanted.alongside),
    }.items():
        found += shapes
        unknown[name] = lost
    progress.report(0.9)
    bottom, top = _heights(found, wanted, surface)
    kept = within_heights(_within_length(found, line), bottom, top, surface.at)
    if not kept:
        raise InputError(
            "Nothing lies on the line between {bottom:.2f} and {top:.2f} m NAP.",
            hint="Draw the line elsewhere, or choose other layers or heights.",
            bottom=bottom,
            top=top,
        )
    kept.sort(key=lambda shape: _ORDER.index(shape.kind))
    return Found(kept, bottom, top, {name: count for name, count in unknown.items() if count})


def _within_length(shapes: list[Shape], line: SectionLine) -> list[Shape]:
    """Return the shapes with what may lie beyond the ends of the line cut off; the rest does not come there."""
    kept = []
    for shape in shapes:
        if shape.kind == "uncertainty" and shape.form == "polygon":
            part = shape.points
            if np.isfinite(part).all():
                part = cut_polygon(cut_polygon(part, 0, 0.0, True), 0, line.length, False)
            else:  # an upright rectangle
                part = np.column_stack([np.clip(part[:, 0], 0.0, line.length), part[:, 1]])
            if len(part):
                kept.append(shape.moved(part))
        else:
            kept.append(shape)
    return kept


def _heights(shapes: list[Shape], wanted: Wanted, surface: Profile) -> tuple[float, float]:
    """Return the heights between which the section is shown."""
    levels: list[NDArray[np.float64]] = [shape.points[:, 1] for shape in shapes]
    every = np.concatenate([*levels, surface.height, np.empty(0)])
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 0.0)
    air = max((high - low) * _AIR, (_LEAST - (high - low)) / 2, 0.0)
    bottom = low - air if wanted.bottom is None else wanted.bottom
    top = high + air if wanted.top is None else wanted.top
    if not bottom < top:
        raise InputError(
            "The section goes from {bottom:.2f} up to {top:.2f} m NAP.",
            hint="Choose a top above the bottom, at heights where something lies.",
            bottom=bottom,
            top=top,
        )
    return bottom, top
