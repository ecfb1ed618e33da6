"""The description of the test of a plan against rules."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Part, Progress
from dtwin_plugin.translate import mark

from ..base import Field, Model, Values
from ..problem import Problem
from .columns import OUTCOME_COLUMNS, SUMMARY_COLUMNS

if TYPE_CHECKING:
    from .case import Case
    from .rules import Rule, RuleSet

_COUNTS = {
    "compliant": (mark("Rules that are met"), mark("Number of rules and objects that comply.")),
    "non_compliant": (mark("Rules that are broken"), mark("Number of rules and objects that do not comply.")),
    "review_required": (mark("Rules that need a review"), mark("Number of rules and objects that people must decide.")),
    "insufficient_data": (mark("Rules without enough data"), mark("Number that could not be tested, and why is said.")),
    "not_applicable": (mark("Rules that do not apply"), mark("Number of rules that are about nothing in the plan.")),
}


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Test the plan."""
    from .shapes import quiet

    with quiet():
        return _run(values, progress)


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from .blocks import is_drawn
    from .bodies import bodies_of
    from .evidence import objects_layer, outcomes_table, summary_table, violations_layer
    from .quantities import QUANTITIES
    from .rule_file import read_rules
    from .testing import outcomes_of

    rule_set = read_rules(values["rules"])
    rules = _rules(rule_set, values, progress)
    given = values["peil"] if values["peil"] is not None else rule_set.peil
    bodies = bodies_of(values["plan"], values["terrain"], values["base_map"], given, Part(progress, 0.0, 0.3))
    if given is None and any(math.isnan(body.peil) for body in bodies):
        progress.warn(
            "The level of reference is not known of {count} buildings: give it, or a terrain that reaches around them.",
            count=sum(math.isnan(body.peil) for body in bodies),
        )
    titles = {item.name: item.title for item in PLANCHECK.inputs}
    rows = outcomes_of(_case(bodies, values), rules, QUANTITIES, titles, Part(progress, 0.3, 1.0))
    summary = summary_table(rows)
    return {
        "outcomes": outcomes_table(rows, rule_set),
        "objects": objects_layer(bodies, rows, drawn=is_drawn(values["plan"])),
        "violations": violations_layer(rows, bodies),
        "summary": summary,
        **dict(zip(summary["outcome"], summary["count"])),
    }


def _rules(rule_set: RuleSet, values: Values, progress: Progress) -> list[Rule]:
    """Return the rules of the file and those that come with the areas of the plan."""
    rules = list(rule_set.rules)
    if values["areas"] is not None:
        from .area_rules import left_out, rules_of

        rules += rules_of(values["areas"], rule_set.plan_rules)
        for name, count in left_out(values["areas"], rule_set.plan_rules).items():
            progress.warn(
                "Norms of the areas for {quantity} were not tested: {count}. Read them in the plan.",
                quantity=name or mark("what is no known quantity"),
                count=count,
            )
    if not rules:
        raise InputError(
            "There is no rule to test: the rule file has none of its own, and no area has a norm that it takes.",
            hint="Give areas with norms, or add rules to the file.",
        )
    return rules


def _case(bodies: tuple[Any, ...], values: Values) -> Case:
    from dataclasses import fields

    from .case import Case

    return Case(bodies, **{item.name: values[item.name] for item in fields(Case) if item.name != "bodies"})


def _check(values: Values) -> Iterator[Problem]:
    from .rule_file import examined
    from .shapes import quiet

    with quiet():
        problems = examined(values["rules"])[1]
    yield from problems


def _optional(name: str, title: str, geometry: str, doc: str, advanced: bool = False) -> Field:
    return Field(name, title, "features", geometry=geometry, optional=True, advanced=advanced, doc=doc)


