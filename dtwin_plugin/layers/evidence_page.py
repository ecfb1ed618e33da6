"""How a result was made, as the last pages of a report: run, files with their checksums, settings, warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin import InputRecord, RunRecord
from dtwin_plugin.twin.report import number

from .page_table import Column, put_table
from .pages import Pages

_DIGEST = 16  # characters of a checksum that a page shows


def put_evidence(
    pages: Pages, record: RunRecord, inputs: Mapping[str, Field], more: Sequence[tuple[str, str]] = ()
) -> None:
    """Put the pages.

    Parameters
    ----------
    inputs : mapping
        The inputs of the model by name, for the words of people.
    more : sequence of (str, str)
        What else is told of the run.
    """
    pages.page(tr("How this was made"))
    software = ", ".join(f"{name} {number}" for name, number in record.software.items())
    rows = [
        (tr("Calculation"), f"{tr(record.title)} {record.model_version}"),
        (tr("Run"), record.id),
        (tr("Started and ended (UTC)"), f"{_time(record.started)} – {_time(record.ended)}"),
        *([(tr("Purpose"), record.purpose)] if record.purpose else []),
        *more,
        (tr("Software"), software),
    ]
    pages.facts(rows)
    pages.heading(tr("Inputs"))
    found = []
    for used in record.inputs:
        title = inputs[used.name].label(tr) if used.name in inputs else used.name
        found.append([title, _file(used), _time(used.modified), used.sha256[:_DIGEST]])
    columns = (Column(tr("Input"), 2), Column(tr("File"), 4), Column(tr("Changed (UTC)"), 2), Column("SHA-256", 2))
    put_table(pages, columns, found)
    pages.heading(tr("Settings"))
    pages.facts([_setting(name, value, inputs.get(name)) for name, value in record.parameters.items()
                 if value is not None and value != ""], first=80.0, size=8.0)  # fmt: skip
    if record.warnings:
        pages.heading(tr("Warnings"))
        for text in record.warnings:
            pages.text("• " + text, 8.5)


def _file(used: InputRecord) -> str:
    """Return the name of a file, and of the table in it; the whole of what is no file."""
    file, _, part = used.source.partition("|")
    if not used.sha256:
        return used.source
    table = part.partition("layername=")[2].partition("|")[0]
    return f"{PurePath(file).name} ({table})" if table else PurePath(file).name


def _time(text: str) -> str:
    return text[:16].replace("T", " ")


def _setting(name: str, value: Any, item: Field | None) -> tuple[str, str]:
    if item is None:
        return name, _shown(value)
    if item.kind == "file":
        return item.label(tr), PurePath(str(value)).name  # where it lies is nobody's business: its digest stands above
    return item.label(tr), tr(item.choices[value]) if value in item.choices else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return number(value, "g", language()) if isinstance(value, (int, float)) else str(value)
