"""A section as a drawing on A3: title, scales, legend, labels and sources; as PDF, SVG or PNG."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qgis.PyQt.QtCore import QMarginsF, QRect, QSize, QSizeF
from qgis.PyQt.QtGui import QColor, QImage, QPageSize, QPainter, QPdfWriter

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError, ModelError
from dtwin_plugin.paths import version
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.privacy import LEVELS, is_public

from . import section_legend
from .section_canvas import DARK, Canvas
from .section_plot import Frame, fitted_scales, letter, plot, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from .section_data import SectionData

PAGE = (420.0, 297.0)  # A3 landscape [mm]
_EDGE, _AXIS, _LEGEND, _BLOCK, _HEAD = 10.0, 20.0, 82.0, 34.0, 16.0  # mm
_LABELS, _BELOW = 44.0, 16.0  # mm: room above the plot for labels, below it for distances
_INCH = 25.4
_PNG_DPI, _PDF_DPI, _SVG_DPI = 200, 600, 254
RED = "#b00020"
SUFFIXES = (".pdf", ".svg", ".png")


@dataclass(frozen=True)
class Sheet:
    """What stands around the drawing.

    Attributes
    ----------
    exaggeration : float
        How many times heights are drawn larger than distances; 0 for the largest that fits.
    sources : tuple of str
        What the section was made of.
    day : str
        Of the drawing.
    confidential : str
        A line in red on top and below, "" where all may be handed on.
    """

    title: str = ""
    exaggeration: float = 0.0
    sources: tuple[str, ...] = ()
    day: str = ""
    confidential: str = ""


def confidential_line(level: str, keep_until: str) -> str:
    """Return what a drawing says that may not be handed on, "" where it may."""
    if is_public(level):
        return ""
    if level != LEVELS[-1]:
        return tr("Not public: for use within the organisation only")
    text = tr("Confidential: has data of cables and pipes that were supplied for one request, and may not be handed on")
    until = tr("destroy it after {day}").format(day=keep_until) if keep_until else ""
    return f"{text}; {until}" if until else text


def draw(painter: QPainter, scale: float, data: SectionData, sheet: Sheet) -> tuple[float, float]:
    """Draw a sheet with so many pixels a millimetre; return the scale number along and the exaggeration."""
    canvas = Canvas(painter, scale)
    canvas.box(0, 0, *PAGE, "#ffffff", "")
    left, right = _EDGE + _AXIS, PAGE[0] - _EDGE - _LEGEND - 16.0
    labels = _LABELS if any(item.form == "point" for item in data.items) else 0.0
    base = PAGE[1] - _EDGE - _BLOCK - _BELOW
    room = base - _EDGE - _HEAD - labels
    number, times = fitted_scales(data.length, data.top - data.bottom, right - left, room, sheet.exaggeration)
    across = 1000.0 / number
    up = across * times
    high = (data.top - data.bottom) * up
    base -= (room - high) / 2  # in the middle of its room
    left += (right - left - data.length * across) / 2
    frame = Frame(left, base, data.length * across, high, across, up, data.bottom)
    plot(canvas, frame, data, labels)
    canvas.box(_EDGE, _EDGE, PAGE[0] - 2 * _EDGE, PAGE[1] - 2 * _EDGE, "", DARK, 0.35)
    _heading(canvas, data, sheet)
    x = PAGE[0] - _EDGE - _LEGEND
    canvas.line([(x - 3, _EDGE), (x - 3, PAGE[1] - _EDGE - _BLOCK)], DARK, 0.2)
    canvas.text(x, _EDGE + 5, tr("Legend"), 3.2, bold=True)
    section_legend.draw(canvas, data, x, _EDGE + 9, _LEGEND - 3, PAGE[1] - 2 * _EDGE - _BLOCK - 11)
    _block(canvas, data, sheet, number, times)
    return number, times


def _heading(canvas: Canvas, data: SectionData, sheet: Sheet) -> None:
    width = PAGE[0] - 2 * _EDGE - _LEGEND - 8
    title = sheet.title or tr("Vertical section")
    canvas.text(_EDGE + 4, _EDGE + 6, canvas.fitted(title, 5.0, width, True), 5.0, bold=True)
    ends = [f"{letter(at)} ({shown(x, 1)}; {shown(y, 1)})" for at, (x, y) in _ends(data)]
    text = tr("Section {begin} to {end}, RD New; length {length} m").format(
        begin=ends[0], end=ends[1], length=shown(data.length, 1)
    )
    canvas.text(_EDGE + 4, _EDGE + 12, canvas.fitted(text, 2.8, width), 2.8)
    if sheet.confidential:
        for y in (_EDGE / 2, PAGE[1] - _EDGE / 2):
            room = PAGE[0] - 2 * _EDGE
            text = canvas.fitted(sheet.confidential, 3.2, room, True)
            canvas.text(PAGE[0] / 2, y, text, 3.2, RED, True, "middle")


def _ends(data: SectionData) -> list[tuple[int, tuple[float, float]]]:
    return [(at, (float(data.path[at][0]), float(data.path[at][1]))) for at in (0, len(data.path) - 1)]


def _block(canvas: Canvas, data: SectionData, sheet: Sheet, number: float, times: float) -> None:
    """Draw the title block: where the line runs, scales, and what the section was made of."""
    top, bottom, right = PAGE[1] - _EDGE - _BLOCK, PAGE[1] - _EDGE, PAGE[0] - _EDGE
    canvas.line([(_EDGE, top), (right, top)], DARK, 0.35)
    key, facts = _EDGE + 62.0, _EDGE + 152.0
    for x in (key, facts):
        canvas.line([(x, top), (x, bottom)], DARK, 0.2)
    _key_plan(canvas, data, _EDGE + 2, top + 2, key - _EDGE - 4, _BLOCK - 4)
    rows = (
        (tr("Scale along the line"), f"1 : {shown(number, 0)}"),
        (tr("Scale of heights"), f"1 : {shown(number / times, 0 if number / times >= 10 else 1)}"),
        (tr("Vertical exaggeration"), f"{shown(times, 0 if times == round(times) else 1)} x"),
        (tr("Heights"), tr("m NAP")),
        (tr("Paper"), "A3"),
        (tr("Date"), sheet.day),
        (tr("Made with"), f"Digital Twin {version()}"),
    )
    for place, (name, value) in enumerate(rows):
        y = top + 3.4 + place * 4.4
        canvas.text(key + 3, y, name, 2.4, "#555555")
        canvas.text(key + 45, y, value, 2.4, bold=True)
    canvas.text(facts + 3, top + 3.4, tr("Sources"), 2.4, bold=True)
    text = "\n".join(sheet.sources) or "-"
    canvas.paragraph(facts + 3, top + 6, right - facts - 6, _BLOCK - 16, text, 2.2)
    note = tr(
        "A section shows what is registered and modelled, and no more. Positions of cables and pipes are indicative: "
        "dig trial pits before works. Boreholes stand at their place square to the line."
    )
    canvas.paragraph(facts + 3, bottom - 8.5, right - facts - 6, 8, note, 2.0, "#555555")


def _key_plan(canvas: Canvas, data: SectionData, x: float, y: float, width: float, height: float) -> None:
    """Draw the line as it runs on the map, north up."""
    canvas.text(x + 1, y + 1.5, tr("Line on the map"), 2.4, bold=True)
    low, high = data.path.min(axis=0), data.path.max(axis=0)
    scale = min((width - 22) / max(high[0] - low[0], 1e-9), (height - 12) / max(high[1] - low[1], 1e-9))
    middle = (low + high) / 2
    centre = np.array([x + (width - 8) / 2, y + height / 2 + 1.5])
    points = centre + (data.path - middle) * (scale, -scale)
    canvas.line(points, RED, 0.5)
    shown_points = range(len(points)) if len(points) <= 8 else (0, len(points) - 1)
    for index in shown_points:
        at_x, at_y = points[index].tolist()
        canvas.dot(at_x, at_y, 0.6, RED, RED)
        below = at_y > centre[1] + 0.1
        canvas.text(at_x, at_y + (2.6 if below else -2.6), letter(index), 2.6, bold=True,
                    align="middle")  # fmt: skip
    at, foot = x + width - 4, y + 14.0
    canvas.area([(at - 2, foot), (at, foot - 9), (at, foot - 2)], DARK, DARK, 0.1)
    canvas.area([(at + 2, foot), (at, foot - 9), (at, foot - 2)], "#ffffff", DARK, 0.1)
    canvas.text(at, foot - 11, "N", 2.6, bold=True, align="middle")


def save(data: SectionData, sheet: Sheet, path: Path) -> tuple[float, float]:
    """Write a sheet as PDF, SVG or PNG, by the suffix; return the scale number along and the exaggeration.

    Raises
    ------
    InputError
        If the suffix is another.
    ModelError
        If the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        raise InputError(
            "{file} cannot be drawn: the suffix is not one of {suffixes}.",
            hint="Choose .pdf.",
            file=path.name,
            suffixes=", ".join(SUFFIXES),
        )
    with written_beside(path) as temporary:
        found = _WRITERS[suffix](temporary, lambda painter, scale: draw(painter, scale, data, sheet), sheet.title)
    return found