PLANCHECK = Model(
    id="plancheck",
    version="1.0.0",
    title="Test a plan against rules",
    group="Plan",
    summary="Holds a design against the rules of a file and the norms of its zoning plan or environment plan: heights, "
    "built area, distances, overhang over the road, and sun, noise, flood depth and cables where other models have "
    "found them. Each rule and object complies, does not comply, needs a review, lacks data, or does not apply; what "
    "is missing is never taken for good.",
    inputs=(
        Field("rules", "Rule file", "file", doc="JSON, as the page on rule files describes it."),
        Field(
            "plan",
            "Design",
            "features",
            geometry="polygon",
            doc="Surfaces in space as a load of a design makes them (IFC, CityJSON, glTF), or drawn outlines with the "
            "field height in m, and base in m NAP where it is known.",
        ),
        _optional(
            "areas",
            mark("Areas with norms"),
            "polygon",
            mark("As Load plan makes them; the rule file says which norms are taken."),
        ),
        _optional("plot", mark("Plot"), "polygon", mark("The plots that the plan is built on.")),
        _optional("plots", mark("Plots around it"), "polygon", mark("Of the cadastre; for distances to neighbours.")),
        _optional(
            "existing",
            mark("Existing buildings that stay"),
            "polygon",
            mark("Outlines that count in the built area of the plot; a layer without features where none stay."),
        ),
        _optional(
            "base_map",
            mark("Base map"),
            "polygon",
            mark("Of the BGT: for roads, water and green, and for the side of the entrance."),
        ),
        Field(
            "terrain",
            "Terrain",
            "grid",
            "m",
            optional=True,
            doc="Height of the ground in m NAP, for the level of reference and the height of roads.",
        ),
        Field(
            "peil",
            "Level of reference",
            "number",
            "m",
            optional=True,
            minimum=-20,
            maximum=400,
            doc="In m NAP (peil), as the plan gives it; default that of the rule file, else the ground at the "
            "entrance, which is less certain.",
        ),
        _optional("sun", mark("Sun on facades"), "point", mark("Points of Sun on facades, with the plan in it.")),
        _optional("noise", mark("Noise on facades"), "point", mark("Points with the level at the facade in dB.")),
        _optional("flood", mark("Buildings and water"), "polygon", mark("Depth of the water at buildings of a flood.")),
        _optional("cables", mark("Cables and pipes"), "line", mark("As Load KLIC delivery makes them, with heights.")),
    ),
    outputs=(
        Field(
            "outcomes",
            "Outcomes",
            "table",
            columns=OUTCOME_COLUMNS,
            doc="A row for each rule and object: the outcome, what was measured, the norm, the tolerance, the level of "
            "reference and where it comes from, a sentence, the source of the rule, and the digest of the rule file.",
        ),
        Field(
            "objects",
            "Tested buildings",
            "features",
            geometry="polygon",
            optional=True,
            style="plan_objects",
            doc="The outline of each building with its worst outcome and the sentences that go with it.",
        ),
        Field(
            "violations",
            "Violations",
            "features",
            geometry="polygon",
            optional=True,
            style="plan_violations",
            doc="In space: what goes beyond its norm, or may do so, 5 cm before the surface that it lies in.",
        ),
        Field(
            "summary",
            "Outcomes by kind",
            "table",
            columns=SUMMARY_COLUMNS,
            optional=True,
            doc="How many outcomes there are of each of the five kinds.",
        ),
        *(Field(name, title, "integer", doc=doc) for name, (title, doc) in _COUNTS.items()),
    ),
    run=run,
    references=(
        "digiGO (2024). Vergunningcontrole, https://github.com/nl-digigo/vergunningcontrole (for the five outcomes).",
        "Geonovum (2012). Standaard Vergelijkbare Bestemmingsplannen (SVBP2012; for the ways of measuring).",
        "Besluit bouwwerken leefomgeving (2024), articles 4.53 and 4.54 (spread of fire, for the mirror principle).",
    ),
    validity="The outcomes are no decision on a permit. What a text of a plan says beyond its numbers is not tested. "
    "A level of reference from the terrain may be tenths of a metre off, which makes heights near their norm a review. "
    "Fire is never found to comply by a distance.",
    check=_check,
    beside=True,
)
