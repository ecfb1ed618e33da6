"""The page of a rule file: its rules as people read them, where they hold, and what is wrong."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from typing import Any

from dtwin_plugin.models.plan.quantities import QUANTITIES
from dtwin_plugin.models.plan.quantity import AT_MOST
from dtwin_plugin.models.plan.rules import PlanRule, Rule, RuleSet
from dtwin_plugin.models.problem import Problem
from dtwin_plugin.translate import tr

_STYLE = """
body { font: 15px/1.45 "DejaVu Sans", Arial, sans-serif; color: #222; max-width: 52rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin: 1.8rem 0 .2rem }
h3 { font-size: 1rem; margin: 1.2rem 0 .1rem } p { margin: .2rem 0 } .norm { font-weight: bold }
.small { color: #555; font-size: .85rem; overflow-wrap: anywhere } .note { background: #eef4fa; padding: .5rem .8rem }
.error { background: #fbeaea; padding: .3rem .8rem } .warning { background: #fdf5e0; padding: .3rem .8rem }
svg { width: 100%; max-height: 24rem; border: 1px solid #ccc; background: #fafafa }
"""
_AREA = 'fill="#a9c7e3" fill-opacity="0.5" fill-rule="evenodd" stroke="#235a8c" vector-effect="non-scaling-stroke"'
_NAME = 'fill="#112233" text-anchor="middle"'


def page_of(file: str, rules: RuleSet | None, problems: list[Problem], language: str) -> str:
    """Return the page as HTML that needs nothing beside it; all that comes from the file is escaped."""
    parts = [_problems(problems)]
    if rules is None:
        title = tr("{file} cannot be used").format(file=file)
    else:
        title = rules.title
        parts = [_about(file, rules, language), *parts, _rules(rules.rules, language), _sketch(rules.rules)]
        parts.append(_plan_rules(rules.plan_rules.items(), language))
    head = f'<meta charset="utf-8"><title>{_safe(title)}</title><style>{_STYLE}</style>'
    body = f"<h1>{_safe(title)}</h1>{''.join(parts)}"
    return f'<!doctype html><html lang="{language}"><head>{head}</head><body>{body}</body></html>\n'


def _safe(value: Any) -> str:
    return html.escape(str(value)).replace("\n", "<br>")


def _about(file: str, rules: RuleSet, language: str) -> str:
    peil = tr("the ground at the entrance")
    if rules.peil is not None:
        peil = f"{_number(rules.peil, language)} m NAP. {rules.peil_text}"
    lines = [
        f"{rules.owner}, {rules.id} {rules.version}, {rules.date}",
        f"{tr('Heights are measured from')}: {peil}",
        f"{tr('Made from')}: {rules.source}",
        f"{tr('Licence')}: {rules.licence}",
        f"{file}, SHA-256 {rules.digest}",
    ]
    note = f'<p class="note">{_safe(rules.note)}</p>' if rules.note else ""
    return f'<p class="small">{"<br>".join(map(_safe, lines))}</p>{note}'


def _problems(problems: list[Problem]) -> str:
    return "".join(f'<p class="{problem.level}">{_safe(problem.text(tr))}</p>' for problem in problems)


def _rules(rules: Iterable[Rule], language: str) -> str:
    return f"<h2>{_safe(tr('Rules'))}</h2>" + "".join(_rule(rule, language) for rule in rules)


def _rule(rule: Rule, language: str) -> str:
    quantity = QUANTITIES[rule.quantity]
    where = rule.area or tr("everywhere")
    source = _safe(", ".join(filter(None, (rule.source, rule.date))))
    if rule.link:
        source += f' <a href="{_safe(rule.link)}">{_safe(rule.link)}</a>'
    return (
        f"<h3>{_safe(rule.title)} <span class='small'>{_safe(rule.id)}</span></h3>"
        f'<p><span class="norm">{_safe(tr(quantity.title))}: {_safe(_norm(rule, language))}</span>, {_safe(where)}</p>'
        f"<p>{_safe(rule.text)}</p>"
        f'<p class="small">{source}{_extra(rule.tolerance, quantity.unit, rule.settings, language)}</p>'
    )


def _norm(rule: Rule, language: str) -> str:
    quantity = QUANTITIES[rule.quantity]
    if math.isnan(rule.norm):
        return tr("no number, to be read by a person")
    limit = tr("at most {norm} {unit}") if quantity.sense == AT_MOST else tr("at least {norm} {unit}")
    return limit.format(norm=_number(rule.norm, language), unit=_unit(quantity.unit))


def _unit(unit: str) -> str:
    return {"percent": "%", "1": "", "m2": "m²"}.get(unit, unit)


def _number(value: float, language: str) -> str:
    text = f"{value:.10g}"
    return text.replace(".", ",") if language == "nl" else text


def _extra(tolerance: float, unit: str, settings: Any, language: str) -> str:
    """Return the tolerance and the settings that differ from their defaults."""
    parts = [f"{tr('tolerance')} {_number(tolerance, language)} {_unit(unit)}"] if tolerance else []
    parts += [f"{name} = {_number(value, language)}" for name, value in settings.items()]
    return f"<br>{_safe('; '.join(parts))}" if parts else ""


def _plan_rules(taken: Iterable[tuple[str, PlanRule]], language: str) -> str:
    rows = [
        f"<p>{_safe(tr(QUANTITIES[name].title))}<span class='small'>"
        f"{_extra(how.tolerance, QUANTITIES[name].unit, how.settings, language)}</span></p>"
        for name, how in taken
    ]
    none = f"<p>{_safe(tr('None.'))}</p>"
    return f"<h2>{_safe(tr('Norms that are taken from plans'))}</h2>{''.join(rows) or none}"


def _sketch(rules: Iterable[Rule]) -> str:
    """Return a drawing of the areas, north up, with their names."""
    import shapely

    areas = {id(rule.where): (rule.area, rule.where) for rule in rules if rule.where is not None}.values()
    if not areas:
        return ""
    bounds = [shape.bounds for _, shape in areas]
    west, south = min(box[0] for box in bounds), min(box[1] for box in bounds)
    east, north = max(box[2] for box in bounds), max(box[3] for box in bounds)
    margin = 0.05 * max(east - west, north - south)
    size = margin * 0.8 / max(1.0, len(areas) / 20)  # many names must not hide the areas

    def place(x: float, y: float) -> str:
        return f"{x - west:.2f} {north - y:.2f}"

    drawn = []
    for name, shape in areas:
        rings = [ring for part in shape.geoms for ring in (part.exterior, *part.interiors)]
        path = "".join(f"M{'L'.join(place(x, y) for x, y in shapely.get_coordinates(ring))}Z" for ring in rings)
        middle = shape.representative_point()
        x, y = place(middle.x, middle.y).split()
        drawn.append(
            f'<path d="{path}" {_AREA}/><text x="{x}" y="{y}" font-size="{size:.2f}" {_NAME}>{_safe(name)}</text>'
        )
    frame = f"{-margin:.2f} {-margin:.2f} {east - west + 2 * margin:.2f} {north - south + 2 * margin:.2f}"
    corners = f"RD {west:.0f}, {south:.0f} - {east:.0f}, {north:.0f}"
    return f"<h2>{_safe(tr('Areas'))}</h2><svg viewBox='{frame}'>{''.join(drawn)}</svg><p class='small'>{corners}</p>"
