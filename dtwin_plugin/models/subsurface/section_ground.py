"""The ground in a section: its surface, the groundwater, and the voxels that the line runs through."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data.soils import COLOURS, LITHOCLASSES
from dtwin_plugin.data.themes import THEMES
from dtwin_plugin.data.voxels import NO_CLASS
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark, tr

from .ground import bilinear, bridged
from .section_shapes import Shape, box
from .voxels import column_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid, Voxels

    from .section_line import SectionLine

    Array = NDArray[np.float64]

_MOST_PLACES = 5_000  # at which the ground is asked: finer than any sheet shows
_GAP = 50.0  # m: widest gap in the terrain that is bridged, as of cables
MOST_CELLS = 100_000
_TINY = 1e-9  # of a cell
TERRAIN_COLOUR, WATER_COLOUR = "#4b3621", "#1f78b4"
TERRAIN, FILLED = mark("Ground level"), mark("Ground level, bridged")
WATER = mark("Groundwater")


class Profile(NamedTuple):
    """Heights along the line [m, m NAP]; NaN where unknown. Where the terrain had a gap they are `filled`."""

    along: Array
    height: Array
    filled: NDArray[np.bool_]

    def at(self, along: float) -> float:
        """Return the height at a distance, NaN where unknown."""
        if not len(self.along):
            return float("nan")
        return float(np.interp(along, self.along, self.height))


NOTHING = Profile(np.empty(0), np.empty(0), np.empty(0, bool))


def profile(line: SectionLine, grid: Grid | None) -> Profile:
    """Return the heights of a grid along the line: at its bends, and at every cell."""
    if grid is None:
        return NOTHING
    count = int(np.clip(np.ceil(line.length / grid.cell_size), 1, _MOST_PLACES))
    along = np.unique(np.concatenate([np.linspace(0.0, line.length, count + 1), line.along]))
    height, filled = bridged(along, bilinear(grid, *line.at(along).T), np.zeros(len(along), np.int64), _GAP)
    return Profile(along, height, filled)


def terrain_lines(found: Profile) -> list[Shape]:
    """Return the ground level, a line for each stretch that is known or bridged."""
    return [
        Shape("line", points, "terrain", {"theme": "filled" if filled else "terrain", "colour": TERRAIN_COLOUR,
                                          "label": tr(FILLED if filled else TERRAIN)})
        for filled, points in _stretches(found)
    ]  # fmt: skip


def _stretches(found: Profile) -> list[tuple[bool, Array]]:
    """Return stretches between known heights that are bridged or not, joined where they meet."""
    points = np.column_stack([found.along, found.height])
    known = np.isfinite(found.height)
    kinds = np.where(known[:-1] & known[1:], (found.filled[:-1] | found.filled[1:]).astype(int), -1)
    if not len(kinds):
        return []
    starts = np.concatenate([[0], np.flatnonzero(np.diff(kinds)) + 1, [len(kinds)]])
    return [(bool(kinds[a] == 1), points[a : b + 1]) for a, b in zip(starts[:-1], starts[1:]) if kinds[a] >= 0]


def groundwater_lines(line: SectionLine, level: Grid | None, depth: float | None, surface: Profile) -> list[Shape]:
    """Return the groundwater: of a grid [m NAP], else at a depth below the ground [m]."""
    if level is not None:
        found = profile(line, level)
    elif depth is not None:
        found = surface._replace(height=surface.height - depth)
    else:
        return []
    found = found._replace(filled=np.zeros(len(found.along), bool))  # where the ground is bridged it goes on
    facts = {"theme": "groundwater", "colour": WATER_COLOUR, "label": tr(WATER)}
    return [Shape("line", points, "groundwater", dict(facts)) for _, points in _stretches(found)]


def cells_along(line: SectionLine, voxels: Voxels) -> list[tuple[float, float, int, int]]:
    """Return the stretches of the line over the columns of a block: begin and end [m], and the column on x and y.

    >>> from dtwin_plugin.data import Voxels
    >>> from .section_line import SectionLine
    >>> block = Voxels(np.zeros((2, 1, 1), np.int16), None, 0.0, 0.0, 0.0, (2.0, 2.0, 1.0), ("clay",))
    >>> cells_along(SectionLine.through([(1, 1), (5, 1)]), block)
    [(0.0, 1.0, 0, 0), (1.0, 3.0, 1, 0)]
    """
    found: list[tuple[float, float, int, int]] = []
    origin, size = np.array([voxels.x_min, voxels.y_min]), np.array(voxels.cell_size[:2])
    for number, way in enumerate(line.directions):
        begin, end = float(line.along[number]), float(line.along[number + 1])
        first = (line.points[number] - origin) / size
        last = (line.points[number + 1] - origin) / size
        cuts = [np.array([begin, end])]
        for axis in (0, 1):
            low, high = sorted((float(first[axis]), float(last[axis])))
            low, high = max(low, 0.0), min(high, float(voxels.classes.shape[axis]))
            borders = np.arange(np.ceil(low), np.floor(high) + 1)
            if abs(way[axis]) > _TINY and len(borders):
                cuts.append(begin + (borders - first[axis]) * size[axis] / way[axis])
        along = np.unique(np.clip(np.concatenate(cuts), begin, end))
        wide = np.diff(along) > _TINY * float(size.min())
        middle = line.at((along[:-1] + along[1:]) / 2, np.full(len(along) - 1, number))
        i, j, inside = column_of(voxels, middle[:, 0], middle[:, 1])
        for a, b, x, y in zip(along[:-1][wide & inside].tolist(), along[1:][wide & inside].tolist(),
                              i[wide & inside].tolist(), j[wide & inside].tolist()):  # fmt: skip
            if found and found[-1][1] == a and found[-1][2:] == (x, y):  # goes on behind a bend
                a = found.pop()[0]
            found.append((a, b, x, y))
    return found


def soil(line: SectionLine, voxels: Voxels | None) -> list[Shape]:
    """Return the cells that the line runs through, with their class and its probability.

    Raises
    ------
    InputError
        If there are too many.
    """
    if voxels is None:
        return []
    stretches = cells_along(line, voxels)
    columns = np.array([cell[2:] for cell in stretches], np.int64).reshape(-1, 2)
    classes = voxels.classes[columns[:, 0], columns[:, 1]]
    count = int((classes != NO_CLASS).sum())
    if count > MOST_CELLS:
        raise InputError(
            "The line runs through {count} voxels; {most} are allowed.",
            hint="Draw a shorter line, or take larger voxels.",
            count=count,
            most=MOST_CELLS,
        )
    colours = class_colours(voxels.names)
    step, shapes = voxels.cell_size[2], []
    for (low, high, i, j), numbers in zip(stretches, classes):
        chances = None if voxels.probability is None else voxels.probability[i, j]
        for level in np.flatnonzero(numbers != NO_CLASS).tolist():
            number, bottom = int(numbers[level]), voxels.z_min + level * step
            facts = {
                "theme": voxels.names[number],
                "colour": colours[number],
                "label": class_label(voxels.names[number]),
                "probability": None if chances is None else float(chances[level, number]),
                "source": f"{i} {j} {level}",
            }
            shapes.append(Shape("polygon", box(low, high, bottom, bottom + step), "soil", facts))
    return shapes


def class_label(name: str) -> str:
    """Return the name of a class as people read it."""
    return tr(THEMES[name].label) if name in THEMES else tr(name)


def class_colours(names: tuple[str, ...]) -> list[str]:
    """Return the colour of each class: of TNO for lithoclasses, of KLIC for themes, else hues that lie apart.

    >>> class_colours(("Clay", "water", "A"))
    ['#009200', '#0000FF', '#d7b670']
    """
    soils = {}
    for number, name in LITHOCLASSES.items():
        soils[name] = soils[tr(name)] = COLOURS[number]
    found = []
    for place, name in enumerate(names):
        red, green, blue = colorsys.hls_to_rgb((0.35 + place * 0.381966) % 1.0, 0.64, 0.56)
        other = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
        found.append(soils.get(name) or (THEMES[name].colour if name in THEMES else other))
    return found
