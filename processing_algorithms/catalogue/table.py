"""A table of words, for people (HTML, CSV) and for programs (JSON)."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingParameterFileDestination

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so, and titles come from anybody


@dataclass(frozen=True)
class WordTable:
    """A table.

    Attributes
    ----------
    columns : mapping of str to str
        Name to title, in the user's language.
    rows : sequence of mapping
        By name.
    labels : mapping of str to mapping
        For columns that hold a code: code to words.
    """

    title: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it by the suffix of the path; raises InputError for another than .html, .csv and .json."""
        forms = {".html": self.as_html, ".csv": None, ".json": self.as_json}
        if path.suffix.lower() not in forms:
            raise InputError(
                "{file} cannot be written: the suffix is not one of {suffixes}.",
                hint="Choose .html, .csv or .json.",
                file=path.name,
                suffixes=", ".join(forms),
            )
        with written_beside(path) as temporary:
            form = forms[path.suffix.lower()]
            if form is not None:
                temporary.write_text(form(), encoding="utf-8")
            else:
                self._write_csv(temporary)

    def as_json(self) -> str:
        """Return the rows with their codes."""
        return json.dumps([dict(row) for row in self.rows], indent=1, ensure_ascii=False)

    def as_html(self) -> str:
        """Return a page with the table."""
        head = "".join(f"<th>{html.escape(title)}</th>" for title in self.columns.values())
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>\n" for row in self._shown()
        )
        style = "table{border-collapse:collapse}td,th{border:1px solid #999;padding:2px 6px;text-align:left}"
        title = html.escape(self.title)
        return (
            f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>'
            f"<body><h1>{title}</h1><table><tr>{head}</tr>\n{body}</table></body></html>\n"
        )

    def _write_csv(self, path: Path) -> None:
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(self.columns.values())
            writer.writerows(
                ["'" + text if text.startswith(_FORMULA) else text for text in row] for row in self._shown()
            )

    def _shown(self) -> list[list[str]]:
        return [[self._words(name, row.get(name)) for name in self.columns] for row in self.rows]

    def _words(self, name: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, float):
            return f"{value:.1f}"
        return self.labels.get(name, {}).get(str(value), str(value))


def table_parameter(title: str, doc: str, optional: bool = True) -> QgsProcessingParameterFileDestination:
    """Return the destination of a table."""
    forms = "HTML (*.html);;CSV (*.csv);;JSON (*.json)"
    parameter = QgsProcessingParameterFileDestination("table", title, forms, None, optional, True)
    parameter.setHelp(doc)
    return parameter
