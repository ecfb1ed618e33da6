"""The description of the clash test."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

KINDS = {
    "tree": mark("Tree with its root zone"),
    "pile": mark("Pile"),
    "foundation": mark("Foundation"),
    "crate": mark("Infiltration crate"),
    "sewer": mark("Sewer"),
    "cable": mark("Cable"),
    "pipe": mark("Pipe"),
    "heatexchanger": mark("Heat exchanger"),
    "carpark": mark("Underground car park"),
    "other": mark("Something else"),
}
SUMMARY = {"theme": "1", "clash": "1", "too_close": "1", "uncertain": "1"}


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Test all planned objects."""
    from .clash import OUTCOMES, clashes, evidence, judged, objects
    from .required import required

    layers = {name: values[name] for name in ("planned_lines", "planned_areas")}
    planned = objects(list(layers.values()), values["kind"], values["planned_xy"], values["planned_z"])
    present = objects(
        [values["present_lines"], values["present_areas"]],
        "other",
        values["present_xy"],
        values["present_z"],
        diameter=values["present_diameter"],
    )
    found = clashes(planned, present, required(values["distances"]), progress)
    results: dict[str, Any] = {"conflicts": evidence(found, planned, present), "summary": _summary(found, present)}
    first = 0
    for (name, layer), count in zip(layers.items(), planned.counts):
        if layer is not None:
            results[f"{name}_outcome"] = judged(layer, found, first)
        first += count
    counts = np.bincount(found.worst, minlength=len(OUTCOMES)).tolist()
    results.update(zip(("free", "uncertain", "too_close", "clash"), counts))
    return results


def _summary(found: Any, present: Any) -> dict[str, list[Any]]:
    """Count conflicts by theme."""
    themes = sorted({present.kinds[number] for number in found.present})
    of_pair = np.array([present.kinds[number] for number in found.present], object)
    table: dict[str, list[Any]] = {"theme": list(themes)}
    for name, code in (("clash", 3), ("too_close", 2), ("uncertain", 1)):
        table[name] = [float(((of_pair == theme) & (found.outcome == code)).sum()) for theme in themes]
    return table


def _doubt(name: str, title: str, default: float, doc: str, advanced: bool = True) -> Field:
    return Field(name, title, "number", "m", default, 0, 100, advanced=advanced, doc=doc)


CLASH = Model(
    id="clash",
    version="1.0.0",
    title="Test what is planned against what is in the ground",
    group="Subsurface",
    summary="Distances in space between planned objects (trees, crates, piles, pipes) and everything in the ground, "
    "with the uncertainty of both. Outcomes are clash, too close, uncertain and free; what lies at an assumed depth is "
    "never free within the uncertainty of that assumption.",
    inputs=(
        Field(
            "planned_lines",
            "Planned lines",
            "features",
            geometry="line",
            optional=True,
            doc="Pipes, cables and sewers with heights in m NAP of their axis and the field diameter in mm.",
        ),
        Field(
            "planned_areas",
            "Planned objects with a top and bottom",
            "features",
            geometry="polygon",
            optional=True,
            doc="Outlines with the fields bottom and top in m NAP, as Give depth to objects makes them; the field kind "
            "chooses the required distance.",
        ),
        Field(
            "kind",
            "What the planned objects are",
            "choice",
            default="other",
            choices=KINDS,
            doc="For layers without a field kind.",
        ),
        Field(
            "present_lines",
            "Cables and pipes",
            "features",
            geometry="line",
            optional=True,
            doc="As Load KLIC delivery makes them: with heights, the fields theme and diameter, and uncertainties.",
        ),
        Field(
            "present_areas",
            "Other things in the ground",
            "features",
            geometry="polygon",
            optional=True,
            doc="Outlines with the fields bottom and top in m NAP: car parks, tunnels, protected soil, explosives.",
        ),
        Field(
            "distances",
            "Required distances",
            "table",
            columns={"planned": "1", "present": "1", "distance": "m"},
            optional=True,
            doc="A table of what must lie how far from what, with * for all others; default the plugin's own, which is "
            "a start and no norm.",
        ),
        _doubt(
            "planned_xy",
            mark("Tolerance of the plan on the map"),
            0.10,
            mark("How far it may be built beside the drawing."),
        ),
        _doubt(
            "planned_z",
            mark("Tolerance of the plan in height"),
            0.05,
            mark("How far it may be built above or below the drawing."),
        ),
        _doubt(
            "present_xy",
            mark("Uncertainty of things without one"),
            1.0,
            mark("How far things that state no accuracy may lie beside where they are drawn."),
        ),
        _doubt(
            "present_z",
            mark("Uncertainty in height of things without one"),
            0.3,
            mark("Of things whose height is stated. What lies at an assumed or an unknown depth may lie at any."),
        ),
        Field(
            "present_diameter",
            "Diameter of lines without one",
            "number",
            "mm",
            110.0,
            0,
            5000,
            advanced=True,
            doc="Operators leave it out of many lines; a line of no width would lie too far from everything.",
        ),
    ),
    outputs=(
        Field(
            "conflicts",
            "Conflicts",
            "features",
            geometry="line",
            style="conflicts",
            doc="A line between the nearest places of each pair that is not free, with distances and outcome.",
        ),
        Field(
            "planned_lines_outcome",
            "Planned lines with outcome",
            "features",
            geometry="line",
            optional=True,
            style="clash",
            doc="The planned lines with the worst outcome of each, and how much room it is short of.",
        ),
        Field(
            "planned_areas_outcome",
            "Planned objects with outcome",
            "features",
            geometry="polygon",
            optional=True,
            style="clash",
            doc="The planned objects with the worst outcome of each, and how much room it is short of.",
        ),
        Field(
            "summary", "Conflicts by theme", "table", columns=SUMMARY, doc="Number of conflicts by theme and outcome."
        ),
        Field("clash", "Clashing objects", "integer", doc="Planned objects that touch something as drawn."),
        Field("too_close", "Objects too close", "integer", doc="Planned objects that are drawn too near to something."),
        Field("uncertain", "Uncertain objects", "integer", doc="Planned objects of which nobody can say it."),
        Field(
            "free", "Free objects", "integer", doc="Planned objects that keep every distance wherever things may lie."
        ),
    ),
    run=run,
    references=(
        "Ericson, C. (2005). Real-Time Collision Detection, 5.1 (closest points).",
        "NEN 7171-1:2009, Ordening van ondergrondse netten - Deel 1: Criteria (for the kind of table; its values are "
        "not in here).",
    ),
    validity=(
        "What is not in the given layers is not tested: house connections are seldom drawn, and KLIC positions are "
        "accurate to about 1 m. The outcome does not replace a trial pit. The default distances are a start to work "
        "from and no norm."
    ),
)
