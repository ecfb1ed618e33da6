"""The page of a study: which scenario does most, and what each does by every indicator."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..report import number
from .answer import FORM, answer, changed, shown_unit
from .reading import Study
from .table import ALARM, MET, NOT_MET, UNKNOWN, WORDS, has_reference

_STYLE = """
body { font: 15px/1.45 "DejaVu Sans", Arial, sans-serif; color: #222; max-width: 70rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin-top: 1.6rem }
.answer { background: #eef4fa; padding: .6rem 1rem } .small { color: #555; font-size: .82rem; overflow-wrap: anywhere }
table { border-collapse: collapse; font-size: .9rem } td, th { border: 1px solid #ccc; padding: .25rem .6rem;
        text-align: left; vertical-align: top } td.n { text-align: right; white-space: nowrap }
td.n small { display: block; color: #555 }
.met { background: #e3f2e1 } .notmet { background: #fdf1d0 } .alarm { background: #f8d7d3 }
.unknown { background: #eeeeee } td.best { font-weight: bold; outline: 2px solid #235a8c; outline-offset: -2px }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; max-width: 31rem } img { max-width: 100% }
"""
_CLASSES = {MET: "met", NOT_MET: "notmet", ALARM: "alarm", UNKNOWN: "unknown"}


def page_of(
    study: Study,
    table: Mapping[str, list[Any]],
    notes: Mapping[str, str],
    pictures: Mapping[str, Path],
    translate: Callable[[str], str] = str,
    language: str = "en",
) -> str:
    """Return the page as HTML that needs nothing beside it; all that comes from the file is escaped.

    Parameters
    ----------
    notes : mapping
        Lines in small type below the table, by what they are about.
    pictures : mapping
        PNG files by their captions.
    """
    told = "".join(f"<p>{_safe(text)}</p>" for text in answer(study, table, translate, language))
    purpose = f"<p>{_safe(study.purpose)}</p>" if study.purpose else ""
    parts = [f"<h1>{_safe(study.title)}</h1>{purpose}"]
    parts.append(f'<div class="answer">{told}</div>' if told else "")
    parts += [_table(study, table, translate, language), _legend(study, translate), _figures(pictures, translate)]
    parts.append(f"<h2>{_safe(translate('Scenarios'))}</h2>{''.join(map(_scenario, study.scenarios))}")
    lines = "<br>".join(f"{_safe(name)}: {_safe(text)}" for name, text in notes.items())
    parts.append(f'<h2>{_safe(translate("How this was made"))}</h2><p class="small">{lines}</p>')
    head = f'<meta charset="utf-8"><title>{_safe(study.title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="{language}"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _table(study: Study, table: Mapping[str, list[Any]], translate: Callable[[str], str], language: str) -> str:
    titles = "".join(f"<th>{_safe(scenario['title'])}</th>" for scenario in study.scenarios)
    lines = [f"<tr><th>{_safe(translate('Indicator'))}</th>{titles}<th>{_safe(translate('Norm'))}</th></tr>"]
    rows = [dict(zip(table, values)) for values in zip(*table.values())]
    for indicator in study.indicators:
        cells = "".join(_cell(row, translate, language) for row in rows if row["indicator"] == indicator["id"])
        unit = shown_unit(indicator["unit"])
        name = f"{indicator['title']} [{unit}]" if unit else indicator["title"]
        lines.append(f"<tr><th>{_safe(name)}</th>{cells}<td>{_norm(indicator, translate, language)}</td></tr>")
    return f"<table>{''.join(lines)}</table>"


def _cell(row: Mapping[str, Any], translate: Callable[[str], str], language: str) -> str:
    kinds = " ".join(filter(None, ["n", _CLASSES.get(row["outcome"], ""), "best" if row["best"] else ""]))
    if row["value"] is None:
        return f'<td class="{kinds}">{_safe(translate(WORDS[UNKNOWN]))}</td>'
    change = f"<small>{changed(row['change'], language)}</small>" if row["change"] else ""
    return f'<td class="{kinds}">{_safe(number(row["value"], FORM, language))}{change}</td>'


def _norm(indicator: Mapping[str, Any], translate: Callable[[str], str], language: str) -> str:
    lower = indicator["better"] == "lower"
    found = []
    if "norm" in indicator:
        text = translate("at most {norm} {unit}") if lower else translate("at least {norm} {unit}")
        found.append(text.format(norm=number(indicator["norm"], FORM, language), unit=shown_unit(indicator["unit"])))
    if "alert" in indicator:
        found.append(f"{translate('alarm from')} {number(indicator['alert'], FORM, language)}")
    if not found:
        found.append(translate("less is better") if lower else translate("more is better"))
    return "<br>".join(_safe(text.strip()) for text in found)


def _legend(study: Study, translate: Callable[[str], str]) -> str:
    marks = [
        f'<span class="{name}">&nbsp;{_safe(translate(WORDS[key]))}&nbsp;</span>' for key, name in _CLASSES.items()
    ]
    first = translate("In bold and framed: better than the first scenario, and best of all that are known.")
    others = translate("In bold and framed: best of the scenarios that are known; the first is only compared with.")
    best = _safe(others if has_reference(study.scenarios) else first)
    return f'<p class="small">{" ".join(marks)} {best}</p>'


def _figures(pictures: Mapping[str, Path], translate: Callable[[str], str]) -> str:
    import base64

    drawn = []
    for caption, path in pictures.items():
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        image = f'<img alt="{_safe(caption)}" src="data:image/png;base64,{data}">'
        drawn.append(f"<figure>{image}<figcaption>{_safe(caption)}</figcaption></figure>")
    return f"<h2>{_safe(translate('Maps of differences'))}</h2>{''.join(drawn)}" if drawn else ""


def _scenario(scenario: Mapping[str, Any]) -> str:
    return f"<p><b>{_safe(scenario['title'])}</b>. {_safe(scenario.get('purpose', ''))}</p>"


def _safe(value: Any) -> str:
    return html.escape(str(value)).replace("\n", "<br>")
