"""The legend of a section: what is in it, by kind, in its colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.data.themes import THEMES
from dtwin_plugin.translate import mark, tr

from .section_canvas import DARK, DASHED, Canvas
from .section_plot import UNSURE, hatch

if TYPE_CHECKING:
    from .section_data import Item, SectionData

NO_COLOUR = "#DDDDDD"  # of soil that is not one of the classes
_ROW, _HEAD, _SWATCH = 4.3, 5.6, (7.0, 3.0)  # mm
_SOILS = {name: number for number, name in LITHOCLASSES.items()}


class Entry(NamedTuple):
    """A row of a legend; `look` is how its sample is drawn."""

    look: str
    colour: str
    text: str


HEADS = {
    "soil": mark("Soil, most likely class"),
    "sticks": mark("Boreholes and cone tests"),
    "cable": mark("Cables and pipes"),
    "body": mark("In the ground"),
    "other": mark("Ground and above"),
}


def entries(data: SectionData) -> dict[str, list[Entry]]:
    """Return the rows of the legend by the keys of `HEADS`; groups without rows are left out."""
    soils = _classes(data, "soil")
    rows = {
        "soil": [*soils.values(), *_unsure(data)],
        "sticks": _sticks(data, set(soils)),
        "cable": _pipes(data),
        "body": [Entry("area", colour, name) for name, colour in sorted(_labels(data, "body").items())],
        "other": _other(data),
    }
    return {name: rows[name] for name in HEADS if rows[name]}


def _unsure(data: SectionData) -> list[Entry]:
    if not any(item.facts.get("probability", 1.0) < UNSURE for item in data.of_kind("soil")):
        return []
    text = tr("Probability below {percent} %: another class is likelier than not")
    return [Entry("hatch", "#ffffff", text.format(percent=round(100 * UNSURE)))]


def _sticks(data: SectionData, known: set[str]) -> list[Entry]:
    """Return the classes that no voxel has, and what the labels tell."""
    found = data.of_kind("borehole", "cpt")
    rows = [entry for name, entry in _classes(data, "borehole", "cpt").items() if name not in known]
    if found:
        rows.append(Entry("text", DARK, tr("Labels: name and distance from the line")))
    if any(item.kind == "cpt" for item in found):
        rows.append(Entry("text", DARK, tr("Cone tests: soil by how it behaves (Robertson)")))
    return rows


def _pipes(data: SectionData) -> list[Entry]:
    """Return the themes, and how uncertain their place is drawn."""
    pipes = data.of_kind("cable", "uncertainty")
    bodies = {item.facts.get("theme") for item in data.of_kind("body")}
    themes = {str(item.facts.get("theme")) for item in pipes if item.facts.get("theme") not in bodies}
    rows = [Entry("pipe", theme.colour, tr(theme.label)) for name, theme in THEMES.items() if name in themes]
    if themes - set(THEMES):
        rows.append(Entry("pipe", "#777777", tr("Theme not known")))
    pipes = data.of_kind("cable")
    if any(item.facts.get("z_source") in ("standard", "assumed") for item in pipes):
        rows.append(Entry("guess", "#777777", tr("Depth is an estimate (standard or assumed)")))
    if any(item.form == "point" and "diameter" not in item.facts for item in pipes):
        rows.append(Entry("pipe", "#ffffff", tr("Dot of 0.9 mm: thinner on paper, or diameter not known")))
    if data.of_kind("uncertainty"):
        rows.append(Entry("sleeve", DARK, tr("Where it may lie (uncertainty on the map and in height)")))
    if pipes:
        rows.append(Entry("text", DARK, tr("Labels: name, ø diameter [mm], height of the axis [m NAP]")))
    return rows


def _labels(data: SectionData, kind: str) -> dict[str, str]:
    return {str(item.facts.get("label")): str(item.facts.get("colour")) for item in data.of_kind(kind)}


def _other(data: SectionData) -> list[Entry]:
    rows = []
    for kind, look in (("building", "building"), ("terrain", "line"), ("groundwater", "water")):
        for name, item in {str(item.facts.get("label")): item for item in data.of_kind(kind)}.items():
            drawn = "dashed" if item.facts.get("theme") == "filled" else look
            rows.append(Entry(drawn, str(item.facts.get("colour")), name))
    return rows


def _classes(data: SectionData, *kinds: str) -> dict[str, Entry]:
    """Return the classes that shapes have, soils from fine to coarse and then the others."""
    found = {
        _name(item): (str(item.facts.get("theme")), str(item.facts.get("colour")))
        for item in data.of_kind(*kinds)
        if item.form == "polygon"
    }
    order = sorted(found, key=lambda name: (_SOILS.get(found[name][0], len(_SOILS)), name))
    return {name: Entry("area", found[name][1], name) for name in order}


def _name(item: Item) -> str:
    """Return the class of a shape; all that has none is one, whatever its words are."""
    if item.facts.get("colour") in (None, NO_COLOUR):
        return tr("Not known")
    return str(item.facts.get("label") or tr("Not known"))


def draw(canvas: Canvas, data: SectionData, left: float, top: float, width: float, height: float) -> None:
    """Draw the legend from the upper left of a space down; what does not fit is told."""
    y, groups = top, entries(data)
    total = sum(len(rows) for rows in groups.values())
    drawn = 0
    for name, rows in groups.items():
        if y + _HEAD + _ROW > top + height:
            break
        canvas.text(left, y + 2.2, tr(HEADS[name]), 2.6, bold=True)
        y += _HEAD
        for entry in rows:
            if y + _ROW > top + height - (_ROW if drawn < total - 1 else 0.0):
                text = tr("and {count} more").format(count=total - drawn)
                canvas.text(left, y + _ROW / 2, text, 2.2, "#666666")
                return
            _sample(canvas, entry, left, y + (_ROW - _SWATCH[1]) / 2)
            indent = 0.0 if entry.look == "text" else _SWATCH[0] + 2.0
            room = width - indent - 0.5
            canvas.text(left + indent, y + _ROW / 2, canvas.fitted(entry.text, 2.2, room), 2.2)
            y += _ROW
            drawn += 1
        y += 1.5


def _sample(canvas: Canvas, entry: Entry, x: float, y: float) -> None:
    wide, high = _SWATCH
    middle = y + high / 2
    if entry.look in ("area", "building", "hatch"):
        canvas.box(x, y, wide, high, entry.colour, "#555555", 0.1)
        if entry.look == "hatch":
            hatch(canvas, x, y, x + wide, y + high)
    elif entry.look in ("pipe", "guess"):
        canvas.dot(x + wide / 2, middle, 1.1, entry.colour)
        if entry.look == "guess":
            canvas.dot(x + wide / 2, middle, 0.35, "#ffffff", "#ffffff")
    elif entry.look == "sleeve":
        canvas.box(x, y, wide, high, "#14222222", entry.colour, 0.18, DASHED)
    elif entry.look != "text":
        dash = {"dashed": DASHED, "water": (5.0, 2.0)}.get(entry.look, ())
        canvas.line([(x, middle), (x + wide, middle)], entry.colour, 0.4, dash)
