"""BAG extracts: 2.0 (since 2020), 1.0 (LVC) and the list of towns by municipality.

Each occurrence ("voorkomen") of an object is a row: what it was from one moment to another.
"""

from __future__ import annotations

from types import MappingProxyType

from .profile import Profile

_OBJECTS = (
    "Pand", "Verblijfsobject", "Ligplaats", "Standplaats", "Nummeraanduiding", "OpenbareRuimte", "Woonplaats",
)  # fmt: skip
# States in which the object itself is no longer there, or never was.
_GONE = frozenset(
    {
        "pand gesloopt", "niet gerealiseerd pand", "pand ten onrechte opgevoerd", "verblijfsobject ingetrokken",
        "niet gerealiseerd verblijfsobject", "verblijfsobject ten onrechte opgevoerd", "plaats ingetrokken",
        "naamgeving ingetrokken", "woonplaats ingetrokken",
    }
)  # fmt: skip
_NUMBERS = frozenset({"oorspronkelijk_bouwjaar", "oppervlakte", "huisnummer", "voorkomenidentificatie"})

BAG_2 = Profile(
    name="BAG 2.0",
    holders=("bagObject", "kenmerkInOnderzoek"),
    dropped=frozenset({"voorkomen", "historieInOnderzoek"}),
    rename=MappingProxyType(
        {
            "heeft_als_hoofdadres": "hoofdadres_identificatie",
            "heeft_als_nevenadres": "nevenadres_identificatie",
            "maakt_deel_uit_van": "pand_identificatie",
            "ligt_aan": "openbare_ruimte_identificatie",
            "ligt_in": "woonplaats_identificatie",
        }
    ),
    numbers=_NUMBERS,
    ends=("eind_geldigheid", "eind_registratie", "tijdstip_inactief", "tijdstip_inactief_lv", "tijdstip_niet_bag_lv"),
    gone=MappingProxyType({"status": _GONE}),
)
BAG_1 = Profile(
    name="BAG 1.0 (LVC)",
    holders=_OBJECTS,
    bare=True,
    dropped=frozenset({"tijdvakgeldigheid", "bron"}),
    rename=MappingProxyType(
        {
            "gerelateerde_adressen_hoofdadres_identificatie": "hoofdadres_identificatie",
            "gerelateerde_adressen_nevenadres_identificatie": "nevenadres_identificatie",
            "gerelateerd_pand_identificatie": "pand_identificatie",
            "gerelateerde_openbare_ruimte_identificatie": "openbare_ruimte_identificatie",
            "gerelateerde_woonplaats_identificatie": "woonplaats_identificatie",
            "begindatum_tijdvak_geldigheid": "begin_geldigheid",
            "einddatum_tijdvak_geldigheid": "eind_geldigheid",
            "bouwjaar": "oorspronkelijk_bouwjaar",
            "gebruiksdoel_verblijfsobject": "gebruiksdoel",
            "oppervlakte_verblijfsobject": "oppervlakte",
            "pandstatus": "status",
            "verblijfsobject_status": "status",
        }
    ),
    numbers=_NUMBERS,
    ends=("eind_geldigheid",),
    gone=MappingProxyType({"status": _GONE, "aanduiding_record_inactief": frozenset({"j"})}),
)
BAG_TOWNS = Profile(
    name="BAG towns by municipality",
    holders=("GemeenteWoonplaatsRelatie",),
    bare=True,
    dropped=frozenset({"tijdvakgeldigheid"}),
    rename=MappingProxyType(
        {
            "gerelateerde_woonplaats_identificatie": "woonplaats_identificatie",
            "gerelateerde_gemeente_identificatie": "gemeente_identificatie",
            "begindatum_tijdvak_geldigheid": "begin_geldigheid",
            "einddatum_tijdvak_geldigheid": "eind_geldigheid",
        }
    ),
    ends=("eind_geldigheid",),
)
