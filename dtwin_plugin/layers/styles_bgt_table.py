"""Colours and symbols of the BGT (BGT|IMGeo Visualisatieregels 2.3, Geonovum, standaardvisualisatie), as a table."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple


class Kind(NamedTuple):
    """How objects of a class look, those with some values of one column or all others."""

    klasse: str
    colour: str
    column: str = ""
    values: tuple[str, ...] = ()
    label: str = ""
    outline: str = "#787878"
    size: float = 0.3
    pattern: str = ""


NAMES = MappingProxyType(
    {
        "begroeidterreindeel": "Begroeid terrein", "onbegroeidterreindeel": "Onbegroeid terrein",
        "waterdeel": "Water", "ondersteunendwaterdeel": "Ondersteunend water",
        "ondersteunendwegdeel": "Ondersteunend wegdeel", "wegdeel": "Wegdeel", "spoor": "Spoor",
        "overbruggingsdeel": "Overbrugging", "tunneldeel": "Tunnel", "kunstwerkdeel": "Kunstwerk", "pand": "Pand",
        "overigbouwwerk": "Overig bouwwerk", "gebouwinstallatie": "Gebouwinstallatie", "scheiding": "Scheiding",
        "overigescheiding": "Overige scheiding", "vegetatieobject": "Vegetatieobject",
        "functioneelgebied": "Functioneel gebied", "openbareruimte": "Openbare ruimte",
        "openbareruimtelabel": "Naam openbare ruimte", "pand_nummeraanduiding": "Huisnummer",
        "weginrichtingselement": "Weginrichting", "waterinrichtingselement": "Waterinrichting",
        "ongeclassificeerdobject": "Ongeclassificeerd",
        "begroeidterreindeel_kruinlijn": "Kruinlijn begroeid terrein",
        "onbegroeidterreindeel_kruinlijn": "Kruinlijn onbegroeid terrein",
        "ondersteunendwegdeel_kruinlijn": "Kruinlijn ondersteunend wegdeel", "wegdeel_kruinlijn": "Kruinlijn wegdeel",
    }
)  # fmt: skip
_GRASS, _WOOD, _RED, _WHITE, _WALK = "#c9eb70", "#8ca800", "#cc0000", "#ffffff", "#ff9999"
_LOOK, _USE, _TYPE = "fysiek_voorkomen", "functie", "type"
_GREY = "#535353"


def _areas(klasse: str, column: str, rows: tuple[tuple[str, str], ...], outline: str = "#787878") -> tuple[Kind, ...]:
    return tuple(Kind(klasse, colour, column, (value,), outline=outline) for value, colour in rows)


# In the order in which classes are drawn at one level; of each the values first, and then all others.
AREAS: tuple[Kind, ...] = (
    Kind("begroeidterreindeel", "#ffffcc", _LOOK, ("boomteelt", "bouwland", "fruitteelt"), "akker en teelt",
         outline="#b9b98a"),
    Kind("begroeidterreindeel", _GRASS, _LOOK, ("grasland agrarisch", "grasland overig"), "grasland",
         outline="#a9c45e"),
    Kind("begroeidterreindeel", _WOOD, _LOOK, ("groenvoorziening", "struiken", "houtwal"), "groenvoorziening",
         outline="#7b9310"),
    Kind("begroeidterreindeel", "#6f8f00", _LOOK, ("loofbos", "gemengd bos", "naaldbos", "griend en hakhout"), "bos",
         outline="#5d7800"),
    Kind("begroeidterreindeel", "#d9e39a", _LOOK, ("duin", "kwelder", "moeras", "rietland"), "natuur",
         outline="#a9b36a"),
    Kind("begroeidterreindeel", "#fcb3fb", _LOOK, ("heide",)),
    Kind("begroeidterreindeel", _GRASS, outline="#a9c45e"),
    Kind("onbegroeidterreindeel", "#f6efe0", _LOOK, ("erf",), outline="#b5aa96"),
    Kind("onbegroeidterreindeel", "#eceae4", _LOOK, ("gesloten verharding", "open verharding"), "verhard"),
    Kind("onbegroeidterreindeel", "#ede6d3", _LOOK, ("half verhard", "onverhard"), "half verhard of onverhard"),
    Kind("onbegroeidterreindeel", "#ffff99", _LOOK, ("zand",), outline="#c2c26a"),
    Kind("onbegroeidterreindeel", "#f3f5f6"),
    *_areas("waterdeel", _TYPE, (("waterloop", "#73c9f5"), ("watervlakte", "#8ed6fb"), ("zee", "#99ccff")), "#5aa9d6"),
    Kind("waterdeel", "#73c9f5", _TYPE, ("greppel, droge sloot",), "greppel of droge sloot", outline="#5aa9d6",
         pattern="b_diagonal"),
    Kind("waterdeel", "#73c9f5", outline="#5aa9d6"),
    Kind("ondersteunendwaterdeel", "#a8d9b0", _TYPE, ("oever, slootkant",), "oever of slootkant", outline="#86b98e"),
    Kind("ondersteunendwaterdeel", "#b9dfe6", outline="#86aab1"),
    Kind("ondersteunendwegdeel", "#cfe08a", _LOOK, ("groenvoorziening",), outline="#a9b96a"),
    Kind("ondersteunendwegdeel", "#f0d6d0"),
    *_areas("wegdeel", _USE, (
        ("rijbaan autosnelweg", "#996089"), ("rijbaan autoweg", "#e60000"), ("rijbaan regionale weg", "#ffaa00"),
    ), _GREY),
    Kind("wegdeel", "#dcdcdc", _USE, ("rijbaan lokale weg",), outline=_GREY),
    Kind("wegdeel", "#e2d9e6", _USE, ("woonerf", "inrit"), "woonerf en inrit", outline=_GREY),
    Kind("wegdeel", "#d98877", _USE, ("fietspad",), outline="#8d5b50"),
    Kind("wegdeel", _WALK, _USE, ("voetpad", "voetgangersgebied", "voetpad op trap"), "voetpad", outline="#b07f7f"),
    Kind("wegdeel", "#c3cbe0", _USE, ("parkeervlak",), outline="#787f91"),
    Kind("wegdeel", "#a9a9a9", _USE, ("spoorbaan", "overweg", "OV-baan"), "spoorbaan, overweg en OV-baan"),
    Kind("wegdeel", "#e3cfa8", _USE, ("ruiterpad",)),
    Kind("wegdeel", "#e8e8e8", _USE, ("baan voor vliegverkeer",)),
    Kind("wegdeel", "#e4e4e4"),
    Kind("tunneldeel", "#b08080", outline=_RED, pattern="dense6"),
    Kind("kunstwerkdeel", _WALK, _TYPE, ("perron",)),
    Kind("kunstwerkdeel", "#7a7a7a", _TYPE, ("steiger", "strekdam"), "steiger of strekdam"),
    Kind("kunstwerkdeel", "#d06060", outline=_RED),
    Kind("overbruggingsdeel", "#b9a9a0", outline="#8a4a3a"),
    Kind("pand", _RED, outline="#a02020"),
    Kind("overigbouwwerk", "#bee8ff", _TYPE, ("bassin", "bezinkbak"), "bassin of bezinkbak", outline=_RED),
    Kind("overigbouwwerk", "#e06060", outline=_RED),
    Kind("gebouwinstallatie", "#e06060", outline=_RED),
    Kind("scheiding", "#8a2020", outline="#8a2020"),
    Kind("overigescheiding", "#8a2020", outline="#8a2020"),
    Kind("vegetatieobject", _WOOD, outline="#5d7800"),
    Kind("weginrichtingselement", "#a0a0a0"),
    Kind("ongeclassificeerdobject", "#f2f2f2"),
)  # fmt: skip
# Areas that lie over others: only their edge is drawn.
OUTLINES = MappingProxyType(
    {
        "functioneelgebied": "#002750", "buurt": "#ff8080", "wijk": "#ff6060", "stadsdeel": "#ff4040",
        "waterschap": "#4060ff", "openbareruimte": "#606060",
    }
)  # fmt: skip
LINES: tuple[Kind, ...] = (
    Kind("spoor", _GREY, _USE, ("trein",), size=0.9, pattern="sleepers"),
    Kind("spoor", _GREY, _USE, ("sneltram",), size=0.7, pattern="sleepers"),
    Kind("spoor", _GREY, _USE, ("tram",), size=0.35, pattern="circle"),
    Kind("spoor", _GREY, size=0.35),
    Kind("scheiding", "#6a6a6a", _TYPE, ("hek",), size=0.12, pattern="x"),
    Kind("scheiding", "#a03030", _TYPE, ("muur", "kademuur"), "muur", size=0.4),
    Kind("scheiding", "#6600cc", _TYPE, ("geluidsscherm",), size=0.4),
    Kind("scheiding", "#202020", _TYPE, ("damwand", "walbescherming"), "damwand of walbescherming", size=0.3),
    Kind("scheiding", "#606060", size=0.15, pattern="x"),
    Kind("overigescheiding", "#606060", size=0.15, pattern="x"),
    Kind("kunstwerkdeel", _RED, size=0.4),
    Kind("vegetatieobject", "#5d8a00", size=0.7),
    Kind("weginrichtingselement", "#707070", size=0.25),
    Kind("waterinrichtingselement", "#2a6f97", size=0.3),
    Kind("sensor", "#505050", size=0.2),
)
POINTS: tuple[Kind, ...] = (
    Kind("vegetatieobject", "#7fae3a", outline="#4d7a12", size=2.4, label="boom"),
    Kind("paal", "#ffd34d", "plus_type", ("lichtmast",), outline="#6b5a1a", size=1.4, pattern="circle"),
    Kind("paal", "#606060", outline="#303030", size=0.9),
    Kind("put", "#8fb7cf", "plus_type", ("kolk",), outline="#2f4d5f", size=1.0, pattern="square"),
    Kind("put", "#e05050", "plus_type", ("brandkraan / -put",), "brandkraan", outline="#7a1a1a", size=1.3),
    Kind("put", "#d0d0d0", outline="#404040", size=1.3, pattern="circle"),
    Kind("bord", "#4a76c4", outline="#22407a", size=1.3, pattern="diamond"),
    Kind("kast", "#9a9a9a", outline="#404040", size=1.3, pattern="square"),
    Kind("mast", "#505050", outline="#202020", size=1.8, pattern="triangle"),
    Kind("bak", "#b08a5a", outline="#5f4526", size=1.2, pattern="square"),
    Kind("straatmeubilair", "#c9a36a", outline="#6b5430", size=1.2, pattern="pentagon"),
    Kind("installatie", "#c06fa0", outline="#6b2f52", size=1.3, pattern="square"),
    Kind("sensor", "#6fc0b0", outline="#2f6b5f", size=1.2, pattern="diamond"),
    Kind("waterinrichtingselement", "#5aa9d6", outline="#2a5f80", size=1.2, pattern="triangle"),
    Kind("weginrichtingselement", "#b0b0b0", outline="#606060", size=1.2, pattern="cross_fill"),
    Kind("kunstwerkdeel", _RED, outline="#7a0000", size=2.0, pattern="square"),
)
