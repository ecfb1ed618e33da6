"""A table on pages: cells break into lines, rows stay whole where they can, and each page repeats the head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qgis.PyQt.QtCore import Qt

from .pages import DARK, EDGE, GREY, Pages, shown

_SIZE = 7.5  # points
_PAD = 1.1  # mm above and below a row
_GUTTER = 4.5  # mm, from a number to the text beside it
_MOST_LINES = 60.0  # mm: of a cell that is longer, the rest is left out, and the cell says so


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
        In the user's language.
    share : float
        Of the width of the page.
    number : bool
        Whether its values are set to the right.
    """

    title: str
    share: float
    number: bool = False


def put_table(
    pages: Pages, columns: Sequence[Column], rows: Sequence[Sequence[str]], colours: Sequence[str] = ()
) -> None:
    """Put a table below what is there, over as many pages as it needs.

    Parameters
    ----------
    colours : sequence of str
        Of the mark before each row; none where it is empty.
    """
    total = sum(column.share for column in columns)
    widths = [pages.width * column.share / total for column in columns]
    _head(pages, columns, widths)
    for number, row in enumerate(rows):
        cells = [_cut(pages, text, width) for text, width in zip(row, widths)]
        height = max(pages.height_of(text, _SIZE, width - _GUTTER) for text, width in zip(cells, widths)) + 2 * _PAD
        page = pages.count
        pages.room(height)
        if pages.count > page:
            _head(pages, columns, widths)
        if colours:
            pages.box((EDGE - 2.6, pages.y + _PAD, 1.8, height - 2 * _PAD), colours[number])
        _cells(pages, columns, widths, cells, height)
        pages.y += height
        pages.rule(pages.y)
    pages.y += 3.0


def _head(pages: Pages, columns: Sequence[Column], widths: Sequence[float]) -> None:
    height = max(pages.height_of(c.title, _SIZE, w - _GUTTER, True) for c, w in zip(columns, widths)) + 2 * _PAD
    pages.room(height + 12)
    pages.box((EDGE, pages.y, pages.width, height), "#e8edf1")
    _cells(pages, columns, widths, [column.title for column in columns], height, True)
    pages.y += height


def _cells(
    pages: Pages,
    columns: Sequence[Column],
    widths: Sequence[float],
    texts: Sequence[str],
    height: float,
    bold: bool = False,
) -> None:
    x = EDGE
    for column, width, text in zip(columns, widths, texts):
        align = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
        colour = GREY if text == "–" else DARK
        if text:
            place = (x + 1, pages.y + _PAD, width - (_GUTTER if column.number else 2.5), height - _PAD)
            pages.label(text, place, _SIZE, bold, colour, align)
        x += width


def _cut(pages: Pages, text: str, width: float) -> str:
    """Return a text that is not wider than its cell, and not longer than a page can show in one row."""
    text = pages.broken(shown(text), _SIZE, width - _GUTTER)
    most = _MOST_LINES / pages.height_of("x", _SIZE, width)
    lines = pages.width_of(text, _SIZE) / (width - _GUTTER)
    if lines > 1.2 * most:  # an estimate first: to break a long text into lines takes QGIS long
        text = text[: int(len(text) * most / lines)].rstrip(" …") + " …"
    while text and pages.height_of(text, _SIZE, width - _GUTTER) > _MOST_LINES:
        text = text[: int(len(text) * 0.8)].rstrip(" …") + " …"
    return text
