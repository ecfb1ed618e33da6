"""A run on one page of HTML that needs nothing beside it."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any

_STYLE = """
body { font: 15px/1.45 "DejaVu Sans", Arial, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin-top: 1.6rem }
.figures { display: flex; flex-wrap: wrap; gap: .8rem } .figures div { background: #eef4fa; padding: .6rem 1rem }
.figures b { display: block; font-size: 1.3rem } img { max-width: 100%; border: 1px solid #ccc }
table { border-collapse: collapse; font-size: .9rem } td, th { padding: .15rem .8rem .15rem 0; text-align: left }
td.n, th.n { text-align: right } .small { color: #555; font-size: .82rem; overflow-wrap: anywhere }
"""


@dataclass(frozen=True)
class Table:
    """A heading, the names of the columns, and rows; numbers are set to the right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class ReportPage:
    """What stands on the page, in order: title, summary, figures, pictures, tables, and the record of the run."""

    title: str
    summary: str
    figures: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, Path] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    record: dict[str, Any] = field(default_factory=dict)
    validity: str = ""


def render(page: ReportPage, translate: Callable[[str], str] = str, language: str = "en") -> str:
    """Return the page as HTML with its pictures inside; all values are escaped.

    >>> "&lt;b&gt;" in render(ReportPage("<b>", ""))
    True
    """
    parts = [f"<h1>{_safe(page.title)}</h1><p>{_safe(page.summary)}</p>"]
    figures = "".join(f"<div><b>{_safe(value)}</b>{_safe(name)}</div>" for name, value in page.figures.items())
    parts.append(f'<div class="figures">{figures}</div>')
    for title, path in page.pictures.items():
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        parts.append(f'<h2>{_safe(title)}</h2><img alt="{_safe(title)}" src="data:image/png;base64,{data}">')
    parts.extend(_table(table, language) for table in page.tables)
    if page.validity:
        parts.append(f"<h2>{_safe(translate('Validity'))}</h2><p>{_safe(page.validity)}</p>")
    parts.append(_record(page.record, translate))
    head = f'<meta charset="utf-8"><title>{_safe(page.title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="{language}"><head>{head}</head><body>{"".join(parts)}</body></html>'


def number(value: float, form: str, language: str = "en") -> str:
    """Return a number in a format, with the decimal comma and the points between thousands of Dutch.

    >>> number(1234.5, ",.2f"), number(1234.5, ",.2f", "nl")
    ('1,234.50', '1.234,50')
    """
    text = format(value, form)
    return text.translate(str.maketrans(",.", ".,")) if language == "nl" else text


def _safe(value: Any) -> str:
    return html.escape(str(value))


def _cell(value: Any, language: str) -> str:
    if isinstance(value, bool) or not isinstance(value, Real):
        return f"<td>{_safe(value)}</td>"
    if isinstance(value, Integral):
        return f'<td class="n">{number(int(value), ",d", language)}</td>'
    return f'<td class="n">{number(float(value), ",.2f", language)}</td>'


def _table(table: Table, language: str) -> str:
    head = "".join(f"<th>{_safe(name)}</th>" for name in table.columns)
    rows = "".join("<tr>" + "".join(_cell(value, language) for value in row) + "</tr>" for row in table.rows)
    return f"<h2>{_safe(table.title)}</h2><table><tr>{head}</tr>{rows}</table>"


def _record(record: dict[str, Any], translate: Callable[[str], str]) -> str:
    """Return how the result was made, in small type."""
    if not record:
        return ""
    lines = [
        f"{translate(record['title'])} {record['model_version']}, {record['id']}, "
        f"{record['started']} - {record['ended']}",
        *(
            f"{item['name']}: {Path(item['source']).name} {item['modified']} sha256 {item['sha256'][:16]}"
            for item in record["inputs"]
        ),
        ", ".join(f"{name} = {value}" for name, value in record["parameters"].items() if value is not None),
        ", ".join(f"{name} {number}" for name, number in record["software"].items()),
        *record["warnings"],
    ]
    if record["purpose"]:
        lines.insert(0, f"{translate('Purpose')}: {record['purpose']}")
    body = "<br>".join(_safe(line) for line in lines)
    return f'<h2>{_safe(translate("How this was made"))}</h2><p class="small">{body}</p>'
