"""The drawing of a section: axes, what lies in it, and labels above it. On a sheet and in the panel alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.themes import THEMES
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin.report import number

from .section_canvas import DARK, DASHED, Canvas

if TYPE_CHECKING:
    from .section_data import Item, SectionData

UNSURE = 0.5  # probability below which the class of a voxel is hatched: something else is more likely
_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5)
SCALES = tuple(m * 10**power for power in range(6) for m in _ROUND)  # of drawings, 1 : 1 to 1 : 750,000
EXAGGERATIONS = tuple(m * 10**power for power in range(3) for m in _ROUND)
_SMALLEST = 0.9  # mm: what is thinner on paper gets a dot of this size on its middle
_HALO = 0.5  # mm of white on both sides of a borehole
_LABEL, _APART = 1.9, 3.0  # mm: size of a label, and from one to the next
_EDGES = {"soil": ("#b0b0b0", 0.05), "building": ("#8c6d5d", 0.2), "body": ("#543005", 0.25)}
_EDGE = ("#111111", 0.18)  # of boreholes and cone tests


@dataclass(frozen=True)
class Frame:
    """Where the section lies on paper: its left and lower edge, its size, and the scales [mm, mm per m]."""

    left: float
    base: float
    width: float
    height: float
    across: float
    up: float
    bottom: float

    def x(self, along: float) -> float:
        """Return where a distance lies [mm]."""
        return self.left + along * self.across

    def y(self, level: float) -> float:
        """Return where a height lies [mm]."""
        return self.base - (level - self.bottom) * self.up

    def place(self, points: Any) -> Any:
        """Return where points (n, 2) lie [mm]."""
        return np.column_stack(
            [self.left + points[:, 0] * self.across, self.base - (points[:, 1] - self.bottom) * self.up]
        )

    def back(self, x: float, y: float) -> tuple[float, float]:
        """Return the distance and the height at a place [m, m NAP]."""
        return (x - self.left) / self.across, self.bottom + (self.base - y) / self.up


def fitted_scales(length: float, height: float, width: float, room: float, wanted: float) -> tuple[float, float]:
    """Return the scale number along and the vertical exaggeration with which a section fits into a space [mm].

    Parameters
    ----------
    wanted : float
        Exaggeration; 0 for the largest that fits at the largest scale.

    Examples
    --------
    >>> fitted_scales(300, 12, 310, 130, 0), fitted_scales(300, 12, 310, 130, 2.0), fitted_scales(20, 60, 310, 130, 0)
    ((1000.0, 10.0), (1000.0, 2.0), (500.0, 1.0))
    """
    for scale in SCALES:
        across = 1000.0 / scale
        steps = (wanted,) if wanted > 0 else [step for step in EXAGGERATIONS if scale / step in SCALES]
        fits = [step for step in steps if height * across * step <= room]
        if length * across <= width and fits:
            return scale, max(fits)
    return SCALES[-1], wanted or 1.0


def round_step(span: float, most: int) -> float:
    """Return a round step (1, 2 or 5) of which no more than so many go into a span.

    >>> round_step(300.0, 12), round_step(3.2, 10)
    (50.0, 0.5)
    """
    rough = max(span, 1e-9) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= rough * (1 - 1e-9))


def shown(value: float, decimals: int = 2) -> str:
    """Return a number in the language of the texts."""
    return number(float(value) + 0.0, f".{decimals}f", language())


def plot(canvas: Canvas, frame: Frame, data: SectionData, labels: float) -> None:
    """Draw the section with its axes; `labels` is the room above it for labels [mm]."""
    canvas.box(frame.left, frame.base - frame.height, frame.width, frame.height, "#ffffff", "")
    _areas(canvas, frame, [item for item in data.items if item.kind == "soil"])
    _grid(canvas, frame, data)
    for kind in ("building", "body", "borehole", "cpt"):
        _areas(canvas, frame, [item for item in data.items if item.kind == kind and item.form == "polygon"])
    _lines(canvas, frame, data)
    _pipes(canvas, frame, data)
    axes(canvas, frame, data)
    if labels > 0:
        _labels(canvas, frame, data, labels)


def _areas(canvas: Canvas, frame: Frame, items: list[Item]) -> None:
    for item in items:
        edge, width = _EDGES.get(item.kind, _EDGE)
        points = frame.place(item.points[:-1])
        if item.kind in ("borehole", "cpt"):  # stands free of the soil behind it, which has the same colours
            low, high = points[:, 0].min(), points[:, 0].max()
            y0, y1 = points[:, 1].min(), points[:, 1].max()
            canvas.area([(low - _HALO, y0), (high + _HALO, y0), (high + _HALO, y1), (low - _HALO, y1)], "#ffffff")
        canvas.area(points, str(item.facts.get("colour") or "#dddddd"), edge, width)
        if item.facts.get("probability", 1.0) < UNSURE:
            hatch(canvas, points[:, 0].min(), points[:, 1].min(), points[:, 0].max(), points[:, 1].max())


def hatch(canvas: Canvas, left: float, top: float, right: float, bottom: float, step: float = 1.6) -> None:
    """Draw slanting lines in a rectangle, in one pattern over the whole sheet."""
    first, last = math.ceil((left - bottom) / step), math.floor((right - top) / step)
    for count in range(first, last + 1):
        shift = count * step  # x - y along the line
        x0, x1 = max(left, top + shift), min(right, bottom + shift)
        if x1 - x0 > 0.05:
            canvas.line([(x0, x0 - shift), (x1, x1 - shift)], "#404040", 0.06)


def _grid(canvas: Canvas, frame: Frame, data: SectionData) -> None:
    for level in ticks(data.bottom, data.top, frame.height / 9):
        canvas.line([(frame.left, frame.y(level)), (frame.left + frame.width, frame.y(level))], "#60808080", 0.06)
    for along in data.along[1:-1].tolist():
        points = [(frame.x(along), frame.base), (frame.x(along), frame.base - frame.height)]
        canvas.line(points, "#666666", 0.12, (8, 3, 1, 3))


def ticks(low: float, high: float, most: float) -> list[float]:
    """Return round values within a range.

    >>> ticks(-1.2, 1.1, 5)
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    step = round_step(high - low, max(2, int(most)))
    return [round(n * step, 9) + 0.0 for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _lines(canvas: Canvas, frame: Frame, data: SectionData) -> None:
    for item in data.of_kind("groundwater"):
        points = frame.place(item.points)
        canvas.line(points, str(item.facts["colour"]), 0.35, (5.0, 2.0))
        x, y = points[len(points) // 12]  # near the begin, free of most
        canvas.area([(x - 1.3, y - 2.2), (x + 1.3, y - 2.2), (x, y - 0.2)], "#ffffff", str(item.facts["colour"]), 0.2)
        for width, down in ((1.0, 0.7), (0.5, 1.2)):
            canvas.line([(x - width, y + down), (x + width, y + down)], str(item.facts["colour"]), 0.2)
    for item in data.of_kind("terrain"):
        dash = DASHED if item.facts.get("theme") == "filled" else ()
        canvas.line(frame.place(item.points), str(item.facts["colour"]), 0.45, dash)


def _pipes(canvas: Canvas, frame: Frame, data: SectionData) -> None:
    """Draw where pipes may lie behind all pipes; what is too small on paper has a dot."""
    for item in data.of_kind("uncertainty"):
        colour = str(item.facts.get("colour") or DARK)
        canvas.area(frame.place(item.points[:-1]), f"#14{colour[1:]}", colour, 0.18, DASHED)
    pipes = data.of_kind("cable")
    for item in pipes:
        colour = str(item.facts.get("colour") or DARK)
        if item.form == "line":
            canvas.line(frame.place(item.points), DARK, 0.5)
            canvas.line(frame.place(item.points), colour, 0.35)
        elif item.form == "polygon":
            canvas.area(frame.place(item.points[:-1]), colour, DARK, 0.1)
    for item in pipes:
        if item.form != "point":
            continue
        size = float(item.facts.get("diameter", 0.0)) / 1000.0
        if size * min(frame.across, frame.up) < _SMALLEST:
            x, y = frame.place(item.points)[0]
            canvas.dot(x, y, _SMALLEST / 2, str(item.facts.get("colour") or DARK))
        if item.facts.get("z_source") in ("standard", "assumed"):
            x, y = frame.place(item.points)[0]
            canvas.dot(x, y, 0.18, "#ffffff", "#ffffff")  # its depth is an estimate


def axes(canvas: Canvas, frame: Frame, data: SectionData) -> None:
    """Draw the frame, the heights on both sides and the distances below."""
    right, top = frame.left + frame.width, frame.base - frame.height
    canvas.box(frame.left, top, frame.width, frame.height, "", DARK, 0.25)
    levels = ticks(data.bottom, data.top, frame.height / 9)
    decimals = _decimals(levels)
    for level in levels:
        y = frame.y(level)
        canvas.line([(frame.left - 1.5, y), (frame.left, y)])
        canvas.line([(right, y), (right + 1.5, y)])
        canvas.text(frame.left - 2.2, y, shown(level, decimals), 2.2, align="right")
        canvas.text(right + 2.2, y, shown(level, decimals), 2.2)
    canvas.text(frame.left - 12.5, frame.base - frame.height / 2, tr("Height [m NAP]"), 2.6, align="middle", turn=90)
    places = ticks(0.0, data.length, frame.width / 16)
    decimals = _decimals(places)
    for along in places:
        x = frame.x(along)
        canvas.line([(x, frame.base), (x, frame.base + 1.5)])
        canvas.text(x, frame.base + 3.4, shown(along, decimals), 2.2, align="middle")
    canvas.text(frame.left + frame.width / 2, frame.base + 11.6, tr("Distance along the line [m]"), 2.6, align="middle")
    for number_, along in enumerate(data.along.tolist()):
        canvas.text(frame.x(along), frame.base + 7.6, letter(number_), 3.0, bold=True, align="middle")


def letter(place: int) -> str:
    """Return the letter of a point of the line: A, B, … Z, A1, B1, …

    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'A1')
    """
    return chr(65 + place % 26) + (str(place // 26) if place >= 26 else "")


def _decimals(values: list[float]) -> int:
    """Return how many decimals tell values apart."""
    for decimals in (0, 1, 2):
        if all(abs(value - round(value, decimals)) < 1e-6 for value in values):
            return decimals
    return 3


def _labels(canvas: Canvas, frame: Frame, data: SectionData, room: float) -> None:
    """Write what crossings and boreholes are above the section, with a line to it; what does not fit is left out."""
    items = sorted((item for item in data.items if item.form == "point"), key=lambda item: item.points[0, 0])
    most = max(1, int(frame.width / _APART))
    if len(items) > most:  # what is thick, and boreholes, before the rest
        weight = [float(item.facts.get("diameter", 0.0)) + 1e6 * (item.kind in ("borehole", "cpt")) for item in items]
        kept = sorted(range(len(items)), key=lambda index: -weight[index])[:most]
        items = [items[index] for index in sorted(kept)]
    top = frame.base - frame.height
    wanted = [frame.x(float(item.points[0, 0])) for item in items]
    for item, x, at in zip(items, wanted, spread(wanted, frame.left + 1.5, frame.left + frame.width - 1.5, _APART)):
        y = frame.y(float(item.points[0, 1]))
        canvas.line([(x, y), (x, top - 1.0), (at, top - 4.0), (at, top - 5.0)], "#777777", 0.08)
        text = canvas.fitted(label(item), _LABEL, room - 7.0)
        canvas.text(at, top - 5.8, text, _LABEL, turn=90)


def label(item: Item) -> str:
    """Return what stands above a crossing or a borehole."""
    facts = item.facts
    name = name_of(item)
    if item.kind in ("borehole", "cpt"):
        side = tr("left") if facts.get("offset", 0.0) >= 0 else tr("right")
        return f"{name} ({shown(abs(facts.get('offset', 0.0)), 1)} m {side})"
    size = f" ø{shown(facts['diameter'], 0)}" if "diameter" in facts else ""
    return f"{name}{size} {shown(float(item.points[0, 1])) if item.kind == 'cable' else tr('depth not known')}"


def name_of(item: Item) -> str:
    """Return what a shape is called: a cable by its theme and then by its label, such as "110 PVC"."""
    name = str(item.facts.get("label") or "?")
    theme = THEMES.get(str(item.facts.get("theme")))
    return name if theme is None or name == tr(theme.label) else f"{tr(theme.label)}: {name}"


def spread(wanted: list[float], low: float, high: float, apart: float) -> list[float]:
    """Return places in order, so far apart at least, each near to where it is wanted.

    >>> spread([5.0, 5.0, 9.5], 0.0, 10.0, 2.0)
    [4.0, 6.0, 9.5]
    """
    groups: list[
        tuple[float, int]
    ] = []  # mean of the wanted places less their order, and how many: isotonic regression
    for index, place in enumerate(wanted):
        groups.append((place - index * apart, 1))
        while len(groups) > 1 and groups[-2][0] > groups[-1][0]:
            (first, count), (second, more) = groups[-2], groups[-1]
            groups[-2:] = [((first * count + second * more) / (count + more), count + more)]
    means = [mean for mean, count in groups for _ in range(count)]
    found = [mean + index * apart for index, mean in enumerate(means)]
    for index in range(len(found)):
        found[index] = max(found[index], low if index == 0 else found[index - 1] + apart)
    for index in reversed(range(len(found))):
        found[index] = min(found[index], high if index == len(found) - 1 else found[index + 1] - apart)
    return found
