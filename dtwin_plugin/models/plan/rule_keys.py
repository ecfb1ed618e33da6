"""The keys of a rule file: what each may hold, and whether it must be there. The JSON Schema is made from them."""

from __future__ import annotations

from dtwin_plugin.models.json_members import Key

FORMAT, FORMAT_VERSION = "dtwin-rules", 1
EVERYWHERE, GROUND = "everywhere", "ground"


def _text(doc: str, required: bool = True, form: str = "") -> Key:
    return Key(("text",), doc, required, form)


SET_KEYS = {
    "$schema": _text("Where the schema of the file stands, for editors; not looked at.", required=False),
    "format": _text(f'"{FORMAT}".'),
    "format_version": Key(("number",), f"Version of the form of the file: {FORMAT_VERSION}."),
    "id": _text("Name of the rule set, the same in all its versions.", form="id"),
    "version": _text("Version of the rule set; a new one for each change that others work with."),
    "title": _text("What people call it."),
    "owner": _text("Who keeps it, as a municipality."),
    "date": _text("Day of this version.", form="date"),
    "language": _text("Language of its texts, as ISO 639-1.", form="language"),
    "licence": _text("What others may do with it."),
    "source": _text("What it was made from."),
    "note": _text("What who uses it must know.", required=False),
    "peil": Key(
        ("text", "object"),
        f'Level that heights are measured from: "{GROUND}" for the ground at the entrance, or the level of the plan.',
    ),
    "areas": Key(("object",), "Areas by their id, which rules name.", required=False),
    "rules": Key(("list",), "The rules."),
    "plan_rules": Key(
        ("object",),
        "Quantities whose norms are taken from the areas of a zoning plan or environment plan; others are not tested.",
    ),
}
PEIL_KEYS = {
    "level": Key(("number",), "Level in m NAP."),
    "text": _text("What the plan says of it."),
}
AREA_KEYS = {
    "title": _text("What people call the area."),
    "geometry": Key(("object",), "GeoJSON Polygon or MultiPolygon with coordinates in RD New (EPSG:28992), in metres."),
}
GEOMETRY_KEYS = {
    "type": _text("Polygon or MultiPolygon."),
    "coordinates": Key(("list",), "Rings of corners [x, y]; the last corner of a ring repeats the first."),
}
RULE_KEYS = {
    "id": _text("Name of the rule in the outcomes; each once.", form="id"),
    "title": _text("What people call it."),
    "quantity": _text("What is measured."),
    "norm": Key(
        ("number", "null"), "In the unit; null where a person must read the text: the outcome then is a review."
    ),
    "unit": _text("Unit of the norm and the tolerance: that of the quantity."),
    "tolerance": Key(("number",), "How far beyond the norm still counts as within it, 0 or more.", required=False),
    "area": _text(f'Id of one of the areas, or "{EVERYWHERE}".'),
    "text": _text("What is written, in its own words."),
    "source": _text("In which document, with its article."),
    "link": _text("Where it can be read.", required=False, form="link"),
    "date": _text("Day of that document.", required=False, form="date"),
    "settings": Key(("object",), "Of the quantity, where they differ from its defaults.", required=False),
}
PLAN_RULE_KEYS = {
    "tolerance": Key(("number",), "How far beyond the norm still counts as within it, 0 or more.", required=False),
    "settings": Key(("object",), "Of the quantity, where they differ from its defaults.", required=False),
}
