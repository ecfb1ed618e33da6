"""Areas and rules of a rule file, one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from dtwin_plugin.models.json_lines import Members, quoted
from dtwin_plugin.models.json_members import (
    FORMS,
    check_members,
    check_number,
    expected_object,
    has_form,
    kind_of,
    known,
)
from dtwin_plugin.models.problem import Problem
from dtwin_plugin.translate import mark

from .quantities import QUANTITIES
from .quantity import Quantity
from .rule_keys import AREA_KEYS, EVERYWHERE, GEOMETRY_KEYS, PLAN_RULE_KEYS, RULE_KEYS
from .rules import PlanRule, Rule

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

AREA, RULE, GEOMETRY, PLAN_RULE = mark("an area"), mark("a rule"), mark("a geometry"), mark("a plan rule")


@dataclass(frozen=True)
class Area:
    """An area of a rule file; its polygons are None where they are wrong."""

    title: str
    polygons: BaseGeometry | None
    line: int


def areas_in(node: Members, file: str, areas: dict[str, Area]) -> Iterator[Problem]:
    """Put the areas of a file in `areas` and yield what is wrong with them."""
    from .rule_polygons import check_type, polygons_of

    for name, item in node.items():
        line, polygons = node.lines[name], None
        if not has_form(name, "id") or name == EVERYWHERE:
            yield _no_area_id(line, name, file)
        if not isinstance(item, Members):
            yield expected_object(line, item, file, AREA)
            continue
        yield from check_members(item, AREA_KEYS, file, AREA)
        geometry = known(item, "geometry", AREA_KEYS)
        if geometry is not None:
            called = quoted(name)
            wrong = [*check_type(called, geometry, file)] or [*check_members(geometry, GEOMETRY_KEYS, file, GEOMETRY)]
            found = None if wrong else polygons_of(called, geometry, file)
            yield from [found] if isinstance(found, Problem) else wrong
            polygons = None if isinstance(found, Problem) else found
        areas[name] = Area(known(item, "title", AREA_KEYS) or name, polygons, line)


def rule_in(
    node: Any, line: int, file: str, areas: dict[str, Area], found: list[tuple[Rule, str]]
) -> Iterator[Problem]:
    """Append a rule with the id of its area to `found`, if it is right, and yield what is wrong with it."""
    if not isinstance(node, Members):
        yield expected_object(line, node, file, RULE)
        return
    wrong = [*check_members(node, RULE_KEYS, file, RULE)]
    name = known(node, "quantity", RULE_KEYS)
    area = known(node, "area", RULE_KEYS)
    if name is not None and name not in QUANTITIES:
        wrong.append(_unknown_quantity(node.lines["quantity"], name, file))
    elif name is not None:
        wrong.extend(_check_by_quantity(node, QUANTITIES[name], file))
    if area is not None and area != EVERYWHERE and area not in areas:
        wrong.append(_unknown_area(node.lines["area"], area, areas, file))
    yield from wrong
    where, called = (areas[area].polygons, areas[area].title) if area in areas else (None, "")
    if wrong or area != EVERYWHERE and where is None:
        return
    texts = {key: node.get(key, "") for key in ("title", "text", "source", "link", "date")}
    norm = math.nan if node["norm"] is None else float(node["norm"])
    tolerance, settings = float(node.get("tolerance", 0)), _settings(node)
    found.append((Rule(node["id"], name, norm, tolerance, where, settings, **texts, line=node.line, area=called), area))


def plan_rules_in(node: Members, file: str, found: dict[str, PlanRule]) -> Iterator[Problem]:
    """Put in `found` how norms of plans are taken, by quantity, and yield what is wrong with it."""
    for name, item in node.items():
        if name not in QUANTITIES:
            yield _unknown_quantity(node.lines[name], name, file)
        elif not isinstance(item, Members):
            yield expected_object(node.lines[name], item, file, PLAN_RULE)
        else:
            wrong = [
                *check_members(item, PLAN_RULE_KEYS, file, PLAN_RULE),
                *_check_by_quantity(item, QUANTITIES[name], file),
            ]
            yield from wrong
            if not wrong:
                found[name] = PlanRule(float(item.get("tolerance", 0)), _settings(item))


def _settings(node: Members) -> dict[str, float]:
    return {key: float(value) for key, value in node.get("settings", {}).items()}


def _check_by_quantity(node: Members, quantity: Quantity, file: str) -> Iterator[Problem]:
    """Yield what is wrong with the unit, the tolerance and the settings."""
    unit = known(node, "unit", RULE_KEYS)
    if unit is not None and unit != quantity.unit:
        yield Problem(
            "DT217",
            "rules",
            "Line {line} of {file}: the unit of {quantity} is {unit} and not {found}; give its norm in {unit}.",
            {
                "line": node.lines["unit"],
                "file": file,
                "quantity": quoted(quantity.id),
                "unit": quoted(quantity.unit),
                "found": quoted(unit),
            },
        )
    yield from _check_limits(node, "norm", 100.0 if quantity.unit == "percent" else math.inf, file)
    yield from _check_limits(node, "tolerance", math.inf, file)
    settings = known(node, "settings", PLAN_RULE_KEYS)
    for key in settings or ():
        if key in quantity.settings:
            yield from check_number(settings, key, file)
            yield from _check_limits(settings, key, math.inf, file)  # below 0 a doubt would make what is wrong right
        else:
            yield _unknown_setting(settings.lines[key], key, quantity, file)


def _check_limits(node: Members, key: str, high: float, file: str) -> Iterator[Problem]:
    """Yield that a number is below 0 or too high; what is no number has been told."""
    value: Any = node.get(key)
    if kind_of(value) != "number" or not math.isfinite(value):
        return
    if value < 0:
        yield Problem(
            "DT215",
            "rules",
            "Line {line} of {file}: {key} is {found}; give 0 or more.",
            {"line": node.lines[key], "file": file, "key": quoted(key), "found": value},
        )
    elif value > high:
        yield Problem(
            "DT215",
            "rules",
            "Line {line} of {file}: {key} is {found}; give {high} or less.",
            {"line": node.lines[key], "file": file, "key": quoted(key), "found": value, "high": f"{high:g}"},
        )


def _unknown_quantity(line: int, name: str, file: str) -> Problem:
    return Problem(
        "DT216",
        "rules",
        "Line {line} of {file}: {found} is no quantity that can be measured; nearest are {known}.",
        {"line": line, "file": file, "found": quoted(name), "known": _nearest(name, QUANTITIES)},
    )


def _unknown_setting(line: int, name: str, quantity: Quantity, file: str) -> Problem:
    return Problem(
        "DT218",
        "rules",
        "Line {line} of {file}: {found} is no setting of {quantity}; it has {known}.",
        {
            "line": line,
            "file": file,
            "found": quoted(name),
            "quantity": quoted(quantity.id),
            "known": ", ".join(map(quoted, quantity.settings)) or mark("none"),
        },
    )


def _unknown_area(line: int, name: str, areas: Iterable[str], file: str) -> Problem:
    return Problem(
        "DT219",
        "rules",
        'Line {line} of {file}: there is no area {found}; nearest are {known}, and for all places "everywhere".',
        {"line": line, "file": file, "found": quoted(name), "known": _nearest(name, areas)},
    )


def _no_area_id(line: int, name: str, file: str) -> Problem:
    return Problem(
        "DT220",
        "rules",
        'Line {line} of {file}: {found} cannot be the id of an area; expected {form}, and not "everywhere".',
        {"line": line, "file": file, "found": quoted(name), "form": FORMS["id"]},
    )


def _nearest(name: str, names: Iterable[str]) -> str:
    """Return the names that look most like one, or all of a few where none does."""
    names = list(names)
    return ", ".join(map(quoted, get_close_matches(name, names, 3, 0.5) or names[:20])) or "-"
