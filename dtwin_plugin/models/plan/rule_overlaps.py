"""Rules of a file that give one place two norms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely

from dtwin_plugin.models.json_lines import quoted
from dtwin_plugin.models.problem import Problem

from .rule_keys import EVERYWHERE
from .rules import Rule

OUTSIDE = "outside_building_area"  # the one quantity that is measured outside the area of its rule
_SLIVER = 0.01  # m; what is narrower is the rounding of who drew neighbouring areas


@dataclass(frozen=True)
class Placed:
    """A rule with the area that it names, and the line of that area (0 for everywhere)."""

    rule: Rule
    area: str
    line: int


def check_overlaps(placed: list[Placed], file: str) -> Iterator[Problem]:
    """Yield the pairs of rules of one quantity that hold in one place (DT222), whatever their norms are."""
    groups: dict[str, list[Placed]] = {}
    for item in placed:
        groups.setdefault(item.rule.quantity, []).append(item)
    for quantity, group in groups.items():
        if quantity == OUTSIDE:
            yield from _check_outside(group, file)
            continue
        first: dict[str, Placed] = {}
        for item in group:
            if item.area in first:
                yield _same_area(first[item.area], item, file)
            first.setdefault(item.area, item)
        everywhere = first.pop(EVERYWHERE, None)
        if everywhere is not None:
            yield from (_also_everywhere(everywhere, item, file) for item in first.values())
        yield from _overlapping(list(first.values()), file)


def _check_outside(placed: list[Placed], file: str) -> Iterator[Problem]:
    """Yield rules that would call outside what lies in the area of another, or that name no area."""
    for number, item in enumerate(placed):
        if item.area == EVERYWHERE:
            yield Problem(
                "DT222",
                "rules",
                "Line {line} of {file}: rule {id} is about what stands outside its area; give it one, not everywhere.",
                {"line": item.rule.line, "file": file, "id": quoted(item.rule.id)},
            )
        elif number:
            yield Problem(
                "DT222",
                "rules",
                "Line {line} of {file}: rule {id} is about what stands outside its area, as rule {first} (line "
                "{first_line}); put all building areas in one MultiPolygon of one rule.",
                {
                    "line": item.rule.line,
                    "file": file,
                    "id": quoted(item.rule.id),
                    "first": quoted(placed[0].rule.id),
                    "first_line": placed[0].rule.line,
                },
            )


def _overlapping(placed: list[Placed], file: str) -> Iterator[Problem]:
    if len(placed) < 2:
        return
    shapes = [item.rule.where for item in placed]
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for one, other in sorted(zip(*pairs.tolist())):
        if one < other:
            overlap = shapely.intersection(shapes[one], shapes[other])
            if not overlap.buffer(-_SLIVER / 2).is_empty:
                yield _overlap(placed[one], placed[other], overlap, file)


def _same_area(first: Placed, second: Placed, file: str) -> Problem:
    return Problem(
        "DT222",
        "rules",
        "Line {line} of {file}: rule {second} gives {quantity} a norm in area {area}, and so does rule {first} (line "
        "{first_line}); keep one, or give another area.",
        {
            "line": second.rule.line,
            "file": file,
            "second": quoted(second.rule.id),
            "quantity": quoted(second.rule.quantity),
            "area": quoted(second.area),
            "first": quoted(first.rule.id),
            "first_line": first.rule.line,
        },
    )


def _also_everywhere(first: Placed, second: Placed, file: str) -> Problem:
    return Problem(
        "DT222",
        "rules",
        "Line {line} of {file}: rule {second} gives {quantity} a norm in area {area}, and rule {first} (line "
        "{first_line}) one everywhere; give that one areas too, so that a place has one norm.",
        {
            "line": second.rule.line,
            "file": file,
            "second": quoted(second.rule.id),
            "quantity": quoted(second.rule.quantity),
            "area": quoted(second.area),
            "first": quoted(first.rule.id),
            "first_line": first.rule.line,
        },
    )


def _overlap(first: Placed, second: Placed, overlap: shapely.Geometry, file: str) -> Problem:
    place = overlap.representative_point()
    return Problem(
        "DT222",
        "rules",
        "Line {line} of {file}: area {area} overlaps area {other} (line {other_line}) by {size} m2 near {x}, {y}, and "
        "both have a norm for {quantity}, of rules {second} (line {second_line}) and {first} (line {first_line}); cut "
        "one area, so that a place has one norm.",
        {
            "line": second.line,
            "file": file,
            "area": quoted(second.area),
            "other": quoted(first.area),
            "other_line": first.line,
            "size": f"{overlap.area:.1f}",
            "x": f"{place.x:.0f}",
            "y": f"{place.y:.0f}",
            "quantity": quoted(second.rule.quantity),
            "second": quoted(second.rule.id),
            "second_line": second.rule.line,
            "first": quoted(first.rule.id),
            "first_line": first.rule.line,
        },
    )
