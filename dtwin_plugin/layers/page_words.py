"""What pages of reports say alike: days, moments and numbers as the language in use writes them, and a scale."""

from __future__ import annotations

from qgis.PyQt.QtCore import QDate, QLocale

from dtwin_plugin.paths import plugin_file
from dtwin_plugin.translate import language
from dtwin_plugin.twin.report import number

from .pages import DARK, Pages

_LENGTHS = (5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000)  # m
_LONGEST = 36.0  # mm, of a scale bar


def day_of(time: str, year: bool = False) -> str:
    """Return the day of a moment in words: "21 March"."""
    day = QDate.fromString(time[:10], "yyyy-MM-dd")
    return QLocale(language()).toString(day, "d MMMM yyyy" if year else "d MMMM")


def moment_of(time: str) -> str:
    """Return a moment in words: "21 March, 9:00"."""
    return f"{day_of(time)}, {clock_of(time)}"


def clock_of(time: str) -> str:
    """Return the time of a moment: "9:00".

    >>> clock_of("2026-03-21T09:00"), clock_of("2026-03-21T00:30")
    ('9:00', '0:30')
    """
    return f"{int(time[11:13])}:{time[14:16]}"


def rounded(value: float | None, form: str = ",.0f") -> str:
    """Return a number; – where it is not known.

    >>> rounded(1234.5, ",.1f"), rounded(float("nan"))
    ('1,234.5', '–')
    """
    return "–" if value is None or value != value else number(value, form, language())


def put_scale(pages: Pages, scale: float, x: float, y: float) -> None:
    """Put a scale bar and a north arrow at a place; `scale` is how many metres a millimetre is."""
    length = max(step for step in _LENGTHS if step / scale <= _LONGEST or step == _LENGTHS[0])
    pages.box((x, y + 3.2, length / scale, 0.6), DARK)
    pages.label(f"{length} m", (x, y - 0.6, _LONGEST, 4), 7.5)
    pages.picture(plugin_file("resources", "icons", "north.svg"), (x + 43, y - 5, 9, 11))
