"""The keys of a twin file: what each may hold, and whether it must be there; the JSON Schema is made of them."""

from __future__ import annotations

from dtwin_plugin.models.json_members import Key

FORMAT, FORMAT_VERSION = "dtwin-twin", 1
BETTER = ("lower", "higher")


def _text(doc: str, required: bool = True, form: str = "") -> Key:
    return Key(("text",), doc, required, form)


def _number(doc: str) -> Key:
    return Key(("number",), doc, required=False)


TWIN_KEYS = {
    "$schema": _text("Where the schema of the file stands, for editors; not looked at.", required=False),
    "format": _text(f'"{FORMAT}".'),
    "format_version": Key(("number",), f"Version of the form of the file: {FORMAT_VERSION}."),
    "title": _text("What people call the twin or the study."),
    "purpose": _text("The question that it answers.", required=False),
    "crs": _text("Horizontal and vertical reference system: EPSG:7415 (RD New and NAP).", required=False),
    "area": Key(("list",), "West, south, east and north in RD New [m].", required=False),
    "sources": Key(("object",), "Data by their id."),
    "scenarios": Key(("list",), "The first is the one that others are compared with."),
    "steps": Key(("list",), "The chain that every scenario goes through, in this order."),
    "indicators": Key(("list",), "What scenarios are judged by.", required=False),
    "differences": Key(("list",), "Maps of what a scenario changes.", required=False),
    "runs": Key(
        ("object",),
        "By scenario: when it was calculated, the ids of its runs and its indicators; written by runstudy where asked.",
        required=False,
    ),
}
SOURCE_KEYS = {
    "title": _text("What people call it."),
    "path": _text("File, beside the twin file or below it; |layername=name behind it for a layer.", required=False),
    "url": _text("Where it comes from.", required=False, form="link"),
    "owner": _text("Who keeps it.", required=False),
    "licence": _text("What others may do with it."),
    "privacy": _text("How open it is."),
    "date": _text("Day that it tells of.", required=False, form="date"),
    "sha256": _text("Checksum of the file; another file is refused.", required=False),
}
SCENARIO_KEYS = {
    "id": _text("Name in the results.", form="id"),
    "title": _text("What people call it."),
    "purpose": _text("Why it is looked at.", required=False),
    "reference": Key(
        ("boolean",),
        "Of the first scenario: true where it is what is, without what all others have; they are compared with it and "
        "ranked among each other alone.",
        required=False,
    ),
    "values": Key(("object",), "What it gives to the steps that ask for {scenario:name}.", required=False),
}
STEP_KEYS = {
    "id": _text("Name that later steps and indicators call it by.", form="id"),
    "algorithm": _text("Id of the algorithm, as dtwin:flood."),
    "title": _text("What people call it.", required=False),
    "inputs": Key(
        ("object",),
        "Parameters. {source:id} is a file of the sources, {step:id.output} what an earlier step made, "
        "{first:id.output} what a step made in the first scenario, {scenario:name} a value of the scenario; a "
        "parameter whose scenario has no such value is left out.",
    ),
    "outputs": Key(("object",), "Outputs that are kept, with the suffix of their file, as .tif or .gpkg."),
    "when": _text("Name of a scenario value: without it the step is passed over.", required=False),
    "otherwise": Key(
        ("object",), "What stands for its outputs where it is passed over: a source or earlier output.", False
    ),
}
INDICATOR_KEYS = {
    "id": _text("Name in the table.", form="id"),
    "title": _text("What people call it."),
    "from": _text(
        "A number that a step gives, as flood.flooded_area; or with `measure` a raster, layer or table: of a step, or "
        "between braces, as {scenario:measures}."
    ),
    "measure": _text(
        "Of a raster or column: max, mean, sum or count; of a raster also area [m2] and volume (sum times the cell).",
        required=False,
    ),
    "column": _text("Column of a layer or table.", required=False),
    "above": _number("Only what is larger counts."),
    "within": _text("Polygons within which a raster counts, between braces, as {source:roads}.", required=False),
    "unit": _text("Unit of the indicator."),
    "better": _text("lower or higher."),
    "norm": _number("What it should be, at most or at least."),
    "alert": _number("From where it is an alarm."),
    "same": _number("Differences up to this are none: no scenario is better or worse by them."),
    "otherwise": _number("Its value in a scenario that passes the step over."),
}
DIFFERENCE_KEYS = {
    "id": _text("Name of the map.", form="id"),
    "title": _text("What people call it."),
    "of": _text("A raster that a step makes, as flood.depth_max."),
    "threshold": Key(("number",), "What is less is no difference."),
    "unit": _text("Unit of the raster."),
}
MEASURES = ("max", "mean", "sum", "count", "area", "volume")
OF_RASTERS = ("area", "volume")  # only
