"""The zoning plan that holds on the site of the scheme (IMRO2012), and the rule file of the municipality."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

PLAN, TITLE, DATE = "NL.IMRO.9998.BPZuidlaan-VA01", "Zuidlaan", "2024-05-16"
OWNER = "Waterdam"
# in each area the norms that stand in it; the ridge of the west block is over its norm, its eaves are not
NORMS = {
    "west": (("maximum goothoogte (m)", "9"), ("maximum bouwhoogte (m)", "12")),
    "east": (("maximum goothoogte (m)", "6"), ("maximum bouwhoogte (m)", "11")),
    "all": (("maximum bebouwingspercentage (%)", "40"),),
}
_NAMESPACES = (
    'xmlns:imro="http://www.geonovum.nl/imro/2012/1.1" xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def write_zoning(areas: dict[str, np.ndarray], path: Path) -> None:
    """Write the plan: the site of all, the building area, and norms in the areas of both blocks."""
    members = [_area("Enkelbestemming", "EP1", "Wonen", areas["all"])]
    members.append(_area("Bouwvlak", "BV1", "bouwvlak", areas["building"]))
    for number, (name, norms) in enumerate(NORMS.items(), start=1):
        title = ", ".join(kind for kind, _ in norms)
        members.append(_area("Maatvoering", f"MV{number}", title, areas[name], _norms(norms)))
    members.append(_plan(areas["all"]))
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<imro:FeatureCollectionIMRO gml:id="waterdam" {_NAMESPACES}>\n'
    path.write_text("".join([head, *members, "</imro:FeatureCollectionIMRO>\n"]), encoding="utf-8")


def _identity(number: str, version: str = "") -> str:
    kept = f"<imro:versie>{version}</imro:versie>" if version else ""
    return (
        "<imro:identificatie><imro:NEN3610ID><imro:namespace>NL.IMRO</imro:namespace>"
        f"<imro:lokaalID>{number}</imro:lokaalID>{kept}</imro:NEN3610ID></imro:identificatie>"
    )


def _surface(ring: np.ndarray) -> str:
    places = " ".join(f"{x:.3f} {y:.3f}" for x, y in [*ring, ring[0]])
    return (
        '<imro:geometrie><gml:Surface srsName="urn:ogc:def:crs:EPSG::28992"><gml:patches><gml:PolygonPatch>'
        f"<gml:exterior><gml:LinearRing><gml:posList>{places}</gml:posList></gml:LinearRing></gml:exterior></gml:PolygonPatch>"
        "</gml:patches></gml:Surface></imro:geometrie>"
    )


def _area(kind: str, number: str, name: str, ring: np.ndarray, more: str = "") -> str:
    return (
        f'<imro:featureMember><imro:{kind} gml:id="NL.IMRO.{number}">{_identity(number)}'
        f'<imro:typePlanobject>{kind.lower()}</imro:typePlanobject><imro:plangebied xlink:href="#{PLAN}"/>'
        f"<imro:naam>{name}</imro:naam>{more}{_surface(ring)}</imro:{kind}></imro:featureMember>\n"
    )


def _norms(norms: tuple[tuple[str, str], ...]) -> str:
    return "".join(
        f"<imro:maatvoeringInfo><imro:WaardeEnType><imro:waarde>{value}</imro:waarde><imro:waardeType>{kind}"
        "</imro:waardeType></imro:WaardeEnType></imro:maatvoeringInfo>"
        for kind, value in norms
    )


def _plan(ring: np.ndarray) -> str:
    number, _, version = PLAN.removeprefix("NL.IMRO.").rpartition("-")
    return (
        f'<imro:featureMember><imro:Bestemmingsplangebied gml:id="{PLAN}">{_identity(number, version)}'
        f"<imro:typePlan>bestemmingsplan</imro:typePlan><imro:naamOverheid>gemeente {OWNER}</imro:naamOverheid>"
        f"<imro:naam>{TITLE}</imro:naam><imro:planstatusInfo><imro:PlanstatusEnDatum>"
        f"<imro:planstatus>vastgesteld</imro:planstatus><imro:datum>{DATE}</imro:datum></imro:PlanstatusEnDatum>"
        f"</imro:planstatusInfo>{_surface(ring)}</imro:Bestemmingsplangebied></imro:featureMember>\n"
    )


def write_rules(level: float, field: np.ndarray, path: Path) -> None:
    """Write the rules of the municipality; one of them holds in a field beside the site, where nothing is planned."""
    article = f"Bestemmingsplan {TITLE} ({PLAN}), verzonnen, art. "
    rules = [
        _rule("vrije-hoogte-weg", "Vrije hoogte boven de weg", "overhang_road", 2.2, "m",
              "Balkons en luifels blijven ten minste 2,20 m boven de weg.", article + "7.1"),
        _rule("vrije-hoogte-rijbaan", "Vrije hoogte boven de rijbaan", "overhang_carriageway", 4.2, "m",
              "Balkons en luifels blijven ten minste 4,20 m boven de rijbaan en 0,50 m daarnaast.", article + "7.1"),
        _rule("diepte-overstek", "Diepte van een overstek", "overhang_depth", 1.5, "m",
              "Balkons steken ten hoogste 1,5 m over de weg uit.", article + "7.2"),
        _rule("brand", "Brandoverslag naar de buren", "fire_distance", None, "m",
              "De weerstand tegen brandoverslag wordt bepaald volgens NEN 6068, met het gebouw gespiegeld in de grens.",
              "Besluit bouwwerken leefomgeving, art. 4.53 en 4.54"),
        _rule("zon-buren", "Zon bij de buren", "sun_hours", 2.0, "h",
              "Gevels van buren houden 2 mogelijke zonuren van 19 februari tot en met 21 oktober.",
              "TNO-norm, licht; geen wet"),
        _rule("geluid", "Geluid op de gevel", "noise_level", 53.0, "dB",
              "De geluidbelasting op de gevel is ten hoogste 53 dB.", article + "9.3"),
        _rule("veld", "Hoogte in het veld", "building_height", 4.0, "m",
              "In het veld oostelijk van het perceel zijn gebouwen ten hoogste 4 m hoog.", article + "5.2", "veld"),
    ]  # fmt: skip
    ring = [[round(float(x), 3), round(float(y), 3)] for x, y in [*field, field[0]]]
    content = {
        "format": "dtwin-rules",
        "format_version": 1,
        "id": "waterdam-zuidlaan",
        "version": "1.0.0",
        "title": "Regels voor de Zuidlaan in Waterdam",
        "owner": f"Gemeente {OWNER} (verzonnen)",
        "date": "2025-09-03",
        "language": "nl",
        "licence": "CC0-1.0",
        "source": "Verzonnen voor de voorbeeldgemeente",
        "peil": {"level": level, "text": "De hoogte van de weg bij de hoofdtoegang, plus 0,10 m."},
        "areas": {"veld": {"title": "Veld", "geometry": {"type": "Polygon", "coordinates": [ring]}}},
        "rules": rules,
        "plan_rules": {
            "building_height": {"tolerance": 0.05},
            "eaves_height": {"tolerance": 0.05},
            "built_percentage": {},
            "outside_building_area": {},
        },
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _rule(
    name: str,
    title: str,
    quantity: str,
    norm: float | None,
    unit: str,
    text: str,
    source: str,
    area: str = "everywhere",
) -> dict:
    return {"id": name, "title": title, "quantity": quantity, "norm": norm, "unit": unit, "area": area, "text": text,
            "source": source}  # fmt: skip