def _pdf(path: Path, drawn: Callable[[QPainter, float], tuple[float, float]], title: str) -> tuple[float, float]:
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QSizeF(*PAGE), QPageSize.Unit.Millimeter, "A3"))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(_PDF_DPI)
    writer.setTitle(title)
    writer.setCreator(f"Digital Twin {version()}")
    painter = _begun(QPainter(), writer, path)
    found = drawn(painter, _PDF_DPI / _INCH)
    painter.end()
    return found


def _svg(path: Path, drawn: Callable[[QPainter, float], tuple[float, float]], title: str) -> tuple[float, float]:
    from qgis.PyQt.QtSvg import QSvgGenerator

    scale = _SVG_DPI / _INCH
    writer = QSvgGenerator()
    writer.setFileName(str(path))
    writer.setResolution(_SVG_DPI)
    writer.setSize(QSize(round(PAGE[0] * scale), round(PAGE[1] * scale)))
    writer.setViewBox(QRect(0, 0, round(PAGE[0] * scale), round(PAGE[1] * scale)))
    writer.setTitle(title)
    painter = _begun(QPainter(), writer, path)
    found = drawn(painter, scale)
    painter.end()
    return found


def _png(path: Path, drawn: Callable[[QPainter, float], tuple[float, float]], title: str) -> tuple[float, float]:
    scale = _PNG_DPI / _INCH
    image = QImage(round(PAGE[0] * scale), round(PAGE[1] * scale), QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    image.setDotsPerMeterX(round(scale * 1000))
    image.setDotsPerMeterY(round(scale * 1000))
    painter = _begun(QPainter(), image, path)
    found = drawn(painter, scale)
    painter.end()
    if not image.save(str(path), "PNG"):
        raise _unwritable(path)
    return found


def _begun(painter: QPainter, device: object, path: Path) -> QPainter:
    if not painter.begin(device):
        raise _unwritable(path)
    return painter


def _unwritable(path: Path) -> ModelError:
    return ModelError("The drawing {file} could not be written.", hint="Check the folder.", file=path.name)


_WRITERS = {".pdf": _pdf, ".svg": _svg, ".png": _png}
