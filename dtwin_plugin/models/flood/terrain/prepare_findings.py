"""What was found in a terrain before water flows over it: a list with a code, a sentence and a place each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.translate import mark, tr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

ERROR, WARNING, DONE = "error", "warning", "done"
_SPOT = 9  # cells
MOST = 500  # of one kind; the list says how many more there are
# Codes never change meaning. "error" must be looked at before a run; "done" tells what was changed.
KINDS = {
    "DT163": (WARNING, mark("No heights up to the edge: {area:.0f} m2 stays outside the area.")),
    "DT164": (WARNING, mark("A spike or pit of {value:.2f} m against the cells around it; look whether it is real.")),
    "DT165": (ERROR, mark("A building without any known ground around it.")),
    "DT166": (ERROR, mark("The end of a culvert lies {value:.2f} m above the ground there; look at its level.")),
    "DT167": (
        ERROR,
        mark("A bridge of {area:.0f} m2 without a known bed below; it was filled from what is beside it."),
    ),
    "DT168": (
        WARNING,
        mark("The heights of a water body differ by {value:.2f} m; it may be more than one water body."),
    ),
    "DT169": (WARNING, mark("No height of the water surface is known; its level is that of the lowest bank.")),
    "DT170": (WARNING, mark("A tunnel of {value:.0f} m, or with one mouth, was left as it is: no water passes.")),
    "DT171": (DONE, mark("A deck of {area:.0f} m2 was taken off: the bed below it is {value:.2f} m lower.")),
    "DT172": (DONE, mark("A culvert or passage of {value:.0f} m was opened.")),
    "DT173": (DONE, mark("A water body of {area:.0f} m2 was given the level {value:.2f} m NAP.")),
    "DT174": (DONE, mark("A dam of one cell, {value:.2f} m high, was cut through.")),
    "DT175": (DONE, mark("Holes of {area:.0f} m2 together were filled.")),
    "DT176": (WARNING, mark("There are {value:.0f} more findings with code {code}.")),
}


@dataclass
class Findings:
    """A growing list of findings on the cells of a grid."""

    cells: Grid
    rows: list[tuple[str, float, float, float, float, float]] = field(default_factory=list)

    def add(
        self,
        code: str,
        place: NDArray[np.bool_] | tuple[float, float],
        value: float = np.nan,
        change: float = np.nan,
        corner: tuple[int, int] = (0, 0),
    ) -> None:
        """Add one.

        Parameters
        ----------
        code : str
            A key of `KINDS`.
        place : ndarray of bool or tuple
            Cells, of which `corner` is the first row and column in the grid, or x and y [m].
        value : float
            For the sentence.
        change : float
            Of the height there [m].
        """
        if isinstance(place, tuple):
            self.rows.append((code, place[0], place[1], value, change, np.nan))
            return
        size = self.cells.cell_size
        row, column = np.nonzero(place)
        middle = len(row) // 2  # a cell of the place itself, which the mean of all need not be
        x = self.cells.x_min + (corner[1] + column[middle] + 0.5) * size
        y = self.cells.y_max - (corner[0] + row[middle] + 0.5) * size
        self.rows.append((code, float(x), float(y), value, change, float(len(row) * size**2)))

    def features(self) -> Features:
        """Return the list as points, the gravest first, with `code`, `severity`, `finding`, `height_change`, `area`."""
        rank = {ERROR: 0, WARNING: 1, DONE: 2}
        kept: dict[str, list[tuple[Any, ...]]] = {}
        for row in self.rows:
            kept.setdefault(row[0], []).append(row)
        rows = []
        for code in sorted(kept, key=lambda code: (rank[KINDS[code][0]], code)):
            found = sorted(kept[code], key=lambda row: -np.nan_to_num(row[5]))
            rows += found[:MOST]
            if len(found) > MOST:
                rows.append(("DT176", *found[MOST][1:3], len(found) - MOST, np.nan, np.nan, code))
        texts = [_sentence(*row) for row in rows]
        columns = {
            "code": np.array([row[0] for row in rows], object),
            "severity": np.array([KINDS[row[0]][0] for row in rows], object),
            "finding": np.array(texts, object),
            "height_change": np.array([row[4] for row in rows], float),
            "area": np.array([row[5] for row in rows], float),
        }
        places = np.array([row[1:3] for row in rows], float).reshape(-1, 2)
        units = {"height_change": "m", "area": "m2"}
        return Features(Geometries.points(places), columns, units, self.cells.crs, "findings")


def _sentence(code: str, x: float, y: float, value: float, change: float, area: float, other: str = "") -> str:
    return tr(KINDS[code][1]).format(value=value, change=change, area=area, code=other)


def look(findings: Findings, heights: NDArray[np.float32], spike: float) -> None:
    """Add spots of a few cells that stand out by more than `spike` [m]: what no square of 3 by 3 cells fits in.

    Examples
    --------
    >>> from dtwin_plugin.data import Grid
    >>> z = np.zeros((5, 5), np.float32)
    >>> z[2, 2] = 3.0
    >>> found = Findings(Grid(z, 0, 5, 1))
    >>> look(found, z, 1.0)
    >>> found.rows
    [('DT164', 2.5, 2.5, 3.0, nan, 1.0)]
    """
    from scipy import ndimage

    known = np.where(np.isnan(heights), np.float32(0), heights)
    above = known - ndimage.grey_opening(known, size=(3, 3))
    below = known - ndimage.grey_closing(known, size=(3, 3))
    apart = np.where(above > -below, above, below)
    apart[ndimage.binary_dilation(np.isnan(heights), np.ones((3, 3)), 2)] = 0
    spots, _ = ndimage.label(np.abs(apart) > spike, np.ones((3, 3)))
    large = np.bincount(spots.ravel()) > _SPOT  # a wall or a ditch
    spots[large[spots]] = 0
    _each(findings, "DT164", spots, apart)


def look_at_edges(findings: Findings, heights: NDArray[np.float32]) -> None:
    """Add holes that touch the edge of the terrain."""
    from scipy import ndimage

    holes, _ = ndimage.label(np.isnan(heights), np.ones((3, 3)))
    border = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    _each(findings, "DT163", np.where(np.isin(holes, border), holes, 0), None)


def _each(findings: Findings, code: str, labels: NDArray[Any], values: NDArray[Any] | None) -> None:
    """Add a finding for each label, with the value of the largest size in it."""
    from scipy import ndimage

    for index, box in enumerate(ndimage.find_objects(labels), 1):
        if box is not None:
            cells = labels[box] == index
            value = np.nan
            if values is not None:
                inside = values[box][cells]
                value = float(inside[np.abs(inside).argmax()])
            findings.add(code, cells, value, corner=(box[0].start, box[1].start))
