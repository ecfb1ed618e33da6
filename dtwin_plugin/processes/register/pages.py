"""Records as web pages: one for each model and an index, without scripts, fonts or pictures from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Callable

from dtwin_plugin.models.base import TWIN_KINDS, Field
from dtwin_plugin.translate import language, mark

from .markdown import html
from .record import ModelRecord

Translate = Callable[[str], str]
_STYLE = """body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.5rem 0;font-size:.9rem}td,th{border:1px solid #bbb;padding:.25rem .5rem;
text-align:left;vertical-align:top}pre,code{background:#f3f3f3}pre{padding:.5rem;overflow:auto}dt{font-weight:bold}"""
_UNKNOWN = mark("No figure is known; judge by the validity and the validation.")
_NONE = mark("No validation is published for this model.")
_ENGLISH = mark("This part is in English.")
REGISTER = mark("Model register")


def index(records: Sequence[ModelRecord], tr: Translate = str) -> str:
    """Return the page with all models by group."""
    parts = []
    for group in dict.fromkeys(record.model.group for record in records):
        parts.append(f"<h2>{escape(tr(group))}</h2><ul>")
        for record in records:
            if record.model.group == group:
                link = f'<a href="{record.model.id}.html">{escape(tr(record.model.title))}</a>'
                parts.append(f"<li>{link}: {escape(tr(record.model.summary))}</li>")
        parts.append("</ul>")
    return _document(tr(REGISTER), "\n".join(parts))


def page(record: ModelRecord, tr: Translate = str) -> str:
    """Return the page of a model: purpose, method, literature, inputs, validity, uncertainty, validation, owner."""
    return _document(tr(record.model.title), "\n".join(_parts(record, tr)))


def _parts(record: ModelRecord, tr: Translate) -> Iterator[str]:
    model = record.model
    facts = {
        mark("Identifier"): f"dtwin:{model.id}",
        mark("Version"): model.version,
        mark("Group"): tr(model.group),
        mark("Owner"): record.owner,
        mark("Licence"): record.licence,
        mark("Kind (MIM8)"): f"{model.twin_kind}: {tr(TWIN_KINDS[model.twin_kind])}",
    }
    rows = "".join(f"<dt>{escape(tr(name))}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    yield f"<dl>{rows}</dl>"
    yield _section(tr("Purpose"), _paragraph(tr(model.summary)))
    if record.method:
        yield _section(tr("Method"), _foreign(record.method, tr))
    yield _section(tr("Inputs"), _table(model.inputs, tr, with_default=True))
    yield _section(tr("Outputs"), _table(model.outputs, tr, with_default=False))
    limits = _foreign(record.limits, tr) if record.limits else ""
    yield _section(tr("Validity"), (_paragraph(tr(model.validity)) if model.validity else "") + limits)
    yield _section(tr("Uncertainty"), _paragraph(tr(model.uncertainty or _UNKNOWN)))
    yield _section(tr("Validation"), _foreign(record.validation, tr) if record.validation else _paragraph(tr(_NONE)))
    items = "".join(f"<li>{escape(reference)}</li>" for reference in model.references)
    yield _section(tr("Literature"), f"<ul>{items}</ul>")


def _foreign(text: str, tr: Translate) -> str:
    """Return a part of a page on a model, with a word on its being in English where the reader's language is not."""
    if language() == "en":
        return html(text)
    return f'<p><em>{escape(tr(_ENGLISH))}</em></p><div lang="en">{html(text)}</div>'


def _table(fields: Sequence[Field], tr: Translate, with_default: bool) -> str:
    heads = ["", tr("Name"), tr("Kind"), tr("Unit"), *([tr("Default"), tr("Allowed")] if with_default else []), ""]
    rows = [heads_row(heads)]
    for item in fields:
        unit = "" if item.unit == "1" else item.unit
        cells = [tr(item.title), item.name, item.kind, unit]
        if with_default:
            cells += [_default(item, tr), _allowed(item, tr)]
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in [*cells, tr(item.doc)]) + "</tr>")
    return "<table>" + "".join(rows) + "</table>"


def heads_row(heads: Sequence[str]) -> str:
    """Return the first row of a table."""
    return "<tr>" + "".join(f"<th>{escape(head)}</th>" for head in heads) + "</tr>"


def _default(item: Field, tr: Translate) -> str:
    if item.default is not None:
        return tr(item.choices[item.default]) if item.choices else str(item.default)
    return tr("optional") if item.optional else tr("required")


def _allowed(item: Field, tr: Translate) -> str:
    if item.choices:
        return ", ".join(f"{key} ({tr(title)})" for key, title in item.choices.items())
    if item.columns:
        return ", ".join(name if unit == "1" else f"{name} [{unit}]" for name, unit in item.columns.items())
    if item.minimum is None and item.maximum is None:
        return ""
    low = "" if item.minimum is None else f"{item.minimum:g}"
    return f"{low} - {'' if item.maximum is None else f'{item.maximum:g}'}"


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{body}"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _document(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )
