"""The keys of a description file: what each may hold, and whether it must be there; the JSON Schema is made of them."""

from __future__ import annotations

from dtwin_plugin.models.json_members import Key

FORMAT, FORMAT_VERSION, FILE = "dtwin-model", 1, "model.json"


def _text(doc: str, required: bool = True, form: str = "") -> Key:
    return Key(("text",), doc, required, form)


MODEL_KEYS = {
    "$schema": _text("Where the schema of the file stands, for editors; not looked at.", required=False),
    "format": _text(f'"{FORMAT}".'),
    "format_version": Key(("number",), f"Version of the form of the file: {FORMAT_VERSION}."),
    "id": _text("Name in scripts: small letters and digits, the first a letter; no other model has it."),
    "version": _text("Version of the model; a new one for each change of what it calculates."),
    "title": _text("What people call it."),
    "summary": _text("What it calculates, in a few sentences."),
    "owner": _text("Who answers for the model."),
    "licence": _text("What others may do with it, as an SPDX name where it has one."),
    "contact": _text("Where questions go.", required=False),
    "validity": _text("Where the method holds and where not."),
    "uncertainty": _text("How far a result may be from what is true, and how that is known.", required=False),
    "references": Key(("list",), "Where the method is published, each a text.", required=False),
    "privacy": _text("How open its results are, where they are not.", required=False),
    "inputs": Key(("list",), "What it needs, in the order of the form."),
    "outputs": Key(("list",), "What it makes; at least one."),
    "engine": Key(("object",), "What calculates."),
}
FIELD_KEYS = {
    "name": _text("Name in scripts: small letters, digits and underscores, the first a letter."),
    "title": _text("What people call it, without the unit."),
    "kind": _text("What it is."),
    "unit": _text('As UDUNITS writes it; "1" where there is none.', required=False),
    "default": Key(("text", "number", "boolean"), "What it is where nothing is said.", required=False),
    "minimum": Key(("number",), "The least that it may be.", required=False),
    "maximum": Key(("number",), "The most that it may be.", required=False),
    "choices": Key(("object",), "Of a choice: what is passed on, and what people read.", required=False),
    "columns": Key(("object",), "Of a table: columns that must be there, with their units.", required=False),
    "geometry": _text("Of features: point, line or polygon.", required=False),
    "optional": Key(("boolean",), "Whether it may be left out, or is made only when asked.", required=False),
    "advanced": Key(("boolean",), "Whether only who asks for it sees it.", required=False),
    "doc": _text("One or two sentences: what it is, and what choosing more of it costs.", required=False),
    "style": _text("Name of the style of this plugin that an output is shown with.", required=False),
    "series": Key(("boolean",), "Of a grid: all its bands, and not the first alone.", required=False),
}
# by the kind of engine
ENGINE_KEYS = {
    "command": {
        "kind": _text('"command": a program that reads files and writes files.'),
        "command": Key(
            ("list", "object"),
            "The program and what it is given, one text each, or a list of texts that is left out where an input in "
            "it is. Or that by system: linux, windows, macos. {folder} is the folder of the description, {work} an "
            "empty one, {python} the Python of QGIS, {name of an input or output} its value or the path of its file.",
        ),
        "timeout": Key(("number",), "Seconds that it may take; 3600 where nothing is said.", required=False),
        "needs": Key(("list",), "Programs that must be installed, each by its name.", required=False),
    },
    "bmi": {
        "kind": _text('"bmi": a Python class with the Basic Model Interface 2.0.'),
        "module": _text("File of the class in the folder of the description, as heat.py."),
        "class": _text("Name of the class."),
        "config": _text(
            "File in the folder whose {names} are filled in with inputs and given to initialize().", required=False
        ),
        "inputs": Key(("object",), "Grid inputs: name of the input, and of the variable that is set.", required=False),
        "outputs": Key(("object",), "Grid outputs: name of the output, and of the variable that is read."),
        "until": _text("Name of the number input that says when to stop; the end of the model if absent.", False),
        "rows": _text('"north" where the first row of its grids is the northern one, else "south".', required=False),
        "timeout": Key(("number",), "Seconds that it may take; 3600 where nothing is said.", required=False),
    },
    "process": {
        "kind": _text('"process": a process of an OGC API - Processes server.'),
        "url": _text("Address of the server, without /processes.", form="link"),
        "process": _text("Id of the process."),
    },
}
PLATFORMS = ("linux", "windows", "macos")
