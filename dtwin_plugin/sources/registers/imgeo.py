"""IMGeo 2.1.1 and 2.2: the BGT and its optional part as GML, and the names of its classes and columns.

Columns are called as the national service of the BGT calls them, whatever a file calls them: GML, the GML-light of a
download, and databases made from these by OGR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from dtwin_plugin.sources.safe_xml import child, local, text

from .profile import Item, Profile, snake

# What is named as in CityGML; the other classes have the same name in Dutch everywhere.
CITYGML = MappingProxyType(
    {
        "TrafficArea": "wegdeel",
        "AuxiliaryTrafficArea": "ondersteunendwegdeel",
        "Railway": "spoor",
        "PlantCover": "begroeidterreindeel",
        "SolitaryVegetationObject": "vegetatieobject",
        "BuildingPart": "pand",
        "Building": "pand",
        "BuildingInstallation": "gebouwinstallatie",
        "BridgeConstructionElement": "overbruggingsdeel",
        "BridgePart": "overbruggingsdeel",
        "TunnelPart": "tunneldeel",
        "WaterBody": "waterdeel",
    }
)
_CLASS_OF = {name.lower(): value for name, value in CITYGML.items()}
_FUNCTION = {"wegdeel", "ondersteunendwegdeel", "spoor"}  # whose `function` is one; that of others is a type
_COLUMNS = {
    "surfacematerial": "fysiek_voorkomen",
    "creationdate": "object_begin_tijd",
    "terminationdate": "object_eind_tijd",
    "relatievehoogteligging": "relatieve_hoogteligging",
    "eindregistratie": "eind_registratie",
    "tijdstipregistratie": "tijdstip_registratie",
    "lvpublicatiedatum": "lv_publicatiedatum",
    "inonderzoek": "in_onderzoek",
    "bgtstatus": "bgt_status",
    "plusstatus": "plus_status",
    "bgttype": "type",
    "bgtfunctie": "functie",
    "bgtfysiekvoorkomen": "fysiek_voorkomen",
    "lokaalid": "lokaal_id",
    "identificatielokaalid": "lokaal_id",
    "identificatiebagpnd": "identificatie_bag_pnd",
    "identificatiebagopr": "identificatie_bag_opr",
    "hoortbijtypeoverbrugging": "hoort_bij_type_overbrugging",
    "overbruggingisbeweegbaar": "overbrugging_is_beweegbaar",
    "openbareruimtetype": "openbare_ruimte_type",
    "gmlid": "gml_id",
}
_PLUS = ("plusfysiekvoorkomen", "plusfunctie", "plustype")
_LABELS = frozenset({"nummeraanduidingreeks", "openbareRuimteNaam"})
_SQUASHED = re.compile(r"[^a-z0-9]")


def class_of(name: str) -> str:
    """Return the class that a layer or an element holds.

    >>> class_of("bgt_wegdeel"), class_of("trafficarea"), class_of("scheiding_lijn"), class_of("wegdeel_kruinlijn")
    ('wegdeel', 'wegdeel', 'scheiding', 'wegdeel_kruinlijn')
    """
    plain = name.lower().rpartition(":")[2]
    plain = plain[4:] if plain.startswith("bgt_") else plain
    for ending in ("_lijn", "_punt", "_vlak"):
        plain = plain[: -len(ending)] if plain.endswith(ending) else plain
    return _CLASS_OF.get(plain, plain)


def column_of(name: str, klasse: str) -> str:
    """Return the column in which a property belongs, by its name in any of the ways in which it is delivered.

    >>> column_of("function", "wegdeel"), column_of("function_", "paal"), column_of("plus-functieWegdeel", "wegdeel")
    ('functie', 'type', 'plus_functie')
    >>> column_of("class", "begroeidterreindeel"), column_of("class", "waterdeel"), column_of("hoogte", "pand")
    ('fysiek_voorkomen', 'type', 'hoogte')
    """
    plain = _SQUASHED.sub("", name.lower())
    if plain == "function":
        return "functie" if klasse in _FUNCTION else "type"
    if plain == "class":
        return "fysiek_voorkomen" if klasse == "begroeidterreindeel" else "type"
    for start, column in zip(_PLUS, ("plus_fysiek_voorkomen", "plus_functie", "plus_type")):
        if plain.startswith(start):
            return column
    return _COLUMNS.get(plain, snake(name))


def renamed(row: Mapping[str, Any], klasse: str) -> dict[str, Any]:
    """Return a row with the names of the columns as the national service has them; what is filled wins."""
    result: dict[str, Any] = {}
    for name, value in row.items():
        column = column_of(name, klasse)
        if result.get(column) is None:
            result[column] = value
    return result


def _split(profile: Profile, name: str, klasse: str, element: Any) -> Iterator[Item]:
    """Yield an object, its crest lines, and a row for each place where its label stands."""
    found = profile.properties(element, _LABELS)
    row = renamed(found.row, klasse)
    crests = [geometry for prop, geometry in found.geometries if prop.startswith("kruinlijn")]
    own = [(prop, geometry) for prop, geometry in found.geometries if not prop.startswith("kruinlijn")]
    labels = list(_labels(element))
    if klasse == "openbareruimtelabel" and labels:
        first, *others = [Item(klasse, {**row, **label}, point) for label, point in labels]
        yield first
        yield from (item._replace(extra=True) for item in others)
        return
    yield Item(klasse, row, profile.main(own))
    yield from (Item(f"{klasse}_kruinlijn", row, geometry, True) for geometry in crests)
    yield from (Item(f"{klasse}_nummeraanduiding", {**row, **label}, point, True) for label, point in labels)


def _labels(element: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield the text, the angle [degrees, clockwise] and the place of each label."""
    for prop in element:
        if local(prop.tag) in _LABELS:
            for label in prop.iter():
                if local(label.tag) == "Label":
                    yield from _places(label)


def _places(label: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    for position in label:
        spot = child(position, "Labelpositie") if local(position.tag) == "positie" else None
        point = child(spot, "plaatsingspunt", "Point") if spot is not None else None
        if spot is None or point is None:
            continue
        angle = text(spot, "hoek") or "0"
        try:
            degrees = float(angle)
        except ValueError:
            degrees = 0.0
        yield {"tekst": text(label, "tekst"), "hoek": degrees}, point


IMGEO = Profile(
    name="IMGeo (BGT)",
    classes=CITYGML,
    dropped=frozenset({"identificatie"}),
    rename=MappingProxyType({"namespace": "naamruimte"}),
    geometries=(
        "geometrie2dGrondvlak", "geometrie2dOverigeConstructie", "geometrie2dFunctioneelGebied",
    ),
    numbers=frozenset({"relatieve_hoogteligging"}),
    ends=("eind_registratie", "object_eind_tijd"),
    split=_split,
)  # fmt: skip
