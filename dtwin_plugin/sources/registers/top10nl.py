"""TOP10NL 1.1 and 1.2 with its smaller scales, the GBKN that the BGT replaced, and GML collections of any kind."""

from __future__ import annotations

from dataclasses import replace

from .profile import Profile

_LEVELS = frozenset({"hoogteniveau", "aantal_sporen", "aantal_rijstroken", "tdn_code", "visualisatie_code"})
TOP10NL = Profile(
    name="TOP10NL",
    dropped=frozenset({"identificatie", "NEN3610ID"}),
    # a road has its area first, and its axis and its heart beside it
    geometries=("geometrieVlak", "vlakGeometrie", "multivlakGeometrie", "hoofdGeometrie", "geometrieLijn",
                "lijnGeometrie", "geometriePunt", "puntGeometrie"),
    numbers=_LEVELS,
    ends=("object_eind_tijd", "eind_registratie"),
)  # fmt: skip
TOPNL = replace(TOP10NL, name="TOP50NL to TOP1000NL")
GBKN = Profile(name="GBKN", dropped=frozenset({"identificatie", "Nen3610ID"}))
COLLECTION = Profile(name="GML", flat=False)
