"""A document of pages in a print layout: text that flows, tables that break over pages, pictures, and a footer.

Text stays text in the PDF, so that it can be searched and copied.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsFillSymbol,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemPage,
    QgsLayoutItemPicture,
    QgsLayoutItemShape,
    QgsLayoutSize,
    QgsLayoutUtils,
    QgsPrintLayout,
    QgsProject,
    QgsTextFormat,
    QgsTextRenderer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QFont

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import ModelError
from dtwin_plugin.translate import tr

from .map_sheet import place_item

PAPERS = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}  # landscape [mm]
EDGE, GAP = 14.0, 4.0  # mm
DARK, GREY, LINE = "#1f2a33", "#5a646c", "#c9cfd4"
_FOOT = 9.0  # mm, of the footer
MOST = 3000  # characters of one text
_DPI = 200
_SHORT = 12  # letters of a word that fits in every cell
_MEASURE = 600.0  # dots an inch at which text is measured, so that rounding to dots does not matter
_EXPRESSION = re.compile(r"\[%(?=.*?%\])", re.DOTALL)
_UNDRAWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufffe\uffff]")

Box = tuple[float, float, float, float]  # x, y, width, height on a page [mm]


def shown(text: str) -> str:
    """Return a text as a label may show it: QGIS would take what is in [% %] for an expression and calculate it.

    It has `MOST` characters at most: QGIS breaks longer ones into lines in minutes, and no page has room for them.
    """
    if len(text) > MOST:
        text = text[:MOST].rstrip(" …") + " …"
    return _EXPRESSION.sub("[ %", _UNDRAWABLE.sub(" ", text))


def text_format(size: float, bold: bool = False, colour: str = DARK) -> QgsTextFormat:
    """Return letters of a size [points]."""
    made, font = QgsTextFormat(), QFont("DejaVu Sans")
    font.setBold(bold)
    font.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)  # or "fi" is one letter, which a search does not find
    made.setFont(font)
    made.setSize(size)
    made.setColor(QColor(colour))
    return made


class Pages:
    """Pages under each other in a layout of a project, the last of which is written on.

    Parameters
    ----------
    title : str
        Of the document, in the PDF.
    paper : str
        A key of `PAPERS`.

    Attributes
    ----------
    y : float
        From the top of the page, where the next text comes [mm].
    """

    def __init__(self, title: str, paper: str = "A4") -> None:
        self._project = QgsProject()  # kept: the layout does not keep it alive, and is nothing without it
        self._project.setTitle(title)
        metadata = self._project.metadata()
        metadata.setAuthor("")  # QGIS takes the name of who is logged in
        self._project.setMetadata(metadata)
        self.layout = QgsPrintLayout(self._project)
        self.layout.undoStack().blockCommands(True)  # each item would write down all that are there before it
        self._size, self._first = PAPERS[paper], True
        self.layout.pageCollection().clear()
        self.y = EDGE
        self._measure = QgsLayoutUtils.createRenderContextForLayout(self.layout, None, _MEASURE)
        self._pages: list[str] = []  # the titles of the pages

    @property
    def width(self) -> float:
        """Of what lies between the edges [mm]."""
        return self._size[0] - 2 * EDGE

    @property
    def bottom(self) -> float:
        """Where the footer begins [mm]."""
        return self._size[1] - EDGE - _FOOT

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def page(self, title: str, size: float = 15.0) -> None:
        """Begin a page with a title."""
        page = QgsLayoutItemPage(self.layout)
        page.setPageSize(QgsLayoutSize(*self._size))
        self.layout.pageCollection().addPage(page)
        self._pages.append(title)
        self.y = EDGE
        if title:
            self.text(title, size, True)
            self.y += 2.0

    def height_of(self, text: str, size: float, width: float, bold: bool = False) -> float:
        """Return how high a text is, broken into lines of a width [mm]."""
        dot = 25.4 / _MEASURE
        flags = Qgis.TextRendererFlags(Qgis.TextRendererFlag.WrapLines)
        height = QgsTextRenderer.textHeight(
            self._measure, text_format(size, bold), shown(text).split("\n"), Qgis.TextLayoutMode.Rectangle, None, flags,
            (width - 0.3) / dot,
        )  # fmt: skip
        return height * dot + 0.5

    def width_of(self, text: str, size: float) -> float:
        """Return how wide a text is on one line [mm]."""
        return QgsTextRenderer.textWidth(self._measure, text_format(size), [text]) * 25.4 / _MEASURE

    def broken(self, text: str, size: float, width: float) -> str:
        """Return a text in which no word is wider than a width [mm]: QGIS breaks lines at spaces alone."""
        style, most = text_format(size), width * _MEASURE / 25.4

        def parts(word: str) -> str:
            wide = QgsTextRenderer.textWidth(self._measure, style, [word]) if len(word) >= _SHORT else 0.0
            if wide <= most:
                return word
            count = max(int(len(word) * most / wide), 1)
            return "\n".join(word[begin : begin + count] for begin in range(0, len(word), count))

        return re.sub(r"\S+", lambda found: parts(found.group()), text)

    def label(
        self,
        text: str,
        box: Box,
        size: float = 9.0,
        bold: bool = False,
        colour: str = DARK,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        """Put a text at a place on the page."""
        item = QgsLayoutItemLabel(self.layout)
        item.setMode(QgsLayoutItemLabel.Mode.ModeFont)
        item.setText(shown(text))
        item.setTextFormat(text_format(size, bold, colour))
        item.setHAlign(align)
        item.setMarginX(0)
        item.setMarginY(0)
        self._place(item, box)

    def text(self, text: str, size: float = 9.0, bold: bool = False, colour: str = DARK, width: float = 0.0) -> None:
        """Put a text below what is there, on a next page where it does not fit."""
        width = width or self.width
        height = self.height_of(text, size, width, bold)
        self.room(height)
        self.label(text, (EDGE, self.y, width, height), size, bold, colour)
        self.y += height + 1.2

    def heading(self, text: str, below: float = 14.0) -> None:
        """Put a heading below what is there, together with at least so much of what follows [mm]."""
        self.room(9.0 + below)
        self.y += 2.5
        self.text(text, 11.0, True)

    def room(self, height: float) -> None:
        """Go to a next page where less than this is left on this one [mm]."""
        if self.y + height > self.bottom and self.y > EDGE + 12:
            self.page(self._pages[-1])

    def facts(
        self, rows: Sequence[tuple[str, str]], width: float = 0.0, first: float = 52.0, size: float = 8.5
    ) -> None:
        """Put names and what they are below what is there."""
        width = width or self.width
        for name, value in rows:
            height = max(self.height_of(name, size, first - 2), self.height_of(value, size, width - first, True))
            self.room(height)
            self.label(name, (EDGE, self.y, first - 2, height), size, colour=GREY)
            self.label(value, (EDGE + first, self.y, width - first, height), size, True)
            self.y += height + 0.8

    def box(self, place: Box, fill: str, edge: str = "", thickness: float = 0.15) -> None:
        """Draw a rectangle; no fill or no edge where its colour is ""."""
        item = QgsLayoutItemShape(self.layout)
        item.setShapeType(QgsLayoutItemShape.Shape.Rectangle)
        style = {"color": fill or "transparent", "style": "solid" if fill else "no", "outline_width": str(thickness)}
        style |= {"outline_color": edge} if edge else {"outline_style": "no"}
        item.setSymbol(QgsFillSymbol.createSimple(style))
        self._place(item, place)

    def picture(self, path: Path, place: Box, turn: float = 0.0) -> None:
        """Put a picture in a rectangle, as large as it fits."""
        item = QgsLayoutItemPicture(self.layout)
        item.setResizeMode(QgsLayoutItemPicture.ResizeMode.Zoom)
        item.setPicturePath(str(path))
        item.setPictureRotation(turn)
        self._place(item, place)

    def legend(self, rows: Sequence[tuple[str, str]], x: float, y: float, width: float, size: float = 8.0) -> float:
        """Put colours and what they mean at a place; return where they end [mm]."""
        for colour, text in rows:
            height = max(self.height_of(text, size, width - 8), 4.2)
            self.box((x, y + 0.3, 5.5, 3.4), colour, GREY, 0.1)
            self.label(text, (x + 7.5, y, width - 7.5, height), size)
            y += height + 0.8
        return y

    def finish(self, line: str) -> None:
        """Give each page a footer: a line, and its number."""
        for number in range(1, self.count + 1):
            y = self._size[1] - EDGE - 4.5
            self._rule(y - 1.5, number - 1)
            place = (EDGE, y, self.width - 40, 4.0)
            self._footer(line, place, Qt.AlignmentFlag.AlignLeft, number - 1)
            of = tr("Page {number} of {count}").format(number=number, count=self.count)
            self._footer(of, (EDGE + self.width - 38, y, 38, 4.0), Qt.AlignmentFlag.AlignRight, number - 1)

    def _footer(self, text: str, place: Box, align: Qt.AlignmentFlag, page: int) -> None:
        self.label(text, (place[0], place[1] + self._top(page) - self._top(self.count - 1), *place[2:]), 7, colour=GREY,
                   align=align)  # fmt: skip

    def _rule(self, y: float, page: int) -> None:
        self.box((EDGE, y + self._top(page) - self._top(self.count - 1), self.width, 0.12), LINE)

    def rule(self, y: float) -> None:
        """Draw a thin line over the page."""
        self.box((EDGE, y, self.width, 0.12), LINE)

    def _top(self, page: int) -> float:
        return float(self.layout.pageCollection().page(page).pos().y())

    def _place(self, item: object, place: Box) -> None:
        x, y, width, height = place
        place_item(self.layout, item, x, y + self._top(self.count - 1), width, height)

    def save(self, path: Path) -> None:
        """Write the pages as a PDF, beside and renamed; raises ModelError if it cannot be written."""
        settings = QgsLayoutExporter.PdfExportSettings()
        settings.dpi = _DPI
        settings.textRenderFormat = Qgis.TextRenderFormat.AlwaysText
        settings.appendGeoreference = False  # GDAL would open the file again to tell where its maps are
        settings.exportMetadata = True
        with written_beside(path) as temporary:
            if QgsLayoutExporter(self.layout).exportToPdf(str(temporary), settings) != _SUCCESS:
                raise ModelError("The report {file} could not be written.", hint="Check the folder.", file=path.name)


_SUCCESS = QgsLayoutExporter.ExportResult.Success
