"""Rules of the areas of a plan: one for each norm of each area, as `loadplan` gives them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dtwin_plugin.data.columns import number_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.json_members import has_form
from dtwin_plugin.translate import mark, tr

from .quantities import QUANTITIES
from .rules import PlanRule, Rule

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features

BUILDING_AREA, OUTSIDE = "bouwvlak", "outside_building_area"
NEEDED = ("quantity", "norm", "area_kind")
_TITLE = mark("Building areas of the plan")
_TEXT = mark("Buildings stand in the building areas (bouwvlakken) of the plan, as far as its text says nothing else.")


def rules_of(areas: Features, taken: Mapping[str, PlanRule]) -> list[Rule]:
    """Return the rules of areas: one for each norm that is taken, and one for all building areas of a plan.

    Norms that are no number stay: their outcome is a review. The building areas of a plan are taken together, as what
    stands in one of them is not outside.

    Parameters
    ----------
    areas : Features
        Polygons with the columns "quantity", "norm" and "area_kind"; of "rule", "title", "text", "source", "plan",
        "link", "date" and "status" those that are there.
    taken : mapping of str to PlanRule
        Quantities whose norms are taken, with their tolerance and settings.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from dtwin_plugin.data import Features, Geometries
    >>> square = [[(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]]
    >>> columns = {"quantity": ["built_percentage"], "norm": [60.0], "area_kind": ["maatvoering"], "rule": ["m1"]}
    >>> areas = Features(Geometries.build("polygon", [[square]]), {k: np.array(v) for k, v in columns.items()})
    >>> [(rule.id, rule.norm, rule.tolerance) for rule in rules_of(areas, {"built_percentage": PlanRule(0.5)})]
    [('plan m1', 60.0, 0.5)]
    """
    missing = [name for name in NEEDED if name not in areas.columns]
    if missing:
        raise InputError(
            "The areas of the plan lack the columns {missing}; take a layer that Load plan made.",
            missing=", ".join(missing),
        )
    from .shapes import polygons

    shapes = polygons(areas)
    rules = [_rule(areas, row, shapes[row], taken) for row in _rows(areas, taken)]
    if OUTSIDE in taken:
        rules.extend(_building_areas(areas, shapes, taken[OUTSIDE]))
    return _each_once(rules)


def left_out(areas: Features, taken: Mapping[str, PlanRule]) -> dict[str, int]:
    """Return how many norms of a plan are not tested, by quantity: those that the rules do not take.

    What is no norm of a known quantity is under "": who tests a plan must know that it is there.
    """
    quantities = [_text(value) for value in areas.columns.get("quantity", ())]
    stated = [bool(_text(value)) for value in areas.columns.get("value", quantities)]
    return dict(Counter(name for name, is_norm in zip(quantities, stated) if is_norm and name not in taken))


def _rows(areas: Features, taken: Mapping[str, PlanRule]) -> Iterator[int]:
    for row, name in enumerate(areas.columns["quantity"]):
        if _text(name) in taken and _text(name) in QUANTITIES:
            yield row


def _rule(areas: Features, row: int, where: BaseGeometry, taken: Mapping[str, PlanRule]) -> Rule:
    quantity = _text(areas.columns["quantity"][row])
    how = taken[quantity]
    texts = _texts(areas, row)
    return Rule(
        _named(_plan(areas, row), texts.pop("rule") or f"{row + 1}"),
        quantity,
        _number(areas.columns["norm"][row]),
        how.tolerance,
        where,
        how.settings,
        **texts,
        line=0,
    )


def _building_areas(areas: Features, shapes: list[BaseGeometry], how: PlanRule) -> Iterator[Rule]:
    """Yield a rule for each plan that has building areas."""
    import shapely

    by_plan: dict[str, list[int]] = {}
    for row, kind in enumerate(areas.columns["area_kind"]):
        if _text(kind).lower() == BUILDING_AREA:
            by_plan.setdefault(_plan(areas, row), []).append(row)
    for plan, rows in by_plan.items():
        where = shapely.union_all([shapes[row] for row in rows])
        texts = {**_texts(areas, rows[0]), "title": tr(_TITLE), "text": tr(_TEXT)}
        texts.pop("rule")
        yield Rule(_named(plan, BUILDING_AREA), OUTSIDE, 0.0, how.tolerance, where, how.settings, **texts, line=0)


def _texts(areas: Features, row: int) -> dict[str, str]:
    """Return what a row says for people; the status of its plan stands behind the source."""
    names = ("rule", "title", "text", "source", "link", "date", "status")
    found = {name: _text(areas.columns[name][row]) if name in areas.columns else "" for name in names}
    status = found.pop("status")
    if status:
        found["source"] = f"{found['source']} ({status})".strip()
    if not has_form(found["link"], "link"):  # reports make it a link that opens
        found["link"] = ""
    return found


def _named(plan: str, name: str) -> str:
    """Return an id that no rule of a file has: those have no space."""
    return f"{plan or 'plan'} {name}"


def _plan(areas: Features, row: int) -> str:
    names = (name for name in ("plan", "source") if name in areas.columns)
    return next((text for name in names if (text := _text(areas.columns[name][row]))), "")


def _text(value: Any) -> str:
    """Return the text of a column, "" where it is not known."""
    return "" if value is None or isinstance(value, float) and math.isnan(value) else str(value).strip()


def _number(value: Any) -> float:
    """Return the number of a column, NaN where there is none that can be a norm."""
    found = number_of(value)
    return found if math.isfinite(found) and found >= 0 else math.nan


def _each_once(rules: list[Rule]) -> list[Rule]:
    """Return the rules with ids of which each stands once: a layer may hold an area twice."""
    counts, seen = Counter(rule.id for rule in rules), Counter[str]()
    result = []
    for rule in rules:
        name = rule.id
        if counts[name] > 1:
            seen[name] += 1
            name = f"{name} ({seen[name]})"
        result.append(replace(rule, id=name))
    return result
